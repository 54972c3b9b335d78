#include "services/ledger/signing/agentchannel.h"

#include <QtEndian>

#include <qt_windows.h>

namespace signalbox::ssh
{
namespace
{

class Handle
{
public:
    explicit Handle(HANDLE handle)
        : m_handle(handle)
    {}
    ~Handle()
    {
        if (isGood())
            ::CloseHandle(m_handle);
    }
    Handle(const Handle &) = delete;
    Handle &operator=(const Handle &) = delete;
    bool isGood() const { return m_handle != INVALID_HANDLE_VALUE && m_handle != nullptr; }
    HANDLE get() const { return m_handle; }

private:
    HANDLE m_handle;
};

class Exchange
{
public:
    Exchange(const QString &path, std::chrono::milliseconds timeout, const StopToken &stop)
        : m_path(path)
        , m_end(std::chrono::steady_clock::now() + timeout)
        , m_stop(stop)
        , m_done(::CreateEventW(nullptr, TRUE, FALSE, nullptr))
        , m_wake(::CreateEventW(nullptr, TRUE, FALSE, nullptr))
    {}

    Result<QByteArray> run(const QByteArray &question)
    {
        auto wakeUp = [wake = m_wake.get()] { ::SetEvent(wake); };
        const StopCallback<decltype(wakeUp)> onStop(m_stop, wakeUp);
        const Handle pipe(::CreateFileW(
            reinterpret_cast<const wchar_t *>(m_path.utf16()), GENERIC_READ | GENERIC_WRITE, 0, nullptr, OPEN_EXISTING,
            FILE_FLAG_OVERLAPPED | SECURITY_SQOS_PRESENT | SECURITY_IDENTIFICATION, nullptr));
        if (!pipe.isGood())
            return agentUnreachable(m_path, qt_error_string(static_cast<int>(::GetLastError())));
        m_pipe = pipe.get();
        char size[4];
        qToBigEndian<quint32>(static_cast<quint32>(question.size()), size);
        QByteArray whole = QByteArray(size, 4) + question;
        for (qsizetype at = 0; at < whole.size();) {
            const auto sent = transfer(true, whole.data() + at, static_cast<DWORD>(whole.size() - at));
            if (!sent)
                return sent.error();
            at += *sent;
        }
        return receive();
    }

private:
    Result<qsizetype> transfer(bool isWrite, char *bytes, DWORD size)
    {
        OVERLAPPED overlapped{};
        ::ResetEvent(m_done.get());
        overlapped.hEvent = m_done.get();
        const BOOL started = isWrite ? ::WriteFile(m_pipe, bytes, size, nullptr, &overlapped)
                                     : ::ReadFile(m_pipe, bytes, size, nullptr, &overlapped);
        if (!started && ::GetLastError() != ERROR_IO_PENDING)
            return agentHungUp(m_path);
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(m_end - std::chrono::steady_clock::now()).count();
        const HANDLE handles[2] = {m_done.get(), m_wake.get()};
        const DWORD woken = ::WaitForMultipleObjects(2, handles, FALSE, left > 0 ? static_cast<DWORD>(left) : 0);
        DWORD count = 0;
        if (woken != WAIT_OBJECT_0) { // the buffers are ours again only when the call is over
            ::CancelIoEx(m_pipe, &overlapped);
            ::GetOverlappedResult(m_pipe, &overlapped, &count, TRUE);
            if (m_stop.stop_requested())
                return Error{ErrorKind::Cancelled, {}, {}};
            return agentTimedOut(m_path);
        }
        if (!::GetOverlappedResult(m_pipe, &overlapped, &count, TRUE) || count == 0)
            return agentHungUp(m_path);
        return static_cast<qsizetype>(count);
    }

    Result<QByteArray> receive()
    {
        QByteArray answer;
        for (;;) {
            if (auto whole = wholeAnswer(answer, m_path))
                return *std::move(whole);
            char buffer[4096];
            const auto count = transfer(false, buffer, sizeof buffer);
            if (!count)
                return count.error();
            answer.append(buffer, *count);
        }
    }

    QString m_path;
    std::chrono::steady_clock::time_point m_end;
    const StopToken &m_stop;
    Handle m_done;
    Handle m_wake;
    HANDLE m_pipe = nullptr;
};

} // namespace

QString usualAgentPath()
{
    return QStringLiteral("\\\\.\\pipe\\openssh-ssh-agent");
}

Result<QByteArray> agentExchange(const QString &path, const QByteArray &question, std::chrono::milliseconds timeout,
                                 const StopToken &stop)
{
    return Exchange(path, timeout, stop).run(question);
}

} // namespace signalbox::ssh
