#pragma once

#include "models/domain/result.h"
#include "models/pipelines/deployment.h"
#include "services/async/stoptoken.h"

#include <QFuture>

#include <optional>

namespace signalbox
{

class DeploymentSource;

// What a vendor's own list of deployments tells of an environment that no cluster shows: a commit, never a digest, and
// that a job said it is there, never that anything runs. No rule about digests or soak time is met by it.
struct VendorPlace
{
    QString connection;
    QString project;
    QString environment;                       // as the vendor calls it
    std::optional<EnvironmentDeployment> live; // none: nothing that is listed succeeded
    std::optional<bool> isBusy; // a deployment is under way (one that waits at a gate is not); none: not told
    QDateTime readAt;
    bool operator==(const VendorPlace &) const = default;

    // "the deployments of shop/cart to production at ci"
    QString source() const;
    // What they say is there now, in one sentence.
    QString text() const;
};

// Pure: of a list as the vendor gives it.
VendorPlace vendorPlaceOf(const QString &connection, const QString &project, const EnvironmentDeployments &told);

// The first of `names` that is an environment of the project; letters may be of another case where that leaves no
// choice. NotFound names those there are.
QFuture<Result<VendorPlace>> readVendorPlace(QObject *context, DeploymentSource &source, const QString &connection,
                                             const QString &project, const QStringList &names, const StopToken &stop);

// For how long a server that is in trouble is left alone: as it asks for, within reason. Zero: it asks for nothing.
std::chrono::milliseconds patienceAfter(const Error &error);

} // namespace signalbox
