#include "services/operations/planjson.h"
#include "services/operations/reconciler.h"
#include "services/promotions/awaitedrelease.h"
#include "services/promotions/gatedecision.h"
#include "services/promotions/promotionplan.h"
#include "tests/support/fakeclock.h"
#include "tests/support/fakepipelineserver.h"
#include "tests/unit/services/promotions/promotionshop.h"

#include <QCryptographicHash>

using namespace signalbox;
using namespace signalbox::test;

// A vendor's gate, and what our own policy says before it is pressed.
namespace
{

struct VendorLooks
{
    explicit VendorLooks(FakeDeployments &told)
        : source(&told)
        , reader([this] {
            WorldReader::Sources sources;
            sources.deploymentsOf = [this](const QString &) { return source; };
            sources.projectsOf = [](const QString &, const QString &) { return QStringList{u("shop/cart")}; };
            return sources;
        }())
    {
        policy.paths = {policy::PromotionPath{{u("cart")}, {u("production")}}};
        policy::EnvironmentPolicy rules;
        rules.environment = u("production");
        rules.execution = {policy::Execution::Kind::VendorGate, {}, u("ci"), u("production"), {}, {}, {}};
        policy.environments = {rules};
        question.promotion = u("p");
        question.request.subject = {u("cart"), u("production"), digestOf('7'), {}};
    }
    QFuture<Result<World>> ask(const StopToken &stop = {})
    {
        return reader.read(policy, {question}, WorldReader::For::Look, stop);
    }
    static PlaceReading placeOf(const Result<World> &world)
    {
        const ApplicationReading cart = world ? world->applications.value(u("cart")) : ApplicationReading();
        const PlaceReading *place = cart.place(u("production"));
        return place ? *place : PlaceReading();
    }
    PlaceReading look() { return placeOf(awaited(ask())); }

