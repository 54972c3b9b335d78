#include "models/stores/clusterstore.h"
#include "services/adapters/kubernetes/linesplitter.h"
#include "services/adapters/kubernetes/podlog.h"
#include "services/adapters/kubernetes/reflector.h"
#include "tests/support/faultserver.h"
#include "tests/support/stays.h"

#include <QElapsedTimer>
#include <QLocale>
#include <QSignalSpy>
#include <QTest>

#include <atomic>

using namespace signalbox;
using namespace signalbox::kubernetes;
using namespace std::chrono_literals;
using signalbox::test::Exchange;
using signalbox::test::FaultServer;
using signalbox::test::stays;

namespace
{

QByteArray pod(const QByteArray &name, int version)
{
    return "{\"metadata\":{\"name\":\"" + name + "\",\"namespace\":\"shop\",\"uid\":\"uid-" + name +
           "\",\"resourceVersion\":\"" + QByteArray::number(version) + "\"},\"status\":{\"phase\":\"Running\"}}";
}

QByteArray list(const QByteArrayList &pods, const QByteArray &version, const QByteArray &more = {})
{
    return "{\"kind\":\"PodList\",\"metadata\":{\"resourceVersion\":\"" + version + "\",\"continue\":\"" + more +
           "\"},\"items\":[" + pods.join(',') + "]}";
}

QByteArray change(const QByteArray &type, const QByteArray &object)
{
    return "{\"type\":\"" + type + "\",\"object\":" + object + "}\n";
}

QByteArray status(int code, const QByteArray &reason)
{
    return "{\"kind\":\"Status\",\"status\":\"Failure\",\"reason\":\"" + reason + "\",\"message\":\"" + reason +
           "\",\"code\":" + QByteArray::number(code) + "}";
}

void beginStream(Exchange &exchange)
{
    exchange.send("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n");
}

bool sendChunk(Exchange &exchange, const QByteArray &bytes)
{
    return exchange.send(QByteArray::number(bytes.size(), 16) + "\r\n" + bytes + "\r\n");
}

bool isWatch(const Exchange &exchange)
{
    return exchange.target.contains("watch=1");
}

ReflectorTimings quick()
{
    ReflectorTimings timings;
    timings.backoffStart = 20ms;
    timings.backoffCap = 100ms;
    timings.deniedRetry = 100ms;
    timings.absentRetry = 100ms;
    timings.healthyWatch = 200ms;
    return timings;
}

} // namespace

// One reflector against a server that follows a script.
class TestReflector : public QObject
{
    Q_OBJECT
private:
    struct Bench
    {
        explicit Bench(FaultServer::Handler handler, ReflectorTimings timings = quick())
            : server(std::move(handler))
            , client(std::make_shared<KubeClient>(http, server.endpoint()))
            , collector(std::make_shared<DeltaCollector>([] {}))
        {
            Reflector::Config config;
            config.client = client;
            config.collector = collector;
            config.lane = Lane::make();
            config.kind = {ClusterKind::Pods, QStringLiteral("c"), {}, QStringLiteral("v1"), QStringLiteral("Pod")};
            config.path = "/api/v1/pods";
            config.timings = timings;
            reflector = std::make_unique<Reflector>(std::move(config));
            reflector->start();
        }
        QString names()
        {
            bool isMore = true;
            while (isMore)
                store.apply(collector->take(1000, isMore));
            QStringList found;
            for (const Pod &one : store.pods())
                found.append(one.ref.name);
            found.sort();
            return found.join(QLatin1Char(' '));
        }
        int lists() const { return count(false); }
        int watches() const { return count(true); }
        int count(bool watch) const
        {
            int found = 0;
            for (const FaultServer::Record &request : server.requests())
                found += request.target.contains("watch=1") == watch ? 1 : 0;
            return found;
        }

