#include "app/console/console.h"
#include "app/console/displayguard.h"
#include "app/console/ledgerreportrun.h"
#include "app/drillname.h"
#include "app/ledgerwish.h"
#include "app/logging/logging.h"
#include "app/paths.h"
#include "app/wiring/demo.h"
#include "services/async/frugality.h"
#include "services/drills/debriefbook.h"
#include "services/drills/earlierdrills.h"
#include "services/drills/practicedrills.h"
#include "services/sandbox/sandbox.h"
#include "ui/shell/consolesettings.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QFile>
#include <QLocale>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <iterator>
#include <memory>

using namespace signalbox;

namespace
{

struct Arguments
{
    SourceOptions sources;
    QString logLevel;
    QString pictures;
    std::optional<Tour::Options> tour;
    QString language;
    QString drill;
    std::optional<LedgerReportRun> report;
};

// Of a report: `signalbox ledger export` hands them on.
void addReportOptions(QCommandLineParser &parser)
{
    parser.addOption(
        {QStringLiteral("ledger-report"),
         QCoreApplication::translate("main", "Write the ledger's report for auditors into this PDF file, then end. See "
                                             "`signalbox help ledger`."),
         QStringLiteral("FILE")});
    for (const QString &name : ledgerQuestionOptions()) {
        QCommandLineOption option(name,
                                  QCoreApplication::translate("main", "With --ledger-report: as `signalbox ledger "
                                                                      "export` has it."),
                                  QStringLiteral("VALUE"));
        option.setFlags(QCommandLineOption::HiddenFromHelp);
        parser.addOption(option);
    }
    QCommandLineOption json(QStringLiteral("json"));
    json.setFlags(QCommandLineOption::HiddenFromHelp);
    parser.addOption(json);
}

Result<std::optional<LedgerReportRun>> reportOf(const QCommandLineParser &parser)
{
    if (!parser.isSet(QStringLiteral("ledger-report")))
        return std::optional<LedgerReportRun>();
    const auto question = ledgerQuestion([&parser](const QString &option) { return parser.value(option); });
    if (!question)
        return question.error();
    return std::optional(LedgerReportRun{*question, parser.value(QStringLiteral("ledger-report")),
                                         parser.isSet(QStringLiteral("json"))});
}

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
    const QCommandLineOption prometheus(
        QStringLiteral("prometheus"),
        QCoreApplication::translate("main", "A Prometheus beside the kubeconfig, as http://HOST:9090."),
        QStringLiteral("URL"));
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
    const QCommandLineOption tour(
        QStringLiteral("tour"),
        QCoreApplication::translate("main", "Let a scripted operator work on a practice world, put a picture of every "
                                            "screen into this folder, then end. See `signalbox help tour`."),
        QStringLiteral("FOLDER"));
    const QCommandLineOption tourReadme(
        QStringLiteral("tour-readme"),
        QCoreApplication::translate("main", "With --tour: only the pictures that README.md shows."));
    const QCommandLineOption language(
        QStringLiteral("language"),
        QCoreApplication::translate("main",
                                    "en or zh_CN: as if the system preferred it; a choice in the settings counts "
                                    "more. A tour is always in English: its script types in it."),
        QStringLiteral("LANGUAGE"));
    const QCommandLineOption drill(
        QStringLiteral("drill"),
        QCoreApplication::translate("main", "Open a practice world on this fire drill. See `signalbox drill`."),
        QStringLiteral("NAME"));
    parser.addOptions(
        {workspace, kubeconfig, context, prometheus, demo, level, pictures, tour, tourReadme, language, drill});
    addReportOptions(parser);
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
    found.sources.prometheus = parser.value(prometheus);
    found.sources.demo = parser.isSet(demo);
    found.logLevel = parser.value(level);
    found.pictures = parser.value(pictures);
    if (parser.isSet(tour)) {
        found.sources.demo = true; // the script is that world's story
        found.tour =
            Tour::Options{parser.value(tour), parser.isSet(tourReadme) ? Tour::Pictures::Readme : Tour::Pictures::All};
    }
    found.language = parser.value(language);
    if (parser.isSet(drill)) {
        found.drill = parser.value(drill);
        found.sources.demo = true;
        if (const Result<void> name = checkDrillName(found.drill); !name)
            return name.error();
    }
    if (const Result<void> sources = checkSourceOptions(found.sources); !sources)
        return sources.error();
    const auto report = reportOf(parser);
    if (!report)
        return report.error();
    found.report = *report;
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

// The screen of a first start, which a window on the practice world never shows: another one, on a workspace without
// connections. The kubeconfig found on the machine is the practice world's, not the operator's own.
int tourFirstStart(QApplication &application, const sandbox::Sandbox &world, const QString &settings,
                   const Tour::Options &options)
{
    SourceOptions sources;
    sources.dataFolder = world.dataFolder();
    sources.workspace = sources.dataFolder + QStringLiteral("/first-start.yaml");
    QFile workspace(sources.workspace);
    if (!workspace.open(QIODevice::WriteOnly) || workspace.write("version: 1\n") < 0) {
        std::fprintf(stderr, "signalbox tour: %s: %s\n", qPrintable(sources.workspace),
                     qPrintable(workspace.errorString()));
        return 1;
    }
    workspace.close();
    qputenv("KUBECONFIG", QFile::encodeName(world.kubeconfigFile()));
    Console console(application, sources, settings);
    console.tour(options, firstStartScript({QStringLiteral("practice-prod"), QStringLiteral("practice-lab")}));
    return QApplication::exec();
}

// Else the tour would show the screen of drills empty. Into the practice world's own folder, which goes with it.
void practiseBefore(const QString &folder)
{
    drills::DebriefBook book(folder);
    for (const Debrief &debrief : drills::earlierDrills(QDateTime::currentDateTimeUtc()))
        (void)book.keep(debrief); // the book waits for it; without it the page only shows less
}

int fail(const Error &error)
{
    std::fprintf(stderr, "signalbox-console: %s\n", qPrintable(error.message));
    return 2;
}

// What needs no window. Ends the program if it is asked for.
void answerWithoutDisplay(int &argc, char **argv)
{
    constexpr const char *wanted[] = {"--help", "-h", "-?", "--version", "-v"};
    const bool isAsked = std::any_of(argv + 1, argv + argc, [&wanted](const char *given) {
        return std::any_of(std::begin(wanted), std::end(wanted),
                           [given](const char *word) { return std::strcmp(given, word) == 0; });
    });
    if (!isAsked)
        return;
    const QCoreApplication application(argc, argv);
    (void)parse(QCoreApplication::arguments()); // the word may be an option's value: then we go on
}

QApplication *makeApplication(int &argc, char **argv)
{
    const DisplayGuard guard;
    return new QApplication(argc, argv);
}

} // namespace

