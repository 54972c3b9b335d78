#include "services/sandbox/kube/kubeapi.h"
#include "services/sandbox/kube/tables.h"

#include <nlohmann/json.hpp>

#include <QElapsedTimer>
#include <QTest>

#include <thread>

using namespace signalbox::sandbox;
using namespace std::chrono_literals;
using Json = nlohmann::json;

namespace
{

const char configMaps[] = "/api/v1/namespaces/shop/configmaps";

LoopbackRequest asked(const std::string &path, const LoopbackRequest::Fields &query = {})
{
    LoopbackRequest request;
    request.method = "GET";
    request.path = path;
    request.query = query;
    return request;
}

Json parsed(const LoopbackReply &reply)
{
    return Json::parse(reply.body, nullptr, false);
}

// "ADDED a", "BOOKMARK", "ERROR Expired" ... of what the stream has to say within `patience`.
QStringList eventsOf(ReplyStream &stream, std::chrono::milliseconds patience = 5ms, bool *goesOn = nullptr)
{
    std::string text;
    const bool isOpen = stream.next(text, patience);
    if (goesOn)
        *goesOn = isOpen;
    QStringList events;
    for (const QByteArray &line : QByteArray::fromStdString(text).split('\n')) {
        if (line.isEmpty())
            continue;
        const Json event = Json::parse(line.cbegin(), line.cend());
        const Json &object = event.at("object");
        QString word = QString::fromStdString(event.at("type"));
        if (word == u"ERROR")
            word += u' ' + QString::fromStdString(object.at("reason"));
        else if (word != u"BOOKMARK")
            word += u' ' + QString::fromStdString(object.at("metadata").at("name"));
        events.append(word);
    }
    return events;
}

} // namespace

// The protocol without a network: pages, and what a watch tells.
class TestKubeApi : public QObject
{
    Q_OBJECT
private:
    std::unique_ptr<ObjectStore> m_store;
    std::unique_ptr<KubeApi> m_api;
    const ResourceType *m_maps = nullptr;

    void put(const std::string &name, const std::string &track = "blue")
    {
        QVERIFY(m_store->create(*m_maps,
                                {{"metadata", {{"name", name}, {"namespace", "shop"}, {"labels", {{"track", track}}}}},
                                 {"data", {{"n", "0"}}}}));
    }
    void change(const std::string &name, const std::string &track)
    {
        QVERIFY(m_store->modify(*m_maps, "shop", name, [&](Json &tree) {
            tree["metadata"]["labels"]["track"] = track;
            tree["data"]["n"] = tree["data"]["n"].get<std::string>() + "1"; // else "blue" again were no change
            return std::optional<Refusal>();
        }));
    }
    std::shared_ptr<ReplyStream> watch(LoopbackRequest::Fields query)
    {
        query.emplace_back("watch", "1");
        return m_api->handle(asked(configMaps, query)).stream;
    }

private slots:
    void init()
    {
        m_api.reset();
        m_store = std::make_unique<ObjectStore>("seed", nullptr, HistoryLimits{16, 1'000'000});
        registerTypes(*m_store, builtInTypes());
        KubeApi::Options options;
        options.bookmarkEvery = 20ms;
        m_api = std::make_unique<KubeApi>(*m_store, options);
        m_maps = m_store->type("", "configmaps");
        m_store->create(*m_store->type("", "namespaces"), {{"metadata", {{"name", "shop"}}}});
        for (const char *name : {"a", "b", "c"})
            put(name);
    }

    void aWatchWithoutVersionBeginsWithAll()
    {
        const auto stream = watch({});
        QCOMPARE(eventsOf(*stream),
                 QStringList({QStringLiteral("ADDED a"), QStringLiteral("ADDED b"), QStringLiteral("ADDED c")}));
        put("d");
        QCOMPARE(eventsOf(*stream), QStringList({QStringLiteral("ADDED d")}));
        change("a", "green");
        m_store->remove(*m_maps, "shop", "b");
        QCOMPARE(eventsOf(*stream), QStringList({QStringLiteral("MODIFIED a"), QStringLiteral("DELETED b")}));
    }

    void aWatchFromAVersionRepeatsWhatCameAfter()
    {
        const std::string version = std::to_string(m_store->version());
        put("d");
        change("a", "green");
        const auto stream = watch({{"resourceVersion", version}});
        QCOMPARE(eventsOf(*stream), QStringList({QStringLiteral("ADDED d"), QStringLiteral("MODIFIED a")}));
        QVERIFY(eventsOf(*stream).isEmpty());
    }

    void whatLeavesASelectionIsDeletedThere()
    {
        const auto stream =
            watch({{"resourceVersion", std::to_string(m_store->version())}, {"labelSelector", "track=blue"}});
        change("a", "green");
        change("b", "blue");
        change("a", "blue");
        m_store->remove(*m_maps, "shop", "c");
        QCOMPARE(eventsOf(*stream), QStringList({QStringLiteral("DELETED a"), QStringLiteral("MODIFIED b"),
                                                 QStringLiteral("ADDED a"), QStringLiteral("DELETED c")}));
    }

    void otherNamespacesAndKindsAreNotTold()
    {
        const auto stream = watch({{"resourceVersion", std::to_string(m_store->version())}});
        m_store->create(*m_store->type("", "namespaces"), {{"metadata", {{"name", "else"}}}});
        m_store->create(*m_maps, {{"metadata", {{"name", "a"}, {"namespace", "else"}}}});
        m_store->create(*m_store->type("", "secrets"), {{"metadata", {{"name", "a"}, {"namespace", "shop"}}}});
        QVERIFY(eventsOf(*stream).isEmpty());
    }

