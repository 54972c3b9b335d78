#pragma once

#include <QModelIndex>
#include <QPoint>
#include <QPointer>
#include <QString>
#include <QWindow>

#include <functional>
#include <optional>

class QAbstractItemView;
class QWidget;

namespace signalbox
{

class ChartPanel;
class MainWindow;
class OperationBox;
class TrackCard;

// Somebody in front of the window: sees what is on screen, and works with keyboard and mouse alone. What cannot be done
// says why; nothing is ever called on a widget that a person could not reach.
class TourOperator
{
public:
    // Why it is not so, or cannot be done, now; nothing: it is.
    using Doubt = std::optional<QString>;

    explicit TourOperator(MainWindow &window)
        : m_window(window)
    {}

    MainWindow &window() const { return m_window; }

    // ---- eyes: only what is on screen now
    Doubt isFront() const; // the window has the keyboard
    // The question that lies over the window and takes all keys and clicks; null: none.
    QWidget *question() const;
    // By object name, in the question or on the page, or else anywhere in the window; null: not visible.
    QWidget *find(const QString &name) const;
    template <typename T>
    T *find(const QString &name) const
    {
        return qobject_cast<T *>(find(name));
    }
    Doubt isOnPage(const QString &page) const;
    TrackCard *card(const QString &track) const;
    // Its share of live traffic in per cent; -1: not on screen, or nothing says so.
    int shareOf(const QString &track) const;
    // The newest value that the chart of this panel ("errors") shows of a track; nothing: no such chart, no data, or
    // none of now.
    std::optional<double> valueOf(const QString &panel, const QString &track) const;
    QString chartText(const QString &panel) const; // "blue 0.12, green 6.7"
    bool isAnyPanelLoading() const;
    bool isAnyPanelStale() const;
    // The box that says what will happen, happens or happened.
    OperationBox *box() const;
    QString boxText() const;
    // A plan stands still and its button can be held.
    Doubt canHold() const;
    Doubt isUnderWay() const;
    // An operation ended, and what it was for is observed.
    Doubt isDone() const;

    // ---- hands
    void press(int key, Qt::KeyboardModifiers modifiers = {});
    void hold(int key); // until letGo()
    void type(const QString &text);
    Doubt click(QWidget *widget); // null: said so
    Doubt click(const QString &name);
    Doubt clickCell(QAbstractItemView *view, const QModelIndex &index);
    // With the keyboard, until the line is in sight; nothing is pressed where it is.
    Doubt walkTo(QAbstractItemView *view, const QModelIndex &index);
    Doubt holdMouseOn(QWidget *widget);
    // Marks the newest part of a chart with the mouse, from `fraction` of its width to its end: it is shown larger.
    Doubt markChart(const QString &panel, double fraction);
    bool isChartZoomed(const QString &panel) const;
    void letGo(); // whatever is held

private:
    Doubt clickAt(QWidget *widget, const QPoint &at, bool keepsDown);
    ChartPanel *chart(const QString &panel) const;
    QWidget *page() const;  // or the question over it
    QWidget &front() const; // where keys and clicks go

    MainWindow &m_window;
    int m_heldKey = 0;
    std::optional<QPoint> m_heldAt;
    QPointer<QWindow> m_heldIn;
};

} // namespace signalbox
