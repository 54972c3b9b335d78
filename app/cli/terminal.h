#pragma once

#include <QObject>
#include <QString>

#include <atomic>
#include <functional>
#include <memory>
#include <optional>

namespace signalbox::cli
{

// Results on standard output, progress and errors on standard error. GUI-free; main thread.
class Terminal
{
public:
    Terminal();
    ~Terminal();

    void print(const QString &text);   // to standard output, as it is
    void say(const QString &line);     // to standard error, one line
    void ask(const QString &question); // to standard error, without a line end
    // What is going on now: rewritten in place on a terminal, one line each time it changes elsewhere.
    void progress(const QString &line);
    void endProgress();   // its last line stays
    void clearProgress(); // it goes, where it was rewritten in place

    bool isInteractive() const { return m_isInputTerminal && m_isErrorTerminal; } // somebody can be asked
    bool isOutputTerminal() const { return m_isOutputTerminal; }
    bool isOutputGone() const { return m_isOutputGone; } // whoever read it has left
    int width() const;                                   // columns of standard output; 100 where it is no terminal
    // Whether somebody holds standard input now (see InputHold). The answer may be asked on any thread, and after us.
    std::function<bool()> takenCheck() const;

private:
    bool m_isInputTerminal = false;
    bool m_isOutputTerminal = false;
    bool m_isErrorTerminal = false;
    bool m_isOutputGone = false;
    QString m_progress;
    std::shared_ptr<std::atomic<int>> m_holders = std::make_shared<std::atomic<int>>(0);

    friend class InputHold;
};

// Somebody reads standard input as long as this lives: no other program may be given it meanwhile.
class InputHold
{
public:
    explicit InputHold(const Terminal &terminal);
    ~InputHold();
    InputHold(const InputHold &) = delete;
    InputHold &operator=(const InputHold &) = delete;

private:
    std::shared_ptr<std::atomic<int>> m_holders;
};

// Lines of standard input, without blocking the event loop: one typed at the terminal, or all that come. Lives until it
// has answered or is destroyed, and holds standard input as long as more may come.
class LineReader : public QObject
{
    Q_OBJECT
public:
    enum class Lines { One, All };
    explicit LineReader(const Terminal &terminal, QObject *parent = nullptr, Lines lines = Lines::One);
    ~LineReader() override;
signals:
    void entered(const QString &line); // without its end
    void ended();                      // end of input: before a line was complete, or after the last of all
private:
    class Private;
    std::optional<InputHold> m_hold;
    std::unique_ptr<Private> d;
};

// Ctrl+C, and a polite request to end. The first one asks to stop at a safe point; a second one ends the program at
// once with status 4, since nobody knows then what the remote made of the last call.
class InterruptWatcher : public QObject
{
    Q_OBJECT
public:
    explicit InterruptWatcher(QObject *parent = nullptr);
    ~InterruptWatcher() override;
signals:
    void interrupted();

private:
    class Private;
    std::unique_ptr<Private> d;
};

// What differs between systems, in terminal_posix.cpp and terminal_win.cpp.
namespace system
{
void prepareConsole(); // UTF-8 on Windows
// Whoever reads what we print may leave before the end (head, grep -q): printing then fails, and no operation under way
// ends by it. QProcess gives its children the usual action.
void ignoreBrokenPipes();
bool isTerminal(int descriptor);
int terminalWidth(); // of standard output; 0: unknown
} // namespace system

} // namespace signalbox::cli
