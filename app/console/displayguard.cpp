#include "app/console/displayguard.h"

#include <QByteArray>
#include <QString>

#include <cstdio>
#include <cstdlib>

namespace signalbox
{

namespace
{

// No translations and no application yet: in English.
void sayWhyThereIsNoWindow(QtMsgType type, const QMessageLogContext &context, const QString &message)
{
    if (type != QtFatalMsg) {
        std::fprintf(stderr, "%s\n", qPrintable(qFormatLogMessage(type, context, message)));
        return;
    }
    QByteArray where;
    for (const char *name : {"QT_QPA_PLATFORM", "WAYLAND_DISPLAY", "DISPLAY"}) {
        if (!qEnvironmentVariableIsEmpty(name))
            where += (where.isEmpty() ? "" : ", ") + QByteArray(name) + '=' + qgetenv(name);
    }
    if (where.isEmpty())
        where = "neither DISPLAY nor WAYLAND_DISPLAY is set";
    std::fprintf(
        stderr,
        "signalbox-console: There is no display for the window (%s). Use a command (see \"signalbox --help\"), "
        "or \"signalbox tour --out DIR\" for its pictures.\n",
        where.constData());
    std::fflush(stderr);
    std::_Exit(DisplayGuard::noDisplay); // nothing of ours has begun
}

} // namespace

DisplayGuard::DisplayGuard()
    : m_before(qInstallMessageHandler(sayWhyThereIsNoWindow))
{}

DisplayGuard::~DisplayGuard()
{
    qInstallMessageHandler(m_before);
}

} // namespace signalbox
