// What a Prometheus behind a gateway says of its alerts says nothing of its figures.
#include "services/adapters/prometheus/prometheusmetrics.h"
#include "services/async/deliver.h"
#include "tests/support/faultserver.h"

#include <QSignalSpy>
#include <QTest>

#include <atomic>
#include <memory>

using namespace signalbox;
using test::Exchange;
using test::FaultServer;

namespace
{

template <typename T>
std::optional<Error> errorOf(const QFuture<Result<T>> &future)
{
    std::optional<Result<T>> answer;
    QObject context;
    deliver(future, StopToken(), &context, [&answer](const Result<T> &result) { answer = result; });
    if (!QTest::qWaitFor([&answer] { return answer.has_value(); }, 30000))
        return Error{ErrorKind::TimedOut, QStringLiteral("the test waited 30 s"), {}};
    return *answer ? std::nullopt : std::optional<Error>(answer->error());
}

} // namespace

class TestPrometheusFaults : public QObject
{
    Q_OBJECT
private slots:
    void refusedAlertsLeaveTheSourceLive_data()
    {
        QTest::addColumn<int>("status");
        QTest::addColumn<ErrorKind>("kind");
        QTest::addColumn<Freshness::State>("state");
        QTest::newRow("may not") << 403 << ErrorKind::Forbidden << Freshness::State::Live;
        QTest::newRow("no ruler") << 404 << ErrorKind::NotFound << Freshness::State::Live;
        QTest::newRow("who are you") << 401 << ErrorKind::Unauthorized << Freshness::State::Denied; // of all it has
    }
    void refusedAlertsLeaveTheSourceLive()
    {
        QFETCH(int, status);
        QFETCH(ErrorKind, kind);
        QFETCH(Freshness::State, state);
        FaultServer server([status](Exchange &e) {
            if (e.target.startsWith("/api/v1/query"))
                e.answer(200, "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[]}}");
            else
                e.answer(status, "no such thing for you\n");
        });
        HttpClient http;
        PrometheusMetrics source(http, server.endpoint());
        QVERIFY(!errorOf(source.instant(QStringLiteral("up"), {}, {})));
        QTRY_COMPARE(source.freshness().state, Freshness::State::Live);
        const QSignalSpy changed(&source, &MetricSource::freshnessChanged);
        const std::optional<Error> alerts = errorOf(source.alerts({}));
        QVERIFY(alerts);
        QCOMPARE(alerts->kind, kind);
        const std::optional<Error> rules = errorOf(source.rules({}));
        QVERIFY(rules);
        QCOMPARE(rules->kind, kind);
        QTRY_COMPARE(source.freshness().state, state);
        QCOMPARE(changed.isEmpty(), state == Freshness::State::Live);
    }

    // Alerts are all that is asked for until somebody looks at figures: no alerts there may be no Prometheus there.
    void whereAlertsAreRefusedOneFigureIsAskedFor_data()
    {
        QTest::addColumn<int>("alerts");
        QTest::addColumn<int>("queries");
        QTest::addColumn<ErrorKind>("kind");
        QTest::addColumn<Freshness::State>("state");
        QTest::newRow("no ruler") << 404 << 200 << ErrorKind::NotFound << Freshness::State::Live;
        QTest::newRow("another address") << 404 << 404 << ErrorKind::Protocol << Freshness::State::Failed;
        QTest::newRow("may not") << 403 << 200 << ErrorKind::Forbidden << Freshness::State::Live;
        QTest::newRow("may not read anything") << 403 << 403 << ErrorKind::Forbidden << Freshness::State::Denied;
    }
    void whereAlertsAreRefusedOneFigureIsAskedFor()
    {
        QFETCH(int, alerts);
        QFETCH(int, queries);
        QFETCH(ErrorKind, kind);
        QFETCH(Freshness::State, state);
        FaultServer server([alerts, queries](Exchange &e) {
            const bool isQuery = e.target.startsWith("/api/v1/query");
            if (isQuery && queries == 200)
                e.answer(200, "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[]}}");
            else
                e.answer(isQuery ? queries : alerts, "no such thing here\n");
        });
        HttpClient http;
        PrometheusMetrics source(http, server.endpoint());
        const std::optional<Error> error = errorOf(source.alerts({}));
        QVERIFY(error);
        QCOMPARE(error->kind, kind);
        QTRY_COMPARE(source.freshness().state, state);
    }

    // What stands before a Prometheus that was taken away answers 404 for all of it.
    void aSourceThatIsGoneIsNoticedByItsAlerts()
    {
        const auto isGone = std::make_shared<std::atomic_bool>(false);
        FaultServer server([isGone](Exchange &e) {
            if (e.target.startsWith("/api/v1/query") && !*isGone)
                e.answer(200, "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[]}}");
            else
                e.answer(404, "default backend\n");
        });
        HttpClient http;
        PrometheusMetrics source(http, server.endpoint());
        QVERIFY(errorOf(source.alerts({})));
        QTRY_COMPARE(source.freshness().state, Freshness::State::Live);
        *isGone = true;
        QVERIFY(errorOf(source.alerts({})));
        QTRY_COMPARE(source.freshness().state, Freshness::State::Stale);
    }
};

QTEST_GUILESS_MAIN(TestPrometheusFaults)
#include "test_prometheusfaults.moc"
