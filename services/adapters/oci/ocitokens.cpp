#include "services/adapters/oci/ocitokens.h"

#include "services/async/chain.h"

#include <QUrlQuery>

namespace signalbox::oci
{

namespace
{

constexpr qint64 mostTokenBytes = 256 * 1024;
constexpr int earlierSeconds = 10; // a token is renewed before it ends
constexpr int secretSeconds = 60;  // a rotated secret is seen after this at the latest

} // namespace

bool isSameOrigin(const QUrl &a, const QUrl &b)
{
    const auto port = [](const QUrl &url) { return url.port(url.scheme() == QLatin1String("https") ? 443 : 80); };
    return a.scheme() == b.scheme() && a.host() == b.host() && port(a) == port(b) && !a.host().isEmpty();
}

std::shared_ptr<const HttpEndpoint> endpointOf(const RegistryConfig &config, const QUrl &base)
{
    auto endpoint = std::make_shared<HttpEndpoint>();
    endpoint->connection = config.id;
    endpoint->base = base;
    endpoint->caPem = config.caPem;
    endpoint->insecureSkipVerify = config.insecureSkipTlsVerify && isSameOrigin(base, config.url);
    return endpoint;
}

Tokens::Tokens(const RegistryConfig &config, HttpClient &http, SecretStore &secrets, QObject *parent)
    : QObject(parent)
    , m_config(config)
    , m_http(http)
    , m_secrets(secrets)
{}

QByteArray Tokens::known(const QString &name) const
{
    const auto found = m_kept.constFind(name);
    return found != m_kept.constEnd() && !found->until.hasExpired() ? found->header.reveal() : QByteArray();
}

void Tokens::forget(const QString &name)
{
    m_kept.remove(name);
}

bool Tokens::maySee(const QUrl &realm) const
{
    return isSameOrigin(realm, m_config.url) || isSameOrigin(realm, m_config.tokenServer);
}

// "Basic ..." of the user, empty where none is configured.
QFuture<Result<QByteArray>> Tokens::credential(const StopToken &stop)
{
    if (!m_config.password)
        return ready(Result<QByteArray>(QByteArray()));
    return after(this, m_secrets.resolve(*m_config.password, stop), [this](const ResolvedSecret &secret) {
        return ready(Result<QByteArray>("Basic " + (m_config.user.toUtf8() + ':' + secret.value.reveal()).toBase64()));
    });
}

QFuture<Result<QByteArray>> Tokens::answer(const Challenge &challenge, const QString &name, const StopToken &stop)
{
    const auto refuse = [](const QString &text) {
        return ready(Result<QByteArray>(Error{ErrorKind::Unauthorized, text, {}}));
    };
    const auto keep = [this, name](const QByteArray &header) {
        m_kept.insert(name, {Secret(header), QDeadlineTimer(secretSeconds * 1000)});
        return ready(Result<QByteArray>(header));
    };
    if (m_config.bearer)
        return after(this, m_secrets.resolve(*m_config.bearer, stop),
                     [keep](const ResolvedSecret &secret) { return keep("Bearer " + secret.value.reveal()); });
    if (challenge.scheme == QLatin1String("basic")) {
        if (!m_config.password)
            return refuse(tr("The registry %1 asks for a user and a password, and the workspace names none. Name them "
                             "under \"auth\" of the registry.")
                              .arg(m_config.url.host()));
        return after(this, credential(stop), keep);
    }
    if (challenge.scheme != QLatin1String("bearer"))
        return refuse(tr("The registry %1 asks for a kind of credential that is not known here; Basic and Bearer are.")
                          .arg(m_config.url.host()));
    const QUrl realm(challenge.parameters.value(QStringLiteral("realm")), QUrl::StrictMode);
    const bool isWeb = realm.scheme() == QLatin1String("https") || realm.scheme() == QLatin1String("http");
    const bool isDowngrade =
        m_config.url.scheme() == QLatin1String("https") && realm.scheme() != QLatin1String("https");
    if (!realm.isValid() || !isWeb || realm.host().isEmpty() || isDowngrade)
        return refuse(tr("The registry %1 sends for a token to an address that is not used: https was expected.")
                          .arg(m_config.url.host()));
    if (!maySee(realm))
        return fetch(realm, challenge, name, {}, stop);
    return after(this, credential(stop), [=, this](const QByteArray &authorization) {
        return fetch(realm, challenge, name, authorization, stop);
    });
}

QFuture<Result<QByteArray>> Tokens::fetch(const QUrl &realm, const Challenge &challenge, const QString &name,
                                          const QByteArray &authorization, const StopToken &stop)
{
    HttpRequest request;
    QUrl base = realm;
    base.setPath({});
    base.setQuery(QString());
    request.endpoint = endpointOf(m_config, base);
    QUrlQuery query(realm);
    const QString service = challenge.parameters.value(QStringLiteral("service"));
    if (!service.isEmpty())
        query.addQueryItem(QStringLiteral("service"), QString::fromLatin1(QUrl::toPercentEncoding(service)));
    // What is needed and no more, whatever the challenge would give.
    query.addQueryItem(QStringLiteral("scope"),
                       QString::fromLatin1(QUrl::toPercentEncoding(QStringLiteral("repository:%1:pull").arg(name))));
    request.target = realm.path(QUrl::FullyEncoded).toUtf8() + '?' + query.toString(QUrl::FullyEncoded).toUtf8();
    request.headers = {{"Accept", "application/json"}};
    if (!authorization.isEmpty())
        request.headers.append(std::pair<QByteArray, QByteArray>("Authorization", authorization));
    request.maxBody = mostTokenBytes;
    request.followRedirects = false;
    const QString host = realm.host();
    const bool isAnonymous = authorization.isEmpty();
    return after(this, m_http.send(request, stop), [=, this](const HttpResponse &response) {
        if (response.status == 401 || response.status == 403) {
            const QString text =
                isAnonymous && m_config.password
                    ? tr("%1 gives no token for %2 without a password, and the workspace's password is not shown to "
                         "it. If it is to be trusted, name it as \"tokenServer\" of the registry %3.")
                          .arg(host, name, m_config.id)
                : isAnonymous ? tr("%1 gives no token for %2 without a password. Name one under \"auth\" of the "
                                   "registry %3.")
                                    .arg(host, name, m_config.id)
                              : tr("%1 refused the user name or password for %2. Check \"auth\" of the registry %3.")
                                    .arg(host, name, m_config.id);
            return ready(Result<QByteArray>(Error{ErrorKind::Unauthorized, text, {}}));
        }
        if (response.status != 200)
            return ready(Result<QByteArray>(
                Error{response.status == 429 ? ErrorKind::RateLimited : ErrorKind::Unreachable,
                      tr("%1 gave no token for %2: HTTP status %3.").arg(host, name).arg(response.status),
                      {}}));
        const auto token = parseToken(response.body);
        if (!token)
            return ready(Result<QByteArray>(token.error()));
        const QByteArray header = "Bearer " + token->value;
        m_kept.insert(name, {Secret(header), QDeadlineTimer(std::max(0, token->lifeSeconds - earlierSeconds) * 1000)});
        return ready(Result<QByteArray>(header));
    });
}

} // namespace signalbox::oci
