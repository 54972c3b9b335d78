// The requester's open console claims at once when the policy is met: what was confirmed, once, or not at all.
#include "services/promotions/awaitedrelease.h"
#include "services/promotions/promotionplan.h"
#include "services/promotions/selfstarts.h"
#include "tests/unit/services/promotions/promotionshop.h"

#include <QSignalSpy>

using namespace signalbox;
using namespace signalbox::test;
using policy::PromotionCard;

class TestSelfStarts : public QObject
{
    Q_OBJECT

    std::unique_ptr<PromotionShop> m_shop;

    std::unique_ptr<Console> console(const char *person, Console::Sharing sharing = Console::Sharing::SamePath) const
    {
        return m_shop->console(person, sharing);
    }
    // dan asks, with its plan on screen, and wants it to start by itself.
    static QString ask(Console &dan)
    {
        const auto draft = awaited(dan.desk->draft({u("cart"), u("production"), {}, {}, u("it is time")}, {}));
        const auto plan = draft ? awaited(dan.desk->rehearse(*draft, {})) : Result<Plan>(draft.error());
        const auto id = plan ? awaited(dan.desk->request(*draft)) : Result<QString>(plan.error());
        if (!id) {
            qWarning("%s", qPrintable(id.error().message));
            return {};
        }
        dan.desk->startWhenMet(*id, *plan);
        return *id;
    }
    static Plan shown()
    {
        Plan plan;
        plan.connection = u("eu");
        plan.ns = u("production");
        PlanStep step;
        step.title = u("Set the image");
        step.diff = {{DiffLine::Kind::Added, u("image: cart:1.5.0")},
                     {DiffLine::Kind::Note, u("Promotion : it is time")}};
        plan.steps = {step, arrival('7')};
        plan.checks = {
            {CheckId::Policy, CheckState::Block, u("Approvals"), u("1 more"), {}},
            {CheckId::TargetExists, CheckState::Block, u("would not be seen"), {}, {}},
            {CheckId::Policy, CheckState::Warn, u("2 approvals are missing"), u("the last of 3 opens it"), {}, 2},
            {CheckId::Policy, CheckState::Warn, u("5 commits have no author"), u("of 9"), {}}};
        return plan;
    }
    static PlanStep arrival(char digest)
    {
        AwaitedRelease release;
        release.subject = {u("cart"), u("production"), digestOf(digest), {}};
        release.version = u("1.5.0");
        return awaitStep(release, u("eu"));
    }
    static PlanStep stepCalled(const char *title)
    {
        PlanStep made;
        made.title = u(title);
        return made;
    }
    static int executed(const Console &one) { return one.cluster.count(u("execute 1")); }
    // Looks at the promotion anew, and plans it by hand: whatever a look before made this desk plan by itself was asked
    // for earlier, and is carried out or left by then.
    static void lookOnceMore(Console &one, const QString &id)
    {
        (void)one.card(id);
        (void)planOf(one, id);
        (void)one.card(id);
        QTRY_VERIFY(one.desk->isSettled());
    }

private slots:
    void init() { m_shop = std::make_unique<PromotionShop>(); }

