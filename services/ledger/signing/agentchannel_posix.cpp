#include "services/ledger/signing/agentchannel.h"

#include <QFile>
#include <QtEndian>

#include <cerrno>
#include <cstring>
#include <optional>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace signalbox::ssh
{
namespace
{

class Descriptor
{
public:
    explicit Descriptor(int fd = -1)
        : m_fd(fd)
    {}
    ~Descriptor()
    {
        if (m_fd >= 0)
            ::close(m_fd);
    }
    Descriptor(const Descriptor &) = delete;
    Descriptor &operator=(const Descriptor &) = delete;
    int fd() const { return m_fd; }

private:
    int m_fd;
};

void prepare(int fd) // not for programs started meanwhile, and never blocking
{
    ::fcntl(fd, F_SETFD, FD_CLOEXEC);
    ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
}

class Exchange
{
public:
    Exchange(const QString &path, std::chrono::milliseconds timeout, const StopToken &stop)
        : m_path(path)
        , m_end(std::chrono::steady_clock::now() + timeout)
        , m_stop(stop)
    {}

    Result<QByteArray> run(const QByteArray &question)
    {
        int ends[2];
        if (::pipe(ends) != 0)
            return agentUnreachable(m_path, QString::fromLocal8Bit(std::strerror(errno)));
        const Descriptor wake(ends[0]);
        const Descriptor waker(ends[1]);
        prepare(wake.fd());
        prepare(waker.fd());
        m_wake = wake.fd();
        auto wakeUp = [fd = waker.fd()] {
            const char one = 1;
            [[maybe_unused]] const auto written = ::write(fd, &one, 1);
        };
        const StopCallback<decltype(wakeUp)> onStop(m_stop, wakeUp);
        const Descriptor socket(::socket(AF_UNIX, SOCK_STREAM, 0));
        if (socket.fd() < 0)
            return agentUnreachable(m_path, QString::fromLocal8Bit(std::strerror(errno)));
        prepare(socket.fd());
#ifdef SO_NOSIGPIPE // an agent that hangs up must not end the program
        const int on = 1;
        ::setsockopt(socket.fd(), SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on);
#endif
        m_socket = socket.fd();
        if (auto failed = connect())
            return *failed;
        char size[4];
        qToBigEndian<quint32>(static_cast<quint32>(question.size()), size);
        if (auto failed = send(QByteArray(size, 4) + question))
            return *failed;
        return receive();
    }

private:
    std::optional<Error> connect()
    {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        const QByteArray name = QFile::encodeName(m_path);
        if (name.isEmpty() || name.size() >= static_cast<qsizetype>(sizeof address.sun_path))
            return agentUnreachable(m_path, QString::fromLocal8Bit(std::strerror(ENAMETOOLONG)));
        std::memcpy(address.sun_path, name.constData(), static_cast<size_t>(name.size()));
        while (::connect(m_socket, reinterpret_cast<const sockaddr *>(&address), sizeof address) != 0) {
            if (errno == EISCONN)
                return std::nullopt;
            if (errno == EINTR)
                continue;
            if (errno != EINPROGRESS && errno != EALREADY && errno != EAGAIN)
                return agentUnreachable(m_path, QString::fromLocal8Bit(std::strerror(errno)));
            if (auto failed = wait(POLLOUT))
                return failed;
        }
        return std::nullopt;
    }

    std::optional<Error> wait(short events)
    {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(m_end - std::chrono::steady_clock::now()).count();
        pollfd polled[2] = {{m_socket, events, 0}, {m_wake, POLLIN, 0}};
        const int ready = left > 0 ? ::poll(polled, 2, static_cast<int>(left)) : 0;
        if (m_stop.stop_requested())
            return Error{ErrorKind::Cancelled, {}, {}};
        if (ready == 0)
            return agentTimedOut(m_path);
        return std::nullopt;
    }

    std::optional<Error> send(const QByteArray &bytes)
    {
        for (qsizetype at = 0; at < bytes.size();) {
#ifdef MSG_NOSIGNAL
            constexpr int flags = MSG_NOSIGNAL;
#else
            constexpr int flags = 0; // macOS: SO_NOSIGPIPE
#endif
            const auto sent = ::send(m_socket, bytes.constData() + at, static_cast<size_t>(bytes.size() - at), flags);
            if (sent > 0)
                at += sent;
            else if (sent < 0 && errno != EAGAIN && errno != EINTR)
                return agentHungUp(m_path);
            if (at < bytes.size()) {
                if (auto failed = wait(POLLOUT))
                    return failed;
            }
        }
        return std::nullopt;
    }

    Result<QByteArray> receive()
    {
        QByteArray answer;
        for (;;) {
            if (auto whole = wholeAnswer(answer, m_path))
                return *std::move(whole);
            char buffer[4096];
            const auto count = ::recv(m_socket, buffer, sizeof buffer, 0);
            if (count > 0) {
                answer.append(buffer, count);
                continue;
            }
            if (count == 0 || (errno != EAGAIN && errno != EINTR))
                return agentHungUp(m_path);
            if (auto failed = wait(POLLIN))
                return *failed;
        }
    }

    QString m_path;
    std::chrono::steady_clock::time_point m_end;
    const StopToken &m_stop;
    int m_socket = -1;
    int m_wake = -1;
};

} // namespace

QString usualAgentPath()
{
    return {};
}

Result<QByteArray> agentExchange(const QString &path, const QByteArray &question, std::chrono::milliseconds timeout,
                                 const StopToken &stop)
{
    return Exchange(path, timeout, stop).run(question);
}

} // namespace signalbox::ssh
