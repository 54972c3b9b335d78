#pragma once

#include "services/adapters/github/githubanswer.h"
#include "services/adapters/github/githubbudget.h"
#include "services/adapters/github/githubdeploymentanswer.h"
#include "services/adapters/github/githubmemory.h"
#include "services/adapters/github/githubworkflow.h"
#include "services/async/chain.h"
#include "services/pipelines/restclient.h"

#include <QHash>
#include <QObject>

namespace signalbox::github
{

// Questions to GitHub, each parsed on a worker. GUI thread.
class GitHubClient : public QObject
{
    Q_OBJECT
public:
    // `http` and `secrets` outlive it.
    GitHubClient(const PipelineServerConfig &config, HttpClient &http, SecretStore &secrets, QObject *parent = nullptr);
    ~GitHubClient() override;

    const QString &connection() const { return m_rest.connection(); }
    QString title() const;
    Budget &budget() { return *m_budget; }
    Memory &memory() { return m_memory; }
    const RestClient &rest() const { return m_rest; }
    // github.com and its enterprise cloud: knows what a company's own server of an older release may not.
    bool isCloud() const;

    static constexpr int mostListed = 1000; // entries of a list: ten pages
    // Of hundreds of projects that are asked for one thing. GitHub takes a hundred requests at a time ("Rate limits for
    // the REST API", secondary limits), and two go to each.
    static constexpr int mostProjectsAtOnce = 32;

    PipelineRef place(const QString &project, const QString &pipeline = {}) const
    {
        return {connection(), project, pipeline};
    }

    QFuture<Result<Repository>> repository(const QString &project, const StopToken &stop);
    QFuture<Result<QList<Workflow>>> workflows(const QString &project, const StopToken &stop);
    // The file of a workflow as it is at a commit, branch or tag. Those of commits are kept: they never change.
    QFuture<Result<WorkflowFile>> workflow(const QString &project, const QString &path, const QString &ref,
                                           const StopToken &stop);
    // As it was read; none: it was not, or not at that commit.
    std::optional<WorkflowFile> keptWorkflow(const QString &project, const QString &path, const QString &commit) const;
    struct RunsSaid
    {
        QList<RunSaid> runs;
        bool hasMore = false;
        QDateTime serverDate;
    };
    // `query`: encoded, without "?"; `pipeline` may be empty.
    QFuture<Result<RunsSaid>> runs(const PipelineRef &pipeline, const QByteArray &query, const StopToken &stop);
    // Page after page, mostListed at most; `query` without a page.
    QFuture<Result<QList<RunSaid>>> allRuns(const PipelineRef &project, const QByteArray &query, const StopToken &stop);
    QFuture<Result<RunSaid>> run(const RunRef &ref, const StopToken &stop);
    QFuture<Result<QList<JobSaid>>> jobs(const RunRef &ref, const StopToken &stop);
    // One attempt of it, and the jobs that this had.
    QFuture<Result<RunSaid>> attempt(const RunRef &ref, int attempt, const StopToken &stop);
    QFuture<Result<QList<JobSaid>>> attemptJobs(const RunRef &ref, int attempt, const StopToken &stop);
    QFuture<Result<JobSaid>> job(const RunRef &ref, const QString &job, const StopToken &stop);
    // Of its newest attempt, or of all.
    QFuture<Result<QList<CheckRunSaid>>> checkRuns(const RunRef &ref, const QString &suite, bool ofAll,
                                                   const StopToken &stop);
    QFuture<Result<QList<RunAnnotation>>> annotations(const RunRef &ref, const QString &checkRun,
                                                      const StopToken &stop);
    QFuture<Result<QList<RunArtifact>>> artifacts(const RunRef &ref, const StopToken &stop);
    QFuture<Result<QList<Pending>>> pending(const RunRef &ref, const StopToken &stop);
    QFuture<Result<QList<Review>>> reviews(const RunRef &ref, const StopToken &stop);
    QFuture<Result<QDateTime>> newestDeployment(const QString &project, const QString &environment,
                                                const QString &commit, const StopToken &stop);
    QFuture<Result<QStringList>> environments(const QString &project, const StopToken &stop);
    // The newest `count` of an environment.
    QFuture<Result<QList<DeploymentSaid>>> deployments(const QString &project, const QString &environment, int count,
                                                       const StopToken &stop);
    QFuture<Result<QList<DeploymentStatusSaid>>> deploymentStatuses(const QString &project, const QString &deployment,
                                                                    const StopToken &stop);
    // The commit that a branch or tag is at.
    QFuture<Result<QString>> tip(const QString &project, const QString &ref, const StopToken &stop);
    // Whether the name is a tag's, or only a branch's; NotFound: neither is there any more, it may have been a tag. The
    // memory keeps it. `commit`: what runs of it were at; empty: of no run, then little is kept.
    QFuture<Result<bool>> isTag(const QString &project, const QString &name, const QString &commit,
                                const StopToken &stop);
    // Who we are; empty: an app's token has nobody. Asked once.
    QFuture<Result<QString>> login(const StopToken &stop);

    // Paths below the server's address, percent-encoded.
    static QByteArray repositoryPath(const QString &project);
    static QByteArray runPath(const RunRef &ref);

signals:
    void budgetChanged();

private:
    // "tags/NAME", "heads/NAME"
    QFuture<Result<bool>> hasReference(const QString &project, const QString &reference, const StopToken &stop);
    template <typename Parse>
    auto ask(const QByteArray &target, const QString &what, const StopToken &stop, Parse parse,
             const QByteArray &accept = {}) -> QFuture<std::invoke_result_t<Parse, const HttpResponse &>>;
    template <typename T>
    QFuture<Result<QList<T>>> pages(const QByteArray &target, const QString &what,
                                    std::function<Result<QList<T>>(const QByteArray &)> parse, const StopToken &stop,
                                    const QList<T> &known = {}, int page = 1);

    const QString m_title; // as the workspace says; empty: it does not
    std::shared_ptr<Budget> m_budget;
    const RestClient m_rest;
    QHash<QString, WorkflowFile> m_files; // by project, path and commit
    std::optional<QString> m_login;
    Memory m_memory;
};

// The target of rel="next"; empty: none, or it leads to another server.
QByteArray nextPage(const HttpResponse &response, const QUrl &base);
// What is wrong with an answer to a write that is no error: a repository that was renamed answers 301 or 307
// (GitHub Docs, "Best practices for using the REST API"), and writes are not sent on. None: it was accepted.
std::optional<Error> sentElsewhere(const HttpResponse &response, const QString &project);

} // namespace signalbox::github
