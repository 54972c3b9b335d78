#include "services/pipelines/redeployplan.h"

#include "models/domain/ulid.h"
#include "services/pipelines/pipelinestext.h"
#include "services/pipelines/redeploytarget.h"

#include <algorithm>

namespace signalbox
{

namespace
{

constexpr std::chrono::minutes leastRedeploy{15}; // a machine has to be found first
constexpr int timesTheLast = 3;

} // namespace

const EnvironmentDeployment *newestOf(const EnvironmentDeployments &known)
{
    return known.all.isEmpty() ? nullptr : &known.all.first();
}

Plan redeployHead(const RedeployOrder &order, const EnvironmentDeployments &known, const EnvironmentDeployment &target)
{
    const EnvironmentDeployment *const live = known.live();
    Plan plan;
    plan.id = newUlid();
    plan.kind = OperationKind::RerunRun;
    plan.direction = Direction::Back;
    plan.application = order.application.isEmpty() ? order.pipeline.project : order.application;
    plan.environment = order.environment;
    plan.ns = order.pipeline.project;
    plan.places = {order.environment};
    plan.isProtected = order.isProtected;
    plan.reason = order.reason;
    plan.plannedAt = QDateTime::currentDateTimeUtc();
    plan.from = live ? deployedText(*live) : PipelinesText::tr("no successful deployment is known");
    plan.to = deployedText(target);
    plan.fromHash = live ? live->commit : QString();
    plan.toHash = target.commit;
    return plan;
}

QList<DiffLine> redeployDiff(const EnvironmentDeployments &known, const EnvironmentDeployment &target)
{
    QList<DiffLine> lines;
    if (const EnvironmentDeployment *const live = known.live())
        lines.append({DiffLine::Kind::Removed,
                      PipelinesText::tr("%1: deployment %2 by %3").arg(deployedText(*live), live->id, live->who)});
    lines.append({DiffLine::Kind::Added,
                  PipelinesText::tr("%1: as deployment %2 by %3").arg(deployedText(target), target.id, target.who)});
    return lines;
}

void setRedeployTimes(PlanStep &step, const Job *job)
{
    if (job && job->startedAt.isValid() && job->finishedAt.isValid())
        step.expected = std::chrono::milliseconds(std::max<qint64>(0, job->startedAt.msecsTo(job->finishedAt)));
    step.deadline = std::max<std::chrono::milliseconds>(leastRedeploy, step.expected * timesTheLast);
}

QList<Check> redeployChecks(const EnvironmentDeployments &known, const EnvironmentDeployment &target)
{
    const EnvironmentDeployment *const live = known.live();
    const EnvironmentDeployment *const newest = newestOf(known);
    const bool isSame = live && live->commit == target.commit;
    QList<Check> checks;
    checks.append({CheckId::SameState,
                   isSame ? CheckState::Warn : CheckState::Pass,
                   isSame ? PipelinesText::tr("%1 has this commit already").arg(known.environment)
                          : PipelinesText::tr("Another commit is live"),
                   {},
                   {}});
    if (target.state != RunState::Passed)
        checks.append(
            {CheckId::TargetImage,
             CheckState::Warn,
             PipelinesText::tr("Deployment %1 did not succeed: %2").arg(target.id, runStateLabel(target.state)),
             {},
             PipelinesText::tr("Choose one that did.")});
    if (newest && !isEnded(newest->state) && newest->state != RunState::Unknown)
        checks.append({CheckId::RolloutUnderWay,
                       CheckState::Warn,
                       PipelinesText::tr("Deployment %1 to %2 goes on: %3")
                           .arg(newest->id, known.environment, runStateLabel(newest->state)),
                       {},
                       PipelinesText::tr("Cancel its run, or it may come after this one.")});
    return checks;
}

QString startNewRun(const EnvironmentDeployment &target)
{
    return PipelinesText::tr("Start a new run of %1.").arg(target.ref.isEmpty() ? target.commit : target.ref);
}

Error nothingToRunAgain(const EnvironmentDeployment &target, const QString &why)
{
    return {ErrorKind::Refused, why + u' ' + startNewRun(target), {}};
}

} // namespace signalbox
