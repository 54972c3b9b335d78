#pragma once

#include "services/git/remote.h"

#include <QDateTime>

namespace signalbox::git
{

// A bare copy of a remote repository in the cache folder: all branches, all tags, HEAD. Several programs may share it:
// a lock file lets one fetch at a time. It holds nothing that cannot be fetched again. Functions block; any thread that
// may wait.
class Mirror
{
public:
    Mirror(const QString &cacheFolder, const RemoteUrl &url);

    const QString &path() const { return m_path; }
    bool isThere() const;
    QDateTime updatedAt() const; // of the last complete fetch, UTC; invalid: never

    // Clones or fetches. A clone is made beside and put in place once it is complete: a stop, an error or a crash
    // leaves none or the old one. What a crash left is removed at the next call.
    Result<void> update(const Remote &remote, const RemoteProgressSink &progress, const StopToken &stop) const;

private:
    Result<void> clone(const Remote &remote, const FetchOrder &order, const RemoteProgressSink &progress,
                       const StopToken &stop) const;
    void removePartial() const;
    void noteTime() const;
    QString m_folder;
    QString m_name;
    QString m_path;
};

} // namespace signalbox::git
