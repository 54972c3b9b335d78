// The window around the pages: keys, palette, help, guide, status, requests, settings; and what the pages do in it.
#include "tests/gui/shellfixture.h"
#include "ui/shell/fuzzy.h"
#include "ui/shell/guideoverlay.h"
#include "ui/shell/headerbar.h"
#include "ui/shell/palette.h"
#include "ui/shell/statusbar.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/holdbutton.h"
#include "ui/widgets/logview.h"
#include "ui/widgets/notices.h"
#include "ui/widgets/panel.h"
#include "ui/widgets/podgrid.h"
#include "ui/widgets/tableview.h"
#include "ui/widgets/timetext.h"

#include <QCheckBox>
#include <QClipboard>
#include <QComboBox>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QScopeGuard>
#include <QSignalSpy>
#include <QSpinBox>
#include <QVBoxLayout>

using namespace signalbox;
using namespace signalbox::test;

namespace
{

QModelIndex findCell(const TableView *table, const QString &text)
{
    for (int row = 0; row < table->model()->rowCount(); ++row) {
        for (int column = 0; column < table->model()->columnCount(); ++column) {
            const QModelIndex index = table->model()->index(row, column);
            if (index.data().toString() == text)
                return index;
        }
    }
    return {};
}

} // namespace

class TestShell : public ShellFixture
{
    Q_OBJECT
private slots:
    void fuzzyFindsWhatIsMeant()
    {
        QVERIFY(fuzzyScore(QStringLiteral("imgc"), QStringLiteral("image-classifier in production")) > 0);
        QVERIFY(fuzzyScore(QStringLiteral("xyz"), QStringLiteral("image-classifier")) < 0);
        QVERIFY(fuzzyScore(QStringLiteral("rb"), QStringLiteral("Roll back")) >
                fuzzyScore(QStringLiteral("rb"), QStringLiteral("orbit")));
        QVERIFY(fuzzyScore(QStringLiteral("prod image"), QStringLiteral("image-classifier in production")) > 0);
    }

    void enterPressesWhatHasTheFocus()
    {
        QWidget panel;
        auto *layout = new QVBoxLayout(&panel);
        auto *plain = new QPushButton(QStringLiteral("Open"), &panel);
        plain->setAutoDefault(false);
        auto *hold = new HoldButton(QStringLiteral("Roll back"), ToneName::Failing, &panel);
        Confirmation confirmation;
        confirmation.kind = Confirmation::Kind::Hold;
        confirmation.hold = std::chrono::milliseconds(800);
        hold->showPlan(QByteArrayLiteral("plan"), confirmation);
        layout->addWidget(plain);
        layout->addWidget(hold);
        panel.show();
        QVERIFY(QTest::qWaitForWindowActive(&panel));
        const QSignalSpy pressed(plain, &QPushButton::clicked);
        const QSignalSpy held(hold, &HoldButton::held);
        const QSignalSpy asked(hold, &HoldButton::alternativeRequested);
        plain->setFocus();
        QTest::keyClick(plain, Qt::Key_Return);
        QTest::keyClick(plain, Qt::Key_Enter, Qt::KeypadModifier);
        QCOMPARE(pressed.size(), 2);
        QKeyEvent again(QEvent::KeyPress, Qt::Key_Return, Qt::NoModifier, QString(), true);
        QCoreApplication::sendEvent(plain, &again);
        QTest::keyClick(plain, Qt::Key_Return, Qt::ControlModifier);
        QCOMPARE(pressed.size(), 2);
        hold->setFocus();
        QTest::keyClick(hold, Qt::Key_Return);
        QCOMPARE(held.size() + asked.size(), 0);
    }

    void theListHasTheFocusAtTheStart()
    {
        QVERIFY(m_window->focusWidget() != nullptr);
        QCOMPARE(m_window->focusWidget()->objectName(), QStringLiteral("releasesTable"));
    }

