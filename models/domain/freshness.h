#pragma once

#include "models/domain/error.h"

#include <QDateTime>

#include <optional>

namespace signalbox
{

// How far what we show of one source (a kind of one cluster, a query) can be trusted right now.
struct Freshness
{
    enum class State {
        Loading, // first read under way, nothing to show yet
        Live,    // a watch is open, or the last poll is within its interval
        Stale,   // what is shown was true at `lastHeard`; since then nothing is known
        Failed,  // nothing could ever be read; `error` says why
        Absent,  // the remote does not have this kind: not an error
        Denied,  // the operator may not read it
    };

    State state = State::Loading;
    QDateTime since;            // UTC, when this state began
    QDateTime lastHeard;        // UTC, the last sign of life of the source (data, bookmark, answer)
    std::optional<Error> error; // why Stale, Failed or Denied

    bool isLive() const { return state == State::Live; }
    bool operator==(const Freshness &) const = default;
};

} // namespace signalbox
