#pragma once

#include "tests/contract/gitlab/gitlabyard.h"
#include "tests/support/httpwait.h"

#include <QRegularExpression>
#include <QTest>

// What the tests of the adapter on the practice world's GitLab share.
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

inline const Check *checkOf(const Plan &plan, CheckId id)
{
    for (const Check &one : plan.checks) {
        if (one.id == id)
            return &one;
    }
    return nullptr;
}

class GitLabDesk : public QObject
{
protected:
    HttpClient m_http;
    OneToken m_token{GitLabYard::token()};
    std::unique_ptr<GitLabYard> m_yard;
    std::unique_ptr<PipelineServer> m_server;

    PipelineRef pipeline() const { return {u("lab"), GitLabYard::project(), {}}; }
    RunRef refOf(std::int64_t run) const { return {pipeline(), QString::number(run)}; }
    PipelineSource &source() { return m_server->source(); }
    GateKeeper &gates() { return *m_server->gates(); }
    Result<RunDetail> detail(std::int64_t run) { return waitFor(source().run(refOf(run), {})); }
    RunOrder orderFor(RunOrder::Kind kind, std::int64_t run)
    {
        RunOrder order;
        order.kind = kind;
        order.pipeline = pipeline();
        if (run != 0)
            order.run = detail(run)->run;
        order.reason = u("because");
        return order;
    }
    GateOrder decision(const WaitingGate &gate, bool approves)
    {
        GateOrder order;
        order.gate = gate;
        order.approves = approves;
        order.comment = u("Looks good");
        return order;
    }
    // Each step sent and watched until it is over.
    Result<Observation> carriedOut(const Plan &plan)
    {
        Result<Observation> last = Error{ErrorKind::Internal, u("no step"), {}};
        for (const PlanStep &step : plan.steps) {
            const auto receipt = waitFor(m_server->runner().execute(step, {}));
            if (!receipt)
                return receipt.error();
            last = watched(step, *receipt);
            if (!last || last->state != Observation::State::Effective)
                return last;
        }
        return last;
    }
    Result<Observation> watched(const PlanStep &step, const Receipt &receipt)
    {
        for (int i = 0; i < 120; ++i) {
            const auto seen = waitFor(m_server->runner().observe(step, receipt, {}));
            if (!seen || seen->state != Observation::State::Pending)
                return seen;
            m_yard->pass(2);
        }
        return Error{ErrorKind::TimedOut, u("never effective"), {}};
    }
    std::int64_t untilDeployment(const char *who = "wei")
    {
        const auto run = m_yard->start(who);
        if (!m_yard->untilPhase(run, sandbox::ci::Phase::Waiting) ||
            !m_yard->world().playJob(m_yard->job(run, "release")->id, "noor") ||
            !m_yard->until([&] { return m_yard->job(run, "deploy")->phase == sandbox::ci::Phase::Waiting; }))
            return 0;
        return run;
    }

    void begin(const GitLabYard::Shape &shape = {})
    {
        QTest::failOnWarning(QRegularExpression(u(".")));
        m_yard = std::make_unique<GitLabYard>(shape);
        m_server = makeGitLab(gitLabConfig(m_yard->url(), m_yard->caPem()), m_http, m_token);
    }
    void end()
    {
        m_server.reset();
        m_yard.reset();
    }
};

} // namespace signalbox::test
