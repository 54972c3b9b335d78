#pragma once

#include "services/adapters/jenkins/jenkinsserver.h"
#include "services/net/httpclient.h"
#include "tests/contract/jenkins/jenkinsyard.h"
#include "tests/support/httpwait.h"

#include <algorithm>

namespace signalbox::test
{

inline QString u(const char *text)
{
    return QString::fromUtf8(text);
}

template <typename T>
QString problem(const Result<T> &result)
{
    return result ? QString() : errorKindName(result.error().kind) + u(": ") + result.error().message;
}

inline std::optional<CheckState> stateOf(const Plan &plan, CheckId id)
{
    for (const Check &one : plan.checks) {
        if (one.id == id)
            return one.state;
    }
    return std::nullopt;
}

inline const Job &jobOf(const QList<Job> &jobs, const char *name)
{
    static const Job none;
    const auto found = std::find_if(jobs.cbegin(), jobs.cend(), [name](const Job &job) { return job.name == u(name); });
    return found == jobs.cend() ? none : *found;
}

// The adapter on the practice world's Jenkins, new for every test.
class JenkinsPractice : public QObject
{
protected:
    HttpClient m_http;
    OneApiToken m_token{JenkinsYard::token()};
    std::unique_ptr<JenkinsYard> m_yard;
    std::unique_ptr<PipelineServer> m_server;

    static PipelineRef cart() { return {u("ci"), u("team/cart/main"), {}}; }
    static PipelineRef risk() { return {u("ci"), u("team/risk/main"), {}}; }
    PipelineSource &source() { return m_server->source(); }
    void open(sandbox::ci::JenkinsApi::Options options = {}, const QStringList &projects = {u("team")})
    {
        m_server.reset();
        m_yard = std::make_unique<JenkinsYard>(options);
        PipelineServerConfig config = jenkinsConfig(m_yard->url(), m_yard->caPem());
        config.projects = projects;
        m_server = makeJenkins(config, m_http, m_token);
    }
    Result<RunDetail> detail(const PipelineRef &pipeline, const QString &number)
    {
        return waitFor(source().run({pipeline, number}, {}));
    }
    QString numberOf(std::int64_t run) { return QString::number(m_yard->run(run).number); }
    RunOrder orderOf(RunOrder::Kind kind, const PipelineRef &pipeline, const QString &run = {})
    {
        RunOrder order;
        order.kind = kind;
        order.pipeline = pipeline;
        if (!run.isEmpty())
            order.run = detail(pipeline, run)->run;
        return order;
    }
    WaitingGate gateOf(const PipelineRef &pipeline)
    {
        const auto gates = waitFor(m_server->gates()->waiting({}));
        if (gates) {
            for (const WaitingGate &gate : *gates) {
                if (gate.run.pipeline == pipeline)
                    return gate;
            }
        }
        return {};
    }
    GateOrder decisionOn(const WaitingGate &gate, bool approves)
    {
        GateOrder order;
        order.gate = gate;
        order.approves = approves;
        return order;
    }
    Result<Observation> carriedOut(const Plan &plan)
    {
        const PlanStep &step = plan.steps.first();
        const auto receipt = waitFor(m_server->runner().execute(step, {}));
        if (!receipt)
            return receipt.error();
        for (int i = 0; i < 60; ++i) {
            const auto seen = waitFor(m_server->runner().observe(step, *receipt, {}));
            if (!seen || seen->state != Observation::State::Pending)
                return seen;
            m_yard->pass(3);
        }
        return Error{ErrorKind::TimedOut, u("it is still pending"), {}};
    }
};

} // namespace signalbox::test
