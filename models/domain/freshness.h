#pragma once

#include "models/domain/error.h"

#include <QDateTime>

#include <array>
#include <cstddef>
#include <optional>
#include <stdexcept>

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

// Which of several sources speaks for all of them. Who asks has an order of its own, all states from the one that
// counts least: a listing waits for whoever loads, while to a row of runs a refusal matters more than an old answer.
class FreshnessOrder
{
public:
    using State = Freshness::State;
    static constexpr std::size_t stateCount = 6;

    // Does not compile as a constant where a state is missing.
    explicit constexpr FreshnessOrder(const std::array<State, stateCount> &leastFirst)
        : m_leastFirst(leastFirst)
    {
        for (std::size_t state = 0; state < stateCount; ++state) {
            if (rank(static_cast<State>(state)) == stateCount)
                throw std::logic_error("a state is missing");
        }
    }

    constexpr std::size_t rank(State state) const
    {
        std::size_t at = 0;
        while (at < stateCount && m_leastFirst[at] != state)
            ++at;
        return at;
    }
    constexpr bool isWorse(const Freshness &one, const Freshness &than) const
    {
        return rank(than.state) < rank(one.state);
    }

private:
    std::array<State, stateCount> m_leastFirst;
};

} // namespace signalbox
