#include "app/commands/statusmetrics.h"

#include "models/series/axis.h"
#include "models/series/trackseries.h"

#include <QTimer>

namespace signalbox::commands
{

namespace
{

constexpr qint64 scrapeMs = 15000; // as most are set up

MetricSubject subjectOf(const Deployed &deployed)
{
    MetricSubject subject;
    subject.application = deployed.application;
    subject.ns = deployed.ns;
    for (const Track &track : deployed.tracks) {
        MetricTrack known{track.name, {}, track.version};
        for (const ObjectRef &workload : track.workloads)
            known.workloads.append(workload.name);
        subject.tracks.append(known);
    }
    return subject;
}

} // namespace

StatusMetrics::StatusMetrics(MetricSource &source, QList<Deployed> of, QObject *parent)
    : QObject(parent)
    , m_source(source)
    , m_left(std::move(of))
{}

void StatusMetrics::start()
{
    QTimer::singleShot(0, this, &StatusMetrics::search);
}

// True: that was the end.
bool StatusMetrics::hasFailed(const Error *error)
{
    if (!error)
        return false;
    m_problem = *error;
    emit finished();
    return true;
}

void StatusMetrics::search()
{
    if (m_left.isEmpty()) {
        emit finished();
        return;
    }
    m_request.run(
        this, [this](const StopToken &stop) { return m_source.suggestPanels(subjectOf(m_left.first()), stop); },
        [this](const Result<QList<MetricPanel>> &panels) {
            if (hasFailed(panels ? nullptr : &panels.error()))
                return;
            m_panels.clear();
            for (const MetricPanel &panel : *panels) {
                if (panel.id == QLatin1String("requests") || panel.id == QLatin1String("errors"))
                    m_panels.append(panel);
            }
            ask();
        });
}

void StatusMetrics::ask()
{
    if (m_panels.isEmpty()) {
        m_left.removeFirst();
        search();
        return;
    }
    const MetricPanel panel = m_panels.takeFirst();
    QString expression = panel.expression;
    expression.replace(QStringLiteral("{window}"), promDuration(rateWindowMs(scrapeMs, scrapeMs)));
    m_request.run(
        this,
        [this, expression](const StopToken &stop) {
            return m_source.instant(expression, QDateTime::currentDateTimeUtc(), stop);
        },
        [this, panel](const Result<MetricAnswer> &answer) {
            if (hasFailed(answer ? nullptr : &answer.error()))
                return;
            take(panel, *answer);
            ask();
        });
}

void StatusMetrics::take(const MetricPanel &panel, const MetricAnswer &answer)
{
    const Deployed &of = m_left.first();
    const QList<ChartSeries> all = chartSeries(answer.series, panel);
    for (const Track &track : of.tracks) {
        for (const ChartSeries &series : all) {
            const bool isIt = series.track == track.name || (of.tracks.size() == 1 && all.size() == 1);
            if (!isIt || series.samples.isEmpty())
                continue;
            TrackFigures &figures = m_figures[{of.key(), track.name}];
            (panel.id == QLatin1String("requests") ? figures.requests : figures.errors) = series.samples.last().value;
        }
    }
}

} // namespace signalbox::commands
