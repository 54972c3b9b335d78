#pragma once

#include "services/adapters/kubernetes/kubeclient.h"
#include "services/adapters/kubernetes/waiters.h"

#include <QDateTime>
#include <QHash>

#include <memory>
#include <mutex>
#include <optional>

// What nodes say of the images they hold (node.status.images). A kubelet names at most 50 of them, the largest first
// (its setting nodeStatusMaxImages), so that a name proves that the image was pulled, and a missing one proves nothing.
namespace signalbox::kubernetes
{

struct NodeImages
{
    bool isKnown = false;        // false: the nodes are not ours to list, or did not answer
    bool isPartial = false;      // there are more nodes than were looked at
    int nodes = 0;               // looked at, that take pods: ready and not cordoned
    QHash<QString, int> holders; // canonicalImage() -> how many of these name it
};

// One spelling of an image reference: "nginx" is "docker.io/library/nginx:latest"; of "r/x:1@sha256:..." the digest
// counts, not the tag.
QString canonicalImage(const QString &image);

// Of a NodeList; unknown where that is no JSON.
NodeImages parseNodeImages(const QByteArray &nodeList);

// Asked once, however many want to know at the same time, and kept for two minutes: it is a large answer about what
// changes slowly. At most 500 nodes are looked
// at, and it is waited for a second and a half: a rollback is planned meanwhile. Never fails: what cannot be read is
// not known. Thread-safe; the future's continuation may outlive it.
class NodeImageReader
{
public:
    [[nodiscard]] QFuture<Result<NodeImages>> read(const std::shared_ptr<KubeClient> &client, const StopToken &stop);

private:
    struct Kept
    {
        std::mutex mutex; // of the next three; not held while waiters are told
        NodeImages images;
        QDateTime until; // UTC; invalid: nothing is kept
        bool isAsked = false;
        Waiters<NodeImages> waiting;
    };
    std::shared_ptr<Kept> m_kept = std::make_shared<Kept>();
};

} // namespace signalbox::kubernetes
