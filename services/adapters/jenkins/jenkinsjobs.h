#pragma once

#include "models/domain/result.h"
#include "models/pipelines/run.h"

#include <QByteArray>

// The jobs of the core's answers (".../api/json?tree=..."). Source: the exported beans of jenkinsci/jenkins
// (hudson.model.Job, ParameterDefinition). Any thread.
namespace signalbox::jenkins
{

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

// Titles as short as they tell the jobs apart: "cart / main" of "team / cart / main", a branch with its project's name.
// The whole path stays in Pipeline::ref. `named` are projects that were asked for alone: they may be branches too.
void shortenTitles(QList<Pipeline> &pipelines, const QStringList &named);

struct JobState
{
    bool isBuildable = true;
    bool hasParameters = false; // it is a parameterised one, even when there are none now
    QList<RunParameter> parameters;
    qint64 nextNumber = 0;
    QString type; // _class
};
Result<JobState> parseJob(const QByteArray &body);

} // namespace signalbox::jenkins
