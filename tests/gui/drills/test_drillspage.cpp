#include "models/items/attentionmodel.h"
#include "models/items/releasesmodel.h"
#include "tests/gui/drills/fakedrillyard.h"
#include "tests/support/calm.h"
#include "tests/support/consoleworld.h"
#include "tests/support/shots.h"
#include "ui/charts/chartgroup.h"
#include "ui/charts/chartpanel.h"
#include "ui/pages/consolepages.h"
#include "ui/pages/drills/timeline.h"
#include "ui/shell/mainwindow.h"
#include "ui/theme/theme.h"
#include "ui/widgets/badge.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/panel.h"

#include <QApplication>
#include <QHeaderView>
#include <QLabel>
#include <QListView>
#include <QPushButton>
#include <QStandardItemModel>
#include <QTableView>
#include <QTest>

#include <algorithm>

using namespace signalbox;
using namespace signalbox::test;

// The Drills page and the bar above every page, by keyboard and mouse.
class TestDrillsPage : public QObject
{
    Q_OBJECT
private slots:
    void initTestCase() { m_theme = std::make_unique<Theme>(*qApp); }
    void cleanupTestCase() { m_theme.reset(); }
    void init()
    {
        m_world = std::make_unique<ConsoleWorld>();
        m_world->addRichCluster();
        m_yard = std::make_unique<FakeDrillYard>();
    }
    void cleanup()
    {
        m_window.reset();
        m_world.reset();
        m_yard.reset();
    }

    void offersThePracticeWorldElsewhere()
    {
        int opened = 0;
        m_world->context->openPractice = [&opened] {
            ++opened;
            return true;
        };
        open(false);
        auto *panel = find<Panel>("drillsElsewhere");
        QVERIFY(panel && panel->state() == Panel::State::Empty);
        QVERIFY(find<QWidget>("drillBar") == nullptr);
        const auto buttons = panel->findChildren<QPushButton *>();
        QPushButton *way = nullptr;
        for (QPushButton *one : buttons) {
            if (one->isVisible() && one->text() == QLatin1String("Open the practice world"))
                way = one;
        }
        QVERIFY(way);
        QTest::mouseClick(way, Qt::LeftButton);
        QCOMPARE(opened, 1);
    }

    void keyboardStartsTheChosenOne()
    {
        open();
        auto *list = find<QListView>("drillList");
        QCOMPARE(list->model()->rowCount(), 7);
        list->setFocus();
        QTest::keyClick(list, Qt::Key_Down);
        QTest::keyClick(list, Qt::Key_Down);
        QCOMPARE(find<Panel>("drillBriefing")->title(), QStringLiteral("The drill of zone"));
        QTest::keyClick(list, Qt::Key_Return);
        auto *start = find<QPushButton>("drillStart");
        QVERIFY(start->hasFocus());
        QTest::keyClick(start, Qt::Key_Return);
        QCOMPARE(m_yard->started, QStringList{QStringLiteral("zone")});
        QVERIFY(!start->isEnabled());
        QVERIFY(!start->toolTip().isEmpty());
    }

    void digitsAreScreensInTheListToo()
    {
        open();
        QVERIFY(find<QListView>("drillList")->hasFocus());
        QTest::keyClick(find<QListView>("drillList"), Qt::Key_6);
        QCOMPARE(m_window->currentPageId(), QStringLiteral("cluster"));
    }

