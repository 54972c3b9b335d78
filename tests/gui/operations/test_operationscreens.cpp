#include "tests/gui/operations/operationconsole.h"
#include "tests/support/fakemetricsource.h"
#include "tests/support/shots.h"
#include "ui/charts/chartpanel.h"
#include "ui/pages/consolepages.h"
#include "ui/pages/operation/metricrow.h"
#include "ui/pages/operation/operationbox.h"
#include "ui/shell/mainwindow.h"
#include "ui/theme/theme.h"
#include "ui/widgets/holdbutton.h"
#include "ui/widgets/timetext.h"

#include <QAccessible>
#include <QCheckBox>
#include <QLabel>
#include <QLineEdit>
#include <QScrollArea>
#include <QTest>

using namespace signalbox;
using namespace signalbox::test;

namespace
{

const QString classifierKey = QStringLiteral("prod-eu|production|image-classifier");

FakeMetricSource *addMetrics(OperationConsole &world)
{
    auto source = std::make_unique<FakeMetricSource>();
    source->suggestions = {
        FakeMetricSource::panel(QStringLiteral("requests"), QStringLiteral("Requests"), QStringLiteral("per second")),
        FakeMetricSource::panel(QStringLiteral("cpu"), QStringLiteral("CPU"), QStringLiteral("percent")),
        FakeMetricSource::panel(QStringLiteral("errors"), QStringLiteral("Error rate"), QStringLiteral("percent")),
        FakeMetricSource::panel(QStringLiteral("latency-p95"), QStringLiteral("p95 latency"), QStringLiteral("ms"))};
    FakeMetricSource *const borrowed = source.get();
    world.metrics.add(std::move(source));
    return borrowed;
}

void settle(QWidget &window)
{
    QTest::qWait(700); // plans, charts drawn one a frame
    window.repaint();
    QApplication::processEvents();
}

// Texts that show less than they say, and widgets that are smaller than they need.
QStringList squeezed(const QWidget &window)
{
    QStringList found;
    for (const QLabel *label : window.findChildren<QLabel *>()) {
        if (!label->isVisible() || label->text().isEmpty())
            continue;
        const int height = label->wordWrap() ? label->heightForWidth(label->width()) : label->sizeHint().height();
        if (!label->wordWrap() && label->sizeHint().width() > label->width() + 1)
            found.append(QStringLiteral("label \"%1\" is %2 of %3 px wide")
                             .arg(label->text())
                             .arg(label->width())
                             .arg(label->sizeHint().width()));
        if (height > label->height() + 1)
            found.append(
                QStringLiteral("label \"%1\" is %2 of %3 px high").arg(label->text()).arg(label->height()).arg(height));
    }
    for (const QAbstractButton *button : window.findChildren<QAbstractButton *>()) {
        if (button->isVisible() && button->sizeHint().width() > button->width() + 2)
            found.append(QStringLiteral("button \"%1\"").arg(button->text()));
    }
    return found;
}

// Siblings of a layout that lie over each other.
QStringList overlaps(const QWidget &box)
{
    QStringList found;
    QList<const QWidget *> parts;
    for (const QWidget *each : box.findChildren<QWidget *>(QString(), Qt::FindDirectChildrenOnly)) {
        if (each->isVisible())
            parts.append(each);
    }
    for (qsizetype i = 0; i < parts.size(); ++i) {
        for (qsizetype j = i + 1; j < parts.size(); ++j) {
            if (parts[i]->geometry().intersects(parts[j]->geometry()))
                found.append(QStringLiteral("%1 over %2").arg(parts[i]->objectName(), parts[j]->objectName()));
        }
    }
    return found;
}

bool isOperable(QAccessible::Role role)
{
    switch (role) {
    case QAccessible::Button:
    case QAccessible::ButtonMenu:
    case QAccessible::ButtonDropDown:
    case QAccessible::CheckBox:
    case QAccessible::RadioButton:
    case QAccessible::EditableText:
    case QAccessible::ComboBox:
    case QAccessible::SpinBox:
    case QAccessible::Slider:
    case QAccessible::List:
    case QAccessible::Table:
    case QAccessible::Tree:
    case QAccessible::ListItem:
    case QAccessible::Cell:
        return true;
    default:
        return false;
    }
}

// Every operable thing below it without a name, and everything that takes the focus without a role that says what it
// is.
void walk(QAccessibleInterface *item, QStringList &problems, int &operable)
{
    if (!item || item->state().invisible)
        return;
    const bool takesFocus = item->state().focusable && item->object() && item->object()->isWidgetType() &&
                            (static_cast<QWidget *>(item->object())->focusPolicy() & Qt::TabFocus) != 0;
    const QString what =
        QStringLiteral("%1 (%2, role %3)")
            .arg(item->object() ? item->object()->objectName() : QString(),
                 item->object() ? QString::fromLatin1(item->object()->metaObject()->className()) : QString())
            .arg(item->role(), 0, 16);
    const bool isScrollBar = item->role() == QAccessible::ScrollBar;
    if ((isOperable(item->role()) || takesFocus) && !isScrollBar) {
        ++operable;
        if (item->text(QAccessible::Name).trimmed().isEmpty())
            problems.append(QStringLiteral("no name: ") + what);
        if (item->role() == QAccessible::NoRole || (takesFocus && item->role() == QAccessible::Client))
            problems.append(QStringLiteral("no role: ") + what);
    }
    if (isScrollBar)
        return;
    for (int i = 0; i < item->childCount(); ++i)
        walk(item->child(i), problems, operable);
}

} // namespace

