#include "services/feeds/panelpoll.h"

#include "models/series/axis.h"

#include <QCoreApplication>

#include <algorithm>

namespace signalbox
{
namespace
{

// Grid on which all queries of a step lie, so that an increment meets the samples before it.
qint64 onGrid(qint64 time, qint64 step)
{
    return time / step * step;
}

} // namespace

PanelPoll::PanelPoll(MetricPanel panel)
    : m_panel(std::move(panel))
{
    m_data.panel = m_panel;
}

std::optional<RangeQuery> PanelPoll::next(const MetricRange &range, qint64 stepMs, qint64 scrapeMs,
                                          const QDateTime &now)
{
    const qint64 end = onGrid((range.isLive() ? now : range.end).toMSecsSinceEpoch(), stepMs);
    qint64 start = onGrid(end - range.lengthMs, stepMs);
    if (stepMs != m_data.stepMs)
        m_isWhole = false;
    if (m_isWhole && m_heardUntil >= start) {
        if (m_heardUntil >= end)
            return std::nullopt;
        const qint64 overlap = std::max(2 * stepMs, onGrid(2 * scrapeMs, stepMs));
        start = std::max(start, m_heardUntil - overlap);
    } else {
        m_isWhole = false;
    }
    RangeQuery query;
    query.expression = m_panel.expression;
    query.expression.replace(QStringLiteral("{window}"), promDuration(rateWindowMs(stepMs, scrapeMs)));
    query.start = QDateTime::fromMSecsSinceEpoch(start, Qt::UTC);
    query.end = QDateTime::fromMSecsSinceEpoch(end, Qt::UTC);
    query.stepMs = stepMs;
    return query;
}

void PanelPoll::keep(const MetricAnswer &answer, bool isWhole, qsizetype capacity)
{
    if (isWhole)
        m_kept.clear();
    const auto mergeOne = [&](const Labels &labels, const QList<Sample> &samples) {
        auto it = std::find_if(m_kept.begin(), m_kept.end(), [&](const Kept &kept) { return kept.labels == labels; });
        if (it == m_kept.end()) {
            if (static_cast<qsizetype>(m_kept.size()) >= maxSeries)
                return;
            m_kept.push_back({labels, SeriesBuffer(capacity)});
            it = std::prev(m_kept.end());
        }
        it->samples.merge(samples);
    };
    for (const MetricSeries &series : answer.series)
        mergeOne(series.labels, series.samples);
    if (answer.scalar)
        mergeOne({}, {*answer.scalar});
}

void PanelPoll::answered(const MetricAnswer &answer, const RangeQuery &query, const MetricRange &range,
                         const QDateTime &now, const QStringList &trackOrder)
{
    const qint64 end = query.end.toMSecsSinceEpoch();
    const qint64 from = end - range.lengthMs;
    const bool isWhole = query.start.toMSecsSinceEpoch() <= from;
    keep(answer, isWhole, range.lengthMs / query.stepMs + 64);
    m_isWhole = m_isWhole || isWhole;
    m_heardUntil = end;
    m_failures = 0;

    // One step more than the range, so that lines reach its edge.
    std::erase_if(m_kept, [&](Kept &kept) {
        kept.samples.dropBefore(from - query.stepMs);
        return kept.samples.isEmpty();
    });
    QList<MetricSeries> series;
    for (const Kept &kept : m_kept)
        series.append({kept.labels, kept.samples.toList()});
    m_data.series = chartSeries(series, m_panel, trackOrder);
    m_data.stepMs = query.stepMs;
    m_data.warnings = answer.warnings;
    if (answer.series.size() > maxSeries) {
        m_data.warnings.append(
            QCoreApplication::translate("MetricFeed", "Showing %1 of %2 series. Sum them by fewer labels.")
                .arg(maxSeries)
                .arg(answer.series.size()));
    }
    m_data.freshness.error.reset();
    m_data.freshness.lastHeard = now;
    enter(Freshness::State::Live, now);
}

void PanelPoll::failed(const Error &error, const QDateTime &now)
{
    ++m_failures;
    m_data.freshness.error = error;
    if (m_data.freshness.lastHeard.isValid()) {
        enter(Freshness::State::Stale, now);
        return;
    }
    const bool isDenied = error.kind == ErrorKind::Forbidden || error.kind == ErrorKind::Unauthorized;
    enter(isDenied ? Freshness::State::Denied : Freshness::State::Failed, now);
}

bool PanelPoll::ageBeyond(qint64 toleranceMs, const QDateTime &now)
{
    if (!m_data.freshness.isLive() || m_data.freshness.lastHeard.msecsTo(now) <= toleranceMs)
        return false;
    m_data.freshness.error = Error{ErrorKind::TimedOut,
                                   QCoreApplication::translate("MetricFeed", "No answer for %1.")
                                       .arg(spanText(m_data.freshness.lastHeard.msecsTo(now))),
                                   {}};
    enter(Freshness::State::Stale, now);
    return true;
}

void PanelPoll::touch(const QDateTime &now)
{
    if (m_data.freshness.isLive())
        m_data.freshness.lastHeard = std::max(m_data.freshness.lastHeard, now);
}

void PanelPoll::enter(Freshness::State state, const QDateTime &now)
{
    if (m_data.freshness.state != state || !m_data.freshness.since.isValid())
        m_data.freshness.since = now;
    m_data.freshness.state = state;
}

} // namespace signalbox