int main(int argc, char *argv[])
{
    shareMemory();
    QCoreApplication::setApplicationName(QStringLiteral("signalbox"));
    QCoreApplication::setApplicationVersion(QStringLiteral(SIGNALBOX_VERSION));
    answerWithoutDisplay(argc, argv);
    const std::unique_ptr<QApplication> made(makeApplication(argc, argv));
    QApplication &application = *made;
    QApplication::setApplicationDisplayName(QStringLiteral("Signalbox"));
    Result<Arguments> arguments = parse(QApplication::arguments());
    if (!arguments)
        return fail(arguments.error());
    if (const Result<void> log = beginLog(arguments->logLevel); !log)
        return fail(log.error());
    if (!arguments->language.isEmpty())
        QLocale::setDefault(QLocale(arguments->language));
    if (arguments->report)
        return runLedgerReport(*arguments->report);
    int status = 0;
    {
        const Result<DemoWorld> demo = startDemo(arguments->sources); // outlives the console
        if (!demo)
            return fail(demo.error());
        // A tour has nobody's preferences and history and leaves none behind. Debriefs outlive the world.
        const bool isTour = arguments->tour.has_value();
        const QString settings = isTour ? arguments->sources.dataFolder + QStringLiteral("/console.ini") : QString();
        if (isTour)
            ConsoleSettings(settings).setLanguage(QStringLiteral("en")); // its script types in English
        {
            std::unique_ptr<drills::PracticeDrills> yard;
            if (isTour)
                practiseBefore(arguments->sources.dataFolder);
            if (*demo)
                yard = std::make_unique<drills::PracticeDrills>(
                    **demo, drills::PracticeDrills::Options{isTour ? arguments->sources.dataFolder : dataFolder()});
            Console console(application, arguments->sources, settings, yard.get());
            if (isTour)
                console.tour(*arguments->tour);
            else if (!arguments->pictures.isEmpty())
                console.drawPictures(arguments->pictures);
            else
                console.show();
            if (!arguments->drill.isEmpty())
                console.openDrill(arguments->drill);
            else if (!isTour && arguments->pictures.isEmpty())
                console.offerGuide();
            status = QApplication::exec();
        }
        if (isTour && status == 0 && arguments->tour->pictures == Tour::Pictures::All)
            status = tourFirstStart(application, **demo, settings, *arguments->tour);
    }
    stopLogging();
    return status;
}
