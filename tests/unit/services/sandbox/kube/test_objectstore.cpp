#include "services/sandbox/kube/objectstore.h"

#include <nlohmann/json.hpp>

#include <QTest>

#include <thread>

using namespace signalbox::sandbox;
using Json = nlohmann::json;

namespace
{

constexpr std::int64_t start = 1'790'000'000'000;

Json pod(const std::string &name, const std::string &node = {})
{
    Json made = {{"metadata", {{"name", name}, {"namespace", "shop"}, {"labels", {{"app", name}, {"a", "b"}}}}},
                 {"spec", {{"containers", Json::array({{{"name", "web"}, {"image", "registry.example/web:1"}}})}}}};
    if (!node.empty())
        made["spec"]["nodeName"] = node;
    return made;
}

Json deployment(const std::string &name)
{
    return {{"metadata", {{"name", name}, {"namespace", "shop"}}},
            {"spec",
             {{"selector", {{"matchLabels", {{"app", name}}}}},
              {"template",
               {{"metadata", {{"labels", {{"app", name}}}}},
                {"spec", {{"containers", Json::array({{{"name", "web"}, {"image", "registry.example/web:1"}}})}}}}}}}};
}

const WriteOptions byClient{WriteOptions::Part::Main, false, false};

} // namespace

// What holds the sandbox's objects behaves as an API server's storage.
class TestObjectStore : public QObject
{
    Q_OBJECT
private:
    std::unique_ptr<ObjectStore> m_store;
    const ResourceType *m_pods = nullptr;
    const ResourceType *m_deployments = nullptr;
    const ResourceType *m_namespaces = nullptr;
    std::int64_t m_now = start;

    QByteArray why(const StoreResult &result) const
    {
        if (result)
            return {};
        const std::string &reason = result.refusal->reason;
        return reason.empty() ? QByteArray::number(result.refusal->code) : QByteArray::fromStdString(reason);
    }

private slots:
    void init()
    {
        m_now = start;
        m_store = std::make_unique<ObjectStore>(
            "seed", [this] { return m_now; }, HistoryLimits{8, 1'000'000});
        registerTypes(*m_store, builtInTypes());
        m_pods = m_store->type("", "pods");
        m_deployments = m_store->type("apps", "deployments");
        m_namespaces = m_store->type("", "namespaces");
        QVERIFY(m_pods && m_deployments && m_namespaces);
        QVERIFY(m_store->create(*m_namespaces, {{"metadata", {{"name", "shop"}}}}));
    }

    void creationFillsInWhatAServerFillsIn()
    {
        const StoreResult made = m_store->create(*m_deployments, deployment("cart"), byClient);
        QVERIFY(made);
        const Json tree = made.object->tree();
        QCOMPARE(tree.at("kind").dump(), Json("Deployment").dump());
        QCOMPARE(tree.at("apiVersion").dump(), Json("apps/v1").dump());
        QCOMPARE(tree.at("metadata").at("creationTimestamp").dump(), Json(timestamp(start)).dump());
        QCOMPARE(tree.at("metadata").at("resourceVersion").dump(), Json(std::to_string(m_store->version())).dump());
        QCOMPARE(tree.at("metadata").at("generation").dump(), Json(1).dump());
        QCOMPARE(tree.at("spec").at("replicas").dump(), Json(1).dump());
        QCOMPARE(tree.at("spec").at("template").at("spec").at("containers")[0].at("imagePullPolicy").dump(),
                 Json("IfNotPresent").dump());
        QCOMPARE(made.object->uid.size(), std::size_t(36));
    }

    // Hundreds of them are kept: what a text grew by while it was written goes.
    void keepsNoRoomThatNobodyUses()
    {
        Json large = pod("cart");
        for (int i = 0; i < 60; ++i)
            large["metadata"]["annotations"]["note-" + std::to_string(i)] = "some words that are there to take room";
        const StoreResult made = m_store->create(*m_pods, large, byClient);
        QVERIFY(made);
        const std::string &text = made.object->json;
        QVERIFY(text.size() > 2000);
        QVERIFY2(text.capacity() < text.size() + 64, qPrintable(QString::number(text.capacity())));
    }

