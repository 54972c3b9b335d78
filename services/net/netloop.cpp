#include "services/net/netloop.h"

#include <algorithm>

namespace signalbox
{

namespace
{

constexpr int http2Places = 100;

void initialiseCurl()
{
    // Once for the process and never undone: other libraries may use libcurl too.
    static const CURLcode done = curl_global_init(CURL_GLOBAL_DEFAULT);
    Q_UNUSED(done)
}

} // namespace

bool NetLoop::Mailbox::post(std::function<void(NetLoop &)> command)
{
    const std::lock_guard lock(m_mutex);
    if (!m_multi)
        return false;
    m_commands.push_back(std::move(command));
    curl_multi_wakeup(m_multi);
    return true;
}

NetLoop::NetLoop(RequestLog &log)
    : m_log(log)
    , m_multi(nullptr)
    , m_mailbox(std::make_shared<Mailbox>())
{
    initialiseCurl();
    m_multi = curl_multi_init();
    curl_multi_setopt(m_multi, CURLMOPT_PIPELINING, static_cast<long>(CURLPIPE_MULTIPLEX));
    curl_multi_setopt(m_multi, CURLMOPT_MAXCONNECTS, 64L); // kept open when idle
    m_mailbox->m_multi = m_multi;
    m_thread = std::thread([this] { run(); });
}

NetLoop::~NetLoop()
{
    end();
    curl_multi_cleanup(m_multi);
}

void NetLoop::end()
{
    m_mailbox->post([](NetLoop &loop) { loop.m_isEnding = true; });
    if (m_thread.joinable())
        m_thread.join();
}

void NetLoop::submit(std::unique_ptr<Transfer> transfer)
{
    // std::function wants something that can be copied.
    auto holder = std::make_shared<std::unique_ptr<Transfer>>(std::move(transfer));
    m_mailbox->post([holder](NetLoop &loop) {
        Transfer &added = **holder;
        loop.m_transfers.emplace(added.id(), std::move(*holder));
        added.begin();
    });
}

void NetLoop::resume(quint64 id)
{
    m_mailbox->post([id](NetLoop &loop) {
        if (Transfer *transfer = loop.find(id))
            transfer->resume();
    });
}

void NetLoop::stop(quint64 id)
{
    m_mailbox->post([id](NetLoop &loop) {
        if (Transfer *transfer = loop.find(id))
            transfer->end(cancelled());
    });
}

Transfer *NetLoop::find(quint64 id)
{
    const auto found = m_transfers.find(id);
    return found == m_transfers.end() || found->second->state() == Transfer::State::Done ? nullptr
                                                                                         : found->second.get();
}

bool NetLoop::hasPlace(const Transfer &transfer, const Host &host) const
{
    if (transfer.isStream() || transfer.isWrite())
        return true;
    return host.running < (host.isHttp2 ? http2Places : std::max(1, transfer.request().endpoint->maxConnections));
}

void NetLoop::enqueue(Transfer &transfer)
{
    Host &host = m_hosts[transfer.hop().origin()];
    if (hasPlace(transfer, host))
        start(transfer, host);
    else
        host.waiting.push_back(transfer.id());
}

void NetLoop::start(Transfer &transfer, Host &host)
{
    if (!transfer.isStream()) {
        ++host.running;
        m_placeOf.emplace(transfer.id(), transfer.hop().origin());
    }
    transfer.run();
    if (transfer.state() != Transfer::State::Running)
        return;
    m_running.emplace(transfer.attempt()->easy(), transfer.id());
    curl_multi_add_handle(m_multi, transfer.attempt()->easy());
}

void NetLoop::startNext(Host &host)
{
    while (!host.waiting.empty()) {
        Transfer *next = find(host.waiting.front());
        if (next && !hasPlace(*next, host))
            return;
        host.waiting.pop_front();
        if (next)
            start(*next, host);
    }
}

void NetLoop::leave(Transfer &transfer)
{
    if (Attempt *attempt = transfer.attempt(); attempt && m_running.erase(attempt->easy()) > 0)
        curl_multi_remove_handle(m_multi, attempt->easy());
    const auto place = m_placeOf.find(transfer.id());
    if (place == m_placeOf.end()) {
        if (const auto host = m_hosts.find(transfer.hop().origin()); host != m_hosts.end())
            std::erase(host->waiting, transfer.id());
        return;
    }
    const QByteArray origin = place->second;
    m_placeOf.erase(place);
    Host &host = m_hosts[origin];
    --host.running;
    if (transfer.attempt() && transfer.attempt()->hasHead())
        host.isHttp2 = transfer.attempt()->isHttp2();
    // Not from here, where the caller is still in the middle of something.
    m_mailbox->post([origin](NetLoop &loop) { loop.startNext(loop.m_hosts[origin]); });
}

void NetLoop::retire(quint64 id)
{
    m_retired.push_back(id);
}

void NetLoop::run()
{
    while (!m_isEnding) {
        takeCommands();
        int running = 0;
        curl_multi_perform(m_multi, &running);
        takeMessages();
        fireTimers();
        for (const quint64 id : std::exchange(m_retired, {}))
            m_transfers.erase(id);
        if (!m_isEnding)
            curl_multi_poll(m_multi, nullptr, 0, pollTimeout(), nullptr);
    }
    std::vector<std::function<void(NetLoop &)>> left;
    {
        const std::lock_guard lock(m_mailbox->m_mutex);
        m_mailbox->m_multi = nullptr;
        left.swap(m_mailbox->m_commands);
    }
    // Those handed over meanwhile end as all others do.
    for (const auto &command : left)
        command(*this);
    std::vector<Transfer *> rest;
    for (const auto &[id, transfer] : m_transfers)
        rest.push_back(transfer.get());
    for (Transfer *transfer : rest) {
        if (transfer->state() != Transfer::State::Done)
            transfer->end(cancelled());
    }
    m_transfers.clear();
}

void NetLoop::takeCommands()
{
    std::vector<std::function<void(NetLoop &)>> commands;
    {
        const std::lock_guard lock(m_mailbox->m_mutex);
        commands.swap(m_mailbox->m_commands);
    }
    for (const auto &command : commands)
        command(*this);
}

void NetLoop::takeMessages()
{
    int left = 0;
    while (const CURLMsg *message = curl_multi_info_read(m_multi, &left)) {
        if (message->msg != CURLMSG_DONE)
            continue;
        const CURLcode code = message->data.result; // the message goes with the handle
        const auto found = m_running.find(message->easy_handle);
        if (found == m_running.end())
            continue;
        if (Transfer *transfer = find(found->second))
            transfer->attemptEnded(code);
    }
}

void NetLoop::fireTimers()
{
    const auto now = NetClock::now();
    std::vector<quint64> due;
    for (const auto &[id, transfer] : m_transfers) {
        if (transfer->wakeAt() <= now)
            due.push_back(id);
    }
    for (const quint64 id : due) {
        if (Transfer *transfer = find(id))
            transfer->timePassed(now);
    }
}

int NetLoop::pollTimeout() const
{
    {
        const std::lock_guard lock(m_mailbox->m_mutex);
        if (!m_mailbox->m_commands.empty())
            return 0;
    }
    auto next = NetClock::now() + std::chrono::seconds(60);
    for (const auto &[id, transfer] : m_transfers)
        next = std::min(next, transfer->wakeAt());
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(next - NetClock::now()).count();
    return static_cast<int>(std::clamp<qint64>(wait, 0, 60'000));
}

} // namespace signalbox
