#pragma once

#include "models/pipelines/run.h"
#include "ui/theme/tokens.h"

#include <QRectF>

class QPainter;

namespace signalbox
{

// The sign of a run or job: that of its health, and ■ for what was cancelled, which is neither good nor bad but over.
void paintRunState(QPainter *painter, RunState state, const QRectF &rect);
const Tone &runStateTone(RunState state);

} // namespace signalbox
