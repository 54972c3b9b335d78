#include "tests/unit/services/sandboxworld/practiceclusters.h"

#include <QTest>

using namespace signalbox::sandbox;

namespace
{

const std::string ns = "staging";
const std::string app = "recommender";

void setImage(ObjectStore &store, const std::string &image)
{
    PracticeClusters::edit(store, "apps", "deployments", ns, app,
                           [&](Json &tree) { tree["spec"]["template"]["spec"]["containers"][0]["image"] = image; });
}

std::string imageOf(const char *tag)
{
    const Catalogue &catalogue = builtInCatalogue();
    return catalogue.image(*catalogue.service(app), tag);
}

std::vector<Json> sets(ObjectStore &store)
{
    const Json deployment = PracticeClusters::deployment(store, ns, app);
    return PracticeClusters::owned(store, "apps", "replicasets", ns, textAt(deployment, "/metadata/uid"));
}

std::string revision(const Json &tree)
{
    return textAt(tree, "/metadata/annotations/deployment.kubernetes.io~1revision");
}

bool hasEvent(ObjectStore &store, const std::string &reason, const std::string &part)
{
    for (const ObjectPtr &event : store.list(*store.type("", "events"), ns).objects) {
        const Json tree = event->tree();
        if (textAt(tree, "/reason") == reason && textAt(tree, "/message").find(part) != std::string::npos)
            return true;
    }
    return false;
}

} // namespace

// The controllers as kubectl and the program's adapters rely on them.
class SandboxRolloutTest : public QObject
{
    Q_OBJECT
private slots:
    void init() { m_clusters = std::make_unique<PracticeClusters>(); }
    void cleanup() { m_clusters.reset(); }

    void aNewImageMakesARevisionAndKeepsEnoughPods()
    {
        ObjectStore &store = m_clusters->lab();
        const Json before = PracticeClusters::deployment(store, ns, app);
        QVERIFY(PracticeClusters::isRolledOut(before));
        const std::size_t setsBefore = sets(store).size();
        setImage(store, imageOf("1.46.0-rc.1"));
        QVERIFY(!PracticeClusters::isRolledOut(PracticeClusters::deployment(store, ns, app)));
        int fewest = 100;
        QVERIFY(m_clusters->passUntil(
            [&] {
                const Json now = PracticeClusters::deployment(store, ns, app);
                fewest = std::min(fewest, static_cast<int>(numberAt(now, "/status/availableReplicas")));
                return PracticeClusters::isRolledOut(now);
            },
            180));
        const Json after = PracticeClusters::deployment(store, ns, app);
        const int replicas = static_cast<int>(numberAt(after, "/spec/replicas"));
        QVERIFY2(fewest >= replicas - replicas / 10, qPrintable(QString::number(fewest)));
        QCOMPARE(sets(store).size(), setsBefore + 1);
        QCOMPARE(std::stoi(revision(after)), std::stoi(revision(before)) + 1);
        QCOMPARE(PracticeClusters::condition(after, "Progressing"), std::string("True NewReplicaSetAvailable"));
        QVERIFY(hasEvent(store, "ScalingReplicaSet", "Scaled up replica set"));
        QVERIFY(hasEvent(store, "ScalingReplicaSet", "Scaled down replica set"));
    }

