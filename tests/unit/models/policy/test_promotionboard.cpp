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
