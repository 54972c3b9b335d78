#include "services/adapters/git/gitsource.h"

#include "services/adapters/git/linecountstore.h"
#include "services/async/deliver.h"
#include "services/async/whenended.h"
#include "services/git/history.h"
#include "services/git/mirror.h"

#include <QCoreApplication>
#include <QElapsedTimer>
#include <QLoggingCategory>

#include <utility>

namespace signalbox
{

namespace
{

Q_LOGGING_CATEGORY(category, "signalbox.services.adapters.git")

constexpr int tellMs = 100; // at most that often of progress and counts

Error stopped()
{
    return {ErrorKind::Cancelled, QCoreApplication::translate("GitSource", "Stopped."), {}};
}

SourceProgress progressOf(const git::RemoteProgress &from, bool isFirst)
{
    const auto phase = from.phase == git::RemoteProgress::Phase::Receiving   ? SourceProgress::Phase::Receiving
                       : from.phase == git::RemoteProgress::Phase::Resolving ? SourceProgress::Phase::Resolving
                                                                             : SourceProgress::Phase::Connecting;
    return {phase, from.objects, from.totalObjects, from.bytes, isFirst};
}

} // namespace

// The open repository of one queue; touched on that queue's thread only.
class GitSource::Reader
{
public:
    Reader(QString path, QString shown)
        : m_path(std::move(path))
        , m_shown(std::move(shown))
    {}

