#include "services/adapters/gitlab/gitlabplans.h"
#include "services/adapters/gitlab/gitlabsteps.h"
#include "services/adapters/gitlab/gitlabtext.h"

#include <nlohmann/json.hpp>

#include <algorithm>

// What became of a call, as GitLab itself shows it.
namespace signalbox
{

using namespace gitlab;

namespace
{

using LookState = Observation::State;

QFuture<Result<Observation>> sighted(LookState state, const QString &text, const QString &blocker = {})
{
    return ready(Result<Observation>(seen(state, text, blocker)));
}

// All that were shown: one alone may have been run again by somebody.
QFuture<Result<Observation>> lookAtRetried(const Facts &facts, const QList<JobAnswer> &jobs)
{
    const auto old = std::count_if(facts.failed.begin(), facts.failed.end(), [&jobs](qint64 id) {
        return std::any_of(jobs.begin(), jobs.end(), [id](const JobAnswer &job) { return job.id == id; });
    });
    const auto all = static_cast<int>(facts.failed.size());
    const auto made = all - static_cast<int>(old);
    if (made == 0)
        return sighted(LookState::Pending, GitLabText::tr("no new attempt yet"));
    const QString text = GitLabText::tr("%1 of %n job(s) have a new attempt", nullptr, all).arg(made);
    if (made == all)
        return sighted(LookState::Effective, text);
    return sighted(
        LookState::Pending, text,
        GitLabText::tr("GitLab leaves out jobs that the token's user may not run, of protected environments."));
}

QFuture<Result<Observation>> lookAtOneRetried(const Facts &facts, const QList<JobAnswer> &jobs)
{
    const JobAnswer *newest = newestOf(jobs, facts.name);
    if (!newest || newest->id <= facts.job)
        return sighted(LookState::Pending, GitLabText::tr("no new attempt yet"));
    return sighted(LookState::Effective,
                   GitLabText::tr("job %1 was made: %2").arg(newest->job.id, runStateLabel(newest->job.state)));
}

QFuture<Result<Observation>> lookAtDecision(const Facts &facts, const Deployment &deployment)
{
    const auto last = lastDecision(deployment);
    if (facts.approves && last && !last->approves)
        return sighted(LookState::Failed, GitLabText::tr("%1 rejected it").arg(byWhom(last->who)), last->comment);
    if (!hasDecided(deployment, facts.who, facts.approves))
        return sighted(LookState::Pending, GitLabText::tr("GitLab does not show the decision yet"));
    if (!facts.approves) {
        if (isWaiting(deployment))
            return sighted(LookState::Pending, GitLabText::tr("rejected, but the job still waits"));
        return sighted(LookState::Effective, GitLabText::tr("rejected; the job will not run"));
    }
    const Approvals approvals = approvalsOf(deployment);
    if (approvals.missing == 0 && facts.isLast == false && isWaiting(deployment))
        return sighted(LookState::Effective, GitLabText::tr("approved, %1 of %2: its job waits to be started")
                                                 .arg(approvals.given())
                                                 .arg(approvals.needed));
    return sighted(LookState::Effective, approvalText(approvals));
}

// Whether its job has been started meanwhile is the next step's to see.
QFuture<Result<Observation>> lookAtApprovals(const Deployment &deployment)
{
    if (const auto last = lastDecision(deployment); last && !last->approves)
        return sighted(LookState::Failed, GitLabText::tr("%1 rejected it").arg(byWhom(last->who)), last->comment);
    const Approvals approvals = approvalsOf(deployment);
    return sighted(approvals.missing > 0 && isWaiting(deployment) ? LookState::Pending : LookState::Effective,
                   approvalText(approvals));
}

QFuture<Result<Observation>> lookAtPlayed(const JobAnswer &job)
{
    const QString text = QStringLiteral("%1: %2").arg(job.job.name, runStateLabel(job.job.state));
    if (isWaiting(job))
        return sighted(LookState::Pending, text);
    const bool hasRun = job.job.startedAt.isValid();
    if (job.job.state == RunState::Cancelled || job.status == QLatin1String("canceling"))
        return sighted(LookState::Failed,
                       hasRun ? GitLabText::tr("%1 was started, and cancelled meanwhile").arg(job.job.name)
                              : GitLabText::tr("%1 was cancelled before it began").arg(job.job.name));
    if (!hasRun && isEnded(job.job.state))
        return sighted(LookState::Failed,
                       GitLabText::tr("%1 did not begin: %2").arg(job.job.name, runStateLabel(job.job.state)),
                       job.job.reason);
    return sighted(LookState::Effective, text, job.job.reason);
}

QFuture<Result<Observation>> lookAtMade(const Facts &facts, const PipelineAnswer &pipeline)
{
    const QString id = pipeline.run.ref.id;
    const QString &commit = pipeline.run.commit;
    if (facts.shown.isEmpty() || commit.isEmpty() || commit == facts.shown)
        return sighted(LookState::Effective,
                       GitLabText::tr("run %1 was made: %2").arg(id, runStateLabel(pipeline.run.state)));
    return sighted(
        LookState::Failed,
        GitLabText::tr("run %1 was made, but runs commit %2, not %3 which was shown")
            .arg(id, commit.left(8), facts.shown.left(8)),
        GitLabText::tr("%1 was moved meanwhile. Cancel the run where that is not what you want.").arg(facts.ref));
}

} // namespace

QFuture<Result<qint64>> GitLabSteps::madeRun(const Facts &facts, const Receipt &receipt, const StopToken &stop)
{
    const auto state = nlohmann::json::parse(receipt.state.begin(), receipt.state.end(), nullptr, false);
    if (state.is_object() && state.contains("made") && state["made"].is_number_integer())
        return ready(Result<qint64>(state["made"].get<qint64>()));
    const QByteArray query =
        "source=api&ref=" + encoded(facts.ref) + "&username=" + encoded(facts.who) + "&per_page=20";
    return after(this, m_api.pipelines(facts.run.pipeline, query, stop), [facts](const QList<PipelineAnswer> &runs) {
        qint64 first = 0;
        for (const PipelineAnswer &one : runs) {
            const bool fits = one.id > facts.lastId && (facts.commit.isEmpty() || one.run.commit == facts.commit);
            if (fits && (first == 0 || one.id < first))
                first = one.id;
        }
        return ready(Result<qint64>(first));
    });
}

QFuture<Result<Observation>> GitLabSteps::lookAtCancelled(const Facts &facts, const StopToken &stop)
{
    return after(this, m_api.pipeline(facts.run, stop), [=, this](const PipelineAnswer &pipeline) {
        const QString label = runStateLabel(pipeline.run.state);
        if (pipeline.run.state == RunState::Cancelled)
            return sighted(LookState::Effective, label);
        if (isEnded(pipeline.run.state))
            return sighted(LookState::Failed, GitLabText::tr("it ended: %1").arg(label));
        return after(this, m_api.graph(facts.run, stop), [pipeline](const QList<JobAnswer> &jobs) {
            const auto left = std::count_if(jobs.begin(), jobs.end(), [](const JobAnswer &job) {
                return isCancelable(job.status) || job.status == QLatin1String("canceling");
            });
            if (left > 0 || pipeline.status == QLatin1String("canceling"))
                return sighted(LookState::Pending,
                               GitLabText::tr("%n job(s) still go on", nullptr, static_cast<int>(left)));
            return sighted(LookState::Effective, GitLabText::tr("nothing of it goes on"));
        });
    });
}

QFuture<Result<Observation>> GitLabSteps::look(const Facts &facts, const Receipt &receipt, const StopToken &stop)
{
    if (facts.kind == runRetried)
        return after(this, m_api.graph(facts.run, stop),
                     [facts](const QList<JobAnswer> &jobs) { return lookAtRetried(facts, jobs); });
    if (facts.kind == jobRetried)
        return after(this, m_api.graph(facts.run, stop),
                     [facts](const QList<JobAnswer> &jobs) { return lookAtOneRetried(facts, jobs); });
    if (facts.kind == runCancelled)
        return lookAtCancelled(facts, stop);
    if (facts.kind == runMade) {
        return after(this, madeRun(facts, receipt, stop), [=, this](qint64 id) {
            if (id == 0)
                return sighted(LookState::Pending, GitLabText::tr("no new run yet"));
            return after(this, m_api.pipeline({facts.run.pipeline, QString::number(id)}, stop),
                         [facts](const PipelineAnswer &pipeline) { return lookAtMade(facts, pipeline); });
        });
    }
    if (facts.kind == gateDecided)
        return after(this, m_api.deployment(facts.project, facts.deployment, stop),
                     [facts](const Deployment &deployment) { return lookAtDecision(facts, deployment); });
    if (facts.kind == allApproved)
        return after(this, m_api.deployment(facts.project, facts.deployment, stop),
                     [](const Deployment &deployment) { return lookAtApprovals(deployment); });
    return after(this, m_api.job(facts.project, facts.jobId(), stop),
                 [](const JobAnswer &job) { return lookAtPlayed(job); });
}

} // namespace signalbox
