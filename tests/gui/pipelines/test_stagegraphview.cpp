// The stages as a graph: from three boxes to two hundred, by keyboard, mouse and screen reader.
#include "tests/support/calm.h"
#include "tests/support/shots.h"
#include "ui/theme/theme.h"
#include "ui/widgets/stagegraph.h"

#include <QAccessible>
#include <QPaintEvent>
#include <QRandomGenerator>
#include <QScopeGuard>
#include <QScreen>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTest>
#include <QWheelEvent>

#include <algorithm>
#include <numeric>

using namespace signalbox;
using namespace signalbox::test;

namespace
{

StageBox box(const QString &name, RunState state = RunState::Passed)
{
    StageBox one;
    one.id = one.title = name;
    one.state = state;
    one.detail = QStringLiteral("12 s");
    return one;
}

QList<StageBox> boxes(int count)
{
    QList<StageBox> all;
    for (int i = 0; i < count; ++i)
        all.append(box(QStringLiteral("job %1").arg(i), static_cast<RunState>(i % 10)));
    return all;
}

// build -> (unit, lint, scan) -> push
QList<StageBox> diamond()
{
    return {box(QStringLiteral("build")), box(QStringLiteral("unit"), RunState::Running), box(QStringLiteral("lint")),
            box(QStringLiteral("scan"), RunState::Failed), box(QStringLiteral("push"), RunState::NotStarted)};
}
QList<graph::Edge> diamondEdges()
{
    return {{0, 1}, {0, 2}, {0, 3}, {1, 4}, {2, 4}, {3, 4}};
}

// 200 in ten layers, with fans and long lines, in an order that says nothing of the layers.
QList<graph::Edge> tangled(quint32 seed)
{
    QRandomGenerator random(seed);
    QList<int> order(200);
    std::iota(order.begin(), order.end(), 0);
    std::shuffle(order.begin(), order.end(), random);
    QList<graph::Edge> edges;
    for (int to = 20; to < 200; ++to) {
        const int needs = 1 + int(random.bounded(3));
        for (int need = 0; need < needs; ++need) {
            const int layer = random.bounded(20) == 0 ? int(random.bounded(to / 20)) : to / 20 - 1;
            edges.append({order[layer * 20 + int(random.bounded(20))], order[to]});
        }
    }
    return edges;
}

class PaintedRegion : public QObject
{
public:
    explicit PaintedRegion(QWidget *watched) { watched->installEventFilter(this); }
    QRegion region;

protected:
    bool eventFilter(QObject *, QEvent *event) override
    {
        if (event->type() == QEvent::Paint)
            region += static_cast<QPaintEvent *>(event)->region();
        return false;
    }
};

// As drawn for a screen of `ratio` device pixels each.
QImage drawn(StageGraphView &view, double ratio = 1)
{
    QImage image(view.size() * ratio, QImage::Format_RGB32);
    image.setDevicePixelRatio(ratio);
    image.fill(Qt::black);
    view.render(&image);
    return image;
}

// What a view draws that has never shown anything else.
QImage drawnAnew(const StageGraphView &like, const QList<graph::Edge> &edges, double ratio = 1)
{
    StageGraphView fresh;
    fresh.resize(like.size());
    fresh.setGraph(like.nodes(), edges);
    fresh.setChosen(like.chosen());
    fresh.setZoom(like.zoom());
    fresh.horizontalScrollBar()->setValue(like.horizontalScrollBar()->value());
    fresh.verticalScrollBar()->setValue(like.verticalScrollBar()->value());
    return drawn(fresh, ratio);
}

// What the window shows now, from what was drawn into it so far.
QImage onScreen(StageGraphView &view)
{
    return view.screen()->grabWindow(view.winId()).toImage().convertToFormat(QImage::Format_RGB32);
}

// By how much the most different of their pixels differs. A line that was drawn in two parts may differ a little there.
int difference(const QImage &a, const QImage &b)
{
    if (a.size() != b.size())
        return 256;
    int most = 0;
    for (int y = 0; y < a.height(); ++y) {
        for (int x = 0; x < a.width(); ++x) {
            const QColor one = a.pixelColor(x, y);
            const QColor other = b.pixelColor(x, y);
            most = std::max({most, std::abs(one.red() - other.red()), std::abs(one.green() - other.green()),
                             std::abs(one.blue() - other.blue())});
        }
    }
    return most;
}

// That the window shows what would be drawn now.
void verifyShown(StageGraphView &view)
{
    const QRect shown(view.viewport()->mapTo(&view, QPoint()), view.viewport()->size());
    const int most = difference(onScreen(view).copy(shown), drawn(view).copy(shown));
    QVERIFY2(most < 48, qPrintable(QString::number(most)));
}

} // namespace

