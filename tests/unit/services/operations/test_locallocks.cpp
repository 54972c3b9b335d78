#include "services/operations/locallocks.h"
#include "services/operations/lockkey.h"
#include "tests/support/fakeclock.h"

#include <QDir>
#include <QTemporaryDir>
#include <QTest>

using namespace signalbox;
using namespace signalbox::test;
using namespace std::chrono_literals;

// Two processes of one machine, in what they share: the folder.
class TestLocalLocks : public QObject
{
    Q_OBJECT

    struct Two
    {
        QTemporaryDir folder;
        FakeClock clock;
        LocalLocks here{folder.path(), clock};
        LocalLocks there{folder.path(), clock};
    };

    static QStringList key() { return {QStringLiteral("ci|acme/cart|cart")}; }
    static LockHolder holder(const LocalLocks &locks, const QString &operation, Direction direction,
                             const QStringList &places)
    {
        LockHolder made;
        made.operation = operation;
        made.process = locks.process();
        made.title = operation;
        made.direction = direction;
        made.since = QDateTime(QDate(2026, 3, 4), QTime(10, 0), Qt::UTC);
        made.places = places;
        return made;
    }
    template <typename T>
    static bool answers(const QFuture<Result<T>> &future)
    {
        return QTest::qWaitFor([&] { return future.isFinished(); }, 10000);
    }
    static Result<LockGrant> acquire(LocalLocks &locks, const LockHolder &self)
    {
        const auto asked = locks.acquire(key(), self, self.direction == Direction::Back, 200ms);
        return answers(asked) ? asked.result() : Result<LockGrant>(Error{ErrorKind::TimedOut, {}, {}});
    }
    static LockWatch watch(LocalLocks &locks, const QString &operation)
    {
        const auto asked = locks.watch(key(), operation);
        return answers(asked) ? asked.result().value_or(LockWatch{}) : LockWatch{};
    }
    static QString peek(LocalLocks &locks, const QStringList &places = {})
    {
        const auto asked = locks.peek(key(), places);
        if (!answers(asked) || !asked.result())
            return QStringLiteral("no answer");
        return *asked.result() ? (*asked.result())->operation : QString();
    }
    static QString promotion() { return QStringLiteral("promotion"); }
    static QString redeploy() { return QStringLiteral("redeploy"); }
    static QStringList production() { return {QStringLiteral("prod-eu"), QStringLiteral("production")}; }
    static QStringList staging() { return {QStringLiteral("staging")}; }

private slots:
    void oneServerHasOneIdentity_data()
    {
        QTest::addColumn<QString>("one");
        QTest::addColumn<QString>("other");
        QTest::addColumn<bool>("isSame");
        const auto row = [](const char *name, const char *one, const char *other, bool isSame) {
            QTest::newRow(name) << QString::fromLatin1(one) << QString::fromLatin1(other) << isSame;
        };
        row("the usual port", "https://Prod.example:443/", "https://prod.example", true);
        row("as another user", "https://ann@prod.example", "https://prod.example", true);
        row("another port", "https://prod.example:6443", "https://prod.example", false);
        row("another path", "https://rancher.example/k8s/clusters/a", "https://rancher.example/k8s/clusters/b", false);
        row("another host", "https://prod.example", "https://staging.example", false);
    }
    void oneServerHasOneIdentity()
    {
        QFETCH(QString, one);
        QFETCH(QString, other);
        QFETCH(bool, isSame);
        QCOMPARE(serverIdentity(QUrl(one)) == serverIdentity(QUrl(other)), isSame);
        QVERIFY(!serverIdentity(QUrl(one)).contains(QLatin1String("example")));
        QCOMPARE(serverIdentity(QUrl()), QString());
    }

