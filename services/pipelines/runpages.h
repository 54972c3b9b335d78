#pragma once

#include "models/domain/result.h"
#include "models/stores/runstore.h"

// How pages of runs, and runs that are read again alone, come together in the list of a pipeline. Pure.
namespace signalbox
{

constexpr int mostKnownRuns = 2000; // of a pipeline

// The newest page. Older runs that are known stay behind it, as long as the two meet.
void mergeNewest(RunStore::Entry &entry, const RunPage &page);
// A page of older ones. False: it brought none that was not known.
bool appendOlder(RunStore::Entry &entry, const RunPage &page);
// RunRef::id of those behind the newest page that have not ended: no page brings them again.
QStringList openOlder(const RunStore::Entry &entry);
// One of these, read alone. NotFound: it goes. Another error: it stays, true at `knownAt`.
void mergeAlone(RunStore::Entry &entry, const QString &id, const Result<RunDetail> &read, const QDateTime &knownAt);

} // namespace signalbox
