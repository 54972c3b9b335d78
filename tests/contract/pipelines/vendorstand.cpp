#include "tests/contract/pipelines/vendorstand.h"

#include "services/adapters/github/githubserver.h"
#include "services/adapters/gitlab/gitlabserver.h"
#include "services/adapters/jenkins/jenkinsserver.h"
#include "services/adapters/travis/travisserver.h"
#include "services/sandbox/ci/github/githubapi.h"
#include "services/sandbox/ci/gitlab/gitlabapi.h"
#include "services/sandbox/ci/jenkins/jenkinsapi.h"
#include "services/sandbox/ci/travis/travisapi.h"

namespace signalbox::test
{

namespace ci = signalbox::sandbox::ci;
using sandbox::LoopbackRequest;
using sandbox::LoopbackServer;

namespace
{

constexpr char token[] = "stand-token";

template <typename Api>
std::shared_ptr<void> serve(ci::CiWorld &world, LoopbackServer::Options &options)
{
    const auto api = std::make_shared<Api>(world);
    options.handler = [api = api.get()](const LoopbackRequest &request) { return api->answer(request); };
    options.isAuthorized = [](const LoopbackRequest &request) { return Api::isAuthorized(request, token); };
    options.unauthorized = Api::unauthorized();
    return api;
}

} // namespace

VendorStand::VendorStand(const QByteArray &vendor)
{
    const ci::CiPlans &plans = ci::builtInPlans();
    m_world =
        std::make_unique<ci::CiWorld>(plans, [this] { return QDateTime::currentMSecsSinceEpoch() + m_ahead.load(); });
    LoopbackServer::Options options;
    options.token = token;
    auto certificate = sandbox::LoopbackCertificate::make();
    if (!certificate) {
        m_problem = certificate.error().message;
        return;
    }
    m_certificate = std::move(*certificate);
    options.certificate = m_certificate;
    if (vendor == "github") {
        m_vendor = ci::Vendor::GitHub;
        m_api = serve<ci::GitHubApi>(*m_world, options);
    } else if (vendor == "gitlab") {
        m_vendor = ci::Vendor::GitLab;
        m_api = serve<ci::GitLabApi>(*m_world, options);
    } else if (vendor == "travis") {
        m_vendor = ci::Vendor::Travis;
        m_api = serve<sandbox::TravisApi>(*m_world, options);
    } else {
        m_api = serve<ci::JenkinsApi>(*m_world, options);
    }
    auto server = LoopbackServer::start(std::move(options));
    if (!server) {
        m_problem = server.error().message;
        return;
    }
    m_http = std::move(*server);
    qputenv("SIGNALBOX_STAND_TOKEN", token);
    qputenv("SIGNALBOX_STAND_WRONG", "wrong-token");
    m_server = make("SIGNALBOX_STAND_TOKEN");
}

VendorStand::~VendorStand()
{
    m_server.reset();
    m_client.close();
}

bool VendorStand::isUp(QString *why) const
{
    *why = m_problem;
    return m_server != nullptr;
}

QString VendorStand::address() const
{
    return QString::fromStdString(m_http->url());
}

std::unique_ptr<PipelineServer> VendorStand::stranger()
{
    return make("SIGNALBOX_STAND_WRONG");
}

std::unique_ptr<PipelineServer> VendorStand::make(const char *variable)
{
    PipelineServerConfig config;
    config.id = QStringLiteral("ci");
    config.url = QUrl(address());
    config.caPem = QByteArray::fromStdString(m_certificate->certificatePem());
    for (const std::string &project : m_world->projects(m_vendor))
        config.projects.append(QString::fromStdString(project));
    const auto reference = parseSecretReference(QStringLiteral("env:") + QString::fromLatin1(variable));
    if (m_vendor == ci::Vendor::Jenkins) {
        config.user = QString::fromStdString(m_world->me());
        config.password = *reference;
    } else {
        config.bearer = *reference;
    }
    switch (m_vendor) {
    case ci::Vendor::GitHub:
        return makeGitHub(config, m_client, m_secrets);
    case ci::Vendor::GitLab:
        return makeGitLab(config, m_client, m_secrets);
    case ci::Vendor::Travis:
        return makeTravis(config, m_client, m_secrets);
    case ci::Vendor::Jenkins:
        break;
    }
    return makeJenkins(config, m_client, m_secrets);
}

} // namespace signalbox::test
