#pragma once

#include <QString>

namespace signalbox
{

class RunStore;

// What of a server cannot be read while its list of pipelines, and at least one of them, can now: it is reachable.
// Empty: nothing, or all of it.
QString partlyReadText(const RunStore &store, const QString &connection);

} // namespace signalbox
