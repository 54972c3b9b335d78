#include "app/console/workspaceconnections.h"

#include "app/console/connectionprobe.h"
#include "app/console/writtenconnection.h"
#include "services/adapters/kubernetes/kubeconfig.h"
#include "services/async/deliver.h"
#include "services/operations/operationcenter.h"

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

} // namespace

// The file as the queue's thread knows it. Every change is made on top of the one before, whoever made them.
class WorkspaceConnections::Disk
{
public:
    Result<Found> find(const SourceOptions &options)
    {
        Result<Sources> sources = findSources(options);
        if (!sources)
            return sources.error();
        m_file = sources->workspace;
        return Found{std::move(*sources), ++m_reading};
    }

    // `seen`: the reading that whoever made the change looked at. Nothing is put over what nobody here has seen.
    Result<Written> write(const Change &change, int seen, const QString &path)
    {
        if (seen != m_reading)
            return Written{
                m_file, m_reading,
                Error{ErrorKind::Conflict,
                      WorkspaceConnections::tr(
                          "%1 was read again meanwhile. Nothing was written: look at what it says now and do "
                          "yours again.")
                          .arg(path),
                      {}}};
        WorkspaceFile next = m_file ? *m_file : WorkspaceFile::createAt(path);
        change(next);
        const Result<void> saved = next.save();
        if (saved) {
            m_file = std::move(next);
            return Written{m_file, m_reading, std::nullopt};
        }
        Error problem = saved.error();
        if (problem.kind == ErrorKind::Conflict)
            readAgain(path, problem);
        return Written{m_file, m_reading, problem};
    }

private:
    void readAgain(const QString &path, Error &problem)
    {
        Result<WorkspaceFile> loaded = WorkspaceFile::load(path);
        if (loaded)
            m_file = std::move(*loaded);
        else if (loaded.error().kind == ErrorKind::NotFound)
            m_file.reset();
        else // what was known stays shown, and nothing is written over what cannot be read
            problem.message += QLatin1Char(' ') + loaded.error().message;
        ++m_reading;
    }

    std::optional<WorkspaceFile> m_file;
    int m_reading = 0;
};

WorkspaceConnections::WorkspaceConnections(Session &session, SourceOptions options, QString newFile, QObject *parent)
    : ConnectionsService(parent)
    , m_session(session)
    , m_options(std::move(options))
    , m_newFile(std::move(newFile))
    , m_disk(std::make_shared<Disk>())
{
    // What was saved from this window before is opened again, where nothing else was named.
    if (m_options.workspace.isEmpty() && m_options.kubeconfig.isEmpty() && m_options.prometheus.isEmpty() &&
        QFileInfo::exists(m_newFile))
        m_options.workspace = m_newFile;
    connect(&m_session.operations(), &OperationCenter::finished, this, [this](Operation *operation) {
        const QString id = operation->plan().connection;
        if (m_postponed.contains(id) && !runningOn(id)) {
            m_postponed.remove(id);
            connectOne(id);
        }
    });
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
    deliver(m_files.run([disk = m_disk, options = m_options] { return disk->find(options); }), stop, this,
            [this](const Result<Found> &found) { take(found); });
}

