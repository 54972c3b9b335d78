#include "app/console/connectionprobe.h"

#include "app/wiring/pipelineservers.h"
#include "app/wiring/secretauth.h"
#include "services/adapters/kubernetes/access.h"
#include "services/adapters/kubernetes/kubeclient.h"
#include "services/adapters/kubernetes/rights.h"
#include "services/adapters/prometheus/prometheusmetrics.h"
#include "services/async/deliver.h"

#include <QTimer>

#include <functional>

namespace signalbox
{

namespace
{

// The steps both kinds share: a list that is walked from the top, and ends at the first failure.
class Probe : public ConnectionProbe
{
public:
    Probe(QList<ProbeStep> steps, Session &session)
        : m_session(session)
        , m_steps(std::move(steps))
    {}
    ~Probe() override { m_stop.request_stop(); }

    QList<ProbeStep> steps() const override { return m_steps; }

protected:
    void begin(const QString &id) { set(id, ProbeStep::State::Running, {}); }
    void pass(const QString &id, const QString &text) { set(id, ProbeStep::State::Passed, text); }
    void warn(const QString &id, const QString &text) { set(id, ProbeStep::State::Warned, text); }
    void fail(const QString &id, const Error &error)
    {
        set(id, ProbeStep::State::Failed, error.message);
        for (const ProbeStep &step : QList<ProbeStep>(m_steps)) {
            if (step.state == ProbeStep::State::Pending)
                set(step.id, ProbeStep::State::Skipped, tr("not tried"));
        }
        m_report.error = error;
        end(false);
    }
    void end(bool isUsable)
    {
        m_report.steps = m_steps;
        m_report.isUsable = isUsable;
        emit finished(m_report);
    }
    StopToken stop() const { return m_stop.get_token(); }

    Session &m_session;
    ProbeReport m_report;

private:
    void set(const QString &id, ProbeStep::State state, const QString &text)
    {
        for (ProbeStep &step : m_steps) {
            if (step.id != id)
                continue;
            step.state = state;
            step.text = text;
            emit stepChanged(step);
        }
    }

    QList<ProbeStep> m_steps;
    StopSource m_stop;
};

ProbeStep pending(const char *id, const QString &title)
{
    ProbeStep step;
    step.id = QString::fromLatin1(id);
    step.title = title;
    return step;
}

const QString configureStep = QStringLiteral("configure");
const QString reachStep = QStringLiteral("reach");
const QString versionStep = QStringLiteral("version");
const QString rightsStep = QStringLiteral("rights");

class KubernetesProbe : public Probe
{
public:
    KubernetesProbe(Session &session, SerialQueue &files, WorkspaceConnection connection, WorkspaceFile file)
        : Probe({pending("configure", ConnectionProbe::tr("Read the kubeconfig")),
                 pending("reach", ConnectionProbe::tr("Reach the API server and log in")),
                 pending("version", ConnectionProbe::tr("Ask what it serves")),
                 pending("rights", ConnectionProbe::tr("Ask what you may do"))},
                session)
        , m_files(files)
        , m_connection(std::move(connection))
        , m_file(std::move(file))
    {
        QTimer::singleShot(0, this, [this] { configure(); });
    }

private:
    void configure()
    {
        begin(configureStep);
        deliver(
            m_files.run([connection = m_connection, file = m_file] { return clusterSpecOf(connection, file); }), stop(),
            this, [this](const Result<ClusterSpec> &spec) {
                if (!spec)
                    return fail(configureStep, spec.error());
                const kubernetes::ClusterAccess &access = spec->access;
                const QString text =
                    tr("context %1, user %2").arg(access.context, access.user.isEmpty() ? tr("nobody") : access.user);
                if (access.warnings.isEmpty())
                    pass(configureStep, text);
                else
                    warn(configureStep, text + QStringLiteral(". ") + access.warnings.join(QLatin1Char(' ')));
                m_report.user = access.user;
                reach(access);
            });
    }