    void goingBackUsesTheOldReplicaSetUnderANewNumber()
    {
        ObjectStore &store = m_clusters->lab();
        const Json before = PracticeClusters::deployment(store, ns, app);
        std::string oldName;
        std::string oldRevision;
        Json oldTemplate;
        for (const Json &set : sets(store)) {
            if (numberAt(set, "/spec/replicas") == 0 && revision(set) > oldRevision) {
                oldName = textAt(set, "/metadata/name");
                oldRevision = revision(set);
                oldTemplate = set.at("spec").at("template");
            }
        }
        QVERIFY(!oldName.empty());
        oldTemplate["metadata"]["labels"].erase("pod-template-hash"); // as kubectl rollout undo does
        const std::size_t setsBefore = sets(store).size();
        PracticeClusters::edit(store, "apps", "deployments", ns, app,
                               [&](Json &tree) { tree["spec"]["template"] = oldTemplate; });
        bool wasOverdue = false; // the roll-out before ended days ago: its deadline is not this one's
        QVERIFY(m_clusters->passUntil(
            [&] {
                const Json now = PracticeClusters::deployment(store, ns, app);
                wasOverdue = wasOverdue || PracticeClusters::condition(now, "Progressing").starts_with("False");
                return PracticeClusters::isRolledOut(now);
            },
            180));
        QVERIFY(!wasOverdue);
        QCOMPARE(sets(store).size(), setsBefore);
        const Json old = PracticeClusters::tree(store, "apps", "replicasets", ns, oldName);
        QCOMPARE(std::stoi(revision(old)), std::stoi(revision(before)) + 1);
        QCOMPARE(textAt(old, "/metadata/annotations/deployment.kubernetes.io~1revision-history"), oldRevision);
        QCOMPARE(numberAt(old, "/status/readyReplicas"), numberAt(before, "/spec/replicas"));
    }

    void anImageThatIsNotThereMissesItsDeadline()
    {
        ObjectStore &store = m_clusters->lab();
        setImage(store, "registry.example.org/growth/recommender:9.9.9");
        m_clusters->pass(30);
        QVERIFY(hasEvent(store, "Failed", "9.9.9: not found"));
        QVERIFY(hasEvent(store, "Failed", "ImagePullBackOff"));
        bool isWaiting = false;
        for (const ObjectPtr &pod : store.list(*store.type("", "pods"), ns).objects) {
            const std::string reason = textAt(pod->tree(), "/status/containerStatuses/0/state/waiting/reason");
            isWaiting = isWaiting || reason == "ImagePullBackOff" || reason == "ErrImagePull";
        }
        QVERIFY(isWaiting);
        QVERIFY(m_clusters->passUntil(
            [&] {
                return PracticeClusters::condition(PracticeClusters::deployment(store, ns, app), "Progressing") ==
                       "False ProgressDeadlineExceeded";
            },
            420));
        // The old pods carry on meanwhile.
        const Json now = PracticeClusters::deployment(store, ns, app);
        QVERIFY(numberAt(now, "/status/availableReplicas") >= numberAt(now, "/spec/replicas") - 1);
    }

    void historyIsPruned()
    {
        ObjectStore &store = m_clusters->lab();
        PracticeClusters::edit(store, "apps", "deployments", ns, app,
                               [](Json &tree) { tree["spec"]["revisionHistoryLimit"] = 1; });
        setImage(store, imageOf("1.46.0-rc.1"));
        QVERIFY(m_clusters->passUntil(
            [&] { return PracticeClusters::isRolledOut(PracticeClusters::deployment(store, ns, app)); }, 180));
        m_clusters->pass(2);
        QCOMPARE(sets(store).size(), std::size_t(2));
    }

    void aPausedDeploymentWaits()
    {
        ObjectStore &store = m_clusters->lab();
        const std::size_t setsBefore = sets(store).size();
        PracticeClusters::edit(store, "apps", "deployments", ns, app,
                               [](Json &tree) { tree["spec"]["paused"] = true; });
        setImage(store, imageOf("1.46.0-rc.1"));
        m_clusters->pass(20);
        QCOMPARE(sets(store).size(), setsBefore);
        QCOMPARE(PracticeClusters::condition(PracticeClusters::deployment(store, ns, app), "Progressing"),
                 std::string("Unknown DeploymentPaused"));
        PracticeClusters::edit(store, "apps", "deployments", ns, app, [](Json &tree) { tree["spec"].erase("paused"); });
        QVERIFY(m_clusters->passUntil(
            [&] { return PracticeClusters::isRolledOut(PracticeClusters::deployment(store, ns, app)); }, 180));
        QCOMPARE(sets(store).size(), setsBefore + 1);
    }

