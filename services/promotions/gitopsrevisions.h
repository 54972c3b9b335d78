#pragma once

#include "services/git/filehistory.h"

#include <QStringList>

#include <optional>

namespace signalbox
{

// One release that a GitOps repository has named for an application, and the commit that did.
struct GitopsRevision
{
    QString commit;
    QString image; // as the file has it behind the repository's name: tag, digest, or both
    QString tag;
    QString digest; // empty: only the tag is written there
    git::Author author;
    QString subject;
    QString line;          // of the file, for the difference
    bool isUndone = false; // a later commit reverts it
    QStringList undo;      // what has to be reverted to be there again, newest first; empty: it is what is there now
    bool isNamed(const QString &text) const; // its commit, by 5 digits or more
    QString version() const;                 // for people
};

// Of the versions of the file (git::fileHistory()), those that changed which release of `image` it names; newest first.
// Refused where the newest version does not name it in exactly one place. Pure.
Result<QList<GitopsRevision>> gitopsRevisions(const QList<git::FileVersion> &versions, const QString &image);
// The one to go back to: the newest that names another release than `now` and was not reverted. None: there is none.
std::optional<qsizetype> suggestedRevision(const QList<GitopsRevision> &revisions);

} // namespace signalbox
