#include "services/sandbox/world/seedobjects.h"

#include <cmath>

namespace signalbox::sandbox
{

namespace
{

std::string milliCores(double cores)
{
    return std::fmod(cores, 1) == 0 ? std::to_string(static_cast<int>(cores))
                                    : std::to_string(static_cast<int>(std::lround(cores * 1000))) + "m";
}

std::string mebibytes(double megabytes)
{
    return std::to_string(static_cast<int>(std::lround(megabytes))) + "Mi";
}

Json metadataOf(const ServiceSpec &service, const std::string &ns, const std::string &name)
{
    return {{"name", name},
            {"namespace", ns},
            {"labels",
             {{"app.kubernetes.io/name", service.name},
              {"app.kubernetes.io/part-of", "practice"},
              {"team", service.team}}}};
}

const char *kindName(ServiceSpec::Kind kind)
{
    switch (kind) {
    case ServiceSpec::Kind::StatefulSet:
        return "StatefulSet";
    case ServiceSpec::Kind::DaemonSet:
        return "DaemonSet";
    case ServiceSpec::Kind::Deployment:
        break;
    }
    return "Deployment";
}

} // namespace

Json labelsOf(const ServiceSpec &service, const Placement &placement)
{
    Json labels = {{"app.kubernetes.io/name", service.name}};
    if (!placement.track.empty())
        labels["slot"] = placement.track;
    return labels;
}

Json templateOf(const Catalogue &catalogue, const ServiceSpec &service, const Placement &placement,
                const std::string &tag)
{
    const Version *version = service.version(tag);
    const Behaviour behaviour = version ? version->behaviour : Behaviour{};
    Json labels = labelsOf(service, placement);
    labels["app.kubernetes.io/version"] = tag;
    labels["team"] = service.team;
    Json resources = {{"requests", {{"cpu", milliCores(behaviour.cores)}, {"memory", mebibytes(behaviour.memoryMb)}}},
                      {"limits", {{"memory", mebibytes(behaviour.memoryMb * 1.6)}}}};
    if (behaviour.gpus > 0) {
        resources["requests"]["nvidia.com/gpu"] = milliCores(behaviour.gpus);
        resources["limits"]["nvidia.com/gpu"] = milliCores(behaviour.gpus);
    }
    Json container = {{"name", service.name},
                      {"image", catalogue.image(service, tag)},
                      {"ports", Json::array({{{"name", "http"}, {"containerPort", servicePort}, {"protocol", "TCP"}}})},
                      {"env", Json::array({{{"name", "ENVIRONMENT"}, {"value", placement.ns}}})},
                      {"resources", resources},
                      {"readinessProbe", {{"httpGet", {{"path", "/ready"}, {"port", "http"}}}, {"periodSeconds", 2}}}};
    return {
        {"metadata",
         {{"labels", labels},
          {"annotations", {{"prometheus.io/scrape", "true"}, {"prometheus.io/port", std::to_string(servicePort)}}}}},
        {"spec", {{"containers", Json::array({container})}, {"terminationGracePeriodSeconds", 30}}}};
}

Json workloadOf(const Catalogue &catalogue, const ServiceSpec &service, const Placement &placement,
                const std::string &tag, const std::string &cause)
{
    Json tree = {{"apiVersion", "apps/v1"},
                 {"kind", kindName(service.kind)},
                 {"metadata", metadataOf(service, placement.ns, service.workloadName(placement))},
                 {"spec",
                  {{"selector", {{"matchLabels", labelsOf(service, placement)}}},
                   {"revisionHistoryLimit", 10},
                   {"template", templateOf(catalogue, service, placement, tag)}}}};
    tree["metadata"]["annotations"] = {{"kubernetes.io/change-cause", cause}, {"owner", service.owner}};
    if (!placement.track.empty())
        tree["metadata"]["labels"]["slot"] = placement.track;
    Json &spec = tree["spec"];
    if (service.kind != ServiceSpec::Kind::DaemonSet)
        spec["replicas"] = placement.replicas;
    if (service.kind == ServiceSpec::Kind::Deployment) {
        spec["strategy"] = {{"type", "RollingUpdate"},
                            {"rollingUpdate", {{"maxSurge", "25%"}, {"maxUnavailable", "10%"}}}};
        spec["progressDeadlineSeconds"] = 300;
    } else if (service.kind == ServiceSpec::Kind::StatefulSet) {
        spec["serviceName"] = service.name;
    }
    return tree;
}

Json serviceOf(const ServiceSpec &service, const std::string &ns, const std::string &name, const std::string &track)
{
    Json selector = {{"app.kubernetes.io/name", service.name}};
    if (!track.empty())
        selector["slot"] = track;
    return {{"metadata", metadataOf(service, ns, name)},
            {"spec",
             {{"type", "ClusterIP"},
              {"selector", selector},
              {"ports",
               Json::array({{{"name", "http"}, {"port", 80}, {"targetPort", servicePort}, {"protocol", "TCP"}}})}}}};
}

Json routeOf(const ServiceSpec &service, const std::string &ns)
{
    Json backends = Json::array();
    for (const Placement &placement : service.placements) {
        if (placement.ns == ns)
            backends.push_back({{"group", ""},
                                {"kind", "Service"},
                                {"name", service.workloadName(placement)},
                                {"port", 80},
                                {"weight", placement.weight.value_or(100)}});
    }
    const auto matching = [](const std::string &path) {
        return Json::array({{{"path", {{"type", "PathPrefix"}, {"value", path}}}}});
    };
    Json rules = Json::array({{{"matches", matching("/")}, {"backendRefs", backends}}});
    for (const ServiceSpec::ExtraRule &extra : service.extraRules) {
        Json backend = backends.front();
        backend["name"] = service.name + '-' + extra.track;
        backend["weight"] = 1;
        if (ns == "production")
            rules.push_back({{"matches", matching(extra.path)}, {"backendRefs", Json::array({backend})}});
    }
    return {{"metadata", metadataOf(service, ns, service.name)},
            {"spec",
             {{"parentRefs",
               Json::array({{{"group", "gateway.networking.k8s.io"}, {"kind", "Gateway"}, {"name", "public"}}})},
              {"hostnames", Json::array({service.name + '.' + ns + ".example.org"})},
              {"rules", rules}}}};
}

Json autoscalerOf(const ServiceSpec &service, const Placement &placement)
{
    const std::string name = service.workloadName(placement);
    return {
        {"metadata", metadataOf(service, placement.ns, name)},
        {"spec",
         {{"scaleTargetRef", {{"apiVersion", "apps/v1"}, {"kind", "Deployment"}, {"name", name}}},
          {"minReplicas", service.scaling->least},
          {"maxReplicas", service.scaling->most},
          {"metrics",
           Json::array(
               {{{"type", "Resource"},
                 {"resource",
                  {{"name", "cpu"},
                   {"target", {{"type", "Utilization"}, {"averageUtilization", service.scaling->cpuPercent}}}}}}})}}},
        {"status", {{"currentReplicas", placement.replicas}, {"desiredReplicas", placement.replicas}}}};
}

Json nodeOf(const ClusterPlan &plan, int number, const std::string &now)
{
    const std::string zone = plan.zones[static_cast<std::size_t>(number) % plan.zones.size()];
    const std::string name = plan.nodePrefix + '-' + (number < 9 ? "0" : "") + std::to_string(number + 1);
    const Json room = {{"cpu", std::to_string(plan.cores)},
                       {"memory", std::to_string(plan.memoryGb) + "Gi"},
                       {"nvidia.com/gpu", std::to_string(plan.gpus)},
                       {"pods", "110"}};
    const auto condition = [&now](const char *type, const char *status, const char *reason, const char *message) {
        return Json{{"type", type},       {"status", status},         {"reason", reason},
                    {"message", message}, {"lastHeartbeatTime", now}, {"lastTransitionTime", now}};
    };
    return {
        {"metadata",
         {{"name", name},
          {"labels",
           {{"kubernetes.io/hostname", name},
            {"kubernetes.io/os", "linux"},
            {"kubernetes.io/arch", "amd64"},
            {"node.kubernetes.io/instance-type", "gpu-" + std::to_string(plan.cores)},
            {"topology.kubernetes.io/region", zone.substr(0, zone.size() - 1)},
            {"topology.kubernetes.io/zone", zone}}}}},
        {"spec", {{"podCIDR", "10.64." + std::to_string(number) + ".0/24"}}},
        {"status",
         {{"capacity", room},
          {"allocatable", room},
          {"addresses", Json::array({{{"type", "InternalIP"}, {"address", "10.0.0." + std::to_string(number + 11)}},
                                     {{"type", "Hostname"}, {"address", name}}})},
          {"conditions",
           Json::array({condition("MemoryPressure", "False", "KubeletHasSufficientMemory",
                                  "kubelet has sufficient memory available"),
                        condition("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
                        condition("Ready", "True", "KubeletReady", "kubelet is posting ready status")})},
          {"nodeInfo",
           {{"bootID", name},
            {"machineID", name},
            {"systemUUID", name},
            {"kubeProxyVersion", plan.serverVersion},
            {"kubeletVersion", plan.serverVersion},
            {"osImage", "Debian GNU/Linux 12 (bookworm)"},
            {"containerRuntimeVersion", "containerd://1.7.24"},
            {"kernelVersion", "6.1.0-31-amd64"},
            {"architecture", "amd64"},
            {"operatingSystem", "linux"}}}}}};
}

} // namespace signalbox::sandbox
