#pragma once

#include "models/domain/result.h"
#include "models/pipelines/run.h"

#include <QByteArray>

#include <optional>

// The core's answers (".../api/json?tree=...") as values. Source: the exported beans of jenkinsci/jenkins
// (hudson.model.Job, Run, Queue.Item, ParameterDefinition, Cause) and of the git and junit plugins. Any thread.
namespace signalbox::jenkins
{

// ---- jobs

// Three levels of folders at a question; the fourth only tells whether there is one.
QByteArray jobsTree(int most);
QByteArray jobTree(); // of one job

struct FoundJob
{
    Pipeline pipeline; // without connection and vendor
    bool isBranch = false;
};
struct FoundJobs
{
    QList<FoundJob> jobs;
    QStringList folders; // that were not looked into
    bool isCut = false;  // a folder has more than was asked for
};
// Answer to jobsTree() asked of `project`: a folder's jobs, or the job itself.
Result<FoundJobs> parseJobs(const QByteArray &body, const QString &project, int most);

struct JobState
{
    bool isBuildable = true;
    bool hasParameters = false; // it is a parameterised one, even when there are none now
    QList<RunParameter> parameters;
    qint64 nextNumber = 0;
    QString type; // _class
};
Result<JobState> parseJob(const QByteArray &body);

// ---- runs

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
    bool isPipeline() const { return type.endsWith(QLatin1String("WorkflowRun")); }
};
struct SeenRuns
{
    QList<SeenRun> runs;
    std::optional<Run> queued;
    int told = 0; // builds in the answer
};
// `pipeline` is what they belong to, `page` Jenkins' own address for browsers.
Result<SeenRuns> parseRuns(const QByteArray &body, const PipelineRef &pipeline, const QUrl &page);
Result<SeenRun> parseRun(const QByteArray &body, const PipelineRef &pipeline, const QUrl &page);
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

// ---- tests, people

QByteArray testTree();
Result<TestReport> parseTests(const QByteArray &body);

struct Myself
{
    QString name;
    QStringList authorities;
    bool isAnonymous = false;
};
Result<Myself> parseWhoAmI(const QByteArray &body);

// Builds under way: of executors of all machines.
QByteArray computerTree();
struct UnderWay
{
    QString project;
    QString number;
    bool operator==(const UnderWay &) const = default;
};
Result<QList<UnderWay>> parseUnderWay(const QByteArray &body);

} // namespace signalbox::jenkins
