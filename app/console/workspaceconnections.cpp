#include "app/console/workspaceconnections.h"

#include "app/console/connectionprobe.h"
#include "services/adapters/kubernetes/kubeconfig.h"
#include "services/async/deliver.h"

#include <QFileInfo>

#include <algorithm>

namespace signalbox
{

namespace
{

Error withoutWorkspace(const QString &path)
{
    return {
        ErrorKind::Invalid,
        WorkspaceConnections::tr("%1 could not be read, so nothing is written to it. Mend it first, then try again.")
            .arg(path),
        {}};
}

QString freeId(const QString &wanted, const Workspace &workspace)
{
    QString base;
    for (const QChar c : wanted.toLower())
        base += c.isLetterOrNumber() && c.unicode() < 128 ? c : QLatin1Char('-');
    if (base.isEmpty())
        base = QStringLiteral("connection");
    QString id = base;
    for (int n = 2; workspace.connection(id); ++n)
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
        if (const kubernetes::KubeUser *user = config.user(context.user); user && user->problem)
            info.problem = user->problem->message;
        if (context.problem)
            info.problem = context.problem->message;
        found << info;
    }
    return found;
}

} // namespace

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
    config.kind = ConnectionConfig::Kind::Prometheus;
    config.address = connection.url.toString();
    if (connection.bearer)
        config.credential = connection.bearer->toString();
    config.caFile = connection.caFile;
    config.skipsTlsVerification = connection.insecureSkipTlsVerify;
    return config;
}

WorkspaceConnections::WorkspaceConnections(Session &session, SourceOptions options, QString newFile, QObject *parent)
    : ConnectionsService(parent)
    , m_session(session)
    , m_options(std::move(options))
    , m_newFile(std::move(newFile))
{
    // What was saved from this window before is opened again, where nothing else was named.
    if (m_options.workspace.isEmpty() && m_options.kubeconfig.isEmpty() && QFileInfo::exists(m_newFile))
        m_options.workspace = m_newFile;
}

WorkspaceConnections::~WorkspaceConnections()
{
    m_stop.request_stop();
}

QString WorkspaceConnections::workspaceFile() const
{
    return m_workspace ? m_workspace->path() : m_newFile;
}

void WorkspaceConnections::start()
{
    const StopToken stop = m_stop.get_token();
    deliver(m_files.run([options = m_options] { return findSources(options); }), stop, this,
            [this](const Result<Sources> &sources) { take(sources); });
}

void WorkspaceConnections::take(const Result<Sources> &sources)
{
    m_isStarted = true;
    m_problem.reset();
    m_connections.clear();
    if (!sources) {
        m_problem = sources.error();
        emit changed();
        return;
    }
    m_workspace = sources->workspace;
    if (m_workspace) {
        for (const WorkspaceConnection &connection : m_workspace->workspace().connections)
            m_connections << configOf(connection, *m_workspace);
    } else {
        for (const ClusterSpec &spec : sources->clusters) {
            ConnectionConfig config;
            config.id = spec.id;
            config.title = spec.title;
            config.kubeconfig = m_options.kubeconfig;
            config.context = spec.access.context;
            config.isDiscovered = true;
            m_connections << config;
        }
    }
    if (!sources->problems.isEmpty())
        m_problem = sources->problems.first().error;
    m_session.open(*sources);
    QStringList warnings = sources->warnings;
    for (const SourceProblem &problem : sources->problems)
        warnings << problem.error.message;
    for (const ClusterSpec &spec : sources->clusters)
        warnings << spec.access.warnings;
    if (!warnings.isEmpty())
        emit warningsFound(warnings);
    emit changed();
}

QFuture<Result<QList<ContextInfo>>> WorkspaceConnections::contexts(QStringList moreFiles, StopToken)
{
    QStringList known;
    for (const ConnectionConfig &config : m_connections)
        known << config.context;
    return m_files.run([moreFiles, known]() -> Result<QList<ContextInfo>> {
        QList<ContextInfo> all;
        std::optional<Error> failure;
        const auto add = [&](const QStringList &files) {
            const Result<kubernetes::KubeConfig> config = kubernetes::loadKubeConfig(files);
            if (config)
                all += contextsOf(*config);
            else
                failure = config.error();
        };
        add(kubernetes::defaultKubeConfigFiles());
        for (const QString &file : moreFiles)
            add({file});
        if (all.isEmpty() && failure)
            return *failure;
        for (ContextInfo &info : all)
            info.isImported = known.contains(info.name);
        return all;
    });
}

