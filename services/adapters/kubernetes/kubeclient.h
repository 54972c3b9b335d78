#pragma once

#include "services/net/httpclient.h"

#include <QHash>
#include <QStringList>

#include <chrono>

#include <nlohmann/json_fwd.hpp>

namespace signalbox::kubernetes
{

// One served resource, as discovery tells it.
struct ApiResource
{
    QString group;    // "" for core
    QString version;  // the best one served: preferred order given by what the console can read
    QString resource; // plural
    QString kind;
    bool isNamespaced = true;
    QStringList verbs;
    QStringList subresources; // "scale", "status", "log"
    // "/apis/apps/v1/namespaces/shop/deployments" or, without ns, the cluster-wide path.
    QByteArray path(const QString &ns = {}, const QString &name = {}, const QString &subresource = {}) const;
};

struct Discovery
{
    QString gitVersion; // "v1.20.2"
    // "group/resource" ("/pods" for core) -> one per served version, best first: v1 before v1beta2 before v1alpha1.
    QHash<QString, QList<ApiResource>> resources;
    // "group/version" -> why the server could not tell what is in it (its API service is down). What is missing there
    // is unknown, not absent. "*/*": the list of groups itself.
    QHash<QString, QString> unavailable;
    QDateTime askedAt; // UTC
    // Best served version, by the order of `versions` (most wanted first; empty: any); none: the server lacks it.
    std::optional<ApiResource> find(const QString &group, const QString &resource,
                                    const QStringList &versions = {}) const;
    // True: the server has such a group but a version of it could not be read.
    bool isUncertain(const QString &group) const;
    QString whyUncertain(const QString &group) const; // "apps/v1: ..."; empty where it is not
    QStringList groupVersions; // "apps/v1", "/v1": that the server lists, whether or not it told what is in them
    bool isLastKnown = false;  // older than it should be: it is being asked again, and was not waited for
};

// How long an answer of discovery is good, and one of which something was unavailable.
struct DiscoveryLife
{
    std::chrono::milliseconds whole = std::chrono::minutes(10);
    std::chrono::milliseconds partial = std::chrono::seconds(30);
};

// A Kubernetes API server as one identity. Thread-safe; lives as long as its connection. Turns the server's Status
// objects into Errors: 401 Unauthorized, 403 Forbidden, 404 NotFound, 409 Conflict, 410 (kind Conflict, detail
// "expired"), 422 Invalid, 429 RateLimited, 5xx Unreachable.
class KubeClient
{
public:
    KubeClient(HttpClient &http, std::shared_ptr<const HttpEndpoint> endpoint, const DiscoveryLife &life = {});
    ~KubeClient();

    const HttpEndpoint &endpoint() const;

    // A read; retried as HttpRequest says. The body is the raw JSON.
    // `limit` of the whole call, which is then made once only; 0: the usual one.
    [[nodiscard]] QFuture<Result<HttpResponse>> get(QByteArray target, StopToken stop,
                                                    std::chrono::milliseconds limit = {});
    // A write; never retried. dryRun adds dryRun=All. fieldManager=signalbox is added. `limit` of the whole call; 0:
    // the usual one.
    [[nodiscard]] QFuture<Result<HttpResponse>> write(QByteArray method, QByteArray path, QByteArray contentType,
                                                      QByteArray body, bool dryRun, StopToken stop,
                                                      std::chrono::milliseconds limit = {});
    // A question asked by POST (access reviews): may be answered with 201, changes nothing. `limit` as in get().
    [[nodiscard]] QFuture<Result<HttpResponse>> review(QByteArray path, QByteArray body, StopToken stop,
                                                       std::chrono::milliseconds limit = {});
    // A watch or a followed log. The sink hears of answers below 400 only; anything else ends `finished` as an Error. A
    // watch is ended here 15 s after its own timeoutSeconds.
    [[nodiscard]] HttpClient::Stream stream(QByteArray target, HttpSink sink, StopToken stop);
    void resume(quint64 stream);

    // Asked once and kept for its life. After that the last known one is answered at once and asked again meanwhile:
    // going back does not wait for a server that hangs behind one group. `refresh` asks again and waits, as does who
    // comes while nothing is known of a group that plans are made with. One group that does not answer does not fail
    // the rest; of those that plans need, what was known of it stays.
    [[nodiscard]] QFuture<Result<Discovery>> discover(StopToken stop, bool refresh = false);

    // Newest Date header against our clock, ms; 0 until one was seen.
    qint64 clockSkewMs() const;

private:
    class Private;
    std::unique_ptr<Private> d;
};

// Percent-encodes a path segment or query value.
QByteArray encoded(const QString &text);
// "list pods in shop", "change deployments/scale shop/cart": what a request does, for people.
QString describeRequest(const QByteArray &method, const QByteArray &target);
// The Error of an answer with status >= 400; `what` names the request for people ("list pods in shop").
Error errorOf(const HttpResponse &response, const QString &what);
// The same for a Status object met elsewhere (an ERROR event of a watch): its code, reason and message.
Error errorOfStatus(int code, const QString &reason, const QString &message, const QString &what);

} // namespace signalbox::kubernetes
