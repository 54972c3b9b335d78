#pragma once

#include "models/policy/promotionboard.h"

namespace signalbox::policy
{

Permission notAllowed(const QString &reason);
// Whoever has one of the roles may.
Permission allowedByRoles(const Policy &policy, const BoardOperator &me, const QStringList &roles);

// What one operator may do with one promotion; if not, why. Borrows all it is given; the card's decision, outcome and
// state must be there already. Internal to promotionboard.cpp.
class CardPermissions
{
public:
    // `rules`: of the environment it goes to; null: the policy has none.
    CardPermissions(const Policy &policy, const EnvironmentPolicy *rules, const BoardOperator &me,
                    const PromotionCard &card);

    Permission approving() const;
    Permission rejecting() const;
    Permission starting() const;
    Permission breaking() const; // the glass: acting alone

private:
    QString against() const;
    QStringList approvingRoles() const;
    bool hasSpoken(const QList<Voice> &voices) const;
    Permission ofKnownArtifact() const;

    const Policy &m_policy;
    const EnvironmentPolicy *m_rules = nullptr;
    const BoardOperator &m_me;
    const PromotionCard &m_card;
};

} // namespace signalbox::policy
