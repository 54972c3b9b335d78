#include "services/adapters/gitlab/gitlabredeploy.h"

#include "services/adapters/gitlab/gitlabdeployments.h"
#include "services/adapters/gitlab/gitlabplans.h"
#include "services/adapters/gitlab/gitlabtext.h"
#include "services/pipelines/redeploytarget.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace signalbox
{

using namespace gitlab;

namespace
{

using RedeployJson = nlohmann::json;

Result<Observation> looked(Observation::State state, const QString &text, const QString &blocker = {})
{
    return Observation{state, text, blocker, state == Observation::State::Effective ? 1.0 : -1.0,
                       QDateTime::currentDateTimeUtc()};
}

Error movedError(const QString &sentence)
{
    return {ErrorKind::Conflict, sentence + u' ' + GitLabText::tr("Nothing was written."), {}};
}

QString wordIn(const RedeployJson &json, const char *key)
{
    const auto found = json.find(key);
    return found != json.end() && found->is_string() ? QString::fromStdString(found->get<std::string>()) : QString();
}

qint64 countIn(const RedeployJson &json, const char *key)
{
    const auto found = json.find(key);
    return found != json.end() && found->is_number_integer() ? found->get<qint64>() : 0;
}

// doc/ci/environments/deployment_safety.md: a project may refuse jobs that deploy older commits.
QString whyFailed(const EnvironmentDeployment &one)
{
    if (one.reason == QLatin1String("forward_deployment_failure") ||
        one.reason == QLatin1String("failed_outdated_deployment_job"))
        return GitLabText::tr(
            "The project refuses older deployments. A maintainer can allow \"job retries for rollback "
            "deployments\" in the settings of CI/CD.");
    return one.reason;
}

} // namespace

struct GitLabRedeploy::Facts
{
    QString project;
    QString environment;
    QString commit;
    RunRef run;
    qint64 job = 0; // its newest attempt when it was planned
    QString name;
    QString who;
    qint64 live = 0; // the deployment that was live
    qint64 last = 0; // the newest deployment there was
};

bool GitLabRedeploy::isOurs(const PlanStep &step)
{
    return step.expectation.kind == redeployed;
}

Result<GitLabRedeploy::Facts> GitLabRedeploy::factsOf(const PlanStep &step)
{
    const QByteArray &data = step.expectation.data;
    const auto json = RedeployJson::parse(data.begin(), data.end(), nullptr, false);
    if (!json.is_object() || wordIn(json, "project").isEmpty() || wordIn(json, "commit").isEmpty())
        return Error{ErrorKind::Internal, GitLabText::tr("This step is none of GitLab's."), step.expectation.kind};
    Facts facts;
    facts.project = wordIn(json, "project");
    facts.environment = wordIn(json, "environment");
    facts.commit = wordIn(json, "commit");
    facts.run = {{step.call.connection, facts.project, {}}, wordIn(json, "run")};
    facts.job = countIn(json, "job");
    facts.name = wordIn(json, "name");
    facts.who = wordIn(json, "who");
    facts.live = countIn(json, "live");
    facts.last = countIn(json, "last");
    return facts;
}

QFuture<Result<EnvironmentDeployments>> GitLabRedeploy::now(const Facts &facts, const StopToken &stop)
{
    const QByteArray query = "environment=" + encoded(facts.environment) + "&order_by=id&sort=desc";
    return after(this, m_api.deployments(facts.project, query, stop), [facts](const QList<Deployment> &answers) {
        return ready(Result<EnvironmentDeployments>(asDeployments(facts.run.pipeline, facts.environment, answers)));
    });
}

QFuture<Result<void>> GitLabRedeploy::asPlanned(const Facts &facts, const StopToken &stop)
{
    const auto graph = m_api.graph(facts.run, stop);
    return after(this, now(facts, stop), [=, this](const EnvironmentDeployments &known) {
        const EnvironmentDeployment *const live = known.live();
        if ((live ? live->id.toLongLong() : 0) != facts.live)
            return ready(Result<void>(movedError(
                live ? GitLabText::tr("Meanwhile %1 deployed %2 to %3.")
                           .arg(live->who, deployedText(*live), facts.environment)
                     : GitLabText::tr("Meanwhile the deployments of %1 were removed.").arg(facts.environment))));
        const EnvironmentDeployment *const last = known.all.isEmpty() ? nullptr : &known.all.first();
        if (last && last->id.toLongLong() != facts.last) // on its way, or failed: nobody saw it in the plan
            return ready(Result<void>(movedError(
                GitLabText::tr("Meanwhile %1 began deployment %2 of %3 to %4: %5.")
                    .arg(last->who, last->id, deployedText(*last), facts.environment, runStateLabel(last->state)))));
        return after(this, graph, [facts](const QList<JobAnswer> &jobs) {
            const JobAnswer *const newest = newestAttempt(jobs, facts.name);
            if (!newest || newest->id == facts.job)
                return ready(newest ? Result<void>()
                                    : Result<void>(movedError(
                                          GitLabText::tr("Job %1 of run %2 is gone.").arg(facts.name, facts.run.id))));
            return ready(Result<void>(movedError(GitLabText::tr("Somebody was faster: %1 ran %2 again (job %3).")
                                                     .arg(newest->user, facts.name, newest->job.id))));
        });
    });
}

QFuture<Result<Receipt>> GitLabRedeploy::execute(const PlanStep &step, const StopToken &stop)
{
    const auto facts = factsOf(step);
    if (!facts)
        return ready(Result<Receipt>(facts.error()));
    return afterAny(this, asPlanned(*facts, stop), [=, this, known = *facts](const Result<void> &fits) {
        if (fits)
            return call(step, known, stop);
        Error error = fits.error();
        if (error.kind == ErrorKind::NotFound)
            error.kind = ErrorKind::Conflict; // it was there when the plan was made
        if (error.kind == ErrorKind::Protocol || error.kind == ErrorKind::TimedOut ||
            error.kind == ErrorKind::Cancelled)
            error.kind = ErrorKind::Unreachable; // nothing has left
        return ready(Result<Receipt>(error));
    });
}

QFuture<Result<Receipt>> GitLabRedeploy::call(const PlanStep &step, const Facts &facts, const StopToken &stop)
{
    const QDateTime sentAt = QDateTime::currentDateTimeUtc();
    const auto answer = m_api.post(step.call.path.toLatin1(), step.call.body, step.title, stop);
    return afterAny(this, answer, [=, this](const Result<HttpResponse> &response) {
        if (response && response->status >= 300)
            return ready(Result<Receipt>(Error{
                ErrorKind::Refused,
                GitLabText::tr("GitLab sends us elsewhere: %1 may have been moved or renamed.").arg(facts.project),
                {}}));
        if (response) {
            Receipt receipt;
            receipt.sentAt = sentAt;
            receipt.acceptedAt =
                response->receivedAt.isValid() ? response->receivedAt : QDateTime::currentDateTimeUtc();
            const auto made = parseJob(response->body);
            receipt.state = bytesOf({{"job", made ? made->id : 0}});
            return ready(Result<Receipt>(receipt));
        }
        const Error refusal = response.error();
        const bool mayHaveMoved = refusal.kind == ErrorKind::Invalid || refusal.kind == ErrorKind::Forbidden ||
                                  refusal.kind == ErrorKind::NotFound || refusal.kind == ErrorKind::Conflict;
        if (!mayHaveMoved)
            return ready(Result<Receipt>(refusal));
        return afterAny(this, asPlanned(facts, stop), [refusal](const Result<void> &fits) {
            Error error = refusal;
            if (!fits && fits.error().kind == ErrorKind::Conflict)
                error = fits.error();
            else if (error.kind == ErrorKind::Invalid)
                error.kind = ErrorKind::Refused;
            return ready(Result<Receipt>(error));
        });
    });
}

QFuture<Result<Observation>> GitLabRedeploy::observe(const PlanStep &step, const Receipt &receipt,
                                                     const StopToken &stop)
{
    const auto facts = factsOf(step);
    if (!facts)
        return ready(Result<Observation>(facts.error()));
    const auto state = RedeployJson::parse(receipt.state.begin(), receipt.state.end(), nullptr, false);
    const qint64 made = state.is_object() ? countIn(state, "job") : 0;
    return after(this, now(*facts, stop), [made, known = *facts](const EnvironmentDeployments &told) {
        const auto found = std::find_if(told.all.begin(), told.all.end(), [&](const EnvironmentDeployment &one) {
            return made > 0 ? one.job.toLongLong() == made
                            : one.id.toLongLong() > known.last && one.commit == known.commit;
        });
        if (found == told.all.end())
            return ready(looked(Observation::State::Pending,
                                GitLabText::tr("GitLab shows no new deployment to %1 yet").arg(known.environment)));
        const QString text =
            GitLabText::tr("deployment %1 to %2: %3").arg(found->id, known.environment, runStateLabel(found->state));
        if (found->state == RunState::Passed) {
            const EnvironmentDeployment *const live = told.live();
            if (live && live->commit == known.commit)
                return ready(
                    looked(Observation::State::Effective, GitLabText::tr("%1 is live in %2: deployment %3")
                                                              .arg(deployedText(*live), known.environment, live->id)));
            return ready(looked(Observation::State::Failed, text,
                                live ? GitLabText::tr("%1 deployed %2 after it.").arg(live->who, deployedText(*live))
                                     : QString()));
        }
        if (found->state == RunState::Waiting)
            return ready(looked(Observation::State::Pending, text,
                                GitLabText::tr("It waits for people: approve it among the gates.")));
        return ready(isEnded(found->state) ? looked(Observation::State::Failed, text, whyFailed(*found))
                                           : looked(Observation::State::Pending, text));
    });
}

QFuture<Result<bool>> GitLabRedeploy::tookPlace(const PlanStep &step, const StopToken &stop)
{
    const auto facts = factsOf(step);
    if (!facts)
        return ready(Result<bool>(facts.error()));
    return after(this, m_api.graph(facts->run, stop), [known = *facts](const QList<JobAnswer> &jobs) {
        const JobAnswer *const newest = newestAttempt(jobs, known.name);
        if (!newest || newest->id <= known.job)
            return ready(Result<bool>(false));
        if (!newest->user.isEmpty() && !known.who.isEmpty() && newest->user != known.who)
            return ready(Result<bool>(Error{ErrorKind::Conflict,
                                            GitLabText::tr("Somebody was faster: %1 ran %2 again (job %3).")
                                                .arg(newest->user, known.name, newest->job.id),
                                            {}}));
        return ready(Result<bool>(true));
    });
}

} // namespace signalbox
