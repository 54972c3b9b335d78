#include "models/items/alertsmodel.h"
#include "models/series/seriescsv.h"
#include "services/feeds/metricfeed.h"
#include "tests/support/fakemetricsource.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTest>

#include <cmath>

using namespace signalbox;
using test::FakeMetricSource;

namespace
{
const QDateTime begin(QDate(2026, 11, 21), QTime(8, 0), Qt::UTC);
}

class TestMetricFeed : public QObject
{
    Q_OBJECT
private slots:
    void init()
    {
        m_now = begin;
        m_source = std::make_unique<FakeMetricSource>();
        m_feed = std::make_unique<MetricFeed>();
        m_feed->setClock([this] {
            ++m_looks;
            return m_now;
        });
        m_feed->setScrapeInterval(1000);
        m_feed->setInterval(250);
        m_feed->setRange({60000, {}});
        m_feed->setPanels({FakeMetricSource::panel(QStringLiteral("a"), QStringLiteral("A"), QStringLiteral("ms"))});
        m_feed->setSource(m_source.get());
    }
    void cleanup()
    {
        m_feed.reset();
        m_source.reset();
    }

    void theWholeRangeFirstThenOnlyWhatIsNew()
    {
        m_feed->start();
        QTRY_VERIFY(data().freshness.isLive());
        QCOMPARE(m_source->asked.size(), 1);
        QCOMPARE(m_source->asked[0].start, begin.addSecs(-60));
        QCOMPARE(m_source->asked[0].expression, QStringLiteral("a[4s]"));
        QCOMPARE(data().series.first().samples.size(), 61);
        m_now = begin.addSecs(3);
        QTRY_COMPARE(m_source->asked.size(), 2);
        QCOMPARE(m_source->asked[1].start, begin.addSecs(-2)); // two scrapes again: they may have been incomplete
        QCOMPARE(m_source->asked[1].end, m_now);
        QTRY_COMPARE(data().series.first().samples.last().time, m_now.toMSecsSinceEpoch());
        QCOMPARE(data().series.first().samples.size(), 62); // the range and one step before it
    }

    void nothingIsAskedBeforeThereCanBeMore()
    {
        m_feed->setRange({24 * 3600 * 1000, {}});
        m_feed->start();
        QTRY_VERIFY(data().freshness.isLive());
        for (const int seconds : {20, 21, 22}) { // the step is minutes
            m_now = begin.addSecs(seconds);
            QTRY_COMPARE(data().freshness.lastHeard, m_now); // another round was there
            QCOMPARE(m_source->asked.size(), 1);
            QVERIFY(data().freshness.isLive());
        }
    }

    void anotherRangeIsReadWhole()
    {
        m_feed->start();
        QTRY_VERIFY(data().freshness.isLive());
        m_feed->setRange({120000, begin.addSecs(-600)});
        QTRY_COMPARE(m_source->asked.size(), 2);
        QCOMPARE(m_source->asked[1].start, begin.addSecs(-720));
        QCOMPARE(m_source->asked[1].end, begin.addSecs(-600));
        QTRY_COMPARE(data().series.first().samples.last().time, begin.addSecs(-600).toMSecsSinceEpoch());
    }

    void failuresAreStaleAndAskedLaterAndLater()
    {
        m_feed->start();
        QTRY_VERIFY(data().freshness.isLive());
        m_source->error = Error{ErrorKind::Unreachable, QStringLiteral("away"), {}};
        m_now = begin.addSecs(2);
        QTRY_COMPARE(data().freshness.state, Freshness::State::Stale);
        QCOMPARE(data().freshness.lastHeard, begin);
        QCOMPARE(data().freshness.since, m_now);
        QCOMPARE(data().series.size(), 2); // what was last true stays
        const auto asked = m_source->asked.size();
        const int looks = m_looks;
        QTRY_VERIFY(m_looks > looks + 9);        // several rounds, each looks at the clock a few times
        QCOMPARE(m_source->asked.size(), asked); // it stands still: the back-off does not end
        m_now = m_now.addSecs(60);
        QTRY_COMPARE(m_source->asked.size(), asked + 1);
        m_source->error.reset();
        m_feed->refresh(); // the operator need not wait
        QTRY_VERIFY(data().freshness.isLive());
        QVERIFY(!data().freshness.error);
    }

    void whatNeverAnsweredHasFailed()
    {
        m_source->error = Error{ErrorKind::Forbidden, QStringLiteral("no"), {}};
        m_feed->start();
        QTRY_COMPARE(data().freshness.state, Freshness::State::Denied);
        QTRY_COMPARE(m_feed->alertFreshness().state, Freshness::State::Failed);
        QVERIFY(data().series.isEmpty());
    }

    // Mimir without a ruler: figures, and no alerts at all.
    void aSourceWithoutRulesHasNotFailed()
    {
        m_source->alertError = Error{ErrorKind::NotFound, QStringLiteral("Prometheus has no alerts."), {}};
        m_feed->start();
        QTRY_COMPARE(m_feed->alertFreshness().state, Freshness::State::Absent);
    }

    // A gateway that lets rules through and refuses alerts: what fires is not known.
    void rulesAloneAreNotLive()
    {
        m_source->alertError = Error{ErrorKind::Forbidden, QStringLiteral("no"), {}};
        m_source->rulesAnswer = true;
        m_source->ruleList = {AlertRule()};
        m_feed->start();
        QTRY_COMPARE(m_feed->rules().size(), 1);
        QTRY_VERIFY(m_feed->alertFreshness().error);
        QCOMPARE(m_feed->alertFreshness().state, Freshness::State::Failed); // not "none firing", now
        m_source->alertError.reset();
        m_feed->refresh();
        QTRY_VERIFY(m_feed->alertFreshness().isLive());
        QVERIFY(!m_feed->alertFreshness().error);
        // Later what fires is as old as it was, though the rules go on answering.
        m_source->alertError = Error{ErrorKind::Forbidden, QStringLiteral("no more"), {}};
        m_source->ruleList.append(AlertRule());
        m_now = begin.addSecs(60);
        QTRY_COMPARE(m_feed->rules().size(), 2);
        QTRY_COMPARE(m_feed->alertFreshness().state, Freshness::State::Stale);
        QCOMPARE(m_feed->alertFreshness().lastHeard, begin);
    }

