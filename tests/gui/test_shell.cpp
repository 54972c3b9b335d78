#include "models/items/roles.h"
#include "services/pipelines/pipelinefeed.h"
#include "tests/support/consoleworld.h"
#include "ui/pages/consolepages.h"
#include "ui/shell/fuzzy.h"
#include "ui/shell/guideoverlay.h"
#include "ui/shell/headerbar.h"
#include "ui/shell/mainwindow.h"
#include "ui/shell/palette.h"
#include "ui/shell/statusbar.h"
#include "ui/theme/theme.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/holdbutton.h"
#include "ui/widgets/logview.h"
#include "ui/widgets/notices.h"
#include "ui/widgets/panel.h"
#include "ui/widgets/podgrid.h"
#include "ui/widgets/tableview.h"
#include "ui/widgets/timetext.h"

#include <QAbstractItemView>
#include <QAction>
#include <QApplication>
#include <QCheckBox>
#include <QClipboard>
#include <QComboBox>
#include <QKeyEvent>
#include <QLabel>
#include <QListView>
#include <QListWidget>
#include <QMenu>
#include <QProgressBar>
#include <QPushButton>
#include <QScopeGuard>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTest>
#include <QVBoxLayout>

using namespace signalbox;
using namespace signalbox::test;

namespace
{

PageEntry simplePage(const QString &id, const QString &title, int number)
{
    class Simple : public Page
    {
    public:
        explicit Simple(QWidget *parent)
            : Page(parent)
        {
            setFocusPolicy(Qt::StrongFocus);
        }
        void open(const NavigationTarget &target) override { setProperty("key", target.deployedKey); }
    };
    return {id, title, number, [](ConsoleContext &, QWidget *parent) -> Page * { return new Simple(parent); }};
}

QList<PageEntry> pagesWithRollback()
{
    QList<PageEntry> pages = consolePages();
    pages.removeIf([](const PageEntry &entry) {
        return entry.id == QLatin1String("rollback") || entry.id == QLatin1String("traffic");
    });
    pages.insert(1, simplePage(QStringLiteral("traffic"), QStringLiteral("Traffic"), 4));
    pages.insert(2, simplePage(QStringLiteral("rollback"), QStringLiteral("Rollback"), 5));
    return pages;
}

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

class TestShell : public QObject
{
    Q_OBJECT
private slots:
    void initTestCase() { m_theme = std::make_unique<Theme>(*qApp); }
    void cleanupTestCase() { m_theme.reset(); }
    void init()
    {
        m_world = std::make_unique<ConsoleWorld>();
        m_cluster = &m_world->addRichCluster();
        open();
    }
    void cleanup()
    {
        m_window.reset();
        m_world.reset();
    }

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

    void withoutAClusterTheFirstPageSaysHow()
    {
        m_window.reset();
        m_world = std::make_unique<ConsoleWorld>();
        m_world->connections.trouble =
            Error{ErrorKind::Invalid, QStringLiteral("~/.kube/config line 3: expected a list."), {}};
        open();
        QVERIFY(m_window->findChild<QWidget *>(QStringLiteral("welcome"))->isVisible());
        QCOMPARE(m_window->findChild<QLabel *>(QStringLiteral("welcomeProblem"))->text(),
                 QStringLiteral("~/.kube/config line 3: expected a list."));
        QTRY_VERIFY(m_window->findChild<QLabel *>(QStringLiteral("contextsNone")) != nullptr);
    }

