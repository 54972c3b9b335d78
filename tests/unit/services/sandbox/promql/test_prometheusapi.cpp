#include "services/sandbox/promql/alertrules.h"
#include "services/sandbox/promql/prometheusapi.h"
#include "tests/support/jsonschema.h"
#include "tests/support/promqlcases.h"

#include <QFile>
#include <QTest>

using namespace signalbox;
using namespace signalbox::sandbox;
using namespace signalbox::test;
using nlohmann::json;

namespace
{
constexpr std::int64_t nowMs = promqlStartMs + 20 * 60'000;
}

class TestPrometheusApi : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase()
    {
        fill(m_store, promqlSamples());
        m_store.describe("up", {"gauge", "Whether the target answers.", {}});
        QCOMPARE(m_rules.add({"g", 15'000, {{"Down", "up == 0", 0, {{"severity", "page"}}, {{"summary", "down"}}}}}),
                 std::string());
        m_rules.evaluate(nowMs);
        m_rules.evaluate(nowMs + 60'000);
    }

    void formsAreDecoded_data()
    {
        QTest::addColumn<QByteArray>("encoded");
        QTest::addColumn<QByteArray>("decoded");
        const auto row = [](const char *encoded, const char *decoded) {
            QTest::newRow(encoded) << QByteArray(encoded) << QByteArray(decoded);
        };
        row("", "");
        row("a=b&c=d", "[a|b][c|d]");
        row("a=b+c%20d%2B", "[a|b c d+]");
        row("match%5B%5D=x&match[]=y", "[match[]|x][match[]|y]");
        row("a&b=&=c&&d==", "[a|][b|][|c][d|=]");
        row("a=%zz%4", "[a|%zz%4]");
    }
    void formsAreDecoded()
    {
        QFETCH(QByteArray, encoded);
        QFETCH(QByteArray, decoded);
        QByteArray text;
        for (const auto &[name, value] : formParameters(encoded.toStdString()))
            text += '[' + QByteArray::fromStdString(name) + '|' + QByteArray::fromStdString(value) + ']';
        QCOMPARE(text, decoded);
    }

    // Prometheus' own description of its API says what an answer looks like. Not of /api/v1/targets: there it is of a
    // later version, whose droppedTargetCounts 2.42 does not have.
    void answersFitTheDescription_data()
    {
        QTest::addColumn<QByteArray>("described");
        QTest::addColumn<QByteArray>("path");
        QTest::addColumn<QByteArray>("parameters");
        const auto row = [](const char *path, const char *parameters, const char *described = "") {
            QTest::addRow("%s?%s", path, parameters)
                << QByteArray(*described ? described : path) << QByteArray(path) << QByteArray(parameters);
        };
        row("/api/v1/query", "query=up");
        row("/api/v1/query", "query=up[2m]");
        row("/api/v1/query", "query=1");
        row("/api/v1/query", "query=nobody");
        row("/api/v1/query", "query=up(");
        row("/api/v1/query", "query=abs(up)");
        row("/api/v1/query_range", "query=rate(http_requests_total[1m])&start=1700000000&end=1700001200&step=15");
        row("/api/v1/query_range", "query=up&start=2&end=1&step=15");
        row("/api/v1/series", "match[]=up");
        row("/api/v1/labels", "");
        row("/api/v1/label/slot/values", "", "/api/v1/label/{name}/values");
        row("/api/v1/metadata", "");
        row("/api/v1/alerts", "");
        row("/api/v1/rules", "type=alert");
        row("/api/v1/status/buildinfo", "");
    }
    void answersFitTheDescription()
    {
        QFile file(
            qEnvironmentVariable("SIGNALBOX_CONTRACTS", QStringLiteral(SIGNALBOX_SOURCE_DIR "/../shared/contracts")) +
            QStringLiteral("/prometheus/prometheus-v1.json"));
        if (!file.open(QIODevice::ReadOnly))
            QSKIP("SIGNALBOX_CONTRACTS does not name the folder of the official descriptions");
        QFETCH(QByteArray, described);
        QFETCH(QByteArray, path);
        QFETCH(QByteArray, parameters);
        const json api = json::parse(file.readAll().toStdString());
        const ApiAnswer answer = ask(path, parameters);
        const json &responses = api.at("paths").at(described.toStdString()).at("get").at("responses");
        const std::string reference = responses.at(answer.status == 200 ? "200" : "default")
                                          .at("content")
                                          .at("application/json")
                                          .at("schema")
                                          .at("$ref");
        const JsonSchema schema(api, reference.substr(1));
        const std::string complaint = schema.complaint(json::parse(answer.body));
        QVERIFY2(complaint.empty(), (complaint + '\n' + answer.body).c_str());
    }

    void targetsAreThoseThatAreUp()
    {
        const json body = json::parse(ask("/api/v1/targets", "").body);
        const json &targets = body.at("data").at("activeTargets");
        QCOMPARE(targets.size(), std::size_t(2));
        QCOMPARE(targets[0].at("labels").at("instance").get<std::string>(), std::string("1"));
        QCOMPARE(targets[0].at("health").get<std::string>(), std::string("up"));
        QCOMPARE(targets[1].at("health").get<std::string>(), std::string("down"));
    }

    void metadataIsWhatWasDescribed()
    {
        QCOMPARE(
            ask("/api/v1/metadata", "metric=up").body,
            std::string(R"({"status":"success","data":{"up":[{"type":"gauge","help":"Whether the target answers.",)"
                        R"("unit":""}]}})"));
        QCOMPARE(ask("/api/v1/metadata", "limit=0").body, std::string(R"({"status":"success","data":{}})"));
    }

    void numbersAreWrittenAsPrometheusDoes_data()
    {
        QTest::addColumn<QByteArray>("number");
        QTest::addColumn<QByteArray>("written");
        const auto row = [](const char *number, const char *written) {
            QTest::newRow(number) << QByteArray(number) << QByteArray(written);
        };
        row("1", "1");
        row("0.1 %2B 0.2", "0.30000000000000004");
        row("1e20", "100000000000000000000");
        row("1e21", "1e+21");
        row("0.000001", "0.000001");
        row("0.0000001", "1e-07");
        row("-1e300", "-1e+300");
        row("-1 / 0", "-Inf");
        row("0 / 0", "NaN");
        row("0 * -1", "-0");
    }
    void numbersAreWrittenAsPrometheusDoes()
    {
        QFETCH(QByteArray, number);
        QFETCH(QByteArray, written);
        const json body = json::parse(ask("/api/v1/query", "query=" + number).body);
        QCOMPARE(QByteArray::fromStdString(body.at("data").at("result").at(1).get<std::string>()), written);
    }

private:
    ApiAnswer ask(const QByteArray &path, const QByteArray &parameters) const
    {
        return m_api.answer("GET", path.toStdString(), formParameters(parameters.toStdString()));
    }

    SampleStore m_store{{.fineMs = 24 * 3600'000LL}};
    AlertRules m_rules{m_store};
    PrometheusApi m_api{m_store, &m_rules, [] { return nowMs; }};
};

QTEST_GUILESS_MAIN(TestPrometheusApi)
#include "test_prometheusapi.moc"
