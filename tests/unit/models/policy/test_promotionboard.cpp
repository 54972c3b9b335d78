// Which promotions a board has.
#include "models/policy/promotionboard.h"
#include "tests/unit/models/policy/policyworld.h"

#include <QTest>

using namespace signalbox::policy;
using namespace signalbox::test;
using signalbox::OutcomeKind;

class TestPromotionBoard : public QObject
{
    Q_OBJECT

private slots:
    void whatIsOpenStays_data()
    {
        QTest::addColumn<int>("asked"); // days ago
        QTest::addColumn<int>("approved");
        QTest::addColumn<int>("claimed");
        QTest::addColumn<int>("ended");
        QTest::addColumn<bool>("isShown");
        constexpr int never = -1;
        QTest::newRow("asked for lately") << 2 << never << never << never << true;
        QTest::newRow("forgotten") << 40 << never << never << never << false;
        QTest::newRow("asked for long ago, approved lately") << 40 << 3 << never << never << true;
        QTest::newRow("begun long ago, and nobody said how it ended") << 40 << 39 << 38 << never << true;
        QTest::newRow("begun long ago, ended lately") << 40 << 39 << 38 << 1 << true;
        QTest::newRow("ended long ago") << 40 << 39 << 38 << 37 << false;
    }
    void whatIsOpenStays()
    {
        QFETCH(int, asked);
        QFETCH(int, approved);
        QFETCH(int, claimed);
        QFETCH(int, ended);
        QFETCH(bool, isShown);
        PolicyWorld world;
        const auto ago = [](int days) { return policyNoon().addDays(-days); };
        const QString id = world.question.promotion;
        world.entries = {world.entry(id)};
        world.entry(id).at = ago(asked);
        if (approved >= 0)
            world.approve(text("bob"), ago(approved));
        QString claim;
        if (claimed >= 0)
            claim = world.add(text("alice"), Claim{id, world.subject, world.facts.policyCommit}, ago(claimed));
        if (ended >= 0)
            world.add(text("alice"), PromotionOutcome{id, claim, world.subject, OutcomeKind::Done, {}, {}, {}, {}},
                      ago(ended));
        QCOMPARE(promotionsToShow(world.policy, world.entries, policyNoon()),
                 isShown ? QStringList{id} : QStringList());
    }

    // What was carried out is judged no more: its votes are told as they stood when it was claimed.
    void votesOfWhatEndedAreToldAsTheyStood()
    {
        PolicyWorld world;
        const QString id = world.question.promotion;
        const QString claim = world.add(text("alice"), Claim{id, world.subject, world.facts.policyCommit});
        world.add(text("alice"), PromotionOutcome{id, claim, world.subject, OutcomeKind::Done, {}, {}, {}, {}});
        Facts later = world.facts;
        later.now = later.now.addDays(20);
        const PromotionCard card = cardOf(world.policy, world.entries, id, later, {}, {});
        QCOMPARE(card.state, PromotionCard::State::Done);
        QCOMPARE(card.votes.size(), qsizetype(2));
        for (const Vote &vote : card.votes) {
            QVERIFY2(vote.counts, qPrintable(vote.whyNot));
            QVERIFY(!vote.expiresAt.isValid());
        }
        QCOMPARE(card.approvalsGiven(), card.approvalsAsked());
        QVERIFY(card.approvalsAsked() > 0 && !card.mayApprove.isGiven && !card.mayStart.isGiven);
    }