    void theFirstPageTestsEveryContextAndAddsThoseChosen()
    {
        startWithContexts({context("kind-dev", true), context("prod-eu"), context("old")});
        auto *add = m_window->findChild<QPushButton *>(QStringLiteral("welcomeAdd"));
        QTRY_COMPARE(m_world->connections.probes.size(), 3); // all at once, and each is told
        QVERIFY(!add->isEnabled());
        QTRY_VERIFY(textOf("contextText-old").contains(QStringLiteral("Reach the server")));
        const auto *progress = m_window->findChild<QProgressBar *>(QStringLiteral("contextsProgress"));
        QVERIFY(progress->isVisible());
        m_world->connections.probes[0]->finishWith(true, QStringLiteral("You see the whole cluster."));
        QCOMPARE(progress->value(), 1);
        QCOMPARE(textOf("contextsSummary"), QStringLiteral("1 of 3 tested"));
        m_world->connections.probes[1]->finishWith(true, QStringLiteral("You see the whole cluster."));
        m_world->connections.probes[2]->finishWith(false, QStringLiteral("No route to old.example."));
        QCOMPARE(textOf("contextsSummary"), QStringLiteral("3 found · 2 reachable"));
        QVERIFY(!progress->isVisible());
        QCOMPARE(textOf("contextText-old"), QStringLiteral("No route to old.example."));
        auto *dev = m_window->findChild<QCheckBox *>(QStringLiteral("context-kind-dev"));
        auto *prod = m_window->findChild<QCheckBox *>(QStringLiteral("context-prod-eu"));
        QVERIFY(dev->isChecked()); // the current one, since it works
        QVERIFY(!prod->isChecked());
        auto *old = m_window->findChild<QCheckBox *>(QStringLiteral("context-old"));
        QVERIFY(!old->isChecked());
        old->setFocus();
        QTest::keyClick(old, Qt::Key_Space); // tests it again, and cannot be added meanwhile
        QCOMPARE(m_world->connections.probes.size(), 4);
        QVERIFY(!add->isEnabled());
        m_world->connections.probes[3]->finishWith(false, QStringLiteral("No route to old.example."));
        QVERIFY(!old->isChecked());
        QVERIFY(add->isEnabled());
        prod->setFocus();
        QTest::keyClick(prod, Qt::Key_Space);
        QCOMPARE(add->text(), QStringLiteral("Add 2 clusters"));
        add->setFocus();
        QTest::keyClick(add, Qt::Key_Return);
        QTRY_COMPARE(m_world->connections.configs.size(), 2);
        QCOMPARE(m_world->connections.configs[0].context, QStringLiteral("kind-dev"));
        QCOMPARE(m_world->connections.configs[1].context, QStringLiteral("prod-eu"));
    }

    void nothingIsTestedBeforeTheConfigurationIsRead()
    {
        m_window.reset();
        m_world = std::make_unique<ConsoleWorld>();
        m_world->connections.known = {context("dev", true)};
        m_world->connections.hasRead = false;
        open();
        const auto *welcome = m_window->findChild<QWidget *>(QStringLiteral("welcome"));
        QVERIFY(!welcome->isVisible());
        QTest::qWait(300);
        QVERIFY(m_world->connections.probes.isEmpty());
        m_world->connections.hasRead = true;
        emit m_world->connections.changed();
        QTRY_VERIFY(welcome->isVisible());
        QTRY_COMPARE(m_world->connections.probes.size(), 1);
    }

    void testingContextsCanBeStopped()
    {
        startWithContexts({context("a", true), context("b"), context("c"), context("d"), context("e")});
        QTRY_COMPARE(m_world->connections.probes.size(), 4); // no more than that at a time
        QTest::mouseClick(m_window->findChild<QPushButton *>(QStringLiteral("welcomeStop")), Qt::LeftButton);
        for (const auto &probe : m_world->connections.probes)
            QVERIFY(probe.isNull()); // deleted is stopped
        QVERIFY(!m_window->findChild<QPushButton *>(QStringLiteral("welcomeStop"))->isVisible());
        auto *fifth = m_window->findChild<QCheckBox *>(QStringLiteral("context-e"));
        QVERIFY(textOf("contextText-e").contains(QStringLiteral("choose it")));
        QTest::mouseClick(fifth, Qt::LeftButton, {}, QPoint(8, fifth->height() / 2)); // tests just this one
        QCOMPARE(m_world->connections.probes.size(), 5);
        QVERIFY(!m_window->findChild<QPushButton *>(QStringLiteral("welcomeAdd"))->isEnabled());
        m_world->connections.probes[4]->finishWith(true, QStringLiteral("fine"));
        QVERIFY(m_window->findChild<QPushButton *>(QStringLiteral("welcomeAdd"))->isEnabled());
    }