class TestStageGraphView : public QObject
{
    Q_OBJECT
private slots:
    // All boxes are as wide as the longest title wants, as far as there is room without scrolling.
    void titlesHaveTheRoomThatIsThere_data()
    {
        QTest::addColumn<int>("wide");
        QTest::addColumn<QString>("longest");
        QTest::addColumn<int>("least");
        QTest::addColumn<int>("most");
        QTest::addColumn<bool>("grows"); // with a view of more room
        QTest::newRow("short titles") << 800 << QStringLiteral("push") << 118 << 119 << false;
        QTest::newRow("room for it") << 800 << QStringLiteral("deploy-staging-eu") << 125 << 191 << false;
        QTest::newRow("never beyond") << 900 << QString(60, u'w') << 189 << 191 << false;
        QTest::newRow("no room") << 420 << QStringLiteral("deploy-staging-eu") << 118 << 119 << true;
    }
    void titlesHaveTheRoomThatIsThere()
    {
        QFETCH(int, wide);
        QFETCH(QString, longest);
        QFETCH(int, least);
        QFETCH(int, most);
        StageGraphView view;
        view.resize(wide, 234);
        QList<StageBox> nodes = diamond();
        nodes.last().title = longest;
        view.setGraph(nodes, diamondEdges());
        view.show(); // what is not shown yet is not told of another size before it is
        QVERIFY(QTest::qWaitForWindowExposed(&view));
        const double node = view.nodeRect(0).width() / view.zoom();
        QVERIFY2(node >= least - 2 && node <= most + 2, qPrintable(QString::number(node)));
        QVERIFY(view.horizontalScrollBar()->maximum() == 0);
        view.resize(1200, 234);
        const double wider = view.nodeRect(0).width() / view.zoom();
        QVERIFY2(wider >= node - 2, qPrintable(QString::number(wider)));
        QTEST(wider > node + 2, "grows");
    }

    void arrowsWalkAlongTheLines()
    {
        StageGraphView view;
        view.resize(700, 240);
        view.setGraph(diamond(), diamondEdges());
        view.show();
        QVERIFY(QTest::qWaitForWindowActive(&view));
        view.setFocus();
        QCOMPARE(view.currentIndex(), 0);
        QTest::keyClick(&view, Qt::Key_Right);
        const int middle = view.currentIndex();
        QVERIFY(middle >= 1 && middle <= 3);
        QTest::keyClick(&view, Qt::Key_Up);
        QTest::keyClick(&view, Qt::Key_Up);
        const int top = view.currentIndex();
        QTest::keyClick(&view, Qt::Key_Down);
        QTest::keyClick(&view, Qt::Key_Down);
        QVERIFY(view.nodeRect(view.currentIndex()).top() > view.nodeRect(top).top());
        QTest::keyClick(&view, Qt::Key_Right);
        QCOMPARE(view.currentIndex(), 4);
        QTest::keyClick(&view, Qt::Key_Right);
        QCOMPARE(view.currentIndex(), 4);
        const QSignalSpy activated(&view, &StageGraphView::activated);
        QTest::keyClick(&view, Qt::Key_Return);
        QCOMPARE(activated.size(), 1);
        QCOMPARE(activated.first().first().toString(), QStringLiteral("push"));
    }

