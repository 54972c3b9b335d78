#pragma once

#include "services/adapters/kubernetes/preflight.h"

// Who else writes a workload: what the object itself tells, and the progressive delivery controllers that name it.
namespace signalbox::kubernetes
{

// Flagger Canaries whose targetRef and Argo Rollouts whose workloadRef is the workload. None of them writes its pod
// template back: a changed one is a release that they roll out with pods of their own, which is why an operator must
// know. A Canary writes its NAME-primary back, though. Pure.
//
// Sources: canaries.flagger.app (spec.targetRef: kind Deployment, DaemonSet or Service; spec.suspend), rollouts.
// argoproj.io (spec.workloadRef, .scaleDown), Flagger docs "How it works", Argo Rollouts docs "Migrating to Rollouts".
QList<Manager> deliveryManagers(const WorkloadView &view);

// Those, and managersOfObject(): where one names the controller's object, a field manager's bare name adds nothing.
QList<Manager> managersOfWorkload(const WorkloadView &view);

} // namespace signalbox::kubernetes
