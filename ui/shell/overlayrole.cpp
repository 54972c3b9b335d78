#include "ui/shell/overlayrole.h"

#include <QAccessibleWidget>
#include <QVariant>

namespace signalbox
{

namespace
{

constexpr const char *isDialog = "signalbox-dialog";

QAccessibleInterface *makeDialog(const QString &, QObject *object)
{
    auto *widget = qobject_cast<QWidget *>(object);
    if (widget == nullptr || !widget->property(isDialog).toBool())
        return nullptr;
    return new QAccessibleWidget(widget, QAccessible::Dialog);
}

} // namespace

void sayDialog(QWidget *overlay)
{
    static const bool isInstalled = [] {
        QAccessible::installFactory(makeDialog);
        return true;
    }();
    Q_UNUSED(isInstalled)
    overlay->setProperty(isDialog, true);
}

} // namespace signalbox
