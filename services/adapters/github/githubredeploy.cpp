#include "services/adapters/github/githubredeploy.h"

#include "services/adapters/github/githubtext.h"
#include "services/pipelines/redeploytarget.h"

#include <algorithm>

namespace signalbox::github
{

namespace
{

constexpr int newestFew = 15; // as the plan saw

Result<Observation> sight(Observation::State state, const QString &text, const QString &blocker = {})
{
    return Observation{state, text, blocker, state == Observation::State::Effective ? 1.0 : -1.0,
                       QDateTime::currentDateTimeUtc()};
}

Error ranAlready(const RunSaid &run)
{
    return {ErrorKind::Conflict,
            GitHubText::tr("%1 ran it again already: attempt %2 is %3.")
                .arg(run.who)
                .arg(run.run.attempt)
                .arg(runStateLabel(run.run.state)),
            {}};
}

// GitHub Docs, "Re-running workflows and jobs": within 30 days. The API says so with 403.
bool saysTooOld(const Error &error)
{
    return (error.message + error.detail).contains(QLatin1String("over a month ago"));
}

} // namespace

QFuture<Result<void>> GitHubRedeploy::asPlanned(const RedeployErrand &errand, const StopToken &stop)
{
    GitHubClient *from = &m_client;
    const auto listed = readDeployments(m_client, errand.project, errand.environment, newestFew, stop);
    return after(from, m_client.run(errand.runRef(m_client.connection()), stop), [=](const RunSaid &run) {
        if (run.run.attempt != errand.attempt)
            return ready(Result<void>(ranAlready(run)));
        if (!run.isCompleted)
            return ready(Result<void>(
                Error{ErrorKind::Conflict, GitHubText::tr("It is on: %1.").arg(runStateLabel(run.run.state)), {}}));
        return after(from, listed, [errand](const EnvironmentDeployments &known) {
            const EnvironmentDeployment *const live = known.live();
            const bool isSameLive = (live ? live->id.toLongLong() : 0) == errand.live;
            const EnvironmentDeployment *const newest = known.all.isEmpty() ? nullptr : &known.all.first();
            if (isSameLive && (newest ? newest->id.toLongLong() : 0) == errand.last)
                return ready(Result<void>());
            if (isSameLive && newest) // on its way, or failed: it would come after ours, or ours undo it unseen
                return ready(Result<void>(
                    Error{ErrorKind::Conflict,
                          GitHubText::tr("Meanwhile %1 began deployment %2 of %3 to %4: %5. Nothing was written.")
                              .arg(newest->who, newest->id, deployedText(*newest), errand.environment,
                                   runStateLabel(newest->state)),
                          {}}));
            return ready(Result<void>(
                Error{ErrorKind::Conflict,
                      live ? GitHubText::tr("Meanwhile %1 deployed %2 to %3. Nothing was written.")
                                 .arg(live->who, deployedText(*live), errand.environment)
                           : GitHubText::tr("Meanwhile the deployments of %1 were removed. Nothing was written.")
                                 .arg(errand.environment),
                      {}}));
        });
    });
}

QFuture<Result<Receipt>> GitHubRedeploy::execute(const PlanStep &step, const RedeployErrand &errand,
                                                 const StopToken &stop)
{
    return afterAny(&m_client, asPlanned(errand, stop), [=, this](const Result<void> &fits) {
        return fits ? call(step, errand, stop) : ready(Result<Receipt>(fits.error()));
    });
}

QFuture<Result<Receipt>> GitHubRedeploy::call(const PlanStep &step, const RedeployErrand &errand, const StopToken &stop)
{
    RestClient::Ask ask;
    ask.method = step.call.method.toLatin1();
    ask.target = step.call.path.toLatin1();
    ask.what = step.title;
    ask.headers = {{"Accept", "application/vnd.github+json"}};
    const QDateTime sentAt = QDateTime::currentDateTimeUtc();
    return afterAny(&m_client, m_client.rest().send(ask, stop), [=, this](const Result<HttpResponse> &response) {
        if (response) {
            if (const auto moved = sentElsewhere(*response, errand.project))
                return ready(Result<Receipt>(*moved));
            Receipt receipt;
            receipt.sentAt = sentAt;
            receipt.acceptedAt = response->receivedAt;
            return ready(Result<Receipt>(receipt));
        }
        const Error error = response.error();
        if (saysTooOld(error))
            return ready(Result<Receipt>(
                Error{ErrorKind::Refused,
                      GitHubText::tr("GitHub runs nothing again 30 days after its first run. Start a new run of that "
                                     "tag or branch."),
                      error.detail}));
        const bool isRefusal = error.kind == ErrorKind::Invalid || error.kind == ErrorKind::Forbidden ||
                               error.kind == ErrorKind::Conflict || error.kind == ErrorKind::NotFound;
        if (!isRefusal)
            return ready(Result<Receipt>(error));
        // Refused: is it that the world moved between our look and the call?
        return afterAny(&m_client, asPlanned(errand, stop), [error](const Result<void> &fits) {
            const bool isMoved = !fits && fits.error().kind == ErrorKind::Conflict;
            return ready(Result<Receipt>(isMoved ? fits.error() : error));
        });
    });
}

QFuture<Result<Observation>> GitHubRedeploy::observe(const RedeployErrand &errand, const StopToken &stop)
{
    GitHubClient *from = &m_client;
    const auto listed = readDeployments(m_client, errand.project, errand.environment, newestFew, stop);
    return after(from, m_client.run(errand.runRef(m_client.connection()), stop), [=](const RunSaid &run) {
        return after(from, listed, [=](const EnvironmentDeployments &told) {
            using State = Observation::State;
            const auto found = std::find_if(told.all.begin(), told.all.end(), [&](const EnvironmentDeployment &one) {
                return one.id.toLongLong() > errand.last && one.commit == errand.commit;
            });
            const QString gate =
                GitHubText::tr("It waits for a rule of %1: approve it among the gates.").arg(errand.environment);
            const bool waits = run.run.state == RunState::Waiting;
            if (found == told.all.end()) {
                if (run.run.attempt <= errand.attempt)
                    return ready(
                        sight(State::Pending, GitHubText::tr("attempt %1 is still the last").arg(run.run.attempt)));
                const QString text = GitHubText::tr("attempt %1 of the run: %2; no new deployment to %3")
                                         .arg(run.run.attempt)
                                         .arg(runStateLabel(run.run.state), errand.environment);
                return ready(run.isCompleted ? sight(State::Failed, text)
                                             : sight(State::Pending, text, waits ? gate : QString()));
            }
            const QString text = GitHubText::tr("deployment %1 to %2: %3")
                                     .arg(found->id, errand.environment, runStateLabel(found->state));
            if (found->state == RunState::Passed) {
                const EnvironmentDeployment *const live = told.live();
                if (live && live->commit == errand.commit)
                    return ready(sight(State::Effective, GitHubText::tr("%1 is live in %2: deployment %3")
                                                             .arg(deployedText(*live), errand.environment, live->id)));
                return ready(sight(State::Failed, text,
                                   live ? GitHubText::tr("%1 deployed %2 after it.").arg(live->who, deployedText(*live))
                                        : QString()));
            }
            // The job may end without a last word of its deployment: the run's end is the end.
            if (isEnded(found->state) || run.isCompleted)
                return ready(sight(State::Failed, text, found->reason));
            return ready(sight(State::Pending, text, waits || found->state == RunState::Waiting ? gate : QString()));
        });
    });
}

QFuture<Result<bool>> GitHubRedeploy::tookPlace(const RedeployErrand &errand, const StopToken &stop)
{
    return after(&m_client, m_client.run(errand.runRef(m_client.connection()), stop), [errand](const RunSaid &run) {
        if (run.run.attempt <= errand.attempt)
            return ready(Result<bool>(false));
        const bool isOther = !errand.who.isEmpty() && !run.who.isEmpty() && run.who != errand.who;
        return ready(isOther ? Result<bool>(ranAlready(run)) : Result<bool>(true));
    });
}

} // namespace signalbox::github
