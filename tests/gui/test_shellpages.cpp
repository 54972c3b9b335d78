// What the window says of its world, and what the pages do in it: status, requests, pods, actions, settings, notices.
#include "models/items/workloadsmodel.h"
#include "tests/gui/shellfixture.h"
#include "tests/support/calm.h"
#include "tests/support/stays.h"
#include "ui/pages/cluster/podgroups.h"
#include "ui/pages/overview/overviewpresenter.h"
#include "ui/shell/outcomenotice.h"
#include "ui/shell/sidenav.h"
#include "ui/shell/statusbar.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/logview.h"
#include "ui/widgets/notices.h"
#include "ui/widgets/painting.h"
#include "ui/widgets/panel.h"
#include "ui/widgets/podgrid.h"
#include "ui/widgets/tableview.h"
#include "ui/widgets/timetext.h"

#include <QCheckBox>
#include <QClipboard>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPointer>
#include <QPushButton>
#include <QScopeGuard>
#include <QSpinBox>

using namespace signalbox;
using namespace signalbox::test;

namespace
{

constexpr int besideEntry = 15; // the sign before its text

const QPushButton *entryOf(const StatusBar &status, const QString &text)
{
    for (const QPushButton *one : status.findChildren<QPushButton *>()) {
        if (one->accessibleName().endsWith(QStringLiteral(": ") + text))
            return one;
    }
    return nullptr;
}

} // namespace