    void aClickActivatesAndADragMoves()
    {
        StageGraphView view;
        view.resize(300, 120);
        QList<graph::Edge> edges;
        for (int i = 1; i < 12; ++i)
            edges.append({i - 1, i});
        view.setGraph(boxes(12), edges);
        view.show();
        QVERIFY(QTest::qWaitForWindowExposed(&view));
        const QSignalSpy activated(&view, &StageGraphView::activated);
        QTest::mouseClick(view.viewport(), Qt::LeftButton, {}, view.nodeRect(1).center());
        QCOMPARE(activated.size(), 1);
        const int before = view.horizontalScrollBar()->value();
        QTest::mousePress(view.viewport(), Qt::LeftButton, {}, QPoint(200, 60));
        QTest::mouseMove(view.viewport(), QPoint(100, 60));
        QTest::mouseRelease(view.viewport(), Qt::LeftButton, {}, QPoint(100, 60));
        QCOMPARE(activated.size(), 1);
        QVERIFY(view.horizontalScrollBar()->value() > before);
    }

    void zoomKeepsWhatIsUnderTheMouse()
    {
        StageGraphView view;
        view.resize(400, 200);
        QList<graph::Edge> edges;
        for (int i = 1; i < 40; ++i)
            edges.append({i - 1, i});
        view.setGraph(boxes(40), edges);
        view.show();
        view.horizontalScrollBar()->setValue(900);
        const int node = view.indexAt(QPoint(view.nodeRect(8).center().x(), view.nodeRect(8).center().y()));
        QCOMPARE(node, 8);
        const QPoint at = view.nodeRect(8).center();
        view.setZoom(1.6, QPointF(at));
        QVERIFY((view.nodeRect(8).center() - at).manhattanLength() < 8);
        view.fit();
        QVERIFY(view.zoom() < 0.4);
        QTest::keyClick(&view, Qt::Key_0);
        QCOMPARE(view.zoom(), 1.0);
        QTest::keyClick(&view, Qt::Key_Minus);
        QVERIFY(view.zoom() < 1.0);
    }

    void theSameGraphAgainKeepsItsPlace()
    {
        StageGraphView view;
        view.resize(300, 200);
        view.setGraph(diamond(), diamondEdges());
        view.setCurrent(3);
        view.setZoom(1.5);
        QList<StageBox> later = diamond();
        later[1].detail = QStringLiteral("13 s");
        view.setGraph(later, diamondEdges());
        QCOMPARE(view.currentIndex(), 3);
        QCOMPARE(view.zoom(), 1.5);
        later.prepend(box(QStringLiteral("checkout")));
        view.setGraph(later, {{0, 1}});
        QCOMPARE(view.nodes()[view.currentIndex()].id, QStringLiteral("scan"));
    }

    void readersSeeAListOfBoxes()
    {
        StageGraphView view;
        view.resize(600, 240);
        view.setGraph(diamond(), diamondEdges());
        view.show();
        QAccessibleInterface *const list = QAccessible::queryAccessibleInterface(&view);
        QVERIFY(list);
        QCOMPARE(list->role(), QAccessible::List);
        QCOMPARE(list->childCount(), 5);
        QCOMPARE(list->child(3)->text(QAccessible::Name), QStringLiteral("scan, failed, 12 s"));
        QVERIFY(view.rect().translated(view.mapToGlobal(QPoint())).contains(list->child(3)->rect()));
        const QSignalSpy activated(&view, &StageGraphView::activated);
        list->child(3)->actionInterface()->doAction(QAccessibleActionInterface::pressAction());
        QCOMPARE(activated.size(), 1);
        view.setGraph({}, {});
        QCOMPARE(list->childCount(), 0);
    }