    void whatWasShownIsCarriedOutOrSaid_data()
    {
        QTest::addColumn<Plan>("now");
        QTest::addColumn<QString>("says"); // empty: it is what was shown
        const Plan same = shown();
        QTest::newRow("the same") << same << QString();
        Plan claimed = same; // it has an id by now
        claimed.kind = OperationKind::Promote;
        claimed.steps.first().diff[1].text = u("Promotion 01JD2M8RAAAAAAAAAAAAAAAAAA: it is time");
        claimed.steps.prepend(
            claimStep({u("01JD2M8RBBBBBBBBBBBBBBBBBB"),
                       {u("01JD2M8RAAAAAAAAAAAAAAAAAA"), {u("cart"), u("production"), digestOf('7'), {}}, {}}},
                      u("ledger.git")));
        QTest::newRow("claimed") << claimed << QString();
        Plan other = same;
        other.steps.first().diff[0].text = u("image: cart:1.6.0");
        QTest::newRow("another difference") << other << u("not what you were shown");
        other = same;
        other.steps.append(same.steps.first());
        QTest::newRow("another step") << other << u("not what you were shown");
        other = same;
        other.steps.last() = arrival('8'); // the tag was pushed anew, from the same commit
        QTest::newRow("another release is awaited") << other << u("not what you were shown");
        other = same;
        AwaitedRelease behind = *awaitedOf(other.steps.last());
        behind.runNumber = u("8");
        behind.run = RunRef{{u("ci"), u("shop/cart"), {}}, u("8")};
        other.steps.last() = awaitStep(behind, u("eu"));
        QTest::newRow("another run brings it") << other << QString();
        other = same;
        other.ns = u("elsewhere");
        QTest::newRow("another place") << other << u("not what you were shown");
        other = same;
        other.checks.append({CheckId::FiringAlerts, CheckState::Warn, u("CartIsSlow fires"), {}, {}});
        QTest::newRow("a new warning") << other << u("CartIsSlow fires");
        other = same;
        other.checks.first().state = CheckState::Warn; // set aside by whoever acts alone
        QTest::newRow("it stood against it, and warns") << other << QString();
        other = same;
        other.checks.append({CheckId::TargetExists, CheckState::Warn, u("will not be seen"), {}, {}});
        QTest::newRow("and warns in other words") << other << QString();
        other = same;
        other.checks.append({CheckId::DryRun, CheckState::Warn, u("no dry run"), {}, {}});
        QTest::newRow("a dry run") << other << QString();
        other = same;
        PlanStep wait;
        wait.title = u("Wait for 2 approvals of others");
        wait.call.method = u("LOOK");
        other.steps.append(wait);
        QTest::newRow("it waits for others, and calls nothing") << other << QString();
        const auto missing = [](const char *text, const char *detail, int count) {
            return Check{CheckId::Policy, CheckState::Warn, u(text), u(detail), {}, count};
        };
        other = same;
        other.checks.append(missing("1 approval is missing", "the last of 3 opens it", 1));
        QTest::newRow("fewer approvals are missing") << other << QString();
        other = same;
        other.checks.append(missing("2 approvals are missing", "yours is given", 2));
        QTest::newRow("as many approvals are missing, and the own is given") << other << QString();
        other = same;
        other.checks.append(missing("3 approvals are missing", "the last of 3 opens it", 3));
        QTest::newRow("more approvals are missing") << other << u("3 approvals are missing");
        other = same;
        other.checks.append(missing("4 commits have no author", "of 9", 0));
        QTest::newRow("fewer of what is no approval") << other << u("4 commits");
    }
    void whatWasShownIsCarriedOutOrSaid()
    {
        QFETCH(Plan, now);
        QFETCH(QString, says);
        const QString why = whatChanged(shown(), now);
        QCOMPARE(why.isEmpty(), says.isEmpty());
        QVERIFY2(why.contains(says), qPrintable(why));
    }

    // At the vendor: what others gave before needs no vote of ours any more. One that nobody was shown is never given.
    void whatOthersApprovedMeanwhileIsNothingElse_data()
    {
        QTest::addColumn<Plan>("seen");
        QTest::addColumn<Plan>("now");
        QTest::addColumn<bool>("isKnown");
        PlanStep vote = stepCalled("Approve the deployment of 77777777 to production");
        vote.isVote = true;
        PlanStep others = stepCalled("Wait for 1 approval of others");
        others.call.method = u("LOOK");
        PlanStep begin = stepCalled("Start deploy");
        begin.startsWaiting = true;
        const auto plan = [](const QList<PlanStep> &steps) {
            Plan made;
            made.connection = u("ci");
            made.steps = steps + QList<PlanStep>{arrival('7')};
            return made;
        };
        const Plan whole = plan({vote, others, begin});
        QTest::newRow("one more") << whole << plan({vote, begin}) << true;
        QTest::newRow("all that it takes") << whole << plan({begin}) << true;
        QTest::newRow("ours, too") << whole << plan({others, begin}) << true;
        PlanStep another = vote;
        another.title = u("Approve the deployment of 88888888 to production");
        QTest::newRow("a vote for something else") << whole << plan({another, others, begin}) << false;
        QTest::newRow("a vote that was not shown") << plan({begin}) << whole << false;
        QTest::newRow("nothing starts it any more") << whole << plan({}) << false;
        another = begin;
        another.title = u("Start migrate");
        QTest::newRow("another job") << whole << plan({another}) << false;
        Plan elsewhere = plan({begin});
        elsewhere.ns = u("shop/search");
        QTest::newRow("another place") << whole << elsewhere << false;
        Plan later = plan({begin});
        later.steps.last() = arrival('8');
        QTest::newRow("another release") << whole << later << false;
    }
    void whatOthersApprovedMeanwhileIsNothingElse()
    {
        QFETCH(Plan, seen);
        QFETCH(Plan, now);
        QFETCH(bool, isKnown);
        QCOMPARE(doesWhatWasShown(seen, now), isKnown);
        QCOMPARE(whatChanged(seen, now).isEmpty(), isKnown);
    }

