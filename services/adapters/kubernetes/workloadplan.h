#pragma once

#include "services/adapters/kubernetes/preflight.h"
#include "services/ports/rollbackprovider.h"

// Scale, restart, pause and resume as data. Pure: works on what preflight.h read.
//
// Sources: kubernetes/kubectl pkg/polymorphichelpers/objectrestarter.go, objectpauser.go, objectresumer.go.
namespace signalbox::kubernetes
{

// `scale`: the scale subresource, for Scale.
Result<Draft> draftWorkload(const WorkloadView &view, const std::optional<Json> &scale, const WorkloadOrder &order);

} // namespace signalbox::kubernetes
