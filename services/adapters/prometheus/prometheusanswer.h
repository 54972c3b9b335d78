#pragma once

#include "models/domain/metric.h"
#include "models/domain/result.h"

#include <QByteArray>

// Reads the bodies of Prometheus' HTTP API v1 (facts: prometheus.io/docs/prometheus/latest/querying/api, checked
// against the project's own OpenAPI description). Pure functions, made for worker threads: a range answer has
// megabytes.
namespace signalbox
{

// What an answer came from, for its sentences.
struct PrometheusAsked
{
    QString source; // "Prometheus 127.0.0.1:9090"
    int status = 0; // HTTP status
};

// query and query_range: vector, matrix, scalar; string answers and native histograms have no place on a chart and end
// up in `warnings`. Values keep NaN and infinities.
Result<MetricAnswer> parseQueryAnswer(const QByteArray &body, const PrometheusAsked &asked);
Result<QList<Alert>> parseAlerts(const QByteArray &body, const PrometheusAsked &asked);
Result<QList<AlertRule>> parseRules(const QByteArray &body, const PrometheusAsked &asked); // alerting rules only
Result<QStringList> parseLabelValues(const QByteArray &body, const PrometheusAsked &asked);

// "1.5", "NaN", "+Inf", "-Inf", "1e+00"; nothing for anything else.
std::optional<double> parsePrometheusValue(std::string_view text);

} // namespace signalbox
