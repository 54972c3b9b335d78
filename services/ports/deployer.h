#pragma once

#include "models/domain/operation.h"
#include "models/domain/result.h"
#include "models/domain/servedmodel.h"
#include "services/async/stoptoken.h"

#include <QFuture>
#include <QObject>

#include <optional>

namespace signalbox
{

// The release that one workload runs, read from the remote now. Sidecars are not the release: it is one container's
// image.
//
// Three digests are told apart. `digest` is the one a release is known by: that of the image index (or of the manifest
// of an image for one platform), as a registry gives it to who asks for the tag. A pod's imageID names it as well where
// the runtime keeps it ("repository@sha256:..."), but it may be a platform's manifest below that index, and a bare
// "sha256:..." is the image's configuration, which no registry answers to and which is never taken for the release.
struct RunningRelease
{
    ObjectRef workload;
    QString container;
    QString image;      // as the template has it
    QString repository; // without tag and digest
    QString tag;        // empty: none
    QString digest;     // pinned in the template; else what all ready pods agree on; empty: not known
    bool isPinned = false;
    QStringList podDigests; // what the pods' imageIDs name, each once; may be platform manifests where it is pinned
    QString revision;       // commit, where the template says it (org.opencontainers.image.revision); empty: not said
    QDateTime since;        // UTC: when the oldest of its ready pods was made; invalid: not known
    std::optional<int> podsReady = 0; // of this template; none: not ours to see
    int podsWanted = 0;
    bool isSettled = false; // every wanted pod runs this template, none another one
    QString problem;        // why `digest` is not known; empty: it is
    QDateTime readAt;
    ServedModel model = {}; // that an AI service serves, where the template says it; empty: not said
    bool operator==(const RunningRelease &) const = default;
};
// "2 of 3 pods run it", or that it is not ours to see.
QString readyPodsText(const RunningRelease &release);

struct SetImageOrder
{
    QString connection;
    QString ns;
    QString application;
    QString environment;
    ObjectRef workload;
    QString container; // empty: the one that is the release
    QString digest;    // "sha256:..."
    QString tag;       // kept beside the digest, for people; empty: none
    QString reason;
    ServedModel model = {}; // that goes with it; empty: the workload keeps what it says
};

// Sets which release a workload runs. Nothing here writes (see TrafficRouter): plans are carried out by the
// connection's StepRunner.
class Deployer : public QObject
{
    Q_OBJECT
public:
    using QObject::QObject;
    ~Deployer() override;

    // `application` helps to tell the release's container from sidecars.
    [[nodiscard]] virtual QFuture<Result<RunningRelease>> running(ObjectRef workload, QString application,
                                                                  StopToken stop) = 0;
    [[nodiscard]] virtual QFuture<Result<Plan>> plan(SetImageOrder order, StopToken stop) = 0;
};

} // namespace signalbox
