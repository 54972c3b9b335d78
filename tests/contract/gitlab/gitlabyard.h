#pragma once

#include "services/adapters/gitlab/gitlabserver.h"
#include "services/async/deliver.h"
#include "services/net/httpclient.h"
#include "services/ports/secretstore.h"
#include "services/sandbox/ci/gitlab/gitlabapi.h"

#include <QTemporaryDir>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>

// A GitLab of the practice world's making for one test: a small project, a clock that is moved by hand.
namespace signalbox::test
{

// Gives every reference the same token.
class OneToken : public SecretStore
{
public:
    explicit OneToken(QByteArray value)
        : m_value(std::move(value))
    {}
    QFuture<Result<ResolvedSecret>> resolve(SecretReference, StopToken) override
    {
        return ready(Result<ResolvedSecret>(ResolvedSecret{Secret(m_value), {}}));
    }
    QFuture<Result<void>> keep(SecretReference, Secret, StopToken) override { return ready(Result<void>()); }

private:
    const QByteArray m_value;
};

PipelineServerConfig gitLabConfig(const QUrl &url, const QByteArray &caPem = {});

class GitLabYard
{
public:
    // How its projects are set up.
    struct Shape
    {
        int approvals = 2;         // that the deployment takes
        bool blocksManual = false; // a newer server: manual deployments are blocked, without approvals as well
        bool holdsChild = false;   // the job of the child pipeline waits to be started
        bool isOptional = false;   // the job "release" may be left out
        std::string tag = {};      // of a past release; empty: there is none
        int access = 40;           // our role: 30 Developer, 40 Maintainer
        std::vector<sandbox::ci::GitLabApi::ProtectedRef> protectedRefs = {};
        std::map<std::string, std::vector<sandbox::ci::Decider>> groupTiers = {};
    };
    // `root`: a path before "/api/v4".
    explicit GitLabYard(const std::string &root = {}, int requestsPerMinute = 2000);
    explicit GitLabYard(const Shape &shape);
    GitLabYard(const Shape &shape, const std::string &root, int requestsPerMinute);
    ~GitLabYard();

    static QString project() { return QStringLiteral("team/sub/cart"); }
    QUrl url() const;
    QByteArray caPem() const;
    QString caFile() const;
    static QByteArray token() { return "glpat-practice"; }

    sandbox::ci::CiWorld &world() { return *m_world; }
    // A run as of `who`; its id.
    std::int64_t start(const char *who, sandbox::ci::Cause cause = sandbox::ci::Cause::Manual,
                       const char *branch = "main");
    // Moves the clock until it is so; false: it never was.
    bool until(const std::function<bool()> &isSo);
    bool untilPhase(std::int64_t run, sandbox::ci::Phase phase);
    const sandbox::ci::JobRun *job(std::int64_t run, const char *name);
    void pass(int seconds) { m_nowMs += seconds * 1000; }

    // Requests since the last call: "GET /api/v4/...".
    QStringList asked();
    // What the server does instead of answering the next request for which this is so.
    std::function<std::optional<sandbox::LoopbackReply>(const sandbox::LoopbackRequest &)> instead;
    // Called before each answer, beside others; may keep it waiting. Set while nobody asks.
    std::function<void(const sandbox::LoopbackRequest &)> before;

private:
    std::atomic<std::int64_t> m_nowMs;
    sandbox::ci::CiPlans m_plans;
    std::unique_ptr<sandbox::ci::CiWorld> m_world;
    std::unique_ptr<sandbox::ci::GitLabApi> m_api;
    std::shared_ptr<const sandbox::LoopbackCertificate> m_certificate;
    std::unique_ptr<sandbox::LoopbackServer> m_server;
    std::mutex m_mutex;
    QStringList m_asked;
    std::optional<sandbox::ci::RunRecord> m_seen;
    QTemporaryDir m_folder;
    const std::string m_root;
};

} // namespace signalbox::test
