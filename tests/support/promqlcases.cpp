#include "tests/support/promqlcases.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

namespace signalbox::test
{
namespace
{

using nlohmann::json;
using sandbox::LabelSet;
using sandbox::TimedValue;

constexpr std::int64_t step = 15'000;
constexpr int count = promqlMinutes * 60 / 15 + 1;

class Samples
{
public:
    std::vector<PromqlSeries> made()
    {
        requests();
        gauges();
        oddHistograms();
        std::sort(m_all.begin(), m_all.end(),
                  [](const PromqlSeries &a, const PromqlSeries &b) { return a.labels < b.labels; });
        return std::move(m_all);
    }

private:
    double random() { return static_cast<double>(m_random() % 100'000) / 100'000; }

    std::vector<TimedValue> &add(LabelSet labels)
    {
        m_all.push_back({sandbox::labelSet(std::move(labels)), {}});
        return m_all.back().samples;
    }

    // What a counter of this rate shows at every scrape: reset now and then, away now and then.
    void counter(LabelSet labels, double perSecond, int from, int resetEvery)
    {
        auto &samples = add(std::move(labels));
        double value = std::floor(random() * 40);
        for (int i = from; i < count; ++i) {
            if (resetEvery > 0 && i % resetEvery == resetEvery - 1)
                value = std::floor(random() * 3);
            value += std::floor(perSecond * 15 * (0.5 + random()));
            samples.push_back({promqlStartMs + i * step, value});
        }
    }

    void requests()
    {
        for (const char *slot : {"blue", "green"}) {
            for (const char *instance : {"1", "2"}) {
                const bool isGreen = slot[0] == 'g';
                for (const char *code : {"200", "404", "500"})
                    counter({{"__name__", "http_requests_total"},
                             {"app", "cart"},
                             {"slot", slot},
                             {"instance", instance},
                             {"code", code}},
                            code[0] == '2' ? 20 : 0.7, isGreen ? 41 : 0, instance[0] == '2' ? 37 : 0);
                histogram(slot, instance, isGreen ? 41 : 0);
            }
        }
        auto &gap = add({{"__name__", "gap_total"}, {"app", "cart"}});
        auto &ended = add({{"__name__", "ended"}, {"app", "cart"}, {"slot", "blue"}});
        for (int i = 0; i < count; ++i) {
            const std::int64_t time = promqlStartMs + i * step;
            if (i < 50 || i > 78)
                m_all[m_all.size() - 2].samples.push_back({time, i * 3.0});
            if (i < 60 || i > 110)
                m_all.back().samples.push_back({time, 7.0 + i});
            else if (i == 60)
                m_all.back().samples.push_back({time, sandbox::staleMarker()});
        }
        static_cast<void>(gap);
        static_cast<void>(ended);
    }

    void histogram(const char *slot, const char *instance, int from)
    {
        static const std::vector<std::pair<std::string, double>> bounds = {
            {"0.005", 0.02}, {"0.01", 0.1}, {"0.05", 0.55}, {"0.1", 0.8}, {"0.5", 0.97}, {"1", 0.99}, {"+Inf", 1}};
        const std::size_t first = m_all.size();
        const LabelSet labels = {{"app", "cart"}, {"slot", slot}, {"instance", instance}};
        const auto named = [&labels](const char *name, const char *le) {
            LabelSet all = labels;
            all.emplace_back("__name__", name);
            all.emplace_back("le", le);
            return all;
        };
        for (const auto &[bound, share] : bounds)
            add(named("http_request_duration_seconds_bucket", bound.c_str()));
        add(named("http_request_duration_seconds_sum", ""));
        add(named("http_request_duration_seconds_count", ""));
        std::vector<double> totals(bounds.size() + 2);
        for (int i = from; i < count; ++i) {
            const double requests = std::floor(150 + 100 * random());
            for (std::size_t b = 0; b < bounds.size(); ++b)
                totals[b] += std::floor(requests * std::min(1.0, bounds[b].second * (0.95 + 0.05 * random())));
            totals[bounds.size() - 1] = totals[bounds.size() + 1] + requests;
            totals[bounds.size()] += requests * 0.07 * (0.9 + 0.2 * random());
            totals[bounds.size() + 1] += requests;
            for (std::size_t b = 0; b < totals.size(); ++b)
                m_all[first + b].samples.push_back({promqlStartMs + i * step, totals[b]});
        }
    }

    void gauges()
    {
        const double nan = std::numeric_limits<double>::quiet_NaN();
        const double infinity = std::numeric_limits<double>::infinity();
        int number = 0;
        for (const char *room : {"attic", "cellar", "hall", "kitchen", "shed"}) {
            auto &samples = add({{"__name__", "temperature"}, {"room", room}, {"floor", number++ % 2 ? "1" : "0"}});
            for (int i = 0; i < count; ++i) {
                double value = 20 + 8 * std::sin(i * 0.11 + number) + random();
                if (number == 2 && i % 29 == 7)
                    value = nan;
                if (number == 3 && i % 31 == 9)
                    value = i % 2 ? infinity : -infinity;
                samples.push_back({promqlStartMs + i * step + static_cast<std::int64_t>(random() * 4000), value});
            }
        }
        auto &sparse = add({{"__name__", "sparse"}, {"kind", "slow"}});
        for (int i = 0; i < count; i += 16)
            sparse.push_back({promqlStartMs + i * step, static_cast<double>(i)});
        for (const char *kind : {"a", "b", "c"}) {
            for (const char *name : {"one", "two"}) {
                auto &samples = add({{"__name__", name}, {"kind", kind}, {"side", name[0] == 'o' ? "left" : "right"}});
                for (int i = 0; i < count; ++i)
                    samples.push_back({promqlStartMs + i * step, std::floor(random() * 5) - 2});
            }
        }
        for (const char *instance : {"1", "2"}) {
            auto &samples = add({{"__name__", "up"}, {"job", "app"}, {"instance", instance}});
            for (int i = 0; i < count; ++i)
                samples.push_back({promqlStartMs + i * step, instance[0] == '2' && i % 40 < 5 ? 0.0 : 1.0});
        }
        for (const char *text : {"say \"hi\"", "back\\slash", "two\nlines", "ümlaut 東京", "<&>", ""}) {
            auto &samples = add({{"__name__", "odd:labels"}, {"text", text}});
            for (int i = 0; i < count; i += 4)
                samples.push_back({promqlStartMs + i * step, 1e-7 * i * (text[0] == '<' ? 1e30 : 1)});
        }
    }

    void oddHistograms()
    {
        const auto constant = [this](LabelSet labels, double value) {
            auto &samples = add(std::move(labels));
            for (int i = 0; i < count; ++i)
                samples.push_back({promqlStartMs + i * step, value});
        };
        const auto bucket = [&constant](const char *kind, const char *le, double value) {
            constant({{"__name__", "odd_bucket"}, {"kind", kind}, {"le", le}}, value);
        };
        bucket("no end", "1", 4);
        bucket("no end", "2", 9);
        bucket("not rising", "0.1", 5);
        bucket("not rising", "0.2", 3);
        bucket("not rising", "0.4", 8);
        bucket("not rising", "+Inf", 7);
        bucket("twice", "1", 2);
        bucket("twice", "1.0", 3);
        bucket("twice", "2", 9);
        bucket("twice", "Inf", 12);
        bucket("empty", "1", 0);
        bucket("empty", "+Inf", 0);
        bucket("below zero", "-5", 4);
        bucket("below zero", "-1", 6);
        bucket("below zero", "+Inf", 10);
        bucket("unread", "many", 3);
        bucket("end alone", "+Inf", 3);
        constant({{"__name__", "other_bucket"}, {"kind", "twice"}, {"le", "+Inf"}}, 5);
    }

    std::vector<PromqlSeries> m_all;
    std::mt19937 m_random{20261121};
};

std::map<std::string, json> bySeries(const json &result, bool &isTwice)
{
    std::map<std::string, json> series;
    for (const json &one : result) {
        json points = one.contains("values") ? one.at("values") : json::array({one.at("value")});
        isTwice = isTwice || !series.emplace(one.at("metric").dump(), std::move(points)).second;
    }
    return series;
}

double numberOf(const std::string &text)
{
    if (text == "NaN")
        return std::numeric_limits<double>::quiet_NaN();
    if (text == "+Inf" || text == "-Inf")
        return text[0] == '-' ? -std::numeric_limits<double>::infinity() : std::numeric_limits<double>::infinity();
    return std::stod(text);
}

bool isSame(const json &a, const json &b)
{
    if (std::abs(a.at(0).get<double>() - b.at(0).get<double>()) > 1e-4)
        return false;
    const double x = numberOf(a.at(1).get<std::string>());
    const double y = numberOf(b.at(1).get<std::string>());
    if (std::isnan(x) || std::isnan(y))
        return std::isnan(x) && std::isnan(y);
    return x == y || std::abs(x - y) <= std::max(1e-15, 1e-9 * std::max(std::abs(x), std::abs(y)));
}

std::string errorText(const json &body)
{
    std::string text = body.value("errorType", "") + ": " + body.value("error", "");
    if (text.find("found duplicate series") != std::string::npos)
        text.resize(text.find('[')); // which two of them depends on their order in the store
    return text;
}

} // namespace

std::vector<PromqlSeries> promqlSamples()
{
    return Samples().made();
}

void fill(sandbox::SampleStore &store, const std::vector<PromqlSeries> &series)
{
    for (const PromqlSeries &one : series) {
        const sandbox::SeriesRef ref = store.series(one.labels);
        for (const TimedValue &sample : one.samples)
            store.append(ref, sample.ms, sample.value);
    }
}

std::string PromqlGenerator::number()
{
    return one({"0", "1", "-1", "2.5", "100", "1e3", "0.5", "Inf", "-0.25", "7"});
}

std::string PromqlGenerator::selector()
{
    std::string text = one({"http_requests_total", "http_request_duration_seconds_bucket", "temperature", "one", "two",
                            "up", "gap_total", "ended", "sparse", "odd:labels", "http_requests_total", "one"});
    std::string matchers;
    for (std::size_t i = below(3); i > 0; --i) {
        matchers += matchers.empty() ? "" : ",";
        matchers +=
            one({"slot=\"blue\"", "slot!=\"blue\"", "code=~\"5..\"", "code!~\"2..|404\"", "instance=\"1\"",
                 "kind=~\"a|b\"", "room=~\".*e.*\"", "kind!=\"\"", "nowhere=\"\"", "room!~\"\"", "side=\"left\""});
    }
    if (!matchers.empty())
        text += '{' + matchers + '}';
    return text;
}

std::string PromqlGenerator::range()
{
    const std::string function =
        one({"rate", "rate", "increase", "irate", "delta", "avg_over_time", "max_over_time", "count_over_time"});
    const std::string offset = below(4) == 0 ? one({" offset 5m", " offset 90s", " offset -1m"}) : "";
    return function + '(' + selector() + '[' + one({"1m", "5m", "90s", "20s", "10m", "2m30s"}) + ']' + offset + ')';
}

std::string PromqlGenerator::aggregation(int depth)
{
    const std::string grouping = one({"", " by (slot)", " by (code, slot)", " without (instance)", " by (kind)",
                                      " without (kind, side, code)", " by (room)", " by ()"});
    const std::string inner = vector(depth - 1);
    switch (below(8)) {
    case 0:
        return "quantile" + grouping + " (" + one({"0.5", "0.9", "0", "1", "1.5", "-1"}) + ", " + inner + ')';
    case 1: // everything has its place: of equal values either may be among the largest
        return "topk(100, " + inner + ')';
    default:
        return one({"sum", "avg", "min", "max", "count", "sum"}) + grouping + " (" + inner + ')';
    }
}

std::string PromqlGenerator::binary(int depth)
{
    const std::string op = one({"+", "-", "*", "/", "%", "^", "==", "!=", "<", "<=", ">", ">=", "> bool", "== bool"});
    if (below(3) == 0)
        return below(2) == 0 ? vector(depth - 1) + ' ' + op + ' ' + number()
                             : number() + ' ' + op + ' ' + vector(depth - 1);
    if (below(6) == 0)
        return vector(depth - 1) + " or " + one({"", "on (slot) ", "ignoring (code) "}) + vector(depth - 1);
    return vector(depth - 1) + ' ' + op + ' ' +
           one({"", "", "on (slot) ", "on (kind) ", "ignoring (side) ", "ignoring (code) ", "on () "}) +
           vector(depth - 1);
}

std::string PromqlGenerator::vector(int depth)
{
    const std::string offset = below(6) == 0 ? one({" offset 1m", " offset 10m"}) : "";
    if (depth <= 0)
        return below(2) == 0 ? selector() + offset : range();
    switch (below(9)) {
    case 0:
        return selector() + offset;
    case 1:
        return range();
    case 2:
    case 3:
    case 4:
        return aggregation(depth);
    case 5:
        return '-' + ('(' + vector(depth - 1) + ')');
    case 6:
        return "histogram_quantile(" + one({"0.5", "0.95", "0.99", "0", "1", "2"}) + ", sum by (le" +
               one({"", ", slot", ", instance"}) + ") (rate(http_request_duration_seconds_bucket[" + one({"1m", "5m"}) +
               "])))";
    case 7:
        return "label_replace(" + vector(depth - 1) + ", \"" + one({"kind", "track", "slot"}) + "\", \"" +
               one({"x-$1", "$2", "fixed", "${1}_", ""}) + "\", \"" + one({"slot", "kind", "room"}) + "\", \"" +
               one({"(.*)", "(b).*", "(.)(.*)", "nothing"}) + "\")";
    default:
        return '(' + binary(depth) + ')';
    }
}

std::string damaged(std::string query, std::mt19937 &random)
{
    static const std::vector<std::string> pieces = {
        "(",    ")",    "{",        "}",      "[",   "]",     "\"", "'",  "`",    ",", ":",  "=", "~",        "!", "<",
        ">",    "+",    "-",        "*",      "/",   "%",     "^",  "@",  "\\",   " ", "\n", "5", "m",        "s", ".",
        " by ", " on ", " offset ", " bool ", "sum", "rate(", "==", "5m", " or ", "1", "le", "#", "\xc3\xbc", "x"};
    for (unsigned change = 1 + random() % 2; change > 0; --change) {
        const std::size_t place = random() % (query.size() + 1);
        const std::string &piece = pieces[random() % pieces.size()];
        switch (random() % 3) {
        case 0:
            query.insert(place, piece);
            break;
        case 1:
            query.replace(place, std::min<std::size_t>(1, query.size() - place), piece);
            break;
        default:
            query.erase(place, 1 + random() % 5);
            break;
        }
    }
    return query;
}

std::string difference(const json &expected, const json &found)
{
    if (expected.at("status") != found.at("status"))
        return "expected " + expected.dump().substr(0, 400) + "\nfound " + found.dump().substr(0, 400);
    if (expected.at("status") == "error")
        return errorText(expected) == errorText(found)
                   ? ""
                   : "expected " + errorText(expected) + "\nfound " + errorText(found);
    const json &a = expected.at("data");
    const json &b = found.at("data");
    if (a.at("resultType") != b.at("resultType"))
        return "expected a " + a.at("resultType").dump() + ", found a " + b.at("resultType").dump();
    if (a.at("resultType") == "string")
        return a == b ? "" : "expected " + a.dump() + "\nfound " + b.dump();
    if (a.at("resultType") == "scalar")
        return isSame(a.at("result"), b.at("result")) ? "" : "expected " + a.dump() + "\nfound " + b.dump();
    bool isTwice = false;
    const auto left = bySeries(a.at("result"), isTwice);
    const auto right = bySeries(b.at("result"), isTwice);
    if (isTwice)
        return "a series comes twice";
    for (const auto &[metric, points] : left) {
        const auto it = right.find(metric);
        if (it == right.end())
            return "no series " + metric;
        if (points.size() != it->second.size())
            return metric + ": expected " + std::to_string(points.size()) + " values, found " +
                   std::to_string(it->second.size()) + "\nexpected " + points.dump().substr(0, 600) + "\nfound " +
                   it->second.dump().substr(0, 600);
        for (std::size_t i = 0; i < points.size(); ++i) {
            if (!isSame(points[i], it->second[i]))
                return metric + ": expected " + points[i].dump() + ", found " + it->second[i].dump();
        }
    }
    for (const auto &[metric, points] : right) {
        if (left.find(metric) == left.end())
            return "one series too many: " + metric;
    }
    return {};
}

} // namespace signalbox::test
