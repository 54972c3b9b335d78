#pragma once

#include "app/commands/command.h"
#include "app/commands/operationcommand.h"
#include "app/commands/runfinder.h"
#include "services/ports/deploymentsource.h"

namespace signalbox::commands
{

// `signalbox run deployments APP [ENV]`
class DeploymentsCommand : public Command
{
    Q_OBJECT
public:
    using Command::Command;

protected:
    bool needsClusters() const override { return false; }
    void listed() override;

private:
    using Told = Result<QList<EnvironmentDeployments>>;
    void list(const FoundPipeline &of);
    QFuture<Told> readEach(DeploymentSource &source, const QString &project, const QStringList &names,
                           const QList<EnvironmentDeployments> &known);
    QFuture<Told> readOne(DeploymentSource &source, const QString &project, const QString &wanted);

    QStringList m_leftOut; // environments that were not read
};

// `signalbox run redeploy APP ENV --to ID|COMMIT`
class RedeployCommand : public OperationCommand
{
    Q_OBJECT
public:
    using OperationCommand::OperationCommand;

protected:
    bool needsClusters() const override { return false; }
    void listed() override;
    Result<QFuture<Result<Plan>>> askPlan() override;

private:
    // What the ledger says of who is protected; Late (it may come yet), Unknown: the name tells.
    enum class Policy { Reading, Read, None, Late, Unknown };
    void readPolicy();
    void notePolicy(Policy policy);
    void planFound();
    void sayNameTells();

    Policy m_policy = Policy::Reading;
    bool m_isFetched = false;
    bool m_isFound = false;   // m_order has its project
    bool m_isPlanned = false; // by what was known of the ledger then
    RedeployOrder m_order;
};

} // namespace signalbox::commands
