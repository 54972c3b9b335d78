#pragma once

#include "models/domain/result.h"

#include <QByteArray>
#include <QDateTime>
#include <QList>
#include <QString>

#include <functional>
#include <memory>
#include <optional>

// libgit2 behind value types. libgit2 keeps its error text per thread, so every function here copies it at once.
namespace signalbox::git
{

struct Author
{
    QString name;
    QString email;
    QDateTime at;
    bool operator==(const Author &) const = default;
};

struct Commit
{
    QString id; // 40 hex digits
    QStringList parents;
    Author author;
    QString message;
    bool operator==(const Commit &) const = default;
};

struct FileContent
{
    QString path;
    QByteArray content;
};

// What a commit changed against its first parent.
struct CommitContent
{
    QList<FileContent> added;
    bool hasOtherChanges = false; // it changed or removed files, or has several parents
    QString message;
    Author author;
};

// A commit that is ready but for its signature, and not in the repository yet.
struct PreparedCommit
{
    QString branch;                 // empty: none is moved
    std::optional<QString> parent;  // the tip it was made for
    QByteArray text;                // the commit object: what is signed
    std::optional<QString> already; // nothing is to be done: the files are there with this content, at this commit
};

// Signs the text of a commit: an armoured SSHSIG, as git's gpgsig has it.
using CommitSigner = std::function<Result<QByteArray>(const QByteArray &text)>;

// user.name and user.email of the user's own git configuration, as far as it has them. Any thread; reads files.
Author configuredAuthor();

// The key the user signs commits with, as git's own user.signingkey says it: a path, "key::ssh-ed25519 AAAA...", or the
// line of a public key. Empty: none, or gpg.format is not ssh. Any thread; reads files.
QString configuredSigningKey();

// One repository. Stays on the thread that opened it (services/async/serialqueue.h keeps a thread for it); every
// function blocks on the disk.
class Repository
{
public:
    // Opens the bare repository, or makes one whose HEAD is `branch` ("main").
    static Result<Repository> openOrCreateBare(const QString &path, const QString &branch);

    Repository(Repository &&other) noexcept;
    Repository &operator=(Repository &&other) noexcept;
    ~Repository();

    // None: the branch has no commit yet.
    Result<std::optional<QString>> tip(const QString &branch) const;
    // One commit on the branch's tip that adds `path` and nothing else. Invalid when the file is there with other
    // content; its id, and no new commit, when it is there with this. Conflict when the branch moved meanwhile: ask
    // again.
    Result<QString> addFile(const QString &branch, const QString &path, const QByteArray &content,
                            const QString &message, const Author &author);
    // The same in two steps, for a signature: prepare() writes blobs and trees but no commit; commit() adds the commit
    // with the signature (armoured; empty: none), as git's own `gpgsig`, and moves the branch. Conflict when the branch
    // moved since prepare(): prepare and sign again.
    Result<PreparedCommit> prepare(const QString &branch, const QList<FileContent> &files, const QString &message,
                                   const Author &author);
    Result<QString> commit(const PreparedCommit &prepared, const QByteArray &signature);
    // On a commit instead, and on no branch: for Remote::push(). Files that are there may change. Nothing that is
    // fetched or pruned meanwhile matters.
    Result<PreparedCommit> prepareOn(const QString &parent, const QList<FileContent> &files, const QString &message,
                                     const Author &author);
    Result<std::optional<QByteArray>> file(const QString &branch, const QString &path) const;
    // Paths of the newest `count` files below `folder`, by descending name, folder by folder.
    Result<QStringList> lastFiles(const QString &branch, const QString &folder, int count) const;
    // Newest first.
    Result<QList<Commit>> log(const QString &branch, int count) const;

    // What a reference ("refs/remotes/origin/main") points at. None: it is not there.
    Result<std::optional<QString>> reference(const QString &name) const;
    // Commits that `tip` has and `base` has not, oldest first; of all when `base` is empty.
    Result<QStringList> commitsBetween(const QString &base, const QString &tip) const;
    Result<CommitContent> content(const QString &commit) const;
    // Compare-and-swap to a commit the repository has: Conflict when it is not at `expected` (none: not there) any
    // more.
    Result<void> moveBranch(const QString &branch, const QString &to, const std::optional<QString> &expected);
    Result<void> setReference(const QString &name, const QString &to); // wherever it was
    Result<void> removeBranch(const QString &branch);                  // done already is done

private:
    class Private;
    explicit Repository(std::unique_ptr<Private> d);
    std::unique_ptr<Private> d;
};

} // namespace signalbox::git
