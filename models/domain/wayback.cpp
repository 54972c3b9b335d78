#include "models/domain/wayback.h"

#include <algorithm>

namespace signalbox
{

namespace
{

bool isServing(const Track &track)
{
    return track.share.value_or(0) > 0;
}

} // namespace

const Track *newestLiveTrack(const Deployed &deployed)
{
    const Track *newest = nullptr;
    const Track *first = nullptr;
    for (const Track &track : deployed.tracks) {
        if (!first && !track.workloads.isEmpty())
            first = &track;
        if (track.share.value_or(0) > 0 && (!newest || newest->since < track.since))
            newest = &track;
    }
    return newest ? newest : first;
}

const Track *trackToGoBackTo(const Deployed &deployed)
{
    const Track *const from = newestLiveTrack(deployed);
    if (deployed.routers.isEmpty() || !from || from->share.value_or(0) <= 0)
        return nullptr;
    const Track *newest = nullptr;
    for (const Track &track : deployed.tracks) {
        const bool isOlder = track.since.isValid() && track.since < from->since;
        const bool isOpen = &track != from && isOlder && track.podsReady > 0 && track.share.value_or(0) < 1;
        if (isOpen && (!newest || newest->since < track.since))
            newest = &track;
    }
    return newest;
}

bool hasNothingToLeave(const Deployed &of, const QStringList &failing)
{
    const auto &tracks = of.tracks;
    if (tracks.size() < 2 || of.routers.isEmpty() || std::count_if(tracks.begin(), tracks.end(), isServing) > 1)
        return false;
    const auto newest = std::max_element(tracks.begin(), tracks.end(),
                                         [](const Track &a, const Track &b) { return a.since < b.since; });
    if (newest->share != 0.0)
        return false;
    return std::none_of(tracks.begin(), tracks.end(), [&failing](const Track &track) {
        return isServing(track) && (track.health == Health::Failing || failing.contains(track.name));
    });
}

} // namespace signalbox
