#include "services/operations/outcomeentry.h"

#include "models/domain/toldshares.h"

namespace signalbox
{
namespace
{

std::optional<qint64> between(const QDateTime &start, const QDateTime &end)
{
    if (!start.isValid() || !end.isValid() || end < start) // a clock that was set in between measures nothing
        return std::nullopt;
    return start.msecsTo(end);
}

OperationDurations durationsOf(const JournalClosed &closed)
{
    QDateTime sent;
    QDateTime observed;
    for (const StepOutcome &step : closed.outcome.steps) {
        if (step.sentAt.isValid() && (!sent.isValid() || step.sentAt < sent))
            sent = step.sentAt;
        if (step.observedAt.isValid() && (!observed.isValid() || step.observedAt > observed))
            observed = step.observedAt;
    }
    OperationDurations durations;
    durations.detect = between(closed.intent.problemSince, sent);
    const bool isDone = closed.outcome.kind == OutcomeKind::Done || closed.outcome.kind == OutcomeKind::Abandoned;
    // When a crash was in between, the effect was seen at the next start: that says nothing about how long it took.
    if (!isDone || closed.isReconciled)
        return durations;
    durations.execute = between(sent, observed);
    const Plan &plan = closed.intent.plan;
    // What still gets a part of the traffic still fails for that part.
    if (plan.direction == Direction::Back && closed.outcome.kind == OutcomeKind::Done && !isInPart(plan.from, plan.to))
        durations.restore = between(closed.intent.problemSince, observed);
    return durations;
}

} // namespace

LedgerEntry outcomeEntry(const JournalClosed &closed)
{
    const Plan &plan = closed.intent.plan;
    LedgerEntry entry;
    entry.id = closed.intent.id;
    entry.at = closed.outcome.finishedAt;
    entry.who = closed.intent.who;
    entry.tool = QStringLiteral("signalbox " SIGNALBOX_VERSION);
    entry.connection = plan.connection;
    entry.ns = plan.ns;
    entry.application = plan.application;
    entry.environment = plan.environment;
    entry.kind = plan.kind;
    entry.direction = plan.direction;
    entry.isProtected = plan.isProtected;
    entry.from = plan.from;
    entry.to = plan.to;
    entry.fromHash = plan.fromHash;
    entry.toHash = plan.toHash;
    entry.effect = plan.effect;
    entry.reason = plan.reason;
    for (const PlanStep &step : plan.steps) {
        if (!step.isOptional || step.isChosen)
            entry.steps.append({step.id, step.title, step.through});
    }
    for (const Check &check : plan.checks) {
        if (check.state != CheckState::Pass)
            entry.warnings.append(check);
    }
    entry.outcome = closed.outcome;
    entry.isReconciled = closed.isReconciled;
    entry.durations = durationsOf(closed);
    return entry;
}

} // namespace signalbox
