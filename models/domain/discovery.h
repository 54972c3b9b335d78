#pragma once

#include "models/domain/application.h"

#include <vector>

// Which applications a namespace holds, told from its objects alone. Pure.
//
// Applications: recommended labels (app.kubernetes.io/name, instance, part-of), then `app`, then names without their
// track (blue, green, canary ...). What ships as one image is one release: workloads of one name with different images
// are applications of their own. Tracks: labels (track, slot, color, version=blue ...), then names; `version` labels
// too where the workloads of one application differ in them. Shares: the weights of the route that decides, or a
// Service that selects one track alone; where neither does, nothing is claimed.
namespace signalbox
{

struct NamespaceContents
{
    QString connection;
    QString ns;
    QString environment;                       // shown for it
    std::vector<const Workload *> workloads;   // of this namespace
    std::vector<const Revision *> revisions;   // likewise
    std::vector<const Pod *> pods;             // likewise
    std::vector<const ServiceInfo *> services; // likewise
    std::vector<const Autoscaler *> autoscalers;
    std::vector<const Route *> routes; // of any namespace; those that lead elsewhere are passed over
    Freshness freshness;               // the worst of the kinds above
    bool areRoutesDenied = false;      // a kind of them may not be read: there may be more
};

// By name of application.
QList<Deployed> discoverApplications(const NamespaceContents &contents);

// The parts, for tests and for others that group the same way.
struct TrackName
{
    QString base;  // "cart" of "cart-blue"
    QString track; // "blue"; empty: none
};
TrackName splitTrack(const QString &name);
// The name of the application that a workload belongs to, as far as its labels and name tell it.
QString applicationOf(const QString &workload, const Labels &labels, const Labels &podLabels);
// Labels that name a track whatever their value is: track, slot, color ...
const QStringList &trackLabels();
// The track that labels name: by one of trackLabels(), or by a word that means one in `version` and the like. What
// `labels` lack is looked up in `further`. Empty: none.
QString trackOfLabels(const Labels &labels, const Labels &further = {});
// The track that a whole word or a name's part means: of "blue" and of "cart-blue" blue. Empty: none.
QString trackOfWord(const QString &text);
// "stable" where "canary" is known: what the one without a word is called, told by the others' words. Empty: unknown.
QString otherHalf(const QStringList &knownTracks);
// The namespaces that any destination of the route leads to.
QStringList namespacesOf(const Route &route);
// "cart" of "cart.shop.svc.cluster.local": the Service a route's host names.
QString serviceOfHost(const QString &host);

} // namespace signalbox