// Both pages with rich data in the real window. SIGNALBOX_SHOTS names a folder for the pictures; without it they are
// drawn and measured all the same.
class TestOperationScreens : public QObject
{
    Q_OBJECT
private slots:
    void initTestCase() { m_theme = std::make_unique<Theme>(*qApp); }
    void cleanupTestCase() { m_theme.reset(); }

    void everythingFits_data()
    {
        QTest::addColumn<QString>("scene");
        QTest::addColumn<QSize>("size");
        QTest::addColumn<bool>("dark");
        for (const char *scene :
             {"rollback", "rollback-blocked", "rollback-running", "rollback-outcome", "rollback-bare", "traffic",
              "traffic-steps", "traffic-dwell", "traffic-back", "traffic-bare"}) {
            for (const QSize &size : {QSize(1440, 900), QSize(1100, 700)}) {
                for (const bool dark : {true, false})
                    QTest::newRow(qPrintable(QStringLiteral("op-%1-%2-%3")
                                                 .arg(QString::fromLatin1(scene))
                                                 .arg(size.width())
                                                 .arg(dark ? QStringLiteral("dark") : QStringLiteral("light"))))
                        << QString::fromLatin1(scene) << size << dark;
            }
        }
    }
    void everythingFits()
    {
        QFETCH(QString, scene);
        QFETCH(QSize, size);
        QFETCH(bool, dark);
        OperationConsole world;
        world.settings->setTheme(dark ? ConsoleSettings::ThemeChoice::Dark : ConsoleSettings::ThemeChoice::Light);
        prepare(scene, world);
        MainWindow window(*world.context, consolePages(), m_theme.get());
        window.resize(size);
        window.show();
        QVERIFY(QTest::qWaitForWindowExposed(&window));
        NavigationTarget target;
        target.page = scene.section(QLatin1Char('-'), 0, 0);
        target.deployedKey = classifierKey;
        window.go(target);
        settle(window);
        play(scene, world, window);
        settle(window);
        shoot(window);
        const QWidget &page = *window.currentPage();
        QCOMPARE(window.size(), size);
        QCOMPARE(squeezed(page), QStringList());
        int boxes = 0;
        for (const OperationBox *box : page.findChildren<OperationBox *>()) {
            if (!box->isVisible())
                continue;
            ++boxes;
            QVERIFY(page.rect().contains(QRect(box->mapTo(&page, QPoint()), box->size())));
            QCOMPARE(overlaps(*box), QStringList());
        }
        QVERIFY(boxes > 0);
        for (const QScrollArea *area : page.findChildren<QScrollArea *>()) {
            if (area->isVisible())
                QVERIFY2(area->widget()->width() <= area->viewport()->width(), "something is cut off at the right");
        }
        const QLabel *const clock = page.findChild<QLabel *>(QStringLiteral("incidentClock"));
        QCOMPARE(clock && clock->isVisible(), target.page == QLatin1String("rollback"));
    }

