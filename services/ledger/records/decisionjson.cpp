// What people decide about a promotion, and who carries it out.
#include "services/ledger/records/recordjson.h"

namespace signalbox::recordjson
{

using operationjson::utf8;

namespace
{

template <typename T>
Json bound(const T &one)
{
    return Json{
        {"promotion", utf8(one.promotion)}, {"subject", toJson(one.subject)}, {"policyCommit", utf8(one.policyCommit)}};
}

template <typename T>
T boundFrom(const Fields &fields)
{
    T one;
    one.promotion = entryId(fields, "promotion");
    one.subject = subjectFrom(fields);
    one.policyCommit = commit(fields, "policyCommit");
    return one;
}

template <typename T>
Json commented(const T &one)
{
    Json json = bound(one);
    json["comment"] = utf8(one.comment);
    return json;
}

template <typename T>
T commentedFrom(const Fields &fields)
{
    T one = boundFrom<T>(fields);
    one.comment = fields.text("comment");
    return one;
}

} // namespace

Json toJson(const policy::Approval &approval)
{
    return commented(approval);
}

policy::Approval approvalFrom(const Fields &fields)
{
    return commentedFrom<policy::Approval>(fields);
}

Json toJson(const policy::Rejection &rejection)
{
    return commented(rejection);
}

policy::Rejection rejectionFrom(const Fields &fields)
{
    return commentedFrom<policy::Rejection>(fields);
}

Json toJson(const policy::Claim &claim)
{
    return bound(claim);
}

policy::Claim claimFrom(const Fields &fields)
{
    return boundFrom<policy::Claim>(fields);
}

} // namespace signalbox::recordjson
