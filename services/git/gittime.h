#pragma once

#include <git2/types.h>

#include <QDateTime>

// For the files of this folder only.
namespace signalbox::git
{

// UTC; the offset that git keeps beside it is left out.
inline QDateTime timeOf(const git_time &time)
{
    return QDateTime::fromSecsSinceEpoch(time.time, Qt::UTC);
}

} // namespace signalbox::git
