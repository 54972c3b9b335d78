#include "services/ledger/verify/policyat.h"

#include "models/policy/decision.h"
#include "services/policy/policydecoder.h"

#include <QSet>

namespace signalbox::ledger
{
namespace
{

class PolicyFile : public PolicyAt
{
public:
    explicit PolicyFile(policy::Policy policy)
        : m_policy(std::move(policy))
    {
        for (const QString &text : m_policy.revoked) {
            const auto key = ssh::PublicKey::fromLine(text.toUtf8());
            m_revoked.insert(key ? key->fingerprint() : text);
        }
    }

    QString workspace() const override { return m_policy.workspace; }
    QString personOf(const QString &name) const override
    {
        const policy::Principal *person = m_policy.signer(name);
        if (!person)
            person = m_policy.author(name);
        return person ? person->name : QString();
    }
    QStringList rolesOf(const QString &person) const override
    {
        QStringList roles;
        for (const policy::Role &role : m_policy.roles) {
            if (role.members.contains(person))
                roles.append(role.name);
        }
        return roles;
    }
    QStringList admins() const override { return m_policy.members({policy::adminsRole()}); }
    bool mayClaim(const QString &person, const QString &requester, const QString &application,
                  const QString &environment) const override
    {
        return policy::mayClaim(m_policy, application, environment, requester, person);
    }
    bool needsApproval(const QString &application, const QString &environment) const override
    {
        const policy::EnvironmentPolicy *rules = m_policy.rules(application, environment);
        return rules && !rules->approvals.isEmpty();
    }
    std::optional<QStringList> rolesFor(Deed deed, const QString &application,
                                        const QString &environment) const override
    {
        switch (deed) {
        case Deed::Approve:
            return approvers(application, environment);
        case Deed::ActAlone:
            return m_policy.breakGlass.roles;
        case Deed::Countersign:
            return m_policy.breakGlass.countersignRoles;
        case Deed::OrderFreeze:
        case Deed::LiftFreeze:
            return m_policy.freezers();
        case Deed::LiftHold:
            return m_policy.holdLifters();
        }
        return std::nullopt;
    }
    bool isRevoked(const ssh::PublicKey &key) const override
    {
        return !m_revoked.isEmpty() && m_revoked.contains(key.fingerprint());
    }

private:
    // Who may veto may take it back with an approval, too.
    std::optional<QStringList> approvers(const QString &application, const QString &environment) const
    {
        const policy::EnvironmentPolicy *rules = m_policy.rules(application, environment);
        if (!rules || rules->approvals.isEmpty())
            return std::nullopt;
        QStringList roles;
        for (const policy::Quorum &line : rules->approvals)
            roles += line.roles;
        roles += rules->veto;
        roles.removeDuplicates();
        return roles;
    }

    policy::Policy m_policy;
    QSet<QString> m_revoked; // fingerprints
};

} // namespace

Result<std::shared_ptr<const PolicyAt>> readPolicy(const QByteArray &yaml)
{
    auto policy = policy::parsePolicy(yaml, QStringLiteral("policy.yaml"));
    if (!policy)
        return policy.error();
    return std::shared_ptr<const PolicyAt>(std::make_shared<PolicyFile>(*std::move(policy)));
}

} // namespace signalbox::ledger
