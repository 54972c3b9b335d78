#pragma once

#include "models/pipelines/gate.h"
#include "models/pipelines/runhistory.h"
#include "models/pipelines/stagegraph.h"
#include "ui/widgets/stagegraph.h"

namespace signalbox
{

// What stands in the boxes of a run's graph: how long each has taken and how much of what it usually takes that is,
// what it waits for, and in the tip what else is known of it. `usual` by a job's name.
QList<StageBox> stageBoxes(const stages::Graph &graph, const RunDetail &detail,
                           const QHash<QString, runs::JobTime> &usual, const QList<WaitingGate> &gates,
                           const QDateTime &now);

} // namespace signalbox
