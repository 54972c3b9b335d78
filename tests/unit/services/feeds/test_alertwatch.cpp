#include "services/feeds/alertwatch.h"
#include "tests/support/fakemetricsource.h"

#include <QSignalSpy>
#include <QTest>
#include <QTimer>

using namespace signalbox;
using signalbox::test::FakeMetricSource;

namespace
{

Alert alertOf(const QString &name, Alert::State state = Alert::State::Firing)
{
    Alert alert;
    alert.name = name;
    alert.state = state;
    alert.labels.insert(QStringLiteral("severity"), QStringLiteral("critical"));
    return alert;
}

QStringList namesOf(const AlertWatch &watch)
{
    QStringList names;
    for (const FiringAlert &one : watch.firing())
        names << one.alert.name;
    return names;
}

FakeMetricSource &sourceIn(MetricSet &sources, const QString &connection, const QList<Alert> &alerts)
{
    auto made = std::make_unique<FakeMetricSource>(connection);
    made->name = QStringLiteral("Prometheus ") + connection;
    made->alertList = alerts;
    return static_cast<FakeMetricSource &>(sources.add(std::move(made)));
}

} // namespace

class TestAlertWatch : public QObject
{
    Q_OBJECT
private slots:
    void whatFiresIsToldOnce()
    {
        MetricSet sources;
        auto &source = static_cast<FakeMetricSource &>(sources.add(std::make_unique<FakeMetricSource>()));
        source.alertList = {alertOf(QStringLiteral("Slow")), alertOf(QStringLiteral("Soon"), Alert::State::Pending)};
        AlertWatch watch(sources);
        QSignalSpy changed(&watch, &AlertWatch::changed);
        QTRY_COMPARE(namesOf(watch), QStringList{QStringLiteral("Slow")});
        QVERIFY(watch.unheard().isEmpty());
        const auto told = changed.count();
        // The same alert with another figure is no news.
        source.alertList[0].value = QStringLiteral("2.5");
        source.alertList << alertOf(QStringLiteral("Errors"));
        watch.readNow();
        QTRY_COMPARE(namesOf(watch), (QStringList{QStringLiteral("Errors"), QStringLiteral("Slow")}));
        QCOMPARE(changed.count(), told + 1);
        source.alertList[0].value = QStringLiteral("2.6");
        watch.readNow();
        QTRY_COMPARE(watch.firing().last().alert.value, QStringLiteral("2.6"));
        QCOMPARE(changed.count(), told + 1);
    }

    // Its last word stays, and is not taken for the present.
    void aSourceThatFailsIsSaid()
    {
        MetricSet sources;
        auto &source = static_cast<FakeMetricSource &>(sources.add(std::make_unique<FakeMetricSource>()));
        source.alertList = {alertOf(QStringLiteral("Slow"))};
        AlertWatch watch(sources);
        QTRY_COMPARE(watch.firing().size(), 1);
        QVERIFY(watch.firing().first().isKnown);
        source.error = Error{ErrorKind::Unreachable, QStringLiteral("Prometheus refused the connection."), {}};
        watch.readNow();
        QTRY_COMPARE(watch.unheard(), QStringList{source.title()});
        QCOMPARE(watch.firing().size(), 1);
        QVERIFY(!watch.firing().first().isKnown);
        source.error.reset();
        watch.readNow();
        QTRY_VERIFY(watch.unheard().isEmpty());
        QVERIFY(watch.firing().first().isKnown);
    }

    // The same alert of two clusters: each is told with its source, and known by its own.
    void twoSourcesThatSayTheSameAreTwo()
    {
        MetricSet sources;
        AlertWatch watch(sources);
        FakeMetricSource &east = sourceIn(sources, QStringLiteral("east"), {alertOf(QStringLiteral("Slow"))});
        QTRY_COMPARE(watch.firing().size(), 1);
        QVERIFY(watch.firing().first().source.isEmpty()); // there is no other
        FakeMetricSource &west = sourceIn(sources, QStringLiteral("west"), {alertOf(QStringLiteral("Slow"))});
        QTRY_COMPARE(watch.firing().size(), 2);
        QCOMPARE(watch.firing()[0].connection, QStringLiteral("east"));
        QCOMPARE(watch.firing()[0].source, east.name);
        QCOMPARE(watch.firing()[1].connection, QStringLiteral("west"));
        QCOMPARE(watch.firing()[1].source, west.name);
        west.error = Error{ErrorKind::Unreachable, QStringLiteral("Prometheus refused the connection."), {}};
        watch.readNow();
        QTRY_COMPARE(watch.unheard(), QStringList{west.name});
        QVERIFY(watch.firing()[0].isKnown);
        QVERIFY(!watch.firing()[1].isKnown);
    }