    void theKeyboardReachesEachOfTwoHundred_data()
    {
        QTest::addColumn<int>("seed");
        for (const int seed : {1, 2, 3})
            QTest::addRow("graph-%d", seed) << seed;
    }
    void theKeyboardReachesEachOfTwoHundred()
    {
        QFETCH(int, seed);
        const QList<graph::Edge> edges = tangled(quint32(seed));
        StageGraphView view;
        view.resize(900, 300);
        view.setGraph(boxes(200), edges);
        view.show();
        QVERIFY(QTest::qWaitForWindowActive(&view));
        view.setFocus();
        QSet<int> reached{view.currentIndex()};
        QList<int> open = reached.values();
        while (!open.isEmpty()) {
            const int from = open.takeFirst();
            for (const Qt::Key key : {Qt::Key_Left, Qt::Key_Right, Qt::Key_Up, Qt::Key_Down}) {
                view.setCurrent(from);
                QTest::keyClick(&view, key);
                const int to = view.currentIndex();
                if (reached.contains(to))
                    continue;
                reached.insert(to);
                open.append(to);
                // What the keyboard is at can be seen.
                QVERIFY(view.viewport()->rect().contains(view.nodeRect(to)));
            }
        }
        QCOMPARE(reached.size(), 200);
    }

    void aChangedStateIsDrawnAlone()
    {
        StageGraphView view;
        view.resize(700, 240);
        view.setGraph(diamond(), diamondEdges());
        view.show();
        QVERIFY(QTest::qWaitForWindowExposed(&view));
        QVERIFY(comesToRest(view));
        const QImage before = view.grab().toImage();
        PaintedRegion painted(view.viewport());
        QList<StageBox> later = diamond();
        later[3].state = RunState::Passed;
        later[3].detail = QStringLiteral("a minute");
        view.setGraph(later, diamondEdges());
        QTRY_VERIFY(!painted.region.isEmpty());
        QVERIFY(painted.region.contains(view.nodeRect(3)));
        for (const int other : {0, 1, 2, 4})
            QVERIFY2(!painted.region.intersects(view.nodeRect(other)), qPrintable(QString::number(other)));
        QVERIFY(view.grab().toImage() != before);
    }

    // Every value of a box, each at a size with words and at one without.
    void nothingOfBeforeIsDrawn_data()
    {
        QTest::addColumn<int>("what");
        QTest::addColumn<double>("zoom");
        for (const double zoom : {1.0, 0.3, 1.7}) {
            const char *const names[] = {"state", "title", "detail", "progress", "chosen"};
            for (int what = 0; what < 5; ++what)
                QTest::addRow("%s-%.1f", names[what], zoom) << what << zoom;
        }
    }
    void nothingOfBeforeIsDrawn()
    {
        QFETCH(int, what);
        QFETCH(double, zoom);
        StageGraphView view;
        view.resize(700, 240);
        view.setGraph(diamond(), diamondEdges());
        view.setZoom(zoom);
        const QImage before = drawn(view);
        QList<StageBox> later = diamond();
        switch (what) {
        case 0:
            later[1].state = RunState::Failed;
            break;
        case 1:
            later[1].title = QStringLiteral("unit and more than there is room for");
            break;
        case 2:
            later[1].detail = QStringLiteral("a minute");
            break;
        case 3:
            later[1].progress = 0.4;
            break;
        default:
            view.setChosen(QStringLiteral("unit"));
        }
        view.setGraph(later, diamondEdges());
        const QImage now = drawn(view);
        QCOMPARE(now, drawnAnew(view, diamondEdges()));
        const bool isSeen = zoom > 0.4 || what == 0 || what == 1 || what == 4; // a longer title widens the boxes
        QCOMPARE(now != before, isSeen);
    }

    // Twenty jobs a stage, each needs all of the stage before: one bar between the columns, and lit for the chosen one.
    void manyToManyIsABar()
    {
        QList<graph::Edge> edges;
        for (int from = 0; from < 4; ++from) {
            for (int to = 4; to < 8; ++to)
                edges.append({from, to});
        }
        StageGraphView view;
        view.resize(400, 240);
        view.setGraph(boxes(8), edges);
        view.setZoom(1);
        const QImage plain = drawn(view);
        // Half-way between two rows there is the bar alone, in the middle between the columns.
        const int y = (view.nodeRect(0).bottom() + view.nodeRect(1).top()) / 2;
        const int left = view.nodeRect(0).right() + 1;
        const int right = view.nodeRect(4).left();
        QList<int> marked;
        for (int x = left; x < right; ++x) {
            if (plain.pixelColor(x, y) != tokens().panel)
                marked.append(x);
        }
        QVERIFY(!marked.isEmpty());
        QVERIFY2(marked.last() - marked.first() <= 2, qPrintable(QString::number(marked.size())));
        QVERIFY(std::abs(marked.first() - (left + right) / 2) <= 2);
        view.setChosen(QStringLiteral("job 0"));
        QVERIFY(drawn(view).pixelColor(marked.first(), y) != plain.pixelColor(marked.first(), y));
    }

