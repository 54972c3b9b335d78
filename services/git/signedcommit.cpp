// Commits in two steps, so that something may sign in between.

#include "services/git/gittext.h"
#include "services/git/repository_p.h"

namespace signalbox::git
{
namespace
{

// The commit object as git writes it, without a signature. An Error of libgit2's.
Result<QByteArray> commitText(git_repository *repository, const git_oid &treeId, const std::optional<git_oid> &parentId,
                              const QString &message, const Author &author, const QString &path)
{
    const auto failed = [&path](int code) { return gitError(code, GitText::tr(cannotWrite).arg(path)); };
    CommitParts parts;
    int code = parts.open(repository, treeId, parentId, author);
    if (code != 0)
        return failed(code);
    const git_commit *parents[] = {parts.parent.get()};
    git_buf buffer = GIT_BUF_INIT;
    code = git_commit_create_buffer(&buffer, repository, parts.signature.get(), parts.signature.get(), "UTF-8",
                                    message.toUtf8().constData(), parts.tree.get(), parts.parent ? 1 : 0, parents);
    const QByteArray text(buffer.ptr, static_cast<qsizetype>(buffer.size));
    git_buf_dispose(&buffer);
    if (code != 0)
        return failed(code);
    return text;
}

} // namespace

Result<PreparedCommit> Repository::prepare(const QString &branch, const QList<FileContent> &files,
                                           const QString &message, const Author &author)
{
    const auto before = d->tipId(branch);
    if (!before)
        return before.error();
    PreparedCommit prepared;
    prepared.branch = branch;
    if (*before)
        prepared.parent = hex(&**before);
    bool isSame = true;
    for (const FileContent &each : files) {
        const auto there = file(branch, each.path);
        if (!there)
            return there.error();
        isSame = isSame && *there && **there == each.content;
        if (*there && **there != each.content)
            return Error{ErrorKind::Invalid,
                         GitText::tr("The repository %1 already has %2 with other content; it was left as it is.")
                             .arg(d->path, each.path),
                         {}};
    }
    if (isSame && *before) {
        prepared.already = prepared.parent;
        return prepared;
    }
    const auto treeId = d->treeWith(branch, files);
    if (!treeId)
        return treeId.error();
    const auto text = commitText(d->repository.get(), *treeId, *before, message, author, d->path);
    if (!text)
        return text.error();
    prepared.text = *text;
    return prepared;
}

Result<PreparedCommit> Repository::prepareOn(const QString &parent, const QList<FileContent> &files,
                                             const QString &message, const Author &author)
{
    git_oid id;
    if (const int code = git_oid_fromstr(&id, parent.toLatin1().constData()); code != 0)
        return d->error(code, cannotRead);
    const auto baseline = d->treeOf(id);
    if (!baseline)
        return baseline.error();
    const auto treeId = d->treeWith(baseline->get(), files);
    if (!treeId)
        return treeId.error();
    const auto text = commitText(d->repository.get(), *treeId, id, message, author, d->path);
    if (!text)
        return text.error();
    return PreparedCommit{{}, parent, *text, {}};
}

Result<QString> Repository::commit(const PreparedCommit &prepared, const QByteArray &signature)
{
    if (prepared.already)
        return *prepared.already;
    git_oid id;
    QByteArray armoured = signature;
    while (armoured.endsWith('\n')) // or the header would end with an empty continuation line, unlike git's
        armoured.chop(1);
    int code = git_commit_create_with_signature(&id, d->repository.get(), prepared.text.constData(),
                                                armoured.isEmpty() ? nullptr : armoured.constData(), "gpgsig");
    if (code != 0)
        return d->error(code, cannotWrite);
    if (prepared.branch.isEmpty())
        return hex(&id);
    std::optional<git_oid> parent;
    if (prepared.parent) {
        parent.emplace();
        code = git_oid_fromstr(&*parent, prepared.parent->toLatin1().constData());
        if (code != 0)
            return d->error(code, cannotWrite);
    }
    const qsizetype body = prepared.text.indexOf("\n\n");
    const QByteArray subject = prepared.text.mid(body + 2).split('\n').first();
    return d->moveBranch(prepared.branch, id, parent, "commit: " + subject);
}

} // namespace signalbox::git
