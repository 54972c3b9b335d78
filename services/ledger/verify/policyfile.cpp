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
    bool isRevoked(const ssh::PublicKey &key) const override
    {
        return !m_revoked.isEmpty() && m_revoked.contains(key.fingerprint());
    }

private:
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
