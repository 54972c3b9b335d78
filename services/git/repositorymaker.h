#pragma once

#include "services/git/repository.h"

#include <QMap>

namespace signalbox::git
{

// A commit to be made: the tree of its first parent with these files put in or replaced.
struct NewCommit
{
    QStringList parents; // ids; empty: a first commit
    Author author;
    Author committer; // without a time: who wrote it
    QString message;
    QList<FileContent> files;
};

// Makes a bare repository of many commits at once: in memory, then as one pack. A file for each object, as one commit
// after the other leaves them, takes some twenty times as long. Stays on the thread that made it; blocks.
class RepositoryMaker
{
public:
    // HEAD is `branch`. Conflict when there is a repository already.
    static Result<RepositoryMaker> create(const QString &path, const QString &branch);

    RepositoryMaker(RepositoryMaker &&other) noexcept;
    RepositoryMaker &operator=(RepositoryMaker &&other) noexcept;
    ~RepositoryMaker(); // what was not finished is not there

    // Its id; the commit is on no branch yet.
    Result<QString> add(const NewCommit &commit, const CommitSigner &signer = {});
    // Writes everything that these references ("refs/heads/main": id) reach. Once.
    Result<void> finish(const QMap<QString, QString> &references);

private:
    class Private;
    explicit RepositoryMaker(std::unique_ptr<Private> d);
    std::unique_ptr<Private> d;
};

} // namespace signalbox::git
