#include "services/git/conversation.h"
#include "services/git/githandles.h"
#include "services/git/gittext.h"
#include "services/git/stalelocks.h"

#include <git2/odb_backend.h>

#include <QDir>
#include <QSet>

// libgit2's push to a plain path reads the reference, copies and then sets it whatever it is by then: of two pushers
// one would be lost. Here objects are copied first, what is pointed to before what points, and the reference is moved
// last, under its lock and only from what was expected.
namespace signalbox::git
{

namespace
{

// More commits than that travel as one pack, as with git (receive.unpackLimit).
constexpr int looseLimit = 50;

using OdbHandle = std::unique_ptr<git_odb, Freer<git_odb_free>>;
using OdbObjectHandle = std::unique_ptr<git_odb_object, Freer<git_odb_object_free>>;
using PackHandle = std::unique_ptr<git_packbuilder, Freer<git_packbuilder_free>>;
using IteratorHandle = std::unique_ptr<git_reference_iterator, Freer<git_reference_iterator_free>>;

struct WritepackFreer
{
    void operator()(git_odb_writepack *pack) const { pack->free(pack); }
};

class PathPush
{
public:
    PathPush(Operation &operation, const RefUpdate &update)
        : m_operation(operation)
        , m_update(update)
        , m_name(update.name.toUtf8())
    {}

    Result<void> run(const QString &local);

private:
    Error error(int code) const
    {
        if (m_operation.problem)
            return *m_operation.problem;
        return gitError(code, GitText::tr("The repository %1 did not take the push of %2")
                                  .arg(m_operation.access.url.shown, m_update.name));
    }
    Result<void> open(const QString &local);
    Result<std::optional<git_oid>> tip() const;
    Error moved(const std::optional<git_oid> &now) const;
    Result<RevwalkHandle> walk() const;
    Result<std::vector<git_oid>> missingCommits() const; // newest first
    int copyLoose(const git_oid &commit);
    int copyTree(const git_oid &id);
    int copyObject(const git_oid &id);
    Result<void> copyPack();
    Result<void> moveRef();
    int swapRef() const;

