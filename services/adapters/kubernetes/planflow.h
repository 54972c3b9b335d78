#pragma once

#include "models/domain/result.h"
#include "services/adapters/kubernetes/unreadable.h"
#include "services/async/deliver.h"
#include "services/async/whenended.h"

#include <nlohmann/json.hpp>

#include <QFuture>
#include <QList>
#include <QPromise>

#include <atomic>
#include <memory>
#include <utility>

// Several questions one after the other, each answer looked at on a worker. Every future made here ends with one
// Result, or without where an answer was lost, which deliver() tells; an exception of the JSON library ends as a
// Protocol error here and goes no further.
namespace signalbox::kubernetes
{

using Json = nlohmann::json;

template <typename Future>
struct FutureValue;
template <typename T>
struct FutureValue<QFuture<Result<T>>>
{
    using Type = T;
};

template <typename T>
void settle(const std::shared_ptr<QPromise<Result<T>>> &promise, Result<T> result)
{
    promise->addResult(std::move(result));
    promise->finish();
}

inline Error lostAnswer()
{
    return Error{ErrorKind::Internal, QStringLiteral("The answer was lost inside the program."), {}};
}

inline Error notUnderstood(const nlohmann::json::exception &problem)
{
    return unreadableAnswer(KubernetesText::tr("what a plan is made from"), QString::fromUtf8(problem.what()));
}

// next: const Result<T> & -> QFuture<Result<U>>, on a worker; sees errors too.
template <typename T, typename F>
auto afterwards(QFuture<Result<T>> future, F next) -> std::invoke_result_t<F, const Result<T> &>
{
    using Next = std::invoke_result_t<F, const Result<T> &>;
    using U = typename FutureValue<Next>::Type;
    auto promise = std::make_shared<QPromise<Result<U>>>();
    promise->start();
    Next answer = promise->future();
    whenEnded(
        future,
        [promise, next = std::move(next)](const QFuture<Result<T>> &ended) mutable {
            if (ended.resultCount() == 0)
                return;
            try {
                passOn(next(ended.result()), promise);
            } catch (const nlohmann::json::exception &problem) {
                settle(promise, Result<U>(notUnderstood(problem)));
            }
        },
        Continues::OnWorker);
    return answer;
}

// next: const T & -> QFuture<Result<U>>, on a worker; an error passes through.
template <typename T, typename F>
auto andThen(QFuture<Result<T>> future, F next) -> std::invoke_result_t<F, const T &>
{
    using Next = std::invoke_result_t<F, const T &>;
    using U = typename FutureValue<Next>::Type;
    return afterwards(std::move(future), [next = std::move(next)](const Result<T> &result) mutable -> Next {
        if (!result)
            return ready(Result<U>(result.error()));
        return next(*result);
    });
}

// f: const Result<T> & -> Result<U>, on a worker; sees errors too.
template <typename T, typename F>
auto converted(QFuture<Result<T>> future, F f) -> QFuture<std::invoke_result_t<F, const Result<T> &>>
{
    return afterwards(std::move(future),
                      [f = std::move(f)](const Result<T> &result) mutable { return ready(f(result)); });
}

// f: const T & -> Result<U>, on a worker; an error passes through.
template <typename T, typename F>
auto mapped(QFuture<Result<T>> future, F f) -> QFuture<std::invoke_result_t<F, const T &>>
{
    using Out = std::invoke_result_t<F, const T &>;
    return converted(std::move(future), [f = std::move(f)](const Result<T> &result) mutable -> Out {
        if (!result)
            return result.error();
        return f(*result);
    });
}

// All answers, in the order of the questions; errors stay with their question.
template <typename T>
QFuture<Result<QList<Result<T>>>> gathered(const QList<QFuture<Result<T>>> &futures)
{
    struct State
    {
        QPromise<Result<QList<Result<T>>>> promise;
        QList<Result<T>> results;
        Result<T> *slots_ = nullptr; // each written by one answer alone, read after the last
        std::atomic<qsizetype> left{0};
    };
    auto state = std::make_shared<State>();
    state->promise.start();
    auto answer = state->promise.future();
    if (futures.isEmpty()) {
        state->promise.addResult(Result<QList<Result<T>>>(QList<Result<T>>()));
        state->promise.finish();
        return answer;
    }
    for (qsizetype i = 0; i < futures.size(); ++i)
        state->results.append(Result<T>(lostAnswer()));
    state->slots_ = state->results.data();
    state->left = futures.size();
    for (qsizetype i = 0; i < futures.size(); ++i) {
        whenEnded(futures[i], [state, i](const QFuture<Result<T>> &ended) {
            if (ended.resultCount() == 0)
                return;
            state->slots_[i] = ended.result();
            if (state->left.fetch_sub(1) == 1) {
                state->promise.addResult(Result<QList<Result<T>>>(state->results));
                state->promise.finish();
            }
        });
    }
    return answer;
}

} // namespace signalbox::kubernetes
