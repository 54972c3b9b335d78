#pragma once

#include "app/commands/rehearsecommand.h"
#include "app/commands/statusconnection.h"
#include "app/commands/statusmetrics.h"
#include "app/exitstatus.h"
#include "app/wiring/session.h"
#include "models/domain/application.h"
#include "models/domain/cluster.h"
#include "models/domain/operation.h"
#include "models/domain/traffic.h"
#include "services/ports/rollbackprovider.h"

#include <QString>

#include <optional>

// The documents of --json, one line end at their end. Their fields are a promise: `signalbox help COMMAND` lists them
// (app/cli/grammar.cpp) and tests/cli compares them with a recorded document.
namespace signalbox::commands
{

QString errorJson(const Error &error, ExitStatus status);
QString statusJson(Session &session, const QList<Deployed> &deployed, const QDateTime &readAt,
                   const StatusFigures &figures = {});
QString statusJson(const QList<StatusConnection> &connections, bool isComplete, const QList<Deployed> &deployed,
                   const QDateTime &readAt, const StatusFigures &figures = {});
QString trafficJson(const Deployed &deployed, const QList<TrafficSplit> &splits);
QString revisionsJson(const Deployed &deployed, const ObjectRef &workload, const QList<RollbackTarget> &targets);
QString rehearsalsJson(const QList<RehearseCommand::Rehearsed> &all, ExitStatus status);
QString operationJson(const Plan &plan, const std::optional<Outcome> &outcome, ExitStatus status);

} // namespace signalbox::commands