    void aThemeOrAnotherScreenDrawsAllAnew()
    {
        Theme theme(*qApp);
        theme.setChoice(Theme::Choice::Dark);
        StageGraphView view;
        view.resize(700, 240);
        view.setGraph(diamond(), diamondEdges());
        view.setZoom(1);
        const QImage dark = drawn(view);
        theme.setChoice(Theme::Choice::Light);
        const QImage light = drawn(view);
        QVERIFY(light != dark);
        QCOMPARE(light, drawnAnew(view, diamondEdges()));
        for (const double ratio : {2.0, 1.25, 1.0})
            QCOMPARE(drawn(view, ratio), drawnAnew(view, diamondEdges(), ratio));
        view.setZoom(1.4);
        view.setZoom(1);
        QCOMPARE(drawn(view), light);
        theme.setChoice(Theme::Choice::Dark);
        QCOMPARE(drawn(view), dark);
    }

    void panningDrawsWhatComesIntoSight_data()
    {
        QTest::addColumn<QPoint>("by");
        QTest::newRow("right") << QPoint(9, 0);
        QTest::newRow("down") << QPoint(0, 7);
        QTest::newRow("both") << QPoint(9, 7);
    }
    void panningDrawsWhatComesIntoSight()
    {
        QFETCH(QPoint, by);
        StageGraphView view;
        view.resize(600, 300);
        view.setGraph(boxes(200), tangled(1));
        view.setZoom(1);
        view.show();
        QVERIFY(QTest::qWaitForWindowExposed(&view));
        QApplication::processEvents();
        PaintedRegion painted(view.viewport());
        for (int turn = 0; turn < 5; ++turn) {
            view.horizontalScrollBar()->setValue(view.horizontalScrollBar()->value() + by.x());
            view.verticalScrollBar()->setValue(view.verticalScrollBar()->value() + by.y());
            QApplication::processEvents();
        }
        QVERIFY(!painted.region.isEmpty());
        int pixels = 0;
        for (const QRect &rect : painted.region)
            pixels += rect.width() * rect.height();
        QVERIFY2(pixels < view.viewport()->width() * view.viewport()->height() / 5,
                 qPrintable(QString::number(pixels)));
        verifyShown(view);
    }

    void theRingIsDrawnAtEachZoom_data()
    {
        QTest::addColumn<double>("zoom");
        for (const double zoom : {StageGraphView::smallest, 1.0, StageGraphView::largest})
            QTest::addRow("%.1f", zoom) << zoom;
    }
    void theRingIsDrawnAtEachZoom()
    {
        QFETCH(double, zoom);
        StageGraphView view;
        view.resize(900, 500);
        view.setGraph(diamond(), diamondEdges());
        view.setZoom(zoom);
        view.show();
        QVERIFY(QTest::qWaitForWindowActive(&view));
        view.setFocus();
        QVERIFY(comesToRest(view));
        const QRect first = view.nodeRect(view.currentIndex()).adjusted(-2, -2, 2, 2);
        const QColor ring = drawn(view).pixelColor(first.center().x(), first.top());
        QVERIFY2(ring != tokens().panel, qPrintable(ring.name()));
        // Nothing of it stays behind.
        QTest::keyClick(&view, Qt::Key_Right);
        QApplication::processEvents();
        verifyShown(view);
    }

