#include "services/adapters/jenkins/jenkinssteps.h"

#include "services/adapters/jenkins/jenkinsjson.h"
#include "services/adapters/jenkins/jenkinsplace.h"
#include "services/async/chain.h"

#include <QRegularExpression>

#include <algorithm>

// The calls themselves, and whether one took place whose answer was lost.
namespace signalbox::jenkins
{

namespace
{

Error notOurs()
{
    return {ErrorKind::Invalid, JenkinsText::tr("This is no step of a Jenkins."), {}};
}

Error cannotTell(const QString &sentence)
{
    return {ErrorKind::OutcomeUnknown, sentence, {}};
}

// Location: "https://ci/queue/item/123/".
QByteArray receiptState(const HttpResponse &response)
{
    static const QRegularExpression item(QStringLiteral("/queue/item/(\\d+)/?$"));
    const auto match = item.match(QString::fromLatin1(response.header("Location")));
    if (!match.hasMatch())
        return {};
    return QByteArray::fromStdString(Json{{"queue", match.captured(1).toLongLong()}}.dump());
}

} // namespace

JenkinsSteps::JenkinsSteps(JenkinsClient &client)
    : m_client(client)
{}

QFuture<Result<void>> JenkinsSteps::dryRun(PlanStep, StopToken)
{
    return ready(Result<void>(Error{ErrorKind::Unsupported, JenkinsText::tr("Jenkins has no dry run."), {}}));
}

QFuture<Result<Receipt>> JenkinsSteps::execute(PlanStep step, StopToken stop)
{
    const auto one = commissionOf(step.expectation);
    if (!one)
        return ready(Result<Receipt>(notOurs()));
    if (one->kind != Commission::Kind::Decide)
        return send(step, *one, stop);
    // Two gates with the same words have one id: the press is for the one that was shown, not for the next.
    return after(this, m_client.run(one->project, one->run, stop), [=, this, one = *one](const SeenRun &run) {
        if (isDecidedSince(run.decisions, one))
            return judgedRefusal(one, Error{ErrorKind::NotFound, {}, {}}, stop);
        return send(step, one, stop);
    });
}

QFuture<Result<Receipt>> JenkinsSteps::send(const PlanStep &step, const Commission &one, const StopToken &stop)
{
    const QDateTime sentAt = QDateTime::currentDateTimeUtc();
    const auto sent = m_client.post(step.call.path.toLatin1(), step.call.body, step.title, stop);
    return afterAny(this, sent, [=, this](const Result<HttpResponse> &response) {
        if (!response)
            return judgedRefusal(one, response.error(), stop);
        Receipt receipt;
        receipt.sentAt = sentAt;
        receipt.acceptedAt = QDateTime::currentDateTimeUtc();
        receipt.state = receiptState(*response);
        return ready(Result<Receipt>(receipt));
    });
}

// An input that is settled is gone: 404, 400 "already given" in the moment between, 500 of wfapi. The run tells by
// whom.
QFuture<Result<Receipt>> JenkinsSteps::judgedRefusal(const Commission &one, const Error &refusal, const StopToken &stop)
{
    const bool mayBeSettled = refusal.kind == ErrorKind::NotFound || isSettled(refusal);
    if (one.kind != Commission::Kind::Decide || !mayBeSettled)
        return ready(Result<Receipt>(refusal));
    return afterAny(this, m_client.run(one.project, one.run, stop), [=](const Result<SeenRun> &run) {
        if (!run) // deleted, or out of reach: then what was said stands
            return ready(Result<Receipt>(isSettled(refusal) ? refusal : run.error()));
        Error conflict{ErrorKind::Conflict, {}, {}};
        const QList<GivenDecision> &all = run->decisions;
        conflict.message =
            all.isEmpty() || (all.last().approves && all.size() <= one.approvals)
                ? JenkinsText::tr("The gate of run %1 waits no more; Jenkins does not say who decided.").arg(one.run)
                : JenkinsText::tr("Somebody was faster: the gate of run %1 was %2.")
                      .arg(one.run, decisionText(all.last()));
        return ready(Result<Receipt>(conflict));
    });
}

// ---- after a lost answer, or a crash

QFuture<Result<JenkinsSteps::Begun>> JenkinsSteps::begun(const Commission &one, const StopToken &stop)
{
    const PipelineRef ref = m_client.pipeline(one.project);
    RestClient::Ask runs =
        JenkinsClient::tree(jobPath(one.project), runsTree(0, 30), JenkinsText::tr("the runs of %1").arg(one.project));
    RestClient::Ask queue =
        JenkinsClient::tree("/queue", "items[" + queueTree() + ']', JenkinsText::tr("what waits in the queue"));
    runs.useEtag = queue.useEtag = false;
    const auto answer = m_client.rest().read(runs, stop, [ref, page = m_client.page()](const HttpResponse &response) {
        return parseRuns(response.body, ref, page);
    });
    return after(this, answer, [=, this](const SeenRuns &seen) {
        const auto waiting = m_client.rest().read(
            queue, stop, [ref](const HttpResponse &response) { return parseQueue(response.body, ref); });
        return after(this, waiting, [=](const QList<QueueItem> &items) {
            Begun told;
            told.queue = items;
            for (const SeenRun &run : seen.runs) {
                if (run.run.ref.id.toLongLong() >= one.after)
                    told.runs.append(run);
            }
            return ready(Result<Begun>(told));
        });
    });
}

QFuture<Result<bool>> JenkinsSteps::tookPlace(PlanStep step, StopToken stop)
{
    const auto found = commissionOf(step.expectation);
    if (!found)
        return ready(Result<bool>(notOurs()));
    const Commission one = *found;
    switch (one.kind) {
    case Commission::Kind::Start:
        return after(this, begun(one, stop), [one](const Begun &told) {
            if (told.runs.isEmpty() && told.queue.isEmpty())
                return ready(Result<bool>(false));
            if (one.who.isEmpty())
                return ready(Result<bool>(
                    cannotTell(JenkinsText::tr("There is a new run of %1; whether we started it Jenkins does not say.")
                                   .arg(one.project))));
            const auto isOurs = [&one](const auto &seen) { return seen.startedBy == one.who; };
            return ready(Result<bool>(std::any_of(told.runs.cbegin(), told.runs.cend(), isOurs) ||
                                      std::any_of(told.queue.cbegin(), told.queue.cend(), isOurs)));
        });
    case Commission::Kind::Stop:
        return after(this, m_client.run(one.project, one.run, stop), [one](const SeenRun &run) {
            if (!isEnded(run.run.state))
                return ready(Result<bool>(
                    cannotTell(JenkinsText::tr("Run %1 goes on; whether it was told to stop Jenkins does not say.")
                                   .arg(one.run))));
            return ready(Result<bool>(run.run.state == RunState::Cancelled));
        });
    case Commission::Kind::Unqueue: {
        const auto item = m_client.queueItem(one.project, one.run.toLongLong(), stop);
        return afterAny(this, item, [](const Result<QueueItem> &seen) {
            if (!seen && seen.error().kind == ErrorKind::NotFound)
                return ready(Result<bool>(cannotTell(
                    JenkinsText::tr("It is in the queue no more; whether it was taken out or began Jenkins has "
                                    "forgotten."))));
            return ready(seen ? Result<bool>(seen->isCancelled) : Result<bool>(seen.error()));
        });
    }
    case Commission::Kind::Decide:
        break;
    }
    return after(this, m_client.run(one.project, one.run, stop), [=, this](const SeenRun &run) {
        const auto inputs = m_client.pendingInputs(one.project, one.run, stop);
        return after(this, inputs, [=](const QList<PendingInput> &pending) {
            if (!isDecidedSince(run.decisions, one) &&
                std::any_of(pending.cbegin(), pending.cend(),
                            [&one](const PendingInput &input) { return input.id == one.input; }))
                return ready(Result<bool>(false));
            const GivenDecision ours{one.who, one.approves};
            int approvals = 0;
            for (const GivenDecision &decision : run.decisions) {
                const bool isNew = !decision.approves || ++approvals > one.approvals;
                if (isNew && !one.who.isEmpty() && decision == ours)
                    return ready(Result<bool>(true));
            }
            if (run.decisions.isEmpty() || (run.decisions.last().approves && approvals <= one.approvals))
                return ready(Result<bool>(
                    cannotTell(JenkinsText::tr("The gate of run %1 waits no more; Jenkins does not say who decided.")
                                   .arg(one.run))));
            return ready(Result<bool>(false)); // somebody else did
        });
    });
}

QFuture<Result<PlanStep>> JenkinsSteps::reversal(Plan, QStringList, StopToken)
{
    return ready(Result<PlanStep>(
        Error{ErrorKind::Unsupported, JenkinsText::tr("What a run of Jenkins did cannot be taken back by it."), {}}));
}

} // namespace signalbox::jenkins
