#include "models/items/roles.h"
#include "services/operations/operation.h"
#include "services/operations/operationcenter.h"
#include "tests/gui/promotions/promotionconsole.h"
#include "tests/support/calm.h"
#include "ui/pages/changes/changerows.h"
#include "ui/pages/changes/changesview.h"
#include "ui/pages/operation/operationbox.h"
#include "ui/pages/promotions/decisionbox.h"
#include "ui/pages/promotions/freezedialog.h"
#include "ui/pages/promotions/pathgraph.h"
#include "ui/pages/promotions/promotionspage.h"
#include "ui/pages/promotions/requestdialog.h"
#include "ui/shell/desktopnotifier.h"
#include "ui/shell/mainwindow.h"
#include "ui/theme/theme.h"
#include "ui/widgets/badge.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/holdbutton.h"
#include "ui/widgets/panel.h"
#include "ui/widgets/timetext.h"

#include <QApplication>
#include <QCheckBox>
#include <QComboBox>
#include <QDir>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPointer>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>

using namespace signalbox;
using namespace signalbox::test;
using policy::PromotionBoard;
using policy::PromotionCard;

namespace
{

struct Screen
{
    explicit Screen(const std::function<void(PromotionConsole &)> &prepare = {})
        : page((prepare ? prepare(world) : void(), *world.context))
    {
        AgeTicker::freezeAt(world.now);
        page.resize(1240, 800);
        page.show();
        QApplication::setActiveWindow(&page);
        page.open({});
        for (HoldButton *button : page.findChildren<HoldButton *>())
            world.takeClock(button);
    }
    ~Screen() { AgeTicker::freezeAt({}); }

    HoldButton *button(const char *name) const { return page.findChild<HoldButton *>(QLatin1String(name)); }
    HoldButton *approve() const { return button("approveButton"); }
    HoldButton *reject() const { return button("rejectButton"); }
    HoldButton *start() const { return button("holdButton"); }
    RowList *inbox() const { return page.findChild<RowList *>(QStringLiteral("promotionsInbox")); }
    QLineEdit *comment() const { return page.findChild<QLineEdit *>(QStringLiteral("decisionComment")); }
    QString label(const char *name) const { return textOf(page, name); }
    QString words() const { return label("decisionText"); }
    QString panelText(const char *name) const
    {
        const auto *panel = page.findChild<Panel *>(QLatin1String(name));
        return panel ? textOf(*panel, "panelMessageText") : QString();
    }
    QStringList rows() const
    {
        QStringList all;
        for (int i = 0; i < inbox()->model()->rowCount(); ++i)
            all << inbox()->model()->index(i, 0).data().toString();
        return all;
    }
    const QList<FakeDesk::Told> &told() const { return world.desk.told; }
    // By the button; the draft is that of smart-support.
    RequestDialog *askForPromotion()
    {
        world.desk.drafted.request = world.board().find(PromotionConsole::support)->request;
        world.desk.drafted.decision = world.board().find(PromotionConsole::support)->decision;
        QTest::mouseClick(page.findChild<QPushButton *>(QStringLiteral("askForPromotion")), Qt::LeftButton);
        return page.findChild<RequestDialog *>();
    }
    void select(const QString &id)
    {
        NavigationTarget target;
        target.object.uid = id;
        page.open(target);
    }

    PromotionConsole world;
    PromotionsPage page;
};

// On how many labels it can be read.
int timesSaid(const QWidget &window, const QString &text)
{
    int times = 0;
    for (const QLabel *label : window.findChildren<QLabel *>())
        times += label->isVisible() && label->text().contains(text) ? 1 : 0;
    return times;
}

} // namespace

