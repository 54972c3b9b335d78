#pragma once

#include "services/adapters/kubernetes/access.h"
#include "services/adapters/kubernetes/exec.h"

#include <QDateTime>

#include <memory>
#include <mutex>
#include <optional>

namespace signalbox::kubernetes
{

// What an endpoint sends as its user, kept fresh: tokens, token files and certificate files read again, credential
// plugins. Thread-safe.
class AccessCredentials : public std::enable_shared_from_this<AccessCredentials>
{
public:
    AccessCredentials(const ClusterAccess &access, const EndpointOptions &options);

    QFuture<Result<HttpHeaders>> authorise(const StopToken &stop);
    bool rejected(const HttpHeaders &used);
    bool hasChangingCertificate() const { return m_exec || !m_certificateFile.isEmpty(); }
    std::optional<ClientCertificate> certificate() const; // returns at once

private:
    Result<HttpHeaders> headersWith(const Secret &token) const;
    bool filesAreStale() const;      // with the lock held
    Result<HttpHeaders> fromFiles(); // reads: on a worker
    Result<Secret> readTokenFile() const;
    std::optional<ClientCertificate> readCertificateFiles() const;

    const HttpHeaders m_impersonation;
    const Secret m_token;
    const QString m_tokenFile;
    const QString m_certificateFile;
    const QString m_keyFile;
    const QString m_user;
    const std::chrono::milliseconds m_filesAreGood;
    std::unique_ptr<ExecCredentials> m_exec;

    mutable std::mutex m_mutex; // of what follows
    std::optional<ClientCertificate> m_certificate;
    std::optional<Secret> m_fileToken;
    QDateTime m_filesRead;
};

} // namespace signalbox::kubernetes
