#pragma once

#include "services/async/deliver.h"
#include "services/operations/clock.h"
#include "services/operations/operationrun.h"

// OperationRun's templates, for its own files only.
namespace signalbox
{

template <typename Handler>
void OperationRun::after(std::chrono::milliseconds delay, Handler handler)
{
    env.clock->callAfter(delay, this, [this, epoch = m_epoch, handler = std::move(handler)] {
        if (epoch == m_epoch)
            handler();
    });
}

template <typename T, typename Handler>
void OperationRun::answer(const QFuture<Result<T>> &future, Handler handler, ErrorKind lostAs)
{
    deliver(
        future, m_stop.get_token(), this,
        [this, epoch = m_epoch, handler = std::move(handler)](const Result<T> &result) {
            if (epoch == m_epoch)
                handler(result);
        },
        lostAs);
}

} // namespace signalbox
