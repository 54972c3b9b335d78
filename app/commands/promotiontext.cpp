#include "app/commands/promotiontext.h"

#include "app/commands/commandstext.h"
#include "app/commands/documentjson.h"
#include "app/commands/json.h"
#include "app/commands/ledgerpolicytext.h"
#include "app/commands/render.h"
#include "app/commands/vendorgatetext.h"
#include "models/domain/duration.h"

namespace signalbox::commands
{

namespace
{

using policy::PathPlace;
using policy::PromotionBoard;
using policy::PromotionCard;
using policy::RuleResult;

QString sign(RuleResult::State state)
{
    switch (state) {
    case RuleResult::State::Pass:
        return QStringLiteral("●");
    case RuleResult::State::Waiting:
        return QStringLiteral("‖");
    case RuleResult::State::Unknown:
        return QStringLiteral("◌");
    case RuleResult::State::Block:
        return QStringLiteral("✖");
    }
    return {};
}

QString signOf(const PromotionCard &card)
{
    switch (card.state) {
    case PromotionCard::State::Waiting:
        return QStringLiteral("‖");
    case PromotionCard::State::Ready:
    case PromotionCard::State::Done:
        return QStringLiteral("●");
    case PromotionCard::State::UnderWay:
        return QStringLiteral("◐");
    case PromotionCard::State::Blocked:
        return QStringLiteral("▲");
    case PromotionCard::State::Rejected:
    case PromotionCard::State::Ended:
        return QStringLiteral("✖");
    case PromotionCard::State::Replaced:
        return QStringLiteral("○");
    }
    return {};
}

QString releaseName(const policy::PromotionRequest &request)
{
    const QString digest = policy::shortDigest(request.subject.digest);
    const QString name = request.version.isEmpty() ? digest : QStringLiteral("%1 (%2)").arg(request.version, digest);
    return request.model.isEmpty() ? name : CommandsText::tr("%1, model %2").arg(name, servedModelText(request.model));
}

QString rulesText(const policy::Decision &decision)
{
    QList<QStringList> rows;
    for (const RuleResult &rule : decision.rules) {
        rows.append({QStringLiteral("  ") + sign(rule.state), policy::ruleTitle(rule.rule),
                     rule.counts ? rule.text : CommandsText::tr("%1 (set aside)").arg(rule.text)});
        if (!rule.wayOut.isEmpty() && rule.state != RuleResult::State::Pass)
            rows.append({QString(), QString(), QStringLiteral("→ ") + rule.wayOut});
    }
    return tableText(rows);
}

QString pathText(const QList<PathPlace> &path)
{
    QList<QStringList> rows;
    for (const PathPlace &place : path) {
        const QString mark = place.health == Health::Failing            ? QStringLiteral("✖")
                             : place.state == PathPlace::State::Runs    ? QStringLiteral("●")
                             : place.state == PathPlace::State::Busy    ? QStringLiteral("◐")
                             : place.state == PathPlace::State::Unknown ? QStringLiteral("◌")
                                                                        : QStringLiteral("○");
        rows.append({QStringLiteral("  ") + mark, place.environment,
                     place.version.isEmpty() ? CommandsText::tr("not known") : place.version,
                     policy::shortDigest(place.digest),
                     place.problem.isEmpty() && place.health == Health::Failing ? place.trouble : place.problem});
    }
    return tableText(rows);
}

Json rulesJson(const policy::Decision &decision)
{
    Json list = Json::array();
    for (const RuleResult &rule : decision.rules)
        list.push_back({{"rule", utf8(policy::ruleName(rule.rule))},
                        {"state", utf8(policy::ruleStateName(rule.state))},
                        {"counts", rule.counts},
                        {"text", utf8(rule.text)},
                        {"wayOut", orNull(rule.wayOut)}});
    return list;
}

Json pathJson(const QList<PathPlace> &path)
{
    static const char *const states[] = {"unknown", "runs", "other", "busy"};
    Json list = Json::array();
    for (const PathPlace &place : path)
        list.push_back({{"environment", utf8(place.environment)},
                        {"state", states[static_cast<int>(place.state)]},
                        {"version", orNull(place.version)},
                        {"digest", orNull(place.digest)},
                        {"model", orNull(place.model)},
                        {"since", orNull(place.since)},
                        {"problem", orNull(place.problem)},
                        {"target", place.isTarget}});
    return list;
}

Json permissionJson(const policy::Permission &permission)
{
    return {{"given", permission.isGiven}, {"reason", orNull(permission.reason)}};
}

Json requestJson(const policy::PromotionRequest &request)
{
    const policy::Subject &subject = request.subject;
    return {{"application", utf8(subject.application)},
            {"environment", utf8(subject.environment)},
            {"digest", utf8(subject.digest)},
            {"commit", orNull(subject.commit)},
            {"version", orNull(request.version)},
            {"model", request.model.isEmpty()
                          ? Json(nullptr)
                          : Json{{"name", orNull(request.model.name)}, {"version", orNull(request.model.version)}}},
            {"from", orNull(request.fromEnvironment)},
            {"replacesDigest", orNull(request.replacesDigest)},
            {"reason", utf8(request.reason)}};
}

Json riskJson(const policy::RiskFigure &risk)
{
    Json reasons = Json::array();
    for (const policy::RiskReason &reason : risk.reasons)
        reasons.push_back({{"factor", utf8(policy::riskFactorName(reason.factor))},
                           {"weight", reason.weight},
                           {"text", utf8(reason.text)}});
    return {{"probability", risk.probability ? Json(*risk.probability) : Json(nullptr)},
            {"text", utf8(risk.text)},
            {"brier", risk.brier ? Json(*risk.brier) : Json(nullptr)},
            {"baseBrier", risk.baseBrier ? Json(*risk.baseBrier) : Json(nullptr)},
            {"reasons", reasons}};
}

Json cardJson(const PromotionCard &card)
{
    Json json = {{"promotion", utf8(card.id)}, {"state", utf8(policy::cardStateName(card.state))}};
    json.update(requestJson(card.request));
    json["requester"] = utf8(card.requester);
    json["requestedAt"] = orNull(card.requestedAt);
    json["text"] = utf8(card.decision.text);
    json["met"] = card.decision.isMet;
    json["rules"] = rulesJson(card.decision);
    json["votes"] = Json::array();
    for (const policy::Vote &vote : card.votes)
        json["votes"].push_back({{"entry", utf8(vote.entry)},
                                 {"kind", vote.kind == policy::Vote::Kind::Approval ? "approval" : "rejection"},
                                 {"who", utf8(vote.who)},
                                 {"at", orNull(vote.at)},
                                 {"expiresAt", orNull(vote.expiresAt)},
                                 {"comment", utf8(vote.comment)},
                                 {"counts", vote.counts},
                                 {"whyNot", orNull(vote.whyNot)}});
    json["claim"] = orNull(card.decision.claim);
    json["claimant"] = orNull(card.decision.claimant);
    json["outcome"] = card.outcome ? Json{{"kind", utf8(outcomeKindName(card.outcome->kind))},
                                          {"message", utf8(card.outcome->message)},
                                          {"observedAt", orNull(card.outcome->observedAt)}}
                                   : Json(nullptr);
    json["risk"] = riskJson(card.risk);
    json["path"] = pathJson(card.path);
    json["stale"] = Json::array(); // places that nobody can look at now
    for (const policy::StalePlace &place : card.stale)
        json["stale"].push_back({{"environment", utf8(place.environment)},
                                 {"since", orNull(place.since)},
                                 {"problem", utf8(place.problem)}});
    json["mayApprove"] = permissionJson(card.mayApprove);
    json["mayReject"] = permissionJson(card.mayReject);
    json["mayStart"] = permissionJson(card.mayStart);
    json["mayBreakGlass"] = permissionJson(card.mayBreakGlass);
    json["breakGlass"] = card.decision.glass ? Json(utf8(card.decision.glass->entry)) : Json(nullptr);
    return json;
}

QString changesText(const std::optional<policy::ChangeSummary> &changes)
{
    return changes ? CommandsText::tr("  %1 commits, %2 files, +%3 -%4")
                             .arg(changes->commitCount)
                             .arg(changes->fileCount)
                             .arg(changes->linesAdded)
                             .arg(changes->linesRemoved) +
                         QLatin1Char('\n')
                   : QString();
}

QString replacedText(const policy::PromotionRequest &request)
{
    return request.replacesDigest.isEmpty()
               ? QString()
               : CommandsText::tr("  replaces %1").arg(request.replacesDigest) + QLatin1Char('\n');
}

// The figure, and what it is made of.
QString riskText(const policy::RiskFigure &risk)
{
    QString text = CommandsText::tr("  risk %1").arg(risk.text) + QLatin1Char('\n');
    if (risk.reasons.isEmpty())
        return text;
    double score = 0;
    QList<QStringList> rows;
    for (const policy::RiskReason &reason : risk.reasons) {
        score += reason.weight;
        rows.append({QStringLiteral("    ") + QString::number(reason.weight, 'f', 2), reason.text});
    }
    text += CommandsText::tr("    score %1:").arg(QString::number(score, 'f', 2)) + QLatin1Char('\n');
    return text + tableText(rows);
}

// What an approver may look at before they sign; empty: what it replaces or brings is not known.
QString lookText(const policy::PromotionRequest &request)
{
    const QString from = request.replacesCommit.isEmpty() ? request.replacesDigest : request.replacesCommit;
    const QString to = request.subject.commit.isEmpty() ? request.subject.digest : request.subject.commit;
    return from.isEmpty() || to.isEmpty() ? QString()
                                          : CommandsText::tr("  what changes: signalbox changes %1 --from %2 --to %3")
                                                    .arg(request.subject.application, from, to) +
                                                QLatin1Char('\n');
}

bool isToStart(const PromotionCard &card)
{
    return card.state == PromotionCard::State::Ready && card.mayStart.isGiven;
}

QStringList row(const PromotionCard &card, const QDateTime &now)
{
    const QString asked = card.approvalsAsked() == 0
                              ? QStringLiteral("-")
                              : CommandsText::tr("%1 of %2").arg(card.approvalsGiven()).arg(card.approvalsAsked());
    const QString you = card.mayApprove.isGiven ? CommandsText::tr("approve")
                        : isToStart(card)       ? CommandsText::tr("start")
                                                : QStringLiteral("-");
    return {signOf(card) + QLatin1Char(' ') + policy::cardStateLabel(card.state),
            card.id,
            card.request.subject.application,
            releaseName(card.request),
            card.request.subject.environment,
            asked,
            card.requester,
            ageText(card.requestedAt, now),
            you};
}

QString table(const QList<PromotionCard> &cards, const QDateTime &now)
{
    QList<QStringList> rows{{CommandsText::tr("STATE"), CommandsText::tr("PROMOTION"), CommandsText::tr("APPLICATION"),
                             CommandsText::tr("RELEASE"), CommandsText::tr("TO"), CommandsText::tr("APPROVALS"),
                             CommandsText::tr("ASKED BY"), CommandsText::tr("AGE"), CommandsText::tr("YOU MAY")}};
    for (const PromotionCard &card : cards)
        rows.append(row(card, now));
    return tableText(rows);
}

} // namespace

QString startText(const PromotionCard &card)
{
    if (!isToStart(card))
        return {};
    const policy::Subject &subject = card.request.subject;
    QString command = QStringLiteral("signalbox promote %1 --to %2").arg(subject.application, subject.environment);
    const bool isThere = std::any_of(card.path.cbegin(), card.path.cend(), [&subject](const PathPlace &place) {
        return place.isSource && place.digest == subject.digest;
    });
    if (!isThere) // else it is what is meant anyhow
        command += QStringLiteral(" --digest ") + subject.digest;
    return CommandsText::tr("  start it: %1 --wait").arg(command) + QLatin1Char('\n');
}

const PromotionCard *askedAlready(const PromotionBoard &board, const policy::Subject &subject)
{
    const PromotionCard *found = nullptr;
    for (const PromotionCard &card : board.open) {
        const bool isMine = card.requester == board.me.principal;
        if (card.request.subject != subject || card.state == PromotionCard::State::UnderWay ||
            !(isMine || isToStart(card)))
            continue;
        const bool isBetter =
            !found || (isToStart(card) && !isToStart(*found)) ||
            (isMine && isToStart(card) == isToStart(*found) && found->requester != board.me.principal);
        if (isBetter)
            found = &card;
    }
    return found;
}

static QString stopLabel(const policy::BoardStop &stop)
{
    const auto at = [](const QDateTime &time) { return time.toUTC().toString(Qt::ISODate); };
    if (!stop.isFreeze)
        return CommandsText::tr("held:");
    switch (stop.stop.state) {
    case policy::Stop::State::Holds:
        return stop.stop.repeat && stop.stop.until.isValid()
                   ? CommandsText::tr("frozen until %1, and again:").arg(at(stop.stop.until))
                   : CommandsText::tr("frozen:");
    case policy::Stop::State::Later:
        return stop.stop.since.isValid()
                   ? CommandsText::tr("frozen next from %1 until %2:").arg(at(stop.stop.since), at(stop.stop.until))
                   : CommandsText::tr("frozen again, but not within a year:");
    case policy::Stop::State::Unknown:
        return CommandsText::tr("perhaps frozen (when it repeats cannot be told):");
    }
    return {};
}

static Json repeatJson(const std::optional<policy::FreezeRepeat> &repeat)
{
    if (!repeat)
        return nullptr;
    return {{"rule", utf8(repeat->rule)}, {"zone", repeat->zone.toStdString()}, {"seconds", repeat->length.count()}};
}

QString approvalsText(const PromotionBoard &board, const QList<PolicyChangeCard> &changes, const FoundGates &gates,
                      bool withDecided)
{
    QString text;
    const QDateTime now = board.readAt;
    text += gatesText(gates.gates, now);
    if (!gates.gates.isEmpty() && !board.open.isEmpty())
        text += QLatin1Char('\n');
    const Freshness &ledger = board.ledgerFreshness;
    const bool isRead = ledger.isLive() || ledger.state == Freshness::State::Absent;
    if (board.open.isEmpty() && gates.gates.isEmpty())
        text += (gates.problems.isEmpty() && isRead
                     ? CommandsText::tr("Nothing waits. \"signalbox promote APP --to ENV\" asks for a promotion.")
                     : CommandsText::tr("Not everything could be read: whether anything waits is not known.")) +
                QLatin1Char('\n');
    else if (!board.open.isEmpty())
        text += table(board.open, now);
    for (const PromotionCard &card : board.open) {
        if (!card.decision.text.isEmpty())
            text += QStringLiteral("%1: %2\n").arg(card.id, card.decision.text);
        text += startText(card);
    }
    for (const policy::BoardStop &stop : board.stops)
        text += CommandsText::tr("%1 %2 in %3: %4 (%5, entry %6)")
                    .arg(stopLabel(stop), stop.application, stop.environment, stop.stop.reason, stop.stop.who,
                         stop.stop.entry) +
                QLatin1Char('\n');
    for (const policy::BoardDebt &debt : board.debts)
        text += CommandsText::tr("owed: %1 (%2, entry %3)").arg(debt.text, debt.glass.reason, debt.glass.entry) +
                QLatin1Char('\n');
    text += waitingText(changes);
    if (withDecided && !board.decided.isEmpty())
        text += QLatin1Char('\n') + table(board.decided, now);
    return text;
}

QString approvalsJson(const PromotionBoard &board, const QList<PolicyChangeCard> &changes, const FoundGates &gates,
                      ExitStatus status)
{
    Json json = {{"schema", "signalbox.approvals/1"},
                 {"exitStatus", static_cast<int>(status)},
                 {"ledger",
                  {{"address", utf8(board.ledger)},
                   {"tip", orNull(board.tip)},
                   {"policyCommit", orNull(board.policyCommit)},
                   {"notProven", board.ignoredEntries},
                   {"unsent", board.unsent},
                   {"live", board.ledgerFreshness.isLive()}}},
                 {"you",
                  {{"principal", orNull(board.me.principal)},
                   {"key", orNull(board.me.key)},
                   {"problem", orNull(board.me.problem)}}},
                 {"readAt", orNull(board.readAt)}};
    json["open"] = Json::array();
    json["decided"] = Json::array();
    for (const PromotionCard &card : board.open)
        json["open"].push_back(cardJson(card));
    for (const PromotionCard &card : board.decided)
        json["decided"].push_back(cardJson(card));
    json["stops"] = Json::array();
    static const char *const states[] = {"holds", "later", "unknown"};
    for (const policy::BoardStop &stop : board.stops)
        json["stops"].push_back({{"entry", utf8(stop.stop.entry)},
                                 {"kind", stop.isFreeze ? "freeze" : "hold"},
                                 {"state", states[static_cast<int>(stop.stop.state)]},
                                 {"application", utf8(stop.application)},
                                 {"environment", utf8(stop.environment)},
                                 {"who", utf8(stop.stop.who)},
                                 {"reason", utf8(stop.stop.reason)},
                                 {"since", orNull(stop.stop.since)},
                                 {"until", orNull(stop.stop.until)},
                                 {"repeat", repeatJson(stop.stop.repeat)}});
    json["policyChanges"] = policyChangesJson(changes);
    json["gates"] = gatesJson(gates.gates);
    json["gateProblems"] = problemsJson(gates.problems);
    json["debts"] = Json::array();
    for (const policy::BoardDebt &debt : board.debts)
        json["debts"].push_back({{"entry", utf8(debt.glass.entry)},
                                 {"application", utf8(debt.glass.subject.application)},
                                 {"environment", utf8(debt.glass.subject.environment)},
                                 {"who", utf8(debt.glass.who)},
                                 {"reason", utf8(debt.glass.reason)},
                                 {"countersigned", listJson(debt.glass.countersigned)},
                                 {"mayCountersign", permissionJson(debt.mayCountersign)},
                                 {"owed", debt.glass.owed},
                                 {"dueAt", orNull(debt.glass.dueAt)},
                                 {"overdue", debt.glass.isOverdue},
                                 {"text", utf8(debt.text)}});
    return QString::fromStdString(json.dump(2)) + QLatin1Char('\n');
}

QString draftText(const PromotionDraft &draft)
{
    const policy::PromotionRequest &request = draft.request;
    QString text = CommandsText::tr("Promote %1 %2 to %3")
                       .arg(request.subject.application, releaseName(request), request.subject.environment) +
                   QLatin1Char('\n');
    text += changesText(request.changes) + replacedText(request);
    text += pathText(draft.path) + rulesText(draft.decision);
    text += riskText(draft.risk);
    return text;
}

QString cardText(const PromotionCard &card)
{
    const policy::PromotionRequest &request = card.request;
    QString text = QStringLiteral("%1 %2\n").arg(signOf(card), policy::cardStateLabel(card.state)) +
                   CommandsText::tr("Promotion %1: %2 %3 to %4, asked for by %5")
                       .arg(card.id, request.subject.application, releaseName(request), request.subject.environment,
                            card.requester) +
                   QLatin1Char('\n');
    text += changesText(request.changes) + replacedText(request) + lookText(request);
    text += pathText(card.path) + rulesText(card.decision) + riskText(card.risk);
    for (const policy::Vote &vote : card.votes)
        text += QStringLiteral("  %1 %2: %3%4\n")
                    .arg(vote.kind == policy::Vote::Kind::Approval ? CommandsText::tr("approved by")
                                                                   : CommandsText::tr("rejected by"),
                         vote.who, vote.comment,
                         vote.counts ? QString() : CommandsText::tr(" (does not count: %1)").arg(vote.whyNot));
    return text;
}

QString promotionJson(const PromotionReport &report)
{
    Json json = {{"schema", "signalbox.promotion/1"}, {"exitStatus", static_cast<int>(report.status)}};
    json["entry"] = orNull(report.entry);
    json["promotion"] = report.card ? cardJson(*report.card) : Json(nullptr);
    if (report.draft) {
        json["draft"] = requestJson(report.draft->request);
        json["draft"]["text"] = utf8(report.draft->decision.text);
        json["draft"]["rules"] = rulesJson(report.draft->decision);
        json["draft"]["path"] = pathJson(report.draft->path);
        json["draft"]["risk"] = riskJson(report.draft->risk);
        json["draft"]["mayBreakGlass"] = permissionJson(report.draft->mayBreakGlass);
    }
    if (report.plan) {
        const QByteArray operation = operationJson(*report.plan, report.outcome, report.status).toUtf8();
        const Json whole = Json::parse(operation.begin(), operation.end(), nullptr, false);
        json["plan"] = whole.value("plan", Json(nullptr));
        json["outcome"] = whole.value("outcome", Json(nullptr));
    }
    return QString::fromStdString(json.dump(2)) + QLatin1Char('\n');
}

QString freezeText(const policy::FreezeReach &reach)
{
    const policy::FreezeOrder &order = reach.order;
    const auto named = [](const QString &pattern, const QString &all) {
        return pattern == QLatin1String("*") ? all : pattern;
    };
    const auto line = [](const QString &title, const QStringList &words, const QString &none) {
        return QStringLiteral("  %1: %2\n").arg(title, words.isEmpty() ? none : words.join(QStringLiteral(", ")));
    };
    const auto at = [](const QDateTime &time) { return time.toUTC().toString(Qt::ISODate); };
    const QString application = named(order.application, CommandsText::tr("any application"));
    const QString environment = named(order.environment, CommandsText::tr("any environment"));
    QString text;
    if (order.repeat) {
        text = CommandsText::tr(
                   "No promotion of %1 to %2 starts for %3 each time that %4 says (by the clocks of %5, from %6 "
                   "on), %7. Going back stays possible.")
                   .arg(application, environment, durationText(order.repeat->length), order.repeat->rule,
                        QString::fromUtf8(order.repeat->zone), at(order.from),
                        order.isEndless() ? CommandsText::tr("until it is lifted")
                                          : CommandsText::tr("until %1").arg(at(order.until))) +
               QLatin1Char('\n');
        QStringList times;
        for (const policy::Interval &one : reach.next)
            times << CommandsText::tr("%1 to %2").arg(at(one.begin), at(one.end));
        text += line(CommandsText::tr("next"), times, CommandsText::tr("none is known"));
    } else {
        text = CommandsText::tr("No promotion of %1 to %2 starts from %3 until %4. Going back stays possible.")
                   .arg(application, environment, at(order.from), at(order.until)) +
               QLatin1Char('\n');
    }
    text +=
        line(CommandsText::tr("environments"), reach.environments, CommandsText::tr("none of the policy's paths fits"));
    text += line(CommandsText::tr("applications"), reach.applications, CommandsText::tr("none that is known fits"));
    text += line(CommandsText::tr("promotions that cannot start meanwhile"), reach.promotions,
                 CommandsText::tr("none is open"));
    return text;
}

QString freezeJson(const policy::FreezeReach &reach, const QString &entry, ExitStatus status)
{
    const policy::FreezeOrder &order = reach.order;
    Json next = Json::array();
    for (const policy::Interval &one : reach.next)
        next.push_back({{"from", orNull(one.begin)}, {"until", orNull(one.end)}});
    const Json json = {{"schema", "signalbox.freeze/1"},
                       {"exitStatus", static_cast<int>(status)},
                       {"entry", orNull(entry)},
                       {"application", utf8(order.application)},
                       {"environment", utf8(order.environment)},
                       {"from", orNull(order.from)},
                       {"until", orNull(order.isEndless() ? QDateTime() : order.until)},
                       {"reason", utf8(order.reason)},
                       {"repeat", repeatJson(order.repeat)},
                       {"next", next},
                       {"policyCommit", orNull(reach.policyCommit)},
                       {"environments", listJson(reach.environments)},
                       {"applications", listJson(reach.applications)},
                       {"promotions", listJson(reach.promotions)}};
    return QString::fromStdString(json.dump(2)) + QLatin1Char('\n');
}

} // namespace signalbox::commands
