// Freezes and holds, and their end.
#include "services/ledger/records/recordjson.h"

namespace signalbox::recordjson
{

using operationjson::timeText;
using operationjson::utf8;

Json toJson(const policy::FreezeOrder &freeze)
{
    return Json{{"application", utf8(freeze.application)},
                {"environment", utf8(freeze.environment)},
                {"from", timeText(freeze.from)},
                {"until", timeText(freeze.until)},
                {"reason", utf8(freeze.reason)}};
}

policy::FreezeOrder freezeFrom(const Fields &fields)
{
    policy::FreezeOrder freeze{requiredText(fields, "application"), requiredText(fields, "environment"),
                               fields.time("from"), fields.time("until"), requiredText(fields, "reason")};
    if (freeze.until <= freeze.from)
        fields.fail("until", "a time after \"from\"");
    return freeze;
}

Json toJson(const policy::Hold &hold)
{
    Json json{{"application", utf8(hold.application)},
              {"environment", utf8(hold.environment)},
              {"reason", utf8(hold.reason)}};
    put(json, "operation", hold.operation);
    return json;
}

policy::Hold holdFrom(const Fields &fields)
{
    return {requiredText(fields, "application"), requiredText(fields, "environment"), requiredText(fields, "reason"),
            maybeEntryId(fields, "operation")};
}

Json toJson(const policy::Lift &lift)
{
    return Json{{"of", utf8(lift.of)}, {"reason", utf8(lift.reason)}};
}

policy::Lift liftFrom(const Fields &fields)
{
    return {entryId(fields, "of"), fields.text("reason")};
}

} // namespace signalbox::recordjson
