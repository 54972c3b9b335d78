#pragma once

#include "models/domain/cluster.h"

#include <QList>

#include <optional>

namespace signalbox
{

// One sample. A hole is the absence of a point at an expected time; NaN and infinities are kept as they came.
struct Sample
{
    qint64 time = 0; // ms since the epoch, UTC
    double value = 0;
    bool operator==(const Sample &other) const = default;
};

struct MetricSeries
{
    Labels labels; // __name__ included where the source gives it
    QList<Sample> samples;
    bool operator==(const MetricSeries &) const = default;
};

struct MetricAnswer
{
    QList<MetricSeries> series;
    std::optional<Sample> scalar; // when the expression is a scalar
    QStringList warnings;         // partial answers say so here: shown beside the chart
    qint64 stepMs = 0;            // of a range query
    QDateTime readAt;
    bool operator==(const MetricAnswer &) const = default;
};

struct RangeQuery
{
    QString expression;
    QDateTime start;
    QDateTime end;
    qint64 stepMs = 15000;
};

struct Alert
{
    enum class State { Inactive, Pending, Firing };
    QString name;
    State state = State::Inactive;
    Labels labels;
    Labels annotations;
    QDateTime activeAt;
    QString value; // text as the source gives it: may be NaN or +Inf
    bool operator==(const Alert &) const = default;
};

struct AlertRule
{
    QString group;
    QString name;
    QString expression;
    Alert::State state = Alert::State::Inactive;
    QString health; // "ok" "err" "unknown"
    QString lastError;
    Labels labels;
    Labels annotations;
    QDateTime lastEvaluation;
    bool operator==(const AlertRule &) const = default;
};

// A panel: what to ask, how to name and limit it. {app}, {ns} and {window} in `expression` are filled in.
struct MetricPanel
{
    QString id;    // stable: "requests", "errors", "latency-p95" ...
    QString title; // "Error rate"
    QString unit;  // "percent", "ms", "per second", "bytes", ...
    QString expression;
    QString trackLabel; // the label that tells blue from green, if known
    QString family;     // which metric family it was found by: "http_server", "istio", "triton" ...
    std::optional<double> limit;
    bool higherIsWorse = true;
    bool operator==(const MetricPanel &) const = default;
};

} // namespace signalbox
