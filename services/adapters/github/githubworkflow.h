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
    QString environment;                // empty: none, or an expression
    QString uses;                       // a reusable workflow; see calledFrom()
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

// A file of a repository at a commit.
struct WorkflowPlace
{
    QString project; // "O/R"
    QString path;
    QString commit; // empty: nobody says which
    QString key() const { return project + u'/' + path + u'@' + commit; }
    bool isKnown() const { return !commit.isEmpty(); }
};

// How deep calls go: GitHub connects ten files at most, the first among them (GitHub Docs, "Reuse workflows"; servers
// of one's own: four).
constexpr int mostCalls = 9;

// What a run refers to.
struct CalledFiles
{
    QHash<QString, QString> commits;    // by "O/R/PATH@ref", as the run says
    QHash<QString, WorkflowFile> files; // by WorkflowPlace::key()
};

// Where `uses` of the file at `from` leads: "./PATH" and "$/PATH" to the same repository at the same commit, whoever
// called that file (GitHub Docs, "Reuse workflows"), "O/R/PATH@ref" to the commit that the run says.
WorkflowPlace calledFrom(const WorkflowPlace &from, const QString &uses, const QHash<QString, QString> &commits);

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
// matrix, "caller / inner" of a reusable workflow. `at`: where the file is.
JobGraph graphOf(const WorkflowFile &file, const CalledFiles &called, const WorkflowPlace &at, const QList<Job> &jobs,
                 bool isRunEnded);

// Where no file tells: each after those that ended last before it began.
QHash<QString, QStringList> needsByStart(const QList<Job> &jobs);

} // namespace signalbox::github
