#pragma once

#include "services/adapters/kubernetes/kubeclient.h"
#include "services/ports/steprunner.h"

#include <memory>

namespace signalbox::kubernetes
{

// Carries out the steps that KubernetesRollback, KubernetesTraffic and KubernetesWorkloads plan. execute() hands the
// call to the client at once; all else happens on workers. Thread-safe; between calls it keeps only since when an
// object was not found.
//
// Expectations, and what has to be seen: "workload-rolled-out" (observedGeneration, updated and ready pods of the new
// revision), "workload-replicas", "workload-paused", "template-written", "service-selector" (endpoints hold only ready
// pods of the target), "route-weights" (the route's conditions), "reconciliation-paused", "reconciliation-resumed".
class KubernetesStepRunner : public StepRunner
{
public:
    explicit KubernetesStepRunner(std::shared_ptr<KubeClient> client);
    ~KubernetesStepRunner() override;

    [[nodiscard]] QFuture<Result<void>> dryRun(PlanStep step, StopToken stop) override;
    [[nodiscard]] QFuture<Result<Receipt>> execute(PlanStep step, StopToken stop) override;
    [[nodiscard]] QFuture<Result<Observation>> observe(PlanStep step, Receipt receipt, StopToken stop) override;
    [[nodiscard]] QFuture<Result<bool>> tookPlace(PlanStep step, StopToken stop) override;
    [[nodiscard]] QFuture<Result<PlanStep>> reversal(Plan plan, QStringList doneStepIds, StopToken stop) override;
    [[nodiscard]] QFuture<Result<bool>> hasObject(PlanStep step, StopToken stop) override;

private:
    struct Absences;
    std::shared_ptr<KubeClient> m_client;
    std::shared_ptr<Absences> m_absences;
};

} // namespace signalbox::kubernetes
