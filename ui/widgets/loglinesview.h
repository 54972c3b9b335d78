#pragma once

#include "models/log/ansitext.h"
#include "models/log/logline.h"

#include <QAbstractScrollArea>
#include <QList>
#include <QString>

namespace signalbox
{

// What shows rows of a log have in common: only those that can be seen are asked for and drawn, so that a million of
// them scroll as one does. Rows are selected with the mouse or Shift and arrows, copied with Ctrl+C; End follows what
// comes, scrolling up ends that. What a row is stays with its key when rows come and go above it.
class LogLinesView : public QAbstractScrollArea
{
    Q_OBJECT
public:
    explicit LogLinesView(QWidget *parent = nullptr);

    bool follows() const { return m_follows; }
    void setFollows(bool follows);
    bool showsTimes() const { return m_showsTimes; }
    void setShowsTimes(bool shows);
    bool wraps() const { return m_wraps; }
    void setWraps(bool wraps);
    int firstVisibleLine() const;               // its row
    QString selectedText() const;               // of the selected rows, times with their zone
    int currentKey() const { return m_cursor; } // -1: none

public slots:
    void copy();
    void selectAll();

signals:
    void followsChanged(bool follows);
    void touched();         // somebody scrolled or selected, by mouse or keyboard
    void copyCut(int rows); // only so many of what was selected were copied

protected:
    static constexpr int mostDrawn = 4000; // characters of a row

    struct Row
    {
        int number = 0; // from 1; 0: shown without
        QString time;   // as shown; empty: none
        QString text;
        QList<ansi::Span> spans;
        logline::Level level = logline::Level::Plain;
        enum class Fold { None, Folded, Open } fold = Fold::None;
        int depth = 0;
        QString aside; // said faintly behind the text
    };
    virtual int rowCount() const = 0;
    virtual Row row(int index) const = 0;
    virtual int widestText() const = 0;     // characters of the longest row
    virtual int timeCharacters() const = 0; // of Row::time
    virtual int numberCharacters() const { return 0; }
    virtual bool hasSigns() const { return false; } // of levels and folding, in front of the text
    virtual int keyOf(int row) const { return row; }
    virtual int rowOf(int key) const { return key; }
    virtual QString copiedRow(int row) const = 0;
    virtual int mostCopied() const { return 1 << 30; } // rows
    virtual QString spokenRow(int row) const = 0;      // for screen readers
    virtual void pressedAt(int row, bool onFold);      // after it was selected
    virtual bool pressed(QKeyEvent *event);            // true: it was meant for the subclass

    void setSearchText(const QString &text, Qt::CaseSensitivity sensitivity);
    void forgetSelection();
    void moveSelection(int by); // keys; what lies before the first is gone
    void select(int row, bool extend);
    void updateBars();
    void measure();
    int rowAt(const QPoint &point) const; // -1: there are none

    void paintEvent(QPaintEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void scrollContentsBy(int dx, int dy) override;
    void changeEvent(QEvent *event) override;

private:
    static constexpr int margin = 14;
    static constexpr int above = 8; // the first row
    static constexpr int signWidth = 16;
    static constexpr int foldWidth = 14;
    static constexpr int mostIndented = 8;

    struct Part // of a text, in one line of the screen
    {
        int from = 0;
        int to = 0;
    };
    int gutterWidth() const; // all in front of the text
    int indentOf(const Row &row) const;
    QList<Part> partsOf(const Row &row) const;
    int heightOf(int row) const;
    int topOffset() const;
    void showRow(int row);
    QString copied(int from, int to) const;
    void paintRow(QPainter *painter, int index, const Row &row, int top) const;
    void paintGutter(QPainter *painter, const Row &row, int top) const;
    void paintHits(QPainter *painter, const QString &text, const Part &part, const QPoint &at) const;
    void paintPart(QPainter *painter, const Row &row, const Part &part, const QPoint &at) const;

    QString m_search;
    Qt::CaseSensitivity m_searchCase = Qt::CaseInsensitive;
    int m_anchor = -1; // keys
    int m_cursor = -1;
    bool m_follows = true;
    bool m_showsTimes = true;
    bool m_wraps = false;
    int m_lineHeight = 20;
    int m_charWidth = 7;
    bool m_isScrollingItself = false;
};

} // namespace signalbox
