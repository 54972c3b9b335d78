#pragma once

#include "models/domain/metric.h"

namespace signalbox
{

// An alert that fires, and who says so.
struct FiringAlert
{
    Alert alert;
    QString connection;  // of the metric source
    QString source;      // its title, where there are several; empty: it is the only one
    bool isKnown = true; // false: only its source's last word, which is old
    bool operator==(const FiringAlert &) const = default;
};

} // namespace signalbox
