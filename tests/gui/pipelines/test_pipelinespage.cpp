// The Pipelines screen over servers fed by hand: what is listed, what is shown of a run, and what may be done with it.
#include "models/items/roles.h"
#include "models/stores/deployedstore.h"
#include "services/operations/operation.h"
#include "services/pipelines/runreleases.h"
#include "tests/gui/pipelines/pipelineworld.h"
#include "tests/support/calm.h"
#include "tests/support/shots.h"
#include "tests/support/stays.h"
#include "ui/charts/chartview.h"
#include "ui/pages/changes/changerows.h"
#include "ui/pages/pipelines/factrows.h"
#include "ui/pages/pipelines/judgedtests.h"
#include "ui/pages/pipelines/pipelinespage.h"
#include "ui/pages/pipelines/pipelinespresenter.h"
#include "ui/pages/pipelines/stagetimes.h"
#include "ui/pages/promotions/gatedialog.h"
#include "ui/shell/mainwindow.h"
#include "ui/theme/theme.h"
#include "ui/widgets/badge.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/holdbutton.h"
#include "ui/widgets/panel.h"
#include "ui/widgets/stagegraph.h"
#include "ui/widgets/timetext.h"

#include <QApplication>
#include <QDialog>
#include <QElapsedTimer>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPointer>
#include <QPushButton>
#include <QScopeGuard>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTest>
#include <QTimer>

using namespace signalbox;
using namespace signalbox::test;

namespace
{

template <typename T>
T *named(const QWidget &parent, const char *name)
{
    return parent.findChild<T *>(QString::fromLatin1(name));
}

struct Screen
{
    explicit Screen(PipelineWorld::Filled filled = PipelineWorld::Filled::Yes, QSize size = {1440, 900})
        : world(filled)
    {
        const PageEntry entry{
            QStringLiteral("pipelines"), QStringLiteral("Pipelines"), 2,
            [](ConsoleContext &context, QWidget *parent) -> Page * { return new PipelinesPage(context, parent); }};
        window = std::make_unique<MainWindow>(*world.context, QList<PageEntry>{entry});
        window->resize(size);
    }
    void show()
    {
        window->show();
        window->go({QStringLiteral("pipelines"), {}, {}, {}, {}, {}});
        QVERIFY(QTest::qWaitForWindowActive(window.get()));
    }
    void start()
    {
        world.start();
        show();
        QTRY_COMPARE(runs().size(), 15);
        QTRY_COMPARE(graph().nodes().size(), 8);
    }
    RowList &list() const { return *named<RowList>(*window, "runsList"); }
    StageGraphView &graph() const { return *named<StageGraphView>(*window, "stageGraph"); }
    Panel &panel(const char *name) const { return *named<Panel>(*window, name); }
    QPushButton *button(const char *name) const { return named<QPushButton>(*window, name); }
    QString label(const char *name) const
    {
        const auto *found = named<QLabel>(*window, name);
        return found ? found->text() : QString();
    }
    QString elided(const char *name) const { return named<ElidedLabel>(*window, name)->text(); }
    QStringList rows() const
    {
        QStringList texts;
        for (int i = 0; i < list().model()->rowCount(); ++i)
            texts << list().model()->index(i, 0).data().toString();
        return texts;
    }
    QStringList chosen() const { return window->currentPage()->crumbs(); }
    // That a run is shown which the filter does not take.
    bool isSaidToBeHidden() const { return named<QLabel>(*window, "runHidden")->isVisible(); }
    QStringList runs() const { return rows().filter(QStringLiteral("#")); }
    void choose(const QString &title)
    {
        const qsizetype row = rows().indexOf(title);
        QVERIFY2(row >= 0, qPrintable(title));
        list().setCurrentIndex(list().model()->index(int(row), 0));
    }
    QDialog *dialog() const { return named<QDialog>(*window, "runOrderDialog"); }
    // Waits for the plan, holds the button and waits for the outcome.
    void carryOut()
    {
        QTRY_VERIFY(dialog());
        auto *hold = dialog()->findChild<HoldButton *>();
        QTRY_VERIFY(!hold->fingerprint().isEmpty());
        dialog()->activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(dialog()));
        hold->setFocus();
        QTRY_VERIFY(hold->hasFocus());
        world.takeClock(hold);
        world.press(hold, 900);
        QVERIFY(world.reach(OperationState::Finished));
        QCOMPARE(world.operation()->outcome()->kind, OutcomeKind::Done);
    }

    PipelineWorld world;
    std::unique_ptr<MainWindow> window;
};

} // namespace

class TestPipelinesPage : public QObject
{
    Q_OBJECT
private slots:
    void initTestCase() { m_theme = std::make_unique<Theme>(*qApp); }
    void cleanupTestCase() { m_theme.reset(); }

    void listsTheRunsOfAllPipelinesNewestFirst()
    {
        Screen screen;
        screen.start();
        QCOMPARE(screen.runs().mid(0, 6),
                 QStringList({QStringLiteral("edge-gateway #930"), QStringLiteral("image-classifier #1290"),
                              QStringLiteral("feature-store #77"), QStringLiteral("smart-support #412"),
                              QStringLiteral("recommender #1181"), QStringLiteral("image-classifier #1289")}));
        QCOMPARE(screen.list().currentIndex().data().toString(), QStringLiteral("edge-gateway #930"));
        QCOMPARE(screen.panel("runsPanel").subtitle(), QStringLiteral("3 servers")); // their names had no room
        QVERIFY(screen.list()
                    .model()
                    ->index(0, 0)
                    .data(Qt::AccessibleTextRole)
                    .toString()
                    .contains(QStringLiteral("running")));
    }

    void whatIsShownStaysWhenANewerRunComes()
    {
        Screen screen;
        screen.start();
        QCOMPARE(screen.list().currentIndex().data().toString(), QStringLiteral("edge-gateway #930"));
        const Pipeline support = screen.world.gitlab->fakeSource.known.first();
        screen.world.addRun(*screen.world.gitlab, support, 413, RunState::Running, 1, 0);
        QTRY_COMPARE(screen.runs().size(), 16);
        QCOMPARE(screen.runs().first(), QStringLiteral("smart-support #413"));
        QCOMPARE(screen.list().currentIndex().data().toString(), QStringLiteral("edge-gateway #930"));
        QVERIFY(screen.window->currentPage()->crumbs().contains(QStringLiteral("#930")));
    }

    // The details of what ended are read again every 20 s: the list hears of a rerun before.
    void newsOfTheListAreFollowedAtOnce()
    {
        Screen screen;
        screen.start();
        screen.choose(QStringLiteral("image-classifier #1289"));
        FakePipelines &source = screen.world.github->fakeSource;
        const QString id = QStringLiteral("image-classifier-1289");
        QTRY_VERIFY(!screen.button("cancelRun")->isVisible());
        QTRY_COMPARE(screen.graph().nodes().size(), 8);
        // One that ended just now is read once more; then nobody looks for long.
        QTRY_VERIFY(stays([&source, asks = source.detailAsks] { return source.detailAsks == asks; },
                          std::chrono::milliseconds(200)));
        for (Run &run : source.runsOf[screen.world.classifierPipeline.ref.key()]) {
            if (run.ref.id != id)
                continue;
            run.state = RunState::Running;
            run.attempt = 2;
            run.finishedAt = {};
            source.details[id].run = run;
            source.details[id].canCancel = true;
        }
        QTRY_VERIFY(screen.button("cancelRun")->isVisible());
        QTRY_COMPARE(named<Badge>(*screen.window, "runAttempt")->isVisible(), true);
    }

    void withoutARunTheTestsCardSaysSo()
    {
        Screen screen(PipelineWorld::Filled::No);
        screen.world.addServer(QStringLiteral("github"));
        screen.world.start();
        screen.show();
        QTRY_COMPARE(screen.panel("testsPanel").state(), Panel::State::Empty);
    }

    void bigReportsAreJudgedOnAWorkerAndOnce()
    {
        runs::TestedRun run;
        run.run.ref.id = QStringLiteral("2");
        run.run.createdAt = QDateTime::currentDateTimeUtc();
        runs::TestedRun before = run;
        before.run.ref.id = QStringLiteral("1");
        before.run.createdAt = run.run.createdAt.addSecs(-60);
        for (int i = 0; i < 2000; ++i) {
            TestCase test;
            test.suite = QStringLiteral("suite");
            test.name = QString::number(i);
            before.report.cases.append(test);
            test.state = i % 10 == 0 ? TestCase::State::Failed : TestCase::State::Passed;
            run.report.cases.append(test);
        }
        JudgedTests judged;
        const QSignalSpy changed(&judged, &JudgedTests::changed);
        QVERIFY(!judged.of(run, {before})); // nothing is worked out here
        QTRY_COMPARE(changed.size(), 1);
        const JudgedTests::List *const known = judged.of(run, {before});
        QVERIFY(known);
        QCOMPARE(*known, runs::judged(run, {before}));
        QVERIFY(known->first().isNew);
        for (int i = 0; i < 50; ++i)
            QVERIFY(judged.of(run, {before}));
        // Asked for again and again, worked out once.
        QVERIFY(stays([&changed] { return changed.size() == 1; }, std::chrono::milliseconds(50)));
        run.report.cases.removeFirst();
        QVERIFY(judged.of(run, {before})); // what was known stays until the new one is
        QTRY_COMPARE(changed.size(), 2);
        QCOMPARE(judged.of(run, {before})->size(), 1999);
    }

