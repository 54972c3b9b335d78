#include "services/adapters/kubernetes/preflight.h"

#include "services/adapters/kubernetes/kubernetespreflighttext.h"
#include "services/adapters/kubernetes/serverclock.h"

#include <algorithm>
#include <iterator>

namespace signalbox::kubernetes
{

namespace
{

const char *historyKind(const QString &kind)
{
    return kind == QLatin1String("Deployment") ? "ReplicaSet" : "ControllerRevision";
}

QByteArray listOf(const Discovery &discovery, const char *kind, const QString &ns)
{
    const auto resource = resourceOf(discovery, QString::fromLatin1(kind));
    return resource ? resource->path(ns) : QByteArray();
}

const char *const deliveryKinds[][2] = {{"argoproj.io", "rollouts"}, {"flagger.app", "canaries"}};

// What names a workload as its own, in the order of deliveryKinds. Controllers that cannot be asked must not keep
// anybody from going back: such a list is told as not seen.
QList<QFuture<Result<Listed>>> deliveryLists(const ClientPtr &client, const WorkloadView &view, bool areWanted,
                                             const StopToken &stop, std::chrono::milliseconds limit)
{
    QList<QFuture<Result<Listed>>> lists;
    for (const auto &[group, resource] : deliveryKinds) {
        const auto found = view.discovery.find(QString::fromLatin1(group), QString::fromLatin1(resource));
        lists.append(areWanted && found ? fetchItems(client, found->path(view.ns()), stop, limit)
                                        : ready(Result<Listed>(Listed{})));
    }
    return lists;
}

void takeDeliveryLists(WorkloadView &view, const Result<Listed> &rollouts, const Result<Listed> &canaries)
{
    const Result<Listed> *answers[] = {&rollouts, &canaries};
    for (size_t i = 0; i < std::size(deliveryKinds); ++i) {
        const Result<Listed> &answer = *answers[i];
        const auto &[group, resource] = deliveryKinds[i];
        if (!answer || answer->hidden) {
            view.hiddenControllers.append(unseenFor(
                QStringLiteral("%1.%2").arg(QLatin1String(resource), QLatin1String(group)), view.ns(), answer));
        }
    }
    view.rollouts = rollouts ? rollouts->items : QList<Json>();
    view.canaries = canaries ? canaries->items : QList<Json>();
}

QFuture<Result<Listed>> nothing()
{
    return ready(Result<Listed>(Listed{}));
}

bool isAnswered(const Result<Listed> &answer)
{
    return answer && !answer->hidden;
}

QList<Json> itemsOf(const Result<Listed> &answer)
{
    return answer ? answer->items : QList<Json>();
}

QString problemOfList(const Result<Listed> &answer)
{
    return answer ? QString() : answer.error().message;
}

// Nothing can be planned without the revisions; a look at a roll-out, which is made again, needs the pods as well. All
// else helps: where it cannot be had, a check says so (DESIGN: going back waits for a right and a target, no more).
void takeLists(WorkloadView &view, const QList<Result<Listed>> &answers)
{
    for (const Json &revision : answers[0]->items) {
        if (isOwnedBy(revision, view.uid()))
            view.revisions.append(revision);
    }
    view.hiddenRevisions = answers[0]->hidden;
    view.pods = itemsOf(answers[1]);
    view.arePodsKnown = isAnswered(answers[1]);
    view.podsProblem = problemOfList(answers[1]);
    view.autoscalers = itemsOf(answers[2]);
    view.areAutoscalersKnown = isAnswered(answers[2]);
    view.autoscalersProblem = problemOfList(answers[2]);
    view.failures = itemsOf(answers[3]); // not known: one hint less, no check passes for want of it
    view.areFailuresKnown = isAnswered(answers[3]);
    takeDeliveryLists(view, answers[4], answers[5]);
}

// The lists that need to know the object (its selector) first.
QFuture<Result<WorkloadView>> readRelated(const ClientPtr &client, WorkloadView view, WorkloadReading reading,
                                          const StopToken &stop, std::chrono::milliseconds limit)
{
    const QByteArray selector = "?labelSelector=" + selectorQuery(valueAt(view.object, "/spec/selector"));
    const QByteArray history = listOf(view.discovery, historyKind(view.kind()), view.ns());
    const QByteArray scalers = listOf(view.discovery, "HorizontalPodAutoscaler", view.ns());
    const QByteArray events = listOf(view.discovery, "Event", view.ns());
    const QList<QFuture<Result<Listed>>> own{
        reading != WorkloadReading::Present && !history.isEmpty() ? fetchItems(client, history + selector, stop)
                                                                  : nothing(),
        fetchItems(client, listOf(view.discovery, "Pod", view.ns()) + selector, stop, limit),
        reading == WorkloadReading::Revisions || scalers.isEmpty() ? nothing()
                                                                   : fetchItems(client, scalers, stop, limit),
        reading == WorkloadReading::Full && !events.isEmpty()
            ? fetchItems(client,
                         events + "?limit=500&fieldSelector=" + encoded(QStringLiteral("reason=Failed,type=Warning")),
                         stop, limit)
            : nothing(),
    };
    const auto questions = own + deliveryLists(client, view, reading != WorkloadReading::Revisions, stop, limit);
    const qsizetype needed = reading == WorkloadReading::Revisions ? 2 : 1;
    return mapped(gathered(questions),
                  [client, view, needed](const QList<Result<Listed>> &answers) mutable -> Result<WorkloadView> {
                      for (qsizetype i = 0; i < answers.size(); ++i) {
                          if (!answers[i] && (i < needed || answers[i].error().kind == ErrorKind::Cancelled))
                              return answers[i].error();
                      }
                      takeLists(view, answers);
                      view.readAt = QDateTime::currentDateTimeUtc();
                      view.clockSkewMs = client->clockSkewMs();
                      return view;
                  });
}

} // namespace

int WorkloadView::desired() const
{
    if (kind() == QLatin1String("DaemonSet"))
        return static_cast<int>(numberAt(object, "/status/desiredNumberScheduled"));
    return static_cast<int>(numberAt(object, "/spec/replicas", 1));
}

QFuture<Result<WorkloadView>> readWorkload(const ClientPtr &client, const ObjectRef &ref, WorkloadReading reading,
                                           const StopToken &stop, std::chrono::milliseconds limit)
{
    return andThen(client->discover(stop), [=](const Discovery &discovery) -> QFuture<Result<WorkloadView>> {
        const auto resource = resourceOf(discovery, ref.kind, ref.group);
        if (!resource)
            return ready(Result<WorkloadView>(resource.error()));
        WorkloadView view;
        view.connection = ref.connection;
        view.discovery = discovery;
        view.resource = *resource;
        return andThen(fetch(client, resource->path(ref.ns, ref.name), stop),
                       [=](const Json &object) mutable -> QFuture<Result<WorkloadView>> {
                           view.object = object;
                           if (!ref.uid.isEmpty() && view.uid() != ref.uid) {
                               return ready(Result<WorkloadView>(Error{
                                   ErrorKind::Conflict,
                                   KubernetesPreflightText::tr(
                                       "%1 was deleted and made again since it was shown: look at the new one first.")
                                       .arg(view.title()),
                                   QStringLiteral("uid %1, now %2").arg(ref.uid, view.uid())}));
                           }
                           return readRelated(client, view, reading, stop, limit);
                       });
    });
}

QFuture<Result<WorkloadView>> readForRollback(const ClientPtr &client, NodeImageReader &nodes, const ObjectRef &ref,
                                              const StopToken &stop, std::chrono::milliseconds limit)
{
    const QFuture<Result<NodeImages>> images = nodes.read(client, stop); // both questions at once
    return andThen(readWorkload(client, ref, WorkloadReading::Full, stop, limit), [images](const WorkloadView &view) {
        return converted(images, [view = view](const Result<NodeImages> &held) mutable -> Result<WorkloadView> {
            if (held)
                view.nodeImages = *held;
            return view;
        });
    });
}

Check freshnessCheck(const QDateTime &readAt, const Discovery &discovery)
{
    QString detail = readAt.toString(Qt::ISODateWithMs);
    if (discovery.isLastKnown)
        detail +=
            u' ' + KubernetesPreflightText::tr("Which kinds the server has is known from %1; it is being asked again.")
                       .arg(discovery.askedAt.toString(Qt::ISODateWithMs));
    return passed(CheckId::Freshness, KubernetesPreflightText::tr("Read from the server"), detail);
}

Check clockCheck(qint64 skewMs)
{
    if (std::abs(skewMs) <= tolerableSkew.count())
        return passed(CheckId::ClockSkew, KubernetesPreflightText::tr("This computer's clock agrees with the server's"),
                      KubernetesPreflightText::tr("%1 ms apart").arg(skewMs));
    return warned(
        CheckId::ClockSkew,
        KubernetesPreflightText::tr("This computer's clock and the server's differ by %1 s").arg(skewMs / 1000),
        KubernetesPreflightText::tr("The server's times are told by this computer's clock here. Logs are not."),
        KubernetesPreflightText::tr("Set this computer's clock by a time server."));
}

Check autoscalerCheck(const WorkloadView &view, bool setsReplicas)
{
    for (const Json &scaler : view.autoscalers) {
        if (textAt(scaler, "/spec/scaleTargetRef/kind") != view.kind() ||
            textAt(scaler, "/spec/scaleTargetRef/name") != view.name())
            continue;
        const QString range = KubernetesPreflightText::tr("HorizontalPodAutoscaler %1, %2 to %3 replicas")
                                  .arg(textAt(scaler, "/metadata/name"))
                                  .arg(numberAt(scaler, "/spec/minReplicas", 1))
                                  .arg(numberAt(scaler, "/spec/maxReplicas"));
        if (setsReplicas) {
            return blocked(CheckId::Autoscaler,
                           KubernetesPreflightText::tr("An autoscaler owns the replica count and will set it again"),
                           range,
                           KubernetesPreflightText::tr("Change the autoscaler's limits instead, or remove it first."));
        }
        return passed(CheckId::Autoscaler, KubernetesPreflightText::tr("The autoscaler keeps the replica count"),
                      range);
    }
    const bool isForbidden = view.autoscalersProblem.isEmpty();
    const QList<Unseen> unseen{
        {QStringLiteral("horizontalpodautoscalers.autoscaling"), view.ns(), view.autoscalersProblem}};
    if (!view.areAutoscalersKnown && setsReplicas) {
        return warned(
            CheckId::Autoscaler,
            isForbidden
                ? KubernetesPreflightText::tr("Whether an autoscaler owns the replica count is not yours to see")
                : KubernetesPreflightText::tr("Whether an autoscaler owns the replica count could not be looked for"),
            isForbidden ? KubernetesPreflightText::tr("One that does sets it again. You may not list %1.")
                              .arg(unseenText(unseen))
                        : KubernetesPreflightText::tr("One that does sets it again. %1").arg(unseenSentence(unseen)),
            unseenWayOut(unseen));
    }
    if (!view.areAutoscalersKnown) {
        return passed(CheckId::Autoscaler, KubernetesPreflightText::tr("The replica count is left to whoever sets it"),
                      isForbidden ? KubernetesPreflightText::tr("Whether an autoscaler does is not yours to see.")
                                  : unseenSentence(unseen));
    }
    return passed(CheckId::Autoscaler, setsReplicas
                                           ? KubernetesPreflightText::tr("No autoscaler owns the replica count")
                                           : KubernetesPreflightText::tr("The replica count stays as it is"));
}

Check underWayCheck(const WorkloadView &view)
{
    const Json &object = view.object;
    const bool isDaemonSet = view.kind() == QLatin1String("DaemonSet");
    const int desired = view.desired();
    const qint64 updated = numberAt(object, isDaemonSet ? "/status/updatedNumberScheduled" : "/status/updatedReplicas");
    const bool isSeen = numberAt(object, "/status/observedGeneration") >= numberAt(object, "/metadata/generation");
    const bool hasOld = !isDaemonSet && numberAt(object, "/status/replicas") > updated;
    if (isSeen && updated >= desired && !hasOld)
        return passed(CheckId::RolloutUnderWay, KubernetesPreflightText::tr("No other roll-out is under way"));
    return warned(CheckId::RolloutUnderWay, KubernetesPreflightText::tr("A roll-out is under way"),
                  isSeen
                      ? KubernetesPreflightText::tr("%1 of %2 pods have the newest template").arg(updated).arg(desired)
                      : KubernetesPreflightText::tr("the controller has not looked at the last change yet"),
                  KubernetesPreflightText::tr("It is replaced by this one; nothing needs to be stopped first."));
}

bool isReadyPod(const Json &pod)
{
    if (!textAt(pod, "/metadata/deletionTimestamp").isEmpty())
        return false;
    const Json conditions = valueAt(pod, "/status/conditions");
    return std::any_of(conditions.begin(), conditions.end(), [](const Json &condition) {
        return textAt(condition, "/type") == QLatin1String("Ready") &&
               textAt(condition, "/status") == QLatin1String("True");
    });
}

namespace
{

std::optional<PodProblem> schedulingProblem(const Json &pod)
{
    for (const Json &condition : valueAt(pod, "/status/conditions")) {
        if (textAt(condition, "/type") == QLatin1String("PodScheduled") &&
            textAt(condition, "/status") == QLatin1String("False")) {
            const QString reason = textAt(condition, "/reason");
            const QString message = textAt(condition, "/message");
            // Room comes: pods of the earlier template leave, an autoscaler adds a node. A node of another kind does
            // not.
            const bool lacksRoom =
                message.contains(QLatin1String("Insufficient ")) || message.contains(QLatin1String("Too many pods"));
            return PodProblem{reason, reason + QStringLiteral(": ") + message, message, !lacksRoom};
        }
    }
    return std::nullopt;
}

std::optional<PodProblem> containerProblem(const Json &status)
{
    static const QStringList lasting{
        QStringLiteral("ImagePullBackOff"),           QStringLiteral("InvalidImageName"),
        QStringLiteral("CreateContainerConfigError"), QStringLiteral("CreateContainerError"),
        QStringLiteral("ErrImageNeverPull"),          QStringLiteral("RunContainerError")};
    const QString image = textAt(status, "/image");
    const QString message = textAt(status, "/state/waiting/message");
    const QString reason = textAt(status, "/state/waiting/reason");
    if (reason.isEmpty() || reason == QLatin1String("ContainerCreating") ||
        reason == QLatin1String("PodInitializing")) {
        const QString ended = textAt(status, "/state/terminated/reason");
        if (ended.isEmpty() || ended == QLatin1String("Completed"))
            return std::nullopt;
        const QString code = textAt(status, "/state/terminated/exitCode");
        return PodProblem{ended,
                          KubernetesPreflightText::tr("%1: container %2 ended with status %3")
                              .arg(ended, textAt(status, "/name"), code),
                          {},
                          false}; // for a moment: what comes next says whether the kubelet backs off
    }
    if (reason == QLatin1String("CrashLoopBackOff")) {
        const QString code = textAt(status, "/lastState/terminated/exitCode");
        const qint64 restarts = numberAt(status, "/restartCount");
        return PodProblem{reason,
                          KubernetesPreflightText::tr("%1: container %2 (%3) restarted %4 times, last exit status %5")
                              .arg(reason, textAt(status, "/name"), image)
                              .arg(restarts)
                              .arg(code.isEmpty() ? KubernetesPreflightText::tr("unknown") : code),
                          message, restarts >= 2};
    }
    return PodProblem{reason, reason + QStringLiteral(": ") + image, message, lasting.contains(reason)};
}

} // namespace

std::optional<PodProblem> problemOf(const Json &pod)
{
    if (!textAt(pod, "/metadata/deletionTimestamp").isEmpty())
        return std::nullopt;
    if (const auto problem = schedulingProblem(pod))
        return problem;
    for (const char *list : {"/status/initContainerStatuses", "/status/containerStatuses"}) {
        for (const Json &status : valueAt(pod, list)) {
            if (const auto problem = containerProblem(status))
                return problem;
        }
    }
    return std::nullopt;
}

} // namespace signalbox::kubernetes
