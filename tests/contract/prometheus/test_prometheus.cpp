#include "models/stores/deployedstore.h"
#include "services/adapters/prometheus/metricfamilies.h"
#include "services/adapters/prometheus/prometheusmetrics.h"
#include "services/async/deliver.h"
#include "services/feeds/errorwatch.h"
#include "services/feeds/metricfeed.h"
#include "services/feeds/metricset.h"
#include "tests/support/lab.h"
#include "tests/support/labprometheus.h"
#include "tests/support/practiceprogram.h"

#include <QSignalSpy>
#include <QTest>

#include <cmath>

using namespace signalbox;
using test::LabPrometheus;

namespace
{

// Waits in the test for what a future brings.
template <typename T>
Result<T> waited(const QFuture<Result<T>> &future)
{
    std::optional<Result<T>> answer;
    QObject context;
    deliver(future, StopToken(), &context, [&answer](const Result<T> &result) { answer = result; });
    if (!QTest::qWaitFor([&answer] { return answer.has_value(); }, 30000))
        return Error{ErrorKind::TimedOut, QStringLiteral("the test waited 30 s"), {}};
    return *answer;
}

std::shared_ptr<const HttpEndpoint> endpointOf(const QUrl &url)
{
    auto endpoint = std::make_shared<HttpEndpoint>();
    endpoint->connection = QStringLiteral("lab");
    endpoint->base = url;
    endpoint->noProxy = true;
    return endpoint;
}

// What loads, breaks or kills the application and the server of tests/lab.
#define NEEDS_THE_LABS_APPLICATION                                                                                     \
    if (!m_lab)                                                                                                        \
    QSKIP("of the lab's own application")

MetricSubject cart()
{
    return {QStringLiteral("cart"),
            QStringLiteral("shop"),
            {{QStringLiteral("blue"), {QStringLiteral("cart-blue")}, QStringLiteral("1.4.0")},
             {QStringLiteral("green"), {QStringLiteral("cart-green")}, QStringLiteral("1.5.0")}}};
}

// The application that has the series of one family, see families.py.
MetricSubject served(const char *family)
{
    const QString application = QStringLiteral("serve-") + QString::fromLatin1(family);
    return {application,
            QStringLiteral("models"),
            {{QStringLiteral("blue"), {application + QStringLiteral("-blue")}, QStringLiteral("1.4.0")},
             {QStringLiteral("green"), {application + QStringLiteral("-green")}, QStringLiteral("1.5.0")}}};
}

// Keeps what the watch of failing tracks asked last.
class WatchedMetrics : public PrometheusMetrics
{
public:
    using PrometheusMetrics::PrometheusMetrics;
    QFuture<Result<MetricAnswer>> instant(QString expression, QDateTime at, StopToken stop) override
    {
        const auto answer = PrometheusMetrics::instant(expression, at, std::move(stop));
        if (expression.contains(QLatin1String("signalbox_place")))
            question = answer;
        return answer;
    }
    std::optional<QFuture<Result<MetricAnswer>>> question;
};

RangeQuery lastMinutes(const QString &expression, int minutes, qint64 stepMs = 1000)
{
    const QDateTime now = QDateTime::currentDateTimeUtc();
    return {expression, now.addSecs(-60 * minutes), now, stepMs};
}

} // namespace

class TestPrometheus : public QObject
{
    Q_OBJECT
private slots:
    void initTestCase()
    {
        QString error;
        m_http = std::make_unique<HttpClient>();
        if (qEnvironmentVariable("SIGNALBOX_LAB_TARGET") == u"sandbox") {
            m_practice = test::PracticeProgram::start(&error);
            QVERIFY2(m_practice, qPrintable(error));
            m_source = std::make_unique<PrometheusMetrics>(*m_http, practiceEndpoint());
            return;
        }
        m_lab = LabPrometheus::start({}, &error);
        QVERIFY2(m_lab, qPrintable(error));
        m_source = std::make_unique<PrometheusMetrics>(*m_http, endpointOf(m_lab->url()));
        QVERIFY(m_lab->setLoad(QStringLiteral("blue"), 40));
        QVERIFY(m_lab->setLoad(QStringLiteral("green"), 10));
        // Rates need two scrapes of each slot.
        QTRY_VERIFY_WITH_TIMEOUT(seriesOf(QStringLiteral("rate(http_requests_total{code=\"200\"}[5s]) > 0")) == 2,
                                 20000);
    }

