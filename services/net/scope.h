#pragma once

#include "services/net/http.h"

#include <QByteArray>
#include <QUrl>

// Where a request goes, and what may go with it. Pure functions: redirects, Link headers and absolute addresses found
// in answers all pass through here, and libcurl follows nothing by itself.
namespace signalbox
{

// One address of a request. `isOwn`: scheme, host and port are those of the connection, so that its credentials may go.
struct Hop
{
    QString scheme;          // "http" or "https", lower case
    QString host;            // ASCII, no brackets
    int port = 0;            // never 0 in a valid hop
    QByteArray pathAndQuery; // as it stands on the wire
    bool isOwn = false;

    bool operator==(const Hop &) const = default;
    QByteArray authority(const QString &hostInstead = {}) const; // "host", "host:8443", "[::1]:8443"
    QByteArray origin() const;                                   // "https://host:port", the port always named
    QByteArray wireUrl(const QString &hostInstead = {}) const;
    QUrl url() const;
    // For people and logs: host, port and path; the names of the query without their values.
    QString shown() const;
};

// The first address: `target` below the base, or an absolute URL found in an answer.
Result<Hop> firstHop(const HttpEndpoint &endpoint, const QByteArray &method, const QByteArray &target);

// The next address after an answer with `location`. An https address never leads to an http one.
Result<Hop> redirectHop(const HttpEndpoint &endpoint, const Hop &from, const QByteArray &location);

// Which of the caller's headers may go to this address: all to the own host, elsewhere only those that tell nothing.
HttpHeaders headersInScope(const Hop &hop, const HttpHeaders &headers);

// `Authorization: Basic` for user information in the base URL; empty: none.
HttpHeaders userInfoHeaders(const HttpEndpoint &endpoint);

// GET, HEAD: what may be repeated without asking.
bool isIdempotent(const QByteArray &method);
bool isRedirect(int status);

} // namespace signalbox
