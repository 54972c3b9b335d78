#pragma once

#include "services/net/http.h"
#include "tests/support/testcertificates.h"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

// A loopback HTTP/1.1 server that can misbehave: slow, stalled, cut off, reset, garbage, any bytes at all. A thread a
// connection, blocking calls, so that a test reads like the story of what the server does.
namespace signalbox::test
{

struct ServerTls
{
    KeyPair identity;
    QByteArray clientCaPem; // set: a client certificate of this authority is demanded
};

class Connection; // internal

// One request, in the thread of its connection.
class Exchange
{
public:
    explicit Exchange(Connection &peer)
        : m_connection(peer)
    {}

    QByteArray method;
    QByteArray target;
    HttpHeaders headers;
    QByteArray body;
    QByteArray clientName; // CN of the client's certificate
    int connection = 0;    // counts from 1
    int numberOnConnection = 1;

    QByteArray header(const QByteArray &name) const;

    QByteArray receive();             // whatever comes next; empty: closed
    bool send(const QByteArray &raw); // false: the client went away
    bool answer(int status, const QByteArray &body = {}, const HttpHeaders &headers = {}); // with Content-Length
    void close();                                                                          // in order
    void reset();                                                                          // RST
    // Until the client goes away, the server ends or the time is over; true: the client went away.
    bool stall(std::chrono::milliseconds longest = std::chrono::seconds(30));
    void tunnel(const QByteArray &host, int port); // until either side closes; names are all this machine
    bool isEnding() const;

private:
    Connection &m_connection;
};

class FaultServer
{
public:
    using Handler = std::function<void(Exchange &)>;
    // Raw: the handler is called once a connection and reads for itself (a SOCKS proxy, something that is not HTTP).
    enum class Mode { Http, Raw };

    explicit FaultServer(Handler handler, std::optional<ServerTls> tls = {}, const QByteArray &address = "127.0.0.1",
                         Mode mode = Mode::Http);
    ~FaultServer(); // closes everything and joins
    FaultServer(const FaultServer &) = delete;
    FaultServer &operator=(const FaultServer &) = delete;

    int port() const;
    QUrl url() const;
    QByteArray authority() const;
    std::shared_ptr<HttpEndpoint> endpoint() const; // without TLS settings

    struct Record
    {
        QByteArray method;
        QByteArray target;
        HttpHeaders headers;
        QByteArray body;
        int connection = 0;
        QByteArray header(const QByteArray &name) const;
    };
    QList<Record> requests() const;
    int connections() const;     // accepted so far
    int mostConnections() const; // open at one time
    int openConnections() const;

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace signalbox::test
