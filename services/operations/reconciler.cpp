#include "services/operations/reconciler.h"

#include "services/async/deliver.h"
#include "services/operations/clock.h"
#include "services/operations/lockkey.h"
#include "services/operations/operationcenter.h"
#include "services/operations/operationrun.h"

#include <algorithm>

namespace signalbox
{

using namespace std::chrono_literals;

namespace
{

constexpr std::chrono::milliseconds longestLook = 30s; // the roll-out had all the time since the crash already

bool isPassing(ErrorKind kind)
{
    return kind == ErrorKind::Unreachable || kind == ErrorKind::TimedOut || kind == ErrorKind::Unauthorized ||
           kind == ErrorKind::RateLimited || kind == ErrorKind::Cancelled;
}

} // namespace

Reconciler::Reconciler(JournalIntent intent, StepRunner &runner, Clock &clock, OperationTimings timings,
                       Handler handler, QObject *parent)
    : QObject(parent)
    , m_intent(std::move(intent))
    , m_runner(runner)
    , m_clock(clock)
    , m_timings(timings)
    , m_handler(std::move(handler))
{}

int Reconciler::lastSent() const
{
    // A step's line is written while its call leaves, so the one after the last line may have left as well.
    int sent = -1;
    for (int i = 0; i < m_intent.plan.steps.size(); ++i) {
        if (m_intent.sentSteps.contains(m_intent.plan.steps.at(i).id))
            sent = i;
    }
    return std::min(sent + 1, static_cast<int>(m_intent.plan.steps.size()) - 1);
}

void Reconciler::start()
{
    m_traces.fill(Trace::NotThere, m_intent.plan.steps.size());
    if (m_intent.reversal)
        askReversal();
    else
        askStep(0);
}

void Reconciler::startElsewhere()
{
    askObject(0);
}

void Reconciler::askObject(int index)
{
    if (index >= m_intent.plan.steps.size())
        return close(OutcomeKind::Unknown,
                     OperationCenter::tr("cut off by a crash; its server was not found under this name again, "
                                         "so what became of it was never seen"),
                     ErrorKind::NotFound);
    deliver(m_runner.hasObject(m_intent.plan.steps.at(index), StopToken{}), StopToken{}, this,
            [this, index](const Result<bool> &isThere) {
                if (!isThere && isPassing(isThere.error().kind))
                    return later(isThere.error());
                if (isThere && *isThere)
                    return start();
                askObject(index + 1);
            });
}

void Reconciler::askReversal()
{
    deliver(
        m_runner.tookPlace(*m_intent.reversal, StopToken{}), StopToken{}, this, [this](const Result<bool> &tookPlace) {
            if (!tookPlace && isPassing(tookPlace.error().kind))
                return later(tookPlace.error());
            if (!tookPlace)
                return close(OutcomeKind::Unknown,
                             Operation::tr(
                                 "The program ended while this was being taken back; whether that took place cannot be "
                                 "told: %1")
                                 .arg(tookPlace.error().message),
                             ErrorKind::OutcomeUnknown);
            if (!*tookPlace)
                return askStep(0);
            m_isReversal = true;
            m_watched = *m_intent.reversal;
            look();
        });
}

void Reconciler::askStep(int index)
{
    if (index >= m_intent.plan.steps.size())
        return conclude();
    deliver(m_runner.tookPlace(m_intent.plan.steps.at(index), StopToken{}), StopToken{}, this,
            [this, index](const Result<bool> &tookPlace) { noteStep(index, tookPlace); });
}

void Reconciler::noteStep(int index, const Result<bool> &tookPlace)
{
    if (!tookPlace && isPassing(tookPlace.error().kind))
        return later(tookPlace.error());
    if (!tookPlace) {
        m_traces[index] = Trace::Unclear;
        m_cause = tookPlace.error().message;
    } else if (*tookPlace) {
        m_traces[index] = Trace::InPlace;
    }
    askStep(index + 1);
}

bool Reconciler::isSamePlace(int a, int b) const
{
    const PlanStep &one = m_intent.plan.steps.at(a);
    const PlanStep &other = m_intent.plan.steps.at(b);
    return one.call.path == other.call.path && one.expectation.kind == other.expectation.kind;
}

int Reconciler::lastInPlace() const
{
    const int likely = lastSent();
    const int known = static_cast<int>(m_traces.lastIndexOf(Trace::InPlace, likely));
    // One that the journal does not tell of counts where no earlier step left the same behind (50 %, 25 %, 50 %).
    for (int i = static_cast<int>(m_traces.size()) - 1; i > likely; --i) {
        const bool isExplained = known >= 0 && isSamePlace(i, known);
        if (m_traces.at(i) == Trace::InPlace && !isExplained)
            return i;
    }
    return known;
}

bool Reconciler::isUnclearAfter(int last) const
{
    for (int i = last + 1; i < m_traces.size(); ++i) {
        bool isSettled = m_traces.at(i) != Trace::Unclear;
        for (int other = 0; other < m_traces.size() && !isSettled; ++other)
            isSettled = isSamePlace(i, other) &&
                        (m_traces.at(other) == Trace::InPlace || (m_traces.at(other) == Trace::NotThere && other < i));
        if (!isSettled)
            return true;
    }
    return false;
}

void Reconciler::conclude()
{
    int index = lastInPlace();
    m_cannotTell = isUnclearAfter(index);
    // All was done that this program had to do: what others make of it is looked at once more.
    const bool isAwaited = index >= 0 && index + 2 == m_intent.plan.steps.size();
    if (isAwaited && callsNothing(m_intent.plan.steps.last()))
        ++index;
    if (index < 0)
        return concludeNothing();
    for (int i = 0; i <= index; ++i) { // what came before the last one that took place was observed before it was sent
        StepOutcome done;
        done.stepId = m_intent.plan.steps.at(i).id;
        done.kind = i < index ? OutcomeKind::Done : OutcomeKind::Unknown;
        m_steps.append(done);
    }
    m_watched = m_intent.plan.steps.at(index);
    if (m_cannotTell)
        return close(
            OutcomeKind::Unknown,
            Operation::tr("The program ended during this. \"%1\" took place; whether the step after it did cannot be "
                          "told: %2")
                .arg(m_watched.title, m_cause),
            ErrorKind::OutcomeUnknown);
    if (index + 1 < m_intent.plan.steps.size())
        return concludePartly(index);
    look();
}

void Reconciler::concludeNothing()
{
    if (m_cannotTell)
        return close(OutcomeKind::Unknown,
                     Operation::tr("The program ended during this; whether anything was changed cannot be told: %1")
                         .arg(m_cause),
                     ErrorKind::OutcomeUnknown);
    close(OutcomeKind::Cancelled, Operation::tr("The program ended during this, before anything was changed."));
}

void Reconciler::concludePartly(int last)
{
    QString text = Operation::tr("The program ended during this. Step %1 of %n is in place and stays, what comes after "
                                 "it is not: %2.",
                                 nullptr, static_cast<int>(m_intent.plan.steps.size()))
                       .arg(last + 1)
                       .arg(m_intent.plan.steps.at(last).title);
    for (const PlanStep &step : m_intent.plan.steps.mid(0, last + 1)) {
        if (!step.undoHint.isEmpty())
            text += QLatin1Char(' ') + OperationRun::leftAsItIs(step);
    }
    close(OutcomeKind::Failed, text);
}

void Reconciler::look()
{
    if (m_lookingSince == 0)
        m_lookingSince = m_clock.monotonicMs();
    deliver(m_runner.observe(m_watched, Receipt{}, StopToken{}), StopToken{}, this,
            [this](const Result<Observation> &seen) { noteLook(seen); });
}

void Reconciler::noteLook(const Result<Observation> &seen)
{
    if (!seen && isPassing(seen.error().kind))
        return later(seen.error());
    if (!seen)
        return close(
            OutcomeKind::Unknown,
            Operation::tr("The program ended during this. The last call took place; its effect cannot be read: %1")
                .arg(seen.error().message),
            ErrorKind::OutcomeUnknown);
    if (seen->state == Observation::State::Effective)
        return concludeSeen(*seen, true);
    const auto limit = std::min(m_watched.deadline, longestLook);
    const bool isLookedAt = m_clock.monotonicMs() - m_lookingSince >= limit.count();
    // What others do may take longer than a crash and a start: it is not over before its own time is.
    if (isLookedAt && seen->state == Observation::State::Pending && callsNothing(m_watched) && m_intent.at.isValid() &&
        m_intent.at.msecsTo(QDateTime::currentDateTimeUtc()) < m_watched.deadline.count())
        return close(OutcomeKind::Unknown,
                     Operation::tr("The program ended while it waited for what others do; whether that comes is not "
                                   "known: %1")
                         .arg(seen->text),
                     ErrorKind::OutcomeUnknown);
    if (seen->state == Observation::State::Failed || isLookedAt)
        return concludeSeen(*seen, false);
    m_clock.callAfter(m_timings.slowestLook, this, [this] { look(); });
}

void Reconciler::concludeSeen(const Observation &seen, bool isEffective)
{
    QStringList parts;
    for (const QString &part : {seen.text, seen.blocker}) {
        if (!part.isEmpty())
            parts.append(part);
    }
    const QString text = parts.join(Operation::tr(", "));
    StepOutcome last;
    last.stepId = m_watched.id;
    last.message = text;
    last.kind = isEffective ? OutcomeKind::Done : OutcomeKind::NotEffective;
    if (isEffective && seen.isConfirmed)
        last.observedAt = seen.at.isValid() ? seen.at : m_clock.now();
    if (m_isReversal || m_steps.isEmpty())
        m_steps.append(last);
    else
        m_steps.last() = last;
    if (!isEffective)
        close(OutcomeKind::NotEffective,
              Operation::tr("The program ended during this. Seen now: not effective: %1").arg(text));
    else if (m_isReversal)
        close(OutcomeKind::Abandoned,
              (seen.isConfirmed ? Operation::tr("The program ended while this was taken back. Seen now: %1")
                                : Operation::tr("The program ended while this was taken back. Seen now: written back; "
                                                "nothing reports whether that is in force (%1)"))
                  .arg(text));
    else if (!seen.isConfirmed)
        close(OutcomeKind::Done,
              Operation::tr("The program ended during this. Seen now: written; nothing reports whether it is in force "
                            "(%1)")
                      .arg(text) +
                  doneElsewhere());
    else
        close(OutcomeKind::Done,
              Operation::tr("The program ended during this. Seen now: done: %1").arg(text) + doneElsewhere());
}

// What a step began elsewhere (a paused reconciliation) stays as well, and nobody else will say so.
QString Reconciler::doneElsewhere() const
{
    QString text;
    for (const PlanStep &step : m_intent.plan.steps) {
        if (step.call.path != m_watched.call.path && !step.undoHint.isEmpty())
            text += QLatin1Char(' ') + OperationRun::leftAsItIs(step);
    }
    return text.isEmpty() ? text : QLatin1Char('.') + text;
}

void Reconciler::close(OutcomeKind kind, const QString &message, ErrorKind errorKind)
{
    Outcome outcome;
    outcome.kind = kind;
    outcome.message = message;
    outcome.errorKind = errorKind;
    const bool isEffect = kind == OutcomeKind::Done || kind == OutcomeKind::Abandoned;
    outcome.isConfirmed = !isEffect || (!m_steps.isEmpty() && m_steps.last().observedAt.isValid());
    outcome.startedAt = m_intent.at;
    outcome.finishedAt = m_clock.now();
    outcome.steps = m_steps;
    m_handler(outcome);
}

void Reconciler::later(const Error &error)
{
    m_handler(error);
}

} // namespace signalbox
