// A whole fire drill as somebody at the console lives it: the real window, its real services, the real practice world,
// and a keyboard. Nothing is fed by hand and the clock is the wall's, which takes about a minute and a half.
#include "app/console/tour/script.h"
#include "services/ledger/ledger.h"
#include "tests/support/realconsole.h"
#include "tests/support/shots.h"
#include "ui/charts/chartpanel.h"
#include "ui/charts/chartview.h"
#include "ui/pages/drills/timeline.h"

#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QFileInfo>
#include <QLabel>
#include <QPushButton>

using namespace signalbox;
using namespace signalbox::test;

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
    one.verdict = DrillVerdict::Passed;
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
        keepEarlierAttempt();
        QVERIFY(leaveUnreadable());
        QVERIFY(m_real.open());
    }

    // Whatever page is open: what could not be read or written of the debriefs is said.
    void aProblemWithTheDebriefsIsSaid()
    {
        const auto told = [this]() -> QWidget * {
            for (QWidget *notice : m_real.console().window().findChildren<QWidget *>(QStringLiteral("notice"))) {
                if (notice->accessibleName().contains(QStringLiteral("broken.json")))
                    return notice;
            }
            return nullptr;
        };
        QTRY_VERIFY(told() != nullptr);
        told()->close();
    }

    // The next ones are one story; each goes on where the one before ended.
    void startsFromTheDrillsPage()
    {
        QVERIFY(m_real.choose(QStringLiteral("fire drills")));
        QTRY_VERIFY(!hands().isOnPage(QStringLiteral("drills")));
        auto *list = hands().find<QListView>(QStringLiteral("drillList"));
        QTRY_VERIFY(list != nullptr && list->hasFocus());
        hands().press(Qt::Key_End);
        QTRY_COMPARE(list->currentIndex().row(), list->model()->rowCount() - 1);
        hands().press(Qt::Key_Home);
        QTRY_COMPARE(list->currentIndex().row(), 0);
        hands().press(Qt::Key_Return);
        auto *start = hands().find<QPushButton>(QStringLiteral("drillStart"));
        QTRY_VERIFY(start != nullptr && start->hasFocus());
        hands().press(Qt::Key_Return);
        QTRY_VERIFY(yard().progress().isUnderWay());
        QCOMPARE(yard().progress().drill, drill);
        QTRY_VERIFY(hands().find(QStringLiteral("drillBar")) != nullptr);
        QTRY_COMPARE_WITH_TIMEOUT(yard().progress().phase, DrillProgress::Phase::Running, 90'000);
    }

    void theFaultShowsItself()
    {
        QVERIFY(m_real.choose(QStringLiteral("move traffic of %1 in production").arg(application)));
        QTRY_VERIFY(!hands().isOnPage(QStringLiteral("traffic")));
        const auto errors = [this] { return hands().valueOf(QStringLiteral("errors"), QStringLiteral("blue")); };
        QTRY_VERIFY_WITH_TIMEOUT(errors().has_value(), 30'000);
        const QString clock = barClock();
        QVERIFY2(!clock.contains(QStringLiteral("bad")), qPrintable(clock)); // it is for the operator to see
        QTRY_VERIFY2_WITH_TIMEOUT(errors().value_or(0) >= badErrors,
                                  qPrintable(hands().chartText(QStringLiteral("errors"))), 90'000);
        hands().press(Qt::Key_F8);
        QTRY_VERIFY(yard().progress().isSeen);
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
        QTRY_COMPARE_WITH_TIMEOUT(yard().progress().phase, DrillProgress::Phase::Over, 120'000);
        QVERIFY(m_real.choose(QStringLiteral("fire drills")));
        QTRY_VERIFY(!hands().isOnPage(QStringLiteral("drills")));
        auto *panel = hands().find<Panel>(QStringLiteral("drillDebrief"));
        QTRY_VERIFY(panel != nullptr && panel->state() == Panel::State::Content);
        const std::optional<Debrief> debrief = yard().debrief();
        QVERIFY(debrief);
        QVERIFY2(debrief->verdict == DrillVerdict::Passed, qPrintable(debrief->words));
        QVERIFY(debrief->detectMs && debrief->restoreMs && *debrief->detectMs <= *debrief->restoreMs);
        const auto *words = hands().find<QLabel>(QStringLiteral("drillWords"));
        QVERIFY(words != nullptr);
        QCOMPARE(words->text(), debrief->words);
        const auto *line = hands().find<Timeline>(QStringLiteral("drillTimeline"));
        QVERIFY(line != nullptr);
        QCOMPARE(line->count(), static_cast<int>(debrief->moments.size()));
        using Kind = DrillMoment::Kind;
        for (const Kind kind : {Kind::Begin, Kind::Fault, Kind::FirstBad, Kind::FirstSign, Kind::Seen, Kind::Action,
                                Kind::Recovery, Kind::End}) {
            const bool isTold = std::any_of(debrief->moments.begin(), debrief->moments.end(),
                                            [kind](const DrillMoment &moment) { return moment.kind == kind; });
            QVERIFY2(isTold, qPrintable(drillMomentName(kind)));
        }
        // What the window painted, not what the metrics could have told.
        const auto moment = [&debrief](Kind kind) {
            return *std::find_if(debrief->moments.begin(), debrief->moments.end(),
                                 [kind](const DrillMoment &one) { return one.kind == kind; });
        };
        const DrillMoment sign = moment(Kind::FirstSign);
        QVERIFY2(sign.text.startsWith(QStringLiteral("First sign on screen, in the chart ")), qPrintable(sign.text));
        QVERIFY(sign.atMs >= moment(Kind::FirstBad).atMs && sign.atMs < moment(Kind::Action).atMs);
    }

    void theChartHasBothAttempts()
    {
        auto *chart = hands().find<ChartPanel>(QStringLiteral("chart-drills"));
        QVERIFY(chart != nullptr);
        QCOMPARE(chart->state(), Panel::State::Content);
        const QList<ChartSeries> series = chart->data().series;
        QCOMPARE(series.size(), 2);
        const Debrief now = *yard().debrief();
        QCOMPARE(series[0].samples.size(), 2);
        QCOMPARE(series[0].samples.last().value, static_cast<double>(*now.detectMs) / 1000);
        QCOMPARE(series[1].samples.size(), 2);
        QCOMPARE(series[1].samples.first().value, 180.0);
        QCOMPARE(series[1].samples.last().value, static_cast<double>(*now.restoreMs) / 1000);
        QVERIFY(series[1].samples.last().value < series[1].samples.first().value); // getting faster
        QTRY_VERIFY(isDrawn(chart->view()));
        shoot(m_real.console().window(), QStringLiteral("drill-debrief"));
    }

    void theLedgerKeepsIt()
    {
        Ledger ledger(m_real.ledgerPath());
        QList<LedgerEntry> kept;
        QTRY_COMPARE_WITH_TIMEOUT((kept = read(ledger)).size(), 2, 15'000);
        QCOMPARE(*kept.first().drill, *yard().debrief());
    }

private:
    TourOperator &hands() { return m_real.hands(); }
    drills::PracticeDrills &yard() { return m_real.yard(); }

    void keepEarlierAttempt()
    {
        Ledger ledger(m_real.ledgerPath());
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
    bool leaveUnreadable() const
    {
        const QString folder = drills::DebriefBook::unwrittenPath(QFileInfo(m_real.ledgerPath()).path());
        QFile file(folder + QStringLiteral("/broken.json"));
        return QDir().mkpath(folder) && file.open(QIODevice::WriteOnly) && file.write("{") == 1;
    }
    static QList<LedgerEntry> read(Ledger &ledger)
    {
        auto entries = ledger.newest(10, QStringLiteral("drill"));
        entries.waitForFinished();
        return entries.result() ? *entries.result() : QList<LedgerEntry>();
    }

    // As the tour does: acts as soon as that can be done, and waits for what must be seen.
    void play(const TourStep &step)
    {
        TourOperator::Doubt doubt;
        const auto isSettled = [&](const auto &question) {
            return QTest::qWaitFor([&] { return !(doubt = question(hands())); }, static_cast<int>(step.limit.count()));
        };
        const bool isDone = (!step.act || isSettled(step.act)) && (!step.look || isSettled(step.look));
        if (step.letsGo)
            hands().letGo();
        QVERIFY2(isDone, qPrintable(QStringLiteral("%1: %2").arg(step.title, doubt.value_or(QString()))));
    }
    // More than axes and a grid, which have no colour.
    static bool isDrawn(ChartView &view)
    {
        const QImage image = view.grab(view.plotRect()).toImage();
        int coloured = 0;
        for (int y = 0; y < image.height(); ++y) {
            for (int x = 0; x < image.width(); ++x)
                coloured += image.pixelColor(x, y).hsvSaturation() > 100 ? 1 : 0;
        }
        return coloured > 50;
    }
    QString barClock()
    {
        const auto *clock = hands().find<QLabel>(QStringLiteral("drillBarClock"));
        return clock == nullptr ? QString() : clock->text();
    }

    RealConsole m_real;
};

QTEST_MAIN(TestDrillWindow)
#include "test_drillwindow.moc"
