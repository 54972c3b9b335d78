#include "tests/support/consoleworld.h"
#include "tests/support/shots.h"
#include "ui/pages/consolepages.h"
#include "ui/shell/mainwindow.h"
#include "ui/theme/theme.h"
#include "ui/widgets/badge.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/panel.h"

#include <QApplication>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QTest>

using namespace signalbox;
using namespace signalbox::test;

namespace
{

void settle(MainWindow &window)
{
    QApplication::processEvents();
    QTest::qWait(350); // stores tell at most a few times a second
    window.repaint();
    QApplication::processEvents();
}

// Labels and buttons that show less than they say.
QStringList clippedTexts(const QWidget &window)
{
    QStringList clipped;
    for (const QLabel *label : window.findChildren<QLabel *>()) {
        if (!label->isVisible() || label->text().isEmpty() || label->wordWrap())
            continue;
        if (label->sizeHint().width() > label->width() + 1)
            clipped.append(QStringLiteral("label \"%1\" %2 of %3 px")
                               .arg(label->text())
                               .arg(label->width())
                               .arg(label->sizeHint().width()));
    }
    for (const QPushButton *button : window.findChildren<QPushButton *>()) {
        if (button->isVisible() && !button->text().isEmpty() && button->sizeHint().width() > button->width() + 2 &&
            button->accessibleName() == button->text())
            clipped.append(QStringLiteral("button \"%1\"").arg(button->text()));
    }
    return clipped;
}

QStringList unnamedControls(const QWidget &window)
{
    QStringList unnamed;
    for (const QWidget *widget : window.findChildren<QWidget *>()) {
        if (!widget->isVisible() || (widget->focusPolicy() & Qt::TabFocus) == 0)
            continue;
        if (QString::fromLatin1(widget->metaObject()->className()) == QLatin1String("QScrollArea"))
            continue;
        if (widget->objectName() == QLatin1String("qt_spinbox_lineedit")) // readers see the spin box
            continue;
        const auto *button = qobject_cast<const QAbstractButton *>(widget);
        if (widget->accessibleName().isEmpty() && (button == nullptr || button->text().isEmpty()))
            unnamed.append(QString::fromLatin1(widget->metaObject()->className()) + QLatin1Char(' ') +
                           widget->objectName());
    }
    return unnamed;
}

} // namespace

// Renders every screen with rich hand-fed stores, in both themes and two sizes. SIGNALBOX_SHOTS names a folder for the
// pictures; without it they are made and measured all the same.
class TestScreens : public QObject
{
    Q_OBJECT
private slots:
    void initTestCase() { m_theme = std::make_unique<Theme>(*qApp); }
    void cleanupTestCase() { m_theme.reset(); }

    void everyScreenFits_data()
    {
        QTest::addColumn<QString>("page");
        QTest::addColumn<QSize>("size");
        QTest::addColumn<bool>("dark");
        for (const PageEntry &entry : consolePages()) {
            for (const QSize &size : {QSize(1440, 900), QSize(1100, 700)}) {
                for (const bool dark : {true, false})
                    QTest::newRow(qPrintable(QStringLiteral("%1-%2-%3")
                                                 .arg(entry.id)
                                                 .arg(size.width())
                                                 .arg(dark ? QStringLiteral("dark") : QStringLiteral("light"))))
                        << entry.id << size << dark;
            }
        }
    }
    void everyScreenFits()
    {
        QFETCH(QString, page);
        QFETCH(QSize, size);
        QFETCH(bool, dark);
        ConsoleWorld world;
        world.settings->setTheme(dark ? ConsoleSettings::ThemeChoice::Dark : ConsoleSettings::ThemeChoice::Light);
        world.addRichCluster();
        prepare(world);
        MainWindow window(*world.context, consolePages(), m_theme.get());
        window.resize(size);
        window.show();
        window.go({page, {}, QStringLiteral("prod-eu"), QStringLiteral("production"), {}, {}});
        settle(window);
        shoot(window);
        QCOMPARE(window.currentPageId(), page);
        QCOMPARE(window.size(), size);
        QCOMPARE(clippedTexts(window), QStringList());
        QCOMPARE(unnamedControls(window), QStringList());
    }

