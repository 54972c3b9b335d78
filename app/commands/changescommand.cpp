#include "app/commands/changescommand.h"

#include "app/commands/changestext.h"
#include "app/commands/command.h"
#include "app/commands/commandstext.h"
#include "app/commands/ledgerplace.h"
#include "app/commands/tell.h"
#include "app/wiring/registries.h"
#include "app/wiring/repositories.h"
#include "models/domain/duration.h"
#include "services/async/chain.h"
#include "services/credentials/credentialstore.h"
#include "services/git/history.h"
#include "services/git/mirror.h"
#include "services/net/httpclient.h"

#include <QCoreApplication>
#include <QTimer>

#include <chrono>

namespace signalbox::commands
{

namespace
{

constexpr std::chrono::minutes defaultTimeout{15};
constexpr qsizetype shownCounting = 1000; // commits; fewer are counted before anybody wonders

Result<std::chrono::milliseconds> timeoutOf(const cli::Arguments &arguments)
{
    const QString text = arguments.value(QStringLiteral("timeout"));
    if (text.isEmpty())
        return std::chrono::milliseconds(defaultTimeout);
    const auto parsed = parseDuration(text);
    if (!parsed)
        return invalid(CommandsText::tr("--timeout: %1").arg(parsed.error().message));
    if (parsed->count() == 0)
        return invalid(CommandsText::tr("--timeout must be longer than nothing."));
    return std::chrono::milliseconds(*parsed);
}

QString workspacePath(const cli::Arguments &arguments)
{
    const QString path = arguments.value(QStringLiteral("workspace"));
    return path.isEmpty() ? qEnvironmentVariable("SIGNALBOX_WORKSPACE") : path;
}

Result<GitSourceConfig> configOf(const cli::Arguments &arguments, const QString &application)
{
    if (arguments.has(QStringLiteral("repository")))
        return gitSourceConfigOf(arguments.value(QStringLiteral("repository")));
    const QString path = workspacePath(arguments);
    if (path.isEmpty())
        return invalid(
            CommandsText::tr("No repository is named for %1: give --repository URL, or -w with a workspace that "
                             "names one.")
                .arg(application));
    const auto file = WorkspaceFile::load(path);
    if (!file)
        return file.error();
    const WorkspaceRepository *repository = file->workspace().repositoryOf(application);
    if (!repository)
        return invalid(CommandsText::tr("%1 names no repository for %2: add \"repository\" to the application, or give "
                                        "--repository URL.")
                           .arg(file->path(), application));
    return gitSourceConfigOf(*repository, *file);
}

// What besides git leads to a release: the ledger and the registries that the workspace names.
class Clues
{
public:
    Clues(const cli::Arguments &arguments, HttpClient &http, SecretStore &secrets)
        : m_ledger([place = ledgerPlaceOf(arguments), options = arguments] {
            LedgerReleaseReader::Place where;
            if (place)
                where = {place->path, place->address, ledgerOptionsOf(options, *place)};
            return where;
        })
    {
        // Not that there is none: nobody knows.
        if (const auto place = ledgerPlaceOf(arguments); !place)
            m_unread =
                Error{place.error().kind,
                      CommandsText::tr("the settings that name it could not be read: %1").arg(place.error().message),
                      place.error().detail};
        const QString path = workspacePath(arguments);
        const auto file =
            path.isEmpty() ? Result<WorkspaceFile>(Error{ErrorKind::NotFound, {}, {}}) : WorkspaceFile::load(path);
        if (!file)
            return;
        m_image = file->workspace().imageOf(arguments.positionals.value(0));
        QList<oci::RegistryConfig> configs;
        for (const WorkspaceRegistry &registry : file->workspace().registries) {
            const auto config = registryConfigOf(registry, *file);
            if (config)
                configs.append(*config);
            else
                m_problem = config.error();
        }
        m_registries.open(configs, http, secrets);
    }

    // Whether the workspace can be used as it is.
    const std::optional<Error> &problem() const { return m_problem; }
    // Why the ledger, if there is one, is left out.
    const std::optional<Error> &unread() const { return m_unread; }
    LedgerReleaseReader &ledger() { return m_ledger; }

