#pragma once

#include "models/domain/readiness.h"
#include "services/async/stoptoken.h"

#include <QObject>

#include <functional>

namespace signalbox
{

class ClusterSet;

// Rehearses going back once: all traffic to an older track that runs, where there is one; else, and where that is
// closed, every workload of the live track to its last good revision, of which the worst counts and is named. The
// better way is the answer. Reads, checks and dry runs; writes nothing. GUI thread. `done` is called once, later; never
// when `stop` was asked for or `context` is gone. `carried`: as TrafficOrder has it.
void rehearse(ClusterSet &clusters, const Deployed &of, const QMap<QString, int> &carried, const StopToken &stop,
              QObject *context, std::function<void(const Readiness &)> done);

} // namespace signalbox
