#pragma once

#include "services/adapters/kubernetes/nodeimages.h"
#include "services/adapters/kubernetes/planbasics.h"

// The checks that Kubernetes can answer, as raw findings: the table of services/operations decides what a failed one
// does.
namespace signalbox::kubernetes
{

// Everything a plan for one workload is made from, read now.
struct WorkloadView
{
    QString connection;
    Discovery discovery;
    ApiResource resource;     // of the workload
    Json object;              // Deployment, StatefulSet, DaemonSet
    QList<Json> revisions;    // ReplicaSets or ControllerRevisions that it controls
    QList<Json> pods;         // that match its selector
    bool arePodsKnown = true; // false: they are not ours to list
    QList<Json> autoscalers;  // of the namespace
    bool areAutoscalersKnown = true;
    QList<Json> rollouts; // Argo Rollouts and Flagger Canaries of the namespace
    QList<Json> canaries;
    QList<Unseen> hiddenControllers;      // those of the two that could not be looked for
    std::optional<Error> hiddenRevisions; // why the revisions are not ours to list
    QList<Json> failures;  // warning events "Failed" of the namespace, the newest some hundred; none where not ours
    NodeImages nodeImages; // what nodes say that they hold
    bool areFailuresKnown = true;
    QString podsProblem = {};        // why they are not known, though they may be ours; empty: they are not ours
    QString autoscalersProblem = {}; // the same of these
    QDateTime readAt;
    qint64 clockSkewMs = 0;

    QString kind() const { return resource.kind; }
    QString ns() const { return textAt(object, "/metadata/namespace"); }
    QString name() const { return textAt(object, "/metadata/name"); }
    QString uid() const { return textAt(object, "/metadata/uid"); }
    QString title() const { return kind() + u' ' + ns() + u'/' + name(); }
    ObjectRef ref() const { return refOf(connection, resource.group, resource.kind, object); }
    int desired() const; // replicas wanted, DaemonSet: nodes that should run it
};

enum class WorkloadReading {
    Present,   // the object, its pods and autoscalers
    Revisions, // the object, its pods and kept revisions: what a look at a roll-out needs
    Full,      // all of it and the events about images
};
// `limit` of each question that helps, but is not needed; 0: the usual one.
[[nodiscard]] QFuture<Result<WorkloadView>> readWorkload(const ClientPtr &client, const ObjectRef &ref,
                                                         WorkloadReading reading, const StopToken &stop,
                                                         std::chrono::milliseconds limit = {});
// All of it, and what nodes hold: what a rollback is planned with.
[[nodiscard]] QFuture<Result<WorkloadView>> readForRollback(const ClientPtr &client, NodeImageReader &nodes,
                                                            const ObjectRef &ref, const StopToken &stop,
                                                            std::chrono::milliseconds limit);

Check freshnessCheck(const QDateTime &readAt, const Discovery &discovery = {});
Check clockCheck(qint64 skewMs);
Check autoscalerCheck(const WorkloadView &view, bool setsReplicas);
Check underWayCheck(const WorkloadView &view);
// Can the images of a pod template be had again, as far as pods, events and nodes of the cluster tell?
struct ImageFinding
{
    enum class State {
        Running,       // pods have them
        Held,          // nodes hold them, and need not ask the registry
        HeldWithDoubt, // nodes hold them, yet imagePullPolicy says Always (the registry is asked) or Never
        FailsNow,      // a pod of ours waits for it in vain
        FailedLately,  // an event says so
        CannotTell
    };
    State state = State::CannotTell;
    QString text; // of Held and HeldWithDoubt: "3 of 5 nodes hold the image"
    QString evidence;
    int nodes = 0; // of Held: that hold it
};
ImageFinding imageFinding(const WorkloadView &view, const Json &podTemplate);
Check imageCheck(const WorkloadView &view, const Json &podTemplate);
// What keeps one pod from being ready: "ImagePullBackOff: registry.example/web:broken"; empty: nothing to tell.
struct PodProblem
{
    QString reason;         // ImagePullBackOff
    QString text;           // with image or container
    QString message;        // the kubelet's or scheduler's words
    bool isLasting = false; // will not pass by itself: tried more than once, or cannot ever work
};
std::optional<PodProblem> problemOf(const Json &pod);
bool isReadyPod(const Json &pod); // and not on its way out

} // namespace signalbox::kubernetes