    // By the ledger alone: the world is not asked about what is over.
    void whatEndedShowsHowItWent_data()
    {
        QTest::addColumn<OutcomeKind>("kind");
        QTest::addColumn<int>("approvals");
        QTest::addColumn<QStringList>("rules");
        QTest::addColumn<QStringList>("path");
        QTest::newRow("done") << OutcomeKind::Done << 2
                              << QStringList{text("request pass: asked for by alice, from staging"),
                                             text("approvals pass: 2 of 2: bob, carol"),
                                             text("artifact pass: sha256:7777, commit 9999; carried out by alice, seen "
                                                  "in force 2026-03-04 11:55 UTC")}
                              << QStringList{text("staging runs 2.0"), text("production runs 2.0")};
        QTest::newRow("by one who acted alone")
            << OutcomeKind::Done << 1
            << QStringList{text("request pass: asked for by alice, from staging"),
                           text("approvals waiting, set aside: 1 of 2; 1 more of release-managers: carol, not "
                                "alice (asked for it)"),
                           text("artifact pass: sha256:7777, commit 9999; carried out by alice, seen in force "
                                "2026-03-04 11:55 UTC")}
            << QStringList{text("staging runs 2.0"), text("production runs 2.0")};
        QTest::newRow("not effective") << OutcomeKind::NotEffective << 2
                                       << QStringList{text("request pass: asked for by alice, from staging"),
                                                      text("approvals pass: 2 of 2: bob, carol"),
                                                      text(
                                                          "artifact block: sha256:7777, commit 9999; no pod got ready")}
                                       << QStringList{text("staging runs 2.0"), text("production unknown 2.0")};
    }
    void whatEndedShowsHowItWent()
    {
        QFETCH(OutcomeKind, kind);
        QFETCH(int, approvals);
        QFETCH(QStringList, rules);
        QFETCH(QStringList, path);
        PolicyWorld world;
        const QString id = world.question.promotion;
        PromotionRequest request = *world.entry(id).as<PromotionRequest>();
        request.version = text("2.0");
        world.entry(id).body = Record(request);
        if (approvals == 1)
            world.entries.removeLast();
        const QString claim = world.add(text("alice"), Claim{id, world.subject, world.facts.policyCommit});
        PromotionOutcome outcome{id, claim, world.subject, kind, text("no pod got ready"), {}, {}, {}};
        if (kind == OutcomeKind::Done)
            outcome.observedAt = policyNoon().addSecs(-300);
        world.add(text("alice"), outcome);
        Facts later;
        later.now = policyNoon().addDays(3);
        BoardOperator me;
        me.principal = text("carol");
        const QList<PathPlace> live{{text("staging"), PathPlace::State::Other, {}, {}, {}, {}, {}, false, false}};
        const PromotionCard card = cardOf(world.policy, world.entries, id, later, me, live);
        QStringList told;
        for (const RuleResult &rule : card.decision.rules)
            told << text("%1 %2%3: %4")
                        .arg(ruleName(rule.rule), ruleStateName(rule.state),
                             rule.counts ? QString() : text(", set aside"), rule.text);
        QCOMPARE(told, rules);
        QStringList went;
        for (const PathPlace &place : card.path)
            went << text("%1 %2 %3")
                        .arg(place.environment, place.state == PathPlace::State::Runs ? text("runs") : text("unknown"),
                             place.version);
        QCOMPARE(went, path);
        QCOMPARE(card.path.last().isTarget, true);
        QVERIFY(!card.mayApprove.isGiven && !card.mayReject.isGiven && !card.mayStart.isGiven && !card.decision.isOpen);
    }

    // Those to come, too: what holds later can be lifted now.
    void freezesToComeAreListed()
    {
        PolicyWorld world;
        BoardOperator me;
        me.principal = text("erin");
        const auto order = [](int from, int until) {
            return FreezeOrder{text("*"), text("production"), policyNoon().addSecs(from), policyNoon().addSecs(until),
                               text("x")};
        };
        FreezeOrder repeated = order(-7200, 0);
        repeated.until = FreezeOrder::endless();
        repeated.repeat = FreezeRepeat{text("FREQ=DAILY"), "UTC", std::chrono::hours(1)};
        FreezeOrder unread = repeated;
        unread.repeat = FreezeRepeat{};
        world.add(text("erin"), order(-60, 60));
        world.add(text("erin"), order(60, 120));
        world.add(text("erin"), order(-60, 0)); // over
        const QString next = world.add(text("erin"), repeated);
        const QString seldom = world.add(text("erin"), repeated);
        world.add(text("erin"), unread);
        const Schedules schedules{{next, {{policyNoon().addDays(1), policyNoon().addDays(1).addSecs(3600)}}},
                                  {seldom, {}}};
        const QList<BoardStop> stops = stopsOf(world.policy, world.entries, me, policyNoon(), schedules);
        QCOMPARE(stops.size(), qsizetype(5));
        QCOMPARE(stops[0].stop.state, Stop::State::Holds);
        QCOMPARE(stops[1].stop.state, Stop::State::Later);
        QCOMPARE(stops[1].stop.since, policyNoon().addSecs(60));
        QCOMPARE(stops[2].stop.state, Stop::State::Later);
        QCOMPARE(stops[2].stop.since, policyNoon().addDays(1));
        QCOMPARE(stops[2].stop.until, policyNoon().addDays(1).addSecs(3600));
        QCOMPARE(stops[3].stop.state, Stop::State::Later);
        QVERIFY(!stops[3].stop.since.isValid());
        QCOMPARE(stops[4].stop.state, Stop::State::Unknown);
        for (const BoardStop &stop : stops)
            QVERIFY(stop.isFreeze && stop.mayLift.isGiven);
    }

