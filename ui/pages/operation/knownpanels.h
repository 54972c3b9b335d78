#pragma once

#include "models/domain/metric.h"

#include <algorithm>
#include <chrono>

namespace signalbox
{

// How often a page that is looked at asks whether something has begun to be measured.
constexpr std::chrono::seconds lookForPanelsEvery{15};

// The panels of an application that is looked at for longer: each known one stays in its place, in the words of the
// newest suggestion, and what has begun to be measured since follows. An application whose series ended (it is down)
// keeps its charts. Any thread.
inline QList<MetricPanel> knownPanels(QList<MetricPanel> known, const QList<MetricPanel> &suggested)
{
    for (const MetricPanel &panel : suggested) {
        const auto same =
            std::find_if(known.begin(), known.end(), [&panel](const MetricPanel &one) { return one.id == panel.id; });
        if (same == known.end())
            known.append(panel);
        else
            *same = panel;
    }
    return known;
}

} // namespace signalbox
