// Where a graph's nodes stand: layers, distances, and as few crossings as can be had.
#include "models/graph/layeredlayout.h"

#include <QTest>

#include <random>

using namespace signalbox;

namespace
{

using Edges = QList<graph::Edge>;

struct Segment // between a layer and the next
{
    int layer;
    double begin;
    double end;
};

// What is drawn of the edges, from left to right.
QList<Segment> segmentsOf(const graph::Layout &layout)
{
    QList<Segment> segments;
    for (const graph::Route &route : layout.routes) {
        const int from = route.isBackwards ? route.edge.to : route.edge.from;
        const int to = route.isBackwards ? route.edge.from : route.edge.to;
        QList<QPointF> way{QPointF(layout.places[from].layer, layout.places[from].row)};
        way += route.bends;
        way.append(QPointF(layout.places[to].layer, layout.places[to].row));
        for (int i = 1; i < way.size(); ++i)
            segments.append({static_cast<int>(way[i - 1].x()), way[i - 1].y(), way[i].y()});
    }
    return segments;
}

int crossingsSeen(const graph::Layout &layout)
{
    const QList<Segment> segments = segmentsOf(layout);
    int sum = 0;
    for (int i = 0; i < segments.size(); ++i) {
        for (int j = 0; j < i; ++j) {
            const Segment &a = segments[i];
            const Segment &b = segments[j];
            sum += a.layer == b.layer && (a.begin - b.begin) * (a.end - b.end) < -1e-9 ? 1 : 0;
        }
    }
    return sum;
}

// Layers are whole, every edge passes each layer between its ends, and two things of one layer keep their distance.
void verifyDrawing(const graph::Layout &layout)
{
    QMap<int, QList<double>> rows;
    for (const graph::Place &place : layout.places) {
        QVERIFY(place.layer >= 0 && place.layer < layout.layers);
        QVERIFY(place.row >= 0 && place.row <= layout.rows - 1);
        rows[place.layer].append(place.row);
    }
    for (const graph::Route &route : layout.routes) {
        const int from = layout.places[route.isBackwards ? route.edge.to : route.edge.from].layer;
        const int to = layout.places[route.isBackwards ? route.edge.from : route.edge.to].layer;
        QVERIFY(from < to);
        QCOMPARE(route.bends.size(), to - from - 1);
        for (int i = 0; i < route.bends.size(); ++i) {
            QCOMPARE(route.bends[i].x(), from + 1.0 + i);
            rows[from + 1 + i].append(route.bends[i].y());
        }
    }
    for (QList<double> &layer : rows) {
        std::sort(layer.begin(), layer.end());
        for (int i = 1; i < layer.size(); ++i)
            QVERIFY2(layer[i] - layer[i - 1] >= 1 - 1e-9, qPrintable(QString::number(layer[i] - layer[i - 1])));
    }
    QCOMPARE(crossingsSeen(layout), layout.crossings);
}

} // namespace

