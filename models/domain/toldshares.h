#pragma once

#include <QHash>
#include <QString>

// Shares as a change of traffic is recorded with them, read back. Values.
namespace signalbox
{

// As a shift's plan writes them: "blue 0 %, green 100 %". By track, in per cent; what is written otherwise says nothing
// of any track.
QHash<QString, int> percentsOf(const QString &shares);

// Tracks lost traffic and none lost all of it: what was tried goes on with less. Where the words do not tell: no.
bool isInPart(const QString &from, const QString &to);

} // namespace signalbox
