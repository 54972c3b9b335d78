#pragma once

#include "models/domain/result.h"

#include <QByteArray>
#include <QString>

namespace signalbox
{

// Appends `line` (which ends with a newline) to the file, which only its owner may read. Begins on a line of its own
// even where a crash tore the last one off; another process doing the same waits its turn. With `sync` it returns when
// the line is on the disk. On failure (disk full ...) nothing of the line stays, as far as the system allows. Any
// thread; blocks. durablefile_posix.cpp, durablefile_win.cpp.
Result<void> appendLine(const QString &path, const QByteArray &line, bool sync);

} // namespace signalbox