    ReleaseClues clues()
    {
        ReleaseClues clues;
        clues.ledger = [this](const StopToken &stop) {
            return m_unread ? ready(Result<LedgerReleases>(*m_unread)) : m_ledger.read(stop);
        };
        clues.registryOf = [this](const QString &repository) { return m_registries.of(repository); };
        clues.imagesOf = [this](const QString &) { return m_image.isEmpty() ? QStringList() : QStringList{m_image}; };
        return clues;
    }

private:
    LedgerReleaseReader m_ledger;
    RegistrySet m_registries;
    QString m_image;
    std::optional<Error> m_problem;
    std::optional<Error> m_unread; // where the ledger is
};

// Fetch, resolve both, list, count, and what else was asked for; one after the other. Main thread.
class ChangesRun : public QObject
{
public:
    ChangesRun(const cli::Arguments &arguments, cli::Terminal &terminal, SourceRepository &source,
               LedgerReleaseReader &ledger, std::chrono::milliseconds timeout, bool isReadInPlace)
        : m_arguments(arguments)
        , m_terminal(terminal)
        , m_source(source)
        , m_ledger(ledger)
        , m_isReadInPlace(isReadInPlace)
    {
        m_report.application = arguments.positionals.value(0);
        m_report.repository = source.address();
        connect(&source, &SourceRepository::progressed, this, &ChangesRun::showProgress);
        QTimer::singleShot(timeout, this, [this] {
            fail({ErrorKind::TimedOut,
                  CommandsText::tr("%1 gave no complete answer in time. Give --timeout more.").arg(m_source.address()),
                  {}});
        });
        QTimer::singleShot(0, this, &ChangesRun::fetch);
    }

    ExitStatus status() const { return m_status; }
    void interrupt()
    {
        m_terminal.clearProgress();
        m_terminal.say(CommandsText::tr("Cancelled."));
        finish(ExitStatus::Refused);
    }

private:
    void showProgress(const SourceProgress &progress)
    {
        const QString address = m_source.address();
        switch (progress.phase) {
        case SourceProgress::Phase::Connecting:
            m_terminal.progress(CommandsText::tr("connecting to %1").arg(address));
            break;
        case SourceProgress::Phase::Receiving:
            m_terminal.progress(CommandsText::tr("fetching %1: %2 of %3 objects, %4 MB")
                                    .arg(address)
                                    .arg(progress.objects)
                                    .arg(progress.totalObjects)
                                    .arg(static_cast<double>(progress.bytes) / 1e6, 0, 'f', 1));
            break;
        case SourceProgress::Phase::Resolving:
            m_terminal.progress(CommandsText::tr("unpacking %1: %2 of %3")
                                    .arg(address)
                                    .arg(progress.objects)
                                    .arg(progress.totalObjects));
            break;
        }
    }

    void fetch()
    {
        if (m_arguments.has(QStringLiteral("offline"))) {
            resolve();
            return;
        }
        deliver(m_source.update(token()), token(), this, [this](const Result<void> &updated) {
            m_terminal.clearProgress();
            if (m_isFinished)
                return;
            if (updated) {
                resolve();
                return;
            }
            if (!m_source.updatedAt().isValid()) {
                fail(updated.error());
                return;
            }
            m_status = std::max(ExitStatus::Unreachable, exitStatusOf(updated.error().kind));
            m_terminal.say(QStringLiteral("signalbox: ") + updated.error().message);
            m_terminal.say(QStringLiteral("signalbox: ") +
                           CommandsText::tr("What follows was fetched at %1.")
                               .arg(m_source.updatedAt().toUTC().toString(Qt::ISODate)));
            resolve();
        });
    }

    void resolve()
    {
        const auto one = [this](const char *option) {
            return m_source.resolve(m_arguments.value(QString::fromLatin1(option)), m_report.application, token());
        };
        deliver(one("from"), token(), this, [this, one](const Result<ResolvedRelease> &from) {
            if (!isGood(from))
                return;
            deliver(one("to"), token(), this, [this, from](const Result<ResolvedRelease> &to) {
                if (!isGood(to))
                    return;
                if (m_arguments.has(QStringLiteral("diff")))
                    showDiff(*from, *to);
                else
                    list(*from, *to);
            });
        });
    }

