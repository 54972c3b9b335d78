#include "models/domain/cluster.h"

namespace signalbox
{

bool samePlace(const ObjectRef &a, const ObjectRef &b)
{
    return a.name == b.name && a.ns == b.ns && a.kind == b.kind && a.group == b.group && a.connection == b.connection;
}

QString toString(const ObjectRef &ref)
{
    const QString place = ref.ns.isEmpty() ? ref.name : ref.ns + QLatin1Char('/') + ref.name;
    return ref.kind + QLatin1Char(' ') + place;
}

QString imageTag(const QString &image)
{
    const QString named = image.section(QLatin1Char('@'), 0, 0);
    const qsizetype colon = named.lastIndexOf(QLatin1Char(':'));
    // A colon before the last slash belongs to the registry's port.
    return colon > named.lastIndexOf(QLatin1Char('/')) ? named.mid(colon + 1) : QString();
}

QString imageDigest(const QString &image)
{
    return image.section(QLatin1Char('@'), 1, 1);
}

QString clusterKindName(ClusterKind kind)
{
    switch (kind) {
    case ClusterKind::Namespaces:
        return QStringLiteral("namespaces");
    case ClusterKind::Nodes:
        return QStringLiteral("nodes");
    case ClusterKind::Pods:
        return QStringLiteral("pods");
    case ClusterKind::Deployments:
        return QStringLiteral("deployments");
    case ClusterKind::StatefulSets:
        return QStringLiteral("statefulsets");
    case ClusterKind::DaemonSets:
        return QStringLiteral("daemonsets");
    case ClusterKind::ReplicaSets:
        return QStringLiteral("replicasets");
    case ClusterKind::ControllerRevisions:
        return QStringLiteral("controllerrevisions");
    case ClusterKind::Services:
        return QStringLiteral("services");
    case ClusterKind::Endpoints:
        return QStringLiteral("endpoints");
    case ClusterKind::Routes:
        return QStringLiteral("httproutes");
    case ClusterKind::VirtualServices:
        return QStringLiteral("virtualservices");
    case ClusterKind::Autoscalers:
        return QStringLiteral("horizontalpodautoscalers");
    case ClusterKind::Events:
        return QStringLiteral("events");
    case ClusterKind::Rollouts:
        return QStringLiteral("rollouts");
    case ClusterKind::DestinationRules:
        return QStringLiteral("destinationrules");
    }
    return {};
}

} // namespace signalbox
