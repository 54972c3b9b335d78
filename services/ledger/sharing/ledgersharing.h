#pragma once

#include "models/domain/error.h"

#include <QDateTime>
#include <QString>

#include <optional>

namespace signalbox
{

// How far a ledger is shared, for people: what is pushed and what is not. A value; times in UTC.
struct LedgerSharing
{
    QString remote;               // where it is shared; empty: it stays on this machine
    bool isBusy = false;          // a round is under way
    qsizetype waiting = 0;        // entries here that the remote did not have at the last contact
    QString remoteTip;            // its commit at the last contact; empty: it had none, or there never was one
    QDateTime sharedAt;           // the last round that worked, of any program; invalid: none did
    QDateTime triedAt;            // the last one at all, of this program
    QDateTime nextAt;             // when it is tried again by itself; invalid: not by itself
    std::optional<Error> problem; // of the last round; none: it worked

    bool isShared() const { return !remote.isEmpty(); }
    bool isAllPushed() const { return isShared() && waiting == 0 && sharedAt.isValid(); }
};

} // namespace signalbox
