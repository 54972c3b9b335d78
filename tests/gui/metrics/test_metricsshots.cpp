// The Metrics page over a real Prometheus with an hour of past, in both themes and two sizes. With SIGNALBOX_SHOTS set
// to a folder the pictures are left there to be looked at.
#include "services/adapters/prometheus/prometheusmetrics.h"
#include "tests/gui/metrics/metricsworld.h"
#include "tests/support/calm.h"
#include "tests/support/labprometheus.h"
#include "tests/support/shots.h"
#include "ui/charts/chartpanel.h"
#include "ui/charts/chartview.h"
#include "ui/pages/metrics/metricspage.h"
#include "ui/pages/metrics/metricspresenter.h"
#include "ui/pages/metrics/panelgrid.h"
#include "ui/pages/metrics/queryeditor.h"
#include "ui/shell/mainwindow.h"
#include "ui/theme/theme.h"

#include <QApplication>
#include <QPushButton>
#include <QTest>

using namespace signalbox;
using namespace signalbox::test;
using test::LabPrometheus;
using test::MetricsWorld;

namespace
{
constexpr qint64 frames = 150; // a live page draws its charts every second, one a frame
}

class TestMetricsShots : public QObject
{
    Q_OBJECT
private slots:
    void initTestCase()
    {
        QString error;
        m_lab = LabPrometheus::start({.historyMinutes = 120}, &error);
        QVERIFY2(m_lab, qPrintable(error));
        m_theme = std::make_unique<Theme>(*qApp);
        m_http = std::make_unique<HttpClient>();
        m_world = std::make_unique<MetricsWorld>();
        const QDateTime now = QDateTime::currentDateTimeUtc();
        m_world->deployed.apply({MetricsWorld::cart(now.addSecs(-22 * 60))}, {});
        auto endpoint = std::make_shared<HttpEndpoint>();
        endpoint->connection = QStringLiteral("prometheus");
        endpoint->base = m_lab->url();
        endpoint->noProxy = true;
        m_world->metrics.add(std::make_unique<PrometheusMetrics>(*m_http, endpoint));
        m_world->settings.setChoice(QStringLiteral("metrics/interval"), QStringLiteral("1"));
        QVERIFY(m_lab->control(QStringLiteral("green"), QStringLiteral("error_rate=0.4&latency_ms=90")));
        QVERIFY(m_lab->control(QStringLiteral("blue"), QStringLiteral("latency_ms=100")));
        QVERIFY(m_lab->setLoad(QStringLiteral("green"), 20));
        QVERIFY(m_lab->setLoad(QStringLiteral("blue"), 20));
    }

    void cleanupTestCase()
    {
        m_window.reset();
        m_world.reset();
        m_http.reset();
    }

    void pages_data()
    {
        QTest::addColumn<QSize>("size");
        QTest::addColumn<bool>("isDark");
        QTest::newRow("metrics-dark-1440") << QSize(1440, 900) << true;
        QTest::newRow("metrics-light-1440") << QSize(1440, 900) << false;
        QTest::newRow("metrics-dark-1100") << QSize(1100, 700) << true;
        QTest::newRow("metrics-light-1100") << QSize(1100, 700) << false;
    }
    void pages()
    {
        QFETCH(QSize, size);
        QFETCH(bool, isDark);
        m_world->settings.setTheme(isDark ? ConsoleSettings::ThemeChoice::Dark : ConsoleSettings::ThemeChoice::Light);
        MetricsPage &page = open(size);
        QTest::mouseClick(page.findChild<QPushButton *>(QStringLiteral("range-60")), Qt::LeftButton);
        ChartPanel *requests = nullptr;
        QTRY_VERIFY_WITH_TIMEOUT((requests = grid(page).find(QStringLiteral("requests"))), 20000);
        QTRY_VERIFY_WITH_TIMEOUT(requests->data().series.size() == 2 && requests->data().stepMs >= 10000, 20000);
        const auto isFiring = [&page] {
            return std::any_of(page.presenter().feed().alerts().begin(), page.presenter().feed().alerts().end(),
                               [](const Alert &alert) { return alert.state == Alert::State::Firing; });
        };
        QTRY_VERIFY_WITH_TIMEOUT(isFiring(), 60000);
        if (!isDark) { // with the cross-hair
            ChartView &view = requests->view();
            QTest::mouseMove(&view, view.plotRect().center() + QPoint(40, 0));
            QTRY_VERIFY(page.charts().axis().cursor());
        }
        QVERIFY(comesToRest(*m_window, frames)); // every chart had its turn
        shoot(*m_window);
        page.charts().axis().setCursor(std::nullopt);
    }

    void editor()
    {
        m_world->settings.setTheme(ConsoleSettings::ThemeChoice::Dark);
        MetricsPage &page = open({1440, 900});
        QTRY_VERIFY_WITH_TIMEOUT(grid(page).find(QStringLiteral("errors")), 20000);
        emit grid(page).editRequested(QStringLiteral("errors"));
        QueryEditor *editor = nullptr;
        QTRY_VERIFY((editor = page.findChild<QueryEditor *>()));
        auto *preview = editor->findChild<ChartPanel *>(QStringLiteral("preview"));
        QTRY_VERIFY_WITH_TIMEOUT(preview->data().series.size() == 2, 10000);
        QVERIFY(comesToRest(*editor, frames));
        shoot(*editor, QStringLiteral("metrics-editor-dark"));
        editor->reject();
    }

    void stale()
    {
        m_world->settings.setTheme(ConsoleSettings::ThemeChoice::Dark);
        MetricsPage &page = open({1440, 900});
        ChartPanel *requests = nullptr;
        QTRY_VERIFY_WITH_TIMEOUT(
            (requests = grid(page).find(QStringLiteral("requests"))) && requests->data().series.size() == 2, 20000);
        QVERIFY(m_lab->kill());
        QTRY_VERIFY_WITH_TIMEOUT(requests->isStale(), 30000);
        QVERIFY(comesToRest(*m_window, frames));
        shoot(*m_window, QStringLiteral("metrics-stale-dark"));
    }

private:
    MetricsPage &open(const QSize &size)
    {
        if (!m_window) {
            PageEntry entry{QStringLiteral("metrics"), QStringLiteral("Metrics"), 7,
                            [](ConsoleContext &context, QWidget *parent) -> Page * {
                                return new MetricsPage(context, nullptr, parent);
                            }};
            m_window = std::make_unique<MainWindow>(m_world->context, QList<PageEntry>{entry}, m_theme.get());
        }
        m_window->resize(size);
        m_window->show();
        NavigationTarget target;
        target.page = QStringLiteral("metrics");
        m_window->go(target);
        return *qobject_cast<MetricsPage *>(m_window->currentPage());
    }
    static PanelGrid &grid(MetricsPage &page) { return *page.findChild<PanelGrid *>(); }
    std::unique_ptr<LabPrometheus> m_lab;
    std::unique_ptr<Theme> m_theme;
    std::unique_ptr<HttpClient> m_http;
    std::unique_ptr<MetricsWorld> m_world;
    std::unique_ptr<MainWindow> m_window;
};

QTEST_MAIN(TestMetricsShots)
#include "test_metricsshots.moc"
