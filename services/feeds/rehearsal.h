#pragma once

#include "models/domain/readiness.h"
#include "services/async/stoptoken.h"

#include <QObject>

#include <functional>

namespace signalbox
{

class ClusterSet;

// Rehearses going back once: every workload of the live track to its last good revision, of which the worst counts and
// is named, and, where that way is not clear, all traffic to another track that runs; the better way is the answer.
// Reads, checks and dry runs; writes nothing. GUI thread. `done` is called once, later; never when `stop` was asked for
// or `context` is gone.
void rehearse(ClusterSet &clusters, const Deployed &of, const StopToken &stop, QObject *context,
              std::function<void(const Readiness &)> done);

} // namespace signalbox