    void isNarrowedAndGrouped()
    {
        Screen screen;
        screen.start();
        auto *filter = named<QLineEdit>(*screen.window, "runsFilter");
        screen.window->currentPage()->focusFilter();
        QVERIFY(filter->hasFocus());
        QTest::keyClicks(filter, QStringLiteral("classifier #1290"));
        QTRY_COMPARE(screen.runs(), QStringList(QStringLiteral("image-classifier #1290")));
        filter->clear();
        for (const char *chip : {"runsState2", "runsState4"}) // failed, other
            QTest::mouseClick(screen.button(chip), Qt::LeftButton);
        QCOMPARE(screen.runs(),
                 QStringList({QStringLiteral("recommender #1181"), QStringLiteral("smart-support #411")}));
        filter->setText(QStringLiteral("nothing of this name"));
        QTRY_COMPARE(screen.panel("runsPanel").state(), Panel::State::Empty);
        screen.list().setFocus();
        QVERIFY(screen.window->currentPage()->goBack());
        QTRY_COMPARE(screen.runs().size(), 15);
        QVERIFY(!screen.button("runsState2")->isChecked());
        auto *group = named<ChipButton>(*screen.window, "runsGroup");
        emit group->chosenChanged(QStringLiteral("state"));
        QCOMPARE(screen.rows().first(), QStringLiteral("running"));
        emit group->chosenChanged(QStringLiteral("application"));
        QCOMPARE(screen.rows().first(), QStringLiteral("edge-gateway"));
        QVERIFY(screen.rows().contains(QStringLiteral("no application")));
        emit group->chosenChanged(QStringLiteral("none"));
    }

    // The keyboard that comes to the list chose its first run, as nothing in it was the current one any more.
    void whatIsShownStaysWhenAChipHidesIt()
    {
        Screen screen;
        screen.start();
        const QString title = QStringLiteral("image-classifier #1290");
        screen.choose(title);
        QTRY_COMPARE(screen.graph().nodes().size(), 8);
        QVERIFY(!screen.isSaidToBeHidden());
        const QStringList shown = screen.chosen();
        QTest::mouseClick(screen.button("runsState3"), Qt::LeftButton); // passed
        QVERIFY(!screen.runs().isEmpty());
        QVERIFY(!screen.runs().contains(title));
        screen.list().setFocus(Qt::TabFocusReason);
        QVERIFY(screen.list().hasFocus());
        QCOMPARE(screen.chosen(), shown);
        QCOMPARE(screen.elided("runTitle"), title);
        QCOMPARE(screen.graph().nodes().size(), 8);
        QVERIFY(!screen.list().currentIndex().isValid());
        QVERIFY(screen.list().selectionModel()->selectedIndexes().isEmpty()); // nor is its neighbour marked
        QVERIFY(screen.isSaidToBeHidden());
        QCOMPARE(screen.label("runHidden"), QStringLiteral("The run shown is hidden by the filter."));
        QTest::mouseClick(screen.button("runHiddenShowAll"), Qt::LeftButton);
        QCOMPARE(screen.runs().size(), 15);
        QCOMPARE(screen.chosen(), shown);
        QCOMPARE(screen.list().currentIndex().data().toString(), title);
        QVERIFY(!screen.isSaidToBeHidden());
    }

    void whatIsShownStaysUntilTheKeysChooseAnother()
    {
        Screen screen;
        screen.start();
        screen.choose(QStringLiteral("image-classifier #1290"));
        const QStringList shown = screen.chosen();
        screen.window->currentPage()->focusFilter();
        auto *filter = named<QLineEdit>(*screen.window, "runsFilter");
        QTest::keyClicks(filter, QStringLiteral("recommender"));
        QTRY_COMPARE(screen.runs(), QStringList(QStringLiteral("recommender #1181")));
        QTest::keyClick(filter, Qt::Key_Return);
        QVERIFY(screen.list().hasFocus());
        QCOMPARE(screen.chosen(), shown);
        QVERIFY(screen.isSaidToBeHidden());
        QTest::keyClick(&screen.list(), Qt::Key_Down);
        QCOMPARE(screen.list().currentIndex().data().toString(), QStringLiteral("recommender #1181"));
        QVERIFY(screen.chosen().contains(QStringLiteral("#1181")));
        QVERIFY(!screen.isSaidToBeHidden());
    }

    void whatIsShownStaysWhenItsStateLeavesTheFilter()
    {
        Screen screen;
        screen.start();
        const QString title = QStringLiteral("image-classifier #1290");
        QTest::mouseClick(screen.button("runsState0"), Qt::LeftButton); // running
        screen.choose(title);
        const QStringList shown = screen.chosen();
        QVERIFY(!screen.isSaidToBeHidden());
        FakePipelines &source = screen.world.github->fakeSource;
        const QString id = QStringLiteral("image-classifier-1290");
        for (Run &run : source.runsOf[screen.world.classifierPipeline.ref.key()]) {
            if (run.ref.id != id)
                continue;
            run.state = RunState::Passed;
            run.finishedAt = QDateTime::currentDateTimeUtc();
            source.details[id].run = run;
        }
        screen.world.feed.refresh();
        QTRY_COMPARE(screen.runs(), QStringList(QStringLiteral("edge-gateway #930")));
        // Back from another window: the keyboard comes to the list again.
        screen.graph().setFocus();
        screen.list().setFocus(Qt::ActiveWindowFocusReason);
        QCOMPARE(screen.chosen(), shown);
        QCOMPARE(screen.elided("runTitle"), title);
        QTRY_VERIFY(screen.isSaidToBeHidden());
        QTest::mouseClick(screen.list().viewport(), Qt::LeftButton, {},
                          screen.list().visualRect(screen.list().model()->index(0, 0)).center());
        QVERIFY(screen.chosen().contains(QStringLiteral("#930")));
        QVERIFY(!screen.isSaidToBeHidden());
    }

    // Its neighbour would be scrolled to, wherever that is while much goes at once.
    void staysAtItsTopWhenTheShownRunGoesFromTheList()
    {
        Screen screen(PipelineWorld::Filled::Yes, {1100, 700});
        screen.world.github->fakeSource.pageSize = 100;
        screen.start();
        for (int i = 0; i < 60; ++i)
            screen.world.addRun(*screen.world.github, screen.world.classifierPipeline, 1000 + i,
                                i % 2 == 0 ? RunState::Passed : RunState::Failed, 900000 + 60 * i, 100);
        screen.world.feed.refresh();
        QTRY_VERIFY(screen.runs().size() > 60);
        screen.choose(QStringLiteral("edge-gateway #930"));
        QCOMPARE(screen.list().verticalScrollBar()->value(), 0);
        QTest::mouseClick(screen.button("runsState3"), Qt::LeftButton); // passed
        QVERIFY(screen.runs().size() > 30);
        QApplication::processEvents();
        QVERIFY(screen.list().verticalScrollBar()->maximum() > 0);
        QCOMPARE(screen.list().verticalScrollBar()->value(), 0);
        QVERIFY(screen.chosen().contains(QStringLiteral("#930")));
        QTest::mouseClick(screen.button("runsState3"), Qt::LeftButton);
        QCOMPARE(screen.list().currentIndex().data().toString(), QStringLiteral("edge-gateway #930"));
    }

