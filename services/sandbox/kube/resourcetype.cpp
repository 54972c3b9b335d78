#include "services/sandbox/kube/resourcetype.h"

#include "services/sandbox/kube/objectstore.h"

namespace signalbox::sandbox
{

namespace
{

enum Trait : unsigned {
    None = 0,
    Cluster = 1, // not in a namespace
    Status = 2,
    Scale = 4,
    Generations = 8,
    All = 16, // kubectl get all
};

ResourceType type(const char *group, const char *version, const char *plural, const char *kind, unsigned traits,
                  std::vector<std::string> shortNames = {})
{
    ResourceType made;
    made.group = group;
    made.version = version;
    made.plural = plural;
    made.kind = kind;
    made.isNamespaced = !(traits & Cluster);
    made.shortNames = std::move(shortNames);
    made.hasStatus = traits & Status;
    made.hasScale = traits & Scale;
    made.countsGenerations = traits & Generations;
    if (traits & All)
        made.categories = {"all"};
    return made;
}

} // namespace

std::vector<ResourceType> builtInTypes()
{
    std::vector<ResourceType> types = {
        type("", "v1", "namespaces", "Namespace", Cluster | Status, {"ns"}),
        type("", "v1", "nodes", "Node", Cluster | Status, {"no"}),
        type("", "v1", "pods", "Pod", Status | All, {"po"}),
        type("", "v1", "services", "Service", Status | All, {"svc"}),
        type("", "v1", "endpoints", "Endpoints", None, {"ep"}),
        type("", "v1", "events", "Event", None, {"ev"}),
        type("", "v1", "configmaps", "ConfigMap", None, {"cm"}),
        type("", "v1", "secrets", "Secret", None),
        type("", "v1", "serviceaccounts", "ServiceAccount", None, {"sa"}),
        type("apps", "v1", "deployments", "Deployment", Status | Scale | Generations | All, {"deploy"}),
        type("apps", "v1", "replicasets", "ReplicaSet", Status | Scale | Generations | All, {"rs"}),
        type("apps", "v1", "statefulsets", "StatefulSet", Status | Scale | Generations | All, {"sts"}),
        type("apps", "v1", "daemonsets", "DaemonSet", Status | Generations | All, {"ds"}),
        type("apps", "v1", "controllerrevisions", "ControllerRevision", None),
        type("autoscaling", "v2", "horizontalpodautoscalers", "HorizontalPodAutoscaler", Status | All, {"hpa"}),
        type("batch", "v1", "jobs", "Job", Status | Generations | All),
        type("batch", "v1", "cronjobs", "CronJob", Status | Generations | All, {"cj"}),
        type("coordination.k8s.io", "v1", "leases", "Lease", None),
        type("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice", None),
        type("networking.k8s.io", "v1", "ingresses", "Ingress", Status | Generations, {"ing"}),
        type("apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition", Cluster | Status,
             {"crd", "crds"}),
        type("policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget", Status | Generations, {"pdb"}),
    };
    for (ResourceType &one : types) {
        if (one.plural == "pods")
            one.graceSeconds = 30;
    }
    return types;
}

std::vector<ResourceType> gatewayTypes()
{
    std::vector<ResourceType> types = {
        type("gateway.networking.k8s.io", "v1", "httproutes", "HTTPRoute", Status | Generations),
        type("gateway.networking.k8s.io", "v1", "gateways", "Gateway", Status | Generations, {"gtw"}),
    };
    for (ResourceType &one : types)
        one.isBuiltIn = false;
    return types;
}

void registerTypes(ObjectStore &store, const std::vector<ResourceType> &types)
{
    for (const ResourceType &one : types)
        store.registerType(one);
}

} // namespace signalbox::sandbox
