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
#include <utility>

namespace signalbox::cli
{

namespace
{

// Signals that end or stop the program without destroying anything.
constexpr int deadly[] = {SIGTSTP, SIGQUIT, SIGHUP, SIGPIPE, SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL};

termios modeBefore = {};
struct sigaction actionBefore[std::size(deadly)] = {};
volatile std::sig_atomic_t isKeyMode = 0;

constexpr tcflag_t lineMode = ICANON | ECHO;

// Whoever changes a terminal's mode or reads from it in the background is stopped.
bool ownsTerminal()
{
    return ::tcgetpgrp(STDIN_FILENO) == ::getpgrp();
}

// Async-signal-safe. Whether it was in key mode.
bool restoreMode()
{
    if (isKeyMode == 0)
        return false;
    isKeyMode = 0;
    if (!ownsTerminal()) // the shell has set its own
        return false;
    ::tcsetattr(STDIN_FILENO, TCSANOW, &modeBefore);
    return true;
}

const struct sigaction &usualActionOf(int signal)
{
    for (size_t i = 0; i < std::size(deadly); ++i) {
        if (deadly[i] == signal)
            return actionBefore[i];
    }
    return actionBefore[0];
}

// Async-signal-safe only. After a stop it goes on here; the reader's clock then takes the keys again.
void leaveAndRaise(int signal)
{
    const int error = errno;
    restoreMode();
    struct sigaction ours = {};
    ::sigaction(signal, &usualActionOf(signal), &ours);
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

bool isInKeyMode(const termios &mode)
{
    return (mode.c_lflag & lineMode) == 0;
}

// In the foreground only: in the background the terminal's mode is that of the shell's line editor.
bool enterKeyMode()
{
    termios mode = {};
    if (::tcgetattr(STDIN_FILENO, &mode) != 0)
        return false;
    // A shell that brings back a job it found in key mode (SIGSTOP) may give it that again.
    static bool isKnown = false;
    if (!isKnown || !isInKeyMode(mode))
        modeBefore = mode;
    isKnown = true;
    mode.c_lflag &= ~lineMode;
    mode.c_cc[VMIN] = 1;
    mode.c_cc[VTIME] = 0;
    isKeyMode = 1; // first: a signal in between finds something to give back
    if (::tcsetattr(STDIN_FILENO, TCSAFLUSH, &mode) != 0)
        isKeyMode = 0;
    return isKeyMode != 0;
}

// SIGSTOP cannot be handled: the shell has put its own mode in place meanwhile.
bool wasTakenAway()
{
    termios mode = {};
    return isKeyMode != 0 && ::tcgetattr(STDIN_FILENO, &mode) == 0 && !isInKeyMode(mode);
}

} // namespace

namespace system
{

void leaveKeyMode()
{
    if (restoreMode())
        ::tcflush(STDIN_FILENO, TCIFLUSH); // a key that came late is no letter of the next command
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
        const bool isOurs = ownsTerminal();
        if (!isOurs || wasTakenAway())
            isKeyMode = 0;
        if (isOurs && isKeyMode == 0 && !enterKeyMode())
            return;
        notifier.setEnabled(isOurs);
    }

    void read()
    {
        char buffer[64];
        const ssize_t count = ownsTerminal() ? ::read(STDIN_FILENO, buffer, sizeof buffer) : 0;
        if (count < 0 && (errno == EINTR || errno == EAGAIN))
            return;
        if (count <= 0) {
            notifier.setEnabled(false);
            if (ownsTerminal()) {
                clock.stop();
                hasTerminal = false; // it is gone
            }
            return;
        }
        const QByteArray keys = decoder.keysOf(QByteArray(buffer, static_cast<qsizetype>(count)), since.elapsed());
        const QPointer<KeyReader> reader(q); // a key may end it
        for (const char key : keys) {
            if (reader)
                emit reader->pressed(key);
        }
    }

    void end()
    {
        clock.stop();
        notifier.setEnabled(false);
        system::leaveKeyMode(); // first: a signal in between finds nothing left to give back
        if (std::exchange(isWatching, false))
            forgetSignals();
    }

    KeyReader *q;
    QSocketNotifier notifier;
    QTimer clock;
    QElapsedTimer since;
    KeyDecoder decoder;
    bool hasTerminal = false;
    bool isWatching = false; // signals
};

KeyReader::KeyReader(QObject *parent)
    : QObject(parent)
    , d(std::make_unique<Private>(this))
{
    d->notifier.setEnabled(false);
    d->since.start();
    if (::tcgetpgrp(STDIN_FILENO) < 0)
        return; // no terminal of ours: no keys
    d->hasTerminal = true;
    watchSignals();
    d->isWatching = true;
    connect(&d->notifier, &QSocketNotifier::activated, this, [this] { d->read(); });
    connect(&d->clock, &QTimer::timeout, this, [this] { d->look(); });
    d->clock.start(500);
    d->look();
}

KeyReader::~KeyReader()
{
    d->end();
}

bool KeyReader::hasKeys() const
{
    return d->hasTerminal;
}

bool KeyReader::isForeground() const
{
    return d->hasTerminal && ownsTerminal();
}

void KeyReader::end()
{
    d->end();
}

} // namespace signalbox::cli
