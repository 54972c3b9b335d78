#pragma once

#include "models/graph/layeredlayout.h"

namespace signalbox::graph
{

// Between two layers where each of some nodes leads to each of the others, as the jobs of one stage to those of the
// next: one bar says that, and lines by the hundred do not. Twenty jobs in each of ten stages have 3,600 of them.
struct Bar
{
    int layer = 0; // it is drawn between this one and the next
    QList<int> from;
    QList<int> to;
    bool operator==(const Bar &) const = default;
};

// Only where nothing else passes between the two: a line that meets a bar would seem to belong to it. From few lines
// none is made.
QList<Bar> barsOf(const Layout &layout);

} // namespace signalbox::graph