    Operation &m_operation;
    const RefUpdate &m_update;
    const QByteArray m_name;
    Library m_library; // outlives the handles
    RepositoryHandle m_source;
    RepositoryHandle m_target;
    OdbHandle m_from;
    OdbHandle m_to;
    git_oid m_id{};
};

Result<void> PathPush::open(const QString &local)
{
    const auto opened = [](const QString &path, RepositoryHandle &handle, OdbHandle &odb) {
        git_repository *raw = nullptr;
        int code = git_repository_open_ext(&raw, QDir::toNativeSeparators(path).toUtf8().constData(),
                                           GIT_REPOSITORY_OPEN_NO_SEARCH, nullptr);
        handle.reset(raw);
        git_odb *rawOdb = nullptr;
        if (code == 0)
            code = git_repository_odb(&rawOdb, raw);
        odb.reset(rawOdb);
        return code;
    };
    if (const int code = opened(local, m_source, m_from); code != 0)
        return gitError(code, GitText::tr("The repository %1 cannot be opened").arg(local));
    const QString path = m_operation.access.url.path;
    if (!QDir(path).exists())
        return Error{ErrorKind::NotFound, GitText::tr("There is no folder %1. Check the path.").arg(path), {}};
    if (const int code = opened(path, m_target, m_to); code != 0)
        return gitError(code, GitText::tr("The repository %1 cannot be opened").arg(path));
    if (git_oid_fromstr(&m_id, m_update.id.toLatin1().constData()) != 0 || !git_odb_exists(m_from.get(), &m_id))
        return Error{ErrorKind::Invalid, GitText::tr("%1 has no commit \"%2\" to push.").arg(local, m_update.id), {}};
    git_reference *head = nullptr;
    if (!git_repository_is_bare(m_target.get()) && git_reference_lookup(&head, m_target.get(), "HEAD") == 0) {
        const ReferenceHandle handle(head);
        const char *checkedOut = git_reference_symbolic_target(head);
        if (checkedOut && m_name == checkedOut)
            return Error{ErrorKind::Refused,
                         GitText::tr("%1 has %2 checked out: a push would leave its files behind. Push to a bare "
                                     "repository.")
                             .arg(path, m_update.name),
                         {}};
    }
    return {};
}

Result<std::optional<git_oid>> PathPush::tip() const
{
    git_oid id;
    const int code = git_reference_name_to_id(&id, m_target.get(), m_name.constData());
    if (code == GIT_ENOTFOUND)
        return std::optional<git_oid>();
    if (code != 0)
        return error(code);
    return std::optional(id);
}

Error PathPush::moved(const std::optional<git_oid> &now) const
{
    const QString nothing = GitText::tr("nothing");
    return {
        ErrorKind::Conflict,
        GitText::tr("%1 of %2 has moved: expected was %3, it has %4 now. Nothing was pushed; look at what is new and "
                    "try again.")
            .arg(m_update.name, m_operation.access.url.shown, m_update.expected ? m_update.expected->left(10) : nothing,
                 now ? hex(&*now).left(10) : nothing),
        {}};
}

// Everything the target's references do not reach.
Result<RevwalkHandle> PathPush::walk() const
{
    git_revwalk *raw = nullptr;
    int code = git_revwalk_new(&raw, m_source.get());
    RevwalkHandle walk(raw);
    if (code == 0)
        code = git_revwalk_push(walk.get(), &m_id);
    git_reference_iterator *rawIterator = nullptr;
    if (code == 0)
        code = git_reference_iterator_new(&rawIterator, m_target.get());
    const IteratorHandle iterator(rawIterator);
    if (code != 0)
        return error(code);
    git_reference *rawReference = nullptr;
    while (git_reference_next(&rawReference, iterator.get()) == 0) {
        const ReferenceHandle reference(rawReference);
        const git_oid *there = git_reference_target(rawReference);
        git_commit *commit = nullptr;
        if (there && git_commit_lookup(&commit, m_source.get(), there) == 0)
            git_revwalk_hide(walk.get(), there);
        git_commit_free(commit);
    }
    return walk;
}

Result<std::vector<git_oid>> PathPush::missingCommits() const
{
    const auto found = walk();
    if (!found)
        return found.error();
    std::vector<git_oid> commits;
    git_oid id;
    int code = 0;
    while ((code = git_revwalk_next(&id, found->get())) == 0)
        commits.push_back(id);
    if (code != GIT_ITEROVER)
        return error(code);
    return commits;
}

int PathPush::copyObject(const git_oid &id)
{
    git_odb_object *raw = nullptr;
    if (const int code = git_odb_read(&raw, m_from.get(), &id); code != 0)
        return code;
    const OdbObjectHandle object(raw);
    git_oid written;
    return git_odb_write(&written, m_to.get(), git_odb_object_data(raw), git_odb_object_size(raw),
                         git_odb_object_type(raw));
}

int PathPush::copyTree(const git_oid &id)
{
    if (m_operation.isStopped())
        return -1;
    if (git_odb_exists(m_to.get(), &id)) // and so all below it: nothing is written before what it points to
        return 0;
    git_tree *raw = nullptr;
    if (const int code = git_tree_lookup(&raw, m_source.get(), &id); code != 0)
        return code;
    const TreeHandle tree(raw);
    for (size_t i = 0; i < git_tree_entrycount(raw); ++i) {
        const git_tree_entry *entry = git_tree_entry_byindex(raw, i);
        const git_oid *below = git_tree_entry_id(entry);
        int code = 0;
        if (git_tree_entry_type(entry) == GIT_OBJECT_TREE)
            code = copyTree(*below);
        else if (git_tree_entry_type(entry) == GIT_OBJECT_BLOB && !git_odb_exists(m_to.get(), below))
            code = copyObject(*below);
        if (code != 0)
            return code;
    }
    return copyObject(id);
}

int PathPush::copyLoose(const git_oid &commit)
{
    git_commit *raw = nullptr;
    if (const int code = git_commit_lookup(&raw, m_source.get(), &commit); code != 0)
        return code;
    const CommitHandle handle(raw);
    if (const int code = copyTree(*git_commit_tree_id(raw)); code != 0)
        return code;
    return copyObject(commit);
}

Result<void> PathPush::copyPack()
{
    const auto commits = walk();
    if (!commits)
        return commits.error();
    git_packbuilder *rawBuilder = nullptr;
    int code = git_packbuilder_new(&rawBuilder, m_source.get());
    const PackHandle builder(rawBuilder);
    if (code == 0)
        code = git_packbuilder_insert_walk(rawBuilder, commits->get());
    struct Sink
    {
        git_odb_writepack *pack = nullptr;
        git_indexer_progress stats{};
        Operation *operation = nullptr;
    } sink;
    sink.operation = &m_operation;
    if (code == 0)
        code = git_odb_write_pack(&sink.pack, m_to.get(), nullptr, nullptr);
    if (code != 0)
        return error(code);
    const std::unique_ptr<git_odb_writepack, WritepackFreer> pack(sink.pack);
    const auto append = [](void *bytes, size_t size, void *payload) {
        auto *into = static_cast<Sink *>(payload);
        into->operation->tell(RemoteProgress::Phase::Sending, into->stats.received_objects, into->stats.total_objects,
                              static_cast<qint64>(into->stats.received_bytes));
        return into->operation->isStopped() ? -1 : into->pack->append(into->pack, bytes, size, &into->stats);
    };
    code = git_packbuilder_foreach(rawBuilder, append, &sink);
    if (code == 0)
        code = pack->commit(pack.get(), &sink.stats);
    if (code != 0)
        return error(code);
    return {};
}

int PathPush::swapRef() const
{
    git_reference *raw = nullptr;
    git_oid expected{};
    if (m_update.expected)
        git_oid_fromstr(&expected, m_update.expected->toLatin1().constData());
    const int code =
        m_update.expected
            ? git_reference_create_matching(&raw, m_target.get(), m_name.constData(), &m_id, 1, &expected, "push")
            : git_reference_create(&raw, m_target.get(), m_name.constData(), &m_id, 0, "push");
    git_reference_free(raw);
    return code;
}

Result<void> PathPush::moveRef()
{
    int code = swapRef();
    if (code == GIT_ELOCKED) {
        const QString folder = QString::fromUtf8(git_repository_path(m_target.get()));
        if (removeStaleLock(folder + m_update.name + QStringLiteral(".lock")))
            code = swapRef();
    }
    if (code == 0)
        return {};
    const Error why = error(code);
    if (code == GIT_ELOCKED)
        return Error{ErrorKind::Conflict,
                     GitText::tr("Another program is moving %1 of %2 right now. Nothing was pushed; try again.")
                         .arg(m_update.name, m_operation.access.url.shown),
                     why.detail};
    const auto now = tip();
    if (!now)
        return now.error();
    return code == GIT_EMODIFIED || code == GIT_EEXISTS || code == GIT_ENOTFOUND ? moved(*now) : why;
}

Result<void> PathPush::run(const QString &local)
{
    if (m_operation.isStopped())
        return *m_operation.problem;
    if (const auto opened = open(local); !opened)
        return opened;
    const auto now = tip();
    if (!now)
        return now.error();
    if (*now && git_oid_equal(&**now, &m_id))
        return {};
    if ((*now ? std::optional(hex(&**now)) : std::nullopt) != m_update.expected)
        return moved(*now);
    if (*now) {
        const int isAhead = git_graph_descendant_of(m_source.get(), &m_id, &**now);
        if (isAhead != 1)
            return Error{ErrorKind::Conflict,
                         GitText::tr("%1 does not follow what %2 of %3 has, so pushing it would lose commits.")
                             .arg(m_update.id.left(10), m_update.name, m_operation.access.url.shown),
                         {}};
    }
    const auto commits = missingCommits();
    if (!commits)
        return commits.error();
    if (commits->size() > looseLimit) {
        if (const auto copied = copyPack(); !copied)
            return copied;
    } else {
        for (auto it = commits->rbegin(); it != commits->rend(); ++it) { // parents first
            if (const int code = copyLoose(*it); code != 0)
                return error(code);
        }
    }
    if (m_operation.isStopped())
        return *m_operation.problem;
    return moveRef();
}

} // namespace

Result<void> pushToPath(Operation &operation, const QString &repository, const RefUpdate &update)
{
    return PathPush(operation, update).run(repository);
}

} // namespace signalbox::git
