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

// A server's identity is ADDRESS, or ADDRESS-PART.PART.PART: the parts of its route in order, empty where not set.
constexpr QLatin1Char beforeRoute('-');
constexpr QLatin1Char betweenParts('.');

QString digestOf(const QString &text)
{
    return QString::fromLatin1(QCryptographicHash::hash(text.toUtf8(), QCryptographicHash::Sha256).toHex().left(24));
}

QString addressIn(const QString &server)
{
    return server.section(beforeRoute, 0, 0);
}

QStringList routeIn(const QString &server)
{
    return server.section(beforeRoute, 1).split(betweenParts);
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
    for (const QString &part : route)
        parts.append(part.isEmpty() ? QString() : digestOf(part));
    const bool isDirect = std::all_of(route.cbegin(), route.cend(), [](const QString &part) { return part.isEmpty(); });
    return isDirect ? digestOf(text) : digestOf(text) + beforeRoute + parts.join(betweenParts);
}

bool mayBeSameServer(const QString &one, const QString &other)
{
    if (one.isEmpty() || other.isEmpty())
        return true;
    if (addressIn(one) != addressIn(other))
        return false;
    const QStringList ours = routeIn(one);
    const QStringList theirs = routeIn(other);
    for (qsizetype i = 0; ours.size() == theirs.size() && i < ours.size(); ++i) {
        if (!ours[i].isEmpty() && !theirs[i].isEmpty() && ours[i] != theirs[i])
            return false;
    }
    return true;
}

QString operationKeyOf(const Plan &plan)
{
    return keyAt(plan.connection, plan);
}

QString lockKeyOf(const Plan &plan)
{
    return keyAt(plan.server.isEmpty() ? plan.connection : addressIn(plan.server), plan);
}

} // namespace signalbox