    void numbersChangeThePage()
    {
        key(Qt::Key_6);
        QCOMPARE(m_window->currentPageId(), QStringLiteral("cluster"));
        key(Qt::Key_1);
        QCOMPARE(m_window->currentPageId(), QStringLiteral("overview"));
        key(Qt::Key_Escape); // back
        QCOMPARE(m_window->currentPageId(), QStringLiteral("cluster"));
        key(Qt::Key_2);
        QCOMPARE(m_window->currentPageId(), QStringLiteral("pipelines"));
    }

    void rollbackIsOneChordAway()
    {
        auto *table = m_window->findChild<TableView *>(QStringLiteral("releasesTable"));
        table->setCurrentIndex(findCell(table, QStringLiteral("1.44.1")));
        QTest::keyClick(m_window.get(), Qt::Key_R, Qt::ControlModifier | Qt::ShiftModifier);
        QCOMPARE(m_window->currentPageId(), QStringLiteral("rollback"));
        QCOMPARE(m_window->currentPage()->property("key").toString(), QStringLiteral("prod-eu|dev|recommender"));
    }

    void paletteFindsAndOpens()
    {
        QTest::keyClick(m_window.get(), Qt::Key_K, Qt::ControlModifier);
        auto *input = m_window->findChild<QLineEdit *>(QStringLiteral("paletteInput"));
        QVERIFY(input->isVisible());
        QTRY_VERIFY(input->hasFocus());
        QTest::keyClicks(input, QStringLiteral("roll back recom prod"));
        const auto *palette = m_window->findChild<Palette *>(QStringLiteral("palette"));
        QCOMPARE(palette->model().at(0).title, QStringLiteral("Roll back recommender in production"));
        QTest::keyClick(input, Qt::Key_Return);
        QVERIFY(!palette->isVisible());
        QCOMPARE(m_window->currentPageId(), QStringLiteral("rollback"));
        QCOMPARE(m_window->currentPage()->property("key").toString(), QStringLiteral("prod-eu|production|recommender"));
    }

    void paletteShowsWhyNot()
    {
        m_world->actions.refused = OperationKind::Restart;
        m_window->openPalette();
        auto *input = m_window->findChild<QLineEdit *>(QStringLiteral("paletteInput"));
        QTest::keyClicks(input, QStringLiteral("restart edge-gateway"));
        const auto *palette = m_window->findChild<Palette *>(QStringLiteral("palette"));
        QCOMPARE(palette->model().at(0).title, QStringLiteral("Restart edge-gateway"));
        QCOMPARE(palette->model().at(0).whyNot, QStringLiteral("You may not do this here."));
        QTest::keyClick(input, Qt::Key_Return);
        QVERIFY(palette->isVisible()); // nothing happened
        QVERIFY(m_world->actions.performed.isEmpty());
        QTest::keyClick(input, Qt::Key_Escape);
        m_world->actions.refused.reset();
        m_window->openPalette(QStringLiteral("restart edge-gateway"));
        QTest::keyClick(input, Qt::Key_Return);
        QCOMPARE(m_world->actions.performed.size(), 1);
        QCOMPARE(m_world->actions.performed[0].workload.name, QStringLiteral("edge-gateway"));
    }

    // Where there is one version there is nowhere to move to.
    void paletteMovesTrafficBetweenTracksOnly()
    {
        QStringList wanted;
        Deployed single;
        for (const Deployed &one : m_world->deployed.all()) {
            if (one.routers.isEmpty() || one.tracks.size() < 2)
                continue;
            wanted.append(QStringLiteral("Move traffic of %1 in %2").arg(one.application, one.environment));
            single = one;
        }
        QVERIFY(!wanted.isEmpty());
        single.application = QStringLiteral("single");
        single.tracks.resize(1);
        m_world->deployed.apply({single}, {});
        m_window->openPalette(QStringLiteral("move traffic of"));
        const auto *palette = m_window->findChild<Palette *>(QStringLiteral("palette"));
        QStringList offered;
        for (int row = 0; row < palette->model().rowCount(); ++row) {
            if (palette->model().at(row).title.startsWith(QLatin1String("Move traffic")))
                offered.append(palette->model().at(row).title);
        }
        offered.sort();
        wanted.sort();
        QCOMPARE(offered, wanted);
    }

