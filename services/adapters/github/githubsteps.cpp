#include "services/adapters/github/githubsteps.h"

#include "services/adapters/github/githubfields.h"

#include <algorithm>

namespace signalbox::github
{

namespace
{

Error notOurs()
{
    return {ErrorKind::Internal, GitHubText::tr("This step is none of GitHub's."), {}};
}

Error conflict(const QString &text)
{
    return {ErrorKind::Conflict, text, {}};
}

Observation seen(Observation::State state, const QString &text, const QString &blocker = {})
{
    Observation one;
    one.state = state;
    one.text = text;
    one.blocker = blocker;
    one.at = QDateTime::currentDateTimeUtc();
    if (state == Observation::State::Effective)
        one.progress = 1;
    return one;
}

Result<Observation> effective(const QString &text)
{
    return seen(Observation::State::Effective, text);
}
Result<Observation> waiting(const QString &text, const QString &blocker)
{
    return seen(Observation::State::Pending, text, blocker);
}
Result<Observation> missed(const QString &text, const QString &blocker = {})
{
    return seen(Observation::State::Failed, text, blocker);
}

QString decisionText(const Review &review)
{
    return review.state == QLatin1String("approved")
               ? GitHubText::tr("%1 approved it: %2").arg(review.who, review.comment)
               : GitHubText::tr("%1 rejected it: %2").arg(review.who, review.comment);
}

bool isOurs(const Errand &errand, const Review &review)
{
    const bool isState = review.state == (errand.approves ? QLatin1String("approved") : QLatin1String("rejected"));
    return isState && (errand.who.isEmpty() || review.who == errand.who);
}

Error fasterDecision(const Errand &errand, const QList<Review> &since)
{
    return conflict(
        since.isEmpty()
            ? GitHubText::tr("%1 no longer waits for a decision, and GitHub does not say who decided. "
                             "Look at the run.")
                  .arg(errand.title)
            : GitHubText::tr("Somebody was faster at %1. %2").arg(errand.title, decisionText(since.constFirst())));
}

Error fasterAttempt(const RunSaid &run)
{
    return conflict(GitHubText::tr("%1 ran it again already: attempt %2 is %3.")
                        .arg(run.who)
                        .arg(run.run.attempt)
                        .arg(runStateLabel(run.run.state)));
}

// What is wrong with the run as it is now; none: as planned.
std::optional<Error> wrongRun(const Errand &errand, const RunSaid &run)
{
    if (run.run.attempt != errand.attempt)
        return fasterAttempt(run);
    if (errand.kind == Errand::Kind::Cancel && run.isCompleted)
        return conflict(GitHubText::tr("It has ended by itself: %1.").arg(runStateLabel(run.run.state)));
    if (isRerun(errand.kind) && !run.isCompleted)
        return conflict(GitHubText::tr("It is on: %1.").arg(runStateLabel(run.run.state)));
    return std::nullopt;
}

} // namespace

GitHubSteps::GitHubSteps(GitHubClient &client)
    : m_client(client)
    , m_redeploy(client)
{}

QFuture<Result<void>> GitHubSteps::dryRun(PlanStep, StopToken)
{
    return ready(Result<void>(Error{ErrorKind::Unsupported, GitHubText::tr("GitHub has no dry run."), {}}));
}

// ---- the call

QFuture<Result<void>> GitHubSteps::asPlanned(const Errand &errand, const StopToken &stop)
{
    if (errand.kind == Errand::Kind::Trigger)
        return ready(Result<void>());
    if (errand.kind == Errand::Kind::Gate) {
        return after(&m_client, gateNow(errand, stop), [errand](const GateNow &now) {
            // A decision since then was on what was shown; what waits now under that name is the next job's.
            if (!now.isPending || !now.since.isEmpty())
                return ready(Result<void>(fasterDecision(errand, now.since)));
            const auto wrong = wrongRun(errand, now.run);
            return ready(wrong ? Result<void>(*wrong) : Result<void>());
        });
    }
    return after(&m_client, m_client.run(errand.runRef(m_client.connection()), stop), [errand](const RunSaid &run) {
        const auto wrong = wrongRun(errand, run);
        return ready(wrong ? Result<void>(*wrong) : Result<void>());
    });
}

QFuture<Result<Receipt>> GitHubSteps::execute(PlanStep step, StopToken stop)
{
    if (const auto back = redeployErrandOf(step))
        return m_redeploy.execute(step, *back, stop);
    const auto errand = errandOf(step);
    if (!errand)
        return ready(Result<Receipt>(notOurs()));
    return afterAny(&m_client, asPlanned(*errand, stop), [=, this, one = *errand](const Result<void> &fits) {
        if (!fits)
            return ready(Result<Receipt>(fits.error()));
        return call(step, one, stop);
    });
}

QFuture<Result<Receipt>> GitHubSteps::call(const PlanStep &step, const Errand &errand, const StopToken &stop)
{
    RestClient::Ask ask;
    ask.method = step.call.method.toLatin1();
    ask.target = step.call.path.toLatin1();
    ask.body = step.call.body;
    ask.contentType = step.call.contentType.toLatin1();
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
            if (const QString run = startedRunOf(response->body); !run.isEmpty())
                receipt.state = QByteArray::fromStdString(Json{{"run", run.toStdString()}}.dump());
            return ready(Result<Receipt>(receipt));
        }
        const Error error = response.error();
        const bool isRefusal = error.kind == ErrorKind::Invalid || error.kind == ErrorKind::Forbidden ||
                               error.kind == ErrorKind::Conflict || error.kind == ErrorKind::NotFound;
        if (!isRefusal || errand.kind == Errand::Kind::Trigger)
            return ready(Result<Receipt>(error));
        // Refused: is it that the world moved between our look and the call?
        return afterAny(&m_client, asPlanned(errand, stop), [error](const Result<void> &fits) {
            const bool isMoved = !fits && fits.error().kind == ErrorKind::Conflict;
            return ready(Result<Receipt>(isMoved ? fits.error() : error));
        });
    });
}

