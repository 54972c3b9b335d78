#include "services/policy/policydecoder.h"

#include "models/domain/duration.h"
#include "models/policy/policytext.h"
#include "services/policy/schedules.h"
#include "services/workspace/yamlcomplaints.h"

#include <QHash>
#include <QRegularExpression>
#include <QTimeZone>

namespace signalbox::policy
{

namespace
{

constexpr int mostPeople = 50; // that a quorum asks for

class Decoder : private YamlComplaints
{
public:
    explicit Decoder(const YamlDocument &document)
        : m_document(document)
    {}

    Result<Policy> run()
    {
        const YamlValue root(m_document);
        if (!root.isMap()) {
            complain(root, PolicyText::tr("a map with \"version\", \"workspace\", \"principals\" and \"roles\""),
                     root.shape(), PolicyText::tr("See resources/policy.schema.json."));
            return *complaints();
        }
        known(root, {"$schema", "version", "workspace", "principals", "outsiders", "roles", "paths", "environments",
                     "freezes", "breakGlass", "stops", "revoked"});
        versionOne(root);
        m_policy.workspace = requiredText(
            root, "workspace", PolicyText::tr("Name the workspace whose ledger this is; entries repeat it."));
        for (const YamlValue &value : list(root, "principals"))
            principal(value);
        m_policy.outsiders = texts(root, "outsiders");
        for (const YamlValue &value : list(root, "roles"))
            role(value);
        admins(root);
        for (const YamlValue &value : list(root, "paths"))
            path(value);
        for (const YamlValue &value : list(root, "environments"))
            environment(value);
        for (const YamlValue &value : list(root, "freezes"))
            freeze(value);
        breakGlass(root[QStringLiteral("breakGlass")]);
        stops(root[QStringLiteral("stops")]);
        revoked(root);
        for (const YamlValue &value : root[QStringLiteral("paths")].items())
            everyStepHasRules(value);
        if (auto error = complaints())
            return *error;
        return m_policy;
    }

private:
    void known(const YamlValue &map, std::initializer_list<const char *> keys)
    {
        for (const QString &key : map.keys()) {
            const bool isKnown =
                std::any_of(keys.begin(), keys.end(), [&key](const char *one) { return key == QLatin1String(one); });
            if (!isKnown)
                complain(map[key].problem(PolicyText::tr(
                    "This version does not know this key, and does not pass over what may be a rule. Take it "
                    "out, or update Signalbox.")));
        }
    }

    // A name that nothing of its kind has yet; `taken` has the lines.
    QString name(const YamlValue &map, const char *key, QHash<QString, int> &taken)
    {
        const QString text = requiredText(map, key, PolicyText::tr("Give it a name of its own."));
        const YamlValue value = map[QString::fromLatin1(key)];
        if (text.isEmpty())
            return text;
        if (taken.contains(text))
            complain(value, PolicyText::tr("a name of its own"), shown(value),
                     PolicyText::tr("It is taken in line %1.").arg(taken.value(text)));
        taken.insert(text, value.line());
        return text;
    }

    void claimed(const YamlValue &map, const char *key, const QStringList &all, QHash<QString, QString> &owners,
                 const QString &owner)
    {
        for (const QString &one : all) {
            const QString folded = one.toLower();
            if (owners.contains(folded) && owners.value(folded) != owner)
                complain(map[QString::fromLatin1(key)], PolicyText::tr("what belongs to nobody else"),
                         QStringLiteral("\"%1\"").arg(one),
                         PolicyText::tr("It belongs to %1 already.").arg(owners.value(folded)));
            owners.insert(folded, owner);
        }
    }

    void principal(const YamlValue &value)
    {
        if (!isMap(value))
            return;
        known(value, {"name", "title", "emails", "keys"});
        Principal one;
        one.name = name(value, "name", m_principals);
        one.title = text(value, "title");
        one.emails = texts(value, "emails");
        one.keys = texts(value, "keys");
        for (const QString &email : one.emails) {
            if (email.count(QLatin1Char('@')) != 1 || email.startsWith(QLatin1Char('@')) ||
                email.endsWith(QLatin1Char('@')) || email.contains(QLatin1Char(' ')))
                complain(value[QStringLiteral("emails")], PolicyText::tr("e-mail addresses"),
                         QStringLiteral("\"%1\"").arg(email.left(60)));
        }
        if (one.emails.isEmpty() && one.keys.isEmpty())
            complain(value, PolicyText::tr("\"emails\" or \"keys\""), PolicyText::tr("neither"),
                     PolicyText::tr("Nothing that is signed could be told to be theirs."));
        claimed(value, "emails", one.emails, m_emails, one.name);
        claimed(value, "keys", one.keys.isEmpty() ? one.emails : one.keys, m_keys, one.name);
        m_policy.principals.append(one);
    }

