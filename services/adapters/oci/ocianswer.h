#pragma once

#include "services/ports/artifactregistry.h"

#include <QByteArray>
#include <QHash>

// What a registry's answers say. Pure. Sources: opencontainers/image-spec (image-index.md, manifest.md, config.md,
// annotations.md), opencontainers/distribution-spec, distribution/distribution docs/spec/auth/token.md; BuildKit marks
// attestations by the platform unknown/unknown and the annotation vnd.docker.reference.type.
namespace signalbox::oci
{

// "sha256:..." of these bytes.
QString digestOf(const QByteArray &bytes);

struct Manifest
{
    bool isIndex = false;
    QList<Artifact::Platform> platforms; // of an index, attestations left out
    QString configDigest;                // of an image
};
// Protocol: it is neither an index nor an image.
Result<Manifest> parseManifest(const QByteArray &body);

struct ImageConfig
{
    QString platform; // "linux/amd64"
    QMap<QString, QString> labels;
    QDateTime createdAt;
};
Result<ImageConfig> parseConfig(const QByteArray &body);

Result<QStringList> parseTags(const QByteArray &body);

// One challenge of `WWW-Authenticate`; names in small letters.
struct Challenge
{
    QString scheme; // "basic", "bearer"; empty: none that can be read
    QHash<QString, QString> parameters;
};
// The first of the header's values that is Bearer, else Basic.
Challenge parseChallenge(const QList<QByteArray> &headers);

struct Token
{
    QByteArray value;
    int lifeSeconds = 60; // as the specification has it where the answer does not say
};
Result<Token> parseToken(const QByteArray &body);

// The host and the name below it: "registry.example:5000" and "team/cart"; "nginx" is docker.io's library/nginx.
struct ImagePlace
{
    QString host;
    QString name;
};
ImagePlace placeOf(const QString &repository);

} // namespace signalbox::oci