    void anEmptyAnswerIsLiveAndHasNoSeries()
    {
        m_source->tracks.clear();
        m_feed->start();
        QTRY_VERIFY(data().freshness.isLive());
        QVERIFY(data().series.isEmpty());
    }

    void aTrackThatEndsLeavesAHole()
    {
        m_feed->start();
        QTRY_COMPARE(data().series.size(), 2);
        m_source->tracks = QStringList{QStringLiteral("blue")};
        m_now = begin.addSecs(10);
        QTRY_COMPARE(data().series[0].samples.last().time, m_now.toMSecsSinceEpoch());
        QCOMPARE(data().series[1].samples.last().time, begin.toMSecsSinceEpoch());
        m_now = begin.addSecs(90);
        QTRY_COMPARE(data().series.size(), 1); // out of the range
    }

    void panelsThatStayKeepTheirData()
    {
        m_feed->start();
        QTRY_VERIFY(data().freshness.isLive());
        m_feed->setPanels({FakeMetricSource::panel(QStringLiteral("b"), QStringLiteral("B"), QStringLiteral("ms")),
                           FakeMetricSource::panel(QStringLiteral("a"), QStringLiteral("A"), QStringLiteral("ms"))});
        QCOMPARE(data().series.size(), 2);
        QCOMPARE(m_feed->panelIds(), (QStringList{QStringLiteral("b"), QStringLiteral("a")}));
        QTRY_COMPARE(m_feed->find(QStringLiteral("b"))->series.size(), 2);
    }

    void aSourceThatGoesAwayIsLetGo()
    {
        m_feed->start();
        QTRY_VERIFY(data().freshness.isLive());
        m_feed->setSource(nullptr);
        m_source.reset();
        QCOMPARE(data().freshness.state, Freshness::State::Loading);
        m_feed->refresh(); // a round that has nobody to ask
        QCoreApplication::processEvents();
        QVERIFY(m_feed->alerts().isEmpty());
        m_source = std::make_unique<FakeMetricSource>();
        m_feed->setSource(m_source.get());
        QTRY_VERIFY(data().freshness.isLive()); // and goes on with the next one
    }

    void csvHasHolesAsEmptyCells()
    {
        PanelData panel;
        panel.panel.title = QStringLiteral("Rate, all");
        panel.panel.unit = QStringLiteral("ms");
        panel.series = {{QStringLiteral("blue"), {}, {{1000, 1.5}, {2000, std::nan("")}}},
                        {QStringLiteral("=x"), {}, {{2000, 3}, {9000, 4}}}};
        QCOMPARE(seriesCsv({panel}, 0, 5000), QStringLiteral("time,\"Rate, all blue (ms)\",\"Rate, all =x (ms)\"\r\n"
                                                             "1970-01-01T00:00:01.000Z,1.5,\r\n"
                                                             "1970-01-01T00:00:02.000Z,NaN,3\r\n"));
    }

    void alertRowsAreOrderedAndUnique()
    {
        Alert firing;
        firing.name = QStringLiteral("F");
        firing.state = Alert::State::Firing;
        firing.value = QStringLiteral("5e-01");
        Alert pending = firing;
        pending.name = QStringLiteral("P");
        pending.state = Alert::State::Pending;
        pending.value = QStringLiteral("NaN");
        AlertRule silent;
        silent.name = QStringLiteral("S");
        silent.health = QStringLiteral("ok");
        AlertRule broken = silent;
        broken.name = QStringLiteral("B");
        broken.health = QStringLiteral("err");
        AlertRule ofFiring = silent;
        ofFiring.name = QStringLiteral("F");
        const QList<AlertRow> rows = alertRows({pending, firing, firing}, {silent, broken, ofFiring});
        QStringList names;
        for (const AlertRow &row : rows)
            names.append(row.name);
        QCOMPARE(names,
                 (QStringList{QStringLiteral("F"), QStringLiteral("P"), QStringLiteral("B"), QStringLiteral("S")}));
        QCOMPARE(rows[0].value, QStringLiteral("0.5"));
        QCOMPARE(rows[1].value, QStringLiteral("NaN"));

        AlertRule odd = silent;
        odd.name = QStringLiteral("O");
        odd.state = Alert::State::Unknown;
        Alert oddOne = firing;
        oddOne.state = Alert::State::Unknown;
        for (const AlertRow &row : alertRows({oddOne}, {odd})) {
            QCOMPARE(row.health, Health::Unknown);
            QCOMPARE(row.state, QStringLiteral("unknown"));
        }
        QCOMPARE(alertRows({oddOne}, {odd}).size(), 2);

        AlertsModel model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.setRows(rows);
        const QSignalSpy removed(&model, &AlertsModel::rowsRemoved);
        model.setRows(rows.mid(1));
        QCOMPARE(removed.size(), 1);
    }

private:
    const PanelData &data() const { return *m_feed->find(QStringLiteral("a")); }

    QDateTime m_now;
    int m_looks = 0; // at the clock
    std::unique_ptr<FakeMetricSource> m_source;
    std::unique_ptr<MetricFeed> m_feed;
};

QTEST_GUILESS_MAIN(TestMetricFeed)
#include "test_metricfeed.moc"
