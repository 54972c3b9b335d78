#pragma once

#include "services/operations/journal.h"
#include "services/operations/operation.h"

#include <QObject>

#include <functional>

namespace signalbox
{

class Clock;

// Finds out what became of one operation that a crash cut off: asks of each step whether it took place (also of those
// that no line of the journal tells of, since the last lines may be lost), looks at the effect of the last one that
// did, and closes it with what was seen. Repeats no call. GUI thread.
class Reconciler : public QObject
{
public:
    // The outcome, or the error for which it must be asked again later (unreachable, not signed in).
    using Handler = std::function<void(const Result<Outcome> &outcome)>;

    Reconciler(JournalIntent intent, StepRunner &runner, Clock &clock, OperationTimings timings, Handler handler,
               QObject *parent = nullptr);

    void start();
    // Its connection has led to another server for long. Where that has the very objects it is the same one at a new
    // address, and compared; else this is closed as never seen.
    void startElsewhere();
    QString connection() const { return m_intent.plan.connection; }

private:
    enum class Trace { InPlace, NotThere, Unclear };

    void askObject(int index);
    void askReversal();
    void askStep(int index);
    void noteStep(int index, const Result<bool> &tookPlace);
    void conclude();
    void concludeNothing();
    void concludePartly(int last);
    int lastInPlace() const; // index of the step; -1: none took place
    bool isUnclearAfter(int last) const;
    // Both write the same: the one's state follows from the other's.
    bool isSamePlace(int a, int b) const;
    void look();
    void noteLook(const Result<Observation> &seen);
    void concludeSeen(const Observation &seen, bool isEffective);
    QString doneElsewhere() const;
    void close(OutcomeKind kind, const QString &message, ErrorKind errorKind = ErrorKind::Internal);
    void later(const Error &error);
    int lastSent() const; // index of the last step whose call may have left, as far as the journal tells

    JournalIntent m_intent;
    StepRunner &m_runner;
    Clock &m_clock;
    OperationTimings m_timings;
    Handler m_handler;
    PlanStep m_watched;
    bool m_isReversal = false;
    QList<Trace> m_traces; // of the plan's steps
    bool m_cannotTell = false;
    QString m_cause; // of the newest question that had no answer
    QList<StepOutcome> m_steps;
    qint64 m_lookingSince = 0;
};

} // namespace signalbox
