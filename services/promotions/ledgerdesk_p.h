#pragma once

#include "models/policy/standing.h"
#include "services/promotions/ledgerdesk.h"

// For the files of the desk only.
namespace signalbox
{

inline Error refused(const QString &reason)
{
    return {ErrorKind::Refused, reason, {}};
}

// Commits that the ledger's requests name for digests: the newest of each.
QHash<QString, QString> commitsByDigest(const policy::Entries &entries);

} // namespace signalbox
