#include "ui/pages/changes/changespresenter.h"

#include <QHash>

#include <utility>

namespace signalbox
{

namespace
{

constexpr int allLines = 200'000;

} // namespace

ChangesPresenter::ChangesPresenter(SourceSet *sources, QObject *parent)
    : QObject(parent)
    , m_sources(sources)
{
    if (!sources)
        return;
    connect(sources, &SourceSet::changed, this, [this](const QString &) { sourceMoved(); });
    connect(sources, &SourceSet::removed, this, [this](const QString &) { sourceMoved(); });
}

ChangesPresenter::~ChangesPresenter()
{
    m_load.request_stop();
    m_count.request_stop();
}

void ChangesPresenter::setSubject(const ChangesSubject &subject)
{
    if (subject == m_subject)
        return;
    m_subject = subject;
    m_commit.clear();
    m_file.clear();
    m_changes = {};
    m_commits.show({}, {});
    m_files.show({});
    m_hasFiles = false;
    m_filesError.reset();
    m_readOf = {};
    drop();
    m_source = m_sources ? m_sources->of(subject.application) : nullptr;
    if (m_source) {
        connect(m_source, &SourceRepository::linesCounted, this, [this](const QList<CountedCommit> &more) {
            QHash<QString, LineCounts> counted;
            for (const CountedCommit &one : more)
                counted.insert(one.commit, one.lines);
            m_commits.count(counted);
            emit changed();
        });
    }
    load();
}

void ChangesPresenter::drop()
{
    if (m_source)
        disconnect(m_source, nullptr, this, nullptr);
    m_load.request_stop();
    stopCounting();
    m_fileList.cancel();
    m_diff.cancel();
    m_parse.cancel();
}

void ChangesPresenter::setActive(bool isActive)
{
    if (isActive == m_isActive)
        return;
    m_isActive = isActive;
    if (isActive)
        count();
    else
        stopCounting();
}

QString ChangesPresenter::repository() const
{
    return m_source ? m_source->id() : QString();
}

SourceState ChangesPresenter::source() const
{
    return m_sources && m_source ? m_sources->state(m_source->id()) : SourceState();
}

void ChangesPresenter::fetch()
{
    if (m_sources && m_source)
        m_sources->fetch(m_source->id());
}

void ChangesPresenter::stopFetching()
{
    if (m_sources && m_source)
        m_sources->stopFetching(m_source->id());
}

void ChangesPresenter::retry()
{
    fetch();
    load();
}

QString ChangesPresenter::text() const
{
    if (m_state == State::NoRepository)
        return tr("The workspace names no repository for %1. Add it under \"repositories\", and the commits and files "
                  "that a release brings are shown here.")
            .arg(m_subject.application);
    if (m_subject.to.isEmpty())
        return tr("It is not known which commit the release was built from.");
    if (m_subject.from.isEmpty())
        return tr("It is not known which commit runs there now, so there is nothing to compare with.");
    return {};
}

void ChangesPresenter::enter(State state)
{
    m_state = state;
    emit changed();
}

// The repository came, went, was fetched, or says how far it is.
void ChangesPresenter::sourceMoved()
{
    SourceRepository *const now = m_sources ? m_sources->of(m_subject.application) : nullptr;
    if (now != m_source) {
        const ChangesSubject subject = std::exchange(m_subject, {});
        setSubject(subject);
        return;
    }
    emit sourceChanged();
    if (!m_source)
        return;
    if (source().isFetching) {
        if (m_state == State::Failed && !m_source->updatedAt().isValid())
            enter(State::Fetching); // asked for again
        return;
    }
    const bool isNewer = m_source->updatedAt().isValid() && m_source->updatedAt() != m_readOf;
    if (isNewer || m_state == State::Fetching)
        load();
}

void ChangesPresenter::load()
{
    m_load.request_stop();
    m_load = StopSource();
    if (!m_source) {
        enter(m_subject.application.isEmpty() ? State::Nothing : State::NoRepository);
        return;
    }
    if (m_subject.from.isEmpty() || m_subject.to.isEmpty()) {
        enter(State::Nothing);
        return;
    }
    m_readOf = m_source->updatedAt();
    if (m_state != State::Ready || m_changes.commits.isEmpty())
        enter(State::Loading);
    resolve(m_load.get_token());
}

void ChangesPresenter::resolve(const StopToken &stop)
{
    deliver(
        m_source->resolve(m_subject.from, m_subject.application, stop), stop, this,
        [this, stop](const Result<ResolvedRelease> &from) {
            if (stop.stop_requested())
                return;
            if (!from || !m_source)
                return fail(from ? Error{ErrorKind::NotFound, tr("The repository is gone."), {}} : from.error());
            deliver(
                m_source->resolve(m_subject.to, m_subject.application, stop), stop, this,
                [this, stop, from](const Result<ResolvedRelease> &to) {
                    if (stop.stop_requested())
                        return;
                    if (!to || !m_source)
                        return fail(to ? Error{ErrorKind::NotFound, tr("The repository is gone."), {}} : to.error());
                    list(*from, *to, stop);
                });
        });
}

void ChangesPresenter::list(const ResolvedRelease &from, const ResolvedRelease &to, const StopToken &stop)
{
    deliver(m_source->changes(from, to, stop), stop, this, [this, stop](const Result<ChangeSet> &set) {
        if (stop.stop_requested())
            return;
        if (set)
            take(*set);
        else
            fail(set.error());
    });
}

void ChangesPresenter::fail(const Error &error)
{
    // Not there yet is no failure while it is on its way.
    const SourceState now = source();
    if (error.kind == ErrorKind::NotFound && (now.isFetching || now.freshness.state == Freshness::State::Loading)) {
        enter(State::Fetching);
        return;
    }
    if (m_state == State::Ready && !m_changes.commits.isEmpty())
        return; // what was read stays, and the source's own state says how old it is
    m_error = error;
    if (error.kind == ErrorKind::NotFound && now.freshness.error && !m_source->updatedAt().isValid())
        m_error = *now.freshness.error; // why there is nothing, rather than that there is nothing
    enter(State::Failed);
}

void ChangesPresenter::take(const ChangeSet &set)
{
    m_changes = set;
    m_commits.show(set.commits, set.missing);
    if (!m_commit.isEmpty() && m_commits.rowOf(m_commit) < 0)
        m_commit.clear();
    enter(State::Ready);
    count();
    readFiles();
}

// What is not counted yet and was not asked for: while some are being counted, a fetch may bring more. What could not
// be counted stays without a figure.
void ChangesPresenter::count()
{
    if (!m_isActive || m_state != State::Ready || !m_source || m_commits.uncounted() == 0)
        return;
    QStringList uncounted;
    for (int row = 0; row < m_commits.rowCount(); ++row) {
        const ChangeCommit &commit = *m_commits.commit(row);
        if (!commit.lines && !m_counting.contains(commit.id))
            uncounted.append(commit.id);
    }
    if (uncounted.isEmpty())
        return;
    m_counting += QSet<QString>(uncounted.cbegin(), uncounted.cend());
    const StopToken stop = m_count.get_token();
    deliver(m_source->countLines(uncounted, stop), stop, this, [this, stop, uncounted](const Result<void> &) {
        if (!stop.stop_requested())
            m_counting -= QSet<QString>(uncounted.cbegin(), uncounted.cend());
    });
}

void ChangesPresenter::stopCounting()
{
    m_count.request_stop();
    m_count = StopSource();
    m_counting.clear();
}

QString ChangesPresenter::summary() const
{
    if (m_state != State::Ready)
        return {};
    QStringList words{m_changes.isCut ? tr("more than %n commit(s)", nullptr, int(m_changes.commits.size()))
                                      : tr("%n commit(s)", nullptr, int(m_changes.commits.size()))};
    if (m_hasFiles && m_commit.isEmpty())
        words << tr("%n file(s)", nullptr, m_files.rowCount());
    words << tr("%n author(s)", nullptr, int(m_changes.authors.size()));
    if (!m_changes.missing.isEmpty())
        words << tr("%n commit(s) go away", nullptr, int(m_changes.missing.size()));
    return words.join(QStringLiteral(" · "));
}

std::pair<QString, QString> ChangesPresenter::ends() const
{
    if (m_commit.isEmpty())
        return {m_changes.from.commit, m_changes.to.commit};
    const ChangeCommit *const one = m_commits.commit(m_commits.rowOf(m_commit));
    if (!one || one->parents.isEmpty())
        return {};
    return {one->parents.first(), one->id};
}

void ChangesPresenter::setCommit(const QString &id)
{
    if (id == m_commit)
        return;
    m_commit = id;
    m_hasFiles = false;
    m_filesError.reset();
    m_file.clear();
    m_diff.cancel();
    m_parse.cancel();
    m_files.show({});
    emit filesChanged();
    if (m_state == State::Ready)
        readFiles();
}

void ChangesPresenter::readFiles()
{
    const auto [from, to] = ends();
    if (from.isEmpty() || !m_source) {
        m_hasFiles = true;
        m_filesError = Error{ErrorKind::NotFound, tr("This commit has none before it to compare with."), {}};
        emit filesChanged();
        return;
    }
    m_fileList.run(
        this, [this, from = from, to = to](const StopToken &stop) { return m_source->files(from, to, stop); },
        [this](const Result<QList<FileChange>> &files) {
            m_hasFiles = true;
            m_filesError = files ? std::nullopt : std::optional(files.error());
            m_files.show(files ? *files : QList<FileChange>());
            emit filesChanged();
            emit changed();
        });
}

void ChangesPresenter::setFile(const QString &path)
{
    if (path == m_file)
        return;
    m_file = path;
    if (path.isEmpty()) {
        m_diff.cancel();
        m_parse.cancel();
        return;
    }
    readDiff({});
}

void ChangesPresenter::readAllOfFile()
{
    DiffLimits limits;
    limits.lines = allLines;
    limits.fileBytes = mostComparedBytes;
    readDiff(limits);
}

void ChangesPresenter::readDiff(const DiffLimits &limits)
{
    const int row = m_files.rowOf(m_file);
    const auto [from, to] = ends();
    if (row < 0 || from.isEmpty() || !m_source)
        return;
    const FileChange file = m_files.files().at(row);
    m_parse.cancel();
    emit diffLoading(file);
    m_diff.run(
        this,
        [this, from = from, to = to, limits](const StopToken &stop) {
            return m_source->diff(from, to, m_file, limits, stop);
        },
        [this, file](const Result<FileDiff> &diff) {
            if (!diff) {
                emit diffFailed(file, diff.error().message);
                return;
            }
            m_parse.run(
                this,
                [this, diff](const StopToken &) {
                    return m_parser.run([diff = *diff]() -> Result<Parsed> {
                        return Parsed{diff, parseUnifiedDiff(diff.text)};
                    });
                },
                [this](const Result<Parsed> &parsed) {
                    if (parsed)
                        emit diffRead(parsed->diff, parsed->lines);
                });
        });
}

} // namespace signalbox