// ---- what became of it

QFuture<Result<GitHubSteps::GateNow>> GitHubSteps::gateNow(const Errand &errand, const StopToken &stop)
{
    const RunRef ref = errand.runRef(m_client.connection());
    return after(&m_client, m_client.run(ref, stop), [=, this](const RunSaid &run) {
        return after(&m_client, m_client.pending(ref, stop), [=, this](const QList<Pending> &pending) {
            return after(&m_client, m_client.reviews(ref, stop), [=](const QList<Review> &reviews) {
                GateNow now;
                now.run = run;
                now.isPending = std::any_of(pending.begin(), pending.end(),
                                            [&errand](const Pending &one) { return one.environmentId == errand.gate; });
                now.since = newReviews(errand, reviews);
                return ready(Result<GateNow>(now));
            });
        });
    });
}

QFuture<Result<QList<RunSaid>>> GitHubSteps::started(const Errand &errand, const StopToken &stop)
{
    QByteArray query = "event=workflow_dispatch&per_page=50";
    if (!errand.who.isEmpty())
        query += "&actor=" + QUrl::toPercentEncoding(errand.who);
    if (errand.since.isValid())
        query += "&created=" + QUrl::toPercentEncoding(QStringLiteral(">=") + errand.since.toString(Qt::ISODate));
    const PipelineRef pipeline{m_client.connection(), errand.project, errand.pipeline};
    return after(&m_client, m_client.runs(pipeline, query, stop), [errand](const GitHubClient::RunsSaid &said) {
        QList<RunSaid> ours;
        for (const RunSaid &one : said.runs) {
            if (one.run.ref.id.toLongLong() > errand.newest && one.run.branch == errand.ref &&
                (errand.who.isEmpty() || one.who == errand.who))
                ours.prepend(one);
        }
        std::sort(ours.begin(), ours.end(), [](const RunSaid &a, const RunSaid &b) {
            return a.run.ref.id.toLongLong() < b.run.ref.id.toLongLong();
        });
        return ready(Result<QList<RunSaid>>(ours));
    });
}