    void aDeletedPodComesBack()
    {
        ObjectStore &store = m_clusters->lab();
        const Json set = [&] {
            for (const Json &one : sets(store)) {
                if (numberAt(one, "/spec/replicas") > 0)
                    return one;
            }
            return Json();
        }();
        const auto pods = [&] { return PracticeClusters::owned(store, "", "pods", ns, textAt(set, "/metadata/uid")); };
        const std::size_t wanted = pods().size();
        const std::string victim = textAt(pods().front(), "/metadata/name");
        QVERIFY(bool(store.remove(*store.type("", "pods"), ns, victim)));
        m_clusters->pass(1);
        QCOMPARE(pods().size(), wanted + 1); // one goes while the other comes
        m_clusters->pass(40);
        QCOMPARE(pods().size(), wanted);
        for (const Json &pod : pods())
            QVERIFY(textAt(pod, "/metadata/name") != victim);
    }

    void aStatefulSetReplacesOneAfterTheOther()
    {
        ObjectStore &store = m_clusters->lab();
        const Catalogue &catalogue = builtInCatalogue();
        const std::string image = catalogue.image(*catalogue.service("feature-store"), "0.98.2");
        const auto set = [&] { return PracticeClusters::tree(store, "apps", "statefulsets", ns, "feature-store"); };
        const Json before = set();
        const std::int64_t replicas = numberAt(before, "/spec/replicas");
        QCOMPARE(numberAt(before, "/status/updatedReplicas"), replicas);
        PracticeClusters::edit(store, "apps", "statefulsets", ns, "feature-store",
                               [&](Json &tree) { tree["spec"]["template"]["spec"]["containers"][0]["image"] = image; });
        std::int64_t fewest = replicas;
        QVERIFY(m_clusters->passUntil(
            [&] {
                const Json now = set();
                fewest = std::min(fewest, numberAt(now, "/status/readyReplicas"));
                return textAt(now, "/status/currentRevision") == textAt(now, "/status/updateRevision") &&
                       textAt(now, "/status/updateRevision") != textAt(before, "/status/updateRevision") &&
                       numberAt(now, "/status/readyReplicas") == replicas;
            },
            300));
        QCOMPARE(fewest, replicas - 1);
        const auto revisions =
            PracticeClusters::owned(store, "apps", "controllerrevisions", ns, textAt(before, "/metadata/uid"));
        QCOMPARE(revisions.size(), std::size_t(3));
    }

    void aDaemonSetFollowsItsNodes()
    {
        ObjectStore &store = m_clusters->lab();
        const auto set = [&] { return PracticeClusters::tree(store, "apps", "daemonsets", ns, "gpu-telemetry"); };
        QCOMPARE(numberAt(set(), "/status/numberReady"), 8);
        const Catalogue &catalogue = builtInCatalogue();
        PracticeClusters::edit(store, "apps", "daemonsets", ns, "gpu-telemetry", [&](Json &tree) {
            tree["spec"]["template"]["spec"]["containers"][0]["image"] =
                catalogue.image(*catalogue.service("gpu-telemetry"), "3.3.5");
        });
        QVERIFY(m_clusters->passUntil(
            [&] {
                return numberAt(set(), "/status/updatedNumberScheduled") == 8 &&
                       numberAt(set(), "/status/numberReady") == 8 &&
                       numberAt(set(), "/status/observedGeneration") == 2;
            },
            240));
    }

    void aCrashLoopIsThereFromTheStart()
    {
        ObjectStore &store = m_clusters->lab();
        const Json deployment = PracticeClusters::deployment(store, "dev", "embedding-api");
        QCOMPARE(PracticeClusters::condition(deployment, "Progressing"), std::string("False ProgressDeadlineExceeded"));
        int restarts = 0;
        for (const ObjectPtr &pod : store.list(*store.type("", "pods"), "dev").objects)
            restarts =
                std::max(restarts, static_cast<int>(numberAt(pod->tree(), "/status/containerStatuses/0/restartCount")));
        QVERIFY(restarts >= 4);
    }

private:
    std::unique_ptr<PracticeClusters> m_clusters;
};

QTEST_APPLESS_MAIN(SandboxRolloutTest)
#include "test_sandboxrollout.moc"