    // Two clusters at one address: behind two proxies, at two ends of a tunnel, by another name or CA.
    void oneAddressMayBeTwoServers_data()
    {
        QTest::addColumn<QStringList>("one");
        QTest::addColumn<QStringList>("other");
        QTest::addColumn<bool>("isSame");
        QTest::addColumn<bool>("maybeSame");
        QTest::addColumn<QUrl>("address");
        const QString none;
        const QString a = QStringLiteral("a");
        const QString b = QStringLiteral("b");
        const auto row = [](const QByteArray &name, const QStringList &one, const QStringList &other, bool isSame,
                            bool maybeSame, const char *address = "https://127.0.0.1:6443") {
            QTest::newRow(name.constData())
                << one << other << isSame << maybeSame << QUrl(QString::fromLatin1(address));
        };
        row("nothing is set", {}, {none, none, none}, true, true);
        row("the same route", {a, none, b}, {a, none, b}, true, true);
        row("another proxy", {a, none, none}, {b, none, none}, false, false);
        row("no proxy", {a, none, none}, {none, none, none}, false, true);
        row("another name", {none, a, none}, {none, b, none}, false, false);
        row("another CA", {none, none, a}, {none, none, b}, false, false);
        row("no CA, but a proxy", {none, none, a}, {b, none, none}, false, true);
        row("the same CA by a proxy", {none, none, a}, {b, none, a}, false, true);
        row("in another place", {a, none, none}, {none, a, none}, false, true);
        const QString both = QStringLiteral("a b");
        const QString others = QStringLiteral("c b");
        row("a bundle with that CA", {none, none, a}, {none, none, both}, false, true);
        row("two bundles with one in common", {none, none, both}, {none, none, others}, false, true);
        row("a bundle without that CA", {none, none, a}, {none, none, others}, false, false);
        row("one bundle in another order", {none, none, both}, {none, none, QStringLiteral("b a")}, true, true);
        for (const char *address : {"https://prod.example", "https://203.0.113.7:6443", "https://[2001:db8::7]:6443"}) {
            const QByteArray at = QByteArray(" at ") + address;
            row("two proxies" + at, {a, none, none}, {b, none, none}, true, true, address);
            row("two names" + at, {none, a, none}, {none, b, none}, true, true, address);
            row("two CAs" + at, {none, none, a}, {none, none, b}, false, false, address);
        }
        for (const char *address :
             {"https://localhost:6443", "https://10.0.0.1:6443", "https://172.31.0.1", "https://192.168.1.1",
              "https://[fd00::1]", "https://[::1]:6443", "https://kubernetes.default.svc", "https://kubernetes"})
            row("two proxies" + (QByteArray(" at ") + address), {a, none, none}, {b, none, none}, false, false,
                address);
    }
    void oneAddressMayBeTwoServers()
    {
        QFETCH(QStringList, one);
        QFETCH(QStringList, other);
        QFETCH(bool, isSame);
        QFETCH(bool, maybeSame);
        QFETCH(QUrl, address);
        const QString first = serverIdentity(address, one);
        const QString second = serverIdentity(address, other);
        QCOMPARE(first == second, isSame);
        QCOMPARE(mayBeSameServer(first, second), maybeSame);
        QCOMPARE(mayBeSameServer(second, first), maybeSame);
        QCOMPARE(serverIdentity({}, one), QString());
        // What an older journal says of it is found again, and only that.
        QVERIFY(mayBeSameServer(serverIdentity(address), first));
        QVERIFY(mayBeSameServer(first, {}));
        QVERIFY(!mayBeSameServer(serverIdentity(QUrl(QStringLiteral("https://127.0.0.1:6444"))), first));
        // Whether it is one server or two, they have one lock.
        Plan here;
        here.server = first;
        Plan there;
        there.server = second;
        QCOMPARE(lockKeysOf(here), lockKeysOf(there));
        QCOMPARE(lockKeysOf(here).size(), 1);
    }

