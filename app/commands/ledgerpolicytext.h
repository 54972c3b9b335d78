#pragma once

#include "app/exitstatus.h"
#include "services/ledger/view/doraview.h"
#include "services/promotions/policydesk.h"

#include <nlohmann/json_fwd.hpp>

// What `signalbox ledger policy | signers | note | figures` and `signalbox countersign COMMIT` print. Times are UTC.
namespace signalbox::commands
{

QString differenceText(const RulesDifference &difference);
QString policyDraftText(const PolicyDraft &draft);
QString policyChangeText(const PolicyChangeCard &card);  // with its difference
QString waitingText(const QList<PolicyChangeCard> &all); // a line each, and how to countersign
nlohmann::ordered_json policyChangesJson(const QList<PolicyChangeCard> &all);

// `written`: none where nothing was (a dry run).
QString policyDraftJson(const PolicyDraft &draft, const std::optional<PolicyWritten> &written, ExitStatus status);
QString policyWrittenText(const PolicyWritten &written);
QString countersignedJson(const PolicyChangeCard &card, const PolicyWritten &written, ExitStatus status);
QString notedJson(const PolicyWritten &written, ExitStatus status);

QString figuresText(const LedgerFigures &figures);
QString figuresJson(const LedgerFigures &figures, ExitStatus status);

} // namespace signalbox::commands
