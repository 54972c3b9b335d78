// How it is decided: approving, rejecting, starting, broken glass, holds and debts.
#include "services/operations/operation.h"
#include "services/operations/operationcenter.h"
#include "tests/gui/promotions/promotionspagefixture.h"
#include "ui/pages/operation/operationbox.h"

#include <QLabel>
#include <QMenu>
#include <QSignalSpy>

using namespace signalbox;
using namespace signalbox::test;
using policy::PromotionBoard;
using policy::PromotionCard;

class TestPromotionDecision : public PromotionsPageFixture
{
    Q_OBJECT
private slots:
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
};

QTEST_MAIN(TestPromotionDecision)
#include "test_promotiondecision.moc"
