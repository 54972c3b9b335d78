#include "services/adapters/gitlab/gitlabsteps.h"

#include "services/adapters/gitlab/gitlabplans.h"
#include "services/adapters/gitlab/gitlabtext.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace signalbox
{

using namespace gitlab;

namespace
{

using FactsJson = nlohmann::json;

Observation seen(Observation::State state, const QString &text, const QString &blocker = {}, double progress = -1)
{
    return {state, text, blocker, progress, QDateTime::currentDateTimeUtc()};
}

Error conflict(const QString &sentence)
{
    return {ErrorKind::Conflict, sentence + u' ' + GitLabText::tr("Nothing was written."), {}};
}

QString byWhom(const QString &who)
{
    return who.isEmpty() ? GitLabText::tr("somebody") : who;
}

const JobAnswer *newestOf(const QList<JobAnswer> &jobs, const QString &name)
{
    const auto found =
        std::find_if(jobs.begin(), jobs.end(), [&](const JobAnswer &one) { return one.job.name == name; });
    return found == jobs.end() ? nullptr : &*found;
}

QString textIn(const FactsJson &json, const char *key)
{
    const auto found = json.find(key);
    return found != json.end() && found->is_string() ? QString::fromStdString(found->get<std::string>()) : QString();
}

} // namespace

struct GitLabSteps::Facts
{
    QString kind;
    QString project;
    RunRef run; // its id empty: the step is about none
    QList<qint64> failed;
    QString ref;
    bool isTag = false;
    QString commit; // empty: any
    qint64 lastId = 0;
    QString who; // we
    qint64 job = 0;
    QString name; // of the job
    QString deployment;
    bool approves = false;
    bool mayHaveStarted = false;
    QString jobId() const { return QString::number(job); }
};

Result<GitLabSteps::Facts> GitLabSteps::factsOf(const PlanStep &step)
{
    const QByteArray &data = step.expectation.data;
    const auto json = FactsJson::parse(data.begin(), data.end(), nullptr, false);
    if (!json.is_object() || textIn(json, "project").isEmpty())
        return Error{ErrorKind::Internal, GitLabText::tr("This step is none of GitLab's."), step.expectation.kind};
    Facts facts;
    facts.kind = step.expectation.kind;
    facts.project = textIn(json, "project");
    facts.run = {{step.call.connection, facts.project, {}}, textIn(json, "run")};
    if (json.contains("failed") && json["failed"].is_array()) {
        for (const FactsJson &id : json["failed"])
            facts.failed.append(id.is_number_integer() ? id.get<qint64>() : 0);
    }
    const auto number = [&json](const char *key) {
        return json.contains(key) && json[key].is_number_integer() ? json[key].get<qint64>() : qint64(0);
    };
    const auto flag = [&json](const char *key) { return json.contains(key) && json[key] == FactsJson(true); };
    facts.ref = textIn(json, "ref");
    facts.isTag = flag("isTag");
    facts.commit = textIn(json, "commit");
    facts.lastId = number("lastId");
    facts.who = textIn(json, "who");
    facts.job = number("job");
    facts.name = textIn(json, "name");
    facts.deployment = textIn(json, "deployment");
    facts.approves = flag("approves");
    facts.mayHaveStarted = flag("mayHaveStarted");
    return facts;
}

QFuture<Result<void>> GitLabSteps::dryRun(PlanStep, StopToken)
{
    return ready(Result<void>(Error{ErrorKind::Unsupported, GitLabText::tr("GitLab has no dry run."), {}}));
}

QFuture<Result<bool>> GitLabSteps::isMade(const PlanStep &step, const Facts &facts, const StopToken &stop)
{
    const auto no = [] { return ready(Result<bool>(false)); };
    const auto moved = [](const QString &sentence) { return ready(Result<bool>(conflict(sentence))); };
    if (facts.kind == runRetried) {
        return after(this, m_api.graph(facts.run, stop), [=](const QList<JobAnswer> &jobs) {
            for (const qint64 id : facts.failed) {
                const bool isNewest =
                    std::any_of(jobs.begin(), jobs.end(), [id](const JobAnswer &job) { return job.id == id; });
                if (!isNewest)
                    return moved(GitLabText::tr("Somebody was faster: jobs of run %1 were run again meanwhile.")
                                     .arg(facts.run.id));
            }
            return no();
        });
    }
    if (facts.kind == jobRetried) {
        return after(this, m_api.graph(facts.run, stop), [=](const QList<JobAnswer> &jobs) {
            const JobAnswer *newest = newestOf(jobs, facts.name);
            if (newest && newest->id != facts.job)
                return moved(GitLabText::tr("Somebody was faster: %1 ran %2 again (job %3).")
                                 .arg(byWhom(newest->user), facts.name, newest->job.id));
            return no();
        });
    }
    if (facts.kind == runCancelled) {
        return after(this, m_api.pipeline(facts.run, stop), [=](const PipelineAnswer &pipeline) {
            if (isEnded(pipeline.run.state))
                return moved(GitLabText::tr("Run %1 has ended meanwhile: %2.")
                                 .arg(facts.run.id, runStateLabel(pipeline.run.state)));
            return no();
        });
    }
    if (facts.kind == runMade) {
        if (facts.commit.isEmpty())
            return no();
        return after(this, m_api.tip(facts.project, facts.ref, facts.isTag, stop), [=](const QString &tip) {
            if (tip != facts.commit)
                return moved(GitLabText::tr("%1 was moved to %2 meanwhile.").arg(facts.ref, tip.left(8)));
            return no();
        });
    }
    if (facts.kind == gateDecided) {
        return after(this, m_api.deployment(facts.project, facts.deployment, stop), [=](const Deployment &deployment) {
            const auto last = lastDecision(deployment);
            const QString name = step.expectation.object.name;
            if (last && !last->approves)
                return moved(GitLabText::tr("Somebody was faster: %1 rejected it.").arg(byWhom(last->who)));
            if (!isWaiting(deployment))
                return moved(
                    last ? GitLabText::tr("Somebody was faster: %1 approved it, and it is %2 by now.")
                               .arg(byWhom(last->who), deployment.status)
                         : GitLabText::tr("It does not wait any more: the deployment is %1.").arg(deployment.status));
            if (hasDecided(deployment, facts.who, facts.approves))
                return moved(GitLabText::tr("You have approved it already; it takes others, too."));
            if (facts.approves && deployment.pending && *deployment.pending <= 0)
                return moved(GitLabText::tr("Somebody was faster: %1 gave the last approval.")
                                 .arg(byWhom(last ? last->who : QString())));
            return no();
        });
    }
    if (facts.kind == jobPlayed) {
        return after(this, m_api.job(facts.project, facts.jobId(), stop), [=](const JobAnswer &job) {
            if (isWaiting(job))
                return no();
            if (facts.mayHaveStarted && job.job.state != RunState::Cancelled && job.job.state != RunState::Skipped)
                return ready(Result<bool>(true)); // servers before 17 start it with the last approval
            return moved(
                isEnded(job.job.state) && !job.job.startedAt.isValid()
                    ? GitLabText::tr("%1 does not wait any more: %2.").arg(job.job.name, runStateLabel(job.job.state))
                    : GitLabText::tr("Somebody was faster: %1 started %2.").arg(byWhom(job.user), job.job.name));
        });
    }
    return ready(Result<bool>(
        Error{ErrorKind::Internal, GitLabText::tr("This step is none of GitLab's."), step.expectation.kind}));
}

QFuture<Result<Receipt>> GitLabSteps::execute(PlanStep step, StopToken stop)
{
    if (GitLabRedeploy::isOurs(step))
        return m_redeploy.execute(step, stop);
    const auto facts = factsOf(step);
    if (!facts)
        return ready(Result<Receipt>(facts.error()));
    return afterAny(this, isMade(step, *facts, stop), [=, this, known = *facts](const Result<bool> &made) {
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
            return explained(step, facts, response.error(), stop);
        if (response->status >= 300)
            return ready(Result<Receipt>(Error{
                ErrorKind::Refused,
                GitLabText::tr("GitLab sends us elsewhere: %1 may have been moved or renamed.").arg(facts.project),
                QString::fromUtf8(response->header("Location")).left(200)}));
        Receipt receipt;
        receipt.sentAt = sentAt;
        receipt.acceptedAt = response->receivedAt.isValid() ? response->receivedAt : QDateTime::currentDateTimeUtc();
        FactsJson state = FactsJson::object();
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
QFuture<Result<Receipt>> GitLabSteps::explained(const PlanStep &step, const Facts &facts, const Error &refusal,
                                                const StopToken &stop)
{
    const bool mayHaveMoved = refusal.kind == ErrorKind::Invalid || refusal.kind == ErrorKind::Forbidden ||
                              refusal.kind == ErrorKind::NotFound || refusal.kind == ErrorKind::Conflict;
    if (!mayHaveMoved)
        return ready(Result<Receipt>(refusal));
    return afterAny(this, isMade(step, facts, stop), [refusal](const Result<bool> &made) {
        Error error = refusal;
        if (!made && made.error().kind == ErrorKind::Conflict)
            error = made.error();
        else if (error.kind == ErrorKind::Invalid)
            error.kind = ErrorKind::Refused;
        return ready(Result<Receipt>(error));
    });
}

QFuture<Result<qint64>> GitLabSteps::madeRun(const Facts &facts, const Receipt &receipt, const StopToken &stop)
{
    const auto state = FactsJson::parse(receipt.state.begin(), receipt.state.end(), nullptr, false);
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

QFuture<Result<Observation>> GitLabSteps::look(const Facts &facts, const Receipt &receipt, const StopToken &stop)
{
    const auto told = [](const Observation &observation) { return ready(Result<Observation>(observation)); };
    if (facts.kind == runRetried || facts.kind == jobRetried) {
        return after(this, m_api.graph(facts.run, stop), [=](const QList<JobAnswer> &jobs) {
            if (facts.kind == jobRetried) {
                const JobAnswer *newest = newestOf(jobs, facts.name);
                if (!newest || newest->id <= facts.job)
                    return told(seen(Observation::State::Pending, GitLabText::tr("no new attempt yet")));
                return told(
                    seen(Observation::State::Effective,
                         GitLabText::tr("job %1 was made: %2").arg(newest->job.id, runStateLabel(newest->job.state))));
            }
            const auto isThere = [&jobs](qint64 id) {
                return std::any_of(jobs.begin(), jobs.end(), [id](const JobAnswer &job) { return job.id == id; });
            };
            const auto old = std::count_if(facts.failed.begin(), facts.failed.end(), isThere);
            const int made = static_cast<int>(facts.failed.size() - old);
            if (made == 0)
                return told(seen(Observation::State::Pending, GitLabText::tr("no new attempt yet")));
            return told(
                seen(Observation::State::Effective, GitLabText::tr("%1 of %n job(s) have a new attempt", nullptr,
                                                                   static_cast<int>(facts.failed.size()))
                                                        .arg(made)));
        });
    }
    if (facts.kind == runCancelled) {
        return after(this, m_api.pipeline(facts.run, stop), [=, this](const PipelineAnswer &pipeline) {
            const QString label = runStateLabel(pipeline.run.state);
            if (isEnded(pipeline.run.state))
                return told(pipeline.run.state == RunState::Cancelled
                                ? seen(Observation::State::Effective, label)
                                : seen(Observation::State::Failed, GitLabText::tr("it ended: %1").arg(label)));
            return after(this, m_api.graph(facts.run, stop), [=](const QList<JobAnswer> &jobs) {
                const auto left = std::count_if(jobs.begin(), jobs.end(), [](const JobAnswer &job) {
                    return isCancelable(job.status) || job.status == QLatin1String("canceling");
                });
                if (left > 0 || pipeline.status == QLatin1String("canceling"))
                    return told(seen(Observation::State::Pending,
                                     GitLabText::tr("%n job(s) still go on", nullptr, static_cast<int>(left))));
                return told(seen(Observation::State::Effective, GitLabText::tr("nothing of it goes on")));
            });
        });
    }
    if (facts.kind == runMade) {
        return after(this, madeRun(facts, receipt, stop), [=, this](qint64 id) {
            if (id == 0)
                return told(seen(Observation::State::Pending, GitLabText::tr("no new run yet")));
            const RunRef ref{facts.run.pipeline, QString::number(id)};
            return after(this, m_api.pipeline(ref, stop), [=](const PipelineAnswer &pipeline) {
                return told(seen(Observation::State::Effective,
                                 GitLabText::tr("run %1 was made: %2").arg(ref.id, runStateLabel(pipeline.run.state))));
            });
        });
    }
    if (facts.kind == gateDecided) {
        return after(this, m_api.deployment(facts.project, facts.deployment, stop), [=](const Deployment &deployment) {
            const auto last = lastDecision(deployment);
            if (facts.approves && last && !last->approves)
                return told(seen(Observation::State::Failed, GitLabText::tr("%1 rejected it").arg(byWhom(last->who)),
                                 last->comment));
            if (!hasDecided(deployment, facts.who, facts.approves))
                return told(seen(Observation::State::Pending, GitLabText::tr("GitLab does not show the decision yet")));
            if (facts.approves)
                return told(
                    seen(Observation::State::Effective,
                         deployment.pending.value_or(0) > 0
                             ? GitLabText::tr("approved; %n approval(s) are missing", nullptr, *deployment.pending)
                             : GitLabText::tr("approved")));
            if (isWaiting(deployment))
                return told(seen(Observation::State::Pending, GitLabText::tr("rejected, but the job still waits")));
            return told(seen(Observation::State::Effective, GitLabText::tr("rejected; the job will not run")));
        });
    }
    return after(this, m_api.job(facts.project, facts.jobId(), stop), [=](const JobAnswer &job) {
        const QString text = QStringLiteral("%1: %2").arg(job.job.name, runStateLabel(job.job.state));
        if (isWaiting(job))
            return told(seen(Observation::State::Pending, text));
        return told(seen(Observation::State::Effective, text, job.job.reason));
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
        return told(observation.state == Observation::State::Effective);
    });
}

QFuture<Result<PlanStep>> GitLabSteps::reversal(Plan, QStringList, StopToken)
{
    return ready(Result<PlanStep>(
        Error{ErrorKind::Unsupported, GitLabText::tr("What a pipeline was told cannot be taken back by a call."), {}}));
}

} // namespace signalbox
