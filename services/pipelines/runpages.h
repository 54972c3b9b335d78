#pragma once

#include "models/domain/result.h"
#include "models/stores/runstore.h"

#include <QSet>

// How pages of runs, and runs that are read again alone, come together in the list of a pipeline. Pure.
namespace signalbox
{

constexpr int mostKnownRuns = 2000; // of a pipeline

// The newest page. Older runs that are known stay behind it, as long as the two meet and the page is not all there is.
void mergeNewest(RunStore::Entry &entry, const RunPage &page);
// A page of older ones. False: it brought none that was not known.
bool appendOlder(RunStore::Entry &entry, const RunPage &page);
// Whether it is known, and behind the newest page: no page brings it again.
bool isOlder(const RunStore::Entry &entry, const QString &id);
// RunRef::id of older ones that have not ended.
QStringList openOlder(const RunStore::Entry &entry);
// Whether one of these does more than wait for people, or than being in a state nobody knows.
bool isOlderRunning(const RunStore::Entry &entry);
// A page of any place, read again for those behind the newest page. One that ended may have begun again there: GitHub's
// list has one order, that of creation, and no filter by update (GitHub Docs, "List workflow runs for a repository"),
// though a run may begin again for a month; a conditional question for a page that is the same is not counted. What the
// page leaves out between two that are known was deleted; what is new on it is the newest page's to tell.
enum class Behind {
    GoesOn,  // on the next page
    Through, // that were all
    Lost,    // nothing of it is known: what is known and what the server lists have moved apart
};
// Those of `newer` were read alone since the page was asked for: they stay as they are.
Behind mergeBehind(RunStore::Entry &entry, const RunPage &page, const QSet<QString> &newer = {});
// Of those behind the newest page that ended, nothing is known since then.
void noteUnread(RunStore::Entry &entry, const QDateTime &readAt);
// One of these, read alone. NotFound: it goes. Another error: it stays, true at `knownAt`.
void mergeAlone(RunStore::Entry &entry, const QString &id, const Result<RunDetail> &read, const QDateTime &knownAt);

} // namespace signalbox