    void showDiff(const ResolvedRelease &from, const ResolvedRelease &to)
    {
        const QString path = m_arguments.value(QStringLiteral("diff"));
        deliver(m_source.diff(from.commit, to.commit, path, {}, token()), token(), this,
                [this, from, to](const Result<FileDiff> &diff) {
                    if (!isGood(diff))
                        return;
                    m_report.diff = *diff;
                    if (m_arguments.has(QStringLiteral("json"))) {
                        list(from, to);
                        return;
                    }
                    m_terminal.print(diffText(*diff));
                    finish(m_status);
                });
    }

    void list(const ResolvedRelease &from, const ResolvedRelease &to)
    {
        deliver(m_source.changes(from, to, token()), token(), this, [this](const Result<ChangeSet> &set) {
            if (!isGood(set))
                return;
            m_report.changes = *set;
            if (!m_isReadInPlace)
                m_report.updatedAt = m_source.updatedAt();
            count();
        });
    }

    void count()
    {
        QStringList uncounted;
        for (const QList<ChangeCommit> *commits : {&m_report.changes.commits, &m_report.changes.missing}) {
            for (const ChangeCommit &commit : *commits) {
                if (!commit.lines)
                    uncounted.append(commit.id);
            }
        }
        if (uncounted.isEmpty()) {
            files();
            return;
        }
        auto counted = std::make_shared<QHash<QString, LineCounts>>();
        connect(&m_source, &SourceRepository::linesCounted, this,
                [this, counted, total = uncounted.size()](const QList<CountedCommit> &more) {
                    for (const CountedCommit &one : more)
                        counted->insert(one.commit, one.lines);
                    if (total > shownCounting)
                        m_terminal.progress(
                            CommandsText::tr("counting lines: %1 of %2").arg(counted->size()).arg(total));
                    if (counted->size() < total)
                        return;
                    for (QList<ChangeCommit> *commits : {&m_report.changes.commits, &m_report.changes.missing}) {
                        for (ChangeCommit &commit : *commits) {
                            if (!commit.lines && counted->contains(commit.id))
                                commit.lines = counted->value(commit.id);
                        }
                    }
                    m_terminal.clearProgress();
                    files();
                });
        deliver(m_source.countLines(uncounted, token()), token(), this,
                [this](const Result<void> &result) { isGood(result); });
    }

    void files()
    {
        if (!m_arguments.has(QStringLiteral("files"))) {
            surroundings();
            return;
        }
        deliver(m_source.files(m_report.changes.from.commit, m_report.changes.to.commit, token()), token(), this,
                [this](const Result<QList<FileChange>> &found) {
                    if (!isGood(found))
                        return;
                    m_report.files = *found;
                    surroundings();
                });
    }

    // How the team works and how far its environments are apart: told as far as it is known, never a failure.
    void surroundings()
    {
        deliver(readFlow(this, m_source, token()), token(), this, [this](const Result<FlowReading> &flow) {
            if (m_isFinished)
                return;
            if (flow)
                m_report.flow = *flow;
            deliver(m_ledger.read(token()), token(), this, [this](const Result<LedgerReleases> &known) {
                if (m_isFinished)
                    return;
                leads(known ? known->places.value(m_report.application) : QList<signalbox::LedgerPlace>());
            });
        });
    }

