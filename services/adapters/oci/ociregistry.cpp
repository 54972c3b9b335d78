#include "services/adapters/oci/ociregistry.h"

#include "models/domain/digest.h"
#include "services/async/chain.h"
#include "services/async/whenended.h"

#include <QPointer>
#include <QRegularExpression>

namespace signalbox
{

using namespace oci;

namespace
{

constexpr qint64 mostManifestBytes = 4ll * 1024 * 1024; // what every registry has to take (distribution-spec)
constexpr qint64 mostConfigBytes = 8ll * 1024 * 1024;
constexpr qint64 mostTagBytes = 4ll * 1024 * 1024;
constexpr int mostPlatforms = 8;
constexpr int mostTagPages = 20;
constexpr qsizetype mostKept = 2000;

// All four: a registry turns what is not accepted into something else, with another digest.
const QByteArray acceptManifests = "application/vnd.oci.image.index.v1+json, "
                                   "application/vnd.docker.distribution.manifest.list.v2+json, "
                                   "application/vnd.oci.image.manifest.v1+json, "
                                   "application/vnd.docker.distribution.manifest.v2+json";

bool isName(const QString &name)
{
    static const QRegularExpression form(
        QStringLiteral("^[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*)*\\z"));
    return name.size() <= 255 && form.match(name).hasMatch();
}

bool isTag(const QString &tag)
{
    static const QRegularExpression form(QStringLiteral("^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}\\z"));
    return form.match(tag).hasMatch();
}

QString keyOf(const QString &name, const QString &digest)
{
    return name + u'@' + digest;
}

QString authorityOf(const QUrl &url)
{
    return url.port() > 0 ? QStringLiteral("%1:%2").arg(url.host()).arg(url.port()) : url.host();
}

} // namespace

OciRegistry::OciRegistry(RegistryConfig config, HttpClient &http, SecretStore &secrets, QObject *parent)
    : ArtifactRegistry(parent)
    , m_config(std::move(config))
    , m_http(http)
    , m_endpoint(endpointOf(m_config, m_config.url))
    , m_tokens(m_config, http, secrets)
{}

OciRegistry::~OciRegistry() = default;

QString OciRegistry::address() const
{
    return authorityOf(m_config.url);
}

bool OciRegistry::serves(const QString &repository) const
{
    const QString host = placeOf(repository).host;
    const bool isHub =
        m_config.url.host() == QLatin1String("registry-1.docker.io") && host == QLatin1String("docker.io");
    const QString defaultPort =
        m_config.url.scheme() == QLatin1String("https") ? QStringLiteral(":443") : QStringLiteral(":80");
    return isHub || host == address() || (m_config.url.port() < 0 && host == address() + defaultPort) ||
           m_config.imageHosts.contains(host);
}

// ---- one question

QFuture<Result<HttpResponse>> OciRegistry::send(const Ask &question, const QByteArray &authorization,
                                                const StopToken &stop)
{
    HttpRequest request;
    request.endpoint = m_endpoint;
    request.method = question.method;
    request.target = question.target;
    request.headers = {{"Accept", question.isManifest ? acceptManifests : QByteArray("*/*")}};
    if (!authorization.isEmpty())
        request.headers.append(std::pair<QByteArray, QByteArray>("Authorization", authorization));
    request.maxBody = question.maxBody;
    request.retries = 1;
    return m_http.send(request, stop);
}

QFuture<Result<HttpResponse>> OciRegistry::ask(const Ask &question, const StopToken &stop)
{
    const QByteArray known = m_tokens.known(question.name);
    const auto told = [this, question](const Result<HttpResponse> &response) {
        return ready(judged(question, response));
    };
    return after(this, send(question, known, stop), [=, this](const HttpResponse &response) {
        if (response.status != 401)
            return told(response);
        m_tokens.forget(question.name);
        QList<QByteArray> challenges;
        for (const auto &header : response.headers) {
            if (header.first.compare("www-authenticate", Qt::CaseInsensitive) == 0)
                challenges.append(header.second);
        }
        return after(this, m_tokens.answer(parseChallenge(challenges), question.name, stop),
                     [=, this](const QByteArray &authorization) {
                         return after(this, send(question, authorization, stop), [=, this](const HttpResponse &second) {
                             if (second.status == 401)
                                 m_tokens.forget(question.name);
                             return told(second);
                         });
                     });
    });
}

Result<HttpResponse> OciRegistry::judged(const Ask &question, const Result<HttpResponse> &response) const
{
    if (!response || response->status == 200)
        return response;
    switch (response->status) {
    case 401:
        return Error{ErrorKind::Unauthorized,
                     tr("The registry %1 refused the credential for %2. Check \"auth\" of the registry %3.")
                         .arg(address(), question.what, id()),
                     {}};
    case 403:
        return Error{ErrorKind::Forbidden,
                     tr("The registry %1 does not let this user read %2.").arg(address(), question.what),
                     {}};
    case 404:
        return Error{ErrorKind::NotFound, tr("The registry %1 has no %2.").arg(address(), question.what), {}};
    case 429:
        return Error{ErrorKind::RateLimited,
                     tr("The registry %1 takes no more questions for now (%2). It is asked again later; a user of the "
                        "registry may ask more than nobody.")
                         .arg(address(), question.what),
                     {}};
    default:
        break;
    }
    return Error{
        response->status >= 500 ? ErrorKind::Unreachable : ErrorKind::Protocol,
        tr("The registry %1 answered %2 with HTTP status %3.").arg(address(), question.what).arg(response->status),
        {}};
}

// ---- a description

// Manifest, then each platform's manifest and configuration, one after the other.
class OciRegistry::Reading : public std::enable_shared_from_this<OciRegistry::Reading>
{
public:
    Reading(OciRegistry &registry, QString name, Artifact artifact, StopToken stop)
        : m_registry(&registry)
        , m_name(std::move(name))
        , m_artifact(std::move(artifact))
        , m_stop(std::move(stop))
    {}