// The new attempt has it, under another id.
GitHubSteps::Seen GitHubSteps::observeJob(const Errand &errand, const RunSaid &run, const StopToken &stop)
{
    const int attempt = run.run.attempt;
    return after(&m_client, m_client.jobs(run.run.ref, stop), [errand, attempt](const QList<JobSaid> &jobs) {
        const auto again = std::find_if(jobs.begin(), jobs.end(), [&errand](const JobSaid &one) {
            return one.job.name == errand.jobName && one.job.id != errand.job && one.job.attempt > errand.attempt;
        });
        if (again == jobs.end())
            return ready(waiting(GitHubText::tr("attempt %1 is there, without %2 yet").arg(attempt).arg(errand.jobName),
                                 GitHubText::tr("GitHub lists a job when it can begin.")));
        return ready(effective(GitHubText::tr("attempt %1 is there; %2: %3")
                                   .arg(attempt)
                                   .arg(errand.jobName, runStateLabel(again->job.state))));
    });
}

GitHubSteps::Seen GitHubSteps::observeRun(const Errand &errand, const StopToken &stop)
{
    return after(&m_client, m_client.run(errand.runRef(m_client.connection()), stop), [=, this](const RunSaid &run) {
        const QString state = runStateLabel(run.run.state);
        if (errand.kind != Errand::Kind::Cancel) {
            if (run.run.attempt <= errand.attempt)
                return ready(waiting(GitHubText::tr("attempt %1 is still the last").arg(run.run.attempt),
                                     GitHubText::tr("GitHub has not begun the new attempt.")));
            if (errand.kind == Errand::Kind::RerunJob)
                return observeJob(errand, run, stop);
            return ready(effective(GitHubText::tr("attempt %1 is there: %2").arg(run.run.attempt).arg(state)));
        }
        if (run.run.attempt != errand.attempt)
            return ready(effective(
                GitHubText::tr("it ended, and %1 ran it again: attempt %2").arg(run.who).arg(run.run.attempt)));
        if (!run.isCompleted)
            return ready(waiting(GitHubText::tr("it is still on: %1").arg(state),
                                 GitHubText::tr("A job may take minutes to stop; one that always runs its last steps "
                                                "is ended by GitHub after five.")));
        if (run.run.state == RunState::Cancelled)
            return ready(effective(GitHubText::tr("it ended: %1").arg(state)));
        return ready(missed(GitHubText::tr("It ended by itself before the request reached it: %1.").arg(state)));
    });
}

GitHubSteps::Seen GitHubSteps::observeTrigger(const Errand &errand, const QString &run, const StopToken &stop)
{
    const auto there = [errand](const RunSaid &one) {
        if (!errand.shown.isEmpty() && !one.run.commit.isEmpty() && one.run.commit != errand.shown)
            return missed(GitHubText::tr("run %1 is there, but runs commit %2, not %3 which was shown")
                              .arg(one.run.number, one.run.commit.left(8), errand.shown.left(8)),
                          GitHubText::tr("%1 was moved meanwhile. Cancel the run where that is not what you want.")
                              .arg(errand.ref));
        return effective(GitHubText::tr("run %1 is there: %2").arg(one.run.number, runStateLabel(one.run.state)));
    };
    const auto notYet = [] {
        return waiting(GitHubText::tr("accepted; the run is not on the list yet"),
                       GitHubText::tr("GitHub does not say which run a trigger started: it is looked for by workflow, "
                                      "branch, user and time."));
    };
    if (!run.isEmpty()) {
        const RunRef ref{{m_client.connection(), errand.project, errand.pipeline}, run};
        return afterAny(&m_client, m_client.run(ref, stop), [=](const Result<RunSaid> &one) {
            if (!one && one.error().kind == ErrorKind::NotFound)
                return ready(notYet());
            return ready(one ? there(*one) : Result<Observation>(one.error()));
        });
    }
    return after(&m_client, started(errand, stop), [=](const QList<RunSaid> &ours) {
        return ready(ours.isEmpty() ? notYet() : there(ours.constFirst()));
    });
}

