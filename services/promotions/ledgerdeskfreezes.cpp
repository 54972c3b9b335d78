// Freezes: what one would refuse, and ordering exactly that.
#include "models/stores/deployedstore.h"
#include "services/async/chain.h"
#include "services/promotions/ledgerdesk.h"

#include <QCoreApplication>

namespace signalbox
{

namespace
{

struct Text
{
    Q_DECLARE_TR_FUNCTIONS(Promotions)
};

} // namespace

policy::FreezeReach LedgerDesk::reachOf(const policy::FreezeOrder &order, const Reading &reading) const
{
    const policy::LedgerHead &head = *reading.head;
    const QStringList known = m_sources.deployed ? m_sources.deployed->applications() : QStringList();
    policy::FreezeReach reach =
        policy::freezeReach(head.policy, head.entries, order, known, reading.me, QDateTime::currentDateTimeUtc());
    reach.policyCommit = head.policyCommit;
    return reach;
}

QFuture<Result<policy::FreezeReach>> LedgerDesk::draftFreeze(policy::FreezeOrder order, StopToken stop)
{
    if (const QString fault = policy::freezeFault(order, QDateTime::currentDateTimeUtc()); !fault.isEmpty())
        return ready(Result<policy::FreezeReach>(Error{ErrorKind::Invalid, fault, {}}));
    return after(this, readLedger(For::Decide, stop), [order, this](const Reading &reading) {
        return ready(Result<policy::FreezeReach>(reachOf(order, reading)));
    });
}

QFuture<Result<QString>> LedgerDesk::freeze(policy::FreezeReach seen)
{
    return record([seen, this](const Reading &reading) -> Result<policy::Record> {
        if (const QString fault = policy::freezeFault(seen.order, QDateTime::currentDateTimeUtc()); !fault.isEmpty())
            return Error{ErrorKind::Invalid, fault, {}};
        if (seen.order.reason.trimmed().isEmpty())
            return Error{ErrorKind::Invalid, Text::tr("A freeze needs a reason: it is kept in the ledger."), {}};
        const policy::FreezeReach now = reachOf(seen.order, reading);
        if (!now.may.isGiven)
            return Error{ErrorKind::Refused, now.may.reason, {}};
        if (const QString moved = policy::whatMoved(seen, now); !moved.isEmpty())
            return Error{ErrorKind::Conflict,
                         Text::tr("The freeze is not what you looked at any more: %1. Nothing was written.").arg(moved),
                         {}};
        return policy::Record(seen.order);
    });
}

} // namespace signalbox