    void theSameSeedMakesTheSameUids()
    {
        ObjectStore other("seed", [this] { return m_now; });
        registerTypes(other, builtInTypes());
        QVERIFY(other.create(*other.type("", "namespaces"), {{"metadata", {{"name", "shop"}}}}));
        QCOMPARE(other.get(*other.type("", "namespaces"), {}, "shop")->uid,
                 m_store->get(*m_namespaces, {}, "shop")->uid);
        ObjectStore strange("another", [this] { return m_now; });
        registerTypes(strange, builtInTypes());
        QVERIFY(strange.create(*strange.type("", "namespaces"), {{"metadata", {{"name", "shop"}}}}));
        QVERIFY(strange.get(*strange.type("", "namespaces"), {}, "shop")->uid !=
                m_store->get(*m_namespaces, {}, "shop")->uid);
    }

    void seedsKeepTheirPast()
    {
        Json old = deployment("cart");
        old["metadata"]["creationTimestamp"] = "2026-01-02T03:04:05Z";
        old["status"]["replicas"] = 3;
        const StoreResult trusted = m_store->create(*m_deployments, old);
        QCOMPARE(trusted.object->tree().at("metadata").at("creationTimestamp").dump(),
                 Json("2026-01-02T03:04:05Z").dump());
        QCOMPARE(trusted.object->tree().at("status").at("replicas").dump(), Json(3).dump());
        old["metadata"]["name"] = "other";
        const StoreResult client = m_store->create(*m_deployments, old, byClient);
        QCOMPARE(client.object->tree().at("metadata").at("creationTimestamp").dump(), Json(timestamp(start)).dump());
        QVERIFY(!client.object->tree().contains("status"));
    }

    void clientsAreRefused_data()
    {
        QTest::addColumn<QByteArray>("change"); // merge patch on a good Deployment
        QTest::addColumn<QByteArray>("reason");
        QTest::newRow("good") << QByteArray("{}") << QByteArray();
        QTest::newRow("no such namespace")
            << QByteArray("{\"metadata\":{\"namespace\":\"nowhere\"}}") << QByteArray("NotFound");
        QTest::newRow("name in capitals") << QByteArray("{\"metadata\":{\"name\":\"Cart\"}}") << QByteArray("Invalid");
        QTest::newRow("no name") << QByteArray("{\"metadata\":{\"name\":null}}") << QByteArray("Invalid");
        QTest::newRow("negative") << QByteArray("{\"spec\":{\"replicas\":-1}}") << QByteArray("Invalid");
        QTest::newRow("selector elsewhere")
            << QByteArray("{\"spec\":{\"selector\":{\"matchLabels\":{\"app\":\"x\"}}}}") << QByteArray("Invalid");
        QTest::newRow("no containers") << QByteArray("{\"spec\":{\"template\":{\"spec\":{\"containers\":[]}}}}")
                                       << QByteArray("Invalid");
        QTest::newRow("a version at birth")
            << QByteArray("{\"metadata\":{\"resourceVersion\":\"4\"}}") << QByteArray("500");
    }
    void clientsAreRefused()
    {
        QFETCH(QByteArray, change);
        QFETCH(QByteArray, reason);
        Json object = deployment("cart");
        object.merge_patch(Json::parse(change.toStdString()));
        QCOMPARE(why(m_store->create(*m_deployments, object, byClient)), reason);
    }

    void aStaleWriteIsAConflict()
    {
        const StoreResult made = m_store->create(*m_deployments, deployment("cart"));
        Json mine = made.object->tree();
        Json yours = made.object->tree();
        mine["spec"]["replicas"] = 2;
        yours["spec"]["replicas"] = 3;
        const StoreResult first = m_store->update(*m_deployments, mine, byClient);
        QVERIFY(first);
        QCOMPARE(first.object->generation, 2);
        QCOMPARE(why(m_store->update(*m_deployments, yours, byClient)), QByteArray("Conflict"));
        yours["metadata"].erase("resourceVersion");
        QVERIFY(m_store->update(*m_deployments, yours, byClient));
        yours["metadata"]["uid"] = "another";
        QCOMPARE(why(m_store->update(*m_deployments, yours, byClient)), QByteArray("Conflict"));
    }

