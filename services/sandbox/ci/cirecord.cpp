#include "services/sandbox/ci/cirecord.h"

#include "services/sandbox/ci/cirecordparts.h"
#include "services/sandbox/world/chance.h"

#include <algorithm>

namespace signalbox::sandbox::ci
{

namespace
{

std::string hexadecimal(std::uint64_t seed, std::size_t length)
{
    static constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    while (text.size() < length) {
        seed = mixed(seed);
        for (int i = 0; i < 16 && text.size() < length; ++i)
            text += digits[(seed >> (i * 4)) & 15];
    }
    return text;
}

} // namespace

std::int64_t beginOf(const Record &record, int attempt)
{
    return attempt == 1 ? record.createdMs : record.extra->attempts[static_cast<std::size_t>(attempt) - 2].atMs;
}

int indexOf(const PipelinePlan &plan, const std::string &name)
{
    for (std::size_t i = 0; i < plan.jobs.size(); ++i) {
        if (plan.jobs[i].name == name)
            return static_cast<int>(i);
    }
    return -1;
}

std::uint64_t jobSeed(std::uint64_t seed, int tried, int index)
{
    return mixed(seed ^ mixed(static_cast<std::uint64_t>(tried) * 64 + static_cast<std::uint64_t>(index)));
}

RecordExtra &Record::more()
{
    if (!extra)
        extra = std::make_unique<RecordExtra>();
    return *extra;
}

std::int64_t jobIdOf(Vendor vendor, std::int64_t run, int tried, int index)
{
    return run * idsOfRun + (vendor == Vendor::Travis ? 0 : (tried - 1) * 50) + index + 1;
}

std::int64_t deploymentIdOf(const Record &record, int tried, std::int64_t job, int index)
{
    const std::int64_t serial =
        tried > 1 && record.extra ? record.extra->attempts[static_cast<std::size_t>(tried) - 2].serial : 0;
    return (serial > 0 ? serial * idsOfRun + index + 1 : job) * 3 + 1;
}

Courses::Courses(const CiPlans &plans, ChildOf childOf)
    : m_plans(plans)
    , m_childOf(std::move(childOf))
{
    for (const PipelinePlan &plan : plans.pipelines) {
        std::vector<std::int64_t> ends;
        std::int64_t last = 0;
        for (const JobPlan &job : plan.jobs) {
            std::int64_t free = 2 * second;
            for (const std::string &need : job.needs)
                free = std::max(free, ends[static_cast<std::size_t>(indexOf(plan, need))]);
            ends.push_back(free + 10 * second + job.seconds * second);
            last = std::max(last, ends.back());
        }
        m_estimates.push_back(last);
    }
}

const PipelinePlan &Courses::planOf(const Record &record) const
{
    return m_plans.pipelines[static_cast<std::size_t>(record.plan)];
}

std::uint64_t Courses::seedOf(const Record &record) const
{
    return mixed(m_plans.seed ^ static_cast<std::uint64_t>(record.id));
}

std::string Courses::branchOf(const Record &record) const
{
    if (record.branch >= 0)
        return planOf(record).branches[static_cast<std::size_t>(record.branch)];
    return record.extra ? record.extra->branch : std::string();
}

std::string Courses::tagOf(const Record &record) const
{
    if (record.release >= 0)
        return planOf(record).releases[static_cast<std::size_t>(record.release)].tag;
    return record.extra ? record.extra->tag : std::string();
}

std::string Courses::commitOf(const Record &record) const
{
    if (record.extra && !record.extra->commit.empty())
        return record.extra->commit;
    const PipelinePlan &plan = planOf(record);
    if (record.release >= 0) {
        const PastRelease &release = plan.releases[static_cast<std::size_t>(record.release)];
        return release.commit.empty() ? hexadecimal(hashOf(plan.project + release.tag, m_plans.seed), 40)
                                      : release.commit;
    }
    const std::string *newest = nullptr;
    if (branchOf(record) == plan.defaultBranch) {
        for (const CommitPlan &commit : plan.commits) {
            if (commit.atMs <= record.createdMs)
                newest = &commit.sha;
        }
    }
    return newest ? *newest : hexadecimal(mixed(m_plans.seed ^ record.commitSeed), 40);
}

void Courses::describe(const Record &record, RunRecord &run) const
{
    const PipelinePlan &plan = planOf(record);
    run.branch = branchOf(record);
    run.tag = tagOf(record);
    run.commit = commitOf(record);
    run.author = plan.people[static_cast<std::size_t>(mixed(record.commitSeed) % plan.people.size())];
    run.subject = plan.subjects[static_cast<std::size_t>(mixed(record.commitSeed + 1) % plan.subjects.size())];
    run.who = record.cause == Cause::Schedule ? "ci" : run.author;
    for (const CommitPlan &commit : plan.commits) {
        if (commit.sha == run.commit) {
            run.subject = commit.subject;
            run.author = commit.who;
        }
    }
    if (record.release >= 0)
        run.subject = plan.releases[static_cast<std::size_t>(record.release)].subject;
    if (!record.extra)
        return;
    if (!record.extra->subject.empty())
        run.subject = record.extra->subject;
    if (!record.extra->who.empty())
        run.who = record.extra->who;
    run.cron = record.extra->cron;
    run.parentRun = record.extra->parentRun;
    run.parameters = record.extra->parameters;
}

RunRecord Courses::outline(const Record &record, int attempt) const
{
    const PipelinePlan &plan = planOf(record);
    RunRecord run;
    run.id = record.id;
    run.number = record.number;
    run.attempt = attempt;
    run.vendor = plan.vendor;
    run.project = plan.project;
    run.pipeline = plan.name;
    run.cause = record.cause;
    run.createdMs = record.createdMs;
    run.attemptMs = beginOf(record, attempt);
    run.estimateMs = m_estimates[static_cast<std::size_t>(record.plan)];
    describe(record, run);
    run.attemptBy = attempt == 1 ? run.who : record.extra->attempts[static_cast<std::size_t>(attempt) - 2].who;
    return run;
}

} // namespace signalbox::sandbox::ci
