#include "services/net/scope.h"

#include "services/net/httptext.h"

#include <QStringList>

#include <algorithm>
#include <array>

namespace signalbox
{

namespace
{

int defaultPort(const QString &scheme)
{
    return scheme == u"https" ? 443 : 80;
}

Result<Hop> hopOf(const QUrl &url)
{
    const QString scheme = url.scheme().toLower();
    if (scheme != u"http" && scheme != u"https") {
        return Error{
            ErrorKind::Refused,
            HttpClientText::tr("An address with the scheme \"%1\" is not opened; only http and https are.").arg(scheme),
            {}};
    }
    Hop hop;
    hop.scheme = scheme;
    hop.host = url.host(QUrl::FullyEncoded).toLower();
    hop.port = url.port(defaultPort(scheme));
    hop.pathAndQuery = url.toEncoded(QUrl::RemoveScheme | QUrl::RemoveAuthority | QUrl::RemoveFragment);
    if (!hop.pathAndQuery.startsWith('/'))
        hop.pathAndQuery.prepend('/');
    if (hop.host.isEmpty())
        return Error{ErrorKind::Invalid,
                     HttpClientText::tr("The address names no host. Expected one like https://host:port/path."),
                     {}};
    return hop;
}

bool isSafeText(const QByteArray &text)
{
    return std::none_of(text.begin(), text.end(),
                        [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == 0x7f; });
}

Error downgrade(const Hop &from, const Hop &to)
{
    return Error{
        ErrorKind::Refused,
        HttpClientText::tr(
            "%1 points from https to an unencrypted address on %2. It was not followed; ask for the server to be "
            "set up with https addresses.")
            .arg(from.host, to.host),
        {}};
}

} // namespace

QByteArray Hop::authority(const QString &hostInstead) const
{
    QByteArray name = (hostInstead.isEmpty() ? host : hostInstead).toUtf8();
    if (name.contains(':'))
        name = '[' + name + ']';
    if (port != defaultPort(scheme))
        name += ':' + QByteArray::number(port);
    return name;
}

QByteArray Hop::origin() const
{
    return scheme.toUtf8() + "://" + host.toUtf8() + ':' + QByteArray::number(port);
}

QByteArray Hop::wireUrl(const QString &hostInstead) const
{
    return scheme.toUtf8() + "://" + authority(hostInstead) + pathAndQuery;
}

QUrl Hop::url() const
{
    return QUrl::fromEncoded(wireUrl());
}

QString Hop::shown() const
{
    const qsizetype mark = pathAndQuery.indexOf('?');
    QString text = QString::fromUtf8(authority() + (mark < 0 ? pathAndQuery : pathAndQuery.left(mark)));
    if (mark < 0)
        return text;
    QStringList names;
    for (const QByteArray &item : pathAndQuery.mid(mark + 1).split('&')) {
        const qsizetype equals = item.indexOf('=');
        if (equals > 0) // an item without a name might be a value, and values are not shown
            names << QString::fromUtf8(item.left(equals)) + QStringLiteral("=…");
        else if (!item.isEmpty())
            names << QStringLiteral("…");
    }
    return text + u'?' + names.join(u'&');
}

Result<Hop> firstHop(const HttpEndpoint &endpoint, const QByteArray &method, const QByteArray &target)
{
    Result<Hop> base = hopOf(endpoint.base);
    if (!base)
        return base;
    if (!isSafeText(target))
        return Error{
            ErrorKind::Invalid,
            HttpClientText::tr("The path of a request to %1 holds a blank or a control character.").arg(base->host),
            {}};
    const bool isAbsolute = target.startsWith("http://") || target.startsWith("https://");
    if (!isAbsolute) {
        QByteArray prefix = endpoint.base.path(QUrl::FullyEncoded).toUtf8();
        while (prefix.endsWith('/'))
            prefix.chop(1);
        base->pathAndQuery = prefix + (target.startsWith('/') || target.startsWith('?') ? target : '/' + target);
        if (!base->pathAndQuery.startsWith('/'))
            base->pathAndQuery.prepend('/');
        base->isOwn = true;
        return base;
    }
    Result<Hop> hop = hopOf(QUrl::fromEncoded(target, QUrl::StrictMode));
    if (!hop)
        return hop;
    hop->isOwn = hop->origin() == base->origin();
    if (!hop->isOwn && base->scheme == u"https" && hop->scheme == u"http")
        return downgrade(*base, *hop);
    if (!hop->isOwn && !isIdempotent(method)) {
        return Error{ErrorKind::Refused,
                     HttpClientText::tr("A change that belongs to %1 was not sent to %2, another host.")
                         .arg(base->host, hop->host),
                     {}};
    }
    return hop;
}

Result<Hop> redirectHop(const HttpEndpoint &endpoint, const Hop &from, const QByteArray &location)
{
    const QUrl target = QUrl::fromEncoded(location.trimmed(), QUrl::TolerantMode);
    if (location.trimmed().isEmpty() || !target.isValid()) {
        return Error{
            ErrorKind::Protocol,
            HttpClientText::tr("%1 answered with a redirect to an address that cannot be read.").arg(from.host),
            {}};
    }
    Result<Hop> hop = hopOf(from.url().resolved(target));
    if (!hop)
        return hop;
    if (from.scheme == u"https" && hop->scheme == u"http")
        return downgrade(from, *hop);
    const Result<Hop> base = hopOf(endpoint.base);
    hop->isOwn = base && hop->origin() == base->origin();
    return hop;
}

HttpHeaders headersInScope(const Hop &hop, const HttpHeaders &headers)
{
    if (hop.isOwn)
        return headers;
    static constexpr std::array harmless{"accept", "accept-language", "range", "user-agent"};
    HttpHeaders kept;
    for (const auto &header : headers) {
        const QByteArray name = header.first.toLower();
        if (std::any_of(harmless.begin(), harmless.end(), [&](const char *known) { return name == known; }))
            kept << header;
    }
    return kept;
}

HttpHeaders userInfoHeaders(const HttpEndpoint &endpoint)
{
    if (endpoint.base.userInfo().isEmpty())
        return {};
    const QByteArray pair =
        endpoint.base.userName(QUrl::FullyDecoded).toUtf8() + ':' + endpoint.base.password(QUrl::FullyDecoded).toUtf8();
    return {{"Authorization", "Basic " + pair.toBase64()}};
}

bool isIdempotent(const QByteArray &method)
{
    return method == "GET" || method == "HEAD";
}

bool isRedirect(int status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

} // namespace signalbox
