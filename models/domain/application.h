#pragma once

#include "models/domain/cluster.h"

#include <optional>

// Applications by environment, as derived from what a cluster holds (models/domain/discovery.h derives them).
namespace signalbox
{

// One version of an application that can take traffic: blue, green, stable, canary; "" where there is only one.
struct Track
{
    QString name;
    QList<ObjectRef> workloads;
    QString version;      // image tag, or version label; for people
    QString templateHash; // short hash of the pod template
    QString digest;       // image digest where pinned
    int podsReady = 0;
    int podsWanted = 0;
    std::optional<double> share; // of live traffic, 0..1; none: nothing says so
    QDateTime since;
    Health health = Health::Unknown;

    bool operator==(const Track &) const = default;
};

struct RouterRef
{
    enum class Kind { ServiceSelector, HttpRoute, VirtualService, ArgoRollout, IngressNginx, HAProxy };
    Kind kind = Kind::ServiceSelector;
    ObjectRef object;
    QString rule; // name or index of the rule within it; empty for a Service

    bool operator==(const RouterRef &) const = default;
};
QString routerKindLabel(RouterRef::Kind kind); // "Gateway API", "Istio", "Service selector" ...

// An application in one environment: the unit of every operation, lock and record.
struct Deployed
{
    QString application;
    QString environment; // the namespace, or CONTEXT/NAMESPACE where that is ambiguous
    QString connection;
    QString ns;
    QString team;        // label, may be empty
    QList<Track> tracks; // at least one; the one with most live traffic first
    QList<RouterRef> routers;
    QList<Manager> managers; // of any object in it, each once
    bool isProtected = true;
    Health health = Health::Unknown;
    QString state;       // why it is not ok
    QDateTime since;     // last roll-out
    Freshness freshness; // the worst of the kinds it was derived from
    // A Service tells the shares, and routes, which stand before Services, may not be read: they may lead elsewhere.
    bool isShareAssumed = false;

    QString key() const { return connection + QLatin1Char('|') + ns + QLatin1Char('|') + application; }
    bool operator==(const Deployed &) const = default;
};

// Without a policy everything is protected, unless a whole word of the name says dev, test, qa, staging, preview or
// sandbox ("dev", "team-dev", "qa_2"; not "developers").
bool isProtectedByName(const QString &environment);

} // namespace signalbox
