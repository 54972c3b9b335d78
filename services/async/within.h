#pragma once

#include "services/async/deliver.h"

#include <QCoreApplication>
#include <QTimer>

#include <chrono>
#include <memory>
#include <utility>

namespace signalbox
{

// The answer, or TimedOut where there is none in time; what comes later is dropped. `context` lives in a thread with an
// event loop; when it goes, there is no answer.
template <typename T>
QFuture<Result<T>> within(QObject *context, const QFuture<Result<T>> &future, std::chrono::milliseconds limit)
{
    auto promise = std::make_shared<QPromise<Result<T>>>();
    promise->start();
    const auto answer = [promise, isAnswered = std::make_shared<bool>(false)](const Result<T> &result) {
        if (std::exchange(*isAnswered, true))
            return;
        promise->addResult(result);
        promise->finish();
    };
    deliver(future, {}, context, answer);
    QTimer::singleShot(limit, context, [answer, limit] {
        answer(Error{ErrorKind::TimedOut,
                     QCoreApplication::translate("Async", "no answer within %1 s").arg(limit.count() / 1000),
                     {}});
    });
    return promise->future();
}

} // namespace signalbox
