#include "ui/shell/outcomenotice.h"

namespace signalbox
{

QString outcomeNotice(const QString &title, const QString &message)
{
    if (message.isEmpty() || title.compare(message, Qt::CaseInsensitive) == 0)
        return title;
    if (message.contains(title, Qt::CaseInsensitive))
        return message;
    return QStringLiteral("%1: %2").arg(title, message);
}

} // namespace signalbox