    void role(const YamlValue &value)
    {
        if (!isMap(value))
            return;
        known(value, {"name", "members"});
        Role one;
        one.name = name(value, "name", m_roles);
        const YamlValue members = value[QStringLiteral("members")];
        one.members = texts(value, "members");
        if (one.members.isEmpty())
            complain(members, PolicyText::tr("at least one principal"),
                     members.exists() ? PolicyText::tr("none") : members.shape());
        for (const YamlValue &member : members.items()) {
            if (member.isText() && !m_policy.principal(member.text()))
                complain(member, PolicyText::tr("the name of a principal of this file"), shown(member));
        }
        if (QStringList(one.members).removeDuplicates() > 0)
            complain(members, PolicyText::tr("each principal once"), PolicyText::tr("one twice"));
        m_policy.roles.append(one);
    }

    void admins(const YamlValue &root)
    {
        if (!m_policy.role(adminsRole()))
            complain(root[QStringLiteral("roles")], PolicyText::tr("a role \"admins\""), PolicyText::tr("none"),
                     PolicyText::tr("Its members change this file, two for each change."));
    }

    // Roles of this file.
    QStringList roles(const YamlValue &map, const char *key)
    {
        const QStringList all = texts(map, key);
        for (const YamlValue &one : map[QString::fromLatin1(key)].items()) {
            if (one.isText() && !m_policy.role(one.text()))
                complain(one, PolicyText::tr("a role of this file"), shown(one),
                         PolicyText::tr("There are: %1.").arg(QStringList(m_roles.keys()).join(QStringLiteral(", "))));
        }
        return all;
    }

    QStringList patterns(const YamlValue &map, const char *key)
    {
        if (!map[QString::fromLatin1(key)].exists())
            return {QStringLiteral("*")};
        const QStringList all = texts(map, key);
        if (all.isEmpty())
            complain(map[QString::fromLatin1(key)], PolicyText::tr("at least one pattern"), PolicyText::tr("none"),
                     PolicyText::tr("Leave the key out, and it is for all of them."));
        return all;
    }

    int count(const YamlValue &map, const char *key, int absent)
    {
        const YamlValue value = map[QString::fromLatin1(key)];
        if (!value.exists())
            return absent;
        bool isNumber = value.isText() && !value.isQuoted();
        const int number = isNumber ? value.text().toInt(&isNumber) : 0;
        if (isNumber && number >= 1 && number <= mostPeople)
            return number;
        complain(value, PolicyText::tr("a whole number from 1 to %1, without quotes").arg(mostPeople), shown(value));
        return absent;
    }

    std::chrono::seconds duration(const YamlValue &map, const char *key, std::chrono::seconds absent,
                                  const QString &zero = {})
    {
        const YamlValue value = map[QString::fromLatin1(key)];
        if (!value.exists())
            return absent;
        if (value.isText() && !zero.isEmpty() && value.text() == zero)
            return std::chrono::seconds(0);
        const auto parsed = value.isText() ? parseDuration(value.text()) : Result<std::chrono::milliseconds>(Error{});
        const auto seconds =
            parsed ? std::chrono::duration_cast<std::chrono::seconds>(*parsed) : std::chrono::seconds(-1);
        if (parsed && seconds == *parsed && seconds.count() >= (zero.isEmpty() ? 0 : 1))
            return seconds;
        complain(value,
                 zero.isEmpty()
                     ? PolicyText::tr("a length of time in whole seconds, for example 90s, 30m or 24h")
                     : PolicyText::tr("a length of time in whole seconds, for example 24h, or \"%1\"").arg(zero),
                 shown(value));
        return absent;
    }

    void path(const YamlValue &value)
    {
        if (!isMap(value))
            return;
        known(value, {"applications", "environments"});
        PromotionPath one;
        one.applications = patterns(value, "applications");
        one.environments = texts(value, "environments");
        const YamlValue environments = value[QStringLiteral("environments")];
        if (one.environments.size() < 2)
            complain(environments, PolicyText::tr("at least two environments, in order"),
                     environments.exists() ? QString::number(one.environments.size()) : environments.shape());
        if (QStringList(one.environments).removeDuplicates() > 0)
            complain(environments, PolicyText::tr("each environment once"), PolicyText::tr("one twice"));
        m_policy.paths.append(one);
    }

