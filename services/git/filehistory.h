#pragma once

#include "models/domain/result.h"
#include "services/async/stoptoken.h"
#include "services/git/repository.h"

namespace signalbox::git
{

// What one commit made of a file.
struct FileVersion
{
    QString commit;
    Author author;
    QString message;
    std::optional<QByteArray> content; // none: it was removed
};

// The newest `most` commits along first parents from `tip` that changed the file at `path`, newest first. Looks at no
// more than `reach` commits. Blocks on the disk; opens the repository for itself, so any thread that may wait.
Result<QList<FileVersion>> fileHistory(const QString &repository, const QString &tip, const QString &path, int most,
                                       int reach, const StopToken &stop);

} // namespace signalbox::git
