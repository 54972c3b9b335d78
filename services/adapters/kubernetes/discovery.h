#pragma once

#include "services/adapters/kubernetes/kubeclient.h"

#include <tuple>

// The parsing half of KubeClient::discover(): pure functions over the server's answers.
namespace signalbox::kubernetes
{

// Stage (3 general, 2 beta, 1 alpha, 0 none of these), major, minor: greater is better.
std::tuple<int, int, int> versionRank(const QString &version);
bool isBetterVersion(const QString &a, const QString &b);

Result<QString> parseVersion(const QByteArray &body);          // of /version
Result<QStringList> parseCoreVersions(const QByteArray &body); // of /api: "/v1"
Result<QStringList> parseGroups(const QByteArray &body);       // of /apis: "apps/v1", "policy/v1beta1" ...
// Of /api/v1 and /apis/GROUP/VERSION; `groupVersion` as the two above name it.
Result<void> addResources(const QByteArray &body, const QString &groupVersion, Discovery &discovery);

// Everything is known that plans are made with: of each such group that was unavailable at least something.
bool isEnoughForPlans(const Discovery &discovery);
// What `before` knew of such a group is added to `now`, where the server lists the group but did not tell what is in
// it.
void keepKnown(const Discovery &before, Discovery &now);

} // namespace signalbox::kubernetes