    void everyControlHasANameAndARole_data()
    {
        QTest::addColumn<QString>("page");
        QTest::newRow("rollback") << QStringLiteral("rollback");
        QTest::newRow("traffic") << QStringLiteral("traffic");
        QTest::newRow("traffic in steps") << QStringLiteral("traffic-steps");
    }
    void everyControlHasANameAndARole()
    {
        QFETCH(QString, page);
        OperationConsole world;
        prepare(page, world);
        MainWindow window(*world.context, consolePages(), m_theme.get());
        window.resize(1440, 900);
        window.show();
        NavigationTarget target;
        target.page = page.section(QLatin1Char('-'), 0, 0);
        target.deployedKey = classifierKey;
        window.go(target);
        settle(window);
        play(page, world, window);
        settle(window);
        QStringList problems;
        int operable = 0;
        walk(QAccessible::queryAccessibleInterface(window.currentPage()), problems, operable);
        QCOMPARE(problems, QStringList());
        QVERIFY2(operable >= 10, qPrintable(QStringLiteral("only %1 were found").arg(operable)));
    }

    void theFocusGoesFromWhatIsChosenToTheButton_data()
    {
        QTest::addColumn<QString>("page");
        QTest::addColumn<QString>("key");
        QTest::addColumn<QStringList>("order");
        QTest::newRow("rollback") << QStringLiteral("rollback") << QStringLiteral("prod-eu|production|smart-support")
                                  << QStringList{QStringLiteral("pickApplication"), QStringLiteral("pickEnvironment"),
                                                 QStringLiteral("rollbackChoices"), QStringLiteral("step-1"),
                                                 QStringLiteral("operationReason"), QStringLiteral("holdButton")};
        QTest::newRow("traffic") << QStringLiteral("traffic") << classifierKey
                                 << QStringList{QStringLiteral("pickApplication"), QStringLiteral("splitSlider"),
                                                QStringLiteral("preset-0"),        QStringLiteral("preset-100"),
                                                QStringLiteral("inSteps"),         QStringLiteral("operationReason"),
                                                QStringLiteral("holdButton"),      QStringLiteral("allBack")};
    }
    void theFocusGoesFromWhatIsChosenToTheButton()
    {
        QFETCH(QString, page);
        QFETCH(QString, key);
        QFETCH(QStringList, order);
        OperationConsole world;
        prepare(page, world);
        MainWindow window(*world.context, consolePages(), m_theme.get());
        window.resize(1440, 900);
        window.show();
        QApplication::setActiveWindow(&window);
        NavigationTarget target;
        target.page = page;
        target.deployedKey = key;
        window.go(target);
        settle(window);
        window.currentPage()->findChild<QWidget *>(order.first())->setFocus();
        QStringList seen{order.first()};
        for (int i = 0; i < 40 && seen.last() != order.last(); ++i) {
            QTest::keyClick(window.focusWidget(), Qt::Key_Tab);
            seen.append(window.focusWidget()->objectName());
        }
        QStringList reached;
        for (const QString &name : std::as_const(seen)) {
            if (order.contains(name))
                reached.append(name);
        }
        QCOMPARE(reached, order);
    }

