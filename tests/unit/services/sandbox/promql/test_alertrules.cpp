#include "services/adapters/prometheus/prometheusanswer.h"
#include "services/sandbox/promql/alertrules.h"
#include "services/sandbox/promql/alerttemplate.h"
#include "services/sandbox/promql/prometheusapi.h"

#include <nlohmann/json.hpp>

#include <QTest>

#include <limits>

using namespace signalbox;
using namespace signalbox::sandbox;
using nlohmann::json;

namespace
{

constexpr std::int64_t start = 1'700'000'000'000;

AlertGroup errorsHigh()
{
    return {"release",
            15'000,
            {{"ErrorsHigh",
              "errors > 0.05",
              30'000,
              {{"severity", "page"}, {"who", "{{ $labels.slot }}-team"}},
              {{"summary", "{{ $labels.slot }} fails {{ $value | humanizePercentage }}"}}}}};
}

} // namespace

class TestAlertRules : public QObject
{
    Q_OBJECT

private slots:
    void init()
    {
        m_store = std::make_unique<SampleStore>();
        m_rules = std::make_unique<AlertRules>(*m_store);
        m_now = start;
    }

    void pendingThenFiringThenGone()
    {
        QCOMPARE(m_rules->add(errorsHigh()), std::string());
        QCOMPARE(rules().at(0).state, Alert::State::Inactive);
        evaluateWith(0.01);
        QVERIFY(alerts().isEmpty());

        evaluateWith(0.125);
        const std::int64_t since = m_now;
        QCOMPARE(alerts().size(), 1);
        const Alert alert = alerts().first();
        QCOMPARE(alert.state, Alert::State::Pending);
        QCOMPARE(alert.name, QStringLiteral("ErrorsHigh"));
        QCOMPARE(alert.labels.value(QStringLiteral("who")), QStringLiteral("blue-team"));
        QCOMPARE(alert.annotations.value(QStringLiteral("summary")), QStringLiteral("blue fails 12.5%"));
        QCOMPARE(alert.activeAt.toMSecsSinceEpoch(), since);
        QCOMPARE(alert.value, QStringLiteral("1.25e-01"));
        QCOMPARE(series("ALERTS{alertstate=\"pending\"}"), 1);

        evaluateWith(0.2);
        QCOMPARE(alerts().first().state, Alert::State::Pending);
        evaluateWith(0.3); // 30 s
        QCOMPARE(alerts().first().state, Alert::State::Firing);
        QCOMPARE(alerts().first().activeAt.toMSecsSinceEpoch(), since);
        QCOMPARE(rules().at(0).state, Alert::State::Firing);
        QCOMPARE(series("ALERTS{alertstate=\"firing\"}"), 1);
        QCOMPARE(series("ALERTS{alertstate=\"pending\"}"), 0);
        QCOMPARE(series("ALERTS_FOR_STATE == " + std::to_string(since / 1000)), 1);

        evaluateWith(0.01);
        QVERIFY(alerts().isEmpty());
        QCOMPARE(series("ALERTS"), 0);
        evaluateWith(0.2);
        QCOMPARE(alerts().first().state, Alert::State::Pending);
        QCOMPARE(series("ALERTS{alertstate=\"pending\"}"), 1);
    }

    void waitsForTheInterval()
    {
        m_rules->add(errorsHigh());
        evaluateWith(0.2);
        const std::int64_t first = m_now;
        m_now += 5'000;
        m_rules->evaluate(m_now);
        QCOMPARE(rules().at(0).lastEvaluation.toMSecsSinceEpoch(), first);
    }

