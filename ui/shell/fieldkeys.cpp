#include "ui/shell/fieldkeys.h"

#include <QAbstractItemView>
#include <QComboBox>
#include <QCoreApplication>
#include <QKeyEvent>
#include <QMainWindow>

namespace signalbox
{

FieldKeys::FieldKeys(QObject *parent)
    : QObject(parent)
{
    QCoreApplication::instance()->installEventFilter(this);
}

bool FieldKeys::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() != QEvent::KeyPress)
        return false;
    auto *key = static_cast<QKeyEvent *>(event);
    if ((key->modifiers() & ~(Qt::KeypadModifier | Qt::ShiftModifier)) != Qt::NoModifier || key->text().size() != 1)
        return false;
    const QChar letter = key->text().at(0);
    const bool isDigit = letter >= u'0' && letter <= u'9';
    if (!isDigit && letter != u'/' && letter != u'?')
        return false;
    const auto *combo = qobject_cast<const QComboBox *>(watched);
    const auto *list = qobject_cast<const QAbstractItemView *>(watched);
    const QWidget *field = combo != nullptr ? static_cast<const QWidget *>(combo) : list;
    // A combo box's open list is a window of its own, where searching is what one wants.
    if (field == nullptr || qobject_cast<const QMainWindow *>(field->window()) == nullptr ||
        (combo != nullptr && combo->isEditable()))
        return false;
    key->setAccepted(isDigit && combo != nullptr); // what is not accepted goes on to the window
    return true;
}

} // namespace signalbox
