#include "services/sandbox/ci/ciworldstate.h"

#include "services/sandbox/ci/cilog.h"
#include "services/sandbox/world/chance.h"

#include <algorithm>

namespace signalbox::sandbox::ci
{

namespace
{

constexpr std::int64_t artifactsLastMs = 90LL * 86'400'000;

} // namespace

std::vector<TestResult> CiWorld::Private::testsOf(const Record &record, int tried, int index, std::int64_t job) const
{
    const JobPlan &plan = courses.planOf(record).jobs[static_cast<std::size_t>(index)];
    std::vector<TestResult> all;
    for (std::size_t i = 0; i < plan.tests.size(); ++i) {
        const TestPlan &test = plan.tests[i];
        TestResult result;
        result.job = job;
        result.suite = test.suite;
        result.name = test.name;
        result.file = test.file;
        const double pace = 0.7 + 0.7 * chance(courses.seedOf(record), test.name, static_cast<std::uint64_t>(tried));
        result.ms = test.isSkipped ? 0 : static_cast<int>(test.ms * pace);
        if (test.isSkipped) {
            result.state = TestResult::State::Skipped;
        } else if (courses.fails(record, tried, index, i)) {
            result.state = TestResult::State::Failed;
            result.message = "AssertionError: assert 0.862 >= 0.9";
            result.trace =
                "    def " + test.name +
                "(client):\n        answer = client.ask(QUESTION)\n>       assert "
                "answer.score >= 0.9\nE       AssertionError: assert 0.862 >= 0.9\nE        +  where 0.862 = "
                "Answer(score=0.862).score\n\n" +
                test.file + ":" + std::to_string(20 + numberOf(test.name) % 90) + ": AssertionError";
        }
        all.push_back(std::move(result));
    }
    return all;
}

std::vector<LogLine> CiWorld::log(std::int64_t job) const
{
    const std::lock_guard lock(d->mutex);
    const std::int64_t now = d->advance();
    const auto place = d->findJob(job);
    if (!place)
        return {};
    const Record &record = *place->record;
    const PipelinePlan &plan = d->courses.planOf(record);
    const RunRecord run = d->courses.seen(record, place->attempt, now);
    const JobRun &seen = run.jobs[static_cast<std::size_t>(place->index)];
    if (!seen.startedMs)
        return {};
    const JobCourse course = d->courses.of(record, place->attempt)[static_cast<std::size_t>(place->index)];
    LogSubject subject{plan,
                       plan.jobs[static_cast<std::size_t>(place->index)],
                       run,
                       seen,
                       d->testsOf(record, place->tried, place->index, job),
                       mixed(d->courses.seedOf(record) ^ static_cast<std::uint64_t>(job)),
                       now,
                       course.fullMs,
                       d->courses.stepEndsOf(record, place->index, course)};
    return writeLog(subject);
}

TestResults CiWorld::tests(std::int64_t id, int attempt) const
{
    const std::lock_guard lock(d->mutex);
    const std::int64_t now = d->advance();
    TestResults results;
    const Record *record = d->find(id);
    if (!record || attempt < 0 || attempt > record->attempts())
        return results;
    const std::vector<JobCourse> courses = d->courses.of(*record, attempt == 0 ? record->attempts() : attempt);
    const PipelinePlan &plan = d->courses.planOf(*record);
    for (std::size_t i = 0; i < courses.size(); ++i) {
        const JobCourse &course = courses[i];
        const bool hasRun =
            course.end == Phase::Passed || course.end == Phase::Unstable || course.failure == JobCourse::Failure::Tests;
        if (course.finishedMs > now || !hasRun)
            continue;
        const int index = static_cast<int>(i);
        const std::int64_t job = jobIdOf(plan.vendor, record->id, course.tried, index);
        for (TestResult &one : d->testsOf(*record, course.tried, index, job)) {
            ++(one.state == TestResult::State::Passed   ? results.passed
               : one.state == TestResult::State::Failed ? results.failed
                                                        : results.skipped);
            results.cases.push_back(std::move(one));
        }
        if (plan.jobs[i].coverage > 0) {
            const double noise = chance(d->courses.seedOf(*record), "coverage", i) - 0.5;
            results.coverage = static_cast<double>(static_cast<int>((plan.jobs[i].coverage + noise) * 100)) / 100;
        }
    }
    return results;
}

std::vector<Annotation> CiWorld::annotations(std::int64_t id, int attempt) const
{
    const TestResults results = tests(id, attempt);
    const auto seen = run(id, attempt);
    std::vector<Annotation> all;
    if (!seen)
        return all;
    for (const TestResult &test : results.cases) {
        if (test.state == TestResult::State::Failed)
            all.push_back({Annotation::Level::Failure, test.job, test.suite + '.' + test.name, test.message, test.file,
                           static_cast<int>(20 + numberOf(test.name) % 90)});
    }
    for (const JobRun &job : seen->jobs) {
        if (job.phase == Phase::Failed && job.startedMs)
            all.push_back({Annotation::Level::Failure, job.id, job.name, "Process completed with exit code 1.", {}, 0});
        if (job.phase >= Phase::Passed && job.startedMs && numberOf(job.name + seen->commit) % 5 == 0)
            all.push_back({Annotation::Level::Warning, job.id, "Base image",
                           "The base image is not pinned by its digest.", "Dockerfile", 1});
    }
    return all;
}

std::vector<Artifact> CiWorld::artifacts(std::int64_t id) const
{
    std::vector<Artifact> all;
    const auto seen = run(id);
    if (!seen)
        return all;
    for (const JobRun &job : seen->jobs) {
        if (job.phase != Phase::Passed && job.phase != Phase::Unstable)
            continue;
        for (const std::string &name : planOf(*seen, job).artifacts) {
            Artifact one;
            one.id = job.id * 8 + static_cast<std::int64_t>(all.size());
            one.job = job.id;
            one.name = name;
            one.bytes = 2048 + numberOf(name + seen->commit) % 40'000'000;
            one.digest = "sha256:";
            for (std::uint64_t part = 0; part < 4; ++part)
                one.digest += etagOf(name + seen->commit + std::to_string(part)).substr(1, 16);
            one.createdMs = job.finishedMs;
            one.expiresMs = job.finishedMs + artifactsLastMs;
            all.push_back(std::move(one));
        }
    }
    return all;
}

} // namespace signalbox::sandbox::ci
