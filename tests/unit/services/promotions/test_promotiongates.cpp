// The gate that the policy names carries the promotion out: who presses it starts that, or gives one vote of several.
#include "services/operations/planjson.h"
#include "services/promotions/awaitedrelease.h"
#include "services/promotions/gatedecision.h"
#include "services/promotions/promotionplan.h"
#include "tests/unit/services/promotions/gatefixture.h"

#include <QCryptographicHash>

using namespace signalbox;
using namespace signalbox::test;

namespace
{

// As GitLab: the last approval opens nothing, the job behind it is started.
class PlayingGates : public FakeGates
{
public:
    using FakeGates::FakeGates;
    QFuture<Result<Plan>> plan(GateOrder order, StopToken stop) override
    {
        Result<Plan> made = FakeGates::plan(std::move(order), std::move(stop)).result();
        if (made) {
            PlanStep play = made->steps.first();
            made->steps.first().isVote = true;
            play.id = u("2");
            play.startsWaiting = true;
            play.call.path = u("/jobs/5/play");
            made->steps.append(play);
        }
        return ready(made);
    }
};

// The own approval was given before: a second one is none, and the job starts once the others have approved.
class VotedGates : public FakeGates
{
public:
    using FakeGates::FakeGates;
    QFuture<Result<Plan>> plan(GateOrder order, StopToken stop) override
    {
        const bool waits = order.waitsForOthers;
        Result<Plan> made = FakeGates::plan(std::move(order), std::move(stop)).result();
        if (!made)
            return ready(made);
        PlanStep &first = made->steps.first();
        if (!waits) {
            first.isVote = true;
            made->checks = {{CheckId::SameState, CheckState::Block, u("You have decided so already"), {}, {}}};
            return ready(made);
        }
        PlanStep start = first;
        first.call.method = u("LOOK");
        first.title = u("Wait for 1 approval of others");
        start.id = u("2");
        start.startsWaiting = true;
        made->steps.append(start);
        return ready(made);
    }
};

} // namespace

class TestPromotionGates : public GateFixture
{
    Q_OBJECT
private slots:
    void aPromotionIsCarriedOutByTheGateThatThePolicyNames()
    {
        GateShop shop("\"Deploy to prod?\"");
        QVERIFY(shop.isAgreedOn());
        WaitingGate other = order('8', {}).gate; // another commit
        other.title = u("Deploy to prod?");
        shop.gates.gates = {other};
        const auto none = planOf(*shop.dan, shop.id);
        QVERIFY(!none);
        QCOMPARE(none.error().kind, ErrorKind::NotFound);
        WaitingGate mine = order('7', {}).gate;
        mine.title = u("Deploy to prod?");
        mine.id = u("7-2");
        shop.gates.gates.append(mine);
        const auto plan = planOf(*shop.dan, shop.id);
        QVERIFY2(plan, qPrintable(plan ? QString() : plan.error().message));
        QCOMPARE(shop.gates.orders.last().gate.id, u("7-2"));
        QCOMPARE(plan->connection, u("ci"));
        QVERIFY2(blocks(*plan).isEmpty(), qPrintable(textOf(plan->checks)));
        // The gate is open, and production still runs the old one: that is no promotion yet.
        Operation *const operation = start(*shop.dan, plan);
        QVERIFY(operation);
        QTRY_COMPARE(shop.dan->cluster.count(u("execute 1")), 1);
        QTRY_VERIFY(operation->observation() && operation->observation()->text.contains(u("1.4.0")));
        QVERIFY(!operation->isFinished());
        QCOMPARE(shop.dan->card(shop.id).state, policy::PromotionCard::State::UnderWay);
        QVERIFY(!shop.dan->card(shop.id).outcome);
        const QDateTime deployedAt = QDateTime::currentDateTimeUtc().addMSecs(-1);
        shop.dan->put(u("production"), u("1.5.0"), digestOf('7'), 0);
        QVERIFY(finished(operation));
        QCOMPARE(operation->outcome()->kind, OutcomeKind::Done);
        QVERIFY(operation->outcome()->isConfirmed);
        QVERIFY(QTest::qWaitFor([&] { return shop.dan->desk->isSettled() && shop.dan->operations->isIdle(); }));
        const policy::PromotionCard done = shop.dan->card(shop.id);
        QCOMPARE(done.state, policy::PromotionCard::State::Done);
        QVERIFY(done.outcome->observedAt >= deployedAt);
    }