    void leads(const QList<signalbox::LedgerPlace> &places)
    {
        QList<ChangesReport::Lead> pairs;
        QList<QFuture<Result<Distance>>> asked;
        const auto name = [](const LedgerRelease &release) {
            return release.version.isEmpty() ? release.commit.left(10) : release.version;
        };
        for (qsizetype i = 0; i + 1 < places.size(); ++i) {
            const LedgerRelease &ahead = places.at(i).release;
            const LedgerRelease &behind = places.at(i + 1).release;
            pairs.append({places.at(i).environment, name(ahead), places.at(i + 1).environment, name(behind), {}});
            asked.append(m_source.distance(behind.commit, ahead.commit, token()));
        }
        deliver(gathered(this, asked), token(), this, [this, pairs](const Result<QList<Result<Distance>>> &answers) {
            if (m_isFinished)
                return;
            for (qsizetype i = 0; answers && i < pairs.size(); ++i) {
                if (!answers->at(i))
                    continue;
                m_report.leads.append(pairs.at(i));
                m_report.leads.last().distance = *answers->at(i);
            }
            show();
        });
    }

    void show()
    {
        m_terminal.print(m_arguments.has(QStringLiteral("json")) ? changesJson(m_report, m_status)
                                                                 : changesText(m_report));
        finish(m_status);
    }

    template <typename T>
    bool isGood(const Result<T> &result)
    {
        if (!result && !m_isFinished)
            fail(result.error());
        return result && !m_isFinished;
    }

    void fail(const Error &error)
    {
        if (m_isFinished)
            return;
        m_terminal.clearProgress();
        finish(tell(error, exitStatusOf(error.kind), m_arguments, m_terminal));
    }

    void finish(ExitStatus status)
    {
        if (m_isFinished)
            return;
        m_isFinished = true;
        m_status = status;
        m_stop.request_stop();
        QCoreApplication::quit();
    }

    StopToken token() const { return m_stop.get_token(); }

    const cli::Arguments &m_arguments;
    cli::Terminal &m_terminal;
    SourceRepository &m_source;
    LedgerReleaseReader &m_ledger;
    const bool m_isReadInPlace;
    ChangesReport m_report;
    StopSource m_stop;
    ExitStatus m_status = ExitStatus::Done;
    bool m_isFinished = false;
};

} // namespace

QStringList releaseNames(const cli::Arguments &given)
{
    const auto config = configOf(given, given.positionals.value(0));
    if (!config)
        return {};
    const bool isHere = config->url.kind == git::RemoteUrl::Kind::Path;
    const auto history =
        git::History::open(isHere ? config->url.path : git::Mirror(config->cacheFolder, config->url).path());
    const auto refs = history ? history->refs() : Result<RepositoryRefs>(history.error());
    if (!refs)
        return {};
    QStringList names;
    for (const TagState &tag : refs->tags)
        names.append(tag.name);
    for (const BranchState &branch : refs->branches)
        names.append(branch.name);
    return names;
}

ExitStatus runChanges(const cli::Arguments &arguments, cli::Terminal &terminal)
{
    if (!arguments.has(QStringLiteral("from")) || !arguments.has(QStringLiteral("to")))
        return tell(
            invalid(CommandsText::tr("\"signalbox changes\" needs --from REL and --to REL, for example --from 1.4.0 "
                                     "--to 1.5.0.")),
            ExitStatus::Usage, arguments, terminal);
    const auto timeout = timeoutOf(arguments);
    if (!timeout)
        return tell(timeout.error(), ExitStatus::Usage, arguments, terminal);
    const auto config = configOf(arguments, arguments.positionals.value(0));
    if (!config)
        return tell(config.error(), ExitStatus::Usage, arguments, terminal);
    HttpClient http;
    CredentialStore secrets;
    Clues clues(arguments, http, secrets);
    if (clues.problem())
        return tell(*clues.problem(), ExitStatus::Usage, arguments, terminal);
    if (clues.unread())
        terminal.say(QStringLiteral("signalbox: ") +
                     CommandsText::tr("The ledger is left out: %1").arg(clues.unread()->message));
    ReleaseSource source(std::make_unique<GitSource>(*config, http, secrets), clues.clues());
    const cli::InterruptWatcher interrupts;
    ChangesRun run(arguments, terminal, source, clues.ledger(), *timeout,
                   config->url.kind == git::RemoteUrl::Kind::Path);
    QObject::connect(&interrupts, &cli::InterruptWatcher::interrupted, &run, [&run] { run.interrupt(); });
    QCoreApplication::exec();
    return run.status();
}

} // namespace signalbox::commands
