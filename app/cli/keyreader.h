#pragma once

#include <QByteArray>
#include <QObject>

#include <memory>

namespace signalbox::cli
{

// Which keys a terminal's bytes stand for. What keys like the arrows send is passed over (Up ends with an "A"), what
// the mouse and the terminal itself say is too (a colour, in hexadecimal), and so is auto-repeat: nobody who leans on a
// key means it a second time.
class KeyDecoder
{
public:
    // ASCII letters and signs, letters small. `nowMs` only ever grows.
    QByteArray keysOf(const QByteArray &bytes, qint64 nowMs);

private:
    enum class Part { Key, Escape, SequenceBegin, Sequence, FunctionKey, Counted, Text };
    bool isWithin(char byte); // a sequence
    bool isRepeat(char key, qint64 nowMs);

    Part m_part = Part::Key;
    int m_left = 0; // bytes, while Counted
    qint64 m_lastMs = 0;
    char m_lastKey = 0;
    qint64 m_lastKeyMs = 0;
};

// Single keys from the terminal, without echo and without Enter, as long as it lives and the program runs in the
// terminal's foreground; in the background the keys are the shell's. Ctrl+C, Ctrl+Z and Ctrl+\ keep their meaning. The
// terminal is as it was when this is destroyed and when a signal ends or stops the program. What was typed before does
// not count, and what is typed up to its end is not left to the shell. One at a time; main thread.
class KeyReader : public QObject
{
    Q_OBJECT
public:
    explicit KeyReader(QObject *parent = nullptr);
    ~KeyReader() override;

    // Whether there is a terminal to take keys from, and whether it is ours now (not the shell's).
    bool hasKeys() const;
    bool isForeground() const;
    void end(); // gives the terminal back now; no key comes after it

signals:
    void pressed(char key); // as KeyDecoder has them

private:
    class Private;
    std::unique_ptr<Private> d;
};

namespace system
{
// For a program that is about to end without destroying its KeyReader. Keys not yet read go. Async-signal-safe.
void leaveKeyMode();
} // namespace system

} // namespace signalbox::cli
