#pragma once

#include "models/domain/application.h"
#include "models/domain/traffic.h"

// Which way a change of the shares goes: to older releases, or to newer ones. Values.
namespace signalbox
{

// Whether the release of the one is older than that of the other, as far as anything tells: by their versions, where
// both are numbers and differ, else by when they were rolled out. A restart makes nothing newer.
bool isOlderRelease(const Track &one, const Track &other);

// Back: all that loses traffic, at every step, is of a newer release than all that gains it.
Direction trafficWayOf(const QList<TrafficOrder::Step> &steps, const TrafficSplit &now, const QList<Track> &tracks);

} // namespace signalbox
