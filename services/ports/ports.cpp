// Out-of-line destructors: one home for each port's vtable.
#include "services/ports/clustersource.h"
#include "services/ports/metricsource.h"
#include "services/ports/requestmonitor.h"
#include "services/ports/rollbackprovider.h"
#include "services/ports/trafficrouter.h"

namespace signalbox
{

LogStream::~LogStream() = default;
ClusterSource::~ClusterSource() = default;
TrafficRouter::~TrafficRouter() = default;
RollbackProvider::~RollbackProvider() = default;
WorkloadActions::~WorkloadActions() = default;
MetricSource::~MetricSource() = default;
RequestMonitor::~RequestMonitor() = default;

} // namespace signalbox
