#pragma once

#include "app/commands/rehearsecommand.h"
#include "app/commands/statusconnection.h"
#include "app/commands/statusmetrics.h"
#include "app/wiring/session.h"
#include "models/domain/application.h"
#include "models/domain/operation.h"
#include "models/domain/traffic.h"
#include "services/ports/rollbackprovider.h"

#include <QString>

// What the command line prints for people. Times are UTC; state is a sign and a word.
namespace signalbox::commands
{

// `figures`: of tracks; empty: there is no column for them.
QString statusText(Session &session, const QList<Deployed> &deployed, const QDateTime &readAt,
                   const StatusFigures &figures = {});
// `isComplete`: all of it was read, and is true now.
QString statusText(const QList<StatusConnection> &connections, bool isComplete, const QList<Deployed> &deployed,
                   const QDateTime &readAt, const StatusFigures &figures = {});
QString trafficText(const Deployed &deployed, const QList<TrafficSplit> &splits);
QString revisionsText(const Deployed &deployed, const ObjectRef &workload, const QList<RollbackTarget> &targets);
QString rehearsalsText(const QList<RehearseCommand::Rehearsed> &all, bool isComplete);
// Everything that a confirmation rests on: from, to, effect, steps with their difference, checks.
QString planText(const Plan &plan);
QString outcomeText(const Plan &plan, const Outcome &outcome);

// Columns as wide as their widest cell, two blanks between.
QString tableText(const QList<QStringList> &rows);
QString ageText(const QDateTime &since, const QDateTime &now); // "3d", "12m"; "-": unknown

} // namespace signalbox::commands