    // What a path leads to without a rule could never be entered.
    void everyStepHasRules(const YamlValue &value)
    {
        const QList<YamlValue> steps = value[QStringLiteral("environments")].items();
        for (const YamlValue &step : steps.mid(1)) {
            const bool isRuled =
                std::any_of(m_policy.environments.cbegin(), m_policy.environments.cend(),
                            [&step](const EnvironmentPolicy &one) { return one.environment == step.text(); });
            if (step.isText() && !isRuled)
                complain(step, PolicyText::tr("an environment with an entry under \"environments\""), shown(step),
                         PolicyText::tr("Without one nothing may go there."));
        }
    }

    void environment(const YamlValue &value)
    {
        if (!isMap(value))
            return;
        known(value, {"environment", "applications", "protected", "approvals", "notRequester", "notAuthor",
                      "approvalsExpire", "veto", "soak", "sameDigest", "oneAtATime", "noFiringAlerts", "alertsAge",
                      "windows", "execution", "executors"});
        EnvironmentPolicy one;
        one.environment = requiredText(value, "environment", PolicyText::tr("Name the environment."));
        one.applications = patterns(value, "applications");
        one.isProtected = flag(value, "protected", true);
        for (const YamlValue &line : list(value, "approvals"))
            quorum(line, one);
        one.notRequester = flag(value, "notRequester", true);
        one.notAuthor = flag(value, "notAuthor", true);
        one.approvalsExpire = duration(value, "approvalsExpire", one.approvalsExpire, QStringLiteral("never"));
        one.veto = roles(value, "veto");
        one.soak = duration(value, "soak", one.soak);
        one.sameDigest = flag(value, "sameDigest", true);
        one.oneAtATime = flag(value, "oneAtATime", true);
        one.noFiringAlerts = flag(value, "noFiringAlerts", true);
        one.alertsAge = duration(value, "alertsAge", one.alertsAge);
        for (const YamlValue &window : list(value, "windows")) {
            if (isMap(window)) {
                known(window, {"name", "zone", "weekly", "span", "recurrence", "calendar"});
                one.windows.append(schedule(window));
            }
        }
        execution(value[QStringLiteral("execution")], one.execution);
        one.executors = roles(value, "executors");
        enoughPeople(value, one);
        m_policy.environments.append(one);
    }

    void quorum(const YamlValue &value, EnvironmentPolicy &environment)
    {
        if (!isMap(value))
            return;
        known(value, {"count", "roles"});
        Quorum one;
        one.count = count(value, "count", 1);
        one.roles = roles(value, "roles");
        if (one.roles.isEmpty())
            complain(value[QStringLiteral("roles")], PolicyText::tr("at least one role"),
                     value[QStringLiteral("roles")].shape(), PolicyText::tr("Say whose approval counts."));
        environment.approvals.append(one);
    }

    // One person may be the requester: then the others have to be enough.
    void enoughPeople(const YamlValue &value, const EnvironmentPolicy &environment)
    {
        const QList<YamlValue> lines = value[QStringLiteral("approvals")].items();
        for (qsizetype i = 0; i < lines.size() && i < environment.approvals.size(); ++i) {
            const Quorum &line = environment.approvals.at(i);
            const qsizetype people = m_policy.members(line.roles).size();
            if (!line.roles.isEmpty() && people > 0 && people < line.count)
                complain(lines.at(i)[QStringLiteral("count")],
                         PolicyText::tr("at most %1, as many as %2 have members")
                             .arg(people)
                             .arg(line.roles.join(PolicyText::tr(" or "))),
                         QString::number(line.count));
        }
    }

    void execution(const YamlValue &value, Execution &execution)
    {
        if (!value.exists() || !isMap(value))
            return;
        const YamlValue by = value[QStringLiteral("by")];
        const QList<Execution::Kind> &all = allExecutions();
        const auto found = std::find_if(all.cbegin(), all.cend(),
                                        [&by](Execution::Kind kind) { return executionName(kind) == by.text(); });
        if (found == all.cend())
            return complain(by, PolicyText::tr("setImage, vendorGate or gitopsCommit"), shown(by),
                            PolicyText::tr("Say how a promotion is carried out."));
        execution.kind = *found;
        switch (execution.kind) {
        case Execution::Kind::SetImage:
            known(value, {"by", "track"});
            execution.track = text(value, "track");
            break;
        case Execution::Kind::VendorGate:
            known(value, {"by", "connection", "gate"});
            execution.connection =
                requiredText(value, "connection", PolicyText::tr("Name the connection of the workspace."));
            execution.gate = requiredText(value, "gate", PolicyText::tr("Name the gate as its system does."));
            break;
        case Execution::Kind::GitopsCommit:
            known(value, {"by", "repository", "branch", "file"});
            execution.repository = requiredText(value, "repository", PolicyText::tr("Give its address."));
            execution.branch = requiredText(value, "branch", PolicyText::tr("Name the branch the cluster follows."));
            execution.file = requiredText(value, "file", PolicyText::tr("Name the file that has the image."));
            break;
        }
    }

