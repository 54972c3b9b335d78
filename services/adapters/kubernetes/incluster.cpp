#include "services/adapters/kubernetes/incluster.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>

namespace signalbox::kubernetes
{

namespace
{

constexpr qint64 longestNamespace = 1024;

QString namespaceIn(const QDir &folder)
{
    const QString told = qEnvironmentVariable("POD_NAMESPACE");
    QFile file(folder.filePath(QStringLiteral("namespace")));
    if (!told.isEmpty() || !file.open(QIODevice::ReadOnly))
        return told;
    return QString::fromUtf8(file.read(longestNamespace)).trimmed();
}

} // namespace

// As client-go does it: rest.InClusterConfig() (rest/config.go) for the server, token and CA, inClusterClientConfig
// (tools/clientcmd/client_config.go) for the namespace. The token is read again as time goes by: it is rotated.
std::optional<KubeConfig> inClusterConfig(const QString &folder)
{
    const QString host = qEnvironmentVariable("KUBERNETES_SERVICE_HOST");
    const QString port = qEnvironmentVariable("KUBERNETES_SERVICE_PORT");
    const QDir mounted(folder);
    const QString token = mounted.filePath(QStringLiteral("token"));
    if (host.isEmpty() || port.isEmpty() || !QFileInfo(token).isReadable())
        return std::nullopt;
    const QString name = QStringLiteral("in-cluster");
    KubeCluster cluster;
    cluster.name = name;
    cluster.place = folder;
    cluster.server =
        (host.contains(u':') ? QStringLiteral("https://[%1]:%2") : QStringLiteral("https://%1:%2")).arg(host, port);
    if (const QString ca = mounted.filePath(QStringLiteral("ca.crt")); QFileInfo::exists(ca)) {
        cluster.ca.file = ca;
        cluster.ca.place = ca;
    }
    KubeUser user;
    user.name = name;
    user.place = folder;
    user.tokenFile.file = token;
    user.tokenFile.place = token;
    KubeContext context;
    context.name = name;
    context.place = folder;
    context.cluster = name;
    context.user = name;
    context.ns = namespaceIn(mounted);
    KubeConfig config;
    config.files = {folder};
    config.clusters = {cluster};
    config.users = {user};
    config.contexts = {context};
    config.currentContext = name;
    return config;
}

} // namespace signalbox::kubernetes
