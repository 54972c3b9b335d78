#include "models/domain/wayback.h"

namespace signalbox
{

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

} // namespace signalbox
