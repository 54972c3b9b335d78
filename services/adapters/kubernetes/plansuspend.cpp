#include "services/adapters/kubernetes/plansuspend.h"

#include "services/adapters/kubernetes/planhead.h"
#include "services/adapters/kubernetes/planpatch.h"
#include "services/adapters/kubernetes/preflight.h"

#include <QCoreApplication>

#include <algorithm>

namespace signalbox::kubernetes
{

namespace
{

struct KubernetesSuspendText
{
    Q_DECLARE_TR_FUNCTIONS(KubernetesSuspend)
};

bool isApplication(const QString &kind)
{
    return kind == QLatin1String("Application");
}

// Holds the JSON of spec.syncPolicy.automated while that is taken out.
const QString pausedSync = QStringLiteral("signalbox/paused-sync");

QString annotationPointer()
{
    return QStringLiteral("/metadata/annotations") + jsonPointer({pausedSync});
}

// What ends the pause by hand, for a shell.
QString kubectlHint(const ApiResource &resource, const Json &object, const Json &mergePatch)
{
    QString patch = QString::fromUtf8(dump(mergePatch));
    patch.replace(QLatin1Char('\''), QLatin1String("'\\''"));
    return QStringLiteral("kubectl -n %1 patch %2.%3 %4 --type merge -p '%5'")
        .arg(textAt(object, "/metadata/namespace"), resource.resource, resource.group, textAt(object, "/metadata/name"),
             patch);
}

DraftStep reconcilerStep(const ApiResource &resource, const QString &connection, const Json &object,
                         const JsonPatch &patch, const char *expected)
{
    DraftStep entry;
    entry.object = object;
    const QString ns = textAt(object, "/metadata/namespace");
    const QString name = textAt(object, "/metadata/name");
    PlanStep &step = entry.step;
    step.call = patchCall(connection, resource.path(ns, name), patch.toJson());
    step.through = isApplication(resource.kind) ? QStringLiteral("Argo CD") : QStringLiteral("Flux");
    step.expectation = {QString::fromLatin1(expected), refOf(connection, resource.group, resource.kind, object), {}};
    step.precondition = KubernetesSuspendText::tr("only if its policy is still the one shown");
    step.deadline = std::chrono::seconds(15);
    entry.diffAt =
        isApplication(resource.kind) ? QStringLiteral("/spec/syncPolicy/automated") : QStringLiteral("/spec/suspend");
    entry.right = {QStringLiteral("patch"), resource.group, resource.resource, {}, ns, name};
    return entry;
}

struct Found
{
    Manager manager;
    std::optional<ApiResource> resource;
    std::optional<Json> object;
    std::optional<Error> hidden; // the object is not ours to read, or could not be
};

// It may be ours to read, but the server (or what converts the object for it) fails.
bool isUnreadable(const Found &found)
{
    return found.hidden && found.hidden->kind != ErrorKind::Forbidden;
}

// An Application may live in any namespace; where the cluster cannot be listed, the one that its tracking names is
// asked.
QFuture<Result<Found>> readManager(const ClientPtr &client, const Discovery &discovery, const Manager &manager,
                                   const StopToken &stop, std::chrono::milliseconds limit = {})
{
    Found found{manager, std::nullopt, std::nullopt, std::nullopt};
    const auto resource = manager.object.name.isEmpty()
                              ? Result<ApiResource>(Error{})
                              : resourceOf(discovery, manager.object.kind, manager.object.group);
    if (!resource || !kindName(manager.object.kind) ||
        (manager.kind != Manager::Kind::ArgoCd && manager.kind != Manager::Kind::Flux))
        return ready(Result<Found>(found));
    found.resource = *resource;
    const QFuture<Result<Found>> direct =
        converted(fetchIfAny(client, resource->path(manager.object.ns, manager.object.name), stop, limit),
                  [found](const Result<std::optional<Json>> &object) mutable -> Result<Found> {
                      if (object)
                          found.object = *object;
                      else if (object.error().kind == ErrorKind::Cancelled)
                          return object.error();
                      else
                          found.hidden = object.error();
                      return found;
                  });
    return andThen(direct, [=](const Found &asked) -> QFuture<Result<Found>> {
        // Where the server fails it is not asked once more: nobody who goes back has the time.
        if (asked.object || isUnreadable(asked) || !isApplication(manager.object.kind))
            return ready(Result<Found>(asked));
        const QByteArray everywhere =
            resource->path() + "?fieldSelector=" + encoded(QStringLiteral("metadata.name=") + manager.object.name);
        const auto located = [asked](const Result<Listed> &all) -> Result<Found> {
            Found whole = asked;
            if (!all && all.error().kind == ErrorKind::Cancelled)
                return all.error();
            if (!all) {
                whole.hidden = all.error();
                return whole;
            }
            if (all->items.size() == 1) // several of one name: which one it is cannot be told
                whole.object = all->items.first();
            whole.hidden = whole.object ? std::nullopt : all->hidden ? all->hidden : whole.hidden;
            return whole;
        };
        return converted(fetchItems(client, everywhere, stop, limit), located);
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

namespace
{

constexpr char pausedKind[] = "reconciliation-paused";
constexpr char resumedKind[] = "reconciliation-resumed";

std::optional<DraftStep> suspendApplication(const ApiResource &resource, const QString &connection, const Json &object)
{
    const QString policy = QStringLiteral("/spec/syncPolicy/automated");
    const Json automated = valueAt(object, "/spec/syncPolicy/automated");
    if (!automated.is_object())
        return std::nullopt;
    JsonPatch patch;
    patch.test(QStringLiteral("/metadata/uid"), valueAt(object, "/metadata/uid"));
    patch.test(policy, automated).remove(policy);
    Json back = {{"spec", {{"syncPolicy", {{"automated", automated}}}}}};
    // Only where there are annotations: to make the first one takes it all away again when it is taken back.
    if (const Json *there = atPointer(object, QStringLiteral("/metadata/annotations")); there && there->is_object()) {
        patch.testSeen(object, annotationPointer()).add(annotationPointer(), dump(automated).toStdString());
        back["metadata"]["annotations"][pausedSync.toStdString()] = nullptr;
    }
    DraftStep entry = reconcilerStep(resource, connection, object, patch, pausedKind);
    entry.step.undoHint = kubectlHint(resource, object, back);
    if (isMadeByAnotherApplication(object))
        entry.step.diff = {
            {DiffLine::Kind::Note,
             KubernetesSuspendText::tr(
                 "This Application is itself managed by another one, which may turn the sync on again.")}};
    return entry;
}

std::optional<DraftStep> suspendFlux(const ApiResource &resource, const QString &connection, const Json &object)
{
    const QString suspend = QStringLiteral("/spec/suspend");
    if (valueAt(object, "/spec/suspend") == Json(true))
        return std::nullopt;
    JsonPatch patch;
    patch.test(QStringLiteral("/metadata/uid"), valueAt(object, "/metadata/uid"));
    patch.testSeen(object, suspend).add(suspend, true);
    DraftStep entry = reconcilerStep(resource, connection, object, patch, pausedKind);
    entry.step.undoHint = kubectlHint(resource, object, {{"spec", {{"suspend", false}}}});
    return entry;
}

QString objectTitle(const ApiResource &resource, const Json &object)
{
    return QStringLiteral("%1 %2/%3")
        .arg(resource.kind, textAt(object, "/metadata/namespace"), textAt(object, "/metadata/name"));
}

} // namespace

std::optional<DraftStep> suspendStep(const ApiResource &resource, const QString &connection, const Json &object,
                                     bool isChosen)
{
    const bool isArgo = isApplication(resource.kind);
    std::optional<DraftStep> entry =
        isArgo ? suspendApplication(resource, connection, object) : suspendFlux(resource, connection, object);
    if (!entry)
        return std::nullopt;
    const QString title = objectTitle(resource, object);
    PlanStep &step = entry->step;
    step.title = isArgo ? KubernetesSuspendText::tr("Pause the automated sync of Argo CD %1").arg(title)
                        : KubernetesSuspendText::tr("Suspend Flux %1").arg(title);
    step.undoTitle = isArgo ? KubernetesSuspendText::tr("Let Argo CD sync %1 by itself again").arg(title)
                            : KubernetesSuspendText::tr("Let Flux reconcile %1 again").arg(title);
    step.isOptional = true;
    step.isChosen = isChosen;
    entry->facts["reverse"]["kind"] = resumedKind;
    return entry;
}

std::optional<DraftStep> unsuspendStep(const ApiResource &resource, const QString &connection, const Json &object)
{
    const bool isArgo = isApplication(resource.kind);
    JsonPatch patch;
    patch.test(QStringLiteral("/metadata/uid"), valueAt(object, "/metadata/uid"));
    if (isArgo) {
        const QString kept = labelsAt(object, "/metadata/annotations").value(pausedSync);
        const Json automated = Json::parse(kept.toStdString(), nullptr, false);
        if (!automated.is_object() || valueAt(object, "/spec/syncPolicy/automated").is_object())
            return std::nullopt;
        if (valueAt(object, "/spec/syncPolicy").is_object())
            patch.testSeen(object, QStringLiteral("/spec/syncPolicy/automated"))
                .add(QStringLiteral("/spec/syncPolicy/automated"), automated);
        else
            patch.testSeen(object, QStringLiteral("/spec/syncPolicy"))
                .add(QStringLiteral("/spec/syncPolicy"), {{"automated", automated}});
        patch.testSeen(object, annotationPointer()).remove(annotationPointer());
    } else {
        if (valueAt(object, "/spec/suspend") != Json(true))
            return std::nullopt;
        patch.testSeen(object, QStringLiteral("/spec/suspend")).replace(QStringLiteral("/spec/suspend"), false);
    }
    DraftStep entry = reconcilerStep(resource, connection, object, patch, resumedKind);
    const QString title = objectTitle(resource, object);
    entry.step.title = isArgo ? KubernetesSuspendText::tr("Let Argo CD sync %1 by itself again").arg(title)
                              : KubernetesSuspendText::tr("Let Flux reconcile %1 again").arg(title);
    entry.step.undoTitle = isArgo ? KubernetesSuspendText::tr("Pause the automated sync of Argo CD %1").arg(title)
                                  : KubernetesSuspendText::tr("Suspend Flux %1").arg(title);
    entry.facts["reverse"]["kind"] = pausedKind;
    return entry;
}

namespace
{

Draft unsuspensionDraft(const WorkloadOrder &order, const QList<DraftStep> &steps, qint64 clockSkewMs)
{
    Draft draft;
    draft.steps = steps;
    Plan &plan = draft.plan;
    plan = planHead(OperationKind::Resume, Direction::Forward, order, order.connection, order.ns);
    plan.from = KubernetesSuspendText::tr("reconciliation paused");
    plan.to = KubernetesSuspendText::tr("reconciled");
    plan.effect = KubernetesSuspendText::tr("what was changed by hand meanwhile may be written back within seconds");
    for (qsizetype i = 0; i < draft.steps.size(); ++i)
        draft.steps[i].step.id = QString::number(i + 1);
    plan.checks = {freshnessCheck(plan.plannedAt),
                   passed(CheckId::TargetExists, KubernetesSuspendText::tr("It is paused")), clockCheck(clockSkewMs),
                   passed(CheckId::SameState, KubernetesSuspendText::tr("The object changes"))};
    return draft;
}

} // namespace

QFuture<Result<Plan>> planUnsuspension(const ClientPtr &client, const WorkloadOrder &order, const StopToken &stop)
{
    return andThen(client->discover(stop), [=](const Discovery &discovery) {
        QList<QFuture<Result<Found>>> asked;
        for (const Manager &manager : order.managers)
            asked.append(readManager(client, discovery, manager, stop));
        return andThen(gathered(asked), [=](const QList<Result<Found>> &answers) {
            QList<DraftStep> steps;
            std::optional<Error> hidden;
            for (const Result<Found> &answer : answers) {
                if (!answer)
                    return ready(Result<Plan>(answer.error()));
                if (isUnreadable(*answer)) // one of two that goes on alone is no way back to how it was
                    return ready(Result<Plan>(*answer->hidden));
                if (answer->hidden)
                    hidden = answer->hidden;
                if (!answer->object)
                    continue;
                if (const auto step = unsuspendStep(*answer->resource, order.connection, *answer->object))
                    steps.append(*step);
            }
            if (steps.isEmpty() && hidden)
                return ready(Result<Plan>(*hidden));
            if (steps.isEmpty())
                return ready(Result<Plan>(Error{
                    ErrorKind::NotFound,
                    KubernetesSuspendText::tr(
                        "No Argo CD Application, Flux Kustomization or HelmRelease of %1 is paused by Signalbox or "
                        "suspended. Look at what manages it: signalbox status %1 %2")
                        .arg(order.application, order.environment),
                    {}}));
            return checkedPlan(client, unsuspensionDraft(order, steps, client->clockSkewMs()), stop);
        });
    });
}

QFuture<Result<SuspendOffer>> offerSuspension(const ClientPtr &client, const Discovery &discovery,
                                              const QList<Manager> &managers, bool isChosen, const StopToken &stop,
                                              std::chrono::milliseconds limit)
{
    QList<QFuture<Result<Found>>> asked;
    for (const Manager &manager : managers)
        asked.append(readManager(client, discovery, manager, stop, limit));
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
            if (isUnreadable(*answer)) {
                manager.evidence += QStringLiteral("; ") + answer->hidden->message;
                offer.unread.append({QStringLiteral("%1.%2").arg(answer->resource->resource, answer->resource->group),
                                     manager.object.ns, answer->hidden->message});
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

namespace
{

QStringList withEvidence(const QList<Manager> &managers)
{
    QStringList texts;
    for (const Manager &manager : managers)
        texts.append(QStringLiteral("%1 (%2)").arg(manager.name, manager.evidence));
    return texts;
}

} // namespace

Check ownerCheck(const QList<Manager> &managers, bool pausesReconciliation, const QList<Unseen> &unseen)
{
    QStringList names;
    QStringList reverting; // with their evidence
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
        return blocked(
            CheckId::OtherOwner,
            KubernetesSuspendText::tr("A progressive delivery controller steers this and would overwrite it"),
            reverting.join(QLatin1String("; ")),
            KubernetesSuspendText::tr("Promote, abort or pause it through that controller instead."));
    }
    const auto isDelivery = [](const Manager &manager) {
        return !manager.revertsOurs && !manager.object.name.isEmpty() &&
               (manager.kind == Manager::Kind::Rollouts || manager.kind == Manager::Kind::Flagger);
    };
    const QString all = withEvidence(managers).join(QLatin1String("; "));
    if (!reverting.isEmpty() && !pausesReconciliation) {
        return warned(
            CheckId::OtherOwner, KubernetesSuspendText::tr("Someone else writes this object back within seconds"), all,
            KubernetesSuspendText::tr(
                "Choose the step that pauses this reconciliation first, or change the version at its source."));
    }
    if (std::any_of(managers.begin(), managers.end(), isDelivery)) {
        return warned(
            CheckId::OtherOwner,
            KubernetesSuspendText::tr("A progressive delivery controller takes its releases from this object"),
            QStringList{all, unseenSentence(unseen)}.join(u' ').trimmed(),
            KubernetesSuspendText::tr(
                "A changed pod template starts its steps, with pods of its own, and it may set the number of "
                "pods here again: follow it there, and change what serves traffic through it."));
    }
    if (!unseen.isEmpty()) {
        const bool isForbidden =
            std::any_of(unseen.begin(), unseen.end(), [](const Unseen &one) { return one.problem.isEmpty(); });
        return warned(CheckId::OtherOwner,
                      isForbidden
                          ? KubernetesSuspendText::tr("Whether another controller steers this is not yours to see")
                          : KubernetesSuspendText::tr("Whether another controller steers this could not be looked for"),
                      KubernetesSuspendText::tr("%1 One of them that does would overwrite this change.")
                              .arg(unseenSentence(unseen)) +
                          (all.isEmpty() ? QString() : u' ' + KubernetesSuspendText::tr("Known are: %1.").arg(all)),
                      unseenWayOut(unseen));
    }
    if (!reverting.isEmpty())
        return passed(CheckId::OtherOwner, KubernetesSuspendText::tr("Its reconciliation is paused by the first step"),
                      reverting.join(QLatin1String("; ")));
    if (!names.isEmpty()) {
        return warned(CheckId::OtherOwner,
                      KubernetesSuspendText::tr("Also managed by %1, which will not write it back by itself")
                          .arg(names.join(QLatin1String(", "))),
                      {},
                      KubernetesSuspendText::tr(
                          "Take the change over at its source, or the next roll-out from there undoes it."));
    }
    return passed(CheckId::OtherOwner, KubernetesSuspendText::tr("No one else manages this object"));
}

namespace
{

bool canUnsuspend(const PlanStep &suspension)
{
    return !isApplication(suspension.expectation.object.kind) ||
           writtenPointers(suspension.call.body).contains(annotationPointer());
}

} // namespace

QFuture<Result<Plan>> withSuspension(const ClientPtr &client, const Discovery &discovery, const Draft &draft,
                                     const QList<Manager> &managers, bool isChosen, const StopToken &stop,
                                     const QList<Unseen> &unseen)
{
    const auto limit = patienceFor(draft.plan.direction, draft.isRehearsal);
    return andThen(offerSuspension(client, discovery, managers, isChosen, stop, limit), [=](const SuspendOffer &offer) {
        Draft whole = draft;
        whole.steps = offer.steps + draft.steps;
        for (qsizetype i = 0; i < whole.steps.size(); ++i) {
            PlanStep &step = whole.steps[i].step;
            step.id = QString::number(i + 1);
            if (i < offer.steps.size() && canUnsuspend(step))
                step.undoHint = KubernetesSuspendText::tr("signalbox resume %1 %2 --reconciliation (or: %3)")
                                    .arg(draft.plan.application, draft.plan.environment, step.undoHint);
        }
        whole.plan.checks.append(ownerCheck(offer.managers, isChosen && offer.isComplete, unseen + offer.unread));
        return checkedPlan(client, whole, stop);
    });
}

} // namespace signalbox::kubernetes
