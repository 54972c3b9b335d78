#pragma once

#include "services/adapters/oci/ocianswer.h"
#include "services/net/httpclient.h"
#include "services/ports/secretstore.h"

#include <QDeadlineTimer>
#include <QHash>
#include <QObject>

#include <memory>
#include <optional>

namespace signalbox::oci
{

// Where a registry is and how one shows who one is, as the workspace says it.
struct RegistryConfig
{
    QString id;
    QUrl url;               // scheme, host and port
    QStringList imageHosts; // by which images name it besides its address: a mirror's, "docker.io"
    QByteArray caPem;
    bool insecureSkipTlsVerify = false;
    QString user; // with `password`
    std::optional<SecretReference> password;
    std::optional<SecretReference> bearer;
    // A host besides the registry's own that may see the password: where the registry sends for tokens.
    QUrl tokenServer;
};

// Answers a registry's challenge. The password goes to the registry itself and to the token server that the workspace
// names, and to no other host whatever the challenge says: there a token is asked for without one, as for public
// images. Tokens are kept as long as they hold, each for one scope. Thread: that of the object.
class Tokens : public QObject
{
    Q_OBJECT
public:
    // `http` and `secrets` outlive it.
    Tokens(const RegistryConfig &config, HttpClient &http, SecretStore &secrets, QObject *parent = nullptr);

    // What is known to serve for this repository, without asking; empty: nothing.
    QByteArray known(const QString &name) const;
    // The header's value that the challenge of a 401 wants. Unauthorized: there is none to be had, with the reason.
    [[nodiscard]] QFuture<Result<QByteArray>> answer(const Challenge &challenge, const QString &name,
                                                     const StopToken &stop);
    void forget(const QString &name); // it was refused

private:
    struct Kept
    {
        Secret header;
        QDeadlineTimer until;
    };
    QFuture<Result<QByteArray>> credential(const StopToken &stop);
    QFuture<Result<QByteArray>> fetch(const QUrl &realm, const Challenge &challenge, const QString &name,
                                      const QByteArray &authorization, const StopToken &stop);
    bool maySee(const QUrl &realm) const;

    const RegistryConfig m_config;
    HttpClient &m_http;
    SecretStore &m_secrets;
    QHash<QString, Kept> m_kept; // by repository
};

// scheme, host and port alike
bool isSameOrigin(const QUrl &a, const QUrl &b);
std::shared_ptr<const HttpEndpoint> endpointOf(const RegistryConfig &config, const QUrl &base);

} // namespace signalbox::oci
