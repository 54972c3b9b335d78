#include "services/sandbox/promql/alertrules.h"

#include "services/sandbox/promql/alerttemplate.h"
#include "services/sandbox/promql/apiparameters.h"
#include "services/sandbox/promql/evaluation.h"
#include "services/sandbox/promql/gotext.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <mutex>

namespace signalbox::sandbox
{
namespace
{

using Templates = std::vector<std::pair<std::string, AlertTemplate>>;

struct ActiveAlert
{
    LabelSet labels;
    LabelSet annotations;
    std::int64_t activeAtMs = 0;
    double value = 0;
    bool isFiring = false;
    bool isFound = false; // by the evaluation under way
    SeriesRef series;     // ALERTS
    SeriesRef since;      // ALERTS_FOR_STATE
};

struct Rule
{
    AlertRule rule;
    Templates labels;
    Templates annotations;
    std::map<LabelSet, ActiveAlert> active;
    std::int64_t evaluatedMs = 0;
    std::string error;
};

struct Group
{
    std::string name;
    std::int64_t intervalMs = 0;
    std::int64_t evaluatedMs = 0;
    std::vector<Rule> rules;
};

// %e, as the API writes an alert's value
std::string exponentText(double value)
{
    std::array<char, 64> buffer{};
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::scientific);
    return value - value == 0 ? std::string(buffer.data(), end.ptr) : apiNumber(value);
}

LabelSet expanded(const Templates &templates, const LabelSet &labels, double value)
{
    LabelSet result;
    for (const auto &[name, text] : templates)
        result.emplace_back(name, text.expanded(labels, value));
    return result;
}

bool readTemplates(const LabelSet &texts, Templates &templates, std::string &error)
{
    for (const auto &[name, text] : texts) {
        auto made = AlertTemplate::parse(text, &error);
        if (!made)
            return false;
        templates.emplace_back(name, *std::move(made));
    }
    return true;
}

LabelSet withLabels(LabelSet labels, const LabelSet &more)
{
    labels.insert(labels.end(), more.begin(), more.end());
    return labelSet(std::move(labels));
}

std::string alertJson(const ActiveAlert &alert)
{
    return R"({"labels":)" + labelsJson(alert.labels) + R"(,"annotations":)" + labelsJson(alert.annotations) +
           R"(,"state":")" + (alert.isFiring ? "firing" : "pending") + R"(","activeAt":")" + rfc3339(alert.activeAtMs) +
           R"(","value":")" + exponentText(alert.value) + R"("})";
}

std::string timeJson(std::int64_t ms)
{
    return ms == 0 ? R"("0001-01-01T00:00:00Z")" : '"' + rfc3339(ms) + '"';
}

std::string seconds(std::int64_t ms)
{
    return apiNumber(static_cast<double>(ms) / 1000);
}

std::string ruleJson(const Rule &rule)
{
    std::string alerts;
    const char *state = "inactive";
    for (const auto &[labels, alert] : rule.active) {
        alerts += (alerts.empty() ? "" : ",") + alertJson(alert);
        if (alert.isFiring)
            state = "firing";
        else if (std::string_view(state) == "inactive")
            state = "pending";
    }
    const char *const health = rule.evaluatedMs == 0 ? "unknown" : rule.error.empty() ? "ok" : "err";
    return std::string(R"({"state":")") + state + R"(","name":)" + jsonQuoted(rule.rule.name) + R"(,"query":)" +
           jsonQuoted(rule.rule.expression) + R"(,"duration":)" + seconds(rule.rule.forMs) +
           R"(,"keepFiringFor":0,"labels":)" + labelsJson(rule.rule.labels) + R"(,"annotations":)" +
           labelsJson(rule.rule.annotations) + R"(,"alerts":[)" + alerts + R"(],"health":")" + health + '"' +
           (rule.error.empty() ? "" : R"(,"lastError":)" + jsonQuoted(rule.error)) +
           R"(,"evaluationTime":0,"lastEvaluation":)" + timeJson(rule.evaluatedMs) + R"(,"type":"alerting"})";
}

} // namespace

struct AlertRules::Data
{
    explicit Data(SampleStore &samples)
        : store(samples)
        , engine(samples)
    {}

    SampleStore &store;
    Engine engine;
    mutable std::mutex mutex;
    std::vector<Group> groups;

