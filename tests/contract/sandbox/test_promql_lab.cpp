#include "services/sandbox/promql/alertrules.h"
#include "services/sandbox/promql/prometheusapi.h"
#include "tests/support/labprometheus.h"
#include "tests/support/promqlcases.h"

#include <nlohmann/json.hpp>

#include <QElapsedTimer>
#include <QFile>
#include <QTcpSocket>
#include <QTest>

#include <bit>

using namespace signalbox;
using namespace signalbox::sandbox;
using namespace signalbox::test;
using nlohmann::json;

namespace
{

constexpr std::int64_t minuteMs = 60'000;

struct Answer
{
    int status = 0;
    QByteArray contentType;
    QByteArray body;
};

Answer ask(int port, const QByteArray &method, const QByteArray &target, const QByteArray &headers,
           const QByteArray &body)
{
    QTcpSocket socket;
    socket.connectToHost(QStringLiteral("127.0.0.1"), static_cast<quint16>(port));
    if (!socket.waitForConnected(5000))
        return {};
    socket.write(method + ' ' + target + " HTTP/1.0\r\nHost: 127.0.0.1\r\n" + headers +
                 "Content-Length: " + QByteArray::number(body.size()) + "\r\n\r\n" + body);
    QByteArray whole;
    QElapsedTimer timer;
    timer.start();
    while (timer.elapsed() < 20'000 && socket.state() != QAbstractSocket::UnconnectedState) {
        socket.waitForReadyRead(1000);
        whole += socket.readAll();
    }
    whole += socket.readAll();
    Answer answer;
    const qsizetype split = whole.indexOf("\r\n\r\n");
    answer.status = whole.mid(9, 3).toInt();
    answer.body = whole.mid(split + 4);
    for (const QByteArray &line : whole.left(split).split('\n')) {
        if (line.toLower().startsWith("content-type:"))
            answer.contentType = line.mid(13).trimmed();
    }
    return answer;
}

// Just enough of protocol buffers and Snappy (which may hold its input as it is) for a remote write.
QByteArray varint(quint64 value)
{
    QByteArray bytes;
    for (; value >= 0x80; value >>= 7)
        bytes += static_cast<char>(value | 0x80);
    return bytes + static_cast<char>(value);
}

QByteArray field(int number, const QByteArray &bytes)
{
    return varint(static_cast<quint64>(number << 3 | 2)) + varint(static_cast<quint64>(bytes.size())) + bytes;
}

QByteArray seriesMessage(const PromqlSeries &series, std::int64_t from, std::int64_t to)
{
    QByteArray message;
    bool hasAny = false;
    for (const auto &[name, value] : series.labels)
        message += field(1, field(1, QByteArray::fromStdString(name)) + field(2, QByteArray::fromStdString(value)));
    for (const TimedValue &sample : series.samples) {
        if (sample.ms < from || sample.ms >= to)
            continue;
        hasAny = true;
        const auto bits = std::bit_cast<quint64>(sample.value);
        QByteArray one(1, static_cast<char>(1 << 3 | 1));
        for (int i = 0; i < 8; ++i)
            one += static_cast<char>(bits >> (8 * i));
        message += field(2, one + varint(2 << 3) + varint(static_cast<quint64>(sample.ms)));
    }
    return hasAny ? field(1, message) : QByteArray();
}

QByteArray asSnappy(const QByteArray &plain)
{
    QByteArray packed = varint(static_cast<quint64>(plain.size()));
    for (qsizetype i = 0; i < plain.size(); i += 60'000) {
        const QByteArray piece = plain.mid(i, 60'000);
        const auto length = static_cast<quint32>(piece.size() - 1);
        packed += static_cast<char>(61 << 2);
        packed += static_cast<char>(length);
        packed += static_cast<char>(length >> 8);
        packed += piece;
    }
    return packed;
}

QByteArray encoded(const QList<std::pair<QByteArray, QByteArray>> &form)
{
    QByteArray text;
    for (const auto &[name, value] : form)
        text += (text.isEmpty() ? "" : "&") + name.toPercentEncoding() + '=' + value.toPercentEncoding();
    return text;
}

QByteArray seconds(std::int64_t ms)
{
    return QByteArray::number(static_cast<double>(ms) / 1000, 'f', 3);
}

// How many queries are made at random.
int randomCount()
{
    bool isSet = false;
    const int count = qEnvironmentVariableIntValue("SIGNALBOX_RANDOM_QUERIES", &isSet);
    return isSet ? count : 150;
}

// Names of members and the types of their values.
std::string shapeOf(const json &object)
{
    std::string shape;
    for (const auto &[name, value] : object.items())
        shape += name + ' ' + (value.is_number() ? "number" : value.type_name()) + '\n';
    return shape;
}

QByteArrayList lines(const char *name)
{
    QFile file(QStringLiteral(SIGNALBOX_TEST_DATA "/promql/") + QLatin1String(name));
    if (!file.open(QIODevice::ReadOnly))
        qFatal("%s is missing", name);
    QByteArrayList all;
    const QByteArrayList read = file.readAll().split('\n');
    for (const QByteArray &line : read) {
        if (!line.startsWith("# "))
            all.append(line);
    }
    all.removeLast(); // behind the last line break
    return all;
}

} // namespace

// The sandbox's Prometheus beside a real one with the same samples. SIGNALBOX_RANDOM_QUERIES=N
// makes N queries at random instead of 150. With SIGNALBOX_RECORD_ANSWERS=FILE the real one's
// answers are written down: so tests/data/promql/answers.json was made, for the test that has no server.
class TestPromqlLab : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase()
    {
        QString error;
        m_real = LabPrometheus::start({.hasSlots = false, .takesRemoteWrites = true}, &error);
        QVERIFY2(m_real, qPrintable(error));
        const auto samples = promqlSamples();
        fill(m_store, samples);
        for (std::int64_t at = promqlStartMs; at <= promqlStartMs + (promqlMinutes + 1) * minuteMs;
             at += 5 * minuteMs) {
            QByteArray message;
            for (const PromqlSeries &series : samples)
                message += seriesMessage(series, at, at + 5 * minuteMs);
            const Answer answer = ask(m_real->port(), "POST", "/api/v1/write",
                                      "Content-Encoding: snappy\r\nContent-Type: application/x-protobuf\r\n"
                                      "X-Prometheus-Remote-Write-Version: 0.1.0\r\n",
                                      asSnappy(message));
            QVERIFY2(answer.status == 204, answer.body.constData());
        }
    }

