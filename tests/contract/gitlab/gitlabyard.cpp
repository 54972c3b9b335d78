#include "tests/contract/gitlab/gitlabyard.h"

#include <QFile>

namespace signalbox::test
{

using namespace sandbox;
using namespace sandbox::ci;

namespace
{

constexpr std::int64_t beginMs = 1'772'000'000'000; // 2026-02-25

JobPlan plannedJob(const char *name, const char *stage, std::vector<std::string> needs, int seconds = 20)
{
    JobPlan job;
    job.name = job.key = name;
    job.stage = stage;
    job.needs = std::move(needs);
    job.seconds = seconds;
    job.steps = {"Get sources", "Work"};
    job.log = "plain";
    job.runner = "runner-1";
    return job;
}

PipelinePlan plannedPipeline(const char *name)
{
    PipelinePlan plan;
    plan.vendor = Vendor::GitLab;
    plan.project = "team/sub/cart";
    plan.name = name;
    plan.file = ".gitlab-ci.yml";
    plan.branches = {"main", "feature/x"};
    plan.people = {"wei", "noor"};
    plan.subjects = {"Count what is in the cart"};
    return plan;
}

CiPlans yardPlans(const GitLabYard::Shape &shape)
{
    CiPlans plans;
    plans.seed = 7;
    plans.me = "operator";
    plans.people = {{"operator", "The Operator"}, {"wei", "Wei Zhang"}, {"noor", "Noor Haddad"}};
    PipelinePlan cart = plannedPipeline("cart");
    cart.crons = {"17 3 * * *"};
    JobPlan compile = plannedJob("compile", "build", {});
    compile.artifacts = {"cart.tar.gz"};
    JobPlan unit = plannedJob("unit", "test", {"compile"}, 30);
    unit.tests = {{"tests.cart", "test_add", "tests/cart.py", 12, 0, false},
                  {"tests.cart", "test_remove", "tests/cart.py", 30, 0, false},
                  {"tests.cart", "test_later", "tests/cart.py", 1, 0, true}};
    unit.coverage = 81.5;
    JobPlan bench = plannedJob("bench", "test", {"compile"}, 5);
    bench.startsPipeline = "bench";
    JobPlan release = plannedJob("release", "release", {"unit", "bench"});
    release.gate.message = "Release?";
    release.gate.isManual = true;
    release.mayFail = shape.isOptional;
    release.onlyFor = {Cause::Manual}; // the past consists of scheduled runs: none of them waits
    JobPlan deploy = plannedJob("deploy", "deploy", {"release"});
    deploy.environment = "production";
    deploy.onlyFor = {Cause::Manual};
    deploy.gate.message = "Deploy?";
    deploy.gate.approvals = shape.approvals;
    deploy.gate.isManual = true;
    deploy.gate.deciders = {{"operator", false, {}}, {"release-managers", true, {"noor", "operator"}}};
    cart.jobs = {compile, unit, bench, release, deploy};
    if (!shape.tag.empty())
        cart.releases = {{shape.tag, "Count better", std::string(40, 'c'), 2, 1}};
    PipelinePlan child = plannedPipeline("bench");
    child.isChild = true;
    JobPlan measure = plannedJob("measure", "measure", {}, 10);
    measure.gate.isManual = shape.holdsChild;
    child.jobs = {measure};
    plans.pipelines = {cart, child};
    return plans;
}

} // namespace

PipelineServerConfig gitLabConfig(const QUrl &url, const QByteArray &caPem)
{
    PipelineServerConfig config;
    config.id = QStringLiteral("lab");
    config.url = url;
    config.caPem = caPem;
    config.bearer = SecretReference{SecretReference::Kind::Environment, QStringLiteral("X"), {}};
    config.projects = {GitLabYard::project()};
    return config;
}

GitLabYard::GitLabYard(const std::string &root, int requestsPerMinute)
    : GitLabYard(Shape{}, root, requestsPerMinute)
{}

GitLabYard::GitLabYard(const Shape &shape)
    : GitLabYard(shape, {}, 2000)
{}

GitLabYard::GitLabYard(const Shape &shape, const std::string &root, int requestsPerMinute)
    : m_nowMs(beginMs)
    , m_plans(yardPlans(shape))
    , m_world(std::make_unique<CiWorld>(m_plans, [this] { return m_nowMs.load(); }))
    , m_certificate(*LoopbackCertificate::make())
    , m_root(root)
{
    GitLabApi::Options options;
    options.root = root;
    options.requestsPerMinute = requestsPerMinute;
    options.blocksManual = shape.blocksManual;
    options.access = shape.access;
    options.protectedRefs = shape.protectedRefs;
    options.groupTiers = shape.groupTiers;
    m_api = std::make_unique<GitLabApi>(*m_world, options);
    LoopbackServer::Options server;
    server.certificate = m_certificate;
    server.isAuthorized = [](const LoopbackRequest &request) {
        return GitLabApi::isAuthorized(request, token().toStdString());
    };
    server.unauthorized = GitLabApi::unauthorized();
    server.handler = [this](const LoopbackRequest &request) {
        {
            const std::lock_guard lock(m_mutex);
            m_asked.append(QString::fromStdString(request.method + ' ' + request.rawPath));
            if (instead) {
                if (auto reply = instead(request))
                    return *reply;
            }
        }
        if (before)
            before(request);
        return m_api->answer(request);
    };
    m_server = *LoopbackServer::start(std::move(server));
    QFile file(caFile());
    if (file.open(QIODevice::WriteOnly))
        file.write(caPem());
}

GitLabYard::~GitLabYard() = default;

QUrl GitLabYard::url() const
{
    return QUrl(QString::fromStdString(m_server->url() + m_root));
}

QByteArray GitLabYard::caPem() const
{
    return QByteArray::fromStdString(m_certificate->certificatePem());
}

QString GitLabYard::caFile() const
{
    return m_folder.filePath(QStringLiteral("ca.pem"));
}

std::int64_t GitLabYard::start(const char *who, Cause cause, const char *branch)
{
    StartOrder order;
    order.vendor = Vendor::GitLab;
    order.project = project().toStdString();
    order.pipeline = "cart";
    order.branch = branch;
    order.cause = cause;
    order.who = who;
    const ci::Outcome made = m_world->start(order);
    return made ? made.run : 0;
}

bool GitLabYard::until(const std::function<bool()> &isSo)
{
    for (int i = 0; i < 3600; ++i) {
        if (isSo())
            return true;
        pass(2);
    }
    return false;
}

bool GitLabYard::untilPhase(std::int64_t run, Phase phase)
{
    return until([&] {
        const auto now = m_world->run(run);
        return now && now->phase == phase;
    });
}

const JobRun *GitLabYard::job(std::int64_t run, const char *name)
{
    m_seen = m_world->run(run);
    return m_seen ? m_seen->job(std::string_view(name)) : nullptr;
}

QStringList GitLabYard::asked()
{
    const std::lock_guard lock(m_mutex);
    return std::exchange(m_asked, {});
}

} // namespace signalbox::test