class TestShellPages : public ShellFixture
{
    Q_OBJECT
private slots:
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
        QTRY_COMPARE(status->texts().value(0), QStringLiteral("prod-eu · live · 528 pods · k8s 1.32"));
        m_world->setFreshness(QStringLiteral("prod-eu"), Freshness::State::Stale, QStringLiteral("The watch broke."));
        QTRY_COMPARE(status->texts().value(0), QStringLiteral("prod-eu · stale, 1 m old · 528 pods · k8s 1.32"));
    }

    // How it stands goes last: what else is known of it goes first, then the ends of long names.
    void namesAndStatesKeepTheirRoom()
    {
        auto *status = m_window->findChild<StatusBar *>();
        QTRY_VERIFY(!status->shownTexts().isEmpty());
        for (const int wide : {1244, 904, 760}) {
            m_window->resize(wide + 196, 700);
            QVERIFY(comesToRest(*m_window));
            const QStringList all = status->texts();
            const QStringList shown = status->shownTexts();
            for (int i = 0; i < all.size(); ++i) {
                QString name = shown[i].section(QStringLiteral(" · "), 0, 0);
                if (name.endsWith(u'…'))
                    name.chop(1);
                QVERIFY2(name.size() > 2 && all[i].startsWith(name), qPrintable(shown.join(u'|')));
                QCOMPARE(shown[i].section(QStringLiteral(" · "), 1, 1), all[i].section(QStringLiteral(" · "), 1, 1));
                const auto *entry = entryOf(*status, all[i]);
                QVERIFY2(entry, qPrintable(all[i]));
                QVERIFY2(textWidth(TextRole::Small, shown[i]) + besideEntry <= entry->width(),
                         qPrintable(QStringLiteral("%1 in %2").arg(shown[i]).arg(entry->width())));
            }
        }
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
        QTRY_VERIFY(status->texts().value(0).contains(QStringLiteral("stale, 1 m old")));
        passes(60);
        QVERIFY(status->texts().value(0).contains(QStringLiteral("stale, 2 m old")));
        passes(120);
        QVERIFY(comesToRest(*m_window));
        Layouts layouts;
        status->installEventFilter(&layouts);
        passes(60); // no wider than what just stood there
        QCoreApplication::processEvents();
        QVERIFY(status->texts().value(0).contains(QStringLiteral("stale, 2 m old")));
        QCOMPARE(layouts.count, 0);
        passes(600);
        QCoreApplication::processEvents();
        QVERIFY(status->texts().value(0).contains(QStringLiteral("stale, 11 m old")));
        QTRY_VERIFY(layouts.count > 0);
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
        QTRY_COMPARE(status->texts().value(0),
                     QStringLiteral("prod-eu · live") + says + QStringLiteral(" · 528 pods · k8s 1.32"));
    }

    // What may not be listed is not taken for what is not there.
    void aPartOfAClusterIsNotTakenForAll_data()
    {
        QTest::addColumn<QStringList>("namespaces");
        QTest::addColumn<QString>("says");
        QTest::newRow("all of it") << QStringList() << QString();
        QTest::newRow("one namespace") << QStringList{QStringLiteral("team-a")}
                                       << QStringLiteral(" · only namespace team-a");
        QTest::newRow("several") << QStringList{QStringLiteral("bank"), QStringLiteral("shop")}
                                 << QStringLiteral(" · only 2 namespaces");
    }
    void aPartOfAClusterIsNotTakenForAll()
    {
        QFETCH(QStringList, namespaces);
        QFETCH(QString, says);
        ClusterInfo info = m_cluster->info();
        info.onlyNamespaces = namespaces;
        m_cluster->setInfo(info);
        const auto *status = m_window->findChild<StatusBar *>();
        QTRY_COMPARE(status->texts().value(0),
                     QStringLiteral("prod-eu · live") + says + QStringLiteral(" · 528 pods · k8s 1.32"));
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
        request.state = QStringLiteral("receiving");
        request.startedAt = QDateTime::currentDateTimeUtc();
        m_world->requests.list = {request};
        m_world->requests.tell();
        QTest::keyClick(m_window.get(), Qt::Key_J, Qt::ControlModifier);
        const auto *table = m_window->findChild<TableView *>(QStringLiteral("requestsTable"));
        QVERIFY(table->isVisible());
        QVERIFY(findCell(table, request.target).isValid());
        QTRY_COMPARE(m_window->findChild<QPushButton *>(QStringLiteral("statusRequests"))->text(),
                     QStringLiteral("1 request open"));
        m_world->requests.list.first().state = QStringLiteral("streaming"); // a watch stays open for good
        m_world->requests.tell();
        QTRY_COMPARE(m_window->findChild<QPushButton *>(QStringLiteral("statusRequests"))->text(),
                     QStringLiteral("Requests"));
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
        const auto *pod = m_window->findChild<Panel *>(QStringLiteral("podPanel"));
        const auto *events = m_window->findChild<Panel *>(QStringLiteral("eventsPanel"));
        QTRY_VERIFY(events->height() > pod->height()); // there is nothing to say of none
        QTest::mouseClick(grid, Qt::LeftButton, Qt::NoModifier, grid->cellRect(bad).center());
        QTRY_VERIFY(pod->height() > events->height());
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
        QTRY_VERIFY(events->height() > pod->height());
    }

    // Pods come and go all day: nobody goes through them for a page that is not seen, and it is not old when it is.
    void theOverviewRestsWhileNobodyLooks()
    {
        const auto *const presenter = m_window->findChild<OverviewPresenter *>();
        QVERIFY(presenter);
        QTRY_VERIFY(presenter->figures().pods > 0);
        key(Qt::Key_6);
        const qint64 before = presenter->figures().pods;
        m_world->addPods(m_world->clusters.all().front()->id, 5);
        QVERIFY(stays([&] { return presenter->figures().pods == before; }, std::chrono::milliseconds(400)));
        // Its line of the navigation counts all the same, wherever somebody is.
        const auto *line = m_window->findChild<NavItem *>(QStringLiteral("nav-overview"));
        const QString calm = line->accessibleName();
        QList<Deployed> all = m_world->context->deployed.all();
        QVERIFY(!all.isEmpty());
        for (Deployed &one : all)
            one.health = Health::Failing;
        m_world->context->deployed.apply(all, {});
        QVERIFY(line->accessibleName() != calm);
        QVERIFY2(line->accessibleName().contains(QString::number(all.size())), qPrintable(line->accessibleName()));
        QCOMPARE(presenter->figures().pods, before);
        key(Qt::Key_1);
        QCOMPARE(presenter->figures().pods, before + 5);
    }

    void actionsSayWhyNot()
    {
        m_cluster->deniedVerbs = {QStringLiteral("patch")};
        key(Qt::Key_6);
        auto *table = m_window->findChild<TableView *>(QStringLiteral("workloadsTable"));
        table->setCurrentIndex(findCell(table, QStringLiteral("edge-gateway")));
        // The answer arrives by the event loop; the menu says what is known when it opens.
        const auto isToldWhyNot = [this] {
            QTest::mouseClick(m_window->findChild<QPushButton *>(QStringLiteral("workloadActions")), Qt::LeftButton);
            const QPointer<QMenu> menu = m_window->findChild<QMenu *>(QStringLiteral("workloadMenu"));
            const QAction *const second = menu ? menu->actions().value(1) : nullptr;
            const bool isTold = second && !second->isEnabled() &&
                                second->toolTip().contains(QStringLiteral("no role binding grants it"));
            delete menu.data();
            return isTold;
        };
        QVERIFY(QTest::qWaitFor(isToldWhyNot));
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

    // What fails is the last that goes where there is no room.
    void theSummaryOfAClusterKeepsWhatFails()
    {
        key(Qt::Key_6);
        const auto *summary = m_window->findChild<QLabel *>(QStringLiteral("clusterSummary"));
        QTRY_VERIFY2(summary->text().contains(QStringLiteral(" failing")), qPrintable(summary->text()));
        QVERIFY(summary->text().indexOf(QStringLiteral(" failing")) <
                summary->text().indexOf(QStringLiteral(" ready")));
        m_window->resize(700, 600);
        QTRY_VERIFY2(!summary->text().contains(QStringLiteral("changes arrive")) &&
                         summary->text().contains(QStringLiteral(" failing")),
                     qPrintable(summary->text()));
    }

    // The version is the last column that gives way, a namespace that all rows share the first.
    void theVersionStaysLongerThanACommonNamespace()
    {
        m_window->resize(1100, 700);
        m_window->go({QStringLiteral("cluster"), {}, {}, {}, {}, {}});
        const auto *table = m_window->findChild<TableView *>(QStringLiteral("workloadsTable"));
        QVERIFY(table);
        QTRY_COMPARE(table->model()->rowCount(), 7); // all of production
        QTRY_VERIFY(table->isColumnHidden(WorkloadsModel::Namespace));
        QTRY_VERIFY(!table->isColumnHidden(WorkloadsModel::Version));
        QVERIFY(table->isColumnHidden(WorkloadsModel::Kind));
        QVERIFY(table->isColumnHidden(WorkloadsModel::ManagedBy));

        Workload twin = m_world->store(QStringLiteral("prod-eu")).workloads().begin().value();
        twin.ref.ns = QStringLiteral("staging");
        twin.ref.uid += QStringLiteral("-twin");
        ClusterDelta delta;
        delta.workloads.upserted = {twin};
        m_world->store(QStringLiteral("prod-eu")).apply(delta);
        QTRY_COMPARE(table->model()->rowCount(), 8);
        QVERIFY(!table->isColumnHidden(WorkloadsModel::Namespace));
        // Of the only one that is left, too, the table says where it is.
        auto *filter = m_window->findChild<QLineEdit *>(QStringLiteral("workloadsFilter"));
        QVERIFY(filter);
        filter->setText(QStringLiteral("staging"));
        QTRY_COMPARE(table->model()->rowCount(), 1);
        m_window->resize(1101, 700);
        QVERIFY(!table->isColumnHidden(WorkloadsModel::Namespace));
    }

    void aPodThatStopsIsCountedOnce()
    {
        PodGroups groups;
        Pod pod;
        pod.ref.uid = QStringLiteral("1");
        pod.ref.name = QStringLiteral("a");
        pod.phase = QStringLiteral("Running");
        pod.health = Health::InProgress;
        pod.isReady = true;
        groups.rebuild({{pod.ref.uid, pod}});
        QCOMPARE(groups.counts().ready, 1);
        QCOMPARE(groups.counts().moving, 0);
        pod.isReady = false;
        groups.rebuild({{pod.ref.uid, pod}});
        QCOMPARE(groups.counts().ready, 0);
        QCOMPARE(groups.counts().moving, 1);
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

    // A change of the language makes a window on what is known already: no change comes that would tell of it.
    void aSecondWindowTellsWhatFails()
    {
        const auto line = [this]() -> QString {
            for (const NavItem *item : m_window->findChildren<NavItem *>()) {
                if (item->text() == QLatin1String("Overview"))
                    return item->accessibleName();
            }
            return {};
        };
        int failing = 0;
        for (const Deployed &one : m_world->deployed.all())
            failing += one.health == Health::Failing ? 1 : 0;
        QVERIFY(failing > 0);
        const QString told = QStringLiteral("Overview, %1 %2").arg(failing).arg(healthLabel(Health::Failing));
        QTRY_COMPARE(line(), told);
        m_window.reset();
        m_window = std::make_unique<MainWindow>(*m_world->context, pagesWithRollback(), m_theme.get());
        m_window->go({QStringLiteral("settings"), {}, {}, {}, {}, {}});
        m_window->show();
        QTRY_COMPARE(line(), told);
    }

    // What became of it, and of what; neither of them twice.
    void anOutcomeNamesItsOperation_data()
    {
        QTest::addColumn<QString>("message");
        QTest::addColumn<QString>("notice");
        const QString title = QStringLiteral("Roll back abandoned in production to 2.14.3");
        QTest::newRow("one word, and part of a name") << QStringLiteral("done") << title + QStringLiteral(": done");
        QTest::newRow("not effective") << QStringLiteral("not effective: 0 of 14 pods ready")
                                       << title + QStringLiteral(": not effective: 0 of 14 pods ready");
        QTest::newRow("done") << QStringLiteral("done: 14 of 14 pods ready")
                              << title + QStringLiteral(": done: 14 of 14 pods ready");
        QTest::newRow("gave way") << QStringLiteral("Gave way to going back: somebody's.")
                                  << title + QStringLiteral(": Gave way to going back: somebody's.");
        QTest::newRow("nothing is said") << QString() << title;
        QTest::newRow("it says what it was")
            << QStringLiteral("Refused: ") + title << QStringLiteral("Refused: ") + title;
        QTest::newRow("it says only that") << title << title;
    }
    void anOutcomeNamesItsOperation()
    {
        QFETCH(QString, message);
        QTEST(outcomeNotice(QStringLiteral("Roll back abandoned in production to 2.14.3"), message), "notice");
    }

    // In a small window too, with little room in the navigation: neither the page nor anything that is pressed lies
    // below a notice.
    void noticesLieBesideThePage()
    {
        m_world->settings->setPinned(QStringLiteral("image-classifier"), true);
        m_window->resize(1100, 700);
        m_window->notify(
            outcomeNotice(QStringLiteral("Promote image-classifier to production: 2.4.1 (sha256:c282...bce1)"),
                          QStringLiteral("not effective: 0 of 14 pods ready, ImagePullBackOff")),
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

QTEST_MAIN(TestShellPages)
#include "test_shellpages.moc"
