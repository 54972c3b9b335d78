#include "services/sandbox/promql/engine.h"
#include "services/sandbox/promql/matcher.h"
#include "services/sandbox/world/templates.h"
#include "tests/unit/services/sandboxworld/practiceclusters.h"

#include <QTest>

#include <cmath>

using namespace signalbox::sandbox;

namespace
{

const std::string ns = "production";
const char scalers[] = "horizontalpodautoscalers";
constexpr std::int64_t movingMs = 15'000; // what changed so lately may go on changing

void setWeights(ObjectStore &store, const std::string &route, std::vector<int> weights)
{
    PracticeClusters::edit(store, "gateway.networking.k8s.io", "httproutes", ns, route, [&](Json &tree) {
        Json &backends = tree["spec"]["rules"][0]["backendRefs"];
        for (std::size_t i = 0; i < weights.size(); ++i)
            backends[i]["weight"] = weights[i];
    });
}

std::map<std::string, double> ask(PracticeClusters &clusters, const std::string &expression, const std::string &by)
{
    const Engine engine(clusters.samples);
    const auto outcome = engine.instant(expression, clusters.clock.nowMs());
    if (const auto *error = std::get_if<QueryError>(&outcome))
        qFatal("%s: %s", expression.c_str(), error->message.c_str());
    std::map<std::string, double> found;
    for (const ResultSeries &series : std::get<QueryResult>(outcome).series)
        found[std::string(labelValue(series.labels, by))] = series.samples.front().value;
    return found;
}

std::map<std::string, double> requests(PracticeClusters &clusters, const std::string &app)
{
    return ask(clusters, "sum by (slot) (rate(http_requests_total{app=\"" + app + "\",namespace=\"" + ns + "\"}[1m]))",
               "slot");
}

std::map<std::string, double> errors(PracticeClusters &clusters, const std::string &app)
{
    const std::string selector = "app=\"" + app + "\",namespace=\"" + ns + '"';
    return ask(clusters,
               "sum by (slot) (rate(http_requests_total{code=~\"5..\"," + selector +
                   "}[1m])) / sum by (slot) (rate(http_requests_total{" + selector + "}[1m]))",
               "slot");
}

std::map<std::string, double> latency(PracticeClusters &clusters, const std::string &app, const std::string &by)
{
    return ask(clusters,
               "1000 * histogram_quantile(0.95, sum by (le, " + by +
                   ") (rate(http_request_duration_seconds_bucket{app=\"" + app + "\",namespace=\"" + ns + "\"}[1m])))",
               by);
}

FaultSpec fault(FaultSpec::Kind kind, const std::string &application, const std::string &track = {})
{
    FaultSpec spec;
    spec.kind = kind;
    spec.application = application;
    spec.track = track;
    return spec;
}

} // namespace

class SandboxWorldTest : public QObject
{
    Q_OBJECT
    template <typename Listener>
    std::vector<ObjectStore::Subscription> hearAll(const Listener &listener)
    {
        std::vector<ObjectStore::Subscription> all;
        for (const auto &store : m_clusters->stores) {
            auto one = store->subscribe(nullptr, [listener](const ChangePtr &change) { listener(*change); });
            if (!one)
                qFatal("no subscription");
            all.push_back(std::move(*one));
        }
        return all;
    }
    // As if every autoscaler had found its pods that busy, in per cent.
    void measure(int percent)
    {
        for (const auto &store : m_clusters->stores) {
            const ResourceType &type = *store->type("autoscaling", scalers);
            for (const ObjectPtr &scaler : store->list(type).objects)
                store->modify(type, scaler->ns, scaler->name,
                              [percent](Json &tree) -> std::optional<Refusal> {
                                  tree["status"]["currentMetrics"][0]["resource"]["current"]["averageUtilization"] =
                                      percent;
                                  return {};
                              },
                              {.part = WriteOptions::Part::Status});
        }
    }
    // What its pods counted, by slot.
    std::map<std::string, double> counted(const std::string &app, double PodMeter::*what) const
    {
        std::map<std::string, double> found;
        ObjectStore &store = m_clusters->production();
        for (const ObjectPtr &pod : store.list(*store.type("", "pods"), ns).objects) {
            const auto seen = m_clusters->world->pod(0, ns, pod->name);
            if (seen && seen->pod.service && seen->pod.service->name == app)
                found[trackOf(seen->pod)] += seen->meter.*what;
        }
        return found;
    }

private slots:
    void init() { m_clusters = std::make_unique<PracticeClusters>(); }
    void cleanup() { m_clusters.reset(); }