    void evaluate(Rule &rule, std::int64_t nowMs)
    {
        rule.evaluatedMs = nowMs;
        const auto outcome = engine.instant(rule.rule.expression, nowMs);
        if (const auto *error = std::get_if<QueryError>(&outcome)) {
            rule.error = error->message;
            return;
        }
        rule.error.clear();
        for (auto &[labels, alert] : rule.active)
            alert.isFound = false;
        for (const ResultSeries &series : std::get<QueryResult>(outcome).series)
            find(rule, series, nowMs);
        for (auto it = rule.active.begin(); it != rule.active.end();) {
            if (it->second.isFound) {
                write(it->second, rule.rule.forMs, nowMs);
                ++it;
            } else {
                store.markStale(it->second.series, nowMs);
                store.markStale(it->second.since, nowMs);
                it = rule.active.erase(it);
            }
        }
    }

    void find(Rule &rule, const ResultSeries &series, std::int64_t nowMs)
    {
        const double value = series.samples.front().value;
        LabelSet plain = series.labels;
        std::erase_if(plain, [](const auto &label) { return label.first == metricNameLabel; });
        LabelSet labels = withLabels(plain, expanded(rule.labels, plain, value));
        labels = withLabels(std::move(labels), {{"alertname", rule.rule.name}});
        ActiveAlert &alert = rule.active[labels];
        if (alert.labels.empty()) {
            alert.labels = labels;
            alert.activeAtMs = nowMs;
        }
        alert.isFound = true;
        alert.value = value;
        alert.annotations = expanded(rule.annotations, plain, value);
    }

    void write(ActiveAlert &alert, std::int64_t forMs, std::int64_t nowMs)
    {
        const bool isFiring = alert.isFiring || nowMs - alert.activeAtMs >= forMs;
        if (isFiring && !alert.isFiring)
            store.markStale(alert.series, nowMs); // of "pending"; a dead reference the first time
        alert.isFiring = isFiring;
        alert.series = store.series(
            withLabels(alert.labels, {{"__name__", "ALERTS"}, {"alertstate", alert.isFiring ? "firing" : "pending"}}));
        alert.since = store.series(withLabels(alert.labels, {{"__name__", "ALERTS_FOR_STATE"}}));
        store.append({{alert.series, 1}, {alert.since, static_cast<double>(alert.activeAtMs / 1000)}}, nowMs);
    }
};

AlertRules::AlertRules(SampleStore &store)
    : d(std::make_unique<Data>(store))
{}

AlertRules::~AlertRules() = default;

std::string AlertRules::add(AlertGroup group)
{
    Group made{group.name, group.intervalMs, 0, {}};
    for (AlertRule &rule : group.rules) {
        const auto parsed = parseExpression(rule.expression);
        std::string error;
        if (const auto *problem = std::get_if<std::string>(&parsed))
            return rule.name + ": " + *problem;
        if (const std::string part = unsupportedPart(*std::get<std::unique_ptr<Expression>>(parsed)); !part.empty())
            return rule.name + ": the sandbox's PromQL does not have " + part;
        Rule one;
        if (!readTemplates(rule.labels, one.labels, error) || !readTemplates(rule.annotations, one.annotations, error))
            return rule.name + ": " + error;
        one.rule = std::move(rule);
        made.rules.push_back(std::move(one));
    }
    const std::lock_guard lock(d->mutex);
    if (std::any_of(d->groups.begin(), d->groups.end(), [&](const Group &other) { return other.name == made.name; }))
        return "there is a group " + goQuoted(made.name) + " already";
    d->groups.push_back(std::move(made));
    return {};
}

void AlertRules::evaluate(std::int64_t nowMs)
{
    const std::lock_guard lock(d->mutex);
    for (Group &group : d->groups) {
        if (group.evaluatedMs != 0 && nowMs - group.evaluatedMs < group.intervalMs)
            continue;
        group.evaluatedMs = nowMs;
        for (Rule &rule : group.rules)
            d->evaluate(rule, nowMs);
    }
}

std::string AlertRules::alertsJson() const
{
    const std::lock_guard lock(d->mutex);
    std::string json;
    for (const Group &group : d->groups) {
        for (const Rule &rule : group.rules) {
            for (const auto &[labels, alert] : rule.active)
                json += (json.empty() ? "" : ",") + alertJson(alert);
        }
    }
    return R"({"alerts":[)" + json + "]}";
}

std::string AlertRules::rulesJson() const
{
    const std::lock_guard lock(d->mutex);
    std::string json;
    for (const Group &group : d->groups) {
        std::string rules;
        for (const Rule &rule : group.rules)
            rules += (rules.empty() ? "" : ",") + ruleJson(rule);
        json += std::string(json.empty() ? "" : ",") + R"({"name":)" + jsonQuoted(group.name) +
                R"(,"file":"sandbox.rules.yaml","rules":[)" + rules + R"(],"interval":)" + seconds(group.intervalMs) +
                R"(,"limit":0,"evaluationTime":0,"lastEvaluation":)" + timeJson(group.evaluatedMs) + '}';
    }
    return R"({"groups":[)" + json + "]}";
}

} // namespace signalbox::sandbox