    void cleanupTestCase()
    {
        m_source.reset();
        m_http.reset();
        m_lab.reset();
        m_practice.reset();
    }

    void instantVector()
    {
        NEEDS_THE_LABS_APPLICATION;
        const auto answer = waited(m_source->instant(QStringLiteral("app_build_info"), {}, {}));
        QVERIFY2(answer, qPrintable(answer ? QString() : answer.error().message));
        QCOMPARE(answer->series.size(), 2);
        QCOMPARE(answer->series.first().samples.first().value, 1.0);
        QCOMPARE(answer->series.first().labels.value(QStringLiteral("__name__")), QStringLiteral("app_build_info"));
        QVERIFY(m_source->freshness().isLive());
    }

    void anEmptyVectorIsNoDataAndNoZero()
    {
        const auto answer = waited(m_source->instant(QStringLiteral("no_such_metric"), {}, {}));
        QVERIFY(answer);
        QVERIFY(answer->series.isEmpty());
    }

    void scalarsAndUnusualValues()
    {
        const auto scalar = waited(m_source->instant(QStringLiteral("7"), {}, {}));
        QVERIFY2(scalar && scalar->scalar, qPrintable(scalar ? QString() : scalar.error().message));
        QCOMPARE(scalar->scalar->value, 7.0);
        const auto only = [this](const char *expression) {
            const auto answer = waited(m_source->instant(QString::fromLatin1(expression), {}, {}));
            return answer && answer->series.size() == 1 ? answer->series.first().samples.first().value : 4711.0;
        };
        QCOMPARE(only("sum(http_requests_total) * 0 + 1"), 1.0);
        QVERIFY(std::isnan(only("0 * sum(http_requests_total) / 0")));
        const double infinite = only("-(sum(http_requests_total) * 0 + 1) / 0");
        QVERIFY(std::isinf(infinite) && infinite < 0);
    }

    void aPastTimeIsAsked()
    {
        const QString expression = QStringLiteral("sum(http_requests_total)");
        const QDateTime past = QDateTime::fromSecsSinceEpoch(QDateTime::currentSecsSinceEpoch() - 1, Qt::UTC);
        const auto answer = waited(m_source->instant(expression, past, {}));
        QVERIFY2(answer, qPrintable(answer ? QString() : answer.error().message));
        QCOMPARE(answer->series.size(), 1);
        QCOMPARE(answer->series.first().samples.first().time, past.toMSecsSinceEpoch());
        const auto before = waited(m_source->instant(expression, QDateTime({2020, 1, 2}, {3, 4, 5}, Qt::UTC), {}));
        QVERIFY2(before, qPrintable(before ? QString() : before.error().message));
        QVERIFY(before->series.isEmpty()); // nobody scraped then
    }

    void rangeHasOneSampleAStepAndHolesWhereThereIsNothing()
    {
        const auto whole = waited(m_source->range(lastMinutes(QStringLiteral("7"), 2, 5000), {}));
        QVERIFY2(whole, qPrintable(whole ? QString() : whole.error().message));
        QCOMPARE(whole->stepMs, 5000);
        QCOMPARE(whole->series.first().samples.size(), 25);
        // Nobody scraped for 400 days: before there are no samples, not zeros.
        constexpr int days = 400;
        const auto partial = waited(m_source->range(
            lastMinutes(QStringLiteral("http_requests_total"), days * 24 * 60, 24LL * 3600 * 1000), {}));
        QVERIFY2(partial && !partial->series.isEmpty(), qPrintable(partial ? QString() : partial.error().message));
        QVERIFY(!partial->series.first().samples.isEmpty());
        QVERIFY(partial->series.first().samples.size() < days / 2);
    }

