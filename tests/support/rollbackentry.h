#pragma once

#include "models/domain/ulid.h"
#include "services/ledger/ledgerentry.h"

namespace signalbox::test
{

// Ann went back with cart in production, for `reason`, and it was done.
inline LedgerEntry rollbackEntry(const QDateTime &at, const QString &reason = {})
{
    LedgerEntry entry;
    entry.id = newUlid(at);
    entry.at = at;
    entry.who = {QStringLiteral("Ann"), QStringLiteral("ann@shop.example"), QStringLiteral("ann"),
                 QStringLiteral("desk")};
    entry.application = QStringLiteral("cart");
    entry.environment = QStringLiteral("production");
    entry.kind = OperationKind::Rollback;
    entry.direction = Direction::Back;
    entry.reason = reason;
    entry.outcome.kind = OutcomeKind::Done;
    entry.outcome.startedAt = at;
    entry.outcome.finishedAt = at;
    return entry;
}

} // namespace signalbox::test