    // Sources list them in whatever order, and behind a load balancer twice.
    void anotherOrderIsNoNews()
    {
        MetricSet sources;
        const Alert slow = alertOf(QStringLiteral("Slow"));
        const Alert errors = alertOf(QStringLiteral("Errors"));
        FakeMetricSource &source = sourceIn(sources, QStringLiteral("east"), {slow, errors, slow});
        AlertWatch watch(sources);
        QTRY_COMPARE(namesOf(watch), (QStringList{QStringLiteral("Errors"), QStringLiteral("Slow")}));
        const QSignalSpy changed(&watch, &AlertWatch::changed);
        source.alertList = {errors, slow, errors};
        source.alertList[1].value = QStringLiteral("2.5");
        watch.readNow();
        QTRY_COMPARE(watch.firing().last().alert.value, QStringLiteral("2.5"));
        QCOMPARE(watch.firing().size(), 2);
        QCOMPARE(changed.count(), 0);
    }

    void whoHasNoAlertsIsNotUnheard_data()
    {
        QTest::addColumn<ErrorKind>("kind");
        QTest::addColumn<bool>("wasHeard");
        QTest::addColumn<bool>("isUnheard");
        QTest::newRow("no ruler") << ErrorKind::NotFound << false << false;
        QTest::newRow("cannot") << ErrorKind::Unsupported << false << false;
        QTest::newRow("may not") << ErrorKind::Forbidden << false << true;
        QTest::newRow("away") << ErrorKind::Unreachable << false << true;
        QTest::newRow("had some") << ErrorKind::NotFound << true << true; // what was known is not taken for over
    }
    void whoHasNoAlertsIsNotUnheard()
    {
        QFETCH(ErrorKind, kind);
        QFETCH(bool, wasHeard);
        QFETCH(bool, isUnheard);
        MetricSet sources;
        FakeMetricSource &source = sourceIn(sources, QStringLiteral("east"), {alertOf(QStringLiteral("Slow"))});
        const Error error{kind, QStringLiteral("Prometheus says no."), {}};
        if (!wasHeard)
            source.alertError = error;
        AlertWatch watch(sources);
        QSignalSpy changed(&watch, &AlertWatch::changed);
        QVERIFY(changed.wait());
        QCOMPARE(watch.firing().size(), wasHeard ? 1 : 0);
        if (wasHeard) {
            source.alertError = error;
            watch.readNow();
            QVERIFY(changed.wait());
        }
        QCOMPARE(watch.unheard(), isUnheard ? QStringList{source.name} : QStringList());
        QCOMPARE(watch.firing().size(), wasHeard ? 1 : 0);
        // It may get some.
        source.alertError.reset();
        watch.readNow();
        QTRY_COMPARE(watch.firing().size(), 1);
        QTRY_VERIFY(watch.unheard().isEmpty());
    }

    void eachIsAskedAgainByItself()
    {
        MetricSet sources;
        FakeMetricSource &source = sourceIn(sources, QStringLiteral("east"), {});
        FakeMetricSource &failing = sourceIn(sources, QStringLiteral("west"), {});
        failing.error = Error{ErrorKind::Unreachable, QStringLiteral("Prometheus refused the connection."), {}};
        AlertWatch watch(sources, AlertWatch::Times{std::chrono::milliseconds(5), std::chrono::milliseconds(10)});
        QTRY_VERIFY(source.alertsAsked > 3);
        QTRY_VERIFY(failing.alertsAsked > 3);
    }

    // Nothing wakes the program where there is nothing to ask.
    void nothingTicksWithoutASource()
    {
        MetricSet sources;
        const AlertWatch watch(sources, AlertWatch::Times{std::chrono::milliseconds(1), std::chrono::milliseconds(1)});
        FakeMetricSource &source = sourceIn(sources, QStringLiteral("east"), {});
        QTRY_VERIFY(source.alertsAsked > 1);
        QVERIFY(!watch.findChildren<QTimer *>().isEmpty());
        sources.remove(QStringLiteral("east"));
        QVERIFY(watch.findChildren<QTimer *>().isEmpty());
    }

    void aSourceThatIsTakenAwayTakesItsAlerts()
    {
        MetricSet sources;
        AlertWatch watch(sources);
        auto &source = static_cast<FakeMetricSource &>(sources.add(std::make_unique<FakeMetricSource>()));
        source.alertList = {alertOf(QStringLiteral("Slow"))};
        QTRY_COMPARE(watch.firing().size(), 1);
        sources.remove(QStringLiteral("fake"));
        QVERIFY(watch.firing().isEmpty());
        QVERIFY(watch.unheard().isEmpty());
    }
};

QTEST_GUILESS_MAIN(TestAlertWatch)
#include "test_alertwatch.moc"
