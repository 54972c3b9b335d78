#include "services/git/pushedcommits.h"

#include "models/domain/changes.h"
#include "services/git/gittext.h"
#include "services/git/history_p.h"

#include <QDir>

namespace signalbox::git
{

namespace
{

using DatabaseHandle = std::unique_ptr<git_odb, Freer<git_odb_free>>;

// Where a hook's objects are besides the repository: absolute, since libgit2 takes relative ones from elsewhere.
QStringList quarantines()
{
    QStringList folders;
    const auto add = [&folders](QString folder) {
        if (folder.size() > 1 && folder.startsWith(u'"') && folder.endsWith(u'"'))
            folder = folder.mid(1, folder.size() - 2);
        const QString path = folder.isEmpty() ? QString() : QDir::current().absoluteFilePath(folder);
        if (!path.isEmpty() && !folders.contains(path) && QDir(path).exists())
            folders.append(path);
    };
    add(qEnvironmentVariable("GIT_QUARANTINE_PATH"));
    add(qEnvironmentVariable("GIT_OBJECT_DIRECTORY"));
    for (const QString &one :
         qEnvironmentVariable("GIT_ALTERNATE_OBJECT_DIRECTORIES").split(QDir::listSeparator(), Qt::SkipEmptyParts))
        add(one);
    return folders;
}

bool isNothing(const QString &id)
{
    return id.count(u'0') == id.size();
}

int addQuarantines(git_repository *repository)
{
    git_odb *raw = nullptr;
    int code = git_repository_odb(&raw, repository);
    const DatabaseHandle database(raw);
    for (const QString &folder : quarantines()) {
        if (code == 0)
            code = git_odb_add_disk_alternate(raw, QDir::toNativeSeparators(folder).toUtf8().constData());
    }
    return code;
}

int openAt(const QString &path, git_repository **repository)
{
    return git_repository_open_ext(repository, QDir::toNativeSeparators(path).toUtf8().constData(),
                                   GIT_REPOSITORY_OPEN_NO_SEARCH, nullptr);
}

int hideBranch(git_repository *repository, git_revwalk *walk, const QString &name)
{
    git_oid id;
    const int code = git_reference_name_to_id(&id, repository, name.toUtf8().constData());
    if (code == GIT_ENOTFOUND || code == GIT_EINVALIDSPEC) // it is the one that begins, or no branch at all
        return 0;
    return code == 0 ? git_revwalk_hide(walk, &id) : code;
}

int walkFrom(git_repository *repository, git_revwalk *walk, const QString &since, const QString &tip,
             const QStringList &guarded)
{
    git_oid id;
    int code = git_oid_fromstr(&id, tip.toLatin1().constData());
    if (code == 0)
        code = git_revwalk_push(walk, &id);
    if (code != 0)
        return code;
    // Set for pre-receive only (git-receive-pack(1), quarantine): the references have not moved yet. Elsewhere the new
    // branch itself is one of them, and would hide what it brought.
    if (isNothing(since)) {
        const bool isHook = !qEnvironmentVariableIsEmpty("GIT_QUARANTINE_PATH");
        for (const QString &branch : isHook ? guarded : QStringList()) {
            if (code == 0)
                code = hideBranch(repository, walk, branch);
        }
        return code;
    }
    code = git_oid_fromstr(&id, since.toLatin1().constData());
    return code == 0 ? git_revwalk_hide(walk, &id) : code;
}

} // namespace

Result<QStringList> guardedBranches(const QString &path)
{
    const Library library;
    git_repository *raw = nullptr;
    int code = openAt(path, &raw);
    const RepositoryHandle repository(raw);
    git_config *rawConfig = nullptr;
    if (code == 0)
        code = git_repository_config_snapshot(&rawConfig, raw);
    const ConfigHandle config(rawConfig);
    QStringList branches;
    const auto take = [](const git_config_entry *entry, void *all) {
        const QString line = QString::fromUtf8(entry->value).simplified();
        static_cast<QStringList *>(all)->append(line.section(u' ', 0, 0)); // behind it, the environment
        return 0;
    };
    if (code == 0)
        code = git_config_get_multivar_foreach(rawConfig, "signalbox.protect", nullptr, take, &branches);
    if (code != 0 && code != GIT_ENOTFOUND)
        return gitError(code, GitText::tr("The configuration of the repository %1 cannot be read").arg(path));
    return branches;
}

Result<QList<PushedCommit>> pushedCommits(const QString &path, const QString &since, const QString &tip,
                                          const QStringList &guarded, int most, const StopToken &stop)
{
    const Library library;
    git_repository *raw = nullptr;
    int code = openAt(path, &raw);
    const RepositoryHandle repository(raw);
    if (code == 0)
        code = addQuarantines(raw);
    if (code != 0)
        return gitError(code, GitText::tr("The repository %1 cannot be opened").arg(path));
    git_revwalk *rawWalk = nullptr;
    code = git_revwalk_new(&rawWalk, raw);
    const RevwalkHandle walk(rawWalk);
    if (code == 0)
        code = git_revwalk_sorting(rawWalk, GIT_SORT_TIME | GIT_SORT_TOPOLOGICAL);
    if (code == 0)
        code = walkFrom(raw, rawWalk, since, tip, guarded);
    QList<PushedCommit> commits;
    git_oid id;
    while (code == 0 && (code = git_revwalk_next(&id, rawWalk)) == 0) {
        if (stop.stop_requested())
            return stoppedError();
        if (commits.size() >= most)
            return Error{ErrorKind::Refused,
                         GitText::tr("%1 brings more than %2 commits; whom they are by was not looked at any further.")
                             .arg(tip.left(10))
                             .arg(most),
                         {}};
        git_commit *rawCommit = nullptr;
        code = git_commit_lookup(&rawCommit, raw, &id);
        const CommitHandle commit(rawCommit);
        if (code != 0)
            break;
        const git_signature *who = git_commit_author(rawCommit);
        commits.append({hex(&id),
                        {QString::fromUtf8(who->name), QString::fromUtf8(who->email),
                         QDateTime::fromSecsSinceEpoch(git_commit_time(rawCommit), Qt::UTC)},
                        QString::fromUtf8(git_commit_committer(rawCommit)->email),
                        coAuthorEmails(QString::fromUtf8(git_commit_message(rawCommit)))});
    }
    if (code != GIT_ITEROVER)
        return gitError(
            code,
            GitText::tr("The commits from %1 to %2 cannot be read in %3").arg(since.left(10), tip.left(10), path));
    return commits;
}

} // namespace signalbox::git
