#pragma once

#include "services/credentials/secretreference.h"
#include "services/ports/deploymentsource.h"
#include "services/ports/gatekeeper.h"
#include "services/ports/pipelinesource.h"
#include "services/ports/steprunner.h"

#include <memory>
#include <optional>
#include <utility>

namespace signalbox
{

// Where a server with pipelines is and how one shows who one is, as the workspace says it.
struct PipelineServerConfig
{
    QString id;
    QString title; // for people; empty: the host
    QUrl url; // of the API: "https://api.github.com", "https://gitlab.example.com", "https://jenkins.example.com/ci"
    QByteArray caPem;
    bool insecureSkipTlsVerify = false;
    QString user; // with `password`: Jenkins' user and API token
    std::optional<SecretReference> password;
    std::optional<SecretReference> bearer; // a token
    QStringList projects;                  // followed; empty: all that may be read, where the server can say which
};

// One connected server: what it offers to screens and to operations. Owns all of it.
class PipelineServer
{
public:
    virtual ~PipelineServer() = default;
    virtual PipelineSource &source() = 0;
    virtual GateKeeper *gates() = 0; // null: this vendor has none
    virtual StepRunner &runner() = 0;
    virtual DeploymentSource *deployments() { return nullptr; } // null: this vendor keeps no environments
};

// One made of its parts; `client` is what they talk through, and goes last. `gates`, `deployments` null: the vendor has
// none.
inline std::unique_ptr<PipelineServer> pipelineServerOf(std::shared_ptr<void> client,
                                                        std::unique_ptr<PipelineSource> source,
                                                        std::unique_ptr<GateKeeper> gates,
                                                        std::unique_ptr<StepRunner> runner,
                                                        std::unique_ptr<DeploymentSource> deployments = {})
{
    class Whole : public PipelineServer
    {
    public:
        Whole(std::shared_ptr<void> client, std::unique_ptr<PipelineSource> source, std::unique_ptr<GateKeeper> gates,
              std::unique_ptr<StepRunner> runner, std::unique_ptr<DeploymentSource> deployments)
            : m_client(std::move(client))
            , m_source(std::move(source))
            , m_gates(std::move(gates))
            , m_runner(std::move(runner))
            , m_deployments(std::move(deployments))
        {}
        PipelineSource &source() override { return *m_source; }
        GateKeeper *gates() override { return m_gates.get(); }
        StepRunner &runner() override { return *m_runner; }
        DeploymentSource *deployments() override { return m_deployments.get(); }

    private:
        const std::shared_ptr<void> m_client;
        const std::unique_ptr<PipelineSource> m_source;
        const std::unique_ptr<GateKeeper> m_gates;
        const std::unique_ptr<StepRunner> m_runner;
        const std::unique_ptr<DeploymentSource> m_deployments;
    };
    return std::make_unique<Whole>(std::move(client), std::move(source), std::move(gates), std::move(runner),
                                   std::move(deployments));
}

} // namespace signalbox
