// The month before, the restlessness of figures, and what people bring along: the practice world besides its releases.
#include "services/sandbox/promql/engine.h"
#include "services/sandbox/world/load.h"
#include "tests/unit/services/sandboxworld/practiceclusters.h"

#include <QTest>

#include <cmath>
#include <set>

using namespace signalbox;
using namespace signalbox::sandbox;

namespace
{

constexpr double dayMs = 24 * 3600 * 1000.0;
const std::string recommender = "app=\"recommender\",namespace=\"production\"";

class Asked
{
public:
    explicit Asked(PracticeClusters &clusters)
        : m_engine(clusters.samples)
    {}
    std::map<std::string, double> at(const std::string &expression, const std::string &by, std::int64_t ms) const
    {
        const auto outcome = m_engine.instant(expression, ms);
        if (const auto *error = std::get_if<QueryError>(&outcome))
            qFatal("%s: %s", expression.c_str(), error->message.c_str());
        std::map<std::string, double> found;
        for (const ResultSeries &series : std::get<QueryResult>(outcome).series)
            found[std::string(labelValue(series.labels, by))] = series.samples.front().value;
        return found;
    }

private:
    Engine m_engine;
};

std::int64_t daysBefore(PracticeClusters &clusters, double days)
{
    return clusters.clock.nowMs() - static_cast<std::int64_t>(days * dayMs);
}

// Standard deviation as a part of the mean.
double unrest(const std::vector<double> &values)
{
    double sum = 0;
    double squares = 0;
    for (const double value : values) {
        sum += value;
        squares += value * value;
    }
    const double mean = sum / static_cast<double>(values.size());
    return std::sqrt(std::max(0.0, squares / static_cast<double>(values.size()) - mean * mean)) / mean;
}

} // namespace

