#include "models/series/trackseries.h"

#include <QCoreApplication>
#include <QSet>

#include <algorithm>

namespace signalbox
{
namespace
{

const QStringList knownTracks = {QStringLiteral("blue"), QStringLiteral("green"), QStringLiteral("stable"),
                                 QStringLiteral("canary")};

// Labels whose values are not the same in all series: what tells them apart.
QStringList tellingLabels(const QList<MetricSeries> &series)
{
    QSet<QString> names;
    for (const MetricSeries &one : series) {
        for (auto it = one.labels.keyBegin(); it != one.labels.keyEnd(); ++it)
            names.insert(*it);
    }
    QStringList telling;
    for (const QString &name : names) {
        const QString first = series.first().labels.value(name);
        const bool differs = std::any_of(series.begin(), series.end(),
                                         [&](const MetricSeries &one) { return one.labels.value(name) != first; });
        if (differs)
            telling.append(name);
    }
    telling.sort();
    return telling;
}

QString nameOf(const MetricSeries &series, const QStringList &telling)
{
    QStringList parts;
    for (const QString &label : telling) {
        if (const QString value = series.labels.value(label); !value.isEmpty())
            parts.append(value);
    }
    if (!parts.isEmpty())
        return parts.join(QStringLiteral(" "));
    const QString metric = series.labels.value(QStringLiteral("__name__"));
    return metric.isEmpty() ? QCoreApplication::translate("ChartSeries", "all") : metric;
}

int rank(const ChartSeries &series, const QStringList &order)
{
    if (series.track.isEmpty())
        return 1000;
    const qsizetype place = order.indexOf(series.track);
    return place >= 0 ? static_cast<int>(place) : 900;
}

} // namespace

QList<ChartSeries> chartSeries(const QList<MetricSeries> &series, const MetricPanel &panel,
                               const QStringList &trackOrder)
{
    QList<ChartSeries> named;
    if (series.isEmpty())
        return named;
    QStringList telling = tellingLabels(series);
    QStringList beside = telling; // what is left to tell two series of one track apart
    beside.removeAll(panel.trackLabel);
    for (const MetricSeries &one : series) {
        ChartSeries chart;
        chart.samples = one.samples;
        const QString value = panel.trackLabel.isEmpty() ? QString() : one.labels.value(panel.trackLabel);
        if (!value.isEmpty()) {
            chart.track = panel.trackNames.value(value, value);
            chart.name = chart.track;
            const QString rest = beside.isEmpty() ? QString() : nameOf(one, beside);
            if (!rest.isEmpty())
                chart.name += u' ' + rest;
        } else {
            chart.name = nameOf(one, telling);
        }
        named.append(chart);
    }
    // Beside tracks, what names none is the rest, not the sum.
    const bool hasTracks =
        std::any_of(named.begin(), named.end(), [](const ChartSeries &one) { return !one.track.isEmpty(); });
    const QString all = nameOf({}, {});
    for (ChartSeries &one : named) {
        if (hasTracks && one.track.isEmpty() && one.name == all)
            one.name = QCoreApplication::translate("ChartSeries", "no track");
    }
    const QStringList order = trackOrder.isEmpty() ? knownTracks : trackOrder;
    std::stable_sort(named.begin(), named.end(), [&order](const ChartSeries &a, const ChartSeries &b) {
        const int left = rank(a, order);
        const int right = rank(b, order);
        return left != right ? left < right : a.name < b.name;
    });
    return named;
}

} // namespace signalbox
