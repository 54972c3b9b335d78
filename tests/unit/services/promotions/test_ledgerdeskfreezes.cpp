#include "tests/unit/services/promotions/promotionshop.h"

using namespace signalbox;
using namespace signalbox::test;
using policy::FreezeOrder;
using policy::FreezeReach;

// A freeze is ordered as it was shown, or not at all.
class TestLedgerDeskFreezes : public QObject
{
    Q_OBJECT

    std::unique_ptr<PromotionShop> m_shop;

    static QByteArray policy(const QByteArray &freezers) { return cartPolicy("stops: {freezeBy: " + freezers + "}\n"); }
    std::unique_ptr<Console> console(const char *person) const { return m_shop->console(person); }
    static FreezeOrder order(const QString &application = u("cart"), const QString &environment = u("production"))
    {
        const QDateTime now = QDateTime::currentDateTimeUtc();
        return {application, environment, now.addSecs(-1), now.addSecs(3600), u("end of year")};
    }

private slots:
    void init() { m_shop = std::make_unique<PromotionShop>(policy("[admins]")); }

    void saysWhatItRefuses_data()
    {
        QTest::addColumn<QString>("application");
        QTest::addColumn<QString>("environment");
        QTest::addColumn<QStringList>("environments");
        QTest::addColumn<QStringList>("applications");
        QTest::addColumn<bool>("isStopped");
        QTest::newRow("here") << u("cart") << u("production") << QStringList{u("production")} << QStringList{u("cart")}
                              << true;
        QTest::newRow("everywhere") << u("*") << u("*") << QStringList{u("staging"), u("production")}
                                    << QStringList{u("cart")} << true;
        QTest::newRow("elsewhere") << u("cart") << u("staging") << QStringList{u("staging")} << QStringList{u("cart")}
                                   << false;
        QTest::newRow("nothing") << u("web-*") << u("moon") << QStringList{} << QStringList{} << false;
    }
    void saysWhatItRefuses()
    {
        QFETCH(QString, application);
        QFETCH(QString, environment);
        QFETCH(QStringList, environments);
        QFETCH(QStringList, applications);
        QFETCH(bool, isStopped);
        const auto dan = console("dan");
        const auto ann = console("ann");
        const QString id = ask(*dan);
        QVERIFY(!id.isEmpty());
        const auto reach = awaited(ann->desk->draftFreeze(order(application, environment), {}));
        QVERIFY2(reach, qPrintable(reach ? QString() : reach.error().message));
        QCOMPARE(reach->environments, environments);
        QCOMPARE(reach->applications, applications);
        QCOMPARE(reach->promotions, isStopped ? QStringList{id} : QStringList{});
        QVERIFY(reach->may.isGiven);
        QVERIFY(ann->desk->board().stops.isEmpty());
        QVERIFY(awaited(ann->desk->freeze(*reach)));
        const policy::PromotionCard card = dan->card(id);
        QCOMPARE(policy::cardStateName(card.state), isStopped ? u("blocked") : u("waiting"));
        const policy::RuleResult *rule = card.decision.rule(policy::Rule::Freeze);
        QCOMPARE(rule && rule->state == policy::RuleResult::State::Block, isStopped);
    }

    // Somebody asks, or the policy changes, between the look and the signature.
    void whatMovedIsNotFrozen_data()
    {
        QTest::addColumn<bool>("isPolicy");
        QTest::addColumn<QString>("words");
        QTest::newRow("a promotion was asked for") << false << u("the promotions that it stops are ");
        QTest::newRow("the policy changed") << true << u("the policy changed");
    }
    void whatMovedIsNotFrozen()
    {
        QFETCH(bool, isPolicy);
        QFETCH(QString, words);
        const auto dan = console("dan");
        const auto ann = console("ann");
        const auto reach = awaited(ann->desk->draftFreeze(order(), {}));
        QVERIFY(reach);
        QString id;
        if (isPolicy) {
            m_shop->changePolicy(policy("[admins, approvers]"));
        } else {
            id = ask(*dan);
            QVERIFY(!id.isEmpty());
        }
        const auto late = awaited(ann->desk->freeze(*reach));
        QVERIFY(!late);
        QCOMPARE(late.error().kind, ErrorKind::Conflict);
        QVERIFY2(late.error().message.contains(words + id), qPrintable(late.error().message));
        QVERIFY(awaited(ann->desk->refresh({})));
        QVERIFY(ann->desk->board().stops.isEmpty());
    }

    void refuses()
    {
        const auto cai = console("cai");
        const auto reach = awaited(cai->desk->draftFreeze(order(), {}));
        QVERIFY(reach && !reach->may.isGiven);
        QCOMPARE(reach->may.reason, u("Only admins may order a freeze."));
        const auto refused = awaited(cai->desk->freeze(*reach));
        QVERIFY(!refused);
        QCOMPARE(refused.error().kind, ErrorKind::Refused);

        const auto ann = console("ann");
        FreezeOrder over = order();
        over.from = over.from.addDays(-2);
        over.until = over.from.addSecs(60);
        const auto late = awaited(ann->desk->draftFreeze(over, {}));
        QVERIFY(!late);
        QCOMPARE(late.error().kind, ErrorKind::Invalid);
        QVERIFY2(late.error().message.contains(u("is over already")), qPrintable(late.error().message));
    }

    // What is under way is not stopped, what is over cannot be.
    void namesOnlyWhatWouldHaveToWait()
    {
        const auto dan = console("dan");
        const auto ann = console("ann");
        const QString rejected = ask(*dan);
        QCOMPARE(awaited(ann->desk->draftFreeze(order(), {}))->promotions, QStringList{rejected});
        QVERIFY(awaited(ann->desk->reject(seenOf(ann->card(rejected)), u("not today"))));
        QVERIFY(awaited(ann->desk->draftFreeze(order(), {}))->promotions.isEmpty());
        const QString id = ask(*dan);
        QVERIFY(approve(*ann, id));
        QCOMPARE(awaited(ann->desk->draftFreeze(order(), {}))->promotions, QStringList{id});
        Operation *operation = startAndHold(*dan, planOf(*dan, id));
        QVERIFY(operation);
        QVERIFY(awaited(ann->desk->draftFreeze(order(), {}))->promotions.isEmpty());
        dan->cluster.give(Receipt{});
        QTRY_VERIFY(operation->isFinished());
        QTRY_VERIFY(dan->desk->isSettled());
    }
};

QTEST_GUILESS_MAIN(TestLedgerDeskFreezes)
#include "test_ledgerdeskfreezes.moc"
