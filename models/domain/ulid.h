#pragma once

#include <QDateTime>
#include <QString>

namespace signalbox
{

// ULID (github.com/ulid/spec): 26 characters of Crockford's base 32, url-safe, sorts by time (48 bits of ms since the
// epoch, then 80 random bits). Two made within one millisecond by one process sort in the order they were made.
// Thread-safe.
QString newUlid(const QDateTime &at = QDateTime::currentDateTimeUtc());
bool isUlid(const QString &text);
QDateTime ulidTime(const QString &ulid); // UTC; invalid where `ulid` is none

} // namespace signalbox
