#pragma once

#include "services/ports/artifactregistry.h"
#include "services/ports/sourcerepository.h"
#include "services/promotions/ledgerreleases.h"

#include <functional>
#include <memory>
#include <utility>

namespace signalbox
{

// What knows releases besides the source repository. Any may be empty.
struct ReleaseClues
{
    std::function<QFuture<Result<LedgerReleases>>(const StopToken &stop)> ledger = {};
    // Where images of this repository lie; null: nowhere that is known.
    std::function<ArtifactRegistry *(const QString &repository)> registryOf = {};
    // The repositories of the application's images: as they run, or as the workspace names them.
    std::function<QStringList(const QString &application)> imagesOf = {};
};

// A source repository in which releases are found by whatever people call them: a tag, a version, a branch or a commit
// as git has it; a digest, whole or its first digits, which the ledger or the image's own label
// (org.opencontainers.image.revision, in the registry) leads to a commit; an image as it is written in a cluster; an
// image tag that is no tag of git. All else is the repository's own. The same for the command line, the screens and
// promotions. Thread: as SourceRepository.
class ReleaseSource : public SourceRepository
{
    Q_OBJECT
public:
    ReleaseSource(std::unique_ptr<SourceRepository> git, ReleaseClues clues, QObject *parent = nullptr);
    ~ReleaseSource() override;

    QString id() const override { return m_git->id(); }
    QString address() const override { return m_git->address(); }
    QDateTime updatedAt() const override { return m_git->updatedAt(); }
    std::optional<Error> problem() const override { return m_git->problem(); }
    bool isUpdating() const override { return m_git->isUpdating(); }
    QFuture<Result<void>> update(StopToken stop) override { return m_git->update(std::move(stop)); }
    QFuture<Result<ResolvedRelease>> resolve(QString release, QString application, StopToken stop) override;
    QFuture<Result<ChangeSet>> changes(ResolvedRelease from, ResolvedRelease to, StopToken stop) override
    {
        return m_git->changes(std::move(from), std::move(to), std::move(stop));
    }
    QFuture<Result<void>> countLines(QStringList commits, StopToken stop) override
    {
        return m_git->countLines(std::move(commits), std::move(stop));
    }
    QFuture<Result<QList<FileChange>>> files(QString fromCommit, QString toCommit, StopToken stop) override
    {
        return m_git->files(std::move(fromCommit), std::move(toCommit), std::move(stop));
    }
    QFuture<Result<FileDiff>> diff(QString fromCommit, QString toCommit, QString path, DiffLimits limits,
                                   StopToken stop) override
    {
        return m_git->diff(std::move(fromCommit), std::move(toCommit), std::move(path), limits, std::move(stop));
    }
    QFuture<Result<RepositoryRefs>> refs(StopToken stop) override { return m_git->refs(std::move(stop)); }
    QFuture<Result<Distance>> distance(QString fromCommit, QString toCommit, StopToken stop) override
    {
        return m_git->distance(std::move(fromCommit), std::move(toCommit), std::move(stop));
    }

private:
    class Search; // for one release
    std::unique_ptr<SourceRepository> m_git;
    ReleaseClues m_clues;
};

} // namespace signalbox
