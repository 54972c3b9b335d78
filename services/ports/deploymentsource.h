#pragma once

#include "models/domain/operation.h"
#include "models/domain/result.h"
#include "models/pipelines/deployment.h"
#include "services/async/stoptoken.h"

#include <QFuture>
#include <QObject>

namespace signalbox
{

// Back to what an environment had before, by running the job again that deployed it.
struct RedeployOrder
{
    PipelineRef pipeline; // connection and project
    QString environment;
    QString to;          // a deployment's id, a prefix of its commit (5 digits or more), or its ref
    QString application; // of the operation; the caller says what the project belongs to
    bool isProtected = true;
    QString reason;
};

// The environments of one connection's projects, as the vendor keeps them; for vendors that know environments. Nothing
// here writes: plans are carried out by the connection's StepRunner, and are done when the vendor itself says that the
// commit is the environment's newest successful deployment. Rules of calls and errors as PipelineSource has them.
class DeploymentSource : public QObject
{
    Q_OBJECT
public:
    using QObject::QObject;
    ~DeploymentSource() override;

    [[nodiscard]] virtual QFuture<Result<QStringList>> environments(QString project, StopToken stop) = 0;
    // As many of the newest as one question gives.
    [[nodiscard]] virtual QFuture<Result<EnvironmentDeployments>> deployments(QString project, QString environment,
                                                                              StopToken stop) = 0;
    [[nodiscard]] virtual QFuture<Result<Plan>> plan(RedeployOrder order, StopToken stop) = 0;
};

} // namespace signalbox
