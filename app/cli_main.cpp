#include "app/cli/program.h"
#include "app/cli/terminal.h"
#include "ui/language/texts.h"

#include <QCoreApplication>
#include <QTranslator>

int main(int argc, char *argv[])
{
    signalbox::cli::system::ignoreBrokenPipes();
    const QCoreApplication application(argc, argv);
    QCoreApplication::setApplicationName(QStringLiteral("signalbox"));
    QCoreApplication::setApplicationVersion(QStringLiteral(SIGNALBOX_VERSION));
    // It speaks English alone, for scripts read it; the services' texts have their plurals from there.
    const auto texts = signalbox::loadTexts(QStringLiteral("en"));
    if (texts)
        QCoreApplication::installTranslator(texts.get());
    return signalbox::cli::runProgram(QCoreApplication::arguments().mid(1));
}
