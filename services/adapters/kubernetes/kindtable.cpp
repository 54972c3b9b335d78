#include "services/adapters/kubernetes/kindtable.h"

namespace signalbox::kubernetes
{

const QList<WatchedKind> &watchedKinds()
{
    const auto s = [](const char *text) { return QString::fromLatin1(text); };
    const QStringList v1 = {s("v1")};
    const QString core;
    static const QList<WatchedKind> kinds = {
        {ClusterKind::Namespaces, {{core, s("namespaces"), v1}}, false},
        {ClusterKind::Nodes, {{core, s("nodes"), v1}}, false},
        {ClusterKind::Deployments, {{s("apps"), s("deployments"), v1}}},
        {ClusterKind::StatefulSets, {{s("apps"), s("statefulsets"), v1}}},
        {ClusterKind::DaemonSets, {{s("apps"), s("daemonsets"), v1}}},
        {ClusterKind::Rollouts, {{s("argoproj.io"), s("rollouts"), {s("v1alpha1")}}}},
        {ClusterKind::Services, {{core, s("services"), v1}}},
        {ClusterKind::Routes,
         {{s("gateway.networking.k8s.io"), s("httproutes"), {s("v1"), s("v1beta1"), s("v1alpha2")}}}},
        {ClusterKind::VirtualServices,
         {{s("networking.istio.io"), s("virtualservices"), {s("v1"), s("v1beta1"), s("v1alpha3")}}}},
        {ClusterKind::DestinationRules,
         {{s("networking.istio.io"), s("destinationrules"), {s("v1"), s("v1beta1"), s("v1alpha3")}}}},
        {ClusterKind::ReplicaSets, {{s("apps"), s("replicasets"), v1}}},
        {ClusterKind::Pods, {{core, s("pods"), v1}}},
        {ClusterKind::Autoscalers,
         {{s("autoscaling"), s("horizontalpodautoscalers"), {s("v2"), s("v2beta2"), s("v2beta1"), s("v1")}}}},
        {ClusterKind::Endpoints,
         {{s("discovery.k8s.io"), s("endpointslices"), {s("v1"), s("v1beta1")}}, {core, s("endpoints"), v1}}},
        {ClusterKind::ControllerRevisions, {{s("apps"), s("controllerrevisions"), v1}}},
        {ClusterKind::Events, {{s("events.k8s.io"), s("events"), {s("v1"), s("v1beta1")}}, {core, s("events"), v1}}},
    };
    return kinds;
}

QStringList watchedVersions(const QString &group, const QString &resource)
{
    for (const WatchedKind &kind : watchedKinds()) {
        for (const KindSource &source : kind.sources) {
            if (source.group == group && source.resource == resource)
                return source.versions;
        }
    }
    return {};
}

std::optional<ApiResource> sourceOf(const WatchedKind &kind, const Discovery &discovery)
{
    for (const KindSource &source : kind.sources) {
        std::optional<ApiResource> found = discovery.find(source.group, source.resource, source.versions);
        if (found && found->verbs.contains(QLatin1String("watch")) && found->verbs.contains(QLatin1String("list")))
            return found;
    }
    return {};
}

} // namespace signalbox::kubernetes
