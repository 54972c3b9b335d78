#include "models/graph/bars.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace signalbox::graph
{

namespace
{

constexpr qsizetype fewestLines = 6; // two to three of them can still be followed

struct Gap // between a layer and the next
{
    qsizetype passing = 0;
    qsizetype direct = 0; // from the one to the other, forwards
    QList<int> from;
    QList<int> to;
};

void addOnce(QList<int> &nodes, int node)
{
    if (!nodes.contains(node))
        nodes.append(node);
}

} // namespace

QList<Bar> barsOf(const Layout &layout)
{
    std::vector<Gap> gaps(static_cast<std::size_t>(std::max(0, layout.layers - 1)));
    for (const Route &route : layout.routes) {
        const auto [first, last] =
            std::minmax({layout.places[route.edge.from].layer, layout.places[route.edge.to].layer});
        for (int layer = first; layer < last; ++layer)
            ++gaps[static_cast<std::size_t>(layer)].passing;
        if (route.isBackwards || last != first + 1)
            continue;
        Gap &gap = gaps[static_cast<std::size_t>(first)];
        ++gap.direct;
        addOnce(gap.from, route.edge.from);
        addOnce(gap.to, route.edge.to);
    }
    QList<Bar> bars;
    for (std::size_t i = 0; i < gaps.size(); ++i) {
        Gap &gap = gaps[i];
        const qsizetype all = gap.from.size() * gap.to.size();
        const bool isEachToEach = gap.direct == all && gap.passing == all;
        if (isEachToEach && all >= fewestLines && gap.from.size() > 1 && gap.to.size() > 1)
            bars.append({static_cast<int>(i), std::move(gap.from), std::move(gap.to)});
    }
    return bars;
}

} // namespace signalbox::graph
