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
    enum class State { Inactive, Pending, Firing, Unknown }; // Unknown: the source says something else, or nothing
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

// One track of an application as metrics may know it: by its name, by its version, or by the pods of its workloads.
struct MetricTrack
{
    QString name;          // "blue"; "" where there is only one
    QStringList workloads; // "cart-blue": pods are named after them
    QString version;       // "1.4.0"; empty: unknown
    bool operator==(const MetricTrack &) const = default;
};

// What panels are wanted for.
struct MetricSubject
{
    QString application;
    QString ns;
    QList<MetricTrack> tracks;
    bool operator==(const MetricSubject &) const = default;
};

// A panel: what to ask, how to name and limit it.
struct MetricPanel
{
    QString id;    // stable: "requests", "errors", "latency-p95" ...
    QString title; // "Error rate"
    QString unit;  // "percent", "ms", "s", "bytes", "per second", "count", "ratio" or any other word (shown as it is)
    QString expression; // complete, but for {window}: the span a rate looks back over, which follows the step
    QString trackLabel; // the label that tells blue from green, if known
    QMap<QString, QString> trackNames; // value of that label -> track ("1.4.0" -> "blue"); others name themselves
    QString note;   // what the reader must know: "No label tells applications apart ..."; mostly empty
    QString family; // which metric family it was found by: "http_server", "istio", "triton" ...
    std::optional<double> limit;
    bool higherIsWorse = true;
    bool operator==(const MetricPanel &) const = default;
};

} // namespace signalbox
