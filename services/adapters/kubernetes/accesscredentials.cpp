#include "services/adapters/kubernetes/accesscredentials.h"

#include "services/adapters/kubernetes/certificates.h"
#include "services/adapters/kubernetes/kubeconfigtext.h"
#include "services/async/deliver.h"
#include "services/async/whenended.h"

#include <QFile>

#include <algorithm>

namespace signalbox::kubernetes
{

namespace
{

constexpr qint64 largestFile = 1024 * 1024;
constexpr qint64 justReadMs = 1'000;
constexpr QByteArrayView bearer("Bearer ");

QByteArray tokenIn(const HttpHeaders &headers)
{
    for (const auto &[name, value] : headers) {
        if (name == "Authorization" && value.startsWith(bearer))
            return value.sliced(bearer.size());
    }
    return {};
}

} // namespace

AccessCredentials::AccessCredentials(const ClusterAccess &access, const EndpointOptions &options)
    : m_impersonation(access.impersonation)
    , m_token(access.token)
    , m_tokenFile(access.tokenFile)
    , m_certificateFile(access.certificateFile)
    , m_keyFile(access.keyFile)
    , m_user(access.user)
    , m_filesAreGood(options.filesAreGood)
    , m_certificate(access.certificate)
{
    if (!m_certificateFile.isEmpty() && m_tokenFile.isEmpty())
        m_filesRead = QDateTime::currentDateTimeUtc(); // by accessFor(), just now
    if (!access.exec)
        return;
    ExecSetup setup;
    setup.plugin = *access.exec;
    setup.clusterInfo = access.execClusterInfo;
    setup.hasTerminal = options.hasTerminal;
    setup.isTerminalTaken = options.isTerminalTaken;
    setup.timeout = options.execTimeout;
    setup.failureIsKept = options.execFailureIsKept;
    m_exec = std::make_unique<ExecCredentials>(std::move(setup));
}

Result<HttpHeaders> AccessCredentials::headersWith(const Secret &token) const
{
    HttpHeaders headers = m_impersonation;
    const QByteArray &bytes = token.reveal();
    if (std::any_of(bytes.begin(), bytes.end(), [](char c) { return c <= ' ' || c > '~'; })) {
        return Error{ErrorKind::Unauthorized,
                     KubeConfigText::tr(
                         "The token of the user \"%1\" holds blanks or other signs that no token has. Make a new one.")
                         .arg(m_user),
                     {}};
    }
    if (!bytes.isEmpty())
        headers.emplaceBack("Authorization", bearer.toByteArray() + bytes);
    return headers;
}

QFuture<Result<HttpHeaders>> AccessCredentials::authorise(const StopToken &stop)
{
    const auto self = shared_from_this();
    if (m_exec) {
        return continued(m_exec->credential(stop),
                         [self](const Result<ExecCredential> &credential) -> Result<HttpHeaders> {
                             return credential ? self->headersWith(credential->token) : credential.error();
                         });
    }
    {
        const std::lock_guard lock(m_mutex);
        if (!filesAreStale())
            return ready(headersWith(m_fileToken.value_or(m_token)));
    }
    // A file may lie on a disk that takes its time.
    return continued(
        ready(Result<void>()), [self](const Result<void> &) { return self->fromFiles(); }, Continues::OnWorker);
}

bool AccessCredentials::filesAreStale() const
{
    if (m_tokenFile.isEmpty() && m_certificateFile.isEmpty())
        return false;
    const qint64 age = m_filesRead.isValid() ? m_filesRead.msecsTo(QDateTime::currentDateTimeUtc()) : -1;
    return age < 0 || age >= m_filesAreGood.count();
}

Result<HttpHeaders> AccessCredentials::fromFiles()
{
    const auto certificate = readCertificateFiles();
    const Result<Secret> token = readTokenFile();
    const std::lock_guard lock(m_mutex);
    m_filesRead = QDateTime::currentDateTimeUtc();
    if (certificate)
        m_certificate = certificate;
    if (token)
        m_fileToken = *token;
    else if (!m_fileToken && m_token.isEmpty())
        return token.error(); // otherwise the last that could be read serves on
    return headersWith(m_fileToken.value_or(m_token));
}

Result<Secret> AccessCredentials::readTokenFile() const
{
    if (m_tokenFile.isEmpty())
        return m_token;
    QFile file(m_tokenFile);
    if (!file.open(QIODevice::ReadOnly)) {
        return Error{
            ErrorKind::Unauthorized,
            KubeConfigText::tr(
                "The token file %1 of the user \"%2\" cannot be read: %3. Correct its name or its permissions.")
                .arg(m_tokenFile, m_user, file.errorString()),
            {}};
    }
    Secret token(file.read(largestFile).trimmed());
    if (token.isEmpty()) {
        return Error{ErrorKind::Unauthorized,
                     KubeConfigText::tr("The token file %1 of the user \"%2\" is empty. Put a token into it.")
                         .arg(m_tokenFile, m_user),
                     {}};
    }
    return token;
}

// None: nothing to read, or a rotation caught half-way; what we have serves on.
std::optional<ClientCertificate> AccessCredentials::readCertificateFiles() const
{
    QFile certificate(m_certificateFile);
    QFile key(m_keyFile);
    if (m_certificateFile.isEmpty() || !certificate.open(QIODevice::ReadOnly) || !key.open(QIODevice::ReadOnly))
        return std::nullopt;
    ClientCertificate pair{certificate.read(largestFile), Secret(key.read(largestFile))};
    const auto facts =
        checkClientCertificate(pair.certPem, pair.keyPem, m_certificateFile, QDateTime::currentDateTimeUtc());
    return facts ? std::optional(pair) : std::nullopt;
}

bool AccessCredentials::rejected(const HttpHeaders &used)
{
    const QByteArray token = tokenIn(used);
    if (m_exec)
        return m_exec->rejected(token);
    if (m_tokenFile.isEmpty() && m_certificateFile.isEmpty())
        return false;
    const std::lock_guard lock(m_mutex);
    if (m_fileToken && m_fileToken->reveal() != token)
        return true; // read again since that request left
    const qint64 age = m_filesRead.isValid() ? m_filesRead.msecsTo(QDateTime::currentDateTimeUtc()) : -1;
    if (age >= 0 && age < justReadMs)
        return false; // just read: it is the file's token that the server does not take
    m_filesRead = {};
    return true;
}

std::optional<ClientCertificate> AccessCredentials::certificate() const
{
    if (m_exec) {
        auto handedOut = m_exec->certificate();
        if (handedOut)
            return handedOut;
    }
    const std::lock_guard lock(m_mutex);
    return m_certificate;
}

} // namespace signalbox::kubernetes