class TestLayeredLayout : public QObject
{
    Q_OBJECT
private slots:
    void graphsAreDrawnAs_data()
    {
        QTest::addColumn<int>("nodes");
        QTest::addColumn<Edges>("edges");
        QTest::addColumn<QList<int>>("layers"); // of each node
        QTest::addColumn<int>("crossings");
        const auto row = [](const char *name, int nodes, const Edges &edges, const QList<int> &layers, int crossings) {
            QTest::newRow(name) << nodes << edges << layers << crossings;
        };
        row("nothing", 0, {}, {}, 0);
        row("one", 1, {}, {0}, 0);
        row("a chain", 3, {{0, 1}, {1, 2}}, {0, 1, 2}, 0);
        row("a chain, told backwards", 3, {{2, 1}, {1, 0}}, {2, 1, 0}, 0);
        row("side by side", 4, {{0, 1}, {0, 2}, {1, 3}, {2, 3}}, {0, 1, 1, 2}, 0);
        row("past a layer", 3, {{0, 1}, {1, 2}, {0, 2}}, {0, 1, 2}, 0);
        row("crossed as given", 4, {{0, 3}, {1, 2}}, {0, 0, 1, 1}, 0);
        row("crossed, over two layers", 6, {{0, 3}, {1, 2}, {2, 4}, {3, 5}}, {0, 0, 1, 1, 2, 2}, 0);
        row("each of three needs each of three", 6,
            {{0, 3}, {0, 4}, {0, 5}, {1, 3}, {1, 4}, {1, 5}, {2, 3}, {2, 4}, {2, 5}}, {0, 0, 0, 1, 1, 1}, 9);
        row("what nothing leads to stands beside what it is needed with", 5, {{0, 1}, {1, 2}, {2, 3}, {4, 3}},
            {0, 1, 2, 3, 2}, 0);
        row("alone", 3, {{0, 1}}, {0, 1, 0}, 0);
        row("to what is no node, to itself, twice", 2, {{0, 1}, {0, 1}, {0, 0}, {0, 7}, {-1, 1}}, {0, 1}, 0);
        row("a circle", 3, {{0, 1}, {1, 2}, {2, 0}}, {0, 1, 2}, 0);
        row("to and fro", 2, {{0, 1}, {1, 0}}, {0, 1}, 0);
    }
    void graphsAreDrawnAs()
    {
        QFETCH(int, nodes);
        QFETCH(Edges, edges);
        QFETCH(QList<int>, layers);
        QFETCH(int, crossings);
        const graph::Layout layout = graph::layOut(nodes, edges);
        QList<int> drawn;
        for (const graph::Place &place : layout.places)
            drawn.append(place.layer);
        QCOMPARE(drawn, layers);
        QCOMPARE(layout.crossings, crossings);
        verifyDrawing(layout);
    }

    void standsInTheMiddleOfWhatItLeadsTo()
    {
        const graph::Layout layout = graph::layOut(5, {{0, 1}, {0, 2}, {0, 3}, {1, 4}, {2, 4}, {3, 4}});
        QCOMPARE(layout.rows, 3.0);
        QCOMPARE(layout.places[0].row, 1.0);
        QCOMPARE(layout.places[2].row, 1.0); // in the order given
        QCOMPARE(layout.places[4].row, 1.0);
    }

    void aCircleIsTold()
    {
        const graph::Layout layout = graph::layOut(3, {{0, 1}, {1, 2}, {2, 0}});
        QCOMPARE(layout.routes.size(), 3);
        QVERIFY(!layout.routes[0].isBackwards && !layout.routes[1].isBackwards);
        QVERIFY(layout.routes[2].isBackwards);
        QCOMPARE(layout.routes[2].bends.size(), 1);
    }

    void anyGraphIsDrawn_data()
    {
        QTest::addColumn<int>("nodes");
        QTest::addColumn<int>("edges");
        QTest::addColumn<int>("backwards"); // of a hundred
        for (const int nodes : {3, 10, 50, 200}) {
            QTest::addRow("%d nodes, few edges", nodes) << nodes << nodes << 0;
            QTest::addRow("%d nodes, more edges", nodes) << nodes << nodes * 3 / 2 << 0;
            QTest::addRow("%d nodes, circles", nodes) << nodes << nodes << 20;
        }
        QTest::addRow("a chain of 5000") << 5000 << 0 << 0;
    }
    void anyGraphIsDrawn()
    {
        QFETCH(int, nodes);
        QFETCH(int, edges);
        QFETCH(int, backwards);
        std::mt19937 random(static_cast<std::mt19937::result_type>(nodes * 1000 + edges)); // the same each time
        const auto below = [&random](int limit) { return static_cast<int>(random() % static_cast<unsigned>(limit)); };
        Edges some;
        for (int i = 0; i < edges; ++i) {
            // As pipelines are: most lead to something near.
            const int from = below(nodes - 1);
            const int to = std::min(nodes - 1, from + 1 + below(12));
            some.append(below(100) < backwards ? graph::Edge{to, from} : graph::Edge{from, to});
        }
        for (int i = 1; edges == 0 && i < nodes; ++i)
            some.append({i - 1, i});
        const graph::Layout layout = graph::layOut(nodes, some);
        QCOMPARE(layout.places.size(), nodes);
        verifyDrawing(layout);
        QCOMPARE(graph::layOut(nodes, some), layout);
    }
};

QTEST_APPLESS_MAIN(TestLayeredLayout)
#include "test_layeredlayout.moc"
