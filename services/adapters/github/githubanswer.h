#pragma once

#include "models/domain/result.h"
#include "models/pipelines/gate.h"
#include "models/pipelines/run.h"

#include <QByteArray>

// What GitHub's answers say. Pure. Source: github/rest-api-description (api.github.com, version 2022-11-28): the
// operations under /repos/{owner}/{repo}/actions, check-runs and check-suites.
namespace signalbox::github
{

// GitHub tells state in two words: `status`, and `conclusion` once it is completed.
struct Standing
{
    RunState state = RunState::Unknown;
    QString reason;
};
Standing standingOf(const QString &status, const QString &conclusion);

TriggerKind triggerKindOf(const QString &event);

struct Repository
{
    QString fullName;
    QString defaultBranch;
    bool isArchived = false;
    std::optional<bool> mayWrite; // none: not told
    QUrl page;
};
Result<Repository> parseRepository(const QByteArray &body);

struct Workflow
{
    QString id;
    QString name;
    QString path; // ".github/workflows/release.yml"
    bool isEnabled = true;
    QUrl page;
};
Result<QList<Workflow>> parseWorkflows(const QByteArray &body);
// How a workflow is named in PipelineRef and in addresses: its file, or its id where it has none of its own
// ("dynamic/pages/pages-build-deployment").
QString pipelineOf(const QString &path, const QString &id);

struct RunSaid
{
    Run run;
    QString workflowName;
    QString path; // of its file, without "@ref"
    QString event;
    QString who; // who started this attempt
    QString checkSuite;
    bool isCompleted = false;
    QString conclusion;
    QDateTime updatedAt;
    QHash<QString, QString> called; // reusable workflows "O/R/PATH@ref" and their commits
};
Result<RunSaid> parseRun(const QByteArray &body, const PipelineRef &project);
Result<QList<RunSaid>> parseRuns(const QByteArray &body, const PipelineRef &project);

struct JobSaid
{
    Job job;
    QString checkRun;
    bool isCompleted = false;
};
Result<JobSaid> parseJob(const QByteArray &body);
Result<QList<JobSaid>> parseJobs(const QByteArray &body);

struct CheckRunSaid
{
    QString id;
    int annotations = 0;
    QString environment; // it deploys to
};
Result<QList<CheckRunSaid>> parseCheckRuns(const QByteArray &body);
Result<QList<RunAnnotation>> parseAnnotations(const QByteArray &body);
Result<QList<RunArtifact>> parseArtifacts(const QByteArray &body);

struct Pending
{
    QString environmentId;
    QString environment;
    QUrl page;
    QList<GateDecider> reviewers;
    std::optional<bool> mayApprove;
    int waitMinutes = 0;
    QDateTime waitingSince; // of the timer
};
Result<QList<Pending>> parsePending(const QByteArray &body);

struct Review
{
    QStringList environmentIds;
    QStringList environments; // names, one for each id
    QString state;            // "approved", "rejected", "pending"
    QString who;
    QString comment;
};
Result<QList<Review>> parseReviews(const QByteArray &body);
// What was decided: a comment alone ("pending") is none, and one review may decide several environments. GitHub tells
// neither when nor in which attempt.
QList<RunDecision> decisionsOf(const QList<Review> &reviews);

// Of "application/vnd.github.sha": 40 hexadecimal digits and nothing else.
Result<QString> parseTip(const QByteArray &body);
// A reference: whether it is the tag of that name.
Result<bool> parseIsReference(const QByteArray &body, const QString &reference);
Result<QString> parseLogin(const QByteArray &body);
// When the newest of the deployments was made; invalid: there is none.
Result<QDateTime> parseNewestDeployment(const QByteArray &body);
// Of the answer to a trigger; empty: the server does not tell it.
QString startedRunOf(const QByteArray &body);

} // namespace signalbox::github
