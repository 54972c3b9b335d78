#pragma once

#include "services/sandbox/ci/cirecord.h"

// What jobs write: lines as compilers, test runners and image builders write them, with the colours they use.
namespace signalbox::sandbox::ci
{

struct LogSubject
{
    const PipelinePlan &plan;
    const JobPlan &job;
    const RunRecord &run;
    const JobRun &seen;
    std::vector<TestResult> tests; // of the job, however far it is
    std::uint64_t seed = 0;
    std::int64_t nowMs = 0;
    std::int64_t fullMs = 0;             // of its work, had nothing stopped it
    std::vector<std::int64_t> stepEndMs; // likewise: what is written must not move when something does
};

std::vector<LogLine> writeLog(const LogSubject &subject);

} // namespace signalbox::sandbox::ci
