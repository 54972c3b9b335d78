#pragma once

#include "models/domain/result.h"
#include "models/pipelines/run.h"

#include <QByteArray>

#include <optional>

// Builds and the queue in the core's answers. Source: the exported beans of jenkinsci/jenkins (hudson.model.Run,
// Queue.Item, Cause), of scm-api (SCMRevisionAction) and of the git plugin (util.BuildData). Any thread.
namespace signalbox::jenkins
{

QByteArray runFields(); // of a build, for tree=
QByteArray runsTree(int from, int count);

struct GivenDecision // of an input step, as the run tells it
{
    QString who;
    bool approves = true;
    bool operator==(const GivenDecision &) const = default;
};
struct SeenRun
{
    Run run;
    QString type;   // _class
    QString result; // SUCCESS ...; empty: none yet
    qint64 queueItem = -1;
    QString startedBy; // the user's id, if a person or token did
    QList<std::pair<QString, QString>> parameters;
    QStringList hiddenParameters; // whose values Jenkins does not tell
    QList<GivenDecision> decisions;
    QString runner;
    QList<RunArtifact> artifacts;
    QString whyNoCommit; // for people: it has one, yet which it is Jenkins does not tell
    bool isPipeline() const { return type.endsWith(QLatin1String("WorkflowRun")); }
};
struct SeenRuns
{
    QList<SeenRun> runs;
    std::optional<Run> queued;
    int told = 0;        // builds in the answer
    QStringList remotes; // of the job's own repository, where it tells (plainRemote)
};
// `pipeline` is what they belong to, `page` Jenkins' own address for browsers, `remotes` as SeenRuns has them.
Result<SeenRuns> parseRuns(const QByteArray &body, const PipelineRef &pipeline, const QUrl &page);
Result<SeenRun> parseRun(const QByteArray &body, const PipelineRef &pipeline, const QUrl &page,
                         const QStringList &remotes = {});
RunState stateOfResult(const QString &result, bool isBuilding);

// ---- queue

QByteArray queueTree();
struct QueueItem
{
    Run run;        // while it waits
    QString number; // of the build it became; empty: none yet
    bool isCancelled = false;
    QString startedBy;
};
Result<QueueItem> parseQueueItem(const QByteArray &body, const PipelineRef &pipeline);
// Of all items those of the job.
Result<QList<QueueItem>> parseQueue(const QByteArray &body, const PipelineRef &pipeline);

} // namespace signalbox::jenkins
