// Freezes: what one would refuse, and ordering exactly that.
#include "models/stores/deployedstore.h"
#include "services/async/chain.h"
#include "services/promotions/ledgerdesk.h"
#include "services/promotions/promotionstext.h"

#include <QCoreApplication>

namespace signalbox
{

// Any thread.
policy::FreezeReach LedgerDesk::reachOf(const policy::FreezeOrder &order, const Reading &reading,
                                        const QStringList &known)
{
    const policy::LedgerHead &head = *reading.head;
    policy::FreezeReach reach =
        policy::freezeReach(head.policy, head.entries, order, known, reading.me, QDateTime::currentDateTimeUtc());
    reach.policyCommit = head.policyCommit;
    return reach;
}

QStringList LedgerDesk::knownApplications() const
{
    return m_sources.deployed ? m_sources.deployed->applications() : QStringList();
}

QFuture<Result<policy::FreezeReach>> LedgerDesk::draftFreeze(policy::FreezeOrder order, StopToken stop)
{
    if (const QString fault = policy::freezeFault(order, QDateTime::currentDateTimeUtc()); !fault.isEmpty())
        return ready(Result<policy::FreezeReach>(Error{ErrorKind::Invalid, fault, {}}));
    // A look, made anew at each change of the board: freeze() decides.
    const bool isFresh = m_caughtUpAt.isValid() &&
                         m_caughtUpAt.addMSecs(m_settings.lookAtWorld.count()) > QDateTime::currentDateTimeUtc();
    return after(this, readLedger(isFresh ? For::Look : For::Show, stop), [order, this](const Reading &reading) {
        return m_queue.run([order, reading, known = knownApplications()]() -> Result<policy::FreezeReach> {
            return reachOf(order, reading, known);
        });
    });
}

QFuture<Result<QString>> LedgerDesk::freeze(policy::FreezeReach seen)
{
    return record([seen, known = knownApplications()](const Reading &reading) -> Result<policy::Record> {
        if (const QString fault = policy::freezeFault(seen.order, QDateTime::currentDateTimeUtc()); !fault.isEmpty())
            return Error{ErrorKind::Invalid, fault, {}};
        if (seen.order.reason.trimmed().isEmpty())
            return Error{
                ErrorKind::Invalid, PromotionsText::tr("A freeze needs a reason: it is kept in the ledger."), {}};
        const policy::FreezeReach now = reachOf(seen.order, reading, known);
        if (!now.may.isGiven)
            return Error{ErrorKind::Refused, now.may.reason, {}};
        if (const QString moved = policy::whatMoved(seen, now); !moved.isEmpty())
            return Error{ErrorKind::Conflict,
                         PromotionsText::tr("The freeze is not what you looked at any more: %1. Nothing was written.")
                             .arg(moved),
                         {}};
        return policy::Record(seen.order);
    });
}

} // namespace signalbox
