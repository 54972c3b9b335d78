#pragma once

#include "services/adapters/jenkins/jenkinsclient.h"
#include "services/adapters/jenkins/jenkinsruns.h"
#include "services/async/stoptoken.h"

#include <QHash>
#include <QObject>

namespace signalbox::jenkins
{

inline const QString coreJob = QStringLiteral("build"); // the id of a run as its only job

// The inside of a run, and who told it.
struct RunGraph
{
    QList<Job> jobs;
    QString graphNote;
    QString note;
    QByteArray blue; // where Blue Ocean has the run; empty: the stage view told the jobs
};

// Reads the stages of runs and their steps: from Blue Ocean, else from the stage view, else the run as a whole.
class JenkinsStages : public QObject
{
public:
    explicit JenkinsStages(JenkinsClient &client); // which outlives it

    QFuture<Result<RunGraph>> graph(const SeenRun &seen, const StopToken &stop);
    QFuture<Result<RunGraph>> withSteps(const RunRef &run, const RunGraph &graph, const StopToken &stop);

private:
    QFuture<Result<RunGraph>> stageGraph(const SeenRun &seen, const StopToken &stop);
    QFuture<Result<QList<JobStep>>> steps(const RunRef &run, const QString &job, const QByteArray &blue,
                                          const StopToken &stop);

    JenkinsClient &m_client;
    QHash<QString, QList<JobStep>> m_steps; // of jobs that ended, by run and job
};

} // namespace signalbox::jenkins
