#pragma once

#include "models/pipelines/stagegraph.h"

#include <algorithm>
#include <utility>
#include <vector>

// What the jobs of a run need of each other, as numbers: found out, freed of circles and of what follows from the rest.
namespace signalbox::stages
{

using Indices = std::vector<int>;

// Who is needed by whom, both ways, sorted and without doubles.
struct Relations
{
    std::vector<Indices> before;
    std::vector<Indices> after;

    explicit Relations(std::size_t size)
        : before(size)
        , after(size)
    {}
    void add(int from, int to)
    {
        after[static_cast<std::size_t>(from)].push_back(to);
        before[static_cast<std::size_t>(to)].push_back(from);
    }
    void settle()
    {
        for (std::vector<Indices> *side : {&before, &after}) {
            for (Indices &some : *side) {
                std::sort(some.begin(), some.end());
                some.erase(std::unique(some.begin(), some.end()), some.end());
            }
        }
    }
};

// Of the run's jobs; `unknown`: how many they need that are none of it.
Order relate(const RunDetail &detail, Relations &relations, int &unknown);
// Edges that close a circle, found by a walk in the given order: the rest has none.
std::vector<std::pair<int, int>> backEdges(const Relations &relations);
// Without edges that a longer way makes known; `relations` has no circle. (Aho, Garey, Ullman: The transitive
// reduction of a directed graph, 1972.)
QList<graph::Edge> reduced(const Relations &relations);
Relations without(const Relations &relations, const std::vector<std::pair<int, int>> &left);

} // namespace signalbox::stages
