#include "services/adapters/prometheus/metricfamilies.h"
#include "services/adapters/prometheus/prometheusanswer.h"
#include "services/sandbox/promql/prometheusapi.h"
#include "services/sandbox/promql/syntax.h"
#include "tests/support/promqlcases.h"

#include <QFile>
#include <QTest>

#include <cmath>

using namespace signalbox;
using namespace signalbox::sandbox;
using namespace signalbox::test;
using nlohmann::json;

namespace
{

constexpr std::int64_t minuteMs = 60'000;
constexpr std::int64_t nowMs = promqlStartMs + 20 * minuteMs;

// Something that a matcher of our own expressions takes.
std::string fitting(const Matcher &matcher)
{
    switch (matcher.kind()) {
    case Matcher::Kind::Equal:
        return matcher.value();
    case Matcher::Kind::Regex:
        for (const char *value : {"500", "vllm:gpu_cache_usage_perc"}) {
            if (matcher.matches(value))
                return value;
        }
        return {};
    default:
        return "other";
    }
}

// Gives the store, for every selector in the expression, counters that it selects, in blue and green.
void feed(SampleStore &store, const Expression &expression)
{
    if (expression.kind == Expression::Kind::Selector) {
        LabelSet labels;
        for (const Matcher &matcher : expression.matchers)
            labels.emplace_back(matcher.name(), fitting(matcher));
        labels = labelSet(std::move(labels));
        const bool isBucket = labelValue(labels, "__name__").ends_with("_bucket");
        for (const char *slot : {"blue", "green"}) {
            double part = 0.2;
            for (const char *le : {"0.1", "1", "+Inf"}) {
                LabelSet all = labels;
                all.emplace_back("slot", slot);
                all.emplace_back("le", isBucket ? le : "");
                const SeriesRef ref = store.series(std::move(all));
                for (int i = 0; i <= 80; ++i)
                    store.append(ref, promqlStartMs + i * 15'000, part * (i + 1) * 30);
                part += 0.4;
            }
        }
    }
    for (const auto &part : expression.parts)
        feed(store, *part);
}

QueryResult resultOf(const Engine::Outcome<QueryResult> &outcome)
{
    if (const auto *error = std::get_if<QueryError>(&outcome)) {
        qWarning("%s", error->message.c_str());
        return {};
    }
    return std::get<QueryResult>(outcome);
}

QByteArray errorOf(const Engine::Outcome<QueryResult> &outcome)
{
    const auto *error = std::get_if<QueryError>(&outcome);
    return error ? QByteArray::fromStdString(error->message) : QByteArray();
}

} // namespace

class TestPromql : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase() { fill(m_store, promqlSamples()); }

    // tests/contract/sandbox wrote them down: what a real Prometheus 2.42 said.
    void recordedAnswers_data()
    {
        QFile file(QStringLiteral(SIGNALBOX_TEST_DATA "/promql/answers.json"));
        QVERIFY(file.open(QIODevice::ReadOnly));
        m_recorded = json::parse(file.readAll().toStdString());
        QVERIFY(m_recorded.size() > 350);
        QTest::addColumn<int>("index");
        for (int i = 0; i < int(m_recorded.size()); ++i)
            QTest::addRow("%d", i) << i;
    }
    void recordedAnswers()
    {
        QFETCH(int, index);
        const json &recorded = m_recorded[std::size_t(index)];
        const ApiAnswer answer =
            m_api.answer("POST", "/api/v1/query", {{"query", recorded.at("query").get<std::string>()}});
        const std::string text = difference(recorded.at("answer"), json::parse(answer.body));
        QVERIFY2(text.empty(), (recorded.at("query").get<std::string>() + ": " + text).c_str());
        QCOMPARE(answer.status, recorded.at("status").get<int>());
    }

