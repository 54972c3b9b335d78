// A remark.
#include "services/ledger/records/recordjson.h"

namespace signalbox::recordjson
{

using operationjson::utf8;

Json toJson(const policy::Note &note)
{
    Json json = Json::object();
    json["text"] = utf8(note.text);
    put(json, "about", note.about);
    put(json, "application", note.application);
    put(json, "environment", note.environment);
    return json;
}

policy::Note noteFrom(const Fields &fields)
{
    return {maybeEntryId(fields, "about"), fields.text("application", {}), fields.text("environment", {}),
            requiredText(fields, "text")};
}

} // namespace signalbox::recordjson
