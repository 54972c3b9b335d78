#include "services/git/revert.h"

#include "services/git/gittext.h"
#include "services/git/history_p.h"

#include <QDir>

#include <utility>

namespace signalbox::git
{

namespace
{

constexpr qsizetype diffLimit = 2 * 1024 * 1024; // bytes shown

using IndexHandle = std::unique_ptr<git_index, Freer<git_index_free>>;
using ConflictsHandle = std::unique_ptr<git_index_conflict_iterator, Freer<git_index_conflict_iterator_free>>;

class Reverter
{
public:
    static Result<Reverter> open(const QString &path)
    {
        Reverter reverter;
        reverter.m_path = path;
        git_repository *raw = nullptr;
        const int code = git_repository_open_ext(&raw, QDir::toNativeSeparators(path).toUtf8().constData(),
                                                 GIT_REPOSITORY_OPEN_NO_SEARCH, nullptr);
        reverter.m_repository.reset(raw);
        if (code != 0)
            return gitError(code, GitText::tr("The repository %1 cannot be opened").arg(path));
        return reverter;
    }

    Result<QStringList> since(const QString &target, const QString &tip, const StopToken &stop) const;
    Result<RevertPlan> plan(const QString &tip, const QStringList &commits, const StopToken &stop) const;
    Result<QByteArray> text(const RevertPlan &plan, const Author &author) const;
    Result<QString> store(const QByteArray &text, QByteArray armoured) const;

private:
    Reverter()
        : m_library(std::make_unique<Library>())
    {}
    Error error(int code) const { return gitError(code, GitText::tr("The repository %1 cannot be read").arg(m_path)); }
    Result<git_oid> idOf(const QString &text) const;
    Result<CommitHandle> commitOf(const QString &id) const;
    Result<TreeHandle> treeOf(const git_commit *commit) const;
    Result<TreeHandle> undo(const git_tree *tree, const git_commit *commit, QList<RevertConflict> &conflicts) const;
    Result<QList<RevertConflict>> conflictsIn(git_index *index, const QString &commit) const;
    Result<void> describe(RevertPlan &plan, git_tree *before, git_tree *after, const StopToken &stop) const;
    Result<QString> messageFor(const QStringList &commits) const;