    void statusAndSpecAreWrittenApart()
    {
        const StoreResult made = m_store->create(*m_deployments, deployment("cart"));
        Json both = made.object->tree();
        both["status"]["replicas"] = 5;
        both["spec"]["replicas"] = 5;
        const StoreResult status = m_store->update(*m_deployments, both, {WriteOptions::Part::Status, false, false});
        QCOMPARE(status.object->tree().at("status").at("replicas").dump(), Json(5).dump());
        QCOMPARE(status.object->tree().at("spec").at("replicas").dump(), Json(1).dump());
        QCOMPARE(status.object->generation, 1);
        both["metadata"].erase("resourceVersion");
        both["status"]["replicas"] = 9;
        const StoreResult main = m_store->update(*m_deployments, both, byClient);
        QCOMPARE(main.object->tree().at("status").at("replicas").dump(), Json(5).dump());
        QCOMPARE(main.object->tree().at("spec").at("replicas").dump(), Json(5).dump());
    }

    void whatChangesNothingIsNotWritten()
    {
        m_store->create(*m_deployments, deployment("cart"));
        const std::uint64_t version = m_store->version();
        const StoreResult same = m_store->modify(*m_deployments, "shop", "cart", [](Json &) { return std::nullopt; });
        QVERIFY(same && same.isUnchanged);
        QCOMPARE(m_store->version(), version);
    }

    void aDryRunWritesNothing()
    {
        const WriteOptions dry{WriteOptions::Part::Main, true, false};
        const std::uint64_t version = m_store->version();
        QVERIFY(m_store->create(*m_deployments, deployment("cart"), dry));
        QVERIFY(!m_store->get(*m_deployments, "shop", "cart"));
        m_store->create(*m_deployments, deployment("cart"));
        const auto more = [](Json &tree) {
            tree["spec"]["replicas"] = 7;
            return std::optional<Refusal>();
        };
        const StoreResult would = m_store->modify(*m_deployments, "shop", "cart", more, dry);
        QCOMPARE(would.object->tree().at("spec").at("replicas").dump(), Json(7).dump());
        QCOMPARE(m_store->get(*m_deployments, "shop", "cart")->tree().at("spec").at("replicas").dump(), Json(1).dump());
        QCOMPARE(m_store->version(), version + 1);
    }

    void boundPodsTakeTheirTimeToGo()
    {
        m_store->create(*m_pods, pod("a", "node-1"));
        m_store->create(*m_pods, pod("b"));
        const StoreResult marked = m_store->remove(*m_pods, "shop", "a");
        QVERIFY(marked && marked.object->isGoing);
        QCOMPARE(marked.object->tree().at("metadata").at("deletionTimestamp").dump(),
                 Json(timestamp(start + 30000)).dump());
        QVERIFY(m_store->get(*m_pods, "shop", "a"));
        QVERIFY(m_store->remove(*m_pods, "shop", "a", {.graceSeconds = 0}));
        QVERIFY(!m_store->get(*m_pods, "shop", "a"));
        QVERIFY(m_store->remove(*m_pods, "shop", "b"));
        QVERIFY(!m_store->get(*m_pods, "shop", "b"));
    }

    void ownedObjectsGoWithTheirOwner()
    {
        const StoreResult owner = m_store->create(*m_deployments, deployment("cart"));
        Json owned = pod("a");
        owned["metadata"]["ownerReferences"] =
            Json::array({{{"uid", owner.object->uid}, {"controller", true}, {"kind", "Deployment"}, {"name", "cart"}}});
        m_store->create(*m_pods, owned);
        QCOMPARE(m_store->get(*m_pods, "shop", "a")->ownerUid, owner.object->uid);
        m_store->remove(*m_deployments, "shop", "cart");
        QVERIFY(!m_store->get(*m_pods, "shop", "a"));
        m_store->create(*m_pods, pod("c", "node-1"));
        m_store->remove(*m_namespaces, {}, "shop");
        QCOMPARE(m_store->count(*m_pods), std::size_t(0));
    }

    void preconditionsHoldForRemoval()
    {
        m_store->create(*m_deployments, deployment("cart"));
        QCOMPARE(why(m_store->remove(*m_deployments, "shop", "cart", {.uid = "x"})), QByteArray("Conflict"));
        QCOMPARE(why(m_store->remove(*m_deployments, "shop", "cart", {.version = "1"})), QByteArray("Conflict"));
        QCOMPARE(why(m_store->remove(*m_deployments, "shop", "gone")), QByteArray("NotFound"));
    }

