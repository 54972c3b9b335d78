#pragma once

#include "services/adapters/kubernetes/preflight.h"
#include "services/ports/deployer.h"

// Which release a workload runs, and another one as data. Pure: works on what preflight.h read.
//
// Sources: kubernetes/api core/v1 ContainerStatus.imageID, containerd/cri (imageID is "repository@digest" of what was
// pulled, or the bare digest of the image's configuration), docs "Default container" (the annotation
// kubectl.kubernetes.io/default-container).
//
// The model that an AI service serves has no standard place in Kubernetes. It is read from the pod template's
// annotations (else labels) signalbox/model-name and signalbox/model-version, and goes along when the image is set.
namespace signalbox::kubernetes
{

// "registry.example:5000/team/cart" of "registry.example:5000/team/cart:1.4.0@sha256:...".
QString imageRepository(const QString &image);
// The digest a registry answers to: of "docker-pullable://r/x@sha256:...", "r/x@sha256:...". Empty for a bare
// "sha256:...", which is the image's configuration, and for what is no digest.
QString pulledDigest(const QString &imageId);

// The container that is the release, as an index into spec.containers: the one named, the one the template names as
// the default, the one called like the application or whose image is, or what is left without known sidecars.
// Refused, naming them, where that does not leave exactly one; NotFound for a name that is not there.
Result<qsizetype> releaseContainer(const Json &podTemplate, const QString &application, const QString &wanted);

Result<RunningRelease> runningRelease(const WorkloadView &view, const QString &application, const QString &container);
Result<Draft> draftSetImage(const WorkloadView &view, const SetImageOrder &order);

} // namespace signalbox::kubernetes