    void slashFiltersAndEscapeClears()
    {
        auto *table = m_window->findChild<TableView *>(QStringLiteral("releasesTable"));
        table->setFocus();
        QTest::keyClick(table, Qt::Key_Slash);
        auto *filter = m_window->findChild<FilterField *>(QStringLiteral("releasesFilter"));
        QTRY_VERIFY(filter->hasFocus());
        QTest::keyClicks(filter, QStringLiteral("edge"));
        QCOMPARE(table->model()->rowCount(), 1);
        QTest::keyClick(filter, Qt::Key_1); // a digit is text here
        QCOMPARE(filter->text(), QStringLiteral("edge1"));
        QTest::keyClick(filter, Qt::Key_Escape);
        QCOMPARE(table->model()->rowCount(), 6);
        QVERIFY(table->hasFocus());
    }

    void enterOpensWhereItMatters()
    {
        auto *table = m_window->findChild<TableView *>(QStringLiteral("releasesTable"));
        table->setFocus();
        table->setCurrentIndex(findCell(table, QStringLiteral("2.14.3")));
        QTest::keyClick(table, Qt::Key_Return); // two tracks: its traffic
        QCOMPARE(m_window->currentPageId(), QStringLiteral("traffic"));
        key(Qt::Key_1);
        table->setCurrentIndex(findCell(table, QStringLiteral("8.1.7")));
        QTest::keyClick(table, Qt::Key_Return); // all is well: the cluster
        QCOMPARE(m_window->currentPageId(), QStringLiteral("cluster"));
        key(Qt::Key_1);
        table->setCurrentIndex(findCell(table, QStringLiteral("1.44.1")));
        QTest::keyClick(table, Qt::Key_Return); // failing: the way back
        QCOMPARE(m_window->currentPageId(), QStringLiteral("rollback"));
    }

    void everyScreenExplainsItself_data()
    {
        QTest::addColumn<QString>("id");
        for (const PageEntry &entry : consolePages())
            QTest::newRow(qPrintable(entry.id)) << entry.id;
    }
    void everyScreenExplainsItself()
    {
        QFETCH(QString, id);
        QList<PageEntry> pages = consolePages();
        const auto entry = std::find_if(pages.begin(), pages.end(), [&](const PageEntry &one) { return one.id == id; });
        QVERIFY(entry->help);
        const ScreenHelp help = entry->help();
        QVERIFY2(help.shows.size() > 80, qPrintable(help.shows));
        QVERIFY(help.signs.size() >= 2);
        for (const HelpSign &sign : help.signs)
            QVERIFY(sign.what.endsWith(QLatin1Char('.')));
        // As it is shown: on the real page where the fakes can carry it, by F1 as by the question mark.
        m_window->go({id, {}, {}, {}, {}, {}});
        QTest::keyClick(m_window.get(), Qt::Key_F1);
        auto *overlay = m_window->findChild<QWidget *>(QStringLiteral("helpOverlay"));
        QVERIFY(overlay->isVisible());
        QVERIFY(overlay->accessibleDescription().contains(QStringLiteral("Ctrl Shift R: Roll back")));
        if (const ScreenHelp shown = m_window->findChild<QWidget *>(QStringLiteral("helpShows")) ? help : ScreenHelp();
            !shown.shows.isEmpty())
            QVERIFY(overlay->accessibleDescription().contains(shown.shows));
        QTest::keyClick(overlay, Qt::Key_F1);
        QVERIFY(!overlay->isVisible());
    }

    void questionMarkExplainsTheScreen()
    {
        auto *table = m_window->findChild<TableView *>(QStringLiteral("releasesTable"));
        table->setFocus();
        QTest::keyClick(table, Qt::Key_Question, Qt::ShiftModifier);
        auto *overlay = m_window->findChild<QWidget *>(QStringLiteral("helpOverlay"));
        QVERIFY(overlay->isVisible());
        QCOMPARE(overlay->accessibleName(), QStringLiteral("Help on Overview"));
        QVERIFY(m_window->findChild<QLabel *>(QStringLiteral("helpShows"))->isVisible());
        QTest::keyClick(overlay, Qt::Key_4); // keys do not reach the page below
        QCOMPARE(m_window->currentPageId(), QStringLiteral("overview"));
        QTest::keyClick(overlay, Qt::Key_Escape);
        QVERIFY(!overlay->isVisible());
        QVERIFY(table->hasFocus());
    }

