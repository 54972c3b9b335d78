#pragma once

#include <QDateTime>
#include <QWidget>

#include <vector>

namespace signalbox
{

class LedgerTable;

// The ledger's time line: how many entries there were when, with those that are not to be trusted marked. A stretch of
// it can be chosen: by dragging, or with arrows (Shift widens), Enter and Esc.
class ActivityStrip : public QWidget
{
    Q_OBJECT
public:
    explicit ActivityStrip(QWidget *parent = nullptr);

    // `rows` of `table`, newest first. Over the time from the first to the last of them.
    void show(const LedgerTable &table, const std::vector<quint32> &rows);
    void setChosen(const QDateTime &from, const QDateTime &to); // of the list; both invalid: all of it
    QString text() const;                                       // in words: for screen readers

    QSize sizeHint() const override { return {400, 62}; }
    QSize minimumSizeHint() const override { return {160, 62}; }

signals:
    // Invalid times: all of it again.
    void chosen(const QDateTime &from, const QDateTime &to);

protected:
    void paintEvent(QPaintEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void mouseReleaseEvent(QMouseEvent *event) override;
    bool event(QEvent *event) override;

private:
    static constexpr int binCount = 60;
    struct Bin
    {
        int all = 0;
        int bad = 0;
    };
    QRect plot() const;
    int binAt(int x) const;
    double xOf(int bin) const;
    QDateTime timeOf(int bin) const; // its beginning
    void choose();
    QString binText(int bin) const;
    void tell();

    std::vector<Bin> m_bins;
    qint64 m_from = 0;
    qint64 m_to = 0;
    int m_total = 0;
    int m_most = 0;
    int m_cursor = -1; // bin
    int m_anchor = -1; // the other end of what is being marked
    bool m_isDragging = false;
    bool m_isChosen = false; // a stretch: Esc takes it back
};

} // namespace signalbox