    // A height at which the graph fits without a bar beside it, and with one not: the zoom settles.
    void theZoomThatFitsSettles()
    {
        QList<graph::Edge> edges;
        for (int i = 1; i < 5; ++i)
            edges.append({0, i});
        edges.append({1, 5});
        edges.append({5, 6});
        edges.append({6, 7});
        StageGraphView view;
        view.setGraph(boxes(8), edges);
        view.show();
        for (int high = 150; high < 260; ++high) {
            view.resize(600, high);
            QApplication::processEvents();
            const double zoom = view.zoom();
            QVERIFY(zoom >= StageGraphView::readable && zoom <= 1);
            view.resize(600, high + 40);
            view.resize(600, high);
            QApplication::processEvents();
            QCOMPARE(view.zoom(), zoom);
            QCOMPARE(view.horizontalScrollBar()->maximum(), 0);
        }
    }

    void homeAndEndAreThoseOfTheDrawing()
    {
        StageGraphView view;
        view.resize(700, 240);
        // Told backwards: push needs test, test needs build.
        view.setGraph({box(QStringLiteral("push")), box(QStringLiteral("test")), box(QStringLiteral("build"))},
                      {{2, 1}, {1, 0}});
        view.show();
        QVERIFY(QTest::qWaitForWindowActive(&view));
        view.setFocus();
        QCOMPARE(view.currentIndex(), 2);
        QTest::keyClick(&view, Qt::Key_End);
        QCOMPARE(view.currentIndex(), 0);
        QTest::keyClick(&view, Qt::Key_Home);
        QCOMPARE(view.currentIndex(), 2);
    }

    void anotherStageOfTheRunKeepsTheZoom()
    {
        StageGraphView view;
        view.resize(700, 240);
        view.setGraph(diamond(), diamondEdges());
        view.setZoom(1.5);
        QList<StageBox> later = diamond();
        later.append(box(QStringLiteral("announce")));
        QList<graph::Edge> edges = diamondEdges();
        edges.append({4, 5});
        view.setGraph(later, edges);
        QCOMPARE(view.zoom(), 1.5);
        view.setGraph(boxes(3), {{0, 1}, {1, 2}});
        QCOMPARE(view.zoom(), 1.0);
    }

    void theHandIsOverBoxesOnly()
    {
        StageGraphView view;
        view.resize(700, 240);
        view.setGraph(diamond(), diamondEdges());
        view.show();
        QVERIFY(QTest::qWaitForWindowExposed(&view));
        QTest::mouseMove(view.viewport(), view.nodeRect(0).center());
        QTRY_COMPARE(view.viewport()->cursor().shape(), Qt::PointingHandCursor);
        view.setGraph({}, {});
        QCOMPARE(view.viewport()->cursor().shape(), Qt::ArrowCursor);
    }

    void readersHearWhatABoxComesAfter()
    {
        StageGraphView view;
        QList<StageBox> stages = diamond();
        stages[4].tip = QStringLiteral("2 jobs");
        view.setGraph(stages, diamondEdges());
        QAccessibleInterface *const list = QAccessible::queryAccessibleInterface(&view);
        QCOMPARE(list->child(0)->text(QAccessible::Description), QString());
        QCOMPARE(list->child(4)->text(QAccessible::Description), QStringLiteral("2 jobs\nafter unit, lint, scan"));
    }

    void scalesTo_data()
    {
        QTest::addColumn<int>("count");
        for (const int count : {0, 1, 3, 50, 200})
            QTest::addRow("stages-%d", count) << count;
    }
    void scalesTo()
    {
        QFETCH(int, count);
        QList<graph::Edge> edges;
        for (int i = 1; i < count; ++i)
            edges.append({(i - 1) / 3, i});
        StageGraphView view;
        view.resize(900, 300);
        QElapsedTimer timer;
        timer.start();
        view.setGraph(boxes(count), edges);
        view.show();
        shoot(view);
        QVERIFY2(timer.elapsed() < 1500, qPrintable(QString::number(timer.elapsed())));
        view.fit();
        shoot(view, QString::fromLatin1(QTest::currentDataTag()) + QStringLiteral("-fit"));
    }
};

QTEST_MAIN(TestStageGraphView)
#include "test_stagegraphview.moc"
