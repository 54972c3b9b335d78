#pragma once

#include "models/log/joblog.h"
#include "models/pipelines/run.h"

#include <QList>

namespace signalbox
{

// The line of the log with which each step of its job begins; -1: it has no part there. By the head of a group that is
// called like it, else by times: the first line of the second in which it began, or the group that begins in it.
QList<int> linesOfSteps(const JobLog &log, const QList<JobStep> &steps);

} // namespace signalbox
