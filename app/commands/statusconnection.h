#pragma once

#include "models/domain/cluster.h"
#include "models/domain/error.h"
#include "models/domain/freshness.h"

#include <QDateTime>
#include <QList>
#include <QString>

#include <optional>

namespace signalbox
{

class Session;

namespace commands
{

// What `signalbox status` tells of one connection.
struct StatusConnection
{
    QString id;
    QString title;
    ClusterInfo info;
    QString state; // "live", "loading", else how old what is shown is
    std::optional<Error> error;
    QDateTime trueAt = {}; // UTC, of what is shown though it is stale; invalid: it is live, or there is none
};
QList<StatusConnection> statusConnections(Session &session);
// UTC, the oldest time at which what is shown of these was true: of those that are stale, whatever else is denied or
// failed. Invalid: none is stale.
QDateTime trueAtOf(const QList<Freshness> &listings);
QString freshnessName(Freshness::State state); // "live", "stale" ...: as --json has it

} // namespace commands

} // namespace signalbox