std::unique_ptr<ConnectionProbe> WorkspaceConnections::probe(const ConnectionConfig &config)
{
    return makeProbe(m_session, m_files, config, written(config), m_workspace);
}

WorkspaceConnection WorkspaceConnections::written(const ConnectionConfig &config) const
{
    WorkspaceConnection connection;
    if (m_workspace) {
        if (const WorkspaceConnection *known = m_workspace->workspace().connection(config.id))
            connection = *known; // what this screen does not show stays
    }
    connection.id = config.id;
    connection.title = config.title == config.id ? QString() : config.title;
    if (config.kind == ConnectionConfig::Kind::Kubernetes) {
        connection.kind = WorkspaceConnection::Kind::Kubernetes;
        if (!config.kubeconfig.isEmpty() && (connection.kubeconfig.isEmpty() || !m_workspace ||
                                             m_workspace->resolved(connection.kubeconfig.first()) != config.kubeconfig))
            connection.kubeconfig = {config.kubeconfig};
        connection.context = config.context;
        connection.namespaces = config.namespaces;
        return connection;
    }
    connection.kind = WorkspaceConnection::Kind::Prometheus;
    connection.url = QUrl(config.address);
    connection.bearer.reset();
    if (!config.credential.isEmpty()) {
        if (const Result<SecretReference> reference = parseSecretReference(config.credential))
            connection.bearer = *reference;
    }
    connection.caFile = config.caFile;
    connection.insecureSkipTlsVerify = config.skipsTlsVerification;
    return connection;
}

QFuture<Result<QString>> WorkspaceConnections::save(ConnectionConfig config)
{
    if (!m_workspace && m_problem && !m_options.workspace.isEmpty())
        return ready(Result<QString>(withoutWorkspace(m_options.workspace)));
    if (!config.credential.isEmpty()) {
        if (const Result<SecretReference> reference = parseSecretReference(config.credential); !reference)
            return ready(Result<QString>(reference.error()));
    }
    const bool isNewFile = !m_workspace;
    WorkspaceFile file = isNewFile ? WorkspaceFile::createAt(m_newFile) : *m_workspace;
    // A first save makes a workspace: what was only found so far must not vanish from it.
    for (const ConnectionConfig &found : isNewFile ? m_connections : QList<ConnectionConfig>()) {
        if (found.id != config.id)
            file.putConnection(written(found));
    }
    if (config.id.isEmpty())
        config.id = freeId(config.title.isEmpty() ? config.context : config.title, file.workspace());
    file.putConnection(written(config));

    auto promise = std::make_shared<QPromise<Result<QString>>>();
    promise->start();
    deliver(m_files.run([file]() mutable -> Result<WorkspaceFile> {
        if (const Result<void> saved = file.save(); !saved)
            return saved.error();
        return file;
    }),
            m_stop.get_token(), this, [this, promise, config](const Result<WorkspaceFile> &saved) {
                if (!saved) {
                    promise->addResult(Result<QString>(saved.error()));
                } else {
                    m_workspace = *saved;
                    connectSaved(*saved, config.id);
                    promise->addResult(Result<QString>(config.id));
                }
                promise->finish();
            });
    return promise->future();
}

void WorkspaceConnections::connectSaved(const WorkspaceFile &file, const QString &id)
{
    m_connections.clear();
    for (const WorkspaceConnection &connection : file.workspace().connections)
        m_connections << configOf(connection, file);
    const WorkspaceConnection *const connection = file.workspace().connection(id);
    if (!connection) {
        emit changed();
        return;
    }
    m_session.disconnect(id);
    const StopToken stop = m_stop.get_token();
    const auto failed = [this](const Error &error) {
        m_problem = error;
        emit changed();
    };
    m_problem.reset();
    if (connection->kind == WorkspaceConnection::Kind::Kubernetes) {
        deliver(m_files.run([file, copy = *connection] { return clusterSpecOf(copy, file); }), stop, this,
                [this, failed](const Result<ClusterSpec> &spec) {
                    if (!spec)
                        return failed(spec.error());
                    m_session.connectCluster(*spec);
                    emit changed();
                });
        return;
    }
    deliver(m_files.run([file, copy = *connection] { return metricSpecOf(copy, file); }), stop, this,
            [this, failed](const Result<MetricSpec> &spec) {
                if (!spec)
                    return failed(spec.error());
                m_session.connectMetrics(*spec);
                emit changed();
            });
}

