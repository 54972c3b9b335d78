#pragma once

#include "models/policy/riskcache.h"
#include "models/policy/standing.h"
#include "services/promotions/ledgerdesk.h"

// For the files of the desk only.
namespace signalbox
{

inline Error refused(const QString &reason)
{
    return {ErrorKind::Refused, reason, {}};
}

// Whether anything but a cluster knows the application: a rule that names it, or what was asked for or done there. A
// vendor's gate may let in what no cluster shows.
bool isNamed(const policy::LedgerHead &head, const policy::EnvironmentPolicy &rules, const QString &application);

// What was worked out of one head of the ledger and holds for more than one board. Used on the desk's queue.
struct BoardMemory
{
    std::shared_ptr<const policy::LedgerHead> head;
    policy::RiskCache risks;
    policy::Schedules schedules; // of all its entries; they tell of a week back and a year ahead
    QDateTime schedulesOf;       // laid out then; invalid: not yet

    // Forgets what belongs to another head.
    void take(const std::shared_ptr<const policy::LedgerHead> &newest);
    // Laid out once an hour, and when the clock was set back.
    const policy::Schedules &schedulesAt(const QDateTime &now);
};

// Commits that the ledger's requests name for digests: the newest of each.
QHash<QString, QString> commitsByDigest(const policy::Entries &entries);

} // namespace signalbox