    void isAsLargeAsPromised()
    {
        std::size_t pods = 0;
        std::set<std::string> names;
        for (const auto &store : m_clusters->stores) {
            pods += store->count(*store->type("", "pods"));
            for (const ServiceSpec &service : builtInCatalogue().services)
                names.insert(service.name);
        }
        QVERIFY2(pods >= 270 && pods <= 330, qPrintable(QString::number(pods)));
        QVERIFY(names.size() >= 6);
    }

    void everyPodThatRunsHasANode()
    {
        for (const auto &store : m_clusters->stores) {
            for (const ObjectPtr &pod : store->list(*store->type("", "pods"), {}).objects) {
                if (textAt(pod->tree(), "/status/phase") == "Running")
                    QVERIFY2(!textAt(pod->tree(), "/spec/nodeName").empty(), pod->name.c_str());
            }
        }
    }

    void twoStartsTellTheSameStory()
    {
        PracticeClusters other;
        m_clusters->pass(120);
        other.pass(120);
        for (std::size_t i = 0; i < other.stores.size(); ++i) {
            for (const auto &[group, plural] :
                 {std::pair("", "pods"), std::pair("", "events"), std::pair("apps", "deployments"),
                  std::pair("apps", "replicasets"), std::pair("apps", "controllerrevisions"),
                  std::pair("gateway.networking.k8s.io", "httproutes")}) {
                const auto texts = [&, group = group, plural = plural](ObjectStore &store) {
                    std::string all;
                    for (const ObjectPtr &one : store.list(*store.type(group, plural)).objects)
                        all += one->json + '\n';
                    return all;
                };
                QCOMPARE(texts(*m_clusters->stores[i]), texts(*other.stores[i]));
            }
        }
        QCOMPARE(requests(*m_clusters, "recommender"), requests(other, "recommender"));
    }

    void requestsFollowTheWeights_data()
    {
        QTest::addColumn<int>("green");
        for (const int green : {0, 5, 25, 50, 100})
            QTest::newRow(qPrintable(QString::number(green))) << green;
    }
    void requestsFollowTheWeights()
    {
        QFETCH(int, green);
        setWeights(m_clusters->production(), "recommender", {100 - green, green});
        m_clusters->pass(75);
        const auto now = requests(*m_clusters, "recommender");
        const double share = now.at("green") / (now.at("green") + now.at("blue"));
        QVERIFY2(std::abs(share - green / 100.0) < 0.01, qPrintable(QString::number(share)));
    }

    // A world at rest reckons many seconds at once: what was asked before a weight was written went by the old one.
    void aNewWeightHasNoPast()
    {
        setWeights(m_clusters->production(), "recommender", {100, 0});
        m_clusters->pass(30);
        const auto before = counted("recommender", &PodMeter::answered);
        const auto rest = [this](std::int64_t seconds) {
            m_clusters->clock.hold(m_clusters->clock.nowMs() + seconds * 1000);
        };
        rest(15);
        setWeights(m_clusters->production(), "recommender", {0, 100});
        m_clusters->world->tick();
        const auto written = counted("recommender", &PodMeter::answered);
        QVERIFY2(written.at("blue") > before.at("blue") + 100, qPrintable(QString::number(written.at("blue"))));
        QCOMPARE(written.at("green"), before.at("green"));
        const auto tracks = m_clusters->world->tracks(0, ns, "recommender"); // of this moment
        QCOMPARE(tracks.at("green").share, 1.0);
        QCOMPARE(tracks.at("blue").share, 0.0);
        rest(15);
        m_clusters->world->tick();
        const auto after = counted("recommender", &PodMeter::answered);
        QCOMPARE(after.at("blue"), written.at("blue"));
        QVERIFY2(after.at("green") > written.at("green") + 100, qPrintable(QString::number(after.at("green"))));
    }

