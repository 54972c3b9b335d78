#include "services/pipelines/runreleases.h"

#include "services/async/chain.h"
#include "services/pipelines/pipelinestext.h"

#include <QRegularExpression>

#include <algorithm>
#include <utility>

namespace signalbox
{

namespace
{

constexpr qsizetype mostResolved = 12; // versions that run somewhere; of each its commit is asked for once
constexpr qsizetype fewestDigits = 7;  // of a commit, in a version

// "2026.11-7c2f91e" of commit 7c2f91e...; a date of seven digits may be hexadecimal, too, but begins no commit.
bool namesCommit(const QString &version, const QString &commit)
{
    const auto isHex = [](QChar one) {
        return (one >= QLatin1Char('0') && one <= QLatin1Char('9')) ||
               (one >= QLatin1Char('a') && one <= QLatin1Char('f'));
    };
    qsizetype from = 0;
    for (qsizetype i = 0; i <= version.size(); ++i) {
        if (i < version.size() && isHex(version.at(i)))
            continue;
        if (i - from >= fewestDigits && commit.startsWith(QStringView(version).mid(from, i - from)))
            return true;
        from = i + 1;
    }
    return false;
}

// Three numbers, at least: two may name a branch that is maintained.
bool isWholeVersion(const QString &version)
{
    static const QRegularExpression three(QStringLiteral("\\A\\d+\\.\\d+\\.\\d+"));
    return three.match(version).hasMatch();
}

bool isTagOf(const QString &version, const QString &tag, const QString &application)
{
    return tag == version || tag == QLatin1Char('v') + version || QLatin1Char('v') + tag == version ||
           tag == application + QLatin1Char('-') + version || tag == application + QStringLiteral("-v") + version;
}

// When it was seen: several know the same release. Invalid: nobody tells.
struct Sightings
{
    QDateTime first;
    QDateTime last;
    void add(const QDateTime &at)
    {
        if (!at.isValid())
            return;
        first = first.isValid() ? std::min(first, at) : at;
        last = last.isValid() ? std::max(last, at) : at;
    }
};

// Empty: it did, as far as anybody can tell. A run that ended well is believed. One that goes on counts with what some
// place came to have since it began; one that ended otherwise only with what nobody had before, and somebody had by
// its end: the run that repeats it is of the same commit.
QString whyNotMade(const Run &run, const Sightings &seen)
{
    if (run.state == RunState::Passed || run.state == RunState::Unstable)
        return {};
    const QString state = runStateLabel(run.state).toLower();
    if (!isEnded(run.state)) {
        if (!seen.last.isValid())
            return PipelinesText::tr("the run has not ended, and nothing tells when the release came");
        return seen.last < run.startedAt ? PipelinesText::tr("it was there before the run began") : QString();
    }
    if (!seen.first.isValid())
        return PipelinesText::tr("the run ended as %1, and nothing tells when the release came").arg(state);
    if (seen.first < run.startedAt)
        return PipelinesText::tr("it was there before the run began, which ended as %1").arg(state);
    if (run.finishedAt.isValid() && seen.first > run.finishedAt)
        return PipelinesText::tr("the run had ended as %1 before it was seen").arg(state);
    return {};
}

} // namespace

bool isMadeBy(const KnownRelease &release, const Run &run, const QString &application)
{
    if (!run.commit.isEmpty() && !release.commit.isEmpty())
        return release.commit == run.commit; // a tag may have been moved since
    if (release.version.isEmpty())
        return false;
    if (!run.tag.isEmpty() && isTagOf(release.version, run.tag, application))
        return true;
    // An image called "main" is of any run of that branch, one called "1.4.0" of the tag that is told as a branch.
    if (run.tag.isEmpty() && isWholeVersion(release.version) && isTagOf(release.version, run.branch, application))
        return true;
    return !run.commit.isEmpty() && namesCommit(release.version, run.commit);
}

MadeReleases madeBy(const QList<KnownRelease> &known, const Run &run, const QString &application)
{
    QStringList names;
    QHash<QString, Sightings> seen;
    for (const KnownRelease &one : known) {
        const QString name = one.name();
        if (name.isEmpty() || !isMadeBy(one, run, application))
            continue;
        if (!names.contains(name))
            names.append(name);
        seen[name].add(one.seenAt);
    }
    MadeReleases made;
    QStringList sentences;
    for (const QString &name : std::as_const(names)) {
        const QString why = whyNotMade(run, seen.value(name));
        if (why.isEmpty())
            made.names.append(name);
        else
            sentences.append(
                PipelinesText::tr("%1 is of its commit, but that this run made it is not known: %2.").arg(name, why));
    }
    made.note = sentences.join(QLatin1Char(' '));
    return made;
}

RunDetail withReleases(const RunDetail &detail, const MadeReleases &made)
{
    RunDetail with = detail;
    for (const QString &one : made.names) {
        if (!with.releases.contains(one))
            with.releases.append(one);
    }
    if (!made.note.isEmpty())
        with.note = with.note.isEmpty() ? made.note : with.note + QLatin1Char(' ') + made.note;
    return with;
}

RunReleases::RunReleases(Sources sources, QObject *parent)
    : QObject(parent)
    , m_sources(std::move(sources))
{}

RunReleases::~RunReleases() = default;

QString RunReleases::commitKey(const QString &application, const QString &name) const
{
    return application + QLatin1Char('|') + name;
}

QFuture<Result<MadeReleases>> RunReleases::of(const Run &run, const QString &application, const StopToken &stop)
{
    if (application.isEmpty() || !run.startedAt.isValid())
        return ready(Result<MadeReleases>(MadeReleases()));
    const QList<KnownRelease> running = m_sources.running ? m_sources.running(application) : QList<KnownRelease>();
    if (!m_sources.recorded)
        return ofKnown(run, application, running, stop);
    return afterAny(this, m_sources.recorded(application, stop),
                    [this, run, application, running, stop](const Result<QList<KnownRelease>> &recorded) {
                        QList<KnownRelease> known = running;
                        if (recorded)
                            known += *recorded;
                        return ofKnown(run, application, known, stop);
                    });
}

// What has no commit yet and is not known by its name is asked of the repository.
QFuture<Result<MadeReleases>> RunReleases::ofKnown(const Run &run, const QString &application,
                                                   QList<KnownRelease> known, const StopToken &stop)
{
    SourceRepository *const repository = m_sources.repositoryOf ? m_sources.repositoryOf(application) : nullptr;
    QStringList names;
    QList<QFuture<Result<ResolvedRelease>>> asked;
    for (KnownRelease &one : known) {
        const QString name = one.name();
        if (one.commit.isEmpty())
            one.commit = m_commits.value(commitKey(application, name));
        if (!repository || name.isEmpty() || !one.commit.isEmpty() || isMadeBy(one, run, application) ||
            names.contains(name) || names.size() == mostResolved)
            continue;
        names.append(name);
        asked.append(repository->resolve(name, application, stop));
    }
    if (asked.isEmpty())
        return ready(Result<MadeReleases>(madeBy(known, run, application)));
    return after(this, gathered(this, asked),
                 [this, run, application, known, names](const QList<Result<ResolvedRelease>> &resolved) {
                     QList<KnownRelease> all = known;
                     for (qsizetype i = 0; i < names.size(); ++i) {
                         // An image called as a branch is ("main") was built of what that was once.
                         if (!resolved.at(i) || resolved.at(i)->by == ResolvedRelease::By::Branch)
                             continue;
                         m_commits.insert(commitKey(application, names.at(i)), resolved.at(i)->commit);
                         for (KnownRelease &one : all) {
                             if (one.commit.isEmpty() && one.name() == names.at(i))
                                 one.commit = resolved.at(i)->commit;
                         }
                     }
                     return ready(Result<MadeReleases>(madeBy(all, run, application)));
                 });
}

QString RunReleases::standing(const QString &application) const
{
    QStringList words;
    for (const KnownRelease &one : m_sources.running ? m_sources.running(application) : QList<KnownRelease>())
        words << one.version + QLatin1Char('@') + one.digest;
    words.sort();
    words.removeDuplicates();
    const SourceRepository *const repository = m_sources.repositoryOf ? m_sources.repositoryOf(application) : nullptr;
    if (repository)
        words << repository->updatedAt().toString(Qt::ISODateWithMs);
    return words.join(QLatin1Char('|'));
}

} // namespace signalbox
