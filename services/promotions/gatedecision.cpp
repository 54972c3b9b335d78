#include "services/promotions/gatedecision.h"

#include "models/domain/digest.h"
#include "services/gate/gate.h"
#include "services/promotions/promotionstext.h"

namespace signalbox
{

namespace
{

// By the gate that the policy names, else by the environment. Vendors do not always tell case apart (names of
// environments at GitHub are not case sensitive), and rules must not be passed by for a capital letter.
const policy::EnvironmentPolicy *rulesOf(const policy::Policy &policy, const GateOrder &order)
{
    const auto named = [&](bool inItsEnvironment) -> const policy::EnvironmentPolicy * {
        for (const policy::EnvironmentPolicy &rules : policy.environments) {
            const bool isThere = rules.environment.compare(order.environment, Qt::CaseInsensitive) == 0;
            if ((isThere || !inItsEnvironment) && isGateOf(rules.execution, order.gate) &&
                policy::matchesAny(rules.applications, order.application))
                return &rules;
        }
        return nullptr;
    };
    // Gates of several environments may have the same words: its own environment's rules come first.
    if (const policy::EnvironmentPolicy *rules = named(true))
        return rules;
    if (!order.environment.isEmpty() && policy.rules(order.application, order.environment))
        return policy.rules(order.application, order.environment);
    if (const policy::EnvironmentPolicy *rules = named(false))
        return rules;
    if (order.environment.isEmpty())
        return nullptr;
    if (const policy::EnvironmentPolicy *rules = policy.rules(order.application, order.environment))
        return rules;
    for (const policy::EnvironmentPolicy &rules : policy.environments) {
        if (rules.environment.compare(order.environment, Qt::CaseInsensitive) == 0 &&
            policy::matchesAny(rules.applications, order.application))
            return &rules;
    }
    return nullptr;
}

Check policyCheck(CheckState state, const QString &detail, const QString &wayOut = {})
{
    return {CheckId::Policy, state, PromotionsText::tr("The ledger's policy"), detail, wayOut};
}

QString placeOf(const GateOrder &order)
{
    return order.environment.isEmpty() ? PromotionsText::tr("%1 without an environment").arg(order.application)
                                       : PromotionsText::tr("%1 in %2").arg(order.application, order.environment);
}

GateStanding unknownTo(const GateOrder &order)
{
    GateStanding standing;
    standing.environment = order.environment;
    standing.isProtected = isProtectedByName(order.environment);
    standing.isOpen = true;
    return standing;
}

Check sayingNo()
{
    return policyCheck(CheckState::Pass, PromotionsText::tr("Saying no needs nobody's agreement."));
}

} // namespace

bool isGateOf(const policy::Execution &execution, const WaitingGate &gate)
{
    return execution.kind == policy::Execution::Kind::VendorGate && execution.connection == gate.connection &&
           !execution.gate.isEmpty() &&
           QStringList{gate.environment, gate.title, gate.job, gate.id}.contains(execution.gate);
}

GateStanding gateStanding(const policy::LedgerHead &head, const GateOrder &order, const QDateTime &now)
{
    GateStanding standing = unknownTo(order);
    const policy::EnvironmentPolicy *rules = rulesOf(head.policy, order);
    if (rules) {
        standing.environment = rules->environment;
        standing.isProtected = rules->isProtected;
        standing.isKnown = true;
    }
    if (!order.approves) {
        standing.checks.append(sayingNo());
        return standing;
    }
    if (!rules) {
        standing.checks.append(policyCheck(
            CheckState::Pass,
            PromotionsText::tr("It says nothing of %1: the vendor's own rules alone decide.").arg(placeOf(order))));
        return standing;
    }
    standing.isOpen = false;
    if (!isCommitId(order.gate.commit)) {
        standing.checks.append(policyCheck(
            CheckState::Block,
            PromotionsText::tr("It lets exactly one commit of %1 go to %2, and the vendor does not say which one "
                               "waits here.")
                .arg(order.application, rules->environment),
            PromotionsText::tr("Look at the run at the vendor.")));
        return standing;
    }
    const policy::GateVerdict verdict =
        policy::gateVerdict(head, {order.application, rules->environment, {}, order.gate.commit}, now);
    standing.isOpen = verdict.isOpen;
    standing.promotion = verdict.decision.promotion;
    standing.checks = policy::checksOf(verdict.decision, Direction::Forward);
    const bool isSaid = std::any_of(standing.checks.cbegin(), standing.checks.cend(),
                                    [](const Check &check) { return check.state == CheckState::Block; });
    if (!verdict.isOpen && !isSaid)
        standing.checks.prepend(policyCheck(CheckState::Block, verdict.text));
    return standing;
}

GateStanding withWorld(const GateStanding &standing, const policy::PromotionCard &card)
{
    GateStanding whole = standing;
    const QList<Check> seen = policy::checksOf(card.decision, Direction::Forward);
    if (!standing.isOpen) {
        whole.isOpen = card.decision.isOpen;
        if (card.decision.isOpen || card.isLive()) // the clusters know more than the ledger does
            whole.checks = seen;
        return whole;
    }
    const policy::RuleResult *const alerts = card.decision.rule(policy::Rule::Alerts);
    if (!alerts || alerts->state != policy::RuleResult::State::Block)
        return whole;
    std::copy_if(seen.cbegin(), seen.cend(), std::back_inserter(whole.checks),
                 [](const Check &check) { return check.id == CheckId::FiringAlerts; });
    return whole;
}

GateStanding gateStanding(const std::optional<Error> &problem, const GateOrder &order)
{
    GateStanding standing = unknownTo(order);
    if (!order.approves)
        standing.checks.append(sayingNo());
    else if (problem) {
        standing.isOpen = false;
        standing.checks.append(policyCheck(
            CheckState::Block, PromotionsText::tr("It could not be read: %1").arg(problem->message),
            PromotionsText::tr("Look at the ledger first: \"signalbox ledger status\" says what is wrong.")));
    } else
        standing.checks.append(policyCheck(
            CheckState::Pass,
            PromotionsText::tr("There is no ledger with a policy here: the vendor's own rules alone decide.")));
    return standing;
}

} // namespace signalbox
