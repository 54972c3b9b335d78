#pragma once

#include <QString>
#include <QStringList>

// What a killed program leaves in a repository: git and libgit2 lock a reference by a file beside it for the
// milliseconds that moving it takes, and a file that stays keeps everybody out for ever.
namespace signalbox::git
{

// Removes the lock file when it is older than a minute. True: it did.
bool removeStaleLock(const QString &lockFile);
// Those of all references, HEAD and the packed references; and references below `refs` whose names begin with one of
// `temporary` ("heads/replay-") when they are older than a day.
void removeStaleLocks(const QString &gitFolder, const QStringList &temporary = {});

} // namespace signalbox::git