    void aContextWithoutVerifiedTlsIsNotTestedUnasked()
    {
        ContextInfo insecure = context("insecure");
        insecure.skipsTlsVerification = true;
        startWithContexts({insecure});
        QTRY_VERIFY(textOf("contextText-insecure").contains(QStringLiteral("credentials")));
        QVERIFY(m_world->connections.probes.isEmpty());
    }

    // Managed clusters have addresses for names: what became of the test keeps its room.
    void aLongContextNameLeavesRoomForItsTest()
    {
        const QString name = QStringLiteral("arn:aws:eks:eu-central-1:123456789012:cluster/the-production-cluster-0");
        ContextInfo broken = context("arn", true);
        broken.name = name;
        broken.problem = QStringLiteral("The certificate was made out for another name than this one.");
        startWithContexts({broken});
        const auto *text = m_window->findChild<QLabel *>(QStringLiteral("contextText-") + name);
        QVERIFY(text);
        QTRY_VERIFY2(text->width() > 250, qPrintable(QString::number(text->width())));
        const auto *choice = m_window->findChild<QCheckBox *>(QStringLiteral("context-") + name);
        QVERIFY(choice->toolTip().startsWith(name));
        QVERIFY(choice->accessibleName().startsWith(name));
    }

    // A browser opened by a credential plugin for each of ten contexts would be a poor welcome.
    void aContextWhoseCredentialsAProgramHandsOutIsTestedWhenChosen()
    {
        ContextInfo cloud = context("cloud", true);
        cloud.credentialProgram = QStringLiteral("cloud-login");
        startWithContexts({cloud, context("plain")});
        QTRY_VERIFY(textOf("contextText-cloud").contains(QStringLiteral("come from cloud-login")));
        QTRY_COMPARE(m_world->connections.probes.size(), 1); // plain's
        auto *choice = m_window->findChild<QCheckBox *>(QStringLiteral("context-cloud"));
        QTest::mouseClick(choice, Qt::LeftButton, {}, QPoint(8, choice->height() / 2));
        QCOMPARE(m_world->connections.probes.size(), 2);
    }

    void whatCannotBeSavedIsSaid()
    {
        startWithContexts({context("dev", true)});
        QTRY_COMPARE(m_world->connections.probes.size(), 1);
        m_world->connections.probes[0]->finishWith(true, QStringLiteral("fine"));
        m_world->connections.saveFails = Error{ErrorKind::Invalid, QStringLiteral("The disk is full."), {}};
        QTest::mouseClick(m_window->findChild<QPushButton *>(QStringLiteral("welcomeAdd")), Qt::LeftButton);
        QTRY_COMPARE(textOf("welcomeProblem"), QStringLiteral("dev was not added: The disk is full."));
    }

    void theFirstPageOpensFilesAndWorkspaces()
    {
        m_window.reset();
        m_world = std::make_unique<ConsoleWorld>();
        QStringList opened;
        m_world->context->openWorkspace = [&opened](const QString &file) {
            opened << file;
            return false;
        };
        open();
        m_world->prompter.file = QStringLiteral("/srv/team/kubeconfig");
        m_world->connections.known = {context("elsewhere")};
        QTest::mouseClick(m_window->findChild<QPushButton *>(QStringLiteral("welcomeFile")), Qt::LeftButton);
        QTRY_VERIFY(m_window->findChild<QCheckBox *>(QStringLiteral("context-elsewhere")) != nullptr);
        QCOMPARE(m_world->connections.askedFiles, QStringList{QStringLiteral("/srv/team/kubeconfig")});
        m_world->prompter.file = QStringLiteral("/srv/team/workspace.yaml");
        QTest::mouseClick(m_window->findChild<QPushButton *>(QStringLiteral("welcomeWorkspace")), Qt::LeftButton);
        QCOMPARE(opened, QStringList{QStringLiteral("/srv/team/workspace.yaml")});
        QVERIFY(textOf("welcomeProblem").contains(QStringLiteral("/srv/team/workspace.yaml")));
    }