    // A cluster has many addresses (a name, a number, a tunnel), and one namespace of a uid.
    void oneClusterHasOneLockAtAllAddresses_data()
    {
        QTest::addColumn<QString>("one");
        QTest::addColumn<QString>("other");
        QTest::addColumn<bool>("sharesLock");
        QTest::addColumn<bool>("maybeSame");
        const auto row = [](const char *name, const char *one, const char *other, bool sharesLock, bool maybeSame) {
            QTest::newRow(name) << QString::fromLatin1(one) << QString::fromLatin1(other) << sharesLock << maybeSame;
        };
        row("two addresses, one place", "a@p", "b-..c@p", true, true);
        row("two addresses, two places", "a@p", "b@q", false, false);
        row("two addresses, one place not told", "a@p", "b", false, false);
        row("one address, one place not told", "a-..c@p", "a", true, true);
        row("one address, two places", "a@p", "a@q", true, false); // two ends of a tunnel
        row("addresses not known, one place", "@p", "b@p", true, true);
    }
    void oneClusterHasOneLockAtAllAddresses()
    {
        QFETCH(QString, one);
        QFETCH(QString, other);
        QFETCH(bool, sharesLock);
        QFETCH(bool, maybeSame);
        Plan here;
        here.connection = QStringLiteral("east");
        here.server = one;
        Plan there;
        there.connection = QStringLiteral("west");
        there.server = other;
        const QStringList keys = lockKeysOf(there);
        bool shares = false;
        for (const QString &key : lockKeysOf(here))
            shares = shares || keys.contains(key);
        QCOMPARE(shares, sharesLock);
        QCOMPARE(mayBeSameServer(one, other), maybeSame);
        QCOMPARE(mayBeSameServer(other, one), maybeSame);
    }
    void aPlaceIsPutBehindAServerOnce()
    {
        const QString server = QStringLiteral("a-..c");
        const QString placed = QStringLiteral("a-..c@p");
        QCOMPARE(serverAtPlace(server, {}), server);
        QCOMPARE(serverAtPlace(server, QStringLiteral("@p")), placed);
        QCOMPARE(serverAtPlace(server, placed), placed); // of a plan that was carried out before
        QCOMPARE(serverAtPlace(QStringLiteral("b"), placed), QStringLiteral("b@p"));
        QCOMPARE(serverAtPlace({}, QStringLiteral("@p")), QStringLiteral("@p"));
    }

    // Who knows the place holds it and the address: either is enough to keep the others out, and to lose it.
    void severalKeysAreHeldTogether()
    {
        Two two;
        const QStringList both{QStringLiteral("address"), QStringLiteral("place")};
        const QStringList second{QStringLiteral("other address"), both.last()};
        const auto held = two.here.acquire(both, holder(two.here, promotion(), Direction::Forward, {}), false, 200ms);
        QVERIFY(answers(held) && held.result());
        for (const QStringList &keys : {QStringList{both.first()}, second}) {
            const auto refused = two.there.acquire(
                keys, holder(two.there, QStringLiteral("next"), Direction::Forward, {}), false, 200ms);
            QVERIFY(answers(refused));
            QVERIFY(!refused.result());
            QVERIFY2(refused.result().error().message.contains(promotion()),
                     qPrintable(refused.result().error().message));
        }
        // What was refused holds nothing of what was free.
        const auto free = two.there.peek({second.first()});
        QVERIFY(answers(free) && free.result());
        QVERIFY(!*free.result());

        const auto back = two.there.acquire(second, holder(two.there, redeploy(), Direction::Back, {}), true, 200ms);
        const auto seen = [&two](const QStringList &keys) {
            const auto asked = two.here.watch(keys, promotion());
            return answers(asked) ? asked.result().value_or(LockWatch{}) : LockWatch{};
        };
        QTRY_VERIFY(seen(both).request);
        QVERIFY(!seen(both).isLost);
        QVERIFY(QTest::qWaitFor([&] {
            two.clock.advance(10ms);
            return back.isFinished();
        }));
        QVERIFY(back.result());
        QCOMPARE(back.result()->tookOverFrom.size(), 1);
        QVERIFY(seen(both).isLost);
        QVERIFY(seen(both).lostTo);
        two.here.release(both, promotion());
        two.there.release(second, redeploy());
        QTRY_COMPARE(QDir(two.here.folder()).entryList({QStringLiteral("*.json")}, QDir::Files).size(), 0);
    }

