#include "services/pipelines/runreleases.h"

#include "services/async/chain.h"
#include "services/pipelines/pipelinestext.h"

#include <QPointer>
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

// What tells them from each other: a tag may be of several images, one after the other.
QString referenceOf(const KnownRelease &release)
{
    return release.digest.isEmpty() ? release.version : release.digest;
}

// It says nothing of the release: it may be known there.
bool isUnasked(const Error &error)
{
    switch (error.kind) {
    case ErrorKind::NotFound:
    case ErrorKind::Invalid:
    case ErrorKind::Unsupported:
        return false;
    default:
        return true;
    }
}

MadeReleases partial(MadeReleases made, const Error &problem)
{
    const QString said = PipelinesText::tr("Which releases it made could not all be asked: %1").arg(problem.message);
    made.isPartial = true;
    if (!made.note.contains(said))
        made.note = made.note.isEmpty() ? said : made.note + QLatin1Char(' ') + said;
    return made;
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

QFuture<Result<MadeReleases>> RunReleases::of(const Run &run, const QString &application, const StopToken &stop)
{
    if (application.isEmpty() || !run.startedAt.isValid())
        return ready(Result<MadeReleases>(MadeReleases()));
    const QList<KnownRelease> running = m_sources.running ? m_sources.running(application) : QList<KnownRelease>();
    if (!m_sources.recorded)
        return ofKnown(run, application, running, stop);
    return afterAny(this, m_sources.recorded(application, stop),
                    [this, run, application, running, stop](const Result<QList<KnownRelease>> &recorded) {
                        if (recorded)
                            return ofKnown(run, application, running + *recorded, stop);
                        return after(this, ofKnown(run, application, running, stop), [recorded](MadeReleases made) {
                            return ready(Result<MadeReleases>(partial(made, recorded.error())));
                        });
                    });
}

QHash<QString, QString> &RunReleases::commitsOf(const QString &application, const SourceRepository *repository)
{
    Commits &known = m_commits[application];
    const QDateTime asOf = repository ? repository->updatedAt() : QDateTime();
    if (known.asOf != asOf)
        known = {asOf, {}};
    return known.byRelease;
}

// The digest is what runs; the tag beside it may name another image by now. Only a name that git itself knows speaks
// for a digest that leads nowhere.
QFuture<Result<RunReleases::Resolved>> RunReleases::resolve(SourceRepository &repository, const KnownRelease &release,
                                                            const QString &application, const StopToken &stop)
{
    using By = ResolvedRelease::By;
    const auto byName = [version = release.version](const ResolvedRelease &found, bool isLasting) {
        // An image called as a branch is ("main") was built of what that was once.
        if (found.by == By::Branch)
            return Result<Resolved>(Error{ErrorKind::NotFound, version, {}});
        return Result<Resolved>(Resolved{found.commit, isLasting && found.by != By::Revision});
    };
    if (release.digest.isEmpty())
        return after(this, repository.resolve(release.version, application, stop),
                     [byName](const ResolvedRelease &found) { return ready(byName(found, true)); });
    const auto asked = repository.resolve(release.digest, application, stop);
    return afterAny(this, asked, [=, this, from = QPointer(&repository)](const Result<ResolvedRelease> &exact) {
        if (exact)
            return ready(exact->by == By::Branch ? Result<Resolved>(Error{ErrorKind::NotFound, release.digest, {}})
                                                 : Result<Resolved>(Resolved{exact->commit, true}));
        if (release.version.isEmpty() || !from)
            return ready(Result<Resolved>(exact.error()));
        const auto named = from->resolve(release.version, application, stop);
        return afterAny(this, named, [byName, why = exact.error()](const Result<ResolvedRelease> &found) {
            if (!found || found->by == By::Revision) // of the image that has the tag now
                return ready(Result<Resolved>(why));
            return ready(byName(*found, why.kind == ErrorKind::NotFound));
        });
    });
}

// What has no commit yet and is not known by its name is asked of the repository.
QFuture<Result<MadeReleases>> RunReleases::ofKnown(const Run &run, const QString &application,
                                                   QList<KnownRelease> known, const StopToken &stop)
{
    SourceRepository *const repository = m_sources.repositoryOf ? m_sources.repositoryOf(application) : nullptr;
    const QHash<QString, QString> commits = commitsOf(application, repository);
    QStringList references;
    QList<QFuture<Result<Resolved>>> asked;
    for (KnownRelease &one : known) {
        const QString reference = referenceOf(one);
        if (one.commit.isEmpty())
            one.commit = commits.value(reference);
        const bool isKnown = !one.commit.isEmpty() || (one.digest.isEmpty() && isMadeBy(one, run, application));
        if (!repository || reference.isEmpty() || isKnown || references.contains(reference) ||
            references.size() == mostResolved)
            continue;
        references.append(reference);
        asked.append(resolve(*repository, one, application, stop));
    }
    if (asked.isEmpty())
        return ready(Result<MadeReleases>(madeBy(known, run, application)));
    const QDateTime asOf = repository->updatedAt();
    return after(this, gathered(this, asked), [=, this](const QList<Result<Resolved>> &resolved) {
        QList<KnownRelease> all = known;
        std::optional<Error> problem;
        Commits &kept = m_commits[application];
        for (qsizetype i = 0; i < references.size(); ++i) {
            const Result<Resolved> &found = resolved.at(i);
            if (!found) {
                if (isUnasked(found.error()))
                    problem = found.error();
                continue;
            }
            if (found->isLasting && kept.asOf == asOf)
                kept.byRelease.insert(references.at(i), found->commit);
            for (KnownRelease &one : all) {
                if (one.commit.isEmpty() && referenceOf(one) == references.at(i))
                    one.commit = found->commit;
            }
        }
        const MadeReleases made = madeBy(all, run, application);
        return ready(Result<MadeReleases>(problem ? partial(made, *problem) : made));
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
    if (m_sources.ledgerAsOf)
        words << m_sources.ledgerAsOf();
    return words.join(QLatin1Char('|'));
}

} // namespace signalbox
