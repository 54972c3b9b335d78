// What a vendor's own deployments say of an environment that no cluster shows, and how often it is asked.
#include "services/promotions/vendorplace.h"
#include "services/promotions/worldreader.h"
#include "tests/unit/services/promotions/gatefixture.h"

using namespace signalbox;
using namespace signalbox::test;

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

} // namespace

class TestVendorPlace : public GateFixture
{
    Q_OBJECT
private slots:
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
        GateShop shop;
        shop.gates.gates = {order('7').gate};
        FakeDeployments told(u("ci"));
        told.names = {u("staging"), u("Production")};
        told.known[u("Production")] = {deployment(u("42"), '7', RunState::Waiting),
                                       deployment(u("41"), '1', RunState::Passed, true)};
        shop.dan->deployments = &told;
        shop.dan->projects = {u("shop/cart")};
        QVERIFY(shop.isAgreedOn());
        shop.dan->deployed.apply({}, {Console::placeOf(u("production")).key()});
        const policy::PromotionCard card = shop.dan->card(shop.id);
        QVERIFY(card.isLive());
        // It can be asked for there, too, and its plan be looked at.
        const auto draft = awaited(shop.dan->desk->draft({u("cart"), u("production"), {}, {}, u("it is time")}, {}));
        QVERIFY2(draft, qPrintable(draft ? QString() : draft.error().message));
        const auto rehearsed = awaited(shop.dan->desk->rehearse(*draft, {}));
        QVERIFY2(rehearsed, qPrintable(rehearsed ? QString() : rehearsed.error().message));
        QCOMPARE(rehearsed->kind, OperationKind::Promote);
        const auto target =
            std::find_if(card.path.cbegin(), card.path.cend(), [](const auto &one) { return one.isTarget; });
        QVERIFY(target != card.path.cend());
        QCOMPARE(target->version, u("v41"));
        QCOMPARE(target->state, policy::PathPlace::State::Unknown);
        QVERIFY2(target->problem.contains(u("deployments of shop/cart to Production at ci")),
                 qPrintable(target->problem));
        const auto plan = planOf(*shop.dan, shop.id);
        QVERIFY2(plan, qPrintable(plan ? QString() : plan.error().message));
        QVERIFY2(blocks(*plan).isEmpty(), qPrintable(textOf(plan->checks)));
        QCOMPARE(plan->checks.last().id, CheckId::TargetExists);
        QCOMPARE(plan->checks.last().state, CheckState::Warn);
        QVERIFY2(plan->checks.last().detail.contains(u("v41")), qPrintable(textOf(plan->checks)));
        // The gate is open, and the deployment is not there yet.
        Operation *const operation = start(*shop.dan, plan);
        QVERIFY(operation);
        QTRY_VERIFY(operation->observation() && operation->observation()->text.contains(u("v41")));
        QVERIFY(!operation->isFinished());
        told.known[u("Production")] = {deployment(u("42"), '7', RunState::Passed, true),
                                       deployment(u("41"), '1', RunState::Passed)};
        QVERIFY(finished(operation));
        QCOMPARE(operation->outcome()->kind, OutcomeKind::Done);
        QVERIFY(!operation->outcome()->isConfirmed);
        QVERIFY(QTest::qWaitFor([&] { return shop.dan->desk->isSettled() && shop.dan->operations->isIdle(); }));
        const policy::PromotionCard done = shop.dan->card(shop.id);
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
        m_shop = std::make_unique<PromotionShop>(gatedPolicy());
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
};

QTEST_GUILESS_MAIN(TestVendorPlace)
#include "test_vendorplace.moc"
