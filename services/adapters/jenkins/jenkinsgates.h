#pragma once

#include "services/adapters/jenkins/jenkinsclient.h"
#include "services/ports/gatekeeper.h"

namespace signalbox::jenkins
{

// Input steps of pipelines: those of runs under way, which the executors name. GUI thread.
class JenkinsGates : public GateKeeper
{
public:
    JenkinsGates(PipelineServerConfig config, JenkinsClient &client);

    QString connection() const override;
    [[nodiscard]] QFuture<Result<QList<WaitingGate>>> waiting(StopToken stop) override;
    [[nodiscard]] QFuture<Result<Plan>> plan(GateOrder order, StopToken stop) override;
    QString unread() const override { return m_unread; }

private:
    QFuture<Result<QList<WaitingGate>>> gatesOf(const UnderWay &build, const StopToken &stop);
    QFuture<Result<QList<WaitingGate>>> whyNoStages(const UnderWay &build, const StopToken &stop);
    QFuture<Result<QList<WaitingGate>>> withoutStageView(const UnderWay &build, const StopToken &stop);
    QFuture<Result<QList<WaitingGate>>> look(const UnderWay &build, const Stages &stages,
                                             const QList<PendingInput> &inputs, const StopToken &stop);
    QFuture<Result<QList<PendingInput>>> inBlue(const UnderWay &build, const QList<PendingInput> &inputs,
                                                const StopToken &stop);
    Result<QList<WaitingGate>> together(const QStringList &names, const QList<Result<QList<WaitingGate>>> &answers,
                                        bool isCut);
    // Since when the stage's input step waits, as the stage view's plugin tells; invalid: it does not.
    QFuture<Result<QDateTime>> waitingSince(const UnderWay &build, const Stages &stages, const StopToken &stop);
    bool isFollowed(const QString &project) const;

    const PipelineServerConfig m_config;
    JenkinsClient &m_client;
    QString m_unread;
};

// A gate's id: "team/cart/main#412#Deploy".
QString gateId(const UnderWay &build, const QString &input);
QString inputOf(const QString &gateId);

} // namespace signalbox::jenkins