    void tooManyPointsIsASentence()
    {
        const auto answer = waited(m_source->range(lastMinutes(QStringLiteral("up"), 60 * 24, 1000), {}));
        QVERIFY(!answer);
        QCOMPARE(answer.error().kind, ErrorKind::Invalid);
        QVERIFY2(answer.error().message.contains(QStringLiteral("11,000")), qPrintable(answer.error().message));
    }

    void badQueriesAreSentences_data()
    {
        QTest::addColumn<QString>("expression");
        QTest::addColumn<ErrorKind>("kind");
        QTest::addColumn<QString>("part");
        QTest::newRow("brace") << "up{" << ErrorKind::Invalid << "cannot read the query: ";
        QTest::newRow("nothing") << "" << ErrorKind::Invalid << "cannot read the query: ";
        QTest::newRow("unknown function") << "foo(up)" << ErrorKind::Invalid << "unknown function with name \"foo\"";
        QTest::newRow("wrong type") << "rate(up)" << ErrorKind::Invalid << "expected type range vector";
        QTest::newRow("matching") << "http_requests_total / on (job) http_requests_total" << ErrorKind::Refused
                                  << "could not carry out the query: ";
    }
    void badQueriesAreSentences()
    {
        QFETCH(QString, expression);
        QFETCH(QString, part);
        const auto answer = waited(m_source->instant(expression, {}, {}));
        QVERIFY(!answer);
        QTEST(answer.error().kind, "kind");
        QVERIFY2(answer.error().message.contains(part), qPrintable(answer.error().message));
        QVERIFY(answer.error().message.startsWith(QStringLiteral("Prometheus 127.0.0.1:")));
        QVERIFY(m_source->freshness().isLive()); // a refusal is a sign of life
    }

    void everyBuiltInExpressionIsReadByAPrometheus_data()
    {
        QTest::addColumn<QString>("expression");
        FamilyBinding bound;
        bound.selector = QStringLiteral("app=\"cart\",namespace=\"shop\"");
        bound.trackLabel = QStringLiteral("slot");
        bound.codeLabel = QStringLiteral("code");
        FamilyBinding bare;
        bare.codeLabel = QStringLiteral("status");
        FamilyBinding pods = bound;
        pods.podMatchers = {{QStringLiteral("blue"), QStringLiteral("pod=~\"cart-blue-.+\"")},
                            {QStringLiteral("green"), QStringLiteral("pod=~\"cart-green-.+\"")}};
        const QStringList present = builtInMetricFamilies().metricNames();
        for (const MetricFamily &family : builtInMetricFamilies().families) {
            for (const auto &[name, binding] :
                 {std::pair("bound", bound), std::pair("bare", bare), std::pair("pods", pods)}) {
                for (const MetricPanel &panel : boundPanels(family, binding, present)) {
                    const QString row = QStringLiteral("%1 %2 %3").arg(family.name, panel.id, QLatin1String(name));
                    QTest::newRow(qPrintable(row))
                        << QString(panel.expression).replace(QStringLiteral("{window}"), QStringLiteral("1m"));
                }
            }
        }
    }
    void everyBuiltInExpressionIsReadByAPrometheus()
    {
        QFETCH(QString, expression);
        const auto answer = waited(m_source->instant(expression, {}, {}));
        QVERIFY2(answer, qPrintable(answer ? QString() : answer.error().message + u'\n' + expression));
        QVERIFY(answer->warnings.isEmpty());
    }

    void panelsAreFoundByProbing()
    {
        const auto panels = waited(m_source->suggestPanels(subject(), {}));
        QVERIFY2(panels, qPrintable(panels ? QString() : panels.error().message));
        QStringList ids;
        for (const MetricPanel &panel : *panels) {
            ids.append(panel.id);
            QCOMPARE(panel.trackLabel, QStringLiteral("slot"));
            QVERIFY(panel.note.isEmpty());
        }
        QVERIFY2(ids.contains(QStringLiteral("requests")) && ids.contains(QStringLiteral("errors")) &&
                     ids.contains(QStringLiteral("latency-p95")),
                 qPrintable(ids.join(u' ')));
        // Somebody else's application has no panels here.
        const auto others = waited(m_source->suggestPanels({QStringLiteral("pay"), QStringLiteral("shop"), {}}, {}));
        QVERIFY(others);
        QVERIFY(others->isEmpty());
    }