    void cleanupTestCase()
    {
        QFile file(qEnvironmentVariable("SIGNALBOX_RECORD_ANSWERS"));
        if (!file.fileName().isEmpty()) {
            QVERIFY(file.open(QIODevice::WriteOnly));
            file.write("[\n" + m_recorded.join(",\n") + "\n]\n");
        }
    }

    void queriesAreAnsweredAlike_data()
    {
        QTest::addColumn<QByteArray>("query");
        int number = 0;
        for (const QByteArray &line : lines("queries.txt"))
            QTest::addRow("%d %s", ++number, line.left(60).constData()) << line;
        PromqlGenerator generator(20261121);
        for (int i = 1; i <= randomCount(); ++i)
            QTest::addRow("random %d", i) << QByteArray::fromStdString(generator.vector(1 + i % 3));
    }
    void queriesAreAnsweredAlike()
    {
        QFETCH(QByteArray, query);
        for (const std::int64_t at : {20 * minuteMs, 11 * minuteMs + 7'123, 32 * minuteMs}) {
            const QByteArray difference =
                compared("/api/v1/query", {{"query", query}, {"time", seconds(promqlStartMs + at)}});
            QVERIFY2(difference.isEmpty(), (query + '\n' + difference).constData());
        }
        const QByteArray difference = compared("/api/v1/query_range", {{"query", query},
                                                                       {"start", seconds(promqlStartMs - 3 * minuteMs)},
                                                                       {"end", seconds(promqlStartMs + 45 * minuteMs)},
                                                                       {"step", "37"}});
        QVERIFY2(difference.isEmpty(), ("range: " + query + '\n' + difference).constData());
    }

    void refusedInTheSameWords_data()
    {
        QTest::addColumn<QByteArray>("query");
        int number = 0;
        for (QByteArray line : lines("refused.txt"))
            QTest::addRow("%d %s", ++number, line.left(60).constData()) << line.replace("\\n", "\n");
    }
    void refusedInTheSameWords()
    {
        QFETCH(QByteArray, query);
        const QByteArray at = seconds(promqlStartMs + 20 * minuteMs);
        const QByteArray instant = compared("/api/v1/query", {{"query", query}, {"time", at}}, true);
        QVERIFY2(instant.isEmpty(), (query + '\n' + instant).constData());
        const QByteArray range =
            compared("/api/v1/query_range", {{"query", query}, {"start", at}, {"end", at}, {"step", "15"}}, true);
        QVERIFY2(range.isEmpty(), ("range: " + query + '\n' + range).constData());
    }

    // Queries with a letter changed, gone or too many: what remains readable is answered alike, the rest refused in the
    // same words, but for what the sandbox says it lacks.
    void damagedQueriesAreTakenAlike_data()
    {
        QTest::addColumn<QByteArray>("query");
        PromqlGenerator generator(7);
        std::mt19937 random(7);
        for (int i = 1; i <= 2 * randomCount(); ++i)
            QTest::addRow("random damaged %d", i)
                << QByteArray::fromStdString(damaged(generator.vector(i % 3), random));
    }
    void damagedQueriesAreTakenAlike()
    {
        QFETCH(QByteArray, query);
        const QByteArray at = seconds(promqlStartMs + 20 * minuteMs);
        const ApiAnswer ours = m_api.answer("GET", "/api/v1/query", {{"query", query.toStdString()}});
        if (ours.body.find("the sandbox's PromQL does not have") != std::string::npos)
            return;
        const QByteArray difference = compared("/api/v1/query", {{"query", query}, {"time", at}});
        QVERIFY2(difference.isEmpty(), (query + '\n' + difference).constData());
    }

    void parametersAreReadAlike_data()
    {
        QTest::addColumn<QByteArray>("path");
        QTest::addColumn<QByteArray>("parameters");
        int number = 0;
        const auto row = [&number](const char *path, const char *parameters) {
            QTest::addRow("%d %s?%s", ++number, path, parameters) << QByteArray(path) << QByteArray(parameters);
        };
        for (const char *parameters :
             {"", "query=up", "query=up&time=1700000600", "query=up&time=1700000600.5", "query=up&time=abc",
              "query=up&time=2023-11-14T22:23:20Z", "query=up&time=2023-11-15T00:23:20.25%2B02:00",
              "query=up&time=2023-11-14", "query=up&time=1700000600&timeout=abc", "query=up&time=1700000600&timeout=5s",
              "query=up&time=1700000600&timeout=1.5", "query=%22a%22&time=5.5"})
            row("/api/v1/query", parameters);
        for (const char *parameters : {"",
                                       "query=up",
                                       "query=up&start=1",
                                       "query=up&start=1&end=2",
                                       "query=up&start=x&end=2&step=1",
                                       "query=up&start=1&end=x&step=1",
                                       "query=up&start=2&end=1&step=1",
                                       "query=up&start=1&end=2&step=x",
                                       "query=up&start=1&end=2&step=0",
                                       "query=up&start=1&end=2&step=-1",
                                       "query=up&start=1&end=2&step=1e30",
                                       "query=up&start=0&end=11000&step=1",
                                       "query=up&start=0&end=11001&step=1",
                                       "query=up&start=0&end=1e9&step=1m",
                                       "query=up&start=1700000000&end=1700000600&step=1m",
                                       "query=up&start=1700000000.25&end=1700000060&step=0.5",
                                       "query=up[5m]&start=1&end=2&step=1",
                                       "query=%22a%22&start=1&end=2&step=1",
                                       "query=1&start=1&end=3&step=1",
                                       "query=up(&start=1&end=2&step=1&timeout=x"})
            row("/api/v1/query_range", parameters);
        for (const char *parameters :
             {"", "match[]=up", "match[]=up&match[]=one{kind=\"a\"}", "match[]=up(", "match[]={a=\"\"}",
              "match[]=nobody", "match[]=sum(up)", "match[]=up&start=abc", "match[]=up&end=abc",
              "match[]=up&start=1&end=2", "match[]={__name__=~\"up|gap_total\"}&start=1700000000&end=1700000060"})
            row("/api/v1/series", parameters);
        for (const char *parameters : {"", "match[]=up", "match[]=up(", "match[]={a=\"\"}", "start=abc"})
            row("/api/v1/labels", parameters);
        for (const char *parameters : {"", "match[]=up", "match[]={__name__=~\"u.|one|vllm:x\"}&start=1700000000",
                                       "match[]=up(", "match[]={a=\"\"}", "end=abc"})
            row("/api/v1/label/__name__/values", parameters);
        row("/api/v1/label/slot/values", "");
        row("/api/v1/label/text/values", "");
        row("/api/v1/label/nothing/values", "");
        row("/api/v1/label/a-b/values", "");
        row("/api/v1/label/1a/values", "");
        row("/api/v1/metadata", "");
        row("/api/v1/metadata", "limit=x");
        row("/api/v1/alerts", "");
        row("/api/v1/rules", "type=x");
        row("/api/v1/targets", "state=dropped");
        row("/api/v1/nothing", "");
    }
    void parametersAreReadAlike()
    {
        QFETCH(QByteArray, path);
        QFETCH(QByteArray, parameters);
        const Answer real =
            ask(m_real->port(), "GET",
                path + '?' + parameters.replace('"', "%22").replace('{', "%7B").replace('}', "%7D").replace('|', "%7C"),
                {}, {});
        const ApiAnswer ours = m_api.answer("GET", path.toStdString(), formParameters(parameters.toStdString()));
        const QByteArray both = "real " + QByteArray::number(real.status) + ' ' + real.body.left(500) + "\nours " +
                                QByteArray::number(ours.status) + ' ' + QByteArray::fromStdString(ours.body).left(500);
        QVERIFY2(ours.status == real.status, both.constData());
        QCOMPARE(QByteArray::fromStdString(ours.contentType), real.contentType);
        if (ours.contentType != "application/json") {
            QCOMPARE(QByteArray::fromStdString(ours.body), real.body);
            return;
        }
        json expected = json::parse(real.body.toStdString());
        json found = json::parse(ours.body);
        if (path.contains("query") && parameters.contains("start"))
            QVERIFY2(difference(expected, found).empty(), both.constData());
        else if (parameters.contains("time") || !path.endsWith("query"))
            QVERIFY2(expected == found, both.constData());
    }

    // A rule and a group of ours have the members that Prometheus' have, with values of the same types.
    void rulesLookAlike()
    {
        AlertRules rules(m_store);
        QCOMPARE(rules.add({"release", 1000, {{"SlotAway", "up == 5", 60'000, {{"severity", "page"}}, {}}}}),
                 std::string());
        rules.evaluate(promqlStartMs);
        const PrometheusApi api(m_store, &rules, [] { return promqlStartMs; });
        json theirs;
        const auto isEvaluated = [&] {
            const Answer answer = ask(m_real->port(), "GET", "/api/v1/rules?type=alert", {}, {});
            const json body = json::parse(answer.body.toStdString());
            for (const json &group : body.at("data").at("groups")) {
                if (group.at("name") == "release")
                    theirs = group;
            }
            return theirs.is_object() && theirs.at("rules").back().at("health") == "ok";
        };
        QTRY_VERIFY2_WITH_TIMEOUT(isEvaluated(), theirs.dump().c_str(), 15'000);
        const json ours =
            json::parse(api.answer("GET", "/api/v1/rules", {{"type", "alert"}}).body).at("data").at("groups").at(0);
        QCOMPARE(QByteArray::fromStdString(shapeOf(ours)), QByteArray::fromStdString(shapeOf(theirs)));
        QCOMPARE(QByteArray::fromStdString(shapeOf(ours.at("rules").back())),
                 QByteArray::fromStdString(shapeOf(theirs.at("rules").back())));
        for (const char *name : {"name", "duration", "state", "health", "type"})
            QVERIFY2(ours.at("rules").back().at(name) == theirs.at("rules").back().at(name), name);
    }

    // Methods and forms in the body.
    void methodsAreThoseOfPrometheus_data()
    {
        QTest::addColumn<QByteArray>("method");
        QTest::addColumn<QByteArray>("path");
        for (const char *method : {"GET", "POST", "PUT", "DELETE"}) {
            for (const char *path :
                 {"/api/v1/query", "/api/v1/query_range", "/api/v1/series", "/api/v1/labels",
                  "/api/v1/label/job/values", "/api/v1/alerts", "/api/v1/status/buildinfo", "/-/ready", "/-/healthy"}) {
                const bool deletesSeries = QByteArray(method) == "DELETE" && QByteArray(path).endsWith("series");
                if (!deletesSeries) // a leftover of Prometheus, which answers 500
                    QTest::addRow("%s %s", method, path) << QByteArray(method) << QByteArray(path);
            }
        }
    }
    void methodsAreThoseOfPrometheus()
    {
        QFETCH(QByteArray, method);
        QFETCH(QByteArray, path);
        const QByteArray form = "query=up&start=1&end=2&step=1&time=1&match[]=up";
        const bool isForm = method == "POST";
        const Answer real =
            ask(m_real->port(), method, isForm ? path : path + '?' + form,
                isForm ? "Content-Type: application/x-www-form-urlencoded\r\n" : "", isForm ? form : QByteArray());
        const ApiAnswer ours =
            m_api.answer(method.toStdString(), path.toStdString(), formParameters(form.toStdString()));
        QCOMPARE(ours.status, real.status);
        if (!path.endsWith("buildinfo"))
            QCOMPARE(QByteArray::fromStdString(ours.body), real.body);
    }

private:
    // Both asked by POST, as the console does; empty: alike.
    QByteArray compared(const QByteArray &path, const QList<std::pair<QByteArray, QByteArray>> &form,
                        bool mustFail = false)
    {
        const QByteArray body = encoded(form);
        const Answer real =
            ask(m_real->port(), "POST", path, "Content-Type: application/x-www-form-urlencoded\r\n", body);
        const ApiAnswer ours = m_api.answer("POST", path.toStdString(), formParameters(body.toStdString()));
        const json expected = json::parse(real.body.toStdString(), nullptr, false);
        if (expected.is_discarded())
            return "the real one answered " + real.body.left(200);
        if (mustFail && expected.at("status") != "error")
            return "the real one takes it";
        const bool isOfRandom = QByteArray(QTest::currentDataTag()).startsWith("random");
        if (path.endsWith("query") && !isOfRandom && form[1].second == seconds(promqlStartMs + 20 * minuteMs) &&
            real.body.size() < 2500)
            m_recorded.append(QByteArray::fromStdString(
                json{{"query", form[0].second.toStdString()}, {"status", real.status}, {"answer", expected}}.dump(
                    -1, ' ', true)));
        const json found = json::parse(ours.body);
        std::string text = difference(expected, found);
        if (ours.status != real.status)
            text += "\nstatus " + std::to_string(ours.status) + ", expected " + std::to_string(real.status);
        return QByteArray::fromStdString(text);
    }

    std::unique_ptr<LabPrometheus> m_real;
    QByteArrayList m_recorded;
    SampleStore m_store{{.fineMs = 24 * 3600'000LL}};
    PrometheusApi m_api{m_store, nullptr, [] { return promqlStartMs + 20 * minuteMs; }};
};

QTEST_GUILESS_MAIN(TestPromqlLab)
#include "test_promql_lab.moc"