QFuture<Result<void>> WorkspaceConnections::remove(QString id)
{
    const auto found = std::find_if(m_connections.begin(), m_connections.end(),
                                    [&id](const ConnectionConfig &config) { return config.id == id; });
    if (found == m_connections.end()) {
        return ready(
            Result<void>(Error{ErrorKind::NotFound,
                               tr("There is no connection \"%1\" any more; somebody removed it already.").arg(id),
                               {}}));
    }
    if (!m_workspace) { // only found, written nowhere
        m_connections.erase(found);
        m_session.disconnect(id);
        emit changed();
        return ready(Result<void>());
    }
    WorkspaceFile file = *m_workspace;
    file.removeConnection(id);
    auto promise = std::make_shared<QPromise<Result<void>>>();
    promise->start();
    deliver(m_files.run([file]() mutable -> Result<WorkspaceFile> {
        if (const Result<void> saved = file.save(); !saved)
            return saved.error();
        return file;
    }),
            m_stop.get_token(), this, [this, promise, id](const Result<WorkspaceFile> &saved) {
                if (!saved) {
                    promise->addResult(Result<void>(saved.error()));
                } else {
                    m_workspace = *saved;
                    m_connections.removeIf([&id](const ConnectionConfig &config) { return config.id == id; });
                    m_session.disconnect(id);
                    promise->addResult(Result<void>());
                    emit changed();
                }
                promise->finish();
            });
    return promise->future();
}

void WorkspaceConnections::rescan()
{
    for (const ConnectionConfig &config : m_connections)
        m_session.disconnect(config.id);
    start();
}

ShiftDefaults WorkspaceConnections::shiftDefaults() const
{
    if (!m_workspace)
        return {};
    const WorkspacePreferences &preferences = m_workspace->workspace().preferences;
    return {preferences.trafficSteps, preferences.trafficDwell};
}

const Workspace *WorkspaceConnections::workspace() const
{
    return m_workspace ? &m_workspace->workspace() : nullptr;
}

void WorkspaceConnections::edit(std::function<void(WorkspaceFile &)> change)
{
    if (!m_workspace)
        return;
    change(*m_workspace);
    m_edits.append(std::move(change));
    emit changed();
    writeEdits();
}

void WorkspaceConnections::writeEdits()
{
    if (m_isWriting || m_edits.isEmpty() || !m_workspace)
        return;
    m_isWriting = true;
    m_edits.clear(); // all of them are in the copy that is written
    deliver(m_files.run([file = *m_workspace]() mutable -> Result<WorkspaceFile> {
        if (const Result<void> saved = file.save(); !saved)
            return saved.error();
        return file;
    }),
            m_stop.get_token(), this, [this](const Result<WorkspaceFile> &saved) { editsWritten(saved); });
}

void WorkspaceConnections::editsWritten(const Result<WorkspaceFile> &saved)
{
    if (saved) {
        m_isWriting = false;
        m_workspace = *saved;
        for (const auto &later : std::as_const(m_edits))
            later(*m_workspace);
        writeEdits();
        return;
    }
    // What the file says counts, not what could not be put into it.
    m_edits.clear();
    emit editFailed(saved.error());
    deliver(m_files.run([path = m_workspace->path()] { return WorkspaceFile::load(path); }), m_stop.get_token(), this,
            [this](const Result<WorkspaceFile> &loaded) {
                m_isWriting = false;
                if (loaded) {
                    m_workspace = *loaded;
                    for (const auto &later : std::as_const(m_edits))
                        later(*m_workspace);
                }
                emit changed();
                writeEdits();
            });
}

} // namespace signalbox
