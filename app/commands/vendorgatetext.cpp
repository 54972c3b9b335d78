#include "app/commands/vendorgatetext.h"

#include "app/commands/commandstext.h"
#include "app/commands/render.h"

namespace signalbox::commands
{

namespace
{

QString gateCell(const QString &text)
{
    return text.isEmpty() ? QStringLiteral("-") : text;
}

QString decidersOf(const WaitingGate &gate)
{
    QStringList names;
    for (const GateDecider &one : gate.deciders)
        names.append(one.isGroup ? CommandsText::tr("group %1").arg(one.name) : one.name);
    return names.isEmpty() ? CommandsText::tr("not told") : names.join(QStringLiteral(", "));
}

QString mayText(const WaitingGate &gate)
{
    if (!gate.mayDecide)
        return CommandsText::tr("not told");
    return *gate.mayDecide ? CommandsText::tr("you may") : CommandsText::tr("you may not");
}

const char *parameterKindName(RunParameter::Kind kind)
{
    static const char *const names[] = {"text", "choice", "flag", "hidden"};
    return names[static_cast<int>(kind)];
}

Json parametersJson(const QList<RunParameter> &parameters)
{
    Json list = Json::array();
    for (const RunParameter &one : parameters)
        list.push_back({{"name", utf8(one.name)},
                        {"kind", parameterKindName(one.kind)},
                        {"about", orNull(one.about)},
                        {"value", one.kind == RunParameter::Kind::Hidden ? Json(nullptr) : Json(utf8(one.value))},
                        {"choices", listJson(one.choices)},
                        {"required", one.isRequired}});
    return list;
}

} // namespace

QString gatesText(const QList<FoundGate> &gates, const QDateTime &now)
{
    if (gates.isEmpty())
        return {};
    QList<QStringList> rows{{CommandsText::tr("GATE"), CommandsText::tr("APP"), CommandsText::tr("RUN"),
                             CommandsText::tr("TO"), CommandsText::tr("COMMIT"), CommandsText::tr("WAITS"),
                             CommandsText::tr("DECIDED BY"), CommandsText::tr("YOU")}};
    for (const FoundGate &one : gates) {
        const WaitingGate &gate = one.gate;
        rows.append({gateName(gate), one.application, gate.runNumber, gateCell(gate.environment),
                     gateCell(gate.commit.left(7)), ageText(gate.since, now), decidersOf(gate), mayText(gate)});
    }
    return CommandsText::tr("Gates at vendors:") + u'\n' + tableText(rows);
}

QString waitingGateText(const FoundGate &found)
{
    const WaitingGate &gate = found.gate;
    QList<QStringList> facts;
    const auto fact = [&facts](const QString &name, const QString &value) {
        if (!value.isEmpty())
            facts.append({QStringLiteral("  ") + name, value});
    };
    fact(CommandsText::tr("run"),
         QStringLiteral("%1 %2 %3").arg(gate.run.pipeline.project, gate.run.pipeline.pipeline, gate.runNumber));
    fact(CommandsText::tr("environment"), gate.environment);
    fact(CommandsText::tr("message"), gate.message.simplified().left(500));
    fact(CommandsText::tr("branch"), gate.branch);
    fact(CommandsText::tr("commit"), gate.commit);
    fact(CommandsText::tr("waits since"), utcText(gate.since));
    fact(CommandsText::tr("goes on by itself at"), utcText(gate.opensBySelfAt));
    fact(CommandsText::tr("decided by"), decidersOf(gate));
    fact(CommandsText::tr("you"),
         gate.whyNot.isEmpty() ? mayText(gate) : QStringLiteral("%1: %2").arg(mayText(gate), gate.whyNot));
    if (gate.needed > 1)
        fact(CommandsText::tr("decisions"), CommandsText::tr("%1 of %2").arg(gate.given.size()).arg(gate.needed));
    for (const GateDecision &one : gate.given)
        fact(one.approves ? CommandsText::tr("approved by") : CommandsText::tr("rejected by"),
             one.comment.isEmpty() ? one.who : QStringLiteral("%1: %2").arg(one.who, one.comment));
    for (const RunParameter &one : gate.parameters)
        fact(CommandsText::tr("parameter %1").arg(one.name),
             one.kind == RunParameter::Kind::Choice ? one.choices.join(QStringLiteral(", ")) : gateCell(one.about));
    return QStringLiteral("%1  %2 (%3)\n").arg(gateName(gate), gate.title, gate.vendor) + tableText(facts);
}

Json gatesJson(const QList<FoundGate> &gates)
{
    Json list = Json::array();
    for (const FoundGate &one : gates) {
        const WaitingGate &gate = one.gate;
        Json deciders = Json::array();
        for (const GateDecider &who : gate.deciders)
            deciders.push_back({{"name", utf8(who.name)}, {"group", who.isGroup}});
        Json given = Json::array();
        for (const GateDecision &decision : gate.given)
            given.push_back({{"who", utf8(decision.who)},
                             {"approves", decision.approves},
                             {"comment", orNull(decision.comment)},
                             {"at", orNull(decision.at)}});
        list.push_back({{"gate", utf8(gateName(gate))},
                        {"connection", utf8(gate.connection)},
                        {"vendor", utf8(gate.vendor)},
                        {"project", utf8(gate.run.pipeline.project)},
                        {"pipeline", orNull(gate.run.pipeline.pipeline)},
                        {"application", utf8(one.application)},
                        {"run", utf8(gate.runNumber)},
                        {"title", utf8(gate.title)},
                        {"message", orNull(gate.message)},
                        {"environment", orNull(gate.environment)},
                        {"branch", orNull(gate.branch)},
                        {"commit", orNull(gate.commit)},
                        {"deciders", deciders},
                        {"mayDecide", gate.mayDecide ? Json(*gate.mayDecide) : Json(nullptr)},
                        {"whyNot", orNull(gate.whyNot)},
                        {"needed", gate.needed},
                        {"given", given},
                        {"parameters", parametersJson(gate.parameters)},
                        {"needsComment", gate.needsComment},
                        {"canReject", gate.canReject},
                        {"since", orNull(gate.since)},
                        {"opensBySelfAt", orNull(gate.opensBySelfAt)},
                        {"page", orNull(gate.page.toString())},
                        {"readAt", orNull(gate.readAt)}});
    }
    return list;
}

Json problemsJson(const QList<std::pair<QString, Error>> &problems)
{
    Json list = Json::array();
    for (const auto &[connection, error] : problems)
        list.push_back({{"connection", utf8(connection)},
                        {"kind", utf8(errorKindName(error.kind))},
                        {"message", utf8(error.message)}});
    return list;
}

} // namespace signalbox::commands
