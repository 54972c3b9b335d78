#include "models/domain/confirmation.h"
#include "models/domain/ulid.h"

#include <QSet>
#include <QTest>

using namespace signalbox;
using namespace std::chrono_literals;

class TestConfirmation : public QObject
{
    Q_OBJECT

    static HoldGate gate()
    {
        HoldGate made;
        made.showPlan("plan", {Confirmation::Kind::Hold, 800ms, {}}, 0);
        made.focusGained(10);
        return made;
    }

private slots:
    void kindFollowsBlastRadius_data()
    {
        QTest::addColumn<bool>("isProtected");
        QTest::addColumn<Direction>("direction");
        QTest::addColumn<bool>("canHold");
        QTest::addColumn<Confirmation::Kind>("kind");
        QTest::addColumn<int>("hold");
        using K = Confirmation::Kind;
        QTest::newRow("forward") << true << Direction::Forward << true << K::Hold << 800;
        QTest::newRow("back") << true << Direction::Back << true << K::Hold << 400;
        QTest::newRow("forward, no keys") << true << Direction::Forward << false << K::TypeName << 0;
        QTest::newRow("back, no keys") << true << Direction::Back << false << K::Question << 0;
        QTest::newRow("unprotected forward") << false << Direction::Forward << true << K::Press << 0;
        QTest::newRow("unprotected back, no keys") << false << Direction::Back << false << K::Press << 0;
    }
    void kindFollowsBlastRadius()
    {
        QFETCH(bool, isProtected);
        QFETCH(Direction, direction);
        QFETCH(bool, canHold);
        Plan plan;
        plan.application = QStringLiteral("cart");
        plan.isProtected = isProtected;
        plan.direction = direction;
        const Confirmation confirmation = confirmationFor(plan, canHold);
        QTEST(confirmation.kind, "kind");
        QTEST(static_cast<int>(confirmation.hold.count()), "hold");
        QCOMPARE(confirmation.accepts(QStringLiteral(" cart ")), true);
        QCOMPARE(confirmation.accepts(QStringLiteral("Cart")), confirmation.kind != Confirmation::Kind::TypeName);
    }

    void holdIsCompleteOnceAfterItsTime()
    {
        HoldGate made = gate();
        made.press(100, false);
        QVERIFY(!made.advance(899));
        QCOMPARE(made.progress(500), 0.5);
        QVERIFY(made.advance(900));
        QVERIFY(!made.advance(901));
        QCOMPARE(made.fingerprint(), QByteArray("plan"));
    }

    void whatDoesNotCount_data()
    {
        QTest::addColumn<QString>("events");
        QTest::addColumn<bool>("isComplete");
        // p press, a auto-repeat, r release, f focus, l focus lost, n new plan, s same plan, e no plan; each 100 ms
        // later
        QTest::newRow("plain") << "p" << true;
        QTest::newRow("auto-repeat") << "a" << false;
        QTest::newRow("auto-repeat while held") << "paa" << true;
        QTest::newRow("released") << "pr" << false;
        QTest::newRow("released, pressed again") << "prp" << true;
        QTest::newRow("focus lost") << "pl" << false;
        QTest::newRow("focus lost and back, still down") << "plf" << false;
        QTest::newRow("began before the focus") << "lpf" << false;
        QTest::newRow("plan changed") << "pn" << false;
        QTest::newRow("plan changed, still down, repeats") << "pnaa" << false;
        QTest::newRow("plan changed, pressed anew") << "pnrp" << true;
        QTest::newRow("same plan read again") << "ps" << true;
        QTest::newRow("began before there was a plan") << "eps" << false;
    }
    void whatDoesNotCount()
    {
        QFETCH(QString, events);
        HoldGate made = gate();
        const Confirmation hold{Confirmation::Kind::Hold, 800ms, {}};
        qint64 at = 100;
        for (QChar event : events) {
            if (event == u'p' || event == u'a')
                made.press(at, event == u'a');
            else if (event == u'r')
                made.release();
            else if (event == u'f')
                made.focusGained(at);
            else if (event == u'l')
                made.focusLost();
            else
                made.showPlan(event == u'n' ? "new" : event == u'e' ? "" : "plan", hold, at);
            QVERIFY(!made.advance(at));
            at += 100;
        }
        QTEST(made.advance(at + 5000), "isComplete");
    }

    void ulidsSortInTheOrderTheyWereMade()
    {
        const QDateTime at(QDate(2026, 3, 4), QTime(12, 0, 0, 123), Qt::UTC);
        QSet<QString> seen;
        for (int i = 0; i < 2000; ++i) {
            const QString id = newUlid(at);
            QVERIFY(isUlid(id));
            QCOMPARE(ulidTime(id), at);
            seen.insert(id);
        }
        QCOMPARE(seen.size(), 2000);
        QVERIFY(newUlid(at) < newUlid(at.addMSecs(1)));
        QCOMPARE(ulidTime(QStringLiteral("01ARZ3NDEKTSV4RRFFQ69G5FAV")).toMSecsSinceEpoch(),
                 1469922850259); // the spec's example
        QVERIFY(!isUlid(QStringLiteral("81ARZ3NDEKTSV4RRFFQ69G5FAV")));
        QVERIFY(!isUlid(QStringLiteral("01ARZ3NDEKTSV4RRFFQ69G5FAU")));
    }
};

QTEST_APPLESS_MAIN(TestConfirmation)
#include "test_confirmation.moc"
