#include "services/adapters/kubernetes/rollbackplan.h"

#include "models/domain/sharetext.h"
#include "services/adapters/kubernetes/jsondiff.h"
#include "services/adapters/kubernetes/planhead.h"
#include "services/adapters/kubernetes/planpatch.h"
#include "services/adapters/kubernetes/serverclock.h"

#include <QCoreApplication>
#include <QMap>

#include <algorithm>
#include <numeric>
#include <utility>

namespace signalbox::kubernetes
{

namespace
{

struct KubernetesRollbackText
{
    Q_DECLARE_TR_FUNCTIONS(KubernetesRollback)
};

const QString revisionAnnotation = QStringLiteral("deployment.kubernetes.io/revision");
// Former numbers of a ReplicaSet, "1,4" (kubernetes/kubernetes pkg/controller/deployment/util/deployment_util.go,
// SetNewReplicaSetAnnotations()).
const QString historyAnnotation = QStringLiteral("deployment.kubernetes.io/revision-history");
const QString causeAnnotation = QStringLiteral("kubernetes.io/change-cause");

bool isDeployment(const WorkloadView &view)
{
    return view.kind() == QLatin1String("Deployment");
}

// "5d9c8b7f64" of ReplicaSet "web-5d9c8b7f64"; of a ControllerRevision the same.
QString hashOf(const WorkloadView &view, const Json &revision)
{
    if (isDeployment(view)) {
        const QString label = labelsAt(revision, "/metadata/labels").value(QStringLiteral("pod-template-hash"));
        if (!label.isEmpty())
            return label;
    }
    const QString name = textAt(revision, "/metadata/name");
    const QString lead = view.name() + u'-';
    return name.startsWith(lead) ? name.mid(lead.size()) : name;
}

KeptRevision kept(const WorkloadView &view, const Json &object)
{
    KeptRevision entry;
    Revision &revision = entry.revision;
    const Labels annotations = labelsAt(object, "/metadata/annotations");
    revision.ref =
        refOf(view.connection, QStringLiteral("apps"),
              isDeployment(view) ? QStringLiteral("ReplicaSet") : QStringLiteral("ControllerRevision"), object);
    revision.ownerUid = view.uid();
    revision.number =
        isDeployment(view) ? annotations.value(revisionAnnotation).toLongLong() : numberAt(object, "/revision");
    for (const QString &former : annotations.value(historyAnnotation).split(QLatin1Char(','), Qt::SkipEmptyParts))
        entry.formerNumbers.append(former.trimmed().toLongLong());
    revision.templateHash = hashOf(view, object);
    revision.changeCause = annotations.value(causeAnnotation);
    const auto skew = notedSkew(view.clockSkewMs, std::chrono::milliseconds(0));
    revision.created = timeAt(object, "/metadata/creationTimestamp").addMSecs(-skew.count());
    revision.replicas = static_cast<int>(numberAt(object, "/status/replicas"));
    revision.ready = static_cast<int>(numberAt(object, "/status/readyReplicas"));
    entry.podTemplate = cleanTemplate(valueAt(object, isDeployment(view) ? "/spec/template" : "/data/spec/template"));
    revision.images = imagesOf(entry.podTemplate);
    entry.isLive = isSameJson(entry.podTemplate, cleanTemplate(valueAt(view.object, "/spec/template")));
    return entry;
}

QString label(const Revision &revision)
{
    return QStringLiteral("%1 (%2)").arg(revision.number).arg(shortHash(revision.templateHash));
}

QString nameOf(const KeptRevision &entry)
{
    const QString hash = shortHash(entry.revision.templateHash);
    const QString version = versionOf(entry.revision.images, entry.revision.templateHash);
    return version == hash ? hash : QStringLiteral("%1 (%2)").arg(version, hash);
}

bool isImageMissing(const WorkloadView &view, const KeptRevision &entry)
{
    const auto image = imageFinding(view, entry.podTemplate).state;
    return image == ImageFinding::State::FailsNow || image == ImageFinding::State::FailedLately;
}

// A restart leaves a revision of its own behind, whose pods run the very same.
Json withoutRestart(Json podTemplate)
{
    const auto metadata = podTemplate.find("metadata");
    if (metadata == podTemplate.end() || !metadata->is_object())
        return podTemplate;
    if (const auto annotations = metadata->find("annotations"); annotations != metadata->end()) {
        annotations->erase("kubectl.kubernetes.io/restartedAt");
        if (annotations->empty())
            metadata->erase("annotations");
    }
    if (metadata->empty())
        podTemplate.erase("metadata");
    return podTemplate;
}

bool isSameButRestarted(const KeptRevision &a, const KeptRevision &b)
{
    return isSameJson(withoutRestart(a.podTemplate), withoutRestart(b.podTemplate));
}

qint64 firstNumber(const KeptRevision &entry)
{
    return std::accumulate(entry.formerNumbers.begin(), entry.formerNumbers.end(), entry.revision.number,
                           [](qint64 a, qint64 b) { return std::min(a, b); });
}

// Whether `next`, which followed `entry` by number, had been there before it: a roll-back reuses the revision it goes
// to. A Deployment's revisions keep their former numbers, which tell it. A ControllerRevision keeps none, but its time
// of creation stays (WIRE.md §5, T6). Times alone say nothing of a Deployment: a cluster restored from a backup made
// its ReplicaSets in any order.
bool wasLeftFor(const WorkloadView &view, const KeptRevision &entry, const KeptRevision &next,
                const QList<KeptRevision> &all)
{
    if (isSameButRestarted(entry, next)) // to leave out a restart takes no version back
        return false;
    if (isDeployment(view))
        return firstNumber(next) < firstNumber(entry);
    const QDateTime &made = entry.revision.created;
    if (!made.isValid() || !next.revision.created.isValid() || next.revision.created >= made)
        return false;
    // A number that is missing between the two was that of a revision that has a higher one now. Where such a one is
    // younger than the entry, the entry may have been followed by it.
    return next.revision.number == entry.revision.number + 1 ||
           std::none_of(all.begin(), all.end(), [&](const KeptRevision &other) {
               return other.revision.number > next.revision.number && other.revision.created > made;
           });
}

void noteWhatWasLeft(const WorkloadView &view, QList<KeptRevision> &all)
{
    QMap<qint64, qsizetype> course; // what ran under each number, as far as it is kept
    for (qsizetype i = 0; i < all.size(); ++i) {
        for (const qint64 number : all[i].formerNumbers)
            course.insert(number, i);
    }
    for (qsizetype i = 0; i < all.size(); ++i)
        course.insert(all[i].revision.number, i);
    QList<qsizetype> left;
    for (qsizetype i = 0; i < all.size(); ++i) {
        const auto next = course.upperBound(all[i].revision.number);
        if (all[i].isLive || all[i].revision.number <= 0 || next == course.end() ||
            !wasLeftFor(view, all[i], all[*next], all))
            continue;
        all[i].goneBackTo = nameOf(all[*next]);
        left.append(i);
    }
    // What was restarted before it was rolled back left a revision behind that is as bad.
    for (KeptRevision &entry : all) {
        for (const qsizetype i : std::as_const(left)) {
            if (!entry.isLive && entry.goneBackTo.isEmpty() && entry.revision.number < all[i].revision.number &&
                isSameButRestarted(entry, all[i]))
                entry.goneBackTo = all[i].goneBackTo;
        }
    }
}

Check keptCheck(const KeptRevision &entry)
{
    if (entry.goneBackTo.isEmpty())
        return passed(CheckId::TargetExists,
                      KubernetesRollbackText::tr("Revision %1 is kept").arg(label(entry.revision)));
    return warned(CheckId::TargetExists,
                  KubernetesRollbackText::tr("Revision %1 was itself rolled back").arg(label(entry.revision)),
                  KubernetesRollbackText::tr("%1, which is older, took its place.").arg(entry.goneBackTo),
                  KubernetesRollbackText::tr("Choose another revision, unless you know that this one is good."));
}

// How good it is to go back there, best first.
enum class WayBackRank { Good, Restarted, HasBrokenPods, WasLeft, HasNoImage };

WayBackRank rankOf(const WorkloadView &view, const KeptRevision &entry, const Json &now)
{
    if (isImageMissing(view, entry))
        return WayBackRank::HasNoImage;
    if (!entry.goneBackTo.isEmpty())
        return WayBackRank::WasLeft;
    if (entry.revision.replicas > 0 && entry.revision.ready == 0) // pods that do not get ready
        return WayBackRank::HasBrokenPods;
    return isSameJson(withoutRestart(entry.podTemplate), now) ? WayBackRank::Restarted : WayBackRank::Good;
}

// The newest that was healthy and is not what runs now; else the same restarted, else one whose pods are not ready,
// else one that was itself rolled back, else one whose image cannot be pulled; -1: none.
qsizetype bestToGoBackTo(const WorkloadView &view, const QList<KeptRevision> &all)
{
    const Json now = withoutRestart(cleanTemplate(valueAt(view.object, "/spec/template")));
    qsizetype best = -1;
    WayBackRank bestRank = WayBackRank::HasNoImage;
    for (qsizetype i = 0; i < all.size(); ++i) {
        if (all[i].isLive)
            continue;
        const WayBackRank rank = rankOf(view, all[i], now);
        if (best < 0 || rank < bestRank) {
            best = i;
            bestRank = rank;
        }
    }
    return best;
}

} // namespace

QList<KeptRevision> keptRevisions(const WorkloadView &view)
{
    QList<KeptRevision> all;
    for (const Json &object : view.revisions)
        all.append(kept(view, object));
    std::stable_sort(all.begin(), all.end(), [](const KeptRevision &a, const KeptRevision &b) {
        return a.revision.number > b.revision.number;
    });
    bool hasLive = false; // equal templates under two numbers happen after a hash collision: the newer one is live
    for (KeptRevision &entry : all) {
        entry.isLive = entry.isLive && !hasLive;
        hasLive = hasLive || entry.isLive;
    }
    noteWhatWasLeft(view, all);
    return all;
}

Result<qsizetype> findRevision(const WorkloadView &view, const QList<KeptRevision> &all, const QString &to)
{
    QStringList known;
    for (const KeptRevision &entry : all)
        known.append(label(entry.revision));
    const QString list = known.isEmpty() ? KubernetesRollbackText::tr("none") : known.join(QLatin1String(", "));
    if (to.isEmpty()) {
        if (const qsizetype best = bestToGoBackTo(view, all); best >= 0)
            return best;
        return Error{
            ErrorKind::Refused,
            KubernetesRollbackText::tr(
                "%1 has no earlier revision to go back to (kept: %2). Deploy the earlier version again instead.")
                .arg(view.title(), list),
            {}};
    }
    bool isNumber = false;
    const qint64 number = to.toLongLong(&isNumber);
    QList<qsizetype> found;
    for (qsizetype i = 0; i < all.size(); ++i) {
        if (isNumber && all[i].revision.number == number)
            return i;
        if (to.size() >= 5 && all[i].revision.templateHash.startsWith(to, Qt::CaseInsensitive))
            found.append(i);
    }
    if (found.size() == 1)
        return found.first();
    if (found.size() > 1) {
        return Error{ErrorKind::Invalid,
                     KubernetesRollbackText::tr(
                         "\"%1\" is the beginning of several revisions of %2: %3. Write more of the hash.")
                         .arg(to, view.title(), list),
                     {}};
    }
    return Error{ErrorKind::NotFound,
                 KubernetesRollbackText::tr(
                     "%1 keeps no revision \"%2\" (numbers move after each rollback). Kept are: %3; a hash needs 5 "
                     "characters or more.")
                     .arg(view.title(), to, list),
                 {}};
}

std::chrono::milliseconds rolloutDeadline(const WorkloadView &view)
{
    const qint64 seconds = isDeployment(view) ? numberAt(view.object, "/spec/progressDeadlineSeconds", 600) : 600;
    return std::chrono::seconds(std::min<qint64>(seconds, 24 * 3600) + 10);
}

Check pausedCheck(const WorkloadView &view)
{
    if (valueAt(view.object, "/spec/paused") == Json(true)) {
        return warned(CheckId::Paused,
                      KubernetesRollbackText::tr("The Deployment is paused: nothing rolls out until it is resumed"),
                      KubernetesRollbackText::tr("The server accepts the new template, but starts no pod with it."),
                      KubernetesRollbackText::tr("Resume it first."));
    }
    if (textAt(view.object, "/spec/updateStrategy/type") == QLatin1String("OnDelete")) {
        return warned(
            CheckId::Paused,
            KubernetesRollbackText::tr("Its update strategy is OnDelete: pods change only when they are deleted"), {},
            KubernetesRollbackText::tr("Delete the pods one by one after the template was replaced."));
    }
    if (const qint64 partition = numberAt(view.object, "/spec/updateStrategy/rollingUpdate/partition"); partition > 0) {
        return warned(
            CheckId::Paused,
            KubernetesRollbackText::tr("A partition keeps pods with a number below %1 on their present template")
                .arg(partition),
            {}, KubernetesRollbackText::tr("Lower spec.updateStrategy.rollingUpdate.partition to reach all pods."));
    }
    return passed(CheckId::Paused, KubernetesRollbackText::tr("Roll-outs are not paused"));
}

namespace
{

Check stuckPodCheck(const WorkloadView &view, Check underWay)
{
    if (view.kind() != QLatin1String("StatefulSet") ||
        textAt(view.object, "/spec/podManagementPolicy") == QLatin1String("Parallel"))
        return underWay;
    for (const Json &pod : view.pods) {
        if (const auto problem = problemOf(pod)) {
            const QString name = textAt(pod, "/metadata/name");
            return warned(
                CheckId::RolloutUnderWay,
                KubernetesRollbackText::tr("Pod %1 is stuck, and an ordered StatefulSet waits for it").arg(name),
                problem->text,
                KubernetesRollbackText::tr(
                    "After the rollback delete pod %1; the controller makes it again from the old template.")
                    .arg(name));
        }
    }
    return underWay;
}

DraftStep templateStep(const WorkloadView &view, const KeptRevision &target, const QString &fromHash, bool isPaused)
{
    DraftStep entry;
    entry.object = view.object;
    entry.diffAt = QStringLiteral("/spec/template");
    entry.right = {QStringLiteral("patch"), view.resource.group, view.resource.resource, {}, view.ns(), view.name()};
    PlanStep &step = entry.step;
    step.title = KubernetesRollbackText::tr("Roll back %1 to revision %2").arg(view.title(), label(target.revision));
    step.through = QStringLiteral("Kubernetes %1").arg(view.title());
    step.call = patchCall(view.connection, view.resource.path(view.ns(), view.name()),
                          JsonPatch()
                              .test(QStringLiteral("/metadata/uid"), view.uid().toStdString())
                              .test(entry.diffAt, valueAt(view.object, "/spec/template"))
                              .replace(entry.diffAt, target.podTemplate)
                              .toJson());
    step.undoTitle = KubernetesRollbackText::tr("Put back the template %1")
                         .arg(fromHash.isEmpty() ? KubernetesRollbackText::tr("from before") : shortHash(fromHash));
    step.expectation.kind = isPaused ? QStringLiteral("template-written") : QStringLiteral("workload-rolled-out");
    step.expectation.object = view.ref();
    entry.facts["hash"] = target.revision.templateHash.toStdString();
    step.precondition = fromHash.isEmpty()
                            ? KubernetesRollbackText::tr("only if the template is still the one shown")
                            : KubernetesRollbackText::tr("only if the template is still %1").arg(shortHash(fromHash));
    step.deadline = isPaused ? std::chrono::seconds(15) : rolloutDeadline(view);
    return entry;
}

DraftStep resumeStep(const WorkloadView &view)
{
    DraftStep entry;
    entry.object = view.object;
    entry.right = {QStringLiteral("patch"), view.resource.group, view.resource.resource, {}, view.ns(), view.name()};
    PlanStep &step = entry.step;
    step.title = KubernetesRollbackText::tr("Resume the roll-outs of %1").arg(view.title());
    step.through = QStringLiteral("Kubernetes %1").arg(view.title());
    step.call = patchCall(view.connection, view.resource.path(view.ns(), view.name()),
                          JsonPatch()
                              .test(QStringLiteral("/metadata/uid"), view.uid().toStdString())
                              .test(QStringLiteral("/spec/paused"), true)
                              .remove(QStringLiteral("/spec/paused"))
                              .toJson());
    step.undoTitle = KubernetesRollbackText::tr("Pause it again");
    step.expectation = {QStringLiteral("workload-rolled-out"), view.ref(), {}};
    step.precondition = KubernetesRollbackText::tr("only if it is still paused");
    step.diff = {{DiffLine::Kind::Removed, QStringLiteral("spec.paused: true")}};
    step.deadline = rolloutDeadline(view);
    step.isOptional = true;
    step.isChosen = true;
    return entry;
}

QString podsEffectOf(const WorkloadView &view)
{
    const int desired = view.desired();
    if (desired == 0)
        return KubernetesRollbackText::tr("the template; no pod, since it is scaled to 0");
    return view.kind() == QLatin1String("DaemonSet")
               ? KubernetesRollbackText::tr("%1, one a node").arg(podsText(desired))
               : KubernetesRollbackText::tr("%1, the number stays").arg(podsText(desired));
}

// In steps that are coarse: the text is what is confirmed, and may not change under the hand that holds.
QString roughAge(qint64 seconds)
{
    constexpr qint64 hour = 3600;
    constexpr qint64 day = 24 * hour;
    if (seconds < hour)
        return KubernetesRollbackText::tr("less than 1 h");
    return seconds < 2 * day ? KubernetesRollbackText::tr("%1 h").arg(seconds / hour)
                             : KubernetesRollbackText::tr("%1 d").arg(seconds / day);
}

QString effectOf(const WorkloadView &view, const KeptRevision &target, const RollbackOrder &order)
{
    QStringList parts{podsEffectOf(view)};
    if (order.liveShare)
        parts.append(KubernetesRollbackText::tr("%1 of live traffic").arg(shareText(*order.liveShare)));
    if (target.revision.created.isValid() && view.readAt.isValid())
        parts.append(KubernetesRollbackText::tr("the target is %1 old")
                         .arg(roughAge(std::max<qint64>(0, target.revision.created.secsTo(view.readAt)))));
    return parts.join(QStringLiteral("; "));
}

} // namespace

Result<Draft> draftRollback(const WorkloadView &view, const RollbackOrder &order)
{
    if (view.hiddenRevisions)
        return *view.hiddenRevisions;
    const QList<KeptRevision> all = keptRevisions(view);
    const Result<qsizetype> found = findRevision(view, all, order.to);
    if (!found)
        return found.error();
    const KeptRevision &target = all[*found];
    const auto live = std::find_if(all.begin(), all.end(), [](const KeptRevision &entry) { return entry.isLive; });
    const bool isPaused = valueAt(view.object, "/spec/paused") == Json(true);

    Draft draft;
    draft.isRehearsal = order.isRehearsal;
    Plan &plan = draft.plan;
    plan = planHead(OperationKind::Rollback, Direction::Back, order, view.connection, view.ns());
    plan.fromHash = live == all.end() ? QString() : live->revision.templateHash;
    plan.from = live == all.end() ? versionOf(imagesOf(valueAt(view.object, "/spec/template")), {}) : nameOf(*live);
    plan.toHash = target.revision.templateHash;
    plan.to = nameOf(target);
    plan.effect = effectOf(view, target, order);

    draft.steps.append(templateStep(view, target, plan.fromHash, isPaused));
    Check paused = pausedCheck(view);
    if (isPaused) {
        draft.steps.append(resumeStep(view));
        // True whether the operator leaves the step chosen, as it is, or not.
        paused.wayOut = KubernetesRollbackText::tr("The step \"%1\" of this plan does that: leave it chosen, or no pod "
                                                   "goes back.")
                            .arg(draft.steps.last().step.title);
    }
    plan.checks = {freshnessCheck(view.readAt, view.discovery),
                   keptCheck(target),
                   imageCheck(view, target.podTemplate),
                   autoscalerCheck(view, false),
                   paused,
                   stuckPodCheck(view, underWayCheck(view)),
                   clockCheck(view.clockSkewMs)};
    plan.checks.append(
        target.isLive
            ? blocked(CheckId::SameState,
                      KubernetesRollbackText::tr("Revision %1 is what runs already").arg(label(target.revision)), {},
                      KubernetesRollbackText::tr("Choose another revision."))
            : passed(CheckId::SameState, KubernetesRollbackText::tr("The template differs from the present one")));
    return draft;
}

Result<QList<RollbackTarget>> rollbackTargets(const WorkloadView &view)
{
    if (view.hiddenRevisions)
        return *view.hiddenRevisions;
    const QList<KeptRevision> all = keptRevisions(view);
    const Result<qsizetype> suggested = findRevision(view, all, {});
    const Json now = cleanTemplate(valueAt(view.object, "/spec/template"));
    QList<RollbackTarget> targets;
    for (qsizetype i = 0; i < all.size(); ++i) {
        RollbackTarget target;
        target.revision = all[i].revision;
        target.version = versionOf(all[i].revision.images, all[i].revision.templateHash);
        target.isLive = all[i].isLive;
        target.isSuggested = suggested && *suggested == i;
        target.readiness = {keptCheck(all[i]), imageCheck(view, all[i].podTemplate)};
        target.diff = jsonDiff(now, all[i].podTemplate, QStringLiteral("spec.template"));
        targets.append(target);
    }
    return targets;
}

} // namespace signalbox::kubernetes