    // `digest`: empty where only the tag is known.
    QFuture<Result<Artifact>> run(const QString &digest)
    {
        const auto self = shared_from_this();
        const QString reference = digest.isEmpty() ? m_artifact.tag : digest;
        return with<Manifest>(reference, true, parseManifest, [self](const Manifest &manifest, const QString &is) {
            self->m_artifact.digest = is;
            self->m_artifact.isIndex = manifest.isIndex;
            self->m_artifact.platforms = manifest.platforms;
            if (!manifest.isIndex)
                return self->config(manifest.configDigest, 0);
            return self->platform(0);
        });
    }

private:
    using Answer = QFuture<Result<Artifact>>;

    template <typename T>
    struct Read
    {
        T value;
        QString digest;
    };

    static Error gone() { return {ErrorKind::Cancelled, {}, {}}; }

    // Asks for a manifest or a blob, holds it against its digest and parses it on a worker.
    template <typename T, typename Next>
    Answer with(const QString &reference, bool isManifest, Result<T> (*parse)(const QByteArray &), Next next)
    {
        if (!m_registry)
            return ready(Result<Artifact>(gone()));
        Ask question;
        question.name = m_name;
        question.isManifest = isManifest;
        question.maxBody = isManifest ? mostManifestBytes : mostConfigBytes;
        question.what = m_name + (isDigest(reference) ? u'@' : u':') + reference.left(80);
        question.target = "/v2/" + m_name.toUtf8() + (isManifest ? "/manifests/" : "/blobs/") + reference.toUtf8();
        const auto check = [reference, what = question.what, host = m_registry->address(),
                            parse](const Result<HttpResponse> &response) -> Result<Read<T>> {
            if (!response)
                return response.error();
            const QString is = digestOf(response->body);
            if (isDigest(reference) && is != reference)
                return Error{ErrorKind::Protocol,
                             tr("What the registry %1 gave for %2 is something else (%3). It is not believed: is a "
                                "proxy in between, or the registry damaged?")
                                 .arg(host, what, is),
                             {}};
            const Result<T> value = parse(response->body);
            if (!value)
                return Error{value.error().kind, value.error().message + u' ' + tr("It was asked for %1.").arg(what),
                             value.error().detail};
            return Read<T>{*value, is};
        };
        const auto parsed = continued(m_registry->ask(question, m_stop), check, Continues::OnWorker);
        return after(m_registry, parsed, [next](const Read<T> &read) { return next(read.value, read.digest); });
    }

    Answer platform(qsizetype index)
    {
        if (index >= std::min<qsizetype>(m_artifact.platforms.size(), mostPlatforms))
            return done();
        const auto self = shared_from_this();
        return with<Manifest>(m_artifact.platforms.at(index).digest, true, parseManifest,
                              [self, index](const Manifest &manifest, const QString &) {
                                  return manifest.isIndex ? self->platform(index + 1)
                                                          : self->config(manifest.configDigest, index);
                              });
    }

    Answer config(const QString &digest, qsizetype index)
    {
        const auto self = shared_from_this();
        return with<ImageConfig>(digest, false, parseConfig, [=](const ImageConfig &config, const QString &) {
            Artifact &artifact = self->m_artifact;
            if (artifact.configDigest.isEmpty()) {
                artifact.configDigest = digest;
                artifact.labels = config.labels;
                artifact.createdAt = config.createdAt;
            } else {
                artifact.labels.removeIf([&config](const auto &one) {
                    return config.labels.value(one.key()) != one.value() || !config.labels.contains(one.key());
                });
            }
            return self->m_artifact.isIndex ? self->platform(index + 1) : self->done();
        });
    }