    // Else the promotion would stay open, and no run would be left to carry it out by.
    void pressingThatGateCarriesThePromotionOut()
    {
        GateShop shop;
        shop.gates.gates = {order('7').gate};
        QVERIFY(shop.isAgreedOn());
        GateOrder pressed = order('7');
        pressed.comment = pressed.reason = u("staging looks well");
        const auto plan = awaited(shop.dan->desk->planGate(shop.gates, pressed, {}));
        QVERIFY2(plan, qPrintable(plan ? QString() : plan.error().message));
        QVERIFY2(blocks(*plan).isEmpty(), qPrintable(textOf(plan->checks)));
        QCOMPARE(plan->kind, OperationKind::Promote);
        QCOMPARE(plan->reason, u("staging looks well"));
        QCOMPARE(shop.gates.orders.last().comment, u("staging looks well"));
        QCOMPARE(plan->steps.size(), 3); // claimed, pressed, awaited
        const auto claim = claimOf(*plan);
        QVERIFY(claim);
        QCOMPARE(claim->claim.promotion, shop.id);
        Operation *const operation = start(*shop.dan, plan);
        QVERIFY(operation);
        QTRY_COMPARE(shop.dan->cluster.count(u("execute 1")), 1);
        QTRY_VERIFY(operation->observation() && operation->observation()->text.contains(u("1.4.0")));
        QCOMPARE(shop.dan->card(shop.id).state, policy::PromotionCard::State::UnderWay);
        shop.dan->put(u("production"), u("1.5.0"), digestOf('7'), 0);
        QVERIFY(finished(operation));
        QCOMPARE(operation->outcome()->kind, OutcomeKind::Done);
        QVERIFY(QTest::qWaitFor([&] { return shop.dan->desk->isSettled() && shop.dan->operations->isIdle(); }));
        QCOMPARE(shop.dan->card(shop.id).state, policy::PromotionCard::State::Done);
    }

    void otherwiseItIsADecisionOfItsOwn_data()
    {
        QTest::addColumn<QByteArray>("execution");
        QTest::newRow("the policy has it carried out otherwise") << QByteArray();
        QTest::newRow("another gate") << QByteArray("    execution: {by: vendorGate, connection: ci, gate: go}\n");
    }
    void otherwiseItIsADecisionOfItsOwn()
    {
        QFETCH(QByteArray, execution);
        m_shop = std::make_unique<PromotionShop>(cartPolicy(execution));
        FakeGates gates(u("ci"));
        const auto dan = m_shop->console("dan");
        const auto bob = m_shop->console("bob");
        const QString id = ask(*dan);
        QVERIFY(approve(*bob, id));
        const auto plan = awaited(dan->desk->planGate(gates, order('7'), {}));
        QVERIFY2(plan, qPrintable(plan ? QString() : plan.error().message));
        QVERIFY2(blocks(*plan).isEmpty(), qPrintable(textOf(plan->checks)));
        QCOMPARE(plan->kind, OperationKind::DecideGate);
        QCOMPARE(plan->steps.size(), 1);
    }

    // What was typed may be a password: as the promotion's step it is kept as little as in a decision of its own.
    void whatIsFilledInAtTheGateGoesAlong()
    {
        GateShop shop;
        shop.gates.gates = {order('7').gate};
        QVERIFY(shop.isAgreedOn());
        GateOrder pressed = order('7');
        pressed.parameters.insert(u("TRACK"), u("green-1234"));
        const auto plan = awaited(shop.dan->desk->planGate(shop.gates, pressed, {}));
        QVERIFY2(plan, qPrintable(plan ? QString() : plan.error().message));
        QVERIFY2(blocks(*plan).isEmpty(), qPrintable(textOf(plan->checks)));
        QCOMPARE(plan->kind, OperationKind::Promote);
        QCOMPARE(claimOf(*plan)->claim.promotion, shop.id);
        QCOMPARE(plan->steps.size(), 3);
        const PlanStep &press = plan->steps.at(1);
        QCOMPARE(press.call.body, QByteArray("TRACK=green-1234;"));
        QVERIFY(hidesBody(press, plan->kind));
        QVERIFY(!plan->steps.first().isBodyHidden); // the claim says nothing that was typed
        const std::string kept = operationjson::toJson(*plan).dump();
        const QByteArray digest = QCryptographicHash::hash(press.call.body, QCryptographicHash::Sha256).toHex();
        for (const QByteArray &secret : {QByteArray("green-1234"), digest, plan->fingerprint()})
            QVERIFY2(kept.find(secret.toStdString()) == std::string::npos, secret.constData());
        Operation *const operation = start(*shop.dan, plan);
        QVERIFY(operation);
        QTRY_COMPARE(shop.dan->cluster.count(u("execute 1")), 1);
        shop.dan->put(u("production"), u("1.5.0"), digestOf('7'), 0);
        QVERIFY(finished(operation));
        QCOMPARE(operation->outcome()->kind, OutcomeKind::Done);
        QVERIFY(QTest::qWaitFor([&] { return shop.dan->desk->isSettled() && shop.dan->operations->isIdle(); }));
        QCOMPARE(shop.dan->card(shop.id).state, policy::PromotionCard::State::Done);
    }

