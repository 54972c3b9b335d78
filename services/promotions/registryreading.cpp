#include "services/promotions/registryreading.h"

#include "services/async/chain.h"
#include "services/promotions/promotionstext.h"

#include <QPointer>

#include <algorithm>

namespace signalbox
{

namespace
{

using Answer = QFuture<Result<RunningRelease>>;

Answer ended(const RunningRelease &release)
{
    return ready(Result<RunningRelease>(release));
}

void takeLabel(RunningRelease &release, const Artifact &artifact)
{
    if (!artifact.revision.isEmpty())
        release.revision = artifact.revision;
}

RunningRelease unknown(RunningRelease release, const Error &error)
{
    release.digest.clear();
    release.problem =
        PromotionsText::tr(
            "The image is not pinned by digest, and its registry does not say which release the pods run: %1")
            .arg(error.message);
    return release;
}

// The tag is something else by now, or gone: what the pods pulled is the release, where it can be one.
Answer pulled(QObject *context, ArtifactRegistry *registry, const RunningRelease &release, const StopToken &stop)
{
    if (release.podDigests.size() != 1 || !registry)
        return ended(release);
    return afterAny(context, registry->describe(release.repository, release.podDigests.first(), stop),
                    [release](const Result<Artifact> &artifact) {
                        if (!artifact && artifact.error().kind != ErrorKind::NotFound)
                            return ended(unknown(release, artifact.error()));
                        RunningRelease known = release;
                        if (artifact)
                            takeLabel(known, *artifact);
                        return ended(known);
                    });
}

} // namespace

QFuture<Result<RunningRelease>> withRegistry(QObject *context, ArtifactRegistry *registry,
                                             const RunningRelease &release, const StopToken &stop)
{
    if (!registry)
        return ended(release);
    const QPointer<ArtifactRegistry> guard(registry);
    if (release.isPinned)
        return afterAny(context, registry->describe(release.repository, release.digest, stop),
                        [release](const Result<Artifact> &artifact) {
                            RunningRelease known = release;
                            if (artifact)
                                takeLabel(known, *artifact);
                            return ended(known);
                        });
    if (release.podDigests.isEmpty())
        return ended(release); // no pod says what it pulled: what the tag is now need not be what runs
    const QString tag = release.tag.isEmpty() ? QStringLiteral("latest") : release.tag;
    return afterAny(
        context, registry->describe(release.repository, tag, stop), [=](const Result<Artifact> &artifact) -> Answer {
            if (!artifact && artifact.error().kind != ErrorKind::NotFound)
                return ended(unknown(release, artifact.error()));
            const bool isWhole = artifact && std::all_of(release.podDigests.cbegin(), release.podDigests.cend(),
                                                         [&](const QString &one) { return artifact->covers(one); });
            if (!isWhole)
                return pulled(context, guard, release, stop);
            RunningRelease known = release;
            known.digest = artifact->digest;
            known.problem.clear();
            takeLabel(known, *artifact);
            return ended(known);
        });
}

} // namespace signalbox
