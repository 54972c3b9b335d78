#pragma once

#include "services/adapters/kubernetes/planbasics.h"

// Pausing exactly the reconciliation that would undo an operation: Argo CD's automated sync of one Application, or one
// Flux Kustomization or HelmRelease. Offered as first, optional step with an undo of its own.
//
// Sources: Argo CD docs "Automated Sync Policy" (spec.syncPolicy.automated, .enabled since 3.0) and "Resource
// Tracking"; Flux docs, spec.suspend of Kustomization and HelmRelease.
namespace signalbox::kubernetes
{

struct SuspendOffer
{
    QList<DraftStep> steps;
    QList<Manager> managers; // those given, `revertsOurs` corrected by what their own objects say
    bool isComplete = true;  // every manager that would write back is covered by a step
};

// Reads the managing objects (an Application is looked for in every namespace that may be read).
[[nodiscard]] QFuture<Result<SuspendOffer>> offerSuspension(const ClientPtr &client, const Discovery &discovery,
                                                            const QList<Manager> &managers, bool isChosen,
                                                            const StopToken &stop);

// Puts the offer in front of the draft's steps, adds the check OtherOwner and has the whole checked.
[[nodiscard]] QFuture<Result<Plan>> withSuspension(const ClientPtr &client, const Discovery &discovery,
                                                   const Draft &draft, const QList<Manager> &managers, bool isChosen,
                                                   const StopToken &stop);

// One manager's object, turned into the step; none: it does not reconcile by itself. Pure.
std::optional<DraftStep> suspendStep(const ApiResource &resource, const QString &connection, const Json &object,
                                     bool isChosen);
// Does the object write live changes back by itself?
bool isReconciling(const QString &kind, const Json &object);
Check ownerCheck(const QList<Manager> &managers, bool pausesReconciliation);

} // namespace signalbox::kubernetes
