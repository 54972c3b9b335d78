#pragma once

#include "services/adapters/github/githubclient.h"
#include "services/ports/pipelinesource.h"

#include <chrono>

namespace signalbox::github
{

// Workflows and runs of the repositories that the workspace names.
class GitHubSource : public PipelineSource
{
    Q_OBJECT
public:
    // `client` outlives it.
    GitHubSource(GitHubClient &client, QStringList projects, QObject *parent = nullptr);
    ~GitHubSource() override;

    QString connection() const override { return m_client.connection(); }
    QString title() const override { return m_client.title(); }
    QString vendor() const override { return QStringLiteral("GitHub Actions"); }

    QFuture<Result<QList<Pipeline>>> pipelines(StopToken stop) override;
    QFuture<Result<RunPage>> runs(RunQuery query, StopToken stop) override;
    QFuture<Result<RunDetail>> run(RunRef run, StopToken stop) override;
    QFuture<Result<RunDetail>> attempt(RunRef run, int attempt, StopToken stop) override;
    QFuture<Result<TestReport>> tests(RunRef run, StopToken stop) override;
    QFuture<Result<LogEnd>> log(LogQuery query, LogTaker taker, StopToken stop) override;
    QFuture<Result<Plan>> plan(RunOrder order, StopToken stop) override;
    std::optional<RequestBudget> budget() const override { return m_client.budget().now(); }

    // How often a job is looked at whose log is waited for.
    void setLogPatience(std::chrono::milliseconds every) { m_logPatience = every; }

private:
    QFuture<Result<QList<Pipeline>>> pipelinesOf(const QString &project, const StopToken &stop);
    QFuture<Result<Pipeline>> pipelineOf(const QString &project, const Repository &repository, const Workflow &workflow,
                                         const StopToken &stop);
    Run known(const RunSaid &said) const;
    QFuture<Result<LogEnd>> wholeLog(const LogQuery &query, const LogTaker &taker, const StopToken &stop);

    GitHubClient &m_client;
    const QStringList m_projects;
    std::chrono::milliseconds m_logPatience{5000};
};

// A run and all that belongs to it; `attempt` 0: the newest. NotFound: it has no such attempt.
QFuture<Result<RunDetail>> readDetail(GitHubClient &client, const RunRef &ref, int attempt, const StopToken &stop);

} // namespace signalbox::github
