#include "models/policy/decisionwords.h"

#include "models/policy/policytext.h"

namespace signalbox::policy
{

namespace
{

QString withWords(const QString &text, const QString &said)
{
    return said.isEmpty() ? text : QStringLiteral("%1: %2").arg(text, said);
}

} // namespace

QString ruleName(Rule rule)
{
    static const char *const names[] = {"request", "artifact",   "approvals", "authors", "veto", "sameDigest",
                                        "soak",    "oneAtATime", "window",    "freeze",  "hold", "alerts"};
    return QString::fromLatin1(names[static_cast<int>(rule)]);
}

QString ruleTitle(Rule rule)
{
    switch (rule) {
    case Rule::Request:
        return PolicyText::tr("Asked for");
    case Rule::Artifact:
        return PolicyText::tr("What goes out");
    case Rule::Approvals:
        return PolicyText::tr("Approvals");
    case Rule::Authors:
        return PolicyText::tr("Authors");
    case Rule::Veto:
        return PolicyText::tr("Objections");
    case Rule::SameDigest:
        return PolicyText::tr("Same digest as tested");
    case Rule::Soak:
        return PolicyText::tr("Soak time");
    case Rule::OneAtATime:
        return PolicyText::tr("One at a time");
    case Rule::Window:
        return PolicyText::tr("Window");
    case Rule::Freeze:
        return PolicyText::tr("Freeze");
    case Rule::Hold:
        return PolicyText::tr("Hold");
    case Rule::Alerts:
        return PolicyText::tr("Firing alerts");
    }
    return {};
}

QString ruleStateName(RuleResult::State state)
{
    switch (state) {
    case RuleResult::State::Pass:
        return QStringLiteral("pass");
    case RuleResult::State::Waiting:
        return QStringLiteral("waiting");
    case RuleResult::State::Unknown:
        return QStringLiteral("unknown");
    case RuleResult::State::Block:
        return QStringLiteral("block");
    }
    return {};
}

namespace words
{

QString time(const QDateTime &at)
{
    return at.isValid() ? at.toUTC().toString(QStringLiteral("yyyy-MM-dd HH:mm 'UTC'"))
                        : PolicyText::tr("an unknown time");
}

QString noRules(const QString &application, const QString &environment)
{
    return PolicyText::tr("The policy has no rule for %1 in %2, so nothing may go there.")
        .arg(application, environment);
}

QString addRules()
{
    return PolicyText::tr("Add one under \"environments\" of the policy.");
}

QString wrongWay(const PromotionRequest &request, const QString &before)
{
    const QString application = request.subject.application;
    const QString environment = request.subject.environment;
    if (before.isEmpty())
        return PolicyText::tr("The path of %1 begins in %2, it does not come from %3.")
            .arg(application, environment, request.fromEnvironment);
    return PolicyText::tr("%1 goes to %2 from %3, not from %4.")
        .arg(application, environment, before,
             request.fromEnvironment.isEmpty() ? PolicyText::tr("nowhere") : request.fromEnvironment);
}

QString artifact(const Subject &subject)
{
    QStringList parts;
    if (!subject.digest.isEmpty())
        parts << shortDigest(subject.digest);
    if (!subject.commit.isEmpty())
        parts << PolicyText::tr("commit %1").arg(shortCommit(subject.commit));
    return parts.join(QStringLiteral(", "));
}

QString approvals(const Standing &standing)
{
    int needed = 0;
    int given = 0;
    QStringList people;
    QStringList missing;
    for (const QuorumLine &line : standing.lines) {
        needed += line.asked.count;
        given += static_cast<int>(line.given.size());
        people += line.given;
        if (line.missing > 0)
            missing << missingText(line);
    }
    if (needed == 0)
        return PolicyText::tr("none is needed");
    const QString count = PolicyText::tr("%1 of %2").arg(given).arg(needed);
    if (standing.isMet)
        return QStringLiteral("%1: %2").arg(count, people.join(QStringLiteral(", ")));
    return QStringLiteral("%1; %2").arg(count, missing.join(QStringLiteral("; ")));
}

QString impossible()
{
    return PolicyText::tr(
        "Too few people are left who may approve: give the roles more members, or let somebody else ask.");
}

QString vetoes(const QList<Voice> &vetoes)
{
    QStringList all;
    for (const Voice &voice : vetoes)
        all << withWords(PolicyText::tr("%1 rejected it").arg(voice.who), voice.words);
    return all.join(QStringLiteral("; "));
}

QString window(const Schedule &schedule)
{
    return schedule.kind == Schedule::Kind::Calendar
               ? scheduleText(schedule)
               : QStringLiteral("%1 (%2)").arg(schedule.name, scheduleText(schedule));
}

QString freeze(const Freeze &freeze, const QDateTime &until)
{
    return withWords(PolicyText::tr("%1, until %2").arg(freeze.schedule.name, time(until)), freeze.reason);
}

QString freeze(const Stop &stop)
{
    const QString until = stop.until.isValid() ? time(stop.until) : PolicyText::tr("it is lifted");
    return withWords(stop.repeat
                         ? PolicyText::tr("%1 ordered a freeze that repeats, this time until %2").arg(stop.who, until)
                         : PolicyText::tr("%1 ordered a freeze until %2").arg(stop.who, until),
                     stop.reason);
}

QString hold(const Stop &stop)
{
    return withWords(PolicyText::tr("held since %1 by %2").arg(time(stop.since), stop.who), stop.reason);
}

QString decision(const Decision &decision, Direction direction)
{
    QStringList against;
    for (const RuleResult &result : decision.rules) {
        if (result.state != RuleResult::State::Pass)
            against << QStringLiteral("%1: %2").arg(ruleTitle(result.rule), result.text);
    }
    const QString what = artifact(decision.subject);
    if (decision.isMet)
        return what.isEmpty() ? PolicyText::tr("The policy is met.")
                              : PolicyText::tr("The policy is met for %1.").arg(what);
    const QString why = against.join(QStringLiteral("; "));
    if (direction == Direction::Back)
        return PolicyText::tr("Going back needs none of it: %1").arg(why);
    if (decision.glass)
        return PolicyText::tr("%1 acts alone (%2) although the policy is not met: %3")
            .arg(decision.glass->who, decision.glass->reason, why);
    return PolicyText::tr("The policy is not met: %1").arg(why);
}

} // namespace words

} // namespace signalbox::policy
