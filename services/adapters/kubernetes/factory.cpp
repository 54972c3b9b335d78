#include "services/adapters/kubernetes/factory.h"

#include "services/adapters/kubernetes/rights.h"

namespace signalbox::kubernetes
{

std::unique_ptr<ClusterConnection> makeConnection(HttpClient &http, const ClusterAccess &access,
                                                  const ConnectionOptions &options)
{
    EndpointOptions wishes;
    wishes.connection = options.id;
    wishes.hasTerminal = options.hasTerminal;
    wishes.isTerminalTaken = options.isTerminalTaken;
    const auto endpoint = endpointFor(access, wishes);
    const auto client = std::make_shared<KubeClient>(http, endpoint);

    const auto reviewer = std::make_shared<RightsReviewer>(*client);

    KubernetesClusterOptions cluster;
    cluster.connection = options.id;
    cluster.name = options.title.isEmpty() ? access.context : options.title;
    cluster.user = access.user;
    cluster.verifiesTls = access.verifiesTls();
    cluster.contextNamespace = access.ns;
    cluster.namespaces = options.namespaces;

    // The client is held too: the reviewer only borrows it.
    cluster.rights = [client, reviewer](const QList<RightQuestion> &questions, const StopToken &stop) {
        return reviewer->ask(questions, stop);
    };

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
