#pragma once

#include "models/log/ansitext.h"

#include <QAbstractScrollArea>
#include <QDateTime>
#include <QList>
#include <QString>

#include <deque>
#include <map>

namespace signalbox
{

// Lines of a log, only the visible ones drawn: 100,000 lines scroll as one does. Keeps at most `capacity` lines, the
// oldest go first. Lines are selected with the mouse or Shift and arrows, copied with Ctrl+C; End follows. What
// programs write for a terminal is shown as one would: in colour, without control sequences, which are not copied
// either.
class LogView : public QAbstractScrollArea
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

    bool follows() const { return m_follows; }
    void setFollows(bool follows);
    void setShowsTimes(bool shows);

    void setSearch(const QString &text); // marks every hit
    int hitCount() const { return static_cast<int>(m_hits.size()); }
    int currentHit() const { return m_hit; } // -1: none
    void findNext(bool backwards = false);

    QString selectedText() const; // of the selected lines, times with their zone
    QString allText() const;
    int firstVisibleLine() const;

public slots:
    void copy() const;
    void selectAll();

signals:
    void followsChanged(bool follows);
    void searchChanged();

protected:
    void paintEvent(QPaintEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void scrollContentsBy(int dx, int dy) override;
    void changeEvent(QEvent *event) override;

private:
    void measure();
    void updateBars();
    int lineAt(const QPoint &point) const;
    void select(int line, bool extend);
    void showLine(int line);
    void scan(int from);
    void paintLine(QPainter *painter, int line, int top) const;
    void paintText(QPainter *painter, int line, const QString &text, const QPoint &at) const;
    QString copied(int from, int to) const;

    std::deque<Line> m_lines;
    qint64 m_dropped = 0;
    ansi::Style m_style;                          // at the end of the last line
    std::map<qint64, QList<ansi::Span>> m_styled; // by line, counted from the first that ever was
    QString m_search;
    QList<int> m_hits; // lines, ascending
    int m_hit = -1;
    int m_anchor = -1;
    int m_cursor = -1;
    bool m_follows = true;
    bool m_showsTimes = true;
    int m_lineHeight = 20;
    int m_charWidth = 7;
    int m_widest = 0; // characters
    bool m_isScrollingItself = false;
};

} // namespace signalbox
