#pragma once

#include "models/domain/metric.h"
#include "models/domain/result.h"
#include "services/async/stoptoken.h"

#include <QFuture>
#include <QObject>

namespace signalbox
{

// Instant and range queries, alerts and rules. Calls come from the GUI thread and return at once; bodies are parsed on
// workers. An empty answer is "no data", never zero.
class MetricSource : public QObject
{
    Q_OBJECT
public:
    using QObject::QObject;
    ~MetricSource() override;

    virtual QString connection() const = 0;
    virtual QString title() const = 0; // "Prometheus 127.0.0.1:9090"
    virtual Freshness freshness() const = 0;

    [[nodiscard]] virtual QFuture<Result<MetricAnswer>> instant(QString expression, QDateTime at, StopToken stop) = 0;
    [[nodiscard]] virtual QFuture<Result<MetricAnswer>> range(RangeQuery query, StopToken stop) = 0;
    [[nodiscard]] virtual QFuture<Result<QList<Alert>>> alerts(StopToken stop) = 0;
    [[nodiscard]] virtual QFuture<Result<QList<AlertRule>>> rules(StopToken stop) = 0;
    // Panels that make sense for this application: found by probing which common metric families exist.
    // None found is an empty list, not an error.
    [[nodiscard]] virtual QFuture<Result<QList<MetricPanel>>> suggestPanels(MetricSubject subject, StopToken stop) = 0;

signals:
    void freshnessChanged();
};

} // namespace signalbox
