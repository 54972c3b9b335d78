#pragma once

#include "models/domain/result.h"
#include "models/pipelines/run.h"

#include <QByteArray>

#include <optional>

// What Travis CI's API version 3 answers, as our values. Pure. Sources: developer.travis-ci.com (resources build,
// builds, job, jobs, repository, cron, request) and the answers in the specifications of travis-ci/travis-api, spec/v3.
namespace signalbox::travis
{

// Where people look at it: "https://app.travis-ci.com/github"; empty: not known.
struct Web
{
    QString base;
    QUrl repository(const QString &slug) const;
    QUrl build(const QString &slug, const QString &id) const;
    QUrl job(const QString &slug, const QString &id) const;
};
// Of the API's address: api.travis-ci.com, or Enterprise's https://travis.example.com/api.
Web webOf(const QUrl &api);

// Who reads, for what is told of an answer.
struct Reading
{
    QString connection;
    Web web;
    QDateTime at;
};

RunState runStateOf(const QString &word); // of a build, a job

struct Stage
{
    int number = 0;
    QString name;
    bool operator==(const Stage &) const = default;
};

struct BuildAnswer
{
    Run run; // an attempt 2 says no more than that it was restarted: Travis CI does not count
    QString slug;
    QList<Stage> stages;
    QStringList jobs; // ids
    std::optional<bool> mayCancel;
    std::optional<bool> mayRestart;
    bool operator==(const BuildAnswer &) const = default;
};

struct JobAnswer
{
    Job job;
    QString build; // id
    QString state; // the vendor's word
    Stage stage;   // number 0: none
    QDateTime restartedAt;
    std::optional<bool> mayRestart;
    std::optional<bool> mayViewLog;
    bool operator==(const JobAnswer &) const = default;
};

struct RequestAnswer
{
    QString id;
    QString state;   // "pending", "finished"
    QString result;  // "approved", "rejected"; empty: not decided
    QString message; // of Travis CI, why
    QString branch;
    QString commitMessage;
    QString eventType;
    QDateTime createdAt;
    QStringList builds;       // ids
    QStringList buildNumbers; // as `builds`
    bool operator==(const RequestAnswer &) const = default;
};

struct RepositoryPage
{
    QList<Pipeline> pipelines;
    std::optional<int> next; // offset
    bool operator==(const RepositoryPage &) const = default;
};

Result<BuildAnswer> parseBuild(const QByteArray &body, const Reading &reading);
Result<RunPage> parseBuilds(const QByteArray &body, const Reading &reading);
Result<JobAnswer> parseJob(const QByteArray &body, const Reading &reading);
Result<QList<JobAnswer>> parseJobs(const QByteArray &body, const Reading &reading);
Result<Pipeline> parseRepository(const QByteArray &body, const Reading &reading);
Result<RepositoryPage> parseRepositories(const QByteArray &body, const Reading &reading);
Result<QStringList> parseCrons(const QByteArray &body); // "daily, main"
Result<RequestAnswer> parseRequest(const QByteArray &body);
// The interval of the branch among them, "daily"; empty: there is none, or several.
QString cronOf(const QStringList &crons, const QString &branch);
Result<QList<RequestAnswer>> parseRequests(const QByteArray &body);
Result<QString> parseAccepted(const QByteArray &body); // of POST .../requests: the request's id

// A build and its jobs together. Stages follow each other by their numbers, jobs of one run side by side.
RunDetail detailOf(const BuildAnswer &build, const QList<JobAnswer> &jobs, const QDateTime &readAt);

// Those that "only what failed" restarts: what failed or was stopped, not what never began. Travis CI has no call for
// that: each is one, and it shuts out whoever sends more than ten writes in half a minute (travis-api, attack.rb).
constexpr int mostRestarts = 8;
QList<JobAnswer> failedJobs(const QList<JobAnswer> &jobs);
// One that began and ended: it can be restarted alone.
bool mayGoAgain(const JobAnswer &job);

} // namespace signalbox::travis
