#pragma once

#include "services/adapters/jenkins/jenkinsclient.h"
#include "services/adapters/jenkins/jenkinsstages.h"
#include "services/ports/pipelinesource.h"

#include <QSet>

namespace signalbox::jenkins
{

// The jobs of one Jenkins, each a pipeline: those of folders, and each branch of a multibranch project.
class JenkinsSource : public PipelineSource
{
public:
    JenkinsSource(PipelineServerConfig config, JenkinsClient &client);
    ~JenkinsSource() override;

    QString connection() const override;
    QString title() const override;
    QString vendor() const override;
    bool canBeginAgain() const override { return false; } // a rebuild has a number of its own

    [[nodiscard]] QFuture<Result<QList<Pipeline>>> pipelines(StopToken stop) override;
    [[nodiscard]] QFuture<Result<RunPage>> runs(RunQuery query, StopToken stop) override;
    [[nodiscard]] QFuture<Result<RunDetail>> run(RunRef run, StopToken stop) override;
    [[nodiscard]] QFuture<Result<TestReport>> tests(RunRef run, StopToken stop) override;
    [[nodiscard]] QFuture<Result<LogEnd>> log(LogQuery query, LogTaker taker, StopToken stop) override;
    [[nodiscard]] QFuture<Result<Plan>> plan(RunOrder order, StopToken stop) override;

private:
    struct Walk;
    QList<Pipeline> withSchedules(QList<Pipeline> jobs);
    QStringList named() const; // projects, as the workspace has them
    void walk(const std::shared_ptr<Walk> &state);
    void foundIn(const std::shared_ptr<Walk> &state, const QString &folder, const Result<FoundJobs> &found);
    QFuture<Result<QList<Run>>> withWaiting(QList<Run> runs, const StopToken &stop);
    QFuture<Result<bool>> isAtInput(const RunRef &run, const StopToken &stop);
    QFuture<Result<RunDetail>> detailOf(const SeenRun &seen, const StopToken &stop);
    RunDetail told(const SeenRun &seen, const RunGraph &graph, const Permissions &may, bool isAtInput) const;
    QFuture<Result<Plan>> planStart(const RunOrder &order, const StopToken &stop);
    QFuture<Result<Plan>> planCancel(const RunOrder &order, const StopToken &stop);

    const PipelineServerConfig m_config;
    JenkinsClient &m_client;
    JenkinsStages m_stages;
    StopSource m_background; // of what is read behind an answer
    QSet<QString> m_asked;   // jobs whose schedule is being read
    bool m_isCut = false;    // there are more jobs than are shown
};

} // namespace signalbox::jenkins
