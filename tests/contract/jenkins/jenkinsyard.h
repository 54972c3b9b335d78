#pragma once

#include "services/pipelines/pipelineserver.h"
#include "services/ports/secretstore.h"
#include "services/sandbox/ci/ciworld.h"
#include "services/sandbox/ci/jenkins/jenkinsapi.h"
#include "services/sandbox/http/loopbackserver.h"

#include <QStringList>
#include <QTemporaryDir>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>

namespace signalbox::test
{

// Whatever is asked for, this is the secret.
class OneApiToken : public SecretStore
{
public:
    explicit OneApiToken(QByteArray value)
        : m_value(std::move(value))
    {}
    QFuture<Result<ResolvedSecret>> resolve(SecretReference reference, StopToken stop) override;
    QFuture<Result<void>> keep(SecretReference reference, Secret secret, StopToken stop) override;

private:
    const QByteArray m_value;
};

PipelineServerConfig jenkinsConfig(const QUrl &url, const QByteArray &caPem);

// The practice world's Jenkins over HTTPS, at a time that only the test moves: a folder "team" with two multibranch
// projects, "cart" (parameters, stages side by side, a gate for us) and "risk" (a gate that is not ours).
class JenkinsYard
{
public:
    explicit JenkinsYard(sandbox::ci::JenkinsApi::Options options = {});
    ~JenkinsYard();

    static QByteArray token() { return "11aa22bb33cc44dd55ee66ff7788990011"; }
    QUrl url() const;
    QByteArray caPem() const;
    QString caFile() const;
    sandbox::ci::CiWorld &world() { return *m_world; }

    void pass(int seconds) { m_nowMs += seconds * 1000; }
    // Of a run that somebody starts; 0: it was refused.
    std::int64_t start(const char *project, const char *branch, const char *who,
                       const sandbox::ci::Parameters &parameters = {});
    bool untilPhase(std::int64_t run, sandbox::ci::Phase phase);
    sandbox::ci::RunRecord run(std::int64_t id) { return m_world->run(id).value_or(sandbox::ci::RunRecord()); }
    const sandbox::ci::JobRun *waitingJob(std::int64_t id); // null: none
    QStringList asked();                                    // since the last call: "POST /job/..."

private:
    std::atomic<std::int64_t> m_nowMs;
    const sandbox::ci::CiPlans m_plans;
    std::unique_ptr<sandbox::ci::CiWorld> m_world;
    std::unique_ptr<sandbox::ci::JenkinsApi> m_api;
    std::shared_ptr<const sandbox::LoopbackCertificate> m_certificate;
    QTemporaryDir m_folder;
    std::mutex m_mutex;
    QStringList m_asked;
    sandbox::ci::RunRecord m_seen;
    std::unique_ptr<sandbox::LoopbackServer> m_server; // goes first
};

} // namespace signalbox::test