    void reach(const kubernetes::ClusterAccess &access)
    {
        begin(reachStep);
        kubernetes::EndpointOptions options;
        options.connection = QStringLiteral("probe");
        m_client = std::make_unique<kubernetes::KubeClient>(m_session.http(), kubernetes::endpointFor(access, options));
        m_ns = access.ns.isEmpty() ? QStringLiteral("default") : access.ns;
        const QString host = access.server.host();
        deliver(m_client->get("/api", stop()), stop(), this, [this, host](const Result<HttpResponse> &answer) {
            if (!answer)
                return fail(reachStep, answer.error());
            if (answer->status >= 400)
                return fail(reachStep, kubernetes::errorOf(*answer, tr("log in to %1").arg(host)));
            pass(reachStep, tr("%1 answered in %2 ms").arg(host).arg(answer->duration.count() / 1000));
            discover();
        });
    }

    void discover()
    {
        begin(versionStep);
        deliver(m_client->discover(stop(), true), stop(), this, [this](const Result<kubernetes::Discovery> &found) {
            if (!found)
                return fail(versionStep, found.error());
            m_report.version = found->gitVersion;
            pass(versionStep, tr("Kubernetes %1, %2 kinds").arg(found->gitVersion).arg(found->resources.size()));
            askRights();
        });
    }

    void askRights()
    {
        begin(rightsStep);
        m_rights = std::make_unique<kubernetes::RightsReviewer>(*m_client);
        const QString apps = QStringLiteral("apps");
        const QString deployments = QStringLiteral("deployments");
        const QList<RightQuestion> questions{
            {QStringLiteral("list"), {}, QStringLiteral("pods"), {}, {}, {}},
            {QStringLiteral("list"), {}, QStringLiteral("pods"), {}, m_ns, {}},
            {QStringLiteral("patch"), apps, deployments, {}, m_ns, {}},
        };
        deliver(m_rights->ask(questions, stop()), stop(), this, [this](const Result<QList<RightAnswer>> &answers) {
            if (!answers)
                return fail(rightsStep, answers.error());
            const bool seesAll = answers->value(0).isAllowed;
            const bool seesOne = answers->value(1).isAllowed;
            const bool mayChange = answers->value(2).isAllowed;
            if (!seesAll && !seesOne) {
                return fail(
                    rightsStep,
                    Error{ErrorKind::Forbidden,
                          tr("You may not list pods, neither in the cluster nor in %1. Ask for the role \"view\".")
                              .arg(m_ns),
                          {}});
            }
            const QString sees = seesAll ? tr("You see the whole cluster") : tr("You see namespace %1").arg(m_ns);
            const QString changes = mayChange ? tr("and may roll back in %1.").arg(m_ns)
                                              : tr("but may not change Deployments in %1.").arg(m_ns);
            if (mayChange)
                pass(rightsStep, sees + QLatin1Char(' ') + changes);
            else
                warn(rightsStep, sees + QLatin1Char(' ') + changes);
            end(true);
        });
    }

    SerialQueue &m_files;
    WorkspaceConnection m_connection;
    WorkspaceFile m_file;
    std::unique_ptr<kubernetes::KubeClient> m_client;
    std::unique_ptr<kubernetes::RightsReviewer> m_rights; // borrows the client: goes first
    QString m_ns;
};

class PrometheusProbe : public Probe
{
public:
    PrometheusProbe(Session &session, SerialQueue &files, WorkspaceConnection connection, WorkspaceFile file)
        : Probe({pending("configure", ConnectionProbe::tr("Read the configuration")),
                 pending("reach", ConnectionProbe::tr("Reach the server and ask a question"))},
                session)
        , m_files(files)
        , m_connection(std::move(connection))
        , m_file(std::move(file))
    {
        QTimer::singleShot(0, this, [this] { configure(); });
    }

private:
    void configure()
    {
        begin(configureStep);
        deliver(m_files.run([connection = m_connection, file = m_file] { return metricSpecOf(connection, file); }),
                stop(), this, [this](const Result<MetricSpec> &spec) {
                    if (!spec)
                        return fail(configureStep, spec.error());
                    pass(configureStep, spec->url.toString(QUrl::RemoveUserInfo));
                    reach(*spec);
                });
    }