    void withoutMetricsThereIsNoRowOfCharts()
    {
        OperationConsole world;
        MetricRow row(world.metrics, world.operations.get(), {QStringLiteral("errors"), QStringLiteral("requests")});
        row.setActive(true);
        row.setSubject(world.classifier());
        QTest::qWait(20);
        QVERIFY(row.isHidden());
        addMetrics(world); // a source comes while the page is open
        QTRY_COMPARE(row.findChildren<ChartPanel *>().size(), 2);
        QVERIFY(!row.isHidden());
        QTRY_VERIFY(!row.latest(QStringLiteral("errors"), QStringLiteral("green")).isEmpty());
        QVERIFY(row.latest(QStringLiteral("errors"), QStringLiteral("purple")).isEmpty());
        QVERIFY(row.latest(QStringLiteral("latency-p95"), QStringLiteral("green")).isEmpty()); // not wanted here
        row.setSubject(std::nullopt);
        QVERIFY(row.isHidden());
        row.setSubject(world.classifier());
        QTRY_VERIFY(!row.isHidden());
        world.metrics.remove(QStringLiteral("fake"));
        QVERIFY(row.isHidden());
    }

    // "There are no metrics" and "they could not be looked for" are not the same.
    void chartsThatCouldNotBeLookedForSaySo()
    {
        OperationConsole world;
        FakeMetricSource *const source = addMetrics(world);
        source->error = Error{ErrorKind::Unreachable, QStringLiteral("Nobody listens on prom:9090."), {}};
        MetricRow row(world.metrics, world.operations.get(), {QStringLiteral("errors")});
        row.setActive(true);
        row.setSubject(world.classifier());
        row.show();
        QTRY_VERIFY(row.findChild<ChartPanel *>(QStringLiteral("chart-failure")));
        auto *const failure = row.findChild<ChartPanel *>(QStringLiteral("chart-failure"));
        QTRY_VERIFY(failure->isVisible());
        bool isSaid = false;
        for (const QLabel *label : failure->findChildren<QLabel *>())
            isSaid = isSaid || (label->isVisible() && label->text().contains(QLatin1String("Nobody listens")));
        QVERIFY(isSaid);
        source->error.reset();
        QPushButton *retry = nullptr;
        for (QPushButton *button : failure->findChildren<QPushButton *>())
            retry = button->isVisible() ? button : retry;
        QVERIFY(retry);
        QTest::mouseClick(retry, Qt::LeftButton);
        QTRY_VERIFY(row.hasCharts());
        QVERIFY(failure->isHidden());
    }