    // Two servers behind one address have one key: what goes back takes nothing from what is at the other one.
    void whoGoesBackAtAnotherServerLeavesTheHolderAlone_data()
    {
        QTest::addColumn<QString>("server");
        QTest::addColumn<bool>("isElsewhere");
        QTest::newRow("by another proxy") << QStringLiteral("a-q..") << true;
        QTest::newRow("by none") << QStringLiteral("a") << false;
        QTest::newRow("with a CA") << QStringLiteral("a-..c") << false;
        QTest::newRow("by the same") << QStringLiteral("a-p..") << false;
    }
    void whoGoesBackAtAnotherServerLeavesTheHolderAlone()
    {
        QFETCH(QString, server);
        QFETCH(bool, isElsewhere);
        Two two;
        LockHolder held = holder(two.here, promotion(), Direction::Forward, {});
        held.server = QStringLiteral("a-p..");
        QVERIFY(acquire(two.here, held));
        LockHolder forward = holder(two.there, QStringLiteral("next"), Direction::Forward, {});
        forward.server = server;
        QVERIFY(!acquire(two.there, forward)); // what goes on waits all the same
        const auto peeked = two.there.peek(key(), {}, server);
        QVERIFY(answers(peeked) && peeked.result());
        QCOMPARE(peeked.result()->has_value(), !isElsewhere);
        LockHolder back = holder(two.there, redeploy(), Direction::Back, {});
        back.server = server;
        const auto asked = two.there.acquire(key(), back, true, 200ms);
        if (!isElsewhere) {
            QTRY_VERIFY(watch(two.here, promotion()).request);
            QVERIFY(!asked.isFinished());
            two.here.release(key(), promotion());
        }
        QVERIFY(QTest::qWaitFor([&] {
            two.clock.advance(10ms);
            return asked.isFinished();
        }));
        QVERIFY(asked.result());
        QCOMPARE(watch(two.here, promotion()).isLost, !isElsewhere);
    }

    void whoGoesBackElsewhereLeavesTheHolderAlone()
    {
        Two two;
        QVERIFY(acquire(two.here, holder(two.here, promotion(), Direction::Forward, production())));
        QCOMPARE(peek(two.there, staging()), QString());
        QCOMPARE(peek(two.there), promotion());
        const auto grant = acquire(two.there, holder(two.there, redeploy(), Direction::Back, staging()));
        QVERIFY(grant);
        QVERIFY(grant->tookOverFrom.isEmpty());
        const LockWatch kept = watch(two.here, promotion());
        QVERIFY(!kept.isLost);
        QVERIFY(!kept.request);
        QVERIFY(!watch(two.there, redeploy()).isLost);
    }

    // What goes on stays out as long as anybody is at work in the project.
    void whatGoesOnWaitsForBoth()
    {
        Two two;
        const LockHolder next = holder(two.here, QStringLiteral("next"), Direction::Forward, production());
        QVERIFY(acquire(two.here, holder(two.here, promotion(), Direction::Forward, production())));
        QVERIFY(acquire(two.there, holder(two.there, redeploy(), Direction::Back, staging())));
        two.here.release(key(), promotion());
        const auto refused = acquire(two.here, next);
        QVERIFY(!refused);
        QCOMPARE(refused.error().kind, ErrorKind::Refused);
        QVERIFY2(refused.error().message.contains(redeploy()), qPrintable(refused.error().message));
        two.there.release(key(), redeploy());
        QTRY_COMPARE(peek(two.here), QString());
        QVERIFY(acquire(two.here, next));
        two.here.release(key(), next.operation);
        QTRY_COMPARE(QDir(two.here.folder()).entryList({QStringLiteral("*.at-*")}, QDir::Files), QStringList());
    }

