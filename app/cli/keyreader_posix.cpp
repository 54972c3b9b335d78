#include "app/cli/keyreader.h"

#include <QElapsedTimer>
#include <QPointer>
#include <QSocketNotifier>
#include <QTimer>

#include <cerrno>
#include <csignal>
#include <iterator>
#include <termios.h>
#include <unistd.h>

namespace signalbox::cli
{

namespace
{

// Signals that end or stop the program without destroying anything.
constexpr int deadly[] = {SIGTSTP, SIGQUIT, SIGHUP, SIGABRT};

termios modeBefore = {};
struct sigaction actionBefore[std::size(deadly)] = {};
volatile std::sig_atomic_t isKeyMode = 0;

// Whoever changes a terminal's mode or reads from it in the background is stopped.
bool isForeground()
{
    return ::tcgetpgrp(STDIN_FILENO) == ::getpgrp();
}

// Async-signal-safe only. After a stop it goes on here; the reader's clock then takes the keys again.
void leaveAndRaise(int signal)
{
    const int error = errno;
    system::leaveKeyMode();
    struct sigaction usual = {};
    usual.sa_handler = SIG_DFL;
    sigemptyset(&usual.sa_mask);
    struct sigaction ours = {};
    ::sigaction(signal, &usual, &ours);
    sigset_t one;
    sigset_t before;
    sigemptyset(&one);
    sigaddset(&one, signal);
    ::raise(signal); // blocked while it is being handled
    ::pthread_sigmask(SIG_UNBLOCK, &one, &before);
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    ::sigaction(signal, &ours, nullptr);
    errno = error;
}

void watchSignals()
{
    struct sigaction action = {};
    action.sa_handler = leaveAndRaise;
    sigemptyset(&action.sa_mask);
    action.sa_flags = SA_RESTART;
    for (size_t i = 0; i < std::size(deadly); ++i) {
        ::sigaction(deadly[i], nullptr, &actionBefore[i]);
        if (actionBefore[i].sa_handler != SIG_IGN) // nohup
            ::sigaction(deadly[i], &action, nullptr);
    }
}

void forgetSignals()
{
    for (size_t i = 0; i < std::size(deadly); ++i)
        ::sigaction(deadly[i], &actionBefore[i], nullptr);
}

bool enterKeyMode()
{
    termios mode = modeBefore;
    mode.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    mode.c_cc[VMIN] = 1;
    mode.c_cc[VTIME] = 0;
    isKeyMode = 1; // first: a signal in between finds something to give back
    if (::tcsetattr(STDIN_FILENO, TCSAFLUSH, &mode) != 0)
        isKeyMode = 0;
    return isKeyMode != 0;
}

} // namespace

namespace system
{

void leaveKeyMode()
{
    if (isKeyMode == 0)
        return;
    isKeyMode = 0;
    if (isForeground()) // else the shell has set its own
        ::tcsetattr(STDIN_FILENO, TCSANOW, &modeBefore);
}

} // namespace system

class KeyReader::Private
{
public:
    explicit Private(KeyReader *reader)
        : q(reader)
        , notifier(STDIN_FILENO, QSocketNotifier::Read)
    {}

    // Takes the keys when the program comes (back) to the foreground, and gives them up when it leaves it.
    void look()
    {
        const bool isOurs = isForeground();
        if (!isOurs)
            isKeyMode = 0;
        else if (isKeyMode == 0 && !enterKeyMode())
            return;
        notifier.setEnabled(isOurs);
    }

    void read()
    {
        char buffer[64];
        const ssize_t count = isForeground() ? ::read(STDIN_FILENO, buffer, sizeof buffer) : 0;
        if (count < 0 && (errno == EINTR || errno == EAGAIN))
            return;
        if (count <= 0) {
            notifier.setEnabled(false);
            if (isForeground())
                clock.stop(); // the terminal is gone
            return;
        }
        const QByteArray keys = decoder.keysOf(QByteArray(buffer, static_cast<qsizetype>(count)), since.elapsed());
        const QPointer<KeyReader> reader(q); // a key may end it
        for (const char key : keys) {
            if (reader)
                emit reader->pressed(key);
        }
    }

    KeyReader *q;
    QSocketNotifier notifier;
    QTimer clock;
    QElapsedTimer since;
    KeyDecoder decoder;
    bool isWatching = false; // signals
};

KeyReader::KeyReader(QObject *parent)
    : QObject(parent)
    , d(std::make_unique<Private>(this))
{
    d->notifier.setEnabled(false);
    d->since.start();
    if (::tcgetattr(STDIN_FILENO, &modeBefore) != 0)
        return; // no terminal: no keys
    watchSignals();
    d->isWatching = true;
    connect(&d->notifier, &QSocketNotifier::activated, this, [this] { d->read(); });
    connect(&d->clock, &QTimer::timeout, this, [this] { d->look(); });
    d->clock.start(500);
    d->look();
}

KeyReader::~KeyReader()
{
    if (d->isWatching)
        forgetSignals();
    system::leaveKeyMode();
}

} // namespace signalbox::cli
