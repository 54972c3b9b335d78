#include "services/adapters/travis/travisanswer.h"
#include "services/adapters/travis/travistext.h"

#include <algorithm>

// What a build and its jobs say together.
namespace signalbox::travis
{

namespace
{

// Ids of the jobs of the last stage before this one. Numbers may have gaps: a stage without jobs is not told.
QStringList jobsBefore(const JobAnswer &job, const QList<JobAnswer> &jobs)
{
    int before = 0;
    for (const JobAnswer &one : jobs) {
        if (one.stage.number < job.stage.number)
            before = std::max(before, one.stage.number);
    }
    QStringList ids;
    for (const JobAnswer &one : jobs) {
        if (before > 0 && one.stage.number == before)
            ids.append(one.job.id);
    }
    return ids;
}

bool isOpen(const JobAnswer &job)
{
    return !isEnded(job.job.state);
}

// A job that was made waits for a machine, or for the stages before its own, or was never needed.
RunState stateInRun(const JobAnswer &job, const QList<JobAnswer> &jobs, RunState run)
{
    if (job.job.state != RunState::Queued || job.state != QLatin1String("created"))
        return job.job.state;
    if (isEnded(run))
        return RunState::Skipped;
    const bool othersFirst = std::any_of(jobs.cbegin(), jobs.cend(), [&job](const JobAnswer &one) {
        return one.stage.number < job.stage.number && isOpen(one);
    });
    return othersFirst ? RunState::NotStarted : RunState::Queued;
}

} // namespace

QList<JobAnswer> failedJobs(const QList<JobAnswer> &jobs)
{
    QList<JobAnswer> failed;
    for (const JobAnswer &one : jobs) {
        const bool wasStopped = one.job.state == RunState::Cancelled && one.job.startedAt.isValid();
        if (one.job.state == RunState::Failed || wasStopped)
            failed.append(one);
    }
    return failed;
}

bool mayGoAgain(const JobAnswer &job)
{
    return isEnded(job.job.state) && job.job.startedAt.isValid();
}

RunDetail detailOf(const BuildAnswer &build, const QList<JobAnswer> &jobs, const QDateTime &readAt)
{
    RunDetail detail;
    detail.run = build.run;
    detail.readAt = readAt;
    for (const JobAnswer &one : jobs) {
        Job job = one.job;
        job.needs = jobsBefore(one, jobs);
        job.state = stateInRun(one, jobs, build.run.state);
        if (job.createdAt.isValid() && (!detail.run.createdAt.isValid() || job.createdAt < detail.run.createdAt))
            detail.run.createdAt = job.createdAt;
        detail.run.attempt = std::max(detail.run.attempt, job.attempt);
        detail.jobs.append(job);
    }
    if (build.stages.size() > 1)
        detail.graphNote =
            TravisText::tr("Travis CI tells stages: each job waits for all jobs of the stage before its own.");
    detail.note = TravisText::tr("Travis CI tells no steps, artifacts, test reports or gates.");

    const bool hasEnded = isEnded(build.run.state);
    const auto failed = failedJobs(jobs).size();
    detail.canRerun = hasEnded && build.mayRestart.value_or(true);
    detail.canRerunFailed = detail.canRerun && failed > 0 && failed <= mostRestarts;
    detail.canRerunJob = build.mayRestart.value_or(true) && std::any_of(jobs.cbegin(), jobs.cend(), mayGoAgain);
    detail.canCancel = !hasEnded && build.mayCancel.value_or(true);
    QStringList why;
    if (hasEnded ? build.mayRestart == false : build.mayCancel == false)
        why.append(TravisText::tr("Travis CI does not let this token change builds of %1.").arg(build.slug));
    else
        why.append(hasEnded ? TravisText::tr("It has ended.") : TravisText::tr("It has not ended."));
    if (hasEnded && failed == 0)
        why.append(TravisText::tr("No job failed."));
    if (failed > mostRestarts)
        why.append(TravisText::tr("Travis CI restarts job by job, and shuts out whoever restarts more than %1 at once.")
                       .arg(mostRestarts));
    detail.whyNot = why.join(u' ');
    return detail;
}

} // namespace signalbox::travis
