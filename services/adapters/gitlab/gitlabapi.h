#pragma once

#include "services/adapters/gitlab/gitlabanswer.h"
#include "services/async/chain.h"
#include "services/pipelines/restclient.h"

#include <QObject>

#include <functional>
#include <memory>

namespace signalbox
{

// What plans, gates and lists of one GitLab have in common: its questions, each with its sentence. GUI thread.
class GitLabApi : public QObject
{
    Q_OBJECT
public:
    // `http` and `secrets` outlive it.
    GitLabApi(const PipelineServerConfig &config, HttpClient &http, SecretStore &secrets);
    ~GitLabApi() override;

    static constexpr int mostProjectsAtOnce = 32; // of hundreds that are asked for one thing

    const PipelineServerConfig &config() const { return m_config; }
    const RestClient &client() const { return m_client; }
    QString title() const;

    // "/api/v4/projects/group%2Fproject" + `below`; of the server itself: "/api/v4" + `below`.
    QByteArray projectPath(const QString &project, const QByteArray &below = {}) const;
    QByteArray path(const QByteArray &below) const { return m_root + below; }

    // The token's user; asked once.
    [[nodiscard]] QFuture<Result<QString>> me(const StopToken &stop);
    qint64 myId() const { return m_myId; }     // once me() was answered; 0: not told
    bool isAdmin() const { return m_isAdmin; } // once me() was answered
    [[nodiscard]] QFuture<Result<gitlab::Project>> project(const QString &path, const StopToken &stop) const;
    // All that the token's user is a member of.
    [[nodiscard]] QFuture<Result<QList<gitlab::Project>>> projects(const StopToken &stop) const;
    [[nodiscard]] QFuture<Result<QList<gitlab::Schedule>>> schedules(const QString &project,
                                                                     const StopToken &stop) const;
    [[nodiscard]] QFuture<Result<gitlab::PipelineAnswer>> pipeline(const RunRef &run, const StopToken &stop) const;
    [[nodiscard]] QFuture<Result<QList<gitlab::PipelineAnswer>>>
    pipelines(const PipelineRef &pipeline, const QByteArray &query, const StopToken &stop) const;
    [[nodiscard]] QFuture<Result<QList<gitlab::JobAnswer>>> jobs(const RunRef &run, const QByteArray &query,
                                                                 const StopToken &stop) const;
    [[nodiscard]] QFuture<Result<QList<gitlab::JobAnswer>>> bridges(const RunRef &run, const QByteArray &query,
                                                                    const StopToken &stop) const;
    // All jobs and bridges as a graph.
    [[nodiscard]] QFuture<Result<QList<gitlab::JobAnswer>>> graph(const RunRef &run, const StopToken &stop);
    // Jobs and bridges that wait for somebody to start them.
    [[nodiscard]] QFuture<Result<QList<gitlab::JobAnswer>>> manualJobs(const RunRef &run, const StopToken &stop);
    [[nodiscard]] QFuture<Result<gitlab::JobAnswer>> job(const QString &project, const QString &id,
                                                         const StopToken &stop) const;
    [[nodiscard]] QFuture<Result<QList<gitlab::Deployment>>>
    deployments(const QString &project, const QByteArray &query, const StopToken &stop, int mostPages = 1) const;
    [[nodiscard]] QFuture<Result<QStringList>> environments(const QString &project, const StopToken &stop) const;
    [[nodiscard]] QFuture<Result<gitlab::Deployment>> deployment(const QString &project, const QString &id,
                                                                 const StopToken &stop) const;
    // Who may deploy where; an environment that is not among them is open. NotFound: the server protects none.
    [[nodiscard]] QFuture<Result<QList<gitlab::ProtectedEnvironment>>>
    protectedEnvironments(const QString &project, const StopToken &stop) const;
    // By tier, in all projects of the group; told to its maintainers or owners. NotFound: the server protects none.
    [[nodiscard]] QFuture<Result<QList<gitlab::ProtectedEnvironment>>> protectedTiers(const QString &group,
                                                                                      const StopToken &stop) const;
    [[nodiscard]] QFuture<Result<QString>> tier(const QString &project, const QString &environment,
                                                const StopToken &stop) const;
    [[nodiscard]] QFuture<Result<gitlab::BranchRights>> rightsAt(const QString &project, const QString &ref, bool isTag,
                                                                 const StopToken &stop) const;
    // Of branches, or tags; told to maintainers.
    [[nodiscard]] QFuture<Result<QList<gitlab::ProtectedBranch>>> protectedRefs(const QString &project, bool areTags,
                                                                                const StopToken &stop) const;
    // The commit that a branch, or a tag, is at.
    [[nodiscard]] QFuture<Result<QString>> tip(const QString &project, const QString &ref, bool isTag,
                                               const StopToken &stop) const;
    // A write; never repeated.
    [[nodiscard]] QFuture<Result<HttpResponse>> post(const QByteArray &target, const QByteArray &body,
                                                     const QString &what, const StopToken &stop) const;

    std::optional<RequestBudget> budget() const;

    // One page of a list.
    struct PageAsk
    {
        QByteArray target; // with its query
        QString what;
        int most = 1; // pages
    };
    // "2"; empty: it was the last.
    static QString nextPage(const HttpResponse &response);

signals:
    void budgetChanged();

private:
    struct Counter;
    template <typename T>
    QFuture<Result<QList<T>>> list(const PageAsk &ask, std::function<Result<QList<T>>(const QByteArray &)> parse,
                                   const StopToken &stop, int page = 1) const;

    const PipelineServerConfig m_config;
    const QByteArray m_root;
    std::shared_ptr<Counter> m_counter;
    RestClient m_client;
    QString m_me;
    qint64 m_myId = 0;
    bool m_isAdmin = false;
};

namespace gitlab
{

// As a path segment or a value of a query.
QByteArray encoded(const QString &text);

} // namespace gitlab

} // namespace signalbox
