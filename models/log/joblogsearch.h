#pragma once

#include "models/log/joblog.h"

#include <QByteArrayMatcher>
#include <QString>

#include <chrono>
#include <string>
#include <vector>

namespace signalbox
{

// Which whole lines of a log contain a text: what is shown of them, without times, control sequences and words for
// machines. Goes through the log in slices, first from where the reader is to the end, then from the begin; what the
// log gains meanwhile and later is taken along. In the thread of the log.
class JobLogSearch
{
public:
    static constexpr int mostHits = 200000;

    explicit JobLogSearch(const JobLog &log)
        : m_log(&log)
    {}
    // Empty: finds nothing. Without `isExact` capitals do not matter.
    void begin(const QString &text, bool isExact, int fromLine);
    QString text() const { return m_text; }
    bool isExact() const { return m_isExact; }
    // Searches for at most about that long; false: for now there is nothing more to search.
    bool step(std::chrono::microseconds atMost);
    bool isDone() const;

    int hitCount() const { return static_cast<int>(m_late.size() + m_early.size()); }
    bool isCut() const { return m_isCut; } // there are more: `mostHits` were found
    int hitIndex(int line) const;          // which of the hits the line is; -1: none
    int hitAfter(int line) const;          // the next line below, else the first; -1: none
    int hitBefore(int line) const;

private:
    void searchTo(std::vector<int> &hits, int &at, int end);
    bool isIn(std::string_view shown);
    void scan(const LogChunk &chunk, int first, quint32 from, quint32 to, std::vector<int> &hits);
    void scanLine(const LogChunk &chunk, int first, quint32 line, std::vector<int> &hits);

    const JobLog *m_log;
    QString m_text;
    bool m_isExact = false;
    bool m_isByLetter = false; // letters beyond ASCII have another case: decoded and compared by Qt
    QByteArrayMatcher m_matcher;
    int m_start = 0;
    int m_lateAt = 0;  // [m_start, m_lateAt) is searched
    int m_earlyAt = 0; // [0, m_earlyAt)
    std::vector<int> m_late;
    std::vector<int> m_early;
    bool m_isCut = false;
    std::string m_shown;
    QByteArray m_folded;
};

} // namespace signalbox
