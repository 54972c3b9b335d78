#include "models/graph/layeredlayout.h"

#include <QSet>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>
#include <vector>

namespace signalbox::graph
{

namespace
{

constexpr int mostSweeps = 24;
constexpr int alignments = 8;

using Indices = std::vector<int>;

// Nodes and the stand-ins of long edges; each edge between neighbouring layers only.
struct Layered
{
    std::vector<Indices> layers; // in order, top to bottom
    std::vector<int> layerOf;
    std::vector<int> position; // within its layer
    std::vector<Indices> before;
    std::vector<Indices> after;

    void place()
    {
        for (const Indices &layer : layers) {
            for (std::size_t i = 0; i < layer.size(); ++i)
                position[static_cast<std::size_t>(layer[i])] = static_cast<int>(i);
        }
    }
};

QList<Edge> sensible(int nodes, const QList<Edge> &edges)
{
    QList<Edge> kept;
    QSet<std::pair<int, int>> known;
    for (const Edge &edge : edges) {
        const bool isThere = edge.from >= 0 && edge.from < nodes && edge.to >= 0 && edge.to < nodes;
        if (!isThere || edge.from == edge.to || known.contains({edge.from, edge.to}))
            continue;
        known.insert({edge.from, edge.to});
        kept.append(edge);
    }
    return kept;
}

// Edges that close a circle, found depth first in the given order; without recursion, a chain may be long.
std::vector<bool> backwardsOf(int nodes, const QList<Edge> &edges)
{
    enum class Mark { New, Open, Done };
    const auto count = static_cast<std::size_t>(nodes);
    std::vector<std::vector<int>> leaving(count);
    for (int i = 0; i < edges.size(); ++i)
        leaving[static_cast<std::size_t>(edges[i].from)].push_back(i);
    std::vector<bool> isBackwards(static_cast<std::size_t>(edges.size()));
    std::vector<Mark> marks(count, Mark::New);
    std::vector<std::pair<int, std::size_t>> way; // node, its next edge
    for (int root = 0; root < nodes; ++root) {
        if (marks[static_cast<std::size_t>(root)] != Mark::New)
            continue;
        marks[static_cast<std::size_t>(root)] = Mark::Open;
        way.emplace_back(root, 0);
        while (!way.empty()) {
            const auto node = static_cast<std::size_t>(way.back().first);
            if (way.back().second == leaving[node].size()) {
                marks[node] = Mark::Done;
                way.pop_back();
                continue;
            }
            const int edge = leaving[node][way.back().second++];
            const int next = edges[edge].to;
            Mark &mark = marks[static_cast<std::size_t>(next)];
            if (mark == Mark::Open) {
                isBackwards[static_cast<std::size_t>(edge)] = true;
            } else if (mark == Mark::New) {
                mark = Mark::Open;
                way.emplace_back(next, 0);
            }
        }
    }
    return isBackwards;
}

// The longest way to each node. What nothing leads to stands one layer before the first that needs it.
std::vector<int> layersOf(int nodes, const QList<Edge> &forward)
{
    const auto count = static_cast<std::size_t>(nodes);
    std::vector<Indices> after(count);
    std::vector<int> waiting(count);
    for (const Edge &edge : forward) {
        after[static_cast<std::size_t>(edge.from)].push_back(edge.to);
        ++waiting[static_cast<std::size_t>(edge.to)];
    }
    const std::vector<int> needs = waiting;
    std::vector<int> layer(count);
    Indices ready;
    for (int node = 0; node < nodes; ++node) {
        if (waiting[static_cast<std::size_t>(node)] == 0)
            ready.push_back(node);
    }
    for (std::size_t i = 0; i < ready.size(); ++i) {
        const auto node = static_cast<std::size_t>(ready[i]);
        for (const int next : after[node]) {
            int &its = layer[static_cast<std::size_t>(next)];
            its = std::max(its, layer[node] + 1);
            if (--waiting[static_cast<std::size_t>(next)] == 0)
                ready.push_back(next);
        }
    }
    for (std::size_t node = 0; node < count; ++node) {
        if (needs[node] > 0 || after[node].empty())
            continue;
        int first = layer[static_cast<std::size_t>(after[node].front())];
        for (const int next : after[node])
            first = std::min(first, layer[static_cast<std::size_t>(next)]);
        layer[node] = first - 1;
    }
    return layer;
}

// `ways`: for each edge the nodes it goes through, stand-ins between its ends.
Layered inLayers(int nodes, const QList<Edge> &forward, std::vector<Indices> &ways)
{
    Layered all;
    all.layerOf = layersOf(nodes, forward);
    const int last = nodes == 0 ? -1 : *std::max_element(all.layerOf.begin(), all.layerOf.end());
    all.layers.resize(static_cast<std::size_t>(last + 1));
    for (int node = 0; node < nodes; ++node)
        all.layers[static_cast<std::size_t>(all.layerOf[static_cast<std::size_t>(node)])].push_back(node);
    for (const Edge &edge : forward) {
        Indices way{edge.from};
        const int end = all.layerOf[static_cast<std::size_t>(edge.to)];
        for (int layer = all.layerOf[static_cast<std::size_t>(edge.from)] + 1; layer < end; ++layer) {
            const auto standIn = static_cast<int>(all.layerOf.size());
            all.layerOf.push_back(layer);
            all.layers[static_cast<std::size_t>(layer)].push_back(standIn);
            way.push_back(standIn);
        }
        way.push_back(edge.to);
        ways.push_back(std::move(way));
    }
    all.before.resize(all.layerOf.size());
    all.after.resize(all.layerOf.size());
    all.position.resize(all.layerOf.size());
    for (const Indices &way : ways) {
        for (std::size_t i = 1; i < way.size(); ++i) {
            all.after[static_cast<std::size_t>(way[i - 1])].push_back(way[i]);
            all.before[static_cast<std::size_t>(way[i])].push_back(way[i - 1]);
        }
    }
    all.place();
    return all;
}

// Pairs of edges from `layer` to the next that cross: inversions of the ends, counted in a tree of sums.
int crossingsAfter(const Layered &all, std::size_t layer)
{
    Indices ends;
    for (const int node : all.layers[layer]) {
        Indices its;
        for (const int next : all.after[static_cast<std::size_t>(node)])
            its.push_back(all.position[static_cast<std::size_t>(next)]);
        std::sort(its.begin(), its.end());
        ends.insert(ends.end(), its.begin(), its.end());
    }
    const std::size_t width = all.layers[layer + 1].size();
    std::vector<int> sums(width + 1);
    int crossings = 0;
    int seen = 0;
    for (const int end : ends) {
        int atMost = 0;
        for (auto i = static_cast<std::size_t>(end) + 1; i > 0; i &= i - 1)
            atMost += sums[i];
        crossings += seen - atMost;
        for (auto i = static_cast<std::size_t>(end) + 1; i <= width; i += i & (~i + 1))
            ++sums[i];
        ++seen;
    }
    return crossings;
}

int crossingsOf(const Layered &all)
{
    int sum = 0;
    for (std::size_t layer = 0; layer + 1 < all.layers.size(); ++layer)
        sum += crossingsAfter(all, layer);
    return sum;
}

// -1: has none to follow.
double medianOf(const Indices &neighbours, const std::vector<int> &position)
{
    if (neighbours.empty())
        return -1;
    Indices places;
    for (const int each : neighbours)
        places.push_back(position[static_cast<std::size_t>(each)]);
    std::sort(places.begin(), places.end());
    const std::size_t middle = places.size() / 2;
    return places.size() % 2 == 1 ? places[middle] : (places[middle - 1] + places[middle]) / 2.0;
}

// Those with neighbours in the order of their medians; the others keep their places.
void orderByMedians(Layered &all, std::size_t layer, bool isForward)
{
    Indices &nodes = all.layers[layer];
    std::vector<std::pair<double, int>> moved;
    std::vector<bool> isFree(nodes.size());
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        const auto node = static_cast<std::size_t>(nodes[i]);
        const double median = medianOf(isForward ? all.before[node] : all.after[node], all.position);
        isFree[i] = median >= 0;
        if (isFree[i])
            moved.emplace_back(median, nodes[i]);
    }
    std::stable_sort(moved.begin(), moved.end(), [](const auto &a, const auto &b) { return a.first < b.first; });
    std::size_t next = 0;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        if (isFree[i])
            nodes[i] = moved[next++].second;
    }
    all.place();
}

