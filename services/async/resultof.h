#pragma once

#include "models/domain/result.h"
#include "services/async/stoptoken.h"

#include <QFuture>
#include <QSemaphore>

#include <algorithm>
#include <memory>

namespace signalbox
{

// Waits for the answer. Only for a thread that does one such thing after the other and nothing else (SerialQueue), and
// for work that ends by itself: with a time-out or a stop. With a stop of its own it is Cancelled at once, whatever
// becomes of the work: for what is asked of the main thread, which may be waiting for this one to end.
template <typename T>
Result<T> resultOf(QFuture<Result<T>> future, const StopToken &stop = {})
{
    // No continuation: a future takes one only, which is whose it is that goes on (whenended.h).
    const auto woken = std::make_shared<QSemaphore>(); // release() may still be in it when this returns
    const auto wakeUp = [woken] { woken->release(); };
    const StopCallback<decltype(wakeUp)> onStop(stop, wakeUp);
    for (int pause = 1; stop.stop_possible() && !future.isFinished() && !stop.stop_requested();
         pause = std::min(2 * pause, 10))
        woken->tryAcquire(1, pause); // milliseconds
    if (!stop.stop_requested())
        future.waitForFinished();
    if (!future.isFinished())
        return Error{ErrorKind::Cancelled, {}, {}};
    if (future.resultCount() == 0)
        return Error{ErrorKind::Internal, QStringLiteral("The answer was lost inside the program."), {}};
    return future.result();
}

} // namespace signalbox
