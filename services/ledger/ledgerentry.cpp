#include "services/ledger/ledgerentry.h"

#include "models/domain/ulid.h"
#include "services/ledger/operationjson.h"

namespace signalbox
{

using namespace operationjson;

QString ledgerPath(const LedgerEntry &entry)
{
    const QDateTime at = ulidTime(entry.id);
    return QStringLiteral("entries/%1/%2.json").arg(at.toString(QStringLiteral("yyyy/MM/dd")), entry.id);
}

QString ledgerMessage(const LedgerEntry &entry)
{
    // English, like all that others read in the repository.
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
    return Json{{"version", 1},
                {"type", utf8(entry.type)},
                {"id", utf8(entry.id)},
                {"at", timeText(entry.at)},
                {"who", toJson(entry.who)},
                {"tool", utf8(entry.tool)},
                {"target", Json{{"connection", utf8(entry.connection)},
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
                {"durations", std::move(durations)}};
}

Result<LedgerEntry> ledgerEntryFromJson(const nlohmann::json &json)
{
    return decode<LedgerEntry>(QStringLiteral("Ledger entry"), [&json] {
        const Fields fields(json, {});
        if (fields.number("version") != 1)
            fields.fail("version", "1, the only one this program knows; update it");
        LedgerEntry entry;
        entry.type = fields.text("type");
        if (entry.type != QLatin1String("operation"))
            fields.fail("type", "operation, the only one this program knows; update it");
        entry.id = fields.text("id");
        if (!isUlid(entry.id))
            fields.fail("id", "a ULID");
        entry.at = fields.time("at");
        entry.who = identityFrom(fields.object("who"));
        entry.tool = fields.text("tool");
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
        return entry;
    });
}

} // namespace signalbox
