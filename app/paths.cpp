#include "app/paths.h"

#include <QDir>
#include <QStandardPaths>

namespace signalbox
{

QString dataFolder()
{
    const QString replaced = qEnvironmentVariable("SIGNALBOX_DATA");
    if (!replaced.isEmpty())
        return QDir::cleanPath(QDir().absoluteFilePath(replaced));
    return QStandardPaths::writableLocation(QStandardPaths::GenericDataLocation) + QStringLiteral("/signalbox");
}

QString cacheFolder()
{
    if (!qEnvironmentVariableIsEmpty("SIGNALBOX_DATA"))
        return dataFolder() + QStringLiteral("/cache");
    return QStandardPaths::writableLocation(QStandardPaths::GenericCacheLocation) + QStringLiteral("/signalbox");
}

QString logFolder()
{
#if defined(Q_OS_UNIX) && !defined(Q_OS_MACOS)
    if (qEnvironmentVariableIsEmpty("SIGNALBOX_DATA")) {
        QString state = qEnvironmentVariable("XDG_STATE_HOME");
        if (!QDir::isAbsolutePath(state)) // the XDG specification: a relative path is to be ignored
            state = QDir::homePath() + QStringLiteral("/.local/state");
        return state + QStringLiteral("/signalbox/logs");
    }
#endif
    return dataFolder() + QStringLiteral("/logs");
}

} // namespace signalbox