    void whoGoesBackThereIsGivenWay_data()
    {
        QTest::addColumn<QStringList>("held");
        QTest::addColumn<QStringList>("wanted");
        QTest::newRow("the same environment") << production() << QStringList{QStringLiteral("production")};
        QTest::newRow("as the vendor calls it") << production() << QStringList{QStringLiteral("prod-eu")};
        QTest::newRow("the holder's is not told") << QStringList() << staging();
        QTest::newRow("its own is not told") << production() << QStringList();
    }
    void whoGoesBackThereIsGivenWay()
    {
        QFETCH(QStringList, held);
        QFETCH(QStringList, wanted);
        Two two;
        QVERIFY(acquire(two.here, holder(two.here, promotion(), Direction::Forward, held)));
        QCOMPARE(peek(two.there, wanted), promotion());
        const auto asked =
            two.there.acquire(key(), holder(two.there, redeploy(), Direction::Back, wanted), true, 200ms);
        QTRY_VERIFY(watch(two.here, promotion()).request);
        two.here.release(key(), promotion());
        QVERIFY(QTest::qWaitFor([&] {
            two.clock.advance(10ms);
            return asked.isFinished();
        }));
        QVERIFY(asked.result());
        QVERIFY(watch(two.here, promotion()).isLost);
        QVERIFY(!watch(two.there, redeploy()).request);
    }

    // A second one that goes back in the same place beside a promotion elsewhere.
    void twoThatGoBackInOnePlaceTakeTurns()
    {
        Two two;
        QVERIFY(acquire(two.here, holder(two.here, promotion(), Direction::Forward, production())));
        QVERIFY(acquire(two.here, holder(two.here, redeploy(), Direction::Back, staging())));
        const QString second = QStringLiteral("second");
        const auto asked = two.there.acquire(key(), holder(two.there, second, Direction::Back, staging()), true, 200ms);
        QTRY_VERIFY(watch(two.here, redeploy()).request);
        QVERIFY(!watch(two.here, promotion()).request);
        two.here.release(key(), redeploy());
        QVERIFY(QTest::qWaitFor([&] {
            two.clock.advance(10ms);
            return asked.isFinished();
        }));
        QVERIFY(asked.result());
        QVERIFY(!watch(two.here, promotion()).isLost);
    }

    // One file asks a holder: who wrote over it and gave up leaves the other one unheard.
    void whoseRequestWasWrittenOverAsksAgain()
    {
        Two two;
        QVERIFY(acquire(two.here, holder(two.here, promotion(), Direction::Forward, production())));
        const QString first = QStringLiteral("first");
        const QString second = QStringLiteral("second");
        const auto asks = [&two] {
            const auto request = watch(two.here, promotion()).request;
            return request ? request->operation : QString();
        };
        const auto waits = two.there.acquire(key(), holder(two.there, first, Direction::Back, {}), true, 200ms);
        QTRY_COMPARE(asks(), first);
        const auto givesUp = two.there.acquire(key(), holder(two.there, second, Direction::Back, {}), true, 200ms);
        QTRY_COMPARE(asks(), second);
        two.there.release(key(), second);
        QTRY_COMPARE(asks(), QString());
        QVERIFY(givesUp.isFinished());
        bool isAskedAgain = false;
        for (int tries = 0; tries < 15 && !isAskedAgain; ++tries) { // it has not taken over by then
            two.clock.advance(10ms);
            isAskedAgain = QTest::qWaitFor([&] { return asks() == first; }, 100);
        }
        QVERIFY(isAskedAgain);
        QVERIFY(!waits.isFinished());
        two.here.release(key(), promotion());
        QVERIFY(QTest::qWaitFor([&] {
            two.clock.advance(10ms);
            return waits.isFinished();
        }));
        QVERIFY(waits.result());
        QVERIFY(waits.result()->tookOverFrom.isEmpty());
    }

