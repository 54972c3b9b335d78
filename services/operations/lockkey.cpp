#include "services/operations/lockkey.h"

#include <QCryptographicHash>

#include <algorithm>

namespace signalbox
{

namespace
{

// What is decided or stopped: the path of the first call, without its last word, which says how.
QString placeIn(const Plan &plan)
{
    const QString path = plan.steps.isEmpty() ? QString() : plan.steps.first().call.path;
    return path.left(path.lastIndexOf(QLatin1Char('/')));
}

// A server's identity is ADDRESS, or ADDRESS-PART.PART.PART: the parts of its route in order, empty where not set. A
// part is DIGEST, or DIGEST+DIGEST of several words. Behind it may stand @PLACE.
constexpr QLatin1Char beforePlace('@');
constexpr QLatin1Char beforeRoute('-');
constexpr QLatin1Char betweenParts('.');
constexpr QLatin1Char betweenWords('+');
constexpr int partsOfTheWay = 2; // proxy and expected name: how it is reached, not who it is

QString digestOf(const QString &text)
{
    return QString::fromLatin1(QCryptographicHash::hash(text.toUtf8(), QCryptographicHash::Sha256).toHex().left(24));
}

QString digestsOf(const QString &part)
{
    QStringList digests;
    for (const QString &word : part.split(QLatin1Char(' '), Qt::SkipEmptyParts))
        digests.append(digestOf(word));
    digests.sort();
    return digests.join(betweenWords);
}

bool isPrivate4(const QStringList &bytes)
{
    const int first = bytes.at(0).toInt();
    const int second = bytes.at(1).toInt();
    return first == 127 || first == 10 || first == 0 || (first == 172 && second >= 16 && second < 32) ||
           (first == 192 && second == 168) || (first == 169 && second == 254) ||
           (first == 100 && second >= 64 && second < 128);
}

// Another server at each end of a tunnel: loopback, private and shared addresses (RFC 1918, 3927, 4193, 4291, 6598),
// and names that are one network's own (RFC 6761, 6762, 8375; "kubernetes.default.svc").
bool isOnesOwn(const QString &host)
{
    if (host.contains(QLatin1Char(':'))) {
        static const QStringList leads{QStringLiteral("fc"),  QStringLiteral("fd"),  QStringLiteral("fe8"),
                                       QStringLiteral("fe9"), QStringLiteral("fea"), QStringLiteral("feb")};
        return host == QLatin1String("::1") || std::any_of(leads.cbegin(), leads.cend(), [&host](const QString &lead) {
                   return host.startsWith(lead);
               });
    }
    const QStringList labels = host.split(QLatin1Char('.'), Qt::SkipEmptyParts);
    bool isNumber = false;
    if (labels.size() == 4 && (labels.last().toInt(&isNumber), isNumber))
        return isPrivate4(labels);
    static const QStringList own{QStringLiteral("localhost"), QStringLiteral("local"), QStringLiteral("internal"),
                                 QStringLiteral("svc"),       QStringLiteral("lan"),   QStringLiteral("arpa")};
    return labels.size() < 2 || own.contains(labels.last());
}

QString withoutPlace(const QString &server)
{
    return server.section(beforePlace, 0, 0);
}

QString placeOf(const QString &server)
{
    return server.section(beforePlace, 1);
}

QString addressIn(const QString &server)
{
    return withoutPlace(server).section(beforeRoute, 0, 0);
}

QStringList routeIn(const QString &server)
{
    return withoutPlace(server).section(beforeRoute, 1).split(betweenParts);
}

QString keyAt(const QString &remote, const Plan &plan)
{
    QString key = remote + QLatin1Char('|') + plan.ns + QLatin1Char('|') + plan.application;
    if (plan.kind == OperationKind::DecideGate)
        key += QLatin1String("|gate|") + placeIn(plan);
    else if (plan.kind == OperationKind::CancelRun)
        key += QLatin1String("|run|") + placeIn(plan);
    return key;
}

} // namespace

bool callsNothing(const PlanStep &step)
{
    return step.call.method == QLatin1String("LOOK");
}

QStringList lockPlacesOf(const Plan &plan)
{
    QStringList places;
    const bool isRedeploy = plan.kind == OperationKind::RerunRun && plan.direction == Direction::Back;
    if ((isRedeploy || plan.kind == OperationKind::Promote) && !plan.places.isEmpty())
        places = plan.places + QStringList{plan.environment};
    places.removeAll(QString());
    for (QString &place : places)
        place = place.toLower(); // vendors do not always tell case apart
    places.removeDuplicates();
    return places;
}

bool areApart(const QStringList &one, const QStringList &other)
{
    return !one.isEmpty() && !other.isEmpty() &&
           std::none_of(one.cbegin(), one.cend(), [&other](const QString &place) { return other.contains(place); });
}

QString serverIdentity(const QUrl &address, const QStringList &route)
{
    if (address.host().isEmpty())
        return {};
    const QString scheme = address.scheme().toLower();
    const int usual = scheme == QLatin1String("https") ? 443 : 80;
    QString path = address.path(QUrl::FullyEncoded);
    while (path.endsWith(QLatin1Char('/')))
        path.chop(1);
    const QString text =
        QStringLiteral("%1://%2:%3%4").arg(scheme, address.host().toLower()).arg(address.port(usual)).arg(path);
    QStringList parts;
    const bool tellsTheWay = isOnesOwn(address.host().toLower());
    for (qsizetype i = 0; i < route.size(); ++i)
        parts.append(i < partsOfTheWay && !tellsTheWay ? QString() : digestsOf(route[i]));
    const bool isDirect = std::all_of(parts.cbegin(), parts.cend(), [](const QString &part) { return part.isEmpty(); });
    return isDirect ? digestOf(text) : digestOf(text) + beforeRoute + parts.join(betweenParts);
}

QString serverAtPlace(const QString &server, const QString &told)
{
    const QString place = placeOf(told);
    return place.isEmpty() ? server : withoutPlace(server) + beforePlace + place;
}

bool mayBeSameServer(const QString &one, const QString &other)
{
    if (!placeOf(one).isEmpty() && !placeOf(other).isEmpty())
        return placeOf(one) == placeOf(other);
    if (withoutPlace(one).isEmpty() || withoutPlace(other).isEmpty())
        return true;
    if (addressIn(one) != addressIn(other))
        return false;
    const QStringList ours = routeIn(one);
    const QStringList theirs = routeIn(other);
    for (qsizetype i = 0; ours.size() == theirs.size() && i < ours.size(); ++i) {
        if (!ours[i].isEmpty() && !theirs[i].isEmpty() &&
            areApart(ours[i].split(betweenWords), theirs[i].split(betweenWords)))
            return false;
    }
    return true;
}

QString operationKeyOf(const Plan &plan)
{
    return keyAt(plan.connection, plan);
}

QStringList lockKeysOf(const Plan &plan)
{
    const QString address = addressIn(plan.server);
    const QString place = placeOf(plan.server);
    QStringList keys{keyAt(address.isEmpty() ? plan.connection : address, plan)};
    if (!place.isEmpty())
        keys.append(keyAt(beforePlace + place, plan));
    return keys;
}

} // namespace signalbox
