#include "app/commands/gatetext.h"

#include "app/commands/commandstext.h"
#include "app/commands/documentjson.h"

namespace signalbox::commands
{

namespace
{

using policy::Decision;

Json rulesJson(const Decision &decision)
{
    Json list = Json::array();
    for (const policy::RuleResult &rule : decision.rules)
        list.push_back({{"rule", utf8(policy::ruleName(rule.rule))},
                        {"state", utf8(policy::ruleStateName(rule.state))},
                        {"counts", rule.counts},
                        {"text", utf8(rule.text)},
                        {"wayOut", orNull(rule.wayOut)}});
    return list;
}

Json peopleJson(const policy::Standing &standing)
{
    Json approvals = Json::array();
    for (const policy::Voice &voice : standing.approvals)
        approvals.push_back({{"entry", utf8(voice.entry)},
                             {"who", utf8(voice.who)},
                             {"at", orNull(voice.at)},
                             {"expiresAt", orNull(voice.expiresAt)}});
    Json quorum = Json::array();
    for (const policy::QuorumLine &line : standing.lines)
        quorum.push_back({{"count", line.asked.count},
                          {"roles", listJson(line.asked.roles)},
                          {"given", listJson(line.given)},
                          {"missing", line.missing},
                          {"eligible", listJson(line.eligible)}});
    Json aside = Json::array();
    for (const policy::SetAside &one : standing.setAside)
        aside.push_back({{"entry", utf8(one.entry)}, {"who", utf8(one.who)}, {"reason", utf8(one.reason)}});
    return {{"approvals", std::move(approvals)}, {"quorum", std::move(quorum)}, {"setAside", std::move(aside)}};
}

} // namespace

QString gateText(const GateReport &report)
{
    const Decision &decision = report.verdict.decision;
    QString text = (report.verdict.isOpen ? CommandsText::tr("open: %1") : CommandsText::tr("closed: %1"))
                       .arg(report.verdict.text) +
                   QLatin1Char('\n');
    for (const policy::RuleResult &rule : decision.rules) {
        QString line = QStringLiteral("  %1  %2: %3")
                           .arg(policy::ruleStateName(rule.state), -7)
                           .arg(policy::ruleTitle(rule.rule), rule.text);
        if (!rule.counts)
            line += CommandsText::tr(" (set aside)");
        if (rule.state != policy::RuleResult::State::Pass && !rule.wayOut.isEmpty())
            line += QLatin1Char(' ') + rule.wayOut;
        text += line + QLatin1Char('\n');
    }
    for (const policy::Rule rule : decision.leftOut)
        text += CommandsText::tr("  not looked at here: %1\n").arg(policy::ruleTitle(rule));
    for (const policy::SetAside &one : decision.standing.setAside)
        text += CommandsText::tr("  not counted: %1, %2\n").arg(one.who, one.reason);
    for (const policy::Glass &glass : decision.debt)
        text += QStringLiteral("  ") + policy::debtText(glass) + QLatin1Char('\n');
    if (report.head.ignoredCount > 0)
        text += CommandsText::tr("  %1 entries of the ledger are not proven and do not count; see \"signalbox ledger "
                                 "verify\"\n")
                    .arg(report.head.ignoredCount);
    return text;
}

QString gateJson(const GateReport &report)
{
    const Decision &decision = report.verdict.decision;
    Json left = Json::array();
    for (const policy::Rule rule : decision.leftOut)
        left.push_back(utf8(policy::ruleName(rule)));
    Json debt = Json::array();
    for (const policy::Glass &glass : decision.debt)
        debt.push_back({{"entry", utf8(glass.entry)},
                        {"who", utf8(glass.who)},
                        {"owed", glass.owed},
                        {"dueAt", orNull(glass.dueAt)},
                        {"overdue", glass.isOverdue}});
    Json json{{"schema", "signalbox.gate/1"},
              {"exitStatus", static_cast<int>(report.status)},
              {"open", report.verdict.isOpen},
              {"met", decision.isMet},
              {"text", utf8(report.verdict.text)},
              {"application", utf8(decision.subject.application)},
              {"environment", utf8(decision.subject.environment)},
              {"digest", orNull(decision.subject.digest)},
              {"commit", orNull(decision.subject.commit)},
              {"promotion", orNull(decision.promotion)},
              {"requester", orNull(decision.requester)},
              {"claimant", orNull(decision.claimant)},
              {"breakGlass", decision.glass ? Json(utf8(decision.glass->entry)) : Json(nullptr)},
              {"changesAt", orNull(decision.changesAt)},
              {"rules", rulesJson(decision)},
              {"leftOut", std::move(left)}};
    json.update(peopleJson(decision.standing));
    json["debt"] = std::move(debt);
    json["ledger"] = {{"address", utf8(report.ledger)},
                      {"tip", orNull(report.head.tip)},
                      {"policyCommit", orNull(report.head.policyCommit)},
                      {"notProven", report.head.ignoredCount}};
    return QString::fromStdString(json.dump(2)) + QLatin1Char('\n');
}

} // namespace signalbox::commands