    void whatTheSandboxLacksIsSaid_data()
    {
        QTest::addColumn<QByteArray>("query");
        QTest::addColumn<QByteArray>("part");
        const auto row = [](const char *query, const char *part) {
            QTest::newRow(query) << QByteArray(query) << QByteArray(part);
        };
        row("abs(up)", "the function \"abs\"");
        row("sum(rate(up[5m])) + scalar(up)", "the function \"scalar\"");
        row("time()", "the function \"time\"");
        row("predict_linear(up[5m], 3600)", "the function \"predict_linear\"");
        row("min_over_time(up[5m])", "the function \"min_over_time\"");
        row("stddev(up)", "the aggregation \"stddev\"");
        row("bottomk(1, up)", "the aggregation \"bottomk\"");
        row("count_values(\"v\", up)", "the aggregation \"count_values\"");
        row("group by (job) (up)", "the aggregation \"group\"");
        row("up and up", "the operator \"and\"");
        row("up unless up", "the operator \"unless\"");
        row("up atan2 up", "the operator \"atan2\"");
        row("up * on (instance) group_left (x) up", "the modifier \"group_left\"");
        row("up * on (instance) group_right up", "the modifier \"group_right\"");
        row("up @ 1700000000", "the modifier \"@\"");
        row("rate(up[5m] @ end())", "the modifier \"@\"");
        row("avg_over_time(up[5m:1m])", "subqueries");
    }
    void whatTheSandboxLacksIsSaid()
    {
        QFETCH(QByteArray, query);
        QFETCH(QByteArray, part);
        const ApiAnswer answer = m_api.answer("GET", "/api/v1/query", {{"query", query.toStdString()}});
        QCOMPARE(answer.status, 422);
        const json body = json::parse(answer.body);
        QCOMPARE(body.at("errorType").get<std::string>(), std::string("execution"));
        QCOMPARE(QByteArray::fromStdString(body.at("error").get<std::string>()),
                 "the sandbox's PromQL does not have " + part + "; a Prometheus server does");
    }

    // Every panel that the console suggests must show numbers on the practice world.
    void ourOwnExpressionsHaveResults_data()
    {
        QTest::addColumn<QString>("expression");
        for (const MetricFamily &family : builtInMetricFamilies().families) {
            FamilyBinding byLabel;
            byLabel.selector = QStringLiteral("app=\"cart\",namespace=\"shop\"");
            byLabel.trackLabel = QStringLiteral("slot");
            byLabel.codeLabel = QStringLiteral("code");
            FamilyBinding byPods = byLabel;
            byPods.podMatchers = {{QStringLiteral("blue"), QStringLiteral("slot=\"blue\"")},
                                  {QStringLiteral("green"), QStringLiteral("slot=\"green\"")}};
            for (const MetricPanel &panel : boundPanels(family, byLabel, builtInMetricFamilies().metricNames()))
                QTest::addRow("%s %s", qPrintable(family.name), qPrintable(panel.id)) << panel.expression;
            for (const MetricPanel &panel : boundPanels(family, byPods, builtInMetricFamilies().metricNames()))
                QTest::addRow("%s %s by pods", qPrintable(family.name), qPrintable(panel.id)) << panel.expression;
            QTest::addRow("%s labels", qPrintable(family.name))
                << QStringLiteral("count by (%1) ({__name__=%2})")
                       .arg(bindingLabels(builtInMetricFamilies(), family).join(u','), promQuoted(family.probe));
        }
        QTest::newRow("scrape interval") << "1000 * quantile(0.5, 120 / count_over_time(up[2m]))";
    }
    void ourOwnExpressionsHaveResults()
    {
        QFETCH(QString, expression);
        const std::string query = expression.replace(QStringLiteral("{window}"), QStringLiteral("2m")).toStdString();
        const auto parsed = parseExpression(query);
        if (const auto *error = std::get_if<std::string>(&parsed))
            QFAIL(error->c_str());
        SampleStore store;
        feed(store, *std::get<std::unique_ptr<Expression>>(parsed));
        const PrometheusApi api(store, nullptr, [] { return nowMs; });
        const ApiAnswer body = api.answer("POST", "/api/v1/query_range",
                                          {{"query", query},
                                           {"start", std::to_string(nowMs / 1000 - 600)},
                                           {"end", std::to_string(nowMs / 1000)},
                                           {"step", "15"}});
        const auto answer = parseQueryAnswer(QByteArray::fromStdString(body.body), {QStringLiteral("sandbox"), 200});
        QVERIFY2(answer, body.body.c_str());
        QVERIFY(!answer->series.isEmpty());
        for (const MetricSeries &series : answer->series) {
            QCOMPARE(series.samples.size(), 41);
            for (const Sample &sample : series.samples)
                QVERIFY(std::isfinite(sample.value));
        }
    }