        HttpClient http;
        FaultServer server;
        std::shared_ptr<KubeClient> client;
        std::shared_ptr<DeltaCollector> collector;
        ClusterStore store;
        std::unique_ptr<Reflector> reflector;
    };

private slots:
    void pagesAreListedThenWatchedFromTheListsVersion()
    {
        Bench bench([](Exchange &exchange) {
            if (isWatch(exchange)) {
                beginStream(exchange);
                sendChunk(exchange, change("ADDED", pod("c", 11)) + change("MODIFIED", pod("a", 12)));
                sendChunk(exchange, change("DELETED", pod("b", 13)));
                exchange.stall();
            } else if (exchange.target.contains("continue=next%2Fpage")) {
                exchange.answer(200, list({pod("b", 9)}, "10"));
            } else {
                exchange.answer(200, list({pod("a", 8)}, "10", "next/page"));
            }
        });
        QTRY_COMPARE(bench.names(), QStringLiteral("a c"));
        QTRY_VERIFY(bench.reflector->freshness().isLive()); // told apart from the changes, a moment later
        QCOMPARE(bench.lists(), 2);
        const QByteArray target = bench.server.requests().last().target;
        QVERIFY2(target.contains("resourceVersion=10") && target.contains("allowWatchBookmarks=true"),
                 target.constData());
        QVERIFY(bench.server.requests().first().target.contains("limit=500"));
    }

    void watchResumesFromTheLastVersionAlsoOfABookmark()
    {
        std::atomic<int> round = 0;
        Bench bench([&round](Exchange &exchange) {
            if (!isWatch(exchange)) {
                exchange.answer(200, list({pod("a", 8)}, "10"));
                return;
            }
            beginStream(exchange);
            if (round++ == 0) {
                sendChunk(exchange, change("ADDED", pod("b", 14)) +
                                        change("BOOKMARK", "{\"metadata\":{\"resourceVersion\":\"20\"}}"));
                exchange.send("0\r\n\r\n"); // the server's own end of a watch
                return;
            }
            exchange.stall();
        });
        QTRY_COMPARE(bench.watches(), 2);
        QVERIFY(bench.server.requests().last().target.contains("resourceVersion=20"));
        QCOMPARE(bench.lists(), 1);
        QCOMPARE(bench.names(), QStringLiteral("a b"));
    }

    // What was told already does not come again: an older state would be shown for a moment, and a server that has
    // dropped that history would make us list everything.
    void aWatchThatIsGivenUpGoesOnWhereItWas_data()
    {
        QTest::addColumn<QByteArray>("told");
        QTest::addColumn<QByteArray>("goesOn");
        QTest::newRow("after a change") << change("ADDED", pod("b", 14)) << QByteArray("resourceVersion=14");
        QTest::newRow("after a bookmark")
            << change("ADDED", pod("b", 14)) + change("BOOKMARK", "{\"metadata\":{\"resourceVersion\":\"20\"}}")
            << QByteArray("resourceVersion=20");
        QTest::newRow("in the middle of a line")
            << change("ADDED", pod("b", 14)) + "{\"type\":\"MODIFIED\",\"object\":{\"metada"
            << QByteArray("resourceVersion=14");
        QTest::newRow("before anything was told") << QByteArray() << QByteArray("resourceVersion=10");
    }
    void aWatchThatIsGivenUpGoesOnWhereItWas()
    {
        QFETCH(QByteArray, told);
        QFETCH(QByteArray, goesOn);
        ReflectorTimings timings = quick();
        timings.backoffStart = 300ms;
        timings.backoffCap = 400ms;
        std::atomic<int> watches = 0;
        Bench bench(
            [&](Exchange &exchange) {
                if (!isWatch(exchange)) {
                    exchange.answer(200, list({pod("a", 8)}, "10"));
                    return;
                }
                beginStream(exchange);
                if (watches++ == 0 && !told.isEmpty())
                    sendChunk(exchange, told);
                exchange.stall();
            },
            timings);
        QTRY_VERIFY(bench.reflector->freshness().isLive());
        QTRY_COMPARE(bench.names(), told.isEmpty() ? QStringLiteral("a") : QStringLiteral("a b"));
        bench.reflector->suspect({ErrorKind::TimedOut, QStringLiteral("Nothing came."), {}});
        QCOMPARE(bench.reflector->freshness().state, Freshness::State::Stale);
        QTRY_COMPARE(bench.watches(), 2);
        const QByteArray target = bench.server.requests().last().target;
        QVERIFY2((target + '&').contains(goesOn + '&'), target.constData());
        QTRY_VERIFY(bench.reflector->freshness().isLive());
        QCOMPARE(bench.lists(), 1);
    }

