#pragma once

#include "models/policy/promotionboard.h"

// What an order to freeze would refuse, said before it is signed. Pure.
namespace signalbox::policy
{

struct FreezeReach
{
    FreezeOrder order;
    QString policyCommit;
    QStringList environments; // of the policy's paths that fit, in release order
    QStringList applications; // of those that are known, the ones that fit; by name
    QStringList
        promotions; // ids of open ones that nobody has claimed: they could not start while it holds. Oldest first
    QList<Interval> next = {}; // of one that repeats: the first few that are not over
    Permission may;
    bool operator==(const FreezeReach &) const = default;
};

// `applications`: all that are known besides those of the ledger, in any order.
FreezeReach freezeReach(const Policy &policy, const Entries &entries, const FreezeOrder &order,
                        const QStringList &applications, const BoardOperator &me, const QDateTime &now);
// Why the order makes no sense at this time, for people; empty: it does.
QString freezeFault(const FreezeOrder &order, const QDateTime &now);
// What it would refuse now that it would not have when it was shown, or the other way round; empty: nothing.
QString whatMoved(const FreezeReach &seen, const FreezeReach &now);

} // namespace signalbox::policy