    Answer done()
    {
        m_artifact.revision = m_artifact.labels.value(QStringLiteral("org.opencontainers.image.revision")).trimmed();
        m_artifact.version = m_artifact.labels.value(QStringLiteral("org.opencontainers.image.version")).trimmed();
        m_artifact.readAt = QDateTime::currentDateTimeUtc();
        if (m_registry) {
            if (m_registry->m_known.size() >= mostKept)
                m_registry->m_known.clear();
            m_registry->m_known.insert(keyOf(m_name, m_artifact.digest), m_artifact);
        }
        return ready(Result<Artifact>(m_artifact));
    }

    QPointer<OciRegistry> m_registry;
    const QString m_name;
    Artifact m_artifact;
    const StopToken m_stop;
};

QFuture<Result<Artifact>> OciRegistry::describe(QString repository, QString reference, StopToken stop)
{
    const auto fail = [](ErrorKind kind, const QString &text) {
        return ready(Result<Artifact>(Error{kind, text, {}}));
    };
    const QString name = placeOf(repository).name;
    if (!serves(repository) || !isName(name))
        return fail(ErrorKind::Invalid, tr("%1 is no repository of the registry %2.").arg(repository, address()));
    if (!isDigest(reference) && !isTag(reference))
        return fail(ErrorKind::Invalid,
                    tr("\"%1\" is neither a tag nor a digest of an image.").arg(reference.left(100)));
    const QString tag = isDigest(reference) ? QString() : reference;
    const auto kept = [this, name, repository, tag](const QString &digest) -> std::optional<Artifact> {
        const auto found = m_known.constFind(keyOf(name, digest));
        if (found == m_known.constEnd())
            return std::nullopt;
        Artifact artifact = *found;
        artifact.repository = repository;
        artifact.tag = tag;
        return artifact;
    };
    Artifact artifact;
    artifact.repository = repository;
    artifact.tag = tag;
    const auto reading = std::make_shared<Reading>(*this, name, artifact, stop);
    if (tag.isEmpty()) {
        if (const auto known = kept(reference))
            return ready(Result<Artifact>(*known));
        return reading->run(reference);
    }
    // Which digest the tag is now: the cheap question first, and nothing is read twice.
    Ask head;
    head.method = "HEAD";
    head.name = name;
    head.isManifest = true;
    head.what = name + u':' + tag;
    head.target = "/v2/" + name.toUtf8() + "/manifests/" + tag.toUtf8();
    head.maxBody = mostManifestBytes;
    return after(this, ask(head, stop), [kept, reading](const HttpResponse &response) {
        const QString digest = QString::fromLatin1(response.header("Docker-Content-Digest"));
        if (!isDigest(digest))
            return reading->run({}); // some registries do not say it: what comes tells
        if (const auto known = kept(digest))
            return ready(Result<Artifact>(*known));
        return reading->run(digest);
    });
}

// ---- tags

QFuture<Result<QStringList>> OciRegistry::tags(QString repository, StopToken stop)
{
    const QString name = placeOf(repository).name;
    if (!serves(repository) || !isName(name))
        return ready(Result<QStringList>(
            Error{ErrorKind::Invalid, tr("%1 is no repository of the registry %2.").arg(repository, address()), {}}));
    return moreTags(name, "/v2/" + name.toUtf8() + "/tags/list?n=500", {}, 0, stop);
}

QFuture<Result<QStringList>> OciRegistry::moreTags(const QString &name, const QByteArray &target,
                                                   const QStringList &known, int page, const StopToken &stop)
{
    Ask question;
    question.name = name;
    question.target = target;
    question.what = name;
    question.maxBody = mostTagBytes;
    return after(this, ask(question, stop), [=, this](const HttpResponse &response) {
        const auto more = parseTags(response.body);
        if (!more)
            return ready(Result<QStringList>(more.error()));
        const QStringList all = known + *more;
        static const QRegularExpression next(QStringLiteral("<([^>]+)>\\s*;\\s*rel=\"?next\"?"));
        const auto link = next.match(QString::fromLatin1(response.header("Link")));
        if (!link.hasMatch() || page + 1 >= mostTagPages)
            return ready(Result<QStringList>(all));
        const QUrl to = m_config.url.resolved(QUrl(link.captured(1)));
        if (!isSameOrigin(to, m_config.url))
            return ready(Result<QStringList>(all)); // a list of another host is not of this registry
        return moreTags(name, to.toEncoded(QUrl::RemoveScheme | QUrl::RemoveAuthority), all, page + 1, stop);
    });
}

} // namespace signalbox
