#pragma once

#include "services/sandbox/ci/cirecord.h"

#include <array>
#include <bitset>

// When runs begin by themselves: schedules, and what the team pushes.
namespace signalbox::sandbox::ci
{

// "17 3 * * 1-5": minute, hour, day, month, weekday (0 and 7: Sunday) in UTC; lists, ranges and steps, no names. As
// crontab(5): where both days are restricted one of them is enough.
class CronTimes
{
public:
    explicit CronTimes(std::string_view text); // one that is malformed never comes
    // Minutes that begin after `fromMs`, up to and including `toMs`; Unix milliseconds.
    std::vector<std::int64_t> between(std::int64_t fromMs, std::int64_t toMs) const;

private:
    std::array<std::bitset<64>, 5> m_fields;
    bool m_anyDay = true;
    bool m_anyWeekday = true;
};

struct Arrival
{
    std::int64_t atMs = 0;
    int plan = 0;
    Cause cause = Cause::Push;
    int branch = 0; // in the plan; -1: a tag
    int release = -1;
    bool isPast = false;
    bool isSure = false;
    std::int64_t decidedMs = 0;
    std::string cron;
    const Scene *scene = nullptr;
    std::int64_t parent = 0; // a child's
    int tried = 1;
    int job = 0;
};

// Of all plans, after `fromMs` up to and including `toMs`, in no order.
std::vector<Arrival> arrivals(const CiPlans &plans, std::int64_t fromMs, std::int64_t toMs, bool isPast);
// With what the world begins besides: releases and scenes.
std::vector<Arrival> firstArrivals(const CiPlans &plans, std::int64_t nowMs);

} // namespace signalbox::sandbox::ci
