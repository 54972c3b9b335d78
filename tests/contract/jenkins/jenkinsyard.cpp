#include "tests/contract/jenkins/jenkinsyard.h"

#include "services/async/deliver.h"

#include <QFile>

#include <utility>

namespace signalbox::test
{

using namespace sandbox;
using namespace sandbox::ci;

namespace
{

constexpr std::int64_t firstMs = 1'772'000'000'000; // 2026-02-25

JobPlan stageJob(const char *name, const char *stage, std::vector<std::string> needs, int seconds = 20)
{
    JobPlan job;
    job.name = job.key = name;
    job.stage = stage;
    job.needs = std::move(needs);
    job.seconds = seconds;
    job.steps = {"Checkout", "Work"};
    job.log = "plain";
    job.runner = "agent-1";
    return job;
}

PipelinePlan multibranch(const char *project, const char *name)
{
    PipelinePlan plan;
    plan.vendor = Vendor::Jenkins;
    plan.project = project;
    plan.name = name;
    plan.file = "Jenkinsfile";
    plan.branches = {"main", "feature/faster"};
    plan.people = {"ben", "ana"};
    plan.subjects = {"Faster baskets"};
    return plan;
}

InputPlan inputOf(const char *name, InputPlan::Kind kind, const char *value, std::vector<std::string> choices = {})
{
    InputPlan input;
    input.name = name;
    input.kind = kind;
    input.value = value;
    input.choices = std::move(choices);
    return input;
}

CiPlans jenkinsPlans()
{
    CiPlans plans;
    plans.seed = 11;
    plans.me = "operator";
    plans.people = {{"operator", "The Operator"}, {"ben", "Ben Adu"}, {"ana", "Ana Alves"}};
    PipelinePlan cart = multibranch("team/cart", "cart");
    cart.inputs = {inputOf("LEVEL", InputPlan::Kind::Choice, "info", {"info", "debug"}),
                   inputOf("FORCE", InputPlan::Kind::Flag, "false"), inputOf("KEY", InputPlan::Kind::Hidden, "")};
    JobPlan build = stageJob("Build", "Build", {});
    build.artifacts = {"cart.tar.gz"};
    JobPlan unit = stageJob("Unit", "Tests", {"Build"}, 30);
    unit.tests = {{"tests.cart", "test_add", "tests/cart.py", 12, 0, false},
                  {"tests.cart", "test_later", "tests/cart.py", 1, 0, true}};
    unit.coverage = 87.5;
    JobPlan lint = stageJob("Lint", "Tests", {"Build"}, 10);
    JobPlan deploy = stageJob("Deploy", "Deploy", {"Unit", "Lint"});
    deploy.gate.message = "Deploy to production?";
    deploy.gate.approvals = 1;
    deploy.gate.deciders = {{"operator", false, {}}, {"ben", false, {}}};
    deploy.gate.inputs = {inputOf("TRACK", InputPlan::Kind::Choice, "green", {"green", "blue"}),
                          inputOf("WATCH", InputPlan::Kind::Text, "15")};
    cart.jobs = {build, unit, lint, deploy};
    PipelinePlan risk = multibranch("team/risk", "risk");
    JobPlan release = stageJob("Release", "Release", {"Build"});
    release.gate.message = "Release?";
    release.gate.approvals = 1;
    release.gate.deciders = {{"ben", false, {}}};
    risk.jobs = {stageJob("Build", "Build", {}), release};
    plans.pipelines = {cart, risk};
    return plans;
}

} // namespace

QFuture<Result<ResolvedSecret>> OneApiToken::resolve(SecretReference, StopToken)
{
    return ready(Result<ResolvedSecret>(ResolvedSecret{Secret(m_value), {}}));
}

QFuture<Result<void>> OneApiToken::keep(SecretReference, Secret, StopToken)
{
    return ready(Result<void>());
}

PipelineServerConfig jenkinsConfig(const QUrl &url, const QByteArray &caPem)
{
    PipelineServerConfig config;
    config.id = QStringLiteral("ci");
    config.url = url;
    config.caPem = caPem;
    config.user = QStringLiteral("operator");
    config.password = SecretReference{SecretReference::Kind::Environment, QStringLiteral("X"), {}};
    config.projects = {QStringLiteral("team")};
    return config;
}

JenkinsYard::JenkinsYard(JenkinsApi::Options options)
    : m_nowMs(firstMs)
    , m_plans(jenkinsPlans())
    , m_world(std::make_unique<CiWorld>(m_plans, [this] { return m_nowMs.load(); }))
    , m_certificate(*LoopbackCertificate::make())
{
    m_api = std::make_unique<JenkinsApi>(*m_world, options);
    LoopbackServer::Options server;
    server.certificate = m_certificate;
    server.isAuthorized = [](const LoopbackRequest &request) {
        return JenkinsApi::isAuthorized(request, token().toStdString());
    };
    server.unauthorized = JenkinsApi::unauthorized();
    server.handler = [this](const LoopbackRequest &request) {
        {
            const std::lock_guard lock(m_mutex);
            m_asked.append(QString::fromStdString(request.method + ' ' + request.rawPath));
        }
        return m_api->answer(request);
    };
    m_server = *LoopbackServer::start(std::move(server));
    QFile file(caFile());
    if (file.open(QIODevice::WriteOnly))
        file.write(caPem());
}

JenkinsYard::~JenkinsYard() = default;

QUrl JenkinsYard::url() const
{
    return QUrl(QString::fromStdString(m_server->url()));
}

QByteArray JenkinsYard::caPem() const
{
    return QByteArray::fromStdString(m_certificate->certificatePem());
}

QString JenkinsYard::caFile() const
{
    return m_folder.filePath(QStringLiteral("ca.pem"));
}

std::int64_t JenkinsYard::start(const char *project, const char *branch, const char *who, const Parameters &parameters)
{
    StartOrder order;
    order.vendor = Vendor::Jenkins;
    order.project = project;
    order.branch = branch;
    order.who = who;
    order.parameters = parameters;
    return m_world->start(order).run;
}

bool JenkinsYard::untilPhase(std::int64_t id, Phase phase)
{
    for (int i = 0; i < 1800; ++i) {
        if (run(id).phase == phase)
            return true;
        pass(2);
    }
    return false;
}

const JobRun *JenkinsYard::waitingJob(std::int64_t id)
{
    m_seen = run(id);
    for (const JobRun &job : m_seen.jobs) {
        if (job.phase == Phase::Waiting)
            return &job;
    }
    return nullptr;
}

QStringList JenkinsYard::asked()
{
    const std::lock_guard lock(m_mutex);
    return std::exchange(m_asked, {});
}

} // namespace signalbox::test
