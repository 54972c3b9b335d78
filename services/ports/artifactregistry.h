#pragma once

#include "models/domain/result.h"
#include "services/async/stoptoken.h"

#include <QDateTime>
#include <QFuture>
#include <QMap>
#include <QObject>
#include <QStringList>

namespace signalbox
{

// What a registry says of one image. Three digests are told apart: `digest` is what it answers for a tag, of the index
// where there is one; each platform's manifest has its own below that; the configuration has one that no registry
// answers to as an image.
struct Artifact
{
    struct Platform
    {
        QString name;   // "linux/amd64", "linux/arm/v7"
        QString digest; // of its manifest
        bool operator==(const Platform &) const = default;
    };
    QString repository; // with the registry's host: "registry.example:5000/team/cart"
    QString tag;        // as asked; empty: it was asked for by digest
    QString digest;
    bool isIndex = false;
    QList<Platform> platforms;     // of an index, attestations left out; empty: an image for one platform
    QString configDigest;          // of the image, or of the first platform's
    QMap<QString, QString> labels; // of all platforms; what they disagree on is left out
    QString revision;              // org.opencontainers.image.revision
    QString version;               // org.opencontainers.image.version
    QDateTime createdAt;           // UTC; invalid: not said
    QDateTime readAt;              // UTC

    // Whether a pod that names this digest runs this image.
    bool covers(const QString &podDigest) const;
    bool operator==(const Artifact &) const = default;
};

// Where images are. Reads only. Calls come from the thread of this object, return at once, and every future ends with
// one Result. Errors: NotFound (no such repository or tag), Unauthorized, Forbidden, RateLimited, Protocol (what came
// is not what its digest says, too large, cut off), Unreachable.
class ArtifactRegistry : public QObject
{
    Q_OBJECT
public:
    using QObject::QObject;
    ~ArtifactRegistry() override;

    virtual QString id() const = 0;      // of the workspace
    virtual QString address() const = 0; // for people; no password in it
    // Whether images of this repository ("registry.example/team/cart") lie here.
    virtual bool serves(const QString &repository) const = 0;

    // What `reference`, a tag or a digest, is now. What a digest names is kept: it never changes.
    [[nodiscard]] virtual QFuture<Result<Artifact>> describe(QString repository, QString reference, StopToken stop) = 0;
    // At most some thousand, in the registry's order.
    [[nodiscard]] virtual QFuture<Result<QStringList>> tags(QString repository, StopToken stop) = 0;
};

} // namespace signalbox
