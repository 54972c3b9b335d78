#include "services/adapters/jenkins/jenkinsjson.h"
#include "services/adapters/jenkins/jenkinsplace.h"
#include "services/adapters/jenkins/jenkinssteps.h"
#include "services/async/chain.h"
#include "services/pipelines/observing.h"

#include <algorithm>

// One look each: did the run do what was asked?
namespace signalbox::jenkins
{

namespace
{

QFuture<Result<Observation>> told(Observation::State state, const QString &text, const QString &blocker = {})
{
    return ready(Result<Observation>(observedNow(state, text, blocker)));
}

QFuture<Result<Observation>> toldBegun(const QString &number, const QString &state)
{
    return told(Observation::State::Effective, JenkinsText::tr("run %1 is there: %2").arg(number, state));
}

using State = Observation::State;

} // namespace

QFuture<Result<Observation>> JenkinsSteps::observe(PlanStep step, Receipt receipt, StopToken stop)
{
    const auto one = commissionOf(step.expectation);
    if (!one)
        return ready(
            Result<Observation>(Error{ErrorKind::Invalid, JenkinsText::tr("This is no step of a Jenkins."), {}}));
    switch (one->kind) {
    case Commission::Kind::Start:
        return observeStart(*one, receipt, stop);
    case Commission::Kind::Stop:
        return observeStop(*one, stop);
    case Commission::Kind::Unqueue:
        return observeUnqueue(*one, stop);
    case Commission::Kind::Decide:
        break;
    }
    return observeDecision(*one, stop);
}

QFuture<Result<Observation>> JenkinsSteps::observeStart(const Commission &one, const Receipt &receipt,
                                                        const StopToken &stop)
{
    const auto state = Json::parse(receipt.state.begin(), receipt.state.end(), nullptr, false);
    const qint64 item = numberOf(state, "queue", -1);
    if (item < 0)
        return observeNewest(one, -1, stop);
    return afterAny(this, m_client.queueItem(one.project, item, stop), [=, this](const Result<QueueItem> &found) {
        if (!found && found.error().kind == ErrorKind::NotFound) // kept for five minutes only
            return observeNewest(one, item, stop);
        if (!found)
            return ready(Result<Observation>(found.error()));
        if (found->isCancelled)
            return told(State::Failed, JenkinsText::tr("it was taken out of the queue before it began"));
        if (found->number.isEmpty())
            return told(State::Pending, JenkinsText::tr("it waits in the queue"), found->run.reason);
        return after(this, m_client.run(one.project, found->number, stop), [](const SeenRun &run) {
            return toldBegun(run.run.number, runStateLabel(run.run.state).toLower());
        });
    });
}

// Without a place in the queue: by the item it was, else by who and when.
QFuture<Result<Observation>> JenkinsSteps::observeNewest(const Commission &one, qint64 item, const StopToken &stop)
{
    return after(this, begun(one, stop), [=](const Begun &since) {
        for (const SeenRun &run : since.runs) {
            const bool isIt = item >= 0 ? run.queueItem == item : !one.who.isEmpty() && run.startedBy == one.who;
            if (isIt)
                return toldBegun(run.run.number, runStateLabel(run.run.state).toLower());
        }
        for (const QueueItem &waiting : since.queue) {
            if (!one.who.isEmpty() && waiting.startedBy == one.who)
                return told(State::Pending, JenkinsText::tr("it waits in the queue"), waiting.run.reason);
        }
        return told(State::Pending, JenkinsText::tr("there is no new run of %1 yet").arg(one.project));
    });
}

QFuture<Result<Observation>> JenkinsSteps::observeStop(const Commission &one, const StopToken &stop)
{
    return after(this, m_client.run(one.project, one.run, stop), [](const SeenRun &seenRun) {
        const Run &run = seenRun.run;
        if (!isEnded(run.state))
            return told(State::Pending, JenkinsText::tr("run %1 is still being stopped").arg(run.number),
                        JenkinsText::tr("its steps take their time to end"));
        if (run.state == RunState::Cancelled)
            return told(State::Effective, JenkinsText::tr("run %1 was stopped").arg(run.number));
        return told(State::Failed, JenkinsText::tr("run %1 ended before it could be stopped: %2")
                                       .arg(run.number, runStateLabel(run.state).toLower()));
    });
}

QFuture<Result<Observation>> JenkinsSteps::observeUnqueue(const Commission &one, const StopToken &stop)
{
    const qint64 item = one.run.toLongLong();
    return afterAny(this, m_client.queueItem(one.project, item, stop), [=, this](const Result<QueueItem> &found) {
        if (!found && found.error().kind == ErrorKind::NotFound) {
            return after(this, begun(one, stop), [item](const Begun &since) {
                for (const SeenRun &run : since.runs) {
                    if (run.queueItem == item)
                        return told(State::Failed,
                                    JenkinsText::tr("it began before, as run %1: stop that").arg(run.run.number));
                }
                return told(State::Effective, JenkinsText::tr("it is in the queue no more"));
            });
        }
        if (!found)
            return ready(Result<Observation>(found.error()));
        if (found->isCancelled)
            return told(State::Effective, JenkinsText::tr("it was taken out of the queue"));
        if (!found->number.isEmpty())
            return told(State::Failed, JenkinsText::tr("it began before, as run %1: stop that").arg(found->number));
        return told(State::Pending, JenkinsText::tr("it still waits in the queue"));
    });
}

QFuture<Result<Observation>> JenkinsSteps::observeDecision(const Commission &one, const StopToken &stop)
{
    return after(this, m_client.run(one.project, one.run, stop), [=, this](const SeenRun &run) {
        const QString number = run.run.number;
        const bool isOver = isEnded(run.run.state);
        const QString state = runStateLabel(run.run.state).toLower();
        const auto inputs = m_client.pendingInputs(one.project, one.run, stop);
        return after(this, inputs, [=](const QList<PendingInput> &pending) {
            // The next gate of the same words has the same id: what was decided since then counts first.
            if (!isDecidedSince(run.decisions, one) &&
                std::any_of(pending.cbegin(), pending.cend(),
                            [&one](const PendingInput &input) { return input.id == one.input; }))
                return told(State::Pending, JenkinsText::tr("run %1 still waits there").arg(number));
            if (one.approves)
                return told(State::Effective,
                            isOver ? JenkinsText::tr("run %1 went on and has ended: %2").arg(number, state)
                                   : JenkinsText::tr("run %1 goes on").arg(number));
            if (isOver)
                return told(State::Effective, JenkinsText::tr("run %1 was stopped: %2").arg(number, state));
            return told(State::Pending,
                        JenkinsText::tr("the gate of run %1 is closed; the run has not ended").arg(number),
                        JenkinsText::tr("a pipeline may go on by its own rules after a stop at a gate"));
        });
    });
}

} // namespace signalbox::jenkins
