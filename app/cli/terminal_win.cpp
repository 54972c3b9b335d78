#include "app/cli/terminal.h"

#include "app/cli/keyreader.h"
#include "app/exitstatus.h"

#include <QCoreApplication>
#include <QPointer>

#include <atomic>
#include <cstdio>
#include <io.h>
#include <thread>
#include <windows.h>

namespace signalbox::cli
{

namespace
{

std::atomic<InterruptWatcher *> theWatcher = nullptr;
std::atomic<int> signalCount = 0;

// Runs on a thread of its own.
BOOL WINAPI handleControl(DWORD)
{
    if (signalCount++ > 0) {
        system::leaveKeyMode();
        ExitProcess(static_cast<UINT>(ExitStatus::Unknown));
    }
    if (InterruptWatcher *watcher = theWatcher)
        QMetaObject::invokeMethod(watcher, &InterruptWatcher::interrupted, Qt::QueuedConnection);
    return TRUE;
}

} // namespace

namespace system
{

void prepareConsole()
{
    SetConsoleOutputCP(CP_UTF8);
    SetConsoleCP(CP_UTF8);
    const HANDLE error = GetStdHandle(STD_ERROR_HANDLE);
    DWORD mode = 0;
    if (GetConsoleMode(error, &mode))
        SetConsoleMode(error, mode | ENABLE_VIRTUAL_TERMINAL_PROCESSING);
}

void ignoreBrokenPipes() {} // there is no such signal

bool isTerminal(int descriptor)
{
    return _isatty(descriptor) != 0;
}

int terminalWidth()
{
    CONSOLE_SCREEN_BUFFER_INFO info;
    for (const DWORD handle : {STD_OUTPUT_HANDLE, STD_ERROR_HANDLE}) {
        if (GetConsoleScreenBufferInfo(GetStdHandle(handle), &info))
            return info.srWindow.Right - info.srWindow.Left + 1;
    }
    return 0;
}

} // namespace system

class LineReader::Private
{};

LineReader::LineReader(const Terminal &terminal, QObject *parent, Lines lines)
    : QObject(parent)
    , m_hold(std::in_place, terminal)
    , d(std::make_unique<Private>())
{
    // A console cannot be waited for together with other events; the thread ends with its line, with the input or with
    // the program.
    std::thread([self = QPointer<LineReader>(this), lines] {
        char buffer[512];
        while (std::fgets(buffer, sizeof buffer, stdin)) {
            QMetaObject::invokeMethod(qApp, [self, lines, line = QString::fromUtf8(buffer).trimmed()] {
                if (!self)
                    return;
                if (lines == Lines::One)
                    self->m_hold.reset();
                emit self->entered(line);
            });
            if (lines == Lines::One)
                return;
        }
        QMetaObject::invokeMethod(qApp, [self] {
            if (!self)
                return;
            self->m_hold.reset();
            emit self->ended();
        });
    }).detach();
}

LineReader::~LineReader() = default;

class InterruptWatcher::Private
{};

InterruptWatcher::InterruptWatcher(QObject *parent)
    : QObject(parent)
    , d(std::make_unique<Private>())
{
    theWatcher = this;
    SetConsoleCtrlHandler(handleControl, TRUE);
}

InterruptWatcher::~InterruptWatcher()
{
    SetConsoleCtrlHandler(handleControl, FALSE);
    theWatcher = nullptr;
    signalCount = 0;
}

} // namespace signalbox::cli
