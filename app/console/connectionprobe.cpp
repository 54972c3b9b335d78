#include "app/console/connectionprobe.h"

#include "app/console/kubernetesprobe.h"
#include "app/console/probe.h"
#include "app/wiring/pipelineservers.h"
#include "app/wiring/secretauth.h"
#include "services/adapters/prometheus/prometheusmetrics.h"

namespace signalbox
{

namespace
{

class PrometheusProbe : public ServerProbe<MetricSpec>
{
public:
    PrometheusProbe(Session &session, SerialQueue &files, const WorkspaceConnection &connection,
                    const WorkspaceFile &file)
        : ServerProbe(session, files, connection, file, &metricSpecOf,
                      ConnectionProbe::tr("Reach the server and ask a question"))
    {}

private:
    QUrl addressOf(const MetricSpec &spec) const override { return spec.url; }
    void reach(const MetricSpec &spec) override
    {
        m_source = std::make_unique<PrometheusMetrics>(m_session.http(), endpointFor(spec, m_session.secrets()));
        deliver(m_source->instant(QStringLiteral("count(up)"), QDateTime(), stop()), stop(), this,
                [this](const Result<MetricAnswer> &answer) {
                    if (!answer)
                        return fail(reachStep, answer.error());
                    if (answer->series.isEmpty())
                        warn(reachStep, ConnectionProbe::tr("It answers, but scrapes nothing yet."));
                    else
                        pass(reachStep, ConnectionProbe::tr("It answers and scrapes %1 targets.")
                                            .arg(answer->series.first().samples.value(0).value));
                    end(true);
                });
    }

    std::unique_ptr<PrometheusMetrics> m_source;
};

class PipelineProbe : public ServerProbe<PipelineSpec>
{
public:
    PipelineProbe(Session &session, SerialQueue &files, const WorkspaceConnection &connection,
                  const WorkspaceFile &file)
        : ServerProbe(session, files, connection, file, &pipelineSpecOf,
                      ConnectionProbe::tr("Reach the server and ask for its pipelines"))
    {}

private:
    QUrl addressOf(const PipelineSpec &spec) const override { return spec.server.url; }
    void reach(const PipelineSpec &spec) override
    {
        m_server = makePipelineServer(spec, m_session.http(), m_session.secrets());
        deliver(m_server->source().pipelines(stop()), stop(), this, [this](const Result<QList<Pipeline>> &pipelines) {
            if (!pipelines)
                return fail(reachStep, pipelines.error());
            if (pipelines->isEmpty())
                warn(reachStep, ConnectionProbe::tr("It answers, but shows no pipeline."));
            else
                pass(reachStep, ConnectionProbe::tr("It answers and shows %n pipeline(s).", nullptr,
                                                    static_cast<int>(pipelines->size())));
            end(true);
        });
    }

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
        return makeKubernetesProbe(session, files, connection, file);
    if (hasPipelines(config.kind))
        return std::make_unique<PipelineProbe>(session, files, connection, file);
    return std::make_unique<PrometheusProbe>(session, files, connection, file);
}

} // namespace signalbox
