#include "services/feeds/readinessfeed.h"
#include "tests/gui/operations/operationconsole.h"
#include "tests/support/fakemetricsource.h"
#include "ui/pages/operation/diffview.h"
#include "ui/pages/operation/operationbox.h"
#include "ui/pages/rollback/choicelist.h"
#include "ui/pages/rollback/incidentbanner.h"
#include "ui/pages/rollback/rollbackpage.h"
#include "ui/pages/rollback/rollbackpresenter.h"
#include "ui/theme/icons.h"
#include "ui/theme/theme.h"
#include "ui/widgets/holdbutton.h"
#include "ui/widgets/timetext.h"

#include <QCheckBox>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QPainter>
#include <QSignalSpy>
#include <QTest>

using namespace signalbox;
using namespace signalbox::test;
using namespace std::chrono_literals;

namespace
{

const QString classifierKey = QStringLiteral("prod-eu|production|image-classifier");
const QString supportKey = QStringLiteral("prod-eu|production|smart-support");

// A page that is looked at, on smart-support with its suggested way back planned.
struct Screen
{
    explicit Screen(const QString &key = supportKey)
        : page(*world.context)
    {
        page.resize(1200, 800);
        page.show();
        QApplication::setActiveWindow(&page);
        NavigationTarget target;
        target.deployedKey = key;
        page.open(target);
        world.takeClock(hold());
    }
    explicit Screen(void (*prepare)(OperationConsole &))
        : page((prepare(world), *world.context))
    {
        page.resize(1200, 800);
        page.show();
        QApplication::setActiveWindow(&page);
        NavigationTarget target;
        target.deployedKey = supportKey;
        page.open(target);
        world.takeClock(hold());
    }

    HoldButton *hold() const { return page.findChild<HoldButton *>(QStringLiteral("holdButton")); }
    QListView *list() const { return page.findChild<QListView *>(QStringLiteral("rollbackChoices")); }
    QPushButton *button(const char *name) const { return visible<QPushButton>(page, name); }
    QString headline() const { return textOf(page, "operationHeadline"); }
    QString text() const { return textOf(page, "operationText"); }
    QString chosen() const { return list()->currentIndex().data().toString(); }
    bool isReady() const { return !hold()->fingerprint().isEmpty(); }
    // Goes to the button with Enter and holds it long enough.
    void rollBack()
    {
        QTRY_VERIFY(isReady());
        QTest::keyClick(list(), Qt::Key_Return);
        QTRY_VERIFY(hold()->hasFocus());
        world.press(hold(), 400);
    }
    void rollBackUntil(OperationState state)
    {
        rollBack();
        QVERIFY(world.reach(state));
    }

    OperationConsole world;
    RollbackPage page;
};

// image-classifier with healthy pods in both tracks, each with half of the traffic; 7.15 % of what green got in the
// last 90 s failed.
void giveBadGreen(OperationConsole &world)
{
    Deployed item = world.classifier();
    item.health = Health::Ok;
    item.state.clear();
    for (Track &track : item.tracks)
        track.share = 0.5;
    world.put(item);
    QList<RollbackTarget> &targets = world.rollback->known[QStringLiteral("image-classifier-blue")];
    targets.removeFirst();
    targets[0].isLive = true;
    targets[0].isSuggested = false;
    targets[1].isSuggested = true;
    auto source = std::make_unique<FakeMetricSource>();
    source->suggestions = {
        FakeMetricSource::panel(QStringLiteral("errors"), QStringLiteral("Error rate"), QStringLiteral("percent"))};
    const qint64 bad = world.now.addSecs(-90).toMSecsSinceEpoch();
    source->value = [bad](const QString &, const QString &track, qint64 time) {
        return track == QLatin1String("green") && time >= bad ? 7.15 : 0.121;
    };
    world.metrics.add(std::move(source));
}

QList<RollbackChoice> choicesOf(const Screen &screen)
{
    QList<RollbackChoice> choices;
    const QAbstractItemModel &model = *screen.list()->model();
    for (int row = 0; row < model.rowCount(); ++row)
        choices << model.index(row, 0).data(ChoiceModel::ChoiceRole).value<RollbackChoice>();
    return choices;
}

QStringList rowsOf(const Screen &screen)
{
    QStringList rows;
    for (const RollbackChoice &choice : choicesOf(screen)) {
        rows << choice.version;
        if (choice.isLive)
            rows.last() += QStringLiteral(" live");
        if (choice.isSuggested)
            rows.last() += QStringLiteral(" suggested");
    }
    return rows;
}

void openClassifier(Screen &screen)
{
    NavigationTarget target;
    target.deployedKey = classifierKey;
    screen.page.open(target);
}

} // namespace

