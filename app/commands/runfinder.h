#pragma once

#include "app/commands/patience.h"
#include "models/pipelines/run.h"
#include "services/pipelines/pipelineset.h"
#include "services/workspace/workspace.h"

#include <QFuture>
#include <QObject>

#include <optional>

// Finding what APP, RUN, --pipeline and --connection mean; every failure names what there is.
namespace signalbox::commands
{

struct FoundPipeline
{
    Pipeline pipeline;
    QString application; // what it builds; empty: nothing says so
};

// What the servers answered; those that did not are in `problems`.
struct FoundPipelines
{
    QList<FoundPipeline> pipelines;
    QList<std::pair<QString, Error>> problems; // connection, why
};

struct PipelineWish
{
    QString application; // or a project, or its last part; empty: all
    QString pipeline;    // title, id, or the project's last part; empty: all
    QString connection;  // empty: all
};

// Asks every server once, and waits for each no longer than that. Never an error by itself.
QFuture<Result<FoundPipelines>> findPipelines(QObject *context, PipelineSet &servers,
                                              const std::optional<Workspace> &workspace, const Patience &patience,
                                              const StopToken &stop);
// Pure. NotFound when a name that is given is nowhere; it names those there are.
Result<QList<FoundPipeline>> matching(const QList<FoundPipeline> &all, const PipelineWish &wish);
// Exactly one; Invalid when there are several: it names them.
Result<FoundPipeline> onlyOne(const QList<FoundPipeline> &all, const PipelineWish &wish);

// The run that people mean by RUN: its number, else its id; empty or "latest": the newest. Looks through the newest
// hundred, asks for it by its id, and goes on as long as its number may come, through six hundred at most.
QFuture<Result<Run>> findRun(QObject *context, PipelineSource &source, const PipelineRef &pipeline, const QString &text,
                             const StopToken &stop);

// Of several pipelines the one that has the run that people mean by RUN: where exactly one has it, and each of them
// could be asked and looked through, there is no doubt. NotFound: none has it. Else `which`, which names the pipelines;
// so too for the newest run, which all have, and where they are too many to be asked.
struct FoundRun
{
    FoundPipeline of;
    Run run;
};
QFuture<Result<FoundRun>> findRunAmong(QObject *context, PipelineSet &servers, const QList<FoundPipeline> &pipelines,
                                       const QString &text, const Error &which, const Patience &patience,
                                       const StopToken &stop);

// Whether a new run's ref is known to be a branch other than the default one: the pipeline's newest runs of that name
// are of a branch, and none is of a tag. False too where nothing tells, since a name alone may be a tag's.
QFuture<Result<bool>> isOtherBranch(QObject *context, PipelineSource &source, const Pipeline &pipeline,
                                    const QString &ref, const StopToken &stop);

// The job that people mean by --job: its id, else its name. NotFound: it names those there are; Invalid: several have
// that name, it gives their ids.
Result<Job> jobNamed(const RunDetail &detail, const QString &text);

} // namespace signalbox::commands
