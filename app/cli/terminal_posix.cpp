#include "app/cli/terminal.h"

#include "app/cli/keyreader.h"
#include "app/exitstatus.h"

#include <QPointer>
#include <QSocketNotifier>

#include <cerrno>
#include <csignal>
#include <optional>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace signalbox::cli
{

namespace
{

int signalPipe[2] = {-1, -1};
volatile std::sig_atomic_t signalCount = 0;

// Async-signal-safe only: write() and _exit().
void handleSignal(int)
{
    if (signalCount > 0) {
        system::leaveKeyMode();
        _exit(static_cast<int>(ExitStatus::Unknown));
    }
    signalCount = 1;
    const char byte = 1;
    const auto written = ::write(signalPipe[1], &byte, 1);
    static_cast<void>(written);
}

} // namespace

namespace system
{

void prepareConsole() {}

void ignoreBrokenPipes()
{
    std::signal(SIGPIPE, SIG_IGN);
}

bool isTerminal(int descriptor)
{
    return ::isatty(descriptor) != 0;
}

int terminalWidth()
{
    winsize size = {};
    for (const int descriptor : {STDOUT_FILENO, STDERR_FILENO}) {
        if (::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
            return size.ws_col;
    }
    return 0;
}

} // namespace system

class LineReader::Private
{
public:
    // The next complete line; at the end of input what is left of the last of all, too.
    std::optional<QString> next(bool isAtEnd)
    {
        auto end = text.indexOf('\n');
        if (end < 0 && isAtEnd && lines == Lines::All && !text.isEmpty())
            end = text.size();
        if (end < 0)
            return std::nullopt;
        const QString line = QString::fromUtf8(text.left(end)).trimmed();
        text.remove(0, end + 1);
        return line;
    }

    Lines lines = Lines::One;
    QByteArray text;
    std::unique_ptr<QSocketNotifier> notifier;
};

LineReader::LineReader(const Terminal &terminal, QObject *parent, Lines lines)
    : QObject(parent)
    , m_hold(std::in_place, terminal)
    , d(std::make_unique<Private>())
{
    d->lines = lines;
    d->notifier = std::make_unique<QSocketNotifier>(STDIN_FILENO, QSocketNotifier::Read);
    connect(d->notifier.get(), &QSocketNotifier::activated, this, [this] {
        char buffer[512];
        const ssize_t count = ::read(STDIN_FILENO, buffer, sizeof buffer);
        if (count < 0 && (errno == EINTR || errno == EAGAIN))
            return;
        if (count > 0)
            d->text.append(buffer, static_cast<qsizetype>(count));
        const QPointer<LineReader> reader(this); // a line may end it
        while (const auto line = d->next(count <= 0)) {
            const bool isLast = d->lines == Lines::One;
            d->notifier->setEnabled(!isLast);
            if (isLast)
                m_hold.reset();
            emit entered(*line);
            if (!reader || isLast)
                return;
        }
        if (count > 0)
            return;
        d->notifier->setEnabled(false);
        m_hold.reset();
        emit ended();
    });
}

LineReader::~LineReader() = default;

class InterruptWatcher::Private
{
public:
    std::unique_ptr<QSocketNotifier> notifier;
};

InterruptWatcher::InterruptWatcher(QObject *parent)
    : QObject(parent)
    , d(std::make_unique<Private>())
{
    if (::socketpair(AF_UNIX, SOCK_STREAM, 0, signalPipe) != 0)
        return; // the default action stays: Ctrl+C ends the program
    d->notifier = std::make_unique<QSocketNotifier>(signalPipe[0], QSocketNotifier::Read);
    connect(d->notifier.get(), &QSocketNotifier::activated, this, [this] {
        char byte = 0;
        if (::read(signalPipe[0], &byte, 1) == 1)
            emit interrupted();
    });
    struct sigaction action = {};
    action.sa_handler = handleSignal;
    sigemptyset(&action.sa_mask);
    action.sa_flags = SA_RESTART;
    ::sigaction(SIGINT, &action, nullptr);
    ::sigaction(SIGTERM, &action, nullptr);
}

InterruptWatcher::~InterruptWatcher()
{
    struct sigaction action = {};
    action.sa_handler = SIG_DFL;
    sigemptyset(&action.sa_mask);
    ::sigaction(SIGINT, &action, nullptr);
    ::sigaction(SIGTERM, &action, nullptr);
    d->notifier.reset();
    for (int &descriptor : signalPipe) {
        if (descriptor >= 0)
            ::close(descriptor);
        descriptor = -1;
    }
    signalCount = 0;
}

} // namespace signalbox::cli
