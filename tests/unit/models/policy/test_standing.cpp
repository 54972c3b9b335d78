#include "tests/unit/models/policy/policyworld.h"

#include <QTest>

using namespace signalbox;
using namespace signalbox::policy;
using namespace signalbox::test;

using World = PolicyWorld;

class TestStanding : public QObject
{
    Q_OBJECT

    static StandingQuestion questionOf(const World &world)
    {
        return {world.question.promotion, world.subject, false, world.facts.policyCommit, text("alice"), {},
                world.facts.now};
    }

private slots:
    void whatDoesNotCountSaysWhy()
    {
        World world;
        world.approve(text("mallory"));
        world.approve(text("dave"));
        world.approve(text("alice"));
        world.entry(text("entry-2")).at = policyNoon().addDays(-2);
        Subject other = world.subject;
        other.digest = text("sha256:8888");
        world.add(text("erin"), Approval{world.question.promotion, other, world.facts.policyCommit, {}});
        world.add(text("erin"), Approval{world.question.promotion, world.subject, text("p0"), {}});
        const Standing standing = standingOf(world.policy, world.rules(), world.entries, questionOf(world));
        QHash<QString, QStringList> reasons;
        for (const SetAside &one : standing.setAside)
            reasons[one.who].append(one.reason);
        QCOMPARE(reasons.value(text("mallory@shop.example")),
                 QStringList{text("signed by a key that the policy gives to nobody")});
        QCOMPARE(reasons.value(text("dave")), QStringList{text("in none of the roles release-managers")});
        QCOMPARE(reasons.value(text("alice")), QStringList{text("asked for it")});
        QCOMPARE(reasons.value(text("bob")), QStringList{text("expired")});
        QCOMPARE(reasons.value(text("erin")),
                 (QStringList{text("given for sha256:8888; what would go out now is sha256:7777"),
                              text("given under the policy of p0, which has changed since (p1)")}));
        QCOMPARE(standing.approvals.size(), 1);
    }

    void missingPeopleAreNamed()
    {
        QuorumLine line{
            {2, {text("release-managers"), text("sre")}}, {}, {text("bob")}, {text("alice (asked for it)")}, 1};
        QCOMPARE(missingText(line), text("1 more of release-managers or sre: bob, not alice (asked for it)"));
        line.eligible.clear();
        line.excluded.clear();
        QCOMPARE(missingText(line), text("1 more of release-managers or sre"));
        line.missing = 0;
        QCOMPARE(missingText(line), QString());
    }

    void breakGlassIsOwedForUntilTwoCountersign()
    {
        World world;
        const QString id =
            world.add(text("carol"), BreakGlass{{}, world.subject, {}, text("down")}, policyNoon().addSecs(-24 * 3600));
        const auto glass = [&world](qint64 ms) {
            return glassesOf(world.policy, world.entries, policyNoon().addMSecs(ms)).first();
        };
        QVERIFY(!glass(-1).isOverdue);
        QVERIFY(glass(0).isOverdue); // at that very instant
        QCOMPARE(glass(0).owed, 2);
        QCOMPARE(glass(0).mayCountersign, (QStringList{text("alice"), text("bob"), text("erin")}));
        QVERIFY(debtText(glass(-1)).contains(text("carol acted alone on cart in production; 2 more must countersign by "
                                                  "2026-03-04 12:00 UTC: alice or bob or erin")));
        world.add(text("carol"), Countersign{id, {}});        // herself
        world.add(text("dave"), Countersign{id, {}});         // not of the roles
        world.add(text("alice"), Countersign{text("x"), {}}); // of another
        QCOMPARE(glass(0).owed, 2);
        world.add(text("alice"), Countersign{id, {}});
        world.add(text("alice"), Countersign{id, {}}); // twice
        QCOMPARE(glass(0).owed, 1);
        world.add(text("erin"), Countersign{id, {}});
        QCOMPARE(glass(0).owed, 0);
        QVERIFY(!glass(0).isOverdue);
        QCOMPARE(debtText(glass(0)), QString());
        QCOMPARE(glass(0).countersigned, (QStringList{text("alice"), text("erin")}));
    }

    void aLineOfDebtNamesAFewOfMany()
    {
        Glass glass;
        glass.who = text("carol");
        glass.owed = 1;
        glass.mayCountersign = {text("alice"), text("bob"), text("dave")};
        QVERIFY(debtText(glass).endsWith(text("alice or bob or dave")));
        glass.mayCountersign.append({text("erin"), text("frank")});
        QVERIFY2(debtText(glass).contains(text("alice, bob or 3 other")), qPrintable(debtText(glass)));
        QVERIFY(!debtText(glass).contains(text("dave")));
    }

