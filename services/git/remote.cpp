#include "services/git/remote.h"

#include "services/git/conversation.h"
#include "services/git/githandles.h"
#include "services/git/gittext.h"

#include <QDir>

#include <utility>
#include <vector>

namespace signalbox::git
{

namespace
{

using RemoteHandle = std::unique_ptr<git_remote, Freer<git_remote_free>>;

// Of a call: the library, the local repository, libgit2's remote and what it calls back.
struct Session
{
    Library library; // outlives the handles
    Operation &operation;
    RepositoryHandle repository;
    RemoteHandle remote;
    const RefUpdate *update = nullptr; // of a push

    Error error(int code) const;
    Result<void> open(const QString &path);
};

Operation &operationOf(void *payload)
{
    return *static_cast<Operation *>(payload);
}

int receiving(const git_indexer_progress *stats, void *payload)
{
    Operation &operation = operationOf(payload);
    const bool hasAll = stats->total_objects > 0 && stats->received_objects >= stats->total_objects;
    operation.tell(hasAll ? RemoteProgress::Phase::Resolving : RemoteProgress::Phase::Receiving,
                   hasAll ? stats->indexed_objects : stats->received_objects, stats->total_objects,
                   static_cast<qint64>(stats->received_bytes));
    return operation.isStopped() ? -1 : 0;
}

int sending(unsigned current, unsigned total, size_t bytes, void *payload)
{
    Operation &operation = operationOf(payload);
    operation.tell(RemoteProgress::Phase::Sending, current, total, static_cast<qint64>(bytes));
    return operation.isStopped() ? -1 : 0;
}

int remarked(const char *text, int size, void *payload)
{
    Operation &operation = operationOf(payload);
    if (operation.remark.size() < 2000)
        operation.remark += tamed(QByteArray(text, size), 500) + QLatin1Char(' ');
    return operation.isStopped() ? -1 : 0;
}

int rejected(const char *, const char *status, void *payload)
{
    if (status)
        operationOf(payload).rejection = tamed(QByteArray(status));
    return 0;
}

git_remote_callbacks callbacksFor(Operation &operation)
{
    git_remote_callbacks callbacks = GIT_REMOTE_CALLBACKS_INIT;
    callbacks.payload = &operation;
    callbacks.transport = makeTransport;
    callbacks.transfer_progress = receiving;
    callbacks.push_transfer_progress = sending;
    callbacks.sideband_progress = remarked;
    callbacks.push_update_reference = rejected;
    return callbacks;
}

Error Session::error(int code) const
{
    if (operation.problem)
        return *operation.problem;
    const QString shown = operation.access.url.shown;
    if (code == GIT_EOWNER)
        return {
            ErrorKind::Refused,
            GitText::tr("%1 belongs to another user of this machine, and git trusts only what is yours. If it is to be "
                        "trusted: git config --global --add safe.directory %1")
                .arg(shown),
            {}};
    if (operation.access.url.kind == RemoteUrl::Kind::Path && !QDir(operation.access.url.path).exists())
        return {ErrorKind::NotFound, GitText::tr("There is no folder %1. Check the path.").arg(shown), {}};
    Error found = gitError(code, GitText::tr("The repository %1 cannot be reached").arg(shown));
    if (found.kind == ErrorKind::Internal)
        found.kind = operation.access.url.kind == RemoteUrl::Kind::Path ? ErrorKind::Invalid : ErrorKind::Protocol;
    return found;
}

Result<void> Session::open(const QString &path)
{
    int code = 0;
    if (!path.isEmpty()) {
        git_repository *raw = nullptr;
        code = git_repository_open_ext(&raw, QDir::toNativeSeparators(path).toUtf8().constData(),
                                       GIT_REPOSITORY_OPEN_NO_SEARCH, nullptr);
        repository.reset(raw);
        if (code != 0)
            return gitError(code, GitText::tr("The repository %1 cannot be opened").arg(path));
    }
    // Rewritten addresses (url.insteadOf) would lead a password to another host than the one that was named.
    git_remote_create_options options = GIT_REMOTE_CREATE_OPTIONS_INIT;
    options.repository = repository.get();
    options.flags = GIT_REMOTE_CREATE_SKIP_INSTEADOF | GIT_REMOTE_CREATE_SKIP_DEFAULT_FETCHSPEC;
    const RemoteUrl &url = operation.access.url;
    const QByteArray address = (url.kind == RemoteUrl::Kind::Path ? url.path : url.shown).toUtf8();
    git_remote *raw = nullptr;
    code = git_remote_create_with_opts(&raw, address.constData(), &options);
    remote.reset(raw);
    if (code != 0)
        return error(code);
    return {};
}

Result<QList<RemoteRef>> listed(Session &session)
{
    const git_remote_head **heads = nullptr;
    size_t count = 0;
    if (const int code = git_remote_ls(&heads, &count, session.remote.get()); code != 0)
        return session.error(code);
    QList<RemoteRef> refs;
    for (size_t i = 0; i < count; ++i) {
        const QString name = QString::fromUtf8(heads[i]->name);
        if (name.startsWith(QLatin1String("refs/")) && !name.endsWith(QLatin1String("^{}")))
            refs.append({name, hex(&heads[i]->oid)});
    }
    return refs;
}

Result<void> connect(Session &session, git_direction direction)
{
    session.operation.tell(RemoteProgress::Phase::Connecting);
    if (session.operation.isStopped())
        return *session.operation.problem;
    const git_remote_callbacks callbacks = callbacksFor(session.operation);
    if (const int code = git_remote_connect(session.remote.get(), direction, &callbacks, nullptr, nullptr); code != 0)
        return session.error(code);
    return {};
}

void followHead(Session &session)
{
    git_buf name = GIT_BUF_INIT;
    if (git_remote_default_branch(&name, session.remote.get()) == 0)
        git_repository_set_head(session.repository.get(), name.ptr); // fails for an odd name: HEAD stays
    git_buf_dispose(&name);
}

// The one place where a push is still ours to stop: after this the remote is told.
int negotiated(const git_push_update **updates, size_t count, void *payload)
{
    Session &session = *static_cast<Session *>(payload);
    Operation &operation = session.operation;
    if (operation.isStopped())
        return -1;
    for (size_t i = 0; i < count; ++i) {
        const bool isNew = git_oid_is_zero(&updates[i]->src);
        const std::optional<QString> there = isNew ? std::nullopt : std::optional(hex(&updates[i]->src));
        if (there != session.update->expected)
            return operation.fail(Error{ErrorKind::Conflict, {}, {}}); // the sentence is made from what is there
    }
    operation.hasSent = true;
    return 0;
}

QString shortId(const std::optional<QString> &id)
{
    return id ? id->left(10) : GitText::tr("nothing");
}

Error moved(const Operation &operation, const RefUpdate &update, const std::optional<QString> &now)
{
    return {
        ErrorKind::Conflict,
        GitText::tr("%1 of %2 has moved: expected was %3, it has %4 now. Nothing was pushed; look at what is new and "
                    "try again.")
            .arg(update.name, operation.access.url.shown, shortId(update.expected), shortId(now)),
        {}};
}

std::optional<QString> idOf(const QList<RemoteRef> &refs, const QString &name)
{
    for (const RemoteRef &ref : refs) {
        if (ref.name == name)
            return ref.id;
    }
    return std::nullopt;
}

// Before anything was sent, the remote has said where its reference is: asking once more would only cost a connection.
std::optional<Result<void>> settledByListing(Session &session, const Error &why)
{
    if (session.operation.hasSent || why.kind != ErrorKind::Conflict)
        return std::nullopt;
    const auto refs = listed(session);
    if (!refs)
        return std::nullopt;
    const std::optional<QString> now = idOf(*refs, session.update->name);
    return now == session.update->id ? Result<void>() : Result<void>(moved(session.operation, *session.update, now));
}

// The words servers have for a reference that was taken or moved meanwhile come in many forms, so the remote is asked
// where it is.
Result<void> settle(const Remote &remote, const Operation &operation, const RefUpdate &update, const Error &why)
{
    const bool isLost = operation.hasSent && operation.rejection.isEmpty();
    const Error lost{ErrorKind::OutcomeUnknown,
                     GitText::tr("Whether %1 took the push of %2 is not known, since its answer was lost. Look at the "
                                 "remote before trying again.")
                         .arg(operation.access.url.shown, update.name),
                     why.message};
    if (!isLost && why.kind != ErrorKind::Conflict && operation.rejection.isEmpty())
        return why;
    if (isLost && operation.stop.stop_requested())
        return lost;
    const auto refs = remote.refs(operation.stop);
    if (!refs)
        return isLost ? lost : why.message.isEmpty() ? refs.error() : why;
    const std::optional<QString> now = idOf(*refs, update.name);
    if (now == update.id)
        return {};
    if (now != update.expected)
        return moved(operation, update, now);
    if (isLost)
        return lost;
    if (!operation.rejection.isEmpty())
        return Error{ErrorKind::Refused,
                     GitText::tr("%1 did not take the push of %2: %3. %4")
                         .arg(operation.access.url.shown, update.name, operation.rejection, operation.remark)
                         .trimmed(),
                     {}};
    return moved(operation, update, now);
}

std::vector<QByteArray> utf8(const QStringList &texts)
{
    std::vector<QByteArray> all;
    all.reserve(static_cast<size_t>(texts.size()));
    for (const QString &text : texts)
        all.push_back(text.toUtf8());
    return all;
}

// libgit2 takes what it does not change without const.
struct Strings
{
    explicit Strings(const QStringList &texts)
        : bytes(utf8(texts))
    {
        for (QByteArray &one : bytes)
            pointers.push_back(one.data());
        array = {pointers.data(), pointers.size()};
    }
    std::vector<QByteArray> bytes;
    std::vector<char *> pointers;
    git_strarray array{};
};

// libgit2 pushes references alone: one of our own for as long as it takes.
class PushedReference
{
public:
    PushedReference(git_repository *repository, const QString &id)
        : m_repository(repository)
        , m_name(QStringLiteral("refs/signalbox/push-") + id)
    {
        git_oid oid;
        git_reference *raw = nullptr;
        if (git_oid_fromstr(&oid, id.toLatin1().constData()) == 0)
            git_reference_create(&raw, m_repository, m_name.toUtf8().constData(), &oid, 1, "push");
        git_reference_free(raw);
    }
    ~PushedReference() { git_reference_remove(m_repository, m_name.toUtf8().constData()); }
    PushedReference(const PushedReference &) = delete;
    PushedReference &operator=(const PushedReference &) = delete;
    const QString &name() const { return m_name; }

private:
    git_repository *m_repository;
    const QString m_name;
};

} // namespace

Remote::Remote(RemoteAccess access)
    : m_access(std::move(access))
{}

Result<QList<RemoteRef>> Remote::refs(const StopToken &stop) const
{
    Operation operation{m_access, stop, {}, {}, {}, {}};
    Session session{{}, operation, {}, {}};
    if (const auto opened = session.open({}); !opened)
        return opened.error();
    if (const auto connected = connect(session, GIT_DIRECTION_FETCH); !connected)
        return connected.error();
    return listed(session);
}

Result<QList<RemoteRef>> Remote::fetch(const QString &repository, const FetchOrder &order,
                                       const RemoteProgressSink &progress, const StopToken &stop) const
{
    Operation operation{m_access, stop, progress, {}, {}, {}};
    Session session{{}, operation, {}, {}};
    if (const auto opened = session.open(repository); !opened)
        return opened.error();
    if (const auto connected = connect(session, GIT_DIRECTION_FETCH); !connected)
        return connected.error();
    const auto refs = listed(session);
    if (!refs)
        return refs.error();
    if (order.followsHead)
        followHead(session);
    git_fetch_options options = GIT_FETCH_OPTIONS_INIT;
    options.callbacks = callbacksFor(operation);
    options.prune = order.prunes ? GIT_FETCH_PRUNE : GIT_FETCH_NO_PRUNE;
    options.download_tags = GIT_REMOTE_DOWNLOAD_TAGS_NONE; // the refspecs say it
    options.update_fetchhead = 0;
    const Strings specs(order.refspecs);
    const int code = git_remote_fetch(session.remote.get(), &specs.array, &options, "fetch");
    if (operation.isStopped())
        return cancelledError();
    if (code != 0)
        return session.error(code);
    return refs;
}

Result<void> Remote::push(const QString &repository, const RefUpdate &update, const RemoteProgressSink &progress,
                          const StopToken &stop) const
{
    Operation operation{m_access, stop, progress, {}, {}, {}};
    if (m_access.url.kind == RemoteUrl::Kind::Path)
        return pushToPath(operation, repository, update);
    Error why;
    {
        Session session{{}, operation, {}, {}, &update};
        if (const auto opened = session.open(repository); !opened)
            return opened;
        operation.tell(RemoteProgress::Phase::Connecting);
        git_push_options options = GIT_PUSH_OPTIONS_INIT;
        options.callbacks = callbacksFor(operation);
        options.pb_parallelism = 1;
        // One payload serves all callbacks, and negotiated() needs the session.
        options.callbacks.payload = &session;
        options.callbacks.push_negotiation = negotiated;
        options.callbacks.transport = [](git_transport **out, git_remote *owner, void *payload) {
            return makeTransport(out, owner, &static_cast<Session *>(payload)->operation);
        };
        options.callbacks.push_transfer_progress = [](unsigned current, unsigned total, size_t bytes, void *payload) {
            return sending(current, total, bytes, &static_cast<Session *>(payload)->operation);
        };
        options.callbacks.sideband_progress = [](const char *text, int size, void *payload) {
            return remarked(text, size, &static_cast<Session *>(payload)->operation);
        };
        options.callbacks.push_update_reference = [](const char *name, const char *status, void *payload) {
            return rejected(name, status, &static_cast<Session *>(payload)->operation);
        };
        options.callbacks.transfer_progress = nullptr;
        const PushedReference source(session.repository.get(), update.id);
        const Strings specs({source.name() + QLatin1Char(':') + update.name});
        const int code = git_remote_push(session.remote.get(), &specs.array, &options);
        if (code == 0 && operation.rejection.isEmpty())
            return {};
        why = operation.problem                ? *operation.problem
              : code == GIT_ENONFASTFORWARD    ? Error{ErrorKind::Conflict, {}, {}}
              : !operation.rejection.isEmpty() ? Error{ErrorKind::Refused, {}, {}}
                                               : session.error(code);
        if (const auto settled = settledByListing(session, why))
            return *settled;
    }
    return settle(*this, operation, update, why);
}

} // namespace signalbox::git
