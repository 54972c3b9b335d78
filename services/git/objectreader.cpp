#include "services/git/objectreader.h"

#include "services/git/gittext.h"
#include "services/git/repository_p.h"
#include "services/git/treetrail.h"

#include <git2/sys/odb_backend.h>

#include <QDir>
#include <QHash>

#include <algorithm>
#include <vector>

namespace signalbox::git
{
namespace
{

constexpr qsizetype mostKept = 64; // trees of one age, and as many of the one before
constexpr int mostDepth = 16;

// libgit2 would keep up to 256 MB of objects that are read once, and map whole packs. For the whole process: nothing
// else here reads that much, and what is fetched or pushed streams.
void limitMemory()
{
    static const bool once = [] {
        git_libgit2_opts(GIT_OPT_SET_CACHE_MAX_SIZE, static_cast<qsizetype>(16 * 1024 * 1024));
        git_libgit2_opts(GIT_OPT_SET_MWINDOW_SIZE, static_cast<size_t>(4 * 1024 * 1024));
        git_libgit2_opts(GIT_OPT_SET_MWINDOW_MAPPED_LIMIT, static_cast<size_t>(24 * 1024 * 1024));
        return true;
    }();
    Q_UNUSED(once)
}

} // namespace

class ObjectReader::Private
{
public:
    Library library; // outlives the handles
    RepositoryHandle repository;
    std::unique_ptr<git_odb, Freer<git_odb_free>> odb;
    QString path;
    TreeTrail trail;
    QHash<ObjectId, TreePointer> trees;
    QHash<ObjectId, TreePointer> olderTrees; // looked for before they are read again
    bool looksLater = false;
    std::vector<ObjectId> unseen; // made, and to be looked for yet

    Error damaged(const ObjectId &id) const
    {
        return {ErrorKind::Internal,
                GitText::tr(
                    "The repository %1 is damaged: the object %2 is not what git would write. Run \"git fsck\" there.")
                    .arg(path, QString::fromLatin1(id.hex())),
                {}};
    }

    // libgit2 is told not to hash what it reads (githandles.h). Its own hash sees the known collisions of SHA-1: of
    // such bytes there is no name.
    static std::optional<ObjectId> nameOf(git_object_t type, const void *data, size_t size)
    {
        git_oid name;
        if (git_odb_hash(&name, data, size, type) != 0)
            return std::nullopt;
        ObjectId id;
        std::copy_n(name.id, id.bytes.size(), id.bytes.begin());
        return id;
    }

    Result<QByteArray> proven(const ObjectId &id, git_object_t wanted, git_object_t type, const void *data,
                              size_t size) const
    {
        if (type != wanted || nameOf(type, data, size) != id)
            return damaged(id);
        return QByteArray(static_cast<const char *>(data), static_cast<qsizetype>(size));
    }

    // From where it lies, past the cache of libgit2: each object of a ledger is read once, and to keep them there and
    // let go of them again took a tenth of the time. None: not found, or something is wrong.
    std::optional<Result<QByteArray>> readOnce(const ObjectId &id, const git_oid &oid, git_object_t wanted) const
    {
        git_odb_backend *backend = nullptr;
        for (size_t i = 0; git_odb_get_backend(&backend, odb.get(), i) == 0; ++i) {
            void *data = nullptr;
            size_t size = 0;
            git_object_t type = GIT_OBJECT_INVALID;
            if (!backend->read || backend->read(&data, &size, &type, backend, &oid) != 0)
                continue;
            auto bytes = proven(id, wanted, type, data, size);
            git_odb_backend_data_free(backend, data);
            return bytes;
        }
        return std::nullopt;
    }

    Result<QByteArray> read(const ObjectId &id, git_object_t type) const
    {
        git_oid oid;
        git_oid_fromraw(&oid, id.bytes.data());
        if (auto bytes = readOnce(id, oid, type))
            return *std::move(bytes);
        git_odb_object *raw = nullptr; // it looks again for packs that are new
        const int code = git_odb_read(&raw, odb.get(), &oid);
        const std::unique_ptr<git_odb_object, Freer<git_odb_object_free>> object(raw);
        if (code == GIT_ENOTFOUND)
            return Error{
                ErrorKind::NotFound,
                GitText::tr("The repository %1 does not have the object %2: it is a shallow copy, or damaged. Fetch "
                            "all of it (git fetch --unshallow) and try again.")
                    .arg(path, QString::fromLatin1(id.hex())),
                {}};
        if (code != 0)
            return gitError(
                code,
                GitText::tr("The repository %1 is damaged at the object %2").arg(path, QString::fromLatin1(id.hex())));
        return proven(id, type, git_odb_object_type(object.get()), git_odb_object_data(object.get()),
                      git_odb_object_size(object.get()));
    }

