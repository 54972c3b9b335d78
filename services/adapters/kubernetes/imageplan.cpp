#include "services/adapters/kubernetes/imageplan.h"

#include "models/domain/digest.h"
#include "models/domain/modelkeys.h"
#include "services/adapters/kubernetes/planhead.h"
#include "services/adapters/kubernetes/planpatch.h"
#include "services/adapters/kubernetes/rollbackplan.h"
#include "services/adapters/kubernetes/serverclock.h"

#include <QCoreApplication>

#include <algorithm>

namespace signalbox::kubernetes
{

namespace
{

struct KubernetesDeployerText
{
    Q_DECLARE_TR_FUNCTIONS(KubernetesDeployer)
};

const QString modelName = QLatin1String(modelNameKey);
const QString modelVersion = QLatin1String(modelVersionKey);

QString saidOf(const Json &podTemplate, const QString &key)
{
    const QString text = labelsAt(podTemplate, "/metadata/annotations").value(key);
    return text.isEmpty() ? labelsAt(podTemplate, "/metadata/labels").value(key) : text;
}

const QString containersPointer = QStringLiteral("/spec/template/spec/containers");

// Injected or added beside the release, by the names their makers give them.
bool isSidecar(const Json &container)
{
    static const QStringList names{
        QStringLiteral("istio-proxy"),     QStringLiteral("linkerd-proxy"),    QStringLiteral("envoy"),
        QStringLiteral("envoy-sidecar"),   QStringLiteral("vault-agent"),      QStringLiteral("cloud-sql-proxy"),
        QStringLiteral("cloudsql-proxy"),  QStringLiteral("fluent-bit"),       QStringLiteral("fluentd"),
        QStringLiteral("filebeat"),        QStringLiteral("promtail"),         QStringLiteral("daprd"),
        QStringLiteral("oauth2-proxy"),    QStringLiteral("jaeger-agent"),     QStringLiteral("otel-collector"),
        QStringLiteral("config-reloader"), QStringLiteral("consul-dataplane"), QStringLiteral("kuma-sidecar"),
        QStringLiteral("xray-daemon"),     QStringLiteral("datadog-agent"),    QStringLiteral("git-sync")};
    const QString image = imageRepository(textAt(container, "/image")).section(u'/', -1);
    return names.contains(textAt(container, "/name")) || names.contains(image) || image == QLatin1String("proxyv2");
}

QString shortOf(const QString &digest)
{
    const qsizetype colon = digest.indexOf(u':');
    return digest.left(colon + 1 + 12);
}

QString nameOf(const QString &tag, const QString &digest)
{
    if (tag.isEmpty())
        return digest.isEmpty() ? KubernetesDeployerText::tr("unknown") : shortOf(digest);
    return digest.isEmpty() ? tag : QStringLiteral("%1 (%2)").arg(tag, shortOf(digest));
}

// Of the template that runs now, not on their way out.
QList<Json> podsOfTemplate(const WorkloadView &view)
{
    const QList<KeptRevision> all = keptRevisions(view);
    const auto live = std::find_if(all.begin(), all.end(), [](const KeptRevision &one) { return one.isLive; });
    QList<Json> pods;
    if (live == all.end())
        return pods;
    const QString hash = live->revision.templateHash;
    for (const Json &pod : view.pods) {
        const Labels labels = labelsAt(pod, "/metadata/labels");
        const QString full = labels.value(QStringLiteral("controller-revision-hash"));
        const bool isOfIt = labels.value(QStringLiteral("pod-template-hash")) == hash || full == hash ||
                            full == live->revision.ref.name;
        if (isOfIt && textAt(pod, "/metadata/deletionTimestamp").isEmpty())
            pods.append(pod);
    }
    return pods;
}

QString imageIdOf(const Json &pod, const QString &container)
{
    for (const Json &status : valueAt(pod, "/status/containerStatuses")) {
        if (textAt(status, "/name") == container)
            return textAt(status, "/imageID");
    }
    return {};
}

// Pods that are not ours to see, nor to tell apart: the object's own status counts them as long as all have one
// template.
std::optional<int> readyByStatus(const WorkloadView &view, bool isUnderWay)
{
    if (isUnderWay)
        return std::nullopt;
    const bool isDaemonSet = view.kind() == QLatin1String("DaemonSet");
    return static_cast<int>(numberAt(view.object, isDaemonSet ? "/status/numberReady" : "/status/readyReplicas"));
}

void notePods(RunningRelease &release, const WorkloadView &view)
{
    release.podsWanted = view.desired();
    const bool isUnderWay = underWayCheck(view).state != CheckState::Pass;
    int ready = 0;
    bool isUntold = false;
    for (const Json &pod : podsOfTemplate(view)) {
        if (!isReadyPod(pod))
            continue;
        ++ready;
        const QString digest = pulledDigest(imageIdOf(pod, release.container));
        isUntold = isUntold || digest.isEmpty();
        if (!digest.isEmpty() && !release.podDigests.contains(digest))
            release.podDigests.append(digest);
        const auto skew = notedSkew(view.clockSkewMs, std::chrono::milliseconds(0));
        const QDateTime made = timeAt(pod, "/metadata/creationTimestamp").addMSecs(-skew.count());
        if (made.isValid() && (!release.since.isValid() || made < release.since))
            release.since = made;
    }
    const bool areOurs = view.arePodsKnown && !view.hiddenRevisions;
    release.podsReady = areOurs ? std::optional(ready) : readyByStatus(view, isUnderWay);
    release.isSettled = !isUnderWay && release.podsReady && *release.podsReady >= release.podsWanted;
    if (release.isPinned)
        return;
    if (isUntold || !areOurs)
        release.podDigests.clear(); // some of them are not what its pods run
    if (!view.arePodsKnown)
        release.problem = KubernetesDeployerText::tr("The image is not pinned by digest and you may not list pods.");
    else if (view.hiddenRevisions)
        release.problem = KubernetesDeployerText::tr(
            "The image is not pinned by digest and you may not list the revisions its pods belong to.");
    else if (release.podsReady == 0)
        release.problem = KubernetesDeployerText::tr("The image is not pinned by digest and no pod of it is ready.");
    else if (isUntold || release.podDigests.isEmpty())
        release.problem = KubernetesDeployerText::tr(
            "The image is not pinned by digest and its pods do not say which one they pulled.");
    else if (release.podDigests.size() > 1)
        release.problem = KubernetesDeployerText::tr("The tag %1 moved: its pods run %2 different images.")
                              .arg(release.tag.isEmpty() ? QStringLiteral("latest") : release.tag)
                              .arg(release.podDigests.size());
    else
        release.digest = release.podDigests.first();
}

} // namespace

QString imageRepository(const QString &image)
{
    const QString named = image.section(u'@', 0, 0);
    const QString tag = imageTag(image);
    return tag.isEmpty() ? named : named.chopped(tag.size() + 1);
}

QString pulledDigest(const QString &imageId)
{
    const qsizetype at = imageId.lastIndexOf(u'@');
    const QString digest = at < 0 ? QString() : imageId.mid(at + 1);
    return isDigest(digest) ? digest : QString();
}

Result<qsizetype> releaseContainer(const Json &podTemplate, const QString &application, const QString &wanted)
{
    const Json containers = valueAt(podTemplate, "/spec/containers");
    QStringList names;
    for (const Json &container : containers)
        names.append(textAt(container, "/name"));
    const QString marked =
        labelsAt(podTemplate, "/metadata/annotations").value(QStringLiteral("kubectl.kubernetes.io/default-container"));
    for (const QString &name : {wanted, marked}) {
        if (const qsizetype index = names.indexOf(name); !name.isEmpty() && index >= 0)
            return index;
        if (!wanted.isEmpty())
            return Error{ErrorKind::NotFound,
                         KubernetesDeployerText::tr("There is no container \"%1\": %2.")
                             .arg(wanted, names.join(QStringLiteral(", "))),
                         {}};
    }
    if (names.size() == 1)
        return qsizetype(0);
    QList<qsizetype> left;
    for (qsizetype i = 0; i < names.size(); ++i) {
        const Json &container = containers[static_cast<size_t>(i)];
        const QString image = imageRepository(textAt(container, "/image")).section(u'/', -1);
        if (!application.isEmpty() && (names.at(i) == application || image == application))
            return i;
        if (!isSidecar(container))
            left.append(i);
    }
    if (left.size() == 1)
        return left.first();
    return Error{
        ErrorKind::Refused,
        KubernetesDeployerText::tr(
            "Which of the containers %1 is the release cannot be told. Name it in the pod template's annotation "
            "kubectl.kubernetes.io/default-container.")
            .arg(names.join(QStringLiteral(", "))),
        {}};
}

Result<RunningRelease> runningRelease(const WorkloadView &view, const QString &application, const QString &container)
{
    const Json podTemplate = valueAt(view.object, "/spec/template");
    const auto index = releaseContainer(podTemplate, application, container);
    if (!index)
        return index.error();
    const Json &found = podTemplate["spec"]["containers"][static_cast<size_t>(*index)];
    RunningRelease release;
    release.workload = view.ref();
    release.container = textAt(found, "/name");
    release.image = textAt(found, "/image");
    release.repository = imageRepository(release.image);
    release.tag = imageTag(release.image);
    release.digest = isDigest(imageDigest(release.image)) ? imageDigest(release.image) : QString();
    release.isPinned = !release.digest.isEmpty();
    release.revision = saidOf(podTemplate, QStringLiteral("org.opencontainers.image.revision"));
    release.model = {saidOf(podTemplate, modelName), saidOf(podTemplate, modelVersion)};
    notePods(release, view);
    release.readAt = view.readAt;
    return release;
}

namespace
{

// The annotations that say which model goes with the image, as far as they differ.
void setModel(JsonPatch &patch, const WorkloadView &view, const RunningRelease &now, const ServedModel &model)
{
    Json wanted = Json::object();
    const auto want = [&wanted](const QString &key, const QString &is, const QString &shall) {
        if (!shall.isEmpty() && is != shall)
            wanted[key.toStdString()] = shall.toStdString();
    };
    want(modelName, now.model.name, model.name);
    want(modelVersion, now.model.version, model.version);
    if (wanted.empty())
        return;
    const QString metadata = QStringLiteral("/spec/template/metadata");
    const QString annotations = metadata + QStringLiteral("/annotations");
    if (const Json *there = atPointer(view.object, annotations); !there || !there->is_object()) {
        patch.testSeen(view.object, annotations).add(annotations, wanted);
        return;
    }
    for (const auto &[key, value] : wanted.items()) {
        const QString pointer = annotations + jsonPointer({QString::fromStdString(key)});
        patch.testSeen(view.object, pointer).add(pointer, value);
    }
}

DraftStep imageStep(const WorkloadView &view, const RunningRelease &now, qsizetype index, const QString &image,
                    const ServedModel &model)
{
    const QString container = containersPointer + u'/' + QString::number(index);
    const QString pointer = container + QStringLiteral("/image");
    DraftStep entry;
    entry.object = view.object;
    entry.diffAt = QStringLiteral("/spec/template");
    entry.right = {QStringLiteral("patch"), view.resource.group, view.resource.resource, {}, view.ns(), view.name()};
    PlanStep &step = entry.step;
    step.title = KubernetesDeployerText::tr("Set the image of %1 to %2").arg(view.title(), image);
    step.through = QStringLiteral("Kubernetes %1").arg(view.title());
    JsonPatch patch;
    patch.test(QStringLiteral("/metadata/uid"), view.uid().toStdString())
        .test(container + QStringLiteral("/name"), now.container.toStdString())
        .test(pointer, now.image.toStdString())
        .replace(pointer, image.toStdString());
    setModel(patch, view, now, model);
    step.call = patchCall(view.connection, view.resource.path(view.ns(), view.name()), patch.toJson());
    step.undoTitle = KubernetesDeployerText::tr("Put back %1").arg(now.image);
    step.expectation.kind = QStringLiteral("workload-rolled-out");
    step.expectation.object = view.ref();
    step.precondition =
        KubernetesDeployerText::tr("only if container %1 still has the image %2").arg(now.container, now.image);
    step.deadline = rolloutDeadline(view);
    return entry;
}

Json withImage(Json podTemplate, qsizetype index, const QString &image)
{
    podTemplate["spec"]["containers"][static_cast<size_t>(index)]["image"] = image.toStdString();
    return podTemplate;
}

Check startableCheck(const WorkloadView &view)
{
    Check check = pausedCheck(view);
    if (check.state == CheckState::Pass)
        return check;
    check.state = CheckState::Block; // a forward move whose effect could not be seen is not begun
    return check;
}

} // namespace

Result<Draft> draftSetImage(const WorkloadView &view, const SetImageOrder &order)
{
    if (!isDigest(order.digest))
        return Error{ErrorKind::Invalid,
                     KubernetesDeployerText::tr("\"%1\" is no digest; sha256: and 64 hexadecimal digits were expected.")
                         .arg(order.digest),
                     {}};
    const Json podTemplate = valueAt(view.object, "/spec/template");
    const auto index = releaseContainer(podTemplate, order.application, order.container);
    const auto now = index ? runningRelease(view, order.application, order.container) : index.error();
    if (!now)
        return now.error();
    const QString image = now->repository + (order.tag.isEmpty() ? QString() : u':' + order.tag) + u'@' + order.digest;
    Draft draft;
    Plan &plan = draft.plan;
    plan = planHead(OperationKind::Promote, Direction::Forward, order, view.connection, view.ns());
    plan.from = nameOf(now->tag, now->digest);
    plan.fromHash = now->digest;
    plan.to = nameOf(order.tag, order.digest);
    plan.toHash = order.digest;
    plan.effect = KubernetesDeployerText::tr("%1 of %2 are replaced one after the other")
                      .arg(podsText(view.desired()), view.title());
    draft.steps.append(imageStep(view, *now, *index, image, order.model));
    plan.checks = {freshnessCheck(view.readAt, view.discovery),
                   passed(CheckId::TargetExists, KubernetesDeployerText::tr("%1 is there, its release is container %2")
                                                     .arg(view.title(), now->container)),
                   imageCheck(view, withImage(podTemplate, *index, image)),
                   autoscalerCheck(view, false),
                   startableCheck(view),
                   underWayCheck(view),
                   clockCheck(view.clockSkewMs)};
    const bool isSameServed = order.model.isEmpty() || isSameModel(order.model, now->model);
    const bool isSame = now->isPinned && now->digest == order.digest && isSameServed;
    plan.checks.append(isSame
                           ? blocked(CheckId::SameState, KubernetesDeployerText::tr("It runs exactly this already"),
                                     now->image, KubernetesDeployerText::tr("Nothing needs to be done."))
                           : passed(CheckId::SameState,
                                    KubernetesDeployerText::tr("The image differs from the present one"), now->image));
    return draft;
}

} // namespace signalbox::kubernetes
