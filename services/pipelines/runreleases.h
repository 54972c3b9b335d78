#pragma once

#include "models/pipelines/run.h"
#include "services/ports/sourcerepository.h"

#include <QHash>

#include <functional>

namespace signalbox
{

// A release that somebody knows: a cluster runs it, the ledger tells of it.
struct KnownRelease
{
    QString version; // as images are tagged; empty: only its digest is known
    QString digest;
    QString commit;        // full; empty: not known
    QDateTime seenAt = {}; // since when somebody has it, at the latest; invalid: not told
    QString name() const { return version.isEmpty() ? digest : version; }
    bool operator==(const KnownRelease &) const = default;
};

// What a run is known to have made.
struct MadeReleases
{
    QStringList names;
    QString note; // of those that are its commit's, though nothing says that this run made them; empty: there are none
    bool isPartial = false; // somebody who may know of more could not be asked; `note` says so
    bool isEmpty() const { return names.isEmpty() && note.isEmpty(); }
    bool operator==(const MadeReleases &) const = default;
};

// Whether it is what the run builds: it is of the run's commit, or named as its tag is ("1.4.0" of v1.4.0 or
// cart-1.4.0), or as its commit begins. Pure. GitHub tells a pushed tag as the run's branch.
bool isMadeBy(const KnownRelease &release, const Run &run, const QString &application);
// Those of them that the run made, each once: it ended well, or else they came while it went on. Another run of the
// commit may have made what was there before, or came after this one had failed: that is said. Pure.
MadeReleases madeBy(const QList<KnownRelease> &known, const Run &run, const QString &application);
// Those of the vendor, then those that were found; each once.
RunDetail withReleases(const RunDetail &detail, const MadeReleases &made);

// Which releases a run made. No vendor tells it: it follows from what is known of releases elsewhere. The same for the
// window and the commands. GUI thread.
class RunReleases : public QObject
{
    Q_OBJECT
public:
    // Of an application; any may be empty.
    struct Sources
    {
        std::function<QFuture<Result<QList<KnownRelease>>>(const QString &application, const StopToken &stop)> recorded;
        std::function<QList<KnownRelease>(const QString &application)> running;
        // Leads a version or a digest to its commit, by git, the ledger and the images' labels; null: there is none.
        std::function<SourceRepository *(const QString &application)> repositoryOf;
        std::function<QString()> ledgerAsOf = {}; // its tip, and whether it can be read: what `recorded` is as new as
    };
    explicit RunReleases(Sources sources, QObject *parent = nullptr);
    ~RunReleases() override;

    // Never an error: what cannot be asked tells of no release. An empty application has none.
    [[nodiscard]] QFuture<Result<MadeReleases>> of(const Run &run, const QString &application, const StopToken &stop);
    // What runs now, and how new its source and the ledger are: as long as it says the same, of() does.
    QString standing(const QString &application) const;

private:
    QFuture<Result<MadeReleases>> ofKnown(const Run &run, const QString &application, QList<KnownRelease> known,
                                          const StopToken &stop);
    struct Resolved
    {
        QString commit;
        bool isLasting = false; // it stays so until the repository is fetched again
    };
    QFuture<Result<Resolved>> resolve(SourceRepository &repository, const KnownRelease &release,
                                      const QString &application, const StopToken &stop);
    // What was resolved once, by digest, or by version where no digest is known; a tag may be moved and fetched.
    struct Commits
    {
        QDateTime asOf;
        QHash<QString, QString> byRelease;
    };
    QHash<QString, QString> &commitsOf(const QString &application, const SourceRepository *repository);

    const Sources m_sources;
    QHash<QString, Commits> m_commits; // by application
};

} // namespace signalbox