    void largestComeFirst()
    {
        const Engine engine(m_store);
        const QueryResult result = resultOf(engine.instant("topk(4, http_requests_total)", nowMs));
        QCOMPARE(result.series.size(), std::size_t(4));
        for (std::size_t i = 1; i < 4; ++i)
            QVERIFY(result.series[i - 1].samples[0].value >= result.series[i].samples[0].value);
    }

    void rangeIsInOrderOfLabels()
    {
        const Engine engine(m_store);
        const QueryResult result = resultOf(engine.range("http_requests_total", nowMs - 60'000, nowMs, 15'000));
        QVERIFY(result.series.size() > 5);
        QVERIFY(std::is_sorted(result.series.begin(), result.series.end(),
                               [](const auto &a, const auto &b) { return a.labels < b.labels; }));
    }

    void tooMuchIsRefused()
    {
        Engine::Options options;
        options.maxValues = 1000;
        const Engine engine(m_store, options);
        QCOMPARE(errorOf(engine.range("{__name__!=\"\"}", promqlStartMs, nowMs, 15'000)),
                 QByteArray("query processing would load too many samples into memory in query execution"));
        QVERIFY(!resultOf(engine.range("up", promqlStartMs, nowMs, 15'000)).series.empty());
    }

    void tooLongIsRefused()
    {
        SampleStore store;
        for (int i = 0; i < 500; ++i)
            store.append(store.series({{"__name__", "m"}, {"i", std::to_string(i)}}), nowMs, i);
        const PrometheusApi api(store, nullptr, [] { return nowMs; });
        const ApiAnswer answer = api.answer("GET", "/api/v1/query_range",
                                            {{"query", "sum(m) + sum(m) + sum(m) + sum(m)"},
                                             {"start", std::to_string(nowMs / 1000 - 9000)},
                                             {"end", std::to_string(nowMs / 1000)},
                                             {"step", "1"},
                                             {"timeout", "1ms"}});
        QCOMPARE(answer.status, 503);
        QCOMPARE(answer.body, std::string(R"({"status":"error","errorType":"timeout","error":"query timed out in )"
                                          R"(expression evaluation"})"));
    }

    void deeplyNestedIsRefused()
    {
        for (const char *opening : {"(", "-(", "sum(", "1+(", "1+", "1^", "-"}) {
            std::string query;
            for (int i = 0; i < 100'000; ++i)
                query += opening;
            query += "1";
            const auto parsed = parseExpression(query);
            QVERIFY(std::holds_alternative<std::string>(parsed));
        }
    }

    // Whatever is typed, nothing but an answer or an error comes of it.
    void brokenQueriesDoNoHarm()
    {
        std::mt19937 random(7);
        PromqlGenerator generator(7);
        const Engine engine(m_store);
        int read = 0;
        for (int i = 0; i < 3000; ++i) {
            const std::string query = damaged(generator.vector(2), random);
            const auto outcome = engine.instant(query, nowMs);
            if (const auto *error = std::get_if<QueryError>(&outcome))
                QVERIFY(!error->message.empty());
            else
                ++read;
        }
        QVERIFY(read > 100 && read < 2900);
    }

    // The random queries of the comparison are worth comparing.
    void randomQueriesMostlyHaveResults()
    {
        PromqlGenerator generator(20261121);
        const Engine engine(m_store);
        int full = 0;
        for (int i = 1; i <= 150; ++i) {
            const auto outcome = engine.instant(generator.vector(1 + i % 3), nowMs);
            if (const auto *result = std::get_if<QueryResult>(&outcome))
                full += result->series.empty() ? 0 : 1;
        }
        QVERIFY2(full >= 60, qPrintable(QString::number(full)));
    }

private:
    SampleStore m_store{{.fineMs = 24 * 3600'000LL}};
    PrometheusApi m_api{m_store, nullptr, [] { return nowMs; }};
    json m_recorded;
};

QTEST_GUILESS_MAIN(TestPromql)
#include "test_promql.moc"
