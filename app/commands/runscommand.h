#pragma once

#include "app/commands/command.h"
#include "app/commands/operationcommand.h"
#include "app/commands/runtext.h"

namespace signalbox::commands
{

// `signalbox runs [APP]`
class RunsCommand : public Command
{
    Q_OBJECT
public:
    using Command::Command;

protected:
    bool needsClusters() const override { return false; }
    void listed() override;

private:
    void take(const FoundPipelines &found);
    void show(const QList<FoundPipeline> &pipelines, const QList<Result<RunPage>> &pages);

    QList<std::pair<QString, Error>> m_problems;
    int m_limit = 20;
};

// `signalbox run show|log APP [RUN]`
class RunCommand : public Command
{
    Q_OBJECT
public:
    using Command::Command;

protected:
    bool needsClusters() const override { return false; }
    void listed() override;

private:
    void show(const FoundPipeline &of, const Run &run);
    // The answer, or an empty page where it is late.
    QFuture<Result<RunPage>> soon(const QFuture<Result<RunPage>> &asked);
    // Of the attempt that --attempt names, else of the newest.
    QFuture<Result<RunDetail>> detailOf(PipelineSource &source, const Run &run);
    QFuture<Result<TestReport>> testsOf(PipelineSource &source, const RunDetail &detail);
    void tellReleases(RunReport report); // which it made: the last that is asked for
    void tell(const RunReport &report);
    void log(const FoundPipeline &of, const Run &run);
    void printLog(const RunDetail &detail, const Job &job);
};

// `signalbox run rerun|cancel|trigger APP [RUN]`
class RunOperationCommand : public OperationCommand
{
    Q_OBJECT
public:
    using OperationCommand::OperationCommand;

protected:
    bool needsClusters() const override { return false; }
    void listed() override;
    Result<QFuture<Result<Plan>>> askPlan() override;

private:
    void findJob(); // that --job names, then plans

    RunOrder m_order;
};

// --set NAME=VALUE of runs and gates. Invalid: not of that form, or a name given twice.
Result<QMap<QString, QString>> parametersOf(const cli::Arguments &arguments);

// What can be told to be wrong before anything is asked: WHAT, --limit, --set.
Result<void> checkRunArguments(const cli::Arguments &arguments);

} // namespace signalbox::commands
