#pragma once

#include "models/pipelines/deployment.h"
#include "services/ports/deploymentsource.h"

namespace signalbox
{

// What a way back by running a job again says with every vendor. How it is sent and proven is the vendor's own.

// Which plan it is, from what and to what: without connection, effect, steps and checks. Its only place is the
// environment: whoever takes more along adds to `places`, or clears them where that is not known.
Plan redeployHead(const RedeployOrder &order, const EnvironmentDeployments &known, const EnvironmentDeployment &target);
// What is live now, and what will be.
QList<DiffLine> redeployDiff(const EnvironmentDeployments &known, const EnvironmentDeployment &target);
// How long the job took when it last ran, and until when it is waited for; null or never run: a guess.
void setRedeployTimes(PlanStep &step, const Job *job);
// Whether it is another commit, whether the target itself succeeded, whether one is under way.
QList<Check> redeployChecks(const EnvironmentDeployments &known, const EnvironmentDeployment &target);
// The newest of the environment, whatever became of it; null: none is known.
const EnvironmentDeployment *newestOf(const EnvironmentDeployments &known);

// "Start a new run of v1.4.2.": where nothing can be run again.
QString startNewRun(const EnvironmentDeployment &target);
// A plan without a step would say less than this.
Error nothingToRunAgain(const EnvironmentDeployment &target, const QString &why);

} // namespace signalbox
