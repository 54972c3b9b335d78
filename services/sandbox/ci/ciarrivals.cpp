#include "services/sandbox/ci/ciarrivals.h"

#include "services/sandbox/world/chance.h"

#include <charconv>
#include <chrono>

namespace signalbox::sandbox::ci
{

namespace
{

constexpr std::int64_t minuteMs = 60'000;
constexpr std::int64_t slotMs = 30 * minuteMs;
constexpr double msOfDay = 86'400'000;

std::optional<int> number(std::string_view text)
{
    int value = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (problem != std::errc() || end != text.data() + text.size() || value < 0 || value > 63)
        return std::nullopt;
    return value;
}

// One item of a list: "*", "*/6", "3", "1-5", "0-30/10".
bool setItem(std::string_view item, int least, int most, std::bitset<64> &bits)
{
    int step = 1;
    if (const auto slash = item.find('/'); slash != std::string_view::npos) {
        const auto given = number(item.substr(slash + 1));
        if (!given || *given == 0)
            return false;
        step = *given;
        item = item.substr(0, slash);
    }
    int from = least;
    int to = most;
    if (item != "*") {
        const auto dash = item.find('-');
        const auto first = number(item.substr(0, dash));
        const auto last = dash == std::string_view::npos ? first : number(item.substr(dash + 1));
        if (!first || !last)
            return false;
        from = *first;
        to = dash == std::string_view::npos && step > 1 ? most : *last;
    }
    if (from < least || to > most)
        return false;
    for (int i = from; i <= to; i += step)
        bits.set(static_cast<std::size_t>(i));
    return true;
}

bool setField(std::string_view field, int least, int most, std::bitset<64> &bits)
{
    while (!field.empty()) {
        const auto comma = field.find(',');
        if (!setItem(field.substr(0, comma), least, most, bits))
            return false;
        field = comma == std::string_view::npos ? std::string_view() : field.substr(comma + 1);
    }
    return bits.any();
}

// People work by day.
double busyness(std::int64_t ms)
{
    const std::int64_t hour = ms / 3'600'000 % 24;
    return hour >= 7 && hour < 18 ? 1.8 : 0.3;
}

Arrival pushOf(const PipelinePlan &plan, int index, std::int64_t atMs, std::uint64_t seed, bool isPast)
{
    Arrival one;
    one.plan = index;
    one.atMs = atMs;
    one.isPast = isPast;
    const double what = chance(seed, "cause");
    const bool hasBranches = plan.branches.size() > 1;
    if (what < 0.4 && hasBranches) {
        one.cause = plan.vendor == Vendor::GitHub || what < 0.25 ? Cause::PullRequest : Cause::Push;
        one.branch = 1 + static_cast<int>(mixed(seed) % (plan.branches.size() - 1));
    } else if (what > 0.93 && isPast) {
        one.cause = Cause::Manual;
    }
    return one;
}

} // namespace

CronTimes::CronTimes(std::string_view text)
{
    static constexpr std::array<std::pair<int, int>, 5> ranges = {{{0, 59}, {0, 23}, {1, 31}, {1, 12}, {0, 7}}};
    for (std::size_t i = 0; i < ranges.size(); ++i) {
        const auto space = text.find(' ');
        const std::string_view field = text.substr(0, space);
        text = space == std::string_view::npos ? std::string_view() : text.substr(space + 1);
        if (!setField(field, ranges[i].first, ranges[i].second, m_fields[i])) {
            m_fields = {};
            return;
        }
        if (i == 2)
            m_anyDay = field == "*";
        if (i == 4)
            m_anyWeekday = field == "*";
    }
    if (m_fields[4].test(7))
        m_fields[4].set(0);
}

std::vector<std::int64_t> CronTimes::between(std::int64_t fromMs, std::int64_t toMs) const
{
    using namespace std::chrono;
    std::vector<std::int64_t> times;
    if (m_fields[0].none())
        return times;
    for (std::int64_t ms = (fromMs / minuteMs + 1) * minuteMs; ms <= toMs; ms += minuteMs) {
        const std::int64_t minutes = ms / minuteMs;
        if (!m_fields[0].test(static_cast<std::size_t>(minutes % 60)) ||
            !m_fields[1].test(static_cast<std::size_t>(minutes / 60 % 24)))
            continue;
        const sys_days day = floor<days>(sys_time<milliseconds>(milliseconds(ms)));
        const year_month_day date(day);
        const bool isDay = m_fields[2].test(static_cast<unsigned>(date.day()));
        const bool isWeekday = m_fields[4].test(weekday(day).c_encoding());
        const bool isEither = !m_anyDay && !m_anyWeekday ? isDay || isWeekday : isDay && isWeekday;
        if (isEither && m_fields[3].test(static_cast<unsigned>(date.month())))
            times.push_back(ms);
    }
    return times;
}

std::vector<Arrival> arrivals(const CiPlans &plans, std::int64_t fromMs, std::int64_t toMs, bool isPast)
{
    std::vector<Arrival> all;
    for (std::size_t i = 0; i < plans.pipelines.size(); ++i) {
        const PipelinePlan &plan = plans.pipelines[i];
        for (const std::string &cron : plan.crons) {
            for (const std::int64_t ms : CronTimes(cron).between(fromMs, toMs)) {
                Arrival one;
                one.atMs = ms;
                one.plan = static_cast<int>(i);
                one.cause = Cause::Schedule;
                one.cron = cron;
                one.isPast = isPast;
                all.push_back(std::move(one));
            }
        }
        if (plan.runsPerDay <= 0)
            continue;
        const std::uint64_t seed = hashOf(plan.project + '/' + plan.name, plans.seed);
        for (std::int64_t slot = fromMs / slotMs; slot <= toMs / slotMs; ++slot) {
            const auto number = static_cast<std::uint64_t>(slot);
            if (chance(seed, "push", number) > plan.runsPerDay / 48 * busyness(slot * slotMs))
                continue;
            const auto atMs = slot * slotMs + static_cast<std::int64_t>(chance(seed, "when", number) * slotMs);
            if (atMs > fromMs && atMs <= toMs)
                all.push_back(pushOf(plan, static_cast<int>(i), atMs, mixed(seed ^ number), isPast));
        }
    }
    return all;
}

std::vector<Arrival> firstArrivals(const CiPlans &plans, std::int64_t nowMs)
{
    const auto ago = [nowMs](double days) { return nowMs - static_cast<std::int64_t>(days * msOfDay); };
    std::vector<Arrival> all;
    for (std::size_t i = 0; i < plans.pipelines.size(); ++i) {
        const PipelinePlan &plan = plans.pipelines[i];
        for (std::size_t k = 0; k < plan.releases.size(); ++k) {
            const PastRelease &release = plan.releases[k];
            Arrival one;
            one.plan = static_cast<int>(i);
            one.cause = Cause::Tag;
            one.branch = -1;
            one.release = static_cast<int>(k);
            one.isSure = true;
            one.atMs = ago(release.stagedDaysAgo) - 6 * minuteMs;
            one.isPast = release.daysAgo > 0;
            one.decidedMs = one.isPast ? ago(release.daysAgo) - 2 * minuteMs : 0;
            all.push_back(std::move(one));
        }
        for (const Scene &scene : plan.scenes) {
            Arrival one;
            one.plan = static_cast<int>(i);
            one.cause = scene.cause;
            one.scene = &scene;
            one.isSure = scene.failsIn.empty();
            one.atMs = nowMs - scene.secondsAgo * 1000;
            all.push_back(std::move(one));
        }
    }
    return all;
}

} // namespace signalbox::sandbox::ci
