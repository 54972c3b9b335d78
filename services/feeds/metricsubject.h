#pragma once

#include "models/domain/application.h"
#include "models/domain/metric.h"

namespace signalbox
{

// What panels of this application are asked for. The tracks' order does not follow their traffic, which may change
// every second: the question stays the same.
MetricSubject subjectOf(const Deployed &deployed);

} // namespace signalbox