    void failedEvaluationIsTold()
    {
        AlertGroup group = errorsHigh();
        group.rules[0].expression = "errors / on (nothing) errors";
        QCOMPARE(m_rules->add(group), std::string());
        QCOMPARE(rules().at(0).health, QStringLiteral("unknown"));
        m_store->append(m_store->series({{"__name__", "errors"}, {"slot", "green"}}), m_now + 15'000, 1);
        evaluateWith(1);
        QCOMPARE(rules().at(0).health, QStringLiteral("err"));
        QVERIFY(rules().at(0).lastError.contains(QStringLiteral("many-to-many matching not allowed")));
    }

    void brokenRulesAreRefused_data()
    {
        QTest::addColumn<QByteArray>("expression");
        QTest::addColumn<QByteArray>("summary");
        QTest::addColumn<QByteArray>("error");
        QTest::newRow("expression") << QByteArray("up ==") << QByteArray("fine")
                                    << QByteArray("ErrorsHigh: 1:6: parse error: unexpected end of input");
        QTest::newRow("not evaluated") << QByteArray("absent(up)") << QByteArray("fine")
                                       << QByteArray("ErrorsHigh: the sandbox's PromQL does not have the function "
                                                     "\"absent\"");
        QTest::newRow("function of templates")
            << QByteArray("up") << QByteArray("{{ query \"up\" }}")
            << QByteArray("ErrorsHigh: the sandbox cannot read the template \"{{ query \\\"up\\\" }}\"; it knows "
                          "{{ $labels.NAME }}, {{ $value }} and {{ $value | humanize }}, humanizePercentage, "
                          "humanizeDuration");
        QTest::newRow("open template")
            << QByteArray("up") << QByteArray("a {{ $value")
            << QByteArray("ErrorsHigh: the sandbox cannot read the template \"{{ $value\"; it knows "
                          "{{ $labels.NAME }}, {{ $value }} and {{ $value | humanize }}, humanizePercentage, "
                          "humanizeDuration");
    }
    void brokenRulesAreRefused()
    {
        QFETCH(QByteArray, expression);
        QFETCH(QByteArray, summary);
        QFETCH(QByteArray, error);
        AlertGroup group = errorsHigh();
        group.rules[0].expression = expression.toStdString();
        group.rules[0].annotations = {{"summary", summary.toStdString()}};
        QCOMPARE(QByteArray::fromStdString(m_rules->add(group)), error);
        QVERIFY(rules().isEmpty());
    }

    void groupNameIsTakenOnce()
    {
        QCOMPARE(m_rules->add(errorsHigh()), std::string());
        QCOMPARE(m_rules->add(errorsHigh()), std::string("there is a group \"release\" already"));
    }

    // Of Prometheus' own table of these functions.
    void numbersAreWrittenForPeople_data()
    {
        QTest::addColumn<double>("value");
        QTest::addColumn<QByteArray>("plain");
        QTest::addColumn<QByteArray>("short_");
        QTest::addColumn<QByteArray>("percentage");
        QTest::addColumn<QByteArray>("duration");
        const auto row = [](double value, const char *plain, const char *brief, const char *percentage,
                            const char *duration) {
            QTest::addRow("%g", value) << value << QByteArray(plain) << QByteArray(brief) << QByteArray(percentage)
                                       << QByteArray(duration);
        };
        row(0, "0", "0", "0%", "0s");
        row(0.1, "0.1", "100m", "10%", "100ms");
        row(0.001234, "0.001234", "1.234m", "0.1234%", "1.234ms");
        row(1.5, "1.5", "1.5", "150%", "1.5s");
        row(60, "60", "60", "6000%", "1m 0s");
        row(3600, "3600", "3.6k", "3.6e+05%", "1h 0m 0s");
        row(86400, "86400", "86.4k", "8.64e+06%", "1d 0h 0m 0s");
        row(1234567, "1.234567e+06", "1.235M", "1.235e+08%", "14d 6h 56m 7s");
        row(-90, "-90", "-90", "-9000%", "-1m 30s");
        row(std::numeric_limits<double>::infinity(), "+Inf", "+Inf", "+Inf%", "+Inf");
    }
    void numbersAreWrittenForPeople()
    {
        QFETCH(double, value);
        QFETCH(QByteArray, plain);
        QFETCH(QByteArray, short_);
        QFETCH(QByteArray, percentage);
        QFETCH(QByteArray, duration);
        std::string error;
        const auto text = AlertTemplate::parse("{{$value}} {{ $value|humanize }} {{ $value | humanizePercentage }} "
                                               "{{$value | humanizeDuration}}",
                                               &error);
        QVERIFY2(text, error.c_str());
        QCOMPARE(QByteArray::fromStdString(text->expanded({}, value)),
                 plain + ' ' + short_ + ' ' + percentage + ' ' + duration);
    }

private:
    void evaluateWith(double errors)
    {
        m_now += 15'000;
        m_store->append(m_store->series({{"__name__", "errors"}, {"slot", "blue"}}), m_now, errors);
        m_rules->evaluate(m_now);
    }
    QByteArray body(const char *path)
    {
        const PrometheusApi api(*m_store, m_rules.get(), [this] { return m_now; });
        return QByteArray::fromStdString(api.answer("GET", path, {}).body);
    }
    QList<Alert> alerts()
    {
        return parseAlerts(body("/api/v1/alerts"), {QStringLiteral("sandbox"), 200}).value_or(QList<Alert>());
    }
    QList<signalbox::AlertRule> rules()
    {
        return parseRules(body("/api/v1/rules"), {QStringLiteral("sandbox"), 200})
            .value_or(QList<signalbox::AlertRule>());
    }
    int series(const std::string &query)
    {
        const auto outcome = Engine(*m_store).instant(query, m_now);
        return int(std::get<QueryResult>(outcome).series.size());
    }

    std::unique_ptr<SampleStore> m_store;
    std::unique_ptr<AlertRules> m_rules;
    std::int64_t m_now = 0;
};

QTEST_GUILESS_MAIN(TestAlertRules)
#include "test_alertrules.moc"
