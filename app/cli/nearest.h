#pragma once

#include <QStringList>

namespace signalbox
{

// The candidates one would have meant by `given`: few letters away, or beginning like it. Best first, at most `limit`.
QStringList nearest(const QString &given, const QStringList &candidates, int limit = 3);

// "a", "a or b", "a, b or c": for sentences.
QString orList(const QStringList &names);

} // namespace signalbox
