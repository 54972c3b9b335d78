#pragma once

#include "models/domain/operation.h"

#include <QUrl>

namespace signalbox
{

// The same for every configuration that leads there, under whatever name or user: of scheme, host, port and path, and
// of what else makes the address lead to that server (`route`: a proxy, the name its certificate is expected to have,
// its CA or, in words, its CAs), where any of it is told: behind two proxies, or two tunnels, one address is two
// servers. A public address is one server by whatever proxy or name it is reached. Digests, since a path may hold a
// secret. Empty: no address.
QString serverIdentity(const QUrl &address, const QStringList &route = {});
// The same with "@PLACE" behind it, which is taken from `told`: what a plan says by itself of where its objects are,
// the same at whatever address they are reached (of a cluster the uid of the namespace). Without one: `server` as it
// is.
QString serverAtPlace(const QString &server, const QString &told);
// False where they surely are two: two places; or else, where not both tell one, another address, or a part of the
// route that both tell has nothing in common. Of one server one configuration may tell its CA or a proxy, and another
// not, or a bundle that its CA is in. Empty: not known, it may be any.
bool mayBeSameServer(const QString &one, const QString &other);

// What an operation of this plan holds: connection|ns|application, as Deployed::key().
// At a server of pipelines `ns` is a project: which environments a run of it will change is often not told, so what
// runs or deploys there holds all of it. A decision at a gate holds that gate alone, since the run that an awaiting
// operation watches may go on only once another gate of it was decided; a cancellation holds the run that it ends.
QString operationKeyOf(const Plan &plan);
// The same across the programs of this machine: by the server's address, where it is known, since names are one
// program's own. By the address alone: two servers behind one exclude each other. What goes back takes nothing from the
// other one all the same (mayBeSameServer). And by its place, where that is known: one cluster has many addresses. Both
// are held, since who may not read the place knows the address only.
QStringList lockKeysOf(const Plan &plan);

// The environments, in lower case, that alone the operation is about: of one that goes back in a project by running a
// deploying job again, where its plan knows all that runs along, and of a promotion whose gate names its environment.
// Empty: not told, it may be any.
QStringList lockPlacesOf(const Plan &plan);
// Both are told and have none in common: of two such operations the one that goes back takes nothing from the other.
bool areApart(const QStringList &one, const QStringList &other);

// Others do what this step waits for; it is only looked at.
bool callsNothing(const PlanStep &step);

} // namespace signalbox
