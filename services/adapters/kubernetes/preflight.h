#pragma once

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
    QList<Json> failures;     // warning events "Failed" of the namespace, the newest some hundred
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
[[nodiscard]] QFuture<Result<WorkloadView>> readWorkload(const ClientPtr &client, const ObjectRef &ref,
                                                         WorkloadReading reading, const StopToken &stop);

Check freshnessCheck(const QDateTime &readAt);
Check clockCheck(qint64 skewMs);
Check autoscalerCheck(const WorkloadView &view, bool setsReplicas);
Check underWayCheck(const WorkloadView &view);
// Can the images be pulled, as far as pods and events of the cluster tell?
struct ImageFinding
{
    enum class State { Running, FailsNow, FailedLately, CannotTell };
    State state = State::CannotTell;
    QString evidence;
};
ImageFinding imageFinding(const WorkloadView &view, const QList<ContainerImage> &images);
Check imageCheck(const WorkloadView &view, const QList<ContainerImage> &images);
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