    // Ages are counted from our clock: what a server with another one writes down is told by ours.
    void agesAreRightWhateverTheServersClockSays_data()
    {
        QTest::addColumn<int>("skew"); // seconds; the server's clock minus ours
        QTest::newRow("the same") << 0;
        QTest::newRow("what a slow answer looks like") << -7;
        QTest::newRow("behind") << -600;
        QTest::newRow("ahead") << 3600;
    }
    void agesAreRightWhateverTheServersClockSays()
    {
        QFETCH(int, skew);
        const auto theirs = [skew](int age) { return QDateTime::currentDateTimeUtc().addSecs(skew - age); };
        const auto born = [&theirs](const QByteArray &name, int version, int age) {
            QByteArray one = pod(name, version);
            return one.replace("\"metadata\":{", "\"metadata\":{\"creationTimestamp\":\"" +
                                                     theirs(age).toString(Qt::ISODate).toLatin1() + "\",");
        };
        Bench bench([&](Exchange &exchange) {
            if (!isWatch(exchange)) {
                const QByteArray date =
                    QLocale::c().toString(theirs(0), QStringLiteral("ddd, dd MMM yyyy hh:mm:ss 'GMT'")).toLatin1();
                exchange.answer(200, list({born("listed", 8, 120)}, "10"), {{"Date", date}});
                return;
            }
            beginStream(exchange);
            sendChunk(exchange, change("ADDED", born("watched", 11, 30)));
            exchange.stall();
        });
        QTRY_COMPARE(bench.names(), QStringLiteral("listed watched"));
        for (const Pod &one : bench.store.pods()) {
            const qint64 age = one.created.secsTo(QDateTime::currentDateTimeUtc());
            const int wanted = one.ref.name == QLatin1String("listed") ? 120 : 30;
            QVERIFY2(qAbs(age - wanted) < 10, qPrintable(QStringLiteral("%1: %2 s").arg(one.ref.name).arg(age)));
        }
    }

    void historyThatIsGoneIsListedAgain_data()
    {
        QTest::addColumn<bool>("inStream");
        QTest::newRow("410 as status") << false;
        QTest::newRow("410 as ERROR inside 200") << true;
    }
    void historyThatIsGoneIsListedAgain()
    {
        QFETCH(bool, inStream);
        std::atomic<int> watches = 0;
        std::atomic<int> lists = 0;
        Bench bench([&](Exchange &exchange) {
            if (!isWatch(exchange)) {
                exchange.answer(200, lists++ == 0 ? list({pod("a", 8), pod("b", 9)}, "10")
                                                  : list({pod("b", 9), pod("c", 29)}, "30"));
            } else if (watches++ == 0) {
                if (!inStream) {
                    exchange.answer(410, status(410, "Expired"));
                    return;
                }
                beginStream(exchange);
                sendChunk(exchange, change("ERROR", status(410, "Expired")));
                exchange.stall(); // nothing says that the server ends it
            } else {
                beginStream(exchange);
                exchange.stall();
            }
        });
        QTRY_COMPARE(bench.names(), QStringLiteral("b c"));
        QTRY_VERIFY(bench.reflector->freshness().isLive());
        QTRY_COMPARE(bench.watches(), 2);
        QVERIFY(bench.server.requests().last().target.contains("resourceVersion=30"));
    }

    void expiredContinueTokenRestartsTheList()
    {
        std::atomic<int> round = 0;
        Bench bench([&](Exchange &exchange) {
            if (isWatch(exchange)) {
                beginStream(exchange);
                exchange.stall();
            } else if (!exchange.target.contains("continue=")) {
                exchange.answer(200, list({pod("a", 8)}, "10", "token"));
            } else if (round++ == 0) {
                exchange.answer(410, status(410, "Expired"));
            } else {
                exchange.answer(200, list({pod("b", 9)}, "12"));
            }
        });
        QTRY_VERIFY(bench.reflector->freshness().isLive());
        QCOMPARE(bench.names(), QStringLiteral("a b"));
        QCOMPARE(bench.lists(), 4);
    }

