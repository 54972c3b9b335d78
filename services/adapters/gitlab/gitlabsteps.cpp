#include "services/adapters/gitlab/gitlabsteps.h"

#include "services/adapters/gitlab/gitlabplans.h"
#include "services/adapters/gitlab/gitlabtext.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace signalbox
{

using namespace gitlab;

QFuture<Result<void>> GitLabSteps::dryRun(PlanStep, StopToken)
{
    return ready(Result<void>(Error{ErrorKind::Unsupported, GitLabText::tr("GitLab has no dry run."), {}}));
}

namespace
{

QFuture<Result<bool>> notYet()
{
    return ready(Result<bool>(false));
}

QFuture<Result<bool>> moved(const QString &sentence)
{
    return ready(Result<bool>(conflict(sentence)));
}

QFuture<Result<bool>> isRetried(const Facts &facts, const QList<JobAnswer> &jobs)
{
    for (const qint64 id : facts.failed) {
        const bool isNewest =
            std::any_of(jobs.begin(), jobs.end(), [id](const JobAnswer &job) { return job.id == id; });
        if (!isNewest)
            return moved(
                GitLabText::tr("Somebody was faster: jobs of run %1 were run again meanwhile.").arg(facts.run.id));
    }
    return notYet();
}

QFuture<Result<bool>> isOneRetried(const Facts &facts, const QList<JobAnswer> &jobs)
{
    const JobAnswer *newest = newestOf(jobs, facts.name);
    if (newest && newest->id != facts.job)
        return moved(GitLabText::tr("Somebody was faster: %1 ran %2 again (job %3).")
                         .arg(byWhom(newest->user), facts.name, newest->job.id));
    return notYet();
}

// Others may have decided since the plan was made: what our word would do is told by the state now.
QFuture<Result<bool>> isDecided(const Facts &facts, const Deployment &deployment)
{
    const auto last = lastDecision(deployment);
    if (last && !last->approves)
        return moved(GitLabText::tr("Somebody was faster: %1 rejected it.").arg(byWhom(last->who)));
    if (!isWaiting(deployment))
        return moved(last ? GitLabText::tr("Somebody was faster: %1 approved it, and it is %2 by now.")
                                .arg(byWhom(last->who), deployment.status)
                          : GitLabText::tr("It does not wait any more: the deployment is %1.").arg(deployment.status));
    if (hasDecided(deployment, facts.who, facts.approves))
        return moved(GitLabText::tr("You have approved it already; it takes others, too."));
    if (!facts.approves)
        return notYet();
    const Approvals approvals = approvalsOf(deployment);
    if (deployment.pending && approvals.missing == 0)
        return moved(GitLabText::tr("Somebody was faster: %1 gave the last approval.")
                         .arg(byWhom(last ? last->who : QString())));
    if (facts.isLast == false && approvals.missing == 1)
        return moved(GitLabText::tr("%1 approved it meanwhile: yours would be the last approval, %2 of %2, after which "
                                    "the deployment can start. Look at it again.")
                         .arg(byWhom(last ? last->who : QString()))
                         .arg(approvals.needed));
    if (facts.isLast == true && approvals.missing > 1)
        return moved(GitLabText::tr("Yours was shown as the last approval, but %n are missing by now. Look at it "
                                    "again.",
                                    nullptr, approvals.missing));
    return notYet();
}

// Before its job is played, a deployment's approvals are read again: GitLab plays none that waits for some.
QFuture<Result<bool>> isApproved(const Facts &facts, const Deployment &deployment)
{
    const auto last = lastDecision(deployment);
    if (last && !last->approves)
        return ready(Result<bool>(
            Error{ErrorKind::Conflict,
                  GitLabText::tr("%1 rejected it meanwhile: %2 was not started.").arg(byWhom(last->who), facts.name),
                  last->comment}));
    const Approvals approvals = approvalsOf(deployment);
    if (deployment.pending && approvals.missing > 0)
        return ready(
            Result<bool>(Error{ErrorKind::Conflict,
                               GitLabText::tr("%1; %2 was not started.").arg(approvalText(approvals), facts.name),
                               {}}));
    return notYet();
}

} // namespace

QFuture<Result<bool>> GitLabSteps::isPlayed(const Facts &facts, const StopToken &stop)
{
    return after(this, m_api.job(facts.project, facts.jobId(), stop), [=, this](const JobAnswer &job) {
        if (isWaiting(job)) {
            if (facts.deployment.isEmpty())
                return notYet();
            return after(this, m_api.deployment(facts.project, facts.deployment, stop),
                         [facts](const Deployment &deployment) { return isApproved(facts, deployment); });
        }
        if (facts.mayHaveStarted && job.job.state != RunState::Cancelled && job.job.state != RunState::Skipped)
            return ready(Result<bool>(true)); // servers before 17 start it with the last approval
        return moved(
            isEnded(job.job.state) && !job.job.startedAt.isValid()
                ? GitLabText::tr("%1 does not wait any more: %2.").arg(job.job.name, runStateLabel(job.job.state))
                : GitLabText::tr("Somebody was faster: %1 started %2.").arg(byWhom(job.user), job.job.name));
    });
}

QFuture<Result<bool>> GitLabSteps::isMade(const Facts &facts, const StopToken &stop)
{
    if (facts.kind == runRetried)
        return after(this, m_api.graph(facts.run, stop),
                     [facts](const QList<JobAnswer> &jobs) { return isRetried(facts, jobs); });
    if (facts.kind == jobRetried)
        return after(this, m_api.graph(facts.run, stop),
                     [facts](const QList<JobAnswer> &jobs) { return isOneRetried(facts, jobs); });
    if (facts.kind == runCancelled) {
        return after(this, m_api.pipeline(facts.run, stop), [facts](const PipelineAnswer &pipeline) {
            if (isEnded(pipeline.run.state))
                return moved(GitLabText::tr("Run %1 has ended meanwhile: %2.")
                                 .arg(facts.run.id, runStateLabel(pipeline.run.state)));
            return notYet();
        });
    }
    if (facts.kind == runMade) {
        if (facts.commit.isEmpty())
            return notYet();
        return after(this, m_api.tip(facts.project, facts.ref, facts.isTag, stop), [facts](const QString &tip) {
            if (tip != facts.commit)
                return moved(GitLabText::tr("%1 was moved to %2 meanwhile.").arg(facts.ref, tip.left(8)));
            return notYet();
        });
    }
    if (facts.kind == gateDecided)
        return after(this, m_api.deployment(facts.project, facts.deployment, stop),
                     [facts](const Deployment &deployment) { return isDecided(facts, deployment); });
    if (facts.kind == jobPlayed)
        return isPlayed(facts, stop);
    if (facts.kind == allApproved)
        return ready(Result<bool>(true)); // others do it: here it is only looked at
    return ready(
        Result<bool>(Error{ErrorKind::Internal, GitLabText::tr("This step is none of GitLab's."), facts.kind}));
}

QFuture<Result<Receipt>> GitLabSteps::execute(PlanStep step, StopToken stop)
{
    if (GitLabRedeploy::isOurs(step))
        return m_redeploy.execute(step, stop);
    const auto facts = factsOf(step);
    if (!facts)
        return ready(Result<Receipt>(facts.error()));
    return afterAny(this, isMade(*facts, stop), [=, this, known = *facts](const Result<bool> &made) {
        if (!made) {
            Error error = made.error();
            if (error.kind == ErrorKind::NotFound)
                error.kind = ErrorKind::Conflict; // it was there when the plan was made
            if (error.kind == ErrorKind::Protocol || error.kind == ErrorKind::TimedOut ||
                error.kind == ErrorKind::Cancelled)
                error.kind = ErrorKind::Unreachable; // nothing has left
            return ready(Result<Receipt>(error));
        }
        if (!*made)
            return call(step, known, stop);
        Receipt receipt;
        receipt.sentAt = receipt.acceptedAt = QDateTime::currentDateTimeUtc();
        receipt.state = "{}";
        return ready(Result<Receipt>(receipt));
    });
}

QFuture<Result<Receipt>> GitLabSteps::call(const PlanStep &step, const Facts &facts, const StopToken &stop)
{
    const QDateTime sentAt = QDateTime::currentDateTimeUtc();
    const auto answer = m_api.post(step.call.path.toLatin1(), step.call.body, step.title, stop);
    return afterAny(this, answer, [=, this](const Result<HttpResponse> &response) {
        if (!response)
            return explained(facts, response.error(), stop);
        if (response->status >= 300)
            return ready(Result<Receipt>(Error{
                ErrorKind::Refused,
                GitLabText::tr("GitLab sends us elsewhere: %1 may have been moved or renamed.").arg(facts.project),
                QString::fromUtf8(response->header("Location")).left(200)}));
        Receipt receipt;
        receipt.sentAt = sentAt;
        receipt.acceptedAt = response->receivedAt.isValid() ? response->receivedAt : QDateTime::currentDateTimeUtc();
        auto state = nlohmann::json::object();
        if (facts.kind == runMade) {
            const auto made = parsePipeline(response->body, facts.run.pipeline);
            if (made)
                state["made"] = made->id;
        }
        receipt.state = bytesOf(state);
        return ready(Result<Receipt>(receipt));
    });
}

// GitLab refuses what is otherwise by now with 400 or 403: only reading again tells that from a missing right.
QFuture<Result<Receipt>> GitLabSteps::explained(const Facts &facts, const Error &refusal, const StopToken &stop)
{
    const bool mayHaveMoved = refusal.kind == ErrorKind::Invalid || refusal.kind == ErrorKind::Forbidden ||
                              refusal.kind == ErrorKind::NotFound || refusal.kind == ErrorKind::Conflict;
    if (!mayHaveMoved)
        return ready(Result<Receipt>(refusal));
    return afterAny(this, isMade(facts, stop), [facts, refusal](const Result<bool> &made) {
        Error error = refusal;
        if (!made && made.error().kind == ErrorKind::Conflict)
            error = made.error();
        else if (made && *made) // between our look and our call
            error = {ErrorKind::Conflict,
                     GitLabText::tr("Somebody was faster: %1 has been started already.").arg(facts.name),
                     refusal.message};
        else if (error.kind == ErrorKind::Invalid)
            error.kind = ErrorKind::Refused;
        return ready(Result<Receipt>(error));
    });
}

QFuture<Result<Observation>> GitLabSteps::observe(PlanStep step, Receipt receipt, StopToken stop)
{
    if (GitLabRedeploy::isOurs(step))
        return m_redeploy.observe(step, receipt, stop);
    const auto facts = factsOf(step);
    if (!facts)
        return ready(Result<Observation>(facts.error()));
    return afterAny(this, look(*facts, receipt, stop), [](const Result<Observation> &observation) {
        if (observation || observation.error().kind != ErrorKind::NotFound)
            return ready(observation);
        return ready(Result<Observation>(
            seen(Observation::State::Failed, GitLabText::tr("it was deleted"), observation.error().message)));
    });
}

QFuture<Result<bool>> GitLabSteps::tookPlace(PlanStep step, StopToken stop)
{
    if (GitLabRedeploy::isOurs(step))
        return m_redeploy.tookPlace(step, stop);
    const auto parsed = factsOf(step);
    if (!parsed)
        return ready(Result<bool>(parsed.error()));
    const Facts facts = *parsed;
    const auto told = [](bool tookPlace) { return ready(Result<bool>(tookPlace)); };
    if (facts.kind == runCancelled) {
        return after(this, m_api.pipeline(facts.run, stop), [=](const PipelineAnswer &pipeline) {
            return told(pipeline.status == QLatin1String("canceled") || pipeline.status == QLatin1String("canceling"));
        });
    }
    if (facts.kind == runMade)
        return after(this, madeRun(facts, {}, stop), [=](qint64 id) { return told(id != 0); });
    if (facts.kind == gateDecided) {
        return after(this, m_api.deployment(facts.project, facts.deployment, stop), [=](const Deployment &deployment) {
            return told(hasDecided(deployment, facts.who, facts.approves));
        });
    }
    if (facts.kind == jobPlayed) {
        return after(this, m_api.job(facts.project, facts.jobId(), stop), [=](const JobAnswer &job) {
            if (isWaiting(job) || job.user == facts.who || facts.mayHaveStarted)
                return told(!isWaiting(job));
            return ready(Result<bool>(
                Error{ErrorKind::Conflict,
                      GitLabText::tr("Somebody was faster: %1 started %2.").arg(byWhom(job.user), job.job.name),
                      {}}));
        });
    }
    return after(this, look(facts, {}, stop), [=](const Observation &observation) {
        if (observation.state == Observation::State::Pending && !observation.blocker.isEmpty()) // of some, by whomever
            return ready(Result<bool>(Error{ErrorKind::OutcomeUnknown, observation.text + u'.', observation.blocker}));
        return told(observation.state == Observation::State::Effective);
    });
}

QFuture<Result<PlanStep>> GitLabSteps::reversal(Plan, QStringList, StopToken)
{
    return ready(Result<PlanStep>(
        Error{ErrorKind::Unsupported, GitLabText::tr("What a pipeline was told cannot be taken back by a call."), {}}));
}

} // namespace signalbox
