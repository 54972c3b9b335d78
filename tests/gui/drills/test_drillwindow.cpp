// A whole fire drill as somebody at the console lives it: the real window, its real services, the real practice world,
// and a keyboard. Nothing is fed by hand and the clock is the wall's, which takes about a minute and a half.
#include "app/console/console.h"
#include "app/console/tour/script.h"
#include "app/wiring/demo.h"
#include "services/drills/practicedrills.h"
#include "ui/charts/chartpanel.h"
#include "ui/pages/drills/timeline.h"
#include "ui/shell/mainwindow.h"
#include "ui/widgets/tableview.h"

#include <QElapsedTimer>
#include <QLabel>
#include <QListView>
#include <QPushButton>
#include <QTemporaryDir>
#include <QTest>

using namespace signalbox;
using namespace std::chrono_literals;

namespace
{

const QString drill = QStringLiteral("full-shift");
const QString application = QStringLiteral("fraud-scorer");
constexpr double badErrors = 3; // per cent of the requests, as the drill's own first bad sample

Debrief earlierAttempt()
{
    Debrief one;
    one.id = QStringLiteral("01ARZ3NDEKTSV4RRFFQ69G5FAV");
    one.drill = drill;
    one.title = drill;
    one.application = application;
    one.environment = QStringLiteral("production");
    one.startedAt = QDateTime::currentDateTimeUtc().addDays(-2);
    one.tookMs = 240'000;
    one.verdict = DrillVerdict::Mistaken;
    one.words = QStringLiteral("Restored after 3:00.");
    one.moments = {{DrillMoment::Kind::Begin, 0, QStringLiteral("The drill began."), DrillMoment::Mark::None}};
    one.detectMs = 100'000;
    one.restoreMs = 180'000;
    return one;
}

} // namespace

class TestDrillWindow : public QObject
{
    Q_OBJECT
private slots:
    void initTestCase()
    {
        QVERIFY(m_folder.isValid());
        qputenv("SIGNALBOX_DATA", m_folder.path().toUtf8());
        keepEarlierAttempt();
        m_sources.demo = true;
        Result<DemoWorld> world = startDemo(m_sources);
        QVERIFY2(world, world ? "" : qPrintable(world.error().message));
        m_world = std::move(*world);
        m_yard = std::make_unique<drills::PracticeDrills>(*m_world, drills::PracticeDrills::Options{ledgerPath()});
        m_console =
            std::make_unique<Console>(*qApp, m_sources, m_folder.filePath(QStringLiteral("console.ini")), m_yard.get());
        m_console->window().resize(1440, 900);
        m_console->show();
        m_console->window().activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(&m_console->window()));
        m_operator = std::make_unique<TourOperator>(m_console->window());
        QTRY_VERIFY_WITH_TIMEOUT(hasListed(), 60'000);
    }
    void cleanupTestCase()
    {
        m_operator.reset();
        m_console.reset();
        m_yard.reset();
        m_world.reset();
    }

