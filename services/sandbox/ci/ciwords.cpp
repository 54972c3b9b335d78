#include "services/sandbox/ci/ciworld.h"
#include "services/sandbox/world/chance.h"

#include <array>
#include <chrono>
#include <cstdio>

namespace signalbox::sandbox::ci
{

std::string_view vendorName(Vendor vendor)
{
    constexpr std::array<std::string_view, 4> names = {"jenkins", "github", "gitlab", "travis"};
    return names.at(static_cast<std::size_t>(vendor));
}

std::string_view causeName(Cause cause)
{
    constexpr std::array<std::string_view, 7> names = {"push",   "tag", "pullRequest", "schedule",
                                                       "manual", "api", "upstream"};
    return names.at(static_cast<std::size_t>(cause));
}

std::string_view phaseName(Phase phase)
{
    constexpr std::array<std::string_view, 9> names = {"notStarted", "queued", "running",   "waiting", "passed",
                                                       "unstable",   "failed", "cancelled", "skipped"};
    return names.at(static_cast<std::size_t>(phase));
}

bool isEnded(Phase phase)
{
    return phase >= Phase::Passed;
}

std::string parameterOf(const Parameters &parameters, std::string_view name)
{
    for (const auto &[key, value] : parameters) {
        if (key == name)
            return value;
    }
    return {};
}

std::int64_t numberOf(std::string_view text)
{
    return static_cast<std::int64_t>(hashOf(text, 77) % 0x7ffffffeU) + 1;
}

std::string etagOf(std::string_view body)
{
    std::array<char, 40> text{};
    std::snprintf(text.data(), text.size(), "\"%016llx%016llx\"", static_cast<unsigned long long>(hashOf(body, 1)),
                  static_cast<unsigned long long>(hashOf(body, 2)));
    return text.data();
}

std::string isoTime(std::int64_t ms, bool withMs)
{
    using namespace std::chrono;
    if (ms == 0)
        return {};
    const sys_time<milliseconds> time{milliseconds(ms)};
    const auto day = floor<days>(time);
    const year_month_day date(day);
    const hh_mm_ss clock(time - day);
    std::array<char, 40> text{};
    std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                  static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                  static_cast<int>(clock.seconds().count()));
    std::string out = text.data();
    if (withMs) {
        std::snprintf(text.data(), text.size(), ".%03d", static_cast<int>(clock.subseconds().count()));
        out += text.data();
    }
    return out + 'Z';
}

} // namespace signalbox::sandbox::ci
