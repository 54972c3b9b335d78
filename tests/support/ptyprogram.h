#pragma once

#include <QByteArray>
#include <QString>
#include <QStringList>

namespace signalbox::test
{

// A program at a terminal of its own, with this test at the keys.
class PtyProgram
{
public:
    // Who starts it: nobody (then it cannot be stopped, as no process could bring it back), or a parent with job
    // control that leaves the terminal's mode alone. That says "[stopped]" and brings it back to the foreground at a
    // new line.
    enum class Parent { None, Bare };
    // `environment`: "NAME=value", on top of ours.
    PtyProgram(const QString &program, const QStringList &arguments, const QStringList &environment = {},
               Parent parent = Parent::None);
    ~PtyProgram(); // kills it if it still runs
    PtyProgram(const PtyProgram &) = delete;
    PtyProgram &operator=(const PtyProgram &) = delete;

    void type(const QByteArray &keys);
    // Waits until it has written `text`, after what an earlier call has found.
    bool says(const QByteArray &text, int seconds = 30);
    QByteArray seen() const { return m_seen; } // all of it
    QByteArray unread();                       // what came after the text last found, without waiting
    // Whether the terminal gathers lines and shows what is typed, as a shell leaves it.
    bool isInLineMode() const;
    void setLineMode();         // as a shell does
    void signal(int number);    // to the terminal's foreground
    int wait(int seconds = 60); // its exit status; -1: it still runs or a signal ended it

private:
    bool read(int milliseconds);

    int m_terminal = -1;
    qint64 m_pid = -1;
    QByteArray m_seen;
    qsizetype m_found = 0;
};

} // namespace signalbox::test