    // Of hundreds of pipelines one is looked at: its cards are not made anew for every other's news.
    void newsOfOtherPipelinesLeaveWhatIsShownAlone()
    {
        PipelineWorld world;
        PipelinesPresenter presenter(*world.context);
        presenter.setActive(true);
        world.start();
        QTRY_COMPARE(presenter.runs().shownRuns(), 15);
        const RunStore &store = presenter.store();
        const QString chosen = world.classifierPipeline.ref.key();
        presenter.select(store.entry(chosen)->runs.first().ref.key());
        QTRY_VERIFY(presenter.detail());
        int told = 0;
        int before = 0;
        QList<int> ofEach; // change of the list: how often the cards were told
        QElapsedTimer sinceTold;
        sinceTold.start();
        connect(&presenter, &PipelinesPresenter::historyChanged, this, [&] {
            ++told;
            sinceTold.restart();
        });
        // Reports of earlier runs come half a second apart: all of them are there.
        QTRY_VERIFY_WITH_TIMEOUT(told > 0 && sinceTold.elapsed() > 1500, 30'000);
        connect(&presenter.runs(), &RunsModel::aboutToChange, this, [&] { before = told; });
        connect(&presenter.runs(), &RunsModel::changed, this, [&] { ofEach << told - before; });
        const auto tell = [&](FakePipelineServer &server, const Pipeline &pipeline) {
            ofEach.clear();
            server.fakeSource.runsOf[pipeline.ref.key()].first().title += QLatin1Char('!');
            world.feed.refresh();
        };
        tell(*world.github, world.classifierPipeline);
        QTRY_VERIFY(ofEach.contains(1));
        const QString noted = store.entry(chosen)->runs.first().title;
        tell(*world.gitlab, world.gitlab->fakeSource.known.first());
        QTRY_VERIFY(!ofEach.isEmpty());
        QCOMPARE(ofEach.first(), 0);
        QCOMPARE(store.entry(chosen)->runs.first().title, noted);
    }

    void staysWhereItWasWhenRunsComeIn()
    {
        Screen screen(PipelineWorld::Filled::Yes, {1100, 700});
        screen.start();
        for (int i = 0; i < 30; ++i)
            screen.world.addRun(*screen.world.github, screen.world.classifierPipeline, 1000 + i, RunState::Passed,
                                900000 + 60 * i, 100);
        screen.world.feed.refresh();
        QTRY_VERIFY(screen.runs().size() > 30);
        QApplication::processEvents();
        screen.list().verticalScrollBar()->setValue(700);
        const QString top = screen.list().indexAt(QPoint(4, 1)).data().toString();
        const int offset = screen.list().visualRect(screen.list().indexAt(QPoint(4, 1))).top();
        const QString chosen = screen.list().currentIndex().data().toString();
        screen.world.addRun(*screen.world.github, screen.world.classifierPipeline, 1291, RunState::Running, 2, 0);
        screen.world.feed.refresh();
        QTRY_VERIFY(screen.runs().contains(QStringLiteral("image-classifier #1291")));
        QCOMPARE(screen.list().indexAt(QPoint(4, 1)).data().toString(), top);
        QCOMPARE(screen.list().visualRect(screen.list().indexAt(QPoint(4, 1))).top(), offset);
        QCOMPARE(screen.list().currentIndex().data().toString(), chosen);
    }

    void asksForOlderRunsAtTheEnd()
    {
        Screen screen;
        screen.world.github->fakeSource.pageSize = 3;
        screen.world.start();
        screen.show();
        QTRY_COMPARE(screen.rows().value(screen.rows().size() - 1), QStringLiteral("Older runs..."));
        const qsizetype before = screen.runs().size();
        const QModelIndex last = screen.list().model()->index(screen.list().model()->rowCount() - 1, 0);
        screen.list().setFocus();
        screen.list().setCurrentIndex(last);
        QTest::keyClick(&screen.list(), Qt::Key_Return);
        QTRY_VERIFY(screen.runs().size() > before);
    }

    void aRunIsShownWithWhatIsLeftOfIt()
    {
        Screen screen;
        screen.start();
        screen.choose(QStringLiteral("image-classifier #1290"));
        QTRY_COMPARE(screen.elided("runTitle"), QStringLiteral("image-classifier #1290"));
        QCOMPARE(screen.elided("runWhere"), QStringLiteral("main · 7c2f91e"));
        QTRY_VERIFY2(screen.elided("runTime").startsWith(QStringLiteral("usually 8 m 0")),
                     qPrintable(screen.elided("runTime")));
        QVERIFY2(screen.elided("runTime").contains(QStringLiteral("left")), qPrintable(screen.elided("runTime")));
        QCOMPARE(screen.window->currentPage()->crumbs(),
                 QStringList({QStringLiteral("image-classifier"), QStringLiteral("#1290")}));
        QTRY_COMPARE(screen.graph().nodes().size(), 8);
        QCOMPARE(screen.graph().nodes()[1].state, RunState::Running);
        QTRY_VERIFY2(screen.graph().nodes()[1].detail.contains(QLatin1Char('%')),
                     qPrintable(screen.graph().nodes()[1].detail));
        QVERIFY(screen.graph().nodes()[1].progress > 0.5);
        QCOMPARE(screen.graph().nodes()[4].detail, QStringLiteral("waiting"));
    }

    // The gate is gone as soon as it is decided: that people let the run wait is told all the same.
    void whatPeopleTookIsToldBehindTheirGate()
    {
        Screen screen;
        RunDetail &detail = screen.world.github->fakeSource.details[QStringLiteral("image-classifier-1290")];
        const QDateTime now = screen.world.now;
        detail.run.startedAt = now.addSecs(-3 * 3600);
        detail.jobs = detail.jobs.mid(0, 2);
        detail.jobs[0].startedAt = detail.run.startedAt;
        detail.jobs[0].finishedAt = detail.run.startedAt.addSecs(90);
        detail.jobs[0].state = RunState::Passed;
        Job &deploy = detail.jobs[1];
        deploy.state = RunState::Waiting;
        deploy.environment = QStringLiteral("production");
        deploy.startedAt = deploy.finishedAt = {};
        deploy.hasLog = false;
        screen.world.github->fakeGates.gates = {
            gateOf(detail.run, QStringLiteral("7"), QStringLiteral("production"), 178)};
        screen.world.start();
        screen.show();
        QTRY_COMPARE(screen.runs().size(), 15);
        screen.choose(QStringLiteral("image-classifier #1290"));
        QTRY_VERIFY(!screen.world.runStore.gates().isEmpty());
        QTRY_VERIFY2(screen.elided("runTime").contains(QStringLiteral("for people")),
                     qPrintable(screen.elided("runTime")));
        screen.world.github->fakeGates.gates.clear();
        detail.jobs[1].state = RunState::Running; // the list that was answered is left as it is
        detail.jobs[1].startedAt = now.addSecs(-30);
        screen.world.feed.refresh();
        QTRY_VERIFY(screen.world.runStore.gates().isEmpty());
        QTRY_COMPARE(screen.graph().nodes().value(1).state, RunState::Running);
        QTRY_VERIFY2(screen.elided("runTime").contains(QStringLiteral("waited 2 h 58 m for people")),
                     qPrintable(screen.elided("runTime")));
        for (const int width : {1440, 1360}) { // beside its title it has no room: it goes below
            screen.window->resize(width, 900);
            QTRY_VERIFY2(!named<ElidedLabel>(*screen.window, "runTime")->isElided(),
                         qPrintable(QString::number(width)));
        }
    }

    // A gate is gone once it is decided: who decided it stays in sight.
    void whoLetARunGoOnIsTold()
    {
        Screen screen;
        RunDetail &detail = screen.world.github->fakeSource.details[QStringLiteral("image-classifier-1290")];
        detail.decisions = {
            {QStringLiteral("dev-a"), true, QStringLiteral("production"), screen.world.now.addSecs(-12 * 60)},
            {QString(), false, {}, {}}};
        screen.start();
        screen.choose(QStringLiteral("image-classifier #1290"));
        QTRY_VERIFY2(screen.elided("runSubject")
                         .contains(QStringLiteral("approved by dev-a (production), 12 m ago · rejected by somebody")),
                     qPrintable(screen.elided("runSubject")));
    }

    // As the operator reads it, without a tool tip.
    void aRunSaysItsScheduleAndHowLongItWasQueued()
    {
        Screen screen;
        FakePipelines &github = screen.world.github->fakeSource;
        const QString id = QStringLiteral("image-classifier-1289");
        RunDetail detail = github.details.value(id);
        detail.run.trigger = {TriggerKind::Schedule, {}, {}, QStringLiteral("0 */6 * * *")};
        github.details.insert(id, detail);
        screen.start();
        screen.choose(QStringLiteral("image-classifier #1289"));
        QTRY_COMPARE(named<Badge>(*screen.window, "runTrigger")->text(),
                     QStringLiteral("triggered by schedule 0 */6 * * *"));
        QVERIFY2(screen.elided("runTime").startsWith(QStringLiteral("took 8 m")), qPrintable(screen.elided("runTime")));
        QVERIFY2(screen.elided("runTime").endsWith(QStringLiteral(" · queued 3.0 s")),
                 qPrintable(screen.elided("runTime")));
        // Of a later attempt the vendor tells when its number was created, not when it began to wait.
        detail.run.attempt = 2;
        github.details.insert(id, detail);
        screen.choose(QStringLiteral("edge-gateway #930"));
        screen.choose(QStringLiteral("image-classifier #1289"));
        QTRY_VERIFY(named<Badge>(*screen.window, "runAttempt")->isVisible());
        QVERIFY2(!screen.elided("runTime").contains(QStringLiteral("queued")), qPrintable(screen.elided("runTime")));
    }

    void stagesAreWalkedByKeyboardAndLeadToTheirLogs()
    {
        Screen screen;
        screen.start();
        screen.choose(QStringLiteral("image-classifier #1290"));
        QTRY_COMPARE(screen.panel("jobLogPanel").title(), QStringLiteral("Unit tests log"));
        screen.list().setFocus();
        QTest::keyClick(&screen.list(), Qt::Key_Return);
        QVERIFY(screen.graph().hasFocus());
        QTest::keyClick(&screen.graph(), Qt::Key_Home);
        QTest::keyClick(&screen.graph(), Qt::Key_Return);
        QTRY_COMPARE(screen.panel("jobLogPanel").title(), QStringLiteral("Build log"));
        const QList<LogQuery> &queries = screen.world.github->fakeSource.logQueries;
        QTRY_COMPARE(queries.last().job, QStringLiteral("Build"));
        QCOMPARE(queries.last().follow, false);
        QCOMPARE(screen.graph().chosen(), QStringLiteral("Build"));
        const auto first = std::find_if(queries.cbegin(), queries.cend(),
                                        [](const LogQuery &query) { return query.job == QLatin1String("Unit tests"); });
        QVERIFY(first != queries.cend());
        QVERIFY(first->follow); // it runs
    }

    // A bridge leads to the run it started, which need not be of any list; there is a way back.
    void theRunThatAJobStartedIsOpened_data()
    {
        QTest::addColumn<bool>("isListed");
        QTest::addColumn<bool>("hasLog");
        QTest::newRow("of this pipeline") << true << false;
        QTest::newRow("of a project that nobody follows") << false << false;
        QTest::newRow("by a job with a log of its own") << false << true;
    }
    void theRunThatAJobStartedIsOpened()
    {
        QFETCH(bool, isListed);
        QFETCH(bool, hasLog);
        Screen screen;
        FakePipelines &github = screen.world.github->fakeSource;
        RunDetail detail = github.details.value(QStringLiteral("image-classifier-1289"));
        RunRef below{detail.run.ref.pipeline, QStringLiteral("image-classifier-1288")};
        if (!isListed) {
            below = {{QStringLiteral("github"), QStringLiteral("acme/deploy"), QStringLiteral("cd")},
                     QStringLiteral("77")};
            RunDetail other = detail;
            other.run.ref = below;
            other.run.number = QStringLiteral("77");
            other.jobs = other.jobs.mid(0, 3);
            github.details.insert(below.id, other);
        }
        detail.jobs[0].downstream = below;
        detail.jobs[0].hasLog = hasLog;
        github.details.insert(detail.run.ref.id, detail);
        screen.start();
        screen.choose(QStringLiteral("image-classifier #1289"));
        QTRY_COMPARE(screen.elided("runTitle"), QStringLiteral("image-classifier #1289"));
        QTRY_COMPARE(screen.graph().nodes().size(), 8);
        QVERIFY(!screen.button("runUp")->isVisible());
        const QString started = isListed ? QStringLiteral("image-classifier #1288") : QStringLiteral("acme/deploy #77");
        for (int i = 0; i < (hasLog ? 2 : 1); ++i) {
            screen.graph().setFocus();
            QTest::keyClick(&screen.graph(), Qt::Key_Home);
            QTest::keyClick(&screen.graph(), Qt::Key_Return);
            if (hasLog && i == 0)
                QTRY_COMPARE(screen.panel("jobLogPanel").title(), QStringLiteral("Build log"));
        }
        QTRY_COMPARE(screen.elided("runTitle"), started);
        QTRY_COMPARE(screen.graph().nodes().size(), isListed ? 8 : 3);
        QTRY_VERIFY(screen.graph().hasFocus()); // the keys walk on
        if (!isListed) {
            QTest::mouseClick(screen.button("trendsTab"), Qt::LeftButton);
            const auto *text = named<QLabel>(screen.panel("timesPanel"), "panelMessageText");
            QVERIFY2(text->text().startsWith(QStringLiteral("acme/deploy is not followed")), qPrintable(text->text()));
            QTest::mouseClick(screen.button("timesTab"), Qt::LeftButton);
            screen.graph().setFocus();
        }
        QVERIFY(screen.window->currentPage()->crumbs().contains(QStringLiteral("image-classifier #1289")));
        QTRY_VERIFY(screen.button("runUp")->isVisible());
        QCOMPARE(screen.button("runUp")->accessibleName(), QStringLiteral("Back to image-classifier #1289"));
        if (!isListed)
            QVERIFY2(screen.button("rerunRun")->toolTip().startsWith(QStringLiteral("acme/deploy is not followed")),
                     qPrintable(screen.button("rerunRun")->toolTip()));
        QTest::keyClick(&screen.graph(), Qt::Key_Left, Qt::AltModifier);
        QTRY_COMPARE(screen.elided("runTitle"), QStringLiteral("image-classifier #1289"));
        QVERIFY(!screen.button("runUp")->isVisible());
        screen.graph().setFocus();
        QTRY_COMPARE(screen.graph().nodes().size(), 8);
        QVERIFY(!screen.window->currentPage()->crumbs().contains(QStringLiteral("image-classifier #1289")));
    }

    // What could not be read takes no focus when it is read at last.
    void whoWentElsewhereKeepsTheFocus()
    {
        Screen screen;
        FakePipelines &github = screen.world.github->fakeSource;
        RunDetail detail = github.details.value(QStringLiteral("image-classifier-1289"));
        RunDetail other = detail;
        other.run.ref = {{QStringLiteral("github"), QStringLiteral("acme/deploy"), QStringLiteral("cd")},
                         QStringLiteral("77")};
        other.jobs = other.jobs.mid(0, 3);
        detail.jobs[0].downstream = other.run.ref;
        detail.jobs[0].hasLog = false;
        github.details.insert(detail.run.ref.id, detail);
        screen.start();
        screen.choose(QStringLiteral("image-classifier #1289"));
        QTRY_COMPARE(screen.elided("runTitle"), QStringLiteral("image-classifier #1289"));
        QTRY_COMPARE(screen.graph().nodes().size(), 8);
        screen.graph().setFocus();
        QTest::keyClick(&screen.graph(), Qt::Key_Home);
        QTest::keyClick(&screen.graph(), Qt::Key_Return);
        QTRY_COMPARE(screen.panel("runPanel").state(), Panel::State::Error);
        screen.list().setFocus();
        github.details.insert(other.run.ref.id, other);
        named<QPushButton>(screen.panel("runPanel"), "panelAction")->click();
        QTRY_COMPARE(screen.graph().nodes().size(), 3);
        QVERIFY(screen.list().hasFocus());
    }

    void stageTimesStandAgainstEarlierRuns()
    {
        Screen screen;
        screen.start();
        screen.choose(QStringLiteral("image-classifier #1290"));
        auto *times = screen.window->findChild<StageTimes *>();
        QTRY_COMPARE(times->rows().size(), 4);
        QTRY_VERIFY(times->rows()[0].usual.has_value());
        QCOMPARE(times->rows()[0].title, QStringLiteral("Build"));
        QCOMPARE(times->rows()[0].usual->count(), 91000);
        QTRY_COMPARE(screen.panel("timesPanel").subtitle(), QStringLiteral("this run against the median of 8"));
        QVERIFY(times->accessibleDescription().contains(QStringLiteral("Build, passed, 1 m 31 s, usually 1 m 31 s")));
        QTest::mouseClick(screen.button("trendsTab"), Qt::LeftButton);
        QTRY_COMPARE(screen.panel("timesPanel").title(), QStringLiteral("Trends"));
        QCOMPARE(screen.panel("timesPanel").state(), Panel::State::Content);
    }

    // Hours at a gate between stages of minutes leave each its bar.
    void aWaitOfHoursDoesNotFlattenTheStages()
    {
        const QDateTime begin(QDate(2026, 11, 2), QTime(8, 0), Qt::UTC);
        StageTimes times;
        times.resize(500, 120);
        const auto row = [&begin](const char *id, int from, int to) {
            return StageTimes::Row{QString::fromLatin1(id), QString::fromLatin1(id), RunState::Passed,
                                   begin.addSecs(from),     begin.addSecs(to),       {}};
        };
        times.setRows({row("test", 0, 70), row("image", 75, 165), row("deploy", 13400, 13430)});
        QVERIFY2(times.barOf(0).width() > 60, qPrintable(QString::number(times.barOf(0).width())));
        const double gap = times.barOf(2).left() - times.barOf(1).right();
        QVERIFY2(qAbs(gap - StageTimes::gapWide) < 2, qPrintable(QString::number(gap)));
        QVERIFY(times.barOf(1).left() > times.barOf(0).right()); // five seconds stay five seconds
        QVERIFY(times.barOf(2).right() < times.width());
    }

    void trendsAreDrawnInTheirUnit_data()
    {
        QTest::addColumn<QString>("figure");
        QTest::addColumn<QString>("unit");
        QTest::addColumn<double>("before"); // of the day before yesterday
        QTest::addColumn<double>("last");   // of yesterday
        QTest::newRow("duration") << QStringLiteral("duration") << QStringLiteral("s") << 600.0 << 300.0;
        QTest::newRow("queue") << QStringLiteral("queue") << QStringLiteral("s") << 3.0 << 3.0;
        QTest::newRow("success") << QStringLiteral("success") << QStringLiteral("percent") << 100.0 << 50.0;
    }
    void trendsAreDrawnInTheirUnit()
    {
        QFETCH(QString, figure);
        QFETCH(QString, unit);
        QFETCH(double, before);
        QFETCH(double, last);
        Screen screen(PipelineWorld::Filled::No);
        FakePipelineServer &server = screen.world.addServer(QStringLiteral("github"));
        const Pipeline pipeline = screen.world.addPipeline(server, QStringLiteral("cart"), QStringLiteral("cart"));
        const QDateTime now = screen.world.now;
        const int noon = int(QDateTime(now.date(), QTime(12, 0), Qt::UTC).secsTo(now)); // it lies ahead
        QCOMPARE(displayZone().offsetFromUtc(now), 0);
        screen.world.addRun(server, pipeline, 1, RunState::Passed, noon + 2 * 86400, 600);
        screen.world.addRun(server, pipeline, 2, RunState::Passed, noon + 86400, 300);
        screen.world.addRun(server, pipeline, 3, RunState::Failed, noon + 86400 - 600, 90);
        screen.world.start();
        screen.show();
        QTRY_COMPARE(screen.runs().size(), 3);
        screen.choose(QStringLiteral("cart #3"));
        QTest::mouseClick(screen.button("trendsTab"), Qt::LeftButton);
        auto *chosen = named<ChipButton>(*screen.window, "trendFigure");
        chosen->setChosen(figure);
        emit chosen->chosenChanged(figure);
        auto *chart = named<ChartView>(*screen.window, "trendChart");
        QTRY_COMPARE(chart->data().panel.id, figure);
        QCOMPARE(chart->data().panel.unit, unit);
        QCOMPARE(chart->data().panel.higherIsWorse, figure != QLatin1String("success"));
        QCOMPARE(chart->data().series.size(), 1);
        const auto &samples = chart->data().series.first().samples;
        QCOMPARE(samples.size(), 2);
        QCOMPARE(samples.first().value, before);
        QCOMPARE(samples.last().value, last);
        QCOMPARE(QDateTime::fromMSecsSinceEpoch(samples.first().time)
                     .daysTo(QDateTime::fromMSecsSinceEpoch(samples.last().time)),
                 1);
    }

    // What changes again and again over the reports of a branch is among the trends of its pipeline.
    void flakiestTestsAreAmongTheTrends()
    {
        Screen screen;
        FakePipelines &github = screen.world.github->fakeSource;
        for (int i = 0; i < 8; ++i) {
            TestReport &report = github.reports[QStringLiteral("image-classifier-%1").arg(1289 - i)];
            TestCase unsteady{QStringLiteral("test_api"),
                              QStringLiteral("test_timing"),
                              i % 2 == 0 ? TestCase::State::Failed : TestCase::State::Passed,
                              std::chrono::milliseconds(30),
                              {},
                              {}};
            report.cases.prepend(unsteady);
        }
        screen.start();
        screen.choose(QStringLiteral("image-classifier #1290"));
        QTest::mouseClick(screen.button("trendsTab"), Qt::LeftButton);
        auto *figure = named<ChipButton>(*screen.window, "trendFigure");
        figure->setChosen(QStringLiteral("flaky"));
        emit figure->chosenChanged(QStringLiteral("flaky"));
        const auto *list = named<RowList>(*screen.window, "flakyList");
        QTRY_COMPARE(list->model()->rowCount(), 1);
        QCOMPARE(screen.panel("timesPanel").state(), Panel::State::Content);
        QVERIFY(list->isVisible());
        const auto row = [list] { return list->model()->index(0, 0).data(FactsModel::RowRole).value<FactRow>(); };
        QCOMPARE(row().title, QStringLiteral("test_api::test_timing"));
        QTRY_COMPARE_WITH_TIMEOUT(row().figure, QStringLiteral("failed 4 of 8"), 15000); // reports come one by one
        QCOMPARE(row().detail, QStringLiteral("changed 7 time(s)"));
    }

    // A job may tell its coverage and publish no report of tests: that is not a report in which none failed.
    void coverageWithoutTestsIsNoCountOfTests()
    {
        Screen screen;
        TestReport alone;
        alone.coverage = 99.96; // and not all
        alone.readAt = QDateTime::currentDateTimeUtc();
        screen.world.github->fakeSource.reports[QStringLiteral("image-classifier-1290")] = alone;
        screen.start();
        screen.choose(QStringLiteral("image-classifier #1290"));
        QTRY_COMPARE(named<QLabel>(*screen.window, "testCounts")->accessibleName(),
                     QStringLiteral("No tests reported"));
        QVERIFY2(screen.label("testCoverage").contains(QStringLiteral("Coverage so far >99.9 %")),
                 qPrintable(screen.label("testCoverage")));
    }

    void testsSayWhatIsNewFirst()
    {
        Screen screen;
        FakePipelines &github = screen.world.github->fakeSource;
        TestReport &report = github.reports[QStringLiteral("image-classifier-1290")];
        report.failed = 2;
        TestCase old{QStringLiteral("test_api"),    QStringLiteral("test_old"),    TestCase::State::Failed,
                     std::chrono::milliseconds(30), QStringLiteral("still wrong"), {}};
        TestCase fresh = old;
        fresh.name = QStringLiteral("test_new");
        fresh.message = QStringLiteral("expected 1, got 2");
        fresh.trace = QStringLiteral("test_api.py:12");
        report.cases = QList<TestCase>{old, fresh} + report.cases;
        for (const char *run : {"image-classifier-1289", "image-classifier-1288"}) {
            github.reports[QString::fromLatin1(run)].failed = 1;
            github.reports[QString::fromLatin1(run)].cases.prepend(old);
        }
        screen.start();
        screen.choose(QStringLiteral("image-classifier #1290"));
        auto *list = named<RowList>(*screen.window, "factsList");
        const auto row = [list](int index) {
            return list->model()->index(index, 0).data(FactsModel::RowRole).value<FactRow>();
        };
        QTRY_COMPARE(row(0).title, QStringLiteral("test_api::test_new"));
        QTRY_VERIFY(!row(0).marks.isEmpty());
        QCOMPARE(row(0).marks.first().word, QStringLiteral("new"));
        QCOMPARE(row(1).title, QStringLiteral("test_api::test_old"));
        QTRY_COMPARE(row(1).detail, QStringLiteral("fails since #1288"));
        QCOMPARE(named<QLabel>(*screen.window, "testCounts")->accessibleName(),
                 QStringLiteral("1349 passed, 2 failed, 2 skipped"));
        QTRY_VERIFY(screen.label("testCoverage").contains(QStringLiteral("Coverage so far 83.8 %")));
        QVERIFY(screen.label("testCoverage").contains(QStringLiteral("Slowest: test_batch_256, 11 s")));
        list->setFocus();
        list->setCurrentIndex(list->model()->index(0, 0));
        QTest::keyClick(list, Qt::Key_Return);
        auto *dialog = named<QDialog>(*screen.window, "factDialog");
        QVERIFY(dialog);
        dialog->close();
    }

    // The run is read again, its tests are not: they say how old they are, and why.
    void testsThatCannotBeReadAgainSayHowOldTheyAre()
    {
        Screen screen;
        screen.start();
        screen.choose(QStringLiteral("image-classifier #1290"));
        QTRY_COMPARE(named<QLabel>(*screen.window, "testCounts")->accessibleName(),
                     QStringLiteral("1349 passed, 0 failed, 2 skipped"));
        Panel &tests = screen.panel("testsPanel");
        QTRY_VERIFY(!tests.isStale());
        screen.world.github->fakeSource.testTrouble =
            Error{ErrorKind::Unreachable, QStringLiteral("The reports are not there."), {}};
        // Whatever state it is in anew, its tests are asked for.
        screen.world.github->fakeSource.details[QStringLiteral("image-classifier-1290")].run.state = RunState::Waiting;
        QTRY_VERIFY(tests.isStale());
        QVERIFY(!screen.panel("runPanel").isStale());
        QCOMPARE(tests.state(), Panel::State::Content); // what was known stays in sight
        QVERIFY2(named<QLabel>(tests, "panelStale")->toolTip().startsWith(QStringLiteral("The reports are not there.")),
                 qPrintable(named<QLabel>(tests, "panelStale")->toolTip()));
        screen.world.github->fakeSource.testTrouble.reset();
        QTRY_VERIFY(!tests.isStale());
    }

    // A vendor that keeps no reports says so, also while the run goes on: none are promised.
    void noTestsArePromisedWhereThereNeverAreAny_data()
    {
        QTest::addColumn<ErrorKind>("kind");
        QTest::addColumn<QString>("title");
        QTest::addColumn<bool>("isPromised");
        QTest::newRow("the vendor keeps none") << ErrorKind::Unsupported << QStringLiteral("No tests") << false;
        QTest::newRow("none so far") << ErrorKind::NotFound << QStringLiteral("No tests yet") << true;
    }
    void noTestsArePromisedWhereThereNeverAreAny()
    {
        QFETCH(ErrorKind, kind);
        QFETCH(QString, title);
        QFETCH(bool, isPromised);
        Screen screen;
        screen.world.github->fakeSource.testTrouble = Error{kind, QStringLiteral("They stand elsewhere."), {}};
        screen.start();
        screen.choose(QStringLiteral("image-classifier #1290"));
        Panel &tests = screen.panel("testsPanel");
        QTRY_COMPARE(tests.state(), Panel::State::Empty);
        const auto words = [&tests] {
            QStringList all;
            for (const QLabel *one : tests.findChildren<QLabel *>()) {
                if (one->isVisible())
                    all << one->text();
            }
            return all;
        };
        QTRY_VERIFY2(words().contains(title), qPrintable(words().join(QLatin1Char('|'))));
        QCOMPARE(words().contains(QStringLiteral("They stand elsewhere.")), !isPromised);
        QCOMPARE(words().contains(QStringLiteral("They are shown as soon as the run reports some.")), isPromised);
    }

    void aLongReportSaysHowManyAreNotListed()
    {
        Screen screen;
        TestReport &report = screen.world.github->fakeSource.reports[QStringLiteral("image-classifier-1290")];
        for (int i = 0; i < 300; ++i) {
            TestCase more = report.cases.first();
            more.name = QStringLiteral("test_more_%1").arg(i);
            report.cases.append(more);
        }
        screen.start();
        screen.choose(QStringLiteral("image-classifier #1290"));
        const auto *list = named<RowList>(*screen.window, "factsList");
        QTRY_COMPARE(list->model()->rowCount(), 201);
        QCOMPARE(list->model()->index(200, 0).data().toString(), QStringLiteral("121 more"));
    }

    // No vendor tells it: it is of the commit, or named as the tag, of a release that the ledger or a cluster knows.
    void theReleasesThatARunMadeAreAmongItsArtifacts()
    {
        Screen screen;
        QList<KnownRelease> running;
        QList<KnownRelease> recorded{
            {QStringLiteral("1.4.0"), QStringLiteral("sha256:77"),
             screen.world.github->fakeSource.details.value(QStringLiteral("image-classifier-1289")).run.commit},
            {QStringLiteral("1.3.0"), QStringLiteral("sha256:66"), QString(40, QLatin1Char('b'))}};
        RunReleases::Sources sources;
        sources.recorded = [&recorded](const QString &application, const StopToken &) {
            return ready(Result<QList<KnownRelease>>(
                application == QLatin1String("image-classifier") ? recorded : QList<KnownRelease>()));
        };
        sources.running = [&running](const QString &) { return running; };
        RunReleases releases(std::move(sources));
        screen.world.context->releases = &releases;
        screen.start();
        screen.choose(QStringLiteral("image-classifier #1289"));
        QTest::mouseClick(screen.button("artifactsTab"), Qt::LeftButton);
        const auto *list = named<RowList>(*screen.window, "factsList");
        const auto title = [list](int row) { return list->model()->index(row, 0).data().toString(); };
        QTRY_COMPARE(title(0), QStringLiteral("1.4.0"));
        QCOMPARE(list->model()->rowCount(), 1);
        screen.choose(QStringLiteral("image-classifier #1288"));
        QTRY_COMPARE(screen.panel("testsPanel").state(), Panel::State::Empty);
        // It comes to run while somebody looks.
        running = {
            {QStringLiteral("rc-") +
                 screen.world.github->fakeSource.details.value(QStringLiteral("image-classifier-1288")).run.commit,
             {},
             {}}};
        Deployed one;
        one.application = QStringLiteral("image-classifier");
        one.connection = QStringLiteral("cluster");
        one.ns = QStringLiteral("dev");
        screen.world.context->deployed.apply({one}, {});
        QTRY_COMPARE(title(0), running.first().version);
        screen.window.reset(); // before what it asks
        screen.world.context->releases = nullptr;
    }

    // A ledger that cannot be read is not one that knows of no release: that is said, and it is asked again.
    void releasesThatCouldNotBeAskedForAreNotTakenToBeNone()
    {
        Screen screen;
        bool isThere = false;
        int asked = 0;
        RunReleases::Sources sources;
        sources.recorded = [&](const QString &, const StopToken &) {
            ++asked;
            const QString commit =
                screen.world.github->fakeSource.details.value(QStringLiteral("image-classifier-1289")).run.commit;
            return ready(isThere ? Result<QList<KnownRelease>>(QList<KnownRelease>{
                                       {QStringLiteral("1.4.0"), QStringLiteral("sha256:77"), commit}})
                                 : Result<QList<KnownRelease>>(
                                       Error{ErrorKind::Unreachable, QStringLiteral("No ledger there."), {}}));
        };
        RunReleases releases(std::move(sources));
        screen.world.context->releases = &releases;
        screen.start();
        screen.choose(QStringLiteral("image-classifier #1289"));
        QTest::mouseClick(screen.button("artifactsTab"), Qt::LeftButton);
        QTRY_VERIFY2(screen.label("runNote").contains(
                         QStringLiteral("Which releases it made could not all be asked: No ledger there.")),
                     qPrintable(screen.label("runNote")));
        isThere = true;
        const int before = asked;
        Deployed one;
        one.application = QStringLiteral("image-classifier");
        one.connection = QStringLiteral("cluster");
        for (const char *ns : {"dev", "staging", "production"}) { // nothing that is asked for says anything else
            one.ns = QLatin1String(ns);
            screen.world.context->deployed.apply({one}, {});
        }
        QCOMPARE(asked, before); // somebody who is away is not asked with each change of a cluster
        auto *again = screen.window->findChild<QTimer *>(QStringLiteral("releasesAgain"));
        QVERIFY(again && again->isActive());
        again->start(0);
        const auto *list = named<RowList>(*screen.window, "factsList");
        QTRY_COMPARE(list->model()->index(0, 0).data().toString(), QStringLiteral("1.4.0"));
        QVERIFY(!screen.label("runNote").contains(QStringLiteral("could not all be asked")));
        screen.window.reset(); // before what it asks
        screen.world.context->releases = nullptr;
    }

    // Who goes on to another run is not asked again for the releases of the one before.
    void anotherRunIsNotAskedForTheReleasesOfTheOneBefore()
    {
        Screen screen;
        QStringList asked;
        RunReleases::Sources sources;
        sources.recorded = [&asked](const QString &application, const StopToken &) {
            asked << application;
            return ready(
                Result<QList<KnownRelease>>(Error{ErrorKind::Unreachable, QStringLiteral("No ledger there."), {}}));
        };
        RunReleases releases(std::move(sources));
        screen.world.context->releases = &releases;
        screen.start();
        screen.choose(QStringLiteral("image-classifier #1289"));
        auto *again = screen.window->findChild<QTimer *>(QStringLiteral("releasesAgain"));
        QTRY_VERIFY(again->isActive());
        screen.choose(QStringLiteral("feature-store #77")); // of no application: there is nothing to ask
        QTRY_VERIFY(!again->isActive());
        QTRY_COMPARE(screen.elided("runTitle"), QStringLiteral("feature-store #77"));
        QTRY_COMPARE(screen.graph().nodes().size(), 8);
        QVERIFY(!again->isActive());
        QVERIFY(!asked.contains(QStringLiteral("feature-store")));
        screen.window.reset(); // before what it asks
        screen.world.context->releases = nullptr;
    }

    void aRunIsCancelledThroughItsPlan()
    {
        Screen screen;
        screen.start();
        screen.choose(QStringLiteral("image-classifier #1290"));
        QTRY_VERIFY(screen.button("cancelRun")->isEnabled());
        QVERIFY(!screen.button("rerunRun")->isEnabled());
        QCOMPARE(screen.button("rerunRun")->toolTip(), QStringLiteral("It has not ended yet."));
        QTest::mouseClick(screen.button("cancelRun"), Qt::LeftButton);
        screen.carryOut();
        const RunOrder order = screen.world.github->fakeSource.orders.last();
        QCOMPARE(order.kind, RunOrder::Kind::Cancel);
        QCOMPARE(order.run->number, QStringLiteral("1290"));
        QCOMPARE(order.application, QStringLiteral("image-classifier"));
        QCOMPARE(screen.world.github->fakeRunner.count(QStringLiteral("execute 1")), 1);
    }

    void whatFailedIsRunAgain()
    {
        Screen screen;
        screen.start();
        screen.choose(QStringLiteral("recommender #1181"));
        QTRY_VERIFY(screen.button("rerunRun")->isEnabled());
        QVERIFY(!screen.button("cancelRun")->isVisible());
        QTest::mouseClick(screen.button("rerunRun"), Qt::LeftButton);
        auto *menu = named<QMenu>(*screen.window, "rerunMenu");
        QVERIFY(menu);
        QCOMPARE(menu->actions().size(), 3);
        QVERIFY(!menu->actions().last()->isEnabled()); // one job alone: this server cannot
        QCOMPARE(menu->actions().last()->toolTip(),
                 QStringLiteral("Its server runs no job alone again: run all of it again."));
        menu->actions().at(1)->trigger();
        menu->close();
        screen.carryOut();
        QCOMPARE(screen.world.jenkins->fakeSource.orders.last().kind, RunOrder::Kind::RerunFailed);
        QCOMPARE(screen.world.jenkins->fakeRunner.count(QStringLiteral("execute 1")), 1);
    }

    // From the menu of reruns, and from the log of the job.
    void oneJobIsRunAgainAlone_data()
    {
        QTest::addColumn<bool>("fromItsLog");
        QTest::newRow("the menu") << false;
        QTest::newRow("the log") << true;
    }
    void oneJobIsRunAgainAlone()
    {
        QFETCH(bool, fromItsLog);
        Screen screen;
        screen.world.jenkins->fakeSource.details[QStringLiteral("recommender-1181")].canRerunJob = true;
        screen.start();
        screen.choose(QStringLiteral("recommender #1181"));
        QTRY_COMPARE(screen.panel("jobLogPanel").title(), QStringLiteral("Push image log"));
        QPushButton *const again = screen.button("rerunThisJob");
        QTRY_VERIFY2(again->isEnabled(), qPrintable(again->toolTip()));
        if (fromItsLog) {
            QTest::mouseClick(again, Qt::LeftButton);
        } else {
            QTest::mouseClick(screen.button("rerunRun"), Qt::LeftButton);
            auto *menu = named<QMenu>(*screen.window, "rerunMenu");
            QVERIFY(menu);
            QCOMPARE(menu->actions().last()->text(), QStringLiteral("Only the job Push image"));
            menu->actions().last()->trigger();
            menu->close();
        }
        QTRY_VERIFY(screen.dialog());
        QCOMPARE(screen.dialog()->windowTitle(), QStringLiteral("Run the job Push image of recommender #1181 again"));
        screen.carryOut();
        const RunOrder order = screen.world.jenkins->fakeSource.orders.last();
        QCOMPARE(order.kind, RunOrder::Kind::Rerun);
        QCOMPARE(order.job, QStringLiteral("Push image"));
        QCOMPARE(order.run->number, QStringLiteral("1181"));
        QCOMPARE(screen.world.jenkins->fakeRunner.count(QStringLiteral("execute 1")), 1);
    }

    // Named as what it is, with nothing to be done; the newest one is what a run is shown by.
    void anEarlierAttemptIsLookedAt()
    {
        Screen screen;
        FakePipelines &source = screen.world.jenkins->fakeSource;
        const QString id = QStringLiteral("recommender-1181");
        RunDetail now = source.details.value(id);
        QVERIFY(now.jobs.size() > 1);
        now.canRerun = now.canRerunJob = true;
        now.run.attempt = now.attempts = 2;
        RunDetail then = now;
        then.run.attempt = 1;
        then.canRerun = then.canRerunJob = false;
        then.jobs = {now.jobs.first()};
        source.details.insert(id, now);
        for (Run &run : source.runsOf[now.run.ref.pipeline.key()]) {
            if (run.ref.id == id)
                run.attempt = 2;
        }
        screen.start();
        QPushButton *const chooser = screen.button("attemptChooser");
        QVERIFY(!chooser->isVisible()); // of a run that was never run again
        screen.choose(QStringLiteral("recommender #1181"));
        QTRY_COMPARE(chooser->isVisible(), true);
        QCOMPARE(chooser->text(), QStringLiteral("attempt 2 of 2"));
        QTRY_VERIFY2(screen.button("rerunRun")->isEnabled(), qPrintable(screen.button("rerunRun")->toolTip()));
        const auto nodes = screen.graph().nodes().size();
        const Panel &log = screen.panel("jobLogPanel");
        QTRY_COMPARE(log.title(), QStringLiteral("Push image log"));
        const auto chooseAttempt = [&](const QString &name) {
            QTest::mouseClick(chooser, Qt::LeftButton);
            auto *const menu = named<QMenu>(*screen.window, "attemptMenu");
            QVERIFY(menu);
            const QList<QAction *> actions = menu->actions();
            for (QAction *one : actions) {
                if (one->text() == name)
                    one->trigger();
            }
            menu->close();
            QTRY_VERIFY(!named<QMenu>(*screen.window, "attemptMenu")); // it is deleted
        };

        chooseAttempt(QStringLiteral("Attempt 1")); // the server cannot give it
        QTRY_VERIFY2(screen.label("runNote").startsWith(QStringLiteral("Attempt 1 could not be read.")),
                     qPrintable(screen.label("runNote")));
        QCOMPARE(log.title(), QStringLiteral("Log")); // not the newest one's
        source.earlier.insert({id, 1}, then);
        chooseAttempt(QStringLiteral("Attempt 1")); // asked for again
        QTRY_COMPARE(screen.graph().nodes().size(), 1);
        QCOMPARE(source.attemptAsks, QList<int>({1, 1}));
        QCOMPARE(chooser->text(), QStringLiteral("attempt 1 of 2"));
        auto *const badge = named<Badge>(*screen.window, "runAttempt");
        QVERIFY(badge->isVisible());
        QCOMPARE(badge->text(), QStringLiteral("earlier attempt"));
        QVERIFY2(screen.label("runNote").startsWith(QStringLiteral("This is attempt 1 of 2, as it ended")),
                 qPrintable(screen.label("runNote")));
        for (const char *action : {"rerunRun", "triggerRun", "rerunThisJob"}) {
            QVERIFY2(!screen.button(action)->isEnabled(), action);
            QVERIFY2(screen.button(action)->toolTip().contains(QStringLiteral("earlier attempt")), action);
        }

        chooseAttempt(QStringLiteral("Attempt 2, the newest"));
        QTRY_COMPARE(screen.graph().nodes().size(), nodes);
        QCOMPARE(chooser->text(), QStringLiteral("attempt 2 of 2"));
        QVERIFY(!badge->isVisible());
        QTRY_COMPARE(log.title(), QStringLiteral("Push image log"));
        QTRY_VERIFY(screen.button("rerunRun")->isEnabled());
    }

    void aJobThatCannotRunAgainSaysWhy()
    {
        Screen screen;
        screen.start();
        QPushButton *const again = screen.button("rerunThisJob");
        screen.choose(QStringLiteral("image-classifier #1290"));
        QTRY_COMPARE(screen.panel("jobLogPanel").title(), QStringLiteral("Unit tests log"));
        QTRY_COMPARE(again->toolTip(), QStringLiteral("Unit tests has not ended yet."));
        QVERIFY(!again->isEnabled());
        screen.choose(QStringLiteral("recommender #1181"));
        QTRY_COMPARE(again->toolTip(), QStringLiteral("Its server runs no job alone again: run all of it again."));
        QVERIFY(!again->isEnabled());
        screen.world.jenkins->fakeSource.details[QStringLiteral("recommender-1181")].canRerun = false;
        screen.world.jenkins->fakeSource.details[QStringLiteral("recommender-1181")].canRerunFailed = false;
        screen.world.jenkins->fakeSource.details[QStringLiteral("recommender-1181")].whyNot =
            QStringLiteral("You may not build recommender.");
        screen.choose(QStringLiteral("edge-gateway #930"));
        screen.choose(QStringLiteral("recommender #1181"));
        QTRY_COMPARE(again->toolTip(), QStringLiteral("You may not build recommender."));
    }

    // It holds nothing up: its run has ended, and no inbox needs to be looked through for it.
    void aManualJobIsPlayed_data()
    {
        QTest::addColumn<bool>("byItsStage");
        QTest::newRow("the button") << false;
        QTest::newRow("the stage, once more") << true;
    }
    void aManualJobIsPlayed()
    {
        QFETCH(bool, byItsStage);
        Screen screen;
        const QString id = QStringLiteral("smart-support-412");
        const QString name = QStringLiteral("Dev");
        RunDetail &detail = screen.world.gitlab->fakeSource.details[id];
        const auto job =
            std::find_if(detail.jobs.begin(), detail.jobs.end(), [&name](const Job &one) { return one.name == name; });
        QVERIFY(job != detail.jobs.end());
        job->state = RunState::Waiting;
        job->mayFail = true;
        job->hasLog = false;
        screen.start();
        screen.choose(QStringLiteral("smart-support #412"));
        QPushButton *const play = screen.button("playJob");
        QVERIFY(!play->isVisible());
        QTRY_COMPARE(screen.window->currentPage()->crumbs().last(), QStringLiteral("#412"));
        const auto isShown = [&] { // as soon as its details are read
            emit screen.graph().activated(name);
            return play->isVisible();
        };
        QTRY_VERIFY(isShown());
        QVERIFY(!play->isEnabled());
        QVERIFY2(play->toolTip().startsWith(QStringLiteral("The gate of Dev was not read yet")),
                 qPrintable(play->toolTip()));

        WaitingGate gate;
        gate.connection = QStringLiteral("gitlab");
        gate.vendor = QStringLiteral("GitLab CI");
        gate.id = QStringLiteral("job/7@acme/smart-support");
        gate.run = detail.run.ref;
        gate.runNumber = detail.run.number;
        gate.job = gate.jobName = name;
        gate.title = QStringLiteral("Start Dev?");
        gate.environment = QStringLiteral("dev");
        gate.canReject = false;
        gate.mayDecide = true;
        screen.world.gitlab->fakeGates.gates = {gate};
        screen.world.feed.refresh();
        QTRY_VERIFY(play->isEnabled());
        QCOMPARE(play->text(), QStringLiteral("Play job..."));
        if (byItsStage)
            emit screen.graph().activated(name);
        else
            QTest::mouseClick(play, Qt::LeftButton);
        const QPointer<GateDialog> dialog = screen.window->findChild<GateDialog *>();
        QVERIFY(dialog);
        QTest::mouseClick(play, Qt::LeftButton); // a double click is two
        QCOMPARE(screen.window->findChildren<GateDialog *>().size(), 1);
        auto *hold = dialog->findChild<HoldButton *>();
        QTRY_VERIFY(!hold->fingerprint().isEmpty());
        dialog->activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(dialog));
        hold->setFocus();
        QTRY_VERIFY(hold->hasFocus());
        screen.world.takeClock(hold);
        screen.world.press(hold, 900);
        QVERIFY(screen.world.reach(OperationState::Finished));
        QCOMPARE(screen.world.operation()->outcome()->kind, OutcomeKind::Done);
        QCOMPARE(screen.world.gitlab->fakeGates.orders.last().gate.id, gate.id);
        QCOMPARE(screen.world.gitlab->fakeRunner.count(QStringLiteral("execute 1")), 1);
    }

