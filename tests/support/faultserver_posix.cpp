#include "tests/support/faultserver.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <list>
#include <mutex>
#include <thread>

namespace signalbox::test
{

namespace
{

constexpr int sliceMs = 20; // how soon a blocked thread sees that the server ends

QByteArray valueOf(const HttpHeaders &headers, const QByteArray &name)
{
    for (const auto &[key, value] : headers) {
        if (key.compare(name, Qt::CaseInsensitive) == 0)
            return value;
    }
    return {};
}

std::unique_ptr<BIO, decltype(&BIO_free)> bioOf(const QByteArray &pem)
{
    return {BIO_new_mem_buf(pem.constData(), static_cast<int>(pem.size())), &BIO_free};
}

std::shared_ptr<SSL_CTX> tlsContext(const ServerTls &tls)
{
    std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), &SSL_CTX_free);
    X509 *certificate = PEM_read_bio_X509(bioOf(tls.identity.certPem).get(), nullptr, nullptr, nullptr);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(bioOf(tls.identity.keyPem).get(), nullptr, nullptr, nullptr);
    SSL_CTX_use_certificate(context.get(), certificate);
    SSL_CTX_use_PrivateKey(context.get(), key);
    X509_free(certificate);
    EVP_PKEY_free(key);
    if (!tls.clientCaPem.isEmpty()) {
        X509 *authority = PEM_read_bio_X509(bioOf(tls.clientCaPem).get(), nullptr, nullptr, nullptr);
        X509_STORE_add_cert(SSL_CTX_get_cert_store(context.get()), authority);
        X509_free(authority);
        SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    }
    return context;
}

int connectTo(const QByteArray &host, int port)
{
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    // Names are all this machine: a proxy in a test has nowhere else to go.
    if (inet_pton(AF_INET, host.constData(), &address.sin_addr) != 1)
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    if (::connect(fd, reinterpret_cast<sockaddr *>(&address), sizeof address) == 0)
        return fd;
    ::close(fd);
    return -1;
}

} // namespace

// A socket, perhaps with TLS on it. Of one thread, but for cut().
class Connection
{
public:
    Connection(int fd, const std::atomic<bool> &isEnding)
        : m_fd(fd)
        , m_isEnding(isEnding)
    {}
    ~Connection()
    {
        close();
        if (m_ssl)
            SSL_free(m_ssl);
    }

    bool accept(SSL_CTX *context)
    {
        m_ssl = SSL_new(context);
        SSL_set_fd(m_ssl, m_fd);
        while (!m_isEnding) {
            const int done = SSL_accept(m_ssl);
            if (done == 1)
                return true;
            if (SSL_get_error(m_ssl, done) != SSL_ERROR_WANT_READ)
                break;
        }
        // So that the client gets to read the alert: a close with unread bytes would be a reset.
        ::shutdown(m_fd, SHUT_WR);
        SSL_set_quiet_shutdown(m_ssl, 1);
        char rest[4096];
        while (waitReadable(std::chrono::seconds(2)) && ::recv(m_fd, rest, sizeof rest, 0) > 0) {
        }
        return false;
    }

    bool isEnding() const { return m_isEnding; }

