#pragma once

#include "models/domain/application.h"
#include "ui/charts/chartgroup.h"

namespace signalbox
{

class OperationCenter;

// What happened to an application, for the time axis of its charts.

// When each of its tracks was last rolled out. `application` is put before the version; empty: it goes without saying.
QList<ChartMarker> rollOutMarkers(const Deployed &deployed, const QString &application = {});
// The steps of this session's operations on it, each at the moment the remote accepted it: then the world began to
// change. `key` is Deployed::key().
QList<ChartMarker> operationMarkers(const OperationCenter &operations, const QString &key);

} // namespace signalbox