    void questionMarkInATextFieldIsText()
    {
        auto *filter = m_window->findChild<FilterField *>(QStringLiteral("releasesFilter"));
        filter->setFocus();
        QTest::keyClick(filter, Qt::Key_Question, Qt::ShiftModifier);
        QCOMPARE(filter->text(), QStringLiteral("?"));
        auto *overlay = m_window->findChild<QWidget *>(QStringLiteral("helpOverlay"));
        QVERIFY(!overlay->isVisible());
        QTest::keyClick(filter, Qt::Key_F1); // no letter: help all the same
        QVERIFY(overlay->isVisible());
    }

    void theHelpButtonOffersHelpAndGuide()
    {
        QTest::mouseClick(m_window->findChild<QPushButton *>(QStringLiteral("helpButton")), Qt::LeftButton);
        auto *menu = m_window->findChild<QMenu *>(QStringLiteral("helpMenu"));
        QVERIFY(menu != nullptr);
        QCOMPARE(menu->actions().size(), 2);
        menu->actions().at(0)->trigger();
        auto *overlay = m_window->findChild<QWidget *>(QStringLiteral("helpOverlay"));
        QVERIFY(overlay->isVisible());
        menu->close();
        QTest::mouseClick(m_window->findChild<QPushButton *>(QStringLiteral("helpGuide")), Qt::LeftButton);
        QVERIFY(!overlay->isVisible());
        QVERIFY(m_window->findChild<QWidget *>(QStringLiteral("guideOverlay"))->isVisible());
    }

    // ---- guide

    void theGuidePointsAtFiveThingsByKeyboard()
    {
        QVERIFY(!m_world->settings->hasSeenGuide());
        auto *guide = m_window->findChild<GuideOverlay *>();
        QVERIFY(!guide->isVisible()); // nobody asked for it
        key(Qt::Key_6);
        m_window->showGuide();
        QVERIFY(guide->isVisible());
        QCOMPARE(m_window->currentPageId(), QStringLiteral("overview"));
        QList<QWidget *> targets;
        QStringList titles;
        for (int step = 0; step < GuideOverlay::mostSteps; ++step) {
            QCOMPARE(guide->step(), step);
            QVERIFY(guide->target() != nullptr && guide->target()->isVisible());
            QVERIFY(!targets.contains(guide->target()));
            targets << guide->target();
            titles << m_window->findChild<QLabel *>(QStringLiteral("guideTitle"))->text();
            // What is pointed at is not covered by what is said of it.
            const auto *card = m_window->findChild<QLabel *>(QStringLiteral("guideTitle"))->parentWidget();
            QVERIFY(guide->rect().contains(card->geometry()));
            if (step == 1) { // back and forth
                QTest::keyClick(guide, Qt::Key_Left);
                QCOMPARE(guide->step(), 0);
                QTest::keyClick(guide, Qt::Key_Right);
            }
            QTest::keyClick(guide, Qt::Key_Return);
        }
        QVERIFY(!guide->isVisible());
        titles.removeDuplicates();
        QCOMPARE(titles.size(), 5);
        QVERIFY(ConsoleSettings(m_world->settings->file()).hasSeenGuide());
    }

