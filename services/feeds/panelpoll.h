#pragma once

#include "models/series/paneldata.h"
#include "models/series/seriesbuffer.h"
#include "services/async/latestonly.h"
#include "services/ports/metricsource.h"

#include <vector>

namespace signalbox
{

// One panel's series and the question that is due next: the whole range first, then only what is new, with a little
// overlap since the newest values of a rate still change. GUI thread.
class PanelPoll
{
public:
    // More series than this are not kept: the answer's first are, and a warning says so.
    static constexpr qsizetype maxSeries = 500;

    explicit PanelPoll(MetricPanel panel);

    const MetricPanel &panel() const { return m_panel; }
    const PanelData &data() const { return m_data; }
    bool isRunning() const { return m_request.isRunning(); }
    LatestOnly &request() { return m_request; }

    // Forgets what was read for another range or step; data shown stays until the new answer is there.
    void restart() { m_isWhole = false; }
    void cancel() { m_request.cancel(); }

    // The query to send now; nothing if there is nothing newer to ask for than what was already heard.
    std::optional<RangeQuery> next(const MetricRange &range, qint64 stepMs, qint64 scrapeMs, const QDateTime &now);
    void answered(const MetricAnswer &answer, const RangeQuery &query, const MetricRange &range, const QDateTime &now,
                  const QStringList &trackOrder);
    void failed(const Error &error, const QDateTime &now);
    // Live for too long without an answer: stale. True when that changed something.
    bool ageBeyond(qint64 toleranceMs, const QDateTime &now);
    // Nothing new can be there yet: the last poll still holds.
    void touch(const QDateTime &now);

    int failures() const { return m_failures; }
    QDateTime dueAt;

private:
    struct Kept
    {
        Labels labels;
        SeriesBuffer samples;
    };
    void keep(const MetricAnswer &answer, bool isWhole, qsizetype capacity);
    void enter(Freshness::State state, const QDateTime &now);

    MetricPanel m_panel;
    PanelData m_data;
    std::vector<Kept> m_kept;
    LatestOnly m_request;
    qint64 m_heardUntil = 0; // end of the last answered query, ms since the epoch
    bool m_isWhole = false;  // the whole range was answered
    int m_failures = 0;
};

} // namespace signalbox
