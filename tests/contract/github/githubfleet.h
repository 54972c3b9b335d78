#pragma once

#include "services/adapters/github/githubserver.h"
#include "services/net/httpclient.h"
#include "services/sandbox/ci/github/githubapi.h"
#include "services/sandbox/http/loopbackserver.h"
#include "tests/contract/github/githubdesk.h"

#include <atomic>
#include <mutex>
#include <unordered_map>

namespace signalbox::test
{

// An organisation of many repositories with one pipeline each, in which nothing happens: the world's time stands still.
// Counts as GitHub does: what is not a 304 ("Best practices for using the REST API", conditional requests).
class GitHubFleet
{
public:
    explicit GitHubFleet(int repositories, double runsPerDay = 0.5)
        : m_plans(plansOf(repositories, runsPerDay))
        , m_world(m_plans, [at = QDateTime::currentMSecsSinceEpoch()] { return at; })
        , m_api(m_world)
    {
        auto certificate = sandbox::LoopbackCertificate::make();
        auto token = sandbox::randomToken();
        if (!certificate || !token) {
            m_problem = u("no certificate");
            return;
        }
        m_ca = QByteArray::fromStdString((*certificate)->certificatePem());
        m_secrets = std::make_unique<OneToken>(QByteArray::fromStdString(*token));
        sandbox::LoopbackServer::Options serving;
        serving.certificate = *certificate;
        serving.token = *token;
        serving.isAuthorized = [token = *token](const sandbox::LoopbackRequest &request) {
            return sandbox::ci::GitHubApi::isAuthorized(request, token);
        };
        serving.unauthorized = sandbox::ci::GitHubApi::unauthorized();
        serving.handler = [this](const sandbox::LoopbackRequest &request) { return answer(request); };
        auto server = sandbox::LoopbackServer::start(std::move(serving));
        if (server)
            m_server = std::move(*server);
        else
            m_problem = server.error().message;
    }
    ~GitHubFleet()
    {
        m_client.close();
        m_server.reset();
    }

    std::unique_ptr<PipelineServer> connection()
    {
        QStringList projects;
        for (const sandbox::ci::PipelinePlan &plan : m_plans.pipelines)
            projects.append(QString::fromStdString(plan.project));
        return makeGitHub(githubAt(QUrl(QString::fromStdString(m_server->url())), projects, m_ca), m_client,
                          *m_secrets);
    }
    const QString &problem() const { return m_problem; } // empty: it is up
    int asked() const { return m_asked; }
    int counted() const { return m_counted; }

private:
    static sandbox::ci::CiPlans plansOf(int repositories, double runsPerDay)
    {
        const auto &known = sandbox::ci::builtInPlans().pipelines;
        const auto sample = std::find_if(known.begin(), known.end(), [](const sandbox::ci::PipelinePlan &plan) {
            return plan.vendor == sandbox::ci::Vendor::GitHub && !plan.isChild;
        });
        sandbox::ci::CiPlans plans = sandbox::ci::builtInPlans();
        plans.pipelines.clear();
        for (int i = 0; i < repositories; ++i) {
            sandbox::ci::PipelinePlan plan = *sample;
            plan.project = "acme/p" + std::to_string(1000 + i);
            plan.application.clear();
            plan.releases.clear();
            plan.scenes.clear();
            plan.crons.clear();
            plan.commits.clear();
            plan.runsPerDay = runsPerDay;
            plan.jobs.resize(1);
            sandbox::ci::JobPlan &job = plan.jobs.front();
            job.gate = {};
            job.needs.clear();
            job.onlyFor.clear();
            job.startsPipeline.clear();
            job.environment.clear();
            job.publishes = false;
            plans.pipelines.push_back(plan);
        }
        return plans;
    }

    // Nothing changes, hence what was answered once stands for the same question: making hundreds of kilobytes anew
    // only to find that they are the same would be the stand-in's time, not ours.
    sandbox::LoopbackReply answer(const sandbox::LoopbackRequest &request)
    {
        ++m_asked;
        std::string key = request.path + '\n' + request.accept;
        for (const auto &[name, value] : request.query)
            key += '\n' + name + '=' + value;
        const std::string offered = request.header("If-None-Match");
        {
            const std::lock_guard lock(m_lock);
            const auto known = m_etags.find(key);
            if (known != m_etags.end() && known->second == offered) {
                sandbox::LoopbackReply same;
                same.status = 304;
                same.headers.emplace_back("ETag", offered);
                return same;
            }
        }
        sandbox::LoopbackReply reply = m_api.answer(request);
        if (reply.status != 304)
            ++m_counted;
        const std::lock_guard lock(m_lock);
        for (const auto &[name, value] : reply.headers) {
            if (name == "ETag")
                m_etags[key] = value;
        }
        return reply;
    }

    sandbox::ci::CiPlans m_plans;
    sandbox::ci::CiWorld m_world;
    sandbox::ci::GitHubApi m_api;
    QString m_problem;
    QByteArray m_ca;
    std::mutex m_lock;                                    // of the next one
    std::unordered_map<std::string, std::string> m_etags; // by question
    std::atomic<int> m_asked = 0;
    std::atomic<int> m_counted = 0;
    HttpClient m_client;
    std::unique_ptr<OneToken> m_secrets;
    std::unique_ptr<sandbox::LoopbackServer> m_server;
};

} // namespace signalbox::test