    void aRunIsStartedWithItsParameters()
    {
        Screen screen;
        QList<Pipeline> &known = screen.world.jenkins->fakeSource.known;
        const auto recommender = std::find_if(known.begin(), known.end(), [](const Pipeline &pipeline) {
            return pipeline.title == QLatin1String("recommender");
        });
        RunParameter target{QStringLiteral("TARGET"),
                            RunParameter::Kind::Choice,
                            {},
                            QStringLiteral("dev"),
                            {QStringLiteral("dev"), QStringLiteral("staging")}};
        RunParameter token{QStringLiteral("TOKEN"), RunParameter::Kind::Hidden, {}, {}, {}, true};
        recommender->parameters = {target, token};
        screen.start();
        screen.choose(QStringLiteral("recommender #1181"));
        QTRY_VERIFY(screen.button("triggerRun")->isEnabled());
        QTest::mouseClick(screen.button("triggerRun"), Qt::LeftButton);
        QTRY_VERIFY(screen.dialog());
        auto *secret = named<QLineEdit>(*screen.dialog(), "parameter_TOKEN");
        QCOMPARE(secret->echoMode(), QLineEdit::Password);
        // A required one is missing.
        QVERIFY(stays([&screen] { return screen.world.jenkins->fakeSource.orders.isEmpty(); },
                      std::chrono::milliseconds(50)));
        secret->setText(QStringLiteral("s3cret"));
        named<QLineEdit>(*screen.dialog(), "triggerBranch")->setText(QStringLiteral("feature/rank"));
        QTRY_VERIFY(!screen.world.jenkins->fakeSource.orders.isEmpty());
        screen.carryOut();
        const RunOrder order = screen.world.jenkins->fakeSource.orders.last();
        QCOMPARE(order.kind, RunOrder::Kind::Trigger);
        QCOMPARE(order.branch, QStringLiteral("feature/rank"));
        QCOMPARE(order.parameters.value(QStringLiteral("TARGET")), QStringLiteral("dev"));
        QCOMPARE(order.parameters.value(QStringLiteral("TOKEN")), QStringLiteral("s3cret"));
    }

