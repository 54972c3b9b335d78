// References and the commits between them: what two lines of one repository have that the other lacks.
#include "services/git/repository_p.h"

#include <QCoreApplication>

namespace signalbox::git
{
namespace
{

using DiffHandle = std::unique_ptr<git_diff, Freer<git_diff_free>>;

std::optional<git_oid> wholeId(const QString &hexDigits)
{
    git_oid id;
    if (hexDigits.size() != GIT_OID_HEXSZ || git_oid_fromstr(&id, hexDigits.toLatin1().constData()) != 0)
        return std::nullopt;
    return id;
}

Error noCommit(const QString &path, const QString &id)
{
    return {
        ErrorKind::Invalid,
        QCoreApplication::translate("signalbox::git", "The repository %1 has no commit called \"%2\".").arg(path, id),
        {}};
}

} // namespace

Result<std::optional<QString>> Repository::reference(const QString &name) const
{
    git_oid id;
    const int code = git_reference_name_to_id(&id, d->repository.get(), name.toUtf8().constData());
    if (code == GIT_ENOTFOUND)
        return std::optional<QString>();
    if (code != 0)
        return d->error(code, cannotRead);
    return std::optional(hex(&id));
}

Result<QStringList> Repository::commitsBetween(const QString &base, const QString &tip) const
{
    const auto from = wholeId(tip);
    const auto without = wholeId(base);
    if (!from || (!base.isEmpty() && !without))
        return noCommit(d->path, from ? base : tip);
    git_revwalk *raw = nullptr;
    int code = git_revwalk_new(&raw, d->repository.get());
    const RevwalkHandle walk(raw);
    if (code == 0)
        code = git_revwalk_sorting(walk.get(), GIT_SORT_TOPOLOGICAL | GIT_SORT_REVERSE);
    if (code == 0)
        code = git_revwalk_push(walk.get(), &*from);
    if (code == 0 && without)
        code = git_revwalk_hide(walk.get(), &*without);
    QStringList found;
    git_oid id;
    while (code == 0 && (code = git_revwalk_next(&id, walk.get())) == 0)
        found.append(hex(&id));
    if (code != GIT_ITEROVER)
        return d->error(code, cannotRead);
    return found;
}

Result<CommitContent> Repository::content(const QString &commit) const
{
    const auto id = wholeId(commit);
    if (!id)
        return noCommit(d->path, commit);
    const auto found = d->commit(*id);
    if (!found)
        return found.error();
    CommitContent content;
    const git_signature *author = git_commit_author(found->get());
    content.author = {QString::fromUtf8(author->name), QString::fromUtf8(author->email),
                      QDateTime::fromSecsSinceEpoch(author->when.time, Qt::UTC)};
    content.message = QString::fromUtf8(git_commit_message(found->get()));
    content.hasOtherChanges = git_commit_parentcount(found->get()) > 1;

    git_tree *rawTree = nullptr;
    int code = git_commit_tree(&rawTree, found->get());
    const TreeHandle tree(rawTree);
    TreeHandle before;
    if (code == 0 && git_commit_parentcount(found->get()) > 0) {
        const auto parent = d->commit(*git_commit_parent_id(found->get(), 0));
        if (!parent)
            return parent.error();
        git_tree *raw = nullptr;
        code = git_commit_tree(&raw, parent->get());
        before.reset(raw);
    }
    git_diff *rawDiff = nullptr;
    if (code == 0)
        code = git_diff_tree_to_tree(&rawDiff, d->repository.get(), before.get(), tree.get(), nullptr);
    const DiffHandle diff(rawDiff);
    if (code != 0)
        return d->error(code, cannotRead);
    for (size_t i = 0; i < git_diff_num_deltas(diff.get()); ++i) {
        const git_diff_delta *delta = git_diff_get_delta(diff.get(), i);
        if (delta->status != GIT_DELTA_ADDED || delta->new_file.mode != GIT_FILEMODE_BLOB) {
            content.hasOtherChanges = true;
            continue;
        }
        git_blob *rawBlob = nullptr;
        code = git_blob_lookup(&rawBlob, d->repository.get(), &delta->new_file.id);
        const BlobHandle blob(rawBlob);
        if (code != 0)
            return d->error(code, cannotRead);
        content.added.append({QString::fromUtf8(delta->new_file.path),
                              QByteArray(static_cast<const char *>(git_blob_rawcontent(blob.get())),
                                         static_cast<qsizetype>(git_blob_rawsize(blob.get())))});
    }
    return content;
}

Result<void> Repository::moveBranch(const QString &branch, const QString &to, const std::optional<QString> &expected)
{
    const auto id = wholeId(to);
    if (!id)
        return noCommit(d->path, to);
    const auto before = expected ? wholeId(*expected) : std::nullopt;
    const auto moved = d->moveBranch(branch, *id, before, "follow");
    if (!moved)
        return moved.error();
    return {};
}

Result<void> Repository::setReference(const QString &name, const QString &to)
{
    const auto id = wholeId(to);
    if (!id)
        return noCommit(d->path, to);
    git_reference *raw = nullptr;
    const int code =
        git_reference_create(&raw, d->repository.get(), name.toUtf8().constData(), &*id, 1, "as the remote has it");
    const ReferenceHandle reference(raw);
    if (code != 0)
        return d->error(code, cannotWrite);
    return {};
}

Result<void> Repository::removeBranch(const QString &branch)
{
    const int code = git_reference_remove(d->repository.get(), refName(branch).constData());
    if (code != 0 && code != GIT_ENOTFOUND)
        return d->error(code, cannotWrite);
    return {};
}

} // namespace signalbox::git
