#pragma once

#include "services/sandbox/http/loopbackserver.h"
#include "services/sandbox/world/catalogue.h"

namespace signalbox::sandbox
{

// The practice world's image registry: the reading half of OCI's distribution API for every version that the catalogue
// has. Source: opencontainers/distribution-spec, "Pull" and "Content Discovery". Any thread.
class RegistryApi
{
public:
    explicit RegistryApi(const Catalogue &catalogue); // which outlives it

    LoopbackReply answer(const LoopbackRequest &request) const;
    static LoopbackReply unauthorized();

private:
    LoopbackReply tags(const LoopbackRequest &request, const ServiceSpec &service, const std::string &name) const;

    const Catalogue &m_catalogue;
};

} // namespace signalbox::sandbox
