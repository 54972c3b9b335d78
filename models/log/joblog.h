#pragma once

#include "models/log/joblogreader.h"

#include <QString>

#include <memory>
#include <vector>

namespace signalbox
{

// A line as it is shown.
struct JobLogLine
{
    qint64 timeMs = -1; // since 1970, UTC; -1: the log does not say
    ansi::Text text;
    logline::Level level = logline::Level::Plain;
    int group = -1; // it is the head of
    int depth = 0;  // groups around it
};

struct LogGroup
{
    int first = 0; // its head
    int end = -1;  // behind its last line; -1: it goes on
    int parent = -1;
    int depth = 0;
    bool isFolded = false;
    bool folds = false;    // by itself, when it ends
    bool wasAsked = false; // somebody folded or unfolded it: it stays so
};

// All bytes of a log, as they came: shares what JobLog holds, any thread.
class JobLogText
{
public:
    qint64 size() const;
    int lineCount() const { return m_lineCount; }
    const std::vector<std::shared_ptr<const LogChunk>> &chunks() const { return m_chunks; }
    const QByteArray &tail() const { return m_tail; }

private:
    friend class JobLog;
    std::vector<std::shared_ptr<const LogChunk>> m_chunks;
    QByteArray m_tail;
    int m_lineCount = 0;
};

// The log of a job: its lines by number, decoded when they are asked for; groups that may be folded, and which line
// stands in which row then; where the errors are. One thread, the GUI's; JobLogReader does what takes long elsewhere.
// Beside the text it holds some 4 bytes a line and 24 a group. A line's number stays; rows change with folding.
//
// A group that its writer wants folded folds itself when it ends, unless there is an error in it, somebody unfolded it
// or reads in it (setReadLine).
class JobLog
{
public:
    void clear();
    void take(const JobLogPiece &piece);

    int lineCount() const { return m_lineCount + (m_tail.isEmpty() ? 0 : 1); }
    int wholeLineCount() const { return m_lineCount; } // without one whose end did not come yet
    qint64 bytes() const { return m_bytes + m_tail.size(); }
    qint64 memory() const;
    int widest() const { return m_widest; } // bytes
    bool hasTimes() const { return m_hasTimes; }

    JobLogLine line(int number) const;
    QString plainText(int number) const;
    qint64 timeMs(int number) const;
    JobLogText text() const;
    struct Place
    {
        const LogChunk *chunk = nullptr;
        int first = 0; // its first line
    };
    Place placeOf(int line) const; // of a whole line

    const std::vector<LogGroup> &groups() const { return m_groups; }
    int groupAt(int line) const;     // whose head it is; -1: none
    int groupAround(int line) const; // the innermost it is in, not as its head; -1: none
    void setFolded(int group, bool isFolded);
    void setAllFolded(bool isFolded);
    void setReadLine(int line) { m_readLine = line; } // -1: nobody reads

    int rowCount() const;
    int lineOfRow(int row) const;
    int rowOfLine(int line) const; // of a hidden one: the row above
    bool isShown(int line) const;
    void reveal(int line); // unfolds what it is in

    int errorCount() const { return m_errorCount; }
    int firstError() const { return errorAfter(-1); }
    int errorAfter(int line) const; // -1: none
    int errorBefore(int line) const;

private:
    struct Held
    {
        std::shared_ptr<const LogChunk> chunk;
        int first = 0;
        int errorsBefore = 0;
    };
    struct Turn // a line's effect on what is shown
    {
        int line = 0;
        int group = -1; // Begin: which
        logline::Mark mark;
    };
    struct Open
    {
        int group = -1; // -1: a block without a name
        std::uint8_t form = 0;
        std::uint32_t name = 0;
    };
    struct Hidden
    {
        int first = 0;
        int end = 0;
        int before = 0; // lines hidden before it
    };

    std::size_t heldOf(int line) const;
    int errorIndex(int line) const; // how many lie before the line
    int errorLine(int index) const;
    void merge();
    void apply(Turn &turn, bool isNew);
    void close(const Open &open, int line, bool isNew);
    void hide(int first, int end);
    void replay();
    int hiddenBefore(int line) const;
    bool maySelfFold(const LogGroup &group) const;
    std::string_view bytesOf(int line) const;

    std::vector<Held> m_held;
    QByteArray m_tail;
    ansi::Style m_tailStyle;
    int m_lineCount = 0;
    qint64 m_bytes = 0;
    int m_errorCount = 0;
    int m_widest = 0;
    int m_readLine = -1;
    bool m_hasTimes = false;

    std::vector<LogGroup> m_groups; // by their heads
    std::vector<Turn> m_turns;
    std::vector<Open> m_open;
    std::vector<Hidden> m_hidden; // ascending, apart from each other
    int m_foldedOpen = 0;         // groups that are open and folded
    int m_hiddenFrom = -1;        // the first line that these hide; -1: there is none of them
};

} // namespace signalbox
