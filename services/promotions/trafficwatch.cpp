#include "services/promotions/trafficwatch.h"

#include <utility>

namespace signalbox
{

namespace
{

bool tellsShares(const Deployed &deployed)
{
    return isSeenNow(deployed.freshness) && !deployed.isShareAssumed;
}

} // namespace

bool isSeenNow(const Freshness &freshness)
{
    return freshness.isLive() || freshness.state == Freshness::State::Denied;
}

void TrafficWatch::note(const Deployed &deployed, const QDateTime &now)
{
    if (!tellsShares(deployed))
        return; // as if nobody had looked: a short while of that is no gap
    Place &place = m_places[deployed.key()];
    const bool isGap =
        !place.at.isValid() || now < place.at || place.at.secsTo(now) > std::chrono::seconds(mostGap).count();
    const QHash<QString, Seen> before = isGap ? QHash<QString, Seen>() : place.tracks;
    place.at = now;
    place.tracks.clear();
    for (const Track &track : deployed.tracks) {
        if (!track.share)
            continue;
        const auto known = before.constFind(track.name);
        Seen seen;
        if (*track.share > 0 && known != before.constEnd() && known->since.isValid())
            seen = *known;
        else if (*track.share > 0)
            seen = {now, known != before.constEnd()};
        place.tracks.insert(track.name, seen);
    }
}

std::optional<policy::Serving> TrafficWatch::serving(const Deployed &deployed) const
{
    if (deployed.tracks.isEmpty())
        return std::nullopt;
    const Track &live = deployed.tracks.first();
    const Seen seen = m_places.value(deployed.key()).tracks.value(live.name);
    if (deployed.tracks.size() == 1 && !seen.isBegun && live.share.value_or(1) > 0)
        return std::nullopt;
    // One that nothing leads to is not proven by what was once.
    const bool isSeen = isSeenNow(deployed.freshness) && live.share.value_or(1) > 0;
    return policy::Serving{live.name, tellsShares(deployed) ? live.share : std::nullopt, seen.since, seen.isBegun,
                           isSeen};
}

} // namespace signalbox
