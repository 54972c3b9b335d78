#include "services/async/whenended.h"

#include <QLoggingCategory>
#include <QThreadPool>

#include <atomic>

// Why not QFuture::then(). A future that ends says so twice: reportFinished() makes its state Finished under one mutex,
// then runContinuation() takes another, continuationMutex, and runs what is kept there. then() ends in
// setContinuation(), which takes continuationMutex, and
//
//   the state is not Finished   keeps the continuation; who ends the future runs it               once
//   the state is Finished       runs the continuation *and then keeps it*, so that the future     once, or twice
//                               made by then() lives as long as this one
//
// Kept, it is run a second time when who ends the future has made the state Finished but has not come to
// runContinuation() yet: attached in the moment in which the future ends, and only then. (Once the promise is gone,
// nothing is kept any more.) By then the first run has moved the function and the promise out of the continuation, and
// QPromise::start() of an empty promise is a null pointer. onCanceled(), onFailed() and unwrap() are built on the same
// call. From qtbase, src/corelib/thread/qfutureinterface.cpp and qfuture_impl.h; later versions note in
// continuationExecuted that it ran.
//
// So the continuation is handed to setContinuation() without then(), and holds what is to run only until its first run;
// a second finds nothing. It is never lost either: the two mutexes leave no moment in which both threads leave it to
// the other. Who comes first runs it, in the thread in which then() would have.
namespace signalbox
{

namespace
{

Q_LOGGING_CATEGORY(category, "signalbox.services.async")

// What is to run, taken by the first that comes.
class RunsOnce
{
public:
    RunsOnce(std::function<void()> run, Continues where)
        : m_run(std::move(run))
        , m_where(where)
    {}

    void operator()()
    {
        if (m_isTaken.exchange(true))
            return;
        // Out of here before it runs: what it holds, the future itself among it, must not stay with the future.
        if (m_where == Continues::OnWorker)
            QThreadPool::globalInstance()->start([run = std::exchange(m_run, {})] { guarded(run); });
        else
            guarded(std::exchange(m_run, {}));
    }

private:
    // Who ends the future must not meet it; a promise that goes with it tells that an answer was lost.
    static void guarded(const std::function<void()> &run)
    {
        try {
            run();
        } catch (const std::exception &problem) {
            qCWarning(category, "What goes on after an answer threw: %s", problem.what());
        } catch (...) {
            qCWarning(category, "What goes on after an answer threw.");
        }
    }

    std::atomic_bool m_isTaken = false;
    std::function<void()> m_run;
    const Continues m_where;
};

// setContinuation() is protected; get() is public.
class Attachment : public QFutureInterfaceBase
{
public:
    explicit Attachment(const QFutureInterfaceBase &future)
        : QFutureInterfaceBase(future)
    {}

    void attach(const std::shared_ptr<RunsOnce> &runs)
    {
        auto run = [runs](const QFutureInterfaceBase &) { (*runs)(); };
#if QT_VERSION < QT_VERSION_CHECK(6, 10, 0)
        setContinuation(std::move(run));
#else
        setContinuation(std::move(run), nullptr, ContinuationType::Unknown);
#endif
    }
};

} // namespace

void runWhenEnded(const QFutureInterfaceBase &future, std::function<void()> run, Continues where)
{
    Attachment(future).attach(std::make_shared<RunsOnce>(std::move(run), where));
}

} // namespace signalbox