    void startsOnceItIsApproved()
    {
        const auto dan = console("dan");
        const auto ann = console("ann");
        QSignalSpy waits(dan->desk.get(), &PromotionDesk::waitsForMe);
        QSignalSpy left(dan->desk.get(), &PromotionDesk::startLeft);
        dan->desk->start();
        const QString id = ask(*dan);
        QVERIFY(dan->desk->startsByItself(id));
        QTRY_VERIFY(dan->desk->board().find(id) != nullptr);
        lookOnceMore(*dan, id);
        QCOMPARE(dan->operations->operations().size(), qsizetype(0)); // nothing before the policy is met
        QVERIFY(approve(*ann, id));
        QTRY_COMPARE_WITH_TIMEOUT(executed(*dan), 1, 20000);
        QTRY_COMPARE_WITH_TIMEOUT(policy::cardStateName(ann->card(id).state), u("done"), 20000);
        QCOMPARE(ann->card(id).decision.claimant, u("dan"));
        QVERIFY(!dan->desk->startsByItself(id));
        QCOMPARE(left.size(), 0);
        QCOMPARE(waits.size(), 0); // nobody has to do anything
        QTRY_VERIFY(dan->desk->isSettled());
    }

    void whoDidNotAskForItIsOffered()
    {
        const auto dan = console("dan");
        const auto ann = console("ann");
        dan->desk->start();
        const QString id = ask(*dan);
        dan->desk->doNotStart(id);
        QSignalSpy waits(dan->desk.get(), &PromotionDesk::waitsForMe);
        QTRY_VERIFY(dan->desk->board().find(id) != nullptr);
        QVERIFY(approve(*ann, id));
        QTRY_COMPARE_WITH_TIMEOUT(waits.size(), 1, 20000);
        lookOnceMore(*dan, id);
        QCOMPARE(dan->operations->operations().size(), qsizetype(0));
        QCOMPARE(executed(*dan), 0);
        QCOMPARE(policy::cardStateName(dan->card(id).state), u("ready"));
    }

    // By itself at one desk, by hand at two others, all at the same moment.
    void threeConsolesCarryItOutOnce_data()
    {
        QTest::addColumn<bool>("isShared");
        QTest::newRow("one path") << false;
        QTest::newRow("copies, shared through a repository") << true;
    }
    void threeConsolesCarryItOutOnce()
    {
        QFETCH(bool, isShared);
        const auto sharing = isShared ? Console::Sharing::Remote : Console::Sharing::SamePath;
        const auto dan = console("dan", sharing);
        const auto ann = console("ann", sharing);
        const auto bob = console("bob", sharing);
        const auto cai = console("cai", sharing);
        const QString id = ask(*dan);
        QVERIFY(approve(*cai, id));
        const auto annsPlan = planOf(*ann, id);
        const auto bobsPlan = planOf(*bob, id);
        const auto look = dan->desk->refresh({}); // dan's board is read, and starts it
        const QList<Operation *> byHand{start(*ann, annsPlan), start(*bob, bobsPlan)};
        QVERIFY(awaited(look));
        for (Operation *operation : byHand) {
            QVERIFY(operation);
            QTRY_VERIFY_WITH_TIMEOUT(operation->isFinished(), 20000);
        }
        QTRY_VERIFY_WITH_TIMEOUT(!dan->desk->startsByItself(id), 20000);
        QCOMPARE(executed(*dan) + executed(*ann) + executed(*bob), 1);
        for (Console *one : {dan.get(), ann.get(), bob.get()})
            QTRY_VERIFY(one->desk->isSettled());
        QVERIFY(m_shop->isWhole()); // no second claim
        QCOMPARE(policy::cardStateName(cai->card(id).state), u("done"));
    }