// Crossings between the edges of two neighbours when `upper` stands above `lower`.
int crossingsOfPair(const Indices &upper, const Indices &lower, const std::vector<int> &position)
{
    int sum = 0;
    for (const int a : upper) {
        for (const int b : lower)
            sum += position[static_cast<std::size_t>(a)] > position[static_cast<std::size_t>(b)] ? 1 : 0;
    }
    return sum;
}

// Neighbours change places where that takes crossings away, until none does.
void exchange(Layered &all)
{
    for (bool isBetter = true; isBetter;) {
        isBetter = false;
        for (Indices &nodes : all.layers) {
            for (std::size_t i = 0; i + 1 < nodes.size(); ++i) {
                const auto a = static_cast<std::size_t>(nodes[i]);
                const auto b = static_cast<std::size_t>(nodes[i + 1]);
                const int now = crossingsOfPair(all.before[a], all.before[b], all.position) +
                                crossingsOfPair(all.after[a], all.after[b], all.position);
                const int then = crossingsOfPair(all.before[b], all.before[a], all.position) +
                                 crossingsOfPair(all.after[b], all.after[a], all.position);
                if (then >= now)
                    continue;
                std::swap(nodes[i], nodes[i + 1]);
                std::swap(all.position[a], all.position[b]);
                isBetter = true;
            }
        }
    }
}

