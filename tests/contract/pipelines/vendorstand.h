#pragma once

#include "services/credentials/credentialstore.h"
#include "services/net/httpclient.h"
#include "services/pipelines/pipelineserver.h"
#include "services/sandbox/ci/ciworld.h"
#include "services/sandbox/http/loopbackserver.h"

#include <QByteArray>
#include <QString>

#include <atomic>
#include <memory>

namespace signalbox::test
{

// One vendor's stand-in on loopback over a world of its own, and our adapter for it. The world's time is the test's:
// pass() lets it go on.
class VendorStand
{
public:
    // "jenkins", "github", "gitlab", "travis"
    explicit VendorStand(const QByteArray &vendor);
    ~VendorStand();

    bool isUp(QString *why) const;
    void pass(std::chrono::seconds time) { m_ahead += time.count() * 1000; }
    PipelineServer &server() { return *m_server; }
    // The same adapter with another token.
    std::unique_ptr<PipelineServer> stranger();
    sandbox::ci::CiWorld &world() { return *m_world; }
    sandbox::ci::Vendor vendor() const { return m_vendor; }
    QString address() const;

private:
    std::unique_ptr<PipelineServer> make(const char *variable);

    sandbox::ci::Vendor m_vendor = sandbox::ci::Vendor::Jenkins;
    std::atomic<qint64> m_ahead{0};
    std::unique_ptr<sandbox::ci::CiWorld> m_world;
    std::shared_ptr<void> m_api;
    std::shared_ptr<const sandbox::LoopbackCertificate> m_certificate;
    std::unique_ptr<sandbox::LoopbackServer> m_http;
    QString m_problem;
    HttpClient m_client;
    CredentialStore m_secrets;
    std::unique_ptr<PipelineServer> m_server; // last made, first gone
};

} // namespace signalbox::test
