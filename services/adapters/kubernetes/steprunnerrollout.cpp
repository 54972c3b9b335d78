// Has a workload's new template reached ready pods? Follows kubectl's rollout status (kubernetes/kubectl
// pkg/polymorphichelpers/rollout_status.go) and adds what it does not say: why not.
#include "services/adapters/kubernetes/preflight.h"
#include "services/adapters/kubernetes/rollbackplan.h"
#include "services/adapters/kubernetes/steprunnerlook.h"

#include "services/adapters/kubernetes/kubernetessteptext.h"
#include "services/adapters/kubernetes/planpatch.h"

#include <algorithm>

namespace signalbox::kubernetes
{

namespace
{

// A blocker seen this early may still pass; one that lasts longer does not.
constexpr qint64 blockerGraceMs = 5000;

bool isDeployment(const RolloutFacts &facts)
{
    return facts.kind == QLatin1String("Deployment");
}

bool isDaemonSet(const RolloutFacts &facts)
{
    return facts.kind == QLatin1String("DaemonSet");
}

qint64 at(const RolloutFacts &facts, const char *pointer, qint64 otherwise = 0)
{
    return numberAt(facts.object, pointer, otherwise);
}

// The kept revision whose template is the workload's own now; null: its controller has not made it yet.
const Json *newestRevision(const RolloutFacts &facts)
{
    const Json now = cleanTemplate(valueAt(facts.object, "/spec/template"));
    const char *where = isDeployment(facts) ? "/spec/template" : "/data/spec/template";
    const Json *newest = nullptr;
    qint64 number = -1;
    for (const Json &revision : facts.revisions) {
        const qint64 own =
            isDeployment(facts)
                ? textAt(revision, "/metadata/annotations/deployment.kubernetes.io~1revision").toLongLong()
                : numberAt(revision, "/revision");
        if (own > number && isSameJson(cleanTemplate(valueAt(revision, where)), now)) {
            newest = &revision;
            number = own;
        }
    }
    return newest;
}

QList<Json> podsOfNewest(const RolloutFacts &facts)
{
    QString label = QStringLiteral("controller-revision-hash");
    QString value;
    const Json *revision = newestRevision(facts);
    if (isDeployment(facts)) {
        label = QStringLiteral("pod-template-hash");
        value = revision ? labelsAt(*revision, "/metadata/labels").value(label) : QString();
    } else if (isDaemonSet(facts)) {
        value = revision ? labelsAt(*revision, "/metadata/labels").value(label) : QString();
    } else {
        value = textAt(facts.object, "/status/updateRevision");
    }
    QList<Json> pods;
    for (const Json &pod : facts.pods) {
        if (!value.isEmpty() && labelsAt(pod, "/metadata/labels").value(label) == value &&
            textAt(pod, "/metadata/deletionTimestamp").isEmpty())
            pods.append(pod);
    }
    return pods;
}

struct Counts
{
    qint64 desired = 0;
    qint64 updated = 0;
    qint64 ready = 0; // of the newest revision
    bool isComplete = false;
};

Counts countsOf(const RolloutFacts &facts, const QList<Json> &newest)
{
    Counts counts;
    counts.ready = std::count_if(newest.begin(), newest.end(), isReadyPod);
    if (isDaemonSet(facts)) {
        counts.desired = at(facts, "/status/desiredNumberScheduled");
        counts.updated = at(facts, "/status/updatedNumberScheduled");
        counts.isComplete = counts.updated >= counts.desired && at(facts, "/status/numberAvailable") >= counts.desired;
    } else if (isDeployment(facts)) {
        counts.desired = at(facts, "/spec/replicas", 1);
        counts.updated = at(facts, "/status/updatedReplicas");
        counts.isComplete = counts.updated >= counts.desired && at(facts, "/status/replicas") <= counts.updated &&
                            at(facts, "/status/availableReplicas") >= counts.desired;
    } else {
        const qint64 replicas = at(facts, "/spec/replicas", 1);
        counts.desired = std::max<qint64>(0, replicas - at(facts, "/spec/updateStrategy/rollingUpdate/partition"));
        counts.updated = at(facts, "/status/updatedReplicas");
        counts.isComplete = counts.updated >= counts.desired && at(facts, "/status/readyReplicas") >= replicas;
    }
    if (!facts.arePodsKnown) // as kubectl's rollout status judges
        counts.ready = counts.isComplete ? counts.desired : 0;
    counts.isComplete = counts.isComplete && counts.ready >= counts.desired;
    return counts;
}

std::optional<PodProblem> controllerProblem(const RolloutFacts &facts)
{
    QList<Json> objects{facts.object};
    if (const Json *revision = isDeployment(facts) ? newestRevision(facts) : nullptr)
        objects.append(*revision);
    for (const Json &object : objects) {
        for (const Json &condition : valueAt(object, "/status/conditions")) {
            if (textAt(condition, "/type") == QLatin1String("ReplicaFailure") &&
                textAt(condition, "/status") == QLatin1String("True")) {
                const QString message = textAt(condition, "/message");
                return PodProblem{textAt(condition, "/reason"),
                                  textAt(condition, "/reason") + QStringLiteral(": ") + message, message, false};
            }
        }
    }
    return std::nullopt;
}

// In an ordered StatefulSet a stuck pod of the earlier template is not replaced: the controller waits for it.
std::optional<PodProblem> stuckProblem(const RolloutFacts &facts)
{
    if (isDeployment(facts) || isDaemonSet(facts) ||
        textAt(facts.object, "/spec/podManagementPolicy") == QLatin1String("Parallel"))
        return std::nullopt;
    const QString newest = textAt(facts.object, "/status/updateRevision");
    for (const Json &pod : facts.pods) {
        const auto problem = problemOf(pod);
        if (problem && labelsAt(pod, "/metadata/labels").value(QStringLiteral("controller-revision-hash")) != newest) {
            const QString name = textAt(pod, "/metadata/name");
            return PodProblem{
                problem->reason,
                KubernetesStepText::tr(
                    "%1 in pod %2 of the earlier template, which an ordered StatefulSet does not replace: "
                    "delete that pod")
                    .arg(problem->text, name),
                problem->message, problem->isLasting};
        }
    }
    return std::nullopt;
}

struct Blocker
{
    QString text;
    bool isFinal = false;
};

Blocker blockerOf(const RolloutFacts &facts, const QList<Json> &newest, const Counts &counts)
{
    Blocker blocker;
    int blockedPods = 0;
    int lastingPods = 0;
    QString message;
    for (const Json &pod : newest) {
        const auto problem = isReadyPod(pod) ? std::nullopt : problemOf(pod);
        if (!problem)
            continue;
        ++blockedPods;
        lastingPods += problem->isLasting ? 1 : 0;
        if (blocker.text.isEmpty()) {
            blocker.text = problem->text;
            message = problem->message;
        }
    }
    bool isLasting = blockedPods > 0 && lastingPods == newest.size();
    for (const auto &other : {controllerProblem(facts), stuckProblem(facts)}) {
        if (other && blocker.text.isEmpty()) {
            blocker.text = other->text;
            isLasting = other->isLasting;
        }
    }
    if (!message.isEmpty() && !blocker.text.contains(message))
        blocker.text += QStringLiteral(" (%1)").arg(message);
    const bool isEarly = facts.acceptedAt.isValid() && facts.acceptedAt.msecsTo(facts.now) < blockerGraceMs;
    blocker.isFinal = isLasting && counts.ready == 0 && !isEarly;
    return blocker;
}

// The controller's own deadline, counted since this change: an older verdict may still stand there.
bool isPastDeadline(const RolloutFacts &facts)
{
    for (const Json &condition : valueAt(facts.object, "/status/conditions")) {
        if (textAt(condition, "/type") == QLatin1String("Progressing") &&
            textAt(condition, "/reason") == QLatin1String("ProgressDeadlineExceeded"))
            return !facts.acceptedAt.isValid() || timeAt(condition, "/lastUpdateTime") >= facts.acceptedAt.addSecs(-1);
    }
    return false;
}

std::optional<Observation> wontHappen(const RolloutFacts &facts)
{
    const QString now = fingerprintOf(cleanTemplate(valueAt(facts.object, "/spec/template")));
    if (!facts.wanted.isEmpty() && now != facts.wanted) {
        const QString who = now == facts.before ? KubernetesStepText::tr("The earlier template was written back")
                                                : KubernetesStepText::tr("The template was changed again");
        return Observation{
            Observation::State::Failed, KubernetesStepText::tr("%1 by someone else").arg(who), {}, -1, {}};
    }
    if (valueAt(facts.object, "/spec/paused") == Json(true))
        return Observation{Observation::State::Failed,
                           KubernetesStepText::tr("The template is written, but no pod has it"),
                           KubernetesStepText::tr("the Deployment is paused"),
                           0,
                           {}};
    if (textAt(facts.object, "/spec/updateStrategy/type") == QLatin1String("OnDelete")) {
        return Observation{Observation::State::Failed,
                           KubernetesStepText::tr("The template is written, but no pod has it"),
                           KubernetesStepText::tr("its update strategy is OnDelete: delete the pods"),
                           0,
                           {}};
    }
    return std::nullopt;
}

} // namespace

Observation judgeRollout(const RolloutFacts &facts)
{
    if (const auto verdict = wontHappen(facts))
        return *verdict;
    Observation seen;
    if (at(facts, "/status/observedGeneration", -1) < at(facts, "/metadata/generation")) {
        seen.text = KubernetesStepText::tr("The controller has not looked at the change yet");
        seen.progress = 0;
        return seen;
    }
    const QList<Json> newest = podsOfNewest(facts);
    const Counts counts = countsOf(facts, newest);
    seen.text = KubernetesStepText::tr("%1 of %2 pods ready").arg(counts.ready).arg(counts.desired);
    seen.progress = counts.desired > 0 ? std::min(1.0, double(counts.ready) / double(counts.desired)) : 1;
    if (!facts.arePodsKnown && !counts.isComplete) {
        seen.text = KubernetesStepText::tr(
                        "%1 of %2 pods have the template; you may not list %3, so how they fare is not known")
                        .arg(QString::number(counts.updated), QString::number(counts.desired), facts.unlisted);
        seen.progress = -1;
    }
    if (counts.isComplete) {
        seen.state = Observation::State::Effective;
        if (counts.desired == 0)
            seen.text = KubernetesStepText::tr("The template is in force; no pod is wanted");
        return seen;
    }
    const Blocker blocker = blockerOf(facts, newest, counts);
    seen.blocker = blocker.text;
    if (isPastDeadline(facts)) {
        seen.state = Observation::State::Failed;
        if (seen.blocker.isEmpty())
            seen.blocker = KubernetesStepText::tr("ProgressDeadlineExceeded: no progress for %1 s")
                               .arg(at(facts, "/spec/progressDeadlineSeconds", 600));
    } else if (blocker.isFinal) {
        seen.state = Observation::State::Failed;
    } else if (seen.blocker.isEmpty() && counts.ready >= counts.desired) {
        seen.blocker = KubernetesStepText::tr(
            "pods of the earlier template are still stopping or the new ones are not yet available");
    }
    return seen;
}

Observation judgeReplicas(const RolloutFacts &facts, int wanted)
{
    Observation seen;
    if (const qint64 now = at(facts, "/spec/replicas", 1); now != wanted) {
        seen.state = Observation::State::Failed;
        seen.text = KubernetesStepText::tr("Someone else set the replica count to %1").arg(now);
        return seen;
    }
    if (at(facts, "/status/observedGeneration", -1) < at(facts, "/metadata/generation")) {
        seen.text = KubernetesStepText::tr("The controller has not looked at the change yet");
        return seen;
    }
    const qint64 ready = at(facts, "/status/readyReplicas");
    const qint64 there = at(facts, "/status/replicas");
    seen.text = KubernetesStepText::tr("%1 of %2 pods ready").arg(ready).arg(wanted);
    if (there > wanted)
        seen.text = KubernetesStepText::tr("%1 pods left, %2 wanted").arg(there).arg(wanted);
    seen.progress = wanted > 0 ? std::min(1.0, double(ready) / wanted) : there == 0;
    if (ready >= wanted && there == wanted) {
        seen.state = Observation::State::Effective;
        return seen;
    }
    for (const Json &pod : facts.pods) {
        const auto problem = isReadyPod(pod) ? std::nullopt : problemOf(pod);
        if (problem && seen.blocker.isEmpty())
            seen.blocker = problem->text;
    }
    if (const auto problem = controllerProblem(facts); problem && seen.blocker.isEmpty())
        seen.blocker = problem->text;
    return seen;
}

namespace
{

// What has to be in force: the template as the server took it, where its answer came; else as it is there, if it has
// all that the call sets; else as it was planned. An answer with the earlier template is none.
QString wantedTemplate(const Json &data, const Receipt &receipt, const Json &live)
{
    const Json state = Json::parse(receipt.state.begin(), receipt.state.end(), nullptr, false);
    const QString written = textAt(state, "/template");
    if (!written.isEmpty() && written != textAt(data, "/template/before"))
        return written;
    if (patchTookPlace(valueAt(data, "/patch"), live) == true)
        return fingerprintOf(cleanTemplate(valueAt(live, "/spec/template")));
    return textAt(data, "/template/after");
}

RolloutFacts factsOf(const WorkloadView &view, const Json &data, const Receipt &receipt)
{
    RolloutFacts facts;
    facts.kind = view.kind();
    facts.object = view.object;
    facts.revisions = view.revisions;
    facts.pods = view.pods;
    facts.arePodsKnown = view.arePodsKnown;
    if (facts.arePodsKnown && view.hiddenRevisions && view.kind() != QLatin1String("StatefulSet")) {
        facts.arePodsKnown = false; // a StatefulSet's own status names its newest revision
        facts.unlisted = isDeployment(facts) ? QStringLiteral("replicasets") : QStringLiteral("controllerrevisions");
    }
    facts.wanted = wantedTemplate(data, receipt, view.object);
    facts.before = textAt(data, "/template/before");
    if (receipt.acceptedAt.isValid())
        facts.acceptedAt = receipt.acceptedAt.addMSecs(view.clockSkewMs);
    facts.now = QDateTime::currentDateTimeUtc().addMSecs(view.clockSkewMs);
    return facts;
}

Observation judgePaused(const WorkloadView &view)
{
    Observation seen;
    if (valueAt(view.object, "/spec/paused") != Json(true)) {
        seen.state = Observation::State::Failed;
        seen.text = KubernetesStepText::tr("Someone else resumed the roll-outs");
    } else if (numberAt(view.object, "/status/observedGeneration") >= numberAt(view.object, "/metadata/generation")) {
        seen.state = Observation::State::Effective;
        seen.text = KubernetesStepText::tr("Roll-outs are paused");
        seen.progress = 1;
    } else {
        seen.text = KubernetesStepText::tr("The controller has not looked at the change yet");
    }
    return seen;
}

Observation judgeWritten(const WorkloadView &view, const Json &data, const Receipt &receipt)
{
    const QString now = fingerprintOf(cleanTemplate(valueAt(view.object, "/spec/template")));
    if (now != wantedTemplate(data, receipt, view.object))
        return {Observation::State::Failed,
                KubernetesStepText::tr("The template was changed again by someone else"),
                {},
                -1,
                {}};
    return {Observation::State::Effective,
            KubernetesStepText::tr("The template is written; no pod has it until the Deployment is resumed"),
            {},
            1,
            {}};
}

} // namespace

QFuture<Result<Observation>> lookAtWorkload(const ClientPtr &client, const PlanStep &step, const Receipt &receipt,
                                            const StopToken &stop)
{
    const ObjectRef object = step.expectation.object;
    return mapped(readWorkload(client, object, WorkloadReading::Revisions, stop),
                  [=](const WorkloadView &view) -> Result<Observation> {
                      const Json data = Json::parse(step.expectation.data.begin(), step.expectation.data.end());
                      const QString kind = step.expectation.kind;
                      if (kind == QLatin1String("workload-replicas"))
                          return judgeReplicas(factsOf(view, data, receipt),
                                               static_cast<int>(numberAt(data, "/replicas")));
                      if (kind == QLatin1String("workload-paused"))
                          return judgePaused(view);
                      if (kind == QLatin1String("template-written"))
                          return judgeWritten(view, data, receipt);
                      return judgeRollout(factsOf(view, data, receipt));
                  });
}

} // namespace signalbox::kubernetes
