#include "services/git/history.h"

#include "services/git/gittext.h"
#include "services/git/gittime.h"
#include "services/git/history_p.h"

#include <QDir>
#include <QRegularExpression>

#include <algorithm>
#include <utility>

namespace signalbox::git
{

namespace
{

using ReferenceIteratorHandle = std::unique_ptr<git_reference_iterator, Freer<git_reference_iterator_free>>;
using ObjectHandle = std::unique_ptr<git_object, Freer<git_object_free>>;

// git writes UTF-8 unless a commit names another encoding.
QString textOf(const git_commit *commit, const char *text)
{
    if (!text)
        return {};
    const QByteArray encoding = QByteArray(git_commit_message_encoding(commit)).toLower();
    return encoding.startsWith("iso-8859-1") || encoding == "latin1" ? QString::fromLatin1(text)
                                                                     : QString::fromUtf8(text);
}

ChangeCommit changeOf(git_commit *raw, const IssueFinder &issues)
{
    ChangeCommit commit;
    commit.id = hex(git_commit_id(raw));
    for (unsigned i = 0; i < git_commit_parentcount(raw); ++i)
        commit.parents.append(hex(git_commit_parent_id(raw, i)));
    const git_signature *author = git_commit_author(raw);
    commit.authorName = textOf(raw, author->name);
    commit.authorEmail = textOf(raw, author->email);
    commit.authoredAt = timeOf(author->when);
    commit.committedAt = timeOf(git_commit_committer(raw)->when);
    commit.committerEmail = textOf(raw, git_commit_committer(raw)->email);
    commit.subject = textOf(raw, git_commit_summary(raw));
    commit.body = textOf(raw, git_commit_body(raw));
    if (commit.isMerge())
        commit.mergedBranch = mergedBranchOf(commit.subject, commit.body);
    commit.reverts = revertedIdsOf(commit.body);
    commit.issues = issues.find(commit.subject + QLatin1Char('\n') + commit.body);
    return commit;
}

// Is `id` among the parents?
bool leadsTo(const QList<ChangeCommit> &commits, const QString &id)
{
    return std::any_of(commits.cbegin(), commits.cend(),
                       [&id](const ChangeCommit &commit) { return commit.parents.contains(id); });
}

int rankOf(BranchKind kind)
{
    return static_cast<int>(kind);
}

} // namespace

Error stoppedError()
{
    return {ErrorKind::Cancelled, GitText::tr("Stopped."), {}};
}

Error History::Private::error(int code) const
{
    return gitError(code, GitText::tr("The repository %1 cannot be read").arg(path));
}

History::History(std::unique_ptr<Private> priv)
    : d(std::move(priv))
{}
History::History(History &&other) noexcept = default;
History &History::operator=(History &&other) noexcept = default;
History::~History() = default;

Result<History> History::open(const QString &path)
{
    auto priv = std::make_unique<Private>();
    priv->path = path;
    git_repository *raw = nullptr;
    const int code = git_repository_open_ext(&raw, QDir::toNativeSeparators(path).toUtf8().constData(),
                                             GIT_REPOSITORY_OPEN_NO_SEARCH, nullptr);
    priv->repository.reset(raw);
    if (code == GIT_EOWNER)
        return Error{
            ErrorKind::Refused,
            GitText::tr("%1 belongs to another user of this machine, and git trusts only what is yours. If it is "
                        "to be trusted: git config --global --add safe.directory %1")
                .arg(path),
            {}};
    if (code == GIT_ENOTFOUND)
        return Error{
            ErrorKind::NotFound, GitText::tr("There is no git repository at %1. Check the path.").arg(path), {}};
    if (code != 0)
        return gitError(code, GitText::tr("The repository %1 cannot be opened").arg(path));
    return History(std::move(priv));
}

Result<git_oid> History::Private::idOf(const QString &text) const
{
    git_oid id;
    if (text.size() != GIT_OID_HEXSZ || git_oid_fromstr(&id, text.toLatin1().constData()) != 0)
        return Error{ErrorKind::Invalid, GitText::tr("\"%1\" is no id of a commit.").arg(text.left(60)), {}};
    return id;
}

Result<CommitHandle> History::Private::commit(const git_oid &id) const
{
    git_commit *raw = nullptr;
    if (const int code = git_commit_lookup(&raw, repository.get(), &id); code != 0)
        return error(code);
    return CommitHandle(raw);
}

Result<TreeHandle> History::Private::treeOf(const git_commit *commit) const
{
    git_tree *raw = nullptr;
    if (const int code = git_commit_tree(&raw, commit); code != 0)
        return error(code);
    return TreeHandle(raw);
}

Result<TreeHandle> History::Private::tree(const QString &commitHex) const
{
    const auto id = idOf(commitHex);
    if (!id)
        return id.error();
    const auto found = commit(*id);
    if (!found)
        return found.error();
    return treeOf(found->get());
}

Result<ResolvedRelease> History::Private::resolved(const QString &text, const git_oid &id, ResolvedRelease::By by,
                                                   const QString &name) const
{
    const auto found = commit(id);
    if (!found)
        return found.error();
    return ResolvedRelease{text, hex(&id), by, name, timeOf(git_commit_committer(found->get())->when)};
}

Result<std::optional<ResolvedRelease>> History::Private::byReference(const QString &text, const QString &reference,
                                                                     ResolvedRelease::By by, const QString &name) const
{
    git_reference *raw = nullptr;
    const int code = git_reference_lookup(&raw, repository.get(), reference.toUtf8().constData());
    const ReferenceHandle handle(raw);
    if (code == GIT_ENOTFOUND || code == GIT_EINVALIDSPEC)
        return std::optional<ResolvedRelease>();
    if (code != 0)
        return error(code);
    git_object *object = nullptr;
    const int peeled = git_reference_peel(&object, raw, GIT_OBJECT_COMMIT);
    const ObjectHandle commit(object);
    if (peeled == GIT_ENOTFOUND || peeled == GIT_EPEEL || peeled == GIT_EINVALIDSPEC) // HEAD without a commit yet
        return std::optional<ResolvedRelease>();
    if (peeled != 0)
        return error(peeled);
    auto found = resolved(text, *git_object_id(object), by, name);
    if (!found)
        return found.error();
    return std::optional(*found);
}

Result<ResolvedRelease> History::resolve(const QString &text, const QString &application) const
{
    using By = ResolvedRelease::By;
    struct Candidate
    {
        QString reference;
        By by;
        QString name;
    };
    QList<Candidate> candidates;
    for (const QString &tag : tagCandidates(text, application))
        candidates.append({QStringLiteral("refs/tags/") + tag, By::Tag, tag});
    candidates.append({QStringLiteral("refs/heads/") + text, By::Branch, text});
    candidates.append({QStringLiteral("refs/remotes/origin/") + text, By::Branch, text});
    if (text == QLatin1String("HEAD"))
        candidates.append({text, By::Branch, text});
    static const QRegularExpression digits(QStringLiteral("^[0-9a-fA-F]{4,40}\\z"));
    const bool isId = digits.match(text).hasMatch();
    for (qsizetype i = 0; i < candidates.size(); ++i) {
        if (isId && i > 0 && text.size() >= 7)
            break; // only a tag of exactly this name goes before the commit
        const auto found = d->byReference(text, candidates[i].reference, candidates[i].by, candidates[i].name);
        if (!found)
            return found.error();
        if (*found)
            return **found;
    }
    if (isId) {
        git_oid prefix;
        git_commit *raw = nullptr;
        git_oid_fromstrn(&prefix, text.toLower().toLatin1().constData(), static_cast<size_t>(text.size()));
        const int code = git_commit_lookup_prefix(&raw, d->repository.get(), &prefix, static_cast<size_t>(text.size()));
        const CommitHandle commit(raw);
        if (code == 0)
            return d->resolved(text, *git_commit_id(raw), By::Commit, {});
        if (code == GIT_EAMBIGUOUS)
            return Error{
                ErrorKind::Invalid, GitText::tr("Several commits begin with %1: give more digits.").arg(text), {}};
    }
    QStringList tags;
    if (const auto known = refs()) {
        for (const TagState &tag : known->tags.mid(0, 5))
            tags.append(tag.name);
    }
    return Error{
        ErrorKind::NotFound,
        GitText::tr("%1 has no tag, branch or commit \"%2\".").arg(d->path, text.left(100)) +
            (tags.isEmpty() ? QString() : GitText::tr(" Its newest tags: %1.").arg(tags.join(QStringLiteral(", ")))),
        {}};
}

Result<RevwalkHandle> History::Private::walk(const git_oid &from, const git_oid &hidden) const
{
    git_revwalk *raw = nullptr;
    int code = git_revwalk_new(&raw, repository.get());
    RevwalkHandle walk(raw);
    if (code == 0)
        code = git_revwalk_sorting(raw, GIT_SORT_TOPOLOGICAL | GIT_SORT_TIME);
    if (code == 0)
        code = git_revwalk_push(raw, &from);
    if (code == 0)
        code = git_revwalk_hide(raw, &hidden);
    if (code != 0)
        return error(code);
    return walk;
}

QString History::Private::mergeBase(const git_oid &a, const git_oid &b) const
{
    git_oid base;
    return git_merge_base(&base, repository.get(), &a, &b) == 0 ? hex(&base) : QString();
}

Result<QList<ChangeCommit>> History::Private::commits(const git_oid &tip, const git_oid &hidden,
                                                      const QList<IssuePattern> &patterns, int limit,
                                                      const StopToken &stop, bool &isCut) const
{
    QList<ChangeCommit> all;
    const IssueFinder issues(patterns);
    const auto revisions = walk(tip, hidden);
    if (!revisions)
        return revisions.error();
    git_oid id;
    int code = 0;
    while ((code = git_revwalk_next(&id, revisions->get())) == 0) {
        if (stop.stop_requested())
            return stoppedError();
        if (all.size() >= limit) {
            isCut = true;
            return all;
        }
        const auto found = commit(id);
        if (!found)
            return found.error();
        all.append(changeOf(found->get(), issues));
    }
    if (code != GIT_ITEROVER)
        return error(code);
    return all;
}

Result<ChangeSet> History::changes(const ResolvedRelease &from, const ResolvedRelease &to,
                                   const QList<IssuePattern> &patterns, int limit, const StopToken &stop) const
{
    const auto a = d->idOf(from.commit);
    const auto b = d->idOf(to.commit);
    if (!a || !b)
        return a ? b.error() : a.error();
    ChangeSet set;
    set.from = from;
    set.to = to;
    set.readAt = QDateTime::currentDateTimeUtc();
    auto added = d->commits(*b, *a, patterns, limit, stop, set.isCut);
    if (!added)
        return added.error();
    // Mostly `from` is in the past of `to`: nothing is missing then, and two more walks are saved.
    if (leadsTo(*added, from.commit)) {
        set.mergeBase = from.commit;
    } else {
        auto missing = d->commits(*a, *b, patterns, limit, stop, set.isCut);
        if (!missing)
            return missing.error();
        set.missing = std::move(*missing);
        set.mergeBase = d->mergeBase(*a, *b);
    }
    set.commits = std::move(*added);
    markReverts(set.commits);
    markReverts(set.missing);
    set.authors = authorsOf(set.commits);
    for (const ChangeCommit &commit : std::as_const(set.commits)) {
        if (!commit.mergedBranch.isEmpty())
            set.mergedBranches.append(commit.mergedBranch);
    }
    return set;
}

Result<RepositoryRefs> History::refs() const
{
    RepositoryRefs all;
    git_reference_iterator *rawIterator = nullptr;
    if (const int code = git_reference_iterator_new(&rawIterator, d->repository.get()); code != 0)
        return d->error(code);
    const ReferenceIteratorHandle iterator(rawIterator);
    git_reference *head = nullptr;
    if (git_reference_lookup(&head, d->repository.get(), "HEAD") == 0) {
        const ReferenceHandle handle(head);
        const QString target = QString::fromUtf8(git_reference_symbolic_target(head));
        all.defaultBranch = target.startsWith(QLatin1String("refs/heads/")) ? target.mid(11) : QString();
    }
    git_reference *raw = nullptr;
    while (git_reference_next(&raw, rawIterator) == 0) {
        const ReferenceHandle reference(raw);
        const QString name = QString::fromUtf8(git_reference_name(raw));
        const bool isBranch = name.startsWith(QLatin1String("refs/heads/"));
        if (!isBranch && !name.startsWith(QLatin1String("refs/tags/")))
            continue;
        git_object *object = nullptr;
        const int code = git_reference_peel(&object, raw, GIT_OBJECT_COMMIT);
        const ObjectHandle peeled(object);
        if (code != 0)
            continue; // a tag of a file
        const QString id = hex(git_object_id(object));
        const QDateTime at = timeOf(git_commit_committer(reinterpret_cast<git_commit *>(object))->when);
        if (isBranch)
            all.branches.append({name.mid(11), branchKindOf(name.mid(11)), id, at, name.mid(11) == all.defaultBranch});
        else
            all.tags.append({name.mid(10), id, at});
    }
    std::stable_sort(all.tags.begin(), all.tags.end(),
                     [](const TagState &a, const TagState &b) { return a.committedAt > b.committedAt; });
    std::stable_sort(all.branches.begin(), all.branches.end(), [](const BranchState &a, const BranchState &b) {
        return std::pair(rankOf(a.kind), b.committedAt) < std::pair(rankOf(b.kind), a.committedAt);
    });
    all.flow = flowOf(all.branches);
    return all;
}

Result<Distance> History::distance(const QString &from, const QString &to, const StopToken &stop) const
{
    const auto a = d->idOf(from);
    const auto b = d->idOf(to);
    if (!a || !b)
        return a ? b.error() : a.error();
    Distance found;
    size_t ahead = 0;
    size_t behind = 0;
    if (const int code = git_graph_ahead_behind(&ahead, &behind, d->repository.get(), &*b, &*a); code != 0)
        return d->error(code);
    found.ahead = static_cast<int>(ahead);
    found.behind = static_cast<int>(behind);
    found.mergeBase = d->mergeBase(*a, *b);
    const auto revisions = d->walk(*b, *a);
    if (!revisions)
        return revisions.error();
    git_oid id;
    while (git_revwalk_next(&id, revisions->get()) == 0) {
        if (stop.stop_requested())
            return stoppedError();
        const auto commit = d->commit(id);
        if (!commit)
            return commit.error();
        const QDateTime at = timeOf(git_commit_committer(commit->get())->when);
        if (!found.oldestAt.isValid() || at < found.oldestAt) {
            found.oldestAt = at;
            found.oldest = hex(&id);
        }
    }
    return found;
}

} // namespace signalbox::git