    // Somebody was against it: also where that is over before the policy is met.
    void whoeverIsAgainstItStopsIt_data()
    {
        QTest::addColumn<QString>("how");
        QTest::addColumn<bool>("isTakenBack");
        for (const char *how : {"hold", "freeze", "veto", "rejection without veto"}) {
            QTest::addRow("a %s", how) << u(how) << false;
            if (QByteArray(how) == "hold" || QByteArray(how) == "freeze")
                QTest::addRow("a %s that is lifted again", how) << u(how) << true;
        }
    }
    void whoeverIsAgainstItStopsIt()
    {
        QFETCH(QString, how);
        QFETCH(bool, isTakenBack);
        const auto dan = console("dan");
        const auto ann = console("ann");
        const auto cai = console("cai");
        const auto bob = console("bob");
        const QString id = ask(*dan);
        (void)dan->card(id);
        QVERIFY(dan->desk->startsByItself(id));
        QSignalSpy left(dan->desk.get(), &PromotionDesk::startLeft);
        QSignalSpy waits(dan->desk.get(), &PromotionDesk::waitsForMe);
        Result<QString> entry = Error{};
        if (how == u("hold")) {
            entry = awaited(ann->desk->hold(u("cart"), u("production"), u("the night was long")));
        } else if (how == u("freeze")) {
            const QDateTime now = QDateTime::currentDateTimeUtc();
            const auto reach = awaited(ann->desk->draftFreeze(
                {u("*"), u("production"), now.addSecs(-1), now.addSecs(3600), u("a launch")}, {}));
            QVERIFY(reach);
            entry = awaited(ann->desk->freeze(*reach));
        } else {
            Console &by = how == u("veto") ? *ann : *cai; // cai approves, and has no veto
            entry = awaited(by.desk->reject(seenOf(by.card(id)), u("no")));
        }
        QVERIFY2(entry, qPrintable(entry ? QString() : entry.error().message));
        (void)dan->card(id);
        QCOMPARE(left.size(), 1);
        QVERIFY(!left.first().at(1).toString().isEmpty());
        QVERIFY(!dan->desk->startsByItself(id));
        if (isTakenBack) {
            (void)ann->card(id);
            QVERIFY(awaited(ann->desk->lift(*entry, u("slept"))));
        }
        const bool isVeto = how == u("veto");
        const bool isReady = isTakenBack || how.startsWith(u("rejection"));
        QVERIFY(approve(isVeto ? *cai : *bob, id));
        const PromotionCard card = dan->card(id);
        QCOMPARE(card.state == PromotionCard::State::Ready, isReady);
        lookOnceMore(*dan, id);
        QCOMPARE(dan->operations->operations().size(), qsizetype(0));
        QCOMPARE(executed(*dan), 0);
        QCOMPARE(waits.size(), isReady ? 1 : 0); // then dan is asked
    }

    // What is claimed is what was on screen, not what would be done by now.
    void anotherPlanAsks()
    {
        const auto dan = console("dan");
        const auto ann = console("ann");
        const QString id = ask(*dan);
        (void)dan->card(id);
        dan->deployer->note = u("and restarts what holds the old prices");
        QSignalSpy left(dan->desk.get(), &PromotionDesk::startLeft);
        QSignalSpy waits(dan->desk.get(), &PromotionDesk::waitsForMe);
        QVERIFY(approve(*ann, id));
        QCOMPARE(policy::cardStateName(dan->card(id).state), u("ready"));
        QTRY_COMPARE(left.size(), 1);
        QVERIFY2(left.first().at(1).toString().contains(u("is not what you were shown")),
                 qPrintable(left.first().at(1).toString()));
        QCOMPARE(waits.size(), 1);
        QCOMPARE(executed(*dan), 0);
        QCOMPARE(dan->operations->operations().size(), qsizetype(0));
    }

    void whatIsWithdrawnWhileItIsPlannedStays()
    {
        const auto dan = console("dan");
        const auto ann = console("ann");
        const QString id = ask(*dan);
        (void)dan->card(id);
        QVERIFY(approve(*ann, id));
        bool isWithdrawn = false;
        // The board that shows it ready begins to plan it; nothing has been created by then.
        connect(dan->desk.get(), &PromotionDesk::boardChanged, dan->desk.get(), [&] {
            if (std::exchange(isWithdrawn, true))
                return;
            QTimer::singleShot(0, dan->desk.get(), [&dan, id] { dan->desk->doNotStart(id); });
        });
        QCOMPARE(policy::cardStateName(dan->card(id).state), u("ready"));
        QTRY_VERIFY(!dan->desk->startsByItself(id));
        lookOnceMore(*dan, id);
        QVERIFY(isWithdrawn);
        QCOMPARE(dan->operations->operations().size(), qsizetype(0));
        QCOMPARE(executed(*dan), 0);
    }

    // Without a look at what runs nothing is begun; the next look tries again.
    void aClusterThatIsAwayIsWaitedFor()
    {
        const auto dan = console("dan");
        const auto ann = console("ann");
        const QString id = ask(*dan);
        (void)dan->card(id);
        QVERIFY(approve(*ann, id));
        dan->deployer->isReachable = false;
        (void)dan->card(id);
        lookOnceMore(*dan, id);
        QCOMPARE(executed(*dan), 0);
        QVERIFY(dan->desk->startsByItself(id));
        dan->deployer->isReachable = true;
        (void)dan->card(id);
        QTRY_COMPARE_WITH_TIMEOUT(executed(*dan), 1, 20000);
        QTRY_VERIFY(dan->desk->isSettled());
    }
};

QTEST_GUILESS_MAIN(TestSelfStarts)
#include "test_selfstarts.moc"