    // Started from the promotion, nobody fills anything in: that is said.
    void aFormThatNobodyFilledInIsSaid()
    {
        GateShop shop;
        QVERIFY(shop.isAgreedOn());
        WaitingGate gate = order('7').gate;
        RunParameter track;
        track.name = u("TRACK");
        gate.parameters = {track};
        shop.gates.gates = {gate};
        const auto plan = planOf(*shop.dan, shop.id);
        QVERIFY2(plan, qPrintable(plan ? QString() : plan.error().message));
        QVERIFY2(blocks(*plan).isEmpty(), qPrintable(textOf(plan->checks)));
        const auto said = std::find_if(plan->checks.cbegin(), plan->checks.cend(),
                                       [](const Check &check) { return check.detail == u("TRACK"); });
        QVERIFY(said != plan->checks.cend());
        QCOMPARE(said->state, CheckState::Warn);
    }

    // An open gate carries the promotion out: who may not start it does not open it by hand either.
    void onlyWhoMayStartItPressesThePromotionsGate()
    {
        m_shop = std::make_unique<PromotionShop>(gatedPolicy());
        FakeGates gates(u("ci"));
        gates.gates = {order('7').gate};
        const auto ann = m_shop->console("ann");
        const auto bob = m_shop->console("bob");
        const auto dan = m_shop->console("dan");
        ann->gates = dan->gates = &gates;
        const QString id = ask(*ann);
        QVERIFY(approve(*bob, id));
        QVERIFY(!dan->card(id).mayStart.isGiven);
        const auto stranger = awaited(dan->desk->planGate(gates, order('7'), {}));
        QVERIFY2(stranger, qPrintable(stranger ? QString() : stranger.error().message));
        QCOMPARE(blocks(*stranger).size(), 1);
        QVERIFY2(textOf(blocks(*stranger)).contains(u("who may start it")), qPrintable(textOf(stranger->checks)));
        // One vote that opens nothing is a decision of its own.
        GateOrder vote = order('7');
        vote.gate.needed = 2;
        const auto voted = awaited(dan->desk->planGate(gates, vote, {}));
        QVERIFY2(voted, qPrintable(voted ? QString() : voted.error().message));
        QVERIFY2(blocks(*voted).isEmpty(), qPrintable(textOf(voted->checks)));
        QCOMPARE(voted->kind, OperationKind::DecideGate);

        const auto plan = awaited(ann->desk->planGate(gates, order('7'), {}));
        QVERIFY2(plan, qPrintable(plan ? QString() : plan.error().message));
        Operation *const operation = start(*ann, plan);
        QVERIFY(operation);
        QTRY_COMPARE(ann->cluster.count(u("execute 1")), 1);
        // Bob may start it, but ann has claimed it.
        const auto second = awaited(bob->desk->planGate(gates, order('7'), {}));
        QVERIFY2(second, qPrintable(second ? QString() : second.error().message));
        QVERIFY2(textOf(blocks(*second)).contains(u("ann")), qPrintable(textOf(second->checks)));
        QVERIFY(second->kind == OperationKind::DecideGate && second->isBlocked());
        ann->put(u("production"), u("1.5.0"), digestOf('7'), 0);
        QVERIFY(finished(operation));
        QVERIFY(QTest::qWaitFor([&] { return ann->desk->isSettled() && ann->operations->isIdle(); }));
    }