    void brokenStreamsAreStaleThenLiveAgain_data()
    {
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<bool>("isReset");
        QTest::addColumn<int>("lists"); // afterwards
        const QByteArray whole = change("ADDED", pod("b", 14));
        QTest::newRow("cut in the middle of a line")
            << whole + "{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"na" << true << 1;
        QTest::newRow("cut between lines") << whole << true << 1;
        QTest::newRow("garbage") << whole + "<html>Bad gateway</html>\n" << false << 2;
        QTest::newRow("ERROR 500 inside 200") << whole + change("ERROR", status(500, "InternalError")) << false << 1;
    }
    void brokenStreamsAreStaleThenLiveAgain()
    {
        QFETCH(QByteArray, body);
        QFETCH(bool, isReset);
        std::atomic<int> round = 0;
        Bench bench([&](Exchange &exchange) {
            if (!isWatch(exchange)) {
                exchange.answer(200, list({pod("a", 8), pod("b", 14)}, "10"));
                return;
            }
            beginStream(exchange);
            if (round++ > 0) {
                exchange.stall();
                return;
            }
            exchange.stall(200ms); // long enough to be seen live
            sendChunk(exchange, body);
            exchange.stall(50ms);
            if (isReset)
                exchange.reset();
            else
                exchange.stall();
        });
        QList<Freshness::State> states;
        std::optional<Error> why;
        connect(bench.reflector.get(), &Reflector::freshnessChanged, this, [&] {
            states.append(bench.reflector->freshness().state);
            if (bench.reflector->freshness().error)
                why = bench.reflector->freshness().error;
        });
        QTRY_COMPARE(
            states, (QList<Freshness::State>{Freshness::State::Live, Freshness::State::Stale, Freshness::State::Live}));
        QVERIFY(why);
        QVERIFY(!why->message.isEmpty());
        QVERIFY(bench.reflector->freshness().lastHeard.isValid());
        QTEST(bench.lists(), "lists");
        QCOMPARE(bench.names(), QStringLiteral("a b"));
    }

    void whatCannotBeReadIsDeniedOrAbsent_data()
    {
        QTest::addColumn<int>("code");
        QTest::addColumn<Freshness::State>("state");
        QTest::newRow("403") << 403 << Freshness::State::Denied;
        QTest::newRow("404") << 404 << Freshness::State::Absent;
        QTest::newRow("500") << 500 << Freshness::State::Failed;
        QTest::newRow("401") << 401 << Freshness::State::Failed;
    }
    void whatCannotBeReadIsDeniedOrAbsent()
    {
        QFETCH(int, code);
        Bench bench([code](Exchange &exchange) { exchange.answer(code, status(code, "Because")); });
        QTRY_VERIFY_WITH_TIMEOUT(bench.reflector->freshness().since.isValid(), 15000);
        QTEST(bench.reflector->freshness().state, "state");
        QCOMPARE(bench.watches(), 0);
    }

    void lostRightsTakeWhatWasShown()
    {
        std::atomic<bool> isDenied = false;
        Bench bench([&](Exchange &exchange) {
            if (isDenied) {
                exchange.answer(403, status(403, "Forbidden"));
            } else if (isWatch(exchange)) {
                beginStream(exchange);
                isDenied = true;
                exchange.send("0\r\n\r\n");
            } else {
                exchange.answer(200, list({pod("a", 8)}, "10"));
            }
        });
        QTRY_COMPARE(bench.reflector->freshness().state, Freshness::State::Denied);
        QTRY_COMPARE(bench.names(), QString());
        isDenied = false; // granted again: found by itself
        QTRY_VERIFY(bench.lists() >= 3);
    }

