#pragma once

#include "models/domain/result.h"
#include "services/async/stoptoken.h"
#include "services/credentials/secret.h"

#include <QByteArray>
#include <QDateTime>
#include <QFuture>
#include <QList>
#include <QString>
#include <QUrl>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

// The values of the HTTP client. services/net/httpclient.h drives libcurl with them.
namespace signalbox
{

using HttpHeaders = QList<std::pair<QByteArray, QByteArray>>; // names are compared without case

// PEM bytes of a certificate (with its chain) and its key.
struct ClientCertificate
{
    QByteArray certPem;
    Secret keyPem;
};

// How to reach one remote system: everything that belongs to a connection and not to a request. Shared, immutable:
// a change of credentials makes a new one.
struct HttpEndpoint
{
    QString connection; // id, for the log and the panel of requests
    QUrl base;          // scheme, host, port and path prefix; requests name paths below it
    // TLS. PEM bytes, never file names, so that a rotated file is the loader's business.
    QByteArray caPem; // empty: the system's
    QByteArray clientCertPem;
    Secret clientKeyPem;
    QString tlsServerName;           // verified instead of the host's name; empty: the host
    bool insecureSkipVerify = false; // of this connection only; the UI shows a banner
    QString proxy; // http:// https:// socks5:// URL (may hold credentials: never logged); empty: from the environment
    bool noProxy = false; // never a proxy, whatever the environment says
    // Added to each request to `base`'s own scheme, host and port. Called on the network thread before each attempt, so
    // it must return at once; each call needs a future of its own (a second continuation replaces the first).
    std::function<QFuture<Result<HttpHeaders>>(StopToken)> authorise;
    // Told (network thread) about a 401 and what authorise() had given for that request, so that a cached credential
    // can be renewed (and one that was renewed meanwhile is not thrown away); true: worth one more try, authorise()
    // included (of an idempotent call, or of a write, since 401 means that it was not carried out).
    std::function<bool(const HttpHeaders &used)> credentialRejected;
    // Where set: asked on the network thread after authorise() was answered and before each attempt; returns at once.
    // What it gives replaces clientCertPem and clientKeyPem, for certificates that are rotated or come from a
    // credential plugin.
    std::function<std::optional<ClientCertificate>()> clientCertificate;
    // Calls at a time to one host over HTTP/1.1 (over HTTP/2: 100). Streams take no place, for a watch would keep it
    // for ever; writes do not wait for one, since an incident's rollback must not queue behind lists.
    int maxConnections = 8;
};

struct HttpTimeouts
{
    std::chrono::milliseconds connect{5000};
    std::chrono::milliseconds idle{30000};  // nothing received; 0: none (watches use what their server promises)
    std::chrono::milliseconds total{60000}; // 0: none
};

struct HttpRequest
{
    std::shared_ptr<const HttpEndpoint> endpoint;
    QByteArray method = "GET";
    // Path and query below endpoint->base, already percent-encoded: "/api/v1/pods?limit=500". Or an absolute URL found
    // in an answer: to another host it goes without any credential.
    QByteArray target;
    HttpHeaders headers;
    QByteArray body;
    HttpTimeouts timeouts;
    qint64 maxBody = 256ll * 1024 * 1024; // bytes after decompression; more is a Protocol error. Streams: 0 = no limit
    int retries =
        2; // of idempotent calls (GET, HEAD, and PUT/DELETE never): connection errors, 429, 502, 503, 504, with jitter
    bool followRedirects = true; // GET and HEAD only, to at most 5; other hosts without credentials
    bool compressed = true;      // ask for gzip; off where the server is near and its processor dearer than the network
    // A connection of its own: for streams that may be paused for long, such as logs. A paused body on a shared HTTP/2
    // connection holds up its neighbours once its backlog (4 MiB) is full.
    bool ownConnection = false;
    // A POST or PATCH that only asks (a query, a review, a dry run) may be repeated, and leaves nothing in doubt.
    bool changesNothing = false;
    bool useEtag = false; // remember the answer's ETag, send If-None-Match, answer 304 from memory
};

struct HttpResponse
{
    int status = 0;
    HttpHeaders headers;
    QByteArray body;
    QUrl url;               // after redirects
    bool fromCache = false; // 304: `body` is the remembered one
    QDateTime serverDate;   // of the Date header; invalid: none
    QDateTime receivedAt;   // UTC, our clock
    std::chrono::microseconds duration{0};
    quint64 id = 0; // of the request; what HttpClient::resume() takes

    QByteArray header(const QByteArray &name) const; // first value; empty: none
};

// Where a streamed body goes. Calls come from the network thread, in order, and must return quickly: hand the bytes on.
struct HttpSink
{
    // Status and headers, once, before the first byte; false ends the stream as Cancelled.
    std::function<bool(const HttpResponse &head)> head;
    // false: these bytes were taken, but send no more until HttpClient::resume(id) (backpressure). No time-out runs
    // while paused but the total one.
    std::function<bool(QByteArrayView bytes)> data;
};

} // namespace signalbox
