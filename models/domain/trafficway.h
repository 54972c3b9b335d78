#pragma once

#include "models/domain/application.h"
#include "models/domain/traffic.h"

// Which way a change of the shares goes: to older releases, or to newer ones. Values.
namespace signalbox
{

// Whether the release of the one is older than that of the other, as far as anything tells: by their versions, where
// both are numbers and differ, else by when they were rolled out. A restart makes nothing newer.
bool isOlderRelease(const Track &one, const Track &other);

struct TrafficWay
{
    Direction direction = Direction::Forward;
    // The newest release gets more, beyond doubt: its version and its roll-out say so. Only then may a policy hold it.
    bool bringsNewest = false;
    bool operator==(const TrafficWay &) const = default;
};
// Back: all that loses traffic, at every step, is of a newer release than all that gains it. Where nothing tells which
// release is older, going back must not be the harder of the two: all to the stable track is a way back then, and
// all of one track to those beside it. `stable` is the track that the operator takes for it; empty: the one with most
// traffic.
TrafficWay trafficWayOf(const QList<TrafficOrder::Step> &steps, const TrafficSplit &now, const QList<Track> &tracks,
                        const QString &stable = {});

} // namespace signalbox
