#include "models/domain/workloadhealth.h"
#include "services/adapters/kubernetes/parsemeta.h"
#include "services/adapters/kubernetes/values.h"

namespace signalbox::kubernetes
{

namespace
{

void readTemplate(od::value value, Labels &labels, QList<ContainerImage> &images, Interner &strings)
{
    eachField(value, [&](std::string_view key, od::value field) {
        if (key == "metadata") {
            eachField(field, [&](std::string_view name, od::value meta) {
                if (name == "labels")
                    labels = strings.labels(meta);
            });
        } else if (key == "spec") {
            eachField(field, [&](std::string_view name, od::value spec) {
                if (name == "containers")
                    images = readImages(spec, strings);
            });
        }
    });
}

Labels readSelector(od::value value, Interner &strings)
{
    Labels labels;
    eachField(value, [&](std::string_view key, od::value field) {
        if (key == "matchLabels")
            labels = strings.labels(field);
    });
    return labels;
}

void readSpec(od::value value, Workload &workload, Interner &strings)
{
    workload.desired = 1; // what the API server fills in for Deployment and StatefulSet; a Rollout may leave it out
    eachField(value, [&](std::string_view key, od::value field) {
        if (key == "replicas")
            workload.desired = static_cast<int>(integer(field, 1));
        else if (key == "paused")
            workload.isPaused = boolean(field);
        else if (key == "progressDeadlineSeconds")
            workload.progressDeadlineSeconds = static_cast<int>(integer(field, -1));
        else if (key == "selector")
            workload.selector = readSelector(field, strings);
        else if (key == "template")
            readTemplate(field, workload.podLabels, workload.images, strings);
    });
}

// A Deployment's and Rollout's number is an integer, a Rollout's observedGeneration a string (trap T3).
QString numberOrText(od::value value)
{
    const QString asText = toQString(text(value));
    if (!asText.isEmpty())
        return asText;
    const qint64 number = integer(value, -1);
    return number < 0 ? QString() : QString::number(number);
}

struct StatusExtras
{
    Condition phase; // of a Rollout
    QString message;
    QString currentPodHash;
    QString updateRevision; // of a StatefulSet
};

void readStatus(od::value value, Workload &workload, StatusExtras &extras, Interner &strings)
{
    const auto count = [](od::value field) { return static_cast<int>(integer(field)); };
    eachField(value, [&](std::string_view key, od::value field) {
        if (key == "replicas" || key == "currentNumberScheduled")
            workload.current = count(field);
        else if (key == "updatedReplicas" || key == "updatedNumberScheduled")
            workload.updated = count(field);
        else if (key == "readyReplicas" || key == "numberReady")
            workload.ready = count(field);
        else if (key == "availableReplicas" || key == "numberAvailable")
            workload.available = count(field);
        else if (key == "desiredNumberScheduled")
            workload.desired = count(field);
        else if (key == "observedGeneration")
            workload.observedGeneration = numberOrText(field);
        else if (key == "conditions")
            workload.conditions = readConditions(field, strings);
        else if (key == "phase")
            extras.phase.status = strings.text(field);
        else if (key == "message")
            extras.message = toQString(text(field));
        else if (key == "currentPodHash")
            extras.currentPodHash = strings.text(field);
        else if (key == "updateRevision")
            extras.updateRevision = toQString(text(field));
    });
}

// A status that leaves a count out means none; no status at all means that nothing is known.
void settleCounts(Workload &workload, bool hasStatus)
{
    if (!hasStatus)
        return;
    for (int *count : {&workload.current, &workload.updated, &workload.ready, &workload.available})
        *count = std::max(*count, 0);
}

void settle(Workload &workload, const StatusExtras &extras, ClusterKind kind)
{
    if (kind == ClusterKind::Rollouts) {
        workload.templateHash = extras.currentPodHash;
        if (!extras.phase.status.isEmpty()) {
            Condition phase = extras.phase;
            phase.type = QStringLiteral("Phase");
            phase.message = extras.message;
            workload.conditions.append(phase);
        }
    } else if (kind == ClusterKind::StatefulSets) {
        // "db-7d5b6c9f4": the hash is what controller-revision-hash of the pods holds in full
        workload.templateHash = extras.updateRevision;
    }
}

QString revisionOf(const Meta &meta)
{
    const QString number = meta.annotations.value(QStringLiteral("deployment.kubernetes.io/revision"));
    return number.isEmpty() ? meta.annotations.value(QStringLiteral("rollout.argoproj.io/revision")) : number;
}

const OwnerReference *controllerOf(const Meta &meta)
{
    for (const OwnerReference &owner : meta.owners) {
        if (owner.isController)
            return &owner;
    }
    return nullptr;
}

void fillRevision(Revision &revision, const Meta &meta, const ParseContext &context)
{
    revision.ref = context.refOf(meta);
    revision.created = meta.created;
    revision.changeCause = meta.annotations.value(QStringLiteral("kubernetes.io/change-cause"));
    if (const OwnerReference *owner = controllerOf(meta))
        revision.ownerUid = owner->uid;
}

} // namespace

Workload readWorkload(od::value value, ParseContext &context)
{
    Meta meta;
    Workload workload;
    StatusExtras extras;
    bool hasStatus = false;
    const bool isDaemonSet = context.kind.kind == ClusterKind::DaemonSets;
    eachField(value, [&](std::string_view key, od::value field) {
        if (key == "metadata") {
            meta = readMeta(field, context.strings, MetaScope::Telling);
        } else if (key == "spec") {
            const int scheduled = workload.desired; // the status may come first
            readSpec(field, workload, context.strings);
            if (isDaemonSet)
                workload.desired = scheduled;
        } else if (key == "status") {
            hasStatus = true;
            readStatus(field, workload, extras, context.strings);
        }
    });
    context.resourceVersion = toQString(meta.resourceVersion);
    workload.ref = context.refOf(meta);
    workload.resourceVersion = context.resourceVersion;
    workload.labels = meta.labels;
    workload.generation = meta.generation;
    workload.created = meta.created;
    workload.revision = revisionOf(meta);
    workload.managers = context.managersOf(meta);
    settleCounts(workload, hasStatus);
    settle(workload, extras, context.kind.kind);
    const Judgement judgement = judge(workload);
    workload.health = judgement.health;
    workload.state = judgement.text;
    return workload;
}

Revision readReplicaSet(od::value value, ParseContext &context)
{
    Meta meta;
    Revision revision;
    Labels podLabels;
    eachField(value, [&](std::string_view key, od::value field) {
        if (key == "metadata") {
            meta = readMeta(field, context.strings, MetaScope::Telling);
        } else if (key == "spec") {
            eachField(field, [&](std::string_view name, od::value spec) {
                if (name == "template")
                    readTemplate(spec, podLabels, revision.images, context.strings);
            });
        } else if (key == "status") {
            eachField(field, [&](std::string_view name, od::value status) {
                if (name == "replicas")
                    revision.replicas = static_cast<int>(integer(status));
                else if (name == "readyReplicas")
                    revision.ready = static_cast<int>(integer(status));
            });
        }
    });
    context.resourceVersion = toQString(meta.resourceVersion);
    fillRevision(revision, meta, context);
    revision.number = revisionOf(meta).toLongLong();
    revision.templateHash = meta.labels.value(QStringLiteral("pod-template-hash"));
    if (revision.templateHash.isEmpty())
        revision.templateHash = meta.labels.value(QStringLiteral("rollouts-pod-template-hash"));
    return revision;
}

Revision readControllerRevision(od::value value, ParseContext &context)
{
    Meta meta;
    Revision revision;
    Labels podLabels;
    eachField(value, [&](std::string_view key, od::value field) {
        if (key == "metadata") {
            meta = readMeta(field, context.strings, MetaScope::Telling);
        } else if (key == "revision") {
            revision.number = integer(field);
        } else if (key == "data") { // a patch of the workload: {"spec": {"template": ...}}
            eachField(field, [&](std::string_view name, od::value data) {
                if (name != "spec")
                    return;
                eachField(data, [&](std::string_view part, od::value spec) {
                    if (part == "template")
                        readTemplate(spec, podLabels, revision.images, context.strings);
                });
            });
        }
    });
    context.resourceVersion = toQString(meta.resourceVersion);
    fillRevision(revision, meta, context);
    // StatefulSet's label holds the whole name, DaemonSet's the hash alone: as the pods have it.
    revision.templateHash = meta.labels.value(QStringLiteral("controller-revision-hash"),
                                              meta.labels.value(QStringLiteral("controller.kubernetes.io/hash")));
    return revision;
}

} // namespace signalbox::kubernetes
