#pragma once

#include "app/commands/documentjson.h"
#include "app/commands/vendorgates.h"

// What `signalbox approvals` prints of gates of vendors. Times are UTC.
namespace signalbox::commands
{

QString gatesText(const QList<FoundGate> &gates, const QDateTime &now); // empty: none waits
QString waitingGateText(const FoundGate &gate);
Json gatesJson(const QList<FoundGate> &gates);
Json problemsJson(const QList<std::pair<QString, Error>> &problems);

} // namespace signalbox::commands
