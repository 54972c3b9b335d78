// How a promotion ended.
#include "services/ledger/records/recordjson.h"

namespace signalbox::recordjson
{

using operationjson::utf8;

Json toJson(const policy::PromotionOutcome &outcome)
{
    Json json{{"promotion", utf8(outcome.promotion)},
              {"claim", utf8(outcome.claim)},
              {"subject", toJson(outcome.subject)},
              {"kind", utf8(outcomeKindName(outcome.kind))},
              {"message", utf8(outcome.message)}};
    put(json, "operation", outcome.operation);
    putTime(json, "startedAt", outcome.startedAt);
    putTime(json, "observedAt", outcome.observedAt);
    if (outcome.isAlone)
        json["onlyTrack"] = true;
    return json;
}

policy::PromotionOutcome promotionOutcomeFrom(const Fields &fields)
{
    policy::PromotionOutcome outcome;
    outcome.promotion = entryId(fields, "promotion");
    outcome.claim = entryId(fields, "claim");
    outcome.subject = subjectFrom(fields);
    outcome.kind = fields.named("kind", operationjson::allOutcomes(), outcomeKindName);
    outcome.message = fields.text("message");
    outcome.operation = maybeEntryId(fields, "operation");
    outcome.startedAt = fields.maybeTime("startedAt");
    outcome.observedAt = fields.maybeTime("observedAt");
    outcome.isAlone = fields.has("onlyTrack") && fields.flag("onlyTrack");
    if (outcome.kind == OutcomeKind::Done && !outcome.observedAt.isValid())
        fields.fail("observedAt", "the time when the effect was seen: done means observed");
    return outcome;
}

} // namespace signalbox::recordjson
