#include "app/wiring/registries.h"

#include "app/wiring/pemfile.h"
#include "app/wiring/sourcestext.h"

#include <algorithm>

namespace signalbox
{

Result<oci::RegistryConfig> registryConfigOf(const WorkspaceRegistry &registry, const WorkspaceFile &file)
{
    oci::RegistryConfig config;
    config.id = registry.id;
    config.url = registry.url;
    config.imageHosts = registry.imageHosts;
    config.insecureSkipTlsVerify = registry.insecureSkipTlsVerify;
    config.user = registry.basicUser;
    config.password = registry.basicPassword;
    config.bearer = registry.bearer;
    config.tokenServer = registry.tokenServer;
    if (registry.caFile.isEmpty())
        return config;
    auto pem = pemFile(file.resolved(registry.caFile));
    if (!pem)
        return Error{ErrorKind::Invalid,
                     SourcesText::tr("%1:%2: registry %3: %4")
                         .arg(file.path())
                         .arg(registry.line)
                         .arg(registry.id, pem.error().message),
                     {}};
    config.caPem = *std::move(pem);
    return config;
}

void RegistrySet::open(const QList<oci::RegistryConfig> &configs, HttpClient &http, SecretStore &secrets)
{
    m_all.clear();
    for (const oci::RegistryConfig &config : configs)
        m_all.push_back(std::make_unique<OciRegistry>(config, http, secrets));
}

ArtifactRegistry *RegistrySet::of(const QString &repository) const
{
    const auto found =
        std::find_if(m_all.begin(), m_all.end(), [&](const auto &one) { return one->serves(repository); });
    return found == m_all.end() ? nullptr : found->get();
}

} // namespace signalbox
