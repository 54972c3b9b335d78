#include "ui/shell/enterkey.h"

#include "ui/widgets/holdbutton.h"

#include <QCoreApplication>
#include <QKeyEvent>
#include <QPushButton>
#include <QToolButton>

namespace signalbox
{

namespace
{

QAbstractButton *ordinaryButton(QObject *watched)
{
    if (qobject_cast<HoldButton *>(watched))
        return nullptr;
    if (auto *button = qobject_cast<QPushButton *>(watched))
        return button;
    return qobject_cast<QToolButton *>(watched);
}

} // namespace

EnterKey::EnterKey(QObject *parent)
    : QObject(parent)
{
    QCoreApplication::instance()->installEventFilter(this);
}

bool EnterKey::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() != QEvent::KeyPress)
        return false;
    const auto *key = static_cast<QKeyEvent *>(event);
    const bool isEnter = key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter;
    if (!isEnter || (key->modifiers() & ~Qt::KeypadModifier) != Qt::NoModifier)
        return false;
    QAbstractButton *const button = ordinaryButton(watched);
    if (button == nullptr || !button->hasFocus() || !button->isEnabled())
        return false;
    if (!key->isAutoRepeat())
        button->click();
    return true;
}

} // namespace signalbox
