#pragma once

#include "models/domain/traffic.h"
#include "services/adapters/kubernetes/planbasics.h"

// How a Service selector, an HTTPRoute or a VirtualService divides traffic, and the plan of a change. Pure: works on
// what traffic.cpp read.
//
// Sources: Gateway API HTTPRoute (gateway-api.sigs.k8s.io/reference/spec, HTTPBackendRef.weight: 0..1,000,000, default
// 1, proportional); Istio VirtualService (istio.io/latest/docs/reference/config/networking/virtual-service, weight).
namespace signalbox::kubernetes
{

// One way traffic can go.
struct Leg
{
    TrafficLeg shown;
    Labels selector;       // of the pods behind it; empty: not known
    QString ns;            // of those pods
    QString selectorValue; // Service selector: the value of the key
};

struct RouterView
{
    RouterRef router;
    Discovery discovery;
    ApiResource resource;
    Json object;           // Service, HTTPRoute, VirtualService
    QList<Json> services;  // of the namespace
    QList<Json> workloads; // Deployments, StatefulSets, DaemonSets of the namespace
    QList<Json> subsets;   // DestinationRules of the namespace
    QList<Json> rollouts;  // Argo Rollouts and Flagger Canaries of the namespace
    QList<Json> canaries;
    QList<Unseen> hidden; // of all these lists and of the pods: those that are not ours to read
    QString rulePointer;  // "/spec/rules/0/backendRefs"; "/spec/selector" of a Service
    QString selectorKey;  // Service selector: the label that tells tracks apart
    QList<Leg> legs;
    QDateTime readAt;
    qint64 clockSkewMs = 0;

    QString title() const
    {
        return QStringLiteral("%1 %2/%3")
            .arg(resource.kind, textAt(object, "/metadata/namespace"), textAt(object, "/metadata/name"));
    }
    bool isService() const { return router.kind == RouterRef::Kind::ServiceSelector; }
    QList<Unseen> hiddenOf(const QStringList &resources) const;
};

// "blue" of Service "web-blue", of labels {track: blue}; empty: nothing says so.
QString trackWord(const QString &name, const Labels &labels);

// The rule that the router names (name, index, or PROTOCOL/INDEX for Istio; empty: the only one that divides traffic).
Result<QString> findRule(const Json &route, RouterRef::Kind kind, const QString &rule);
// The legs, without their pods. Fails where the Service's selector tells no tracks apart.
Result<RouterView> withLegs(RouterView view);

struct RouteState
{
    TrafficSplit::Applied applied = TrafficSplit::Applied::CannotTell;
    QString reason;
    bool isReported = false; // a controller writes conditions at all
    bool isUndated = false;  // it accepts, without telling which generation: that it is this one cannot be told
};
RouteState routeState(const Json &route);

// Rollouts and Canaries that write the object's weights or selector.
QList<Manager> trafficManagers(const RouterView &view);
TrafficSplit splitOf(const RouterView &view, const QList<Manager> &managers);
Result<Draft> draftTraffic(const RouterView &view, const TrafficOrder &order);

} // namespace signalbox::kubernetes
