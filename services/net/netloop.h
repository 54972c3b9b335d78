#pragma once

#include "services/net/etagmemory.h"
#include "services/net/requestlog.h"
#include "services/net/transfer.h"

#include <QRandomGenerator>

#include <functional>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

namespace signalbox
{

// The thread that drives one multi handle: commands from other threads in, libcurl's sockets, our own timers, and who
// may use a connection now.
class NetLoop
{
public:
    explicit NetLoop(RequestLog &log);
    ~NetLoop(); // ends every request
    NetLoop(const NetLoop &) = delete;
    NetLoop &operator=(const NetLoop &) = delete;

    void end(); // ends every request; what is submitted later never leaves. The owner's thread

    // Any thread.
    void submit(std::unique_ptr<Transfer> transfer);
    void resume(quint64 id);
    void stop(quint64 id);
    // What may post to the loop even after it is gone (answers of an authoriser).
    class Mailbox
    {
    public:
        bool post(std::function<void(NetLoop &)> command); // false: closed
    private:
        friend class NetLoop;
        std::mutex m_mutex;
        std::vector<std::function<void(NetLoop &)>> m_commands;
        CURLM *m_multi = nullptr; // null: closed
    };
    std::shared_ptr<Mailbox> mailbox() const { return m_mailbox; }

    // For the transfers, on the loop's thread.
    Transfer *find(quint64 id);
    void enqueue(Transfer &transfer); // calls run() once there is a place for it
    void leave(Transfer &transfer);   // out of the queue and out of libcurl
    void retire(quint64 id);          // done: destroyed when it is safe
    EtagMemory &etags() { return m_etags; }
    RequestLog &log() { return m_log; }
    double random() { return m_random.generateDouble(); }

private:
    // The calls to one scheme, host and port.
    struct Host
    {
        int running = 0;
        bool isHttp2 = false;
        std::deque<quint64> waiting;
    };
    void run();
    void takeCommands();
    void takeMessages();
    void fireTimers();
    int pollTimeout() const;
    void start(Transfer &transfer, Host &host);
    void startNext(Host &host);
    bool hasPlace(const Transfer &transfer, const Host &host) const;

    RequestLog &m_log;
    CURLM *m_multi;
    std::shared_ptr<Mailbox> m_mailbox;
    std::unordered_map<quint64, std::unique_ptr<Transfer>> m_transfers;
    std::unordered_map<CURL *, quint64> m_running;
    std::unordered_map<quint64, QByteArray> m_placeOf; // the host whose place a call has
    QHash<QByteArray, Host> m_hosts;
    std::vector<quint64> m_retired;
    EtagMemory m_etags;
    QRandomGenerator m_random = QRandomGenerator::securelySeeded();
    bool m_isEnding = false;
    std::thread m_thread;
};

} // namespace signalbox
