// An alert that fires, from its source to the Overview and from there to the Metrics of that source.
#include "tests/gui/metrics/metricsworld.h"
#include "tests/support/consoleworld.h"
#include "tests/support/fakemetricsource.h"
#include "ui/pages/metrics/metricspage.h"
#include "ui/pages/metrics/metricspresenter.h"
#include "ui/pages/overview/overviewpage.h"
#include "ui/pages/overview/overviewpresenter.h"
#include "ui/theme/theme.h"

#include <QAbstractItemView>
#include <QApplication>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>

using namespace signalbox;
using test::ConsoleWorld;
using test::FakeMetricSource;
using test::MetricsWorld;

namespace
{

FakeMetricSource &sourceIn(MetricSet &sources, const QString &connection)
{
    auto made = std::make_unique<FakeMetricSource>(connection);
    made->name = QStringLiteral("Prometheus ") + connection;
    Alert alert;
    alert.name = QStringLiteral("Slow");
    alert.state = Alert::State::Firing;
    alert.labels.insert(QStringLiteral("severity"), QStringLiteral("critical"));
    alert.activeAt = QDateTime::currentDateTimeUtc().addSecs(-90);
    made->alertList = {alert};
    return static_cast<FakeMetricSource &>(sources.add(std::move(made)));
}

int alertRowsIn(const AttentionModel &model)
{
    return static_cast<int>(std::count_if(model.rows().cbegin(), model.rows().cend(),
                                          [](const AttentionRow &row) { return !row.alert.isEmpty(); }));
}

} // namespace

class TestAlertAttention : public QObject
{
    Q_OBJECT
private slots:
    void initTestCase() { m_theme = std::make_unique<Theme>(*qApp); }
    void cleanupTestCase() { m_theme.reset(); }

    void eachAlertLeadsToItsSource()
    {
        ConsoleWorld world;
        world.addRichCluster();
        sourceIn(world.metrics, QStringLiteral("east"));
        sourceIn(world.metrics, QStringLiteral("west"));
        OverviewPage page(*world.context);
        page.resize(1240, 800);
        page.show();
        QStringList opened;
        connect(&page, &Page::navigate, this,
                [&opened](const NavigationTarget &target) { opened << target.page + u' ' + target.connection; });
        const AttentionModel &model = page.findChild<OverviewPresenter *>()->attention();
        const QList<QAbstractItemView *> views = page.findChildren<QAbstractItemView *>();
        const auto view =
            std::find_if(views.cbegin(), views.cend(), [&model](const auto *one) { return one->model() == &model; });
        QVERIFY(view != views.cend());
        const auto button = [&](int row) -> QPushButton * {
            const QWidget *cell = (*view)->indexWidget(model.index(row, AttentionModel::Action));
            return cell != nullptr ? cell->findChild<QPushButton *>() : nullptr;
        };
        QStringList expected;
        QTRY_COMPARE(alertRowsIn(model), 2);
        for (int row = 0; row < model.rowCount(); ++row) {
            if (model.row(row).alert.isEmpty())
                continue;
            QVERIFY(model.row(row).detail.contains(QStringLiteral("Prometheus ") + model.row(row).connection));
            QTRY_VERIFY(button(row) != nullptr);
            button(row)->click();
            expected << QStringLiteral("metrics ") + model.row(row).connection;
        }
        QCOMPARE(opened, expected);
        QCOMPARE(QSet<QString>(opened.cbegin(), opened.cend()).size(), 2);
    }

    void metricsOpenOnTheSourceThatWasMeant()
    {
        MetricsWorld world;
        sourceIn(world.metrics, QStringLiteral("east"));
        sourceIn(world.metrics, QStringLiteral("west"));
        MetricsPage page(world.context);
        QCOMPARE(page.presenter().source()->connection(), QStringLiteral("east"));
        page.open({QStringLiteral("metrics"), {}, QStringLiteral("west"), {}, {}, {}});
        QCOMPARE(page.presenter().source()->connection(), QStringLiteral("west"));
        QCOMPARE(page.current().connection, QStringLiteral("west"));
        // An application's cluster is no metric source.
        page.open(
            {QStringLiteral("metrics"), world.deployed.all().first().key(), QStringLiteral("prod-eu"), {}, {}, {}});
        QCOMPARE(page.presenter().source()->connection(), QStringLiteral("west"));
    }

    // Releases change many times a second, alerts seldom: their rows are made when alerts are others.
    void releasesThatChangeDoNotMakeAlertsAnew()
    {
        ConsoleWorld world;
        world.addRichCluster();
        FakeMetricSource &east = sourceIn(world.metrics, QStringLiteral("east"));
        sourceIn(world.metrics, QStringLiteral("west"));
        OverviewPresenter presenter(*world.context);
        QTRY_COMPARE(alertRowsIn(presenter.attention()), 2);
        const int failing = presenter.failing();
        const int asked = east.titlesAsked; // each time they are made
        QList<Deployed> all = world.deployed.all();
        Deployed one = all.first();
        one.application = QStringLiteral("newcomer");
        one.health = Health::Failing;
        world.deployed.apply({one}, {});
        QTRY_COMPARE(presenter.failing(), failing + 1);
        QCOMPARE(east.titlesAsked, asked);
        QCOMPARE(alertRowsIn(presenter.attention()), 2);
    }

private:
    std::unique_ptr<Theme> m_theme;
};

QTEST_MAIN(TestAlertAttention)
#include "test_alertattention.moc"
