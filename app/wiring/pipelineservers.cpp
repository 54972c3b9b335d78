#include "app/wiring/pipelineservers.h"

#include "services/adapters/github/githubserver.h"
#include "services/adapters/gitlab/gitlabserver.h"
#include "services/adapters/jenkins/jenkinsserver.h"
#include "services/adapters/travis/travisserver.h"

namespace signalbox
{

std::unique_ptr<PipelineServer> makePipelineServer(const PipelineSpec &spec, HttpClient &http, SecretStore &secrets)
{
    switch (spec.kind) {
    case WorkspaceConnection::Kind::GitHub:
        return makeGitHub(spec.server, http, secrets);
    case WorkspaceConnection::Kind::GitLab:
        return makeGitLab(spec.server, http, secrets);
    case WorkspaceConnection::Kind::Travis:
        return makeTravis(spec.server, http, secrets);
    case WorkspaceConnection::Kind::Jenkins:
        return makeJenkins(spec.server, http, secrets);
    case WorkspaceConnection::Kind::Kubernetes:
    case WorkspaceConnection::Kind::Prometheus:
        break;
    }
    return nullptr;
}

} // namespace signalbox
