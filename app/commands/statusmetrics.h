#pragma once

#include "models/domain/application.h"
#include "models/domain/metric.h"
#include "services/async/latestonly.h"
#include "services/ports/metricsource.h"

#include <QList>
#include <QMap>
#include <QObject>

#include <optional>
#include <utility>

namespace signalbox::commands
{

// What a metric source says of one track now; none: no data.
struct TrackFigures
{
    std::optional<double> requests; // per second
    std::optional<double> errors;   // per cent of them
};
// By Deployed::key() and the track's name.
using StatusFigures = QMap<std::pair<QString, QString>, TrackFigures>;

// Asks a metric source for the requests and errors of each track, one question after the other. Main thread; `source`
// outlives it.
class StatusMetrics : public QObject
{
    Q_OBJECT
public:
    StatusMetrics(MetricSource &source, QList<Deployed> of, QObject *parent = nullptr);

    void start(); // once; ends with finished(), never from inside
    const StatusFigures &figures() const { return m_figures; }
    // Why some are missing: the first failure, after which nothing more was asked.
    const std::optional<Error> &problem() const { return m_problem; }

signals:
    void finished();

private:
    void search();
    void ask();
    void take(const MetricPanel &panel, const MetricAnswer &answer);
    bool hasFailed(const Error *error);

    MetricSource &m_source;
    QList<Deployed> m_left; // the first one is asked for
    QList<MetricPanel> m_panels;
    LatestOnly m_request;
    StatusFigures m_figures;
    std::optional<Error> m_problem;
};

} // namespace signalbox::commands
