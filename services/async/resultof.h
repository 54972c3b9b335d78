#pragma once

#include "models/domain/result.h"
#include "services/async/stoptoken.h"

#include <QFuture>
#include <QSemaphore>

#include <memory>

namespace signalbox
{

// Waits for the answer. Only for a thread that does one such thing after the other and nothing else (SerialQueue), and
// for work that ends by itself: with a time-out or a stop. With a stop of its own it is Cancelled at once, whatever
// becomes of the work: for what is asked of the main thread, which may be waiting for this one to end.
template <typename T>
Result<T> resultOf(QFuture<Result<T>> future, const StopToken &stop = {})
{
    const auto done = std::make_shared<QSemaphore>(); // release() may still be in it when acquire() returns
    const auto release = [done] { done->release(); };
    const StopCallback<decltype(release)> wake(stop, release);
    auto released = future.then([done](const QFuture<Result<T>> &) { done->release(); });
    done->acquire();
    Q_UNUSED(released)
    if (!future.isFinished())
        return Error{ErrorKind::Cancelled, {}, {}};
    if (future.resultCount() == 0)
        return Error{ErrorKind::Internal, QStringLiteral("The answer was lost inside the program."), {}};
    return future.result();
}

} // namespace signalbox
