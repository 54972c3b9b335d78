#include "services/git/filehistory.h"

#include "services/git/gittext.h"
#include "services/git/history_p.h"

#include <QDir>

namespace signalbox::git
{

namespace
{

// The blob of the path in a commit's tree. None: it is not there, or is no file.
Result<std::optional<git_oid>> blobIdOf(const git_commit *commit, const QByteArray &path)
{
    git_tree *rawTree = nullptr;
    int code = git_commit_tree(&rawTree, commit);
    const TreeHandle tree(rawTree);
    git_tree_entry *rawEntry = nullptr;
    if (code == 0)
        code = git_tree_entry_bypath(&rawEntry, rawTree, path.constData());
    const TreeEntryHandle entry(rawEntry);
    if (code == GIT_ENOTFOUND)
        return std::optional<git_oid>();
    if (code != 0)
        return gitError(code, GitText::tr("%1 cannot be looked up in the repository").arg(QString::fromUtf8(path)));
    if (git_tree_entry_type(rawEntry) != GIT_OBJECT_BLOB)
        return std::optional<git_oid>();
    return std::optional<git_oid>(*git_tree_entry_id(rawEntry));
}

bool isSame(const std::optional<git_oid> &a, const std::optional<git_oid> &b)
{
    return a.has_value() == b.has_value() && (!a || git_oid_equal(&*a, &*b));
}

Result<FileVersion> versionOf(git_repository *repository, const git_commit *commit, const std::optional<git_oid> &blob)
{
    FileVersion version;
    version.commit = hex(git_commit_id(commit));
    const git_signature *who = git_commit_author(commit);
    version.author = {QString::fromUtf8(who->name), QString::fromUtf8(who->email),
                      QDateTime::fromSecsSinceEpoch(git_commit_time(commit), Qt::UTC)};
    version.message = QString::fromUtf8(git_commit_message(commit));
    if (!blob)
        return version;
    git_blob *raw = nullptr;
    if (const int code = git_blob_lookup(&raw, repository, &*blob); code != 0)
        return gitError(code, GitText::tr("The commit %1 cannot be read").arg(version.commit.left(10)));
    const BlobHandle handle(raw);
    version.content =
        QByteArray(static_cast<const char *>(git_blob_rawcontent(raw)), static_cast<qsizetype>(git_blob_rawsize(raw)));
    return version;
}

} // namespace

Result<QList<FileVersion>> fileHistory(const QString &path, const QString &tip, const QString &file, int most,
                                       int reach, const StopToken &stop)
{
    const Library library;
    git_repository *raw = nullptr;
    int code = git_repository_open_ext(&raw, QDir::toNativeSeparators(path).toUtf8().constData(),
                                       GIT_REPOSITORY_OPEN_NO_SEARCH, nullptr);
    const RepositoryHandle repository(raw);
    git_oid id;
    git_commit *rawCommit = nullptr;
    if (code == 0)
        code = git_oid_fromstr(&id, tip.toLatin1().constData());
    if (code == 0)
        code = git_commit_lookup(&rawCommit, raw, &id);
    CommitHandle commit(rawCommit);
    const auto failed = [&path](int error) {
        return gitError(error, GitText::tr("The repository %1 cannot be read").arg(path));
    };
    if (code != 0)
        return failed(code);
    const QByteArray name = file.toUtf8();
    QList<FileVersion> versions;
    auto blob = blobIdOf(commit.get(), name);
    for (int seen = 0; seen < reach && versions.size() < most; ++seen) {
        if (stop.stop_requested())
            return stoppedError();
        if (!blob)
            return blob.error();
        CommitHandle parent;
        Result<std::optional<git_oid>> before = std::optional<git_oid>();
        if (git_commit_parentcount(commit.get()) > 0) {
            git_commit *rawParent = nullptr;
            if (code = git_commit_parent(&rawParent, commit.get(), 0); code != 0)
                return failed(code);
            parent.reset(rawParent);
            before = blobIdOf(rawParent, name);
            if (!before)
                return before.error();
        }
        if (!isSame(*blob, *before)) {
            const auto version = versionOf(raw, commit.get(), *blob);
            if (!version)
                return version.error();
            versions.append(*version);
        }
        if (!parent)
            break;
        commit = std::move(parent);
        blob = before;
    }
    return versions;
}

} // namespace signalbox::git