    void saysWhenThereIsNothing()
    {
        Screen screen(PipelineWorld::Filled::No);
        screen.world.start();
        screen.show();
        QCOMPARE(screen.panel("runsPanel").state(), Panel::State::Empty);
        QCOMPARE(screen.panel("runPanel").state(), Panel::State::Empty);
    }

    void saysWhatFailedAndWhatIsOld()
    {
        Screen screen;
        for (FakePipelineServer *server : {screen.world.jenkins, screen.world.github, screen.world.gitlab})
            server->fakeSource.trouble =
                Error{ErrorKind::Unreachable, QStringLiteral("No answer from the server."), {}};
        screen.world.start();
        screen.show();
        QTRY_COMPARE(screen.panel("runsPanel").state(), Panel::State::Error);
        for (FakePipelineServer *server : {screen.world.jenkins, screen.world.github, screen.world.gitlab})
            server->fakeSource.trouble.reset();
        screen.world.feed.refresh();
        QTRY_COMPARE(screen.panel("runsPanel").state(), Panel::State::Content);
        QVERIFY(!screen.panel("runsPanel").isStale());
        screen.choose(QStringLiteral("image-classifier #1290"));
        QTRY_COMPARE(screen.graph().nodes().size(), 8);
        for (FakePipelineServer *server : {screen.world.jenkins, screen.world.github, screen.world.gitlab})
            server->fakeSource.trouble =
                Error{ErrorKind::Unreachable, QStringLiteral("No answer from the server."), {}};
        screen.world.feed.refresh();
        QTRY_VERIFY_WITH_TIMEOUT(screen.panel("runsPanel").isStale(), 8000);
        QTRY_VERIFY_WITH_TIMEOUT(screen.panel("runPanel").isStale(), 8000);
        QCOMPARE(screen.graph().nodes().size(), 8); // what was known stays in sight
        // It gets older, and says so without any news.
        for (const int minutes : {5, 7}) {
            AgeTicker::freezeAt(QDateTime::currentDateTimeUtc().addSecs(60 * minutes + 5));
            emit AgeTicker::ticker().ticked();
            const QString said = screen.label("runNote");
            AgeTicker::freezeAt({});
            QVERIFY2(said.startsWith(QStringLiteral("Not live: read %1 m ago.").arg(minutes)), qPrintable(said));
        }
    }

