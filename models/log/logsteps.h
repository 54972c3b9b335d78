#pragma once

#include "models/log/joblog.h"
#include "models/pipelines/run.h"

#include <QList>

namespace signalbox
{

// The line of the log with which each step of its job begins; -1: it has no part there. By the head of a group that is
// called like it, where that was written while the step ran; else by times: the group that begins in the second in
// which it began, as long as there is only one, and only one step that began then; otherwise the first line of that
// second: vendors tell no less than seconds, and what stands there first may be the end of the step before.
QList<int> linesOfSteps(const JobLog &log, const QList<JobStep> &steps);

} // namespace signalbox