    Result<TreePointer> tree(const ObjectId &id)
    {
        if (id.isNull())
            return TreePointer(std::make_shared<TreeObject>());
        if (const auto known = trees.constFind(id); known != trees.constEnd())
            return *known;
        TreePointer parsed = olderTrees.take(id);
        if (!parsed) {
            auto bytes = read(id, GIT_OBJECT_TREE);
            if (!bytes)
                return bytes.error();
            parsed = parseTree(*std::move(bytes));
        }
        if (!parsed)
            return damaged(id);
        keep(id, parsed);
        return parsed;
    }

    void keep(const ObjectId &id, const TreePointer &tree)
    {
        if (trees.size() >= mostKept) {
            olderTrees = std::move(trees);
            trees = {};
        }
        trees.insert(id, tree);
    }

    TreePointer kept(const ObjectId &id) const // null: it is not
    {
        return trees.contains(id) ? trees.value(id) : olderTrees.value(id);
    }

    bool isThere(const ObjectId &id) const;

    std::optional<TreeChange> stepBack(const ObjectId &from, const ObjectId &to);

    std::optional<Error> compareTrees(const ObjectId &from, const ObjectId &to, const QByteArray &prefix, int depth,
                                      qsizetype most, QList<TreeChange> &found);
    std::optional<Error> differ(const TreeEntry *before, const TreeEntry *after, const QByteArray &prefix, int depth,
                                qsizetype most, QList<TreeChange> &found);
};

bool ObjectReader::Private::isThere(const ObjectId &id) const
{
    git_oid oid;
    git_oid_fromraw(&oid, id.bytes.data());
    git_odb_backend *backend = nullptr;
    for (size_t i = 0; git_odb_get_backend(&backend, odb.get(), i) == 0; ++i) {
        if (backend->exists && backend->exists(backend, &oid) == 1)
            return true;
    }
    return false;
}

// What came from an older commit to a newer one, where that is one file more, the last one of all (TreeTrail). None: it
// is not, or what is older has to be read. That the older trees lie there is seen to: what is missing has to be told.
std::optional<TreeChange> ObjectReader::Private::stepBack(const ObjectId &from, const ObjectId &to)
{
    if (from.isNull() || (!trail.isAt(to) && !trail.begin(to, [this](const ObjectId &id) { return kept(id); })))
        return std::nullopt;
    auto change = trail.stepBack();
    if (!change)
        return std::nullopt;
    const auto isThereToo = [this](const ObjectId &id) { return isThere(id); };
    const bool isRight =
        trail.isAt(from) && (looksLater || std::all_of(trail.ids().begin(), trail.ids().end(), isThereToo));
    if (!isRight)
        trail.undo();
    else if (looksLater)
        unseen.insert(unseen.end(), trail.ids().begin(), trail.ids().end());
    if (!isRight || trail.isOver()) {
        for (TreeTrail::Made &made : trail.trees())
            keep(made.id, parseTree(std::move(made.bytes)));
        trail.reset();
    }
    return isRight ? change : std::nullopt;
}

// One name of which one side may be missing. A file that became a folder is two changes.
std::optional<Error> ObjectReader::Private::differ(const TreeEntry *before, const TreeEntry *after,
                                                   const QByteArray &prefix, int depth, qsizetype most,
                                                   QList<TreeChange> &found)
{
    const bool wasFolder = before && before->isFolder();
    const bool isFolder = after && after->isFolder();
    const QByteArray name = prefix + (before ? before->name : after->name).toByteArray();
    if ((wasFolder || isFolder) && depth < mostDepth) {
        const ObjectId from = wasFolder ? before->objectId() : ObjectId{};
        const ObjectId to = isFolder ? after->objectId() : ObjectId{};
        return compareTrees(from, to, name + '/', depth + 1, most, found);
    }
    TreeChange change;
    change.kind = !before ? TreeChange::Kind::Added : !after ? TreeChange::Kind::Removed : TreeChange::Kind::Modified;
    change.path = name;
    if (after) {
        change.mode = after->mode;
        change.id = after->objectId();
    }
    found.append(change);
    return std::nullopt;
}

std::optional<Error> ObjectReader::Private::compareTrees(const ObjectId &from, const ObjectId &to,
                                                         const QByteArray &prefix, int depth, qsizetype most,
                                                         QList<TreeChange> &found)
{
    const auto a = tree(from);
    if (!a)
        return a.error();
    const auto b = tree(to);
    if (!b)
        return b.error();
    const TreePointer before = *a; // the cache may let go of them meanwhile
    const TreePointer after = *b;
    size_t i = sameAtFront(*before, *after);
    size_t k = i;
    while ((i < before->entries.size() || k < after->entries.size()) && found.size() < most) {
        const TreeEntry *left = i < before->entries.size() ? &before->entries[i] : nullptr;
        const TreeEntry *right = k < after->entries.size() ? &after->entries[k] : nullptr;
        const int order = !left ? 1 : !right ? -1 : compare(*left, *right);
        if (order <= 0)
            ++i;
        if (order >= 0)
            ++k;
        if (order == 0 && left->isSame(*right))
            continue;
        if (auto error = differ(order <= 0 ? left : nullptr, order >= 0 ? right : nullptr, prefix, depth, most, found))
            return error;
    }
    return std::nullopt;
}

ObjectReader::ObjectReader(std::unique_ptr<Private> priv)
    : d(std::move(priv))
{}
ObjectReader::ObjectReader(ObjectReader &&) noexcept = default;
ObjectReader &ObjectReader::operator=(ObjectReader &&) noexcept = default;
ObjectReader::~ObjectReader() = default;

Result<ObjectReader> ObjectReader::open(const QString &path)
{
    auto priv = std::make_unique<Private>();
    priv->path = path;
    limitMemory();
    git_repository *raw = nullptr;
    const QByteArray name = QDir::toNativeSeparators(path).toUtf8();
    int code = git_repository_open_ext(&raw, name.constData(), GIT_REPOSITORY_OPEN_NO_SEARCH, nullptr);
    priv->repository.reset(raw);
    git_odb *odb = nullptr;
    if (code == 0)
        code = git_repository_odb(&odb, priv->repository.get());
    priv->odb.reset(odb);
    if (code != 0)
        return gitError(code, GitText::tr(cannotOpen).arg(path));
    return ObjectReader(std::move(priv));
}

Result<std::optional<ObjectId>> ObjectReader::tip(const QString &branch)
{
    git_oid id;
    const int code = git_reference_name_to_id(&id, d->repository.get(), refName(branch).constData());
    if (code == GIT_ENOTFOUND)
        return std::optional<ObjectId>();
    if (code != 0)
        return gitError(code, GitText::tr(cannotRead).arg(d->path));
    ObjectId found;
    std::copy_n(id.id, found.bytes.size(), found.bytes.begin());
    return std::optional(found);
}

Result<QByteArray> ObjectReader::commitText(const ObjectId &id)
{
    return d->read(id, GIT_OBJECT_COMMIT);
}

Result<QByteArray> ObjectReader::blob(const ObjectId &id, qsizetype most)
{
    git_oid oid;
    git_oid_fromraw(&oid, id.bytes.data());
    size_t size = 0;
    git_object_t type = GIT_OBJECT_INVALID;
    if (git_odb_read_header(&size, &type, d->odb.get(), &oid) == 0 && size > static_cast<size_t>(most))
        return Error{ErrorKind::Invalid,
                     GitText::tr("The object %1 of the repository %2 has %3 bytes, which is too much.")
                         .arg(QString::fromLatin1(id.hex()), d->path)
                         .arg(size),
                     {}};
    return d->read(id, GIT_OBJECT_BLOB);
}

Result<QList<TreeChange>> ObjectReader::changes(const ObjectId &from, const ObjectId &to, qsizetype most)
{
    if (auto added = d->stepBack(from, to); added && most > 0)
        return QList<TreeChange>{*std::move(added)};
    QList<TreeChange> found;
    if (auto error = d->compareTrees(from, to, {}, 0, most, found))
        return *error;
    return found;
}

void ObjectReader::lookLater()
{
    d->looksLater = true;
}

bool ObjectReader::areMadeThere()
{
    // In their order nearly every step through a pack's index meets what the one before it has brought near.
    std::sort(d->unseen.begin(), d->unseen.end(),
              [](const ObjectId &a, const ObjectId &b) { return a.bytes < b.bytes; });
    const bool areThere =
        std::all_of(d->unseen.begin(), d->unseen.end(), [this](const ObjectId &id) { return d->isThere(id); });
    d->unseen.clear();
    return areThere;
}

Result<std::optional<ObjectId>> ObjectReader::fileOf(const ObjectId &tree, QByteArrayView path)
{
    ObjectId at = tree;
    for (;;) {
        const qsizetype slash = path.indexOf('/');
        const QByteArrayView step = slash < 0 ? path : path.first(slash);
        const auto here = d->tree(at);
        if (!here)
            return here.error();
        const auto &entries = (*here)->entries;
        const auto entry =
            std::find_if(entries.begin(), entries.end(), [step](const TreeEntry &e) { return e.name == step; });
        if (entry == entries.end() || entry->isFolder() != (slash >= 0))
            return std::optional<ObjectId>();
        at = entry->objectId();
        if (slash < 0)
            return std::optional(at);
        path = path.sliced(slash + 1);
    }
}

bool ObjectReader::has(const ObjectId &id)
{
    git_oid oid;
    git_oid_fromraw(&oid, id.bytes.data());
    return git_odb_exists(d->odb.get(), &oid) == 1;
}

} // namespace signalbox::git
