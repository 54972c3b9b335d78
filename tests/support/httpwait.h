#pragma once

#include "services/net/http.h"

#include <QElapsedTimer>
#include <QFuture>
#include <QTest>

namespace signalbox::test
{

// Waits for an answer in a test, with the event loop running; fails the test by an Internal error after `ms`.
template <typename T>
Result<T> waitFor(const QFuture<Result<T>> &future, int ms = 10'000)
{
    if (!QTest::qWaitFor([&] { return future.isFinished(); }, ms))
        return Error{ErrorKind::Internal, QStringLiteral("no answer within %1 ms").arg(ms), {}};
    if (future.resultCount() == 0)
        return Error{ErrorKind::Internal, QStringLiteral("the promise was dropped"), {}};
    return future.result();
}

} // namespace signalbox::test
