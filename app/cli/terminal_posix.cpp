#include "app/cli/terminal.h"

#include "app/exitstatus.h"

#include <QSocketNotifier>

#include <cerrno>
#include <csignal>
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
    if (signalCount > 0)
        _exit(static_cast<int>(ExitStatus::Unknown));
    signalCount = 1;
    const char byte = 1;
    const auto written = ::write(signalPipe[1], &byte, 1);
    static_cast<void>(written);
}

} // namespace

namespace system
{

void prepareConsole() {}

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
    QByteArray line;
    std::unique_ptr<QSocketNotifier> notifier;
};

LineReader::LineReader(QObject *parent)
    : QObject(parent)
    , d(std::make_unique<Private>())
{
    d->notifier = std::make_unique<QSocketNotifier>(STDIN_FILENO, QSocketNotifier::Read);
    connect(d->notifier.get(), &QSocketNotifier::activated, this, [this] {
        char buffer[512];
        const ssize_t count = ::read(STDIN_FILENO, buffer, sizeof buffer);
        if (count < 0 && (errno == EINTR || errno == EAGAIN))
            return;
        if (count <= 0) {
            d->notifier->setEnabled(false);
            emit ended();
            return;
        }
        d->line.append(buffer, static_cast<qsizetype>(count));
        const auto end = d->line.indexOf('\n');
        if (end < 0)
            return;
        d->notifier->setEnabled(false);
        emit entered(QString::fromUtf8(d->line.left(end)).trimmed());
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
