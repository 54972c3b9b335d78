#pragma once

#include "models/domain/result.h"
#include "models/pipelines/run.h"

#include <QByteArray>
#include <QHash>

// A workflow's file, as far as a console needs it. Pure. Source: GitHub Docs, "Workflow syntax for GitHub Actions"
// (on.workflow_dispatch.inputs, on.schedule, jobs.<id>.needs, .strategy.matrix, .uses, .name).
namespace signalbox::github
{

struct WorkflowJob
{
    QString key;
    QString name; // as written, expressions included; empty: the key
    QStringList needs;
    bool hasMatrix = false;
    bool mayFail = false;
    QString environment; // empty: none, or an expression
    QString uses;        // a reusable workflow: "./.github/workflows/x.yml", "O/R/.github/workflows/x.yml@ref"
    bool hasUnnamedEnvironment = false; // an expression: known only while it runs
};

struct WorkflowFile
{
    QString name;
    QList<WorkflowJob> jobs;
    bool isDispatchable = false;
    QList<RunParameter> inputs;
    QStringList schedules;
};
Result<WorkflowFile> parseWorkflow(const QByteArray &bytes, const QString &path);

// "./.github/workflows/x.yml", called from a file of O/R, as GitHub lists what a run refers to: "O/R/PATH".
QString calledPath(const QString &uses, const QString &project);

struct JobGraph
{
    QHash<QString, QStringList> needs; // by a job's id
    QSet<QString> mayFail;
    QHash<QString, QString> environments;
    QList<Job> notBegun;               // in the file, not yet on the server's list; with their needs
    int unmatched = 0;                 // jobs that the file does not tell
    QSet<QString> unnamedEnvironments; // ids of those that deploy to what an expression says
    QSet<QString> ofCalls;             // ids of those of a reusable workflow whose file was not given
};
// Jobs are matched to the file by their names, which GitHub makes of the file's: "build", "build (ubuntu, 3.11)" of a
// matrix, "caller / inner" of a reusable workflow. `called`: by calledPath().
JobGraph graphOf(const WorkflowFile &file, const QHash<QString, WorkflowFile> &called, const QString &project,
                 const QList<Job> &jobs, bool isRunEnded);

// Where no file tells: each after those that ended last before it began.
QHash<QString, QStringList> needsByStart(const QList<Job> &jobs);

} // namespace signalbox::github