    // A server that is just starting, or the proxy before it, may answer 404 for what it has.
    void whatWasAbsentForAMomentIsFoundByItself()
    {
        std::atomic<bool> isAbsent = false;
        Bench bench([&](Exchange &exchange) {
            if (isAbsent) {
                exchange.answer(404, status(404, "NotFound"));
            } else if (isWatch(exchange)) {
                beginStream(exchange);
                isAbsent = true;
                exchange.send("0\r\n\r\n");
            } else {
                exchange.answer(200, list({pod("a", 8)}, "10"));
            }
        });
        QTRY_COMPARE(bench.reflector->freshness().state, Freshness::State::Absent);
        QTRY_COMPARE(bench.names(), QString());
        isAbsent = false;
        QTRY_COMPARE(bench.names(), QStringLiteral("a"));
    }

    void serverThatEndsEveryWatchAtOnceIsNotHammered()
    {
        ReflectorTimings timings = quick();
        timings.backoffStart = 200ms;
        timings.backoffCap = 10s;
        QElapsedTimer timer;
        timer.start();
        Bench bench(
            [](Exchange &exchange) {
                if (!isWatch(exchange)) {
                    exchange.answer(200, list({}, "10"));
                    return;
                }
                beginStream(exchange);
                exchange.send("0\r\n\r\n");
            },
            timings);
        QTRY_VERIFY_WITH_TIMEOUT(bench.watches() >= 4, 15'000);
        // Three pauses, each drawn from between the half and the whole of 200, 400 and 800 ms.
        QVERIFY2(timer.elapsed() >= 600, qPrintable(QString::number(timer.elapsed())));
        QCOMPARE(bench.lists(), 1);
    }

    // Longer than the client itself would wait for (30 s), so that it is the reflector's to wait.
    void serverThatAsksForTimeGetsIt_data()
    {
        QTest::addColumn<bool>("atTheWatch");
        QTest::addColumn<int>("seconds");
        QTest::addColumn<bool>("isAskedAgain"); // soon
        QTest::newRow("a list, with a time") << false << 45 << false;
        QTest::newRow("a list, at once") << false << 0 << true;
        QTest::newRow("a watch, with a time") << true << 45 << false;
        QTest::newRow("a watch, at once") << true << 0 << true;
    }
    void serverThatAsksForTimeGetsIt()
    {
        QFETCH(bool, atTheWatch);
        QFETCH(int, seconds);
        QFETCH(bool, isAskedAgain);
        Bench bench([atTheWatch, seconds](Exchange &exchange) {
            if (isWatch(exchange) == atTheWatch)
                exchange.answer(429, status(429, "TooManyRequests"), {{"Retry-After", QByteArray::number(seconds)}});
            else
                exchange.answer(200, list({}, "10"));
        });
        const auto asked = [&] { return atTheWatch ? bench.watches() : bench.lists(); };
        QTRY_COMPARE_WITH_TIMEOUT(bench.reflector->state(), Reflector::State::Waiting, 15000);
        const int before = asked();
        if (isAskedAgain)
            QTRY_VERIFY(asked() > before);
        else // several times the longest pause of its own
            QVERIFY(stays([&] { return asked() == before; }, 700ms));
        QCOMPARE(bench.reflector->freshness().error->retryAfter, std::chrono::milliseconds(seconds * 1000));
    }

    // What is asked in a silence is lost and asked again; what is only slow must come through in the end.
    void watchesThatNobodyAnswersAreAskedAgain_data()
    {
        QTest::addColumn<int>("silent"); // so many watches are never answered
        QTest::addColumn<int>("slowMs"); // the others so late
        QTest::newRow("a silence that ends") << 2 << 0;
        QTest::newRow("a slow server") << 0 << 450;
    }
    void watchesThatNobodyAnswersAreAskedAgain()
    {
        QFETCH(int, silent);
        QFETCH(int, slowMs);
        std::atomic<int> watches = 0;
        ReflectorTimings timings = quick();
        timings.openPatience = 150ms;
        Bench bench(
            [&watches, silent, slowMs](Exchange &exchange) {
                if (!isWatch(exchange)) {
                    exchange.answer(200, list({pod("a", 8)}, "10"));
                    return;
                }
                if (++watches <= silent) {
                    exchange.stall();
                    return;
                }
                if (slowMs > 0 && exchange.stall(std::chrono::milliseconds(slowMs)))
                    return; // the client gave up
                beginStream(exchange);
                exchange.stall();
            },
            timings);
        QTRY_COMPARE(bench.reflector->freshness().state, Freshness::State::Stale);
        QVERIFY(bench.reflector->freshness().error->message.contains(QStringLiteral("0.15 s")));
        QTRY_VERIFY(bench.reflector->freshness().isLive());
        QVERIFY(watches >= 2);
        QCOMPARE(bench.lists(), 1);
    }

    // One watch of several may be dead without a word, while the server answers everything else.
    void aWatchThatFallsSilentIsOpenedAnew_data()
    {
        QTest::addColumn<int>("bookmarks");
        QTest::newRow("it had sent bookmarks") << 2;
        QTest::newRow("it never says when there is nothing") << 0; // a quiet kind
    }
    void aWatchThatFallsSilentIsOpenedAnew()
    {
        QFETCH(int, bookmarks);
        ReflectorTimings timings = quick();
        timings.longestSilence = 200ms;
        std::atomic<int> watches = 0;
        Bench bench(
            [&watches, bookmarks](Exchange &exchange) {
                if (!isWatch(exchange)) {
                    exchange.answer(200, list({pod("a", 8)}, "10"));
                    return;
                }
                beginStream(exchange);
                const bool isFirst = watches++ == 0;
                for (int i = 0; isFirst && i < bookmarks; ++i)
                    sendChunk(exchange, change("BOOKMARK", "{\"metadata\":{\"resourceVersion\":\"2" +
                                                               QByteArray::number(i) + "\"}}"));
                exchange.stall();
            },
            timings);
        bool wasStale = false;
        connect(bench.reflector.get(), &Reflector::freshnessChanged, this,
                [&] { wasStale = wasStale || bench.reflector->freshness().state == Freshness::State::Stale; });
        QTRY_COMPARE(bench.reflector->freshness().state, Freshness::State::Live);
        if (bookmarks == 0) {
            QVERIFY(stays([&] { return bench.watches() == 1; }, 800ms));
            QCOMPARE(bench.reflector->freshness().state, Freshness::State::Live);
            return;
        }
        QTRY_VERIFY(bench.watches() >= 2);
        QVERIFY(wasStale);
        QCOMPARE(bench.lists(), 1); // it goes on where it was
        QVERIFY2(bench.server.requests().last().target.contains("resourceVersion=21"),
                 bench.server.requests().last().target.constData());
        QTRY_COMPARE(bench.reflector->freshness().state, Freshness::State::Live);
    }

    void quietServersAreListedAgainAsPlanned()
    {
        ReflectorTimings timings = quick();
        timings.earliestRelist = timings.latestRelist = 0min;
        std::atomic<int> lists = 0;
        Bench bench(
            [&](Exchange &exchange) {
                if (!isWatch(exchange)) {
                    exchange.answer(200, lists++ == 0 ? list({pod("a", 8)}, "10") : list({pod("b", 9)}, "11"));
                    return;
                }
                beginStream(exchange);
                exchange.stall(300ms);
                exchange.send("0\r\n\r\n");
            },
            timings);
        QTRY_COMPARE(bench.names(), QStringLiteral("b"));
    }

    void linesOfMegabytesArrive()
    {
        QByteArray large = pod("big", 12);
        large.insert(large.size() - 1, ",\"spec\":{\"padding\":\"" + QByteArray(10 << 20, 'x') + "\"}");
        Bench bench([&large](Exchange &exchange) {
            if (!isWatch(exchange)) {
                exchange.answer(200, list({}, "10"));
                return;
            }
            beginStream(exchange);
            const QByteArray line = change("ADDED", large) + change("ADDED", pod("after", 13));
            for (qsizetype at = 0; at < line.size(); at += 60000)
                sendChunk(exchange, line.mid(at, 60000));
            exchange.stall();
        });
        QTRY_COMPARE_WITH_TIMEOUT(bench.names(), QStringLiteral("after big"), 15000);
    }

    // Something that is not an API server, or a broken one: memory is bounded, and what is shown is listed anew.
    void aChangeThatNeverEndsIsGivenUp()
    {
        std::atomic<int> sent = 0; // MiB
        Bench bench([&sent](Exchange &exchange) {
            if (!isWatch(exchange)) {
                exchange.answer(200, list({pod("a", 8)}, "10"));
                return;
            }
            beginStream(exchange);
            const QByteArray part(1 << 20, 'x');
            while (sent < 200 && sendChunk(exchange, part))
                ++sent;
            exchange.stall();
        });
        std::optional<Error> why;
        connect(bench.reflector.get(), &Reflector::freshnessChanged, this, [&] {
            if (bench.reflector->freshness().error)
                why = bench.reflector->freshness().error;
        });
        QTRY_VERIFY_WITH_TIMEOUT(bench.lists() >= 2, 30'000);
        QVERIFY2(sent < 200, qPrintable(QString::number(sent)));
        QVERIFY(why);
        QCOMPARE(why->kind, ErrorKind::Protocol);
        QVERIFY2(why->message.contains(QLatin1String("64 MiB")), qPrintable(why->message));
        QCOMPARE(bench.names(), QStringLiteral("a"));
    }

    void lineSplitterDoesNotCareAboutChunks_data()
    {
        QTest::addColumn<int>("chunk");
        for (const int chunk : {1, 2, 3, 7, 64, 100000})
            QTest::addRow("%d bytes", chunk) << chunk;
    }
    void lineSplitterDoesNotCareAboutChunks()
    {
        QFETCH(int, chunk);
        const QByteArray text = "one\n\ntwo\n" + QByteArray(5000, 'x') + "\nlast";
        LineSplitter splitter;
        QByteArrayList lines;
        for (qsizetype at = 0; at < text.size(); at += chunk) {
            splitter.append(text.mid(at, chunk));
            splitter.takeLines([&](QByteArrayView line, qsizetype readable) {
                lines.append(line.toByteArray());
                return readable >= line.size() + qsizetype(LineSplitter::padding);
            });
        }
        QCOMPARE(lines, (QByteArrayList{"one", "two", QByteArray(5000, 'x')}));
        QCOMPARE(splitter.rest().toByteArray(), QByteArray("last"));
    }

    void aSkippedLineEndsAtItsNewline_data()
    {
        QTest::addColumn<QByteArrayList>("chunks");
        QTest::newRow("later") << QByteArrayList{"still", " it\ntwo\n"};
        QTest::newRow("at once") << QByteArrayList{"\ntwo\n"};
        QTest::newRow("alone") << QByteArrayList{"\n", "two\n"};
    }
    void aSkippedLineEndsAtItsNewline()
    {
        QFETCH(QByteArrayList, chunks);
        LineSplitter splitter;
        QByteArrayList lines;
        const auto take = [&](QByteArrayView line, qsizetype) {
            lines.append(line.toByteArray());
            return true;
        };
        splitter.append("one\nlong");
        splitter.takeLines(take);
        splitter.skipLine();
        for (const QByteArray &chunk : chunks) {
            splitter.append(chunk);
            splitter.takeLines(take);
        }
        QCOMPARE(lines, (QByteArrayList{"one", "two"}));
        QVERIFY(splitter.rest().isEmpty());
    }

    void logsArriveInOrderAndBounded_data()
    {
        QTest::addColumn<int>("lines");
        QTest::newRow("none") << 0;
        QTest::newRow("few") << 3;
        QTest::newRow("100,000") << 100000;
    }
    void logsArriveInOrderAndBounded()
    {
        QFETCH(int, lines);
        HttpClient http;
        FaultServer server([lines](Exchange &exchange) {
            exchange.send("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n");
            QByteArray part;
            for (int i = 0; i < lines; ++i) {
                part += "2026-11-21T07:40:56.123456789Z line " + QByteArray::number(i) + (i + 1 < lines ? "\n" : "");
                if (part.size() > 50000 || i + 1 == lines)
                    sendChunk(exchange, std::exchange(part, {}));
            }
            exchange.send("0\r\n\r\n");
        });
        LogRequest request;
        request.pod.ns = QStringLiteral("shop");
        request.pod.name = QStringLiteral("a");
        request.tailLines = 7;
        PodLog log(std::make_shared<KubeClient>(http, server.endpoint()), request);
        QSignalSpy ended(&log, &LogStream::ended);
        int next = 0;
        int largest = 0;
        bool isInOrder = true;
        connect(&log, &LogStream::linesArrived, this, [&](const QList<LogLine> &batch) {
            largest = std::max(largest, int(batch.size()));
            for (const LogLine &line : batch)
                isInOrder = isInOrder && line.text == QStringLiteral("line %1").arg(next++) && line.time.isValid();
        });
        QTRY_COMPARE_WITH_TIMEOUT(ended.size(), 1, 20000);
        QCOMPARE(next, lines);
        QVERIFY(isInOrder);
        QVERIFY(largest <= PodLog::linesPerFrame);
        QVERIFY(server.requests().first().target.contains("tailLines=7"));
    }

    void lineOfTenMegabytesIsCutAndSaysSo()
    {
        const QByteArray line = "2026-11-21T07:40:56Z " + QByteArray(10 << 20, 'y');
        const LogLine read = parseLogLine(line, true);
        QVERIFY(read.time.isValid());
        QVERIFY(read.text.size() < PodLog::longestLine + 100);
        QVERIFY(read.text.endsWith(QStringLiteral("10485760 bytes]")));
        QCOMPARE(parseLogLine("no stamp here", true).text, QStringLiteral("no stamp here"));
        QCOMPARE(parseLogLine("windows\r", false).text, QStringLiteral("windows"));
    }

    void lineThatNeverEndsIsToldCutAndTheNextOneIsWhole()
    {
        HttpClient http;
        std::atomic<bool> mayEnd = false;
        FaultServer server([&mayEnd](Exchange &exchange) {
            exchange.send("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n");
            sendChunk(exchange, "2026-11-21T07:40:56.123456789Z " + QByteArray(2 << 20, 'y'));
            while (!mayEnd && !exchange.isEnding()) {
                if (exchange.stall(20ms))
                    return;
            }
            sendChunk(exchange, "yyy\n2026-11-21T07:40:57.123456789Z next\n");
            exchange.send("0\r\n\r\n");
        });
        LogRequest request;
        request.pod.ns = request.pod.name = QStringLiteral("a");
        PodLog log(std::make_shared<KubeClient>(http, server.endpoint()), request);
        QSignalSpy ended(&log, &LogStream::ended);
        QList<LogLine> lines;
        connect(&log, &LogStream::linesArrived, this, [&](const QList<LogLine> &batch) { lines += batch; });
        QTRY_COMPARE_WITH_TIMEOUT(lines.size(), 1, 15'000); // although it goes on
        QVERIFY(lines[0].time.isValid());
        QVERIFY(lines[0].text.startsWith(QLatin1Char('y')));
        QVERIFY(lines[0].text.endsWith(QLatin1String("bytes]")));
        QVERIFY(lines[0].text.size() < PodLog::longestLine + 100);
        mayEnd = true;
        QTRY_COMPARE(ended.size(), 1);
        QCOMPARE(lines.size(), 2);
        QCOMPARE(lines[1].text, QStringLiteral("next"));
    }

    void refusedLogSaysWhy()
    {
        HttpClient http;
        FaultServer server(
            [](Exchange &exchange) { exchange.answer(400, status(400, "container c is waiting to start")); });
        LogRequest request;
        request.pod.ns = request.pod.name = QStringLiteral("a");
        PodLog log(std::make_shared<KubeClient>(http, server.endpoint()), request);
        QSignalSpy failed(&log, &LogStream::failed);
        QTRY_COMPARE(failed.size(), 1);
        QVERIFY(failed[0][0].value<Error>().message.contains(QLatin1String("waiting to start")));
    }
};

QTEST_GUILESS_MAIN(TestReflector)
#include "test_reflector.moc"
