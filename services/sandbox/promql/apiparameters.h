#pragma once

#include "services/sandbox/promql/prometheusapi.h"

#include <optional>

// What PrometheusApi's parts share; nobody else includes it.
namespace signalbox::sandbox
{

// An answer that is an error, thrown within the API only.
struct ApiError
{
    int status = 400;
    std::string type; // bad_data execution timeout
    std::string message;
};
[[noreturn]] void failBadData(const std::string &message);
[[noreturn]] void failParameter(std::string_view name, const std::string &message);

std::string_view parameter(const Parameters &parameters, std::string_view name); // empty: not there

// A time in milliseconds: seconds with a fraction, or RFC 3339.
std::int64_t timeParameter(const Parameters &parameters, std::string_view name);
std::int64_t timeParameter(const Parameters &parameters, std::string_view name, std::int64_t otherwise);
// A length in nanoseconds: seconds with a fraction, or 1h30m.
std::int64_t durationParameter(const Parameters &parameters, std::string_view name);

std::string rfc3339(std::int64_t ms); // 2026-11-21T11:20:00.5Z
std::string labelsJson(const LabelSet &labels);

} // namespace signalbox::sandbox
