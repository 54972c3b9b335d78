#pragma once

#include "services/async/chain.h"

#include <algorithm>

// Hundreds of questions of one kind, a few of them at a time; for services that live on the GUI thread. Making a
// request takes that thread some 30 us (measured): a thousand at once are two frames, and whoever asks the same server
// for one thing meanwhile would wait behind all of them.
namespace signalbox
{

template <typename T, typename Ask, typename GoesOn>
struct InTurn
{
    InTurn(Ask asks, GoesOn decides, StopToken stopped)
        : ask(std::move(asks))
        , goesOn(std::move(decides))
        , stop(std::move(stopped))
    {}

    Ask ask;
    GoesOn goesOn;
    StopToken stop;
    QPromise<Result<QList<Result<T>>>> promise;
    QList<Result<T>> results;
    qsizetype next = 0;
    int underWay = 0;
    bool isOver = false;
};

template <typename T, typename Ask, typename GoesOn>
void askNext(QObject *context, const std::shared_ptr<InTurn<T, Ask, GoesOn>> &turns)
{
    const qsizetype place = turns->next++;
    ++turns->underWay;
    deliver(turns->ask(place), {}, context, [context, turns, place](const Result<T> &result) {
        turns->results[place] = result;
        --turns->underWay;
        turns->isOver = turns->isOver || turns->stop.stop_requested() || !turns->goesOn(result);
        if (!turns->isOver && turns->next < turns->results.size())
            askNext(context, turns);
        if (turns->underWay > 0)
            return;
        turns->promise.addResult(Result<QList<Result<T>>>(turns->results));
        turns->promise.finish();
    });
}

// All answers, in the order of the questions, as gathered() has them; errors stay with their question. Question 0 to
// `count` - 1 are asked in this order, `most` of them at a time.
// ask: qsizetype -> QFuture<Result<T>>. goesOn: const Result<T> & -> bool; false: the others need not be asked any
// more. What was not asked, for that or for the stop, is Cancelled, and stands behind whatever was answered.
template <typename Ask, typename GoesOn>
auto gatheredInTurn(QObject *context, qsizetype count, qsizetype most, const StopToken &stop, Ask ask, GoesOn goesOn)
    -> QFuture<Result<QList<Result<typename ResultOfFuture<std::invoke_result_t<Ask &, qsizetype>>::Type>>>>
{
    using T = typename ResultOfFuture<std::invoke_result_t<Ask &, qsizetype>>::Type;
    if (count <= 0)
        return ready(Result<QList<Result<T>>>(QList<Result<T>>()));
    const auto turns = std::make_shared<InTurn<T, Ask, GoesOn>>(std::move(ask), std::move(goesOn), stop);
    turns->promise.start();
    turns->results.reserve(count);
    for (qsizetype i = 0; i < count; ++i)
        turns->results.append(Result<T>(Error{ErrorKind::Cancelled, {}, {}}));
    const auto answer = turns->promise.future();
    for (qsizetype i = 0; i < std::min(count, std::max<qsizetype>(most, 1)); ++i)
        askNext(context, turns);
    return answer;
}

} // namespace signalbox
