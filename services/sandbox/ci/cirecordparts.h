#pragma once

#include "services/sandbox/ci/cirecord.h"

// What the files that reckon with records share.
namespace signalbox::sandbox::ci
{

constexpr std::int64_t second = 1000;
constexpr std::int64_t minute = 60 * second;

// When that attempt began.
std::int64_t beginOf(const Record &record, int attempt);
// The index of a job; -1: none.
int indexOf(const PipelinePlan &plan, const std::string &name);
std::uint64_t jobSeed(std::uint64_t seed, int tried, int index);

} // namespace signalbox::sandbox::ci
