#pragma once

#include "app/commands/vendorgates.h"
#include "app/exitstatus.h"
#include "models/domain/operation.h"
#include "services/ports/promotiondesk.h"
#include "services/promotions/policydesk.h"

#include <optional>

// What `signalbox promote | approvals | approve | reject | freeze` and their like print. Times are UTC.
namespace signalbox::commands
{

QString approvalsText(const policy::PromotionBoard &board, const QList<PolicyChangeCard> &changes,
                      const FoundGates &gates, bool withDecided);
QString approvalsJson(const policy::PromotionBoard &board, const QList<PolicyChangeCard> &changes,
                      const FoundGates &gates, ExitStatus status);

QString draftText(const PromotionDraft &draft);
QString cardText(const policy::PromotionCard &card);
// The command that starts it; empty: it is not this operator's to start, or not now.
QString startText(const policy::PromotionCard &card);
// The open promotion of exactly this that `promote` takes up, so that nothing is asked for twice: one that this
// operator may start now, their own first; else one that they asked for. Null: there is none.
const policy::PromotionCard *askedAlready(const policy::PromotionBoard &board, const policy::Subject &subject);
// One promotion and what became of it; `entry` is what was written by this run, empty: nothing.
struct PromotionReport
{
    std::optional<policy::PromotionCard> card;
    std::optional<PromotionDraft> draft;
    std::optional<Plan> plan;
    std::optional<Outcome> outcome;
    QString entry;
    ExitStatus status = ExitStatus::Done;
};
QString promotionJson(const PromotionReport &report);

// What a freeze refuses and until when; `entry`: where it was ordered, empty: it was not.
QString freezeText(const policy::FreezeReach &reach);
QString freezeJson(const policy::FreezeReach &reach, const QString &entry, ExitStatus status);

} // namespace signalbox::commands
