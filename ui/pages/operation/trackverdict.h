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
// needs a look until then. A rate counts a request for as long as its window, though, so that one request of a very
// quiet track can be all of three bad samples: where the requests are charted as well, a verdict is weighed by how many
// there were in the last five minutes. Fewer than that a single failed one stays within the limit (and than 30) prove
// nothing: what would pass is not known, what would fail needs a look, unless two and more failed.
//
// What gets no traffic any more stays what the others are judged by, with what was usual while it got some: its last
// samples are those of pods that drain, and those after them of probes.
struct TrackVerdict
{
    Health health = Health::Unknown; // Ok, Warning or Failing; Unknown: nothing to judge, or nothing to judge it by
    QDateTime since;                 // of Failing: the first sample in a row that was as bad; UTC
    bool isBeginSeen = false;        // of Failing: a sample before `since` was good
    QDateTime judgedAt;              // the newest sample that was judged; UTC
    QDateTime wellAt;                // the newest sample that ended three good ones in a row; UTC, invalid: none did
    // Set: in five minutes there were so many requests only, too few for a pass, which makes Ok Unknown.
    std::optional<double> tooFew;
    bool operator==(const TrackVerdict &) const = default;
};

// What a track is judged by.
struct TrackMeasure
{
    QString track;                   // the stable one; empty: only a panel's own limit counts
    std::optional<double> reference; // what was usual of it while it got traffic; for where the data has that no more
    bool isIdle = false;             // it is known to get none: what the data has of it now is no measure
};

// Whether figures of this panel are judged at all.
bool isJudged(const MetricPanel &panel);
// None: the panel has none, and there is no stable figure to make one of.
std::optional<double> limitOf(const MetricPanel &panel, std::optional<double> stable);
Health verdictOf(const MetricPanel &panel, double value, std::optional<double> stable);
// Whether what its figures say depends on how many requests they are of.
bool isOfRequests(const MetricPanel &panel);
// The measure may be the track itself: then only the panel's own limit counts. `requests`: the panel of requests per
// second, by which it is weighed; null or not live: how many there are is not known, and nothing is weighed.
TrackVerdict verdictOf(const PanelData &data, const QString &track, const TrackMeasure &measure,
                       const PanelData *requests = nullptr);
// What newest samples are judged by.
std::optional<double> figureOf(const PanelData &data, const TrackMeasure &measure);
// The median of a track's last samples: one figure alone may be anything. None: they are too few.
std::optional<double> usualFigureOf(const PanelData &data, const QString &track);
// What was usual of a track that gets no traffic any more and still reports, by what the chart has of it. `idleSince`
// may be invalid: then nothing tells its own requests from probes. Those hardly ever fail, and the limit for shares of
// failed requests is a point above them at least; but they are much faster, so of times there is none.
std::optional<double> figureBeforeIdle(const PanelData &data, const QString &track, const QDateTime &idleSince);

// Known to get no traffic. Where there is one track only, where nothing says who gets any or where it was said too long
// ago, everybody may.
bool isKnownIdle(const Deployed &deployed, const Track &track);
bool isKnownIdle(const Deployed &deployed, const QString &track); // false, too, where there is no such track
// Of the tracks that get or may get traffic the one rolled out first: the others are judged by it. Where only one gets
// any, its predecessor, if that is still there: a version that took everything over is not its own measure. Empty: none
// gets any.
QString stableTrackOf(const Deployed &deployed);
// "pass", "watch", "fail"; empty for Unknown.
QString verdictWord(Health verdict);

} // namespace signalbox