class TestPromotionsPage : public QObject
{
    Q_OBJECT
private slots:
    void initTestCase() { m_theme = std::make_unique<Theme>(*qApp); }
    void cleanupTestCase() { m_theme.reset(); }
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral("^(?!This plugin does not support).*"))); }

    void theInboxHasWhatWaitsForMeFirst()
    {
        Screen screen;
        QCOMPARE(
            screen.rows(),
            (QStringList{QStringLiteral("Waiting for you"), QStringLiteral("feature-store 0.98.1 \u2192 production"),
                         QStringLiteral("smart-support 8.1.9 \u2192 production"), QStringLiteral("Waiting for others"),
                         QStringLiteral("edge-gateway 5.0.1 \u2192 staging"), QStringLiteral("Recently decided"),
                         QStringLiteral("image-classifier 2.15.0-rc.2 \u2192 production"),
                         QStringLiteral("recommender 1.43.9 \u2192 production")}));
        QVERIFY(screen.inbox()->hasFocus());
        const QString spoken = screen.inbox()->model()->index(2, 0).data(Qt::AccessibleTextRole).toString();
        QVERIFY2(spoken.contains(QStringLiteral("1 of 2 approvals")) &&
                     spoken.contains(QStringLiteral("waits for you")),
                 qPrintable(spoken));
    }

    void holdingEnterApprovesExactlyWhatIsShown()
    {
        Screen screen;
        screen.select(PromotionConsole::support);
        QCOMPARE(screen.label("promotionTitle"), QStringLiteral("smart-support  8.1.7 \u2192 8.1.9"));
        screen.comment()->setFocus();
        QTest::keyClicks(screen.comment(), QStringLiteral("read the diff"));
        QTest::keyClick(screen.comment(), Qt::Key_Return);
        QVERIFY(screen.approve()->hasFocus());
        screen.world.press(screen.approve(), 700); // too short
        QCOMPARE(screen.told().size(), 0);
        screen.world.press(screen.approve(), 800);
        QTRY_COMPARE(screen.told().size(), 1);
        const FakeDesk::Told &told = screen.told().first();
        QCOMPARE(told.what, QStringLiteral("approve"));
        QCOMPARE(told.words, QStringLiteral("read the diff"));
        QCOMPARE(told.seen.promotion, PromotionConsole::support);
        QCOMPARE(told.seen.subject, screen.world.board().find(PromotionConsole::support)->decision.subject);
        QCOMPARE(told.seen.policyCommit, screen.world.board().policyCommit);
        QTRY_VERIFY(screen.comment()->text().isEmpty()); // it is in the ledger now
    }

    void enterInTheListGoesToTheButton()
    {
        Screen screen;
        QTest::keyClick(screen.inbox(), Qt::Key_Down);
        QTest::keyClick(screen.inbox(), Qt::Key_Return);
        QVERIFY(screen.approve()->hasFocus());
    }

    void rejectingIsHeldAsWell()
    {
        Screen screen;
        screen.select(PromotionConsole::support);
        screen.comment()->setText(QStringLiteral("missing migration"));
        screen.reject()->setFocus();
        screen.world.press(screen.reject(), 400);
        QTRY_COMPARE(screen.told().size(), 1);
        QCOMPARE(screen.told().first().what, QStringLiteral("reject"));
        QCOMPARE(screen.told().first().words, QStringLiteral("missing migration"));
    }

    void anotherDigestStartsAHoldAnew()
    {
        Screen screen;
        screen.select(PromotionConsole::support);
        const QByteArray before = screen.approve()->fingerprint();
        QVERIFY(!before.isEmpty());
        screen.approve()->setFocus();
        QTest::keyPress(screen.approve(), Qt::Key_Return);
        screen.world.passHold(screen.approve(), 500);
        screen.world.change([&](PromotionBoard &board) {
            screen.world.card(board, PromotionConsole::support).decision.subject.digest =
                QStringLiteral("sha256:") + hex("ee", 64);
        });
        QVERIFY(screen.approve()->fingerprint() != before);
        screen.world.passHold(screen.approve(), 500);
        QTest::keyRelease(screen.approve(), Qt::Key_Return);
        QCOMPARE(screen.told().size(), 0);
    }

    void whereKeysCannotBeHeldTheNameIsTyped()
    {
        Screen screen([](PromotionConsole &world) { world.settings->setAsksInsteadOfHold(true); });
        screen.select(PromotionConsole::support);
        QTest::mouseClick(screen.approve(), Qt::LeftButton);
        QCOMPARE(screen.world.prompter.lastText, QStringLiteral("smart-support"));
        QTRY_COMPARE(screen.told().size(), 1);
    }

    void whatCannotBeDoneSaysWhy()
    {
        Screen screen;
        screen.select(PromotionConsole::gateway);
        const QString why = QStringLiteral("You asked for it: somebody else has to approve.");
        QVERIFY(screen.approve()->fingerprint().isEmpty());
        QCOMPARE(screen.approve()->toolTip(), why);
        QVERIFY(screen.approve()->accessibleDescription().contains(why));
        QCOMPARE(screen.words(), why);
        screen.approve()->setFocus();
        screen.world.press(screen.approve(), 2000);
        QCOMPARE(screen.told().size(), 0);
    }

    void nothingIsDecidedOnWhatIsNotLive_data()
    {
        QTest::addColumn<bool>("ledger");
        QTest::newRow("the ledger") << true;
        QTest::newRow("the clusters") << false;
    }
    void nothingIsDecidedOnWhatIsNotLive()
    {
        QFETCH(bool, ledger);
        Screen screen;
        screen.select(PromotionConsole::support);
        QVERIFY(!screen.approve()->fingerprint().isEmpty());
        screen.world.change([&](PromotionBoard &board) {
            if (ledger)
                return PromotionConsole::goStale(board, QStringLiteral("git.example does not answer."));
            for (PromotionCard &card : board.open)
                card.stale = {{QStringLiteral("production"), {}, QStringLiteral("git.example does not answer.")}};
        });
        QVERIFY(screen.approve()->fingerprint().isEmpty());
        QVERIFY(screen.reject()->fingerprint().isEmpty());
        auto *banner = screen.page.findChild<QWidget *>(QStringLiteral("promotionsBanner"));
        QVERIFY(banner->isVisible());
        QVERIFY2(screen.words().contains(QStringLiteral("git.example does not answer.")), qPrintable(screen.words()));
        // A request is judged by what its own draft finds.
        QCOMPARE(screen.page.findChild<QPushButton *>(QStringLiteral("askForPromotion"))->isEnabled(), !ledger);
        screen.approve()->setFocus();
        screen.world.press(screen.approve(), 2000);
        QCOMPARE(screen.told().size(), 0);
    }

    // One cluster that is away stops the decisions on what it runs, and no other.
    void onlyTheCardThatIsNotLiveWaits()
    {
        Screen screen;
        const QDateTime since = screen.world.now.addSecs(-420);
        screen.world.change([&](PromotionBoard &board) {
            screen.world.card(board, PromotionConsole::store).stale = {
                {QStringLiteral("production"), since, QStringLiteral("prod-us does not answer.")}};
        });
        screen.select(PromotionConsole::store);
        QVERIFY(screen.approve()->fingerprint().isEmpty());
        QVERIFY(screen.reject()->fingerprint().isEmpty());
        for (const QString &part :
             {QStringLiteral("production is not live"), clockText(since), QStringLiteral("prod-us does not answer.")})
            QVERIFY2(screen.words().contains(part), qPrintable(screen.words()));
        QVERIFY(screen.page.findChild<Panel *>(QStringLiteral("promotionHead"))->isStale());
        auto *banner = screen.page.findChild<QWidget *>(QStringLiteral("promotionsBanner"));
        QVERIFY(banner->isVisible());
        const QModelIndex row = screen.inbox()->currentIndex();
        QVERIFY(row.data(Qt::AccessibleTextRole).toString().contains(QStringLiteral("not live")));
        screen.approve()->setFocus();
        screen.world.press(screen.approve(), 2000);
        QCOMPARE(screen.told().size(), 0);
        screen.select(PromotionConsole::support);
        QVERIFY(!screen.page.findChild<Panel *>(QStringLiteral("promotionHead"))->isStale());
        QVERIFY2(!screen.approve()->fingerprint().isEmpty(), qPrintable(screen.words()));
        screen.approve()->setFocus();
        screen.world.press(screen.approve(), 800);
        QTRY_COMPARE(screen.told().size(), 1);
        QCOMPARE(screen.told().first().seen.promotion, PromotionConsole::support);
    }

    void whoTheLedgerDoesNotKnowCanOnlyLook()
    {
        Screen screen([](PromotionConsole &world) {
            world.change([](PromotionBoard &board) { board.me.problem = QStringLiteral("No key signs here."); });
        });
        screen.select(PromotionConsole::support);
        QCOMPARE(screen.words(), QStringLiteral("No key signs here."));
        QVERIFY(screen.approve()->fingerprint().isEmpty());
        QVERIFY(!screen.label("promotionTitle").isEmpty());
    }

    void aConflictIsToldAndTheBoardReadAgain()
    {
        Screen screen;
        screen.select(PromotionConsole::support);
        screen.world.desk.writeFails =
            Error{ErrorKind::Conflict, QStringLiteral("The tag was moved: another digest would go out."), {}};
        const int refreshes = screen.world.desk.refreshes;
        screen.comment()->setText(QStringLiteral("kept"));
        screen.approve()->setFocus();
        screen.world.press(screen.approve(), 800);
        QTRY_COMPARE(screen.words(), QStringLiteral("The tag was moved: another digest would go out."));
        QVERIFY(screen.world.desk.refreshes > refreshes);
        QCOMPARE(screen.comment()->text(), QStringLiteral("kept"));
    }

    void nothingMoreIsSignedWhileASignatureIsOnItsWay()
    {
        Screen screen([](PromotionConsole &world) {
            world.desk.holdsWrites = true;
            world.change([](PromotionBoard &board) { board.me.needsTouch = true; });
        });
        screen.select(PromotionConsole::support);
        screen.approve()->setFocus();
        screen.world.press(screen.approve(), 800);
        QVERIFY2(screen.words().contains(QStringLiteral("Touch your security key")), qPrintable(screen.words()));
        QVERIFY(screen.approve()->fingerprint().isEmpty());
        screen.world.desk.endHeld(QStringLiteral("01NEW"));
        QTRY_VERIFY(!screen.approve()->fingerprint().isEmpty());
        QCOMPARE(screen.told().size(), 1);
    }

    void afterTheLastApprovalItIsStartedByHand()
    {
        Screen screen;
        screen.select(PromotionConsole::support);
        QVERIFY(!screen.start()->isVisible());
        screen.world.makeReady(PromotionConsole::support);
        QTRY_VERIFY(screen.start()->isVisible());
        QTRY_VERIFY(!screen.start()->fingerprint().isEmpty());
        QCOMPARE(screen.start()->text(), QStringLiteral("Start in production"));
        QTest::keyClick(screen.inbox(), Qt::Key_Return);
        QVERIFY(screen.start()->hasFocus());
        screen.world.press(screen.start(), 800);
        QVERIFY(screen.world.reach(OperationState::Finished));
        QCOMPARE(screen.world.operation()->plan().kind, OperationKind::Promote);
        QCOMPARE(screen.world.operation()->outcome()->kind, OutcomeKind::Done);
        QVERIFY(visible<QPushButton>(screen.page, "operationDismiss"));
    }

    void theClusterDifferenceNamesBothDigests()
    {
        Screen screen;
        screen.select(PromotionConsole::support);
        const auto text = [&] {
            return screen.page.findChild<QLabel *>(QStringLiteral("clusterDifference"))->toolTip();
        };
        QTRY_VERIFY(text().contains(QStringLiteral("- image registry.example/smart-support@sha256:1f0a9be2")));
        QVERIFY(text().contains(QStringLiteral("+ image registry.example/smart-support@sha256:77b0e41c")));
        QCOMPARE(screen.world.desk.planned.last().promotion, PromotionConsole::support);
    }

    // Of commits is spoken where commits stand: not under the heading of the cluster.
    void whatKeepsCommitsAwayStandsAboveTheCluster()
    {
        Screen screen([](PromotionConsole &world) { world.source->releases.clear(); });
        screen.select(PromotionConsole::support);
        QTRY_VERIFY2(textOf(screen.page, "commitsNote").contains(QStringLiteral("There is no release")),
                     qPrintable(textOf(screen.page, "commitsNote")));
        const auto *note = screen.page.findChild<QLabel *>(QStringLiteral("commitsNote"));
        const auto *cluster = screen.page.findChild<QLabel *>(QStringLiteral("clusterDifference"));
        QVERIFY(note->isVisible());
        QTRY_VERIFY(note->mapToGlobal(QPoint(0, 0)).y() < cluster->mapToGlobal(QPoint(0, 0)).y());
        QVERIFY(!cluster->toolTip().contains(QStringLiteral("There is no release")));
    }

    void withoutAPlanTheDifferenceComesFromWhatRuns()
    {
        Screen screen([](PromotionConsole &world) {
            world.desk.planFails = Error{ErrorKind::Refused, QStringLiteral("The policy is not met."), {}};
        });
        screen.select(PromotionConsole::support);
        const auto text = [&] {
            return screen.page.findChild<QLabel *>(QStringLiteral("clusterDifference"))->toolTip();
        };
        QTRY_VERIFY(text().contains(QStringLiteral("The policy is not met.")));
        QVERIFY(text().contains(QStringLiteral("+ image registry.example/smart-support@sha256:77b0e41c")));
    }

    void theClusterDifferenceFollowsWhatRuns()
    {
        Screen screen([](PromotionConsole &world) {
            world.desk.planOf = [&world](const SeenPromotion &seen) {
                Plan plan = world.startPlan(seen);
                for (PlanStep &step : plan.steps) {
                    const PromotionCard *card = world.desk.board().find(seen.promotion);
                    step.diff = {{DiffLine::Kind::Removed, QStringLiteral("image ") + card->path.last().image}};
                }
                return plan;
            };
        });
        screen.select(PromotionConsole::support);
        const auto text = [&] {
            return screen.page.findChild<QLabel *>(QStringLiteral("clusterDifference"))->toolTip();
        };
        QTRY_VERIFY2(text().contains(QStringLiteral("- image registry.example/smart-support:8.1.7")),
                     qPrintable(text()));
        screen.world.change([&](PromotionBoard &board) { // somebody rolled it back meanwhile
            PromotionCard &card = screen.world.card(board, PromotionConsole::support);
            card.path.last().image = QStringLiteral("registry.example/smart-support:8.1.6");
            card.path.last().digest = QStringLiteral("sha256:") + hex("aa", 64);
        });
        QVERIFY(!text().contains(QStringLiteral("8.1.7"))); // at once
        QTRY_VERIFY2(text().contains(QStringLiteral("- image registry.example/smart-support:8.1.6")),
                     qPrintable(text()));
    }

    void aDifferenceThatCouldNotBeWorkedOutIsTriedAgain()
    {
        Screen screen([](PromotionConsole &world) {
            world.desk.planFails = Error{ErrorKind::Unreachable, QStringLiteral("prod-eu does not answer."), {}};
        });
        screen.select(PromotionConsole::support);
        const auto text = [&] {
            return screen.page.findChild<QLabel *>(QStringLiteral("clusterDifference"))->toolTip();
        };
        QTRY_VERIFY(text().contains(QStringLiteral("prod-eu does not answer.")));
        screen.world.desk.planFails.reset();
        screen.world.change([&](PromotionBoard &board) { board.readAt = board.readAt.addSecs(60); });
        QTRY_VERIFY2(!text().contains(QStringLiteral("prod-eu does not answer.")), qPrintable(text()));
    }

    void thePathTellsWhatRunsWhereAndHowFarItIsAhead()
    {
        Screen screen;
        screen.select(PromotionConsole::support);
        auto *graph = screen.page.findChild<PathGraph *>();
        QTRY_VERIFY2(graph->spoken().contains(QStringLiteral("4 ahead")), qPrintable(graph->spoken()));
        QVERIFY(graph->spoken().contains(QStringLiteral("staging: 8.1.9 · 38 m")));
        QVERIFY(graph->spoken().contains(QStringLiteral("Approve: 1 of 2")));
        QVERIFY(graph->spoken().contains(QStringLiteral("production: 8.1.7")));
        QCOMPARE(graph->accessibleDescription(), graph->spoken());
    }

    // What nobody can look at is as old as its reading, however old its pods were by then.
    void aPlaceThatIsNotLiveTellsTheAgeOfItsReading_data()
    {
        QTest::addColumn<int>("readAgo"); // seconds; below 0: never
        QTest::addColumn<QString>("production");
        QTest::newRow("minutes") << 420 << QStringLiteral("production: 8.1.7 · read 7 m ago");
        QTest::newRow("just now") << 20 << QStringLiteral("production: 8.1.7 · read 20 s ago");
        QTest::newRow("never") << -1 << QStringLiteral("production: 8.1.7 · not live");
    }
    void aPlaceThatIsNotLiveTellsTheAgeOfItsReading()
    {
        QFETCH(int, readAgo);
        QFETCH(QString, production);
        Screen screen;
        const QDateTime readAt = readAgo < 0 ? QDateTime() : screen.world.now.addSecs(-readAgo);
        screen.world.change([&](PromotionBoard &board) {
            screen.world.card(board, PromotionConsole::support).stale = {
                {QStringLiteral("production"), readAt, QStringLiteral("prod-eu does not answer.")}};
        });
        screen.select(PromotionConsole::support);
        const QString spoken = screen.page.findChild<PathGraph *>()->spoken();
        QVERIFY2(spoken.contains(QStringLiteral("staging: 8.1.9 · 38 m")), qPrintable(spoken)); // that one is live
        const QString told = QStringLiteral("%1, %2").arg(production, healthLabel(Health::Unknown));
        QVERIFY2(spoken.contains(told), qPrintable(spoken));
    }

    void commitsOpenInTheirOwnViewAndEscComesBack()
    {
        Screen screen;
        screen.select(PromotionConsole::support);
        auto *commits = screen.page.findChild<RowList *>(QStringLiteral("promotionCommits"));
        QTRY_COMPARE(commits->model()->rowCount(), 4);
        QTRY_VERIFY(commits->isVisible());
        commits->setFocus();
        QTest::keyClick(commits, Qt::Key_Return);
        auto *view = screen.page.findChild<ChangesView *>();
        QVERIFY(view && view->isVisible());
        QTRY_VERIFY(!textOf(*view, "changesCommitDetail").isEmpty());
        QVERIFY(screen.page.goBack());
        QVERIFY(!view->isVisible());
        QVERIFY(!screen.page.goBack());
        QTest::mouseClick(screen.page.findChild<QPushButton *>(QStringLiteral("openDiff")), Qt::LeftButton);
        QVERIFY(view->isVisible());
        QVERIFY(textOf(*view, "changesCommitDetail").isEmpty());
    }

    void theRiskHasItsReasonsAndItsQuality()
    {
        Screen screen;
        screen.select(PromotionConsole::support);
        QCOMPARE(screen.page.findChild<Badge *>(QStringLiteral("promotionRisk"))->text(), QStringLiteral("RISK 0.18"));
        QVERIFY(screen.label("riskText").startsWith(QStringLiteral("0.18")));
        QVERIFY2(screen.label("riskQuality").contains(QStringLiteral("Brier score 0.112")),
                 qPrintable(screen.label("riskQuality")));
        auto *how = screen.page.findChild<QPushButton *>(QStringLiteral("riskModelButton"));
        QVERIFY(!screen.page.findChild<QLabel *>(QStringLiteral("riskModel"))->isVisible());
        how->setFocus();
        QTest::keyClick(how, Qt::Key_Space);
        QVERIFY(screen.page.findChild<QLabel *>(QStringLiteral("riskModel"))->isVisible());
        QVERIFY(screen.label("riskModel").contains(QStringLiteral("Platt 1999")));
        screen.world.change([&](PromotionBoard &board) {
            PromotionCard &card = screen.world.card(board, PromotionConsole::support);
            card.risk = {};
            card.risk.history = 12;
            card.risk.text = QStringLiteral("too little history: 12 of 50 promotions");
        });
        QTRY_COMPARE(screen.label("riskText"), QStringLiteral("too little history: 12 of 50 promotions"));
        QVERIFY(screen.page.findChild<Badge *>(QStringLiteral("promotionRisk"))->text().isEmpty());
    }

    void votesThatDoNotCountSayWhy()
    {
        Screen screen;
        screen.select(PromotionConsole::support);
        auto *votes = screen.page.findChild<QWidget *>(QStringLiteral("votesList"));
        QStringList spoken;
        for (const QLabel *label : votes->findChildren<QLabel *>())
            spoken << label->accessibleName();
        const QString all = spoken.join(QLatin1Char('\n'));
        QVERIFY2(all.contains(QStringLiteral("bob approved looks good")), qPrintable(all));
        QVERIFY(all.contains(QStringLiteral("given for another digest")));
        QVERIFY(all.contains(QStringLiteral("carol or dave")));
    }

    void filterAndSort()
    {
        Screen screen;
        QVERIFY(screen.page.focusFilter());
        auto *filter = screen.page.findChild<FilterField *>(QStringLiteral("promotionsFilter"));
        QVERIFY(filter->hasFocus());
        QTest::keyClicks(filter, QStringLiteral("gateway"));
        QCOMPARE(screen.rows(), (QStringList{QStringLiteral("Waiting for others"),
                                             QStringLiteral("edge-gateway 5.0.1 \u2192 staging")}));
        filter->setText(QStringLiteral("no such thing"));
        QCOMPARE(screen.panelText("promotionsInboxPanel"), QStringLiteral("Esc clears it."));
        QVERIFY(screen.page.goBack());
        QCOMPARE(screen.rows().size(), 8);
        auto *order = screen.page.findChild<ChipButton *>(QStringLiteral("promotionsOrder"));
        order->setChosen(QStringLiteral("application"));
        emit order->chosenChanged(QStringLiteral("application"));
        QCOMPARE(screen.rows().at(1), QStringLiteral("feature-store 0.98.1 \u2192 production"));
    }

    void theFiltersWordsAreNeverCut_data()
    {
        QTest::addColumn<QSize>("size");
        QTest::newRow("wide") << QSize(1240, 800);
        QTest::newRow("a window of 1100 x 700") << QSize(904, 622);
    }
    void theFiltersWordsAreNeverCut()
    {
        QFETCH(QSize, size);
        Screen screen;
        screen.page.resize(size);
        const auto *filter = screen.page.findChild<FilterField *>(QStringLiteral("promotionsFilter"));
        const auto wide = [filter](const QString &words) { return filter->fontMetrics().horizontalAdvance(words); };
        const auto room = [filter] { return filter->width() - filter->textMargins().left(); };
        QTRY_VERIFY2(wide(filter->placeholderText()) < room(), qPrintable(filter->placeholderText()));
        QCOMPARE(filter->accessibleName(), QStringLiteral("Filter promotions"));
        QVERIFY(filter->placeholderText() == filter->accessibleName() || filter->toolTip() == filter->accessibleName());
        // Where there is room everything is said.
        FilterField other(QStringLiteral("Filter promotions"));
        other.resize(400, 28);
        other.show();
        QTRY_COMPARE(other.placeholderText(), QStringLiteral("Filter promotions"));
        other.resize(60, 28);
        QTRY_VERIFY(other.placeholderText() != QStringLiteral("Filter promotions"));
        QVERIFY(wide(other.placeholderText()) < 60);
        other.resize(400, 28);
        QTRY_COMPARE(other.placeholderText(), QStringLiteral("Filter promotions"));
        QVERIFY(other.toolTip().isEmpty());
    }

    void holdsAndDebtsAreThereForAllToSee()
    {
        Screen screen;
        auto *panel = screen.page.findChild<Panel *>(QStringLiteral("obligationsPanel"));
        QVERIFY(!panel->isVisible());
        screen.world.change([&](PromotionBoard &board) {
            board.stops = {PromotionConsole::holdOn(screen.world.now.addSecs(-600), false)};
            board.debts = {PromotionConsole::debt(screen.world.now.addSecs(-3600), true)};
        });
        QVERIFY(panel->isVisible());
        QStringList spoken;
        for (const QLabel *label : panel->findChildren<QLabel *>())
            spoken << label->accessibleName();
        QVERIFY2(spoken.contains(QStringLiteral("Debt: edge-gateway in production: 2 countersignatures are owed for "
                                                "what dave did alone. · payments were down")),
                 qPrintable(spoken.join(QLatin1Char('\n'))));
        auto *lift = panel->findChild<QPushButton *>(QStringLiteral("lift"));
        QVERIFY(!lift->isVisible()); // one line each
        const int closed = panel->height();
        for (QPushButton *head : panel->findChildren<QPushButton *>(QStringLiteral("obligation"))) {
            QVERIFY(head->isVisible() && !head->text().isEmpty());
            head->click();
        }
        QTRY_VERIFY(panel->height() > closed && lift->isVisible());
        QVERIFY(!lift->isEnabled());
        QCOMPARE(lift->toolTip(), QStringLiteral("Only admins may."));
        auto *countersign = panel->findChild<QPushButton *>(QStringLiteral("countersign"));
        QTRY_VERIFY(!countersign->visibleRegion().isEmpty());
        screen.world.prompter.words = QStringLiteral("I was on the call");
        QTest::mouseClick(countersign, Qt::LeftButton);
        QTRY_COMPARE(screen.told().size(), 1);
        QCOMPARE(screen.told().first().what, QStringLiteral("countersign e8"));
        QCOMPARE(screen.told().first().words, QStringLiteral("I was on the call"));
    }

    void aFreezeThatComesAgainSaysWhenNext()
    {
        Screen screen;
        policy::BoardStop freeze = PromotionConsole::holdOn(screen.world.now.addSecs(3600), true);
        freeze.isFreeze = true;
        freeze.stop.state = policy::Stop::State::Later;
        freeze.stop.until = freeze.stop.since.addSecs(7200);
        freeze.stop.repeat =
            policy::FreezeRepeat{QStringLiteral("FREQ=WEEKLY;BYDAY=FR"), "Europe/Berlin", std::chrono::hours(2)};
        screen.world.change([&](PromotionBoard &board) { board.stops = {freeze}; });
        auto *panel = screen.page.findChild<Panel *>(QStringLiteral("obligationsPanel"));
        QVERIFY(panel->isVisible());
        QStringList spoken;
        for (const QLabel *label : panel->findChildren<QLabel *>())
            spoken << label->accessibleName();
        const QString told = QStringLiteral("Will be frozen: smart-support in production: by dave, next from %1, "
                                            "until %2, repeats by FREQ=WEEKLY;BYDAY=FR (Europe/Berlin): rolled back "
                                            "by hand")
                                 .arg(copiedTime(freeze.stop.since), copiedTime(freeze.stop.until));
        QVERIFY2(spoken.contains(told), qPrintable(spoken.join(QLatin1Char('\n'))));
        screen.world.prompter.words = QStringLiteral("no need any more");
        panel->findChild<QPushButton *>(QStringLiteral("obligation"))->click();
        QTRY_VERIFY(!panel->findChild<QPushButton *>(QStringLiteral("lift"))->visibleRegion().isEmpty());
        QTest::mouseClick(panel->findChild<QPushButton *>(QStringLiteral("lift")), Qt::LeftButton);
        QTRY_COMPARE(screen.told().size(), 1);
        QCOMPARE(screen.told().first().what, QStringLiteral("lift e7"));
    }

    void breakGlassAsksForAReason()
    {
        Screen screen([](PromotionConsole &world) {
            world.change([&](PromotionBoard &board) {
                world.card(board, PromotionConsole::support).mayBreakGlass = {true, {}};
            });
        });
        screen.select(PromotionConsole::support);
        QTest::mouseClick(screen.page.findChild<QPushButton *>(QStringLiteral("decisionMore")), Qt::LeftButton);
        auto *menu = screen.page.findChild<QMenu *>(QStringLiteral("decisionMenu"));
        QVERIFY(menu);
        QVERIFY(menu->actions().first()->isEnabled());
        menu->actions().first()->trigger(); // cancelled: nothing is said
        QCOMPARE(screen.told().size(), 0);
        screen.world.prompter.words = QStringLiteral("payments are down");
        menu->actions().first()->trigger();
        QTRY_COMPARE(screen.told().size(), 1);
        QCOMPARE(screen.told().first().what, QStringLiteral("breakGlass"));
        menu->close();
    }

    // Who acts alone answers for what cannot be looked at; the ledger it is written to has to be live.
    void glassIsBrokenWhereAPlaceIsNotLive_data()
    {
        QTest::addColumn<bool>("ledger");
        QTest::newRow("a place") << false;
        QTest::newRow("the ledger") << true;
    }
    void glassIsBrokenWhereAPlaceIsNotLive()
    {
        QFETCH(bool, ledger);
        Screen screen([ledger](PromotionConsole &world) {
            world.change([&](PromotionBoard &board) {
                PromotionCard &card = world.card(board, PromotionConsole::support);
                card.mayBreakGlass = {true, {}};
                card.stale = {{QStringLiteral("staging"), {}, QStringLiteral("prod-eu does not answer.")}};
                if (ledger)
                    PromotionConsole::goStale(board, QStringLiteral("git.example does not answer."));
            });
        });
        screen.select(PromotionConsole::support);
        QVERIFY(screen.approve()->fingerprint().isEmpty());
        QVERIFY(screen.reject()->fingerprint().isEmpty());
        QCOMPARE(screen.words().contains(QStringLiteral("break the glass")), !ledger);
        screen.world.prompter.words = QStringLiteral("payments are down");
        QTest::mouseClick(screen.page.findChild<QPushButton *>(QStringLiteral("decisionMore")), Qt::LeftButton);
        auto *menu = screen.page.findChild<QMenu *>(QStringLiteral("decisionMenu"));
        QVERIFY(menu);
        QCOMPARE(menu->actions().first()->isEnabled(), !ledger);
        menu->actions().first()->trigger();
        if (ledger)
            QCOMPARE(screen.told().size(), 0);
        else
            QTRY_COMPARE(screen.told().value(0).what, QStringLiteral("breakGlass"));
        menu->close();
    }

    // The menu was opened on one promotion; by the time a reason was given another one may be chosen.
    void whatIsAnsweredGoesToWhatWasShown_data()
    {
        QTest::addColumn<QString>("line");
        QTest::addColumn<QString>("what");
        QTest::newRow("break glass") << QStringLiteral("Break glass") << QStringLiteral("breakGlass");
        QTest::newRow("hold") << QStringLiteral("Hold promotions") << QStringLiteral("hold smart-support production");
        QTest::newRow("close the claim") << QStringLiteral("Close the claim") << QStringLiteral("closeClaim");
    }
    void whatIsAnsweredGoesToWhatWasShown()
    {
        QFETCH(QString, line);
        QFETCH(QString, what);
        Screen screen([](PromotionConsole &world) {
            world.change([&](PromotionBoard &board) {
                for (PromotionCard &card : board.open) {
                    card.mayBreakGlass = {true, {}};
                    card.state = PromotionCard::State::UnderWay;
                }
            });
        });
        screen.select(PromotionConsole::support);
        screen.world.prompter.words = QStringLiteral("payments are down");
        QTest::mouseClick(screen.page.findChild<QPushButton *>(QStringLiteral("decisionMore")), Qt::LeftButton);
        auto *menu = screen.page.findChild<QMenu *>(QStringLiteral("decisionMenu"));
        QVERIFY(menu);
        screen.select(PromotionConsole::store);
        for (QAction *action : menu->actions()) {
            if (action->text().startsWith(line))
                action->trigger();
        }
        menu->close();
        QTRY_COMPARE(screen.told().size(), 1);
        QCOMPARE(screen.told().first().what, what);
        if (!what.startsWith(QLatin1String("hold")))
            QCOMPARE(screen.told().first().seen.promotion, PromotionConsole::support);
    }

    void aCommentStaysWithItsPromotion()
    {
        Screen screen([](PromotionConsole &world) { world.desk.holdsWrites = true; });
        screen.select(PromotionConsole::support);
        QTest::keyClicks(screen.comment(), QStringLiteral("read the diff"));
        screen.approve()->setFocus();
        screen.world.press(screen.approve(), 800);
        QTRY_COMPARE(screen.told().size(), 1);
        screen.select(PromotionConsole::store);
        QVERIFY(screen.comment()->text().isEmpty());
        QTest::keyClicks(screen.comment(), QStringLiteral("not yet"));
        screen.world.desk.endHeld(QStringLiteral("01NEW"));
        QTRY_VERIFY(!screen.approve()->fingerprint().isEmpty()); // signed
        QCOMPARE(screen.comment()->text(), QStringLiteral("not yet"));
        screen.select(PromotionConsole::support);
        QVERIFY(screen.comment()->text().isEmpty()); // it is in the ledger
        screen.select(PromotionConsole::store);
        QCOMPARE(screen.comment()->text(), QStringLiteral("not yet"));
    }

    void aProblemIsToldOfThePromotionItHas()
    {
        Screen screen([](PromotionConsole &world) { world.desk.holdsWrites = true; });
        const QSignalSpy notices(&screen.page, &Page::notice);
        screen.select(PromotionConsole::support);
        screen.comment()->setText(QStringLiteral("kept"));
        screen.approve()->setFocus();
        screen.world.press(screen.approve(), 800);
        QTRY_COMPARE(screen.told().size(), 1);
        screen.select(PromotionConsole::store);
        screen.world.desk.endHeld(Error{ErrorKind::Unreachable, QStringLiteral("git.example is gone."), {}});
        QTRY_COMPARE(notices.size(), 1);
        QCOMPARE(notices.first().at(0).toString(), QStringLiteral("git.example is gone."));
        QCOMPARE(notices.first().at(1).value<Health>(), Health::Failing);
        QVERIFY2(screen.words().startsWith(QStringLiteral("Approving records")), qPrintable(screen.words()));
        screen.select(PromotionConsole::support);
        QCOMPARE(screen.comment()->text(), QStringLiteral("kept"));
    }

    void aPromotionIsAskedForWithItsDraftInSight()
    {
        Screen screen;
        RequestDialog *const dialog = screen.askForPromotion();
        QVERIFY(dialog);
        auto *send = dialog->findChild<QPushButton *>(QStringLiteral("requestSend"));
        QTRY_VERIFY(send->isEnabled());
        QVERIFY(textOf(*dialog, "requestSummary").contains(QStringLiteral("8.1.9 from staging to production")));
        dialog->findChild<QLineEdit *>(QStringLiteral("requestReason"))->setText(QStringLiteral("faster"));
        QTest::mouseClick(send, Qt::LeftButton);
        QTRY_COMPARE(screen.world.desk.requests.size(), 1);
        QCOMPARE(screen.world.desk.requests.first().request.reason, QStringLiteral("faster"));
        QTRY_VERIFY(!screen.page.findChild<RequestDialog *>());
    }

    // Where it shall start by itself, its plan is shown and held for; what starts later is that very plan.
    void whatStartsByItselfIsShownAndHeldFor()
    {
        Screen screen;
        RequestDialog *const dialog = screen.askForPromotion();
        QVERIFY(dialog);
        auto *send = dialog->findChild<QPushButton *>(QStringLiteral("requestSend"));
        auto *hold = dialog->findChild<HoldButton *>(QStringLiteral("requestHold"));
        auto *starts = dialog->findChild<QCheckBox *>(QStringLiteral("requestStartsByItself"));
        screen.world.takeClock(hold);
        QTRY_VERIFY(send->isEnabled());
        QVERIFY(!starts->isChecked() && !hold->isVisible());
        QCOMPARE(screen.world.desk.rehearsals, 0);
        QTest::mouseClick(starts, Qt::LeftButton, {}, QPoint(8, starts->height() / 2));
        QVERIFY(starts->isChecked() && !send->isVisible());
        QTRY_VERIFY2(!hold->fingerprint().isEmpty(), qPrintable(hold->toolTip()));
        const QString effect = textOf(*dialog, "requestEffect");
        QVERIFY2(effect.contains(QStringLiteral("+ image registry.example/smart-support@sha256:77b0e41c")),
                 qPrintable(effect));
        hold->setFocus();
        screen.world.press(hold, 700); // too short
        QCOMPARE(screen.world.desk.requests.size(), 0);
        screen.world.press(hold, 800);
        QTRY_COMPARE(screen.world.desk.requests.size(), 1);
        QTRY_COMPARE(screen.world.desk.starts.size(), 1);
        QVERIFY(!screen.world.desk.starts.cbegin()->steps.isEmpty());
        QTRY_VERIFY(!screen.page.findChild<RequestDialog *>());
        // The choice is remembered.
        const QPointer<RequestDialog> again = screen.askForPromotion();
        QVERIFY(again->findChild<QCheckBox *>(QStringLiteral("requestStartsByItself"))->isChecked());
        again->reject();
    }

    void whatStartedByItselfIsShownWhileItRuns()
    {
        Screen screen;
        screen.select(PromotionConsole::gateway);
        screen.world.desk.startWhenMet(PromotionConsole::gateway, {});
        screen.world.makeReady(PromotionConsole::gateway);
        const auto *box = screen.page.findChild<OperationBox *>();
        QVERIFY(!box->isVisible());
        SeenPromotion seen;
        seen.promotion = PromotionConsole::gateway;
        Plan plan = screen.world.desk.planOf(seen);
        const PromotionCard *card = screen.world.desk.board().find(PromotionConsole::gateway);
        plan.application = card->request.subject.application;
        plan.environment = card->request.subject.environment;
        plan.to = QStringLiteral("5.0.1 by itself");
        screen.world.runner->holdsExecute = true;
        const auto made = screen.world.context->operations->create(plan);
        QVERIFY(made);
        (*made)->start();
        QVERIFY(screen.world.reach(OperationState::AwaitingConfirmation, *made));
        QVERIFY(!box->isVisible()); // it is not this page's to confirm
        QVERIFY((*made)->confirm((*made)->plan().fingerprint()));
        QTRY_VERIFY(screen.world.runner->isHolding());
        QTRY_VERIFY(box->isVisible());
        QVERIFY2(textOf(screen.page, "operationHeadline").contains(QStringLiteral("5.0.1 by itself")),
                 qPrintable(textOf(screen.page, "operationHeadline")));
        QVERIFY(!screen.start()->isVisible());
        // Another one on screen: it goes on, and is there again.
        screen.select(PromotionConsole::support);
        QVERIFY(!textOf(screen.page, "operationHeadline").contains(QStringLiteral("5.0.1 by itself")));
        screen.select(PromotionConsole::gateway);
        QTRY_VERIFY(textOf(screen.page, "operationHeadline").contains(QStringLiteral("5.0.1 by itself")));
        screen.world.runner->holdsExecute = false;
        screen.world.runner->give(Receipt{});
        QVERIFY(screen.world.reach(OperationState::Finished, *made));
        QTRY_VERIFY(visible<QPushButton>(screen.page, "operationDismiss"));
    }

    void whatCannotBePlannedCannotStartByItself()
    {
        Screen screen;
        screen.world.settings->setChoice(QStringLiteral("promotions/startsByItself"), QStringLiteral("on"));
        screen.world.desk.planFails =
            Error{ErrorKind::Unsupported, QStringLiteral("No repository can be written from here."), {}};
        RequestDialog *const dialog = screen.askForPromotion();
        auto *hold = dialog->findChild<HoldButton *>(QStringLiteral("requestHold"));
        screen.world.takeClock(hold);
        QTRY_VERIFY(
            textOf(*dialog, "requestEffect").contains(QStringLiteral("No repository can be written from here.")));
        hold->setFocus();
        screen.world.press(hold, 2000);
        QCOMPARE(screen.world.desk.requests.size(), 0);
        auto *send = dialog->findChild<QPushButton *>(QStringLiteral("requestSend"));
        dialog->findChild<QCheckBox *>(QStringLiteral("requestStartsByItself"))->click();
        QVERIFY(send->isVisible() && send->isEnabled()); // asked for it can be all the same
        dialog->reject();
    }

    void whatStartsByItselfSaysSoAndCanBeToldNotTo()
    {
        Screen screen;
        screen.select(PromotionConsole::gateway); // asked for by whoever looks
        screen.world.desk.startWhenMet(PromotionConsole::gateway, {});
        QVERIFY2(screen.words().contains(QStringLiteral("It starts by itself once it may")),
                 qPrintable(screen.words()));
        screen.world.makeReady(PromotionConsole::gateway);
        QVERIFY(!screen.start()->isVisible()); // nothing to press: it is on its way
        QTest::mouseClick(screen.page.findChild<QPushButton *>(QStringLiteral("decisionMore")), Qt::LeftButton);
        auto *menu = screen.page.findChild<QMenu *>(QStringLiteral("decisionMenu"));
        QTRY_VERIFY(menu && menu->isVisible());
        const QList<QAction *> actions = menu->actions();
        const auto found = std::find_if(actions.begin(), actions.end(), [](const QAction *action) {
            return action->text() == QStringLiteral("Do not start it by itself");
        });
        QVERIFY(found != actions.end());
        (*found)->trigger();
        menu->close();
        QVERIFY(!screen.world.desk.startsByItself(PromotionConsole::gateway));
        QTRY_VERIFY(screen.start()->isVisible());
    }

    // A freeze wants no promotion to be chosen.
    void aFreezeIsReachedWithoutAPromotion_data()
    {
        QTest::addColumn<bool>("byHint"); // as the palette does it
        QTest::newRow("by its button") << false;
        QTest::newRow("from elsewhere") << true;
    }
    void aFreezeIsReachedWithoutAPromotion()
    {
        QFETCH(bool, byHint);
        Screen screen([](PromotionConsole &world) {
            world.change([](PromotionBoard &board) {
                board.open.clear();
                board.decided.clear();
            });
        });
        NavigationTarget target;
        target.hint = QStringLiteral("freeze");
        if (byHint)
            screen.page.open(target);
        else
            QTest::mouseClick(screen.page.findChild<QPushButton *>(QStringLiteral("orderFreeze")), Qt::LeftButton);
        const QPointer<FreezeDialog> dialog = screen.page.findChild<FreezeDialog *>();
        QVERIFY(dialog && dialog->isVisible());
        QTRY_COMPARE(screen.world.desk.freezesDrafted.size() > 0, true);
        QCOMPARE(screen.world.desk.freezesDrafted.last().application, QStringLiteral("*"));
        dialog->reject();
    }

    void aDraftThatCannotBeMadeSaysWhyOnce()
    {
        Screen screen;
        const QString why = QStringLiteral("No promotion path leads there.");
        screen.world.desk.draftFails = Error{ErrorKind::Refused, why, {}};
        QTest::mouseClick(screen.page.findChild<QPushButton *>(QStringLiteral("askForPromotion")), Qt::LeftButton);
        auto *dialog = screen.page.findChild<RequestDialog *>();
        QTRY_COMPARE(textOf(*dialog, "panelMessageText"), why);
        QCOMPARE(timesSaid(*dialog, why), 1);
        QVERIFY(!dialog->findChild<QPushButton *>(QStringLiteral("requestSend"))->isEnabled());
        dialog->reject();
    }

    void aRefusedRequestSaysWhyOnce_data()
    {
        QTest::addColumn<bool>("draftFails"); // for the same reason, when it is looked at again
        QTest::newRow("the draft can still be made") << false;
        QTest::newRow("nor can the draft be made any more") << true;
    }
    void aRefusedRequestSaysWhyOnce()
    {
        QFETCH(bool, draftFails);
        Screen screen;
        RequestDialog *const dialog = screen.askForPromotion();
        auto *send = dialog->findChild<QPushButton *>(QStringLiteral("requestSend"));
        QTRY_VERIFY(send->isEnabled());
        const Error refused{ErrorKind::Conflict, QStringLiteral("The policy lets nobody ask for it."), {}};
        screen.world.desk.writeFails = refused;
        if (draftFails)
            screen.world.desk.draftFails = refused;
        const qsizetype drafts = screen.world.desk.orders.size();
        QTest::mouseClick(send, Qt::LeftButton);
        QTRY_VERIFY(screen.world.desk.orders.size() > drafts);
        QTRY_COMPARE(timesSaid(*dialog, refused.message), 1);
        QTRY_COMPARE(send->isEnabled(), !draftFails);
        QCOMPARE(timesSaid(*dialog, refused.message), 1);
        dialog->reject();
    }

    // Others do this and that meanwhile: it is looked at again behind what is shown.
    void aDraftThatComesBackTheSameKeepsTheHold_data()
    {
        QTest::addColumn<bool>("starts");
        QTest::newRow("held for") << true;
        QTest::newRow("clicked") << false;
    }
    void aDraftThatComesBackTheSameKeepsTheHold()
    {
        QFETCH(bool, starts);
        Screen screen;
        screen.world.settings->setChoice(QStringLiteral("promotions/startsByItself"),
                                         starts ? QStringLiteral("on") : QStringLiteral("off"));
        RequestDialog *const dialog = screen.askForPromotion();
        auto *hold = dialog->findChild<HoldButton *>(QStringLiteral("requestHold"));
        auto *send = dialog->findChild<QPushButton *>(QStringLiteral("requestSend"));
        screen.world.takeClock(hold);
        QTRY_VERIFY(starts ? !hold->fingerprint().isEmpty() : send->isEnabled());
        const QString summary = textOf(*dialog, "requestSummary");
        if (starts) {
            hold->setFocus();
            QTest::keyPress(hold, Qt::Key_Return);
            QVERIFY(hold->isHolding());
        }
        const qsizetype drafts = screen.world.desk.orders.size();
        const int rehearsals = screen.world.desk.rehearsals;
        // Time goes by in the words of a rule; that is no other answer.
        screen.world.desk.drafted.decision.rules[5].text = QStringLiteral("39 m of 30 m in staging");
        screen.world.change([](PromotionBoard &board) { board.unsent = 1; });
        QVERIFY(starts ? hold->isHolding() : send->isEnabled());
        QCOMPARE(textOf(*dialog, "requestSummary"), summary);
        QTRY_VERIFY(screen.world.desk.orders.size() > drafts);
        QTRY_COMPARE(screen.world.desk.rehearsals, rehearsals + (starts ? 1 : 0));
        QTRY_COMPARE(timesSaid(*dialog, QStringLiteral("39 m of 30 m in staging")), 1);
        QVERIFY(textOf(*dialog, "requestChanged").isEmpty());
        if (starts) {
            QVERIFY(hold->isHolding());
            screen.world.passHold(hold, 800);
            QTest::keyRelease(hold, Qt::Key_Return);
        } else {
            QTest::mouseClick(send, Qt::LeftButton);
        }
        QTRY_COMPARE(screen.world.desk.requests.size(), 1);
        QTRY_VERIFY(!screen.page.findChild<RequestDialog *>());
    }

    void aDraftThatDiffersBreaksTheHoldAndSaysWhat_data()
    {
        QTest::addColumn<QString>("what");
        QTest::addColumn<QString>("told");
        QTest::newRow("another release") << QStringLiteral("release") << QStringLiteral("it would be 8.2.0 ");
        QTest::newRow("somebody ordered a freeze") << QStringLiteral("rule") << QStringLiteral("Freeze: dave ordered");
        QTest::newRow("another policy") << QStringLiteral("policy") << QStringLiteral("the policy is another one");
        QTest::newRow("another plan") << QStringLiteral("plan") << QStringLiteral("what will be done is another thing");
    }
    void aDraftThatDiffersBreaksTheHoldAndSaysWhat()
    {
        QFETCH(QString, what);
        QFETCH(QString, told);
        Screen screen;
        screen.world.settings->setChoice(QStringLiteral("promotions/startsByItself"), QStringLiteral("on"));
        RequestDialog *const dialog = screen.askForPromotion();
        auto *hold = dialog->findChild<HoldButton *>(QStringLiteral("requestHold"));
        screen.world.takeClock(hold);
        QTRY_VERIFY(!hold->fingerprint().isEmpty());
        const QByteArray before = hold->fingerprint();
        hold->setFocus();
        QTest::keyPress(hold, Qt::Key_Return);
        QVERIFY(hold->isHolding());
        PromotionDraft &drafted = screen.world.desk.drafted;
        if (what == QLatin1String("release"))
            drafted.request.version = QStringLiteral("8.2.0");
        else if (what == QLatin1String("rule"))
            drafted.decision.rules.append({policy::Rule::Freeze, policy::RuleResult::State::Block,
                                           QStringLiteral("dave ordered a freeze"), QString(), true});
        else if (what == QLatin1String("policy"))
            drafted.request.policyCommit = hex("c1", 40);
        else
            screen.world.desk.planOf = [&screen](const SeenPromotion &seen) {
                Plan plan = screen.world.startPlan(seen);
                plan.steps.last().title = QStringLiteral("Set another image");
                return plan;
            };
        screen.world.change([](PromotionBoard &board) { board.unsent = 1; });
        QTRY_VERIFY2(textOf(*dialog, "requestChanged").contains(told), qPrintable(textOf(*dialog, "requestChanged")));
        QVERIFY(!hold->isHolding());
        QTRY_VERIFY(!hold->fingerprint().isEmpty() && hold->fingerprint() != before);
        screen.world.passHold(hold, 5000);
        QCOMPARE(screen.world.desk.requests.size(), 0);
        QTest::keyRelease(hold, Qt::Key_Return);
        screen.world.press(hold, 800); // for what is there now
        QTRY_COMPARE(screen.world.desk.requests.size(), 1);
        QCOMPARE(screen.world.desk.requests.first().request.version, drafted.request.version);
        QTRY_VERIFY(!screen.page.findChild<RequestDialog *>());
    }

    // A press that was meant for what was there before signs nothing, however long the mouse stays down.
    void whatChangedUnderAPressIsNotSigned_data()
    {
        QTest::addColumn<QString>("how");
        for (const char *how : {"mouse", "mouse that moves", "Enter", "Enter that is held", "Space"})
            QTest::newRow(how) << QString::fromLatin1(how);
    }
    void whatChangedUnderAPressIsNotSigned()
    {
        QFETCH(QString, how);
        const bool isMouse = how.startsWith(QLatin1String("mouse"));
        const int key = how == QLatin1String("Space") ? Qt::Key_Space : Qt::Key_Return;
        Screen screen;
        RequestDialog *const dialog = screen.askForPromotion();
        auto *send = dialog->findChild<QPushButton *>(QStringLiteral("requestSend"));
        QTRY_VERIFY(send->isEnabled());
        send->setFocus();
        if (isMouse)
            QTest::mousePress(send, Qt::LeftButton);
        else if (key == Qt::Key_Space)
            QTest::keyPress(send, Qt::Key_Space);
        screen.world.desk.drafted.request.subject.digest = QStringLiteral("sha256:") + hex("b2", 64);
        screen.world.change([](PromotionBoard &board) { board.unsent = 1; });
        QTRY_VERIFY(textOf(*dialog, "requestChanged").contains(QStringLiteral("it would be ")));
        QVERIFY(!send->isEnabled());
        if (!isMouse && key != Qt::Key_Space)
            QTest::keyPress(dialog->focusWidget(), Qt::Key_Return); // it just landed
        QTRY_VERIFY(send->isEnabled());
        QVERIFY(send->hasFocus());
        if (how == QLatin1String("mouse that moves")) {
            for (const QPointF at : {QPointF(-40, 5), QPointF(9, 9)}) {
                QMouseEvent move(QEvent::MouseMove, at, send->mapToGlobal(at), Qt::NoButton, Qt::LeftButton, {});
                QCoreApplication::sendEvent(send, &move);
            }
        } else if (how == QLatin1String("Enter that is held")) {
            QKeyEvent again(QEvent::KeyPress, Qt::Key_Return, {}, QStringLiteral("\r"), true);
            QCoreApplication::sendEvent(send, &again);
        }
        if (isMouse)
            QTest::mouseRelease(send, Qt::LeftButton);
        else
            QTest::keyRelease(send, static_cast<Qt::Key>(key));
        QCOMPARE(screen.world.desk.requests.size(), 0);
        if (isMouse)
            QTest::mouseClick(send, Qt::LeftButton); // seen by now
        else
            QTest::keyClick(send, static_cast<Qt::Key>(key));
        QTRY_COMPARE(screen.world.desk.requests.size(), 1);
        QCOMPARE(screen.world.desk.requests.first().request.subject.digest,
                 screen.world.desk.drafted.request.subject.digest);
        QTRY_VERIFY(!screen.page.findChild<RequestDialog *>());
    }

    void whatChangedFirstIsToldAfterTheSecond()
    {
        Screen screen;
        RequestDialog *const dialog = screen.askForPromotion();
        QTRY_VERIFY(dialog->findChild<QPushButton *>(QStringLiteral("requestSend"))->isEnabled());
        const auto told = [dialog] { return textOf(*dialog, "requestChanged"); };
        screen.world.desk.drafted.request.version = QStringLiteral("8.2.0");
        screen.world.change([](PromotionBoard &board) { board.unsent = 1; });
        QTRY_VERIFY(told().contains(QStringLiteral("it would be 8.2.0 ")));
        screen.world.desk.drafted.request.policyCommit = hex("c1", 40);
        screen.world.change([](PromotionBoard &board) { board.unsent = 2; });
        QTRY_VERIFY(told().contains(QStringLiteral("the policy is another one")));
        QVERIFY2(told().contains(QStringLiteral("it would be 8.2.0 ")), qPrintable(told()));
        QTest::keyClicks(dialog->findChild<QLineEdit *>(QStringLiteral("requestRelease")), QStringLiteral("8"));
        QVERIFY(told().isEmpty());
        dialog->reject();
    }

    // The rehearsal that was to be finished first is not wanted any more.
    void whatMovedDuringARehearsalIsLookedAt()
    {
        Screen screen;
        screen.world.settings->setChoice(QStringLiteral("promotions/startsByItself"), QStringLiteral("on"));
        screen.world.desk.holdsRehearsals = true;
        RequestDialog *const dialog = screen.askForPromotion();
        QTRY_COMPARE(screen.world.desk.rehearsals, 1);
        const qsizetype drafts = screen.world.desk.orders.size();
        screen.world.change([](PromotionBoard &board) { board.unsent = 1; });
        dialog->findChild<QCheckBox *>(QStringLiteral("requestStartsByItself"))->click();
        QTRY_VERIFY(screen.world.desk.orders.size() > drafts);
        dialog->reject();
    }

    // What is signed is what the dialog shows: not what it showed before a field was changed.
    void aDraftOfOtherFieldsCannotBeSigned_data()
    {
        QTest::addColumn<QString>("field");
        QTest::addColumn<QString>("typed");
        QTest::newRow("application") << QStringLiteral("requestApplication") << QString();
        QTest::newRow("environment") << QStringLiteral("requestEnvironment") << QString();
        QTest::newRow("release") << QStringLiteral("requestRelease") << QStringLiteral("9");
    }
    void aDraftOfOtherFieldsCannotBeSigned()
    {
        QFETCH(QString, field);
        QFETCH(QString, typed);
        Screen screen([](PromotionConsole &world) {
            Deployed staging = world.OperationConsole::support();
            staging.environment = QStringLiteral("staging");
            staging.ns = QStringLiteral("staging");
            world.put(staging);
        });
        screen.select(PromotionConsole::support);
        RequestDialog *const dialog = screen.askForPromotion();
        QVERIFY(dialog);
        auto *send = dialog->findChild<QPushButton *>(QStringLiteral("requestSend"));
        QTRY_VERIFY(send->isEnabled());
        auto *input = dialog->findChild<QWidget *>(field);
        input->setFocus();
        if (typed.isEmpty())
            QTest::keyClick(input, Qt::Key_Up);
        else
            QTest::keyClicks(input, typed);
        QVERIFY(!send->isEnabled());
        QVERIFY(textOf(*dialog, "requestSummary").contains(QStringLiteral("being worked out")));
        QTest::keyClick(input, Qt::Key_Return); // the dialog's default button
        QTest::mouseClick(send, Qt::LeftButton);
        QCOMPARE(screen.world.desk.requests.size(), 0);
        QTRY_VERIFY(send->isEnabled());
        const PromotionOrder asked = screen.world.desk.orders.last();
        QCOMPARE(asked.release, typed);
        QCOMPARE(asked.application,
                 dialog->findChild<QComboBox *>(QStringLiteral("requestApplication"))->currentText());
        QCOMPARE(asked.environment,
                 dialog->findChild<QComboBox *>(QStringLiteral("requestEnvironment"))->currentText());
        dialog->reject();
    }

    void aRequestOnItsWayKeepsItsDialog()
    {
        Screen screen([](PromotionConsole &world) { world.desk.holdsWrites = true; });
        QPointer<RequestDialog> dialog = screen.askForPromotion();
        QVERIFY(dialog);
        auto *send = dialog->findChild<QPushButton *>(QStringLiteral("requestSend"));
        auto *release = dialog->findChild<QLineEdit *>(QStringLiteral("requestRelease"));
        QTRY_VERIFY(send->isEnabled());
        QTest::mouseClick(send, Qt::LeftButton);
        QCOMPARE(screen.world.desk.requests.size(), 1);
        QVERIFY(!release->isEnabled());
        QVERIFY(!send->isEnabled());
        QTest::keyClick(dialog, Qt::Key_Escape);
        QVERIFY(dialog && dialog->isVisible());
        dialog->close();
        QVERIFY(dialog && dialog->isVisible());
        const qsizetype drafts = screen.world.desk.orders.size();
        screen.world.desk.endHeld(Error{ErrorKind::Conflict, QStringLiteral("The policy changed."), {}});
        QTRY_VERIFY(release->isEnabled());
        QTRY_VERIFY(screen.world.desk.orders.size() > drafts); // what it would say under the new one
        QTRY_VERIFY(send->isEnabled());
        QCOMPARE(textOf(*dialog, "requestProblem"), QStringLiteral("The policy changed."));
        QTest::keyClicks(release, QStringLiteral("8"));
        QTRY_VERIFY(send->isEnabled());
        QVERIFY(textOf(*dialog, "requestProblem").isEmpty());
        QTest::keyClick(dialog, Qt::Key_Escape);
        QTRY_VERIFY(!dialog);
    }

    void emptyLoadingAndForbiddenAreDrawnOnPurpose_data()
    {
        QTest::addColumn<Freshness::State>("state");
        QTest::addColumn<QString>("text");
        QTest::newRow("nothing waits") << Freshness::State::Live
                                       << QStringLiteral("No promotion was asked for lately.");
        QTest::newRow("denied") << Freshness::State::Denied << QStringLiteral("The remote lets you not read it.");
        QTest::newRow("failed") << Freshness::State::Failed << QStringLiteral("The remote lets you not read it.");
        QTest::newRow("loading") << Freshness::State::Loading << QString();
    }
    void emptyLoadingAndForbiddenAreDrawnOnPurpose()
    {
        QFETCH(Freshness::State, state);
        QFETCH(QString, text);
        Screen screen([state](PromotionConsole &world) {
            world.change([&](PromotionBoard &board) {
                board.open.clear();
                board.decided.clear();
                board.ledgerFreshness.state = state;
                if (state == Freshness::State::Denied || state == Freshness::State::Failed)
                    board.ledgerFreshness.error =
                        Error{ErrorKind::Forbidden, QStringLiteral("The remote lets you not read it."), {}};
            });
        });
        QVERIFY2(screen.panelText("promotionsInboxPanel").startsWith(text),
                 qPrintable(screen.panelText("promotionsInboxPanel")));
        if (state == Freshness::State::Loading)
            QVERIFY(visible<QWidget>(screen.page, "panelLoading"));
        QVERIFY(!screen.page.findChild<DecisionBox *>()->isVisible());
    }

    void withoutALedgerItSaysHowToBegin()
    {
        Screen screen([](PromotionConsole &world) {
            world.change([](PromotionBoard &board) {
                board.open.clear();
                board.decided.clear();
                board.ledgerFreshness.state = Freshness::State::Failed;
                board.ledgerFreshness.error =
                    Error{ErrorKind::NotFound, QStringLiteral("There is no ledger at /home/a/ledger.git yet."), {}};
            });
        });
        const QString told = screen.panelText("noLedgerPanel");
        QVERIFY2(told.contains(QLatin1String("/home/a/ledger.git")), qPrintable(told));
        QVERIFY2(told.contains(QLatin1String("signalbox ledger init")), qPrintable(told));
        QVERIFY(!screen.inbox()->isVisible()); // nothing red, and nothing to choose from
        screen.world.change([](PromotionBoard &board) {
            board.ledgerFreshness.state = Freshness::State::Live;
            board.ledgerFreshness.error.reset();
        });
        QTRY_VERIFY(screen.inbox()->isVisible() ||
                    screen.panelText("promotionsInboxPanel").startsWith(QLatin1String("No promotion was asked for")));
        QVERIFY(!screen.page.findChild<QWidget *>(QStringLiteral("noLedgerPanel"))->isVisible());
    }

    // Nothing is broken there: no red, and what to do.
    void whereNobodySignsYetItSaysHowToBegin()
    {
        Screen screen([](PromotionConsole &world) {
            world.change([](PromotionBoard &board) {
                board.open.clear();
                board.decided.clear();
                board.ledgerFreshness.state = Freshness::State::Failed;
                board.ledgerFreshness.error =
                    Error{ErrorKind::Unsupported, QStringLiteral("The ledger is not signed."), {}};
            });
        });
        const auto *panel = screen.page.findChild<Panel *>(QStringLiteral("noLedgerPanel"));
        QCOMPARE(panel->state(), Panel::State::Empty);
        const auto labels = panel->findChildren<QLabel *>();
        QVERIFY(std::any_of(labels.cbegin(), labels.cend(), [](const QLabel *label) {
            return label->isVisible() && label->text() == QLatin1String("The ledger is not signed yet");
        }));
        QVERIFY(screen.panelText("noLedgerPanel").contains(QLatin1String("signalbox ledger init")));
        QVERIFY(!screen.page.findChild<QWidget *>(QStringLiteral("promotionsBanner"))->isVisible());
        const int refreshes = screen.world.desk.refreshes;
        QTest::mouseClick(visible<QPushButton>(*panel, "panelAction"), Qt::LeftButton);
        QVERIFY(screen.world.desk.refreshes > refreshes);
        // One that is broken is told as what it is.
        screen.world.change([](PromotionBoard &board) { board.ledgerFreshness.error->kind = ErrorKind::Refused; });
        QVERIFY(!panel->isVisible());
        QVERIFY(screen.page.findChild<QWidget *>(QStringLiteral("promotionsBanner"))->isVisible());
    }

    // Where both boxes stand below each other the checks are still what is seen most of.
    void theChecksHaveRoomBesideBothBoxes()
    {
        Screen screen;
        screen.page.resize(904, 622); // of a window of 1100 x 700
        screen.select(PromotionConsole::support);
        screen.approve()->setFocus();
        screen.world.makeReady(PromotionConsole::support);
        QTRY_VERIFY(!screen.start()->fingerprint().isEmpty());
        QVERIFY(screen.reject()->isVisible());
        QVERIFY(!screen.approve()->isVisible()); // it was given
        QVERIFY(screen.page.findChild<QPushButton *>(QStringLiteral("decisionMore"))->hasFocus());
        const auto *rules = screen.page.findChild<QWidget *>(QStringLiteral("rulesList"));
        QTRY_VERIFY2(rules->visibleRegion().boundingRect().height() >= 6 * 31,
                     qPrintable(QString::number(rules->visibleRegion().boundingRect().height())));
        auto *reason = screen.page.findChild<QLineEdit *>(QStringLiteral("operationReason"));
        QVERIFY(reason->isVisible() && reason->width() > 120);
        // Back again where it can be approved.
        screen.select(PromotionConsole::store);
        QVERIFY(screen.approve()->isVisible());
        QVERIFY(!screen.words().isEmpty());
    }

    void manyPromotionsKeepTheChosenOne()
    {
        Screen screen;
        screen.select(PromotionConsole::support);
        screen.world.change([&](PromotionBoard &board) {
            for (int i = 0; i < 300; ++i) {
                PromotionCard more = board.open.first();
                more.id = QStringLiteral("01MORE%1").arg(i, 20, 10, QLatin1Char('0'));
                more.request.subject.application = QStringLiteral("app-%1").arg(i);
                more.requestedAt = screen.world.now.addSecs(-i - 7200);
                board.open.prepend(more);
            }
        });
        QCOMPARE(screen.inbox()->currentIndex().data(IdRole).toString(), PromotionConsole::support);
        QCOMPARE(screen.inbox()->model()->rowCount(), 308);
        QCOMPARE(screen.label("promotionTitle"), QStringLiteral("smart-support  8.1.7 \u2192 8.1.9"));
    }

    void everyControlHasAName()
    {
        Screen screen([](PromotionConsole &world) {
            world.change([&](PromotionBoard &board) {
                board.stops = {PromotionConsole::holdOn(world.now.addSecs(-600), true)};
            });
        });
        screen.select(PromotionConsole::support);
        for (const QWidget *widget : screen.page.findChildren<QWidget *>()) {
            if (!widget->isVisible() || (widget->focusPolicy() & Qt::TabFocus) == 0 ||
                qobject_cast<const QAbstractScrollArea *>(widget))
                continue;
            const auto *button = qobject_cast<const QAbstractButton *>(widget);
            QVERIFY2(!widget->accessibleName().isEmpty() || (button && !button->text().isEmpty()),
                     widget->metaObject()->className());
        }
    }

    void withoutALedgerItSaysWhatIsMissing()
    {
        PromotionConsole world;
        world.context->promotions = nullptr;
        PromotionsPage page(*world.context);
        page.resize(1000, 700);
        page.show();
        page.open({});
        QVERIFY(textOf(page, "panelMessageText").contains(QStringLiteral("signed ledger")));
        QVERIFY(!page.goBack());
    }

    void theDesktopIsToldOnlyWhenNobodyLooks_data()
    {
        QTest::addColumn<bool>("isInFront");
        QTest::addColumn<bool>("isWanted");
        QTest::addColumn<int>("told");
        QTest::newRow("behind") << false << true << 1;
        QTest::newRow("in front") << true << true << 0;
        QTest::newRow("switched off") << false << false << 0;
    }
    void theDesktopIsToldOnlyWhenNobodyLooks()
    {
        QFETCH(bool, isInFront);
        QFETCH(bool, isWanted);
        QFETCH(int, told);
        PromotionConsole world;
        DesktopNotifier::setWanted(*world.settings, isWanted);
        QStringList shown;
        DesktopNotifier notifier(world.desk, *world.settings, [isInFront] { return isInFront; });
        connect(&notifier, &DesktopNotifier::told, this,
                [&shown](const QString &title, const QString &text) { shown << title + QLatin1Char('|') + text; });
        world.desk.callFor(PromotionConsole::support);
        QCOMPARE(shown.size(), told);
        if (told > 0)
            QCOMPARE(shown.first(),
                     QStringLiteral("smart-support 8.1.9 waits for you|ana asks that it may go to production."));
    }

    // Made and measured in both themes and two sizes; SIGNALBOX_SHOTS names a folder to leave the pictures in.
    void pictures_data()
    {
        QTest::addColumn<QSize>("size");
        QTest::addColumn<bool>("isDark");
        QTest::addColumn<QString>("what");
        for (const bool isDark : {true, false}) {
            for (const QSize size : {QSize(1440, 900), QSize(1100, 700)}) {
                for (const char *what : {"promotion", "diff", "side", "ready", "stale"}) {
                    const QString name =
                        QStringLiteral("%1-%2-%3")
                            .arg(QLatin1String(what), isDark ? QStringLiteral("dark") : QStringLiteral("light"))
                            .arg(size.width());
                    QTest::newRow(qPrintable(name)) << size << isDark << QString::fromLatin1(what);
                }
            }
        }
    }
    void pictures()
    {
        QFETCH(QSize, size);
        QFETCH(bool, isDark);
        QFETCH(QString, what);
        PromotionConsole world;
        AgeTicker::freezeAt(world.now);
        world.settings->setTheme(isDark ? ConsoleSettings::ThemeChoice::Dark : ConsoleSettings::ThemeChoice::Light);
        if (what == QLatin1String("stale"))
            world.change([&](PromotionBoard &board) {
                PromotionConsole::goStale(board, QStringLiteral("git.example does not answer."));
                board.stops = {PromotionConsole::holdOn(world.now.addSecs(-600), false)};
                board.debts = {PromotionConsole::debt(world.now.addSecs(-3600), true)};
            });
        const PageEntry entry{
            QStringLiteral("promotions"), QStringLiteral("Promotions"), 3,
            [](ConsoleContext &context, QWidget *parent) -> Page * { return new PromotionsPage(context, parent); }};
        MainWindow window(*world.context, {entry}, m_theme.get());
        window.resize(size);
        window.show();
        NavigationTarget target;
        target.page = entry.id;
        target.object.uid = PromotionConsole::support;
        window.go(target);
        auto *page = window.currentPage();
        if (what == QLatin1String("ready"))
            world.makeReady(PromotionConsole::support);
        auto *commits = page->findChild<RowList *>(QStringLiteral("promotionCommits"));
        QTRY_COMPARE(commits->model()->rowCount(), 4);
        if (what == QLatin1String("diff") || what == QLatin1String("side")) {
            page->findChild<QPushButton *>(QStringLiteral("openDiff"))->click();
            if (what == QLatin1String("side"))
                page->findChild<QPushButton *>(QStringLiteral("diffSideBySide"))->click();
            else
                world.settings->setChoice(QStringLiteral("changes/layout"), QStringLiteral("unified"));
        }
        QVERIFY(comesToRest(window));
        const QPixmap picture = window.grab();
        QCOMPARE(picture.size(), size);
        const QString folder = qEnvironmentVariable("SIGNALBOX_SHOTS");
        if (!folder.isEmpty())
            QVERIFY(picture.save(
                QDir(folder).filePath(QString::fromLatin1(QTest::currentDataTag()) + QStringLiteral(".png"))));
        AgeTicker::freezeAt({});
    }

private:
    std::unique_ptr<Theme> m_theme;
};

QTEST_MAIN(TestPromotionsPage)
#include "test_promotionspage.moc"
