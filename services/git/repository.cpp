#include "services/git/repository.h"

#include "services/git/gittext.h"
#include "services/git/gittime.h"
#include "services/git/repository_p.h"

#include <QDir>
#include <QFileInfo>
#include <QUuid>

#include <utility>
#include <vector>

namespace signalbox::git
{

QByteArray refName(const QString &branch)
{
    return "refs/heads/" + branch.toUtf8();
}

Error gitError(int code, const QString &what)
{
    const git_error *last = git_error_last();
    const QString reason =
        last && last->message ? QString::fromUtf8(last->message) : GitText::tr("libgit2 error %1").arg(code);
    const ErrorKind kind = code == GIT_ENOTFOUND                          ? ErrorKind::NotFound
                           : code == GIT_EMODIFIED || code == GIT_EEXISTS ? ErrorKind::Conflict
                           : code == GIT_ELOCKED                          ? ErrorKind::Conflict
                                                                          : ErrorKind::Internal;
    return {kind, QStringLiteral("%1: %2.").arg(what, reason), QStringLiteral("libgit2 %1").arg(code)};
}

QString hex(const git_oid *id)
{
    char buffer[GIT_OID_HEXSZ + 1] = {};
    git_oid_tostr(buffer, sizeof buffer, id);
    return QString::fromLatin1(buffer);
}

namespace
{

// Of the user's own configuration; empty where it does not say.
QStringList configured(std::initializer_list<const char *> keys)
{
    const Library library;
    QStringList values;
    git_config *raw = nullptr;
    const int code = git_config_open_default(&raw);
    const ConfigHandle config(raw);
    for (const char *key : keys) {
        git_buf buffer = GIT_BUF_INIT;
        const bool isThere = code == 0 && git_config_get_string_buf(&buffer, config.get(), key) == 0;
        values.append(isThere ? QString::fromUtf8(buffer.ptr) : QString());
        git_buf_dispose(&buffer);
    }
    return values;
}

} // namespace

Author configuredAuthor()
{
    const QStringList values = configured({"user.name", "user.email"});
    return {values.at(0), values.at(1), {}};
}

QString configuredSigningKey()
{
    const QStringList values = configured({"gpg.format", "user.signingkey"});
    return values.at(0) == QLatin1String("ssh") ? values.at(1) : QString();
}

Error Repository::Private::error(int code, const char *sentence) const
{
    return gitError(code, GitText::tr(sentence).arg(path));
}

Repository::Repository(std::unique_ptr<Private> priv)
    : d(std::move(priv))
{}
Repository::Repository(Repository &&other) noexcept = default;
Repository &Repository::operator=(Repository &&other) noexcept = default;
Repository::~Repository() = default;

namespace
{

int initBare(const QString &path, const QString &branch)
{
    git_repository_init_options options = GIT_REPOSITORY_INIT_OPTIONS_INIT;
    options.flags = GIT_REPOSITORY_INIT_BARE | GIT_REPOSITORY_INIT_MKPATH;
    const QByteArray head = branch.toUtf8();
    options.initial_head = head.constData();
    git_repository *made = nullptr;
    const int code = git_repository_init_ext(&made, QDir::toNativeSeparators(path).toUtf8().constData(), &options);
    const RepositoryHandle closed(made);
    return code;
}

// Others may be at it in this very moment, and nobody may find half a repository: it is made beside and moved. Whoever
// comes second finds the first one's. A folder that is there already is filled.
int createBare(const QString &path, const QString &branch)
{
    if (QFileInfo::exists(path))
        return initBare(path, branch);
    const QString beside =
        QDir::cleanPath(path) + QLatin1String(".new-") + QUuid::createUuid().toString(QUuid::WithoutBraces);
    if (const int code = initBare(beside, branch); code != 0)
        return code;
    if (!QDir().rename(beside, path))
        QDir(beside).removeRecursively();
    return 0;
}

} // namespace

Result<Repository> Repository::openOrCreateBare(const QString &path, const QString &branch)
{
    auto priv = std::make_unique<Private>();
    priv->path = path;
    git_repository *raw = nullptr;
    const QByteArray name = QDir::toNativeSeparators(path).toUtf8(); // libgit2 takes UTF-8 everywhere
    int code = git_repository_open_bare(&raw, name.constData());
    if (code == GIT_ENOTFOUND) {
        code = createBare(path, branch);
        if (code == 0)
            code = git_repository_open_bare(&raw, name.constData());
    }
    priv->repository.reset(raw);
    if (code != 0)
        return priv->error(code, cannotOpen);
    return Repository(std::move(priv));
}

Result<std::optional<git_oid>> Repository::Private::tipId(const QString &branch) const
{
    git_oid id;
    const int code = git_reference_name_to_id(&id, repository.get(), refName(branch).constData());
    if (code == GIT_ENOTFOUND)
        return std::optional<git_oid>();
    if (code != 0)
        return error(code, cannotRead);
    return std::optional(id);
}

Result<CommitHandle> Repository::Private::commit(const git_oid &id) const
{
    git_commit *raw = nullptr;
    if (const int code = git_commit_lookup(&raw, repository.get(), &id); code != 0)
        return error(code, cannotRead);
    return CommitHandle(raw);
}

Result<TreeHandle> Repository::Private::tree(const QString &branch) const
{
    const auto tip = tipId(branch);
    if (!tip)
        return tip.error();
    return *tip ? treeOf(**tip) : Result<TreeHandle>(TreeHandle());
}

Result<TreeHandle> Repository::Private::treeOf(const git_oid &id) const
{
    const auto head = commit(id);
    if (!head)
        return head.error();
    git_tree *raw = nullptr;
    if (const int code = git_commit_tree(&raw, head->get()); code != 0)
        return error(code, cannotRead);
    return TreeHandle(raw);
}

Result<std::optional<QString>> Repository::tip(const QString &branch) const
{
    const auto id = d->tipId(branch);
    if (!id)
        return id.error();
    return *id ? std::optional(hex(&**id)) : std::nullopt;
}

Result<std::optional<QByteArray>> Repository::file(const QString &branch, const QString &path) const
{
    const auto tree = d->tree(branch);
    if (!tree)
        return tree.error();
    if (!*tree)
        return std::optional<QByteArray>();
    git_tree_entry *raw = nullptr;
    int code = git_tree_entry_bypath(&raw, tree->get(), path.toUtf8().constData());
    const TreeEntryHandle entry(raw);
    if (code == GIT_ENOTFOUND)
        return std::optional<QByteArray>();
    git_blob *rawBlob = nullptr;
    if (code == 0)
        code = git_blob_lookup(&rawBlob, d->repository.get(), git_tree_entry_id(entry.get()));
    const BlobHandle blob(rawBlob);
    if (code != 0)
        return d->error(code, cannotRead);
    return std::optional(QByteArray(static_cast<const char *>(git_blob_rawcontent(blob.get())),
                                    static_cast<qsizetype>(git_blob_rawsize(blob.get()))));
}

Result<QString> Repository::addFile(const QString &branch, const QString &path, const QByteArray &content,
                                    const QString &message, const Author &author)
{
    const auto before = d->tipId(branch);
    if (!before)
        return before.error();
    const auto there = file(branch, path);
    if (!there)
        return there.error();
    if (*there && **there == content)
        return hex(&**before);
    if (*there)
        return Error{ErrorKind::Invalid,
                     GitText::tr("The repository %1 already has %2 with other content; it was left as it is.")
                         .arg(d->path, path),
                     {}};
    const auto treeId = d->treeWith(branch, {{path, content}});
    if (!treeId)
        return treeId.error();
    return d->commitTree(branch, *treeId, *before, message, author);
}

Result<git_oid> Repository::Private::treeWith(const QString &branch, const QList<FileContent> &files) const
{
    const auto baseline = tree(branch);
    return baseline ? treeWith(baseline->get(), files) : baseline.error();
}

Result<git_oid> Repository::Private::treeWith(const git_tree *baseline, const QList<FileContent> &files) const
{
    git_repository *handle = repository.get();
    int code = 0;
    TreeHandle empty;
    if (!baseline) { // git_tree_create_updated wants a tree to start from
        git_treebuilder *builder = nullptr;
        git_oid emptyId;
        git_tree *raw = nullptr;
        code = git_treebuilder_new(&builder, handle, nullptr);
        if (code == 0)
            code = git_treebuilder_write(&emptyId, builder);
        git_treebuilder_free(builder);
        if (code == 0)
            code = git_tree_lookup(&raw, handle, &emptyId);
        empty.reset(raw);
        if (code != 0)
            return error(code, cannotWrite);
    }
    QList<QByteArray> names;
    std::vector<git_tree_update> updates;
    for (const FileContent &file : files) {
        git_oid blob;
        code = git_blob_create_from_buffer(&blob, handle, file.content.constData(),
                                           static_cast<size_t>(file.content.size()));
        if (code != 0)
            return error(code, cannotWrite);
        names.append(file.path.toUtf8());
        updates.push_back({GIT_TREE_UPDATE_UPSERT, blob, GIT_FILEMODE_BLOB, names.last().constData()});
    }
    git_oid treeId;
    code = git_tree_create_updated(&treeId, handle, const_cast<git_tree *>(baseline ? baseline : empty.get()),
                                   updates.size(), updates.data()); // libgit2 only reads it
    if (code != 0)
        return error(code, cannotWrite);
    return treeId;
}

int CommitParts::open(git_repository *repository, const git_oid &treeId, const std::optional<git_oid> &parentId,
                      const Author &author)
{
    git_tree *rawTree = nullptr;
    int code = git_tree_lookup(&rawTree, repository, &treeId);
    tree.reset(rawTree);
    git_signature *rawSignature = nullptr;
    if (code == 0)
        code = git_signature_new(&rawSignature, author.name.toUtf8().constData(), author.email.toUtf8().constData(),
                                 author.at.toSecsSinceEpoch(), 0);
    signature.reset(rawSignature);
    git_commit *rawParent = nullptr;
    if (code == 0 && parentId)
        code = git_commit_lookup(&rawParent, repository, &*parentId);
    parent.reset(rawParent);
    return code;
}

Result<QString> Repository::Private::commitTree(const QString &branch, const git_oid &treeId,
                                                const std::optional<git_oid> &parentId, const QString &message,
                                                const Author &author) const
{
    CommitParts parts;
    int code = parts.open(repository.get(), treeId, parentId, author);
    if (code != 0)
        return error(code, cannotWrite);
    const git_commit *parents[] = {parts.parent.get()};
    git_oid id;
    code = git_commit_create(&id, repository.get(), nullptr, parts.signature.get(), parts.signature.get(), "UTF-8",
                             message.toUtf8().constData(), parts.tree.get(), parts.parent ? 1 : 0, parents);
    if (code != 0)
        return error(code, cannotWrite);
    return moveBranch(branch, id, parentId, "commit: " + message.section(QLatin1Char('\n'), 0, 0).toUtf8());
}

Result<QString> Repository::Private::moveBranch(const QString &branch, const git_oid &id,
                                                const std::optional<git_oid> &expected, const QByteArray &reason) const
{
    git_reference *rawReference = nullptr;
    const QByteArray name = refName(branch);
    // A branch that should not be there yet is made without force: it fails when another writer was first.
    const int code =
        expected ? git_reference_create_matching(&rawReference, repository.get(), name.constData(), &id, 1, &*expected,
                                                 reason.constData())
                 : git_reference_create(&rawReference, repository.get(), name.constData(), &id, 0, reason.constData());
    const ReferenceHandle reference(rawReference);
    if (code != 0)
        return error(code, cannotMove);
    return hex(&id);
}

Result<QStringList> Repository::lastFiles(const QString &branch, const QString &folder, int count) const
{
    const auto root = d->tree(branch);
    if (!root)
        return root.error();
    QStringList found;
    if (!*root)
        return found;
    git_tree_entry *raw = nullptr;
    int code = git_tree_entry_bypath(&raw, root->get(), folder.toUtf8().constData());
    const TreeEntryHandle entry(raw);
    if (code == GIT_ENOTFOUND)
        return found;
    git_tree *rawTree = nullptr;
    if (code == 0)
        code = git_tree_lookup(&rawTree, d->repository.get(), git_tree_entry_id(entry.get()));
    const TreeHandle tree(rawTree);
    if (code == 0)
        code = d->lastFilesOf(tree.get(), folder, count, found);
    if (code != 0)
        return d->error(code, cannotRead);
    return found;
}

int Repository::Private::lastFilesOf(const git_tree *tree, const QString &prefix, int count, QStringList &found) const
{
    for (size_t i = git_tree_entrycount(tree); i > 0 && found.size() < count; --i) {
        const git_tree_entry *entry = git_tree_entry_byindex(tree, i - 1); // sorted by name
        const QString below = prefix + QLatin1Char('/') + QString::fromUtf8(git_tree_entry_name(entry));
        if (git_tree_entry_type(entry) == GIT_OBJECT_BLOB) {
            found.append(below);
            continue;
        }
        if (git_tree_entry_type(entry) != GIT_OBJECT_TREE)
            continue;
        git_tree *raw = nullptr;
        if (const int code = git_tree_lookup(&raw, repository.get(), git_tree_entry_id(entry)); code != 0)
            return code;
        const TreeHandle child(raw);
        if (const int code = lastFilesOf(child.get(), below, count, found); code != 0)
            return code;
    }
    return 0;
}

Result<QList<Commit>> Repository::log(const QString &branch, int count) const
{
    QList<Commit> commits;
    const auto tip = d->tipId(branch);
    if (!tip)
        return tip.error();
    if (!*tip)
        return commits;
    git_revwalk *raw = nullptr;
    int code = git_revwalk_new(&raw, d->repository.get());
    const RevwalkHandle walk(raw);
    if (code == 0)
        code = git_revwalk_push(walk.get(), &**tip);
    git_oid id;
    while (code == 0 && commits.size() < count && (code = git_revwalk_next(&id, walk.get())) == 0) {
        const auto found = d->commit(id);
        if (!found)
            return found.error();
        const git_signature *author = git_commit_author(found->get());
        Commit commit;
        commit.id = hex(&id);
        for (unsigned i = 0; i < git_commit_parentcount(found->get()); ++i)
            commit.parents.append(hex(git_commit_parent_id(found->get(), i)));
        commit.author = {QString::fromUtf8(author->name), QString::fromUtf8(author->email), timeOf(author->when)};
        commit.message = QString::fromUtf8(git_commit_message(found->get()));
        commits.append(commit);
    }
    if (code != 0 && code != GIT_ITEROVER)
        return d->error(code, cannotRead);
    return commits;
}

} // namespace signalbox::git