    void everySceneFits_data()
    {
        QTest::addColumn<bool>("dark");
        for (const char *scene : {"palette", "keys", "log", "first-page", "add-cluster", "add-prometheus", "add-server",
                                  "insecure", "stale", "failed", "loading", "requests", "workload-groups", "by-team"}) {
            for (const bool dark : {true, false})
                QTest::newRow(qPrintable(
                    QStringLiteral("scene-%1-%2")
                        .arg(QString::fromLatin1(scene), dark ? QStringLiteral("dark") : QStringLiteral("light"))))
                    << dark;
        }
    }
    void everySceneFits()
    {
        QFETCH(bool, dark);
        const QString scene = QString::fromLatin1(QTest::currentDataTag()).section(QLatin1Char('-'), 1, -2);
        ConsoleWorld world;
        world.settings->setTheme(dark ? ConsoleSettings::ThemeChoice::Dark : ConsoleSettings::ThemeChoice::Light);
        if (scene == QLatin1String("by-team"))
            world.settings->setChoice(QStringLiteral("overview/order"), QStringLiteral("team"));
        FakeCluster *cluster = scene == QLatin1String("first-page") ? nullptr : &world.addRichCluster();
        MainWindow window(*world.context, consolePages(), m_theme.get());
        window.resize(1440, 900);
        window.show();
        QVERIFY(QTest::qWaitForWindowExposed(&window));
        play(scene, world, cluster, window);
        settle(window);
        shoot(window);
        QCOMPARE(clippedTexts(window), QStringList());
        QCOMPARE(unnamedControls(window), QStringList());
    }

private:
    static void play(const QString &scene, ConsoleWorld &world, FakeCluster *cluster, MainWindow &window)
    {
        const QString prod = QStringLiteral("prod-eu");
        const NavigationTarget clusterPage{QStringLiteral("cluster"), {}, prod, QStringLiteral("production"), {}, {}};
        if (scene == QLatin1String("palette")) {
            world.actions.refused = OperationKind::Pause;
            window.openPalette(QStringLiteral("edge"));
        } else if (scene == QLatin1String("keys")) {
            window.go(clusterPage);
            QTest::keyClick(&window, Qt::Key_Question, Qt::ShiftModifier);
        } else if (scene == QLatin1String("log")) {
            window.go(clusterPage);
            showLog(world, *cluster, window);
        } else if (scene == QLatin1String("workload-groups")) {
            world.settings->setChoice(QStringLiteral("cluster/grouping"), QStringLiteral("workload"));
            window.go(clusterPage);
        } else if (scene == QLatin1String("add-cluster")) {
            world.connections.known = {{prod,
                                        {},
                                        QStringLiteral("https://10.1.0.10:6443"),
                                        QStringLiteral("operator"),
                                        {},
                                        {},
                                        true,
                                        false,
                                        true,
                                        {}},
                                       {QStringLiteral("staging-eu"),
                                        {},
                                        QStringLiteral("https://10.2.0.10:6443"),
                                        QStringLiteral("operator"),
                                        {},
                                        {},
                                        false,
                                        true,
                                        false,
                                        {}},
                                       {QStringLiteral("old"),
                                        {},
                                        QStringLiteral("https://10.3.0.10:6443"),
                                        QStringLiteral("admin"),
                                        {},
                                        {},
                                        false,
                                        false,
                                        false,
                                        QStringLiteral("Basic authentication is refused by every current server.")}};
            window.go({QStringLiteral("connections"), {}, prod, {}, {}, QStringLiteral("add-kubernetes")});
        } else if (scene == QLatin1String("add-prometheus")) {
            window.go({QStringLiteral("connections"), {}, prod, {}, {}, QStringLiteral("add-prometheus")});
            window.findChild<QLineEdit *>(QStringLiteral("promAddress"))
                ->setText(QStringLiteral("https://prometheus.example"));
            window.findChild<QPushButton *>(QStringLiteral("formTest"))->click();
            world.connections.probing->begin();
        } else if (scene == QLatin1String("add-server")) {
            window.go({QStringLiteral("connections"), {}, prod, {}, {}, QStringLiteral("add-server")});
            window.findChild<QLineEdit *>(QStringLiteral("serverAddress"))
                ->setText(QStringLiteral("https://jenkins.example"));
        } else if (scene == QLatin1String("insecure")) {
            ClusterInfo info = cluster->info();
            info.verifiesTls = false;
            cluster->setInfo(info);
        } else if (scene == QLatin1String("stale")) {
            world.setFreshness(prod, Freshness::State::Stale,
                               QStringLiteral("The watch of pods at 10.1.0.10:6443 broke off."));
            window.go(clusterPage);
        } else if (scene == QLatin1String("failed")) {
            world.setFreshness(
                prod, Freshness::State::Failed,
                QStringLiteral("10.1.0.10:6443 refused the connection. Is the address in the kubeconfig right?"));
            window.go(clusterPage);
        } else if (scene == QLatin1String("loading")) {
            world.setFreshness(prod, Freshness::State::Loading);
            window.go(clusterPage);
        } else if (scene == QLatin1String("requests")) {
            for (quint64 i = 0; i < 6; ++i) {
                RequestInfo request{i,
                                    prod,
                                    QStringLiteral("GET"),
                                    QStringLiteral("10.1.0.10:6443/api/v1/pods?watch"),
                                    200,
                                    i < 3 ? QStringLiteral("streaming") : QStringLiteral("done"),
                                    {},
                                    120000,
                                    world.now,
                                    i < 3 ? -1 : 38,
                                    1};
                world.requests.list.append(request);
            }
            window.showRequests(true);
        }
    }

    static void showLog(const ConsoleWorld &world, FakeCluster &cluster, MainWindow &window)
    {
        for (const Pod &pod : world.clusters.find(QStringLiteral("prod-eu"))->store->pods()) {
            if (pod.health == Health::Failing && pod.ref.ns == QLatin1String("production"))
                window.go({QStringLiteral("cluster"), {}, {}, pod.ref.ns, pod.ref, {}});
        }
        QVERIFY(!cluster.log.isNull());
        emit cluster.log->linesArrived(
            {{world.now.addMSecs(-23120), QStringLiteral("loading model intent-v44 from /models")},
             {world.now.addMSecs(-22004), QStringLiteral("WARN embedding table 3.9 GiB, limit 4.0 GiB")},
             {world.now.addMSecs(-21871), QStringLiteral("ERROR out of memory while warming cache")},
             {world.now.addMSecs(-21870), QStringLiteral("exit 137")}});
    }

    static void prepare(ConsoleWorld &world)
    {
        auto metrics = std::make_unique<FakeMetrics>();
        metrics->state = {Freshness::State::Live, world.now, world.now.addSecs(-2), std::nullopt};
        world.metrics.add(std::move(metrics));
        ConnectionConfig prometheus;
        prometheus.id = QStringLiteral("prom");
        prometheus.kind = ConnectionConfig::Kind::Prometheus;
        prometheus.title = QStringLiteral("prometheus");
        prometheus.address = QStringLiteral("http://10.1.0.20:9090");
        world.connections.configs.append(prometheus);
    }

    std::unique_ptr<Theme> m_theme;
};

QTEST_MAIN(TestScreens)
#include "test_screens.moc"