    // 1: readable, 0: time over or ending, the peer's close counts as readable.
    bool waitReadable(std::chrono::milliseconds longest)
    {
        if (m_ssl && SSL_pending(m_ssl) > 0)
            return true;
        const auto until = std::chrono::steady_clock::now() + longest;
        while (!m_isEnding && m_fd >= 0) {
            pollfd entry{m_fd, POLLIN, 0};
            const auto left =
                std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now()).count();
            if (::poll(&entry, 1, static_cast<int>(std::clamp<qint64>(left, 0, sliceMs))) > 0)
                return true;
            if (left <= 0)
                break;
        }
        return false;
    }

    QByteArray read() // empty: closed
    {
        char buffer[16384];
        while (waitReadable(std::chrono::hours(1))) {
            const auto got = m_ssl ? SSL_read(m_ssl, buffer, sizeof buffer) : ::recv(m_fd, buffer, sizeof buffer, 0);
            if (got > 0)
                return QByteArray(buffer, got);
            if (!m_ssl || SSL_get_error(m_ssl, static_cast<int>(got)) != SSL_ERROR_WANT_READ)
                return {};
        }
        return {};
    }

    bool write(const QByteArray &bytes)
    {
        qsizetype done = 0;
        while (done < bytes.size()) {
            pollfd entry{m_fd, POLLOUT, 0};
            while (!m_isEnding && m_fd >= 0 && ::poll(&entry, 1, sliceMs) == 0) {
            }
            if (m_isEnding || m_fd < 0)
                return false;
            const auto piece = std::min<qsizetype>(bytes.size() - done, 16384);
            const auto sent =
                m_ssl ? SSL_write(m_ssl, bytes.constData() + done, static_cast<int>(piece))
                      : ::send(m_fd, bytes.constData() + done, static_cast<size_t>(piece), MSG_NOSIGNAL | MSG_DONTWAIT);
            if (sent <= 0 && !m_ssl && (errno == EAGAIN || errno == EWOULDBLOCK))
                continue;
            if (sent <= 0 && m_ssl && SSL_get_error(m_ssl, static_cast<int>(sent)) == SSL_ERROR_WANT_WRITE)
                continue;
            if (sent <= 0)
                return false;
            done += sent;
        }
        return true;
    }

    void close()
    {
        if (m_fd < 0)
            return;
        if (m_ssl)
            SSL_shutdown(m_ssl);
        ::shutdown(m_fd, SHUT_RDWR);
        ::close(std::exchange(m_fd, -1));
    }

    void reset()
    {
        if (m_fd < 0)
            return;
        const linger hard{1, 0};
        ::setsockopt(m_fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
        ::close(std::exchange(m_fd, -1));
    }

    bool isOpen() const { return m_fd >= 0; }
    int fd() const { return m_fd; }

    QByteArray clientName() const
    {
        X509 *certificate = m_ssl ? SSL_get1_peer_certificate(m_ssl) : nullptr;
        if (!certificate)
            return {};
        char name[256] = {};
        X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name, sizeof name);
        X509_free(certificate);
        return name;
    }

private:
    int m_fd;
    SSL *m_ssl = nullptr;
    const std::atomic<bool> &m_isEnding;
};

QByteArray Exchange::header(const QByteArray &name) const
{
    return valueOf(headers, name);
}

QByteArray Exchange::receive()
{
    return m_connection.read();
}

bool Exchange::send(const QByteArray &raw)
{
    return m_connection.write(raw);
}

bool Exchange::answer(int status, const QByteArray &content, const HttpHeaders &extra)
{
    QByteArray head = "HTTP/1.1 " + QByteArray::number(status) + " Status\r\n";
    for (const auto &[name, value] : extra)
        head += name + ": " + value + "\r\n";
    if (status != 204 && status != 304)
        head += "Content-Length: " + QByteArray::number(content.size()) + "\r\n";
    return m_connection.write(head + "\r\n" + (method == "HEAD" ? QByteArray() : content));
}

void Exchange::close()
{
    m_connection.close();
}

void Exchange::reset()
{
    m_connection.reset();
}

bool Exchange::stall(std::chrono::milliseconds longest)
{
    return m_connection.waitReadable(longest);
}

bool Exchange::isEnding() const
{
    return m_connection.isEnding();
}

void Exchange::tunnel(const QByteArray &host, int port)
{
    const int out = connectTo(host, port);
    if (out < 0) {
        close();
        return;
    }
    char buffer[16384];
    pollfd entries[2] = {{m_connection.fd(), POLLIN, 0}, {out, POLLIN, 0}};
    while (!isEnding()) {
        if (::poll(entries, 2, sliceMs) <= 0)
            continue;
        const int from = entries[0].revents ? 0 : 1;
        const auto got = ::recv(entries[from].fd, buffer, sizeof buffer, 0);
        if (got <= 0 || ::send(entries[1 - from].fd, buffer, static_cast<size_t>(got), MSG_NOSIGNAL) != got)
            break;
    }
    ::close(out);
    close();
}

QByteArray FaultServer::Record::header(const QByteArray &name) const
{
    return valueOf(headers, name);
}

struct FaultServer::Private
{
    Handler handler;
    std::shared_ptr<SSL_CTX> tls;
    QByteArray address;
    Mode mode = Mode::Http;
    int listener = -1;
    int port = 0;
    std::atomic<bool> isEnding = false;
    std::thread acceptor;

    mutable std::mutex mutex;
    std::list<std::thread> threads;
    QList<Record> records;
    int connections = 0;
    int open = 0;
    int most = 0;

    void listen();
    void acceptAll();
    void serve(int fd, int number);
    bool readRequest(Connection &connection, QByteArray &buffer, Exchange &exchange);
    void talk(Connection &connection, int number);
};

void FaultServer::Private::listen()
{
    listener = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in where{};
    where.sin_family = AF_INET;
    inet_pton(AF_INET, address.constData(), &where.sin_addr);
    socklen_t size = sizeof where;
    if (::bind(listener, reinterpret_cast<sockaddr *>(&where), size) != 0 || ::listen(listener, 256) != 0)
        qFatal("The fault server cannot listen on %s", address.constData());
    ::getsockname(listener, reinterpret_cast<sockaddr *>(&where), &size);
    port = ntohs(where.sin_port);
}

