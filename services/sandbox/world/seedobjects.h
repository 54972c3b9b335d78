#pragma once

#include "services/sandbox/world/catalogue.h"
#include "services/sandbox/world/json.h"

// The objects of an application as its team would write them. Pure.
namespace signalbox::sandbox
{

constexpr int servicePort = 8080;

Json labelsOf(const ServiceSpec &service, const Placement &placement); // that select its pods
Json templateOf(const Catalogue &catalogue, const ServiceSpec &service, const Placement &placement,
                const std::string &tag);
Json workloadOf(const Catalogue &catalogue, const ServiceSpec &service, const Placement &placement,
                const std::string &tag, const std::string &cause);
// `track` empty: all of them.
Json serviceOf(const ServiceSpec &service, const std::string &ns, const std::string &name, const std::string &track);
Json routeOf(const ServiceSpec &service, const std::string &ns);
Json autoscalerOf(const ServiceSpec &service, const Placement &placement);
Json nodeOf(const ClusterPlan &plan, int number, const std::string &now);

} // namespace signalbox::sandbox