    void aHoldByAnEntryStandsForItsRollback()
    {
        World world;
        const auto holds = [&world] { return holdsOn(world.policy, world.entries, text("cart"), text("production")); };
        const QString operation = world.addOperation(
            text("bob"),
            {OperationKind::Rollback, Direction::Back, text("cart"), text("production"), OutcomeKind::Done, {}});
        QCOMPARE(holds().size(), 1);
        const QString hold = world.add(text("bob"), Hold{text("cart"), text("production"), text("errors"), operation});
        QCOMPARE(holds().size(), 1); // not twice
        QCOMPARE(holds().first().entry, hold);
        world.add(text("erin"), Lift{hold, {}});
        QVERIFY(holds().isEmpty());
        world.add(text("mallory"), Hold{text("cart"), text("production"), text("mischief"), {}});
        QVERIFY(holds().isEmpty());
    }

    void whatWasTakenBackInPartHoldsAsWell()
    {
        World world;
        const auto traffic = [&world](const char *from, const char *to) {
            world.addOperation(text("bob"), {OperationKind::TrafficShift,
                                             Direction::Back,
                                             text("cart"),
                                             text("production"),
                                             OutcomeKind::Done,
                                             {},
                                             text(to),
                                             text(from)});
            return holdsOn(world.policy, world.entries, text("cart"), text("production"));
        };
        const auto part = traffic("blue 50 %, green 50 %", "blue 90 %, green 10 %");
        QCOMPARE(part.size(), 1);
        QCOMPARE(part.first().reason, text("a part of its traffic was taken back"));
        const auto whole = traffic("blue 90 %, green 10 %", "blue 100 %, green 0 %");
        QCOMPARE(whole.size(), 1);
        QCOMPARE(whole.first().reason, text("it was rolled back"));
    }

    void policyChangesWithTwoAdmins_data()
    {
        QTest::addColumn<QString>("signer");
        QTest::addColumn<QString>("countersigner");
        QTest::addColumn<bool>("isAlone");
        QTest::addColumn<bool>("isInForce");
        QTest::addColumn<QString>("words");
        QTest::newRow("two admins") << text("bob") << text("erin") << false << true
                                    << text("signed by bob, countersigned by erin");
        QTest::newRow("one admin") << text("bob") << QString() << false << false
                                   << text("signed by bob; a second admin has to countersign: erin");
        QTest::newRow("the same one twice") << text("bob") << text("bob") << false << false << text("second admin");
        QTest::newRow("countersigned by no admin")
            << text("bob") << text("carol") << false << false << text("second admin");
        QTest::newRow("signed by no admin")
            << text("carol") << text("erin") << false << false << text("carol is no admin; the policy of before holds");
        QTest::newRow("signed by nobody known")
            << text("mallory") << text("erin") << false << false << text("mallory@shop.example is no admin");
        QTest::newRow("there is one admin only")
            << text("bob") << QString() << true << true << text("signed by bob, the only admin");
    }
    void policyChangesWithTwoAdmins()
    {
        QFETCH(QString, signer);
        QFETCH(QString, countersigner);
        QFETCH(bool, isAlone);
        QFETCH(bool, isInForce);
        QFETCH(QString, words);
        World world;
        if (isAlone)
            world.policy.roles[0].members = {text("bob")};
        if (!countersigner.isEmpty())
            world.add(countersigner, PolicyCountersign{text("c1"), {}});
        world.add(text("erin"), PolicyCountersign{text("c2"), {}}); // of another change
        const PolicyChange change =
            policyChange(world.policy, world.entries, text("c1"), signer + text("@shop.example"));
        QCOMPARE(change.isInForce, isInForce);
        QVERIFY2(change.text.contains(words), qPrintable(change.text));
    }

    void patternsMatch_data()
    {
        QTest::addColumn<QString>("pattern");
        QTest::addColumn<QString>("name");
        QTest::addColumn<bool>("fits");
        const auto row = [](const char *pattern, const char *name, bool fits) {
            QTest::addRow("%s %s", pattern, name) << text(pattern) << text(name) << fits;
        };
        row("*", "", true);
        row("*", "cart", true);
        row("cart", "cart", true);
        row("cart", "cart2", false);
        row("cart", "Cart", false);
        row("c*t", "cart", true);
        row("c*t", "cat-scan", false);
        row("*-api", "shop-api-api", true);
        row("shop-?", "shop-1", true);
        row("shop-?", "shop-", false);
        row("*a*b*", "xxaxxbxx", true);
        row("", "x", false);
        row("**", "x", true);
        row("?*", "", false);
        row("*.x", "a.y.x", true);
    }
    void patternsMatch()
    {
        QFETCH(QString, pattern);
        QFETCH(QString, name);
        QFETCH(bool, fits);
        QCOMPARE(matches(pattern, name), fits);
    }
};

QTEST_GUILESS_MAIN(TestStanding)
#include "test_standing.moc"
