// A gate that opened is no release that runs: what is awaited behind it, and who saw it.
#include "services/operations/reconciler.h"
#include "services/promotions/awaitedrelease.h"
#include "services/promotions/vendorplace.h"
#include "tests/support/fakeclock.h"
#include "tests/unit/services/promotions/gatefixture.h"

using namespace signalbox;
using namespace signalbox::test;

class TestAwaitedRelease : public GateFixture
{
    Q_OBJECT
private slots:
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
        GateShop shop;
        shop.gates.gates = {order('7').gate};
        FakePipelines runs(u("ci"));
        shop.dan->runs = &runs;
        QVERIFY(shop.isAgreedOn());
        const auto plan = planOf(*shop.dan, shop.id);
        QVERIFY2(plan, qPrintable(plan ? QString() : plan.error().message));
        const RunRef run = shop.gates.gates.first().run;
        runs.details[run.id].run.ref = run;
        runs.details[run.id].run.state = RunState::Waiting;
        Job deploy;
        deploy.id = u("9");
        deploy.environment = u("production");
        deploy.state = RunState::Waiting;
        runs.details[run.id].jobs = {deploy};
        Operation *const operation = start(*shop.dan, plan);
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
        shop.dan->put(u("production"), u("1.5.0"), digestOf('7'), 0);
        QVERIFY(finished(operation));
        QCOMPARE(operation->outcome()->kind, ends ? OutcomeKind::NotEffective : OutcomeKind::Done);
        QVERIFY(QTest::qWaitFor([&] { return shop.dan->desk->isSettled() && shop.dan->operations->isIdle(); }));
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
        GateShop shop;
        shop.gates.gates = {order('7').gate};
        QVERIFY(shop.isAgreedOn());
        const auto plan = planOf(*shop.dan, shop.id);
        QVERIFY2(plan, qPrintable(plan ? QString() : plan.error().message));
        JournalIntent intent;
        intent.plan = *plan;
        intent.at = QDateTime::currentDateTimeUtc().addSecs(-60 * minutes);
        if (isClaimed)
            QVERIFY(startAndHold(*shop.dan, plan));
        shop.dan->cluster.takenPlaceOf.insert(u("1"), Result<bool>(isPressed));
        if (runs)
            shop.dan->put(u("production"), u("1.5.0"), digestOf('7'), 0);

        FakeClock clock;
        std::optional<Result<Outcome>> closed;
        const auto reconciled = [&] {
            closed.reset();
            Reconciler reconciler(intent, shop.dan->runner, clock, {},
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
        shop.dan->setListing(Freshness::State::Loading);
        shop.dan->deployed.apply({}, {production.key()});
        QVERIFY(reconciled());
        QVERIFY(!*closed); // asked again later
        QCOMPARE(closed->error().kind, ErrorKind::Unreachable);
        shop.dan->setListing(Freshness::State::Live);
        shop.dan->deployed.apply({production}, {});
        QVERIFY(reconciled());
        QVERIFY2(*closed, qPrintable(*closed ? QString() : closed->error().message));
        QTEST((*closed)->kind, "ending");
    }
};

QTEST_GUILESS_MAIN(TestAwaitedRelease)
#include "test_awaitedrelease.moc"
