#pragma once

#include "app/commands/runfinder.h"
#include "models/pipelines/deployment.h"

// What `signalbox run deployments` prints. Times are UTC.
namespace signalbox::commands
{

QString deploymentsText(const FoundPipeline &of, const QList<EnvironmentDeployments> &environments);
QString deploymentsJson(const FoundPipeline &of, const QList<EnvironmentDeployments> &environments);

} // namespace signalbox::commands
