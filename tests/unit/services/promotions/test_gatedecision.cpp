#include "services/promotions/gatedecision.h"
#include "tests/support/fakepipelineserver.h"
#include "tests/unit/services/promotions/promotionshop.h"

using namespace signalbox;
using namespace signalbox::test;

// A vendor's gate, and what our own policy says before it is pressed.
class TestGateDecision : public QObject
{
    Q_OBJECT

    std::unique_ptr<PromotionShop> m_shop;

    static GateOrder order(char commit, const QString &environment = u("production"), bool approves = true)
    {
        Run run = runOf(pipelineOf(u("ci"), u("shop/cart"), u("release")), 7, RunState::Waiting, 9);
        run.commit = QString(40, QLatin1Char(commit));
        GateOrder made;
        made.gate = gateOf(run, u("7-1"), environment, 5);
        made.approves = approves;
        made.application = u("cart");
        return made;
    }
    static QList<Check> blocks(const Plan &plan)
    {
        QList<Check> found;
        for (const Check &check : plan.checks) {
            if (check.state == CheckState::Block)
                found.append(check);
        }
        return found;
    }
    static QString textOf(const QList<Check> &checks)
    {
        QStringList lines;
        for (const Check &check : checks)
            lines.append(QStringLiteral("%1: %2 -> %3").arg(check.text, check.detail, check.wayOut));
        return lines.join(u'\n');
    }

private slots:
    void init() { m_shop = std::make_unique<PromotionShop>(); }

    void approvingNeedsThePolicyMetForExactlyThisCommit()
    {
        FakeGates gates(u("ci"));
        const auto dan = m_shop->console("dan");
        const auto bob = m_shop->console("bob");
        // Nobody asked.
        auto plan = awaited(dan->desk->planGate(gates, order('7'), {}));
        QVERIFY2(plan, qPrintable(plan ? QString() : plan.error().message));
        QCOMPARE(plan->kind, OperationKind::DecideGate);
        QCOMPARE(plan->environment, u("production"));
        QVERIFY(plan->isProtected);
        QCOMPARE(blocks(*plan).size(), 1);
        QCOMPARE(blocks(*plan).first().id, CheckId::Policy);
        QVERIFY2(blocks(*plan).first().wayOut.contains(u("promotion")), qPrintable(textOf(plan->checks)));

        // Asked for; nobody of those who have to has agreed. Who is missing is said.
        const QString id = ask(*dan);
        QVERIFY(!id.isEmpty());
        plan = awaited(dan->desk->planGate(gates, order('7'), {}));
        QVERIFY(plan && !blocks(*plan).isEmpty());
        QVERIFY2(textOf(blocks(*plan)).contains(u("bob")), qPrintable(textOf(blocks(*plan))));

        QVERIFY(approve(*bob, id));
        plan = awaited(dan->desk->planGate(gates, order('7'), {}));
        QVERIFY(plan);
        QVERIFY2(blocks(*plan).isEmpty(), qPrintable(textOf(plan->checks)));
        QVERIFY(!plan->checks.isEmpty());

        // Another commit waits at the gate: that was agreed to by nobody.
        plan = awaited(dan->desk->planGate(gates, order('8'), {}));
        QVERIFY(plan && !blocks(*plan).isEmpty());
    }

    void aCapitalLetterPassesNoRule()
    {
        FakeGates gates(u("ci"));
        const auto plan = awaited(m_shop->console("dan")->desk->planGate(gates, order('7', u("Production")), {}));
        QVERIFY(plan);
        QCOMPARE(plan->environment, u("production"));
        QVERIFY(!blocks(*plan).isEmpty());
    }

    void aCommitThatIsNotToldIsNotAgreedTo()
    {
        FakeGates gates(u("ci"));
        GateOrder unknown = order('7');
        unknown.gate.commit.clear();
        const auto plan = awaited(m_shop->console("dan")->desk->planGate(gates, unknown, {}));
        QVERIFY(plan);
        QCOMPARE(blocks(*plan).size(), 1);
    }

    void whatThePolicyDoesNotKnowIsTheVendors_data()
    {
        QTest::addColumn<QString>("environment");
        QTest::addColumn<bool>("isProtected");
        QTest::newRow("another") << u("load-lab") << true;
        QTest::newRow("by its name") << u("preview") << false;
        QTest::newRow("none") << QString() << true;
    }
    void whatThePolicyDoesNotKnowIsTheVendors()
    {
        QFETCH(QString, environment);
        QFETCH(bool, isProtected);
        FakeGates gates(u("ci"));
        const auto plan = awaited(m_shop->console("dan")->desk->planGate(gates, order('7', environment), {}));
        QVERIFY(plan);
        QVERIFY(blocks(*plan).isEmpty());
        QCOMPARE(plan->checks.size(), 1);
        QCOMPARE(plan->checks.first().state, CheckState::Pass);
        QVERIFY(plan->checks.first().detail.contains(u("vendor")));
        QCOMPARE(plan->isProtected, isProtected);
    }

