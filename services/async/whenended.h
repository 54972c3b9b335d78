#pragma once

#include "models/domain/result.h"

#include <QFuture>
#include <QPromise>

#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

// What goes on when a future ends, without a thread that waits or an event loop: for services. The GUI takes its
// answers with deliver() or after(). In place of QFuture::then(), which in Qt 6.4 may run twice (whenended.cpp has
// how). As there, a future takes one continuation; a second replaces the first. deliver() and resultOf() take none.
namespace signalbox
{

enum class Continues {
    Inline,   // in the thread that ends the future, or at once when it has ended: short, and waits for nothing
    OnWorker, // of the global pool, always: reads, parses
};

// Once for each call, also when the promise is dropped. What it throws ends there.
void runWhenEnded(const QFutureInterfaceBase &future, std::function<void()> run, Continues where);

// Of a future that has ended. No result: a promise was dropped or a continuation threw.
template <typename T>
Result<T> answerOf(const QFuture<Result<T>> &ended)
{
    if (ended.resultCount() == 0)
        return Error{ErrorKind::Internal, QStringLiteral("The answer was lost inside the program."), {}};
    return ended.result();
}

// run: const QFuture<Result<T>> & -> void; of the future that has ended.
template <typename T, typename Run>
void whenEnded(const QFuture<Result<T>> &future, Run run, Continues where = Continues::Inline)
{
    runWhenEnded(
        QFutureInterfaceBase::get(future), [future, run = std::move(run)]() mutable { run(future); }, where);
}

// run: const Result<T> & -> void; sees errors too, and an answer that was lost as one.
template <typename T, typename Run>
void whenAnswered(const QFuture<Result<T>> &future, Run run, Continues where = Continues::Inline)
{
    whenEnded(
        future, [run = std::move(run)](const QFuture<Result<T>> &ended) mutable { run(answerOf(ended)); }, where);
}

// A lost answer stays lost, for deliver() to tell: of a write its outcome is unknown then.
template <typename T>
void passOn(const QFuture<Result<T>> &future, const std::shared_ptr<QPromise<Result<T>>> &promise)
{
    whenEnded(future, [promise](const QFuture<Result<T>> &ended) {
        if (ended.resultCount() == 0)
            return;
        promise->addResult(ended.result());
        promise->finish();
    });
}

// next: const Result<T> & -> Result<U>; sees errors too. A lost answer stays lost.
template <typename T, typename F>
auto continued(const QFuture<Result<T>> &future, F next, Continues where = Continues::Inline)
    -> QFuture<std::invoke_result_t<F &, const Result<T> &>>
{
    using Answer = std::invoke_result_t<F &, const Result<T> &>;
    auto promise = std::make_shared<QPromise<Answer>>();
    promise->start();
    QFuture<Answer> answer = promise->future();
    whenEnded(
        future,
        [promise, next = std::move(next)](const QFuture<Result<T>> &ended) mutable {
            if (ended.resultCount() == 0)
                return;
            promise->addResult(next(ended.result()));
            promise->finish();
        },
        where);
    return answer;
}

// next: const Result<T> & -> QFuture<Result<U>>; sees errors too. A lost answer stays lost.
template <typename T, typename F>
auto chained(const QFuture<Result<T>> &future, F next, Continues where = Continues::Inline)
    -> std::invoke_result_t<F &, const Result<T> &>
{
    using Next = std::invoke_result_t<F &, const Result<T> &>;
    auto promise = std::make_shared<QPromise<std::decay_t<decltype(std::declval<Next>().result())>>>();
    promise->start();
    Next answer = promise->future();
    whenEnded(
        future,
        [promise, next = std::move(next)](const QFuture<Result<T>> &ended) mutable {
            if (ended.resultCount() > 0)
                passOn(next(ended.result()), promise);
        },
        where);
    return answer;
}

} // namespace signalbox
