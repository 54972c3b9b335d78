// What is over, on screen: as the ledger tells it, and nothing of the world is asked any more.
#include "models/policy/promotionboard.h"
#include "services/operations/operation.h"
#include "tests/gui/promotions/promotionspagefixture.h"
#include "tests/unit/models/policy/policyworld.h"
#include "ui/pages/promotions/pathgraph.h"
#include "ui/pages/promotions/promotionspage.h"
#include "ui/pages/promotions/ruleslist.h"
#include "ui/theme/theme.h"
#include "ui/widgets/badge.h"
#include "ui/widgets/timetext.h"

#include <QApplication>
#include <QLabel>
#include <QTest>
#include <QTimer>

using namespace signalbox;
using namespace signalbox::test;

class TestFinishedPromotion : public QObject
{
    Q_OBJECT
private slots:
    void initTestCase() { m_theme = std::make_unique<Theme>(*qApp); }
    void cleanupTestCase() { m_theme.reset(); }

    void isShownAsWhatItIs_data()
    {
        QTest::addColumn<OutcomeKind>("kind");
        QTest::addColumn<QString>("path");
        QTest::addColumn<QString>("summary");
        QTest::newRow("done") << OutcomeKind::Done
                              << QStringLiteral("staging: 2.0, ok. Approve: 2 of 2, ok. production: 2.0 · 1 h, ok")
                              << QStringLiteral("3 passed");
        QTest::newRow("not effective")
            << OutcomeKind::NotEffective
            << QStringLiteral("staging: 2.0, ok. Approve: 2 of 2, failing. production: not known, failing")
            << QStringLiteral("2 passed · 1 blocking");
    }
    void isShownAsWhatItIs()
    {
        QFETCH(OutcomeKind, kind);
        QFETCH(QString, path);
        QFETCH(QString, summary);
        PolicyWorld policyWorld;
        const QString id = policyWorld.question.promotion;
        policy::PromotionRequest request = *policyWorld.entry(id).as<policy::PromotionRequest>();
        request.version = QStringLiteral("2.0");
        policyWorld.entry(id).body = policy::Record(request);
        const QString claim = policyWorld.add(QStringLiteral("alice"),
                                              policy::Claim{id, policyWorld.subject, policyWorld.facts.policyCommit});
        policyWorld.add(QStringLiteral("alice"),
                        policy::PromotionOutcome{id,
                                                 claim,
                                                 policyWorld.subject,
                                                 kind,
                                                 QStringLiteral("as it went"),
                                                 {},
                                                 {},
                                                 kind == OutcomeKind::Done ? policyNoon() : QDateTime()});
        policy::Facts facts; // as the desk has it: the world of what is over is not read
        facts.now = policyNoon().addSecs(3600);
        PromotionConsole world;
        AgeTicker::freezeAt(facts.now);
        const policy::PromotionCard card =
            policy::cardOf(policyWorld.policy, policyWorld.entries, id, facts, world.board().me, {});
        world.change([&](policy::PromotionBoard &board) {
            board.open.clear();
            board.decided = {card};
        });
        PromotionsPage page(*world.context);
        page.resize(1240, 800);
        page.show();
        NavigationTarget target;
        target.object.uid = id;
        page.open(target);
        const auto *graph = page.findChild<PathGraph *>();
        QVERIFY(graph && graph->isVisible());
        QCOMPARE(graph->accessibleDescription(), path);
        QStringList said;
        for (const QLabel *label : page.findChild<RulesList *>()->findChildren<QLabel *>())
            said << label->text();
        const QString all = said.join(QLatin1Char('\n'));
        QVERIFY2(!all.contains(QStringLiteral("carried out already")), qPrintable(all));
        QVERIFY2(all.contains(QStringLiteral("asked for by alice, from staging")), qPrintable(all));
        QCOMPARE(RulesList::summary(card.decision.rules), summary);
        AgeTicker::freezeAt({});
    }

    // The pods run it before the ledger has its outcome: both is said, and nothing that contradicts it.
    void whatIsDoneHereIsBeingRecorded_data()
    {
        QTest::addColumn<bool>("isMine");
        QTest::addColumn<bool>("isSeen"); // its effect
        QTest::addColumn<QString>("says");
        const QString underWay = policy::cardStateLabel(policy::PromotionCard::State::UnderWay);
        QTest::newRow("carried out here") << true << true << QStringLiteral("done, being recorded");
        QTest::newRow("carried out here, and nobody saw the effect") << true << false << underWay;
        QTest::newRow("by somebody else") << false << true << underWay;
    }
    void whatIsDoneHereIsBeingRecorded()
    {
        QFETCH(bool, isMine);
        QFETCH(bool, isSeen);
        QFETCH(QString, says);
        Screen screen;
        Observation written = FakeStepRunner::seen(Observation::State::Effective, QStringLiteral("written"));
        written.isConfirmed = isSeen;
        screen.world.runner->observations = {written};
        screen.select(PromotionConsole::support);
        screen.world.makeReady(PromotionConsole::support);
        QTRY_VERIFY(!screen.start()->fingerprint().isEmpty());
        screen.start()->setFocus();
        screen.world.press(screen.start(), 800);
        QVERIFY(screen.world.reach(OperationState::Finished));
        QCOMPARE(screen.world.operation()->outcome()->kind, OutcomeKind::Done);
        const auto state = [&screen] {
            return screen.page.findChild<Badge *>(QStringLiteral("promotionState"))->text();
        };
        screen.world.change([&](policy::PromotionBoard &board) {
            policy::PromotionCard &card = screen.world.card(board, PromotionConsole::support);
            card.state = policy::PromotionCard::State::UnderWay;
            card.mayStart = {};
            card.decision.claim = QStringLiteral("01CLAIM");
            card.decision.claimant = isMine ? board.me.principal : QStringLiteral("somebody");
        });
        QTRY_COMPARE(state(), says);
        screen.world.change([&](policy::PromotionBoard &board) {
            screen.world.card(board, PromotionConsole::support).state = policy::PromotionCard::State::Done;
        });
        QTRY_COMPARE(state(), policy::cardStateLabel(policy::PromotionCard::State::Done));
    }

    // Sending takes a moment each time.
    void whatIsUnsentIsToldOnceItStaysBehind()
    {
        Screen screen;
        const auto *banner = screen.page.findChild<QWidget *>(QStringLiteral("promotionsBanner"));
        auto *wait = screen.page.findChild<QTimer *>(QStringLiteral("unsentWait"));
        screen.world.change([](policy::PromotionBoard &board) { board.unsent = 1; });
        QTRY_VERIFY(wait->isActive());
        QVERIFY(wait->intervalAsDuration() >= std::chrono::seconds(30));
        QVERIFY(!banner->isVisible());
        wait->start(0); // so long it stays behind
        QTRY_VERIFY(banner->isVisible());
        screen.world.change([](policy::PromotionBoard &board) { board.unsent = 0; });
        QTRY_VERIFY(!banner->isVisible());
        wait->setInterval(30000);
        screen.world.change([](policy::PromotionBoard &board) { board.unsent = 1; });
        QTRY_VERIFY(wait->isActive());
        QVERIFY(!banner->isVisible());
    }

private:
    std::unique_ptr<Theme> m_theme;
};

QTEST_MAIN(TestFinishedPromotion)
#include "test_finishedpromotion.moc"
