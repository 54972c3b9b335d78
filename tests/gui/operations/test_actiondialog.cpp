#include "services/feeds/rightsfeed.h"
#include "tests/gui/operations/operationconsole.h"
#include "tests/support/fakeworkloadactions.h"
#include "ui/pages/operation/actiondialog.h"
#include "ui/pages/operation/operationactions.h"
#include "ui/pages/operation/operationbox.h"
#include "ui/widgets/badge.h"
#include "ui/widgets/holdbutton.h"
#include "ui/widgets/panel.h"

#include <QCheckBox>
#include <QPointer>
#include <QSpinBox>
#include <QTest>

#include <algorithm>

using namespace signalbox;
using namespace signalbox::test;

namespace
{

const QString classifierKey = QStringLiteral("prod-eu|production|image-classifier");

// A window, the actions it asks for, and the dialog that one of them leads to.
struct Screen
{
    OperationConsole world;
    FakeWorkloadActions *workloads = nullptr;
    QWidget window;
    RightsFeed rights{world.clusters};
    QList<NavigationTarget> navigated;
    OperationActions actions{*world.context, rights, [this](const NavigationTarget &to) { navigated.append(to); }};
    QPointer<ActionDialog> dialog;

    Screen()
    {
        auto made = std::make_unique<FakeWorkloadActions>();
        workloads = made.get();
        world.clusters.find(QStringLiteral("prod-eu"))->workloads = std::move(made);
        window.show();
    }
    ActionRequest request(OperationKind kind) const
    {
        ActionRequest asked;
        asked.kind = kind;
        asked.deployedKey = classifierKey;
        asked.workload = world.classifier().tracks.first().workloads.first();
        return asked;
    }
    void open(OperationKind kind)
    {
        actions.perform(request(kind), &window);
        dialog = window.findChild<ActionDialog *>(QStringLiteral("actionDialog"));
        QVERIFY(dialog);
        QApplication::setActiveWindow(dialog);
        world.takeClock(hold());
    }
    HoldButton *hold() const { return dialog->findChild<HoldButton *>(QStringLiteral("holdButton")); }
    QSpinBox *replicas() const { return dialog->findChild<QSpinBox *>(QStringLiteral("replicas")); }
    QCheckBox *pause() const { return dialog->findChild<QCheckBox *>(QStringLiteral("pauseReconciliation")); }
    bool isReady() const { return !hold()->fingerprint().isEmpty(); }
    QString text() const { return textOf(*dialog, "operationText"); }
    // Its checks and what will be sent.
    bool allPanelsAre(Panel::State state) const
    {
        const auto panels = dialog->findChildren<Panel *>();
        return panels.size() == 2 && std::all_of(panels.begin(), panels.end(),
                                                 [state](const Panel *panel) { return panel->state() == state; });
    }
    // With the keyboard alone: Tab until it is the button's turn, then Enter held.
    void holdByKeyboard(int milliseconds)
    {
        for (int i = 0; i < 20 && !hold()->hasFocus(); ++i)
            QTest::keyClick(QApplication::focusWidget() ? QApplication::focusWidget() : dialog.data(), Qt::Key_Tab);
        QVERIFY(hold()->hasFocus());
        world.press(hold(), milliseconds);
    }
};

} // namespace

