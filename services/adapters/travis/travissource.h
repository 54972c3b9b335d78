#pragma once

#include "services/adapters/travis/travisreads.h"
#include "services/ports/pipelinesource.h"

#include <chrono>

namespace signalbox
{

// Travis CI's repositories as pipelines: one each. GUI thread.
class TravisSource : public PipelineSource
{
    Q_OBJECT
public:
    TravisSource(travis::Reads reads, QString title, QStringList projects, QObject *parent = nullptr);
    ~TravisSource() override;

    QString connection() const override { return m_reads.client().connection(); }
    QString title() const override { return m_title; }
    QString vendor() const override { return QStringLiteral("Travis CI"); }

    QFuture<Result<QList<Pipeline>>> pipelines(StopToken stop) override;
    QFuture<Result<RunPage>> runs(RunQuery query, StopToken stop) override;
    QFuture<Result<RunDetail>> run(RunRef run, StopToken stop) override;
    QFuture<Result<TestReport>> tests(RunRef run, StopToken stop) override;
    QFuture<Result<LogEnd>> log(LogQuery query, LogTaker taker, StopToken stop) override;
    QFuture<Result<Plan>> plan(RunOrder order, StopToken stop) override;

    void setLogPause(std::chrono::milliseconds pause) { m_logPause = pause; } // between two looks at one that grows

private:
    struct Seen
    {
        travis::BuildAnswer build;
        QList<travis::JobAnswer> jobs;
        RunDetail detail;
    };
    QFuture<Result<Seen>> look(const RunRef &run, const StopToken &stop);
    QFuture<Result<QStringList>> followed(const StopToken &stop); // slugs
    QFuture<Result<QStringList>> moreRepositories(int offset, const QStringList &known, const StopToken &stop);
    QFuture<Result<Pipeline>> pipeline(const QString &slug, const StopToken &stop);

    // With the interval of its cron, where the repository's crons are known.
    Run withCron(Run run) const;
    // The crons that one of the runs needs; asked for once, pipelines() reads them anew.
    QFuture<Result<bool>> needCrons(const QList<Run> &runs, const StopToken &stop);

    const travis::Reads m_reads;
    const QString m_title;
    const QStringList m_projects;
    QHash<QString, QStringList> m_crons; // by repository
    std::chrono::milliseconds m_logPause{3000};
};

} // namespace signalbox
