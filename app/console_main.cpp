#include "app/console/console.h"
#include "app/logging/logging.h"
#include "app/wiring/demo.h"

#include <QApplication>
#include <QCommandLineParser>

#include <cstdio>

using namespace signalbox;

namespace
{

struct Arguments
{
    SourceOptions sources;
    QString logLevel;
    QString pictures;
};

Result<Arguments> parse(const QStringList &words)
{
    QCommandLineParser parser;
    parser.setApplicationDescription(
        QCoreApplication::translate("main", "The Signalbox window. See `signalbox help` for commands."));
    parser.addHelpOption();
    parser.addVersionOption();
    const QCommandLineOption workspace({QStringLiteral("w"), QStringLiteral("workspace")},
                                       QCoreApplication::translate("main", "The file that names the connections."),
                                       QStringLiteral("FILE"));
    const QCommandLineOption kubeconfig(QStringLiteral("kubeconfig"),
                                        QCoreApplication::translate("main", "A kubeconfig instead."),
                                        QStringLiteral("FILE"));
    const QCommandLineOption context(QStringLiteral("context"), QCoreApplication::translate("main", "Its context."),
                                     QStringLiteral("NAME"));
    const QCommandLineOption demo(
        QStringLiteral("demo"),
        QCoreApplication::translate(
            "main", "A practice world inside the program, new at every start: no cluster is needed or touched."));
    const QCommandLineOption level(QStringLiteral("log-level"),
                                   QCoreApplication::translate("main", "debug, info, warning or error."),
                                   QStringLiteral("LEVEL"));
    const QCommandLineOption pictures(
        QStringLiteral("pictures"),
        QCoreApplication::translate("main", "Draw every screen into PNG files in this folder, then end."),
        QStringLiteral("FOLDER"));
    parser.addOptions({workspace, kubeconfig, context, demo, level, pictures});
    if (!parser.parse(words))
        return Error{ErrorKind::Invalid, parser.errorText(), {}};
    if (parser.isSet(QStringLiteral("help")) || parser.isSet(QStringLiteral("version")))
        parser.process(words); // prints and ends
    if (!parser.positionalArguments().isEmpty()) {
        return Error{ErrorKind::Invalid,
                     QCoreApplication::translate(
                         "main", "\"%1\" is not an option of the window; commands belong to `signalbox`.")
                         .arg(parser.positionalArguments().first()),
                     {}};
    }
    Arguments found;
    found.sources.workspace = parser.value(workspace);
    found.sources.kubeconfig = parser.value(kubeconfig);
    found.sources.context = parser.value(context);
    found.sources.demo = parser.isSet(demo);
    found.logLevel = parser.value(level);
    found.pictures = parser.value(pictures);
    if (const Result<void> sources = checkSourceOptions(found.sources); !sources)
        return sources.error();
    return found;
}

Result<void> beginLog(const QString &level)
{
    LoggingOptions logging;
    logging.program = QStringLiteral("signalbox-console");
    if (!level.isEmpty()) {
        const Result<LogLevel> parsed = parseLogLevel(level);
        if (!parsed)
            return parsed.error();
        logging.level = *parsed;
        logging.onStderr = true;
    }
    return startLogging(logging);
}

int fail(const Error &error)
{
    std::fprintf(stderr, "signalbox-console: %s\n", qPrintable(error.message));
    return 2;
}

} // namespace

int main(int argc, char *argv[])
{
    QApplication application(argc, argv);
    QApplication::setApplicationName(QStringLiteral("signalbox"));
    QApplication::setApplicationDisplayName(QStringLiteral("Signalbox"));
    QApplication::setApplicationVersion(QStringLiteral(SIGNALBOX_VERSION));
    Result<Arguments> arguments = parse(QApplication::arguments());
    if (!arguments)
        return fail(arguments.error());
    if (const Result<void> log = beginLog(arguments->logLevel); !log)
        return fail(log.error());
    int status = 0;
    {
        const Result<DemoWorld> demo = startDemo(arguments->sources); // outlives the console
        if (!demo)
            return fail(demo.error());
        Console console(application, arguments->sources);
        if (arguments->pictures.isEmpty())
            console.show();
        else
            console.drawPictures(arguments->pictures);
        status = QApplication::exec();
    }
    stopLogging();
    return status;
}
