#include "services/adapters/prometheus/prometheusanswer.h"

#include <nlohmann/json.hpp>

#include <QElapsedTimer>
#include <QFile>
#include <QTest>

#include <cmath>

using namespace signalbox;

namespace
{
const PrometheusAsked asked{QStringLiteral("Prometheus 127.0.0.1:9090"), 200};

QByteArray enveloped(const QByteArray &data)
{
    return "{\"status\":\"success\",\"data\":" + data + "}";
}

PrometheusAsked withStatus(int status)
{
    return {asked.source, status};
}
} // namespace

class TestPrometheusAnswer : public QObject
{
    Q_OBJECT
private slots:
    void valuesAreTexts_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<bool>("isValue");
        QTest::addColumn<double>("value");
        QTest::newRow("whole") << QByteArray("42") << true << 42.0;
        QTest::newRow("fraction") << QByteArray("0.5") << true << 0.5;
        QTest::newRow("exponent") << QByteArray("1e+00") << true << 1.0;
        QTest::newRow("negative") << QByteArray("-1.5e-3") << true << -0.0015;
        QTest::newRow("+Inf") << QByteArray("+Inf") << true << HUGE_VAL;
        QTest::newRow("-Inf") << QByteArray("-Inf") << true << -HUGE_VAL;
        for (const char *garbage :
             {"", "abc", "nan", "inf", "infinity", "1,5", "1.5 ", " 1", "0x10", "--1", "+", "1e999"})
            QTest::newRow(*garbage ? garbage : "empty") << QByteArray(garbage) << false << 0.0;
    }
    void valuesAreTexts()
    {
        QFETCH(QByteArray, text);
        const auto value = parsePrometheusValue({text.constData(), static_cast<std::size_t>(text.size())});
        QTEST(value.has_value(), "isValue");
        if (value)
            QTEST(*value, "value");
    }

    void notANumberStaysOne()
    {
        QVERIFY(std::isnan(parsePrometheusValue("NaN").value()));
        const auto answer = parseQueryAnswer(
            enveloped("{\"resultType\":\"matrix\",\"result\":[{\"metric\":{\"slot\":\"blue\"},"
                      "\"values\":[[1700000000,\"1\"],[1700000001.5,\"NaN\"],[1700000002,\"+Inf\"]]}]}"),
            asked);
        QVERIFY(answer);
        const MetricSeries &series = answer->series.first();
        QCOMPARE(series.labels.value(QStringLiteral("slot")), QStringLiteral("blue"));
        QCOMPARE(series.samples.size(), 3);
        QCOMPARE(series.samples[0], (Sample{1700000000000, 1}));
        QCOMPARE(series.samples[1].time, 1700000001500);
        QVERIFY(std::isnan(series.samples[1].value));
        QVERIFY(std::isinf(series.samples[2].value));
    }

    void anEmptyVectorIsNoDataAndNoZero()
    {
        const auto answer = parseQueryAnswer(enveloped("{\"resultType\":\"vector\",\"result\":[]}"), asked);
        QVERIFY(answer);
        QVERIFY(answer->series.isEmpty());
        QVERIFY(!answer->scalar);
    }

    void scalarAndText()
    {
        const auto scalar =
            parseQueryAnswer(enveloped("{\"result\":[1700000000,\"42\"],\"resultType\":\"scalar\"}"), asked);
        QVERIFY(scalar);
        QCOMPARE(scalar->scalar->value, 42.0);
        const auto words =
            parseQueryAnswer(enveloped("{\"resultType\":\"string\",\"result\":[1700000000,\"x\"]}"), asked);
        QVERIFY(words);
        QCOMPARE(words->warnings.size(), 1);
    }

    void warningsAndInfosAreKept()
    {
        const auto answer = parseQueryAnswer("{\"status\":\"success\",\"warnings\":[\"one store is away\"],"
                                             "\"data\":{\"resultType\":\"vector\",\"result\":[]},\"infos\":[\"odd\"]}",
                                             asked);
        QVERIFY(answer);
        QCOMPARE(answer->warnings, (QStringList{QStringLiteral("one store is away"), QStringLiteral("odd")}));
    }

    void labelsAreUnescaped()
    {
        const auto answer = parseQueryAnswer(
            enveloped("{\"resultType\":\"vector\",\"result\":[{\"metric\":{\"path\":\"/a\\\\b\\\"\\u00e9\"},"
                      "\"value\":[1,\"2\"]}]}"),
            asked);
        QVERIFY(answer);
        QCOMPARE(answer->series.first().labels.first(), QString::fromUtf8("/a\\b\"\u00e9"));
    }

    void errorsBecomeSentences_data()
    {
        QTest::addColumn<int>("status");
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<ErrorKind>("kind");
        QTest::addColumn<QString>("sentence");
        const auto error = [](const char *type, const char *message) {
            return QByteArray("{\"status\":\"error\",\"errorType\":\"") + type + "\",\"error\":\"" + message + "\"}";
        };
        const QString from = asked.source;
        const auto row = [](const char *name, int status, const QByteArray &body, ErrorKind kind, const QString &all) {
            QTest::newRow(name) << status << body << kind << all;
        };
        row("bad query", 400, error("bad_data", "1:3: parse error: unexpected }"), ErrorKind::Invalid,
            from + QStringLiteral(" cannot read the query: 1:3: parse error: unexpected }. Correct the query."));
        row("error order", 400, "{\"error\":\"x.\",\"errorType\":\"bad_data\",\"status\":\"error\"}",
            ErrorKind::Invalid, from + QStringLiteral(" cannot read the query: x. Correct the query."));
        row("no reason", 400, "{\"status\":\"error\"}", ErrorKind::Invalid,
            from + QStringLiteral(" cannot read the query: it gave no reason. Correct the query."));
        row("execution", 422, error("execution", "many-to-many matching not allowed"), ErrorKind::Refused,
            from +
                QStringLiteral(
                    " could not carry out the query: many-to-many matching not allowed. Change the query, or ask for a "
                    "shorter range."));
        row("timeout", 503, error("timeout", "query timed out in expression evaluation"), ErrorKind::TimedOut,
            from +
                QStringLiteral(
                    " gave up on the query because it took too long: query timed out in expression evaluation. Ask for "
                    "a shorter range or fewer series."));
        row("not ready", 503, error("unavailable", "TSDB not ready"), ErrorKind::Unreachable,
            from + QStringLiteral(" is not available yet: TSDB not ready. Try again in a moment."));
        row("not there", 404, error("not_found", "no such thing"), ErrorKind::NotFound,
            from + QStringLiteral(" does not have this: no such thing. Its version may be too old for it."));
        row("internal", 500, error("internal", "disk"), ErrorKind::Refused,
            from +
                QStringLiteral(" answered with an error (internal): disk. Try again; if it lasts, look at its log."));
        row("an error without a type", 500, "{\"status\":\"error\",\"error\":\"disk\"}", ErrorKind::Refused,
            from +
                QStringLiteral(" answered with an error (HTTP 500): disk. Try again; if it lasts, look at its log."));
        row("401", 401, "<html>", ErrorKind::Unauthorized,
            from + QStringLiteral(" does not accept the credentials (401). Set them anew under Connections."));
        row("403", 403, {}, ErrorKind::Forbidden,
            from + QStringLiteral(
                       " does not let you read metrics (403). Ask whoever runs it for that right, or set another "
                       "credential under Connections."));
        row("429", 429, {}, ErrorKind::RateLimited,
            from + QStringLiteral(" asks for fewer queries (429). Wait a moment, or look at fewer charts at a time."));

        const QString unreachable = QStringLiteral("What stands before %1 cannot reach it (HTTP %2). Try again; if it "
                                                   "lasts, look whether Prometheus runs.");
        row("502 of a proxy", 502, "<html>Bad Gateway</html>", ErrorKind::Unreachable, unreachable.arg(from).arg(502));
        row("503 of a balancer", 503, "no healthy upstream", ErrorKind::Unreachable, unreachable.arg(from).arg(503));
        row("503 of an API server", 503, "{\"kind\":\"Status\",\"status\":\"Failure\",\"code\":503}",
            ErrorKind::Unreachable, unreachable.arg(from).arg(503));
        row("504 of a proxy", 504, {}, ErrorKind::TimedOut,
            QStringLiteral("What stands before %1 did not wait for its answer (HTTP 504). Try again; if it lasts, ask "
                           "for a shorter range, or look whether Prometheus is overloaded.")
                .arg(from));
        row("500 without a word", 500, "{\"message\":\"boom\"}", ErrorKind::Unreachable,
            from + QStringLiteral(" failed and did not say why (HTTP 500). Try again; if it lasts, look at its log."));

        const auto noApi = [&from](const char *what) {
            return QStringLiteral("%1 answered with something that is not Prometheus' API (%2). Check the address: it "
                                  "should be the one under which /api/v1/query is found.")
                .arg(from, QLatin1String(what));
        };
        row("404 page", 404, "404 page not found\n", ErrorKind::Protocol, noApi("HTTP 404"));
        row("sent elsewhere to log in", 302, "<a href=\"/login\">Found</a>", ErrorKind::Protocol, noApi("HTTP 302"));
        row("a figure, but not accepted", 404, enveloped("{\"resultType\":\"vector\",\"result\":[]}"),
            ErrorKind::Protocol, noApi("HTTP 404, status success"));
        row("a web page", 200, "\n<html>Grafana</html>", ErrorKind::Protocol, noApi("a web page"));
        row("empty body", 200, {}, ErrorKind::Protocol, noApi("an empty answer"));
        const char *other = "JSON of another form or none";
        row("other JSON", 200, "{\"ok\":true}", ErrorKind::Protocol, noApi(other));
        row("a list", 200, "[1]", ErrorKind::Protocol, noApi(other));
        row("words", 200, "up 1\n", ErrorKind::Protocol, noApi(other));

        const QString unreadable =
            from + QStringLiteral(" answered as Prometheus does, but its figures are not in a form that "
                                  "Prometheus writes. None of them is shown. Look whether something before it "
                                  "changes its answers.");
        row("no data", 200, "{\"status\":\"success\"}", ErrorKind::Protocol, unreadable);
        row("unknown type", 200, enveloped("{\"resultType\":\"cube\",\"result\":[]}"), ErrorKind::Protocol, unreadable);
        row("result is no list", 200, enveloped("{\"resultType\":\"vector\",\"result\":{}}"), ErrorKind::Protocol,
            unreadable);
        const auto vectorOf = [](const char *series) {
            return enveloped(QByteArray("{\"resultType\":\"vector\",\"result\":[") + series + "]}");
        };
        row("value is a number", 200, vectorOf("{\"metric\":{},\"value\":[1,2]}"), ErrorKind::Protocol, unreadable);
        row("value is a word", 200, vectorOf("{\"metric\":{},\"value\":[1,\"x\"]}"), ErrorKind::Protocol, unreadable);
        row("pair of one", 200, vectorOf("{\"metric\":{},\"value\":[1]}"), ErrorKind::Protocol, unreadable);
        row("series without values", 200, vectorOf("{\"metric\":{}}"), ErrorKind::Protocol, unreadable);

        const QString cutOff =
            QStringLiteral("The answer of %1 ended before it was whole. Try again; if it lasts, look "
                           "for a proxy that limits how long or how large an answer may be, or ask "
                           "for a shorter range.")
                .arg(from);
        const QByteArray whole = enveloped("{\"resultType\":\"vector\",\"result\":[]}");
        row("cut off at the end", 200, whole.chopped(1), ErrorKind::Protocol, cutOff);
        row("cut off", 200, whole.chopped(2), ErrorKind::Protocol, cutOff);
        row("cut off in a text", 200, "{\"status\":\"success\",\"data\":{\"resultType\":\"vec", ErrorKind::Protocol,
            cutOff);
    }
    void errorsBecomeSentences()
    {
        QFETCH(int, status);
        QFETCH(QByteArray, body);
        const auto answer = parseQueryAnswer(body, withStatus(status));
        QVERIFY(!answer);
        QTEST(answer.error().kind, "kind");
        QTEST(answer.error().message, "sentence");
    }

    // Cut off or garbled at any place: an error or an answer, and the program goes on. (The library crashed where a
    // document that is none was asked on.)
    void noBrokenAnswerIsReadBehindItsEnd_data()
    {
        QTest::addColumn<QByteArray>("body");
        QTest::newRow("range")
            << enveloped("{\"resultType\":\"matrix\",\"result\":[{\"metric\":{\"a\":\"}\"},\"values\":[[1,\"2\"]]}]}")
                       .chopped(1) +
                   ",\"warnings\":[\"w}\"],\"infos\":[]}";
        QTest::newRow("another order") << QByteArray("{\"data\":{\"result\":[{\"value\":[1,\"2\"],\"metric\":{}}],"
                                                     "\"resultType\":\"vector\"},\"status\":\"success\"}");
        QTest::newRow("error") << QByteArray("{\"error\":\"x\",\"errorType\":\"bad_data\",\"status\":\"error\"}");
        QTest::newRow("labels") << enveloped("[\"a\",\"b\"]");
        QTest::newRow("alerts") << enveloped("{\"alerts\":[{\"labels\":{\"alertname\":\"A\"},\"annotations\":{\"d\":"
                                             "\"e\"},\"state\":\"firing\",\"value\":\"1e+00\"}]}");
        QTest::newRow("rules") << enveloped("{\"groups\":[{\"name\":\"g\",\"rules\":[{\"state\":\"inactive\",\"name\":"
                                            "\"R\",\"query\":\"up\",\"labels\":{},\"type\":\"alerting\"}]}]}");
    }
    void noBrokenAnswerIsReadBehindItsEnd()
    {
        QFETCH(QByteArray, body);
        QList<QByteArray> broken;
        for (qsizetype at = 0; at < body.size(); ++at) {
            broken << body.left(at);
            QByteArray without = body;
            broken << without.remove(at, 1);
            for (const char other : {'}', ']', '{', ',', ' '}) {
                QByteArray garbled = body;
                garbled[at] = other;
                broken << garbled;
            }
        }
        for (const QByteArray &one : broken) {
            const bool isRead = parseQueryAnswer(one, asked) || parseAlerts(one, asked) || parseRules(one, asked) ||
                                parseLabelValues(one, asked);
            QVERIFY(!isRead || one.endsWith('}') || one.endsWith(' '));
        }
    }

    void noAlertsAreNoWrongAddress_data()
    {
        QTest::addColumn<QByteArray>("body");
        QTest::newRow("a page") << QByteArray("404 page not found\n");
        QTest::newRow("nothing") << QByteArray();
        QTest::newRow("in its own words") << QByteArray("{\"status\":\"error\",\"errorType\":\"not_found\"}");
    }
    void noAlertsAreNoWrongAddress()
    {
        QFETCH(QByteArray, body);
        const auto alerts = parseAlerts(body, withStatus(404));
        QVERIFY(!alerts);
        QCOMPARE(alerts.error().kind, ErrorKind::NotFound);
        QVERIFY2(alerts.error().message.contains(QStringLiteral("has no alerts")), qPrintable(alerts.error().message));
        const auto rules = parseRules(body, withStatus(404));
        QVERIFY(!rules);
        QCOMPARE(rules.error().kind, ErrorKind::NotFound);
    }

    void alertsAndRules()
    {
        const auto alerts = parseAlerts(
            enveloped(
                "{\"alerts\":[{\"labels\":{\"alertname\":\"High\",\"slot\":\"green\"},\"annotations\":{\"summary\":"
                "\"s\"},\"state\":\"firing\",\"activeAt\":\"2026-01-02T13:30:00.123456789Z\",\"value\":\"NaN\"}]}"),
            asked);
        QVERIFY(alerts);
        QCOMPARE(alerts->first().name, QStringLiteral("High"));
        QCOMPARE(alerts->first().state, Alert::State::Firing);
        QCOMPARE(alerts->first().activeAt, QDateTime(QDate(2026, 1, 2), QTime(13, 30, 0, 123), Qt::UTC));
        QCOMPARE(alerts->first().value, QStringLiteral("NaN"));

        const auto rules = parseRules(
            enveloped(
                "{\"groups\":[{\"name\":\"g\",\"file\":\"f\",\"rules\":["
                "{\"name\":\"r\",\"query\":\"up\",\"health\":\"ok\",\"type\":\"recording\"},"
                "{\"state\":\"pending\",\"name\":\"High\",\"query\":\"up == 0\",\"labels\":{\"severity\":\"page\"},"
                "\"annotations\":{},\"alerts\":[],\"health\":\"err\",\"lastError\":\"boom\","
                "\"lastEvaluation\":\"0001-01-01T00:00:00Z\",\"type\":\"alerting\"}]}]}"),
            asked);
        QVERIFY(rules);
        QCOMPARE(rules->size(), 1);
        QCOMPARE(rules->first().state, Alert::State::Pending);
        QCOMPARE(rules->first().lastError, QStringLiteral("boom"));
        QCOMPARE(rules->first().group, QStringLiteral("g"));
        QVERIFY(!rules->first().lastEvaluation.isValid());
    }

    void statesThatAreNotKnownAreNotCalm_data()
    {
        QTest::addColumn<QByteArray>("member");
        QTest::addColumn<Alert::State>("state");
        QTest::newRow("inactive") << QByteArray("\"state\":\"inactive\",") << Alert::State::Inactive;
        QTest::newRow("another word") << QByteArray("\"state\":\"recovering\",") << Alert::State::Unknown;
        QTest::newRow("no word") << QByteArray() << Alert::State::Unknown;
    }
    void statesThatAreNotKnownAreNotCalm()
    {
        QFETCH(QByteArray, member);
        const auto rules = parseRules(
            enveloped("{\"groups\":[{\"name\":\"g\",\"rules\":[{" + member +
                      "\"name\":\"High\",\"query\":\"up == 0\",\"health\":\"ok\",\"type\":\"alerting\"}]}]}"),
            asked);
        QVERIFY(rules);
        QTEST(rules->first().state, "state");
        const auto alerts = parseAlerts(
            enveloped("{\"alerts\":[{\"labels\":{\"alertname\":\"High\"},\"state\":\"recovering\",\"value\":\"1\"}]}"),
            asked);
        QVERIFY(alerts);
        QCOMPARE(alerts->first().state, Alert::State::Unknown);
    }

    void aHugeAnswerIsReadWhole()
    {
        QByteArray body = "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[";
        const int seriesCount = 60;
        const int points = 11000;
        for (int s = 0; s < seriesCount; ++s) {
            body += (s ? "," : "") + QByteArray("{\"metric\":{\"n\":\"") + QByteArray::number(s) + "\"},\"values\":[";
            for (int i = 0; i < points; ++i)
                body += (i ? ",[" : "[") + QByteArray::number(1700000000 + i) + ",\"" + QByteArray::number(i * 0.25) +
                        "\"]";
            body += "]}";
        }
        body += "]}}";
        QElapsedTimer timer;
        timer.start();
        const auto answer = parseQueryAnswer(body, asked);
        qInfo("%d points, %.1f MB: %lld ms", seriesCount * points, double(body.size()) / 1e6, timer.elapsed());
        QVERIFY(answer);
        QCOMPARE(answer->series.size(), seriesCount);
        QCOMPARE(answer->series.last().samples.size(), points);
        QCOMPARE(answer->series.last().samples.last().value, (points - 1) * 0.25);
    }

    // Each example of the official description, and each of its required members left out in turn.
    void officialExamples_data()
    {
        QTest::addColumn<QString>("path");
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<bool>("isError");
        QFile file(contractsFolder() + QStringLiteral("/prometheus/prometheus-v1.json"));
        if (!file.open(QIODevice::ReadOnly))
            return;
        const auto api = nlohmann::json::parse(file.readAll().toStdString());
        for (const char *path : {"/api/v1/query", "/api/v1/query_range", "/api/v1/alerts", "/api/v1/rules"}) {
            const auto &responses = api.at("paths").at(path).at("get").at("responses");
            for (const auto &[code, response] : responses.items()) {
                for (const auto &[name, example] :
                     response.at("content").at("application/json").at("examples").items()) {
                    const std::string row = std::string(path) + " " + name;
                    QTest::newRow(row.c_str())
                        << QString::fromLatin1(path) << QByteArray::fromStdString(example.at("value").dump())
                        << (code == "default");
                }
            }
        }
    }
    void officialExamples()
    {
        if (!QFile::exists(contractsFolder() + QStringLiteral("/prometheus/prometheus-v1.json")))
            QSKIP("SIGNALBOX_CONTRACTS does not name the folder of the official descriptions");
        QFETCH(QString, path);
        QFETCH(QByteArray, body);
        QFETCH(bool, isError);
        const auto problem = read(path, body, isError ? 503 : 200);
        if (isError) {
            QVERIFY(problem);
            QVERIFY(problem->message.contains(QStringLiteral("TSDB not ready")));
            return;
        }
        QVERIFY2(!problem, problem ? qPrintable(problem->detail) : "");
        for (const char *required : {"status", "data"}) {
            auto without = nlohmann::json::parse(body.toStdString());
            without.erase(required);
            QVERIFY(read(path, QByteArray::fromStdString(without.dump()), 200));
        }
    }

private:
    static QString contractsFolder()
    {
        return qEnvironmentVariable("SIGNALBOX_CONTRACTS", QStringLiteral(SIGNALBOX_SOURCE_DIR "/../shared/contracts"));
    }

    static std::optional<Error> read(const QString &path, const QByteArray &body, int status)
    {
        const auto problem = [](const auto &result) {
            return result ? std::optional<Error>() : std::optional<Error>(result.error());
        };
        if (path.endsWith(u"alerts"))
            return problem(parseAlerts(body, withStatus(status)));
        if (path.endsWith(u"rules"))
            return problem(parseRules(body, withStatus(status)));
        const auto answer = parseQueryAnswer(body, withStatus(status));
        // Something must have been read: a series, a scalar, or the word that it cannot be drawn.
        if (answer && answer->series.isEmpty() && !answer->scalar && answer->warnings.isEmpty())
            return Error{ErrorKind::Internal, {}, QStringLiteral("nothing was read")};
        return problem(answer);
    }
};

QTEST_GUILESS_MAIN(TestPrometheusAnswer)
#include "test_prometheusanswer.moc"