    // Others approved after the gate was listed: by now this vote is the last, and the plan starts the job.
    void aVoteThatHasBecomeTheLastIsAStart_data()
    {
        QTest::addColumn<bool>("mayStart");
        QTest::newRow("who may start it") << true;
        QTest::newRow("who may not") << false;
    }
    void aVoteThatHasBecomeTheLastIsAStart()
    {
        QFETCH(bool, mayStart);
        m_shop = std::make_unique<PromotionShop>(gatedPolicy());
        PlayingGates gates(u("ci"));
        const auto ann = m_shop->console("ann");
        const auto bob = m_shop->console("bob");
        const auto dan = m_shop->console("dan");
        const QString id = ask(*ann);
        QVERIFY(approve(*bob, id));
        Console &who = mayStart ? *ann : *dan;
        QCOMPARE(who.card(id).mayStart.isGiven, mayStart);
        GateOrder pressed = order('7');
        pressed.gate.needed = 2; // nobody had approved when it was listed
        gates.gates = {pressed.gate};
        const auto plan = awaited(who.desk->planGate(gates, pressed, {}));
        QVERIFY2(plan, qPrintable(plan ? QString() : plan.error().message));
        QCOMPARE(plan->kind, mayStart ? OperationKind::Promote : OperationKind::DecideGate);
        QCOMPARE(blocks(*plan).isEmpty(), mayStart);
    }

    // Whose approval counts already may carry the promotion out all the same: it waits for the others'.
    void whoHasVotedAlreadyStillCarriesItOut_data()
    {
        QTest::addColumn<bool>("mayStart");
        QTest::newRow("who may start it") << true;
        QTest::newRow("who may not") << false;
    }
    void whoHasVotedAlreadyStillCarriesItOut()
    {
        QFETCH(bool, mayStart);
        m_shop = std::make_unique<PromotionShop>(gatedPolicy());
        VotedGates gates(u("ci"));
        const auto ann = m_shop->console("ann");
        const auto bob = m_shop->console("bob");
        const auto dan = m_shop->console("dan");
        const QString id = ask(*ann);
        QVERIFY(approve(*bob, id));
        Console &who = mayStart ? *ann : *dan;
        QCOMPARE(who.card(id).mayStart.isGiven, mayStart);
        GateOrder pressed = order('7');
        pressed.gate.needed = 2;
        pressed.gate.missing = 1;
        gates.gates = {pressed.gate};
        const auto plan = awaited(who.desk->planGate(gates, pressed, {}));
        QVERIFY2(plan, qPrintable(plan ? QString() : plan.error().message));
        QCOMPARE(plan->kind, mayStart ? OperationKind::Promote : OperationKind::DecideGate);
        QCOMPARE(blocks(*plan).isEmpty(), mayStart);
        if (mayStart)
            QVERIFY2(textOf(plan->checks).contains(u("yours is given")), qPrintable(textOf(plan->checks)));
    }

    // What is asked for stays as it was confirmed while the vendor does not answer.
    void aServerThatIsAwayForAMomentIsAskedAgain()
    {
        GateShop shop;
        shop.gates.gates = {order('7').gate};
        const auto draft = awaited(shop.dan->desk->draft({u("cart"), u("production"), {}, {}, u("it is time")}, {}));
        QVERIFY2(draft, qPrintable(draft ? QString() : draft.error().message));
        const auto shown = awaited(shop.dan->desk->rehearse(*draft, {}));
        QVERIFY2(shown, qPrintable(shown ? QString() : shown.error().message));
        const auto id = awaited(shop.dan->desk->request(*draft));
        QVERIFY2(id, qPrintable(id ? QString() : id.error().message));
        shop.dan->desk->startWhenMet(*id, *shown);
        QVERIFY(approve(*shop.bob, *id));
        shop.gates.trouble = Error{ErrorKind::Unreachable, u("ci does not answer"), {}};
        const auto away = planOf(*shop.dan, *id);
        QVERIFY(!away && isPlannedAgain(away.error(), false));
        const int asked = shop.gates.asks;
        (void)shop.dan->card(*id);
        QTRY_VERIFY(shop.gates.asks > asked);
        QVERIFY(shop.dan->desk->startsByItself(*id));
        shop.gates.trouble.reset();
        QTRY_VERIFY_WITH_TIMEOUT((shop.dan->card(*id), shop.dan->cluster.count(u("execute 1")) == 1), 20000);
        shop.dan->put(u("production"), u("1.5.0"), digestOf('7'), 0);
        QTRY_VERIFY_WITH_TIMEOUT(!shop.dan->desk->startsByItself(*id), 20000);
        QVERIFY(QTest::qWaitFor([&] { return shop.dan->desk->isSettled() && shop.dan->operations->isIdle(); }));
    }

