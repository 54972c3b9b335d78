#pragma once

#include "services/async/deliver.h"
#include "services/ports/metricsource.h"

#include <QHash>

#include <cmath>
#include <functional>

namespace signalbox::test
{

// A source that answers from memory. Answers come through the event loop, as everywhere.
class FakeMetricSource : public MetricSource
{
    Q_OBJECT
public:
    explicit FakeMetricSource(const QString &connection = QStringLiteral("fake"))
        : m_connection(connection)
    {}

    // What happens next; each is used for every later call.
    std::optional<Error> error;                                          // of all queries
    std::optional<Error> alertError;                                     // of alerts() and rules() alone
    MetricAnswer figures;                                                // of instant()
    bool rulesAnswer = false;                                            // whatever alertError says
    QString name = QStringLiteral("Prometheus 127.0.0.1:9090");          // title()
    QList<MetricPanel> suggestions;                                      // of suggestPanels()
    QHash<QString, QList<MetricPanel>> suggestionsOf;                    // one application's, before those
    QStringList tracks{QStringLiteral("blue"), QStringLiteral("green")}; // one series each; none: no data
    // A figure of a track at a time (ms since the epoch); none: waves of their own.
    std::function<double(const QString &expression, const QString &track, qint64 time)> value;
    QStringList warnings;
    QList<Alert> alertList;
    QList<AlertRule> ruleList;
    // What was asked.
    QList<RangeQuery> asked;
    QStringList instants; // expressions
    QList<MetricSubject> subjects;
    int alertsAsked = 0;
    mutable int titlesAsked = 0;

    QString connection() const override { return m_connection; }
    QString title() const override
    {
        ++titlesAsked;
        return name;
    }
    Freshness freshness() const override { return {}; }

    QFuture<Result<MetricAnswer>> instant(QString expression, QDateTime, StopToken) override
    {
        instants.append(expression);
        if (error)
            return ready<MetricAnswer>(*error);
        return ready<MetricAnswer>(figures);
    }
    QFuture<Result<MetricAnswer>> range(RangeQuery query, StopToken) override
    {
        asked.append(query);
        if (query.expression.contains(u'!')) {
            return ready<MetricAnswer>(
                Error{ErrorKind::Invalid,
                      QStringLiteral("Prometheus 127.0.0.1:9090 cannot read the query: 1:2: parse "
                                     "error: unexpected character: '!'"),
                      {}});
        }
        if (error)
            return ready<MetricAnswer>(*error);
        return ready<MetricAnswer>(answerTo(query));
    }
    QFuture<Result<QList<Alert>>> alerts(StopToken) override
    {
        ++alertsAsked;
        const std::optional<Error> &problem = alertError ? alertError : error;
        return problem ? ready<QList<Alert>>(*problem) : ready<QList<Alert>>(alertList);
    }
    QFuture<Result<QList<AlertRule>>> rules(StopToken) override
    {
        const std::optional<Error> &problem = alertError && !rulesAnswer ? alertError : error;
        return problem ? ready<QList<AlertRule>>(*problem) : ready<QList<AlertRule>>(ruleList);
    }
    QFuture<Result<QList<MetricPanel>>> suggestPanels(MetricSubject subject, StopToken) override
    {
        subjects.append(subject);
        const QList<MetricPanel> known = suggestionsOf.value(subject.application, suggestions);
        return error ? ready<QList<MetricPanel>>(*error) : ready<QList<MetricPanel>>(known);
    }

    static MetricPanel panel(const QString &id, const QString &title, const QString &unit)
    {
        MetricPanel made;
        made.id = id;
        made.title = title;
        made.unit = unit;
        made.expression = id + QStringLiteral("[{window}]");
        made.trackLabel = QStringLiteral("slot");
        return made;
    }

private:
    MetricAnswer answerTo(const RangeQuery &query) const
    {
        MetricAnswer answer;
        answer.stepMs = query.stepMs;
        answer.warnings = warnings;
        double base = 10;
        for (const QString &track : tracks) {
            MetricSeries series{{{QStringLiteral("slot"), track}}, {}};
            for (qint64 t = query.start.toMSecsSinceEpoch(); t <= query.end.toMSecsSinceEpoch(); t += query.stepMs)
                series.samples.append(
                    {t, value ? value(query.expression, track, t) : base + std::sin(static_cast<double>(t) / 60000.0)});
            answer.series.append(series);
            base += 10;
        }
        return answer;
    }

    QString m_connection;
};

} // namespace signalbox::test
