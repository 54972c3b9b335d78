#include "services/policy/policywriter.h"

#include "services/workspace/workspacewriter.h"

namespace signalbox::policy
{

namespace
{

using Node = WorkspaceNode;

QString minuteText(int minute)
{
    return QStringLiteral("%1:%2").arg(minute / 60, 2, 10, QLatin1Char('0')).arg(minute % 60, 2, 10, QLatin1Char('0'));
}

// As parseDuration() reads it, which knows no days.
QString spanText(std::chrono::seconds span)
{
    const auto all = span.count();
    QString text;
    if (all >= 3600)
        text += QString::number(all / 3600) + QLatin1Char('h');
    if (all % 3600 >= 60)
        text += QString::number(all % 3600 / 60) + QLatin1Char('m');
    if (all % 60 > 0 || all == 0)
        text += QString::number(all % 60) + QLatin1Char('s');
    return text;
}

// A map that is filled in order; what is empty is left out.
class Map
{
public:
    Map &put(const char *key, const QString &text)
    {
        if (!text.isEmpty())
            add(key, Node::quoted(text));
        return *this;
    }
    Map &put(const char *key, const QStringList &texts)
    {
        Node list = Node::list();
        for (const QString &one : texts)
            list.entries.emplace_back(QString(), Node::quoted(one));
        return put(key, std::move(list));
    }
    Map &put(const char *key, Node node)
    {
        if (!node.entries.empty())
            add(key, std::move(node));
        return *this;
    }
    Map &flag(const char *key, bool value)
    {
        add(key, Node::plain(value ? QStringLiteral("true") : QStringLiteral("false")));
        return *this;
    }
    Map &number(const char *key, int value)
    {
        add(key, Node::plain(QString::number(value)));
        return *this;
    }
    Map &duration(const char *key, std::chrono::seconds value, const QString &zero = QStringLiteral("0s"))
    {
        add(key, Node::plain(value.count() == 0 ? zero : spanText(value)));
        return *this;
    }
    Node node() const { return m_node; }

private:
    void add(const char *key, Node node) { m_node.entries.emplace_back(QString::fromLatin1(key), std::move(node)); }
    Node m_node = Node::map();
};

template <typename T, typename Write>
Node listOf(const QList<T> &all, Write write)
{
    Node list = Node::list();
    for (const T &one : all)
        list.entries.emplace_back(QString(), write(one));
    return list;
}

Node principal(const Principal &one)
{
    return Map().put("name", one.name).put("title", one.title).put("emails", one.emails).put("keys", one.keys).node();
}

Node role(const Role &one)
{
    return Map().put("name", one.name).put("members", one.members).node();
}

Node path(const PromotionPath &one)
{
    return Map().put("applications", one.applications).put("environments", one.environments).node();
}

Node quorum(const Quorum &one)
{
    return Map().number("count", one.count).put("roles", one.roles).node();
}

Node execution(const Execution &one)
{
    return Map()
        .put("by", executionName(one.kind))
        .put("track", one.track)
        .put("connection", one.connection)
        .put("gate", one.gate)
        .put("repository", one.repository)
        .put("branch", one.branch)
        .put("file", one.file)
        .node();
}

void putSchedule(Map &map, const Schedule &one)
{
    map.put("name", one.name).put("zone", QString::fromLatin1(one.zone));
    switch (one.kind) {
    case Schedule::Kind::Weekly: {
        QStringList days;
        for (int day : one.days)
            days << dayName(day);
        map.put(
            "weekly",
            Map().put("days", days).put("from", minuteText(one.fromMinute)).put("to", minuteText(one.toMinute)).node());
        break;
    }
    case Schedule::Kind::Span:
        map.put("span", Map().put("from", wallTimeText(one.start)).put("to", wallTimeText(one.end)).node());
        break;
    case Schedule::Kind::Recurrence: {
        QStringList except;
        for (const WallTime &time : one.except)
            except << wallTimeText(time);
        map.put("recurrence", Map()
                                  .put("start", wallTimeText(one.start))
                                  .duration("duration", one.duration)
                                  .put("rule", one.rule)
                                  .put("except", except)
                                  .node());
        break;
    }
    case Schedule::Kind::Calendar:
        map.put("calendar", one.calendar);
        break;
    }
}

Node environment(const EnvironmentPolicy &one)
{
    return Map()
        .put("environment", one.environment)
        .put("applications", one.applications)
        .flag("protected", one.isProtected)
        .put("approvals", listOf(one.approvals, quorum))
        .flag("notRequester", one.notRequester)
        .flag("notAuthor", one.notAuthor)
        .duration("approvalsExpire", one.approvalsExpire, QStringLiteral("never"))
        .put("veto", one.veto)
        .duration("soak", one.soak)
        .flag("sameDigest", one.sameDigest)
        .flag("oneAtATime", one.oneAtATime)
        .flag("noFiringAlerts", one.noFiringAlerts)
        .duration("alertsAge", one.alertsAge)
        .put("windows", listOf(one.windows,
                               [](const Schedule &schedule) {
                                   Map map;
                                   putSchedule(map, schedule);
                                   return map.node();
                               }))
        .put("execution", execution(one.execution))
        .put("executors", one.executors)
        .node();
}

Node freeze(const Freeze &one)
{
    Map map;
    putSchedule(map, one.schedule);
    return map.put("applications", one.applications)
        .put("environments", one.environments)
        .put("reason", one.reason)
        .node();
}

} // namespace

QByteArray writePolicy(const Policy &policy)
{
    const BreakGlassRules &glass = policy.breakGlass;
    Map map;
    map.number("version", 1)
        .put("workspace", policy.workspace)
        .put("principals", listOf(policy.principals, principal))
        .put("outsiders", policy.outsiders)
        .put("roles", listOf(policy.roles, role))
        .put("paths", listOf(policy.paths, path))
        .put("environments", listOf(policy.environments, environment))
        .put("freezes", listOf(policy.freezes, freeze))
        .put("breakGlass", Map()
                               .put("roles", glass.roles)
                               .duration("validFor", glass.validFor)
                               .number("countersigners", glass.countersigners)
                               .put("countersignRoles", glass.countersignRoles)
                               .duration("within", glass.within)
                               .node())
        .put("stops", Map()
                          .flag("holdAfterRollback", policy.stops.holdAfterRollback)
                          .put("holdLiftedBy", policy.stops.holdLiftedBy)
                          .put("freezeBy", policy.stops.freezeBy)
                          .node())
        .put("revoked", policy.revoked);
    return writeYaml(map.node());
}

} // namespace signalbox::policy