    void aFaultHasNoPast()
    {
        setWeights(m_clusters->production(), "recommender", {100, 0});
        m_clusters->pass(30);
        const double before = counted("recommender", &PodMeter::failed).at("blue");
        m_clusters->clock.hold(m_clusters->clock.nowMs() + 15'000);
        FaultSpec alarm = fault(FaultSpec::Kind::FalseAlarm, "recommender");
        alarm.magnitude = 0.5;
        const int number = m_clusters->world->injectFault(alarm);
        m_clusters->world->tick();
        const double injected = counted("recommender", &PodMeter::failed).at("blue");
        QVERIFY2(injected - before < 100, qPrintable(QString::number(injected - before)));
        m_clusters->clock.hold(m_clusters->clock.nowMs() + 15'000);
        m_clusters->world->clearFault(number);
        m_clusters->world->tick();
        const double cleared = counted("recommender", &PodMeter::failed).at("blue");
        QVERIFY2(cleared - injected > 300, qPrintable(QString::number(cleared - injected)));
    }

    void theBadReleaseHurtsItsShareOnly()
    {
        setWeights(m_clusters->production(), "recommender", {75, 25});
        m_clusters->pass(75);
        const auto now = errors(*m_clusters, "recommender");
        QVERIFY2(now.at("blue") < 0.004, qPrintable(QString::number(now.at("blue"))));
        QVERIFY2(now.at("green") > 0.05 && now.at("green") < 0.09, qPrintable(QString::number(now.at("green"))));
        const auto p95 = latency(*m_clusters, "recommender", "slot");
        QVERIFY2(p95.at("green") > 2 * p95.at("blue"),
                 qPrintable(QStringLiteral("%1 %2").arg(p95.at("green")).arg(p95.at("blue"))));
        const auto quality =
            ask(*m_clusters, "model_agreement_ratio{app=\"recommender\",namespace=\"production\"}", "slot");
        QVERIFY(quality.at("blue") - quality.at("green") > 0.03);
        // Back, and everything is well again.
        setWeights(m_clusters->production(), "recommender", {100, 0});
        m_clusters->pass(75);
        const auto all =
            ask(*m_clusters,
                "sum(rate(http_requests_total{app=\"recommender\",namespace=\"production\",code=~\"5..\"}[1m]))"
                " / sum(rate(http_requests_total{app=\"recommender\",namespace=\"production\"}[1m]))",
                "slot");
        QVERIFY(all.at("") < 0.004);
    }

    void aServiceSelectorMovesAllAtOnce()
    {
        PracticeClusters::edit(m_clusters->production(), "", "services", ns, "chat-gateway",
                               [](Json &tree) { tree["spec"]["selector"]["slot"] = "green"; });
        m_clusters->pass(75);
        const auto now = requests(*m_clusters, "chat-gateway");
        QVERIFY(now.at("green") > 20);
        QVERIFY(now.at("blue") < 0.01);
    }

    void tooFewPodsGetSlowThenTurnRequestsAway()
    {
        ObjectStore &store = m_clusters->production();
        const double before = latency(*m_clusters, "recommender", "slot").at("blue");
        PracticeClusters::edit(store, "apps", "deployments", ns, "recommender-blue",
                               [](Json &tree) { tree["spec"]["replicas"] = 12; });
        m_clusters->pass(90);
        const double crowded = latency(*m_clusters, "recommender", "slot").at("blue");
        QVERIFY2(crowded > before * 1.2, qPrintable(QStringLiteral("%1 -> %2").arg(before).arg(crowded)));
        PracticeClusters::edit(store, "apps", "deployments", ns, "recommender-blue",
                               [](Json &tree) { tree["spec"]["replicas"] = 5; });
        m_clusters->pass(90);
        const double share = errors(*m_clusters, "recommender").at("blue");
        QVERIFY2(share > 0.2, qPrintable(QString::number(share)));
    }

    void noPodsMeansNoAnswers()
    {
        PracticeClusters::edit(m_clusters->production(), "apps", "deployments", ns, "fraud-scorer-green",
                               [](Json &tree) { tree["spec"]["replicas"] = 0; });
        m_clusters->pass(90);
        QCOMPARE(errors(*m_clusters, "fraud-scorer").at("green"), 1.0);
    }

    // They measure something else every quarter of a minute: were that movement, the world would never rest.
    void whatAutoscalersMeasureMovesNothing()
    {
        std::int64_t movedMs = 0; // when anything else changed; the world is driven from here, so this is its thread
        int told = 0;
        const auto subscriptions = hearAll([&](const Change &change) {
            const std::string &plural = change.type->plural;
            if (plural == scalers)
                ++told;
            else if (plural != "events")
                movedMs = m_clusters->clock.nowMs();
        });
        const auto isElseMoving = [&] { return m_clusters->clock.nowMs() - movedMs < movingMs; };
        int toldAtRest = 0;
        for (int second = 0; second < 600; ++second) {
            if (second % 30 == 0) // somebody else's figure: they write theirs over it when they look next
                measure(second % 60 == 0 ? 5 : 35);
            const int before = told;
            m_clusters->pass(1);
            QCOMPARE(m_clusters->world->isMoving(), isElseMoving());
            if (!isElseMoving())
                toldAtRest += told - before;
        }
        QVERIFY(toldAtRest > 0);
    }

    // Each is a change that every watch is told of: none without another figure, and none for a little one.
    void autoscalersTellOnlyWhatIsWorthTelling()
    {
        std::map<std::string, Json> known; // by uid
        QStringList idle;
        const auto figureOf = [](const Json &status) {
            return numberAt(status, "/currentMetrics/0/resource/current/averageUtilization", -100);
        };
        const auto subscriptions = hearAll([&](const Change &change) {
            if (change.type->plural != scalers)
                return;
            const Json status = change.object->tree().value("status", Json::object());
            const auto before = known.find(change.object->uid);
            if (before != known.end()) {
                const std::int64_t step = std::abs(figureOf(status) - figureOf(before->second));
                if (status == before->second || (step > 0 && step < 5))
                    idle.append(QString::fromStdString(change.object->name + ": " + before->second.dump() + " to " +
                                                       status.dump()));
            }
            known[change.object->uid] = status;
        });
        for (const auto &store : m_clusters->stores) {
            for (const ObjectPtr &scaler : store->list(*store->type("autoscaling", scalers)).objects)
                known[scaler->uid] = scaler->tree().value("status", Json::object());
        }
        QVERIFY(!known.empty());
        m_clusters->pass(600);
        QVERIFY2(idle.isEmpty(), qPrintable(idle.join(u'\n')));
    }

    void theAutoscalerAddsPodsUnderLoad()
    {
        ObjectStore &store = m_clusters->production();
        m_clusters->pass(60);
        const auto replicas = [&] {
            return numberAt(PracticeClusters::deployment(store, ns, "speech-to-text"), "/spec/replicas");
        };
        const std::int64_t before = replicas();
        PracticeClusters::edit(store, "autoscaling", "horizontalpodautoscalers", ns, "speech-to-text", [](Json &tree) {
            tree["spec"]["metrics"][0]["resource"]["target"]["averageUtilization"] = 45;
        });
        QVERIFY(m_clusters->passUntil([&] { return replicas() > before; }, 60));
        const Json scaler =
            store.get(*store.type("autoscaling", "horizontalpodautoscalers"), ns, "speech-to-text")->tree();
        QCOMPARE(numberAt(scaler, "/status/currentReplicas", 0), before);
        QCOMPARE(numberAt(scaler, "/status/desiredReplicas", 0), replicas());
        const Json *able = conditionOf(scaler["status"], "AbleToScale");
        QVERIFY(able);
        QCOMPARE(QString::fromStdString(textAt(*able, "/message")),
                 QStringLiteral("the HPA controller was able to update the target scale to %1").arg(replicas()));
        const std::string value = textAt(scaler, "/status/currentMetrics/0/resource/current/averageValue");
        QVERIFY2(value.size() > 1 && value.back() == 'm' && value != "0m", value.c_str());
        // Down only after it was quiet for a while.
        PracticeClusters::edit(store, "autoscaling", "horizontalpodautoscalers", ns, "speech-to-text", [](Json &tree) {
            tree["spec"]["metrics"][0]["resource"]["target"]["averageUtilization"] = 90;
        });
        const std::int64_t most = replicas();
        m_clusters->pass(60);
        QVERIFY(replicas() >= most);
        QVERIFY(m_clusters->passUntil([&] { return replicas() < most; }, 180));
    }

    // A watch, and whoever derives from it, would be told each time; and the world would go on ticking every second.
    void theAutoscalerDoesNotTellOfEveryBreath()
    {
        ObjectStore &store = m_clusters->production();
        m_clusters->pass(60);
        std::map<std::string, std::vector<std::int64_t>> told; // by scaler, each change
        for (int i = 0; i < 20; ++i) {
            for (const ObjectPtr &scaler :
                 store.list(*store.type("autoscaling", "horizontalpodautoscalers"), ns).objects) {
                const std::int64_t now =
                    numberAt(scaler->tree(), "/status/currentMetrics/0/resource/current/averageUtilization", -1);
                std::vector<std::int64_t> &values = told[scaler->name];
                if (values.empty() || values.back() != now)
                    values.push_back(now);
            }
            m_clusters->pass(15);
        }
        QVERIFY(!told.empty());
        for (const auto &[name, values] : told) {
            for (std::size_t i = 2; i < values.size(); ++i)
                QVERIFY2(values[i] != values[i - 2], name.c_str());
        }
    }

    void routesSayThatTheirWeightsAreInEffect()
    {
        ObjectStore &store = m_clusters->production();
        setWeights(store, "recommender", {90, 10});
        m_clusters->pass(1);
        const Json route = PracticeClusters::tree(store, "gateway.networking.k8s.io", "httproutes", ns, "recommender");
        for (const Json &condition : valueAt(route, "/status/parents/0/conditions")) {
            QCOMPARE(numberAt(condition, "/observedGeneration"), numberAt(route, "/metadata/generation"));
            QCOMPARE(textAt(condition, "/status"), std::string("True"));
        }
    }

    void theMonthBeforeIsThere()
    {
        for (const char *range : {"10m", "6h", "3d"}) {
            const auto past = ask(*m_clusters,
                                  std::string("sum by (slot) (rate(http_requests_total{app=\"search-ranker\",namespace="
                                              "\"production\",slot=\"blue\"}[15m] offset ") +
                                      range + "))",
                                  "slot");
            QVERIFY2(past.contains("blue"), range);
            QVERIFY2(past.at("blue") > 300 && past.at("blue") < 1000, range);
        }
        // No jump where the computed past meets what is measured: a counter that fell would count as begun anew.
        m_clusters->pass(40);
        for (const char *counter :
             {"http_requests_total", "http_request_duration_seconds_bucket", "http_request_duration_seconds_sum",
              "process_cpu_seconds_total", "nv_inference_request_failure", "nv_inference_request_duration_us",
              "vllm:generation_tokens_total", "vllm:time_to_first_token_seconds_bucket"}) {
            const auto matcher = Matcher::make(Matcher::Kind::Equal, "__name__", counter, nullptr);
            int series = 0;
            std::string fell;
            m_clusters->samples.visit({*matcher}, m_clusters->clock.nowMs() - 600'000, m_clusters->clock.nowMs(),
                                      [&](const LabelSet &labels, const std::vector<TimedValue> &samples) {
                                          ++series;
                                          for (std::size_t i = 1; i < samples.size(); ++i) {
                                              if (samples[i].value < samples[i - 1].value)
                                                  fell = labelText(labels);
                                          }
                                      });
            QVERIFY2(series > 0, counter);
            QVERIFY2(fell.empty(), fell.c_str());
        }
        const auto across = requests(*m_clusters, "search-ranker").at("blue");
        const auto before =
            ask(*m_clusters,
                "sum by (slot) (rate(http_requests_total{app=\"search-ranker\",namespace=\"production\","
                "slot=\"blue\"}[1m] offset 2m))",
                "slot")
                .at("blue");
        QVERIFY2(std::abs(across / before - 1) < 0.05,
                 qPrintable(QStringLiteral("%1 after %2").arg(across).arg(before)));
    }

    void faultsDoWhatTheySay()
    {
        using Kind = FaultSpec::Kind;
        World &world = *m_clusters->world;
        world.injectFault(fault(Kind::ErrorsAfterFullShift, "search-ranker", "green"));
        m_clusters->pass(75);
        QVERIFY(errors(*m_clusters, "search-ranker").at("green") < 0.01);
        setWeights(m_clusters->production(), "search-ranker", {0, 100});
        m_clusters->pass(75);
        QVERIFY(errors(*m_clusters, "search-ranker").at("green") > 0.1);
        QVERIFY(world.faults().front().firstEffectMs > world.faults().front().sinceMs);
        world.clearFaults();
        m_clusters->pass(75);
        QVERIFY(errors(*m_clusters, "search-ranker").at("green") < 0.01);

        FaultSpec slow = fault(Kind::ZoneLatency, "embedding-api");
        slow.zone = "eu-west-1b";
        world.injectFault(slow);
        m_clusters->pass(75);
        const auto byZone = latency(*m_clusters, "embedding-api", "zone");
        QVERIFY(byZone.at("eu-west-1b") > 3 * byZone.at("eu-west-1a"));
        world.clearFaults();

        world.injectFault(fault(Kind::MetricsDark, "embedding-api"));
        m_clusters->pass(10);
        QVERIFY(ask(*m_clusters, "http_requests_total{app=\"embedding-api\",namespace=\"production\"}", "pod").empty());
        world.clearFaults();
    }

    void aLeakEndsInAnOutOfMemoryKill()
    {
        FaultSpec leak = fault(FaultSpec::Kind::MemoryLeak, "fraud-scorer", "green");
        leak.magnitude = 120;
        m_clusters->world->injectFault(leak);
        ObjectStore &store = m_clusters->production();
        const auto killed = [&] {
            for (const ObjectPtr &pod : store.list(*store.type("", "pods"), ns).objects) {
                if (pod->label("app.kubernetes.io/name") == "fraud-scorer" &&
                    pod->json.find("\"OOMKilled\"") != std::string::npos)
                    return true;
            }
            return false;
        };
        m_clusters->pass(60);
        QVERIFY(!killed());
        QVERIFY(m_clusters->passUntil(killed, 240));
    }

    void theImageOfTheWayBackCanBeGone()
    {
        FaultSpec gone = fault(FaultSpec::Kind::ImageGone, "recommender");
        gone.tag = "1.43.1";
        m_clusters->world->injectFault(gone);
        ObjectStore &store = m_clusters->production();
        const Catalogue &catalogue = builtInCatalogue();
        PracticeClusters::edit(store, "apps", "deployments", ns, "recommender-blue", [&](Json &tree) {
            tree["spec"]["template"]["spec"]["containers"][0]["image"] =
                catalogue.image(*catalogue.service("recommender"), "1.43.1");
        });
        m_clusters->pass(60);
        int stuck = 0;
        for (const ObjectPtr &pod : store.list(*store.type("", "pods"), ns).objects)
            stuck += pod->json.find("ErrImagePull") != std::string::npos ||
                     pod->json.find("ImagePullBackOff") != std::string::npos;
        QVERIFY(stuck > 0);
        const Json now = PracticeClusters::deployment(store, ns, "recommender-blue");
        QVERIFY(numberAt(now, "/status/availableReplicas") >= 18); // maxUnavailable holds
    }

    void nodesTellTheImagesTheyHold()
    {
        const std::string image = builtInCatalogue().image(*builtInCatalogue().service("recommender"), "1.43.1");
        ObjectStore &store = m_clusters->production();
        const auto holders = [&] {
            int count = 0;
            for (const ObjectPtr &node : store.list(*store.type("", "nodes")).objects) {
                const Json images = valueAt(node->tree(), "/status/images", Json::array());
                if (images.size() > 50)
                    return -1;
                for (const Json &one : images)
                    count += one.at("names").back() == image.substr(0, image.find('@'));
            }
            return count;
        };
        m_clusters->pass(1);
        QVERIFY(holders() > 0); // it ran there before
        FaultSpec gone = fault(FaultSpec::Kind::ImageGone, "recommender");
        gone.tag = "1.43.1";
        m_clusters->world->injectFault(gone);
        m_clusters->pass(1);
        QCOMPARE(holders(), 0);
    }

    void logsTellTheStory()
    {
        setWeights(m_clusters->production(), "recommender", {50, 50});
        m_clusters->pass(240);
        ObjectStore &store = m_clusters->production();
        std::map<std::string, int> failed;
        for (const ObjectPtr &pod : store.list(*store.type("", "pods"), ns).objects) {
            if (pod->label("app.kubernetes.io/name") != "recommender")
                continue;
            for (const LogText &line : m_clusters->world->log(0, pod->uid, false, 0, 200))
                failed[pod->label("slot")] += line.text.find("status=500") != std::string::npos;
        }
        QVERIFY2(failed["green"] > 5 * failed["blue"] && failed["green"] > 50,
                 qPrintable(QStringLiteral("%1 %2").arg(failed["green"]).arg(failed["blue"])));
    }

    void theCatalogueIsStrict_data()
    {
        QTest::addColumn<QByteArray>("from");
        QTest::addColumn<QByteArray>("to");
        QTest::addColumn<QString>("problem");
        QTest::newRow("unknown word") << QByteArray("\"seed\"") << QByteArray("\"sead\"") << QStringLiteral("\"seed\"");
        QTest::newRow("unknown version") << QByteArray("1.44.0@6.1") << QByteArray("1.44.7@6.1")
                                         << QStringLiteral("no version \"1.44.7\"");
        QTest::newRow("unknown kind") << QByteArray("\"StatefulSet\"") << QByteArray("\"Statefulset\"")
                                      << QStringLiteral("Statefulset");
        QTest::newRow("not JSON") << QByteArray("{") << QByteArray("[") << QStringLiteral("parse error");
    }
    void theCatalogueIsStrict()
    {
        QFETCH(QByteArray, from);
        QFETCH(QByteArray, to);
        QFETCH(QString, problem);
        QFile file(QStringLiteral(SIGNALBOX_SOURCE_DIR "/resources/sandbox-world.json"));
        QVERIFY(file.open(QIODevice::ReadOnly));
        QByteArray text = file.readAll();
        QVERIFY(bool(parseCatalogue(text, QStringLiteral("world.json"))));
        const qsizetype at = text.indexOf(from);
        QVERIFY(at >= 0);
        text.replace(at, from.size(), to);
        const auto parsed = parseCatalogue(text, QStringLiteral("world.json"));
        QVERIFY(!parsed);
        QVERIFY2(parsed.error().message.contains(problem), qPrintable(parsed.error().message));
    }

private:
    std::unique_ptr<PracticeClusters> m_clusters;
};

QTEST_APPLESS_MAIN(SandboxWorldTest)
#include "test_sandboxworld.moc"
