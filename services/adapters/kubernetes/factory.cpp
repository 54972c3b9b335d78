#include "services/adapters/kubernetes/factory.h"

namespace signalbox::kubernetes
{

std::unique_ptr<ClusterConnection> makeConnection(HttpClient &http, const ClusterAccess &access,
                                                  const ConnectionOptions &options)
{
    const auto endpoint = endpointFor(access, {.connection = options.id, .hasTerminal = options.hasTerminal});
    const auto client = std::make_shared<KubeClient>(http, endpoint);

    KubernetesClusterOptions cluster;
    cluster.connection = options.id;
    cluster.name = options.title.isEmpty() ? access.context : options.title;
    cluster.user = access.user;
    cluster.verifiesTls = access.verifiesTls();
    cluster.contextNamespace = access.ns;
    cluster.namespaces = options.namespaces;

    auto connection = std::make_unique<ClusterConnection>();
    connection->id = options.id;
    connection->title = cluster.name;
    connection->store = std::make_unique<ClusterStore>();
    connection->source = std::make_unique<KubernetesCluster>(client, cluster);
    connection->keepAlive = client;
    return connection;
}

std::shared_ptr<KubeClient> clientOf(const ClusterConnection &connection)
{
    return std::static_pointer_cast<KubeClient>(connection.keepAlive);
}

} // namespace signalbox::kubernetes
