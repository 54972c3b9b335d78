#include "services/promotions/promotionplan.h"

#include "services/promotions/promotionstext.h"
#include "services/promotions/repositorystep.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace signalbox
{

namespace
{

using Json = nlohmann::json;

QString claimKind()
{
    return QStringLiteral("ledger-claim");
}

} // namespace

QString claimStepId(const QString &entry)
{
    return QStringLiteral("claim-") + entry;
}

PlanStep claimStep(const ClaimOrder &order, const QString &ledger)
{
    const policy::Subject &subject = order.claim.subject;
    PlanStep step;
    step.id = claimStepId(order.entry);
    step.title = PromotionsText::tr("Claim the promotion %1 in the ledger").arg(order.claim.promotion);
    step.through = PromotionsText::tr("Ledger %1").arg(ledger);
    step.call.connection = QStringLiteral("ledger");
    step.call.method = QStringLiteral("APPEND");
    step.call.path = QStringLiteral("claims/") + order.claim.promotion;
    step.expectation.kind = claimKind();
    const Json data{{"entry", order.entry.toStdString()},
                    {"promotion", order.claim.promotion.toStdString()},
                    {"application", subject.application.toStdString()},
                    {"environment", subject.environment.toStdString()},
                    {"digest", subject.digest.toStdString()},
                    {"commit", subject.commit.toStdString()},
                    {"policyCommit", order.claim.policyCommit.toStdString()}};
    step.expectation.data = QByteArray::fromStdString(data.dump());
    step.precondition = PromotionsText::tr("only if nobody has claimed it, the policy is still met, and it is still %1")
                            .arg(policy::shortDigest(subject.digest));
    step.deadline = std::chrono::minutes(3); // a shared ledger is a fetch and a push away, and others push, too
    return step;
}

bool isClaimStep(const PlanStep &step)
{
    return step.expectation.kind == claimKind();
}

std::optional<ClaimOrder> claimOfStep(const PlanStep &step)
{
    if (!isClaimStep(step))
        return std::nullopt;
    const QByteArray &data = step.expectation.data;
    const Json json = Json::parse(data.begin(), data.end(), nullptr, false);
    if (!json.is_object())
        return std::nullopt;
    ClaimOrder order;
    order.entry = textOf(json, "entry");
    order.claim.promotion = textOf(json, "promotion");
    order.claim.subject = {textOf(json, "application"), textOf(json, "environment"), textOf(json, "digest"),
                           textOf(json, "commit")};
    order.claim.policyCommit = textOf(json, "policyCommit");
    if (order.entry.isEmpty() || order.claim.promotion.isEmpty())
        return std::nullopt;
    return order;
}

std::optional<ClaimOrder> claimOf(const Plan &plan)
{
    if (plan.kind != OperationKind::Promote)
        return std::nullopt;
    for (const PlanStep &step : plan.steps) {
        if (auto order = claimOfStep(step))
            return order;
    }
    return std::nullopt;
}

Plan promotionPlan(Plan plan, const policy::PromotionCard &card, const ClaimOrder &order, const QString &ledger,
                   bool isProtected)
{
    const policy::Subject &subject = card.decision.subject;
    plan.kind = OperationKind::Promote;
    plan.direction = Direction::Forward;
    plan.application = subject.application;
    plan.environment = subject.environment;
    plan.isProtected = isProtected;
    plan.reason = card.request.reason;
    plan.toHash = subject.digest;
    if (!card.request.version.isEmpty())
        plan.to = QStringLiteral("%1 (%2)").arg(card.request.version, policy::shortDigest(subject.digest));
    plan.steps.prepend(claimStep(order, ledger));
    plan.checks = policy::checksOf(card.decision, Direction::Forward) + plan.checks;
    return plan;
}

} // namespace signalbox
