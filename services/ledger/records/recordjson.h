#pragma once

#include "models/policy/records.h"
#include "services/ledger/operationjson.h"

// JSON of the records about promotions, one file a family: resources/ledger-entry.schema.json describes each field.
namespace signalbox::recordjson
{

using operationjson::Fields;
using operationjson::Json;

// One that stands below the key of its type: {"approval": {...}}.
Json toJson(const policy::Record &record);
policy::Record recordFrom(const QString &type, const Fields &fields);

Json toJson(const policy::Subject &subject);
policy::Subject subjectFrom(const Fields &fields); // at its key "subject"

Json toJson(const policy::PromotionRequest &request);
Json toJson(const policy::Approval &approval);
Json toJson(const policy::Rejection &rejection);
Json toJson(const policy::Claim &claim);
Json toJson(const policy::PromotionOutcome &outcome);
Json toJson(const policy::FreezeOrder &freeze);
Json toJson(const policy::Hold &hold);
Json toJson(const policy::Lift &lift);
Json toJson(const policy::BreakGlass &use);
Json toJson(const policy::Countersign &sign);
Json toJson(const policy::PolicyCountersign &sign);
Json toJson(const policy::Note &note);

policy::PromotionRequest requestFrom(const Fields &fields);
policy::Approval approvalFrom(const Fields &fields);
policy::Rejection rejectionFrom(const Fields &fields);
policy::Claim claimFrom(const Fields &fields);
policy::PromotionOutcome promotionOutcomeFrom(const Fields &fields);
policy::FreezeOrder freezeFrom(const Fields &fields);
policy::Hold holdFrom(const Fields &fields);
policy::Lift liftFrom(const Fields &fields);
policy::BreakGlass breakGlassFrom(const Fields &fields);
policy::Countersign countersignFrom(const Fields &fields);
policy::PolicyCountersign policyCountersignFrom(const Fields &fields);
policy::Note noteFrom(const Fields &fields);

// Parts that several of them have. Each throws BadField.
QString entryId(const Fields &fields, const char *key);      // a ULID
QString maybeEntryId(const Fields &fields, const char *key); // or empty, where it is missing
QString digest(const Fields &fields, const char *key);       // "sha256:..."; or empty
QString commit(const Fields &fields, const char *key);       // 40 or 64 hexadecimal digits; or empty
QString requiredText(const Fields &fields, const char *key); // not empty
void put(Json &json, const char *key, const QString &text);  // left out where it is empty
void putTime(Json &json, const char *key, const QDateTime &time);

} // namespace signalbox::recordjson
