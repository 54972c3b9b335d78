#include "services/net/proxychoice.h"

#include <QStringList>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

namespace signalbox
{

namespace
{

// Four numbers with dots; the few rules on IPv6 networks in NO_PROXY are compared as text.
std::optional<std::uint32_t> ipv4(const QString &text)
{
    const QStringList parts = text.split(u'.');
    if (parts.size() != 4)
        return std::nullopt;
    std::uint32_t address = 0;
    for (const QString &part : parts) {
        bool ok = false;
        const uint byte = part.toUInt(&ok);
        if (!ok || byte > 255)
            return std::nullopt;
        address = address << 8 | byte;
    }
    return address;
}

bool isInNetwork(const QString &rule, std::uint32_t host)
{
    const qsizetype slash = rule.indexOf(u'/');
    bool ok = false;
    const int bits = rule.mid(slash + 1).toInt(&ok);
    const auto network = ipv4(rule.left(slash));
    if (!ok || bits < 0 || bits > 32 || !network)
        return false;
    const std::uint32_t mask = bits == 0 ? 0 : ~std::uint32_t(0) << (32 - bits);
    return (host & mask) == (*network & mask);
}

bool matches(QString rule, const QString &host, int port)
{
    if (rule == u"*")
        return true;
    const auto address = ipv4(host);
    if (rule.contains(u'/'))
        return address && isInNetwork(rule, *address);
    if (rule.startsWith(u'[')) { // [::1]:8443
        const qsizetype end = rule.indexOf(u']');
        const QString rest = rule.mid(end + 1);
        if (end < 0 || (rest.startsWith(u':') && rest.mid(1).toInt() != port))
            return false;
        return rule.mid(1, end - 1) == host;
    }
    if (rule.count(u':') == 1) {
        if (rule.section(u':', 1).toInt() != port)
            return false;
        rule = rule.section(u':', 0, 0);
    }
    if (rule.startsWith(u"*."))
        rule.remove(0, 1);
    if (rule.startsWith(u'.'))
        return host.endsWith(rule);
    return host == rule || (!address && host.endsWith(u'.' + rule));
}

bool isThisMachine(const QString &host)
{
    const auto address = ipv4(host);
    return host == u"localhost" || host.endsWith(u".localhost") || host == u"::1" || (address && *address >> 24 == 127);
}

// As Go's programs, a SOCKS proxy looks names up by itself; libcurl calls that socks5h.
QString spelled(const QString &proxy)
{
    constexpr QStringView socks = u"socks5://";
    return proxy.startsWith(socks, Qt::CaseInsensitive) ? QStringLiteral("socks5h://") + proxy.mid(socks.size())
                                                        : proxy;
}

QString firstSet(const Environment &environment, std::initializer_list<const char *> names)
{
    for (const char *name : names) {
        const QString value = environment(name).trimmed();
        if (!value.isEmpty())
            return value;
    }
    return {};
}

} // namespace

bool isExempt(const QString &noProxy, const QString &host, int port)
{
    const QStringList rules = noProxy.toLower().split(u',', Qt::SkipEmptyParts);
    return std::any_of(rules.begin(), rules.end(), [&](const QString &rule) {
        return !rule.trimmed().isEmpty() && matches(rule.trimmed(), host, port);
    });
}

QString proxyFor(const HttpEndpoint &endpoint, const Hop &hop, const Environment &environment)
{
    if (endpoint.noProxy)
        return {};
    if (!endpoint.proxy.isEmpty())
        return spelled(endpoint.proxy);
    if (isThisMachine(hop.host) || isExempt(firstSet(environment, {"no_proxy", "NO_PROXY"}), hop.host, hop.port))
        return {};
    return spelled(hop.scheme == u"https"
                       ? firstSet(environment, {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"})
                       : firstSet(environment, {"http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"}));
}

} // namespace signalbox