    void bookmarksComeWhereTheyAreAllowed()
    {
        const LoopbackRequest::Fields from = {{"resourceVersion", std::to_string(m_store->version())}};
        const auto plain = watch(from);
        auto allowed = from;
        allowed.emplace_back("allowWatchBookmarks", "true");
        const auto marked = watch(allowed);
        QStringList seen;
        QTRY_VERIFY(!(seen += eventsOf(*marked)).isEmpty());
        QCOMPARE(seen.first(), QStringLiteral("BOOKMARK"));
        QTest::qWait(30);
        QVERIFY(eventsOf(*plain).isEmpty());
    }

    void initialEventsEndWithAMark()
    {
        const auto stream = watch(
            {{"sendInitialEvents", "true"}, {"allowWatchBookmarks", "true"}, {"resourceVersionMatch", "NotOlderThan"}});
        QCOMPARE(eventsOf(*stream), QStringList({QStringLiteral("ADDED a"), QStringLiteral("ADDED b"),
                                                 QStringLiteral("ADDED c"), QStringLiteral("BOOKMARK")}));
    }

    void aVersionThatIsForgottenIsExpired()
    {
        const std::string version = std::to_string(m_store->version());
        for (int i = 0; i < 20; ++i)
            put("x" + std::to_string(i));
        const auto stream = watch({{"resourceVersion", version}});
        bool goesOn = true;
        QCOMPARE(eventsOf(*stream, 5ms, &goesOn), QStringList({QStringLiteral("ERROR Expired")}));
        QVERIFY(!goesOn);
    }

    void aWatchEndsInTimeWithABookmark()
    {
        const auto stream = watch({{"resourceVersion", std::to_string(m_store->version())},
                                   {"allowWatchBookmarks", "true"},
                                   {"timeoutSeconds", "1"}});
        QStringList last;
        bool goesOn = true;
        QElapsedTimer timer;
        timer.start();
        while (goesOn && timer.elapsed() < 5000)
            last = eventsOf(*stream, 2s, &goesOn);
        QVERIFY(!goesOn);
        QCOMPARE(last, QStringList({QStringLiteral("BOOKMARK")}));
    }

    void wakingEndsAWaitAtOnce()
    {
        const auto stream = watch({{"resourceVersion", std::to_string(m_store->version())}});
        std::thread waker([&] { stream->wake(); });
        QElapsedTimer timer;
        timer.start();
        bool goesOn = true;
        eventsOf(*stream, 5s, &goesOn);
        waker.join();
        QVERIFY(!goesOn);
        QVERIFY(timer.elapsed() < 2000);
    }

    void pagesHaveAllAndSayWhatRemains()
    {
        QStringList names;
        LoopbackRequest::Fields query = {{"limit", "2"}};
        for (int page = 0; page < 3; ++page) {
            const Json list = parsed(m_api->handle(asked(configMaps, query)));
            for (const Json &item : list.at("items"))
                names.append(QString::fromStdString(item.at("metadata").at("name")));
            const std::string token = list.at("metadata").value("continue", std::string());
            QCOMPARE(list.at("metadata").contains("remainingItemCount"), !token.empty());
            if (token.empty())
                break;
            QCOMPARE(list.at("metadata").at("remainingItemCount").get<int>(), 1);
            query = {{"limit", "2"}, {"continue", token}};
        }
        QCOMPARE(names, QStringList({QStringLiteral("a"), QStringLiteral("b"), QStringLiteral("c")}));
    }

    void aPageThatCameTooLateIsExpired()
    {
        const Json first = parsed(m_api->handle(asked(configMaps, {{"limit", "1"}})));
        for (int i = 0; i < 20; ++i)
            put("x" + std::to_string(i));
        const LoopbackReply late =
            m_api->handle(asked(configMaps, {{"limit", "1"}, {"continue", first.at("metadata").at("continue")}}));
        QCOMPARE(late.status, 410);
        QCOMPARE(parsed(late).at("reason").get<std::string>(), std::string("Expired"));
    }

    void agesReadAsKubectls_data()
    {
        QTest::addColumn<qint64>("seconds");
        QTest::addColumn<QString>("text");
        QTest::newRow("future") << qint64(-5) << QStringLiteral("<invalid>");
        QTest::newRow("now") << qint64(0) << QStringLiteral("0s");
        QTest::newRow("two minutes less one") << qint64(119) << QStringLiteral("119s");
        QTest::newRow("minutes") << qint64(200) << QStringLiteral("3m20s");
        QTest::newRow("many minutes") << qint64(3600) << QStringLiteral("60m");
        QTest::newRow("hours") << qint64(5 * 3600 + 600) << QStringLiteral("5h10m");
        QTest::newRow("many hours") << qint64(20 * 3600) << QStringLiteral("20h");
        QTest::newRow("days") << qint64(52 * 3600) << QStringLiteral("2d4h");
        QTest::newRow("many days") << qint64(400 * 86400) << QStringLiteral("400d");
        QTest::newRow("years") << qint64(800 * 86400) << QStringLiteral("2y70d");
    }
    void agesReadAsKubectls()
    {
        QFETCH(qint64, seconds);
        QFETCH(QString, text);
        QCOMPARE(QString::fromStdString(humanDuration(seconds * 1000)), text);
    }
};

QTEST_GUILESS_MAIN(TestKubeApi)
#include "test_kubeapi.moc"
