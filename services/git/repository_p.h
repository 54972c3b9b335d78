#pragma once

#include "services/git/githandles.h"
#include "services/git/repository.h"

// For the files of this folder only.
namespace signalbox::git
{

// Sentences that begin an error; %1 is the repository's path. Translated by Private::error().
inline constexpr const char *cannotOpen = QT_TRANSLATE_NOOP("signalbox::git", "The repository %1 cannot be opened");
inline constexpr const char *cannotRead = QT_TRANSLATE_NOOP("signalbox::git", "The repository %1 cannot be read");
inline constexpr const char *cannotWrite = QT_TRANSLATE_NOOP("signalbox::git", "The repository %1 cannot be written");
inline constexpr const char *cannotMove =
    QT_TRANSLATE_NOOP("signalbox::git", "The repository %1 did not take the new commit");

QByteArray refName(const QString &branch);

// What a commit is made of, opened. A code of libgit2's; 0: all is there, and no parent means that there is none.
struct CommitParts
{
    TreeHandle tree;
    SignatureHandle signature;
    CommitHandle parent;

    int open(git_repository *repository, const git_oid &treeId, const std::optional<git_oid> &parentId,
             const Author &author);
};

class Repository::Private
{
public:
    Library library; // outlives the handle
    RepositoryHandle repository;
    QString path;

    Error error(int code, const char *sentence) const;
    Result<std::optional<git_oid>> tipId(const QString &branch) const;
    Result<CommitHandle> commit(const git_oid &id) const;
    Result<TreeHandle> tree(const QString &branch) const; // a null handle: no commit yet
    Result<TreeHandle> treeOf(const git_oid &commit) const;
    // The tree with these files added or replaced; of nothing, where it is null.
    Result<git_oid> treeWith(const git_tree *baseline, const QList<FileContent> &files) const;
    Result<git_oid> treeWith(const QString &branch, const QList<FileContent> &files) const;
    // A commit without touching the branch, then the branch by compare-and-swap: two writers cannot lose each other's.
    Result<QString> commitTree(const QString &branch, const git_oid &treeId, const std::optional<git_oid> &parentId,
                               const QString &message, const Author &author) const;
    // Compare-and-swap: Conflict when it is not at `expected` (none: not there) any more.
    Result<QString> moveBranch(const QString &branch, const git_oid &id, const std::optional<git_oid> &expected,
                               const QByteArray &reason) const;
    int lastFilesOf(const git_tree *tree, const QString &prefix, int count, QStringList &found) const;
};

} // namespace signalbox::git
