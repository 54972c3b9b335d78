#pragma once

#include "services/git/githandles.h"
#include "services/git/history.h"

// For history*.cpp only.
namespace signalbox::git
{

using DiffHandle = std::unique_ptr<git_diff, Freer<git_diff_free>>;
using PatchHandle = std::unique_ptr<git_patch, Freer<git_patch_free>>;

class History::Private
{
public:
    Library library; // outlives the handle
    RepositoryHandle repository;
    QString path;

    Error error(int code) const;
    Result<git_oid> idOf(const QString &hex) const;
    Result<CommitHandle> commit(const git_oid &id) const;
    Result<TreeHandle> tree(const QString &commitHex) const;
    Result<TreeHandle> treeOf(const git_commit *commit) const;
    Result<DiffHandle> diff(const QString &from, const QString &to, int contextLines) const; // renames found
    Result<ResolvedRelease> resolved(const QString &text, const git_oid &id, ResolvedRelease::By by,
                                     const QString &name) const;
    Result<std::optional<ResolvedRelease>> byReference(const QString &text, const QString &reference,
                                                       ResolvedRelease::By by, const QString &name) const;
    // Newest first, parents after children.
    Result<RevwalkHandle> walk(const git_oid &from, const git_oid &hidden) const;
    QString mergeBase(const git_oid &a, const git_oid &b) const;
    Result<QList<ChangeCommit>> commits(const git_oid &tip, const git_oid &hidden, const QList<IssuePattern> &patterns,
                                        int limit, const StopToken &stop, bool &isCut) const;
};

Error stoppedError();
FileChange fileChangeOf(const git_diff_delta *delta);
// With line counts. `path`: of the repository, for the error.
Result<QList<FileChange>> fileChangesIn(git_diff *diff, const QString &path, const StopToken &stop);
// git's own defaults: half alike is a rename.
int findRenames(git_diff *diff);

} // namespace signalbox::git
