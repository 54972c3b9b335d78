// 200 stages in 10 layers, each needing up to three of those before and some of far before: how long it takes until
// they stand, how many lines cross then, and what a frame costs while one looks, pans, zooms, and while states change.
#include "models/graph/layeredlayout.h"
#include "tests/bench/limits.h"
#include "tests/bench/processuse.h"
#include "ui/theme/theme.h"
#include "ui/widgets/stagegraph.h"

#include <QApplication>
#include <QKeyEvent>
#include <QPaintEvent>
#include <QRandomGenerator>
#include <QScrollBar>

#include <algorithm>
#include <cstdio>
#include <functional>
#include <numeric>
#include <utility>
#include <vector>

using namespace signalbox;

namespace
{

constexpr int layers = 10;
constexpr int perLayer = 20;
constexpr int frames = 60;
constexpr double frameLimitMs = 16;

struct Stages
{
    QList<StageBox> boxes;
    QList<graph::Edge> edges;
};

// In an order that says nothing of the layers, as a vendor's list of jobs.
Stages stagesOf(quint32 seed)
{
    QRandomGenerator random(seed);
    std::vector<int> order(layers * perLayer);
    std::iota(order.begin(), order.end(), 0);
    std::shuffle(order.begin(), order.end(), random);
    Stages made;
    for (int i = 0; i < layers * perLayer; ++i) {
        StageBox box;
        box.id = QString::number(i);
        box.title = QStringLiteral("integration tests %1").arg(i);
        box.detail = QStringLiteral("%1 m %2 s").arg(i % 9).arg(i % 60);
        box.state = static_cast<RunState>(i % 9);
        made.boxes.append(box);
    }
    for (int layer = 1; layer < layers; ++layer) {
        for (int i = 0; i < perLayer; ++i) {
            const int to = order[static_cast<std::size_t>(layer * perLayer + i)];
            const int needs = 1 + int(random.bounded(3));
            for (int need = 0; need < needs; ++need) {
                // Mostly of those nearby, as pipelines are; one of twenty from far before.
                const int from = random.bounded(20) == 0 ? int(random.bounded(layer)) : layer - 1;
                const int near = (i + int(random.bounded(5)) - 2 + perLayer) % perLayer;
                made.edges.append({order[static_cast<std::size_t>(from * perLayer + near)], to});
            }
        }
    }
    return made;
}

// As of a vendor that tells stages only: each job of one needs each of the one before.
Stages stagesWithoutNeeds()
{
    Stages made = stagesOf(1);
    made.edges.clear();
    for (int to = perLayer; to < layers * perLayer; ++to) {
        for (int i = 0; i < perLayer; ++i)
            made.edges.append({(to / perLayer - 1) * perLayer + i, to});
    }
    return made;
}

struct Cost // in milliseconds
{
    double middle = 0;
    double worst = 0;
};

Cost costOf(int times, const std::function<void(int)> &work)
{
    std::vector<double> each;
    for (int i = 0; i < times; ++i) {
        const double before = test::threadCpuMs();
        work(i);
        each.push_back(test::threadCpuMs() - before);
    }
    return {test::median(each), test::quantile(each, 1)};
}

// The slowest counts: it is the one that is seen.
void tell(const char *what, const Cost &cost)
{
    std::printf("%-48s %8.2f ms   at worst %6.2f ms   limit %.0f ms %s\n", what, cost.middle, cost.worst, frameLimitMs,
                test::verdict(cost.worst < frameLimitMs));
}

// How much of the graph was asked to be drawn.
class Painted : public QObject
{
public:
    explicit Painted(QWidget *watched) { watched->installEventFilter(this); }
    qint64 pixels = 0;

protected:
    bool eventFilter(QObject *, QEvent *event) override
    {
        if (event->type() == QEvent::Paint) {
            for (const QRect &rect : static_cast<QPaintEvent *>(event)->region())
                pixels += qint64(rect.width()) * rect.height();
        }
        return false;
    }
};

void layout()
{
    Cost slowest;
    double given = 0;
    double left = 0;
    for (quint32 seed = 1; seed <= 10; ++seed) {
        const Stages stages = stagesOf(seed);
        graph::Layout made;
        const Cost cost = costOf(3, [&](int) { made = graph::layOut(int(stages.boxes.size()), stages.edges); });
        slowest = {std::max(slowest.middle, cost.middle), std::max(slowest.worst, cost.worst)};
        given += made.crossingsAsGiven;
        left += made.crossings;
    }
    tell("layout, the slowest of 10 graphs", slowest);
    std::printf("%-48s %8.2f      of those in the given order (%.0f of %.0f a graph)   limit 0.5 %s\n",
                "crossings that are left", left / given, left / 10, given / 10, test::verdict(left <= given / 2));
}

void drawWithoutNeeds()
{
    const Stages stages = stagesWithoutNeeds();
    tell("layout, each job needs all of the stage before",
         costOf(3, [&](int) { graph::layOut(int(stages.boxes.size()), stages.edges); }));
    StageGraphView view;
    view.resize(1440, 900);
    view.setGraph(stages.boxes, stages.edges);
    view.show();
    QApplication::processEvents();
    view.viewport()->repaint();
    tell("a frame of it", costOf(frames, [&](int) { view.viewport()->repaint(); }));
}

// What an operator does, each with the frame it asks for: what is drawn is what the window system would show.
void draw()
{
    Stages stages = stagesOf(1);
    StageGraphView view;
    view.resize(1440, 900);
    view.setGraph(stages.boxes, stages.edges);
    view.show();
    QApplication::processEvents();
    const auto wholeFrame = [&view] { view.viewport()->repaint(); };
    wholeFrame(); // fonts and signs are there
    Painted painted(view.viewport());
    const auto share = [&painted](const char *what, double limit) {
        const double drawn = double(std::exchange(painted.pixels, 0)) / frames / (1440.0 * 900);
        std::printf("%-48s %8.4f      of the graph is drawn again   limit %.2f %s\n", what, drawn, limit,
                    test::verdict(drawn < limit));
    };
    tell("a frame as it opens", costOf(frames, [&](int) { wholeFrame(); }));
    view.fit();
    tell("a frame of all of it", costOf(frames, [&](int) { wholeFrame(); }));
    view.setZoom(2);
    wholeFrame();
    tell("a frame, enlarged", costOf(frames, [&](int) { wholeFrame(); }));
    tell("a frame while zooming", costOf(frames, [&](int turn) {
             view.setZoom(0.3 + turn * 0.03, QPointF(700, 400));
             QApplication::processEvents();
         }));
    view.setZoom(1.5);
    QApplication::processEvents();
    painted.pixels = 0;
    tell("a frame while panning", costOf(frames, [&](int turn) {
             view.horizontalScrollBar()->setValue(turn * 8);
             view.verticalScrollBar()->setValue(turn * 5);
             QApplication::processEvents();
         }));
    share("panning, its share", 0.1);
    view.setZoom(1);
    QApplication::processEvents();
    painted.pixels = 0;
    tell("a state that changes", costOf(frames, [&](int turn) {
             StageBox &box = stages.boxes[turn * 3];
             box.state = static_cast<RunState>((static_cast<int>(box.state) + 1) % 9);
             box.detail = QStringLiteral("%1 s").arg(turn);
             view.setGraph(stages.boxes, stages.edges);
             QApplication::processEvents();
         }));
    share("a state that changes, its share", 0.02);
    tell("a box is chosen: its lines are lit", costOf(frames, [&](int turn) {
             view.setChosen(stages.boxes[turn * 3].id);
             QApplication::processEvents();
         }));
    view.setFocus();
    tell("a key, and its frame", costOf(frames, [&](int turn) {
             const Qt::Key key = turn % 3 == 0 ? Qt::Key_Right : turn % 3 == 1 ? Qt::Key_Down : Qt::Key_Left;
             QKeyEvent press(QEvent::KeyPress, key, Qt::NoModifier);
             QApplication::sendEvent(&view, &press);
             QApplication::processEvents();
         }));
}

} // namespace

int main(int argc, char **argv)
{
    QApplication application(argc, argv);
    const Theme theme(application);
    std::printf("bench_stagegraph: %d stages in %d layers, 1440 x 900\n\n", layers * perLayer, layers);
    layout();
    draw();
    drawWithoutNeeds();
    return 0;
}
