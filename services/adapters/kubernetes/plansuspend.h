#pragma once

#include "services/adapters/kubernetes/planbasics.h"
#include "services/ports/rollbackprovider.h"

// Pausing exactly the reconciliation that would undo an operation: Argo CD's automated sync of one Application, or one
// Flux Kustomization or HelmRelease. Offered as first, optional step with an undo of its own.
//
// It stays paused after the operation. What takes it up again is a plan of its own (`signalbox resume APP ENV
// --reconciliation`); Argo CD's policy, which is taken out of the Application meanwhile, waits in an annotation there.
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
    QList<Unseen> unread;    // of their objects: those that could not be read, though they may be ours
};

// Reads the managing objects (an Application is looked for in every namespace that may be read). One that cannot be
// read keeps nobody from going back: what its evidence says of it stands, and no step pauses it. `limit` of each call.
[[nodiscard]] QFuture<Result<SuspendOffer>> offerSuspension(const ClientPtr &client, const Discovery &discovery,
                                                            const QList<Manager> &managers, bool isChosen,
                                                            const StopToken &stop,
                                                            std::chrono::milliseconds limit = {});

// Puts the offer in front of the draft's steps, adds the check OtherOwner and has the whole checked. `unseen`: where
// more managers may be than are known.
[[nodiscard]] QFuture<Result<Plan>> withSuspension(const ClientPtr &client, const Discovery &discovery,
                                                   const Draft &draft, const QList<Manager> &managers, bool isChosen,
                                                   const StopToken &stop, const QList<Unseen> &unseen = {});

// One manager's object, turned into the step; none: it does not reconcile by itself. Pure.
std::optional<DraftStep> suspendStep(const ApiResource &resource, const QString &connection, const Json &object,
                                     bool isChosen);
// The step that lets a paused one go on; none: it is not paused, or nothing tells how it was. Pure.
std::optional<DraftStep> unsuspendStep(const ApiResource &resource, const QString &connection, const Json &object);
// A plan of such steps for `managers`; NotFound where none is paused, Forbidden where that is not ours to see.
[[nodiscard]] QFuture<Result<Plan>> planUnsuspension(const ClientPtr &client, const WorkloadOrder &order,
                                                     const StopToken &stop);
// Does the object write live changes back by itself?
bool isReconciling(const QString &kind, const Json &object);
Check ownerCheck(const QList<Manager> &managers, bool pausesReconciliation, const QList<Unseen> &unseen = {});

} // namespace signalbox::kubernetes
