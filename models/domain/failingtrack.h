#pragma once

#include <QDateTime>
#include <QString>

namespace signalbox
{

// A track that answers many requests with errors, by its figures: whether any rule watches them or not.
struct FailingTrack
{
    QString deployedKey; // Deployed::key()
    QString track;       // empty: of all tracks together, for nothing tells them apart
    double percent = 0;  // of its requests that failed lately
    QDateTime since;     // when that was heard first, UTC
    bool isKnown = true; // false: only its source's last word, which is old
    bool operator==(const FailingTrack &) const = default;
};

} // namespace signalbox