    void operationsAreMarkedOnTheCharts()
    {
        OperationConsole world;
        addMetrics(world);
        MetricRow row(world.metrics, world.operations.get(), {QStringLiteral("errors")});
        row.setActive(true);
        row.setSubject(world.classifier());
        QTRY_COMPARE(row.findChildren<ChartPanel *>().size(), 1);
        const auto labels = [&row] {
            QStringList words;
            for (const ChartMarker &marker : row.markers())
                words << marker.label;
            return words;
        };
        QCOMPARE(labels(), QStringList({QStringLiteral("2.14.3 to blue"), QStringLiteral("2.15.0-rc.2 to green")}));
        TrafficOrder order;
        order.connection = QStringLiteral("prod-eu");
        order.ns = order.environment = QStringLiteral("production");
        order.application = QStringLiteral("image-classifier");
        order.steps = {{{{QStringLiteral("blue"), 0}, {QStringLiteral("green"), 100}}, std::chrono::seconds(0)}};
        Operation *const operation = *world.operations->create(world.router->planOf(order));
        operation->start();
        QVERIFY(world.reach(OperationState::AwaitingConfirmation, operation));
        operation->confirm(operation->plan().fingerprint());
        QVERIFY(world.reach(OperationState::Finished, operation));
        QTRY_VERIFY(labels().contains(QStringLiteral("Send 100 % to green")));
    }

private:
    static void prepare(const QString &scene, OperationConsole &world)
    {
        if (!scene.endsWith(QLatin1String("bare")))
            addMetrics(world);
        Deployed item = world.classifier();
        item.tracks.last().since = world.now.addSecs(-6 * 60); // within the charts
        world.put(item);
        if (scene == QLatin1String("rollback")) {
            PlanStep pause;
            pause.id = QStringLiteral("1");
            pause.title = QStringLiteral("Pause Argo CD Application argocd/image-classifier, which would undo it");
            pause.through = QStringLiteral("Application argocd/image-classifier");
            pause.isOptional = true;
            pause.call = {QStringLiteral("prod-eu"), QStringLiteral("PATCH"), QStringLiteral("/argo"), {}, {}};
            pause.diff = {{DiffLine::Kind::Removed, QStringLiteral("spec.syncPolicy.automated")}};
            world.rollback->firstStep = pause;
        }
        if (scene == QLatin1String("rollback-blocked")) {
            world.router->checks.clear();
            world.rollback->checks.append(check(
                CheckId::Rights, CheckState::Block, QStringLiteral("You may not patch deployments in production."),
                QStringLiteral("RBAC: clusterrole.rbac.authorization.k8s.io \"viewer\" allows get, list and watch"),
                QStringLiteral("Ask the owners of production for the role release-engineer.")));
        }
        if (scene == QLatin1String("rollback-running") || scene == QLatin1String("traffic-back")) {
            Observation seen = FakeStepRunner::seen(
                Observation::State::Pending, QStringLiteral("4 of 12 pods ready"),
                QStringLiteral("2 pods wait for ImagePullBackOff: registry.example/team/image-classifier:2.14.3"));
            seen.progress = 0.33;
            world.runner->observations = {seen};
        }
        if (scene == QLatin1String("rollback-outcome")) {
            world.runner->observations = {FakeStepRunner::seen(
                Observation::State::Failed, QStringLiteral("0 of 3 pods ready"), QStringLiteral("ImagePullBackOff"))};
        }
    }

    static void play(const QString &scene, OperationConsole &world, MainWindow &window)
    {
        QWidget *const page = window.currentPage();
        auto *box = page->findChild<OperationBox *>(QStringLiteral("operationBox"));
        world.takeClock(box->holdButton());
        AgeTicker::freezeAt(world.now.addSecs(134));
        emit AgeTicker::ticker().ticked();
        if (scene.startsWith(QLatin1String("rollback")) && !scene.endsWith(QLatin1String("bare"))) {
            auto *list = page->findChild<QWidget *>(QStringLiteral("rollbackChoices"));
            QTest::keyClick(list, Qt::Key_Down); // past the tracks, to a revision
            QTest::keyClick(list, Qt::Key_Down);
            settle(window);
        }
        if (scene == QLatin1String("rollback-running") || scene == QLatin1String("rollback-outcome")) {
            box->holdButton()->setFocus();
            world.press(box->holdButton(), 400);
            QVERIFY(world.reach(scene.endsWith(QLatin1String("running")) ? OperationState::Observing
                                                                         : OperationState::Finished));
            if (scene.endsWith(QLatin1String("running")))
                world.clock.advance(std::chrono::seconds(3));
        }
        if (scene == QLatin1String("traffic-steps") || scene == QLatin1String("traffic-dwell")) {
            page->findChild<QCheckBox *>(QStringLiteral("inSteps"))->click();
            settle(window);
        }
        if (scene == QLatin1String("traffic-dwell")) {
            Operation *const shift = world.operation();
            box->holdButton()->setFocus();
            world.press(box->holdButton(), 800);
            QVERIFY(world.reach(OperationState::Dwelling, shift));
            world.clock.advance(std::chrono::minutes(4));
        }
        if (scene == QLatin1String("traffic-back")) {
            auto *back = page->findChild<HoldButton *>(QStringLiteral("allBack"));
            world.takeClock(back);
            back->setFocus();
            world.press(back, 400);
            QTest::qWait(100);
            world.clock.advance(std::chrono::seconds(3));
        }
    }

    std::unique_ptr<Theme> m_theme;
};

QTEST_MAIN(TestOperationScreens)
#include "test_operationscreens.moc"
