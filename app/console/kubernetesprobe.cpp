#include "app/console/kubernetesprobe.h"

#include "app/console/probe.h"
#include "services/adapters/kubernetes/access.h"
#include "services/adapters/kubernetes/kubeclient.h"
#include "services/adapters/kubernetes/rights.h"

namespace signalbox
{

namespace
{

const QString versionStep = QStringLiteral("version");
const QString rightsStep = QStringLiteral("rights");

class KubernetesProbe : public Probe
{
public:
    KubernetesProbe(Session &session, SerialQueue &files, WorkspaceConnection connection, WorkspaceFile file)
        : Probe({pendingStep(configureStep, ConnectionProbe::tr("Read the kubeconfig")),
                 pendingStep(reachStep, ConnectionProbe::tr("Reach the API server and log in")),
                 pendingStep(versionStep, ConnectionProbe::tr("Ask what it serves")),
                 pendingStep(rightsStep, ConnectionProbe::tr("Ask what you may do"))},
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
        deliver(m_files.run([connection = m_connection, file = m_file] { return clusterSpecOf(connection, file); }),
                stop(), this, [this](const Result<ClusterSpec> &spec) {
                    if (!spec)
                        return fail(configureStep, spec.error());
                    const kubernetes::ClusterAccess &access = spec->access;
                    const QString text =
                        ConnectionProbe::tr("context %1, user %2")
                            .arg(access.context, access.user.isEmpty() ? ConnectionProbe::tr("nobody") : access.user);
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
                return fail(reachStep, kubernetes::errorOf(*answer, ConnectionProbe::tr("log in to %1").arg(host)));
            pass(reachStep, ConnectionProbe::tr("%1 answered in %2 ms").arg(host).arg(answer->duration.count() / 1000));
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
            pass(versionStep,
                 ConnectionProbe::tr("Kubernetes %1, %2 kinds").arg(found->gitVersion).arg(found->resources.size()));
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
                          ConnectionProbe::tr(
                              "You may not list pods, neither in the cluster nor in %1. Ask for the role \"view\".")
                              .arg(m_ns),
                          {}});
            }
            const QString sees = seesAll ? ConnectionProbe::tr("You see the whole cluster")
                                         : ConnectionProbe::tr("You see namespace %1").arg(m_ns);
            const QString changes = mayChange ? ConnectionProbe::tr("and may roll back in %1.").arg(m_ns)
                                              : ConnectionProbe::tr("but may not change Deployments in %1.").arg(m_ns);
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

} // namespace

std::unique_ptr<ConnectionProbe> makeKubernetesProbe(Session &session, SerialQueue &files,
                                                     const WorkspaceConnection &connection, const WorkspaceFile &file)
{
    return std::make_unique<KubernetesProbe>(session, files, connection, file);
}

} // namespace signalbox
