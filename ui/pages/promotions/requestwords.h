#pragma once

#include "models/domain/operation.h"
#include "services/ports/promotiondesk.h"

namespace signalbox
{

// What RequestDialog says of a draft and of its plan.

// "1.5.0 from staging to production · sha256:ab12 · 3 commits".
QString summaryOf(const PromotionDraft &draft);
// "1.5.0 sha256:ab12 llama 3": version, digest and model, as far as they are known.
QString releaseOf(const policy::PromotionRequest &request);
// The details of checks go by the clock: without them it is what a hold is for.
enum class EffectDetails { Shown, LeftOut };
// What will be done, step by step.
QString effectOf(const Plan &plan, EffectDetails details = EffectDetails::Shown);
// What of a draft is another thing than what was seen; empty: nothing that whoever signs has to know.
QString whatMoved(const PromotionDraft &seen, const PromotionDraft &now);

} // namespace signalbox
