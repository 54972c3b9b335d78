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
// of `tip`, but within a hook what no branch or tag of the repository has yet: those are as they were before the push.
// For hooks: what a push brings is found although git keeps it in quarantine until the hook agrees
// (GIT_OBJECT_DIRECTORY, GIT_ALTERNATE_OBJECT_DIRECTORIES of the environment). Refused: there are more than `most`.
// Blocks on the disk; opens the repository for itself.
Result<QList<PushedCommit>> pushedCommits(const QString &repository, const QString &since, const QString &tip, int most,
                                          const StopToken &stop);

} // namespace signalbox::git
