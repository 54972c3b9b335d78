// A vendor's gate, and what our own policy says before it is pressed.
#include "services/promotions/gatedecision.h"
#include "tests/unit/services/promotions/gatefixture.h"

using namespace signalbox;
using namespace signalbox::test;

class TestGateDecision : public GateFixture
{
    Q_OBJECT
private slots:
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

    // The vendor counts by rules; what it counts is what is missing. Only a vote that is still to come is taken off.
    void whatIsMissingOfOthersIsWhatTheVendorCounts_data()
    {
        QTest::addColumn<int>("needed");
        QTest::addColumn<int>("given");
        QTest::addColumn<int>("told");      // missing, by the vendor; -1: not told
        QTest::addColumn<QString>("steps"); // v: a vote, w: waits for others, s: starts what waits, d: decides
        QTest::addColumn<int>("missing");   // of others
        QTest::addColumn<QString>("words");
        const QString one = u("this promotion gives one");
        const QString mine = u("yours is given");
        QTest::newRow("one decides") << 1 << 0 << -1 << u("d") << 0 << QString();
        QTest::newRow("the first of two") << 2 << 0 << -1 << u("d") << 1 << one;
        QTest::newRow("the first of two, told") << 2 << 0 << 2 << u("vws") << 1 << one;
        QTest::newRow("the last of two") << 2 << 1 << 1 << u("vs") << 0 << QString();
        QTest::newRow("mine of two is given") << 2 << 1 << 1 << u("ws") << 1 << mine;
        QTest::newRow("mine of two is given, not told") << 2 << 1 << -1 << u("ws") << 1 << mine;
        QTest::newRow("the first of three") << 3 << 0 << 3 << u("vws") << 2 << one;
        QTest::newRow("mine of three is given") << 3 << 1 << 2 << u("ws") << 2 << mine;
        QTest::newRow("one fills several rules") << 3 << 1 << 0 << u("s") << 0 << QString();
        QTest::newRow("one of three by two rules is missing") << 3 << 1 << 1 << u("vs") << 0 << QString();
        QTest::newRow("it only starts") << 1 << 0 << 0 << u("s") << 0 << QString();
    }
    void whatIsMissingOfOthersIsWhatTheVendorCounts()
    {
        QFETCH(int, needed);
        QFETCH(int, given);
        QFETCH(int, told);
        QFETCH(QString, steps);
        QFETCH(int, missing);
        QFETCH(QString, words);
        WaitingGate gate = order('7').gate;
        gate.needed = needed;
        for (int i = 0; i < given; ++i)
            gate.given.append({u("lena"), true, {}, {}});
        if (told >= 0)
            gate.missing = told;
        Plan plan;
        for (const QChar step : steps) {
            PlanStep one;
            one.isVote = step == u'v';
            one.startsWaiting = step == u's';
            plan.steps.append(one);
        }
        const auto check = missingApprovals(gate, plan);
        QCOMPARE(check ? check->missing : 0, missing);
        if (check)
            QVERIFY2(check->detail.contains(words), qPrintable(check->detail));
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
        m_shop = std::make_unique<PromotionShop>(gatedPolicy("\"Deploy to prod?\""));
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
        m_shop = std::make_unique<PromotionShop>(gatedPolicy("\"Deploy to prod?\""));
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