    DeploymentSource *source; // of any connection
    WorldReader reader;
    policy::Policy policy;
    PromotionInQuestion question;
};

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
            play.id = u("2");
            play.call.path = u("/jobs/5/play");
            made->steps.append(play);
        }
        return ready(made);
    }
};

} // namespace

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

    void anEnvironmentIsProtectedByItsNameOrByThePolicy_data()
    {
        QTest::addColumn<QString>("application");
        QTest::addColumn<QString>("environment");
        QTest::addColumn<bool>("isProtected");
        QTest::newRow("rules") << u("cart") << u("edge") << true;
        QTest::newRow("rules, otherwise written") << u("cart") << u("Edge") << true;
        QTest::newRow("rules that do not") << u("cart") << u("staging") << false;
        QTest::newRow("nobody knows the application") << u("acme/cart") << u("edge") << true;
        QTest::newRow("no rules") << u("cart") << u("preview") << false;
        QTest::newRow("its name") << u("cart") << u("production") << true;
    }
    void anEnvironmentIsProtectedByItsNameOrByThePolicy()
    {
        QFETCH(QString, application);
        QFETCH(QString, environment);
        QFETCH(bool, isProtected);
        policy::Policy policy;
        policy::EnvironmentPolicy rules;
        rules.applications = {u("cart")};
        rules.environment = u("edge");
        rules.isProtected = true;
        policy.environments.append(rules);
        rules.environment = u("staging");
        rules.isProtected = false;
        policy.environments.append(rules);
        QCOMPARE(isProtectedBy(policy, application, environment), isProtected);
    }

    // What was read of the ledger tells it, and reading it asks nobody.
    void theDeskProtectsByWhatItRead()
    {
        const auto dan = m_shop->console("dan");
        const auto read = awaited(dan->desk->readHere({}));
        QVERIFY2(read, qPrintable(read ? QString() : read.error().message));
        QVERIFY(dan->desk->protects(u("cart"), u("production")));
        QVERIFY(!dan->desk->protects(u("cart"), u("preview")));
    }

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

    // Of an application that has rules, a gate that looks protected is let through with a word only.
    void whatThePolicyDoesNotKnowIsTheVendors_data()
    {
        QTest::addColumn<QString>("environment");
        QTest::addColumn<bool>("isProtected");
        QTest::addColumn<CheckState>("state");
        QTest::newRow("another") << u("load-lab") << true << CheckState::Warn;
        QTest::newRow("by its name") << u("preview") << false << CheckState::Pass;
    }
    void whatThePolicyDoesNotKnowIsTheVendors()
    {
        QFETCH(QString, environment);
        QFETCH(bool, isProtected);
        QFETCH(CheckState, state);
        FakeGates gates(u("ci"));
        const auto plan = awaited(m_shop->console("dan")->desk->planGate(gates, order('7', environment), {}));
        QVERIFY(plan);
        QVERIFY(blocks(*plan).isEmpty());
        QCOMPARE(plan->checks.size(), 1);
        QCOMPARE(plan->checks.first().state, state);
        QVERIFY(plan->checks.first().detail.contains(u("vendor")));
        QCOMPARE(plan->isProtected, isProtected);
    }

    // Which rules it would have to meet is not known, so it meets none.
    void aGateWithoutAnEnvironmentPassesNoRuleOfItsApplication()
    {
        FakeGates gates(u("ci"));
        GateOrder nameless = order('7', {});
        nameless.gate.title = u("Go on?");
        const auto dan = m_shop->console("dan");
        auto plan = awaited(dan->desk->planGate(gates, nameless, {}));
        QVERIFY(plan);
        QVERIFY(plan->isProtected);
        const QList<Check> found = blocks(*plan);
        QCOMPARE(found.size(), 1);
        QCOMPARE(found.first().id, CheckId::Policy);
        QVERIFY2(found.first().detail.contains(u("production")), qPrintable(textOf(found)));
        QVERIFY2(found.first().wayOut.contains(u("connection: ci, gate: \"Go on?\"")), qPrintable(textOf(found)));
        nameless.approves = false; // saying no needs nothing
        plan = awaited(dan->desk->planGate(gates, nameless, {}));
        QVERIFY(plan && blocks(*plan).isEmpty());
        // An application without rules is the vendor's.
        nameless.approves = true;
        nameless.application = u("search");
        policy::LedgerHead head;
        policy::EnvironmentPolicy rules;
        rules.applications = {u("cart")};
        rules.environment = u("production");
        head.policy.environments.append(rules);
        QVERIFY(gateStanding(head, nameless, QDateTime::currentDateTimeUtc()).isOpen);
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

    // What people read is translated, what rules name is not.
    void aTranslatedTitlePassesNoRule_data()
    {
        QTest::addColumn<QString>("named");
        QTest::addColumn<QString>("title");
        QTest::newRow("its job") << u("deploy-prod") << u("Start deploy-prod?");
        QTest::newRow("its job, in Chinese") << u("deploy-prod") << u("\u542f\u52a8 deploy-prod\uff1f");
        QTest::newRow("its title") << u("Start deploy-prod?") << u("Start deploy-prod?");
        QTest::newRow("its title, in Chinese") << u("Start deploy-prod?") << u("\u542f\u52a8 deploy-prod\uff1f");
    }
    void aTranslatedTitlePassesNoRule()
    {
        QFETCH(QString, named);
        QFETCH(QString, title);
        m_shop = std::make_unique<PromotionShop>(cartPolicy(
            QStringLiteral("    execution: {by: vendorGate, connection: ci, gate: \"%1\"}\n").arg(named).toUtf8()));
        FakeGates gates(u("ci"));
        GateOrder waits = order('7', {}); // as a job's gate: new ids in each run, no environment
        waits.gate.job = u("4711");
        waits.gate.title = title;
        waits.gate.plainTitle = u("Start deploy-prod?");
        waits.gate.jobName = u("deploy-prod");
        const auto plan = awaited(m_shop->console("dan")->desk->planGate(gates, waits, {}));
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
        // The gate is open, and production still runs the old one: that is no promotion yet.
        Operation *const operation = start(*dan, plan);
        QVERIFY(operation);
        QTRY_COMPARE(dan->cluster.count(u("execute 1")), 1);
        QTRY_VERIFY(operation->observation() && operation->observation()->text.contains(u("1.4.0")));
        QVERIFY(!operation->isFinished());
        QCOMPARE(dan->card(id).state, policy::PromotionCard::State::UnderWay);
        QVERIFY(!dan->card(id).outcome);
        const QDateTime deployedAt = QDateTime::currentDateTimeUtc().addMSecs(-1);
        dan->put(u("production"), u("1.5.0"), digestOf('7'), 0);
        QVERIFY(finished(operation));
        QCOMPARE(operation->outcome()->kind, OutcomeKind::Done);
        QVERIFY(operation->outcome()->isConfirmed);
        QVERIFY(QTest::qWaitFor([&] { return dan->desk->isSettled() && dan->operations->isIdle(); }));
        const policy::PromotionCard done = dan->card(id);
        QCOMPARE(done.state, policy::PromotionCard::State::Done);
        QVERIFY(done.outcome->observedAt >= deployedAt);
    }

    // Else the promotion would stay open, and no run would be left to carry it out by.
    void pressingThatGateCarriesThePromotionOut()
    {
        m_shop = std::make_unique<PromotionShop>(
            cartPolicy("    execution: {by: vendorGate, connection: ci, gate: production}\n"));
        FakeGates gates(u("ci"));
        gates.gates = {order('7').gate};
        const auto dan = m_shop->console("dan");
        const auto bob = m_shop->console("bob");
        dan->gates = &gates;
        const QString id = ask(*dan);
        QVERIFY(approve(*bob, id));
        GateOrder pressed = order('7');
        pressed.comment = pressed.reason = u("staging looks well");
        const auto plan = awaited(dan->desk->planGate(gates, pressed, {}));
        QVERIFY2(plan, qPrintable(plan ? QString() : plan.error().message));
        QVERIFY2(blocks(*plan).isEmpty(), qPrintable(textOf(plan->checks)));
        QCOMPARE(plan->kind, OperationKind::Promote);
        QCOMPARE(plan->reason, u("staging looks well"));
        QCOMPARE(gates.orders.last().comment, u("staging looks well"));
        QCOMPARE(plan->steps.size(), 3); // claimed, pressed, awaited
        const auto claim = claimOf(*plan);
        QVERIFY(claim);
        QCOMPARE(claim->claim.promotion, id);
        Operation *const operation = start(*dan, plan);
        QVERIFY(operation);
        QTRY_COMPARE(dan->cluster.count(u("execute 1")), 1);
        QTRY_VERIFY(operation->observation() && operation->observation()->text.contains(u("1.4.0")));
        QCOMPARE(dan->card(id).state, policy::PromotionCard::State::UnderWay);
        dan->put(u("production"), u("1.5.0"), digestOf('7'), 0);
        QVERIFY(finished(operation));
        QCOMPARE(operation->outcome()->kind, OutcomeKind::Done);
        QVERIFY(QTest::qWaitFor([&] { return dan->desk->isSettled() && dan->operations->isIdle(); }));
        QCOMPARE(dan->card(id).state, policy::PromotionCard::State::Done);
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
        m_shop = std::make_unique<PromotionShop>(
            cartPolicy("    execution: {by: vendorGate, connection: ci, gate: production}\n"));
        FakeGates gates(u("ci"));
        gates.gates = {order('7').gate};
        const auto dan = m_shop->console("dan");
        const auto bob = m_shop->console("bob");
        dan->gates = &gates;
        const QString id = ask(*dan);
        QVERIFY(approve(*bob, id));
        GateOrder pressed = order('7');
        pressed.parameters.insert(u("TRACK"), u("green-1234"));
        const auto plan = awaited(dan->desk->planGate(gates, pressed, {}));
        QVERIFY2(plan, qPrintable(plan ? QString() : plan.error().message));
        QVERIFY2(blocks(*plan).isEmpty(), qPrintable(textOf(plan->checks)));
        QCOMPARE(plan->kind, OperationKind::Promote);
        QCOMPARE(claimOf(*plan)->claim.promotion, id);
        QCOMPARE(plan->steps.size(), 3);
        const PlanStep &press = plan->steps.at(1);
        QCOMPARE(press.call.body, QByteArray("TRACK=green-1234;"));
        QVERIFY(hidesBody(press, plan->kind));
        QVERIFY(!plan->steps.first().isBodyHidden); // the claim says nothing that was typed
        const std::string kept = operationjson::toJson(*plan).dump();
        const QByteArray digest = QCryptographicHash::hash(press.call.body, QCryptographicHash::Sha256).toHex();
        for (const QByteArray &secret : {QByteArray("green-1234"), digest, plan->fingerprint()})
            QVERIFY2(kept.find(secret.toStdString()) == std::string::npos, secret.constData());
        Operation *const operation = start(*dan, plan);
        QVERIFY(operation);
        QTRY_COMPARE(dan->cluster.count(u("execute 1")), 1);
        dan->put(u("production"), u("1.5.0"), digestOf('7'), 0);
        QVERIFY(finished(operation));
        QCOMPARE(operation->outcome()->kind, OutcomeKind::Done);
        QVERIFY(QTest::qWaitFor([&] { return dan->desk->isSettled() && dan->operations->isIdle(); }));
        QCOMPARE(dan->card(id).state, policy::PromotionCard::State::Done);
    }

    // Started from the promotion, nobody fills anything in: that is said.
    void aFormThatNobodyFilledInIsSaid()
    {
        m_shop = std::make_unique<PromotionShop>(
            cartPolicy("    execution: {by: vendorGate, connection: ci, gate: production}\n"));
        FakeGates gates(u("ci"));
        const auto dan = m_shop->console("dan");
        const auto bob = m_shop->console("bob");
        dan->gates = &gates;
        const QString id = ask(*dan);
        QVERIFY(approve(*bob, id));
        WaitingGate gate = order('7').gate;
        RunParameter track;
        track.name = u("TRACK");
        gate.parameters = {track};
        gates.gates = {gate};
        const auto plan = planOf(*dan, id);
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
        m_shop = std::make_unique<PromotionShop>(
            cartPolicy("    execution: {by: vendorGate, connection: ci, gate: production}\n"));
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
        m_shop = std::make_unique<PromotionShop>(
            cartPolicy("    execution: {by: vendorGate, connection: ci, gate: production}\n"));
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

    // The first vote claims the promotion and waits; whoever gives the last one only decides.
    void oneVoteOfSeveralWaitsForTheOthers()
    {
        m_shop = std::make_unique<PromotionShop>(
            cartPolicy("    execution: {by: vendorGate, connection: ci, gate: production}\n"));
        FakeGates gates(u("ci"));
        const auto dan = m_shop->console("dan");
        const auto bob = m_shop->console("bob");
        dan->gates = bob->gates = &gates;
        const QString id = ask(*dan);
        QVERIFY(approve(*bob, id));
        GateOrder pressed = order('7');
        pressed.gate.needed = 2;
        gates.gates = {pressed.gate};
        const auto plan = awaited(dan->desk->planGate(gates, pressed, {}));
        QVERIFY2(plan, qPrintable(plan ? QString() : plan.error().message));
        QVERIFY2(blocks(*plan).isEmpty(), qPrintable(textOf(plan->checks)));
        QCOMPARE(plan->kind, OperationKind::Promote);
        QVERIFY(gates.orders.last().waitsForOthers);
        QVERIFY(isAwaitStep(plan->steps.last()));
        const auto missing = std::find_if(plan->checks.cbegin(), plan->checks.cend(), [](const Check &check) {
            return check.state == CheckState::Warn && check.text.contains(u("approval"));
        });
        QVERIFY2(missing != plan->checks.cend(), qPrintable(textOf(plan->checks)));
        Operation *const operation = start(*dan, plan);
        QVERIFY(operation);
        QTRY_COMPARE(dan->cluster.count(u("execute 1")), 1);
        pressed.gate.given = {{u("dan"), true, {}, {}}};
        gates.gates = {pressed.gate};
        const auto last = awaited(bob->desk->planGate(gates, pressed, {}));
        QVERIFY2(last, qPrintable(last ? QString() : last.error().message));
        QVERIFY2(blocks(*last).isEmpty(), qPrintable(textOf(last->checks)));
        QCOMPARE(last->kind, OperationKind::DecideGate);
        QVERIFY(std::none_of(last->steps.cbegin(), last->steps.cend(), isAwaitStep));
        dan->put(u("production"), u("1.5.0"), digestOf('7'), 0);
        QVERIFY(finished(operation));
        QCOMPARE(operation->outcome()->kind, OutcomeKind::Done);
        QVERIFY(QTest::qWaitFor([&] { return dan->desk->isSettled() && dan->operations->isIdle(); }));
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
        m_shop = std::make_unique<PromotionShop>(
            cartPolicy("    execution: {by: vendorGate, connection: ci, gate: production}\n"));
        FakeGates gates(u("ci"));
        const auto dan = m_shop->console("dan");
        const auto bob = m_shop->console("bob");
        dan->gates = &gates;
        gates.gates = {order('7').gate};
        const QString id = ask(*dan);
        QVERIFY(approve(*bob, id));
        dan->setListing(listing);
        dan->deployed.apply({}, {Console::placeOf(u("production")).key()});
        // What the vendor says of the environment is asked only where no cluster can show it.
        FakeDeployments told(u("ci"));
        told.names = {u("Production")};
        told.known[u("Production")] = {deployment(u("41"), '1', RunState::Passed, true)};
        dan->deployments = &told;
        dan->projects = {u("shop/cart")};
        const policy::PromotionCard card = dan->card(id);
        QVERIFY(!card.isLive());
        QVERIFY(!card.mayStart.isGiven);
        const auto early = planOf(*dan, id);
        QVERIFY(!early);
        QCOMPARE(early.error().kind, ErrorKind::Unreachable);
        QVERIFY2(early.error().message.contains(words), qPrintable(early.error().message));
        dan->deployments = nullptr;
        QVERIFY(gates.orders.isEmpty());
        dan->setListing(Freshness::State::Live);
        dan->deployed.apply({Console::placeOf(u("production"))}, {});
        const auto plan = planOf(*dan, id);
        QVERIFY2(plan, qPrintable(plan ? QString() : plan.error().message));
        QCOMPARE(plan->checks.last().state, CheckState::Pass);
        QCOMPARE(plan->places, QStringList{u("production")}); // what goes back elsewhere leaves it alone
    }

    // Of all clusters one is away, and the workspace says that the application lies elsewhere.
    void aClusterThatCannotRunItStandsInNobodysWay()
    {
        m_shop = std::make_unique<PromotionShop>(
            cartPolicy("    execution: {by: vendorGate, connection: ci, gate: production}\n"));
        FakeGates gates(u("ci"));
        const auto dan = m_shop->console("dan");
        const auto bob = m_shop->console("bob");
        dan->gates = &gates;
        gates.gates = {order('7').gate};
        FakeDeployments told(u("ci"));
        fill(told);
        dan->deployments = &told;
        dan->projects = {u("shop/cart")};
        const QString id = ask(*dan);
        QVERIFY(approve(*bob, id));
        dan->setListing(Freshness::State::Failed);
        dan->deployed.apply({}, {Console::placeOf(u("production")).key()});
        QVERIFY(!dan->card(id).isLive());
        dan->holders = {u("us")};
        QVERIFY(dan->card(id).isLive());
        const auto plan = planOf(*dan, id);
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
        m_shop = std::make_unique<PromotionShop>(
            cartPolicy("    execution: {by: vendorGate, connection: ci, gate: production}\n"));
        FakeGates gates(u("ci"));
        gates.gates = {order('7').gate};
        const auto dan = m_shop->console("dan");
        const auto bob = m_shop->console("bob");
        dan->gates = &gates;
        const QString id = ask(*dan);
        QVERIFY(approve(*bob, id));
        dan->deployed.apply({}, {Console::placeOf(u("production")).key()});
        QVERIFY(!dan->card(id).isLive());
        const auto plan = planOf(*dan, id);
        QVERIFY2(plan, qPrintable(plan ? QString() : plan.error().message));
        const Check check = plan->checks.last();
        QCOMPARE(check.id, CheckId::TargetExists);
        QCOMPARE(check.state, CheckState::Block);
        QVERIFY2(check.wayOut.contains(u("workspace")), qPrintable(check.wayOut));
    }

    static EnvironmentDeployment deployment(const QString &id, char commit, RunState state, bool isLive = false)
    {
        EnvironmentDeployment one;
        one.id = id;
        one.environment = u("Production");
        one.ref = u("v") + id;
        one.commit = QString(40, QLatin1Char(commit));
        one.state = state;
        one.isLive = isLive;
        one.at = QDateTime::currentDateTimeUtc().addSecs(-60);
        return one;
    }

    void aVendorsListTellsWhetherADeploymentIsUnderWay_data()
    {
        QTest::addColumn<RunState>("newer");
        QTest::addColumn<RunState>("older");
        QTest::addColumn<int>("busy"); // -1: not told
        using R = RunState;
        QTest::newRow("at rest") << R::Passed << R::Passed << 0;
        QTest::newRow("it waits at a gate") << R::Waiting << R::Passed << 0;
        QTest::newRow("it failed") << R::Failed << R::Passed << 0;
        QTest::newRow("queued") << R::Queued << R::Passed << 1;
        QTest::newRow("runs") << R::Running << R::Passed << 1;
        QTest::newRow("a word nobody knows") << R::Unknown << R::Passed << -1;
        QTest::newRow("one before it runs still") << R::Unknown << R::Running << 1;
        QTest::newRow("one before it was never begun") << R::Failed << R::Queued << 0;
    }
    void aVendorsListTellsWhetherADeploymentIsUnderWay()
    {
        QFETCH(RunState, newer);
        QFETCH(RunState, older);
        QFETCH(int, busy);
        EnvironmentDeployments told;
        told.environment = u("Production");
        told.all = {deployment(u("43"), '8', newer), deployment(u("42"), '7', RunState::Passed, true),
                    deployment(u("41"), '1', older)};
        const VendorPlace place = vendorPlaceOf(u("ci"), u("shop/cart"), told);
        QCOMPARE(place.isBusy ? int(*place.isBusy) : -1, busy);
        QVERIFY(place.live);
        QCOMPARE(place.live->id, u("42"));
        QVERIFY2(place.text().contains(u("shop/cart")) && place.text().contains(u("v42")), qPrintable(place.text()));
    }

    // A gate's environment that no cluster shows: the vendor's own deployments say what is there, and that is all that
    // is said in the end.
    void whereOnlyTheVendorTellsAPromotionIsCarriedOut()
    {
        m_shop = std::make_unique<PromotionShop>(
            cartPolicy("    execution: {by: vendorGate, connection: ci, gate: production}\n"));
        FakeGates gates(u("ci"));
        gates.gates = {order('7').gate};
        FakeDeployments told(u("ci"));
        told.names = {u("staging"), u("Production")};
        told.known[u("Production")] = {deployment(u("42"), '7', RunState::Waiting),
                                       deployment(u("41"), '1', RunState::Passed, true)};
        const auto dan = m_shop->console("dan");
        const auto bob = m_shop->console("bob");
        dan->gates = &gates;
        dan->deployments = &told;
        dan->projects = {u("shop/cart")};
        const QString id = ask(*dan);
        QVERIFY(approve(*bob, id));
        dan->deployed.apply({}, {Console::placeOf(u("production")).key()});
        const policy::PromotionCard card = dan->card(id);
        QVERIFY(card.isLive());
        // It can be asked for there, too, and its plan be looked at.
        const auto draft = awaited(dan->desk->draft({u("cart"), u("production"), {}, {}, u("it is time")}, {}));
        QVERIFY2(draft, qPrintable(draft ? QString() : draft.error().message));
        const auto rehearsed = awaited(dan->desk->rehearse(*draft, {}));
        QVERIFY2(rehearsed, qPrintable(rehearsed ? QString() : rehearsed.error().message));
        QCOMPARE(rehearsed->kind, OperationKind::Promote);
        const auto target =
            std::find_if(card.path.cbegin(), card.path.cend(), [](const auto &one) { return one.isTarget; });
        QVERIFY(target != card.path.cend());
        QCOMPARE(target->version, u("v41"));
        QCOMPARE(target->state, policy::PathPlace::State::Unknown);
        QVERIFY2(target->problem.contains(u("deployments of shop/cart to Production at ci")),
                 qPrintable(target->problem));
        const auto plan = planOf(*dan, id);
        QVERIFY2(plan, qPrintable(plan ? QString() : plan.error().message));
        QVERIFY2(blocks(*plan).isEmpty(), qPrintable(textOf(plan->checks)));
        QCOMPARE(plan->checks.last().id, CheckId::TargetExists);
        QCOMPARE(plan->checks.last().state, CheckState::Warn);
        QVERIFY2(plan->checks.last().detail.contains(u("v41")), qPrintable(textOf(plan->checks)));
        // The gate is open, and the deployment is not there yet.
        Operation *const operation = start(*dan, plan);
        QVERIFY(operation);
        QTRY_VERIFY(operation->observation() && operation->observation()->text.contains(u("v41")));
        QVERIFY(!operation->isFinished());
        told.known[u("Production")] = {deployment(u("42"), '7', RunState::Passed, true),
                                       deployment(u("41"), '1', RunState::Passed)};
        QVERIFY(finished(operation));
        QCOMPARE(operation->outcome()->kind, OutcomeKind::Done);
        QVERIFY(!operation->outcome()->isConfirmed);
        QVERIFY(QTest::qWaitFor([&] { return dan->desk->isSettled() && dan->operations->isIdle(); }));
        const policy::PromotionCard done = dan->card(id);
        QVERIFY(done.outcome);
        QCOMPARE(done.outcome->kind, OutcomeKind::Unknown);
        QVERIFY(!done.outcome->observedAt.isValid());
    }

    void whatTheVendorDoesNotTellEitherHasOneReason_data()
    {
        QTest::addColumn<bool>("keepsDeployments");
        QTest::addColumn<QStringList>("projects");
        QTest::addColumn<QStringList>("environments");
        QTest::addColumn<bool>("isAway");
        QTest::addColumn<QString>("reason");
        const QStringList one{u("shop/cart")};
        const QStringList there{u("production")};
        QTest::newRow("no deployments") << false << one << there << false << u("ci keeps no deployments");
        QTest::newRow("no project") << true << QStringList() << there << false << u("(applications, pipelines)");
        QTest::newRow("several projects")
            << true << QStringList{u("shop/cart"), u("shop/cart-ops")} << there << false << u("shop/cart-ops");
        QTest::newRow("no such environment")
            << true << one << QStringList{u("staging")} << false << u("it has: staging");
        QTest::newRow("away") << true << one << there << true << u("nobody answers");
    }
    void whatTheVendorDoesNotTellEitherHasOneReason()
    {
        QFETCH(bool, keepsDeployments);
        QFETCH(QStringList, projects);
        QFETCH(QStringList, environments);
        QFETCH(bool, isAway);
        QFETCH(QString, reason);
        m_shop = std::make_unique<PromotionShop>(
            cartPolicy("    execution: {by: vendorGate, connection: ci, gate: production}\n"));
        FakeDeployments told(u("ci"));
        told.names = environments;
        if (isAway)
            told.trouble = Error{ErrorKind::Unreachable, u("nobody answers"), {}};
        const auto dan = m_shop->console("dan");
        dan->projects = projects;
        if (keepsDeployments)
            dan->deployments = &told;
        const QString id = ask(*dan);
        QVERIFY(!id.isEmpty());
        dan->deployed.apply({}, {Console::placeOf(u("production")).key()});
        const policy::PromotionCard card = dan->card(id);
        QVERIFY(!card.isLive());
        const QString problem = card.stale.first().problem;
        QVERIFY2(problem.contains(reason), qPrintable(problem));
        QVERIFY2(problem.contains(u("Mend that, or add its cluster")), qPrintable(problem));
    }

    static FakeDeployments &fill(FakeDeployments &told)
    {
        told.names = {u("production")};
        told.known[u("production")] = {deployment(u("41"), '1', RunState::Passed, true)};
        return told;
    }

    // With one deployment at a time what is under way has to be known, also for who acts alone.
    void breakingTheGlassIsNotPromisedWhereItSetsNothingAside_data()
    {
        QTest::addColumn<bool>("oneAtATime");
        QTest::newRow("one at a time") << true;
        QTest::newRow("several") << false;
    }
    void breakingTheGlassIsNotPromisedWhereItSetsNothingAside()
    {
        QFETCH(bool, oneAtATime);
        FakeDeployments told(u("ci"));
        told.trouble = Error{ErrorKind::Unreachable, u("nobody answers"), {}};
        VendorLooks looks(told);
        looks.policy.environments.first().oneAtATime = oneAtATime;
        const PlaceReading place = looks.look();
        QVERIFY2(place.problem.contains(u("breaking the glass")), qPrintable(place.problem));
        QVERIFY2(place.targetProblem.contains(u("Mend that")), qPrintable(place.targetProblem));
        QCOMPARE(place.targetProblem.contains(u("breaking the glass")), !oneAtATime);
    }

    // While anything rolls out there is a look every moment: the vendor's server counts requests.
    void aVendorInTroubleIsNotAskedWithEveryLook()
    {
        FakeDeployments told(u("ci"));
        fill(told).trouble = Error{ErrorKind::Unreachable, u("nobody answers"), {}};
        VendorLooks looks(told);
        QVERIFY(!looks.look().isLive);
        QCOMPARE(told.asks, 1);
        told.trouble.reset();
        const PlaceReading place = looks.look();
        QVERIFY(!place.isLive);
        QVERIFY2(place.problem.contains(u("nobody answers")), qPrintable(place.problem));
        QCOMPARE(told.asks, 1);
    }

    // As long as it asked for, where that is longer than an answer counts.
    void aVendorThatAsksForPatienceGetsIt()
    {
        FakeDeployments told(u("ci"));
        Error limited{ErrorKind::RateLimited, u("slow down"), {}};
        limited.retryAfter = std::chrono::hours(1);
        fill(told).trouble = limited;
        VendorLooks looks(told);
        looks.reader.setVendorMayBeOld(std::chrono::milliseconds(0));
        const auto decide = [&looks] { return awaited(looks.reader.readApplication(looks.policy, u("cart"), {})); };
        QVERIFY(decide());
        QCOMPARE(told.asks, 1);
        QVERIFY(decide());
        QCOMPARE(told.asks, 1);
    }

    // What a server asked for is not asked of the connection that took its place; and no server silences it for long.
    void aConnectionMadeAnewIsAskedAnew()
    {
        auto told = std::make_unique<FakeDeployments>(u("ci"));
        Error limited{ErrorKind::RateLimited, u("slow down"), {}};
        limited.retryAfter = std::chrono::hours(24);
        fill(*told).trouble = limited;
        VendorLooks looks(*told);
        QVERIFY(!looks.look().isLive);
        FakeDeployments other(u("ci"));
        fill(other);
        looks.source = &other;
        QVERIFY(looks.look().isLive);
        looks.source = told.get();
        told->trouble.reset();
        QVERIFY(looks.look().isLive);
        told.reset();
        looks.source = &other;
        QVERIFY(looks.look().isLive);
        QCOMPARE(patienceAfter(limited), std::chrono::milliseconds(std::chrono::minutes(15)));
        limited.retryAfter = std::chrono::minutes(1);
        QCOMPARE(patienceAfter(limited), std::chrono::milliseconds(std::chrono::minutes(1)));
    }

    void looksAtTheSameTimeAskAVendorOnce()
    {
        FakeDeployments told(u("ci"));
        fill(told);
        VendorLooks looks(told);
        const auto one = looks.ask();
        const auto other = looks.ask();
        QVERIFY(VendorLooks::placeOf(awaited(one)).isLive);
        QVERIFY(VendorLooks::placeOf(awaited(other)).isLive);
        QCOMPARE(told.asks, 2); // its environments, and what they got
    }

    // The clock that tells how long an answer counts stood still meanwhile: what it says of itself is older.
    void aVendorsAnswerFromBeforeASleepIsAskedAnew()
    {
        FakeDeployments told(u("ci"));
        fill(told).readAt = QDateTime::currentDateTimeUtc().addSecs(-3600);
        VendorLooks looks(told);
        QVERIFY(looks.look().isLive);
        QCOMPARE(told.asks, 2);
        told.readAt = {};
        QVERIFY(looks.look().heardAt.secsTo(QDateTime::currentDateTimeUtc()) < 60);
        QCOMPARE(told.asks, 4);
        QVERIFY(looks.look().isLive);
        QCOMPARE(told.asks, 4); // it counts
    }

    // The policy's gate says which of the vendor's environments is meant: another gate is another question.
    void anotherGateIsAnotherQuestionToTheVendor()
    {
        FakeDeployments told(u("ci"));
        fill(told).names.append(u("edge"));
        told.known[u("edge")] = {deployment(u("51"), '5', RunState::Passed, true)};
        VendorLooks looks(told);
        PlaceReading place = looks.look();
        QVERIFY(place.vendor && place.vendor->live);
        QCOMPARE(place.vendor->live->id, u("41"));
        looks.policy.environments.first().execution.gate = u("edge");
        place = looks.look();
        QVERIFY(place.vendor && place.vendor->live);
        QCOMPARE(place.vendor->live->id, u("51"));
    }

    void environmentsOfAlikeNamesAreNotMixedUp_data()
    {
        QTest::addColumn<QStringList>("there");
        QTest::addColumn<QStringList>("names");
        QTest::addColumn<QString>("read"); // empty: none
        const QStringList both{u("Production"), u("production")};
        QTest::newRow("as it is written") << both << QStringList{u("production")} << u("production");
        QTest::newRow("the other one") << both << QStringList{u("Production")} << u("Production");
        QTest::newRow("it may be both") << both << QStringList{u("PRODUCTION")} << QString();
        QTest::newRow("its other name tells")
            << both << QStringList{u("PRODUCTION"), u("production")} << u("production");
        QTest::newRow("only one") << QStringList{u("Production"), u("staging")} << QStringList{u("production")}
                                  << u("Production");
    }
    void environmentsOfAlikeNamesAreNotMixedUp()
    {
        QFETCH(QStringList, there);
        QFETCH(QStringList, names);
        QFETCH(QString, read);
        FakeDeployments told(u("ci"));
        told.names = there;
        const auto place = awaited(readVendorPlace(this, told, u("ci"), u("shop/cart"), names, {}));
        QCOMPARE(place ? place->environment : QString(), read);
        if (!place)
            QCOMPARE(place.error().kind, ErrorKind::NotFound);
    }

    // Nothing was told when it was planned: what was deployed before that did not come by it.
    void anOldDeploymentIsNoEffectOfAPromotion_data()
    {
        QTest::addColumn<int>("madeIn");  // seconds after the plan
        QTest::addColumn<int>("endedIn"); // 0: not told
        QTest::addColumn<QString>("run");
        QTest::addColumn<bool>("isEffect");
        QTest::newRow("before") << -7200 << -3600 << u("6") << false;
        QTest::newRow("before, its end is not told") << -7200 << 0 << QString() << false;
        QTest::newRow("made later") << 60 << 0 << QString() << true;
        QTest::newRow("ended later") << -60 << 60 << u("6") << true;
        QTest::newRow("of the gate's run") << -60 << 0 << u("7") << true;
    }
    void anOldDeploymentIsNoEffectOfAPromotion()
    {
        QFETCH(int, madeIn);
        QFETCH(int, endedIn);
        QFETCH(QString, run);
        QFETCH(bool, isEffect);
        PlaceReading place;
        place.environment = u("production");
        AwaitedRelease made =
            awaitedNow({u("cart"), u("production"), digestOf('7'), QString(40, u'7')}, u("1.5.0"), {}, place);
        made.run = order('7').gate.run;
        const auto release = awaitedOf(awaitStep(made, u("ci"))); // as it comes back from the journal
        QVERIFY(release);
        const QDateTime now = QDateTime::currentDateTimeUtc();
        EnvironmentDeployments told;
        told.environment = u("production");
        EnvironmentDeployment one = deployment(u("41"), '7', RunState::Passed, true);
        one.at = now.addSecs(madeIn);
        one.finishedAt = endedIn == 0 ? QDateTime() : now.addSecs(endedIn);
        one.run = {made.run->pipeline, run};
        told.all = {one};
        place.vendor = vendorPlaceOf(u("ci"), u("shop/cart"), told);
        const auto seen = awaitedIn(*release, place, true);
        QVERIFY(seen);
        QCOMPARE(seen->state, isEffect ? Observation::State::Effective : Observation::State::Pending);
    }

    void podsThatRunItAreItsProgress_data()
    {
        QTest::addColumn<int>("ready"); // -1: not ours to see
        QTest::addColumn<double>("progress");
        QTest::newRow("some") << 4 << 0.25;
        QTest::newRow("none yet") << 0 << 0.0;
        QTest::newRow("not ours to see") << -1 << -1.0;
    }
    void podsThatRunItAreItsProgress()
    {
        QFETCH(int, ready);
        PlaceReading place;
        place.environment = u("production");
        place.isLive = true;
        place.deployed.emplace();
        RunningRelease running;
        running.digest = digestOf('7');
        running.podsWanted = 16;
        running.podsReady = ready < 0 ? std::nullopt : std::optional(ready);
        running.isSettled = false;
        place.running = running;
        const AwaitedRelease release =
            awaitedNow({u("cart"), u("production"), digestOf('7'), QString(40, u'7')}, u("1.5.0"), {}, place);
        const auto seen = awaitedIn(release, place, true);
        QVERIFY(seen);
        QCOMPARE(seen->state, Observation::State::Pending);
        QTEST(seen->progress, "progress");
    }

    void theVendorsWordIsNotConfirmed_data()
    {
        QTest::addColumn<char>("live"); // commit; 0: the vendor cannot be read
        QTest::addColumn<QString>("id");
        QTest::addColumn<Observation::State>("state");
        using State = Observation::State;
        QTest::newRow("its commit") << '7' << u("42") << State::Effective;
        QTest::newRow("another commit") << '8' << u("42") << State::Pending;
        QTest::newRow("as before") << '7' << u("41") << State::Pending;
        QTest::newRow("away") << char(0) << QString() << State::Failed;
    }
    void theVendorsWordIsNotConfirmed()
    {
        QFETCH(char, live);
        QFETCH(QString, id);
        QFETCH(Observation::State, state);
        PlaceReading place;
        place.environment = u("production");
        EnvironmentDeployments told;
        told.environment = u("Production");
        told.all = {deployment(u("41"), '7', RunState::Passed, true)};
        place.vendor = vendorPlaceOf(u("ci"), u("shop/cart"), told);
        const AwaitedRelease made =
            awaitedNow({u("cart"), u("production"), digestOf('7'), QString(40, u'7')}, u("1.5.0"), {}, place);
        const auto release = awaitedOf(awaitStep(made, u("ci"))); // as it comes back from the journal
        QVERIFY(release);
        told.all = {deployment(id, live, RunState::Passed, true)};
        place.vendor = vendorPlaceOf(u("ci"), u("shop/cart"), told);
        if (live == 0) {
            place.vendor.reset();
            place.problem = u("nobody answers");
        }
        const auto seen = awaitedIn(*release, place, true);
        if (state == Observation::State::Failed) {
            QVERIFY(!seen);
            QCOMPARE(seen.error().kind, ErrorKind::Unreachable);
            return;
        }
        QVERIFY(seen);
        QCOMPARE(seen->state, state);
        QCOMPARE(seen->isConfirmed, state != Observation::State::Effective);
    }

    void aPlaceThatIsGoneIsNotPromisedToBeSeen()
    {
        const AwaitedRelease release{{u("cart"), u("production"), digestOf('7'), {}}, u("1.5.0"), true};
        PlaceReading place;
        QCOMPARE(awaitCheck(release, place, false).state, CheckState::Block);
        QCOMPARE(awaitCheck(release, place, true).state, CheckState::Warn); // may start all the same
        place.deployed = Console::placeOf(u("production"));
        QCOMPARE(awaitCheck(release, place, false).state, CheckState::Pass);
    }

    void whatNobodySawIsNotDoneInTheLedger()
    {
        const auto dan = m_shop->console("dan");
        const auto bob = m_shop->console("bob");
        const QString id = ask(*dan);
        QVERIFY(approve(*bob, id));
        Observation unseen = FakeStepRunner::seen(Observation::State::Effective, u("nobody looked"));
        unseen.isConfirmed = false;
        dan->cluster.observations = {unseen};
        Operation *const operation = finished(start(*dan, planOf(*dan, id)));
        QVERIFY(operation);
        QVERIFY(!operation->outcome()->isConfirmed);
        QVERIFY(QTest::qWaitFor([&] { return dan->desk->isSettled() && dan->operations->isIdle(); }));
        const policy::PromotionCard card = dan->card(id);
        QVERIFY(card.outcome);
        QCOMPARE(card.outcome->kind, OutcomeKind::Unknown);
        QVERIFY(!card.outcome->observedAt.isValid());
        QVERIFY2(card.outcome->message.contains(u("nobody looked")), qPrintable(card.outcome->message));
        const auto head = policy::readHead(dan->book->path(), {}, {});
        QVERIFY(head);
        QVERIFY(!policy::runningByLedger(head->policy, head->entries, u("cart"), u("production")));
    }

    // Where no other track is the release has all the traffic: that ends what traffic shifts of before meant.
    void theLedgerTellsOfTheOnlyTrack_data()
    {
        QTest::addColumn<int>("tracks");
        QTest::addColumn<Freshness::State>("state");
        QTest::addColumn<bool>("isAlone");
        QTest::newRow("one") << 1 << Freshness::State::Live << true;
        QTest::newRow("two") << 2 << Freshness::State::Live << false;
        QTest::newRow("one, of which nothing is heard") << 1 << Freshness::State::Stale << false;
    }
    void theLedgerTellsOfTheOnlyTrack()
    {
        QFETCH(int, tracks);
        QFETCH(Freshness::State, state);
        QFETCH(bool, isAlone);
        const auto dan = m_shop->console("dan");
        const auto bob = m_shop->console("bob");
        Deployed place = Console::placeOf(u("production"));
        place.freshness.state = state;
        if (tracks > 1) {
            place.tracks.append(place.tracks.first());
            place.tracks[0].name = u("blue");
            place.tracks[0].share = 1;
            place.tracks[1].name = u("green");
            place.tracks[1].share = 0;
        }
        dan->deployed.apply({place}, {});
        const QString id = ask(*dan);
        QVERIFY(approve(*bob, id));
        QVERIFY(finished(start(*dan, planOf(*dan, id))));
        QVERIFY(QTest::qWaitFor([&] { return dan->desk->isSettled() && dan->operations->isIdle(); }));
        const policy::PromotionCard card = dan->card(id);
        QVERIFY(card.outcome);
        QCOMPARE(card.outcome->kind, OutcomeKind::Done);
        QCOMPARE(card.outcome->isAlone, isAlone);
    }

    void aReleaseIsAwaited_data()
    {
        QTest::addColumn<bool>("isShown"); // when it was planned
        QTest::addColumn<bool>("isThere"); // a cluster shows the application
        QTest::addColumn<char>("runs");    // digest; 0: it cannot be read
        QTest::addColumn<bool>("isSettled");
        QTest::addColumn<Observation::State>("state");
        QTest::addColumn<bool>("isConfirmed");
        using State = Observation::State;
        QTest::newRow("runs") << true << true << '7' << true << State::Effective << true;
        QTest::newRow("is on its way") << true << true << '7' << false << State::Pending << true;
        QTest::newRow("another one runs") << true << true << '1' << true << State::Pending << true;
        QTest::newRow("no cluster") << false << false << '1' << true << State::Effective << false;
        QTest::newRow("the cluster went away") << true << false << '1' << true << State::Pending << true;
        QTest::newRow("a cluster came") << false << true << '1' << true << State::Pending << true;
        QTest::newRow("it cannot be read") << true << true << char(0) << true << State::Failed << true;
    }
    void aReleaseIsAwaited()
    {
        QFETCH(bool, isShown);
        QFETCH(bool, isThere);
        QFETCH(char, runs);
        QFETCH(bool, isSettled);
        QFETCH(Observation::State, state);
        QFETCH(bool, isConfirmed);
        const AwaitedRelease made{{u("cart"), u("production"), digestOf('7'), {}}, u("1.5.0"), isShown};
        const auto release = awaitedOf(awaitStep(made, u("ci"))); // as it comes back from the journal
        QVERIFY(release);
        PlaceReading place;
        place.environment = u("production");
        if (isThere)
            place.deployed = Console::placeOf(u("production"));
        else
            place.problem = u("No cluster runs it.");
        if (isThere && runs != 0) {
            place.isLive = true;
            place.running = runningRelease({}, u("registry.example/cart"), runs);
            place.running->isSettled = isSettled;
        }
        const auto seen = awaitedIn(*release, place, true);
        if (state == Observation::State::Failed) {
            QVERIFY(!seen);
            QCOMPARE(seen.error().kind, ErrorKind::Unreachable);
            return;
        }
        QVERIFY(seen);
        QCOMPARE(seen->state, state);
        QCOMPARE(seen->isConfirmed, isConfirmed);
        QVERIFY(!seen->text.isEmpty());
    }

    // Begun under broken glass while a cluster was not read: nobody sees it, and it does not wait for ever. What was
    // shown when it was planned is waited for.
    void whatWasBegunUnseenIsNotAwaitedInAClusterThatIsNotRead()
    {
        PlaceReading place;
        place.environment = u("production");
        place.problem = u("What the cluster eu runs could not be read.");
        AwaitedRelease release{{u("cart"), u("production"), digestOf('7'), {}}, u("1.5.0"), false};
        const auto unseen = awaitedIn(release, place, false);
        QVERIFY(unseen);
        QCOMPARE(unseen->state, Observation::State::Effective);
        QVERIFY(!unseen->isConfirmed);
        release.isShown = true;
        QVERIFY(!awaitedIn(release, place, false));
    }

    void whatHasNoTrafficIsNotLive_data()
    {
        QTest::addColumn<QString>("track"); // of the policy
        QTest::addColumn<char>("before");   // on the idle track, when it was planned
        QTest::addColumn<char>("live");
        QTest::addColumn<char>("idle");
        QTest::addColumn<Observation::State>("state");
        QTest::addColumn<QString>("words");
        using State = Observation::State;
        QTest::newRow("on the idle track") << QString() << '1' << '1' << '7' << State::Pending << u("still runs");
        QTest::newRow("with the traffic") << QString() << '1' << '7' << '1' << State::Effective << u("runs 1.5.0");
        QTest::newRow("the policy sets it")
            << u("green") << '1' << '1' << '7' << State::Effective << u("green, without traffic");
        QTest::newRow("it lay there before") << u("green") << '7' << '1' << '7' << State::Pending << u("still runs");
        QTest::newRow("nowhere") << u("green") << '1' << '1' << '1' << State::Pending << u("still runs");
    }
    void whatHasNoTrafficIsNotLive()
    {
        QFETCH(QString, track);
        QFETCH(char, before);
        QFETCH(char, live);
        QFETCH(char, idle);
        QFETCH(Observation::State, state);
        QFETCH(QString, words);
        const QString image = u("registry.example/cart");
        PlaceReading place;
        place.environment = u("production");
        place.deployed = Console::placeOf(u("production"));
        place.deployed->tracks.append(place.deployed->tracks.first());
        place.deployed->tracks.last().name = u("green");
        place.deployed->tracks.last().share = 0.0;
        place.isLive = true;
        place.target = runningRelease({}, image, before);
        place.running = runningRelease({}, image, '1');
        const AwaitedRelease made =
            awaitedNow({u("cart"), u("production"), digestOf('7'), {}}, u("1.5.0"), track, place);
        const auto release = awaitedOf(awaitStep(made, u("ci"))); // as it comes back from the journal
        QVERIFY(release);
        place.running = runningRelease({}, image, live);
        place.target = runningRelease({}, image, idle);
        const auto seen = awaitedIn(*release, place, true);
        QVERIFY(seen);
        QCOMPARE(seen->state, state);
        QVERIFY2(seen->text.contains(words), qPrintable(seen->text));
    }

    // Whoever waits for what a failed run was to bring would wait in vain.
    void aRunThatFailsEndsTheWait_data()
    {
        QTest::addColumn<RunState>("state");
        QTest::addColumn<RunState>("job"); // that deploys there
        QTest::addColumn<bool>("ends");
        using R = RunState;
        QTest::newRow("failed") << R::Failed << R::Failed << true;
        QTest::newRow("failed before it") << R::Failed << R::Skipped << true;
        QTest::newRow("failed behind it") << R::Failed << R::Passed << false;
        QTest::newRow("cancelled") << R::Cancelled << R::Cancelled << true;
        QTest::newRow("passed") << R::Passed << R::Passed << false; // the clusters may be slower
        QTest::newRow("goes on") << R::Running << R::Running << false;
    }
    void aRunThatFailsEndsTheWait()
    {
        QFETCH(RunState, state);
        QFETCH(RunState, job);
        QFETCH(bool, ends);
        m_shop = std::make_unique<PromotionShop>(
            cartPolicy("    execution: {by: vendorGate, connection: ci, gate: production}\n"));
        FakeGates gates(u("ci"));
        gates.gates = {order('7').gate};
        FakePipelines runs(u("ci"));
        const auto dan = m_shop->console("dan");
        const auto bob = m_shop->console("bob");
        dan->gates = &gates;
        dan->runs = &runs;
        const QString id = ask(*dan);
        QVERIFY(approve(*bob, id));
        const auto plan = planOf(*dan, id);
        QVERIFY2(plan, qPrintable(plan ? QString() : plan.error().message));
        const RunRef run = gates.gates.first().run;
        runs.details[run.id].run.ref = run;
        runs.details[run.id].run.state = RunState::Waiting;
        Job deploy;
        deploy.id = u("9");
        deploy.environment = u("production");
        deploy.state = RunState::Waiting;
        runs.details[run.id].jobs = {deploy};
        Operation *const operation = start(*dan, plan);
        QVERIFY(operation);
        QTRY_VERIFY(runs.detailAsks > 0);
        QVERIFY(!operation->isFinished());
        runs.details[run.id].run.state = state;
        runs.details[run.id].jobs.first().state = job;
        const int asks = runs.detailAsks;
        QTRY_VERIFY_WITH_TIMEOUT(operation->isFinished() || runs.detailAsks > asks + 1, 20000);
        QCOMPARE(operation->isFinished(), ends);
        if (ends) {
            const QString message = operation->outcome()->message;
            QCOMPARE(operation->outcome()->kind, OutcomeKind::NotEffective);
            QVERIFY2(message.contains(u("run 7")) && message.contains(runStateLabel(state)), qPrintable(message));
        }
        // A run that cannot be read ends nothing.
        runs.trouble = Error{ErrorKind::Unreachable, u("the server is away"), {}};
        dan->put(u("production"), u("1.5.0"), digestOf('7'), 0);
        QVERIFY(finished(operation));
        QCOMPARE(operation->outcome()->kind, ends ? OutcomeKind::NotEffective : OutcomeKind::Done);
        QVERIFY(QTest::qWaitFor([&] { return dan->desk->isSettled() && dan->operations->isIdle(); }));
    }

    // The step that waits calls nothing: what came before it says how far the promotion got.
    void aCrashIsToldByWhatWasDone_data()
    {
        QTest::addColumn<bool>("isClaimed");
        QTest::addColumn<bool>("isPressed");
        QTest::addColumn<bool>("runs");
        QTest::addColumn<int>("minutes"); // ago
        QTest::addColumn<OutcomeKind>("ending");
        QTest::newRow("before the claim") << false << false << false << 0 << OutcomeKind::Cancelled;
        QTest::newRow("before the gate") << true << false << false << 0 << OutcomeKind::Failed;
        QTest::newRow("while it was awaited") << true << true << false << 0 << OutcomeKind::Unknown;
        QTest::newRow("awaited long ago") << true << true << false << 600 << OutcomeKind::NotEffective;
        QTest::newRow("it came meanwhile") << true << true << true << 0 << OutcomeKind::Done;
    }
    void aCrashIsToldByWhatWasDone()
    {
        QFETCH(bool, isClaimed);
        QFETCH(bool, isPressed);
        QFETCH(bool, runs);
        QFETCH(int, minutes);
        m_shop = std::make_unique<PromotionShop>(
            cartPolicy("    execution: {by: vendorGate, connection: ci, gate: production}\n"));
        FakeGates gates(u("ci"));
        gates.gates = {order('7').gate};
        const auto dan = m_shop->console("dan");
        const auto bob = m_shop->console("bob");
        dan->gates = &gates;
        const QString id = ask(*dan);
        QVERIFY(approve(*bob, id));
        const auto plan = planOf(*dan, id);
        QVERIFY2(plan, qPrintable(plan ? QString() : plan.error().message));
        JournalIntent intent;
        intent.plan = *plan;
        intent.at = QDateTime::currentDateTimeUtc().addSecs(-60 * minutes);
        if (isClaimed)
            QVERIFY(startAndHold(*dan, plan));
        dan->cluster.takenPlaceOf.insert(u("1"), Result<bool>(isPressed));
        if (runs)
            dan->put(u("production"), u("1.5.0"), digestOf('7'), 0);

        FakeClock clock;
        std::optional<Result<Outcome>> closed;
        const auto reconciled = [&] {
            closed.reset();
            Reconciler reconciler(intent, dan->runner, clock, {},
                                  [&closed](const Result<Outcome> &outcome) { closed = outcome; });
            reconciler.start();
            return QTest::qWaitFor(
                [&] {
                    clock.advance(std::chrono::seconds(1));
                    return closed.has_value();
                },
                20000);
        };
        const Deployed production = Console::placeOf(u("production"));
        dan->setListing(Freshness::State::Loading);
        dan->deployed.apply({}, {production.key()});
        QVERIFY(reconciled());
        QVERIFY(!*closed); // asked again later
        QCOMPARE(closed->error().kind, ErrorKind::Unreachable);
        dan->setListing(Freshness::State::Live);
        dan->deployed.apply({production}, {});
        QVERIFY(reconciled());
        QVERIFY2(*closed, qPrintable(*closed ? QString() : closed->error().message));
        QTEST((*closed)->kind, "ending");
    }

    void aPromotionGivesOneApprovalOfSeveral()
    {
        m_shop = std::make_unique<PromotionShop>(
            cartPolicy("    execution: {by: vendorGate, connection: ci, gate: production}\n"));
        FakeGates gates(u("ci"));
        const auto dan = m_shop->console("dan");
        const auto bob = m_shop->console("bob");
        dan->gates = &gates;
        const QString id = ask(*dan);
        QVERIFY(approve(*bob, id));
        WaitingGate gate = order('7').gate;
        gate.needed = 2;
        gates.gates = {gate};
        auto plan = planOf(*dan, id);
        QVERIFY2(plan, qPrintable(plan ? QString() : plan.error().message));
        QVERIFY2(blocks(*plan).isEmpty(), qPrintable(textOf(plan->checks)));
        QVERIFY2(textOf(plan->checks).contains(u("1 approval")), qPrintable(textOf(plan->checks)));
        QVERIFY(gates.orders.last().waitsForOthers);
        gates.gates.first().given = {{u("bob"), true, {}, {}}};
        plan = planOf(*dan, id);
        QVERIFY(plan);
        QVERIFY(gates.orders.last().waitsForOthers); // whether any is missing the vendor says with its plan
        QVERIFY2(!textOf(plan->checks).contains(u("1 approval")), qPrintable(textOf(plan->checks)));
        QVERIFY2(blocks(*plan).isEmpty(), qPrintable(textOf(plan->checks)));
        QVERIFY(isAwaitStep(plan->steps.last()));
    }

    // A job that promotes before the run has come to its gate waits for it: that is no failure of the plan.
    void aGateThatNoRunHasComeToIsAwaited()
    {
        m_shop = std::make_unique<PromotionShop>(
            cartPolicy("    execution: {by: vendorGate, connection: ci, gate: production}\n"));
        FakeGates gates(u("ci"));
        const auto dan = m_shop->console("dan");
        const auto bob = m_shop->console("bob");
        dan->gates = &gates;
        const auto draft = awaited(dan->desk->draft({u("cart"), u("production"), {}, {}, u("it is time")}, {}));
        QVERIFY2(draft, qPrintable(draft ? QString() : draft.error().message));
        const auto rehearsed = awaited(dan->desk->rehearse(*draft, {}));
        QVERIFY(!rehearsed);
        QVERIFY2(isGateAwaited(rehearsed.error()), qPrintable(rehearsed.error().message));
        QVERIFY2(rehearsed.error().message.contains(u("\"production\"")), qPrintable(rehearsed.error().message));
        const QString id = ask(*dan);
        QVERIFY(approve(*bob, id));
        const auto early = planOf(*dan, id);
        QVERIFY(!early && isGateAwaited(early.error()));
        QVERIFY(isPlannedAgain(early.error(), true));
        QVERIFY(!isPlannedAgain(early.error(), false)); // it was there when it was confirmed
        QVERIFY(isPlannedAgain({ErrorKind::Conflict, {}, {}}, false));
        QVERIFY(!isPlannedAgain({ErrorKind::Unreachable, {}, {}}, true));
        gates.gates = {order('7').gate};
        const auto plan = planOf(*dan, id);
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

    void aProjectOfNoApplicationPassesNoRule_data()
    {
        QTest::addColumn<QString>("environment");
        QTest::addColumn<QString>("title");
        QTest::addColumn<CheckState>("state");
        QTest::newRow("the policy has its environment") << u("Production") << u("Go?") << CheckState::Block;
        QTest::newRow("the policy names the gate") << QString() << u("Deploy to prod?") << CheckState::Block;
        QTest::newRow("nothing is known") << QString() << u("Go?") << CheckState::Block;
        QTest::newRow("an environment without rules") << u("load-lab") << u("Go?") << CheckState::Warn;
        QTest::newRow("not protected") << u("preview") << u("Go?") << CheckState::Pass;
    }
    void aProjectOfNoApplicationPassesNoRule()
    {
        QFETCH(QString, environment);
        QFETCH(QString, title);
        QFETCH(CheckState, state);
        m_shop = std::make_unique<PromotionShop>(cartPolicy(
            "    applications: [cart]\n    execution: {by: vendorGate, connection: ci, gate: \"Deploy to prod?\"}\n"));
        FakeGates gates(u("ci"));
        GateOrder unmapped = order('7', environment);
        unmapped.gate.title = title;
        unmapped.application = u("shop/other");
        unmapped.isMapped = false;
        const auto plan = awaited(m_shop->console("dan")->desk->planGate(gates, unmapped, {}));
        QVERIFY(plan);
        QVERIFY(!plan->checks.isEmpty());
        QCOMPARE(plan->checks.first().state, state);
        QCOMPARE(!blocks(*plan).isEmpty(), state == CheckState::Block);
        if (state == CheckState::Block)
            QVERIFY2(plan->checks.first().wayOut.contains(u("workspace")), qPrintable(textOf(plan->checks)));
    }

    void oneNameForSeveralEnvironmentsPassesNone()
    {
        policy::LedgerHead head;
        for (const char *environment : {"staging", "production"}) {
            policy::EnvironmentPolicy rules;
            rules.environment = u(environment);
            rules.execution = {policy::Execution::Kind::VendorGate, {}, u("ci"), u("Deploy"), {}, {}, {}};
            head.policy.environments.append(rules);
        }
        GateOrder named = order('7', {});
        named.gate.title = u("Deploy");
        const GateStanding standing = gateStanding(head, named, QDateTime::currentDateTimeUtc());
        QVERIFY(!standing.isOpen);
        QVERIFY(standing.isProtected);
        QCOMPARE(standing.checks.size(), 1);
        QCOMPARE(standing.checks.first().state, CheckState::Block);
        QVERIFY(standing.checks.first().detail.contains(u("staging, production")));
    }

    void twoGatesOfOneNameForOneCommitAreNotToldApart()
    {
        m_shop = std::make_unique<PromotionShop>(
            cartPolicy("    execution: {by: vendorGate, connection: ci, gate: \"Deploy to prod?\"}\n"));
        FakeGates gates(u("ci"));
        const auto dan = m_shop->console("dan");
        const auto bob = m_shop->console("bob");
        const QString id = ask(*dan);
        QVERIFY(approve(*bob, id));
        GateOrder named = order('7', {});
        named.gate.title = u("Deploy to prod?");
        named.gate.page = QUrl(u("https://ci.example/7"));
        WaitingGate other = named.gate;
        other.id = u("8-1");
        other.commit = QString(40, u'8');
        gates.gates = {named.gate, other}; // another commit is told apart by it
        auto plan = awaited(dan->desk->planGate(gates, named, {}));
        QVERIFY(plan);
        QVERIFY2(blocks(*plan).isEmpty(), qPrintable(textOf(plan->checks)));
        gates.gates.last().commit = named.gate.commit;
        plan = awaited(dan->desk->planGate(gates, named, {}));
        QVERIFY(plan);
        QCOMPARE(blocks(*plan).size(), 1);
        QVERIFY2(blocks(*plan).first().wayOut.contains(u("https://ci.example/7")), qPrintable(textOf(plan->checks)));
    }

    void alertsThatCouldNotBeReadAreSaid()
    {
        QByteArray rules = cartPolicy();
        rules.replace("    noFiringAlerts: false\n    notAuthor", "    notAuthor");
        m_shop = std::make_unique<PromotionShop>(rules);
        FakeGates gates(u("ci"));
        const auto dan = m_shop->console("dan");
        const auto bob = m_shop->console("bob");
        const QString id = ask(*dan);
        QVERIFY(approve(*bob, id));
        const auto plan = awaited(dan->desk->planGate(gates, order('7'), {}));
        QVERIFY(plan);
        QVERIFY2(!blocks(*plan).isEmpty(), qPrintable(textOf(plan->checks))); // the rule asks for no firing alert
        const auto alerts = std::find_if(plan->checks.cbegin(), plan->checks.cend(),
                                         [](const Check &check) { return check.id == CheckId::FiringAlerts; });
        QVERIFY2(alerts != plan->checks.cend(), qPrintable(textOf(plan->checks)));
        QVERIFY(alerts->state != CheckState::Pass);
        const GateStanding blind = withoutWorld({}, Error{ErrorKind::Unreachable, u("the cluster is away"), {}});
        QCOMPARE(blind.checks.size(), 1);
        QCOMPARE(blind.checks.first().state, CheckState::Warn);
        QCOMPARE(blind.checks.first().detail, u("the cluster is away"));
        // What has rules stays shut, unless somebody acts alone.
        GateStanding known;
        known.isKnown = true;
        known.isOpen = true;
        const Error away{ErrorKind::Unreachable, u("the cluster is away"), {}};
        QVERIFY(!withoutWorld(known, away).isOpen);
        QCOMPARE(withoutWorld(known, away).checks.first().state, CheckState::Block);
        known.hasGlass = true;
        QVERIFY(withoutWorld(known, away).isOpen);
        QCOMPARE(withoutWorld(known, away).checks.first().state, CheckState::Warn);
    }

    void whatMayBeOldOpensNothing()
    {
        policy::PromotionCard card;
        card.decision.isOpen = true;
        card.stale = {{u("production"), {}, u("the cluster is away")}};
        GateStanding closed; // by the ledger alone
        closed.isKnown = true;
        const GateStanding still = withWorld(closed, card);
        QVERIFY(!still.isOpen);
        QCOMPARE(still.checks.last().state, CheckState::Block);
        QCOMPARE(still.checks.last().detail, u("the cluster is away"));
        GateStanding open = closed;
        open.isOpen = true;
        QVERIFY(!withWorld(open, card).isOpen);
        QCOMPARE(withWorld(open, card).checks.last().state, CheckState::Block);
        open.hasGlass = true; // who acts alone answers for it
        QVERIFY(withWorld(open, card).isOpen);
        QCOMPARE(withWorld(open, card).checks.last().state, CheckState::Warn);
        card.stale.clear();
        QVERIFY(withWorld(closed, card).isOpen);
        // Another commit than waits at the gate.
        closed.commit = QString(40, u'7');
        card.decision.subject.commit = QString(40, u'8');
        QVERIFY(!withWorld(closed, card).isOpen);
        QCOMPARE(withWorld(closed, card).checks.last().state, CheckState::Block);
    }

    // The ledger says yes to all of these; what runs says no, or cannot be looked at.
    void whatTheWorldDoesNotMeetIsNotLetThrough_data()
    {
        QTest::addColumn<policy::Rule>("rule");
        QTest::addColumn<policy::RuleResult::State>("state");
        QTest::addColumn<bool>("underGlass"); // let through
        using R = policy::Rule;
        using S = policy::RuleResult::State;
        QTest::newRow("another digest was tested") << R::SameDigest << S::Block << true;
        QTest::newRow("not long enough") << R::Soak << S::Waiting << true;
        QTest::newRow("an alert fires") << R::Alerts << S::Block << true;
        QTest::newRow("alerts are not known") << R::Alerts << S::Unknown << true;
        QTest::newRow("the artifact is not known") << R::Artifact << S::Unknown << true;
        QTest::newRow("an author approved") << R::Approvals << S::Waiting << true;
        QTest::newRow("a deployment is under way") << R::OneAtATime << S::Waiting << false;
        QTest::newRow("whether one is, is not known") << R::OneAtATime << S::Unknown << true;
    }
    void whatTheWorldDoesNotMeetIsNotLetThrough()
    {
        QFETCH(policy::Rule, rule);
        QFETCH(policy::RuleResult::State, state);
        QFETCH(bool, underGlass);
        GateStanding open;
        open.isKnown = true;
        open.isOpen = true;
        policy::PromotionCard card;
        card.decision.rules = {{policy::Rule::Request, policy::RuleResult::State::Pass, u("asked for"), {}, true},
                               {rule, state, u("the world says so"), {}, true}};
        const auto blocks = [](const GateStanding &standing) {
            return std::count_if(standing.checks.cbegin(), standing.checks.cend(),
                                 [](const Check &check) { return check.state == CheckState::Block; });
        };
        GateStanding whole = withWorld(open, card);
        QVERIFY(!whole.isOpen);
        QCOMPARE(blocks(whole), 1);
        QCOMPARE(whole.checks.last().detail, u("the world says so"));
        open.hasGlass = true;
        whole = withWorld(open, card);
        QCOMPARE(whole.isOpen, underGlass);
        QCOMPARE(blocks(whole), underGlass ? 0 : 1);
    }

    // By the ledger the policy is met: staging was seen to run it. It does not any more, or nobody can look.
    void aGateIsNotOpenedOnWhatWasTrueOnce()
    {
        FakeGates gates(u("ci"));
        const auto dan = m_shop->console("dan");
        const auto bob = m_shop->console("bob");
        const QString id = ask(*dan);
        QVERIFY(approve(*bob, id));
        auto plan = awaited(dan->desk->planGate(gates, order('7'), {}));
        QVERIFY(plan);
        QVERIFY2(blocks(*plan).isEmpty(), qPrintable(textOf(plan->checks)));
        // Somebody is deploying there.
        RunningRelease &target = dan->deployer->releases[u("production")];
        target.isSettled = false;
        dan->sitDown(); // nothing is remembered
        plan = awaited(dan->desk->planGate(gates, order('7'), {}));
        QVERIFY(plan && !blocks(*plan).isEmpty());
        target.isSettled = true;
        dan->deployer->isReachable = false;
        dan->sitDown();
        plan = awaited(dan->desk->planGate(gates, order('7'), {}));
        QVERIFY(plan && !blocks(*plan).isEmpty());
        QVERIFY2(textOf(blocks(*plan)).contains(u("the cluster is away")), qPrintable(textOf(plan->checks)));
        plan = awaited(dan->desk->planGate(gates, order('7', u("production"), false), {})); // no needs nothing
        QVERIFY(plan && blocks(*plan).isEmpty());
    }

    void anotherCommitThanWasJudgedIsNotPressed()
    {
        GateStanding standing;
        standing.isKnown = true;
        Plan plan;
        plan.toHash = order('7').gate.commit;
        QVERIFY(!otherCommit(standing, order('7'), plan));
        plan.toHash = QString(40, u'8');
        const auto check = otherCommit(standing, order('7'), plan);
        QVERIFY(check);
        QCOMPARE(check->state, CheckState::Block);
        QVERIFY(!otherCommit(standing, order('7', u("production"), false), plan));
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

    // The first fetch fails: that is no machine without a ledger, and its gates are not the vendors' alone.
    void aSharedLedgerThatNeverCameIsNotNone()
    {
        FakeGates gates(u("ci"));
        const auto dan = m_shop->console("dan", Console::Sharing::Remote);
        QVERIFY(QDir().rename(m_shop->forge.path(), m_shop->forge.path() + u(".away")));
        const auto board = awaited(dan->desk->refresh({}));
        QVERIFY(!board);
        QCOMPARE(board.error().kind, ErrorKind::Unreachable);
        QVERIFY2(board.error().message.contains(u("no copy")), qPrintable(board.error().message));
        const auto plan = awaited(dan->desk->planGate(gates, order('7'), {}));
        QVERIFY(plan && !blocks(*plan).isEmpty());
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