    // The first vote claims the promotion and waits; whoever gives the last one only decides.
    void oneVoteOfSeveralWaitsForTheOthers()
    {
        GateShop shop;
        shop.bob->gates = &shop.gates;
        QVERIFY(shop.isAgreedOn());
        GateOrder pressed = order('7');
        pressed.gate.needed = 2;
        shop.gates.gates = {pressed.gate};
        const auto plan = awaited(shop.dan->desk->planGate(shop.gates, pressed, {}));
        QVERIFY2(plan, qPrintable(plan ? QString() : plan.error().message));
        QVERIFY2(blocks(*plan).isEmpty(), qPrintable(textOf(plan->checks)));
        QCOMPARE(plan->kind, OperationKind::Promote);
        QVERIFY(shop.gates.orders.last().waitsForOthers);
        QVERIFY(isAwaitStep(plan->steps.last()));
        const auto missing = std::find_if(plan->checks.cbegin(), plan->checks.cend(), [](const Check &check) {
            return check.state == CheckState::Warn && check.text.contains(u("approval"));
        });
        QVERIFY2(missing != plan->checks.cend(), qPrintable(textOf(plan->checks)));
        Operation *const operation = start(*shop.dan, plan);
        QVERIFY(operation);
        QTRY_COMPARE(shop.dan->cluster.count(u("execute 1")), 1);
        pressed.gate.given = {{u("dan"), true, {}, {}}};
        shop.gates.gates = {pressed.gate};
        const auto last = awaited(shop.bob->desk->planGate(shop.gates, pressed, {}));
        QVERIFY2(last, qPrintable(last ? QString() : last.error().message));
        QVERIFY2(blocks(*last).isEmpty(), qPrintable(textOf(last->checks)));
        QCOMPARE(last->kind, OperationKind::DecideGate);
        QVERIFY(std::none_of(last->steps.cbegin(), last->steps.cend(), isAwaitStep));
        shop.dan->put(u("production"), u("1.5.0"), digestOf('7'), 0);
        QVERIFY(finished(operation));
        QCOMPARE(operation->outcome()->kind, OutcomeKind::Done);
        QVERIFY(QTest::qWaitFor([&] { return shop.dan->desk->isSettled() && shop.dan->operations->isIdle(); }));
    }

    // Whether anybody will see the effect is not known before the clusters' listings are complete: one that never
    // answered may run it.
    void nothingIsPressedWhereAClusterWasNotRead_data()
    {
        QTest::addColumn<Freshness::State>("listing");
        QTest::addColumn<QString>("words");
        QTest::newRow("it is being read") << Freshness::State::Loading << u("still being read");
        QTest::newRow("it was away from the start")
            << Freshness::State::Failed << u("the cluster eu runs could not be read");
        QTest::newRow("it went away") << Freshness::State::Stale << u("the cluster eu runs could not be read");
        QTest::newRow("it may not be read") << Freshness::State::Denied << u("the cluster eu runs could not be read");
    }
    void nothingIsPressedWhereAClusterWasNotRead()
    {
        QFETCH(Freshness::State, listing);
        QFETCH(QString, words);
        GateShop shop;
        shop.gates.gates = {order('7').gate};
        QVERIFY(shop.isAgreedOn());
        shop.dan->setListing(listing);
        shop.dan->deployed.apply({}, {Console::placeOf(u("production")).key()});
        // What the vendor says of the environment is asked only where no cluster can show it.
        FakeDeployments told(u("ci"));
        told.names = {u("Production")};
        told.known[u("Production")] = {deployment(u("41"), '1', RunState::Passed, true)};
        shop.dan->deployments = &told;
        shop.dan->projects = {u("shop/cart")};
        const policy::PromotionCard card = shop.dan->card(shop.id);
        QVERIFY(!card.isLive());
        QVERIFY(!card.mayStart.isGiven);
        const auto early = planOf(*shop.dan, shop.id);
        QVERIFY(!early);
        QCOMPARE(early.error().kind, ErrorKind::Unreachable);
        QVERIFY2(early.error().message.contains(words), qPrintable(early.error().message));
        shop.dan->deployments = nullptr;
        QVERIFY(shop.gates.orders.isEmpty());
        shop.dan->setListing(Freshness::State::Live);
        shop.dan->deployed.apply({Console::placeOf(u("production"))}, {});
        const auto plan = planOf(*shop.dan, shop.id);
        QVERIFY2(plan, qPrintable(plan ? QString() : plan.error().message));
        QCOMPARE(plan->checks.last().state, CheckState::Pass);
        QCOMPARE(plan->places, QStringList{u("production")}); // what goes back elsewhere leaves it alone
    }

