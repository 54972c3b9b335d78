#include "services/adapters/kubernetes/plansuspend.h"

#include "services/adapters/kubernetes/planpatch.h"

#include <QCoreApplication>

#include <algorithm>

namespace signalbox::kubernetes
{

namespace
{

QString tr(const char *text)
{
    return QCoreApplication::translate("KubernetesSuspend", text);
}

bool isApplication(const QString &kind)
{
    return kind == QLatin1String("Application");
}

struct Found
{
    Manager manager;
    std::optional<ApiResource> resource;
    std::optional<Json> object;
};

// An Application may live in any namespace; where the cluster cannot be listed, the one that its tracking names is
// asked.
QFuture<Result<Found>> readManager(const ClientPtr &client, const Discovery &discovery, const Manager &manager,
                                   const StopToken &stop)
{
    Found found{manager, std::nullopt, std::nullopt};
    const auto resource = manager.object.name.isEmpty()
                              ? Result<ApiResource>(Error{})
                              : resourceOf(discovery, manager.object.kind, manager.object.group);
    if (!resource || !kindName(manager.object.kind) ||
        (manager.kind != Manager::Kind::ArgoCd && manager.kind != Manager::Kind::Flux))
        return ready(Result<Found>(found));
    found.resource = *resource;
    const QFuture<Result<std::optional<Json>>> direct =
        fetchIfAny(client, resource->path(manager.object.ns, manager.object.name), stop);
    return andThen(direct, [=](const std::optional<Json> &object) mutable -> QFuture<Result<Found>> {
        found.object = object;
        if (object || !isApplication(manager.object.kind))
            return ready(Result<Found>(found));
        const QByteArray everywhere =
            resource->path() + "?fieldSelector=" + encoded(QStringLiteral("metadata.name=") + manager.object.name);
        return mapped(fetchItems(client, everywhere, stop), [found](const QList<Json> &items) mutable -> Result<Found> {
            if (items.size() == 1) // several of one name: which one it is cannot be told
                found.object = items.first();
            return found;
        });
    });
}

bool isMadeByAnotherApplication(const Json &object)
{
    for (const Json &owner : valueAt(object, "/metadata/ownerReferences")) {
        if (textAt(owner, "/kind") == QLatin1String("ApplicationSet"))
            return true;
    }
    return !textAt(object, "/metadata/annotations/argocd.argoproj.io~1tracking-id").isEmpty();
}

} // namespace

bool isReconciling(const QString &kind, const Json &object)
{
    if (isApplication(kind)) {
        const Json automated = valueAt(object, "/spec/syncPolicy/automated");
        return automated.is_object() && valueAt(automated, "/enabled") != Json(false) &&
               valueAt(automated, "/selfHeal") == Json(true);
    }
    if (valueAt(object, "/spec/suspend") == Json(true))
        return false;
    if (kind == QLatin1String("HelmRelease")) // corrects drift only where it is told to
        return textAt(object, "/spec/driftDetection/mode") == QLatin1String("enabled");
    return true;
}

std::optional<DraftStep> suspendStep(const ApiResource &resource, const QString &connection, const Json &object,
                                     bool isChosen)
{
    DraftStep entry;
    entry.object = object;
    const QString ns = textAt(object, "/metadata/namespace");
    const QString name = textAt(object, "/metadata/name");
    const QString title = QStringLiteral("%1 %2/%3").arg(resource.kind, ns, name);
    JsonPatch patch;
    patch.test(QStringLiteral("/metadata/uid"), valueAt(object, "/metadata/uid"));
    if (isApplication(resource.kind)) {
        entry.diffAt = QStringLiteral("/spec/syncPolicy/automated");
        const Json automated = valueAt(object, "/spec/syncPolicy/automated");
        if (!automated.is_object())
            return std::nullopt;
        patch.test(entry.diffAt, automated).remove(entry.diffAt);
        entry.step.title = tr("Pause the automated sync of Argo CD %1").arg(title);
        entry.step.undoTitle = tr("Let Argo CD sync %1 by itself again").arg(title);
        entry.step.through = QStringLiteral("Argo CD");
        if (isMadeByAnotherApplication(object))
            entry.step.diff = {
                {DiffLine::Kind::Note,
                 tr("This Application is itself managed by another one, which may turn the sync on again.")}};
    } else {
        entry.diffAt = QStringLiteral("/spec/suspend");
        if (valueAt(object, "/spec/suspend") == Json(true))
            return std::nullopt;
        if (const Json seen = valueAt(object, "/spec/suspend"); !seen.is_null())
            patch.test(entry.diffAt, seen);
        patch.add(entry.diffAt, true);
        entry.step.title = tr("Suspend Flux %1").arg(title);
        entry.step.undoTitle = tr("Let Flux reconcile %1 again").arg(title);
        entry.step.through = QStringLiteral("Flux");
    }
    PlanStep &step = entry.step;
    step.call = patchCall(connection, resource.path(ns, name), patch.toJson());
    step.expectation = {
        QStringLiteral("reconciliation-paused"), refOf(connection, resource.group, resource.kind, object), {}};
    step.precondition = tr("only if its policy is still the one shown");
    step.deadline = std::chrono::seconds(15);
    step.isOptional = true;
    step.isChosen = isChosen;
    entry.right = {QStringLiteral("patch"), resource.group, resource.resource, {}, ns, name};
    return entry;
}

QFuture<Result<SuspendOffer>> offerSuspension(const ClientPtr &client, const Discovery &discovery,
                                              const QList<Manager> &managers, bool isChosen, const StopToken &stop)
{
    QList<QFuture<Result<Found>>> asked;
    for (const Manager &manager : managers)
        asked.append(readManager(client, discovery, manager, stop));
    return mapped(gathered(asked), [client, isChosen](const QList<Result<Found>> &answers) -> Result<SuspendOffer> {
        SuspendOffer offer;
        for (const Result<Found> &answer : answers) {
            if (!answer)
                return answer.error();
            Manager manager = answer->manager;
            if (answer->object) {
                manager.object.ns = textAt(*answer->object, "/metadata/namespace");
                manager.object.uid = textAt(*answer->object, "/metadata/uid");
                manager.name =
                    QStringLiteral("%1 %2/%3").arg(manager.object.kind, manager.object.ns, manager.object.name);
                manager.revertsOurs = isReconciling(manager.object.kind, *answer->object);
            }
            std::optional<DraftStep> step;
            if (manager.revertsOurs && answer->object)
                step = suspendStep(*answer->resource, manager.object.connection, *answer->object, isChosen);
            if (step)
                offer.steps.append(*step);
            else if (manager.revertsOurs)
                offer.isComplete = false;
            offer.managers.append(manager);
        }
        return offer;
    });
}

Check ownerCheck(const QList<Manager> &managers, bool pausesReconciliation)
{
    QStringList names;
    QStringList reverting;
    for (const Manager &manager : managers) {
        names.append(manager.name);
        if (manager.revertsOurs)
            reverting.append(QStringLiteral("%1 (%2)").arg(manager.name, manager.evidence));
    }
    const auto isSteered = [](const Manager &manager) {
        return manager.revertsOurs &&
               (manager.kind == Manager::Kind::Rollouts || manager.kind == Manager::Kind::Flagger);
    };
    if (std::any_of(managers.begin(), managers.end(), isSteered)) { // a second hand on the lever (trap T13)
        return blocked(CheckId::OtherOwner, tr("A progressive delivery controller steers this and would overwrite it"),
                       reverting.join(QLatin1String("; ")),
                       tr("Promote, abort or pause it through that controller instead."));
    }
    if (!reverting.isEmpty() && !pausesReconciliation) {
        return warned(
            CheckId::OtherOwner, tr("Someone else writes this object back within seconds"),
            reverting.join(QLatin1String("; ")),
            tr("Choose the step that pauses this reconciliation first, or change the version at its source."));
    }
    if (!reverting.isEmpty())
        return passed(CheckId::OtherOwner, tr("Its reconciliation is paused by the first step"),
                      reverting.join(QLatin1String("; ")));
    if (!names.isEmpty()) {
        return warned(
            CheckId::OtherOwner,
            tr("Also managed by %1, which will not write it back by itself").arg(names.join(QLatin1String(", "))), {},
            tr("Take the change over at its source, or the next roll-out from there undoes it."));
    }
    return passed(CheckId::OtherOwner, tr("No one else manages this object"));
}

QFuture<Result<Plan>> withSuspension(const ClientPtr &client, const Discovery &discovery, const Draft &draft,
                                     const QList<Manager> &managers, bool isChosen, const StopToken &stop)
{
    return andThen(offerSuspension(client, discovery, managers, isChosen, stop), [=](const SuspendOffer &offer) {
        Draft whole = draft;
        whole.steps = offer.steps + draft.steps;
        for (qsizetype i = 0; i < whole.steps.size(); ++i)
            whole.steps[i].step.id = QString::number(i + 1);
        whole.plan.checks.append(ownerCheck(offer.managers, isChosen && offer.isComplete));
        return checkedPlan(client, whole, stop);
    });
}

} // namespace signalbox::kubernetes
