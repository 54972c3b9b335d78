#pragma once

#include "services/adapters/oci/ociregistry.h"
#include "services/promotions/releasesource.h"
#include "services/workspace/workspacefile.h"

#include <memory>
#include <vector>

namespace signalbox
{

// A registry of the workspace, ready for an OciRegistry. Reads the CA file. Invalid names the line.
Result<oci::RegistryConfig> registryConfigOf(const WorkspaceRegistry &registry, const WorkspaceFile &file);

// The registries of a workspace, found by the images that lie there.
class RegistrySet
{
public:
    // `http` and `secrets` outlive it. Takes the place of what was there.
    void open(const QList<oci::RegistryConfig> &configs, HttpClient &http, SecretStore &secrets);
    ArtifactRegistry *of(const QString &repository) const; // null: none

private:
    std::vector<std::unique_ptr<ArtifactRegistry>> m_all;
};

} // namespace signalbox
