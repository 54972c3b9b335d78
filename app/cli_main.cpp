#include "app/cli/program.h"
#include "app/cli/terminal.h"

#include <QCoreApplication>

int main(int argc, char *argv[])
{
    signalbox::cli::system::ignoreBrokenPipes();
    const QCoreApplication application(argc, argv);
    QCoreApplication::setApplicationName(QStringLiteral("signalbox"));
    QCoreApplication::setApplicationVersion(QStringLiteral(SIGNALBOX_VERSION));
    return signalbox::cli::runProgram(QCoreApplication::arguments().mid(1));
}
