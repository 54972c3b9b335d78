#pragma once

#include "services/sandbox/ci/github/githubapi.h"
#include "services/sandbox/http/loopbackserver.h"
#include "tests/contract/github/githubdesk.h"

#include <atomic>

namespace signalbox::test
{

// The practice world's GitHub, with a clock that can be moved on.
class GitHubWorld
{
public:
    // `plans` outlive it.
    explicit GitHubWorld(const sandbox::ci::CiPlans &plans = sandbox::ci::builtInPlans())
        : world(plans, [this] { return QDateTime::currentMSecsSinceEpoch() + m_aheadMs; })
    {}
    static std::unique_ptr<GitHubWorld> start(QString *error,
                                              const sandbox::ci::CiPlans &plans = sandbox::ci::builtInPlans())
    {
        auto made = std::make_unique<GitHubWorld>(plans);
        auto certificate = sandbox::LoopbackCertificate::make();
        auto token = sandbox::randomToken();
        if (!certificate || !token) {
            *error = u("no certificate");
            return nullptr;
        }
        made->m_token = *token;
        made->m_ca = QByteArray::fromStdString((*certificate)->certificatePem());
        sandbox::LoopbackServer::Options serving;
        serving.certificate = *certificate;
        serving.token = *token;
        serving.isAuthorized = [token = *token](const sandbox::LoopbackRequest &request) {
            return sandbox::ci::GitHubApi::isAuthorized(request, token);
        };
        serving.unauthorized = sandbox::ci::GitHubApi::unauthorized();
        serving.handler = [api = &made->api](const sandbox::LoopbackRequest &request) { return api->answer(request); };
        auto server = sandbox::LoopbackServer::start(std::move(serving));
        if (!server) {
            *error = server.error().message;
            return nullptr;
        }
        made->m_server = std::move(*server);
        return made;
    }

    QUrl url() const { return QUrl(QString::fromStdString(m_server->url())); }
    QByteArray token() const { return QByteArray::fromStdString(m_token); }
    QByteArray caPem() const { return m_ca; }
    void pass(std::chrono::seconds time) { m_aheadMs += std::chrono::milliseconds(time).count(); }

    // The clock goes on until it is so; false: not within a day.
    template <typename Is>
    bool until(Is is)
    {
        for (int i = 0; i < 24 * 120; ++i) {
            if (is())
                return true;
            pass(std::chrono::seconds(30));
        }
        return false;
    }
    // A new run of the release of growth/recommender that has come to its gate; 0: none did. What the practice world's
    // dice say of a run follows from its number, and that from the time of day: one in some dozen fails before its
    // gate, so another is begun then.
    std::int64_t runAtGate()
    {
        using sandbox::ci::Phase;
        for (int tried = 0; tried < 10; ++tried) {
            const auto started = world.start({sandbox::ci::Vendor::GitHub,
                                              "growth/recommender",
                                              "release",
                                              {},
                                              {},
                                              {},
                                              sandbox::ci::Cause::Manual,
                                              world.me(),
                                              {}});
            if (!started)
                return 0;
            std::optional<sandbox::ci::RunRecord> run;
            const auto standsStill = [&] {
                run = world.run(started.run);
                return run && (run->phase == Phase::Waiting || run->phase == Phase::Failed);
            };
            if (!until(standsStill))
                return 0;
            if (run->phase == Phase::Waiting)
                return started.run;
        }
        return 0;
    }

private:
    std::atomic<std::int64_t> m_aheadMs = 0;

public:
    sandbox::ci::CiWorld world;
    sandbox::ci::GitHubApi api{world};

private:
    std::string m_token;
    QByteArray m_ca;
    std::unique_ptr<sandbox::LoopbackServer> m_server;
};

} // namespace signalbox::test