    // Who goes back without telling where is in the way of a promotion and of what went back beside it: both are asked.
    void allInTheWayAreAskedAndGiveWay()
    {
        Two two;
        QVERIFY(acquire(two.here, holder(two.here, promotion(), Direction::Forward, production())));
        QVERIFY(acquire(two.here, holder(two.here, redeploy(), Direction::Back, staging())));
        const auto asked =
            two.there.acquire(key(), holder(two.there, QStringLiteral("any"), Direction::Back, {}), true, 200ms);
        QTRY_VERIFY(watch(two.here, promotion()).request);
        QTRY_VERIFY(watch(two.here, redeploy()).request);
        two.here.release(key(), promotion());
        two.here.release(key(), redeploy());
        QVERIFY(QTest::qWaitFor([&] {
            two.clock.advance(10ms);
            return asked.isFinished();
        }));
        QVERIFY(asked.result());
        QVERIFY(asked.result()->tookOverFrom.isEmpty());
        QVERIFY(!watch(two.there, QStringLiteral("any")).isLost);
    }
    void allWhoDoNotAnswerAreTakenOver()
    {
        Two two;
        QVERIFY(acquire(two.here, holder(two.here, promotion(), Direction::Forward, production())));
        QVERIFY(acquire(two.here, holder(two.here, redeploy(), Direction::Back, staging())));
        const QString any = QStringLiteral("any");
        const auto asked = two.there.acquire(key(), holder(two.there, any, Direction::Back, {}), true, 200ms);
        QVERIFY(QTest::qWaitFor([&] {
            two.clock.advance(10ms);
            return asked.isFinished();
        }));
        QVERIFY(asked.result());
        QCOMPARE(asked.result()->tookOverFrom.size(), 2);
        QVERIFY(!watch(two.there, any).isLost);
        for (const QString &lost : {promotion(), redeploy()}) {
            const LockWatch seen = watch(two.here, lost);
            QVERIFY2(seen.isLost, qPrintable(lost));
            QCOMPARE(seen.lostTo ? seen.lostTo->operation : QString(), any);
        }
        two.there.release(key(), any);
        QTRY_COMPARE(peek(two.here), QString());
        QTRY_COMPARE(QDir(two.here.folder()).entryList({QStringLiteral("*.at-*")}, QDir::Files), QStringList());
    }

    // The promotion that goes on elsewhere took nothing from anybody.
    void whoLostHearsWhoTookOver()
    {
        Two two;
        QVERIFY(acquire(two.here, holder(two.here, promotion(), Direction::Forward, production())));
        QVERIFY(acquire(two.here, holder(two.here, redeploy(), Direction::Back, staging())));
        const QString second = QStringLiteral("second");
        const auto asked = two.there.acquire(key(), holder(two.there, second, Direction::Back, staging()), true, 200ms);
        QVERIFY(QTest::qWaitFor([&] {
            two.clock.advance(10ms);
            return asked.isFinished();
        }));
        QVERIFY(asked.result());
        const LockWatch seen = watch(two.here, redeploy());
        QVERIFY(seen.isLost);
        QCOMPARE(seen.lostTo ? seen.lostTo->operation : QString(), second);
        QVERIFY(!watch(two.here, promotion()).isLost);
        two.there.release(key(), second);
        QTRY_COMPARE(peek(two.there, staging()), QString());
        QVERIFY(!watch(two.here, redeploy()).lostTo);
    }

    // Who took over is in the file of another place; that place is free for others, its file is not.
    void whatWasTakenOverIsNotOverwritten()
    {
        Two two;
        const QStringList both{QStringLiteral("staging"), QStringLiteral("preview")};
        QVERIFY(acquire(two.here, holder(two.here, promotion(), Direction::Forward, production())));
        QVERIFY(acquire(two.here, holder(two.here, redeploy(), Direction::Back, both)));
        const QString second = QStringLiteral("second");
        const auto asked =
            two.there.acquire(key(), holder(two.there, second, Direction::Back, {both.last()}), true, 200ms);
        QVERIFY(QTest::qWaitFor([&] {
            two.clock.advance(10ms);
            return asked.isFinished();
        }));
        QVERIFY(asked.result());
        const auto third =
            acquire(two.here, holder(two.here, QStringLiteral("third"), Direction::Back, {both.first()}));
        QVERIFY(third);
        QVERIFY(third->tookOverFrom.isEmpty());
        QVERIFY(!watch(two.there, second).isLost);
        QVERIFY(!watch(two.here, QStringLiteral("third")).isLost);
    }
};

QTEST_GUILESS_MAIN(TestLocalLocks)
#include "test_locallocks.moc"
