#pragma once

#include "models/domain/result.h"
#include "services/async/stoptoken.h"

#include <QFuture>
#include <QFutureWatcher>
#include <QObject>
#include <QPromise>

#include <utility>

namespace signalbox
{

// Answers in the thread of `context`, once, never from inside this call; silent when `context` is gone.
// No result without a stop means that a promise was dropped or a continuation threw: an error that must be seen, and
// for a write (`lostAs` = OutcomeUnknown) an outcome to be read again, never a quiet Cancelled.
template <typename T, typename Handler>
void deliver(const QFuture<Result<T>> &future, const StopToken &stop, QObject *context, Handler handler,
             ErrorKind lostAs = ErrorKind::Internal)
{
    auto *watcher = new QFutureWatcher<Result<T>>(context);
    QObject::connect(watcher, &QFutureWatcherBase::finished, context,
                     [watcher, stop, lostAs, handler = std::move(handler)]() mutable {
                         watcher->deleteLater();
                         if (watcher->future().resultCount() == 0) {
                             const bool stopped = stop.stop_requested() && lostAs != ErrorKind::OutcomeUnknown;
                             handler(Result<T>(Error{stopped ? ErrorKind::Cancelled : lostAs,
                                                     QStringLiteral("The answer was lost inside the program."),
                                                     {}}));
                         } else {
                             handler(watcher->result());
                         }
                     });
    watcher->setFuture(future);
}

// A future that already has its answer.
template <typename T>
QFuture<Result<T>> ready(Result<T> result)
{
    QPromise<Result<T>> promise;
    promise.start();
    promise.addResult(std::move(result));
    promise.finish();
    return promise.future();
}

} // namespace signalbox
