#pragma once

#include "services/adapters/travis/travisserver.h"
#include "services/adapters/travis/travissource.h"
#include "services/async/deliver.h"
#include "services/net/httpclient.h"
#include "services/ports/secretstore.h"
#include "services/sandbox/ci/travis/travisapi.h"
#include "tests/support/httpwait.h"

#include <QMutex>

#include <atomic>

namespace signalbox::test
{

using namespace std::chrono_literals;

inline constexpr std::int64_t noonMs = 1'772'452'800'000; // 2026-03-02T12:00:00Z, a Monday
inline const QByteArray token = "practice-token";
inline const QString project = QStringLiteral("voice/speech-to-text");

class TravisTokens : public SecretStore
{
public:
    explicit TravisTokens(QByteArray token)
        : m_token(std::move(token))
    {}
    QFuture<Result<ResolvedSecret>> resolve(SecretReference, StopToken) override
    {
        return ready(Result<ResolvedSecret>(ResolvedSecret{Secret(m_token), {}}));
    }
    QFuture<Result<void>> keep(SecretReference, Secret, StopToken) override { return ready(Result<void>()); }

private:
    const QByteArray m_token;
};

inline PipelineServerConfig configOf(const QUrl &url, const QByteArray &caPem = {})
{
    PipelineServerConfig config;
    config.id = QStringLiteral("travis");
    config.url = url;
    config.caPem = caPem;
    config.bearer = SecretReference{SecretReference::Kind::Environment, QStringLiteral("X"), {}};
    return config;
}

inline PipelineRef pipelineRef()
{
    return {QStringLiteral("travis"), project, {}};
}

// A practice Travis CI whose clock only the test moves, and the adapter on it.
struct Practice
{
    std::atomic<std::int64_t> nowMs = noonMs;
    sandbox::ci::CiWorld world{sandbox::ci::builtInPlans(), [this] { return nowMs.load(); }};
    sandbox::TravisApi api{world};
    std::unique_ptr<sandbox::LoopbackServer> loopback;
    QByteArray caPem;
    HttpClient http;
    TravisTokens secrets{token};
    std::unique_ptr<PipelineServer> server;

    Practice()
    {
        const auto certificate = sandbox::LoopbackCertificate::make();
        sandbox::LoopbackServer::Options options;
        options.certificate = *certificate;
        options.token = token.toStdString();
        options.isAuthorized = [](const sandbox::LoopbackRequest &request) {
            return sandbox::TravisApi::isAuthorized(request, token.toStdString());
        };
        options.unauthorized = sandbox::TravisApi::unauthorized();
        options.handler = [this](const sandbox::LoopbackRequest &request) { return api.answer(request); };
        auto started = sandbox::LoopbackServer::start(std::move(options));
        if (!started)
            qFatal("%s", qPrintable(started.error().message));
        loopback = *std::move(started);
        caPem = QByteArray::fromStdString((*certificate)->certificatePem());
        server = makeTravis(configOf(url(), caPem), http, secrets);
        static_cast<TravisSource &>(source()).setLogPause(10ms);
    }
    ~Practice()
    {
        server.reset();
        http.close();
        loopback->stop();
    }
    QUrl url() const { return QUrl(QString::fromStdString(loopback->url())); }
    PipelineSource &source() { return server->source(); }
    StepRunner &runner() { return server->runner(); }

    // The newest run in that phase, of the default branch where it passed; the world begins with some of each.
    std::optional<Run> runIn(sandbox::ci::Phase phase)
    {
        sandbox::ci::RunQuery query;
        query.vendor = sandbox::ci::Vendor::Travis;
        query.limit = 400;
        query.isWanted = [phase](const sandbox::ci::RunRecord &run) {
            return run.phase == phase && (phase != sandbox::ci::Phase::Passed || run.branch == "main");
        };
        const auto found = world.runs(query).runs;
        return found.empty() ? std::nullopt : std::optional(seen(found.front().id).run);
    }
    RunDetail seen(std::int64_t id)
    {
        const RunRef ref{pipelineRef(), QString::number(id)};
        const auto detail = waitFor(source().run(ref, {}));
        if (!detail)
            qWarning("%s", qPrintable(detail.error().message));
        return detail.value_or(RunDetail());
    }
    std::int64_t start()
    {
        sandbox::ci::StartOrder order;
        order.vendor = sandbox::ci::Vendor::Travis;
        order.project = project.toStdString();
        order.cause = sandbox::ci::Cause::Push;
        order.who = "erik.lund";
        return world.start(order).run;
    }
    Result<Plan> planned(RunOrder::Kind kind, const std::optional<Run> &run = {}, const QString &branch = {})
    {
        RunOrder order;
        order.kind = kind;
        order.pipeline = pipelineRef();
        order.run = run;
        order.branch = branch;
        order.reason = QStringLiteral("A test");
        return waitFor(source().plan(order, {}));
    }
    Result<Receipt> carriedOut(const PlanStep &step) { return waitFor(runner().execute(step, {})); }
    Observation observed(const PlanStep &step, const Receipt &receipt = {})
    {
        return waitFor(runner().observe(step, receipt, {})).value_or(Observation{});
    }
};

inline QByteArray logOf(PipelineSource &source, const LogQuery &query, LogEnd *end = nullptr)
{
    QByteArray all;
    QMutex mutex;
    const auto answer = waitFor(source.log(query,
                                           [&](const QByteArray &bytes) {
                                               const QMutexLocker lock(&mutex);
                                               all += bytes;
                                           },
                                           {}));
    if (!answer)
        return answer.error().message.toUtf8();
    if (end)
        *end = *answer;
    return all;
}

} // namespace signalbox::test
