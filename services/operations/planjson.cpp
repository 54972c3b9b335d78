#include "services/operations/planjson.h"

#include <QCryptographicHash>

namespace signalbox::operationjson
{
namespace
{

Json objectJson(const ObjectRef &ref)
{
    return Json{{"connection", utf8(ref.connection)}, {"group", utf8(ref.group)}, {"kind", utf8(ref.kind)},
                {"namespace", utf8(ref.ns)},          {"name", utf8(ref.name)},   {"uid", utf8(ref.uid)}};
}

ObjectRef objectFrom(const Fields &fields)
{
    return {fields.text("connection"), fields.text("group"), fields.text("kind"),
            fields.text("namespace"),  fields.text("name"),  fields.text("uid")};
}

} // namespace

Json toJson(const PlanStep &step)
{
    // The data is bytes of the adapter's own: base64 keeps what is not UTF-8.
    Json json{{"id", utf8(step.id)},
              {"title", utf8(step.title)},
              {"through", utf8(step.through)},
              {"connection", utf8(step.call.connection)},
              {"method", utf8(step.call.method)},
              {"path", utf8(step.call.path)},
              {"contentType", utf8(step.call.contentType)},
              {"expectation", Json{{"kind", utf8(step.expectation.kind)},
                                   {"object", objectJson(step.expectation.object)},
                                   {"data", step.expectation.data.toBase64().toStdString()}}},
              {"precondition", utf8(step.precondition)},
              {"deadlineMs", static_cast<qint64>(step.deadline.count())},
              {"dwellS", static_cast<qint64>(step.dwell.count())}};
    if (!step.call.isSecret && !step.isBodyHidden) // a short password is found by trying what has this digest
        json["bodySha256"] = QCryptographicHash::hash(step.call.body, QCryptographicHash::Sha256).toHex().toStdString();
    if (!step.undoHint.isEmpty())
        json["undoHint"] = utf8(step.undoHint);
    return json;
}

PlanStep stepFrom(const Fields &fields)
{
    PlanStep step;
    step.id = fields.text("id");
    step.title = fields.text("title");
    step.through = fields.text("through");
    step.call = {fields.text("connection"), fields.text("method"), fields.text("path"), fields.text("contentType"), {}};
    const Fields expectation = fields.object("expectation");
    step.expectation.kind = expectation.text("kind");
    step.expectation.object = objectFrom(expectation.object("object"));
    step.expectation.data = QByteArray::fromBase64(expectation.text("data").toLatin1());
    step.undoHint = fields.text("undoHint", {});
    step.precondition = fields.text("precondition");
    step.deadline = std::chrono::milliseconds(fields.number("deadlineMs"));
    step.dwell = std::chrono::seconds(fields.number("dwellS"));
    return step;
}

Json toJson(const Plan &plan)
{
    Json json{{"id", utf8(plan.id)},
              {"kind", utf8(operationKindName(plan.kind))},
              {"direction", utf8(directionName(plan.direction))},
              {"application", utf8(plan.application)},
              {"environment", utf8(plan.environment)},
              {"connection", utf8(plan.connection)},
              {"namespace", utf8(plan.ns)},
              {"protected", plan.isProtected},
              {"from", utf8(plan.from)},
              {"to", utf8(plan.to)},
              {"fromHash", utf8(plan.fromHash)},
              {"toHash", utf8(plan.toHash)},
              {"effect", utf8(plan.effect)},
              {"reason", utf8(plan.reason)}};
    if (!plan.server.isEmpty())
        json["server"] = utf8(plan.server);
    if (!hidesAnyBody(plan)) // it is made from the bodies
        json["fingerprint"] = plan.fingerprint().toStdString();
    if (plan.plannedAt.isValid())
        json["plannedAt"] = timeText(plan.plannedAt);
    json["steps"] = Json::array();
    for (const PlanStep &step : plan.steps) {
        if (step.isOptional && !step.isChosen)
            continue;
        json["steps"].push_back(toJson(step));
        if (hidesBody(step, plan.kind))
            json["steps"].back().erase("bodySha256");
    }
    json["checks"] = Json::array();
    for (const Check &check : plan.checks)
        json["checks"].push_back(toJson(check));
    return json;
}

Plan planFrom(const Fields &fields)
{
    Plan plan;
    plan.id = fields.text("id");
    plan.kind = fields.named("kind", allOperationKinds(), operationKindName);
    plan.direction = fields.named("direction", allDirections(), directionName);
    plan.application = fields.text("application");
    plan.environment = fields.text("environment");
    plan.connection = fields.text("connection");
    plan.ns = fields.text("namespace");
    plan.server = fields.text("server", {});
    plan.isProtected = fields.flag("protected");
    plan.from = fields.text("from");
    plan.to = fields.text("to");
    plan.fromHash = fields.text("fromHash");
    plan.toHash = fields.text("toHash");
    plan.effect = fields.text("effect");
    plan.reason = fields.text("reason");
    plan.plannedAt = fields.maybeTime("plannedAt");
    fields.each("steps", [&plan](const Fields &item) { plan.steps.append(stepFrom(item)); });
    fields.each("checks", [&plan](const Fields &item) { plan.checks.append(checkFrom(item)); });
    return plan;
}

} // namespace signalbox::operationjson
