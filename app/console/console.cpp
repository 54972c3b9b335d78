#include "app/console/console.h"

#include "app/console/pictures.h"
#include "app/console/workspacepanels.h"
#include "app/logging/logging.h"
#include "app/paths.h"
#include "services/feeds/readinessfeed.h"
#include "services/feeds/rightsfeed.h"
#include "services/ledger/view/ledgerfeed.h"
#include "services/operations/operationcenter.h"
#include "services/ports/drillyard.h"
#include "services/promotions/ledgerdesk.h"
#include "services/promotions/policydesk.h"
#include "ui/dialogs/prompter.h"
#include "ui/language/language.h"
#include "ui/pages/consolepages.h"
#include "ui/pages/metrics/consolepanelsettings.h"
#include "ui/pages/operation/operationactions.h"
#include "ui/shell/consolesettings.h"
#include "ui/shell/languageswitch.h"
#include "ui/shell/mainwindow.h"
#include "ui/shell/outcomenotice.h"
#include "ui/theme/theme.h"
#include "ui/widgets/timetext.h"

#include <QLoggingCategory>
#include <QProcess>
#include <QTimer>

#include <cstdio>
#include <utility>

namespace signalbox
{

namespace
{

Q_LOGGING_CATEGORY(log, "signalbox.app.console")

QString operatorName()
{
    const QString name = qEnvironmentVariable("USER", qEnvironmentVariable("USERNAME"));
    return name.isEmpty() ? QCoreApplication::translate("Console", "operator") : name;
}

// Before anything else is made: sentences are made in the language of the moment.
std::unique_ptr<Language> speak(const ConsoleSettings &settings)
{
    auto language = std::make_unique<Language>();
    language->use(Language::resolve(settings.language()));
    return language;
}

LedgerFeed::Options entriesOf(const TeamLedger &ledger)
{
    return {ledger.path(), ledger.pin().firstAdmin, ledger.pin().workspace, {}};
}

} // namespace

Console::Console(QApplication &application, const SourceOptions &sources, const QString &settingsFile,
                 DrillYard *drills)
    : m_settings(std::make_unique<ConsoleSettings>(
          settingsFile.isEmpty() ? dataFolder() + QStringLiteral("/console.ini") : settingsFile))
    , m_language(speak(*m_settings))
    , m_theme(std::make_unique<Theme>(application))
    , m_session(std::make_unique<Session>(Session::Options{false, sources.dataFolder, true, true}))
    , m_connections(
          std::make_unique<WorkspaceConnections>(*m_session, sources, dataFolder() + QStringLiteral("/workspace.yaml")))
    , m_ownPanels(std::make_unique<ConsolePanelSettings>(*m_settings))
    , m_panels(std::make_unique<WorkspacePanels>(*m_connections, *m_ownPanels))
    , m_prompter(std::make_unique<DialogPrompter>())
    , m_rights(std::make_unique<RightsFeed>(m_session->clusters()))
    , m_readiness(std::make_unique<ReadinessFeed>(m_session->clusters(), m_session->deployed()))
    , m_entries(std::make_unique<LedgerFeed>(entriesOf(m_session->ledger())))
{
    m_context.reset(new ConsoleContext{m_session->clusters(),
                                       m_session->deployed(),
                                       m_session->metrics(),
                                       *m_connections,
                                       *m_settings,
                                       *m_prompter,
                                       &m_session->http().monitor(),
                                       &m_session->operations(),
                                       nullptr,
                                       m_readiness.get(),
                                       operatorName(),
                                       sources.dataFolder.isEmpty() ? dataFolder() : sources.dataFolder,
                                       logFolder(),
                                       {},
                                       m_panels.get()});
    m_context->openPractice = [] {
        return QProcess::startDetached(QCoreApplication::applicationFilePath(), {QStringLiteral("--demo")});
    };
    m_context->openWorkspace = [this](const QString &file) {
        if (!QProcess::startDetached(QCoreApplication::applicationFilePath(), {QStringLiteral("-w"), file}))
            return false;
        m_window->close();
        return true;
    };
    m_context->drills = drills;
    m_context->ledger = &m_session->ledger();
    m_context->sources = &m_session->sources();
    m_context->pipelines = &m_session->pipelines();
    m_context->runs = &m_session->runs();
    m_context->releases = &m_session->runReleases();
    m_session->runs().start();
    connect(&m_session->operations(), &OperationCenter::finished, this, [this](Operation *operation) {
        const Plan &plan = operation->plan();
        QList<PipelineRef> moved;
        for (const RunStore::Entry &entry : m_session->runs().store().byKey()) {
            if (entry.pipeline.ref.connection == plan.connection && entry.pipeline.ref.project == plan.ns)
                moved.append(entry.pipeline.ref);
        }
        for (const PipelineRef &pipeline : std::as_const(moved)) // which asks, and may be answered with a change
            m_session->runs().stir(pipeline);
    });
    m_context->promotions = &m_session->promotions();
    // The board is read once it is known which clusters, repositories and ledger there are.
    connect(m_connections.get(), &WorkspaceConnections::changed, this, [this] {
        if (!std::exchange(m_readsPromotions, true))
            m_session->promotions().start();
    });
    m_context->entries = m_entries.get();
    m_entries->setPolicyChanges(&m_session->policyDesk());
    followLedger();
    m_context->setLogLevel = [](const QString &level) {
        if (const Result<LogLevel> parsed = parseLogLevel(level))
            setLogLevel(*parsed);
    };
    m_actions = std::make_unique<OperationActions>(*m_context, *m_rights, [this](const NavigationTarget &target) {
        if (m_window)
            m_window->go(target);
    });
    m_context->actions = m_actions.get();
    for (const PageEntry &page : consolePages())
        m_pages << page.id;
    applySettings();
    const auto build = [this, isDemo = sources.demo] {
        m_context->operatorName = operatorName();
        auto window = std::make_unique<MainWindow>(*m_context, consolePages(), m_theme.get());
        if (isDemo)
            window->setWorld(tr("Practice world"));
        return window;
    };
    m_window = build();
    m_languageSwitch = std::make_unique<LanguageSwitch>(*m_context, *m_language, m_window, build);
    // What was derived holds sentences in the old language.
    connect(m_languageSwitch.get(), &LanguageSwitch::replaced, this, [this] {
        m_session->deriveAgain();
        m_readiness->rehearseAll();
    });
    connect(m_settings.get(), &ConsoleSettings::changed, this, &Console::applySettings);
    tellProblems();
}

Console::~Console() = default;

// What is shown of the ledger goes along with it; nothing is read before somebody looks.
void Console::followLedger()
{
    const auto refresh = [this] {
        if (m_entries->state() != LedgerFeed::State::Idle)
            m_entries->refresh();
    };
    TeamLedger &ledger = m_session->ledger();
    connect(&ledger, &TeamLedger::opened, m_entries.get(), [this, &ledger] { m_entries->open(entriesOf(ledger)); });
    connect(&ledger, &TeamLedger::received, m_entries.get(), refresh);
    connect(&m_session->operations(), &OperationCenter::entryRecorded, m_entries.get(), refresh);
}

void Console::applySettings()
{
    m_theme->setChoice(static_cast<Theme::Choice>(m_settings->theme()));
    m_theme->setMotion(static_cast<Theme::Motion>(m_settings->motion()));
    setDisplayZone(m_settings->timeZone());
}

namespace
{

Health signOf(const Outcome &outcome)
{
    if (outcome.kind != OutcomeKind::Done)
        return Health::Failing;
    return outcome.isConfirmed ? Health::Ok : Health::Unknown;
}

} // namespace

void Console::tellProblems()
{
    connect(m_connections.get(), &WorkspaceConnections::warningsFound, this, [this](const QStringList &warnings) {
        for (const QString &warning : warnings) {
            qCWarning(log).noquote() << warning;
            m_window->notify(warning, Health::Warning);
        }
    });
    connect(m_connections.get(), &WorkspaceConnections::editFailed, this, [this](const Error &error) {
        qCWarning(log).noquote() << error.message << error.detail;
        m_window->notify(error.message, Health::Warning);
    });
    OperationCenter &operations = m_session->operations();
    connect(&operations, &OperationCenter::problemOccurred, this, [this](const Error &problem) {
        qCWarning(log).noquote() << problem.message << problem.detail;
        m_window->notify(problem.message, Health::Warning);
    });
    if (m_context->drills != nullptr) // on any page, and until it is closed: a debrief was not kept
        connect(m_context->drills, &DrillYard::problemOccurred, this, [this](const Error &problem) {
            qCWarning(log).noquote() << problem.message << problem.detail;
            m_window->notify(problem.message, Health::Failing);
        });
    TeamLedger &ledger = m_session->ledger();
    connect(&ledger, &TeamLedger::touchNeeded, this, [this](qsizetype touches) {
        m_window->notify(touches == 1
                             ? tr("Touch the security key: it signs an entry of the ledger.")
                             : tr("Touch the security key, once for each entry that it signs: %1.").arg(touches),
                         Health::Warning);
    });
    connect(&ledger, &TeamLedger::dropped, this, [this](const QStringList &what) {
        m_window->notify(tr("Others decided about the ledger's policy meanwhile: your change or countersignature was "
                            "taken back (%1). Look at theirs, then decide again.")
                             .arg(what.join(QStringLiteral(", "))),
                         Health::Warning);
    });
    // A remote that is away comes back by itself, and the Ledger screen says so; the rest wants somebody.
    connect(&ledger, &TeamLedger::sharingChanged, this, [this, &ledger, told = QString()]() mutable {
        const std::optional<Error> &problem = ledger.sharing().problem;
        const bool passes = !problem || problem->kind == ErrorKind::Unreachable || problem->kind == ErrorKind::TimedOut;
        const QString message = passes ? QString() : problem->message;
        if (!message.isEmpty() && message != told)
            m_window->notify(message, Health::Warning);
        told = message;
    });
    connect(&operations, &OperationCenter::reconciled, this, [this](const ReconciledOperation &found) {
        m_window->notify(tr("An operation on %1 in %2 was cut off. Compared with the cluster: %3")
                             .arg(found.plan.application, found.plan.environment, found.outcome.message),
                         signOf(found.outcome));
    });
    connect(&operations, &OperationCenter::finished, this, [this](Operation *operation) {
        const std::optional<Outcome> outcome = operation->outcome();
        // The two screens that change things show it themselves, where the eye is.
        const QString page = m_window->currentPageId();
        if (page == QLatin1String("rollback") || page == QLatin1String("traffic"))
            return;
        if (outcome && !operation->stepOutcomes().isEmpty())
            m_window->notify(outcomeNotice(operation->title(), outcome->message), signOf(*outcome));
    });
}

void Console::show()
{
    m_window->show();
    // After the first paint: reading files and connecting must not hold it up.
    QTimer::singleShot(0, m_connections.get(), &WorkspaceConnections::start);
}

void Console::offerGuide()
{
    if (m_settings->hasSeenGuide())
        return;
    // It points at what is there: not before the first list is.
    connect(m_session.get(), &Session::listingChanged, this, [this] {
        if (m_isGuideOffered || m_session->listing() != Session::Listing::Complete ||
            m_session->deployed().all().isEmpty())
            return;
        m_isGuideOffered = true;
        m_window->showGuide();
    });
}

void Console::tour(const Tour::Options &options)
{
    tour(options, tourScript(consolePages()));
}

void Console::tour(const Tour::Options &options, const QList<TourStep> &steps)
{
    m_theme->setChoice(Theme::Choice::Dark);
    m_window->resize(1440, 900);
    show();
    auto *tour = new Tour(*m_window, *m_theme, steps, options, this);
    connect(tour, &Tour::said, this, [](const QString &line) {
        std::printf("%s\n", qPrintable(line));
        std::fflush(stdout);
    });
    connect(tour, &Tour::finished, this, [](const QString &failure) {
        if (!failure.isEmpty())
            std::fprintf(stderr, "signalbox tour: %s\n", qPrintable(failure));
        QCoreApplication::exit(failure.isEmpty() ? 0 : 1);
    });
    QTimer::singleShot(0, tour, &Tour::start);
}

void Console::openDrill(const QString &name)
{
    NavigationTarget target;
    target.page = QStringLiteral("drills");
    target.hint = name;
    m_window->go(target);
}

void Console::drawPictures(const QString &folder)
{
    m_window->resize(1440, 900);
    show();
    auto *pictures = new Pictures(*m_window, *m_theme, m_pages, folder, this);
    connect(pictures, &Pictures::written, this, [](const QString &file) { std::printf("%s\n", qPrintable(file)); });
    connect(pictures, &Pictures::finished, this, [](const QStringList &failures) {
        for (const QString &failure : failures)
            std::fprintf(stderr, "could not write %s\n", qPrintable(failure));
        QCoreApplication::exit(failures.isEmpty() ? 0 : 1);
    });
    auto *wait = new QTimer(this);
    wait->setInterval(std::chrono::milliseconds(250));
    auto ticks = std::make_shared<int>(0);
    connect(wait, &QTimer::timeout, this, [this, wait, pictures, ticks] {
        const bool isListed = m_connections->isStarted() && m_session->listing() != Session::Listing::Loading;
        if (!isListed && ++*ticks < 80)
            return;
        wait->stop();
        // The tables fill a frame at a time.
        QTimer::singleShot(std::chrono::seconds(2), pictures, &Pictures::start);
    });
    wait->start();
}

} // namespace signalbox