    // A day each day, or longer, never opens: what touches is told as one.
    void freezesThatTouchAreOne_data()
    {
        QTest::addColumn<int>("hours");
        QTest::addColumn<int>("days");    // how often it comes
        QTest::addColumn<int>("opensIn"); // hours; 0: until it is lifted
        QTest::newRow("pauses in between") << 20 << 10 << 18;
        QTest::newRow("touching") << 24 << 10 << 9 * 24 - 2;
        QTest::newRow("overlapping") << 36 << 10 << 9 * 24 + 10;
        QTest::newRow("for good") << 24 << 400 << 0;
    }
    void freezesThatTouchAreOne()
    {
        QFETCH(int, hours);
        QFETCH(int, days);
        QFETCH(int, opensIn);
        PolicyWorld world;
        BoardOperator me;
        me.principal = text("erin");
        const QDateTime first = policyNoon().addSecs(-2 * 3600 - 24 * 3600);
        FreezeOrder order{text("*"), text("production"), first, FreezeOrder::endless(), text("x")};
        order.repeat = FreezeRepeat{text("FREQ=DAILY"), "UTC", std::chrono::hours(hours)};
        QList<Interval> times;
        for (int day = 0; day < days; ++day)
            times.append({first.addDays(day), first.addDays(day).addSecs(hours * 3600)});
        const Schedules schedules{{world.add(text("erin"), order), times}};
        const QList<BoardStop> stops = stopsOf(world.policy, world.entries, me, policyNoon(), schedules);
        QCOMPARE(stops.size(), qsizetype(1));
        QCOMPARE(stops[0].stop.state, Stop::State::Holds);
        QCOMPARE(stops[0].stop.since, hours < 24 ? first.addDays(1) : first);
        QCOMPARE(stops[0].stop.until, opensIn ? policyNoon().addSecs(opensIn * 3600) : QDateTime());
    }

    // That it was read again is nothing to paint a screen for; how old it is where it is not live is.
    void aBoardThatWasReadAgainShowsTheSame()
    {
        PolicyWorld world;
        const PromotionCard card = cardOf(world.policy, world.entries, world.question.promotion, world.facts, {}, {});
        PromotionBoard board;
        board.worldFreshness.state = signalbox::Freshness::State::Live;
        putCards(board, {card});
        PromotionBoard later = board;
        later.readAt = policyNoon();
        later.worldFreshness.lastHeard = policyNoon();
        later.open.first().decision.changesAt = policyNoon().addSecs(60);
        QVERIFY(later != board);
        QVERIFY(showsTheSame(later, board));
        later.worldFreshness.state = signalbox::Freshness::State::Stale;
        QVERIFY(!showsTheSame(later, board));
        PromotionBoard other = board;
        other.open.first().decision.text = text("something else");
        QVERIFY(!showsTheSame(other, board));
    }

    // Somebody else's word that it ended ends nothing.
    void anInventedEndHidesNothing()
    {
        PolicyWorld world;
        const QString id = world.question.promotion;
        world.entries = {world.entry(id)};
        world.entry(id).at = policyNoon().addDays(-50);
        const QString claim = world.add(text("alice"), Claim{id, world.subject, {}}, policyNoon().addDays(-49));
        world.add(text("dave"), PromotionOutcome{id, claim, world.subject, OutcomeKind::Done, {}, {}, {}, {}},
                  policyNoon().addDays(-48));
        QCOMPARE(promotionsToShow(world.policy, world.entries, policyNoon()), QStringList{id});
    }
};

QTEST_GUILESS_MAIN(TestPromotionBoard)
#include "test_promotionboard.moc"