    // The next ones are one story; each goes on where the one before ended.
    void startsFromTheDrillsPage()
    {
        find(QStringLiteral("fire drills"));
        QTRY_VERIFY(!m_operator->isOnPage(QStringLiteral("drills")));
        auto *list = m_operator->find<QListView>(QStringLiteral("drillList"));
        QTRY_VERIFY(list != nullptr && list->hasFocus());
        m_operator->press(Qt::Key_End);
        QTRY_COMPARE(list->currentIndex().row(), list->model()->rowCount() - 1);
        m_operator->press(Qt::Key_Home);
        QTRY_COMPARE(list->currentIndex().row(), 0);
        m_operator->press(Qt::Key_Return);
        auto *start = m_operator->find<QPushButton>(QStringLiteral("drillStart"));
        QTRY_VERIFY(start != nullptr && start->hasFocus());
        m_operator->press(Qt::Key_Return);
        QTRY_VERIFY(m_yard->progress().isUnderWay());
        QCOMPARE(m_yard->progress().drill, drill);
        QTRY_VERIFY(m_operator->find(QStringLiteral("drillBar")) != nullptr);
        QTRY_COMPARE_WITH_TIMEOUT(m_yard->progress().phase, DrillProgress::Phase::Running, 90'000);
    }

    void theFaultShowsItself()
    {
        find(QStringLiteral("move traffic of %1 in production").arg(application));
        QTRY_VERIFY(!m_operator->isOnPage(QStringLiteral("traffic")));
        const auto errors = [this] { return m_operator->valueOf(QStringLiteral("errors"), QStringLiteral("blue")); };
        QTRY_VERIFY_WITH_TIMEOUT(errors().has_value(), 30'000);
        const QString clock = barClock();
        QVERIFY2(!clock.contains(QStringLiteral("bad")), qPrintable(clock)); // it is for the operator to see
        QTRY_VERIFY2_WITH_TIMEOUT(errors().value_or(0) >= badErrors,
                                  qPrintable(m_operator->chartText(QStringLiteral("errors"))), 90'000);
        m_operator->press(Qt::Key_F8);
        QTRY_VERIFY(m_yard->progress().isSeen);
        QTRY_VERIFY2(barClock().contains(QStringLiteral("bad for")), qPrintable(barClock()));
    }

    void isRolledBackByADeliberateHold()
    {
        for (const TourStep &step : stepsBack()) {
            play(step);
            if (QTest::currentTestFailed())
                return;
        }
    }

    void theDebriefIsThere()
    {
        QTRY_COMPARE_WITH_TIMEOUT(m_yard->progress().phase, DrillProgress::Phase::Over, 120'000);
        find(QStringLiteral("fire drills"));
        QTRY_VERIFY(!m_operator->isOnPage(QStringLiteral("drills")));
        auto *panel = m_operator->find<Panel>(QStringLiteral("drillDebrief"));
        QTRY_VERIFY(panel != nullptr && panel->state() == Panel::State::Content);
        const std::optional<Debrief> debrief = m_yard->debrief();
        QVERIFY(debrief);
        QVERIFY2(debrief->verdict == DrillVerdict::Passed, qPrintable(debrief->words));
        QVERIFY(debrief->detectMs && debrief->restoreMs && *debrief->detectMs <= *debrief->restoreMs);
        const auto *words = m_operator->find<QLabel>(QStringLiteral("drillWords"));
        QVERIFY(words != nullptr);
        QCOMPARE(words->text(), debrief->words);
        const auto *line = m_operator->find<Timeline>(QStringLiteral("drillTimeline"));
        QVERIFY(line != nullptr);
        QCOMPARE(line->count(), static_cast<int>(debrief->moments.size()));
        using Kind = DrillMoment::Kind;
        for (const Kind kind : {Kind::Begin, Kind::Fault, Kind::FirstBad, Kind::FirstSign, Kind::Seen, Kind::Action,
                                Kind::Recovery, Kind::End}) {
            const bool isTold = std::any_of(debrief->moments.begin(), debrief->moments.end(),
                                            [kind](const DrillMoment &moment) { return moment.kind == kind; });
            QVERIFY2(isTold, qPrintable(drillMomentName(kind)));
        }
    }

    void theChartHasBothAttempts()
    {
        auto *chart = m_operator->find<ChartPanel>(QStringLiteral("chart-drills"));
        QVERIFY(chart != nullptr);
        QCOMPARE(chart->state(), Panel::State::Content);
        const QList<ChartSeries> series = chart->data().series;
        QCOMPARE(series.size(), 2);
        const Debrief now = *m_yard->debrief();
        QCOMPARE(series[0].samples.size(), 2);
        QCOMPARE(series[0].samples.last().value, static_cast<double>(*now.detectMs) / 1000);
        QCOMPARE(series[1].samples.size(), 2);
        QCOMPARE(series[1].samples.first().value, 180.0);
        QCOMPARE(series[1].samples.last().value, static_cast<double>(*now.restoreMs) / 1000);
        QVERIFY(series[1].samples.last().value < series[1].samples.first().value); // getting faster
        keepPicture();
    }

    void theLedgerKeepsIt()
    {
        Ledger ledger(ledgerPath());
        QList<LedgerEntry> kept;
        QTRY_COMPARE_WITH_TIMEOUT((kept = read(ledger)).size(), 2, 15'000);
        QCOMPARE(*kept.first().drill, *m_yard->debrief());
    }

private:
    QString ledgerPath() const { return drills::PracticeDrills::ledgerPath(m_folder.path()); }

    void keepEarlierAttempt()
    {
        Ledger ledger(ledgerPath());
        LedgerEntry entry;
        const Debrief earlier = earlierAttempt();
        entry.id = earlier.id;
        entry.type = QStringLiteral("drill");
        entry.at = earlier.startedAt;
        entry.who = accountIdentity();
        entry.tool = QStringLiteral("test");
        entry.drill = earlier;
        auto kept = ledger.append(entry);
        kept.waitForFinished();
        QVERIFY2(kept.result(), kept.result() ? "" : qPrintable(kept.result().error().message));
    }
    static QList<LedgerEntry> read(Ledger &ledger)
    {
        auto entries = ledger.newest(10, QStringLiteral("drill"));
        entries.waitForFinished();
        return entries.result() ? *entries.result() : QList<LedgerEntry>();
    }

    bool hasListed() const
    {
        const auto *table = m_operator->find<TableView>(QStringLiteral("releasesTable"));
        return table != nullptr && table->model()->rowCount() > 5 && !m_operator->isAnyPanelLoading();
    }
    // By the palette, from any screen.
    void find(const QString &words)
    {
        m_operator->press(Qt::Key_K, Qt::ControlModifier);
        QTRY_VERIFY(m_operator->find(QStringLiteral("paletteList")) != nullptr);
        m_operator->type(words);
        const auto *list = m_operator->find<QListView>(QStringLiteral("paletteList"));
        QTRY_VERIFY2(list->currentIndex().data().toString().compare(words, Qt::CaseInsensitive) == 0,
                     qPrintable(list->currentIndex().data().toString()));
        m_operator->press(Qt::Key_Return);
    }
    // As the tour does: acts as soon as that can be done, and waits for what must be seen.
    void play(const TourStep &step)
    {
        TourOperator::Doubt doubt;
        const auto isSettled = [&](const auto &question) {
            return QTest::qWaitFor([&] { return !(doubt = question(*m_operator)); },
                                   static_cast<int>(step.limit.count()));
        };
        const bool isDone = (!step.act || isSettled(step.act)) && (!step.look || isSettled(step.look));
        if (step.letsGo)
            m_operator->letGo();
        QVERIFY2(isDone, qPrintable(QStringLiteral("%1: %2").arg(step.title, doubt.value_or(QString()))));
    }
    QString barClock() const
    {
        const auto *clock = m_operator->find<QLabel>(QStringLiteral("drillBarClock"));
        return clock == nullptr ? QString() : clock->text();
    }
    void keepPicture() const
    {
        const QString folder = qEnvironmentVariable("SIGNALBOX_SHOTS");
        if (!folder.isEmpty())
            QVERIFY(m_console->window().grab().save(folder + QStringLiteral("/drill-debrief.png")));
    }

    QTemporaryDir m_folder;
    SourceOptions m_sources;
    DemoWorld m_world;
    std::unique_ptr<drills::PracticeDrills> m_yard;
    std::unique_ptr<Console> m_console;
    std::unique_ptr<TourOperator> m_operator;
};

QTEST_MAIN(TestDrillWindow)
#include "test_drillwindow.moc"
