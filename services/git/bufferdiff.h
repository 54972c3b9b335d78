#pragma once

#include <QByteArray>
#include <QString>

namespace signalbox::git
{

// What differs between two versions of a text, as `git diff` prints it; empty: nothing. Any thread.
QByteArray unifiedDiff(const QByteArray &before, const QByteArray &after, const QString &path);

} // namespace signalbox::git
