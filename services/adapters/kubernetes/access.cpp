#include "services/adapters/kubernetes/access.h"

#include "services/adapters/kubernetes/accesscredentials.h"
#include "services/adapters/kubernetes/certificates.h"
#include "services/adapters/kubernetes/kubeconfigtext.h"

#include <QCryptographicHash>
#include <QFile>

#include <nlohmann/json.hpp>

#include <algorithm>

namespace signalbox::kubernetes
{

namespace
{

constexpr qint64 largestPem = 1024 * 1024;

bool isLoopback(const QString &host)
{
    return host == u"localhost" || host == u"::1" || host.startsWith(QStringLiteral("127."));
}

template <typename Entry>
QString namesOf(const QList<Entry> &entries)
{
    constexpr int shown = 12;
    QStringList names;
    for (const Entry &entry : entries.mid(0, shown))
        names.append(entry.name);
    if (names.isEmpty())
        return KubeConfigText::tr("None is known.");
    const QString list = names.join(QStringLiteral(", "));
    return entries.size() > shown
               ? KubeConfigText::tr("Known are %1 and %2 more.").arg(list).arg(entries.size() - shown)
               : KubeConfigText::tr("Known: %1.").arg(list);
}

Result<const KubeContext *> chooseContext(const KubeConfig &config, const QString &wanted)
{
    const QString files = config.files.join(QStringLiteral(", "));
    const QString name = wanted.isEmpty() ? config.currentContext : wanted;
    if (name.isEmpty() && config.contexts.isEmpty()) {
        return Error{
            ErrorKind::Invalid,
            KubeConfigText::tr("%1: there is no context in it. Check the file, or name another one.").arg(files),
            {}};
    }
    if (name.isEmpty()) {
        return Error{ErrorKind::Invalid,
                     KubeConfigText::tr("%1: no current-context is set and no context was named. %2")
                         .arg(files, namesOf(config.contexts)),
                     noContextChosen};
    }
    const KubeContext *context = config.context(name);
    if (context == nullptr) {
        return Error{ErrorKind::NotFound,
                     KubeConfigText::tr("%1: there is no context \"%2\"%3. %4 Choose one of them.")
                         .arg(files, name,
                              wanted.isEmpty() ? KubeConfigText::tr(", though current-context names it") : QString(),
                              namesOf(config.contexts)),
                     {}};
    }
    if (context->problem)
        return *context->problem;
    return context;
}

Result<QByteArray> readPem(const PemSource &source)
{
    if (source.file.isEmpty())
        return source.inlinePem.reveal();
    QFile file(source.file);
    if (!file.open(QIODevice::ReadOnly)) {
        return Error{
            ErrorKind::Invalid,
            KubeConfigText::tr(
                "%1: expected a readable file, found that %2 is not (%3). Correct the name or its permissions.")
                .arg(source.place, source.file, file.errorString()),
            {}};
    }
    return file.read(largestPem);
}

Result<void> resolveServer(const KubeCluster &cluster, bool hasClientCertificate, ClusterAccess &access)
{
    access.cluster = cluster.name;
    access.server =
        serverUrl(cluster.server, !cluster.ca.isEmpty() || cluster.insecureSkipVerify || hasClientCertificate);
    access.insecureSkipVerify = cluster.insecureSkipVerify;
    access.tlsServerName = cluster.tlsServerName;
    access.proxy = cluster.proxy;
    if (cluster.insecureSkipVerify && access.server.scheme() == u"https") {
        access.warnings.append(
            KubeConfigText::tr(
                "The certificate of %1 is not verified (insecure-skip-tls-verify): whoever is in between can read and "
                "change everything.")
                .arg(access.server.host()));
    }
    if (cluster.ca.isEmpty())
        return {};
    const auto pem = readPem(cluster.ca);
    if (!pem)
        return pem.error();
    const auto facts = readCertificate(*pem, cluster.ca.place);
    if (!facts)
        return facts.error();
    access.caPem = *pem;
    return {};
}

Result<void> resolveCertificate(const KubeUser &user, ClusterAccess &access)
{
    if (user.certificate.isEmpty())
        return {};
    const auto certificate = readPem(user.certificate);
    if (!certificate)
        return certificate.error();
    const auto key = readPem(user.key);
    if (!key)
        return key.error();
    const auto facts =
        checkClientCertificate(*certificate, Secret(*key), user.certificate.place, QDateTime::currentDateTimeUtc());
    if (!facts)
        return facts.error();
    access.certificate = ClientCertificate{*certificate, Secret(*key)};
    if (!user.certificate.file.isEmpty() && !user.key.file.isEmpty()) {
        access.certificateFile = user.certificate.file;
        access.keyFile = user.key.file;
    }
    return {};
}

// https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation
HttpHeaders impersonationOf(const KubeUser &user)
{
    HttpHeaders headers;
    if (!user.impersonate.isEmpty())
        headers.emplaceBack("Impersonate-User", user.impersonate.toUtf8());
    if (!user.impersonateUid.isEmpty())
        headers.emplaceBack("Impersonate-Uid", user.impersonateUid.toUtf8());
    for (const QString &group : user.impersonateGroups)
        headers.emplaceBack("Impersonate-Group", group.toUtf8());
    for (const auto &[key, value] : user.impersonateExtra)
        headers.emplaceBack("Impersonate-Extra-" + QUrl::toPercentEncoding(key), value.toUtf8());
    return headers;
}

QByteArray execClusterInfo(const KubeCluster &cluster, const ClusterAccess &access)
{
    nlohmann::json info = {{"server", access.server.toString(QUrl::FullyEncoded).toStdString()}};
    if (!access.tlsServerName.isEmpty())
        info["tls-server-name"] = access.tlsServerName.toStdString();
    if (access.insecureSkipVerify)
        info["insecure-skip-tls-verify"] = true;
    if (!access.caPem.isEmpty())
        info["certificate-authority-data"] = access.caPem.toBase64().toStdString();
    if (!access.proxy.isEmpty())
        info["proxy-url"] = access.proxy.toStdString();
    info["config"] = nlohmann::json::parse(cluster.execConfig.cbegin(), cluster.execConfig.cend(), nullptr, false);
    if (info["config"].is_discarded())
        info["config"] = nullptr;
    return QByteArray::fromStdString(info.dump());
}

Result<void> resolveUser(const KubeUser &user, const KubeCluster &cluster, ClusterAccess &access)
{
    access.user = user.impersonate.isEmpty() ? user.name : user.impersonate;
    if (access.server.scheme() != u"https" && !isLoopback(access.server.host())) {
        // As kubectl: no credential leaves in clear text.
        access.warnings.append(KubeConfigText::tr("%1 is spoken to without encryption, so no credential is sent to it.")
                                   .arg(access.server.host()));
        return {};
    }
    if (auto result = resolveCertificate(user, access); !result)
        return result;
    access.token = user.token;
    access.tokenFile = user.tokenFile.file;
    access.impersonation = impersonationOf(user);
    // client-go's exec plugin leaves alone what has an Authorization header already: validation.go takes both, and
    // plugin/pkg/client/auth/exec, roundTripper.RoundTrip() does not run it then.
    if (user.exec && (!user.token.isEmpty() || !user.tokenFile.file.isEmpty())) {
        access.warnings.append(
            KubeConfigText::tr("%1: a token is given as well as an exec plugin. The token is used, as by kubectl, and "
                               "the plugin is not run. Remove one of the two.")
                .arg(user.place));
        return {};
    }
    access.exec = user.exec;
    if (user.exec && user.exec->provideClusterInfo)
        access.execClusterInfo = execClusterInfo(cluster, access);
    return {};
}

// One digest a certificate, in order, with spaces between: the same CA may be written with other line ends, order or
// words around it, and one of two configurations may hold a bundle with more than this server's CA.
QString digestsOfCa(const QByteArray &pem)
{
    const QByteArray begin = "-----BEGIN CERTIFICATE-----";
    QStringList digests;
    for (qsizetype at = pem.indexOf(begin); at >= 0; at = pem.indexOf(begin, at)) {
        at += begin.size();
        const qsizetype end = pem.indexOf("-----END", at);
        const QByteArray certificate = QByteArray::fromBase64(pem.mid(at, end < 0 ? -1 : end - at));
        const QByteArray digest = QCryptographicHash::hash(certificate, QCryptographicHash::Sha256);
        // Twice: so earlier versions named a single CA, and their journals are read still.
        digests.append(QString::fromLatin1(QCryptographicHash::hash(digest, QCryptographicHash::Sha256).toHex()));
    }
    digests.sort();
    digests.removeDuplicates();
    return digests.join(QLatin1Char(' '));
}

} // namespace

bool ClusterAccess::verifiesTls() const
{
    return server.scheme() == u"https" ? !insecureSkipVerify : isLoopback(server.host());
}

Result<ClusterAccess> accessFor(const KubeConfig &config, const QString &contextName)
{
    const auto chosen = chooseContext(config, contextName);
    if (!chosen)
        return chosen.error();
    const KubeContext &context = **chosen;
    ClusterAccess access;
    access.context = context.name;
    access.ns = context.ns;
    const KubeCluster *cluster = config.cluster(context.cluster);
    if (cluster == nullptr) {
        return Error{ErrorKind::NotFound,
                     KubeConfigText::tr("%1: the context names the cluster \"%2\", which is not there. %3")
                         .arg(context.place, context.cluster, namesOf(config.clusters)),
                     {}};
    }
    if (cluster->problem)
        return *cluster->problem;
    const KubeUser *user = context.user.isEmpty() ? nullptr : config.user(context.user);
    if (user == nullptr && !context.user.isEmpty()) {
        return Error{ErrorKind::NotFound,
                     KubeConfigText::tr("%1: the context names the user \"%2\", who is not there. %3")
                         .arg(context.place, context.user, namesOf(config.users)),
                     {}};
    }
    if (user != nullptr && user->problem)
        return *user->problem;
    if (auto result = resolveServer(*cluster, user != nullptr && !user->certificate.isEmpty(), access); !result)
        return result.error();
    if (user != nullptr) {
        if (auto result = resolveUser(*user, *cluster, access); !result)
            return result.error();
    }
    return access;
}

QStringList routeOf(const ClusterAccess &access)
{
    // A proxy is its host and port: "http://proxy:3128/" is the same.
    const QString proxy =
        QUrl(access.proxy)
            .adjusted(QUrl::RemoveUserInfo | QUrl::RemovePath | QUrl::RemoveQuery | QUrl::RemoveFragment)
            .toString(QUrl::FullyEncoded);
    return {proxy.toLower(), access.tlsServerName.toLower(), digestsOfCa(access.caPem)};
}

std::shared_ptr<const HttpEndpoint> endpointFor(const ClusterAccess &access, const EndpointOptions &options)
{
    auto endpoint = std::make_shared<HttpEndpoint>();
    endpoint->connection = options.connection;
    endpoint->base = access.server;
    endpoint->caPem = access.caPem;
    endpoint->tlsServerName = access.tlsServerName;
    endpoint->insecureSkipVerify = access.insecureSkipVerify;
    endpoint->proxy = access.proxy;
    if (access.certificate) {
        endpoint->clientCertPem = access.certificate->certPem;
        endpoint->clientKeyPem = access.certificate->keyPem;
    }
    auto credentials = std::make_shared<AccessCredentials>(access, options);
    endpoint->authorise = [credentials](const StopToken &stop) { return credentials->authorise(stop); };
    endpoint->credentialRejected = [credentials](const HttpHeaders &used) { return credentials->rejected(used); };
    if (credentials->hasChangingCertificate())
        endpoint->clientCertificate = [credentials] { return credentials->certificate(); };
    return endpoint;
}

} // namespace signalbox::kubernetes
