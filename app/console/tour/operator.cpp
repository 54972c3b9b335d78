#include "app/console/tour/operator.h"

#include "app/console/tour/inputevents.h"
#include "app/console/tour/tourtext.h"
#include "ui/charts/chartpanel.h"
#include "ui/charts/chartview.h"
#include "ui/pages/operation/operationbox.h"
#include "ui/pages/traffic/trackcard.h"
#include "ui/shell/mainwindow.h"
#include "ui/widgets/badge.h"
#include "ui/widgets/holdbutton.h"
#include "ui/widgets/tableview.h"

#include <QAbstractItemView>
#include <QApplication>
#include <QDateTime>
#include <QDialog>
#include <QKeyEvent>
#include <QLabel>

#include <algorithm>
#include <chrono>
#include <cmath>

namespace signalbox
{

namespace
{

// A sample older than this says nothing of now.
constexpr std::chrono::milliseconds ofNow{30000};

constexpr int mostPresses = 60; // from one end of a page to the other

// The letter's key, as a keyboard would name it.
int keyOf(QChar letter)
{
    const QChar upper = letter.toUpper();
    return upper.unicode() < 128 ? static_cast<int>(upper.unicode()) : static_cast<int>(Qt::Key_unknown);
}

} // namespace

TourOperator::Doubt TourOperator::isFront() const
{
    if (!m_window.isVisible() || m_window.windowHandle() == nullptr)
        return TourText::tr("the window is not shown");
    return QApplication::activeWindow() == &m_window ? Doubt() : TourText::tr("another window has the keyboard");
}

QWidget *TourOperator::question() const
{
    auto *dialog = qobject_cast<QDialog *>(QApplication::activeModalWidget());
    return dialog != nullptr && dialog->isVisible() ? dialog : nullptr;
}

QWidget *TourOperator::page() const
{
    QWidget *over = question();
    return over != nullptr ? over : m_window.currentPage();
}

QWidget &TourOperator::front() const
{
    QWidget *over = question();
    QWidget &top = over != nullptr ? *over : m_window;
    // A desktop gives the keyboard back when a question closes; where there is no desktop, nobody else does.
    if (QApplication::activeWindow() == nullptr)
        top.activateWindow();
    return top;
}

QWidget *TourOperator::find(const QString &name) const
{
    for (QWidget *place : {page(), static_cast<QWidget *>(&m_window)}) {
        if (place == nullptr)
            continue;
        for (QWidget *each : place->findChildren<QWidget *>(name)) {
            if (each->isVisible())
                return each;
        }
    }
    return nullptr;
}

TourOperator::Doubt TourOperator::isOnPage(const QString &page) const
{
    return m_window.currentPageId() == page ? Doubt() : TourText::tr("the screen is %1").arg(m_window.currentPageId());
}

TrackCard *TourOperator::card(const QString &track) const
{
    if (page() == nullptr)
        return nullptr;
    for (TrackCard *each : page()->findChildren<TrackCard *>()) {
        if (each->isVisible() && each->track().name == track)
            return each;
    }
    return nullptr;
}

int TourOperator::shareOf(const QString &track) const
{
    const TrackCard *of = card(track);
    return of == nullptr || !of->share() ? -1 : static_cast<int>(std::lround(*of->share() * 100));
}

ChartPanel *TourOperator::chart(const QString &panel) const
{
    if (page() == nullptr)
        return nullptr;
    for (ChartPanel *each : page()->findChildren<ChartPanel *>()) {
        if (each->isVisible() && each->data().panel.id == panel)
            return each;
    }
    return nullptr;
}

std::optional<double> TourOperator::valueOf(const QString &panel, const QString &track) const
{
    const ChartPanel *of = chart(panel);
    if (of == nullptr || of->state() != Panel::State::Content || of->isStale())
        return std::nullopt;
    const qint64 oldest = QDateTime::currentMSecsSinceEpoch() - ofNow.count();
    for (const ChartSeries &series : of->data().series) {
        if (series.track != track && series.name != track)
            continue;
        if (series.samples.isEmpty() || !std::isfinite(series.samples.last().value) ||
            series.samples.last().time < oldest)
            return std::nullopt;
        return series.samples.last().value;
    }
    return std::nullopt;
}

QString TourOperator::chartText(const QString &panel) const
{
    ChartPanel *of = chart(panel);
    return of == nullptr ? TourText::tr("no such chart") : of->view().valuesText().simplified();
}

bool TourOperator::isAnyPanelLoading() const
{
    if (page() == nullptr)
        return true;
    for (const Panel *each : page()->findChildren<Panel *>()) {
        if (each->isVisible() && each->state() == Panel::State::Loading)
            return true;
    }
    return false;
}

bool TourOperator::isAnyPanelStale() const
{
    if (page() == nullptr)
        return false;
    const QList<Panel *> panels = page()->findChildren<Panel *>();
    return std::any_of(panels.begin(), panels.end(),
                       [](const Panel *each) { return each->isVisible() && each->isStale(); });
}

OperationBox *TourOperator::box() const
{
    if (page() == nullptr)
        return nullptr;
    for (OperationBox *each : page()->findChildren<OperationBox *>()) {
        if (each->isVisible())
            return each;
    }
    return nullptr;
}

QString TourOperator::boxText() const
{
    const OperationBox *shown = box();
    if (shown == nullptr)
        return TourText::tr("there is no operation on this screen");
    QStringList words;
    for (const char *name : {"operationHeadline", "operationText"}) {
        const auto *label = shown->findChild<QLabel *>(QString::fromLatin1(name));
        if (label != nullptr && label->isVisible())
            words << label->text().simplified();
    }
    return words.join(QStringLiteral(": "));
}

TourOperator::Doubt TourOperator::canHold() const
{
    const OperationBox *shown = box();
    const HoldButton *button = shown == nullptr ? nullptr : shown->holdButton();
    if (button == nullptr || !button->isVisible() || button->fingerprint().isEmpty())
        return boxText();
    return std::nullopt;
}

TourOperator::Doubt TourOperator::isUnderWay() const
{
    const OperationBox *shown = box();
    if (shown == nullptr || shown->holdButton()->isVisible())
        return boxText();
    return std::nullopt;
}

TourOperator::Doubt TourOperator::isDone() const
{
    const OperationBox *shown = box();
    if (shown == nullptr)
        return boxText();
    const auto *close = shown->findChild<QWidget *>(QStringLiteral("operationDismiss"));
    const auto *sign = shown->findChild<StateSign *>();
    if (close == nullptr || !close->isVisible() || sign == nullptr || sign->health() != Health::Ok)
        return boxText();
    return std::nullopt;
}

void TourOperator::press(int key, Qt::KeyboardModifiers modifiers)
{
    const QString text = modifiers.testFlag(Qt::ControlModifier) || key > 0x7e ? QString() : QString(QChar(key));
    // Its press may close the window that it goes to.
    const QPointer<QWindow> window = front().windowHandle();
    input::key(*window, input::Key::Press, key, modifiers, text);
    if (window)
        input::key(*window, input::Key::Release, key, modifiers, text);
}

void TourOperator::hold(int key)
{
    m_heldKey = key;
    m_heldIn = front().windowHandle();
    input::key(*m_heldIn, input::Key::Press, key);
}

void TourOperator::type(const QString &text)
{
    QWindow &window = *front().windowHandle();
    for (const QChar letter : text) {
        input::key(window, input::Key::Press, keyOf(letter), {}, letter);
        input::key(window, input::Key::Release, keyOf(letter), {}, letter);
    }
}

TourOperator::Doubt TourOperator::click(QWidget *widget)
{
    if (widget == nullptr)
        return TourText::tr("it is not on screen");
    return clickAt(widget, widget->rect().center(), false);
}

TourOperator::Doubt TourOperator::click(const QString &name)
{
    QWidget *widget = find(name);
    return widget == nullptr ? TourText::tr("%1 is not on screen").arg(name) : click(widget);
}

TourOperator::Doubt TourOperator::clickCell(QAbstractItemView *view, const QModelIndex &index)
{
    if (view == nullptr || !index.isValid())
        return TourText::tr("the line is not in the table");
    const QPoint at = view->visualRect(index).center();
    if (!view->viewport()->rect().contains(at))
        return TourText::tr("the line is out of sight");
    return clickAt(view->viewport(), at, false);
}

TourOperator::Doubt TourOperator::walkTo(QAbstractItemView *view, const QModelIndex &index)
{
    if (view == nullptr || !index.isValid())
        return TourText::tr("the line is not in the table");
    const auto isInSight = [view, &index] {
        const QRect line = view->visualRect(index);
        return view->viewport()->rect().contains(line.center());
    };
    if (isInSight())
        return std::nullopt;
    for (int presses = 0; presses < mostPresses && !view->hasFocus(); ++presses)
        press(Qt::Key_Backtab, Qt::ShiftModifier);
    if (!view->hasFocus())
        return TourText::tr("no key leads to %1").arg(view->objectName());
    press(Qt::Key_Home, Qt::ControlModifier);
    for (int line = 0; line < index.row() && !isInSight(); ++line)
        press(Qt::Key_Down);
    return isInSight() ? Doubt() : TourText::tr("the line is out of sight");
}

TourOperator::Doubt TourOperator::holdMouseOn(QWidget *widget)
{
    if (widget == nullptr)
        return TourText::tr("it is not on screen");
    return clickAt(widget, widget->rect().center(), true);
}

TourOperator::Doubt TourOperator::clickAt(QWidget *widget, const QPoint &at, bool keepsDown)
{
    if (!widget->isVisible())
        return TourText::tr("%1 is not on screen").arg(widget->objectName());
    if (!widget->isEnabled())
        return TourText::tr("%1 cannot be used: %2").arg(widget->objectName(), widget->toolTip());
    QWidget &place = front();
    if (widget->window() != &place)
        return TourText::tr("%1 lies below the question that is open").arg(widget->objectName());
    const QPoint inWindow = widget->mapTo(&place, at);
    const QWidget *there = place.childAt(inWindow);
    if (there != widget && !widget->isAncestorOf(there)) {
        return TourText::tr("%1 is covered by %2")
            .arg(widget->objectName(), there == nullptr ? TourText::tr("the window's edge")
                                                        : QString::fromLatin1(there->metaObject()->className()));
    }
    const QPointer<QWindow> window = place.windowHandle();
    input::mouse(*window, input::Mouse::Move, inWindow);
    input::mouse(*window, input::Mouse::Press, inWindow);
    if (keepsDown) {
        m_heldAt = inWindow;
        m_heldIn = window;
    } else if (window) {
        input::mouse(*window, input::Mouse::Release, inWindow);
    }
    return std::nullopt;
}

TourOperator::Doubt TourOperator::markChart(const QString &panel, double fraction)
{
    ChartPanel *of = chart(panel);
    if (of == nullptr)
        return TourText::tr("no such chart");
    const QRect plot = of->view().plotRect();
    const QPoint from(plot.left() + static_cast<int>(plot.width() * fraction), plot.center().y());
    const QPoint to(plot.right() - 1, plot.center().y());
    if (const Doubt doubt = clickAt(&of->view(), from, true))
        return doubt;
    QWindow &window = *m_window.windowHandle();
    const QPoint end = of->view().mapTo(&m_window, to);
    input::mouse(window, input::Mouse::Move, end);
    input::mouse(window, input::Mouse::Release, end);
    m_heldAt.reset();
    input::mouse(window, input::Mouse::Move, QPoint(m_window.width() / 2, 2)); // what it points at is not in the way
    return std::nullopt;
}

bool TourOperator::isChartZoomed(const QString &panel) const
{
    ChartPanel *of = chart(panel);
    return of != nullptr && !of->view().axis().isLive();
}

void TourOperator::letGo()
{
    // What it was held in may be closed since.
    QWindow &window = m_heldIn ? *m_heldIn : *m_window.windowHandle();
    if (m_heldKey != 0)
        input::key(window, input::Key::Release, m_heldKey);
    if (m_heldAt)
        input::mouse(window, input::Mouse::Release, *m_heldAt);
    m_heldKey = 0;
    m_heldAt.reset();
    m_heldIn.clear();
}

} // namespace signalbox
