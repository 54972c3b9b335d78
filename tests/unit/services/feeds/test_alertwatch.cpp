#include "services/feeds/alertwatch.h"
#include "tests/support/fakemetricsource.h"

#include <QSignalSpy>
#include <QTest>

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
    for (const Alert &alert : watch.firing())
        names << alert.name;
    return names;
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
        QTRY_COMPARE(namesOf(watch), (QStringList{QStringLiteral("Slow"), QStringLiteral("Errors")}));
        QCOMPARE(changed.count(), told + 1);
        source.alertList[0].value = QStringLiteral("2.6");
        watch.readNow();
        QTRY_COMPARE(watch.firing().first().value, QStringLiteral("2.6"));
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
        QVERIFY(watch.isKnown(watch.firing().first()));
        source.error = Error{ErrorKind::Unreachable, QStringLiteral("Prometheus refused the connection."), {}};
        watch.readNow();
        QTRY_COMPARE(watch.unheard(), QStringList{source.title()});
        QCOMPARE(watch.firing().size(), 1);
        QVERIFY(!watch.isKnown(watch.firing().first()));
        source.error.reset();
        watch.readNow();
        QTRY_VERIFY(watch.unheard().isEmpty());
        QVERIFY(watch.isKnown(watch.firing().first()));
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
