#include "app/console/writtenconnection.h"

#include "app/console/workspaceconnections.h"

namespace signalbox
{

namespace
{

// The same kinds by name: the screen knows no workspace, the workspace no screen.
ConnectionConfig::Kind kindOf(WorkspaceConnection::Kind kind)
{
    switch (kind) {
    case WorkspaceConnection::Kind::Kubernetes:
        return ConnectionConfig::Kind::Kubernetes;
    case WorkspaceConnection::Kind::Prometheus:
        return ConnectionConfig::Kind::Prometheus;
    case WorkspaceConnection::Kind::Jenkins:
        return ConnectionConfig::Kind::Jenkins;
    case WorkspaceConnection::Kind::GitHub:
        return ConnectionConfig::Kind::GitHub;
    case WorkspaceConnection::Kind::GitLab:
        return ConnectionConfig::Kind::GitLab;
    case WorkspaceConnection::Kind::Travis:
        return ConnectionConfig::Kind::Travis;
    }
    return ConnectionConfig::Kind::Kubernetes;
}

WorkspaceConnection::Kind kindOf(ConnectionConfig::Kind kind)
{
    using Kind = WorkspaceConnection::Kind;
    for (Kind candidate : {Kind::Prometheus, Kind::Jenkins, Kind::GitHub, Kind::GitLab, Kind::Travis}) {
        if (kindOf(candidate) == kind)
            return candidate;
    }
    return Kind::Kubernetes;
}

} // namespace

QString freeId(const QString &wanted, const QStringList &taken)
{
    QString base;
    for (const QChar c : wanted.toLower())
        base += c.isLetterOrNumber() && c.unicode() < 128 ? c : QLatin1Char('-');
    if (base.isEmpty())
        base = QStringLiteral("connection");
    QString id = base;
    for (int n = 2; taken.contains(id); ++n)
        id = QStringLiteral("%1-%2").arg(base).arg(n);
    return id;
}

QList<ContextInfo> contextsOf(const kubernetes::KubeConfig &config)
{
    QList<ContextInfo> found;
    for (const kubernetes::KubeContext &context : config.contexts) {
        ContextInfo info;
        info.name = context.name;
        info.cluster = context.cluster;
        info.user = context.user;
        info.ns = context.ns;
        info.kubeconfig = context.place.section(QLatin1Char(':'), 0, -3);
        info.isCurrent = context.name == config.currentContext;
        if (const kubernetes::KubeCluster *cluster = config.cluster(context.cluster)) {
            info.server = cluster->server;
            info.skipsTlsVerification = cluster->insecureSkipVerify;
            if (cluster->problem)
                info.problem = cluster->problem->message;
        } else {
            info.problem =
                WorkspaceConnections::tr("The cluster \"%1\" is not in any of the files.").arg(context.cluster);
        }
        if (const kubernetes::KubeUser *user = config.user(context.user)) {
            if (user->exec)
                info.credentialProgram = user->exec->command;
            if (user->problem)
                info.problem = user->problem->message;
        }
        if (context.problem)
            info.problem = context.problem->message;
        found << info;
    }
    return found;
}

ConnectionConfig configOf(const WorkspaceConnection &connection, const WorkspaceFile &file)
{
    ConnectionConfig config;
    config.id = connection.id;
    config.title = connection.title.isEmpty() ? connection.id : connection.title;
    if (connection.kind == WorkspaceConnection::Kind::Kubernetes) {
        config.kind = ConnectionConfig::Kind::Kubernetes;
        config.kubeconfig = connection.kubeconfig.isEmpty() ? QString() : file.resolved(connection.kubeconfig.first());
        config.context = connection.context;
        config.namespaces = connection.namespaces;
        return config;
    }
    config.kind = kindOf(connection.kind);
    config.address = connection.url.toString();
    if (connection.bearer)
        config.credential = connection.bearer->toString();
    if (hasPipelines(config.kind)) {
        config.projects = connection.projects;
        config.user = connection.basicUser;
        if (connection.basicPassword)
            config.credential = connection.basicPassword->toString();
    }
    config.caFile = connection.caFile;
    config.skipsTlsVerification = connection.insecureSkipTlsVerify;
    return config;
}

WorkspaceConnection writtenConnection(const ConnectionConfig &config, const std::optional<WorkspaceFile> &file)
{
    WorkspaceConnection connection;
    if (file) {
        if (const WorkspaceConnection *known = file->workspace().connection(config.id))
            connection = *known; // what this screen does not show stays
    }
    connection.id = config.id;
    connection.title = config.title == config.id ? QString() : config.title;
    if (config.kind == ConnectionConfig::Kind::Kubernetes) {
        connection.kind = WorkspaceConnection::Kind::Kubernetes;
        if (!config.kubeconfig.isEmpty() && (connection.kubeconfig.isEmpty() || !file ||
                                             file->resolved(connection.kubeconfig.first()) != config.kubeconfig))
            connection.kubeconfig = {config.kubeconfig};
        connection.context = config.context;
        connection.namespaces = config.namespaces;
        return connection;
    }
    connection.kind = kindOf(config.kind);
    connection.url = QUrl(config.address);
    connection.bearer.reset();
    if (hasPipelines(config.kind)) {
        connection.projects = config.projects;
        connection.basicUser = config.user;
        connection.basicPassword.reset();
    }
    if (!config.credential.isEmpty()) {
        if (const Result<SecretReference> reference = parseSecretReference(config.credential))
            (config.user.isEmpty() ? connection.bearer : connection.basicPassword) = *reference;
    }
    connection.caFile = config.caFile;
    connection.insecureSkipTlsVerify = config.skipsTlsVerification;
    return connection;
}

} // namespace signalbox
