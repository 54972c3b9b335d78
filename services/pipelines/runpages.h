#pragma once

#include "models/domain/result.h"
#include "models/stores/runstore.h"

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
// RunRef::id of older ones that have not ended. One that did is taken for ended until somebody looks at it closely: a
// vendor's list tells no rerun of it. GitHub's has one order, that of creation, and no filter by update (GitHub Docs,
// "List workflow runs for a repository"), though a run may begin again for a month; Jenkins makes a new build of it.
// GitLab's takes `updated_after` (doc/api/pipelines.md), for which RunQuery has no word yet.
QStringList openOlder(const RunStore::Entry &entry);
// Whether one of these does more than wait for people, or than being in a state nobody knows.
bool isOlderRunning(const RunStore::Entry &entry);
// One of these, read alone. NotFound: it goes. Another error: it stays, true at `knownAt`.
void mergeAlone(RunStore::Entry &entry, const QString &id, const Result<RunDetail> &read, const QDateTime &knownAt);

} // namespace signalbox