    Result<git::History *> history()
    {
        if (!m_history) {
            auto opened = git::History::open(m_path);
            if (!opened && opened.error().kind == ErrorKind::NotFound && m_path != m_shown)
                return Error{ErrorKind::NotFound,
                             QCoreApplication::translate("GitSource", "%1 has not been fetched yet.").arg(m_shown),
                             {}};
            if (!opened)
                return opened.error();
            m_history.emplace(std::move(*opened));
        }
        return &*m_history;
    }

private:
    const QString m_path;
    const QString m_shown;
    std::optional<git::History> m_history;
};

GitSource::GitSource(GitSourceConfig config, HttpClient &http, SecretStore &secrets, QObject *parent)
    : SourceRepository(parent)
    , m_config(std::move(config))
    , m_http(http)
    , m_secrets(secrets)
{
    const git::Mirror mirror(m_config.cacheFolder, m_config.url);
    const bool isLocal = m_config.url.kind == git::RemoteUrl::Kind::Path;
    m_path = isLocal ? m_config.url.path : mirror.path();
    m_updatedAt = isLocal ? QDateTime() : mirror.updatedAt();
    m_reader = std::make_shared<Reader>(m_path, m_config.url.shown);
    m_counter = std::make_shared<Reader>(m_path, m_config.url.shown);
    m_lines = std::make_shared<LineCountStore>(mirror.path() + QStringLiteral(".lines"));
}

GitSource::~GitSource()
{
    m_stop.request_stop();
}

// Work on the reading thread; a stop, and the end of this object, are looked at before it begins.
template <typename Work>
auto GitSource::read(const StopToken &stop, Work work)
{
    using Answer = std::invoke_result_t<Work, git::History &>;
    return m_reads.run([reader = m_reader, stop, end = m_stop.get_token(), work = std::move(work)]() -> Answer {
        if (stop.stop_requested() || end.stop_requested())
            return stopped();
        const auto history = reader->history();
        if (!history)
            return history.error();
        return work(**history);
    });
}

Result<void> GitSource::bring(const Result<ResolvedSecret> &secret, const StopToken &stop)
{
    if (!secret)
        return secret.error();
    git::RemoteAccess access;
    access.url = m_config.url;
    access.http = &m_http;
    access.user = m_config.user;
    access.password = secret->value;
    access.caPem = m_config.caPem;
    access.insecureSkipTlsVerify = m_config.insecureSkipTlsVerify;
    access.sshCommand = m_config.sshCommand;
    // Either stop ends it.
    StopSource both;
    const StopCallback<std::function<void()>> asked(stop, [&both] { both.request_stop(); });
    const StopCallback<std::function<void()>> ending(m_stop.get_token(), [&both] { both.request_stop(); });
    const git::Mirror mirror(m_config.cacheFolder, m_config.url);
    const bool isFirst = !mirror.isThere();
    QElapsedTimer sinceTold;
    auto phase = git::RemoteProgress::Phase::Sending;
    return mirror.update(
        git::Remote(access),
        [&](const git::RemoteProgress &progress) {
            if (phase == progress.phase && sinceTold.isValid() && sinceTold.elapsed() < tellMs)
                return;
            phase = progress.phase;
            sinceTold.start();
            QMetaObject::invokeMethod(
                this, [this, told = progressOf(progress, isFirst)] { emit progressed(told); }, Qt::QueuedConnection);
        },
        both.get_token());
}

void GitSource::ended(const Result<void> &result)
{
    m_isUpdating = false;
    m_problem = result ? std::nullopt : std::optional(result.error());
    if (result)
        m_updatedAt = QDateTime::currentDateTimeUtc();
    else if (result.error().kind == ErrorKind::Cancelled)
        m_problem.reset();
    else
        qCInfo(category).noquote() << m_config.id << errorKindName(result.error().kind) << result.error().detail;
    emit updated();
}

QFuture<Result<void>> GitSource::update(StopToken stop)
{
    if (m_isUpdating)
        return m_update;
    m_isUpdating = true;
    if (m_config.url.kind == git::RemoteUrl::Kind::Path) {
        m_update = m_network.run([path = m_path]() -> Result<void> {
            const auto opened = git::History::open(path);
            return opened ? Result<void>() : Result<void>(opened.error());
        });
    } else {
        auto promise = std::make_shared<QPromise<Result<void>>>();
        promise->start();
        m_update = promise->future();
        const auto bringWith = [this, promise, stop](const Result<ResolvedSecret> &secret) {
            passOn(m_network.run([this, stop, secret] { return bring(secret, stop); }), promise);
        };
        if (m_config.password)
            deliver(m_secrets.resolve(*m_config.password, stop), stop, this, bringWith);
        else
            bringWith(ResolvedSecret{});
    }
    deliver(m_update, stop, this, [this](const Result<void> &result) { ended(result); });
    return m_update;
}

QFuture<Result<ResolvedRelease>> GitSource::resolve(QString release, QString application, StopToken stop)
{
    return read(stop, [release = std::move(release), application = std::move(application)](git::History &history) {
        return history.resolve(release, application);
    });
}

QFuture<Result<ChangeSet>> GitSource::changes(ResolvedRelease from, ResolvedRelease to, StopToken stop)
{
    const QList<IssuePattern> patterns =
        m_config.issues.isEmpty() ? defaultIssuePatterns(m_config.url.shown) : m_config.issues;
    return read(stop,
                [from = std::move(from), to = std::move(to), patterns, limit = m_config.maxCommits, lines = m_lines,
                 stop](git::History &history) -> Result<ChangeSet> {
                    auto set = history.changes(from, to, patterns, limit, stop);
                    if (set) {
                        for (QList<ChangeCommit> *commits : {&set->commits, &set->missing}) {
                            for (ChangeCommit &commit : *commits)
                                commit.lines = commit.isMerge() ? LineCounts() : lines->find(commit.id);
                        }
                    }
                    return set;
                });
}

QFuture<Result<void>> GitSource::countLines(QStringList commits, StopToken stop)
{
    return m_counts.run([this, commits = std::move(commits), reader = m_counter, lines = m_lines, stop,
                         end = m_stop.get_token()]() -> Result<void> {
        const auto history = reader->history();
        if (!history)
            return history.error();
        QList<CountedCommit> counted;
        QElapsedTimer sinceTold;
        sinceTold.start();
        const auto tell = [&] {
            lines->flush();
            if (!counted.isEmpty())
                QMetaObject::invokeMethod(
                    this, [this, told = std::exchange(counted, {})] { emit linesCounted(told); }, Qt::QueuedConnection);
            sinceTold.start();
        };
        for (const QString &commit : commits) {
            if (stop.stop_requested() || end.stop_requested())
                return stopped();
            auto known = lines->find(commit);
            if (!known) {
                const auto fresh = (*history)->lineCounts(commit);
                if (!fresh)
                    return fresh.error();
                known = *fresh;
                lines->add(commit, *fresh);
            }
            counted.append({commit, *known});
            if (sinceTold.elapsed() >= tellMs)
                tell();
        }
        tell();
        return {};
    });
}

QFuture<Result<QList<FileChange>>> GitSource::files(QString fromCommit, QString toCommit, StopToken stop)
{
    return read(stop, [from = std::move(fromCommit), to = std::move(toCommit), stop](git::History &history) {
        return history.files(from, to, stop);
    });
}

QFuture<Result<FileDiff>> GitSource::diff(QString fromCommit, QString toCommit, QString path, DiffLimits limits,
                                          StopToken stop)
{
    return read(stop, [from = std::move(fromCommit), to = std::move(toCommit), path = std::move(path), limits,
                       stop](git::History &history) { return history.diff(from, to, path, limits, stop); });
}

QFuture<Result<RepositoryRefs>> GitSource::refs(StopToken stop)
{
    return read(stop, [](git::History &history) { return history.refs(); });
}

QFuture<Result<Distance>> GitSource::distance(QString fromCommit, QString toCommit, StopToken stop)
{
    return read(stop, [from = std::move(fromCommit), to = std::move(toCommit), stop](git::History &history) {
        return history.distance(from, to, stop);
    });
}

} // namespace signalbox