    // Only green has been scraped when the panels are looked for; blue, when it comes, is blue in them.
    void aTrackThatIsScrapedLaterIsInThePanelsFoundEarlier()
    {
        NEEDS_THE_LABS_APPLICATION;
        const auto measure = [this](const char *track) {
            return m_lab->control(QString::fromLatin1(track), QStringLiteral("families=1"));
        };
        QVERIFY(measure("green"));
        QList<MetricPanel> found;
        const auto isFound = [&] {
            const auto answer = waited(m_source->suggestPanels(served("istio"), {}));
            found = answer ? *answer : QList<MetricPanel>();
            return !found.isEmpty();
        };
        QTRY_VERIFY_WITH_TIMEOUT(isFound(), 15'000);
        QTRY_COMPARE_WITH_TIMEOUT(valuesByTrack(found.first()).keys(), QStringList{QStringLiteral("green")}, 15'000);
        QVERIFY(measure("blue"));
        QTRY_COMPARE_WITH_TIMEOUT(valuesByTrack(found.first()).keys(),
                                  (QStringList{QStringLiteral("blue"), QStringLiteral("green")}), 15'000);
    }

    void everyFamilyIsFoundAndAnswers_data()
    {
        QTest::addColumn<QStringList>("panels");
        QTest::addColumn<double>("first"); // what the first one says of blue; green has half the load
        const auto row = [](const char *family, const char *panels, double first) {
            QTest::newRow(family) << QString::fromLatin1(panels).split(u' ') << first;
        };
        const char *const requests = "requests errors latency-p50 latency-p95";
        row("istio", requests, 10);
        row("linkerd", requests, 10);
        row("ingress_nginx", requests, 10);
        row("triton", "inferences inference-errors inference-latency inference-queue gpu-utilisation gpu-memory", 9);
        row("tensorflow_serving", "inferences inference-errors inference-p95", 10);
        row("torchserve", "inferences inference-latency inference-queue", 10);
        row("vllm", "llm-running llm-waiting llm-first-token llm-latency llm-tokens llm-cache", 10);
        row("kserve", "inferences inference-p95 preprocess-p95", 10);
        row("kserve_revision", "requests errors latency-p95", 10);
        row("process", "cpu memory open-files", 10);
        row("container", "cpu memory", 10);
        row("dcgm", "gpu-utilisation gpu-memory gpu-temperature gpu-power", 10);
        if (m_lab) {
            for (const char *track : {"blue", "green"})
                QVERIFY(m_lab->control(QString::fromLatin1(track), QStringLiteral("families=1")));
        }
    }
    // Series as their exporters write them, through the real Prometheus: found, bound to the tracks, and with samples.
    void everyFamilyIsFoundAndAnswers()
    {
        NEEDS_THE_LABS_APPLICATION;
        QFETCH(QStringList, panels);
        QFETCH(double, first);
        const MetricSubject subject = served(QTest::currentDataTag());
        QStringList ids;
        QList<MetricPanel> found;
        const auto isFound = [&] { // its first scrape is a second away
            const auto answer = waited(m_source->suggestPanels(subject, {}));
            found = answer ? *answer : QList<MetricPanel>();
            ids.clear();
            for (const MetricPanel &panel : found)
                ids.append(panel.id);
            return ids == panels;
        };
        QTRY_VERIFY2_WITH_TIMEOUT(isFound(), qPrintable(ids.join(u' ')), 15'000);
        for (const MetricPanel &panel : found) {
            QMap<QString, double> values;
            const auto isClose = [&](const char *track, double wanted) {
                return std::abs(values.value(QString::fromLatin1(track)) - wanted) < wanted / 4;
            };
            const auto isRight = [&] { // rates need a window full of scrapes
                values = valuesByTrack(panel);
                return values.keys() == QStringList{QStringLiteral("blue"), QStringLiteral("green")} &&
                       std::all_of(values.begin(), values.end(), [](double value) { return std::isfinite(value); }) &&
                       (panel.id != panels.first() || (isClose("blue", first) && isClose("green", first / 2))) &&
                       (!panel.id.endsWith(QLatin1String("errors")) || (isClose("blue", 10) && isClose("green", 10)));
            };
            QVERIFY2(panel.note.isEmpty(), qPrintable(panel.note));
            QTRY_VERIFY2_WITH_TIMEOUT(isRight(),
                                      qPrintable(QStringLiteral("%1: blue %2, green %3")
                                                     .arg(panel.expression)
                                                     .arg(values.value(QStringLiteral("blue"), NAN))
                                                     .arg(values.value(QStringLiteral("green"), NAN))),
                                      20'000);
        }
    }

    void seriesPerTrackAgreeWithTheApplicationsOwnCounters()
    {
        NEEDS_THE_LABS_APPLICATION;
        MetricFeed feed;
        feed.setScrapeInterval(1000);
        feed.setInterval(500);
        feed.setWidth(900);
        feed.setRange({60000, {}});
        const auto panels = waited(m_source->suggestPanels(cart(), {}));
        MetricPanel requests;
        for (const MetricPanel &panel : *panels) {
            if (panel.id == u"requests")
                requests = panel;
        }
        feed.setPanels({requests});
        feed.setSource(m_source.get());
        feed.start();
        QTRY_VERIFY_WITH_TIMEOUT(feed.find(requests.id)->series.size() == 2, 10000);
        QCOMPARE(feed.find(requests.id)->series[0].track, QStringLiteral("blue"));
        QCOMPARE(feed.find(requests.id)->series[1].track, QStringLiteral("green"));

        QElapsedTimer timer;
        std::map<QString, double> before;
        for (const char *track : {"blue", "green"})
            before[QLatin1String(track)] = m_lab->counter(QLatin1String(track), "http_requests_total");
        timer.start();
        std::map<QString, double> rates;
        const auto counted = [&] {
            for (const auto &[track, count] : before)
                rates[track] = (m_lab->counter(track, "http_requests_total") - count) * 1000 / double(timer.elapsed());
            return rates;
        };
        // Our rate looks back 4 s over 1 s scrapes, and the load is steady: from 5 s on both speak of the same.
        QTRY_VERIFY_WITH_TIMEOUT(timer.elapsed() > 5000 && agree(feed, requests.id, counted()), 14000);
        QVERIFY(rates[QStringLiteral("blue")] > 2 * rates[QStringLiteral("green")]);
    }

    void alertsFireAndRulesSayWhatIsWrong()
    {
        NEEDS_THE_LABS_APPLICATION;
        QVERIFY(m_lab->control(QStringLiteral("green"), QStringLiteral("error_rate=0.5")));
        MetricFeed feed;
        feed.setInterval(500);
        feed.setSource(m_source.get());
        feed.start();
        QTRY_VERIFY_WITH_TIMEOUT(std::any_of(feed.alerts().begin(), feed.alerts().end(),
                                             [](const Alert &alert) {
                                                 return alert.name == u"SlotErrorsHigh" &&
                                                        alert.state == Alert::State::Firing &&
                                                        alert.labels.value(QStringLiteral("slot")) == u"green" &&
                                                        alert.activeAt.isValid();
                                             }),
                                 40000);
        const auto rules = waited(m_source->rules({}));
        QVERIFY(rules);
        const auto named = [&rules](const char *name) {
            return *std::find_if(rules->begin(), rules->end(),
                                 [name](const AlertRule &rule) { return rule.name == QLatin1String(name); });
        };
        QCOMPARE(rules->size(), 3); // the recording rule is none
        QCOMPARE(named("SlotErrorsHigh").state, Alert::State::Firing);
        QCOMPARE(named("SlotAway").state, Alert::State::Inactive);
        QCOMPARE(named("BrokenRule").health, QStringLiteral("err"));
        QVERIFY(!named("BrokenRule").lastError.isEmpty());
        QVERIFY(m_lab->control(QStringLiteral("green"), QStringLiteral("error_rate=0")));
    }

    // No rule is needed for it.
    void failingTracksAreFoundByTheirFigures()
    {
        auto made = std::make_unique<WatchedMetrics>(*m_http, m_lab ? endpointOf(m_lab->url()) : practiceEndpoint());
        const WatchedMetrics &source = *made;
        MetricSet sources;
        sources.add(std::move(made));
        Deployed of;
        of.application = subject().application;
        of.ns = of.environment = subject().ns;
        of.isProtected = true;
        for (const MetricTrack &known : subject().tracks) {
            Track track;
            track.name = known.name;
            track.version = known.version;
            track.workloads.resize(1);
            track.workloads[0].name = known.workloads.first();
            of.tracks.append(track);
        }
        DeployedStore deployed;
        deployed.apply({of}, {});
        const ErrorWatch watch(sources, deployed,
                               ErrorWatch::Times{std::chrono::milliseconds(0), std::chrono::seconds(1),
                                                 std::chrono::hours(1), std::chrono::seconds(2)});
        QTRY_VERIFY_WITH_TIMEOUT(source.question && source.question->isFinished(), 20000);
        const Result<MetricAnswer> answer = source.question->result();
        QVERIFY2(answer, qPrintable(answer ? QString() : answer.error().message));
        if (!m_lab)
            return; // nothing fails there yet
        QVERIFY(m_lab->control(QStringLiteral("green"), QStringLiteral("error_rate=0.5")));
        QTRY_COMPARE_WITH_TIMEOUT(watch.failing().size(), 1, 40000);
        QCOMPARE(watch.failing().first().deployedKey, of.key());
        QCOMPARE(watch.failing().first().track, QStringLiteral("green"));
        QVERIFY(watch.failing().first().percent >= 5 && watch.failing().first().percent < 60);
        QVERIFY(m_lab->control(QStringLiteral("green"), QStringLiteral("error_rate=0")));
    }

    void aStoppedQueryIsCancelled()
    {
        StopSource stop;
        const auto future = m_source->instant(QStringLiteral("up"), {}, stop.get_token());
        stop.request_stop();
        const auto answer = waited(future);
        QVERIFY(answer || answer.error().kind == ErrorKind::Cancelled);
    }

    void promtoolReadsEveryExpression()
    {
        NEEDS_THE_LABS_APPLICATION;
        QTemporaryDir folder;
        QFile file(folder.filePath(QStringLiteral("rules.yml")));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("groups:\n  - name: all\n    rules:\n");
        FamilyBinding binding;
        binding.trackLabel = QStringLiteral("slot");
        binding.codeLabel = QStringLiteral("code");
        int count = 0;
        for (const MetricFamily &family : builtInMetricFamilies().families) {
            for (const MetricPanel &panel : boundPanels(family, binding, builtInMetricFamilies().metricNames())) {
                const QString expression =
                    QString(panel.expression).replace(QStringLiteral("{window}"), QStringLiteral("1m"));
                file.write("      - record: r" + QByteArray::number(++count) + "\n        expr: '" +
                           expression.toUtf8().replace("'", "''") + "'\n");
            }
        }
        file.close();
        const auto output = test::runProgram(QStringLiteral("promtool"),
                                             {QStringLiteral("check"), QStringLiteral("rules"), file.fileName()});
        QVERIFY2(output.isGood(), output.err.constData());
        QVERIFY(output.out.contains(QByteArray::number(count) + " rules found"));
    }

    // Last: it kills the server.
    void aKilledServerGoesStaleAndComesBack()
    {
        NEEDS_THE_LABS_APPLICATION;
        MetricPanel panel;
        panel.id = QStringLiteral("up");
        panel.expression = QStringLiteral("up");
        MetricFeed feed;
        feed.setScrapeInterval(1000);
        feed.setInterval(300);
        feed.setRange({60000, {}});
        feed.setPanels({panel});
        feed.setSource(m_source.get());
        const QSignalSpy freshness(m_source.get(), &MetricSource::freshnessChanged);
        feed.start();
        QTRY_VERIFY_WITH_TIMEOUT(feed.find(panel.id)->freshness.isLive(), 10000);
        QVERIFY(m_lab->kill());
        QTRY_COMPARE_WITH_TIMEOUT(feed.find(panel.id)->freshness.state, Freshness::State::Stale, 20000);
        QTRY_COMPARE_WITH_TIMEOUT(feed.alertFreshness().state, Freshness::State::Stale, 20000);
        QCOMPARE(m_source->freshness().state, Freshness::State::Stale);
        QVERIFY(!freshness.isEmpty());
        const PanelData *data = feed.find(panel.id);
        QVERIFY(!data->series.isEmpty()); // what was last true stays
        QCOMPARE(data->freshness.error->kind, ErrorKind::Unreachable);
        QVERIFY(data->freshness.lastHeard.isValid());
        QString error;
        QVERIFY2(m_lab->restart(&error), qPrintable(error));
        QTRY_VERIFY_WITH_TIMEOUT(feed.find(panel.id)->freshness.isLive(), 30000);
        QVERIFY(!feed.find(panel.id)->freshness.error);
        QTRY_VERIFY_WITH_TIMEOUT(m_source->freshness().isLive(), 10000);
    }

private:
    std::shared_ptr<const HttpEndpoint> practiceEndpoint() const
    {
        auto endpoint = std::make_shared<HttpEndpoint>(*endpointOf(m_practice->prometheus()));
        endpoint->caPem = m_practice->caPem();
        endpoint->authorise = [token = m_practice->token()](const StopToken &) {
            return QtFuture::makeReadyFuture(Result<HttpHeaders>(HttpHeaders{{"Authorization", "Bearer " + token}}));
        };
        return endpoint;
    }

    // An application with two tracks that this server has samples of.
    MetricSubject subject() const
    {
        if (m_lab)
            return cart();
        return {QStringLiteral("recommender"),
                QStringLiteral("production"),
                {{QStringLiteral("blue"), {QStringLiteral("recommender-blue")}, QStringLiteral("1.44.0")},
                 {QStringLiteral("green"), {QStringLiteral("recommender-green")}, QStringLiteral("1.45.0")}}};
    }

    // The panel's newest value of each track; a track with several series, or one of no track, shows as its label.
    QMap<QString, double> valuesByTrack(const MetricPanel &panel)
    {
        QString expression = panel.expression;
        expression.replace(QStringLiteral("{window}"), QStringLiteral("5s"));
        const auto answer = waited(m_source->instant(expression, {}, {}));
        QMap<QString, double> values;
        for (const MetricSeries &one : answer ? answer->series : QList<MetricSeries>()) {
            const QString value = one.labels.value(panel.trackLabel);
            const QString track = panel.trackNames.value(value, value);
            values.insert(values.contains(track) ? track + u'+' : track, one.samples.first().value);
        }
        return values;
    }

    qsizetype seriesOf(const QString &expression)
    {
        const auto answer = waited(m_source->instant(expression, {}, {}));
        return answer ? answer->series.size() : -1;
    }

    static bool agree(const MetricFeed &feed, const QString &id, const std::map<QString, double> &rates)
    {
        for (const ChartSeries &series : feed.find(id)->series) {
            const double shown = series.samples.last().value;
            const double wanted = rates.at(series.track);
            if (std::abs(shown - wanted) > std::max(1.0, wanted * 0.1))
                return false;
        }
        return feed.find(id)->series.size() == 2;
    }

    std::unique_ptr<LabPrometheus> m_lab; // null on the practice world
    std::unique_ptr<test::PracticeProgram> m_practice;
    std::unique_ptr<HttpClient> m_http;
    std::unique_ptr<PrometheusMetrics> m_source;
};

QTEST_GUILESS_MAIN(TestPrometheus)
#include "test_prometheus.moc"
