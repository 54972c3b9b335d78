#pragma once

#include "models/domain/application.h"
#include "models/series/paneldata.h"

#include <QDateTime>

#include <optional>

namespace signalbox
{

// How a figure of one track stands beside the track that traffic is moved away from (the stable one).
//
// A panel's own limit is the limit. Where it has none, a figure fails at three times the stable track's, and of shares
// of requests at one point of a hundred more at least: 0.3 % beside 0.1 % is noise. Half of that distance is worth a
// look. Requests per second, CPU and the like are nobody's fault and are not judged without a limit.
struct TrackVerdict
{
    Health health = Health::Unknown; // Ok, Warning or Failing; Unknown: nothing to judge, or nothing to judge it by
    QDateTime since;                 // of Failing: the first sample in a row that was as bad; UTC
    bool operator==(const TrackVerdict &) const = default;
};

// None: the panel has none, and there is no stable figure to make one of.
std::optional<double> limitOf(const MetricPanel &panel, std::optional<double> stable);
Health verdictOf(const MetricPanel &panel, double value, std::optional<double> stable);
// `stable` may be the track itself or empty: then only the panel's own limit counts.
TrackVerdict verdictOf(const PanelData &data, const QString &track, const QString &stable);
// Of the tracks that get traffic the one rolled out first: the others are judged by it. Empty: none is known to get
// any.
QString stableTrackOf(const Deployed &deployed);
// "pass", "watch", "fail"; empty for Unknown.
QString verdictWord(Health verdict);

} // namespace signalbox