    void watchesReplayAndFollow()
    {
        m_store->create(*m_pods, pod("a"));
        const std::uint64_t since = m_store->version();
        m_store->create(*m_deployments, deployment("cart"));
        m_store->create(*m_pods, pod("b"));
        std::vector<std::string> heard;
        auto subscription = m_store->subscribe(
            m_pods, [&](const ChangePtr &change) { heard.push_back(change->object->name); }, since);
        QVERIFY(subscription);
        QCOMPARE(heard, std::vector<std::string>({"b"}));
        m_store->create(*m_pods, pod("c"));
        m_store->remove(*m_pods, "shop", "a");
        QCOMPARE(heard, std::vector<std::string>({"b", "c", "a"}));
        subscription->end();
        m_store->create(*m_pods, pod("d"));
        QCOMPARE(heard.size(), std::size_t(3));
    }

    void historyIsBounded()
    {
        const std::uint64_t since = m_store->version();
        for (int i = 0; i < 9; ++i)
            m_store->create(*m_pods, pod("p" + std::to_string(i)));
        QVERIFY(!m_store->subscribe(
            m_pods, [](const ChangePtr &) {}, since));
        QVERIFY(m_store->subscribe(
            m_pods, [](const ChangePtr &) {}, m_store->oldestVersion()));
    }

    void whatWasBeforeAnybodyLookedIsForgotten()
    {
        const std::uint64_t since = m_store->version();
        m_store->create(*m_pods, pod("a"));
        m_store->forgetHistory();
        const std::uint64_t now = m_store->version();
        QCOMPARE(m_store->oldestVersion(), now);
        QVERIFY(!m_store->subscribe(
            m_pods, [](const ChangePtr &) {}, since));
        std::vector<std::string> heard;
        const auto hear = [&](const ChangePtr &change) { heard.push_back(change->object->name); };
        const auto subscription = m_store->subscribe(m_pods, hear, now);
        QVERIFY(subscription);
        m_store->create(*m_pods, pod("b"));
        QCOMPARE(heard, std::vector<std::string>({"b"}));
        QVERIFY(m_store->get(*m_pods, "shop", "a"));
        const auto later = m_store->subscribe(m_pods, hear, now); // what came after is there again
        QVERIFY(later);
        QCOMPARE(heard, std::vector<std::string>({"b", "b"}));
    }

    void listsAreInOrderAndByNamespace()
    {
        m_store->create(*m_namespaces, {{"metadata", {{"name", "shop-2"}}}});
        for (const char *name : {"b", "a", "c"})
            m_store->create(*m_pods, pod(name));
        Json elsewhere = pod("a");
        elsewhere["metadata"]["namespace"] = "shop-2";
        m_store->create(*m_pods, elsewhere);
        const auto all = m_store->list(*m_pods);
        QCOMPARE(all.objects.size(), std::size_t(4));
        QCOMPARE(all.version, m_store->version());
        const auto some = m_store->list(*m_pods, "shop");
        QCOMPARE(some.objects.size(), std::size_t(3));
        QCOMPARE(some.objects[0]->name, std::string("a"));
        QCOMPARE(some.objects[0]->label("app"), std::string("a"));
        QCOMPARE(some.objects[0]->label("none"), std::string());
    }

    void writersOnSeveralThreadsLoseNothing()
    {
        m_store->create(*m_deployments, deployment("cart"));
        const auto count = [this] {
            for (int i = 0; i < 50; ++i) {
                const StoreResult done = m_store->modify(*m_deployments, "shop", "cart", [](Json &tree) {
                    tree["status"]["n"] = tree.value("status", Json::object()).value("n", 0) + 1;
                    return std::optional<Refusal>();
                });
                QVERIFY(done);
            }
        };
        std::thread one(count);
        std::thread two(count);
        one.join();
        two.join();
        QCOMPARE(m_store->get(*m_deployments, "shop", "cart")->tree().at("status").at("n").dump(), Json(100).dump());
    }

    void timesAreReadAsWritten()
    {
        QCOMPARE(timestamp(start), std::string("2026-09-21T14:13:20Z"));
        QCOMPARE(microTimestamp(start + 7), std::string("2026-09-21T14:13:20.007000Z"));
        QCOMPARE(timeOf(timestamp(start)).value_or(0), start);
        QVERIFY(!timeOf("yesterday"));
    }
};

QTEST_GUILESS_MAIN(TestObjectStore)
#include "test_objectstore.moc"
