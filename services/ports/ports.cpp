// Out-of-line destructors: one home for each port's vtable. And the little that a port says about values.
#include "models/domain/application.h"
#include "services/async/deliver.h"
#include "services/ports/artifactregistry.h"
#include "services/ports/clustersource.h"
#include "services/ports/connections.h"
#include "services/ports/deployer.h"
#include "services/ports/deploymentsource.h"
#include "services/ports/drillyard.h"
#include "services/ports/gatekeeper.h"
#include "services/ports/metricsource.h"
#include "services/ports/panelsettings.h"
#include "services/ports/pipelinesource.h"
#include "services/ports/policychanges.h"
#include "services/ports/promotiondesk.h"
#include "services/ports/requestmonitor.h"
#include "services/ports/rollbackprovider.h"
#include "services/ports/sourcerepository.h"
#include "services/ports/trafficrouter.h"

#include <QCoreApplication>

#include <algorithm>

namespace signalbox
{

LogStream::~LogStream() = default;
ArtifactRegistry::~ArtifactRegistry() = default;
DeploymentSource::~DeploymentSource() = default;

bool Artifact::covers(const QString &podDigest) const
{
    if (podDigest.isEmpty())
        return false;
    return podDigest == digest || std::any_of(platforms.cbegin(), platforms.cend(),
                                              [&](const Platform &one) { return one.digest == podDigest; });
}

DrillYard::~DrillYard() = default;
ClusterSource::~ClusterSource() = default;
SourceRepository::~SourceRepository() = default;
TrafficRouter::~TrafficRouter() = default;
RollbackProvider::~RollbackProvider() = default;

std::optional<double> liveShareOf(const Deployed &deployed, const ObjectRef &workload)
{
    if (!deployed.freshness.isLive() || deployed.isShareAssumed)
        return std::nullopt;
    for (const Track &track : deployed.tracks) {
        if (track.workloads.contains(workload))
            return track.share;
    }
    return std::nullopt;
}
WorkloadActions::~WorkloadActions() = default;
Deployer::~Deployer() = default;
PolicyChanges::~PolicyChanges() = default;
PromotionDesk::~PromotionDesk() = default;
MetricSource::~MetricSource() = default;
PipelineSource::~PipelineSource() = default;

QFuture<Result<RunDetail>> PipelineSource::attempt(RunRef run, int, StopToken)
{
    return ready(Result<RunDetail>(
        Error{ErrorKind::Unsupported,
              QCoreApplication::translate("PipelineSource",
                                          "%1 (%2) does not keep the attempts of a run one by one, as GitHub does: "
                                          "the run %3 can only be read as it is now.")
                  .arg(title(), vendor(), run.id),
              {}}));
}

GateKeeper::~GateKeeper() = default;

QFuture<Result<WaitingGate>> GateKeeper::optional(QString id, StopToken)
{
    return ready(Result<WaitingGate>(Error{ErrorKind::NotFound, {}, id}));
}

PanelSettings::~PanelSettings() = default;
RequestMonitor::~RequestMonitor() = default;
ConnectionProbe::~ConnectionProbe() = default;
ConnectionsService::~ConnectionsService() = default;

SeenPromotion seenOf(const policy::PromotionCard &card)
{
    return {card.id, card.decision.subject, card.decision.policyCommit};
}

QString readyPodsText(const RunningRelease &release)
{
    if (!release.podsReady) {
        return QCoreApplication::translate("Deployer", "how many of its %1 pods run it is not yours to see")
            .arg(release.podsWanted);
    }
    return QCoreApplication::translate("Deployer", "%1 of %2 pods run it")
        .arg(*release.podsReady)
        .arg(release.podsWanted);
}

QString connectionKindLabel(ConnectionConfig::Kind kind)
{
    switch (kind) {
    case ConnectionConfig::Kind::Kubernetes:
        return QCoreApplication::translate("Connections", "Kubernetes");
    case ConnectionConfig::Kind::Prometheus:
        return QCoreApplication::translate("Connections", "Prometheus");
    case ConnectionConfig::Kind::Jenkins:
        return QStringLiteral("Jenkins");
    case ConnectionConfig::Kind::GitHub:
        return QStringLiteral("GitHub");
    case ConnectionConfig::Kind::GitLab:
        return QStringLiteral("GitLab");
    case ConnectionConfig::Kind::Travis:
        return QStringLiteral("Travis CI");
    }
    return {};
}

bool hasPipelines(ConnectionConfig::Kind kind)
{
    return kind != ConnectionConfig::Kind::Kubernetes && kind != ConnectionConfig::Kind::Prometheus;
}

} // namespace signalbox
