#pragma once

#include "models/domain/changes.h"
#include "models/domain/result.h"
#include "services/async/stoptoken.h"

#include <memory>

namespace signalbox::git
{

// Reads the past of one repository, bare or not; writes nothing and never looks at a work tree. Stays on the thread
// that opened it; every function blocks on the disk. What is fetched meanwhile is seen at the next call.
class History
{
public:
    // NotFound: there is no repository at the path.
    static Result<History> open(const QString &path);

    History(History &&other) noexcept;
    History &operator=(History &&other) noexcept;
    ~History();

    // A tag (also in the forms of tagCandidates()), a branch, HEAD, or a commit by at least 4 digits. NotFound names
    // the newest tags; Invalid: the digits fit several commits.
    Result<ResolvedRelease> resolve(const QString &text, const QString &application = {}) const;
    // Without line counts. At most `limit` commits on either side; then isCut.
    Result<ChangeSet> changes(const ResolvedRelease &from, const ResolvedRelease &to,
                              const QList<IssuePattern> &patterns, int limit, const StopToken &stop) const;
    // Against the first parent, files moved without a change not counted, as `git log --numstat -M100%` has it; a merge
    // is 0.
    Result<LineCounts> lineCounts(const QString &commit) const;
    // What differs between the trees of two commits, renames found, as `git diff --numstat`.
    Result<QList<FileChange>> files(const QString &from, const QString &to, const StopToken &stop) const;
    // NotFound: this path is the same in both.
    Result<FileDiff> diff(const QString &from, const QString &to, const QString &path, const DiffLimits &limits,
                          const StopToken &stop) const;
    Result<RepositoryRefs> refs() const;
    // Commits of `to` that `from` lacks.
    Result<Distance> distance(const QString &from, const QString &to, const StopToken &stop) const;

private:
    class Private;
    explicit History(std::unique_ptr<Private> d);
    std::unique_ptr<Private> d;
};

} // namespace signalbox::git
