#include "services/adapters/kubernetes/workloadplan.h"

#include "services/adapters/kubernetes/planhead.h"
#include "services/adapters/kubernetes/planpatch.h"
#include "services/adapters/kubernetes/rollbackplan.h"

#include <QCoreApplication>

namespace signalbox::kubernetes
{

namespace
{

struct KubernetesWorkloadsText
{
    Q_DECLARE_TR_FUNCTIONS(KubernetesWorkloads)
};

const QString uidPointer = QStringLiteral("/metadata/uid");
const QString pausedPointer = QStringLiteral("/spec/paused");

bool isPaused(const WorkloadView &view)
{
    return valueAt(view.object, "/spec/paused") == Json(true);
}

DraftStep startedStep(const WorkloadView &view, const QString &subresource = {})
{
    DraftStep entry;
    entry.object = view.object;
    entry.right = {
        QStringLiteral("patch"), view.resource.group, view.resource.resource, subresource, view.ns(), view.name()};
    entry.step.through = QStringLiteral("Kubernetes %1").arg(view.title());
    entry.step.expectation.object = view.ref();
    entry.step.deadline = rolloutDeadline(view);
    return entry;
}

void setCall(DraftStep &entry, const WorkloadView &view, const JsonPatch &patch, const QString &subresource = {})
{
    entry.step.call =
        patchCall(view.connection, view.resource.path(view.ns(), view.name(), subresource), patch.toJson());
}

// The test is on exactly what is replaced: the count that the operator saw.
Result<DraftStep> scaleStep(const WorkloadView &view, const std::optional<Json> &scale, int wanted)
{
    if (view.kind() == QLatin1String("DaemonSet") || !scale)
        return Error{ErrorKind::Unsupported,
                     KubernetesWorkloadsText::tr("%1 cannot be scaled: it has no scale subresource.").arg(view.title()),
                     {}};
    if (wanted < 0)
        return Error{ErrorKind::Invalid,
                     KubernetesWorkloadsText::tr("A replica count of 0 or more was expected, not %1.").arg(wanted),
                     {}};
    const QString subresource = QStringLiteral("scale");
    const QString pointer = QStringLiteral("/spec/replicas");
    const qint64 seen = numberAt(*scale, "/spec/replicas");
    DraftStep entry = startedStep(view, subresource);
    entry.object = *scale;
    JsonPatch patch;
    patch.test(uidPointer, view.uid().toStdString());
    if (atPointer(*scale, QStringLiteral("/spec"))) // 0 is left out by the server, and with it all of /spec by some
        patch.testSeen(*scale, pointer).add(pointer, wanted);
    else
        patch.testSeen(*scale, QStringLiteral("/spec")).add(QStringLiteral("/spec"), {{"replicas", wanted}});
    setCall(entry, view, patch, subresource);
    PlanStep &step = entry.step;
    step.title = KubernetesWorkloadsText::tr("Scale %1 from %2 to %3").arg(view.title()).arg(seen).arg(wanted);
    step.undoTitle = KubernetesWorkloadsText::tr("Scale back to %1").arg(seen);
    step.expectation.kind = QStringLiteral("workload-replicas");
    entry.facts = {{"replicas", wanted}, {"reverse", {{"replicas", seen}}}};
    step.diff = {{DiffLine::Kind::Removed, QStringLiteral("spec.replicas: %1").arg(seen)},
                 {DiffLine::Kind::Added, QStringLiteral("spec.replicas: %1").arg(wanted)}};
    step.precondition = KubernetesWorkloadsText::tr("only if the replica count is still %1").arg(seen);
    return entry;
}

DraftStep restartStep(const WorkloadView &view)
{
    DraftStep entry = startedStep(view);
    const QString name = QStringLiteral("kubectl.kubernetes.io/restartedAt");
    const QString metadata = QStringLiteral("/spec/template/metadata");
    const QString annotations = metadata + QStringLiteral("/annotations");
    const QString pointer = annotations + jsonPointer({name});
    const std::string now = QDateTime::currentDateTimeUtc().toString(Qt::ISODate).toStdString();
    JsonPatch patch;
    patch.test(uidPointer, view.uid().toStdString());
    if (const Json *there = atPointer(view.object, annotations); there && there->is_object())
        patch.testSeen(view.object, pointer).add(pointer, now);
    else
        patch.testSeen(view.object, annotations).add(annotations, {{name.toStdString(), now}});
    setCall(entry, view, patch);
    PlanStep &step = entry.step;
    step.title = KubernetesWorkloadsText::tr("Restart the pods of %1").arg(view.title());
    step.expectation.kind = QStringLiteral("workload-rolled-out");
    entry.diffAt = metadata;
    entry.canUndo = false; // pods that were replaced cannot be brought back
    step.precondition = KubernetesWorkloadsText::tr("only if it was not restarted by someone else meanwhile");
    return entry;
}

Result<DraftStep> pauseStep(const WorkloadView &view, bool pauses)
{
    if (view.kind() != QLatin1String("Deployment"))
        return Error{
            ErrorKind::Unsupported,
            KubernetesWorkloadsText::tr("Only roll-outs of Deployments can be paused and resumed, not those of %1.")
                .arg(view.title()),
            {}};
    DraftStep entry = startedStep(view);
    JsonPatch patch;
    patch.test(uidPointer, view.uid().toStdString()).testSeen(view.object, pausedPointer);
    if (pauses)
        patch.add(pausedPointer, true);
    else if (isPaused(view))
        patch.remove(pausedPointer);
    else
        patch.add(pausedPointer, false);
    setCall(entry, view, patch);
    PlanStep &step = entry.step;
    const QString rolledOut = QStringLiteral("workload-rolled-out");
    const QString paused = QStringLiteral("workload-paused");
    step.title = pauses ? KubernetesWorkloadsText::tr("Pause the roll-outs of %1").arg(view.title())
                        : KubernetesWorkloadsText::tr("Resume the roll-outs of %1").arg(view.title());
    step.undoTitle =
        pauses ? KubernetesWorkloadsText::tr("Resume them again") : KubernetesWorkloadsText::tr("Pause them again");
    step.expectation.kind = pauses ? paused : rolledOut;
    entry.facts["reverse"]["kind"] = (pauses ? rolledOut : paused).toStdString();
    step.diff = {{pauses ? DiffLine::Kind::Added : DiffLine::Kind::Removed, QStringLiteral("spec.paused: true")}};
    step.precondition = pauses ? KubernetesWorkloadsText::tr("only if it is still not paused")
                               : KubernetesWorkloadsText::tr("only if it is still paused");
    if (pauses)
        step.deadline = std::chrono::seconds(30);
    return entry;
}

Result<DraftStep> stepOf(const WorkloadView &view, const std::optional<Json> &scale, const WorkloadOrder &order)
{
    switch (order.kind) {
    case OperationKind::Scale:
        return scaleStep(view, scale, order.replicas);
    case OperationKind::Restart:
        return restartStep(view);
    case OperationKind::Pause:
        return pauseStep(view, true);
    case OperationKind::Resume:
        return pauseStep(view, false);
    default:
        return Error{
            ErrorKind::Unsupported,
            KubernetesWorkloadsText::tr("%1 is not done to a workload this way.").arg(operationKindName(order.kind)),
            {}};
    }
}

void addChecks(Plan &plan, const WorkloadView &view, const WorkloadOrder &order)
{
    plan.checks = {freshnessCheck(view.readAt, view.discovery),
                   passed(CheckId::TargetExists, KubernetesWorkloadsText::tr("%1 is there").arg(view.title())),
                   autoscalerCheck(view, order.kind == OperationKind::Scale), clockCheck(view.clockSkewMs)};
    bool isSame = false;
    if (order.kind == OperationKind::Restart) {
        plan.checks.append(underWayCheck(view));
        Check paused = pausedCheck(view);
        if (isPaused(view)) { // kubectl refuses it too
            paused.state = CheckState::Block;
            paused.wayOut = KubernetesWorkloadsText::tr("Resume it first, or no pod is restarted.");
        }
        plan.checks.append(paused);
    } else if (order.kind == OperationKind::Scale) {
        isSame = view.desired() == order.replicas;
        plan.checks.append(
            order.replicas == 0
                ? warned(CheckId::Capacity, KubernetesWorkloadsText::tr("No pod will be left"),
                         KubernetesWorkloadsText::tr("%1 now").arg(podsText(view.desired())),
                         KubernetesWorkloadsText::tr("Send its traffic elsewhere first."))
                : passed(CheckId::Capacity,
                         KubernetesWorkloadsText::tr("%1 will be wanted").arg(podsText(order.replicas))));
    } else {
        isSame = isPaused(view) == (order.kind == OperationKind::Pause);
    }
    plan.checks.append(isSame ? blocked(CheckId::SameState, KubernetesWorkloadsText::tr("It is so already"), {},
                                        KubernetesWorkloadsText::tr("Nothing needs to be done."))
                              : passed(CheckId::SameState, KubernetesWorkloadsText::tr("The object changes")));
}

} // namespace

Result<Draft> draftWorkload(const WorkloadView &view, const std::optional<Json> &scale, const WorkloadOrder &order)
{
    const Result<DraftStep> step = stepOf(view, scale, order);
    if (!step)
        return step.error();
    Draft draft;
    draft.steps = {*step};
    Plan &plan = draft.plan;
    plan = planHead(order.kind, order.kind == OperationKind::Pause ? Direction::Back : Direction::Forward, order,
                    view.connection, view.ns()); // a hold is a way back
    plan.effect = podsText(view.desired());
    if (order.kind == OperationKind::Scale) {
        plan.from = podsText(view.desired());
        plan.to = podsText(order.replicas);
        plan.effect = KubernetesWorkloadsText::tr("%1 become %2").arg(plan.from, plan.to);
    } else if (order.kind == OperationKind::Restart) {
        plan.effect = KubernetesWorkloadsText::tr("%1 are replaced one after the other").arg(podsText(view.desired()));
    } else {
        plan.effect =
            KubernetesWorkloadsText::tr("no pod is stopped; new roll-outs %1")
                .arg(order.kind == OperationKind::Pause ? KubernetesWorkloadsText::tr("wait until it is resumed")
                                                        : KubernetesWorkloadsText::tr("go on"));
    }
    addChecks(plan, view, order);
    return draft;
}

} // namespace signalbox::kubernetes
