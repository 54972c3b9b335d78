#pragma once

#include "services/adapters/kubernetes/planbasics.h"
#include "services/ports/steprunner.h"

// One look at the remote, judged: pure functions over what was read, and the reading for each kind of expectation.
namespace signalbox::kubernetes
{

// A roll-out as it stands.
struct RolloutFacts
{
    QString kind; // Deployment, StatefulSet, DaemonSet
    Json object;
    QList<Json> revisions;                     // ReplicaSets or ControllerRevisions that it controls
    QList<Json> pods;                          // that match its selector
    bool arePodsKnown = true;                  // false: not ours to read, the object's own status has to do
    QString unlisted = QStringLiteral("pods"); // what is missing then: they, or the revisions that tell them apart
    QString wanted;       // fingerprintOf(/spec/template) that has to be in force; empty: whatever is there
    QString before;       // the same of what was replaced; empty: unknown
    QDateTime acceptedAt; // by the server's clock; invalid: unknown (after a crash)
    QDateTime now;        // by the server's clock
};
Observation judgeRollout(const RolloutFacts &facts);
// spec.replicas is `wanted`, and so many pods are ready.
Observation judgeReplicas(const RolloutFacts &facts, int wanted);

// Of the endpoints of one Service: do all belong to ready pods with `target` labels?
struct EndpointFacts
{
    Json service;
    Labels selector; // that has to be in force
    QList<Json> endpointSlices;
    std::optional<Json> endpoints; // where the server has no slices
    QList<Json> pods;              // that match `selector`
};
Observation judgeEndpoints(const EndpointFacts &facts);

// HTTPRoute, VirtualService: weights written and, where a controller reports, in force.
struct RouteFacts
{
    Json route;
    QString rulePointer; // "/spec/rules/0/backendRefs"
    QList<int> weights;
    bool reported = false; // a controller had reported on it when the plan was made
    QDateTime acceptedAt;
    QDateTime now;
};
Observation judgeRoute(const RouteFacts &facts);

// An Argo CD or Flux object after a step that paused it, or that let it go on: does it write changes back? `patchFacts`
// as in the expectation's data.
Observation judgeReconciliation(const ObjectRef &object, bool pauses, const Json &patchFacts, const Json &live);

// Which of the states of "patch" in the expectation's data holds: none: neither, something else wrote it.
std::optional<bool> patchTookPlace(const Json &patchFacts, const Json &live);

[[nodiscard]] QFuture<Result<Observation>> lookAtWorkload(const ClientPtr &client, const PlanStep &step,
                                                          const Receipt &receipt, const StopToken &stop);
[[nodiscard]] QFuture<Result<Observation>> lookAtEndpoints(const ClientPtr &client, const PlanStep &step,
                                                           const StopToken &stop);
[[nodiscard]] QFuture<Result<Observation>> lookAtRoute(const ClientPtr &client, const PlanStep &step,
                                                       const Receipt &receipt, const StopToken &stop);

} // namespace signalbox::kubernetes
