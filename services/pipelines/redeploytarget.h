#pragma once

#include "models/domain/result.h"
#include "models/pipelines/deployment.h"

namespace signalbox
{

// The one that people mean by `to` (see RedeployOrder): of several with that commit or ref the newest that succeeded.
// NotFound names those there are.
Result<EnvironmentDeployment> redeployTarget(const EnvironmentDeployments &known, const QString &to);

// Marks the newest that succeeded, by when it did; `all` is sorted newest first.
void markLive(QList<EnvironmentDeployment> &all);

// "v1.4.2 (7c2f91e0)".
QString deployedText(const EnvironmentDeployment &one);

// Of the vendors without environments.
Error noEnvironments(const QString &vendor);

} // namespace signalbox
