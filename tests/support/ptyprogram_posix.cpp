#include "tests/support/ptyprogram.h"

#include <QElapsedTimer>
#include <QList>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <vector>

#ifdef Q_OS_MACOS
#include <util.h>
#else
#include <pty.h>
#endif

namespace signalbox::test
{

namespace
{

// Between fork() and _exit(): system calls only.
[[noreturn]] void runUnderBareParent(char **argv)
{
    ::signal(SIGTTOU, SIG_IGN); // it hands the terminal on from the background
    const pid_t job = ::fork();
    if (job == 0) {
        ::setpgid(0, 0);
        ::tcsetpgrp(STDIN_FILENO, ::getpid());
        ::signal(SIGTTOU, SIG_DFL);
        ::execvp(argv[0], argv);
        ::_exit(127);
    }
    if (job < 0)
        ::_exit(127);
    ::setpgid(job, job);
    for (int status = 0; ::waitpid(job, &status, WUNTRACED) == job;) {
        if (!WIFSTOPPED(status))
            ::_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
        ::tcsetpgrp(STDIN_FILENO, ::getpid());
        char byte = 0;
        if (::write(STDOUT_FILENO, "[stopped]\n", 10) != 10 || ::read(STDIN_FILENO, &byte, 1) != 1)
            ::_exit(127);
        ::tcsetpgrp(STDIN_FILENO, job);
        ::kill(-job, SIGCONT);
    }
    ::_exit(127);
}

} // namespace

PtyProgram::PtyProgram(const QString &program, const QStringList &arguments, const QStringList &environment,
                       Parent parent)
{
    QList<QByteArray> words{program.toUtf8()};
    for (const QString &argument : arguments)
        words.append(argument.toUtf8());
    std::vector<char *> argv;
    for (QByteArray &word : words)
        argv.push_back(word.data());
    argv.push_back(nullptr);
    QList<QByteArray> values;
    for (const QString &entry : environment)
        values.append(entry.toUtf8());
    winsize size = {};
    size.ws_row = 50;
    size.ws_col = 200;
    const pid_t child = ::forkpty(&m_terminal, nullptr, nullptr, &size);
    if (child == 0) {
        for (QByteArray &value : values)
            ::putenv(value.data());
        if (parent == Parent::Bare)
            runUnderBareParent(argv.data());
        ::execvp(argv[0], argv.data());
        ::_exit(127);
    }
    m_pid = child;
    if (child < 0)
        qWarning("no terminal for %s: %s", argv[0], std::strerror(errno));
}

PtyProgram::~PtyProgram()
{
    if (m_pid > 0) {
        ::kill(static_cast<pid_t>(m_pid), SIGKILL);
        ::waitpid(static_cast<pid_t>(m_pid), nullptr, 0);
    }
    if (m_terminal >= 0)
        ::close(m_terminal);
}

void PtyProgram::type(const QByteArray &keys)
{
    const ssize_t written = ::write(m_terminal, keys.constData(), static_cast<size_t>(keys.size()));
    if (written != keys.size())
        qWarning("the terminal took %d of %d keys", int(written), int(keys.size()));
}

// False: the program has closed its end.
bool PtyProgram::read(int milliseconds)
{
    pollfd waited = {m_terminal, POLLIN, 0};
    if (::poll(&waited, 1, milliseconds) <= 0)
        return true;
    char buffer[4096];
    const ssize_t count = ::read(m_terminal, buffer, sizeof buffer);
    if (count <= 0)
        return false;
    m_seen.append(buffer, static_cast<qsizetype>(count));
    return true;
}

bool PtyProgram::says(const QByteArray &text, int seconds)
{
    QElapsedTimer timer;
    timer.start();
    qsizetype at = m_seen.indexOf(text, m_found);
    for (bool isOpen = true; at < 0 && isOpen && timer.elapsed() < seconds * 1000; at = m_seen.indexOf(text, m_found))
        isOpen = read(100);
    if (at < 0) {
        qWarning("not said: \"%s\", but\n%s", text.constData(), m_seen.mid(m_found).constData());
        return false;
    }
    m_found = at + text.size();
    return true;
}

QByteArray PtyProgram::unread()
{
    for (qsizetype before = -1; before != m_seen.size() && read(50);)
        before = m_seen.size();
    return m_seen.mid(m_found);
}

bool PtyProgram::isInLineMode() const
{
    termios mode = {};
    return ::tcgetattr(m_terminal, &mode) == 0 && (mode.c_lflag & ICANON) != 0 && (mode.c_lflag & ECHO) != 0;
}

void PtyProgram::setLineMode()
{
    termios mode = {};
    if (::tcgetattr(m_terminal, &mode) != 0)
        return;
    mode.c_lflag |= ICANON | ECHO;
    ::tcsetattr(m_terminal, TCSANOW, &mode);
}

void PtyProgram::signal(int number)
{
    const pid_t group = ::tcgetpgrp(m_terminal);
    if (group > 1)
        ::kill(-group, number);
}

int PtyProgram::wait(int seconds)
{
    if (m_pid <= 0)
        return -1; // waitpid() would take any child's end for this one's
    QElapsedTimer timer;
    timer.start();
    while (timer.elapsed() < seconds * 1000) {
        (void)read(50); // else it may wait for somebody to read
        int status = 0;
        if (::waitpid(static_cast<pid_t>(m_pid), &status, WNOHANG) == 0)
            continue;
        m_pid = -1;
        (void)unread();
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }
    return -1;
}

} // namespace signalbox::test
