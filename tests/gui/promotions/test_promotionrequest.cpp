// How a promotion is asked for: its draft, its plan, and what moves under a press.
#include "tests/gui/promotions/promotionspagefixture.h"

#include <QCheckBox>
#include <QComboBox>
#include <QLabel>
#include <QPointer>

using namespace signalbox;
using namespace signalbox::test;
using policy::PromotionBoard;

namespace
{

// On how many labels it can be read.
int timesSaid(const QWidget &window, const QString &text)
{
    int times = 0;
    for (const QLabel *label : window.findChildren<QLabel *>())
        times += label->isVisible() && label->text().contains(text) ? 1 : 0;
    return times;
}

} // namespace

class TestPromotionRequest : public PromotionsPageFixture
{
    Q_OBJECT
private slots:
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
};

QTEST_MAIN(TestPromotionRequest)
#include "test_promotionrequest.moc"