    Schedule schedule(const YamlValue &value)
    {
        Schedule one;
        one.name = name(value, "name", m_schedules);
        zone(value, one);
        QStringList forms;
        for (const char *form : {"weekly", "span", "recurrence", "calendar"}) {
            if (value[QString::fromLatin1(form)].exists())
                forms.append(QString::fromLatin1(form));
        }
        if (forms.size() != 1) {
            complain(value, PolicyText::tr("one of weekly, span, recurrence and calendar"),
                     forms.isEmpty() ? PolicyText::tr("none") : forms.join(QStringLiteral(", ")));
            return one;
        }
        const YamlValue body = value[forms.first()];
        if (forms.first() == QLatin1String("weekly"))
            weekly(body, one);
        else if (forms.first() == QLatin1String("span"))
            span(body, one);
        else if (forms.first() == QLatin1String("recurrence"))
            recurrence(body, one);
        else
            calendar(value, one);
        return one;
    }

    void zone(const YamlValue &value, Schedule &one)
    {
        const QString zone =
            requiredText(value, "zone", PolicyText::tr("Name a time zone, for example Europe/Berlin."));
        one.zone = zone.toUtf8();
        if (!zone.isEmpty() && !QTimeZone(one.zone).isValid())
            complain(value[QStringLiteral("zone")], PolicyText::tr("a time zone such as Europe/Berlin or UTC"),
                     shown(value[QStringLiteral("zone")]));
    }

    void weekly(const YamlValue &value, Schedule &one)
    {
        if (!isMap(value))
            return;
        known(value, {"days", "from", "to"});
        one.kind = Schedule::Kind::Weekly;
        for (const YamlValue &day : list(value, "days")) {
            int found = 0;
            for (int number = 1; number <= 7; ++number) {
                if (day.text() == dayName(number))
                    found = number;
            }
            if (found == 0)
                complain(day, PolicyText::tr("mon, tue, wed, thu, fri, sat or sun"), shown(day));
            else if (!one.days.contains(found))
                one.days.append(found);
        }
        std::sort(one.days.begin(), one.days.end());
        if (value[QStringLiteral("days")].items().isEmpty())
            complain(value[QStringLiteral("days")], PolicyText::tr("at least one day"),
                     value[QStringLiteral("days")].shape());
        one.fromMinute = minute(value, "from", 0, 24 * 60 - 1);
        one.toMinute = minute(value, "to", 1, 24 * 60);
    }

    int minute(const YamlValue &map, const char *key, int least, int most)
    {
        static const QRegularExpression form(QStringLiteral("^([0-2][0-9]):([0-5][0-9])\\z"));
        const YamlValue value = map[QString::fromLatin1(key)];
        const auto match = form.match(value.text());
        const int minutes = match.captured(1).toInt() * 60 + match.captured(2).toInt();
        if (value.isText() && match.hasMatch() && minutes >= least && minutes <= most)
            return minutes;
        complain(value, PolicyText::tr("a time of day from 00:00 to 24:00, for example \"09:00\""), shown(value));
        return least;
    }

    WallTime wall(const YamlValue &map, const char *key)
    {
        const YamlValue value = map[QString::fromLatin1(key)];
        const auto parsed = value.isText() ? parseWallTime(value.text()) : std::nullopt;
        if (!parsed)
            complain(value, PolicyText::tr("a date or a date and time there, for example 2026-12-20T18:00"),
                     shown(value));
        return parsed.value_or(WallTime{});
    }

    void span(const YamlValue &value, Schedule &one)
    {
        if (!isMap(value))
            return;
        known(value, {"from", "to"});
        one.kind = Schedule::Kind::Span;
        one.start = wall(value, "from");
        one.end = wall(value, "to");
        const auto asNumber = [](const WallTime &time) { return QDateTime(time.date, time.time, Qt::UTC); };
        if (one.start.isValid() && one.end.isValid() && asNumber(one.end) <= asNumber(one.start))
            complain(value[QStringLiteral("to")], PolicyText::tr("a time after \"from\""),
                     shown(value[QStringLiteral("to")]), PolicyText::tr("It is the first moment that is free again."));
    }