    void aGateThatThePolicyNamesIsItsEnvironments()
    {
        m_shop = std::make_unique<PromotionShop>(
            cartPolicy("    execution: {by: vendorGate, connection: ci, gate: \"Deploy to prod?\"}\n"));
        FakeGates gates(u("ci"));
        GateOrder named = order('7', {});
        named.gate.title = u("Deploy to prod?");
        const auto plan = awaited(m_shop->console("dan")->desk->planGate(gates, named, {}));
        QVERIFY(plan);
        QCOMPARE(plan->environment, u("production"));
        QVERIFY(!blocks(*plan).isEmpty());
    }

    void aPromotionIsCarriedOutByTheGateThatThePolicyNames()
    {
        m_shop = std::make_unique<PromotionShop>(
            cartPolicy("    execution: {by: vendorGate, connection: ci, gate: \"Deploy to prod?\"}\n"));
        FakeGates gates(u("ci"));
        const auto dan = m_shop->console("dan");
        const auto bob = m_shop->console("bob");
        dan->gates = &gates;
        const QString id = ask(*dan);
        QVERIFY(approve(*bob, id));
        WaitingGate other = order('8', {}).gate; // another commit
        other.title = u("Deploy to prod?");
        gates.gates = {other};
        const auto none = planOf(*dan, id);
        QVERIFY(!none);
        QCOMPARE(none.error().kind, ErrorKind::NotFound);
        WaitingGate mine = order('7', {}).gate;
        mine.title = u("Deploy to prod?");
        mine.id = u("7-2");
        gates.gates.append(mine);
        const auto plan = planOf(*dan, id);
        QVERIFY2(plan, qPrintable(plan ? QString() : plan.error().message));
        QCOMPARE(gates.orders.last().gate.id, u("7-2"));
        QCOMPARE(plan->connection, u("ci"));
        QVERIFY2(blocks(*plan).isEmpty(), qPrintable(textOf(plan->checks)));
        Operation *const operation = finished(start(*dan, plan));
        QVERIFY(operation);
        QCOMPARE(operation->outcome()->kind, OutcomeKind::Done);
        QCOMPARE(dan->cluster.count(u("execute 1")), 1);
        QVERIFY(QTest::qWaitFor([&] { return dan->desk->isSettled() && dan->operations->isIdle(); }));
        QCOMPARE(dan->card(id).state, policy::PromotionCard::State::Done);
    }

    void sayingNoIsNeverBlocked()
    {
        FakeGates gates(u("ci"));
        const auto dan = m_shop->console("dan");
        for (int i = 0; i < 2; ++i) { // before and after the ledger was read
            const auto plan = awaited(dan->desk->planGate(gates, order('7', u("production"), false), {}));
            QVERIFY(plan);
            QCOMPARE(plan->direction, Direction::Back);
            QVERIFY(blocks(*plan).isEmpty());
            QVERIFY(plan->isProtected);
            QVERIFY(awaited(dan->desk->refresh({})));
        }
    }

    void aSharedLedgerThatIsAwayLetsNothingThrough()
    {
        FakeGates gates(u("ci"));
        const auto dan = m_shop->console("dan", Console::Sharing::Remote);
        const auto bob = m_shop->console("bob", Console::Sharing::Remote);
        const QString id = ask(*dan);
        QVERIFY(approve(*bob, id));
        auto plan = awaited(dan->desk->planGate(gates, order('7'), {}));
        QVERIFY(plan);
        QVERIFY2(blocks(*plan).isEmpty(), qPrintable(textOf(plan->checks)));
        QVERIFY(QDir().rename(m_shop->forge.path(), m_shop->forge.path() + u(".away")));
        plan = awaited(dan->desk->planGate(gates, order('7'), {}));
        QVERIFY(plan);
        QVERIFY(!blocks(*plan).isEmpty());
        plan = awaited(dan->desk->planGate(gates, order('7', u("production"), false), {}));
        QVERIFY(plan && blocks(*plan).isEmpty());
        QVERIFY(QDir().rename(m_shop->forge.path() + u(".away"), m_shop->forge.path()));
    }

    void withoutALedgerTheVendorDecides()
    {
        const GateStanding none = gateStanding(std::nullopt, order('7'));
        QCOMPARE(none.checks.size(), 1);
        QCOMPARE(none.checks.first().state, CheckState::Pass);
        const GateStanding broken = gateStanding(Error{ErrorKind::Refused, u("The chain was cut."), {}}, order('7'));
        QCOMPARE(broken.checks.first().state, CheckState::Block);
        QVERIFY(broken.checks.first().detail.contains(u("The chain was cut.")));
        QCOMPARE(
            gateStanding(Error{ErrorKind::Refused, {}, {}}, order('7', u("production"), false)).checks.first().state,
            CheckState::Pass);
    }
};

QTEST_GUILESS_MAIN(TestGateDecision)
#include "test_gatedecision.moc"
