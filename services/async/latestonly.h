#pragma once

#include "services/async/deliver.h"

#include <memory>

namespace signalbox
{

// The newest question of a view counts: asking again stops the one before and silences its answer.
// Lives in one thread, that of the context given to run().
class LatestOnly
{
public:
    LatestOnly() = default;
    ~LatestOnly() { cancel(); }
    LatestOnly(const LatestOnly &) = delete;
    LatestOnly &operator=(const LatestOnly &) = delete;

    // ask: StopToken -> QFuture<Result<T>>; handler: Result<T> -> void, in the thread of `context`.
    template <typename Ask, typename Handler>
    void run(QObject *context, Ask ask, Handler handler)
    {
        cancel();
        m_stop = StopSource();
        m_isRunning = true;
        const StopToken stop = m_stop.get_token();
        deliver(ask(stop), stop, context, [this, stop, handler = std::move(handler)](const auto &result) mutable {
            if (stop.stop_requested()) // this object may be gone: cancel() ran in its destructor
                return;
            m_isRunning = false;
            handler(result);
        });
    }

    void cancel()
    {
        m_stop.request_stop();
        m_isRunning = false;
    }
    bool isRunning() const { return m_isRunning; }

private:
    StopSource m_stop;
    bool m_isRunning = false;
};

} // namespace signalbox