    std::unique_ptr<Library> m_library; // outlives the handle
    RepositoryHandle m_repository;
    QString m_path;
};

Result<git_oid> Reverter::idOf(const QString &text) const
{
    git_oid id;
    if (text.size() != GIT_OID_HEXSZ || git_oid_fromstr(&id, text.toLatin1().constData()) != 0)
        return Error{ErrorKind::Invalid, GitText::tr("\"%1\" is no id of a commit.").arg(text.left(60)), {}};
    return id;
}

Result<CommitHandle> Reverter::commitOf(const QString &text) const
{
    const auto id = idOf(text);
    if (!id)
        return id.error();
    git_commit *raw = nullptr;
    if (const int code = git_commit_lookup(&raw, m_repository.get(), &*id); code != 0)
        return error(code);
    return CommitHandle(raw);
}

Result<TreeHandle> Reverter::treeOf(const git_commit *commit) const
{
    git_tree *raw = nullptr;
    if (const int code = git_commit_tree(&raw, commit); code != 0)
        return error(code);
    return TreeHandle(raw);
}

Result<QStringList> Reverter::since(const QString &target, const QString &tip, const StopToken &stop) const
{
    const auto from = idOf(target);
    const auto to = idOf(tip);
    if (!from || !to)
        return from ? to.error() : from.error();
    QStringList commits;
    git_oid at = *to;
    while (!git_oid_equal(&at, &*from)) { // along first parents: a merge is undone as one
        if (stop.stop_requested())
            return stoppedError();
        const auto commit = commitOf(hex(&at));
        if (!commit)
            return commit.error();
        commits.append(hex(&at));
        if (git_commit_parentcount(commit->get()) == 0)
            return Error{ErrorKind::Invalid,
                         GitText::tr("%1 is not on the way that led to %2, so there is no going back to it by undoing "
                                     "commits.")
                             .arg(target.left(10), tip.left(10)),
                         {}};
        at = *git_commit_parent_id(commit->get(), 0);
    }
    return commits;
}

Result<QList<RevertConflict>> Reverter::conflictsIn(git_index *index, const QString &commit) const
{
    QList<RevertConflict> conflicts;
    git_index_conflict_iterator *raw = nullptr;
    if (const int code = git_index_conflict_iterator_new(&raw, index); code != 0)
        return error(code);
    const ConflictsHandle iterator(raw);
    const git_index_entry *ancestor = nullptr;
    const git_index_entry *ours = nullptr;
    const git_index_entry *theirs = nullptr;
    while (git_index_conflict_next(&ancestor, &ours, &theirs, raw) == 0) {
        const git_index_entry *any = ours ? ours : theirs ? theirs : ancestor;
        if (any)
            conflicts.append({QString::fromUtf8(any->path), commit});
    }
    return conflicts;
}

// As `git revert` does it: a merge of the present with what was before the commit, the commit being their common past.
Result<TreeHandle> Reverter::undo(const git_tree *tree, const git_commit *commit,
                                  QList<RevertConflict> &conflicts) const
{
    const auto past = treeOf(commit);
    if (!past)
        return past.error();
    TreeHandle before; // null: it was the first commit
    if (git_commit_parentcount(commit) > 0) {
        const auto parent = commitOf(hex(git_commit_parent_id(commit, 0)));
        if (!parent)
            return parent.error();
        auto found = treeOf(parent->get());
        if (!found)
            return found.error();
        before = std::move(*found);
    }
    git_index *raw = nullptr;
    git_merge_options options = GIT_MERGE_OPTIONS_INIT;
    int code = git_merge_trees(&raw, m_repository.get(), past->get(), tree, before.get(), &options);
    const IndexHandle index(raw);
    if (code != 0)
        return error(code);
    if (git_index_has_conflicts(raw)) {
        const auto found = conflictsIn(raw, hex(git_commit_id(commit)));
        if (!found)
            return found.error();
        conflicts = *found;
        return TreeHandle();
    }
    git_oid id;
    git_tree *result = nullptr;
    code = git_index_write_tree_to(&id, raw, m_repository.get());
    if (code == 0)
        code = git_tree_lookup(&result, m_repository.get(), &id);
    if (code != 0)
        return error(code);
    return TreeHandle(result);
}

Result<QString> Reverter::messageFor(const QStringList &commits) const
{
    QStringList lines;
    for (const QString &id : commits)
        lines.append(QStringLiteral("This reverts commit %1.").arg(id));
    QString subject = QStringLiteral("Revert %1 commits").arg(commits.size()); // of the repository: English, as git's
    if (commits.size() == 1) {
        const auto commit = commitOf(commits.first());
        if (!commit)
            return commit.error();
        subject = QStringLiteral("Revert \"%1\"").arg(QString::fromUtf8(git_commit_summary(commit->get())));
    }
    return QStringLiteral("%1\n\n%2\n").arg(subject, lines.join(QLatin1Char('\n')));
}

Result<void> Reverter::describe(RevertPlan &plan, git_tree *before, git_tree *after, const StopToken &stop) const
{
    git_diff_options options = GIT_DIFF_OPTIONS_INIT;
    git_diff *raw = nullptr;
    int code = git_diff_tree_to_tree(&raw, m_repository.get(), before, after, &options);
    const DiffHandle diff(raw);
    if (code == 0)
        code = findRenames(raw);
    if (code != 0)
        return error(code);
    const auto files = fileChangesIn(raw, m_path, stop);
    if (!files)
        return files.error();
    plan.files = *files;
    git_buf text = GIT_BUF_INIT;
    code = git_diff_to_buf(&text, raw, GIT_DIFF_FORMAT_PATCH);
    plan.isDiffCut = static_cast<qsizetype>(text.size) > diffLimit;
    plan.diff = QByteArray(text.ptr, std::min(static_cast<qsizetype>(text.size), diffLimit));
    git_buf_dispose(&text);
    if (code != 0)
        return error(code);
    return {};
}

Result<RevertPlan> Reverter::plan(const QString &tip, const QStringList &commits, const StopToken &stop) const
{
    RevertPlan plan;
    plan.tip = tip;
    plan.commits = commits;
    const auto head = commitOf(tip);
    if (!head)
        return head.error();
    const auto message = messageFor(commits);
    if (!message)
        return message.error();
    plan.message = *message;
    const auto before = treeOf(head->get());
    auto current = treeOf(head->get());
    if (!before || !current)
        return before ? current.error() : before.error();
    for (const QString &id : commits) {
        if (stop.stop_requested())
            return stoppedError();
        const auto commit = commitOf(id);
        if (!commit)
            return commit.error();
        auto undone = undo(current->get(), commit->get(), plan.conflicts);
        if (!undone)
            return undone.error();
        if (!plan.conflicts.isEmpty())
            return plan;
        current = std::move(undone);
    }
    plan.tree = hex(git_tree_id(current->get()));
    plan.changesNothing = git_oid_equal(git_tree_id(before->get()), git_tree_id(current->get()));
    if (const auto described = describe(plan, before->get(), current->get(), stop); !described)
        return described.error();
    return plan;
}

Result<QByteArray> Reverter::text(const RevertPlan &plan, const Author &author) const
{
    if (!plan.isPossible())
        return Error{ErrorKind::Refused,
                     plan.changesNothing
                         ? GitText::tr("These commits are undone already: there is nothing to commit.")
                         : GitText::tr("%1 cannot be undone by itself, since %2 changed again later.")
                               .arg(plan.conflicts.first().commit.left(10), plan.conflicts.first().path),
                     {}};
    const auto parent = commitOf(plan.tip);
    const auto treeId = idOf(plan.tree);
    if (!parent || !treeId)
        return parent ? treeId.error() : parent.error();
    git_tree *rawTree = nullptr;
    int code = git_tree_lookup(&rawTree, m_repository.get(), &*treeId);
    const TreeHandle tree(rawTree);
    git_signature *rawSignature = nullptr;
    if (code == 0)
        code = git_signature_new(&rawSignature, author.name.toUtf8().constData(), author.email.toUtf8().constData(),
                                 author.at.toSecsSinceEpoch(), 0);
    const SignatureHandle who(rawSignature);
    const git_commit *parents[] = {parent->get()};
    git_buf buffer = GIT_BUF_INIT;
    if (code == 0)
        code = git_commit_create_buffer(&buffer, m_repository.get(), rawSignature, rawSignature, "UTF-8",
                                        plan.message.toUtf8().constData(), rawTree, 1, parents);
    const QByteArray text(buffer.ptr, static_cast<qsizetype>(buffer.size));
    git_buf_dispose(&buffer);
    if (code != 0)
        return error(code);
    return text;
}

Result<QString> Reverter::store(const QByteArray &text, QByteArray armoured) const
{
    while (armoured.endsWith('\n')) // or the header would end with an empty continuation line, unlike git's
        armoured.chop(1);
    git_oid id;
    const int code = git_commit_create_with_signature(&id, m_repository.get(), text.constData(),
                                                      armoured.isEmpty() ? nullptr : armoured.constData(), "gpgsig");
    if (code != 0)
        return error(code);
    return hex(&id);
}

} // namespace

Result<QStringList> commitsSince(const QString &repository, const QString &target, const QString &tip,
                                 const StopToken &stop)
{
    const auto reverter = Reverter::open(repository);
    if (!reverter)
        return reverter.error();
    return reverter->since(target, tip, stop);
}

Result<RevertPlan> planRevert(const QString &repository, const QString &tip, const QStringList &commits,
                              const StopToken &stop)
{
    const auto reverter = Reverter::open(repository);
    if (!reverter)
        return reverter.error();
    return reverter->plan(tip, commits, stop);
}

Result<QByteArray> revertText(const QString &repository, const RevertPlan &plan, const Author &author)
{
    const auto reverter = Reverter::open(repository);
    if (!reverter)
        return reverter.error();
    return reverter->text(plan, author);
}

Result<QString> storeRevert(const QString &repository, const QByteArray &text, QByteArray armoured)
{
    const auto reverter = Reverter::open(repository);
    if (!reverter)
        return reverter.error();
    return reverter->store(text, std::move(armoured));
}

Result<QString> commitRevert(const QString &repository, const RevertPlan &plan, const Author &author,
                             const CommitSigner &signer)
{
    const auto text = revertText(repository, plan, author);
    if (!text)
        return text.error();
    QByteArray armoured;
    if (signer) {
        const auto signature = signer(*text);
        if (!signature)
            return signature.error();
        armoured = *signature;
    }
    return storeRevert(repository, *text, armoured);
}

} // namespace signalbox::git
