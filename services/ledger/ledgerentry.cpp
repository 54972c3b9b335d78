#include "services/ledger/ledgerentry.h"

#include "models/domain/ulid.h"
#include "services/ledger/operationjson.h"
#include "services/ledger/records/recordjson.h"

namespace signalbox
{

using namespace operationjson;

namespace
{

Json toJson(const Debrief &drill)
{
    Json moments = Json::array();
    for (const DrillMoment &moment : drill.moments)
        moments.push_back({{"kind", utf8(drillMomentName(moment.kind))},
                           {"atMs", moment.atMs},
                           {"text", utf8(moment.text)},
                           {"mark", utf8(drillMarkName(moment.mark))}});
    Json mistakes = Json::array();
    for (const QString &mistake : drill.mistakes)
        mistakes.push_back(utf8(mistake));
    Json json{{"name", utf8(drill.drill)},
              {"title", utf8(drill.title)},
              {"application", utf8(drill.application)},
              {"environment", utf8(drill.environment)},
              {"startedAt", timeText(drill.startedAt)},
              {"tookMs", drill.tookMs},
              {"verdict", utf8(drillVerdictName(drill.verdict))},
              {"words", utf8(drill.words)},
              {"moments", std::move(moments)},
              {"mistakes", std::move(mistakes)},
              {"fasterPath", utf8(drill.fasterPath)}};
    if (drill.detectMs)
        json["detectMs"] = *drill.detectMs;
    if (drill.restoreMs)
        json["restoreMs"] = *drill.restoreMs;
    return json;
}

Debrief drillFrom(const Fields &fields, const QString &id)
{
    Debrief drill;
    drill.id = id;
    drill.drill = fields.text("name");
    drill.title = fields.text("title");
    drill.application = fields.text("application");
    drill.environment = fields.text("environment");
    drill.startedAt = fields.time("startedAt");
    drill.tookMs = fields.number("tookMs");
    drill.verdict = fields.named("verdict", allDrillVerdicts(), drillVerdictName);
    drill.words = fields.text("words");
    fields.each("moments", [&drill](const Fields &moment) {
        drill.moments.append({moment.named("kind", allDrillMoments(), drillMomentName), moment.number("atMs"),
                              moment.text("text"), moment.named("mark", allDrillMarks(), drillMarkName)});
    });
    drill.mistakes = fields.texts("mistakes");
    drill.fasterPath = fields.text("fasterPath");
    drill.detectMs = fields.maybeNumber("detectMs");
    drill.restoreMs = fields.maybeNumber("restoreMs");
    return drill;
}

QString drillMessage(const Debrief &drill, const Identity &who)
{
    QString text = QStringLiteral("drill %1: %2\n").arg(drill.drill, drillVerdictName(drill.verdict));
    if (drill.detectMs)
        text += QStringLiteral("\nSeen after: %1").arg(drillClockText(*drill.detectMs));
    if (drill.restoreMs)
        text += QStringLiteral("\nRestored after: %1").arg(drillClockText(*drill.restoreMs));
    return text + QStringLiteral("\nBy: %1@%2\n").arg(who.user, who.host);
}

QString recordMessage(const policy::Record &record, const Identity &who)
{
    QString text = policy::recordTitle(record) + QLatin1Char('\n');
    const QString words = policy::wordsOf(record).simplified();
    if (!words.isEmpty())
        text += QStringLiteral("\n%1").arg(words);
    return text + QStringLiteral("\nBy: %1@%2\n").arg(who.user, who.host);
}

Json envelope(const LedgerEntry &entry)
{
    Json json{{"version", 1},
              {"type", utf8(entry.record ? policy::recordType(*entry.record) : entry.type)},
              {"id", utf8(entry.id)},
              {"at", timeText(entry.at)},
              {"who", operationjson::toJson(entry.who)},
              {"tool", utf8(entry.tool)}};
    if (!entry.workspace.isEmpty())
        json["workspace"] = utf8(entry.workspace);
    return json;
}

// What an operation's entry has beyond the envelope.
void readOperation(const Fields &fields, LedgerEntry &entry)
{
    const Fields target = fields.object("target");
    entry.connection = target.text("connection");
    entry.ns = target.text("namespace");
    entry.application = target.text("application");
    entry.environment = target.text("environment");
    entry.isProtected = target.flag("protected");
    const Fields operation = fields.object("operation");
    entry.kind = operation.named("kind", allOperationKinds(), operationKindName);
    entry.direction = operation.named("direction", allDirections(), directionName);
    entry.from = operation.text("from");
    entry.to = operation.text("to");
    entry.fromHash = operation.text("fromHash");
    entry.toHash = operation.text("toHash");
    entry.effect = operation.text("effect");
    entry.reason = operation.text("reason");
    operation.each("steps", [&entry](const Fields &step) {
        entry.steps.append({step.text("id"), step.text("title"), step.text("through")});
    });
    operation.each("warnings", [&entry](const Fields &check) { entry.warnings.append(checkFrom(check)); });
    entry.outcome = outcomeFrom(fields.object("outcome"));
    entry.isReconciled = fields.flag("reconciled");
    const Fields durations = fields.object("durations");
    entry.durations.detect = durations.maybeNumber("detectMs");
    entry.durations.restore = durations.maybeNumber("restoreMs");
    entry.durations.execute = durations.maybeNumber("executeMs");
}

LedgerEntry entryFrom(const Fields &fields)
{
    if (fields.number("version") != 1)
        fields.fail("version", "1, the only one this program knows; update it");
    LedgerEntry entry;
    entry.type = fields.text("type");
    const bool isDrill = entry.type == QLatin1String("drill");
    const bool isRecord = policy::allRecordTypes().contains(entry.type);
    if (!isDrill && !isRecord && entry.type != QLatin1String("operation"))
        fields.fail("type", "operation, drill or another that this program knows; update it");
    entry.id = fields.text("id");
    if (!isUlid(entry.id))
        fields.fail("id", "a ULID");
    entry.at = fields.time("at");
    entry.who = identityFrom(fields.object("who"));
    entry.tool = fields.text("tool");
    entry.workspace = fields.text("workspace", {});
    if (isRecord) {
        if (entry.workspace.isEmpty())
            fields.fail("workspace", "the name of the workspace it was written for");
        entry.record = recordjson::recordFrom(entry.type, fields);
        return entry;
    }
    if (isDrill) {
        entry.drill = drillFrom(fields.object("drill"), entry.id);
        return entry;
    }
    readOperation(fields, entry);
    return entry;
}

} // namespace

LedgerEntry entryFor(policy::Record record, const QDateTime &at, const Identity &who, const QString &workspace)
{
    LedgerEntry entry;
    entry.id = newUlid(at);
    entry.type = policy::recordType(record);
    entry.at = at;
    entry.who = who;
    entry.tool = QStringLiteral("signalbox " SIGNALBOX_VERSION);
    entry.workspace = workspace;
    entry.record = std::move(record);
    return entry;
}

std::optional<policy::SignedRecord> signedRecord(const LedgerEntry &entry, qint64 position, const QString &signer)
{
    if (entry.drill)
        return std::nullopt;
    policy::SignedRecord record{entry.id, position, entry.at, signer, {}};
    const bool isShift = entry.kind == OperationKind::TrafficShift || entry.kind == OperationKind::TrafficSwitch;
    if (entry.record)
        record.body = *entry.record;
    else // what the others say of where they led nobody asks for, and there may be a hundred thousand
        record.body = policy::OperationRecord{entry.kind,
                                              entry.direction,
                                              entry.application,
                                              entry.environment,
                                              entry.outcome.kind,
                                              entry.durations.restore,
                                              isShift ? entry.to : QString(),
                                              isShift ? entry.from : QString()};
    return record;
}

QString ledgerPath(const LedgerEntry &entry)
{
    const QDate day = ulidTime(entry.id).date();
    return QString::asprintf("entries/%04d/%02d/%02d/", day.year(), day.month(), day.day()) + entry.id +
           QStringLiteral(".json");
}

QString ledgerMessage(const LedgerEntry &entry)
{
    // English, like all that others read in the repository.
    if (entry.drill)
        return drillMessage(*entry.drill, entry.who);
    if (entry.record)
        return recordMessage(*entry.record, entry.who);
    QString text = QStringLiteral("%1 %2 in %3: %4\n")
                       .arg(operationKindName(entry.kind), entry.application, entry.environment,
                            outcomeKindName(entry.outcome.kind));
    const auto line = [&text](const QString &name, const QString &value) {
        if (!value.isEmpty())
            text += QStringLiteral("\n%1: %2").arg(name, value.simplified());
    };
    line(QStringLiteral("From"), entry.from);
    line(QStringLiteral("To"), entry.to);
    line(QStringLiteral("Effect"), entry.effect);
    line(QStringLiteral("Outcome"), entry.outcome.message);
    line(QStringLiteral("Reason"), entry.reason);
    line(QStringLiteral("By"), entry.who.user + QLatin1Char('@') + entry.who.host);
    return text + QLatin1Char('\n');
}

nlohmann::json toJson(const LedgerEntry &entry)
{
    Json json = envelope(entry);
    if (entry.record) {
        json[json.at("type").get<std::string>()] = recordjson::toJson(*entry.record);
        return json;
    }
    if (entry.drill) {
        json["drill"] = toJson(*entry.drill);
        return json;
    }
    Json steps = Json::array();
    for (const LedgerEntry::Step &step : entry.steps)
        steps.push_back({{"id", utf8(step.id)}, {"title", utf8(step.title)}, {"through", utf8(step.through)}});
    Json warnings = Json::array();
    for (const Check &check : entry.warnings)
        warnings.push_back(toJson(check));
    Json durations = Json::object();
    const auto put = [&durations](const char *key, const std::optional<qint64> &ms) {
        if (ms)
            durations[key] = *ms;
    };
    put("detectMs", entry.durations.detect);
    put("restoreMs", entry.durations.restore);
    put("executeMs", entry.durations.execute);
    json.update(Json{{"target", Json{{"connection", utf8(entry.connection)},
                                     {"namespace", utf8(entry.ns)},
                                     {"application", utf8(entry.application)},
                                     {"environment", utf8(entry.environment)},
                                     {"protected", entry.isProtected}}},
                     {"operation", Json{{"kind", utf8(operationKindName(entry.kind))},
                                        {"direction", utf8(directionName(entry.direction))},
                                        {"from", utf8(entry.from)},
                                        {"to", utf8(entry.to)},
                                        {"fromHash", utf8(entry.fromHash)},
                                        {"toHash", utf8(entry.toHash)},
                                        {"effect", utf8(entry.effect)},
                                        {"reason", utf8(entry.reason)},
                                        {"steps", std::move(steps)},
                                        {"warnings", std::move(warnings)}}},
                     {"outcome", toJson(entry.outcome)},
                     {"reconciled", entry.isReconciled},
                     {"durations", std::move(durations)}});
    return json;
}

Result<LedgerEntry> ledgerEntryFromJson(const nlohmann::json &json)
{
    return decode<LedgerEntry>(QStringLiteral("Ledger entry"), [&json] { return entryFrom(Fields(json)); });
}

Result<LedgerEntry> ledgerEntryFrom(const CanonicalDocument &document)
{
    return decode<LedgerEntry>(QStringLiteral("Ledger entry"), [&document] { return entryFrom(Fields(document)); });
}

} // namespace signalbox
