#pragma once

#include "models/domain/result.h"
#include "services/async/stoptoken.h"
#include "services/git/repository.h"

namespace signalbox::git
{

struct PushedCommit
{
    QString id;
    Author author;
    QString committer;     // e-mail: who put another's work here, the author mostly
    QStringList coAuthors; // e-mails, as its message names them
};

// The commits that `tip` has and `since` has not, newest first. Where `since` is empty or zeros only (a new branch) all
// of `tip`, but within a hook what none of the `guarded` branches has yet: those are as they were before the push, and
// what they have was let in; what lies on any other branch was looked at by nobody.
// For hooks: what a push brings is found although git keeps it in quarantine until the hook agrees
// (GIT_OBJECT_DIRECTORY, GIT_ALTERNATE_OBJECT_DIRECTORIES of the environment). Refused: there are more than `most`.
// Blocks on the disk; opens the repository for itself.
Result<QList<PushedCommit>> pushedCommits(const QString &repository, const QString &since, const QString &tip,
                                          const QStringList &guarded, int most, const StopToken &stop);

// The branches that its configuration has the hook guard (signalbox.protect), in full. Blocks on the disk.
Result<QStringList> guardedBranches(const QString &repository);

} // namespace signalbox::git
