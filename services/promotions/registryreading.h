#pragma once

#include "services/ports/artifactregistry.h"
#include "services/ports/deployer.h"

namespace signalbox
{

// What the registry adds to what a cluster says of a release: the digest that the tag of an image that is not pinned
// stands for (that of the index, where a pod may name its platform's manifest), and the commit that the image's own
// label names. The label goes before what the pod template says of itself: it cannot change under the digest.
//
// Where the registry does not answer for an image that is not pinned, its release is not known: a platform's digest is
// not taken for the release. Without a registry (null) the release is as the cluster tells it.
[[nodiscard]] QFuture<Result<RunningRelease>> withRegistry(QObject *context, ArtifactRegistry *registry,
                                                           const RunningRelease &release, const StopToken &stop);

} // namespace signalbox
