#include "services/git/repositorymaker.h"

#include "services/git/gittext.h"
#include "services/git/repository_p.h"

#include <git2/sys/mempack.h>
#include <git2/sys/repository.h>

#include <QDir>

#include <vector>

namespace signalbox::git
{
namespace
{

using OdbHandle = std::unique_ptr<git_odb, Freer<git_odb_free>>;
using IndexerHandle = std::unique_ptr<git_indexer, Freer<git_indexer_free>>;
using PackHandle = std::unique_ptr<git_packbuilder, Freer<git_packbuilder_free>>;

Result<git_oid> idOf(const QString &hexText)
{
    git_oid id;
    const int code = git_oid_fromstr(&id, hexText.toLatin1().constData());
    if (code != 0)
        return gitError(code, hexText);
    return id;
}

} // namespace

class RepositoryMaker::Private
{
public:
    Library library;             // outlives the handles
    RepositoryHandle disk;       // made, and empty until the end
    RepositoryHandle repository; // in memory: nothing is looked for on disk
    QString path;

    Error error(int code) const { return gitError(code, GitText::tr(cannotWrite).arg(path)); }
    Result<CommitHandle> commit(const QString &id) const
    {
        const auto parsed = idOf(id);
        if (!parsed)
            return parsed.error();
        git_commit *raw = nullptr;
        if (const int code = git_commit_lookup(&raw, repository.get(), &*parsed); code != 0)
            return error(code);
        return CommitHandle(raw);
    }
    Result<TreeHandle> emptyTree() const
    {
        git_treebuilder *builder = nullptr;
        git_oid id;
        git_tree *raw = nullptr;
        int code = git_treebuilder_new(&builder, repository.get(), nullptr);
        if (code == 0)
            code = git_treebuilder_write(&id, builder);
        git_treebuilder_free(builder);
        if (code == 0)
            code = git_tree_lookup(&raw, repository.get(), &id);
        if (code != 0)
            return error(code);
        return TreeHandle(raw);
    }
    Result<TreeHandle> treeWith(const git_commit *parent, const QList<FileContent> &files) const;
    int write(git_packbuilder *pack) const;
    Result<QByteArray> text(const NewCommit &commit, const git_tree *tree,
                            const std::vector<CommitHandle> &parents) const;
};

// At once: git_packbuilder_write() would map and write the file for every few bytes.
int RepositoryMaker::Private::write(git_packbuilder *pack) const
{
    const QByteArray folder = QDir::toNativeSeparators(path + QStringLiteral("/objects/pack")).toUtf8();
    git_buf bytes = GIT_BUF_INIT;
    int code = git_packbuilder_write_buf(&bytes, pack);
    git_indexer *raw = nullptr;
    if (code == 0)
        code = git_indexer_new(&raw, folder.constData(), 0, nullptr, nullptr);
    const IndexerHandle indexer(raw);
    git_indexer_progress progress = {};
    if (code == 0)
        code = git_indexer_append(indexer.get(), bytes.ptr, bytes.size, &progress);
    git_buf_dispose(&bytes);
    return code == 0 ? git_indexer_commit(indexer.get(), &progress) : code;
}

RepositoryMaker::RepositoryMaker(std::unique_ptr<Private> priv)
    : d(std::move(priv))
{}
RepositoryMaker::RepositoryMaker(RepositoryMaker &&other) noexcept = default;
RepositoryMaker &RepositoryMaker::operator=(RepositoryMaker &&other) noexcept = default;
RepositoryMaker::~RepositoryMaker() = default;

Result<RepositoryMaker> RepositoryMaker::create(const QString &path, const QString &branch)
{
    auto priv = std::make_unique<Private>();
    priv->path = path;
    git_repository_init_options options = GIT_REPOSITORY_INIT_OPTIONS_INIT;
    options.flags = GIT_REPOSITORY_INIT_BARE | GIT_REPOSITORY_INIT_MKPATH | GIT_REPOSITORY_INIT_NO_REINIT;
    const QByteArray head = branch.toUtf8();
    options.initial_head = head.constData();
    git_repository *raw = nullptr;
    int code = git_repository_init_ext(&raw, QDir::toNativeSeparators(path).toUtf8().constData(), &options);
    priv->disk.reset(raw);
    git_odb *rawOdb = nullptr;
    if (code == 0)
        code = git_odb_new(&rawOdb);
    const OdbHandle objects(rawOdb);
    git_odb_backend *memory = nullptr;
    if (code == 0)
        code = git_mempack_new(&memory);
    if (code == 0)
        code = git_odb_add_backend(objects.get(), memory, 1); // which owns it from here on
    raw = nullptr;
    if (code == 0)
        code = git_repository_wrap_odb(&raw, objects.get());
    priv->repository.reset(raw);
    if (code != 0)
        return priv->error(code);
    return RepositoryMaker(std::move(priv));
}

Result<TreeHandle> RepositoryMaker::Private::treeWith(const git_commit *parent, const QList<FileContent> &files) const
{
    TreeHandle before;
    if (parent) {
        git_tree *raw = nullptr;
        if (const int code = git_commit_tree(&raw, parent); code != 0)
            return error(code);
        before.reset(raw);
    } else {
        auto empty = emptyTree(); // git_tree_create_updated wants one to start from
        if (!empty)
            return empty.error();
        before = std::move(*empty);
    }
    QList<QByteArray> names;
    std::vector<git_tree_update> updates;
    for (const FileContent &file : files) {
        git_oid blob;
        const int code = git_blob_create_from_buffer(&blob, repository.get(), file.content.constData(),
                                                     static_cast<size_t>(file.content.size()));
        if (code != 0)
            return error(code);
        names.append(file.path.toUtf8());
        updates.push_back({GIT_TREE_UPDATE_UPSERT, blob, GIT_FILEMODE_BLOB, names.last().constData()});
    }
    git_oid id;
    git_tree *raw = nullptr;
    int code = git_tree_create_updated(&id, repository.get(), before.get(), updates.size(), updates.data());
    if (code == 0)
        code = git_tree_lookup(&raw, repository.get(), &id);
    if (code != 0)
        return error(code);
    return TreeHandle(raw);
}

Result<QByteArray> RepositoryMaker::Private::text(const NewCommit &commit, const git_tree *tree,
                                                  const std::vector<CommitHandle> &parents) const
{
    const auto signatureOf = [](const Author &who) {
        git_signature *raw = nullptr; // null: refused below
        git_signature_new(&raw, who.name.toUtf8().constData(), who.email.toUtf8().constData(),
                          who.at.toSecsSinceEpoch(), 0);
        return SignatureHandle(raw);
    };
    const SignatureHandle author = signatureOf(commit.author);
    const SignatureHandle committer = signatureOf(commit.committer.at.isValid() ? commit.committer : commit.author);
    if (!author || !committer)
        return error(-1);
    std::vector<const git_commit *> all;
    for (const CommitHandle &parent : parents)
        all.push_back(parent.get());
    git_buf buffer = GIT_BUF_INIT;
    const int code = git_commit_create_buffer(&buffer, repository.get(), author.get(), committer.get(), nullptr,
                                              commit.message.toUtf8().constData(), tree, all.size(), all.data());
    const QByteArray made(buffer.ptr, static_cast<qsizetype>(buffer.size));
    git_buf_dispose(&buffer);
    if (code != 0)
        return error(code);
    return made;
}

Result<QString> RepositoryMaker::add(const NewCommit &commit, const CommitSigner &signer)
{
    std::vector<CommitHandle> parents;
    for (const QString &id : commit.parents) {
        auto parent = d->commit(id);
        if (!parent)
            return parent.error();
        parents.push_back(std::move(*parent));
    }
    const auto tree = d->treeWith(parents.empty() ? nullptr : parents.front().get(), commit.files);
    if (!tree)
        return tree.error();
    const auto text = d->text(commit, tree->get(), parents);
    if (!text)
        return text.error();
    QByteArray signature;
    if (signer) {
        const auto made = signer(*text);
        if (!made)
            return made.error();
        signature = made->trimmed(); // or the header would end with an empty continuation line, unlike git's
    }
    git_oid id;
    const int code = git_commit_create_with_signature(&id, d->repository.get(), text->constData(),
                                                      signature.isEmpty() ? nullptr : signature.constData(), "gpgsig");
    if (code != 0)
        return d->error(code);
    return hex(&id);
}

Result<void> RepositoryMaker::finish(const QMap<QString, QString> &references)
{
    git_repository *handle = d->repository.get();
    git_revwalk *rawWalk = nullptr;
    int code = git_revwalk_new(&rawWalk, handle);
    const RevwalkHandle walk(rawWalk);
    git_packbuilder *rawPack = nullptr;
    if (code == 0)
        code = git_packbuilder_new(&rawPack, handle);
    const PackHandle pack(rawPack);
    for (auto it = references.cbegin(); it != references.cend() && code == 0; ++it) {
        const auto id = idOf(it.value());
        if (!id)
            return id.error();
        code = git_revwalk_push(walk.get(), &*id);
    }
    if (code == 0)
        code = git_packbuilder_insert_walk(pack.get(), walk.get());
    if (code == 0)
        code = d->write(pack.get());
    for (auto it = references.cbegin(); it != references.cend() && code == 0; ++it) {
        const auto id = idOf(it.value());
        if (!id)
            return id.error();
        git_reference *raw = nullptr;
        code = git_reference_create(&raw, d->disk.get(), it.key().toUtf8().constData(), &*id, 0, nullptr);
        const ReferenceHandle reference(raw);
    }
    if (code != 0)
        return d->error(code);
    return {};
}

} // namespace signalbox::git