    // Of all clusters one is away, and the workspace says that the application lies elsewhere.
    void aClusterThatCannotRunItStandsInNobodysWay()
    {
        GateShop shop;
        shop.gates.gates = {order('7').gate};
        FakeDeployments told(u("ci"));
        fill(told);
        shop.dan->deployments = &told;
        shop.dan->projects = {u("shop/cart")};
        QVERIFY(shop.isAgreedOn());
        shop.dan->setListing(Freshness::State::Failed);
        shop.dan->deployed.apply({}, {Console::placeOf(u("production")).key()});
        QVERIFY(!shop.dan->card(shop.id).isLive());
        shop.dan->holders = {u("us")};
        QVERIFY(shop.dan->card(shop.id).isLive());
        const auto plan = planOf(*shop.dan, shop.id);
        QVERIFY2(plan, qPrintable(plan ? QString() : plan.error().message));
        QVERIFY2(blocks(*plan).isEmpty(), qPrintable(textOf(plan->checks)));
    }

    // Who acts alone answers for what nobody can see, and is told of it.
    void brokenGlassPressesWhereAClusterWasNotRead()
    {
        m_shop = std::make_unique<PromotionShop>(
            cartPolicy("    oneAtATime: false\n    execution: {by: vendorGate, connection: ci, gate: production}\n"
                       "breakGlass: {roles: [approvers], countersignRoles: [admins, approvers]}\n"));
        FakeGates gates(u("ci"));
        const auto dan = m_shop->console("dan");
        const auto bob = m_shop->console("bob");
        bob->gates = &gates;
        gates.gates = {order('7').gate};
        const QString id = ask(*dan);
        bob->setListing(Freshness::State::Failed);
        bob->deployed.apply({}, {Console::placeOf(u("production")).key()});
        QVERIFY(awaited(bob->desk->breakGlass(seenOf(bob->card(id)), u("the shop is down"))));
        QVERIFY(bob->card(id).mayStart.isGiven);
        const auto plan = planOf(*bob, id);
        QVERIFY2(plan, qPrintable(plan ? QString() : plan.error().message));
        const auto unseen = std::find_if(plan->checks.cbegin(), plan->checks.cend(), [](const Check &check) {
            return check.id == CheckId::TargetExists && check.state == CheckState::Warn;
        });
        QVERIFY2(unseen != plan->checks.cend(), qPrintable(textOf(plan->checks)));
        QVERIFY2(unseen->detail.contains(u("the cluster eu runs could not be read")), qPrintable(textOf(plan->checks)));
    }

    // What no cluster shows is stale to the policy, so it cannot be started: the plan promises nothing else.
    void whatNobodyWillSeeIsNotStarted()
    {
        GateShop shop;
        shop.gates.gates = {order('7').gate};
        QVERIFY(shop.isAgreedOn());
        shop.dan->deployed.apply({}, {Console::placeOf(u("production")).key()});
        QVERIFY(!shop.dan->card(shop.id).isLive());
        const auto plan = planOf(*shop.dan, shop.id);
        QVERIFY2(plan, qPrintable(plan ? QString() : plan.error().message));
        const Check check = plan->checks.last();
        QCOMPARE(check.id, CheckId::TargetExists);
        QCOMPARE(check.state, CheckState::Block);
        QVERIFY2(check.wayOut.contains(u("workspace")), qPrintable(check.wayOut));
    }

