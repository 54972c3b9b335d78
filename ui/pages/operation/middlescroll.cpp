#include "ui/pages/operation/middlescroll.h"

#include <QApplication>
#include <QHBoxLayout>
#include <QScrollBar>

#include <algorithm>

namespace signalbox
{

namespace
{

constexpr int enoughSeen = 76; // pixels: two lines of a list

} // namespace

MiddleScroll::MiddleScroll(QWidget *inner, QWidget *parent)
    : QScrollArea(parent)
{
    inner->setObjectName(QStringLiteral("scrollContent"));
    setWidgetResizable(true);
    setFrameShape(QFrame::NoFrame);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setFocusPolicy(Qt::NoFocus);
    setWidget(inner);
    // Also by other ways than Tab: a click, a shortcut, Enter in a list.
    connect(qApp, &QApplication::focusChanged, this, [this](QWidget *, QWidget *now) {
        // What is in sight stays where the eye has it, of a long list a part of it.
        const auto isSeen = [](const QWidget *one) {
            return one->visibleRegion().boundingRect().height() >= std::min(one->height(), enoughSeen);
        };
        if (now && now != widget() && widget()->isAncestorOf(now) && !isSeen(now))
            ensureWidgetVisible(now, 0, 8);
    });
}

void MiddleScroll::setGutter(int pixels)
{
    m_gutter = pixels;
    connect(verticalScrollBar(), &QScrollBar::rangeChanged, this, &MiddleScroll::keepEdge);
    keepEdge();
}

QLayout *MiddleScroll::besideGutter(QWidget *widget, int pixels)
{
    auto *layout = new QHBoxLayout;
    layout->setContentsMargins(0, 0, pixels, 0);
    layout->addWidget(widget);
    return layout;
}

void MiddleScroll::bringIntoView(QWidget *part)
{
    const int top = part->mapTo(widget(), QPoint(0, 0)).y();
    const int bottom = top + part->height();
    QScrollBar *const bar = verticalScrollBar();
    if (bottom > bar->value() + viewport()->height())
        bar->setValue(bottom - viewport()->height());
    if (top < bar->value())
        bar->setValue(top);
}

void MiddleScroll::keepEdge()
{
    const bool hasBar = verticalScrollBar()->maximum() > 0;
    const int bar = hasBar ? verticalScrollBar()->sizeHint().width() : 0;
    widget()->layout()->setContentsMargins(0, 0, std::max(0, m_gutter - bar), 0);
}

FillingRow::FillingRow(int minimumHeight, QWidget *parent)
    : QWidget(parent)
{
    setMinimumHeight(minimumHeight);
}

} // namespace signalbox
