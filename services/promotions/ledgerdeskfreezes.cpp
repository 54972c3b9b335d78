// Freezes: what one would refuse, and ordering exactly that.
#include "models/stores/deployedstore.h"
#include "services/async/chain.h"
#include "services/policy/schedules.h"
#include "services/promotions/ledgerdesk.h"
#include "services/promotions/promotionstext.h"

#include <algorithm>

namespace signalbox
{

namespace
{

constexpr qsizetype shownOccurrences = 3;

Result<policy::FreezeOrder> sensible(const policy::FreezeOrder &order)
{
    auto whole = policy::wholeOrder(order);
    if (!whole)
        return whole;
    if (const QString fault = policy::freezeFault(*whole, QDateTime::currentDateTimeUtc()); !fault.isEmpty())
        return Error{ErrorKind::Invalid, fault, {}};
    return whole;
}

} // namespace

// Any thread.
Result<policy::FreezeReach> LedgerDesk::reachOf(const policy::FreezeOrder &order, const Reading &reading,
                                                const QStringList &known)
{
    const policy::LedgerHead &head = *reading.head;
    const QDateTime now = QDateTime::currentDateTimeUtc();
    policy::FreezeReach reach = policy::freezeReach(head.policy, head.entries, order, known, reading.me, now);
    reach.policyCommit = head.policyCommit;
    if (order.repeat) {
        const QDateTime from = std::max(now, order.from);
        const auto all = policy::occurrencesOf(order, from, from.addYears(8));
        if (!all)
            return all.error();
        reach.next = all->mid(0, shownOccurrences);
    }
    return reach;
}

QStringList LedgerDesk::knownApplications() const
{
    return m_sources.deployed ? m_sources.deployed->applications() : QStringList();
}

QFuture<Result<policy::FreezeReach>> LedgerDesk::draftFreeze(policy::FreezeOrder order, StopToken stop)
{
    // Whether a rule comes at all may take a second or two to find out.
    return after(
        this, m_queue.run([order] { return sensible(order); }), [this, stop](const policy::FreezeOrder &whole) {
            // A look, made anew at each change of the board: freeze() decides.
            const bool isFresh = m_caughtUpAt.isValid() && m_caughtUpAt.addMSecs(m_settings.lookAtWorld.count()) >
                                                               QDateTime::currentDateTimeUtc();
            return after(this, readLedger(isFresh ? For::Look : For::Show, stop),
                         [whole, this](const Reading &reading) {
                             return m_queue.run([whole, reading, known = knownApplications()] {
                                 return reachOf(whole, reading, known);
                             });
                         });
        });
}

QFuture<Result<QString>> LedgerDesk::freeze(policy::FreezeReach seen)
{
    return record([seen, known = knownApplications()](const Reading &reading) -> Result<policy::Record> {
        const auto whole = sensible(seen.order);
        if (!whole)
            return whole.error();
        if (seen.order.reason.trimmed().isEmpty())
            return Error{
                ErrorKind::Invalid, PromotionsText::tr("A freeze needs a reason: it is kept in the ledger."), {}};
        const auto now = reachOf(*whole, reading, known);
        if (!now)
            return now.error();
        if (!now->may.isGiven)
            return Error{ErrorKind::Refused, now->may.reason, {}};
        if (const QString moved = policy::whatMoved(seen, *now); !moved.isEmpty())
            return Error{ErrorKind::Conflict,
                         PromotionsText::tr("The freeze is not what you looked at any more: %1. Nothing was written.")
                             .arg(moved),
                         {}};
        return policy::Record(*whole);
    });
}

} // namespace signalbox
