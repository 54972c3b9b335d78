#include "services/adapters/kubernetes/kubernetescluster.h"
#include "services/adapters/kubernetes/podlog.h"
#include "services/adapters/kubernetes/usage.h"
#include "services/async/deliver.h"
#include "services/async/whenended.h"

#include <algorithm>

// The parts of KubernetesCluster that are asked for, not watched: logs and resource usage.
namespace signalbox::kubernetes
{

namespace
{

using UsageByUid = QHash<QString, Usage>;

// Several answers, each with its own table of uids, into one.
struct UsageRound
{
    std::mutex mutex;
    int open = 0;
    UsageByUid found;
    std::optional<Error> error;
    QPromise<Result<UsageByUid>> promise;

    void close(const Result<UsageByUid> &part)
    {
        const std::lock_guard lock(mutex);
        if (part)
            found.insert(*part);
        else
            error = part.error();
        if (--open > 0)
            return;
        promise.addResult(error && found.isEmpty() ? Result<UsageByUid>(*error) : Result<UsageByUid>(found));
        promise.finish();
    }
};

Result<UsageByUid> byUid(const Result<UsageByUid> &byPlace, const Result<QHash<QString, QString>> &uids)
{
    if (!byPlace || !uids)
        return byPlace ? Result<UsageByUid>(uids.error()) : byPlace;
    UsageByUid found;
    for (auto it = byPlace->cbegin(); it != byPlace->cend(); ++it) {
        const auto uid = uids->constFind(it.key());
        if (uid != uids->cend())
            found.insert(*uid, it.value());
    }
    return found;
}

} // namespace

std::unique_ptr<LogStream> KubernetesCluster::openLog(const LogRequest &request)
{
    return std::make_unique<PodLog>(m_client, request);
}

QFuture<Result<UsageByUid>> KubernetesCluster::podUsage(StopToken stop)
{
    return usage(QStringLiteral("pods"), ClusterKind::Pods, stop);
}

QFuture<Result<UsageByUid>> KubernetesCluster::nodeUsage(StopToken stop)
{
    return usage(QStringLiteral("nodes"), ClusterKind::Nodes, stop);
}

QFuture<Result<UsageByUid>> KubernetesCluster::usage(const QString &resource, ClusterKind kind, const StopToken &stop)
{
    const std::optional<ApiResource> served =
        m_discovery ? m_discovery->find(QStringLiteral("metrics.k8s.io"), resource) : std::nullopt;
    const auto watched =
        std::find_if(m_kinds.begin(), m_kinds.end(), [kind](const KindState &k) { return k.watched.kind == kind; });
    if (!served || watched->reflectors.empty())
        return ready(Result<UsageByUid>(UsageByUid{}));
    const auto round = std::make_shared<UsageRound>();
    round->open = static_cast<int>(watched->reflectors.size());
    round->promise.start();
    QFuture<Result<UsageByUid>> future = round->promise.future();
    for (const auto &[ns, reflector] : watched->reflectors) {
        const QFuture<Result<QHash<QString, QString>>> uids = reflector->uids();
        whenAnswered(
            m_client->get(served->path(ns), stop),
            [round, uids](const Result<HttpResponse> &answer) {
                const auto read =
                    answer.and_then([](const HttpResponse &response) { return parseUsage(response.body); });
                // Continues on the lane that knows the uids, or at once when it has told them already.
                whenAnswered(uids, [round, read](const Result<QHash<QString, QString>> &known) {
                    round->close(byUid(read, known));
                });
            },
            Continues::OnWorker);
    }
    return future;
}

} // namespace signalbox::kubernetes
