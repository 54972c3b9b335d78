#pragma once

#include "models/domain/cluster.h"
#include "models/domain/result.h"

#include <QByteArray>

namespace signalbox::kubernetes
{

// PodMetricsList or NodeMetricsList of metrics.k8s.io: "ns/name" (nodes: "/name") -> what its containers use together.
Result<QHash<QString, Usage>> parseUsage(const QByteArray &json);

} // namespace signalbox::kubernetes
