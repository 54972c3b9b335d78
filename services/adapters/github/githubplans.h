#pragma once

#include "services/adapters/github/githubclient.h"
#include "services/adapters/github/githuberrand.h"
#include "services/ports/gatekeeper.h"
#include "services/ports/pipelinesource.h"

namespace signalbox::github
{

// Plans of one call each, made from what GitHub says now.
QFuture<Result<Plan>> planRun(GitHubClient &client, const RunOrder &order, const StopToken &stop);
QFuture<Result<Plan>> planGate(GitHubClient &client, const GateOrder &order, const StopToken &stop);

} // namespace signalbox::github
