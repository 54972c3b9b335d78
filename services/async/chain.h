#pragma once

#include "services/async/deliver.h"

#include <QList>

#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

// One question after the other, each answer looked at in the thread of `context`; for services that live on the GUI
// thread. When `context` goes, what is under way is dropped: who waits sees no result, which deliver() tells.
namespace signalbox
{

template <typename Future>
struct ResultOfFuture;
template <typename T>
struct ResultOfFuture<QFuture<Result<T>>>
{
    using Type = T;
};

// next: const Result<T> & -> QFuture<Result<U>>; sees errors too.
template <typename T, typename F>
auto afterAny(QObject *context, const QFuture<Result<T>> &future, F next) -> std::invoke_result_t<F, const Result<T> &>
{
    using Next = std::invoke_result_t<F, const Result<T> &>;
    using U = typename ResultOfFuture<Next>::Type;
    auto promise = std::make_shared<QPromise<Result<U>>>();
    promise->start();
    Next answer = promise->future();
    deliver(future, {}, context, [promise, context, next = std::move(next)](const Result<T> &result) mutable {
        deliver(next(result), {}, context, [promise](const Result<U> &last) {
            promise->addResult(last);
            promise->finish();
        });
    });
    return answer;
}

// next: const T & -> QFuture<Result<U>>; an error passes through.
template <typename T, typename F>
auto after(QObject *context, const QFuture<Result<T>> &future, F next) -> std::invoke_result_t<F, const T &>
{
    using Next = std::invoke_result_t<F, const T &>;
    using U = typename ResultOfFuture<Next>::Type;
    return afterAny(context, future, [next = std::move(next)](const Result<T> &result) mutable -> Next {
        if (!result)
            return ready(Result<U>(result.error()));
        return next(*result);
    });
}

inline QFuture<Result<void>> after(QObject *context, const QFuture<Result<void>> &future,
                                   std::function<QFuture<Result<void>>()> next)
{
    return afterAny(context, future,
                    [next = std::move(next)](const Result<void> &result) { return result ? next() : ready(result); });
}

// All answers, in the order of the questions; errors stay with their question.
template <typename T>
QFuture<Result<QList<Result<T>>>> gathered(QObject *context, const QList<QFuture<Result<T>>> &futures)
{
    struct State
    {
        QPromise<Result<QList<Result<T>>>> promise;
        QList<Result<T>> results;
        qsizetype left = 0;
    };
    if (futures.isEmpty())
        return ready(Result<QList<Result<T>>>(QList<Result<T>>()));
    auto state = std::make_shared<State>();
    state->promise.start();
    state->left = futures.size();
    for (qsizetype i = 0; i < futures.size(); ++i)
        state->results.append(Result<T>(Error{ErrorKind::Internal, QStringLiteral("not answered yet"), {}}));
    const auto answer = state->promise.future();
    for (qsizetype i = 0; i < futures.size(); ++i) {
        deliver(futures.at(i), {}, context, [state, i](const Result<T> &result) {
            state->results[i] = result;
            if (--state->left > 0)
                return;
            state->promise.addResult(Result<QList<Result<T>>>(state->results));
            state->promise.finish();
        });
    }
    return answer;
}

} // namespace signalbox
