#pragma once

#include "services/adapters/gitlab/gitlabapi.h"
#include "services/adapters/gitlab/gitlabdecisions.h"
#include "services/adapters/gitlab/gitlabplans.h"
#include "services/ports/pipelinesource.h"

#include <QHash>

namespace signalbox
{

// Each project of GitLab has one pipeline; its runs are what GitLab calls pipelines. Source of the addresses:
// doc/api/{pipelines,jobs,pipeline_schedules,deployments}.md. GUI thread.
class GitLabSource : public PipelineSource
{
    Q_OBJECT
public:
    explicit GitLabSource(GitLabApi &api);
    ~GitLabSource() override;

    QString connection() const override { return m_api.config().id; }
    QString title() const override { return m_api.title(); }
    QString vendor() const override { return QStringLiteral("GitLab CI"); }

    [[nodiscard]] QFuture<Result<QList<Pipeline>>> pipelines(StopToken stop) override;
    [[nodiscard]] QFuture<Result<RunPage>> runs(RunQuery query, StopToken stop) override;
    [[nodiscard]] QFuture<Result<RunDetail>> run(RunRef run, StopToken stop) override;
    [[nodiscard]] QFuture<Result<TestReport>> tests(RunRef run, StopToken stop) override;
    [[nodiscard]] QFuture<Result<LogEnd>> log(LogQuery query, LogTaker taker, StopToken stop) override;
    [[nodiscard]] QFuture<Result<Plan>> plan(RunOrder order, StopToken stop) override;
    std::optional<RequestBudget> budget() const override { return m_api.budget(); }

private:
    struct Listed
    {
        QList<gitlab::PipelineAnswer> runs;
        QString next;
    };
    QFuture<Result<Pipeline>> pipelineOf(const QString &project, const StopToken &stop);
    QFuture<Result<Pipeline>> withSchedules(const gitlab::Project &project, const StopToken &stop);
    QFuture<Result<TestReport>> coverageAlone(const QFuture<Result<gitlab::PipelineAnswer>> &pipeline,
                                              const Error &noTests);
    QFuture<Result<RunPage>> completed(const RunQuery &query, const Listed &listed, const StopToken &stop);
    QFuture<Result<bool>> needSchedules(const RunQuery &query, const Listed &listed, const StopToken &stop);
    void keep(const gitlab::PipelineAnswer &whole);
    Run withCron(Run run, const QString &ref) const;
    RunDetail detailOf(const gitlab::PipelineAnswer &pipeline, const QList<gitlab::JobAnswer> &graph,
                       const Result<QList<gitlab::Deployment>> &deployments) const;
    RunRef downstreamOf(const gitlab::PipelineAnswer &pipeline, const gitlab::JobAnswer &bridge) const;

    GitLabApi &m_api;
    GitLabPlans m_plans;
    GitLabDecisions m_decisions;
    // What a list leaves out, by RunRef::key(), as long as the pipeline is the same.
    QHash<QString, gitlab::PipelineAnswer> m_whole;
    QHash<QString, QList<gitlab::Schedule>> m_schedules; // by project
};

} // namespace signalbox
