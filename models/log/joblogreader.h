#pragma once

#include "models/log/logline.h"

#include <QByteArray>

#include <memory>
#include <string_view>
#include <vector>

// The log of a job is read where its bytes arrive and shown in the GUI thread. What goes from one to the other is
// finished and never changes again:
//
//   bytes, any cut ──> JobLogReader ──> JobLogPiece (value) ──> JobLog ──> view
//                      one worker at a time                    GUI thread
//
namespace signalbox
{

// Whole lines as they came, one after the other, and where they begin. Immutable once shared.
struct LogChunk
{
    struct StyleChange
    {
        quint32 line = 0;  // of the chunk
        ansi::Style style; // holds at its begin, and of those after it
    };

    QByteArray text;                 // with their ends; what was cut for its length has none
    std::vector<quint32> begins;     // of the lines
    std::vector<StyleChange> styles; // where it is not as at the line before; before the first: as usual
    std::vector<quint32> errors;     // lines, ascending
    quint32 widest = 0;              // bytes of the longest, without what is not shown
    std::vector<quint32> controls;   // lines that are not shown byte by byte: these need strip()

    quint32 lineCount() const { return static_cast<quint32>(begins.size()); }
    std::string_view line(quint32 index) const; // without its end
    ansi::Style styleAt(quint32 index) const;
    qint64 memory() const; // bytes it takes
};

struct LineMark
{
    quint32 line = 0; // of the chunk
    logline::Mark mark;
};

struct JobLogPiece
{
    std::shared_ptr<const LogChunk> chunk; // null: only the tail changed
    std::vector<LineMark> marks;
    QByteArray tail; // begin of a line whose end did not come yet
    ansi::Style tailStyle;
};

// Takes a log apart as it comes: characters, sequences and lines may be cut anywhere. Not thread-safe, bound to none.
// Lines end at LF; a carriage return within one is left to its reader (progress, written over). A line longer than
// `longestLine` goes on in another: nothing is lost, and nothing grows without an end.
class JobLogReader
{
public:
    static constexpr qsizetype chunkSize = 256 * 1024;
    static constexpr qsizetype longestLine = 64 * 1024;

    // At least one piece; together they hold what came and not more.
    std::vector<JobLogPiece> read(QByteArrayView bytes);
    // The log ended: what has no end is a line as well.
    std::vector<JobLogPiece> finish();

private:
    void take(std::string_view line); // with its end, where it has one
    void begin();
    void hand(std::vector<JobLogPiece> &pieces);

    std::shared_ptr<LogChunk> m_chunk;
    std::vector<LineMark> m_marks;
    QByteArray m_tail;
    ansi::Style m_style; // at the end of the last line
    std::string m_shown;
    bool m_isScript = false; // in a group that repeats a script: what it says is not said by a program
};

} // namespace signalbox