GitHubSteps::Seen GitHubSteps::observeGate(const Errand &errand, const StopToken &stop)
{
    return after(&m_client, gateNow(errand, stop), [errand](const GateNow &now) {
        const QString state = runStateLabel(now.run.run.state);
        const auto ours = std::find_if(now.since.begin(), now.since.end(),
                                       [&errand](const Review &one) { return isOurs(errand, one); });
        if (ours == now.since.end()) {
            if (!now.since.isEmpty())
                return ready(missed(fasterDecision(errand, now.since).message));
            return ready(waiting(GitHubText::tr("the decision is not on GitHub's list yet"), {}));
        }
        if (now.isPending)
            return ready(waiting(decisionText(*ours), GitHubText::tr("GitHub still lists %1 as waiting: its timer, or "
                                                                     "another rule.")
                                                          .arg(errand.title)));
        if (!errand.approves && !now.run.isCompleted)
            return ready(effective(GitHubText::tr("rejected; what does not need %1 goes on").arg(errand.title)));
        return ready(effective(GitHubText::tr("decided; the run: %1").arg(state)));
    });
}

QFuture<Result<Observation>> GitHubSteps::observe(PlanStep step, Receipt receipt, StopToken stop)
{
    if (const auto back = redeployErrandOf(step))
        return m_redeploy.observe(*back, stop);
    const auto errand = errandOf(step);
    if (!errand)
        return ready(Result<Observation>(notOurs()));
    if (errand->kind == Errand::Kind::Gate)
        return observeGate(*errand, stop);
    if (errand->kind == Errand::Kind::Trigger) {
        const Json state = Json::parse(receipt.state.constBegin(), receipt.state.constEnd(), nullptr, false);
        return observeTrigger(*errand, textOf(state, "run"), stop);
    }
    return observeRun(*errand, stop);
}

QFuture<Result<bool>> GitHubSteps::tookPlace(PlanStep step, StopToken stop)
{
    if (const auto back = redeployErrandOf(step))
        return m_redeploy.tookPlace(*back, stop);
    const auto errand = errandOf(step);
    if (!errand)
        return ready(Result<bool>(notOurs()));
    const Errand one = *errand;
    if (one.kind == Errand::Kind::Trigger) {
        return after(&m_client, started(one, stop),
                     [](const QList<RunSaid> &ours) { return ready(Result<bool>(!ours.isEmpty())); });
    }
    if (one.kind == Errand::Kind::Gate) {
        return after(&m_client, gateNow(one, stop), [one](const GateNow &now) {
            if (std::any_of(now.since.begin(), now.since.end(),
                            [&](const Review &review) { return isOurs(one, review); }))
                return ready(Result<bool>(true));
            return ready(now.isPending ? Result<bool>(false) : Result<bool>(fasterDecision(one, now.since)));
        });
    }
    return after(&m_client, m_client.run(one.runRef(m_client.connection()), stop), [one](const RunSaid &run) {
        if (one.kind != Errand::Kind::Cancel) {
            if (run.run.attempt <= one.attempt)
                return ready(Result<bool>(false));
            const bool isOther = !one.who.isEmpty() && !run.who.isEmpty() && run.who != one.who;
            return ready(isOther ? Result<bool>(fasterAttempt(run)) : Result<bool>(true));
        }
        if (run.run.attempt != one.attempt || run.isCompleted)
            return ready(Result<bool>(run.run.attempt == one.attempt && run.run.state == RunState::Cancelled));
        return ready(
            Result<bool>(Error{ErrorKind::OutcomeUnknown,
                               GitHubText::tr("The run is on. GitHub does not say whether it was asked to stop."),
                               {}}));
    });
}

QFuture<Result<PlanStep>> GitHubSteps::reversal(Plan, QStringList, StopToken)
{
    return ready(Result<PlanStep>(
        Error{ErrorKind::Unsupported, GitHubText::tr("What a run did cannot be taken back by GitHub."), {}}));
}

} // namespace signalbox::github
