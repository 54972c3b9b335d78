#include "models/policy/cardpermissions.h"

#include "models/policy/policytext.h"

#include <algorithm>

namespace signalbox::policy
{

namespace
{

Permission yes()
{
    return {true, {}};
}

QString rolesText(const QStringList &roles)
{
    return roles.join(PolicyText::tr(" or "));
}

} // namespace

Permission notAllowed(const QString &reason)
{
    return {false, reason};
}

Permission allowedByRoles(const Policy &policy, const BoardOperator &me, const QStringList &roles)
{
    if (!me.problem.isEmpty())
        return notAllowed(me.problem);
    if (me.principal.isEmpty())
        return notAllowed(PolicyText::tr("The policy gives the key %1 to nobody.").arg(me.key));
    return policy.isMember(me.principal, roles) ? yes()
                                                : notAllowed(PolicyText::tr("Only %1 may.").arg(rolesText(roles)));
}

CardPermissions::CardPermissions(const Policy &policy, const EnvironmentPolicy *rules, const BoardOperator &me,
                                 const PromotionCard &card)
    : m_policy(policy)
    , m_rules(rules)
    , m_me(me)
    , m_card(card)
{}

// What stands against any decision of this operator on this promotion; empty: nothing.
QString CardPermissions::against() const
{
    if (!m_me.problem.isEmpty())
        return m_me.problem;
    if (m_me.principal.isEmpty())
        return PolicyText::tr("The policy gives the key %1 to nobody.").arg(m_me.key);
    if (!m_rules)
        return PolicyText::tr("The policy has no rules for it.");
    if (m_card.outcome)
        return PolicyText::tr("It was carried out already: %1.").arg(outcomeKindName(m_card.outcome->kind));
    if (m_card.state == PromotionCard::State::Replaced)
        return PolicyText::tr("A later promotion took its place.");
    return {};
}

QStringList CardPermissions::approvingRoles() const
{
    QStringList roles;
    for (const Quorum &line : m_rules->approvals)
        roles += line.roles;
    roles.removeDuplicates();
    return roles;
}

bool CardPermissions::hasSpoken(const QList<Voice> &voices) const
{
    return std::any_of(voices.begin(), voices.end(),
                       [this](const Voice &voice) { return voice.who == m_me.principal; });
}

// What every voice is bound to.
Permission CardPermissions::ofKnownArtifact() const
{
    const RuleResult *artifact = m_card.decision.rule(Rule::Artifact);
    const QString reason = artifact && artifact->state == RuleResult::State::Pass ? QString()
                           : artifact                                             ? artifact->text
                                                                                  : m_card.decision.text;
    return reason.isEmpty() ? yes() : notAllowed(reason);
}

Permission CardPermissions::approving() const
{
    if (const QString reason = against(); !reason.isEmpty())
        return notAllowed(reason);
    if (m_rules->approvals.isEmpty())
        return notAllowed(PolicyText::tr("No approval is asked for."));
    if (!m_card.decision.claim.isEmpty())
        return notAllowed(PolicyText::tr("%1 carries it out already.").arg(m_card.decision.claimant));
    if (!m_policy.isMember(m_me.principal, approvingRoles()))
        return notAllowed(PolicyText::tr("Only %1 may approve it.").arg(rolesText(approvingRoles())));
    if (m_rules->notRequester && m_me.principal == m_card.decision.requester)
        return notAllowed(PolicyText::tr("You asked for it: somebody else has to approve."));
    const QString excluded = m_me.principal + QStringLiteral(" (");
    for (const QuorumLine &line : m_card.decision.standing.lines) {
        for (const QString &one : line.excluded) {
            if (one.startsWith(excluded))
                return notAllowed(PolicyText::tr("You wrote part of it: somebody else has to approve."));
        }
    }
    if (hasSpoken(m_card.decision.standing.approvals))
        return notAllowed(PolicyText::tr("You have approved it."));
    return ofKnownArtifact();
}

Permission CardPermissions::rejecting() const
{
    if (const QString reason = against(); !reason.isEmpty())
        return notAllowed(reason);
    if (!m_card.decision.claim.isEmpty())
        return notAllowed(
            PolicyText::tr("%1 carries it out already: roll it back instead.").arg(m_card.decision.claimant));
    const QStringList roles = m_rules->veto + approvingRoles();
    if (!m_policy.isMember(m_me.principal, roles))
        return notAllowed(PolicyText::tr("Only %1 may reject it.").arg(rolesText(roles)));
    if (hasSpoken(m_card.decision.standing.vetoes))
        return notAllowed(PolicyText::tr("You have rejected it."));
    return ofKnownArtifact();
}

Permission CardPermissions::starting() const
{
    if (const QString reason = against(); !reason.isEmpty())
        return notAllowed(reason);
    if (m_card.decision.mayStart)
        return yes();
    if (!m_card.decision.claim.isEmpty() && m_card.decision.claimant != m_me.principal)
        return notAllowed(PolicyText::tr("%1 carries it out already.").arg(m_card.decision.claimant));
    if (!m_card.decision.isOpen)
        return notAllowed(m_card.decision.text);
    return notAllowed(PolicyText::tr("Only who asked for it, may approve it or is named as an executor may start it."));
}

Permission CardPermissions::breaking() const
{
    if (const QString reason = against(); !reason.isEmpty())
        return notAllowed(reason);
    if (m_policy.breakGlass.roles.isEmpty())
        return notAllowed(PolicyText::tr("The policy lets nobody act alone."));
    if (!m_policy.isMember(m_me.principal, m_policy.breakGlass.roles))
        return notAllowed(PolicyText::tr("Only %1 may act alone.").arg(rolesText(m_policy.breakGlass.roles)));
    if (m_card.decision.glass)
        return notAllowed(PolicyText::tr("%1 did so already.").arg(m_card.decision.glass->who));
    if (m_card.decision.isOpen)
        return notAllowed(PolicyText::tr("There is no need to: the policy is met."));
    return ofKnownArtifact();
}

} // namespace signalbox::policy