    void looksLikeThePicture_data()
    {
        QTest::addColumn<QSize>("size");
        QTest::addColumn<bool>("dark");
        for (const QSize &size : {QSize(1440, 900), QSize(1100, 700)}) {
            for (const bool dark : {true, false})
                QTest::addRow("pipelines-%d-%s", size.width(), dark ? "dark" : "light") << size << dark;
        }
    }
    void looksLikeThePicture()
    {
        QFETCH(QSize, size);
        QFETCH(bool, dark);
        m_theme->setChoice(dark ? Theme::Choice::Dark : Theme::Choice::Light);
        Screen screen(PipelineWorld::Filled::Yes, size);
        AgeTicker::freezeAt(QDateTime::currentDateTimeUtc()); // the run that is shown goes on
        const auto thaw = qScopeGuard([] { AgeTicker::freezeAt({}); });
        screen.start();
        screen.choose(QStringLiteral("image-classifier #1290"));
        auto *times = screen.window->findChild<StageTimes *>();
        QTRY_VERIFY(times->rows().size() == 4 && times->rows()[0].usual.has_value());
        QVERIFY(comesToRest(*screen.window));
        shoot(*screen.window);
        QTest::mouseClick(screen.button("trendsTab"), Qt::LeftButton);
        QTest::mouseClick(screen.button("artifactsTab"), Qt::LeftButton);
        QVERIFY(comesToRest(*screen.window));
        shoot(*screen.window, QString::fromLatin1(QTest::currentDataTag()) + QStringLiteral("-trends"));
        m_theme->setChoice(Theme::Choice::Dark);
    }

private:
    std::unique_ptr<Theme> m_theme;
};

QTEST_MAIN(TestPipelinesPage)
#include "test_pipelinespage.moc"
