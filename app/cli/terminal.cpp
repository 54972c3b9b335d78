#include "app/cli/terminal.h"

#include <cstdio>

namespace signalbox::cli
{

namespace
{

bool write(std::FILE *stream, const QString &text)
{
    const QByteArray bytes = text.toUtf8();
    const auto size = static_cast<size_t>(bytes.size());
    const bool isWhole = std::fwrite(bytes.constData(), 1, size, stream) == size;
    return std::fflush(stream) == 0 && isWhole;
}

} // namespace

Terminal::Terminal()
    : m_isInputTerminal(system::isTerminal(0))
    , m_isOutputTerminal(system::isTerminal(1))
    , m_isErrorTerminal(system::isTerminal(2))
{
    system::prepareConsole();
}

Terminal::~Terminal()
{
    endProgress();
}

void Terminal::print(const QString &text)
{
    endProgress();
    if (!write(stdout, text))
        m_isOutputGone = true;
}

void Terminal::say(const QString &line)
{
    endProgress();
    write(stderr, line + QLatin1Char('\n'));
}

void Terminal::ask(const QString &question)
{
    endProgress();
    write(stderr, question);
}

void Terminal::progress(const QString &line)
{
    if (line == m_progress)
        return;
    if (m_isErrorTerminal)
        write(stderr, QStringLiteral("\r\x1b[K") + line.left(width() - 1));
    else
        write(stderr, line + QLatin1Char('\n'));
    m_progress = line;
}

void Terminal::endProgress()
{
    if (!m_progress.isEmpty() && m_isErrorTerminal)
        write(stderr, QStringLiteral("\n"));
    m_progress.clear();
}

void Terminal::clearProgress()
{
    if (!m_progress.isEmpty() && m_isErrorTerminal)
        write(stderr, QStringLiteral("\r\x1b[K"));
    m_progress.clear();
}

std::function<bool()> Terminal::takenCheck() const
{
    return [holders = m_holders] { return *holders > 0; };
}

InputHold::InputHold(const Terminal &terminal)
    : m_holders(terminal.m_holders)
{
    ++*m_holders;
}

InputHold::~InputHold()
{
    --*m_holders;
}

int Terminal::width() const
{
    const int columns = m_isOutputTerminal || m_isErrorTerminal ? system::terminalWidth() : 0;
    return columns > 0 ? columns : 100;
}

} // namespace signalbox::cli
