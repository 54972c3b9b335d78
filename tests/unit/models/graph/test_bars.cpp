// Where lines by the hundred become one bar, and where they must not.
#include "models/graph/bars.h"

#include <QTest>

using namespace signalbox;

namespace
{

using Lines = QList<graph::Edge>;
using Bars = QList<graph::Bar>;

Lines eachToEach(const QList<int> &from, const QList<int> &to)
{
    Lines lines;
    for (const int one : from) {
        for (const int other : to)
            lines.append({one, other});
    }
    return lines;
}

} // namespace

class TestBars : public QObject
{
    Q_OBJECT
private slots:
    void barsAreMadeOf_data()
    {
        QTest::addColumn<int>("nodes");
        QTest::addColumn<Lines>("lines");
        QTest::addColumn<Bars>("bars");
        const auto row = [](const char *name, int nodes, const Lines &lines, const Bars &bars) {
            QTest::newRow(name) << nodes << lines << bars;
        };
        const Lines twoToThree = eachToEach({0, 1}, {2, 3, 4});
        row("nothing", 0, {}, {});
        row("two to three", 5, twoToThree, {{0, {0, 1}, {2, 3, 4}}});
        row("two to two: four lines can be followed", 4, eachToEach({0, 1}, {2, 3}), {});
        row("one to many", 8, eachToEach({0}, {1, 2, 3, 4, 5, 6, 7}), {});
        row("many to one", 8, eachToEach({0, 1, 2, 3, 4, 5, 6}, {7}), {});
        row("three stages", 9, eachToEach({0, 1, 2}, {3, 4, 5}) + eachToEach({3, 4, 5}, {6, 7, 8}),
            {{0, {0, 1, 2}, {3, 4, 5}}, {1, {3, 4, 5}, {6, 7, 8}}});
        row("one line is missing", 6, eachToEach({0, 1, 2}, {3, 4}) + eachToEach({0, 1}, {5}), {});
        row("another pair stands between the same layers", 7, twoToThree + Lines{{5, 6}}, {});
        row("a line passes", 6, twoToThree + Lines{{2, 5}, {0, 5}}, {});
        row("a line goes back", 6, twoToThree + Lines{{2, 5}, {5, 0}}, {});
        row("the layer after is another matter", 6, twoToThree + Lines{{2, 5}}, {{0, {0, 1}, {2, 3, 4}}});
    }
    void barsAreMadeOf()
    {
        QFETCH(int, nodes);
        QFETCH(Lines, lines);
        QFETCH(Bars, bars);
        QCOMPARE(graph::barsOf(graph::layOut(nodes, lines)), bars);
    }
};

QTEST_APPLESS_MAIN(TestBars)
#include "test_bars.moc"
