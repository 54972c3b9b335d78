#include "app/wiring/pipelineservers.h"

namespace signalbox
{

std::unique_ptr<PipelineServer> makePipelineServer(const PipelineSpec &spec, HttpClient &http, SecretStore &secrets)
{
    Q_UNUSED(http)
    Q_UNUSED(secrets)
    switch (spec.kind) {
    case WorkspaceConnection::Kind::Jenkins:
    case WorkspaceConnection::Kind::GitHub:
    case WorkspaceConnection::Kind::GitLab:
    case WorkspaceConnection::Kind::Travis:
    case WorkspaceConnection::Kind::Kubernetes:
    case WorkspaceConnection::Kind::Prometheus:
        break;
    }
    return nullptr;
}

} // namespace signalbox