    void theFirstPageOffersThePracticeWorld()
    {
        m_window.reset();
        m_world = std::make_unique<ConsoleWorld>();
        int opened = 0;
        m_world->context->openPractice = [&opened] { return ++opened == 1; };
        open();
        auto *practice = m_window->findChild<QPushButton *>(QStringLiteral("welcomePractice"));
        QVERIFY(practice && practice->isVisible());
        const auto *welcome = m_window->findChild<QWidget *>(QStringLiteral("welcome"));
        QTRY_VERIFY(welcome->isAncestorOf(m_window->focusWidget())); // nothing to find with the mouse first
        practice->setFocus();
        QTest::keyClick(practice, Qt::Key_Space);
        QCOMPARE(opened, 1);
        auto *problem = m_window->findChild<QLabel *>(QStringLiteral("welcomeProblem"));
        QVERIFY(!problem->isVisible());
        QTest::mouseClick(practice, Qt::LeftButton);
        QVERIFY(problem->isVisible());
        QVERIFY(problem->text().contains(QStringLiteral("--demo")));
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

    // ---- connections

    void prometheusIsTestedAndSaved()
    {
        m_window->go({QStringLiteral("connections"), {}, {}, {}, {}, QStringLiteral("add-prometheus")});
        auto *address = m_window->findChild<QLineEdit *>(QStringLiteral("promAddress"));
        auto *save = m_window->findChild<QPushButton *>(QStringLiteral("formSave"));
        auto *test = m_window->findChild<QPushButton *>(QStringLiteral("formTest"));
        QTest::keyClicks(address, QStringLiteral("prometheus:9090"));
        QVERIFY(!save->isEnabled()); // no scheme
        address->setText(QStringLiteral("http://prometheus:9090"));
        QVERIFY(save->isEnabled());
        test->click();
        QVERIFY(!m_world->connections.probing.isNull());
        QCOMPARE(m_world->connections.probed.address, QStringLiteral("http://prometheus:9090"));
        m_world->connections.probing->finishWith(true, QStringLiteral("answers"));
        QVERIFY(test->isEnabled());
        save->click();
        QTRY_COMPARE(m_world->connections.configs.size(), 2);
        QCOMPARE(m_world->connections.configs.last().title, QStringLiteral("prometheus"));
    }

    void aServerWithPipelinesIsTestedAndSaved()
    {
        m_window->go({QStringLiteral("connections"), {}, {}, {}, {}, QStringLiteral("add-server")});
        const auto field = [&](const char *name) {
            return m_window->findChild<QLineEdit *>(QString::fromLatin1(name));
        };
        auto *kind = m_window->findChild<QComboBox *>(QStringLiteral("serverKind"));
        auto *save = m_window->findChild<QPushButton *>(QStringLiteral("formSave"));
        auto *test = m_window->findChild<QPushButton *>(QStringLiteral("formTest"));
        QVERIFY(!save->isEnabled()); // a Jenkins without an address
        QVERIFY(!save->toolTip().isEmpty());
        field("serverAddress")->setText(QStringLiteral("https://jenkins.example/ci"));
        QVERIFY(save->isEnabled()); // all of it, without a login
        QTest::keyClicks(field("serverUser"), QStringLiteral("ann"));
        QVERIFY(!save->isEnabled()); // whose token?
        kind->setCurrentText(QStringLiteral("GitHub"));
        QVERIFY(!field("serverUser")->isVisible());
        field("serverAddress")->clear();
        QVERIFY(!save->isEnabled()); // no project
        QTest::keyClicks(field("serverProjects"), QStringLiteral("acme/cart, acme/search"));
        QVERIFY(save->isEnabled());
        field("serverCredential")->setText(QStringLiteral("env:GITHUB_TOKEN"));
        test->click();
        QVERIFY(!m_world->connections.probing.isNull());
        QCOMPARE(m_world->connections.probed.address, QStringLiteral("https://api.github.com"));
        QCOMPARE(m_world->connections.probed.projects,
                 (QStringList{QStringLiteral("acme/cart"), QStringLiteral("acme/search")}));
        QVERIFY(m_world->connections.probed.user.isEmpty());
        m_world->connections.probing->finishWith(true, QStringLiteral("answers"));
        save->click();
        QTRY_COMPARE(m_world->connections.configs.size(), 2);
        QCOMPARE(m_world->connections.configs.last().kind, ConnectionConfig::Kind::GitHub);
    }

    void theStatusBarTellsOfServersAndTheirLimits()
    {
        PipelineSet servers;
        RunStore store;
        PipelineFeed feed(servers, store);
        m_world->context->runs = &feed;
        {
            StatusBar bar(*m_world->context);
            RunStore::Server server;
            server.title = QStringLiteral("github");
            server.pipelines.state = Freshness::State::Live;
            server.pipelines.lastHeard = QDateTime::currentDateTimeUtc().addSecs(-4);
            server.interval = std::chrono::seconds(30);
            server.budget = RequestBudget{5000, 4000, QDateTime::currentDateTimeUtc().addSecs(900), 1000};
            store.putServer(QStringLiteral("gh"), server);
            const auto shown = [&] { return bar.texts().filter(QStringLiteral("github")).value(0); };
            QTRY_VERIFY2(shown().startsWith(QStringLiteral("github · ")), qPrintable(shown()));
            QVERIFY2(!shown().contains(QStringLiteral("limit")), qPrintable(shown()));
            server.budget->remaining = 412;
            store.putServer(QStringLiteral("gh"), server);
            QTRY_COMPARE(shown(), QStringLiteral("github · rate limit 412 left · polling every 30 s"));
            server.budget.reset();
            server.pipelines.state = Freshness::State::Failed;
            store.putServer(QStringLiteral("gh"), server);
            QTRY_COMPARE(shown(), QStringLiteral("github · not reachable"));
        }
        m_world->context->runs = nullptr;
    }

    void contextsAreTestedThenAdded()
    {
        ContextInfo good;
        good.name = QStringLiteral("staging-eu");
        good.kubeconfig = QStringLiteral("/home/me/.kube/config");
        ContextInfo broken = good;
        broken.name = QStringLiteral("old");
        broken.problem = QStringLiteral("Basic authentication is not supported by any current server.");
        m_world->connections.known = {good, broken};
        m_window->go({QStringLiteral("connections"), {}, {}, {}, {}, QStringLiteral("add-kubernetes")});
        auto *list = m_window->findChild<QListWidget *>(QStringLiteral("contextList"));
        QTRY_COMPARE(list->count(), 2);
        auto *save = m_window->findChild<QPushButton *>(QStringLiteral("formSave"));
        QVERIFY(!save->isEnabled());
        QVERIFY(!(list->item(1)->flags() & Qt::ItemIsUserCheckable));
        list->item(0)->setCheckState(Qt::Checked);
        save->click();
        QVERIFY(!m_world->connections.probing.isNull());
        m_world->connections.probing->finishWith(false, QStringLiteral("No route to the server."));
        QCOMPARE(m_world->connections.configs.size(), 1); // not added
        QVERIFY(
            m_window->findChild<QLabel *>(QStringLiteral("formProblem"))->text().contains(QStringLiteral("No route")));
        save->click();
        m_world->connections.probing->finishWith(true, QStringLiteral("fine"));
        QTRY_COMPARE(m_world->connections.configs.size(), 2);
        QCOMPARE(m_world->connections.configs.last().context, QStringLiteral("staging-eu"));
    }

    void editingChangesTheOneThereIs()
    {
        m_window->go({QStringLiteral("connections"), {}, QStringLiteral("prod-eu"), {}, {}, {}});
        const ConnectionConfig before = m_world->connections.configs.value(0);
        m_window->findChild<QPushButton *>(QStringLiteral("editConnection"))->click();
        auto *title = m_window->findChild<QLineEdit *>(QStringLiteral("clusterTitle"));
        QTRY_VERIFY(title->isVisible());
        QVERIFY(title->hasFocus());
        QCOMPARE(title->text(), before.title);
        const auto *context = m_window->findChild<QLineEdit *>(QStringLiteral("clusterContext"));
        QCOMPARE(context->text(), before.context);
        title->clear();
        QTest::keyClicks(title, QStringLiteral("Europe"));
        auto *namespaces = m_window->findChild<QLineEdit *>(QStringLiteral("clusterNamespaces"));
        namespaces->setText(QStringLiteral(" shop  pay "));
        ConnectionConfig wanted = before;
        wanted.title = QStringLiteral("Europe");
        wanted.namespaces = {QStringLiteral("shop"), QStringLiteral("pay")};
        m_window->findChild<QPushButton *>(QStringLiteral("formTest"))->click();
        QVERIFY(m_world->connections.probed == wanted); // what is tested is what would be saved
        m_world->connections.probing->finishWith(true, QStringLiteral("answers"));
        QCOMPARE(m_world->connections.configs, QList<ConnectionConfig>{before});
        m_world->connections.saveFails = Error{ErrorKind::Conflict, QStringLiteral("read again meanwhile"), {}};
        m_window->findChild<QPushButton *>(QStringLiteral("formSave"))->click();
        const auto *problem = m_window->findChild<QLabel *>(QStringLiteral("formProblem"));
        QTRY_COMPARE(problem->text(), QStringLiteral("read again meanwhile"));
        QVERIFY2(title->isVisible() && title->text() == u"Europe", "what was typed is not lost");
        m_world->connections.saveFails.reset();
        m_window->findChild<QPushButton *>(QStringLiteral("formSave"))->click();
        QTRY_COMPARE(m_world->connections.configs, QList<ConnectionConfig>{wanted});
        QTRY_VERIFY(!title->isVisible());
    }

    void removingCanBeUndone()
    {
        m_window->go({QStringLiteral("connections"), {}, QStringLiteral("prod-eu"), {}, {}, {}});
        m_window->findChild<QPushButton *>(QStringLiteral("removeConnection"))->click();
        QTRY_COMPARE(m_world->connections.configs.size(), 0);
        auto *banner = m_window->findChild<Banner *>(QStringLiteral("removedBanner"));
        QTRY_VERIFY(banner->isVisible());
        banner->findChild<QPushButton *>()->click();
        QTRY_COMPARE(m_world->connections.configs.size(), 1);
        QTRY_VERIFY(!banner->isVisible());
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

private:
    static ContextInfo context(const char *name, bool isCurrent = false)
    {
        ContextInfo info;
        info.name = QString::fromLatin1(name);
        info.server = QStringLiteral("https://%1.example:6443").arg(info.name);
        info.user = QStringLiteral("me");
        info.kubeconfig = QStringLiteral("/home/me/.kube/config");
        info.isCurrent = isCurrent;
        return info;
    }
    void startWithContexts(const QList<ContextInfo> &contexts)
    {
        m_window.reset();
        m_world = std::make_unique<ConsoleWorld>();
        m_world->connections.known = contexts;
        open();
    }
    QString textOf(const char *name) const
    {
        const auto *label = m_window->findChild<QLabel *>(QString::fromLatin1(name));
        return label == nullptr ? QString() : label->text();
    }
    void open()
    {
        m_window = std::make_unique<MainWindow>(*m_world->context, pagesWithRollback(), m_theme.get());
        m_window->show();
        m_window->activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(m_window.get()));
    }
    void key(Qt::Key key)
    {
        QWidget *focused = m_window->focusWidget();
        QTest::keyClick(focused != nullptr ? focused : m_window.get(), key);
    }

    std::unique_ptr<Theme> m_theme;
    std::unique_ptr<ConsoleWorld> m_world;
    std::unique_ptr<MainWindow> m_window;
    FakeCluster *m_cluster = nullptr;
};

QTEST_MAIN(TestShell)
#include "test_shell.moc"
