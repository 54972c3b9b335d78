#pragma once

#include "services/adapters/travis/travisreads.h"
#include "services/ports/pipelinesource.h"

#include <chrono>

namespace signalbox::travis
{

// A job's log from /job/J/log.txt, which gives all that there is by now: it is asked again, with growing pauses for
// long ones, while the job goes on. `context` lives in the GUI thread; when it goes, there is no answer.
QFuture<Result<LogEnd>> readLog(QObject *context, const Reads &reads, const LogQuery &query, LogTaker taker,
                                std::chrono::milliseconds pause, const StopToken &stop);

} // namespace signalbox::travis
