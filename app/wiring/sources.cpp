#include "app/wiring/sources.h"

#include "app/wiring/pemfile.h"
#include "app/wiring/registries.h"
#include "app/wiring/repositories.h"
#include "app/wiring/sourcestext.h"

#include <QDir>
#include <QFileInfo>

namespace signalbox
{

namespace
{

Error invalid(const QString &message)
{
    return Error{ErrorKind::Invalid, message, {}};
}

Result<Sources> fromKubeconfig(const QStringList &files, const QString &context)
{
    const auto config = kubernetes::loadKubeConfig(files);
    if (!config)
        return config.error();
    auto access = kubernetes::accessFor(*config, context);
    if (!access)
        return access.error();
    Sources sources;
    ClusterSpec spec;
    spec.id = access->context;
    spec.title = access->context;
    spec.files = config->files;
    spec.access = std::move(*access);
    sources.warnings = spec.access.warnings;
    sources.clusters.append(std::move(spec));
    return sources;
}

// With a workspace --context narrows down: a connection's id, or the context it uses.
bool isWanted(const WorkspaceConnection &connection, const QString &context)
{
    return context.isEmpty() || connection.kind != WorkspaceConnection::Kind::Kubernetes || connection.id == context ||
           connection.context == context;
}

Result<Sources> fromWorkspace(const QString &path, const QString &context)
{
    auto file = WorkspaceFile::load(path);
    if (!file)
        return file.error();
    Sources sources;
    sources.warnings = file->workspace().warnings;
    QStringList ids;
    bool hasWanted = false;
    for (const WorkspaceConnection &connection : file->workspace().connections) {
        if (connection.kind == WorkspaceConnection::Kind::Kubernetes) {
            ids.append(connection.id);
            if (!isWanted(connection, context))
                continue;
            hasWanted = true;
            auto spec = clusterSpecOf(connection, *file);
            if (!spec) {
                sources.problems.append({connection.id, spec.error()});
                continue;
            }
            sources.warnings += spec->access.warnings;
            sources.clusters.append(std::move(*spec));
        } else if (hasPipelines(connection.kind)) {
            auto spec = pipelineSpecOf(connection, *file);
            if (spec)
                sources.pipelines.append(std::move(*spec));
            else
                sources.problems.append({connection.id, spec.error()});
        } else {
            auto spec = metricSpecOf(connection, *file);
            if (spec)
                sources.metrics.append(std::move(*spec));
            else
                sources.problems.append({connection.id, spec.error()});
        }
    }
    if (!context.isEmpty() && !hasWanted)
        return Error{
            ErrorKind::NotFound,
            ids.isEmpty()
                ? SourcesText::tr("%1 has no kubernetes connection, hence none named \"%2\".").arg(path, context)
                : SourcesText::tr("%1 has no kubernetes connection \"%2\". There are: %3.")
                      .arg(path, context, ids.join(QStringLiteral(", "))),
            {}};
    if (const auto &ledger = file->workspace().ledger) {
        auto spec = ledgerSpecOf(*ledger, *file);
        if (spec)
            sources.ledger = std::move(*spec);
        else
            sources.problems.append({QStringLiteral("ledger"), spec.error()});
    }
    for (const WorkspaceRepository &repository : file->workspace().repositories) {
        auto config = gitSourceConfigOf(repository, *file);
        if (config)
            sources.repositories.append(std::move(*config));
        else
            sources.problems.append({repository.id, config.error()});
    }
    for (const WorkspaceRegistry &registry : file->workspace().registries) {
        auto config = registryConfigOf(registry, *file);
        if (config)
            sources.registries.append(std::move(*config));
        else
            sources.problems.append({registry.id, config.error()});
    }
    sources.workspace = std::move(*file);
    return sources;
}

} // namespace

Result<void> checkSourceOptions(const SourceOptions &options)
{
    if (options.demo && (!options.workspace.isEmpty() || !options.kubeconfig.isEmpty()))
        return invalid(SourcesText::tr("--demo is a world of its own: leave out -w and --kubeconfig, or --demo."));
    if (!options.workspace.isEmpty() && !options.kubeconfig.isEmpty())
        return invalid(
            SourcesText::tr("-w and --kubeconfig exclude each other: a workspace names its kubeconfig files itself."));
    if (options.prometheus.isEmpty())
        return {};
    if (options.demo)
        return invalid(SourcesText::tr("--demo has metrics of its own: leave out --prometheus, or --demo."));
    if (!options.workspace.isEmpty())
        return invalid(
            SourcesText::tr("-w and --prometheus exclude each other: a workspace names its metric sources itself."));
    const auto spec = metricSpecOf(options.prometheus);
    return spec ? Result<void>() : Result<void>(spec.error());
}

namespace
{

Result<Sources> withMetrics(Result<Sources> sources, const QString &address)
{
    if (!sources || address.isEmpty())
        return sources;
    auto spec = metricSpecOf(address);
    if (!spec)
        return spec.error();
    sources->metrics.append(std::move(*spec));
    return sources;
}

} // namespace

Result<Sources> findSources(const SourceOptions &options)
{
    // With --demo the workspace is that of the practice world.
    if (options.demo) {
        if (options.workspace.isEmpty())
            return Error{ErrorKind::Internal, SourcesText::tr("The practice world has not been started."), {}};
    } else if (const auto checked = checkSourceOptions(options); !checked) {
        return checked.error();
    }
    if (!options.kubeconfig.isEmpty()) {
        if (!QFileInfo::exists(options.kubeconfig))
            return Error{ErrorKind::NotFound,
                         SourcesText::tr("There is no kubeconfig file %1. Check the path.").arg(options.kubeconfig),
                         {}};
        return withMetrics(fromKubeconfig({QFileInfo(options.kubeconfig).absoluteFilePath()}, options.context),
                           options.prometheus);
    }
    if (!options.workspace.isEmpty())
        return fromWorkspace(options.workspace, options.context);
    const QString fromEnvironment = qEnvironmentVariable("SIGNALBOX_WORKSPACE");
    if (!fromEnvironment.isEmpty() && options.prometheus.isEmpty())
        return fromWorkspace(fromEnvironment, options.context);
    return withMetrics(fromKubeconfig(kubernetes::defaultKubeConfigFiles(), options.context), options.prometheus);
}

Result<ClusterSpec> clusterSpecOf(const WorkspaceConnection &connection, const WorkspaceFile &file)
{
    QStringList files;
    for (const QString &written : connection.kubeconfig) {
        files.append(file.resolved(written));
        if (!QFileInfo::exists(files.last()))
            return Error{ErrorKind::NotFound,
                         SourcesText::tr("%1:%2: connection %3: there is no kubeconfig file %4.")
                             .arg(file.path())
                             .arg(connection.line)
                             .arg(connection.id, files.last()),
                         {}};
    }
    if (files.isEmpty())
        files = kubernetes::defaultKubeConfigFiles();
    const auto config = kubernetes::loadKubeConfig(files);
    if (!config)
        return config.error();
    auto access = kubernetes::accessFor(*config, connection.context);
    if (!access)
        return access.error();
    ClusterSpec spec;
    spec.id = connection.id;
    spec.title = connection.title.isEmpty() ? connection.id : connection.title;
    spec.namespaces = connection.namespaces;
    spec.files = config->files;
    spec.access = std::move(*access);
    return spec;
}

Result<MetricSpec> metricSpecOf(const QString &address)
{
    if (address.contains(QLatin1Char('@')))
        return invalid(
            SourcesText::tr("--prometheus: the address holds a user name or password. Take it out; a workspace can "
                            "name where a credential comes from."));
    const QUrl url(address, QUrl::StrictMode);
    const bool isWeb = url.scheme() == QLatin1String("http") || url.scheme() == QLatin1String("https");
    if (!url.isValid() || !isWeb || url.host().isEmpty() || url.hasQuery() || url.hasFragment())
        return invalid(
            SourcesText::tr("--prometheus: \"%1\" is no address of a Prometheus: expected one that begins with "
                            "http:// or https://, without \"?\" and \"#\", for example http://127.0.0.1:9090.")
                .arg(address));
    MetricSpec spec;
    spec.id = QStringLiteral("prometheus");
    spec.title = QStringLiteral("Prometheus %1").arg(url.authority());
    spec.url = url;
    return spec;
}

Result<MetricSpec> metricSpecOf(const WorkspaceConnection &connection, const WorkspaceFile &file)
{
    MetricSpec spec;
    spec.id = connection.id;
    spec.title = connection.title.isEmpty() ? connection.id : connection.title;
    spec.url = connection.url;
    spec.insecureSkipTlsVerify = connection.insecureSkipTlsVerify;
    spec.bearer = connection.bearer;
    spec.basicUser = connection.basicUser;
    spec.basicPassword = connection.basicPassword;
    if (!connection.caFile.isEmpty()) {
        auto pem = pemFile(file.resolved(connection.caFile));
        if (!pem)
            return pem.error();
        spec.caPem = std::move(*pem);
    }
    return spec;
}

Result<PipelineSpec> pipelineSpecOf(const WorkspaceConnection &connection, const WorkspaceFile &file)
{
    PipelineSpec spec;
    spec.kind = connection.kind;
    spec.server.id = connection.id;
    spec.server.title = connection.title;
    spec.server.url = connection.url;
    spec.server.insecureSkipTlsVerify = connection.insecureSkipTlsVerify;
    spec.server.bearer = connection.bearer;
    spec.server.user = connection.basicUser;
    spec.server.password = connection.basicPassword;
    spec.server.projects = connection.projects;
    if (!connection.caFile.isEmpty()) {
        auto pem = pemFile(file.resolved(connection.caFile));
        if (!pem)
            return pem.error();
        spec.server.caPem = std::move(*pem);
    }
    return spec;
}

} // namespace signalbox
