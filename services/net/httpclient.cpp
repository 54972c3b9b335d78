#include "services/net/httpclient.h"

#include "services/net/netloop.h"

#include <atomic>
#include <mutex>

namespace signalbox
{

class HttpClient::Private
{
public:
    // Calls and watches share one loop and its connections. What asks for a connection of its own has another loop,
    // where each request opens one that nobody else can find.
    NetLoop &loopFor(bool ownConnection)
    {
        if (!ownConnection)
            return m_shared;
        const std::lock_guard lock(m_mutex);
        if (m_isClosed)
            return m_shared;
        if (!m_apart)
            m_apart = std::make_unique<NetLoop>(m_log);
        return *m_apart;
    }

    HttpClient::Stream start(HttpRequest request, std::optional<HttpSink> sink, StopToken stop)
    {
        NetLoop &loop = loopFor(request.ownConnection);
        auto transfer =
            std::make_unique<Transfer>(loop, ++m_lastId, std::move(request), std::move(sink), std::move(stop));
        HttpClient::Stream stream{transfer->id(), transfer->future()};
        transfer->watchStop();
        loop.submit(std::move(transfer));
        return stream;
    }

    void resume(quint64 id)
    {
        m_shared.resume(id);
        const std::lock_guard lock(m_mutex);
        if (m_apart)
            m_apart->resume(id);
    }

    void close()
    {
        m_shared.end();
        NetLoop *apart = nullptr;
        {
            const std::lock_guard lock(m_mutex);
            m_isClosed = true;
            apart = m_apart.get();
        }
        if (apart) // not under the lock: what it ends may ask once more
            apart->end();
    }

    RequestLog &log() { return m_log; }

private:
    RequestLog m_log; // outlives the loops
    std::atomic<quint64> m_lastId = 0;
    std::mutex m_mutex;
    NetLoop m_shared{m_log};
    std::unique_ptr<NetLoop> m_apart;
    bool m_isClosed = false;
};

HttpClient::HttpClient()
    : d(std::make_unique<Private>())
{}

HttpClient::~HttpClient()
{
    close();
}

void HttpClient::close()
{
    d->close();
}

QFuture<Result<HttpResponse>> HttpClient::send(HttpRequest request, StopToken stop)
{
    return d->start(std::move(request), std::nullopt, std::move(stop)).finished;
}

HttpClient::Stream HttpClient::stream(HttpRequest request, HttpSink sink, StopToken stop)
{
    return d->start(std::move(request), std::move(sink), std::move(stop));
}

void HttpClient::resume(quint64 id)
{
    d->resume(id);
}

RequestMonitor &HttpClient::monitor()
{
    return d->log();
}

} // namespace signalbox
