#pragma once

#include <QList>
#include <QPointF>

// Where the nodes of a directed graph stand, drawn in layers from left to right, as a pipeline's jobs and what they
// need. Pure; no size and no colour. The steps are those of Sugiyama, Tagawa and Toda (1981): layers by the longest
// way, stand-ins where an edge passes a layer, medians and exchanges of neighbours against crossings (Gansner,
// Koutsofios, North and Vo, "A technique for drawing directed graphs", 1993), crossings counted as by Barth, Jünger and
// Mutzel (2002).
namespace signalbox::graph
{

struct Edge
{
    int from = 0; // index of a node
    int to = 0;
    bool operator==(const Edge &) const = default;
};

struct Place
{
    int layer = 0;  // from 0, left to right
    double row = 0; // from 0; two of one layer are at least 1 apart
    bool operator==(const Place &) const = default;
};

struct Route
{
    Edge edge;
    QList<QPointF> bends; // layer and row in every layer it passes, in the direction of drawing
    // It goes from right to left: the graph has a circle, which no order of layers can have.
    bool isBackwards = false;
    bool operator==(const Route &) const = default;
};

struct Layout
{
    QList<Place> places; // as the nodes
    QList<Route> routes; // as the edges, without those that were left out
    int layers = 0;
    double rows = 0; // of the highest layer: 1 + the greatest row
    int crossings = 0;
    int crossingsAsGiven = 0; // were every layer in the order of the nodes: what the steps against them took away
    bool operator==(const Layout &) const = default;
};

// The same graph in the same order gives the same layout; nodes keep the given order where nothing speaks against it.
// Left out: edges to what is no node, from a node to itself, and those that are there twice.
Layout layOut(int nodes, const QList<Edge> &edges);

} // namespace signalbox::graph
