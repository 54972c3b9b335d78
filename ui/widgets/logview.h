#pragma once

#include "ui/widgets/loglinesview.h"

#include <QDateTime>

#include <deque>
#include <map>

namespace signalbox
{

// Lines of a log that comes line by line. Keeps at most `capacity` of them, the oldest go first. What programs write
// for a terminal is shown as one would: in colour, without control sequences, which are not copied either.
class LogView : public LogLinesView
{
    Q_OBJECT
public:
    struct Line
    {
        QDateTime time; // may be invalid
        QString text;   // once appended, without control sequences
    };
    static constexpr int capacity = 200000;

    explicit LogView(QWidget *parent = nullptr);

    void append(const QList<Line> &lines);
    void clear();
    int lineCount() const { return static_cast<int>(m_lines.size()); }
    QString lineText(int index) const { return m_lines[static_cast<size_t>(index)].text; }
    bool wasCut() const { return m_dropped > 0; }

    void setSearch(const QString &text); // marks every hit
    int hitCount() const { return static_cast<int>(m_hits.size()); }
    int currentHit() const { return m_hit; } // -1: none
    void findNext(bool backwards = false);
    QString allText() const;

signals:
    void searchChanged();

protected:
    int rowCount() const override { return lineCount(); }
    Row row(int index) const override;
    int widestText() const override { return m_widest; }
    int timeCharacters() const override;
    QString copiedRow(int row) const override;
    QString spokenRow(int row) const override;

private:
    void scan(int from);

    std::deque<Line> m_lines;
    qint64 m_dropped = 0;
    ansi::Style m_style;                          // at the end of the last line
    std::map<qint64, QList<ansi::Span>> m_styled; // by line, counted from the first that ever was
    QString m_search;
    QList<int> m_hits; // lines, ascending
    int m_hit = -1;
    int m_widest = 0; // characters
};

} // namespace signalbox