    void theGuideCanBeSkippedAndComesBack()
    {
        auto *guide = m_window->findChild<GuideOverlay *>();
        m_window->showGuide();
        QTest::keyClick(guide, Qt::Key_4); // does not reach what lies below
        QCOMPARE(m_window->currentPageId(), QStringLiteral("overview"));
        QTest::mouseClick(m_window->findChild<QPushButton *>(QStringLiteral("guideNext")), Qt::LeftButton);
        QCOMPARE(guide->step(), 1);
        QTest::mouseClick(m_window->findChild<QPushButton *>(QStringLiteral("guideSkip")), Qt::LeftButton);
        QVERIFY(!guide->isVisible());
        QVERIFY(m_world->settings->hasSeenGuide());
        m_window->openPalette(QStringLiteral("show the guide"));
        QTest::keyClick(m_window->findChild<QLineEdit *>(QStringLiteral("paletteInput")), Qt::Key_Return);
        QVERIFY(guide->isVisible());
        QTest::keyClick(guide, Qt::Key_Escape);
        QVERIFY(!guide->isVisible());
    }

    void insecureTlsCannotBeOverlooked()
    {
        auto *banner = m_window->findChild<Banner *>(QStringLiteral("insecureBanner"));
        QVERIFY(!banner->isVisible());
        ClusterInfo info = m_cluster->info();
        info.verifiesTls = false;
        m_cluster->setInfo(info);
        QVERIFY(banner->isVisible());
        QVERIFY(banner->text().contains(QStringLiteral("prod-eu")));
        key(Qt::Key_6);
        QVERIFY(banner->isVisible()); // on every page
        info.verifiesTls = true;
        m_cluster->setInfo(info);
        QVERIFY(!banner->isVisible());
    }

    void statusSaysHowOldEverythingIs()
    {
        const auto *status = m_window->findChild<StatusBar *>();
        QTRY_COMPARE(status->texts().value(0), QStringLiteral("prod-eu  k8s 1.32 · 528 pods · live"));
        m_world->setFreshness(QStringLiteral("prod-eu"), Freshness::State::Stale, QStringLiteral("The watch broke."));
        QTRY_COMPARE(status->texts().value(0), QStringLiteral("prod-eu  k8s 1.32 · 528 pods · stale, 1 m old"));
    }

    // An age that goes on moves nothing, and has the window laid out anew only where it gets longer.
    void anAgeGoesOnInItsPlace()
    {
        class Layouts : public QObject
        {
        public:
            int count = 0;
            bool eventFilter(QObject *, QEvent *event) override
            {
                count += event->type() == QEvent::LayoutRequest ? 1 : 0;
                return false;
            }
        };
        m_world->setFreshness(QStringLiteral("prod-eu"), Freshness::State::Stale, QStringLiteral("The watch broke."));
        auto *status = m_window->findChild<StatusBar *>();
        const QDateTime before = AgeTicker::now();
        const auto restore = qScopeGuard([&before] { AgeTicker::freezeAt(before); });
        const auto passes = [&](int seconds) {
            AgeTicker::freezeAt(before.addSecs(seconds));
            emit AgeTicker::ticker().ticked();
        };
        QTRY_VERIFY(status->texts().value(0).endsWith(QStringLiteral("stale, 1 m old")));
        passes(60);
        QVERIFY(status->texts().value(0).endsWith(QStringLiteral("stale, 2 m old")));
        passes(120);
        QCoreApplication::processEvents();
        Layouts layouts;
        status->installEventFilter(&layouts);
        passes(60); // no wider than what just stood there
        QCoreApplication::processEvents();
        QVERIFY(status->texts().value(0).endsWith(QStringLiteral("stale, 2 m old")));
        QCOMPARE(layouts.count, 0);
        passes(600);
        QCoreApplication::processEvents();
        QVERIFY(status->texts().value(0).endsWith(QStringLiteral("stale, 11 m old")));
        QVERIFY(layouts.count > 0);
    }

