#pragma once

#include "models/domain/application.h"
#include "ui/charts/chartgroup.h"

namespace signalbox
{

class ClusterStore;
class LedgerTable;
class OperationCenter;

// What happened to an application, for the time axis of its charts.

// When each of its tracks was last rolled out. `application` is put before the version; empty: it goes without saying.
QList<ChartMarker> rollOutMarkers(const Deployed &deployed, const QString &application = {});
// Its earlier roll-outs that the cluster still knows of: when each kept revision but the present one was made. Going
// back to a revision makes none: when that was, operations and the ledger know.
QList<ChartMarker> earlierMarkers(const Deployed &deployed, const ClusterStore &store, const QString &application = {});
// Of all of them that are in this cluster, each with its application's name, in one pass.
QList<ChartMarker> earlierMarkers(const QList<Deployed> &deployed, const QString &connection,
                                  const ClusterStore &store);
// What was done to it in the last 31 days by others or before this session, as far as the ledger was read: operations
// that reached the cluster, each at the moment it was recorded. `operations` may be null: theirs are left out.
QList<ChartMarker> recordedMarkers(const Deployed &deployed, const LedgerTable &table,
                                   const OperationCenter *operations);
// Of all of them, in one pass.
QList<ChartMarker> recordedMarkers(const QList<Deployed> &deployed, const LedgerTable &table,
                                   const OperationCenter *operations);
// The steps of this session's operations on it, each at the moment the remote accepted it: then the world began to
// change. `key` is Deployed::key().
QList<ChartMarker> operationMarkers(const OperationCenter &operations, const QString &key);

} // namespace signalbox