class SandboxHistoryTest : public QObject
{
    Q_OBJECT
private slots:
    // Each of the thousands of series whose past is reckoned has a copy.
    void aLoadIsSmallAndItsCopiesAgree()
    {
        QVERIFY(sizeof(Load) <= 3 * sizeof(double));
        const Load load(120, 7, "production/recommender");
        const Load copy = load;
        const std::int64_t at = PracticeClusters::beginMs;
        QVERIFY(load.rps(at) > 0);
        QCOMPARE(copy.rps(at), load.rps(at));
        QCOMPARE(load.requests(at, at + 60'000), load.integral(at + 60'000) - load.integral(at));
        QCOMPARE(Load().rps(at), 0.0);
        QCOMPARE(Load().requests(at, at + 60'000), 0.0);
    }

    void init() { m_clusters = std::make_unique<PracticeClusters>(); }
    void cleanup() { m_clusters.reset(); }

    void chartsOfLongAgoShowTheVersionOfThen_data()
    {
        QTest::addColumn<double>("days");
        QTest::addColumn<QString>("version");
        QTest::addColumn<double>("leastErrors");
        QTest::addColumn<double>("mostErrors");
        QTest::newRow("yesterday") << 1.0 << "1.44.0" << 0.0005 << 0.003;
        QTest::newRow("a week") << 7.0 << "1.43.1" << 0.0005 << 0.003;
        QTest::newRow("before the bad one") << 21.6 << "1.42.0" << 0.0005 << 0.003;
        QTest::newRow("the bad one") << 21.375 << "1.43.0" << 0.02 << 0.05;
        QTest::newRow("after the way back") << 20.0 << "1.42.0" << 0.0005 << 0.003;
    }
    void chartsOfLongAgoShowTheVersionOfThen()
    {
        QFETCH(double, days);
        QFETCH(QString, version);
        QFETCH(double, leastErrors);
        QFETCH(double, mostErrors);
        const Asked asked(*m_clusters);
        const std::int64_t at = daysBefore(*m_clusters, days);
        const auto requests =
            asked.at("sum by (version) (rate(http_requests_total{" + recommender + "}[20m]))", "version", at);
        QVERIFY(requests.contains(version.toStdString()));
        for (const auto &[one, rps] : requests)
            QVERIFY2((one == version.toStdString()) == (rps > 500), one.c_str());
        const double errors = asked.at("sum(rate(http_requests_total{code=\"500\"," + recommender +
                                           "}[20m])) / sum(rate(http_requests_total{" + recommender + "}[20m]))",
                                       "", at)[""];
        QVERIFY2(errors > leastErrors && errors < mostErrors, qPrintable(QString::number(errors)));
        const auto quality = asked.at("model_agreement_ratio{" + recommender + "}", "version", at);
        QVERIFY(quality.contains(version.toStdString()));
    }

    void latencyIsRestlessNowAndThen()
    {
        const auto p95 = [this](std::int64_t at) {
            return Asked(*m_clusters)
                .at("histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket{slot=\"blue\"," +
                        recommender + "}[1m])))",
                    "", at)[""];
        };
        std::vector<double> past;
        for (int i = 0; i < 30; ++i)
            past.push_back(p95(m_clusters->clock.nowMs() - i * 40'000 - 60'000));
        std::vector<double> live;
        m_clusters->pass(60);
        for (int i = 0; i < 30; ++i) {
            m_clusters->pass(15);
            live.push_back(p95(m_clusters->clock.nowMs()));
        }
        for (const auto &values : {past, live})
            QVERIFY2(unrest(values) > 0.005 && unrest(values) < 0.15, qPrintable(QString::number(unrest(values))));
    }

    void fewErrorsComeByChance()
    {
        const auto errors = [this] {
            return Asked(*m_clusters)
                .at("sum(rate(http_requests_total{code=\"500\",slot=\"blue\"," + recommender + "}[1m]))", "",
                    m_clusters->clock.nowMs())[""];
        };
        m_clusters->pass(90);
        std::vector<double> rates;
        for (int i = 0; i < 40; ++i) {
            m_clusters->pass(15);
            rates.push_back(errors());
        }
        // 1.3 a second for a minute: a Poisson process strays by an eighth, a metronome by nothing.
        QVERIFY2(unrest(rates) > 0.05 && unrest(rates) < 0.5, qPrintable(QString::number(unrest(rates))));
    }

    void aRuleOfItsOwnKeepsItsTrack()
    {
        const auto route = [](Json &tree) {
            tree["spec"]["rules"][0]["backendRefs"][0]["weight"] = 0;
            tree["spec"]["rules"][0]["backendRefs"][1]["weight"] = 100;
        };
        QVERIFY(PracticeClusters::edit(m_clusters->production(), "gateway.networking.k8s.io", "httproutes",
                                       "production", "image-tagger", route));
        m_clusters->pass(75);
        const auto tracks = m_clusters->world->tracks(0, "production", "image-tagger");
        QVERIFY2(std::abs(tracks.at("blue").share - 0.12) < 0.001,
                 qPrintable(QString::number(tracks.at("blue").share)));
        QVERIFY(std::abs(tracks.at("green").share - 0.88) < 0.001);
    }

    // Samples of a series that was silent for longer than anything is kept are taken again.
    void aSeriesThatWasForgottenComesBack()
    {
        const auto count = [this] {
            return Asked(*m_clusters)
                .at("count(http_requests_total{" + recommender + "})", "", m_clusters->clock.nowMs())[""];
        };
        m_clusters->pass(20);
        const double before = count();
        QVERIFY(before > 10);
        FaultSpec dark;
        dark.kind = FaultSpec::Kind::MetricsDark;
        dark.application = "recommender";
        m_clusters->world->injectFault(dark);
        m_clusters->pass(20);
        QCOMPARE(count(), 0.0);
        m_clusters->clock.hold(m_clusters->clock.nowMs() + 30 * 3600 * 1000LL);
        m_clusters->pass(120);
        m_clusters->samples.trim(m_clusters->clock.nowMs());
        m_clusters->world->clearFaults();
        m_clusters->pass(20);
        QCOMPARE(count(), before);
    }

    void imagesOfOthersStartUnlessTheirTagSaysOtherwise_data()
    {
        QTest::addColumn<QString>("tag");
        QTest::addColumn<QString>("reason");
        QTest::addColumn<bool>("isReady");
        QTest::newRow("any") << "1.0" << QString() << true;
        QTest::newRow("crash") << "crash"
                               << "CrashLoopBackOff" << false;
        QTest::newRow("image-pull") << "image-pull"
                                    << "ImagePullBackOff" << false;
        QTest::newRow("unready") << "unready" << QString() << false;
    }
    void imagesOfOthersStartUnlessTheirTagSaysOtherwise()
    {
        QFETCH(QString, tag);
        QFETCH(QString, reason);
        QFETCH(bool, isReady);
        ObjectStore &store = m_clusters->lab();
        const Json labels = {{"app", "web"}};
        const Json container = {{"name", "web"}, {"image", "registry.example/web:" + tag.toStdString()}};
        const Json podTemplate = {{"metadata", {{"labels", labels}}}, {"spec", {{"containers", {container}}}}};
        QVERIFY(bool(store.create(
            *store.type("apps", "deployments"),
            {{"metadata", {{"name", "web"}, {"namespace", "default"}}},
             {"spec", {{"replicas", 1}, {"selector", {{"matchLabels", labels}}}, {"template", podTemplate}}}})));
        const auto pod = [&] {
            const auto all = store.list(*store.type("", "pods"), "default").objects;
            return all.empty() ? Json() : all.front()->tree();
        };
        const auto reached = [&] {
            const std::string waiting = textAt(pod(), "/status/containerStatuses/0/state/waiting/reason");
            return PracticeClusters::condition(pod(), "Ready").starts_with("True") == isReady &&
                   textAt(pod(), "/status/phase") != "" && (reason.isEmpty() || waiting == reason.toStdString());
        };
        QVERIFY(m_clusters->passUntil(reached, 30));
        m_clusters->pass(5);
        QVERIFY(isReady == PracticeClusters::condition(pod(), "Ready").starts_with("True"));
    }

private:
    std::unique_ptr<PracticeClusters> m_clusters;
};

QTEST_GUILESS_MAIN(SandboxHistoryTest)
#include "test_sandboxhistory.moc"