    void theBarTakesTheOperatorsWordOnEveryPage()
    {
        open();
        auto *bar = find<QWidget>("drillBar");
        QVERIFY(bar && !bar->isVisible());
        QTest::mouseClick(find<QPushButton>("drillStart"), Qt::LeftButton);
        QVERIFY(bar->isVisible());
        QVERIFY(barText().contains(QLatin1String("12 of 20 pods")));
        m_yard->run(QStringLiteral("full-shift"), 72'000);
        m_window->go({QStringLiteral("overview"), {}, {}, {}, {}, {}});
        QVERIFY(bar->isVisible());
        QCOMPARE(find<QLabel>("drillBarClock")->text(), QStringLiteral("1:12 / 4:00"));
        QTest::keyClick(m_window.get(), Qt::Key_F8);
        QCOMPARE(m_yard->acknowledged, 1);
        QVERIFY(!find<QPushButton>("drillSee")->isVisible());
        QVERIFY(find<QLabel>("drillBarClock")->text().startsWith(QLatin1String("bad for 0:21")));
        QTest::mouseClick(find<QPushButton>("drillStandDown"), Qt::LeftButton);
        QTest::keyClick(m_window.get(), Qt::Key_F8, Qt::ShiftModifier);
        QCOMPARE(m_yard->stoodDown, 2);
        QTest::mouseClick(find<QPushButton>("drillAbandon"), Qt::LeftButton);
        QCOMPARE(m_yard->abandoned, 1);
        QVERIFY(!bar->isVisible());
    }

    void theClockDoesNotGiveTheFaultAway()
    {
        open();
        m_yard->run(QStringLiteral("zone"), 30'000);
        const QString before = find<QLabel>("drillBarClock")->text();
        QVERIFY(!before.contains(QLatin1String("bad")));
        QVERIFY(!barText().contains(QLatin1String("bad")));
    }

    // Only what was on screen could be seen.
    void theYardHearsWhatIsPainted()
    {
        DrillInfo info = m_yard->infos.first();
        info.application = QStringLiteral("recommender");
        m_yard->infos = {info};
        open();
        QVERIFY(m_yard->hasScreen);
        m_window->go({QStringLiteral("overview"), {}, {}, {}, {}, {}});
        QVERIFY(comesToRest(*m_window));
        QVERIFY(m_yard->sights.isEmpty()); // nobody drills
        const auto isTold = [this](const auto &wanted) {
            return std::any_of(m_yard->sights.begin(), m_yard->sights.end(), wanted);
        };
        const auto isRow = [](const DrillSight &sight) { return sight.health == Health::Warning; };
        m_yard->run(info.name, 1000);
        m_window->update();
        for (QWidget *one : m_window->findChildren<QWidget *>())
            one->update();
        QTRY_VERIFY(isTold(isRow));

        m_window->go({QStringLiteral("drills"), {}, {}, {}, {}, {}});
        QVERIFY(comesToRest(*m_window));
        m_yard->sights.clear();
        ChartGroup group;
        ChartPanel chart(group);
        chart.resize(500, 240);
        PanelData data;
        data.panel.id = QStringLiteral("errors");
        data.freshness.state = Freshness::State::Live;
        data.freshness.lastHeard = QDateTime::currentDateTimeUtc();
        const qint64 nowMs = data.freshness.lastHeard.toMSecsSinceEpoch();
        data.series = {{QStringLiteral("blue"), QStringLiteral("blue"), {{nowMs - 5000, 0.4}, {nowMs, 12.0}}}};
        data.stepMs = 5000;
        chart.setData(data);
        const auto isChart = [](const DrillSight &sight) {
            return sight.chart.panel.id == QLatin1String("errors") &&
                   sight.chart.series.value(0).samples.value(1).value == 12.0;
        };
        QVERIFY(comesToRest(*m_window));
        QVERIFY(!isTold(isChart)); // known, not painted
        QVERIFY(!isTold(isRow));   // another page is in front
        chart.show();
        QTRY_VERIFY(isTold(isChart));

        data.series.clear(); // the panel says so itself: its view is not painted
        chart.setData(data);
        const auto isEmptyChart = [](const DrillSight &sight) {
            return sight.chart.panel.id == QLatin1String("errors") && sight.chart.series.isEmpty();
        };
        QTRY_VERIFY(isTold(isEmptyChart));

        m_yard->end(FakeDrillYard::attempt(info.name, 1, DrillVerdict::Passed, 27'000));
        QVERIFY(comesToRest(*m_window));
        m_yard->sights.clear();
        chart.repaint();
        QVERIFY(m_yard->sights.isEmpty());
        m_window.reset();
        QVERIFY(!m_yard->hasScreen);
    }

    // What needs attention by its figures alone is a sign of the fault as well.
    void aRowOfItsErrorsIsTold()
    {
        const DrillInfo info = m_yard->infos.first();
        open();
        m_window->go({QStringLiteral("drills"), {}, {}, {}, {}, {}});
        m_yard->run(info.name, 1000);
        AttentionRow row;
        row.deployedKey = info.deployedKey();
        row.alert = QStringLiteral("errors\n%1\ngreen").arg(row.deployedKey);
        row.health = Health::Failing;
        row.title = QStringLiteral("7.2 % of requests to green fail");
        AttentionModel model;
        model.setRows({row});
        QListView view;
        view.setModel(&model);
        view.resize(400, 100);
        view.show();
        QTRY_VERIFY(std::any_of(m_yard->sights.begin(), m_yard->sights.end(),
                                [](const DrillSight &sight) { return sight.health == Health::Failing; }));
    }

    // A header is a view of the whole table: to look for its rows in it is to walk all of them with each repaint.
    void headersAreNotReadForRows()
    {
        class Rows : public QStandardItemModel
        {
        public:
            using QStandardItemModel::QStandardItemModel;
            QVariant data(const QModelIndex &index, int role) const override
            {
                asked += role == ReleasesModel::KeyRole ? 1 : 0;
                return QStandardItemModel::data(index, role);
            }
            mutable int asked = 0;
        };
        open();
        m_yard->run(m_yard->infos.first().name, 1000);
        Rows rows(1000, 3);
        QTableView table;
        table.setModel(&rows);
        table.resize(400, 300);
        table.show();
        QTRY_VERIFY(rows.asked > 0); // of what is in sight
        QVERIFY(comesToRest(*m_window));
        rows.asked = 0;
        table.horizontalHeader()->viewport()->repaint();
        table.verticalHeader()->viewport()->repaint();
        QCOMPARE(rows.asked, 0);
        table.viewport()->repaint();
        QVERIFY(rows.asked > 0 && rows.asked < 100);
    }

    void theDebriefFollowsTheDrill()
    {
        open();
        QCOMPARE(find<Panel>("drillDebrief")->state(), Panel::State::Empty);
        m_yard->run(QStringLiteral("zone"), 30'000);
        m_window->go({QStringLiteral("overview"), {}, {}, {}, {}, {}});
        m_yard->end(FakeDrillYard::attempt(QStringLiteral("zone"), 1, DrillVerdict::Mistaken, 39'000));
        QVERIFY(barText().contains(QLatin1String("with a mistake")));
        QTest::mouseClick(find<QPushButton>("drillDebriefButton"), Qt::LeftButton);
        QCOMPARE(m_window->currentPageId(), QStringLiteral("drills"));
        QCOMPARE(find<Panel>("drillDebrief")->state(), Panel::State::Content);
        QCOMPARE(find<Panel>("drillBriefing")->title(), QStringLiteral("The drill of zone"));
        QCOMPARE(find<Timeline>("drillTimeline")->count(), 9);
        QVERIFY(find<QLabel>("drillFaster")->text().contains(QLatin1String("Ctrl+Shift+R")));
        QCOMPARE(find<Panel>("chart-drills")->state(), Panel::State::Empty); // one attempt is no curve
        QTest::mouseClick(find<QPushButton>("drillBarClose"), Qt::LeftButton);
        QVERIFY(!find<QWidget>("drillBar")->isVisible());
    }

    void earlierAttemptsCanBeChosen()
    {
        addHistory();
        open();
        auto *attempts = find<ChipButton>("drillAttempts");
        QVERIFY(attempts->isVisible());
        QCOMPARE(attempts->chosen(), QStringLiteral("full-shift-5"));
        QCOMPARE(find<Panel>("chart-drills")->state(), Panel::State::Content);
        emit attempts->chosenChanged(QStringLiteral("full-shift-1"));
        QCOMPARE(attempts->chosen(), QStringLiteral("full-shift-1"));
    }

    // A fast wrong way, or one that was given up, is no progress.
    void onlyPassedAttemptsAreACurve()
    {
        const QString drill = QStringLiteral("full-shift");
        m_yard->past = {FakeDrillYard::attempt(drill, 1, DrillVerdict::Passed, 61'000),
                        FakeDrillYard::attempt(drill, 2, DrillVerdict::Mistaken, 9'000),
                        FakeDrillYard::attempt(drill, 3, DrillVerdict::Failed, {}),
                        FakeDrillYard::attempt(drill, 4, DrillVerdict::Abandoned, {})};
        open();
        auto *chart = find<ChartPanel>("chart-drills");
        QCOMPARE(chart->state(), Panel::State::Empty);
        m_yard->end(FakeDrillYard::attempt(drill, 5, DrillVerdict::Passed, 38'000));
        QCOMPARE(chart->state(), Panel::State::Content);
        const QList<ChartSeries> series = chart->data().series;
        QCOMPARE(series.size(), 2);
        QCOMPARE(series[0].samples.size(), 2); // seen
        QCOMPARE(series[1].samples.size(), 2); // restored
        QCOMPARE(series[1].samples.first().value, 61.0);
        QCOMPARE(series[1].samples.last().value, 38.0);
        const auto *group = find<QWidget>("drillsPage")->findChild<ChartGroup *>();
        QVERIFY(group != nullptr);
        QStringList marked;
        for (const ChartMarker &one : group->markers())
            marked << one.label;
        QCOMPARE(marked, QStringList({QStringLiteral("with a mistake"), QStringLiteral("failed"),
                                      QStringLiteral("abandoned")}));
        QVERIFY(std::is_sorted(group->markers().begin(), group->markers().end(),
                               [](const ChartMarker &a, const ChartMarker &b) { return a.time < b.time; }));
    }

    void fits_data()
    {
        QTest::addColumn<QSize>("size");
        QTest::addColumn<bool>("isDark");
        QTest::addColumn<bool>("isRunning");
        for (const QSize &size : {QSize(1440, 900), QSize(1100, 700)}) {
            for (const bool isDark : {true, false}) {
                for (const bool isRunning : {true, false})
                    QTest::newRow(
                        qPrintable(QStringLiteral("%1-%2-%3")
                                       .arg(size.width())
                                       .arg(isDark ? QStringLiteral("dark") : QStringLiteral("light"),
                                            isRunning ? QStringLiteral("running") : QStringLiteral("resting"))))
                        << size << isDark << isRunning;
            }
        }
    }
    void fits()
    {
        QFETCH(QSize, size);
        QFETCH(bool, isDark);
        QFETCH(bool, isRunning);
        m_world->settings->setTheme(isDark ? ConsoleSettings::ThemeChoice::Dark : ConsoleSettings::ThemeChoice::Light);
        addHistory();
        open();
        m_window->resize(size);
        if (isRunning) {
            m_yard->run(QStringLiteral("full-shift"), 72'000);
            m_yard->acknowledge();
        }
        QVERIFY(comesToRest(*m_window));
        for (const QLabel *label : m_window->findChildren<QLabel *>()) {
            if (label->isVisible() && !label->wordWrap())
                QVERIFY2(label->sizeHint().width() <= label->width() + 1, qPrintable(label->text()));
            if (label->isVisible() && label->wordWrap() && !label->text().isEmpty())
                QVERIFY2(label->heightForWidth(label->width()) <= label->height() + 1, qPrintable(label->text()));
        }
        for (const QPushButton *button : m_window->findChildren<QPushButton *>()) {
            if (button->isVisible() && !button->text().isEmpty() && button->accessibleName().isEmpty())
                QVERIFY2(button->sizeHint().width() <= button->width() + 2, qPrintable(button->text()));
        }
        shoot(*m_window, QStringLiteral("drills-") + QLatin1String(QTest::currentDataTag()));
    }

private:
    void addHistory()
    {
        const QString drill = QStringLiteral("full-shift");
        m_yard->past = {FakeDrillYard::attempt(drill, 1, DrillVerdict::Failed, {}),
                        FakeDrillYard::attempt(drill, 2, DrillVerdict::Mistaken, 95'000),
                        FakeDrillYard::attempt(drill, 3, DrillVerdict::Passed, 61'000),
                        FakeDrillYard::attempt(drill, 4, DrillVerdict::Passed, 38'000),
                        FakeDrillYard::attempt(drill, 5, DrillVerdict::Passed, 27'000),
                        FakeDrillYard::attempt(QStringLiteral("dark"), 6, DrillVerdict::Abandoned, {})};
    }
    void open(bool hasYard = true)
    {
        m_world->context->drills = hasYard ? m_yard.get() : nullptr;
        m_window = std::make_unique<MainWindow>(*m_world->context, consolePages(), m_theme.get());
        m_window->setWorld(QStringLiteral("Practice world"));
        m_window->resize(1440, 900);
        m_window->show();
        m_window->activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(m_window.get()));
        m_window->go({QStringLiteral("drills"), {}, {}, {}, {}, {}});
        QApplication::processEvents();
    }
    template <typename T>
    T *find(const char *name) const
    {
        return m_window->findChild<T *>(QLatin1String(name));
    }
    QString barText() const { return find<ElidedLabel>("drillBarText")->text(); }

    std::unique_ptr<Theme> m_theme;
    std::unique_ptr<ConsoleWorld> m_world;
    std::unique_ptr<FakeDrillYard> m_yard;
    std::unique_ptr<MainWindow> m_window;
};

QTEST_MAIN(TestDrillsPage)
#include "test_drillspage.moc"