    void aPromotionGivesOneApprovalOfSeveral()
    {
        GateShop shop;
        QVERIFY(shop.isAgreedOn());
        WaitingGate gate = order('7').gate;
        gate.needed = 2;
        shop.gates.gates = {gate};
        auto plan = planOf(*shop.dan, shop.id);
        QVERIFY2(plan, qPrintable(plan ? QString() : plan.error().message));
        QVERIFY2(blocks(*plan).isEmpty(), qPrintable(textOf(plan->checks)));
        QVERIFY2(textOf(plan->checks).contains(u("1 approval")), qPrintable(textOf(plan->checks)));
        QVERIFY(shop.gates.orders.last().waitsForOthers);
        shop.gates.gates.first().given = {{u("bob"), true, {}, {}}};
        plan = planOf(*shop.dan, shop.id);
        QVERIFY(plan);
        QVERIFY(shop.gates.orders.last().waitsForOthers); // whether any is missing the vendor says with its plan
        QVERIFY2(!textOf(plan->checks).contains(u("1 approval")), qPrintable(textOf(plan->checks)));
        QVERIFY2(blocks(*plan).isEmpty(), qPrintable(textOf(plan->checks)));
        QVERIFY(isAwaitStep(plan->steps.last()));
    }

    // A job that promotes before the run has come to its gate waits for it: that is no failure of the plan.
    void aGateThatNoRunHasComeToIsAwaited()
    {
        GateShop shop;
        const auto draft = awaited(shop.dan->desk->draft({u("cart"), u("production"), {}, {}, u("it is time")}, {}));
        QVERIFY2(draft, qPrintable(draft ? QString() : draft.error().message));
        const auto rehearsed = awaited(shop.dan->desk->rehearse(*draft, {}));
        QVERIFY(!rehearsed);
        QVERIFY2(isGateAwaited(rehearsed.error()), qPrintable(rehearsed.error().message));
        QVERIFY2(rehearsed.error().message.contains(u("\"production\"")), qPrintable(rehearsed.error().message));
        QVERIFY(shop.isAgreedOn());
        const auto early = planOf(*shop.dan, shop.id);
        QVERIFY(!early && isGateAwaited(early.error()));
        QVERIFY(isPlannedAgain(early.error(), true));
        QVERIFY(!isPlannedAgain(early.error(), false)); // it was there when it was confirmed
        QVERIFY(isPlannedAgain({ErrorKind::Conflict, {}, {}}, false));
        QVERIFY(isPlannedAgain({ErrorKind::Unreachable, {}, {}}, false)); // for a moment, maybe
        QVERIFY(isPlannedAgain({ErrorKind::TimedOut, {}, {}}, false));
        QVERIFY(!isPlannedAgain({ErrorKind::Refused, {}, {}}, true));
        shop.gates.gates = {order('7').gate};
        const auto plan = planOf(*shop.dan, shop.id);
        QVERIFY2(plan, qPrintable(plan ? QString() : plan.error().message));
        QVERIFY2(blocks(*plan).isEmpty(), qPrintable(textOf(plan->checks)));
        // A release of which no commit is known can never wait there.
        const policy::Execution execution{policy::Execution::Kind::VendorGate, {}, u("ci"), u("Deploy"), {}, {}, {}};
        const auto never = gateToPress(execution, {u("cart"), u("production"), digestOf('7'), {}}, {});
        QVERIFY(!never && !isGateAwaited(never.error()));
        QVERIFY(!isGateAwaited({ErrorKind::NotFound, u("No cluster runs cart in production."), {}}));
    }

    void aPromotionPressesNoOtherGate()
    {
        const policy::Execution execution{policy::Execution::Kind::VendorGate, {}, u("ci"), u("Deploy"), {}, {}, {}};
        const policy::Subject subject{u("cart"), u("production"), digestOf('7'), QString(40, u'7')};
        WaitingGate mine = order('7', {}).gate;
        mine.title = u("Deploy");
        WaitingGate elsewhere = mine;
        elsewhere.id = u("7-2");
        elsewhere.environment = u("staging");
        QCOMPARE(gateToPress(execution, subject, {elsewhere}).error().kind, ErrorKind::NotFound);
        const auto one = gateToPress(execution, subject, {elsewhere, mine});
        QVERIFY(one);
        QCOMPARE(one->id, mine.id);
        WaitingGate twin = mine;
        twin.id = u("8-1");
        twin.runNumber = u("8");
        const auto none = gateToPress(execution, subject, {mine, twin});
        QVERIFY(!none);
        QCOMPARE(none.error().kind, ErrorKind::Refused);
        QVERIFY2(none.error().message.contains(u("8")), qPrintable(none.error().message));
    }
};

QTEST_GUILESS_MAIN(TestPromotionGates)
#include "test_promotiongates.moc"
