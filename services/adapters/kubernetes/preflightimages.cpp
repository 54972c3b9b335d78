// The check of the image: what pods, events and nodes tell of whether it can be had again.

#include "services/adapters/kubernetes/kubernetespreflighttext.h"
#include "services/adapters/kubernetes/preflight.h"

#include <algorithm>

namespace signalbox::kubernetes
{

namespace
{

using State = ImageFinding::State;

struct WantedImage
{
    QString image;
    bool isAsked = false; // the registry is asked at each start
    bool isNever = false; // the registry is never asked
};

// The server writes the policy into every template it keeps; the default is its rule.
QList<WantedImage> wantedImages(const Json &podTemplate)
{
    QList<WantedImage> wanted;
    for (const char *list : {"/spec/initContainers", "/spec/containers"}) {
        for (const Json &container : valueAt(podTemplate, list)) {
            const QString image = textAt(container, "/image");
            const QString policy = textAt(container, "/imagePullPolicy");
            const QString tag = imageTag(image);
            const bool isLatest = imageDigest(image).isEmpty() && (tag.isEmpty() || tag == QLatin1String("latest"));
            wanted.append({image, policy.isEmpty() ? isLatest : policy == QLatin1String("Always"),
                           policy == QLatin1String("Never")});
        }
    }
    return wanted;
}

// Names of the pod's containers that are to run the image.
QStringList containersOf(const Json &pod, const QString &image)
{
    QStringList names;
    for (const char *list : {"/spec/initContainers", "/spec/containers"}) {
        for (const Json &container : valueAt(pod, list)) {
            if (textAt(container, "/image") == image)
                names.append(textAt(container, "/name"));
        }
    }
    return names;
}

// The kubelet gives a container its image's id once it has pulled it.
bool hasPulled(const Json &pod, const QStringList &containers)
{
    if (!textAt(pod, "/metadata/deletionTimestamp").isEmpty()) // gone in a moment: its node tells
        return false;
    for (const char *list : {"/status/initContainerStatuses", "/status/containerStatuses"}) {
        for (const Json &status : valueAt(pod, list)) {
            if (containers.contains(textAt(status, "/name")) && !textAt(status, "/imageID").isEmpty())
                return true;
        }
    }
    return false;
}

QString nodesText(const NodeImages &nodes, int held)
{
    const QString all = nodes.isPartial
                            ? KubernetesPreflightText::tr("the %1 nodes that were looked at").arg(nodes.nodes)
                            : KubernetesPreflightText::tr("%1 nodes").arg(nodes.nodes);
    return held == nodes.nodes && !nodes.isPartial
               ? KubernetesPreflightText::tr("every node")
               : KubernetesPreflightText::tr("%1 of %2").arg(QString::number(held), all);
}

ImageFinding onNodes(const NodeImages &nodes, const WantedImage &wanted)
{
    const int held = nodes.holders.value(canonicalImage(wanted.image));
    if (held == 0)
        return {State::CannotTell, {}, wanted.image, 0};
    const bool isEverywhere = held == nodes.nodes && !nodes.isPartial;
    const QString evidence = KubernetesPreflightText::tr("%1 is on %2").arg(wanted.image, nodesText(nodes, held));
    if (wanted.isNever && !isEverywhere)
        return {State::HeldWithDoubt,
                KubernetesPreflightText::tr("Some nodes hold the image, and on others its pods may not pull it"),
                evidence, 0};
    if (wanted.isAsked)
        return {State::HeldWithDoubt,
                KubernetesPreflightText::tr("Nodes hold the image, but each start of a pod asks the registry for it"),
                evidence, 0};
    return {State::Held,
            isEverywhere ? KubernetesPreflightText::tr("Every node holds the image")
                         : KubernetesPreflightText::tr("%1 hold the image").arg(nodesText(nodes, held)),
            evidence, held};
}

ImageFinding ofOne(const WorkloadView &view, const WantedImage &wanted)
{
    bool isPulled = false;
    for (const Json &pod : view.pods) {
        const QStringList containers = containersOf(pod, wanted.image);
        if (containers.isEmpty())
            continue;
        const auto problem = problemOf(pod);
        if (problem && problem->reason.contains(QLatin1String("Image")))
            return {State::FailsNow, {}, problem->text, 0};
        isPulled = isPulled || isReadyPod(pod) || hasPulled(pod, containers);
    }
    if (isPulled)
        return {State::Running, {}, KubernetesPreflightText::tr("pods run %1").arg(wanted.image), 0};
    for (const Json &event : view.failures) {
        const QString message = textAt(event, "/message");
        if (message.contains(u'"' + wanted.image + u'"') &&
            message.contains(QLatin1String("pull"), Qt::CaseInsensitive))
            return {State::FailedLately, {}, message, 0};
    }
    return onNodes(view.nodeImages, wanted);
}

// What says more about the whole pod: it starts only when all its images are there.
int rank(State state)
{
    switch (state) {
    case State::Running:
        return 0;
    case State::Held:
        return 1;
    case State::HeldWithDoubt:
        return 2;
    case State::CannotTell:
        return 3;
    case State::FailedLately:
        return 4;
    case State::FailsNow:
        break;
    }
    return 5;
}

} // namespace

ImageFinding imageFinding(const WorkloadView &view, const Json &podTemplate)
{
    const QList<WantedImage> all = wantedImages(podTemplate);
    if (all.isEmpty())
        return {};
    ImageFinding worst{State::Running, {}, {}, 0};
    QStringList evidence;
    for (const WantedImage &wanted : all) {
        const ImageFinding one = ofOne(view, wanted);
        if (!evidence.contains(one.evidence))
            evidence.append(one.evidence);
        if (rank(one.state) > rank(worst.state) || (one.state == worst.state && one.nodes < worst.nodes))
            worst = one;
    }
    const bool hasFailed = rank(worst.state) >= rank(State::FailedLately);
    if (!hasFailed)
        worst.evidence = evidence.join(QLatin1String(", "));
    return worst;
}

Check imageCheck(const WorkloadView &view, const Json &podTemplate)
{
    const QString wayOut =
        KubernetesPreflightText::tr("Make sure that the registry still has the image and the nodes may pull it.");
    const ImageFinding finding = imageFinding(view, podTemplate);
    switch (finding.state) {
    case State::Running:
        return passed(CheckId::TargetImage, KubernetesPreflightText::tr("Pods run this image now"), finding.evidence);
    case State::Held:
        return passed(CheckId::TargetImage, finding.text, finding.evidence);
    case State::HeldWithDoubt:
        return warned(CheckId::TargetImage, finding.text, finding.evidence, wayOut);
    case State::FailsNow:
        return blocked(CheckId::TargetImage, KubernetesPreflightText::tr("A pod cannot pull the image now"),
                       finding.evidence, wayOut);
    case State::FailedLately:
        return blocked(CheckId::TargetImage, KubernetesPreflightText::tr("The image could not be pulled lately"),
                       finding.evidence, wayOut);
    case State::CannotTell:
        break;
    }
    if (!view.arePodsKnown && !view.podsProblem.isEmpty())
        return warned(
            CheckId::TargetImage,
            KubernetesPreflightText::tr("Pods could not be listed, so whether one runs the image is not known"),
            QStringLiteral("%1: %2").arg(finding.evidence, view.podsProblem), wayOut);
    if (!view.arePodsKnown)
        return warned(CheckId::TargetImage,
                      KubernetesPreflightText::tr("You may not list pods, so whether one runs the image is not known"),
                      finding.evidence, wayOut);
    if (!view.areFailuresKnown)
        return warned(
            CheckId::TargetImage,
            KubernetesPreflightText::tr("The cluster cannot tell whether the image can still be pulled"),
            KubernetesPreflightText::tr("%1: no pod runs it now, and the events of its namespace could not be read")
                .arg(finding.evidence),
            wayOut);
    return warned(
        CheckId::TargetImage,
        KubernetesPreflightText::tr("The cluster cannot tell whether the image can still be pulled"),
        view.nodeImages.isKnown
            ? KubernetesPreflightText::tr(
                  "%1: no pod runs it now, no node names it among its images, no event speaks against it")
                  .arg(finding.evidence)
            : KubernetesPreflightText::tr(
                  "%1: no pod runs it now, the nodes' images are not yours to see, no event speaks against it")
                  .arg(finding.evidence),
        wayOut);
}

} // namespace signalbox::kubernetes
