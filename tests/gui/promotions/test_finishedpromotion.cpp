// What is over, on screen: as the ledger tells it, and nothing of the world is asked any more.
#include "models/policy/promotionboard.h"
#include "tests/gui/promotions/promotionconsole.h"
#include "tests/unit/models/policy/policyworld.h"
#include "ui/pages/promotions/pathgraph.h"
#include "ui/pages/promotions/promotionspage.h"
#include "ui/pages/promotions/ruleslist.h"
#include "ui/theme/theme.h"
#include "ui/widgets/timetext.h"

#include <QApplication>
#include <QLabel>
#include <QTest>

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

private:
    std::unique_ptr<Theme> m_theme;
};

QTEST_MAIN(TestFinishedPromotion)
#include "test_finishedpromotion.moc"