void FaultServer::Private::acceptAll()
{
    while (!isEnding) {
        pollfd entry{listener, POLLIN, 0};
        if (::poll(&entry, 1, sliceMs) <= 0)
            continue;
        const int fd = ::accept(listener, nullptr, nullptr);
        if (fd < 0)
            continue;
        const int on = 1;
        ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        const timeval slice{0, 1000 * sliceMs}; // OpenSSL blocks in the middle of a record: let it look up now and then
        ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &slice, sizeof slice);
        ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &slice, sizeof slice);
        const std::lock_guard lock(mutex);
        most = std::max(most, ++open);
        threads.emplace_back([this, fd, number = ++connections] { serve(fd, number); });
    }
}

void FaultServer::Private::serve(int fd, int number)
{
    {
        Connection connection(fd, isEnding);
        if (!tls || connection.accept(tls.get()))
            talk(connection, number);
        ERR_clear_error();
    }
    const std::lock_guard lock(mutex);
    --open;
}

bool FaultServer::Private::readRequest(Connection &connection, QByteArray &buffer, Exchange &exchange)
{
    qsizetype end = -1;
    while ((end = buffer.indexOf("\r\n\r\n")) < 0) {
        const QByteArray more = connection.read();
        if (more.isEmpty())
            return false;
        buffer += more;
    }
    const QList<QByteArray> lines = buffer.left(end).split('\n');
    buffer.remove(0, end + 4);
    const QList<QByteArray> words = lines[0].trimmed().split(' ');
    exchange.method = words.value(0);
    exchange.target = words.value(1);
    for (const QByteArray &line : lines.mid(1)) {
        const qsizetype colon = line.indexOf(':');
        exchange.headers << std::pair(line.left(colon).trimmed(), line.mid(colon + 1).trimmed());
    }
    const qsizetype length = exchange.header("Content-Length").toLongLong();
    while (buffer.size() < length) {
        const QByteArray more = connection.read();
        if (more.isEmpty())
            return false;
        buffer += more;
    }
    exchange.body = buffer.left(length);
    buffer.remove(0, length);
    return true;
}

void FaultServer::Private::talk(Connection &connection, int number)
{
    if (mode == Mode::Raw) {
        Exchange exchange(connection);
        exchange.connection = number;
        handler(exchange);
        return;
    }
    QByteArray buffer;
    for (int count = 1; connection.isOpen() && !isEnding; ++count) {
        Exchange exchange(connection);
        exchange.connection = number;
        exchange.numberOnConnection = count;
        exchange.clientName = connection.clientName();
        if (!readRequest(connection, buffer, exchange))
            return;
        {
            const std::lock_guard lock(mutex);
            records << Record{exchange.method, exchange.target, exchange.headers, exchange.body, number};
        }
        handler(exchange);
    }
}

FaultServer::FaultServer(Handler handler, std::optional<ServerTls> tls, const QByteArray &address, Mode mode)
    : d(std::make_unique<Private>())
{
    std::signal(SIGPIPE, SIG_IGN); // OpenSSL writes without MSG_NOSIGNAL
    d->handler = std::move(handler);
    d->address = address;
    d->mode = mode;
    if (tls)
        d->tls = tlsContext(*tls);
    d->listen();
    d->acceptor = std::thread([this] { d->acceptAll(); });
}

FaultServer::~FaultServer()
{
    d->isEnding = true;
    d->acceptor.join();
    ::close(d->listener);
    for (std::thread &thread : d->threads)
        thread.join();
}

int FaultServer::port() const
{
    return d->port;
}

QByteArray FaultServer::authority() const
{
    return d->address + ':' + QByteArray::number(d->port);
}

QUrl FaultServer::url() const
{
    return QUrl::fromEncoded((d->tls ? "https://" : "http://") + authority());
}

std::shared_ptr<HttpEndpoint> FaultServer::endpoint() const
{
    auto endpoint = std::make_shared<HttpEndpoint>();
    endpoint->connection = QStringLiteral("test");
    endpoint->base = url();
    return endpoint;
}

QList<FaultServer::Record> FaultServer::requests() const
{
    const std::lock_guard lock(d->mutex);
    return d->records;
}

int FaultServer::connections() const
{
    const std::lock_guard lock(d->mutex);
    return d->connections;
}

int FaultServer::mostConnections() const
{
    const std::lock_guard lock(d->mutex);
    return d->most;
}

int FaultServer::openConnections() const
{
    const std::lock_guard lock(d->mutex);
    return d->open;
}

} // namespace signalbox::test
