#pragma once

#include "models/pipelines/gate.h"
#include "models/policy/policy.h"
#include "models/policy/records.h"

// Which gate of a vendor carries a promotion out. Pure.
namespace signalbox
{

// Vendors do not always tell case apart: names of environments at GitHub are not case sensitive.
bool isSameEnvironment(const QString &one, const QString &other);
// Whether this is the gate by which the policy has promotions carried out.
bool isGateOf(const policy::Execution &execution, const WaitingGate &gate);
// Whether it is the one for exactly this promotion's commit and environment.
bool isGateFor(const policy::Execution &execution, const policy::Subject &subject, const WaitingGate &gate);

} // namespace signalbox
