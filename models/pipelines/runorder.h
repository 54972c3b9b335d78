#pragma once

#include "models/pipelines/run.h"

// Which of two runs came first, as all that looks back on runs has it. Of runhistory.cpp and testhistory.cpp.
namespace signalbox::runs
{

inline QDateTime whenOf(const Run &run)
{
    if (run.finishedAt.isValid())
        return run.finishedAt;
    return run.startedAt.isValid() ? run.startedAt : run.createdAt;
}

// In time. Ids, where they are numbers, tell what times do not.
inline bool isOlder(const Run &a, const Run &b)
{
    const QDateTime aAt = a.createdAt.isValid() ? a.createdAt : whenOf(a);
    const QDateTime bAt = b.createdAt.isValid() ? b.createdAt : whenOf(b);
    if (aAt != bAt)
        return aAt < bAt;
    const qint64 aNumber = a.number.toLongLong();
    const qint64 bNumber = b.number.toLongLong();
    return aNumber != bNumber ? aNumber < bNumber : a.attempt < b.attempt;
}

} // namespace signalbox::runs
