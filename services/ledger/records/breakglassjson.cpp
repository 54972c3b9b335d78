// One acts alone, others countersign; a second admin agrees to a change of the policy.
#include "services/ledger/records/recordjson.h"

namespace signalbox::recordjson
{

using operationjson::utf8;

Json toJson(const policy::BreakGlass &use)
{
    Json json{{"subject", toJson(use.subject)}, {"policyCommit", utf8(use.policyCommit)}, {"reason", utf8(use.reason)}};
    put(json, "promotion", use.promotion);
    return json;
}

policy::BreakGlass breakGlassFrom(const Fields &fields)
{
    return {maybeEntryId(fields, "promotion"), subjectFrom(fields), commit(fields, "policyCommit"),
            requiredText(fields, "reason")};
}

Json toJson(const policy::Countersign &sign)
{
    return Json{{"of", utf8(sign.of)}, {"comment", utf8(sign.comment)}};
}

policy::Countersign countersignFrom(const Fields &fields)
{
    return {entryId(fields, "of"), fields.text("comment")};
}

Json toJson(const policy::PolicyCountersign &sign)
{
    return Json{{"commit", utf8(sign.commit)}, {"comment", utf8(sign.comment)}};
}

policy::PolicyCountersign policyCountersignFrom(const Fields &fields)
{
    policy::PolicyCountersign sign{commit(fields, "commit"), fields.text("comment")};
    if (sign.commit.isEmpty())
        fields.fail("commit", "the full id of the commit that changes the policy");
    return sign;
}

} // namespace signalbox::recordjson
