#include "services/adapters/prometheus/prometheusmetrics.h"

#include "services/adapters/prometheus/panelsuggestion.h"
#include "services/async/chain.h"
#include "services/async/deliver.h"
#include "services/async/whenended.h"

#include <QCoreApplication>

namespace signalbox
{
namespace
{

QByteArray encodedForm(const QList<std::pair<QString, QString>> &form)
{
    QByteArray body;
    for (const auto &[name, value] : form) {
        if (!body.isEmpty())
            body += '&';
        body += name.toUtf8() + '=' + QUrl::toPercentEncoding(value);
    }
    return body;
}

// Seconds with milliseconds, as Prometheus takes them.
QString unixSeconds(const QDateTime &time)
{
    return QString::number(static_cast<double>(time.toMSecsSinceEpoch()) / 1000.0, 'f', 3);
}

QString titleOf(const HttpEndpoint &endpoint)
{
    const QString port = endpoint.base.port() > 0 ? QStringLiteral(":%1").arg(endpoint.base.port()) : QString();
    return QCoreApplication::translate("Prometheus", "Prometheus %1").arg(endpoint.base.host() + port);
}

// Gateways guard alerts apart from figures, and not every source has any: that says nothing of its figures.
bool isOfAlertsAlone(const Error &error)
{
    return error.kind == ErrorKind::Forbidden || error.kind == ErrorKind::NotFound;
}

bool isSignOfLife(const Error &error)
{
    switch (error.kind) {
    case ErrorKind::Unreachable:
    case ErrorKind::TimedOut:
    case ErrorKind::Protocol:
    case ErrorKind::Unauthorized:
    case ErrorKind::Forbidden:
    case ErrorKind::Internal:
        return false;
    default:
        return true;
    }
}

} // namespace

PrometheusMetrics::PrometheusMetrics(HttpClient &http, std::shared_ptr<const HttpEndpoint> endpoint, QObject *parent)
    : MetricSource(parent)
    , m_http(http)
    , m_endpoint(std::move(endpoint))
{
    m_freshness.since = QDateTime::currentDateTimeUtc();
}

PrometheusMetrics::~PrometheusMetrics() = default;

QString PrometheusMetrics::connection() const
{
    return m_endpoint->connection;
}

QString PrometheusMetrics::title() const
{
    return titleOf(*m_endpoint);
}

HttpRequest PrometheusMetrics::get(const QByteArray &target) const
{
    HttpRequest request;
    request.endpoint = m_endpoint;
    request.target = target;
    request.headers = {{"Accept", "application/json"}};
    return request;
}

HttpRequest PrometheusMetrics::post(const QByteArray &target, const Form &form) const
{
    HttpRequest request = get(target);
    request.method = "POST";
    request.headers.append(std::pair<QByteArray, QByteArray>("Content-Type", "application/x-www-form-urlencoded"));
    request.body = encodedForm(form);
    request.changesNothing = true;
    return request;
}

template <typename T>
QFuture<Result<T>> PrometheusMetrics::ask(HttpRequest request, Parser<T> parse, StopToken stop, Asked asked)
{
    const QString source = title();
    const auto parsed = continued(
        m_http.send(std::move(request), stop),
        [parse, source](const Result<HttpResponse> &response) -> Result<T> {
            if (response)
                return parse(response->body, {source, response->status});
            return response.error();
        },
        Continues::OnWorker);
    deliver(parsed, stop, this, [this, asked](const Result<T> &result) {
        if (result)
            return heard(std::nullopt);
        if (asked == Asked::Alerts && isOfAlertsAlone(result.error()))
            return;
        if (result.error().kind != ErrorKind::Cancelled)
            heard(result.error());
    });
    return parsed;
}

void PrometheusMetrics::heard(const std::optional<Error> &error)
{
    const QDateTime now = QDateTime::currentDateTimeUtc();
    Freshness next = m_freshness;
    if (!error || isSignOfLife(*error)) {
        next.state = Freshness::State::Live;
        next.lastHeard = now;
        next.error.reset();
    } else {
        const bool isDenied = error->kind == ErrorKind::Unauthorized || error->kind == ErrorKind::Forbidden;
        next.state = isDenied                          ? Freshness::State::Denied
                     : m_freshness.lastHeard.isValid() ? Freshness::State::Stale
                                                       : Freshness::State::Failed;
        next.error = error;
    }
    if (next.state != m_freshness.state)
        next.since = now;
    const bool isNews = next.state != m_freshness.state || next.error != m_freshness.error;
    m_freshness = next;
    if (isNews)
        emit freshnessChanged();
}

QFuture<Result<MetricAnswer>> PrometheusMetrics::instant(QString expression, QDateTime at, StopToken stop)
{
    Form form = {{QStringLiteral("query"), expression}};
    if (at.isValid())
        form.append({QStringLiteral("time"), unixSeconds(at)});
    return ask<MetricAnswer>(post("/api/v1/query", form), parseQueryAnswer, std::move(stop));
}

QFuture<Result<MetricAnswer>> PrometheusMetrics::range(RangeQuery query, StopToken stop)
{
    const Form form = {{QStringLiteral("query"), query.expression},
                       {QStringLiteral("start"), unixSeconds(query.start)},
                       {QStringLiteral("end"), unixSeconds(query.end)},
                       {QStringLiteral("step"), QString::number(static_cast<double>(query.stepMs) / 1000.0, 'f', 3)}};
    const qint64 step = query.stepMs;
    return continued(ask<MetricAnswer>(post("/api/v1/query_range", form), parseQueryAnswer, std::move(stop)),
                     [step](const Result<MetricAnswer> &result) {
                         return result.transform([step](MetricAnswer answer) {
                             answer.stepMs = step;
                             return answer;
                         });
                     });
}

QFuture<Result<QList<Alert>>> PrometheusMetrics::alerts(StopToken stop)
{
    const auto asked = ask<QList<Alert>>(get("/api/v1/alerts"), parseAlerts, stop, Asked::Alerts);
    return afterAny(this, asked, [this, stop](const Result<QList<Alert>> &alerts) {
        if (alerts || !isOfAlertsAlone(alerts.error()))
            return ready(alerts);
        // A wrong address has no alerts either, nor has a gateway whose Prometheus is gone: while nothing else asks
        // there, nobody would notice.
        return afterAny(this, instant(QStringLiteral("vector(1)"), {}, stop),
                        [alerts](const Result<MetricAnswer> &figures) {
                            const bool isAlive = figures || isSignOfLife(figures.error());
                            return ready(isAlive ? alerts : Result<QList<Alert>>(figures.error()));
                        });
    });
}

QFuture<Result<QList<AlertRule>>> PrometheusMetrics::rules(StopToken stop)
{
    return ask<QList<AlertRule>>(get("/api/v1/rules?type=alert"), parseRules, std::move(stop), Asked::Alerts);
}

QFuture<Result<QList<MetricPanel>>> PrometheusMetrics::suggestPanels(MetricSubject subject, StopToken stop)
{
    auto *suggestion = new PanelSuggestion(builtInMetricFamilies(), std::move(subject), stop, this);
    const auto answer = suggestion->future();
    suggestion->start(
        [this](const QString &match, const StopToken &token) {
            const QDateTime now = QDateTime::currentDateTimeUtc();
            const Form query = {{QStringLiteral("match[]"), match},
                                {QStringLiteral("start"), unixSeconds(now.addSecs(-3600))},
                                {QStringLiteral("end"), unixSeconds(now)}};
            return ask<QStringList>(get("/api/v1/label/__name__/values?" + encodedForm(query)), parseLabelValues,
                                    token);
        },
        [this](const QString &expression, const StopToken &token) { return instant(expression, {}, token); });
    return answer;
}

} // namespace signalbox
