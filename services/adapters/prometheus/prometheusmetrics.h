#pragma once

#include "services/adapters/prometheus/metricfamilies.h"
#include "services/adapters/prometheus/prometheusanswer.h"
#include "services/net/httpclient.h"
#include "services/ports/metricsource.h"

#include <memory>

namespace signalbox
{

// One Prometheus (or what speaks its HTTP API v1: Thanos, Mimir, VictoriaMetrics). Queries go as POST with a form body,
// since expressions outgrow addresses; they change nothing there, so a lost answer is no unknown outcome. GUI thread;
// bodies are parsed on the global thread pool.
class PrometheusMetrics : public MetricSource
{
    Q_OBJECT
public:
    // `http` outlives this. `endpoint->base` is the address under which /api/v1 is found.
    PrometheusMetrics(HttpClient &http, std::shared_ptr<const HttpEndpoint> endpoint, QObject *parent = nullptr);
    ~PrometheusMetrics() override;

    QString connection() const override;
    QString title() const override;
    Freshness freshness() const override { return m_freshness; }

    [[nodiscard]] QFuture<Result<MetricAnswer>> instant(QString expression, QDateTime at, StopToken stop) override;
    [[nodiscard]] QFuture<Result<MetricAnswer>> range(RangeQuery query, StopToken stop) override;
    [[nodiscard]] QFuture<Result<QList<Alert>>> alerts(StopToken stop) override;
    [[nodiscard]] QFuture<Result<QList<AlertRule>>> rules(StopToken stop) override;
    [[nodiscard]] QFuture<Result<QList<MetricPanel>>> suggestPanels(MetricSubject subject, StopToken stop) override;

private:
    template <typename T>
    using Parser = Result<T> (*)(const QByteArray &, const PrometheusAsked &);
    using Form = QList<std::pair<QString, QString>>;

    enum class Asked { Figures, Alerts };

    template <typename T>
    QFuture<Result<T>> ask(HttpRequest request, Parser<T> parse, StopToken stop, Asked asked = Asked::Figures);
    HttpRequest get(const QByteArray &target) const;
    HttpRequest post(const QByteArray &target, const Form &form) const;
    // What an answer of any kind says about the source: a refused query still is a sign of life.
    void heard(const std::optional<Error> &error);

    HttpClient &m_http;
    std::shared_ptr<const HttpEndpoint> m_endpoint;
    Freshness m_freshness;
};

} // namespace signalbox
