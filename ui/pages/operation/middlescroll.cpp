#include "ui/pages/operation/middlescroll.h"

#include <QApplication>

namespace signalbox
{

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
        if (now && now != widget() && widget()->isAncestorOf(now))
            ensureWidgetVisible(now, 0, 8);
    });
}

} // namespace signalbox
