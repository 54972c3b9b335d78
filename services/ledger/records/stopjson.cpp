// Freezes and holds, and their end.
#include "services/ledger/records/recordjson.h"

namespace signalbox::recordjson
{

using operationjson::timeText;
using operationjson::utf8;

namespace
{

// Never BadField: an entry that is refused stops nothing. What is not understood leaves no rule, and so holds all the
// time that the freeze goes on.
policy::FreezeRepeat repeatFrom(const Fields &freeze)
{
    const auto read = operationjson::decode<policy::FreezeRepeat>({}, [&freeze] {
        const Fields repeat = freeze.object("repeat");
        if (!repeat.hasOnly({"rule", "zone", "seconds"}))
            freeze.fail("repeat", "what this program knows; update it");
        return policy::FreezeRepeat{requiredText(repeat, "rule"), requiredText(repeat, "zone").toLatin1(),
                                    std::chrono::seconds(repeat.number("seconds"))};
    });
    return read && read->length.count() > 0 ? *read : policy::FreezeRepeat{};
}

} // namespace

Json toJson(const policy::FreezeOrder &freeze)
{
    Json json{{"application", utf8(freeze.application)},
              {"environment", utf8(freeze.environment)},
              {"from", timeText(freeze.from)},
              {"until", timeText(freeze.until)},
              {"reason", utf8(freeze.reason)}};
    if (freeze.repeat)
        json["repeat"] = Json{{"rule", utf8(freeze.repeat->rule)},
                              {"zone", freeze.repeat->zone.toStdString()},
                              {"seconds", freeze.repeat->length.count()}};
    return json;
}

policy::FreezeOrder freezeFrom(const Fields &fields)
{
    policy::FreezeOrder freeze{requiredText(fields, "application"), requiredText(fields, "environment"),
                               fields.time("from"), fields.time("until"), requiredText(fields, "reason")};
    if (fields.has("repeat"))
        freeze.repeat = repeatFrom(fields);
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