    void recurrence(const YamlValue &value, Schedule &one)
    {
        if (!isMap(value))
            return;
        known(value, {"start", "duration", "rule", "except"});
        one.kind = Schedule::Kind::Recurrence;
        one.start = wall(value, "start");
        one.duration = duration(value, "duration", std::chrono::seconds(0));
        if (one.duration.count() == 0)
            complain(value[QStringLiteral("duration")], PolicyText::tr("a length of time, for example 62h"),
                     shown(value[QStringLiteral("duration")]));
        one.rule =
            requiredText(value, "rule", PolicyText::tr("Write a recurrence rule, for example FREQ=WEEKLY;BYDAY=FR."));
        for (const YamlValue &except : list(value, "except")) {
            const auto parsed = except.isText() ? parseWallTime(except.text()) : std::nullopt;
            if (parsed)
                one.except.append(*parsed);
            else
                complain(except, PolicyText::tr("the beginning of one that is left out, for example 2026-12-20T18:00"),
                         shown(except));
        }
        if (one.start.isValid() && !one.rule.isEmpty())
            readable(value[QStringLiteral("rule")], one);
    }

    void calendar(const YamlValue &value, Schedule &one)
    {
        one.kind = Schedule::Kind::Calendar;
        one.calendar = text(value, "calendar");
        if (!one.calendar.isEmpty())
            readable(value[QStringLiteral("calendar")], one);
    }

    void readable(const YamlValue &where, const Schedule &one)
    {
        if (!QTimeZone(one.zone).isValid())
            return; // told already
        const QDateTime from(QDate(2020, 1, 1), QTime(0, 0), Qt::UTC);
        const auto read = scheduleIntervals(one, from, from.addYears(10));
        if (!read)
            complain(where.problem(read.error().message));
    }

    void freeze(const YamlValue &value)
    {
        if (!isMap(value))
            return;
        known(value,
              {"name", "zone", "weekly", "span", "recurrence", "calendar", "applications", "environments", "reason"});
        Freeze one;
        one.schedule = schedule(value);
        one.applications = patterns(value, "applications");
        one.environments = patterns(value, "environments");
        one.reason = text(value, "reason");
        m_policy.freezes.append(one);
    }

    void breakGlass(const YamlValue &value)
    {
        if (!value.exists() || !isMap(value))
            return;
        known(value, {"roles", "validFor", "countersigners", "countersignRoles", "within"});
        BreakGlassRules &rules = m_policy.breakGlass;
        rules.roles = roles(value, "roles");
        rules.validFor = duration(value, "validFor", rules.validFor);
        rules.countersigners = count(value, "countersigners", rules.countersigners);
        rules.countersignRoles = roles(value, "countersignRoles");
        rules.within = duration(value, "within", rules.within);
        const qsizetype people = m_policy.members(rules.countersignRoles).size();
        if (!rules.roles.isEmpty() && people < rules.countersigners)
            complain(value[QStringLiteral("countersignRoles")],
                     PolicyText::tr("roles with at least %1 members, who countersign").arg(rules.countersigners),
                     QString::number(people));
    }

    void stops(const YamlValue &value)
    {
        if (!value.exists() || !isMap(value))
            return;
        known(value, {"holdAfterRollback", "holdLiftedBy", "freezeBy"});
        m_policy.stops.holdAfterRollback = flag(value, "holdAfterRollback", true);
        m_policy.stops.holdLiftedBy = roles(value, "holdLiftedBy");
        m_policy.stops.freezeBy = roles(value, "freezeBy");
    }

    void revoked(const YamlValue &root)
    {
        static const QRegularExpression form(QStringLiteral("^(SHA256:[A-Za-z0-9+/]{43}|[a-z0-9@.-]+ AAAA\\S+.*)\\z"));
        for (const YamlValue &key : list(root, "revoked")) {
            if (key.isText() && form.match(key.text()).hasMatch())
                m_policy.revoked.append(key.text());
            else
                complain(key, PolicyText::tr("a key's fingerprint (SHA256:...) or its line"), shown(key));
        }
    }

    const YamlDocument &m_document;
    Policy m_policy;
    QHash<QString, int> m_principals; // name -> line
    QHash<QString, int> m_roles;
    QHash<QString, int> m_schedules;
    QHash<QString, QString> m_emails; // -> principal
    QHash<QString, QString> m_keys;
};

} // namespace

Result<Policy> decodePolicy(const YamlDocument &document)
{
    return Decoder(document).run();
}

Result<Policy> parsePolicy(const QByteArray &bytes, const QString &file)
{
    const auto document = YamlDocument::parse(bytes, file);
    if (!document)
        return document.error();
    return decodePolicy(*document);
}

} // namespace signalbox::policy
