#include "services/promotions/trafficwatch.h"

#include <utility>

namespace signalbox
{

void TrafficWatch::note(const Deployed &deployed, const QDateTime &now)
{
    if (!deployed.freshness.isLive())
        return forget(deployed.key());
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
    return policy::Serving{live.name, deployed.freshness.isLive() ? live.share : std::nullopt, seen.since,
                           seen.isBegun};
}

} // namespace signalbox