class TestRollbackPage : public QObject
{
    Q_OBJECT
private slots:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral("^(?!This plugin does not support).*"))); }

    void holdingEnterRollsBackToTheRevisionChosenWithArrows()
    {
        Screen screen;
        QTRY_VERIFY(screen.isReady());
        QVERIFY(screen.list()->hasFocus());
        QCOMPARE(screen.chosen(), QStringLiteral("2.14.3 c07d9aa11")); // the suggested one
        QTest::keyClick(screen.list(), Qt::Key_Down);
        QTRY_COMPARE(screen.world.rollback->orders.last().to, QStringLiteral("8be117033"));
        screen.rollBackUntil(OperationState::Finished);
        QCOMPARE(screen.world.operation()->outcome()->kind, OutcomeKind::Done);
        QCOMPARE(screen.world.operation()->plan().toHash, QStringLiteral("8be117033"));
        QCOMPARE(screen.world.executed(), 1);
        QVERIFY(screen.button("operationDismiss"));
    }

    void theWayBackHasALightAndIsRehearsedOnDemand()
    {
        OperationConsole world;
        world.rollback->checks = {check(CheckId::Rights, CheckState::Pass, QStringLiteral("You may"))};
        ClusterDelta listed; // rehearsals wait for the first list
        listed.freshness[ClusterKind::Pods].state = Freshness::State::Live;
        for (const auto &cluster : world.clusters.all())
            cluster->store->apply(listed);
        ReadinessFeed feed(world.clusters, world.deployed, {10ms, 100000ms, 100000ms, 2});
        world.context->readiness = &feed;
        RollbackPage page(*world.context);
        page.resize(1200, 800);
        page.show();
        NavigationTarget target;
        target.deployedKey = supportKey;
        page.open(target);
        QTRY_COMPARE(textOf(page, "readinessTitle"), QStringLiteral("Way back: ready"));
        QVERIFY(textOf(page, "readinessAge").contains(QStringLiteral("rehearsed")));

        world.rollback->checks = {check(CheckId::TargetImage, CheckState::Block, QStringLiteral("Image is gone"),
                                        QStringLiteral("registry.example/support:2.14.3"),
                                        QStringLiteral("Push it again."))};
        auto *rehearse = visible<QPushButton>(page, "rehearse");
        QVERIFY(rehearse);
        rehearse->setFocus();
        QTest::keyClick(rehearse, Qt::Key_Space);
        QTRY_COMPARE(textOf(page, "readinessTitle"), QStringLiteral("Way back: not ready"));
        QVERIFY(textOf(page, "readinessReason").contains(QStringLiteral("Push it again.")));
        QCOMPARE(world.executed(), 0);
    }

    void holdingTheMouseRollsBack()
    {
        Screen screen;
        QTRY_VERIFY(screen.isReady());
        QTest::mousePress(screen.hold(), Qt::LeftButton);
        screen.world.passHold(screen.hold(), 400);
        QTest::mouseRelease(screen.hold(), Qt::LeftButton);
        QVERIFY(screen.world.reach(OperationState::Finished));
        QCOMPARE(screen.world.executed(), 1);
    }

    void nothingIsSentBy_data()
    {
        QTest::addColumn<int>("held");
        QTest::addColumn<bool>("isAutoRepeat");
        QTest::newRow("a short press") << 150 << false;
        QTest::newRow("a press let go 1 ms early") << 399 << false;
        QTest::newRow("auto-repeat") << 900 << true;
    }
    void nothingIsSentBy()
    {
        QFETCH(int, held);
        QFETCH(bool, isAutoRepeat);
        Screen screen;
        QTRY_VERIFY(screen.isReady());
        screen.hold()->setFocus();
        QTRY_VERIFY(screen.hold()->hasFocus());
        QKeyEvent down(QEvent::KeyPress, Qt::Key_Return, Qt::NoModifier, QString(), isAutoRepeat);
        QKeyEvent up(QEvent::KeyRelease, Qt::Key_Return, Qt::NoModifier, QString(), isAutoRepeat);
        QApplication::sendEvent(screen.hold(), &down);
        screen.world.passHold(screen.hold(), held);
        QApplication::sendEvent(screen.hold(), &up);
        screen.world.passHold(screen.hold(), 1000);
        QVERIFY(screen.world.reach(OperationState::AwaitingConfirmation));
        QCOMPARE(screen.world.executed(), 0);
        screen.world.press(screen.hold(), 400); // and it still can be held
        QVERIFY(screen.world.reach(OperationState::Finished));
        QCOMPARE(screen.world.executed(), 1);
    }

    // Enter in the list is still down when the button gets the focus: that press is not the button's.
    void aPressThatBeganInTheListDoesNotCount()
    {
        Screen screen;
        QTRY_VERIFY(screen.isReady());
        QTest::keyPress(screen.list(), Qt::Key_Return);
        QTRY_VERIFY(screen.hold()->hasFocus());
        QKeyEvent repeated(QEvent::KeyPress, Qt::Key_Return, Qt::NoModifier, QString(), true);
        for (int i = 0; i < 30; ++i) {
            QApplication::sendEvent(screen.hold(), &repeated);
            screen.world.passHold(screen.hold(), 30);
        }
        QTest::keyRelease(screen.hold(), Qt::Key_Return);
        QCOMPARE(screen.world.executed(), 0);
        QVERIFY(!screen.hold()->isHolding());
    }

    void enterWhileThePlanIsMadeGoesToTheButton()
    {
        Screen screen([](OperationConsole &world) { world.rollback->holdsPlan = true; });
        QTRY_COMPARE(screen.headline(), QStringLiteral("Planning"));
        QTest::keyClick(screen.list(), Qt::Key_Return);
        QVERIFY(screen.hold()->hasFocus());
        screen.world.press(screen.hold(), 400); // there is nothing to confirm yet
        QVERIFY(!screen.hold()->isHolding());
        screen.world.rollback->givePlan(screen.world.rollback->planOf(screen.world.rollback->orders.last()));
        QTRY_VERIFY(screen.isReady());
        QVERIFY(screen.hold()->hasFocus());
        screen.world.press(screen.hold(), 400);
        QVERIFY(screen.world.reach(OperationState::Finished));
        QCOMPARE(screen.world.executed(), 1);
    }

    void aChangedPlanRestartsTheHold()
    {
        Screen screen;
        QTRY_VERIFY(screen.isReady());
        screen.hold()->setFocus();
        QTest::keyPress(screen.hold(), Qt::Key_Return);
        screen.world.passHold(screen.hold(), 300);
        QVERIFY(screen.hold()->isHolding());
        Operation *const operation = screen.world.operation();
        const QByteArray before = screen.hold()->fingerprint();
        screen.world.rollback->suffix = QStringLiteral("other");
        operation->replacePlan(screen.world.rollback->planOf(screen.world.rollback->orders.last()));
        QTRY_VERIFY(screen.isReady() && screen.hold()->fingerprint() != before);
        screen.world.passHold(screen.hold(), 300);
        QTest::keyRelease(screen.hold(), Qt::Key_Return);
        QVERIFY(!screen.hold()->isHolding());
        QCOMPARE(screen.world.executed(), 0);
        screen.world.press(screen.hold(), 400);
        QVERIFY(screen.world.reach(OperationState::Finished));
        QCOMPARE(screen.world.executed(), 1);
    }

    void aBlockedPlanSaysWhyAndIsTriedAgain()
    {
        Screen screen([](OperationConsole &world) {
            world.rollback->checks = {check(CheckId::Rights, CheckState::Block,
                                            QStringLiteral("You may not patch deployments in production."), {},
                                            QStringLiteral("Ask for the role release-engineer."))};
        });
        QTRY_VERIFY(screen.text().contains(QStringLiteral("You may not patch deployments in production.")));
        QVERIFY(screen.text().contains(QStringLiteral("Ask for the role release-engineer.")));
        QVERIFY(!screen.hold()->isVisible());
        QVERIFY(screen.button("operationRetry"));
        screen.world.rollback->checks.clear();
        QTest::mouseClick(screen.button("operationRetry"), Qt::LeftButton);
        QTRY_VERIFY(screen.isReady() && screen.hold()->isVisible());
    }

    void aPlanThatCannotBeMadeSaysWhyAndIsTriedAgain()
    {
        Screen screen([](OperationConsole &world) {
            world.rollback->planFails =
                Error{ErrorKind::NotFound, QStringLiteral("Deployment smart-support is not there any more."), {}};
        });
        QTRY_COMPARE(screen.text(), QStringLiteral("Deployment smart-support is not there any more."));
        screen.world.rollback->planFails.reset();
        QTest::mouseClick(screen.button("operationRetry"), Qt::LeftButton);
        QTRY_VERIFY(screen.isReady());
    }

    void aRollbackToABrokenImageIsNotASuccess()
    {
        Screen screen([](OperationConsole &world) {
            world.runner->observations = {FakeStepRunner::seen(
                Observation::State::Failed, QStringLiteral("0 of 3 pods ready"), QStringLiteral("ImagePullBackOff"))};
        });
        screen.rollBackUntil(OperationState::Finished);
        QCOMPARE(screen.world.operation()->outcome()->kind, OutcomeKind::NotEffective);
        QTRY_VERIFY(screen.text().startsWith(QStringLiteral("not effective: 0 of 3 pods ready, ImagePullBackOff")));
    }

    void anOutcomeStaysUntilItIsClosed()
    {
        Screen screen;
        screen.rollBackUntil(OperationState::Finished);
        QTRY_VERIFY(screen.button("operationDismiss"));
        const QString outcome = screen.text();
        const auto orders = screen.world.rollback->orders.size();
        QTest::keyClick(screen.list(), Qt::Key_Down);
        Deployed moved = screen.world.support();
        moved.tracks.first().templateHash = QStringLiteral("c07d9aa11");
        const auto reads = screen.world.rollback->asked.size();
        screen.world.put(moved);
        QTRY_VERIFY(screen.world.rollback->asked.size() > reads);
        QTest::qWait(50);
        QCOMPARE(screen.text(), outcome);
        QCOMPARE(screen.world.rollback->orders.size(), orders);
        QTest::mouseClick(screen.button("operationDismiss"), Qt::LeftButton);
        QTRY_COMPARE(screen.world.rollback->orders.last().to, QStringLiteral("8be117033")); // what is chosen now
        QTRY_VERIFY(screen.isReady());
    }

    void theOptionalStepCanBeChosen_data()
    {
        QTest::addColumn<bool>("isChosen");
        QTest::newRow("left out") << false;
        QTest::newRow("chosen") << true;
    }
    void theOptionalStepCanBeChosen()
    {
        QFETCH(bool, isChosen);
        Screen screen([](OperationConsole &world) {
            PlanStep pause;
            pause.id = QStringLiteral("1");
            pause.title = QStringLiteral("Pause Argo CD Application argocd/shop");
            pause.through = QStringLiteral("Application argocd/shop");
            pause.isOptional = true;
            pause.isChosen = false;
            pause.call = {QStringLiteral("prod-eu"), QStringLiteral("PATCH"), QStringLiteral("/argo"), {}, {}};
            world.rollback->firstStep = pause;
        });
        QTRY_VERIFY(screen.isReady());
        auto *box = screen.page.findChild<QCheckBox *>(QStringLiteral("step-1"));
        QVERIFY(box && box->isVisible() && !box->isChecked());
        const QByteArray before = screen.hold()->fingerprint();
        if (isChosen) {
            box->setFocus();
            QTest::keyClick(box, Qt::Key_Space);
            QVERIFY(screen.hold()->fingerprint() != before); // another plan to confirm
        }
        screen.rollBackUntil(OperationState::Finished);
        QCOMPARE(screen.world.runner->calls.filter(QStringLiteral("execute")),
                 isChosen ? QStringList({QStringLiteral("execute 1"), QStringLiteral("execute 2")})
                          : QStringList({QStringLiteral("execute 2")}));
    }

    void aConflictIsShownAndNothingIsSentAgain()
    {
        Screen screen([](OperationConsole &world) {
            world.runner->receipts = {Error{
                ErrorKind::Conflict, QStringLiteral("The template is 77aa now, not 5be02d1: somebody deployed."), {}}};
        });
        screen.rollBackUntil(OperationState::Finished);
        QTRY_VERIFY(screen.text().contains(QStringLiteral("somebody deployed")));
        QCOMPARE(screen.world.operation()->outcome()->kind, OutcomeKind::Conflict);
        QVERIFY(screen.button("operationDismiss"));
        QCOMPARE(screen.world.executed(), 1);
    }

    void theEndTellsOnlyWhatWasSent_data()
    {
        QTest::addColumn<bool>("isRefused");
        QTest::newRow("the first call was refused: nothing was written") << true;
        QTest::newRow("cancelled after the first of two") << false;
    }
    void theEndTellsOnlyWhatWasSent()
    {
        QFETCH(bool, isRefused);
        Screen screen([](OperationConsole &world) {
            PlanStep before;
            before.id = QStringLiteral("1");
            before.title = QStringLiteral("Pause Argo CD Application argocd/shop");
            before.through = QStringLiteral("Application argocd/shop");
            before.call = {QStringLiteral("prod-eu"), QStringLiteral("PATCH"), QStringLiteral("/argo"), {}, {}};
            before.dwell = 600s;
            world.rollback->firstStep = before;
        });
        const auto *const diff = screen.page.findChild<DiffView *>();
        QTRY_VERIFY(screen.isReady());
        QTRY_COMPARE(diff->toPlainText().count(QStringLiteral("PATCH ")), 2);
        if (isRefused) {
            screen.world.runner->receipts = {
                Error{ErrorKind::Conflict, QStringLiteral("The template is 77aa now: somebody deployed."), {}}};
            screen.rollBackUntil(OperationState::Finished);
            QCOMPARE(screen.world.operation()->outcome()->kind, OutcomeKind::Conflict);
            QTRY_VERIFY(!diff->isVisibleTo(&screen.page));
            return;
        }
        screen.rollBackUntil(OperationState::Dwelling);
        QTRY_VERIFY(screen.button("operationCancel"));
        QTest::mouseClick(screen.button("operationCancel"), Qt::LeftButton);
        QVERIFY(screen.world.reach(OperationState::Finished));
        QCOMPARE(screen.world.executed(), 1);
        QTRY_COMPARE(diff->toPlainText().count(QStringLiteral("PATCH ")), 1);
        QVERIFY(diff->isVisibleTo(&screen.page));
    }

    void theReasonSurvivesANewPlan()
    {
        Screen screen;
        QTRY_VERIFY(screen.isReady());
        auto *reason = screen.page.findChild<QLineEdit *>(QStringLiteral("operationReason"));
        QTest::keyClicks(reason, QStringLiteral("checkout fails"));
        screen.world.rollback->suffix = QStringLiteral("newer");
        const QByteArray before = screen.hold()->fingerprint();
        QTest::keyClick(screen.list(), Qt::Key_Down); // another target: another plan
        QTRY_VERIFY(screen.isReady() && screen.hold()->fingerprint() != before);
        QCOMPARE(reason->text(), QStringLiteral("checkout fails"));
        screen.rollBackUntil(OperationState::Finished);
        QCOMPARE(screen.world.operation()->plan().reason, QStringLiteral("checkout fails"));
        QTest::mouseClick(screen.button("operationDismiss"), Qt::LeftButton);
        QTRY_COMPARE(reason->text(), QString()); // it was that operation's
    }

    void anUnprotectedEnvironmentTakesOnePress()
    {
        Screen screen([](OperationConsole &world) { world.rollback->isProtected = false; });
        QTRY_VERIFY(screen.isReady());
        screen.hold()->setFocus();
        QTest::keyPress(screen.hold(), Qt::Key_Return);
        QVERIFY(screen.world.reach(OperationState::Finished));
        QCOMPARE(screen.world.executed(), 1);
    }

    void whereKeysCannotBeHeldOneQuestionIsAsked_data()
    {
        QTest::addColumn<bool>("accepts");
        QTest::newRow("yes") << true;
        QTest::newRow("no") << false;
    }
    void whereKeysCannotBeHeldOneQuestionIsAsked()
    {
        QFETCH(bool, accepts);
        Screen screen;
        QTRY_VERIFY(screen.isReady());
        screen.world.prompter.accepts = accepts;
        screen.hold()->click(); // what a screen reader does
        QCOMPARE(screen.world.prompter.asked.size(), 1);
        QVERIFY(screen.world.prompter.lastText.contains(QStringLiteral("2.15.0-rc.2 (5be02d1) → 2.14.3 (c07d9aa)")));
        if (accepts)
            QVERIFY(screen.world.reach(OperationState::Finished));
        QCOMPARE(screen.world.executed(), accepts ? 1 : 0);
    }

    void aConnectionRemovedWhileThePlanIsOnScreenLeavesNothingToHold()
    {
        Screen screen;
        QTRY_VERIFY(screen.isReady());
        screen.world.operations->forgetConnection(QStringLiteral("prod-eu"));
        screen.world.clusters.remove(QStringLiteral("prod-eu"));
        QTRY_VERIFY(screen.text().contains(QStringLiteral("The connection prod-eu was removed.")));
        QVERIFY(!screen.isReady());
        screen.world.deployed.apply({}, {supportKey, classifierKey});
        QTest::qWait(20);
        QVERIFY(!screen.isReady());
        QTest::mouseClick(screen.button("operationRetry"), Qt::LeftButton);
        QTest::qWait(20);
        QVERIFY(!screen.isReady());
    }

    void revisionsThatCannotBeReadAnyMoreStayAndSayTheirAge()
    {
        Screen screen;
        QTRY_VERIFY(screen.isReady());
        screen.world.rollback->targetsFail =
            Error{ErrorKind::Unreachable, QStringLiteral("10.1.0.10:6443 does not answer."), {}};
        Deployed moved = screen.world.support();
        moved.tracks.first().templateHash = QStringLiteral("aaaa");
        screen.world.put(moved);
        const auto *age = screen.list()->window()->findChild<QLabel *>(QStringLiteral("panelStale"));
        QTRY_VERIFY(age->isVisible());
        QVERIFY(age->text().contains(QStringLiteral("stale")));
        QVERIFY(screen.list()->isVisible());
        QVERIFY(screen.isReady()); // going back needs no second good answer
    }

    // The list is read again when the cluster tells of a change: from one that is not heard, nobody knows.
    void aClusterThatIsNotHeardLeavesAStaleList()
    {
        Screen screen;
        QTRY_VERIFY(screen.isReady());
        const auto *age = screen.list()->window()->findChild<QLabel *>(QStringLiteral("panelStale"));
        QVERIFY(!age->isVisible());
        const Deployed live = screen.world.support();
        Deployed lost = live;
        lost.freshness = {Freshness::State::Stale, screen.world.now, screen.world.now.addSecs(-30),
                          Error{ErrorKind::Unreachable, QStringLiteral("prod-eu does not answer."), {}}};
        screen.world.put(lost);
        QTRY_VERIFY(age->isVisible());
        QVERIFY(age->text().contains(QStringLiteral("stale")));
        QVERIFY(screen.list()->isVisible());
        QVERIFY(screen.isReady()); // the way back stays open
        const auto reads = screen.world.rollback->asked.size();
        screen.world.put(live);
        QTRY_VERIFY(!age->isVisible());
        QTRY_VERIFY(screen.world.rollback->asked.size() > reads); // and is looked at anew
    }

    void revisionsThatWereNeverReadSayWhyAndAreTriedAgain()
    {
        Screen screen([](OperationConsole &world) {
            world.rollback->targetsFail =
                Error{ErrorKind::Forbidden, QStringLiteral("You may not list replicasets in production."), {}};
        });
        const auto retryButton = [&screen]() -> QPushButton * {
            for (QPushButton *each : screen.page.findChildren<QPushButton *>()) {
                if (each->isVisible() && each->text() == QLatin1String("Retry"))
                    return each;
            }
            return nullptr;
        };
        QTRY_VERIFY(retryButton());
        QVERIFY(!screen.list()->isVisible());
        screen.world.rollback->targetsFail.reset();
        QPushButton *const retry = retryButton();
        QTest::mouseClick(retry, Qt::LeftButton);
        QTRY_VERIFY(screen.list()->isVisible());
        QTRY_VERIFY(screen.isReady());
    }

    void switchingQuicklyShowsTheNewestApplicationOnly()
    {
        Screen screen([](OperationConsole &world) { world.rollback->holdsTargets = true; });
        NavigationTarget other;
        other.deployedKey = classifierKey;
        screen.page.open(other);
        screen.world.rollback->giveTargets(QStringLiteral("smart-support"),
                                           screen.world.rollback->known.value(QStringLiteral("smart-support")));
        QTest::qWait(20);
        QCOMPARE(screen.list()->model()->rowCount(), 0);
        screen.world.rollback->giveTargets(QStringLiteral("image-classifier-blue"), QList<RollbackTarget>());
        QTRY_COMPARE(screen.list()->model()->rowCount(), 2); // blue and green can take all traffic
        // One that is gone: the answer for the one before must not fill its list.
        screen.page.open([] {
            NavigationTarget support;
            support.deployedKey = supportKey;
            return support;
        }());
        other.deployedKey = QStringLiteral("prod-eu|production|not-there");
        screen.page.open(other);
        screen.world.rollback->giveTargets(QStringLiteral("smart-support"),
                                           screen.world.rollback->known.value(QStringLiteral("smart-support")));
        QTest::qWait(20);
        QCOMPARE(screen.list()->model()->rowCount(), 0);
    }

    void theChoicesFollowTheStoreAndKeepWhatIsChosen()
    {
        Screen screen;
        QTRY_VERIFY(screen.isReady());
        QTest::keyClick(screen.list(), Qt::Key_Down);
        QCOMPARE(screen.chosen(), QStringLiteral("2.14.2 8be117033"));
        RollbackTarget newer = screen.world.rollback->known.value(QStringLiteral("smart-support")).first();
        newer.version = QStringLiteral("2.15.0");
        newer.revision.templateHash = QStringLiteral("77aa00ff1");
        QList<RollbackTarget> targets = screen.world.rollback->known.value(QStringLiteral("smart-support"));
        targets.first().isLive = false;
        targets.prepend(newer);
        screen.world.rollback->known[QStringLiteral("smart-support")] = targets;
        Deployed moved = screen.world.support();
        moved.tracks.first().templateHash = QStringLiteral("77aa00ff1");
        screen.world.put(moved);
        QTRY_COMPARE(screen.list()->model()->rowCount(), 6);
        QCOMPARE(screen.chosen(), QStringLiteral("2.14.2 8be117033"));
        QCOMPARE(screen.world.rollback->orders.last().to, QStringLiteral("8be117033"));
    }

    void whatRunsStaysWithItsApplication()
    {
        Screen screen([](OperationConsole &world) {
            world.runner->observations = {
                FakeStepRunner::seen(Observation::State::Pending, QStringLiteral("1 of 3 pods ready"))};
        });
        screen.rollBackUntil(OperationState::Observing);
        Operation *const running = screen.world.operation();
        NavigationTarget other;
        other.deployedKey = classifierKey;
        screen.page.open(other);
        QTRY_VERIFY(screen.isReady()); // another application can go back meanwhile
        QVERIFY(screen.world.operation() != running);
        QVERIFY(!running->isFinished());
        other.deployedKey = supportKey;
        screen.page.open(other);
        QTRY_VERIFY(screen.text().contains(QStringLiteral("1 of 3 pods ready")));
        QVERIFY(!screen.isReady());
    }

    void thePlanThatIsRenewedStaysOnScreen_data()
    {
        QTest::addColumn<bool>("sendsTheSame");
        QTest::newRow("what would send the same can be held all the time") << true;
        QTest::newRow("another is checked first") << false;
    }
    void thePlanThatIsRenewedStaysOnScreen()
    {
        QFETCH(bool, sendsTheSame);
        Screen screen;
        QTRY_VERIFY(screen.isReady());
        const QString headline = screen.headline();
        const QByteArray before = screen.hold()->fingerprint();
        Operation *const operation = screen.world.operation();
        const QSignalSpy renewed(operation, &Operation::planChanged);
        bool wasAnother = false;
        bool wasReady = true;
        connect(operation, &Operation::stateChanged, &screen.page, [&] {
            wasAnother = wasAnother || screen.headline() != headline;
            wasReady = wasReady && screen.isReady();
        });
        if (!sendsTheSame)
            screen.world.rollback->suffix = QStringLiteral("other");
        screen.page.hide();
        screen.page.show(); // looked at again: the plan is made anew
        QTRY_VERIFY(!renewed.isEmpty());
        QTRY_VERIFY(screen.isReady());
        QVERIFY(!wasAnother);
        QCOMPARE(wasReady, sendsTheSame);
        QCOMPARE(screen.hold()->fingerprint() == before, sendsTheSame);
    }

    void theBannerCountsSinceTheFailureWasFirstSeen()
    {
        Screen screen(classifierKey);
        auto *banner = screen.page.findChild<IncidentBanner *>();
        QTRY_VERIFY(banner->isVisible());
        QVERIFY(textOf(*banner, "incidentText").contains(QStringLiteral("image-classifier is failing in production.")));
        QCOMPARE(textOf(*banner, "incidentClock"), QStringLiteral("00:00"));
        AgeTicker::freezeAt(screen.world.now.addSecs(134));
        emit AgeTicker::ticker().ticked();
        QCOMPARE(textOf(*banner, "incidentClock"), QStringLiteral("02:14"));
        Deployed well = screen.world.classifier();
        well.health = Health::Ok;
        screen.world.put(well);
        QTRY_VERIFY(!banner->isVisible());
        screen.world.put(screen.world.classifier());
        QTRY_COMPARE(textOf(*banner, "incidentClock"), QStringLiteral("00:00")); // a new failure
    }

    // Whoever opens the page late is told of a failure that is as old as it is.
    void aFailureIsAsOldAsItIs()
    {
        OperationConsole world;
        AgeTicker::freezeAt(world.now.addSecs(134));
        RollbackPresenter late(world.deployed, world.clusters, *world.operations);
        late.select(world.classifier().key());
        QCOMPARE(late.failingSince(), world.now);
        Deployed item = world.classifier();
        item.tracks[0].health = Health::Failing;
        world.put(item);
        Workload stuck;
        stuck.ref = item.tracks[0].workloads.value(0);
        QVERIFY(!stuck.ref.uid.isEmpty());
        const auto say = [&](const char *status) {
            stuck.conditions = {{QStringLiteral("Progressing"), QString::fromLatin1(status),
                                 QStringLiteral("ProgressDeadlineExceeded"), QString(), world.now.addSecs(-300)}};
            ClusterDelta delta;
            delta.workloads.upserted = {stuck};
            world.clusters.find(item.connection)->store->apply(delta);
        };
        say("False");
        QCOMPARE(late.failingSince(), world.now.addSecs(-300));
        say("True");
        QCOMPARE(late.failingSince(), world.now);
        item.health = Health::Ok;
        world.put(item);
        QVERIFY(!late.failingSince().isValid());
    }

    void aShareIsOfATrackThatRunsOneRevision()
    {
        OperationConsole world;
        Deployed item = world.support();
        item.tracks[0].share = 1;
        world.put(item);
        QList<RollbackTarget> &targets = world.rollback->known[item.tracks[0].workloads.value(0).name];
        QVERIFY(targets.size() > 1 && targets[0].isLive);
        targets[0].revision.replicas = 1;
        targets[1].revision.replicas = 2;
        RollbackPresenter presenter(world.deployed, world.clusters, *world.operations);
        presenter.select(item.key());
        QTRY_COMPARE(presenter.loadState(), RollbackPresenter::LoadState::Ready);
        QVERIFY(presenter.choices().first().isLive);
        QCOMPARE(presenter.choices().first().share, QString());
        QVERIFY2(presenter.choices().first().text.startsWith(QStringLiteral("1 of 3 pods")),
                 qPrintable(presenter.choices().first().text));
        targets[0].revision.replicas = 3;
        targets[1].revision.replicas = 0;
        presenter.reload();
        QTRY_COMPARE(presenter.choices().first().share, QStringLiteral("100 %"));
        QVERIFY(!presenter.choices().first().text.contains(QStringLiteral("of 3 pods")));
    }

    void podsThatMoveAreCountedUntilTheyStandStill()
    {
        OperationConsole world;
        Deployed item = world.support();
        item.tracks[0].share = 1;
        item.tracks[0].podsReady = 3;
        item.tracks[0].podsWanted = 4;
        world.put(item);
        QList<RollbackTarget> &targets = world.rollback->known[item.tracks[0].workloads.value(0).name];
        QVERIFY(targets.size() > 1 && targets[0].isLive);
        targets[0].revision.replicas = 1;
        targets[1].revision.replicas = 3;
        RollbackPresenter presenter(world.deployed, world.clusters, *world.operations);
        presenter.setActive(true);
        presenter.select(item.key());
        QTRY_COMPARE(presenter.loadState(), RollbackPresenter::LoadState::Ready);
        QVERIFY(presenter.choices().first().text.startsWith(QStringLiteral("1 of 4 pods")));
        targets[0].revision.replicas = 4;
        targets[1].revision.replicas = 0;
        item.tracks[0].podsReady = 4;
        world.put(item);
        QTRY_COMPARE(presenter.choices().first().share, QStringLiteral("100 %"));
        QVERIFY(!presenter.choices().first().text.contains(QStringLiteral("of 4 pods")));
    }

    void theClockSaysWhoseTimeItIs()
    {
        IncidentBanner banner;
        const auto caption = [&banner](IncidentBanner::Origin origin) {
            banner.show(Health::Failing, QStringLiteral("Failing."), {}, AgeTicker::now(), origin);
            return textOf(banner, "incidentCaption");
        };
        QCOMPARE(caption(IncidentBanner::Origin::FirstSeen), QStringLiteral("since first seen"));
        QCOMPARE(caption(IncidentBanner::Origin::Sample), QStringLiteral("since the first bad sample"));
        QCOMPARE(caption(IncidentBanner::Origin::Cluster), QStringLiteral("since the cluster reported it"));
    }

    // The cluster knew of it before this console did.
    void aTimeOfTheClustersIsCalledSo()
    {
        Screen screen(classifierKey);
        Deployed item = screen.world.classifier();
        item.tracks[0].health = Health::Failing;
        screen.world.put(item);
        QTRY_COMPARE(textOf(screen.page, "incidentCaption"), QStringLiteral("since first seen"));
        Workload stuck;
        stuck.ref = item.tracks[0].workloads.value(0);
        stuck.conditions = {{QStringLiteral("Available"), QStringLiteral("False"),
                             QStringLiteral("MinimumReplicasUnavailable"), QString(), screen.world.now.addSecs(-300)}};
        ClusterDelta delta;
        delta.workloads.upserted = {stuck};
        screen.world.clusters.find(item.connection)->store->apply(delta);
        item.state += QLatin1Char('!');
        screen.world.put(item);
        QTRY_COMPARE(textOf(screen.page, "incidentCaption"), QStringLiteral("since the cluster reported it"));
        QCOMPARE(textOf(screen.page, "incidentClock"), QStringLiteral("05:00"));
    }

    // Its way back is rehearsed anew then; not whenever something moves in it.
    void whatIsLookedAtIsTold()
    {
        OperationConsole world;
        RollbackPresenter presenter(world.deployed, world.clusters, *world.operations);
        const QSignalSpy opened(&presenter, &RollbackPresenter::opened);
        presenter.select(world.classifier().key());
        QCOMPARE(opened.size(), 0); // nobody sees it
        presenter.setActive(true);
        QCOMPARE(opened.size(), 1);
        presenter.setActive(true);
        world.touchClassifier();
        QCOMPARE(opened.size(), 1);
        presenter.select(world.support().key());
        QCOMPARE(opened.size(), 2);
        QCOMPARE(opened.last().first().toString(), world.support().key());
    }

    void eachVersionThatGetsTrafficIsOneLiveRow()
    {
        Screen screen(giveBadGreen);
        openClassifier(screen);
        QTRY_COMPARE(rowsOf(screen),
                     (QStringList{QStringLiteral("2.14.3 live suggested"), QStringLiteral("2.15.0-rc.2 live"),
                                  QStringLiteral("2.14.2"), QStringLiteral("2.14.0"), QStringLiteral("2.13.9")}));
        QTRY_COMPARE(choicesOf(screen)[1].text,
                     QStringLiteral("50 % of live traffic · 7.15 % errors · 12 of 12 pods ready"));
        QCOMPARE(choicesOf(screen)[1].readiness, Health::Failing);
        QCOMPARE(choicesOf(screen)[0].text,
                 QStringLiteral("50 % of live traffic · 0.121 % errors · 12 of 12 pods ready"));
        QCOMPARE(choicesOf(screen)[0].readiness, Health::Ok);
        QCOMPARE(screen.chosen(), QStringLiteral("2.14.3 c07d9aa11"));
    }

    void aFailingRowHasASignAndIsSpokenOf()
    {
        RollbackChoice choice;
        choice.id = choice.version = QStringLiteral("2.15.0");
        choice.hash = QStringLiteral("5be02d1aa");
        choice.isLive = true;
        ChoiceModel model;
        ChoiceDelegate delegate;
        QStyleOptionViewItem option;
        option.rect = QRect(0, 0, 400, 64);
        const auto ink = [&](Health readiness) { // what is painted below the version, where no words are
            choice.readiness = readiness;
            model.apply({choice});
            QImage image(option.rect.size(), QImage::Format_ARGB32_Premultiplied);
            image.fill(Qt::transparent);
            QPainter painter(&image);
            delegate.paint(&painter, option, model.index(0));
            painter.end();
            int found = 0;
            for (int y = 34; y < 60; ++y) {
                for (int x = 42; x < 400; ++x)
                    found += qAlpha(image.pixel(x, y)) > 0 ? 1 : 0;
            }
            return found;
        };
        const auto spoken = [&] { return model.index(0).data(Qt::AccessibleTextRole).toString(); };
        QCOMPARE(ink(Health::Ok), 0);
        QVERIFY(!spoken().contains(healthLabel(Health::Failing)));
        QVERIFY(ink(Health::Failing) > 10);
        QVERIFY2(spoken().contains(healthLabel(Health::Failing)), qPrintable(spoken()));
        QVERIFY(ink(Health::Warning) > 10);
        QVERIFY2(spoken().contains(healthLabel(Health::Warning)), qPrintable(spoken()));
    }

    void factsThatHaveNoRoomGoOnBelow_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<int>("width");
        QTest::addColumn<int>("height");
        const QString facts = QStringLiteral("50 % of live traffic · 0.115 % errors · 20 of 20 pods ready");
        QTest::newRow("with room") << facts << 640 << 64;
        QTest::newRow("narrow") << facts << 320 << 82;
        QTest::newRow("very narrow") << facts << 180 << 82;
        QTest::newRow("one fact") << QStringLiteral("The cluster cannot tell whether its image is kept") << 180 << 64;
        QTest::newRow("none") << QString() << 180 << 64;
    }
    void factsThatHaveNoRoomGoOnBelow()
    {
        QFETCH(QString, text);
        QFETCH(int, width);
        RollbackChoice choice;
        choice.id = choice.version = QStringLiteral("2.15.0");
        choice.hash = QStringLiteral("5be02d1aa");
        choice.text = text;
        ChoiceModel model;
        model.apply({choice});
        ChoiceDelegate delegate;
        QStyleOptionViewItem option;
        option.rect = QRect(0, 0, width, 64);
        QTEST(delegate.sizeHint(option, model.index(0)).height(), "height");
    }

    void aTrackThatCannotTakeAnythingLeavesItsRevision()
    {
        Screen screen(giveBadGreen);
        Deployed item = screen.world.classifier();
        item.tracks[0].podsReady = 0;
        item.tracks[0].share = 0;
        item.tracks[1].share = 1;
        screen.world.rollback->known[QStringLiteral("image-classifier-blue")][0].isLive = false;
        screen.world.put(item);
        openClassifier(screen);
        QTRY_COMPARE(rowsOf(screen).filter(QStringLiteral("2.14.3")).size(), 2);
    }

    void aBannerComesWithBadFiguresAndCountsFromTheFirst()
    {
        Screen screen(giveBadGreen);
        openClassifier(screen);
        auto *banner = screen.page.findChild<IncidentBanner *>();
        QTRY_VERIFY(banner->isVisible());
        const QString text = textOf(*banner, "incidentText");
        QVERIFY(text.contains(QStringLiteral("image-classifier is failing in production.")));
        QVERIFY2(text.contains(QStringLiteral("7.15 % of requests to green fail; of those to blue, 0.121 %.")),
                 qPrintable(text));
        const QString clock = textOf(*banner, "incidentClock"); // samples stand some seconds apart
        QVERIFY2(clock > QLatin1String("01:00") && clock <= QLatin1String("01:30"), qPrintable(clock));
    }

    void theBannerStaysWhenTheBadVersionTakesEverything()
    {
        Screen screen(giveBadGreen);
        openClassifier(screen);
        const auto *const banner = screen.page.findChild<IncidentBanner *>();
        QTRY_VERIFY(banner->isVisible());
        const auto text = [banner] { return textOf(*banner, "incidentText"); };
        Deployed item = screen.world.classifier();
        item.health = Health::Ok;
        item.state.clear();
        item.tracks[0].share = 0;
        item.tracks[1].share = 1;
        item.tracks.swapItemsAt(0, 1);
        QHash<QString, QList<RollbackTarget>> &known = screen.world.rollback->known;
        known[QStringLiteral("image-classifier-green")] = known[QStringLiteral("smart-support")];
        known[QStringLiteral("image-classifier-green")].first().readiness.clear(); // its figures tell
        screen.world.put(item);
        QVERIFY(banner->isVisible());
        QVERIFY2(text().contains(QStringLiteral("7.15 % of requests to green fail.")), qPrintable(text()));
        QTRY_COMPARE(rowsOf(screen).first(), QStringLiteral("2.15.0-rc.2 live"));
        QCOMPARE(choicesOf(screen).first().readiness, Health::Failing);

        screen.world.metrics.remove(QStringLiteral("fake")); // nobody knows any more: that is no recovery
        item.team = QStringLiteral("another team");
        screen.world.put(item);
        QVERIFY(banner->isVisible());
        QVERIFY2(text().contains(QStringLiteral("is failing in production.")), qPrintable(text()));
        QCOMPARE(choicesOf(screen).first().readiness, Health::Failing);
    }

    // The new version had taken everything over before anybody looked; the one before still reports.
    void whoComesAfterTheCutoverSeesTheIncident()
    {
        Screen screen([](OperationConsole &world) {
            giveBadGreen(world);
            auto *const source = qobject_cast<FakeMetricSource *>(world.metrics.all().front().get());
            source->value = [](const QString &, const QString &track, qint64) {
                return track == QLatin1String("green") ? 30.0 : 0.121;
            };
            Deployed item = world.classifier();
            item.health = Health::Ok;
            item.state.clear();
            item.tracks[0].share = 0;
            item.tracks[1].share = 1;
            world.put(item);
        });
        openClassifier(screen);
        const auto *const banner = screen.page.findChild<IncidentBanner *>();
        QTRY_VERIFY(banner->isVisible());
        const QString text = textOf(*banner, "incidentText");
        QVERIFY2(text.contains(QStringLiteral("30 % of requests to green fail.")), qPrintable(text));
    }

    // Its figures are missing, its pods are not.
    void whatFailsByItsPodsIsNotGrey()
    {
        Screen screen(giveBadGreen);
        openClassifier(screen);
        const auto *const banner = screen.page.findChild<IncidentBanner *>();
        QTRY_VERIFY(banner->isVisible());
        screen.world.metrics.remove(QStringLiteral("fake"));
        Deployed item = screen.world.classifier();
        item.health = Health::Ok;
        for (Track &track : item.tracks)
            track.share = 0.5;
        screen.world.put(item);
        QTRY_VERIFY(banner->isStale());
        item.health = Health::Failing;
        screen.world.put(item);
        QTRY_VERIFY(!banner->isStale());
        QVERIFY(banner->isVisible());
        item.freshness.state = Freshness::State::Stale; // now nobody knows of the pods either
        screen.world.put(item);
        QTRY_VERIFY(banner->isStale());
        QVERIFY(banner->isVisible());
    }

    void whatTheClusterSaidLastIsGrey()
    {
        Screen screen(classifierKey);
        Deployed item = screen.world.classifier();
        item.health = Health::Failing;
        screen.world.put(item);
        const auto *const banner = screen.page.findChild<IncidentBanner *>();
        QTRY_VERIFY(banner->isVisible());
        QVERIFY(!banner->isStale());
        item.freshness.state = Freshness::State::Stale;
        screen.world.put(item);
        QTRY_VERIFY(banner->isStale());
        QVERIFY(banner->isVisible());
    }

    // Nobody knows the figures any more, and for a moment not even who gets traffic.
    void anIncidentEndsOnlyWhenThatIsKnown_data()
    {
        QTest::addColumn<QString>("what");
        QTest::addColumn<bool>("isOver");
        QTest::newRow("its share is not told for a moment") << QStringLiteral("no share") << false;
        QTest::newRow("none, by what was heard last") << QStringLiteral("stale") << false;
        QTest::newRow("the application is not there for a moment") << QStringLiteral("removed") << false;
        QTest::newRow("another template, while it is mended") << QStringLiteral("template") << false;
        QTest::newRow("it gets none") << QStringLiteral("none") << true;
    }
    void anIncidentEndsOnlyWhenThatIsKnown()
    {
        QFETCH(QString, what);
        QFETCH(bool, isOver);
        Screen screen(giveBadGreen);
        openClassifier(screen);
        const auto *const banner = screen.page.findChild<IncidentBanner *>();
        QTRY_VERIFY(banner->isVisible());
        QVERIFY(!banner->isStale());
        screen.world.metrics.remove(QStringLiteral("fake"));
        Deployed item = screen.world.classifier();
        item.health = Health::Ok;
        item.state.clear();
        for (Track &track : item.tracks)
            track.share = 0.5;
        const Deployed before = item;
        if (what == QLatin1String("no share"))
            item.tracks[1].share.reset();
        if (what == QLatin1String("template"))
            item.tracks[1].templateHash = QStringLiteral("77aa00ff1");
        if (what == QLatin1String("none") || what == QLatin1String("stale"))
            item.tracks[1].share = 0;
        if (what == QLatin1String("stale"))
            item.freshness.state = Freshness::State::Stale;
        if (what == QLatin1String("removed"))
            screen.world.deployed.apply({}, {classifierKey});
        else
            screen.world.put(item);
        if (what != QLatin1String("template"))
            screen.world.put(before);
        QTRY_COMPARE(banner->isVisible(), !isOver);
        if (isOver)
            return;
        const QString text = textOf(*banner, "incidentText");
        QVERIFY2(text.contains(QStringLiteral("is failing in production.")), qPrintable(text));
        QVERIFY2(text.contains(QStringLiteral("No figure since ")), qPrintable(text));
        QVERIFY(banner->isStale());
    }

    void oneGoodSampleIsNoRecovery_data()
    {
        QTest::addColumn<int>("goodSamples");
        QTest::addColumn<bool>("isOver");
        QTest::newRow("one") << 1 << false;
        QTest::newRow("two") << 2 << false;
        QTest::newRow("three") << 3 << true;
    }
    void oneGoodSampleIsNoRecovery()
    {
        QFETCH(int, goodSamples);
        QFETCH(bool, isOver);
        Screen screen(giveBadGreen);
        auto *const source = qobject_cast<FakeMetricSource *>(screen.world.metrics.all().front().get());
        const qint64 bad = screen.world.now.addSecs(-90).toMSecsSinceEpoch();
        const qint64 good = screen.world.now.toMSecsSinceEpoch() + 1;
        source->value = [bad, good](const QString &, const QString &track, qint64 time) {
            return track == QLatin1String("green") && time >= bad && time < good ? 7.15 : 0.121;
        };
        openClassifier(screen);
        const auto *const banner = screen.page.findChild<IncidentBanner *>();
        QTRY_VERIFY(banner->isVisible());
        AgeTicker::freezeAt(screen.world.now.addMSecs(goodSamples * source->asked.last().stepMs));
        screen.page.hide();
        screen.page.show(); // asks anew
        if (isOver) {
            QTRY_VERIFY(!banner->isVisible());
            return;
        }
        QTRY_VERIFY(textOf(*banner, "incidentText").contains(QStringLiteral("0.121 % of requests to green fail")));
        QVERIFY(banner->isVisible());
        QVERIFY(textOf(*banner, "incidentClock") > QLatin1String("01:15"));
    }

    // A Service that chooses all pods: nothing says who gets what, and green fails all the same.
    void whereNothingSaysWhoGetsTrafficEverybodyMay()
    {
        Screen screen(giveBadGreen);
        Deployed item = screen.world.classifier();
        item.health = Health::Ok;
        item.state.clear();
        for (Track &track : item.tracks)
            track.share.reset();
        screen.world.put(item);
        openClassifier(screen);
        const auto *const banner = screen.page.findChild<IncidentBanner *>();
        QTRY_VERIFY(banner->isVisible());
        QVERIFY(textOf(*banner, "incidentText").contains(QStringLiteral("7.15 % of requests to green fail")));
    }

    void aLiveVersionWhosePodsFailIsRed()
    {
        Screen screen(giveBadGreen);
        screen.world.metrics.remove(QStringLiteral("fake"));
        Deployed item = screen.world.classifier();
        for (Track &track : item.tracks)
            track.share = 0.5;
        item.tracks[1].health = Health::Failing;
        screen.world.put(item);
        openClassifier(screen);
        QTRY_COMPARE(rowsOf(screen).filter(QStringLiteral(" live")).size(), 2);
        QTRY_COMPARE(choicesOf(screen)[1].readiness, Health::Failing);
        QCOMPARE(choicesOf(screen)[0].readiness, Health::Ok);
    }

    void theClockKeepsItsColourWhenTheThemeChanges()
    {
        Theme theme(*qApp);
        theme.setChoice(Theme::Choice::Dark);
        IncidentBanner banner;
        banner.show(Health::Failing, QStringLiteral("Failing."), {}, AgeTicker::now());
        const auto *const clock = banner.findChild<QLabel *>(QStringLiteral("incidentClock"));
        QCOMPARE(clock->palette().color(QPalette::WindowText), stateTone(Health::Failing).text);
        theme.setChoice(Theme::Choice::Light);
        QTRY_COMPARE(clock->palette().color(QPalette::WindowText), stateTone(Health::Failing).text);
    }

    void aSecondIncidentHasItsOwnClock_data()
    {
        QTest::addColumn<bool>("isLookedAt");
        QTest::newRow("seen to end") << true;
        QTest::newRow("ended while another application was looked at") << false;
    }
    void aSecondIncidentHasItsOwnClock()
    {
        QFETCH(bool, isLookedAt);
        Screen screen(giveBadGreen);
        openClassifier(screen);
        const auto *const banner = screen.page.findChild<IncidentBanner *>();
        QTRY_VERIFY(banner->isVisible());
        NavigationTarget other;
        other.deployedKey = supportKey;
        if (!isLookedAt)
            screen.page.open(other);
        const auto share = [&screen](double green) {
            Deployed item = screen.world.classifier();
            item.health = Health::Ok;
            item.state.clear();
            item.tracks[0].share = 1 - green;
            item.tracks[1].share = green;
            screen.world.put(item);
        };
        share(0);
        QTRY_VERIFY(!banner->isVisible());
        AgeTicker::freezeAt(screen.world.now.addSecs(5 * 3600));
        screen.page.hide();
        screen.page.show(); // asks anew
        share(0.5);
        openClassifier(screen);
        QTRY_VERIFY(banner->isVisible());
        const QString clock = textOf(*banner, "incidentClock"); // what the chart shows of it
        QVERIFY2(clock.size() == 5, qPrintable(clock));
    }

    void aNewerThatWaitsDoesNotHideTheWayBack()
    {
        Screen screen(giveBadGreen);
        Deployed item = screen.world.classifier();
        item.health = Health::Ok;
        item.state.clear();
        for (Track &track : item.tracks)
            track.share = 0.5;
        Track red = item.tracks[1];
        red.name = QStringLiteral("red");
        red.workloads[0].name = QStringLiteral("image-classifier-red");
        red.workloads[0].uid = QStringLiteral("uid-image-classifier-red");
        red.version = QStringLiteral("2.16.0");
        red.templateHash = QStringLiteral("77aa");
        red.share = 0;
        red.since = screen.world.now.addSecs(-60);
        item.tracks << red;
        screen.world.put(item);
        openClassifier(screen);
        QTRY_COMPARE(rowsOf(screen).filter(QStringLiteral("suggested")),
                     QStringList(QStringLiteral("2.14.3 live suggested")));
    }

    void whatFailsByItsFiguresIsGoneBackFrom()
    {
        Screen screen([](OperationConsole &world) {
            giveBadGreen(world);
            auto *const source = qobject_cast<FakeMetricSource *>(world.metrics.all().front().get());
            source->suggestions[0].limit = 5;
            source->value = [](const QString &, const QString &, qint64) { return 7.15; };
            Deployed item = world.classifier(); // its pods are well
            item.health = Health::Ok;
            item.state.clear();
            item.tracks[0].share = 1;
            item.tracks[1].share = 0;
            world.put(item);
        });
        openClassifier(screen);
        QTRY_COMPARE(rowsOf(screen).filter(QStringLiteral("suggested")),
                     QStringList(QStringLiteral("2.14.2 suggested")));
    }

    void afterGoingBackNothingElseIsSuggested()
    {
        Screen screen(giveBadGreen);
        openClassifier(screen);
        QTRY_COMPARE(screen.chosen(), QStringLiteral("2.14.3 c07d9aa11"));
        screen.rollBackUntil(OperationState::Finished);
        Deployed back = screen.world.classifier();
        back.health = Health::Ok;
        back.tracks[0].share = 1;
        back.tracks[1].share = 0;
        screen.world.put(back);
        const QStringList rows{QStringLiteral("2.14.3 live"), QStringLiteral("2.15.0-rc.2"), QStringLiteral("2.14.2"),
                               QStringLiteral("2.14.0"), QStringLiteral("2.13.9")};
        QTRY_COMPARE(rowsOf(screen), rows); // the newer version gets nothing: there is nothing to go back from
        QCOMPARE(screen.chosen(), QStringLiteral("2.14.3 c07d9aa11"));
        QTest::mouseClick(screen.button("operationDismiss"), Qt::LeftButton);
        QTRY_COMPARE(screen.headline(), QStringLiteral("Nothing chosen"));
        QCOMPARE(rowsOf(screen), rows);
    }

    void whatFailsIsGoneBackFromAlthoughAnotherWaits()
    {
        Screen screen(giveBadGreen);
        Deployed item = screen.world.classifier();
        item.tracks[0].share = 1;
        item.tracks[0].health = Health::Failing;
        item.tracks[1].share = 0;
        screen.world.put(item);
        openClassifier(screen);
        QTRY_COMPARE(rowsOf(screen).filter(QStringLiteral("suggested")),
                     QStringList(QStringLiteral("2.14.2 suggested")));
    }

    void aStopwatchIsReadAs_data()
    {
        QTest::addColumn<qint64>("seconds");
        QTest::addColumn<QString>("text");
        QTest::newRow("at once") << qint64(0) << QStringLiteral("00:00");
        QTest::newRow("minutes") << qint64(134) << QStringLiteral("02:14");
        QTest::newRow("an hour") << qint64(3600) << QStringLiteral("1:00:00");
        QTest::newRow("the clock was set back") << qint64(-5) << QStringLiteral("00:00");
    }
    void aStopwatchIsReadAs()
    {
        QFETCH(qint64, seconds);
        QFETCH(QString, text);
        QCOMPARE(stopwatchText(seconds), text);
    }
};

QTEST_MAIN(TestRollbackPage)
#include "test_rollbackpage.moc"
