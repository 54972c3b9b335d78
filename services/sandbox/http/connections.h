#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <set>

struct ssl_ctx_st;

namespace signalbox::sandbox
{

class ReplyStream;

// The open TLS connections of a server, so that they can be cut: cpp-httplib has no way to end an idle or streaming
// connection before its time-out. Learned from OpenSSL's own callbacks: a connection is known from the start of its
// handshake until its SSL object is freed, which the library does before it closes the socket.
class Connections
{
public:
    // Must outlive `context`.
    void follow(ssl_ctx_st *context);
    // Cuts all connections, also those that are made from now on, and wakes their streams.
    void cutAll();
    bool isCut() const;

    // The stream that the calling thread's connection sends: woken when it is cut.
    void add(const std::shared_ptr<ReplyStream> &stream);
    void drop(const std::shared_ptr<ReplyStream> &stream);

    // True: the peer of the calling thread's connection has closed it. It has nothing to say while it gets an answer,
    // so that anything to read is its farewell.
    static bool isPeerGone();
    // Sleeps until the calling thread's connection has something to read, or ends it after `patience`.
    static void awaitMore(std::chrono::milliseconds patience);

    void opened(long long socket);
    void closed(long long socket);

private:
    mutable std::mutex m_mutex;
    std::set<long long> m_sockets;
    std::set<std::shared_ptr<ReplyStream>> m_streams;
    bool m_isCut = false;
};

// Socket calls that each system has in its own header (socketcalls_posix.cpp, socketcalls_win.cpp).
void cutSocket(long long socket);
void endReading(long long socket); // as if the peer had closed it
bool hasIncoming(long long socket, std::chrono::milliseconds patience);
// A longer queue of connections that wait to be accepted than the library's five: a console opens thirty at once.
void lengthenBacklog(long long socket);

} // namespace signalbox::sandbox
