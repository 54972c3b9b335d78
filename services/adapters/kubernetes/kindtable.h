#pragma once

#include "services/adapters/kubernetes/kubeclient.h"
#include "services/adapters/kubernetes/parse.h"

namespace signalbox::kubernetes
{

// Where a kind may be read: the first one that the server has is taken, in the best of these versions.
struct KindSource
{
    QString group;
    QString resource;
    QStringList versions; // most wanted first; only those whose form the parser knows
};

struct WatchedKind
{
    ClusterKind kind = ClusterKind::Pods;
    QList<KindSource> sources;
    bool isNamespaced = true;
};

// Everything the console watches, what it needs first coming first.
const QList<WatchedKind> &watchedKinds();

// In which forms a kind is read, most wanted first: whoever writes it knows the same ones. Empty: it is not watched.
QStringList watchedVersions(const QString &group, const QString &resource);

// The resource to read `kind` from on this server; none: the server lacks it.
std::optional<ApiResource> sourceOf(const WatchedKind &kind, const Discovery &discovery);

} // namespace signalbox::kubernetes