// Scale, restart, pause and resume from the window.
class TestActionDialog : public QObject
{
    Q_OBJECT
private slots:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral("^(?!This plugin does not support).*"))); }

    void isPlannedHeldAndCarriedOutByKeyboard_data()
    {
        QTest::addColumn<OperationKind>("kind");
        QTest::addColumn<int>("hold"); // ms: a hold goes back
        QTest::newRow("scale") << OperationKind::Scale << 800;
        QTest::newRow("restart") << OperationKind::Restart << 800;
        QTest::newRow("pause") << OperationKind::Pause << 400;
        QTest::newRow("resume") << OperationKind::Resume << 800;
    }
    void isPlannedHeldAndCarriedOutByKeyboard()
    {
        QFETCH(OperationKind, kind);
        QFETCH(int, hold);
        Screen screen;
        screen.open(kind);
        QTRY_VERIFY(screen.isReady());
        QCOMPARE(screen.workloads->orders.last().kind, kind);
        QCOMPARE(screen.workloads->orders.last().workload.name, QStringLiteral("image-classifier-blue"));
        QCOMPARE(screen.workloads->orders.last().application, QStringLiteral("image-classifier"));
        screen.holdByKeyboard(hold - 100);                                 // too short: nothing leaves
        QVERIFY(screen.world.reach(OperationState::AwaitingConfirmation)); // its locks are given back
        QCOMPARE(screen.world.executed(), 0);
        screen.holdByKeyboard(hold);
        QVERIFY(screen.world.reach(OperationState::Finished));
        QCOMPARE(screen.world.executed(), 1);
        QCOMPARE(screen.world.operation()->outcome()->kind, OutcomeKind::Done);
        QTRY_VERIFY2(screen.text().contains(QLatin1String("3 of 3 pods ready")), qPrintable(screen.text()));
        QTest::keyClick(visible<QPushButton>(*screen.dialog, "operationDismiss"), Qt::Key_Space);
        QTRY_VERIFY(!screen.dialog);
    }

    void numberIsPlannedOnceItStandsStill()
    {
        Screen screen;
        screen.open(OperationKind::Scale);
        QTRY_VERIFY(screen.isReady());
        screen.replicas()->setFocus();
        screen.replicas()->selectAll();
        QTest::keyClicks(screen.replicas(), QStringLiteral("15"));
        QVERIFY(!screen.isReady()); // the plan of before is not to be confirmed
        QTRY_VERIFY(screen.isReady());
        QCOMPARE(screen.workloads->orders.last().replicas, 15);
        QVERIFY(screen.hold()->text().contains(QLatin1String("15")));
        QVERIFY(screen.workloads->orders.size() <= 3); // not one for each digit
    }

    void offeredPauseIsTheOperatorsChoice()
    {
        Screen screen;
        PlanStep pause;
        pause.id = QStringLiteral("1");
        pause.title = QStringLiteral("Pause the automated sync of Application argocd/classifier");
        pause.call = {QStringLiteral("prod-eu"), QStringLiteral("PATCH"), QStringLiteral("/owner"), {}, {}};
        pause.undo = pause.call;
        pause.undoHint = QStringLiteral("signalbox resume image-classifier production --reconciliation");
        pause.isOptional = true;
        pause.isChosen = false;
        screen.workloads->offered = pause;
        screen.open(OperationKind::Restart);
        QTRY_VERIFY(screen.isReady());
        QVERIFY(screen.pause()->isVisible());
        QVERIFY(screen.pause()->text().contains(QLatin1String("argocd/classifier")));
        QVERIFY(!screen.pause()->isChecked());
        const QByteArray before = screen.hold()->fingerprint();
        screen.pause()->setFocus();
        QTest::keyClick(screen.pause(), Qt::Key_Space);
        QVERIFY(screen.pause()->isChecked());
        QVERIFY(screen.hold()->fingerprint() != before); // another plan: a hold starts anew
        screen.holdByKeyboard(800);
        QVERIFY(screen.world.reach(OperationState::Finished));
        QCOMPARE(screen.world.executed(), 2);
        const QString message = screen.world.operation()->outcome()->message;
        QVERIFY2(message.contains(pause.undoHint), qPrintable(message));
    }

    void whatNothingReportsIsNotShownAsDone()
    {
        Screen screen;
        Observation written = FakeStepRunner::seen(Observation::State::Effective, QStringLiteral("written"));
        written.isConfirmed = false;
        screen.world.runner->observations = {written};
        screen.open(OperationKind::Restart);
        QTRY_VERIFY(screen.isReady());
        screen.holdByKeyboard(800);
        QVERIFY(screen.world.reach(OperationState::Finished));
        QTRY_VERIFY2(screen.text().contains(QLatin1String("nothing reports whether it is in force")),
                     qPrintable(screen.text()));
        const auto *sign = screen.dialog->findChild<OperationBox *>()->findChild<StateSign *>();
        QVERIFY(sign->isVisible());
        QCOMPARE(sign->health(), Health::Unknown);
    }

    // The lock must not stay behind with nobody to let it go.
    void dialogThatDiesMidHoldGivesItsLocksBack()
    {
        Screen screen;
        screen.open(OperationKind::Restart);
        QTRY_VERIFY(screen.isReady());
        QTest::keyPress(screen.hold(), Qt::Key_Return);
        QVERIFY(screen.world.reach(OperationState::Armed));
        QCOMPARE(screen.world.operations->runningCount(), 1);
        delete screen.dialog.data();
        QTRY_COMPARE(screen.world.operations->runningCount(), 0);
        QTRY_VERIFY(screen.world.operations->operations().isEmpty());
        QCOMPARE(screen.world.locker->calls.filter(QStringLiteral("release")).size(), 1);
        QCOMPARE(screen.world.executed(), 0);
    }

    void failedPlanSaysWhyAndIsTriedAgain()
    {
        Screen screen;
        screen.workloads->planFails = Error{ErrorKind::Unreachable, QStringLiteral("10.0.0.1 does not answer"), {}};
        screen.open(OperationKind::Restart);
        QTRY_VERIFY(screen.text().contains(QLatin1String("10.0.0.1 does not answer")));
        QVERIFY(screen.allPanelsAre(Panel::State::Empty)); // nothing of a plan that there is not
        screen.workloads->planFails.reset();
        QTest::keyClick(visible<QPushButton>(*screen.dialog, "operationRetry"), Qt::Key_Space);
        QTRY_VERIFY(screen.isReady());
        QVERIFY(screen.allPanelsAre(Panel::State::Content));
    }

    void rollBackLeadsToItsScreen()
    {
        Screen screen;
        screen.actions.perform(screen.request(OperationKind::Rollback), &screen.window);
        QCOMPARE(screen.navigated.size(), 1);
        QCOMPARE(screen.navigated.first().page, QStringLiteral("rollback"));
        QCOMPARE(screen.navigated.first().deployedKey, classifierKey);
        QVERIFY(!screen.window.findChild<ActionDialog *>());
    }

    void whatCannotBeDoneSaysWhy()
    {
        Screen screen;
        QVERIFY(!screen.actions.whyNot(screen.request(OperationKind::Scale)));
        ActionRequest daemons = screen.request(OperationKind::Scale);
        daemons.workload.kind = QStringLiteral("DaemonSet");
        QVERIFY(screen.actions.whyNot(daemons));
        ActionRequest set = screen.request(OperationKind::Pause);
        set.workload.kind = QStringLiteral("StatefulSet");
        QVERIFY(screen.actions.whyNot(set));
        QVERIFY(screen.actions.whyNot({})); // of what?
        // While something runs here, only going back can be asked for.
        screen.open(OperationKind::Restart);
        QTRY_VERIFY(screen.isReady());
        QTest::keyPress(screen.hold(), Qt::Key_Return);
        QVERIFY(screen.world.reach(OperationState::Armed));
        const auto busy = screen.actions.whyNot(screen.request(OperationKind::Scale));
        QVERIFY(busy);
        QVERIFY2(busy->contains(QLatin1String("runs already")), qPrintable(*busy));
        QVERIFY(!screen.actions.whyNot(screen.request(OperationKind::Rollback)));
        QTest::keyRelease(screen.hold(), Qt::Key_Return);
    }

    void missingRightDisablesWithItsReason()
    {
        Screen screen;
        static_cast<FakeCluster *>(screen.world.clusters.find(QStringLiteral("prod-eu"))->source.get())->deniedVerbs = {
            QStringLiteral("patch")};
        screen.rights.want(QStringLiteral("prod-eu"), QStringLiteral("production"));
        QTRY_VERIFY(screen.actions.whyNot(screen.request(OperationKind::Restart)));
        const QString why = *screen.actions.whyNot(screen.request(OperationKind::Restart));
        QVERIFY2(why.contains(QLatin1String("You may not patch")), qPrintable(why));
    }
};

QTEST_MAIN(TestActionDialog)
#include "test_actiondialog.moc"
