// Gates of vendors: our own policy first, then the vendor's plan.
#include "services/async/chain.h"
#include "services/promotions/gatedecision.h"
#include "services/promotions/ledgerdesk.h"
#include "services/promotions/promotionstext.h"

#include <QPointer>

namespace signalbox
{

namespace
{

// What is decided on may be old: somebody may have frozen or rejected it meanwhile.
void sayOld(GateStanding &standing, const Error &problem)
{
    standing.checks.append({CheckId::Policy, standing.isKnown ? CheckState::Block : CheckState::Warn,
                            PromotionsText::tr("The shared ledger cannot be reached"), problem.message,
                            PromotionsText::tr("Try again once it can be: what others wrote meanwhile is not known.")});
}

} // namespace

QFuture<Result<GateStanding>> LedgerDesk::standingOf(const GateOrder &order, const StopToken &stop)
{
    const auto judged = [this, order](const Head &head) {
        return m_queue.run([head, order]() -> Result<GateStanding> {
            return gateStanding(*head, order, QDateTime::currentDateTimeUtc());
        });
    };
    if (!order.approves) // waits for no ledger
        return m_head ? judged(m_head) : ready(Result<GateStanding>(gateStanding(std::nullopt, order)));
    return afterAny(this, readLedger(For::Show, stop), [this, order, judged, stop](const Result<Reading> &reading) {
        if (reading)
            return after(this, judged(reading->head),
                         [this, stop, isOld = reading->isOld](const GateStanding &standing) {
                             return lookAround(standing, isOld, stop);
                         });
        const Error &error = reading.error();
        if (error.kind == ErrorKind::Cancelled)
            return ready(Result<GateStanding>(error));
        // No ledger, or one that nobody has begun to sign: that is so only where nobody else has another one.
        const bool isNone = !m_isOld && (error.kind == ErrorKind::NotFound || error.kind == ErrorKind::Unsupported);
        return ready(
            Result<GateStanding>(gateStanding(isNone ? std::nullopt : std::optional(m_isOld.value_or(error)), order)));
    });
}

QFuture<Result<GateStanding>> LedgerDesk::lookAround(const GateStanding &standing, const std::optional<Error> &isOld,
                                                     const StopToken &stop)
{
    const auto said = [isOld](GateStanding whole) {
        if (isOld)
            sayOld(whole, *isOld);
        return ready(Result<GateStanding>(whole));
    };
    if (standing.promotion.isEmpty())
        return said(standing);
    return afterAny(this, cardNow(standing.promotion, stop, {}, For::Look),
                    [standing, said](const Result<policy::PromotionCard> &card) {
                        return said(card ? withWorld(standing, *card) : standing);
                    });
}

QFuture<Result<Plan>> LedgerDesk::planGate(GateKeeper &keeper, GateOrder order, StopToken stop)
{
    if (order.environment.isEmpty())
        order.environment = order.gate.environment;
    return after(
        this, standingOf(order, stop), [this, order, stop, gates = QPointer(&keeper)](const GateStanding &standing) {
            if (!gates)
                return ready(
                    Result<Plan>(Error{ErrorKind::Cancelled,
                                       PromotionsText::tr("The connection %1 was closed.").arg(order.gate.connection),
                                       {}}));
            GateOrder judged = order;
            judged.environment = standing.environment;
            judged.isProtected = standing.isProtected;
            return after(this, gates->plan(judged, stop), [standing](const Plan &plan) {
                Plan whole = plan;
                whole.checks = standing.checks + plan.checks;
                return ready(Result<Plan>(whole));
            });
        });
}

// A promotion that a vendor's gate carries out: the run of exactly its commit that waits there goes on.
QFuture<Result<Plan>> LedgerDesk::pressGate(const policy::PromotionCard &card, const policy::Execution &execution,
                                            const StopToken &stop)
{
    const policy::Subject &subject = card.decision.subject;
    GateKeeper *const keeper = m_sources.gatesOf ? m_sources.gatesOf(execution.connection) : nullptr;
    if (!keeper)
        return ready(Result<Plan>(Error{
            ErrorKind::Unsupported,
            PromotionsText::tr("The policy lets the gate \"%1\" of the connection \"%2\" carry out promotions of %3 to "
                               "%4, but no connection of this name that has gates is configured here. Add it to the "
                               "workspace, or press the gate at the vendor.")
                .arg(execution.gate, execution.connection, subject.application, subject.environment),
            {}}));
    return after(this, keeper->waiting(stop), [=, gates = QPointer(keeper)](const QList<WaitingGate> &waiting) {
        for (const WaitingGate &gate : waiting) {
            if (!gates || !isGateOf(execution, gate) || gate.commit != subject.commit || subject.commit.isEmpty())
                continue;
            GateOrder order;
            order.gate = gate;
            order.comment = PromotionsText::tr("Promotion %1: %2").arg(card.id, card.decision.text);
            order.application = subject.application;
            order.environment = subject.environment;
            order.reason = card.request.reason;
            return gates->plan(order, stop);
        }
        return ready(Result<Plan>(
            Error{ErrorKind::NotFound,
                  PromotionsText::tr("No run of commit %1 waits at the gate \"%2\" of the connection \"%3\".")
                      .arg(policy::shortCommit(subject.commit), execution.gate, execution.connection),
                  {}}));
    });
}

} // namespace signalbox