int untangle(Layered &all)
{
    std::vector<Indices> best = all.layers;
    int fewest = crossingsOf(all);
    int unchanged = 0; // sweeps on end; after one there and one back all others would leave it so, too
    for (int sweep = 0; sweep < mostSweeps && fewest > 0 && unchanged < 2; ++sweep) {
        const bool isForward = sweep % 2 == 0;
        const std::vector<Indices> before = all.layers;
        for (std::size_t i = 0; i < all.layers.size(); ++i)
            orderByMedians(all, isForward ? i : all.layers.size() - 1 - i, isForward);
        exchange(all);
        if (const int now = crossingsOf(all); now < fewest) {
            fewest = now;
            best = all.layers;
        }
        unchanged = all.layers == before ? unchanged + 1 : 0;
    }
    all.layers = std::move(best);
    all.place();
    return fewest;
}

// As near to `wanted` as the order and a distance of 1 allow, with the least squares: blocks that would overlap are
// pushed together around their mean (pool adjacent violators).
void settle(const Indices &nodes, const std::vector<double> &wanted, std::vector<double> &row)
{
    struct Block
    {
        double sum;
        std::size_t count;
        double mean() const { return sum / static_cast<double>(count); }
    };
    std::vector<Block> blocks;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        blocks.push_back({wanted[i] - static_cast<double>(i), 1});
        while (blocks.size() > 1 && blocks[blocks.size() - 2].mean() > blocks.back().mean()) {
            const Block last = blocks.back();
            blocks.pop_back();
            blocks.back().sum += last.sum;
            blocks.back().count += last.count;
        }
    }
    std::size_t i = 0;
    for (const Block &block : blocks) {
        for (std::size_t end = i + block.count; i < end; ++i)
            row[static_cast<std::size_t>(nodes[i])] = block.mean() + static_cast<double>(i);
    }
}

double meanRow(const Indices &neighbours, const std::vector<double> &row)
{
    const double sum = std::accumulate(neighbours.begin(), neighbours.end(), 0.0, [&row](double all, int each) {
        return all + row[static_cast<std::size_t>(each)];
    });
    return sum / static_cast<double>(neighbours.size());
}

std::vector<double> rowsOf(const Layered &all)
{
    std::vector<double> row(all.layerOf.size());
    for (std::size_t i = 0; i < row.size(); ++i)
        row[i] = all.position[i];
    for (int pass = 0; pass < alignments; ++pass) {
        const bool isForward = pass % 2 == 0;
        for (std::size_t at = 0; at < all.layers.size(); ++at) {
            const Indices &nodes = all.layers[isForward ? at : all.layers.size() - 1 - at];
            std::vector<double> wanted;
            for (const int node : nodes) {
                const auto its = static_cast<std::size_t>(node);
                const Indices &by = isForward ? all.before[its] : all.after[its];
                wanted.push_back(by.empty() ? row[its] : meanRow(by, row));
            }
            settle(nodes, wanted, row);
        }
    }
    const double least = row.empty() ? 0 : *std::min_element(row.begin(), row.end());
    for (double &each : row)
        each -= least;
    return row;
}

} // namespace

Layout layOut(int nodes, const QList<Edge> &edges)
{
    const QList<Edge> kept = sensible(nodes, edges);
    const std::vector<bool> isBackwards = backwardsOf(nodes, kept);
    QList<Edge> forward;
    for (int i = 0; i < kept.size(); ++i) {
        const Edge &edge = kept[i];
        forward.append(isBackwards[static_cast<std::size_t>(i)] ? Edge{edge.to, edge.from} : edge);
    }
    std::vector<Indices> ways;
    Layered all = inLayers(nodes, forward, ways);
    Layout layout;
    layout.crossingsAsGiven = crossingsOf(all);
    layout.crossings = untangle(all);
    const std::vector<double> row = rowsOf(all);
    layout.layers = static_cast<int>(all.layers.size());
    layout.rows = row.empty() ? 0 : 1 + *std::max_element(row.begin(), row.end());
    for (int node = 0; node < nodes; ++node)
        layout.places.append({all.layerOf[static_cast<std::size_t>(node)], row[static_cast<std::size_t>(node)]});
    for (int i = 0; i < kept.size(); ++i) {
        const Indices &way = ways[static_cast<std::size_t>(i)];
        Route route{kept[i], {}, isBackwards[static_cast<std::size_t>(i)]};
        for (std::size_t j = 1; j + 1 < way.size(); ++j) {
            const auto standIn = static_cast<std::size_t>(way[j]);
            route.bends.append(QPointF(all.layerOf[standIn], row[standIn]));
        }
        layout.routes.append(route);
    }
    return layout;
}

} // namespace signalbox::graph