void WorkspaceConnections::take(const Result<Found> &found)
{
    m_isStarted = true;
    m_problem.reset();
    m_connections.clear();
    if (!found) {
        m_problem = found.error();
        // On a fresh machine nothing is wrong: the first page says where it looked, and what to do.
        if (m_problem->detail == kubernetes::noKubeConfigFound && !qEnvironmentVariableIsSet("KUBECONFIG"))
            m_problem.reset();
        else if (m_problem->detail == kubernetes::noContextChosen)
            m_problem->message += QLatin1Char(' ') + tr("Choose those you want below.");
        emit changed();
        return;
    }
    const Sources *const sources = &found->sources;
    m_file = sources->workspace;
    m_workspace = m_file;
    m_reading = found->reading;
    m_changes.fill({});
    listConnections();
    if (!m_file) {
        for (const ClusterSpec &spec : sources->clusters) {
            ConnectionConfig config;
            config.id = spec.id;
            config.title = spec.title;
            config.kubeconfig = m_options.kubeconfig;
            config.context = spec.access.context;
            config.isDiscovered = true;
            m_connections << config;
        }
        for (const MetricSpec &spec : sources->metrics) {
            ConnectionConfig config;
            config.kind = ConnectionConfig::Kind::Prometheus;
            config.id = spec.id;
            config.title = spec.title;
            config.address = spec.url.toString();
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
    return makeProbe(m_session, m_files, config, writtenConnection(config, m_workspace), m_workspace);
}

QFuture<Result<QString>> WorkspaceConnections::save(ConnectionConfig config)
{
    if (!m_workspace && m_problem && !m_options.workspace.isEmpty())
        return ready(Result<QString>(withoutWorkspace(m_options.workspace)));
    if (!config.credential.isEmpty()) {
        if (const Result<SecretReference> reference = parseSecretReference(config.credential); !reference)
            return ready(Result<QString>(reference.error()));
    }
    // A first save makes a workspace: what was only found so far must not vanish from it.
    QList<WorkspaceConnection> put;
    QStringList taken;
    for (const ConnectionConfig &found : m_workspace ? QList<ConnectionConfig>() : m_connections) {
        taken << found.id;
        if (found.id != config.id)
            put << writtenConnection(found, m_workspace);
    }
    for (const WorkspaceConnection &known : m_workspace ? m_workspace->workspace().connections : put)
        taken << known.id;
    if (config.id.isEmpty())
        config.id = freeId(config.title.isEmpty() ? config.context : config.title, taken);
    put << writtenConnection(config, m_workspace);

    auto promise = std::make_shared<QPromise<Result<QString>>>();
    promise->start();
    const auto change = [put](WorkspaceFile &file) {
        for (const WorkspaceConnection &connection : put)
            file.putConnection(connection);
    };
    write(change, [this, promise, id = config.id](const Result<void> &saved) {
        if (!saved) {
            promise->addResult(Result<QString>(saved.error()));
        } else {
            // What is looked for again is this file from now on: all that was found is in it.
            m_options.workspace = m_file->path();
            m_options.kubeconfig.clear();
            m_options.context.clear();
            m_options.prometheus.clear();
            m_problem.reset();
            listConnections();
            connectOne(id);
            promise->addResult(Result<QString>(id));
        }
        promise->finish();
    });
    return promise->future();
}

void WorkspaceConnections::write(const Change &change, Done done)
{
    if (!m_workspace)
        m_workspace = WorkspaceFile::createAt(m_newFile);
    change(*m_workspace);
    m_changes.append(change);
    deliver(m_files.run([disk = m_disk, change, seen = m_reading, path = m_workspace->path()] {
        return disk->write(change, seen, path);
    }),
            m_stop.get_token(), this,
            [this, done = std::move(done)](const Result<Written> &answer) { noteWritten(answer, done); });
}

void WorkspaceConnections::noteWritten(const Result<Written> &answer, const Done &done)
{
    m_changes.removeFirst();
    if (!answer) // only at the end of the program
        return done(answer.error());
    const std::optional<WorkspaceFile> before = std::exchange(m_file, answer->file);
    if (m_reading != answer->reading)
        m_changes.fill({}); // made on what is no longer there
    m_workspace = m_file;
    for (const Change &later : std::as_const(m_changes)) {
        if (later && !m_workspace)
            m_workspace = WorkspaceFile::createAt(m_newFile);
        if (later)
            later(*m_workspace);
    }
    if (std::exchange(m_reading, answer->reading) != answer->reading)
        follow(before);
    if (answer->problem)
        done(*answer->problem);
    else
        done(Result<void>());
}

// Somebody else wrote the file: what is connected follows it.
void WorkspaceConnections::follow(const std::optional<WorkspaceFile> &before)
{
    const QList<ConnectionConfig> listed = m_connections;
    listConnections();
    for (const ConnectionConfig &one : listed) {
        const bool isThere = std::any_of(m_connections.begin(), m_connections.end(),
                                         [&one](const ConnectionConfig &other) { return other.id == one.id; });
        if (!isThere)
            m_session.disconnect(one.id);
    }
    for (const ConnectionConfig &one : std::as_const(m_connections)) {
        const WorkspaceConnection *const known = before ? before->workspace().connection(one.id) : nullptr;
        if (!known || *known != *m_file->workspace().connection(one.id))
            connectOne(one.id);
    }
    emit changed();
}

void WorkspaceConnections::listConnections()
{
    m_connections.clear();
    if (!m_file)
        return;
    for (const WorkspaceConnection &connection : m_file->workspace().connections)
        m_connections << configOf(connection, *m_file);
}

void WorkspaceConnections::connectOne(const QString &id)
{
    const WorkspaceConnection *const connection = m_file ? m_file->workspace().connection(id) : nullptr;
    if (!connection) {
        emit changed();
        return;
    }
    if (runningOn(id)) { // connecting anew would end it half-way
        m_postponed.insert(id);
        emit changed();
        return;
    }
    m_session.disconnect(id);
    const StopToken stop = m_stop.get_token();
    // It may have been saved again or removed while its files were read.
    const auto adopt = [this, id, copy = *connection](const auto &spec, const auto &connectTo) {
        const WorkspaceConnection *const now = m_file ? m_file->workspace().connection(id) : nullptr;
        if (!now || *now != copy)
            return;
        if (runningOn(id)) {
            m_postponed.insert(id);
            return;
        }
        m_session.disconnect(id);
        if (spec)
            connectTo(*spec);
        else
            m_problem = spec.error();
        emit changed();
    };
    if (connection->kind == WorkspaceConnection::Kind::Kubernetes) {
        deliver(m_files.run([file = *m_file, copy = *connection] { return clusterSpecOf(copy, file); }), stop, this,
                [this, adopt](const Result<ClusterSpec> &spec) {
                    adopt(spec, [this](const ClusterSpec &cluster) { m_session.connectCluster(cluster); });
                });
        return;
    }
    if (hasPipelines(connection->kind)) {
        deliver(m_files.run([file = *m_file, copy = *connection] { return pipelineSpecOf(copy, file); }), stop, this,
                [this, adopt](const Result<PipelineSpec> &spec) {
                    adopt(spec, [this](const PipelineSpec &server) { m_session.connectPipelines(server); });
                });
        return;
    }
    deliver(m_files.run([file = *m_file, copy = *connection] { return metricSpecOf(copy, file); }), stop, this,
            [this, adopt](const Result<MetricSpec> &spec) {
                adopt(spec, [this](const MetricSpec &source) { m_session.connectMetrics(source); });
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
    if (const Operation *const operation = runningOn(id)) {
        return ready(Result<void>(Error{ErrorKind::Refused,
                                        tr("\"%1\" stays: \"%2\" is under way on it. Wait until it has ended, or stop "
                                           "it, then remove the connection.")
                                            .arg(id, operation->title()),
                                        {}}));
    }
    if (!m_workspace) { // only found, written nowhere
        m_connections.erase(found);
        m_session.disconnect(id);
        emit changed();
        return ready(Result<void>());
    }
    QStringList queries;
    for (const WorkspacePanel &panel : m_workspace->workspace().panels) {
        if (panel.connection == id)
            queries << panel.panel.title;
    }
    if (!queries.isEmpty())
        return ready(Result<void>(
            Error{ErrorKind::Refused,
                  tr("\"%1\" stays: saved queries belong to it (%2). Remove them under Metrics first, then it.")
                      .arg(id, queries.join(tr(", "))),
                  {}}));
    auto promise = std::make_shared<QPromise<Result<void>>>();
    promise->start();
    write([id](WorkspaceFile &file) { file.removeConnection(id); },
          [this, promise, id](const Result<void> &saved) {
              if (saved) {
                  listConnections();
                  m_session.disconnect(id);
                  emit changed();
              }
              promise->addResult(saved);
              promise->finish();
          });
    return promise->future();
}

// Null: nothing is under way on it.
const Operation *WorkspaceConnections::runningOn(const QString &id) const
{
    const QList<Operation *> all = m_session.operations().operations();
    const auto found = std::find_if(all.begin(), all.end(), [&id](const Operation *operation) {
        return operation->plan().connection == id && operation->holdsLock();
    });
    return found == all.end() ? nullptr : *found;
}

void WorkspaceConnections::rescan()
{
    for (const ConnectionConfig &config : std::as_const(m_connections)) {
        if (const Operation *const operation = runningOn(config.id)) {
            m_problem = Error{ErrorKind::Refused,
                              tr("Connections are not looked for while \"%1\" is under way on %2. Look again when it "
                                 "has ended.")
                                  .arg(operation->title(), config.id),
                              {}};
            emit changed();
            return;
        }
    }
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

void WorkspaceConnections::edit(Change change)
{
    if (!m_workspace)
        return;
    write(change, [this](const Result<void> &saved) {
        if (saved)
            return;
        emit editFailed(saved.error());
        emit changed();
    });
    emit changed();
}

} // namespace signalbox
