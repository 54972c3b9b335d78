#include "models/domain/workloadhealth.h"

#include <QCoreApplication>

namespace signalbox
{

namespace
{

struct WorkloadText
{
    Q_DECLARE_TR_FUNCTIONS(Workload)
};

const Condition *find(const QList<Condition> &conditions, QLatin1String type)
{
    for (const Condition &one : conditions) {
        if (one.type == type)
            return &one;
    }
    return nullptr;
}

// A Rollout's own verdict is its phase, which its parser keeps as a condition of that name.
Judgement judgeRollout(const Workload &rollout, const Condition &phase)
{
    const QString why = phase.message.isEmpty() ? phase.status : phase.message;
    if (phase.status == QLatin1String("Healthy"))
        return {Health::Ok, {}};
    if (phase.status == QLatin1String("Degraded"))
        return {Health::Failing, why};
    if (phase.status == QLatin1String("Paused"))
        return {Health::Waiting, WorkloadText::tr("paused: %1").arg(why)};
    return {Health::InProgress,
            WorkloadText::tr("rolling out: %1 / %2 updated").arg(rollout.updated).arg(rollout.desired)};
}

bool isRolledOutOnce(const Workload &workload)
{
    const Condition *progressing = find(workload.conditions, QLatin1String("Progressing"));
    return !progressing || progressing->reason == QLatin1String("NewReplicaSetAvailable");
}

Judgement judgeReadiness(const Workload &workload)
{
    const int wanted = workload.desired;
    const int ready = std::max(workload.ready, 0);
    const int updated = std::max(workload.updated, 0);
    if (updated < wanted || workload.current > std::max(updated, wanted))
        return {Health::InProgress,
                WorkloadText::tr("rolling out: %1 / %2 updated, %3 ready").arg(updated).arg(wanted).arg(ready)};
    if (ready >= wanted)
        return {Health::Ok, {}};
    const QString counts = WorkloadText::tr("%1 / %2 ready").arg(ready).arg(wanted);
    if (!isRolledOutOnce(workload))
        return {Health::InProgress, WorkloadText::tr("rolling out: %1").arg(counts)};
    return {ready == 0 ? Health::Failing : Health::Warning, counts};
}

// What keeps pods from running, told once for all of them.
struct Trouble
{
    int crashing = 0;
    int unpullable = 0;
    int unscheduled = 0;
    int broken = 0;
    QString image;
    QString room;
    QString brokenReason;
};

bool cannotPull(const QString &reason)
{
    return reason.endsWith(QLatin1String("ImagePullBackOff")) || reason.endsWith(QLatin1String("ErrImagePull")) ||
           reason.endsWith(QLatin1String("InvalidImageName")) || reason.endsWith(QLatin1String("ErrImageNeverPull"));
}

Trouble troubleOf(const std::vector<const Pod *> &pods)
{
    Trouble trouble;
    for (const Pod *pod : pods) {
        if (pod->isTerminating)
            continue;
        if (pod->reason.endsWith(QLatin1String("CrashLoopBackOff"))) {
            ++trouble.crashing;
        } else if (cannotPull(pod->reason)) {
            ++trouble.unpullable;
            if (trouble.image.isEmpty() && !pod->images.isEmpty())
                trouble.image = pod->images.first().image;
        } else if (pod->phase == QLatin1String("Pending") && pod->node.isEmpty()) {
            ++trouble.unscheduled;
            if (trouble.room.isEmpty())
                trouble.room = pod->message;
        } else if (pod->health == Health::Failing) {
            ++trouble.broken;
            if (trouble.brokenReason.isEmpty())
                trouble.brokenReason = pod->reason;
        }
    }
    return trouble;
}

QStringList sentences(const Trouble &trouble)
{
    QStringList list;
    if (trouble.unpullable == 1)
        list.append(WorkloadText::tr("1 pod cannot pull %1").arg(trouble.image));
    else if (trouble.unpullable > 1)
        list.append(WorkloadText::tr("%1 pods cannot pull %2").arg(trouble.unpullable).arg(trouble.image));
    if (trouble.crashing == 1)
        list.append(WorkloadText::tr("1 pod crash loops"));
    else if (trouble.crashing > 1)
        list.append(WorkloadText::tr("%1 pods crash loop").arg(trouble.crashing));
    if (trouble.broken == 1)
        list.append(WorkloadText::tr("1 pod fails: %1").arg(trouble.brokenReason));
    else if (trouble.broken > 1)
        list.append(WorkloadText::tr("%1 pods fail: %2").arg(trouble.broken).arg(trouble.brokenReason));
    if (trouble.unscheduled > 0 && !trouble.room.isEmpty()) {
        list.append(
            trouble.unscheduled == 1
                ? WorkloadText::tr("1 pod cannot be scheduled: %1").arg(trouble.room)
                : WorkloadText::tr("%1 pods cannot be scheduled: %2").arg(trouble.unscheduled).arg(trouble.room));
    }
    return list;
}

} // namespace

Judgement judge(const Workload &workload)
{
    if (workload.generation > 0 && workload.observedGeneration != QString::number(workload.generation))
        return {Health::InProgress, WorkloadText::tr("waiting for its controller to see the newest change")};
    if (const Condition *phase = find(workload.conditions, QLatin1String("Phase")))
        return judgeRollout(workload, *phase);
    const Condition *progressing = find(workload.conditions, QLatin1String("Progressing"));
    if (progressing && progressing->reason == QLatin1String("ProgressDeadlineExceeded")) {
        const QString counts = WorkloadText::tr("%1 / %2 updated, %3 ready")
                                   .arg(qMax(workload.updated, 0))
                                   .arg(workload.desired)
                                   .arg(qMax(workload.ready, 0));
        return {Health::Failing, workload.progressDeadlineSeconds > 0
                                     ? WorkloadText::tr("roll-out exceeded its deadline of %1 s: %2")
                                           .arg(workload.progressDeadlineSeconds)
                                           .arg(counts)
                                     : WorkloadText::tr("roll-out exceeded its deadline: %1").arg(counts)};
    }
    const Condition *refused = find(workload.conditions, QLatin1String("ReplicaFailure"));
    if (refused && refused->status == QLatin1String("True"))
        return {Health::Failing, refused->message.isEmpty() ? refused->reason : refused->message};
    if (workload.desired < 0)
        return {Health::Unknown, WorkloadText::tr("its status does not say how many pods it wants")};
    if (workload.desired == 0) {
        if (workload.current > 0)
            return {Health::InProgress, WorkloadText::tr("scaling down: %1 pods left").arg(workload.current)};
        return {Health::NotStarted, workload.ref.kind == QLatin1String("DaemonSet")
                                        ? WorkloadText::tr("no node matches")
                                        : WorkloadText::tr("scaled to 0")};
    }
    Judgement judgement = judgeReadiness(workload);
    if (workload.isPaused && judgement.health < Health::Waiting) {
        judgement.text =
            judgement.text.isEmpty() ? WorkloadText::tr("paused") : WorkloadText::tr("paused; %1").arg(judgement.text);
        judgement.health = Health::Waiting;
    }
    return judgement;
}

Judgement judge(const Workload &workload, const std::vector<const Pod *> &pods)
{
    Judgement judgement = judge(workload);
    if (workload.desired == 0)
        return judgement;
    const Trouble trouble = troubleOf(pods);
    const QStringList reasons = sentences(trouble);
    if (reasons.isEmpty())
        return judgement;
    judgement.health = worse(judgement.health, workload.ready > 0 ? Health::Warning : Health::Failing);
    const QString text = reasons.join(QStringLiteral("; "));
    judgement.text = judgement.text.isEmpty() ? text : judgement.text + QStringLiteral("; ") + text;
    return judgement;
}

Health podHealth(const Pod &pod, bool wasEverReady)
{
    if (pod.reason == QLatin1String("Unknown") || pod.phase == QLatin1String("Unknown"))
        return Health::Unknown;
    if (pod.isTerminating)
        return Health::InProgress;
    if (pod.phase == QLatin1String("Failed"))
        return Health::Failing;
    if (pod.phase == QLatin1String("Succeeded") || pod.reason == QLatin1String("Completed"))
        return Health::Ok;
    static const QStringList starting = {QStringLiteral("Pending"), QStringLiteral("ContainerCreating"),
                                         QStringLiteral("PodInitializing"), QStringLiteral("SchedulingGated")};
    if (pod.phase == QLatin1String("Pending") && pod.node.isEmpty() && !pod.message.isEmpty())
        return Health::Warning; // the scheduler has said why not
    if (starting.contains(pod.reason))
        return Health::InProgress;
    if (pod.reason.startsWith(QLatin1String("Init:")))
        return pod.reason.contains(QLatin1Char('/')) ? Health::InProgress : Health::Failing;
    if (pod.reason != QLatin1String("Running") && pod.reason != QLatin1String("NotReady"))
        return Health::Failing; // a container waits or ended for a reason of its own
    if (pod.isReady)
        return Health::Ok;
    return wasEverReady || pod.restarts > 0 ? Health::Warning : Health::InProgress;
}

Health nodeHealth(const Node &node)
{
    const Condition *ready = find(node.conditions, QLatin1String("Ready"));
    if (!ready || ready->status == QLatin1String("Unknown"))
        return Health::Unknown;
    if (ready->status != QLatin1String("True"))
        return Health::Failing;
    for (const Condition &one : node.conditions) {
        if (one.type != QLatin1String("Ready") && one.status == QLatin1String("True"))
            return Health::Warning; // pressure, network unavailable
    }
    return node.isSchedulable ? Health::Ok : Health::Warning;
}

} // namespace signalbox
