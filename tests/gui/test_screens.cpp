#include "tests/support/consoleworld.h"
#include "ui/pages/consolepages.h"
#include "ui/shell/mainwindow.h"
#include "ui/theme/theme.h"
#include "ui/widgets/badge.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/panel.h"

#include <QApplication>
#include <QDir>
#include <QLabel>
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

private:
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

    static void shoot(QWidget &window)
    {
        const QImage picture = window.grab().toImage();
        QVERIFY(!picture.isNull());
        const QString folder = qEnvironmentVariable("SIGNALBOX_SHOTS");
        if (folder.isEmpty())
            return;
        QVERIFY(QDir().mkpath(folder));
        QVERIFY(
            picture.save(QDir(folder).filePath(QString::fromLatin1(QTest::currentDataTag()) + QStringLiteral(".png"))));
    }

    std::unique_ptr<Theme> m_theme;
};

QTEST_MAIN(TestScreens)
#include "test_screens.moc"
