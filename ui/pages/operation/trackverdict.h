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
//
// One bad sample may be one request of a quiet minute: a track fails when its three newest samples are all bad, and
// needs a look until then. (A rate counts a request for as long as its window, which where the chart's step is as long
// as the scrape interval is four samples: there a single one of a very quiet track can still be three bad samples.)
// What has no figure any more, as it gets no traffic, stays what the others are judged by, with the last it had.
struct TrackVerdict
{
    Health health = Health::Unknown; // Ok, Warning or Failing; Unknown: nothing to judge, or nothing to judge it by
    QDateTime since;                 // of Failing: the first sample in a row that was as bad; UTC
    bool isBeginSeen = false;        // of Failing: a sample before `since` was good
    bool operator==(const TrackVerdict &) const = default;
};

// Whether figures of this panel are judged at all.
bool isJudged(const MetricPanel &panel);
// None: the panel has none, and there is no stable figure to make one of.
std::optional<double> limitOf(const MetricPanel &panel, std::optional<double> stable);
Health verdictOf(const MetricPanel &panel, double value, std::optional<double> stable);
// `stable` may be the track itself or empty: then only the panel's own limit counts. `reference`: the figure of the
// stable track that was seen last, for where the data has none any more.
TrackVerdict verdictOf(const PanelData &data, const QString &track, const QString &stable,
                       std::optional<double> reference = std::nullopt);
// The newest figure of a track in the data, however old it is.
std::optional<double> lastFigureOf(const PanelData &data, const QString &track);
// Of the tracks that get traffic the one rolled out first: the others are judged by it. Where only one gets any, its
// predecessor, if that is still there: a version that took everything over is not its own measure. Empty: none is known
// to get any.
QString stableTrackOf(const Deployed &deployed);
// "pass", "watch", "fail"; empty for Unknown.
QString verdictWord(Health verdict);

} // namespace signalbox