    void aClockThatIsOffIsTold_data()
    {
        QTest::addColumn<qint64>("skewMs");
        QTest::addColumn<QString>("says");
        QTest::newRow("behind") << qint64(-600'000) << QStringLiteral(" · clock 10 m 00 s behind");
        QTest::newRow("ahead") << qint64(45'000) << QStringLiteral(" · clock 45 s ahead");
        QTest::newRow("a slow answer") << qint64(3'000) << QString();
    }
    void aClockThatIsOffIsTold()
    {
        QFETCH(qint64, skewMs);
        QFETCH(QString, says);
        ClusterInfo info = m_cluster->info();
        info.clockSkewMs = skewMs;
        m_cluster->setInfo(info);
        const auto *status = m_window->findChild<StatusBar *>();
        QTRY_COMPARE(status->texts().value(0), QStringLiteral("prod-eu  k8s 1.32 · 528 pods · live") + says);
    }

    void staleNeverLooksLive()
    {
        m_world->setFreshness(QStringLiteral("prod-eu"), Freshness::State::Stale, QStringLiteral("The watch broke."));
        const auto *panel = m_window->findChild<Panel *>(QStringLiteral("releasesPanel"));
        QTRY_VERIFY(panel->isStale());
        key(Qt::Key_6);
        QVERIFY(m_window->findChild<Panel *>(QStringLiteral("workloadsPanel"))->isStale());
    }

    void requestsAreShown()
    {
        RequestInfo request;
        request.id = 1;
        request.method = QStringLiteral("GET");
        request.target = QStringLiteral("10.1.0.10:6443/api/v1/pods?limit");
        request.state = QStringLiteral("streaming");
        request.startedAt = QDateTime::currentDateTimeUtc();
        m_world->requests.list = {request};
        m_world->requests.tell();
        QTest::keyClick(m_window.get(), Qt::Key_J, Qt::ControlModifier);
        const auto *table = m_window->findChild<TableView *>(QStringLiteral("requestsTable"));
        QVERIFY(table->isVisible());
        QVERIFY(findCell(table, request.target).isValid());
        QTRY_COMPARE(m_window->findChild<QPushButton *>(QStringLiteral("statusRequests"))->text(),
                     QStringLiteral("1 request open"));
    }

    void copyNamesEnvironmentAndState()
    {
        auto *table = m_window->findChild<TableView *>(QStringLiteral("releasesTable"));
        table->setCurrentIndex(findCell(table, QStringLiteral("1.44.1")));
        QTest::keyClick(table, Qt::Key_C, Qt::ControlModifier);
        QCOMPARE(QApplication::clipboard()->text(),
                 QStringLiteral("recommender\tdev\t1.44.1\t0fa9e3b\tfailing\tImagePullBackOff\n"));
    }

    // What may not be listed is neither none nor all of it.
    void podsThatAreNotOursToSeeAreNotNumbers()
    {
        const auto *tile = m_window->findChild<StatTile *>(QStringLiteral("tilePods"));
        QTRY_VERIFY2(tile->figure().contains(QLatin1String(" / ")), qPrintable(tile->figure()));
        ClusterDelta delta;
        delta.freshness.insert(ClusterKind::Pods, {Freshness::State::Denied, m_world->now, m_world->now, std::nullopt});
        m_world->store(QStringLiteral("prod-eu")).apply(delta);
        QTRY_COMPARE(tile->figure(), QStringLiteral("–"));
        QCOMPARE(tile->detail(), QStringLiteral("not all are yours to see"));
        const auto *applications = m_window->findChild<StatTile *>(QStringLiteral("tileApplications"));
        QVERIFY2(applications->figure().toInt() > 0, qPrintable(applications->figure())); // they are known all the same
    }

    // ---- cluster

    void podOpensItsLog()
    {
        key(Qt::Key_6);
        auto *grid = m_window->findChild<PodGrid *>(QStringLiteral("pods-node-2"));
        QVERIFY(grid != nullptr);
        int bad = -1;
        for (int i = 0; i < grid->cells().size() && bad < 0; ++i)
            bad = grid->cells()[i].health == Health::Failing ? i : -1;
        QVERIFY(bad >= 0);
        QTest::mouseClick(grid, Qt::LeftButton, Qt::NoModifier, grid->cellRect(bad).center());
        QVERIFY(!m_cluster->log.isNull());
        QVERIFY(m_cluster->log->request.previous); // it crash loops: what it said before it died
        emit m_cluster->log->linesArrived({{m_world->now, QStringLiteral("ERROR out of memory while warming cache")}});
        const auto *log = m_window->findChild<LogView *>(QStringLiteral("podLog"));
        QCOMPARE(log->lineCount(), 1);
        QVERIFY(
            m_window->findChild<QLabel *>(QStringLiteral("podTrouble"))->text().contains(QStringLiteral("back-off")));
        m_window->findChild<QCheckBox *>(QStringLiteral("podPrevious"))->click();
        QVERIFY(m_cluster->log->request.follow);
        QCOMPARE(log->lineCount(), 0);
        key(Qt::Key_Escape); // leaves the pod
        QVERIFY(m_cluster->log.isNull());
    }

    void actionsSayWhyNot()
    {
        m_cluster->deniedVerbs = {QStringLiteral("patch")};
        key(Qt::Key_6);
        auto *table = m_window->findChild<TableView *>(QStringLiteral("workloadsTable"));
        table->setCurrentIndex(findCell(table, QStringLiteral("edge-gateway")));
        QTest::qWait(50); // the answer arrives by the event loop
        QTest::mouseClick(m_window->findChild<QPushButton *>(QStringLiteral("workloadActions")), Qt::LeftButton);
        auto *menu = m_window->findChild<QMenu *>(QStringLiteral("workloadMenu"));
        QVERIFY(menu != nullptr);
        QVERIFY(!menu->actions().at(1)->isEnabled());
        QVERIFY(menu->actions().at(1)->toolTip().contains(QStringLiteral("no role binding grants it")));
        menu->close();
    }

    void actionsLeaveThroughTheShell()
    {
        key(Qt::Key_6);
        auto *table = m_window->findChild<TableView *>(QStringLiteral("workloadsTable"));
        table->setCurrentIndex(findCell(table, QStringLiteral("recommender")));
        QTest::mouseClick(m_window->findChild<QPushButton *>(QStringLiteral("workloadActions")), Qt::LeftButton);
        auto *menu = m_window->findChild<QMenu *>(QStringLiteral("workloadMenu"));
        QVERIFY(menu != nullptr);
        menu->actions().at(1)->trigger();
        QCOMPARE(m_world->actions.performed.size(), 1);
        QCOMPARE(m_world->actions.performed[0].kind, OperationKind::Restart);
        QCOMPARE(m_world->actions.performed[0].workload.name, QStringLiteral("recommender"));
        menu->close();
    }

    void tenThousandPodsAreShown()
    {
        key(Qt::Key_6);
        m_window->go({QStringLiteral("cluster"), {}, QStringLiteral("prod-eu"), QStringLiteral("load"), {}, {}});
        QElapsedTimer timer;
        timer.start();
        m_world->addPods(QStringLiteral("prod-eu"), 10000);
        const qint64 applied = timer.elapsed();
        const auto *summary = m_window->findChild<QLabel *>(QStringLiteral("clusterSummary"));
        QTRY_VERIFY2(summary->text().startsWith(QStringLiteral("10,000 pods")), qPrintable(summary->text()));
        QVERIFY2(applied < 1500, qPrintable(QString::number(applied)));
    }

    void settingsTakeEffectAndAreKept()
    {
        m_window->go({QStringLiteral("settings"), {}, {}, {}, {}, {}});
        auto *theme = m_window->findChild<QComboBox *>(QStringLiteral("themeChoice"));
        theme->setCurrentIndex(2);
        emit theme->activated(2);
        QVERIFY(!tokens().isDark);
        auto *ask = m_window->findChild<QCheckBox *>(QStringLiteral("askInsteadOfHold"));
        ask->click();
        const ConsoleSettings again(m_world->settings->file());
        QVERIFY(again.asksInsteadOfHold());
        QCOMPARE(again.theme(), ConsoleSettings::ThemeChoice::Light);
    }

    // A digit is a screen's, or a text field's; a choice that has the keyboard keeps it from either.
    void digitsChangeNoChoiceAndLeaveNoField()
    {
        const NavigationTarget settings{QStringLiteral("settings"), {}, {}, {}, {}, {}};
        m_window->go(settings);
        key(Qt::Key_6); // nothing has been chosen yet: screens
        QCOMPARE(m_window->currentPageId(), QStringLiteral("cluster"));
        m_window->go(settings);
        for (QComboBox *box : m_window->currentPage()->findChildren<QComboBox *>()) {
            box->addItem(QStringLiteral("4 of them")); // what a search by the digit would find
            box->setFocus();
            const int before = box->currentIndex();
            for (int digit = Qt::Key_1; digit <= Qt::Key_9; ++digit)
                key(static_cast<Qt::Key>(digit));
            QCOMPARE(box->currentIndex(), before);
            QCOMPARE(m_window->currentPageId(), QStringLiteral("settings"));
            QVERIFY(box->hasFocus());
        }
        auto *seconds = m_window->findChild<QSpinBox *>(QStringLiteral("refreshSeconds"));
        seconds->setFocus();
        seconds->selectAll();
        key(Qt::Key_4);
        QCOMPARE(seconds->value(), 4);
        QCOMPARE(m_window->currentPageId(), QStringLiteral("settings"));
        key(Qt::Key_Escape); // out of the field, not off the page
        QCOMPARE(m_window->currentPageId(), QStringLiteral("settings"));
        QVERIFY(!seconds->hasFocus());
        key(Qt::Key_6);
        QCOMPARE(m_window->currentPageId(), QStringLiteral("cluster"));
        m_window->go(settings);
        key(Qt::Key_Escape); // in no field: back
        QCOMPARE(m_window->currentPageId(), QStringLiteral("cluster"));
    }

    void anOpenChoiceIsSearchedByItsFirstLetter()
    {
        m_window->go({QStringLiteral("settings"), {}, {}, {}, {}, {}});
        auto *box = m_window->findChild<QComboBox *>(QStringLiteral("themeChoice"));
        box->addItem(QStringLiteral("4 of them"));
        box->setFocus();
        box->showPopup();
        QTRY_VERIFY(box->view()->isVisible());
        QTest::keyClick(box->view(), Qt::Key_4);
        QCOMPARE(box->view()->currentIndex().row(), box->count() - 1);
        box->hidePopup();
        QCOMPARE(m_window->currentPageId(), QStringLiteral("settings"));
    }

    // In a small window too, with little room in the navigation: neither the page nor anything that is pressed lies
    // below a notice.
    void noticesLieBesideThePage()
    {
        m_world->settings->setPinned(QStringLiteral("image-classifier"), true);
        m_window->resize(1100, 700);
        m_window->notify(QStringLiteral("Promote image-classifier to production: 2.4.1 (sha256:c282...bce1): not "
                                        "effective: 0 of 14 pods ready, ImagePullBackOff"),
                         Health::Failing, QStringLiteral("Open"), [] {});
        const auto *area = m_window->findChild<NoticeArea *>();
        QTRY_VERIFY(area->isVisible());
        const auto onWindow = [this](const QWidget *one) {
            return QRect(one->mapTo(m_window.get(), QPoint()), one->size());
        };
        const auto covered = [&] {
            for (const QWidget *one : m_window->findChildren<QWidget *>()) {
                const bool isOperated = qobject_cast<const QPushButton *>(one) || qobject_cast<const QLineEdit *>(one);
                if (!isOperated || !one->isVisible() || one->window() != m_window.get() || area->isAncestorOf(one))
                    continue;
                if (onWindow(area).intersects(onWindow(one)))
                    return QString(m_window->currentPageId() + QLatin1Char(' ') + one->objectName() +
                                   one->accessibleName());
            }
            return QString();
        };
        for (const PageEntry &entry : pagesWithRollback()) {
            NavigationTarget target;
            target.page = entry.id;
            m_window->go(target);
            QTRY_COMPARE(m_window->currentPageId(), entry.id);
            QTRY_COMPARE(covered(), QString());
            QTRY_VERIFY(!onWindow(area).intersects(onWindow(m_window->currentPage())));
        }
        QVERIFY(m_window->rect().contains(onWindow(area)));
    }
};

QTEST_MAIN(TestShell)
#include "test_shell.moc"