    void reach(const MetricSpec &spec)
    {
        begin(reachStep);
        m_source = std::make_unique<PrometheusMetrics>(m_session.http(), endpointFor(spec, m_session.secrets()));
        deliver(
            m_source->instant(QStringLiteral("count(up)"), QDateTime(), stop()), stop(), this,
            [this](const Result<MetricAnswer> &answer) {
                if (!answer)
                    return fail(reachStep, answer.error());
                if (answer->series.isEmpty())
                    warn(reachStep, tr("It answers, but scrapes nothing yet."));
                else
                    pass(reachStep,
                         tr("It answers and scrapes %1 targets.").arg(answer->series.first().samples.value(0).value));
                end(true);
            });
    }

    SerialQueue &m_files;
    WorkspaceConnection m_connection;
    WorkspaceFile m_file;
    std::unique_ptr<PrometheusMetrics> m_source;
};

class PipelineProbe : public Probe
{
public:
    PipelineProbe(Session &session, SerialQueue &files, WorkspaceConnection connection, WorkspaceFile file)
        : Probe({pending("configure", ConnectionProbe::tr("Read the configuration")),
                 pending("reach", ConnectionProbe::tr("Reach the server and ask for its pipelines"))},
                session)
        , m_files(files)
        , m_connection(std::move(connection))
        , m_file(std::move(file))
    {
        QTimer::singleShot(0, this, [this] { configure(); });
    }

private:
    void configure()
    {
        begin(configureStep);
        deliver(m_files.run([connection = m_connection, file = m_file] { return pipelineSpecOf(connection, file); }),
                stop(), this, [this](const Result<PipelineSpec> &spec) {
                    if (!spec)
                        return fail(configureStep, spec.error());
                    pass(configureStep, spec->server.url.toString(QUrl::RemoveUserInfo));
                    reach(*spec);
                });
    }

    void reach(const PipelineSpec &spec)
    {
        begin(reachStep);
        m_server = makePipelineServer(spec, m_session.http(), m_session.secrets());
        deliver(m_server->source().pipelines(stop()), stop(), this, [this](const Result<QList<Pipeline>> &pipelines) {
            if (!pipelines)
                return fail(reachStep, pipelines.error());
            if (pipelines->isEmpty())
                warn(reachStep, tr("It answers, but shows no pipeline."));
            else
                pass(reachStep,
                     tr("It answers and shows %n pipeline(s).", nullptr, static_cast<int>(pipelines->size())));
            end(true);
        });
    }

    SerialQueue &m_files;
    WorkspaceConnection m_connection;
    WorkspaceFile m_file;
    std::unique_ptr<PipelineServer> m_server;
};

} // namespace

std::unique_ptr<ConnectionProbe> makeProbe(Session &session, SerialQueue &files, const ConnectionConfig &config,
                                           const WorkspaceConnection &connection,
                                           const std::optional<WorkspaceFile> &workspace)
{
    // Paths are resolved against the workspace; without one they are absolute already.
    const WorkspaceFile file = workspace ? *workspace : WorkspaceFile::createAt(QStringLiteral("/"));
    if (config.kind == ConnectionConfig::Kind::Kubernetes)
        return std::make_unique<KubernetesProbe>(session, files, connection, file);
    if (hasPipelines(config.kind))
        return std::make_unique<PipelineProbe>(session, files, connection, file);
    return std::make_unique<PrometheusProbe>(session, files, connection, file);
}

} // namespace signalbox
