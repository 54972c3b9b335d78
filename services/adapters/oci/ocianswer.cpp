#include "services/adapters/oci/ocianswer.h"

#include "models/domain/digest.h"

#include <QCoreApplication>
#include <QCryptographicHash>
#include <QRegularExpression>

#include <nlohmann/json.hpp>

#include <algorithm>

namespace signalbox::oci
{

namespace
{

using Json = nlohmann::json;

constexpr qsizetype mostTokenChars = 64 * 1024;

struct OciRegistryText
{
    Q_DECLARE_TR_FUNCTIONS(OciRegistry)
};

QString textOf(const Json &object, const char *key)
{
    const auto found = object.is_object() ? object.find(key) : object.end();
    return found != object.end() && found->is_string() ? QString::fromStdString(found->get<std::string>()) : QString();
}

Error notJson(const QString &what, const QString &found = {})
{
    return {ErrorKind::Protocol, OciRegistryText::tr("The registry answered with something that is no %1.").arg(what),
            found};
}

// nlohmann's exceptions end here.
template <typename T, typename Read>
Result<T> reading(const QByteArray &body, const QString &what, Read read)
{
    try {
        const Json json = Json::parse(body.constBegin(), body.constEnd());
        if (!json.is_object())
            return notJson(what);
        return read(json);
    } catch (const Json::exception &problem) {
        return notJson(what, QString::fromUtf8(problem.what()).left(200));
    }
}

QString platformName(const Json &platform)
{
    const QString variant = textOf(platform, "variant");
    return textOf(platform, "os") + u'/' + textOf(platform, "architecture") +
           (variant.isEmpty() ? QString() : u'/' + variant);
}

bool isAttestation(const Json &descriptor)
{
    const Json none = Json::object();
    const Json &platform = descriptor.contains("platform") ? descriptor["platform"] : none;
    const Json &annotations = descriptor.contains("annotations") ? descriptor["annotations"] : none;
    return textOf(platform, "architecture") == QLatin1String("unknown") ||
           textOf(annotations, "vnd.docker.reference.type") == QLatin1String("attestation-manifest");
}

Result<Manifest> indexOf(const Json &json)
{
    Manifest manifest;
    manifest.isIndex = true;
    for (const Json &descriptor : json["manifests"]) {
        if (!descriptor.is_object() || isAttestation(descriptor))
            continue;
        const QString digest = textOf(descriptor, "digest");
        if (!isDigest(digest))
            return notJson(OciRegistryText::tr("image index (a manifest without a digest)"));
        const Json platform = descriptor.value("platform", Json::object());
        manifest.platforms.append({platformName(platform), digest});
    }
    return manifest;
}

} // namespace

QString digestOf(const QByteArray &bytes)
{
    return QStringLiteral("sha256:") +
           QString::fromLatin1(QCryptographicHash::hash(bytes, QCryptographicHash::Sha256).toHex());
}

Result<Manifest> parseManifest(const QByteArray &body)
{
    return reading<Manifest>(body, OciRegistryText::tr("image manifest"), [](const Json &json) -> Result<Manifest> {
        if (json.contains("manifests") && json["manifests"].is_array())
            return indexOf(json);
        Manifest manifest;
        if (json.contains("config"))
            manifest.configDigest = textOf(json["config"], "digest");
        if (!isDigest(manifest.configDigest))
            return notJson(OciRegistryText::tr("image manifest"), textOf(json, "mediaType"));
        return manifest;
    });
}

Result<ImageConfig> parseConfig(const QByteArray &body)
{
    return reading<ImageConfig>(
        body, OciRegistryText::tr("image configuration"), [](const Json &json) -> Result<ImageConfig> {
            ImageConfig config;
            config.platform = platformName(json);
            config.createdAt = QDateTime::fromString(textOf(json, "created"), Qt::ISODateWithMs).toUTC();
            const Json inner = json.value("config", Json::object());
            const Json labels = inner.is_object() ? inner.value("Labels", Json()) : Json();
            if (labels.is_object()) {
                for (const auto &[name, value] : labels.items()) {
                    if (value.is_string())
                        config.labels.insert(QString::fromStdString(name),
                                             QString::fromStdString(value.get<std::string>()));
                }
            }
            return config;
        });
}

Result<QStringList> parseTags(const QByteArray &body)
{
    return reading<QStringList>(body, OciRegistryText::tr("list of tags"), [](const Json &json) -> Result<QStringList> {
        QStringList tags;
        const Json list = json.value("tags", Json());
        if (!list.is_array() && !list.is_null())
            return notJson(OciRegistryText::tr("list of tags"));
        for (const Json &tag : list) {
            if (tag.is_string())
                tags.append(QString::fromStdString(tag.get<std::string>()));
        }
        return tags;
    });
}

Challenge parseChallenge(const QList<QByteArray> &headers)
{
    static const QRegularExpression head(QStringLiteral("^\\s*(Bearer|Basic)\\b\\s*(.*)$"),
                                         QRegularExpression::CaseInsensitiveOption);
    static const QRegularExpression parameter(QStringLiteral("([A-Za-z_]+)\\s*=\\s*(?:\"([^\"]*)\"|([^\\s,\"]+))"));
    Challenge best;
    for (const QByteArray &header : headers) {
        const auto match = head.match(QString::fromLatin1(header));
        if (!match.hasMatch())
            continue;
        Challenge one;
        one.scheme = match.captured(1).toLower();
        auto each = parameter.globalMatch(match.captured(2));
        while (each.hasNext()) {
            const auto found = each.next();
            one.parameters.insert(found.captured(1).toLower(),
                                  found.captured(2).isEmpty() ? found.captured(3) : found.captured(2));
        }
        if (best.scheme.isEmpty() || one.scheme == QLatin1String("bearer"))
            best = one;
    }
    return best;
}

Result<Token> parseToken(const QByteArray &body)
{
    return reading<Token>(body, OciRegistryText::tr("token"), [](const Json &json) -> Result<Token> {
        Token token;
        QString value = textOf(json, "token");
        if (value.isEmpty())
            value = textOf(json, "access_token");
        const bool isText = std::all_of(value.cbegin(), value.cend(),
                                        [](QChar c) { return c > QLatin1Char(' ') && c.unicode() < 0x7f; });
        if (value.isEmpty() || value.size() > mostTokenChars || !isText)
            return notJson(OciRegistryText::tr("token"));
        token.value = value.toLatin1();
        if (json.contains("expires_in") && json["expires_in"].is_number_integer())
            token.lifeSeconds = std::clamp(json["expires_in"].get<int>(), 0, 24 * 3600);
        return token;
    });
}

ImagePlace placeOf(const QString &repository)
{
    const QString first = repository.section(u'/', 0, 0);
    const bool isHost = repository.contains(u'/') &&
                        (first.contains(u'.') || first.contains(u':') || first == QLatin1String("localhost"));
    ImagePlace place{isHost ? first : QStringLiteral("docker.io"), isHost ? repository.section(u'/', 1) : repository};
    if (place.host == QLatin1String("index.docker.io"))
        place.host = QStringLiteral("docker.io");
    if (place.host == QLatin1String("docker.io") && !place.name.contains(u'/'))
        place.name.prepend(QLatin1String("library/"));
    return place;
}

} // namespace signalbox::oci
