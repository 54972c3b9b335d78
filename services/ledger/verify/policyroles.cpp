#include "services/ledger/verify/policyat.h"

#include "services/workspace/yamldocument.h"

#include <QCoreApplication>
#include <QHash>
#include <QSet>

namespace signalbox::ledger
{
namespace
{

struct Text
{
    Q_DECLARE_TR_FUNCTIONS(LedgerPolicy)
};

class Roles : public PolicyAt
{
public:
    QString workspace() const override { return m_workspace; }
    QString personOf(const QString &name) const override
    {
        const QString known = m_persons.value(name.toLower());
        if (!known.isEmpty() || m_hasPrincipals)
            return known;
        return m_roles.contains(name) ? name : QString();
    }
    QStringList rolesOf(const QString &person) const override { return m_roles.value(person); }
    QStringList admins() const override { return m_admins; }
    bool isRevoked(const ssh::PublicKey &key) const override { return m_revoked.contains(key.fingerprint()); }

    Result<void> read(const YamlDocument &document)
    {
        const YamlValue root(document);
        if (!root.isMap())
            return root.problem(Text::tr("a map with \"roles\""), root.shape(), {});
        m_workspace = root[QStringLiteral("workspace")].text();
        for (const YamlValue &value : root[QStringLiteral("principals")].items())
            readPrincipal(value);
        if (auto read = readRoles(root[QStringLiteral("roles")]); !read)
            return read;
        for (const YamlValue &value : root[QStringLiteral("revoked")].items()) {
            const auto key = ssh::PublicKey::fromLine(value.text().toUtf8());
            if (!key && !value.text().startsWith(QLatin1String("SHA256:")))
                return value.problem(Text::tr("a key's fingerprint (SHA256:...) or its line"), value.shape(), {});
            m_revoked.insert(key ? key->fingerprint() : value.text());
        }
        if (m_admins.isEmpty())
            return root.problem(Text::tr("at least one member of the role \"admins\""), Text::tr("none"),
                                Text::tr("Without one nobody could ever change the policy."));
        return {};
    }

private:
    void readPrincipal(const YamlValue &value)
    {
        m_hasPrincipals = true;
        const QString name = value[QStringLiteral("name")].text();
        for (const char *key : {"keys", "emails"}) {
            for (const YamlValue &one : value[QString::fromLatin1(key)].items())
                m_persons.insert(one.text().toLower(), name);
        }
        m_persons.insert(name.toLower(), name);
    }

    Result<void> readRoles(const YamlValue &roles)
    {
        if (roles.isMap()) {
            for (const QString &role : roles.keys())
                readMembers(role, roles[role]);
        } else {
            for (const YamlValue &role : roles.items())
                readMembers(role[QStringLiteral("name")].text(), role[QStringLiteral("members")]);
        }
        if (!roles.isMap() && !roles.isList())
            return roles.problem(Text::tr("a map from role to people"), roles.shape(), {});
        return {};
    }

    void readMembers(const QString &role, const YamlValue &members)
    {
        const YamlValue list = members.isMap() ? members[QStringLiteral("members")] : members;
        for (const YamlValue &member : list.items()) {
            const QString person = member.text();
            m_roles[person].append(role);
            if (role == QLatin1String("admins") && !m_admins.contains(person))
                m_admins.append(person);
        }
    }

    QString m_workspace;
    bool m_hasPrincipals = false;
    QHash<QString, QString> m_persons;   // by name in allowed_signers or e-mail, in lower case
    QHash<QString, QStringList> m_roles; // by person
    QStringList m_admins;
    QSet<QString> m_revoked; // fingerprints
};

} // namespace

Result<std::shared_ptr<const PolicyAt>> readRoles(const QByteArray &yaml)
{
    const auto document = YamlDocument::parse(yaml, QStringLiteral("policy.yaml"));
    if (!document)
        return document.error();
    auto roles = std::make_shared<Roles>();
    if (const auto read = roles->read(*document); !read)
        return read.error();
    return std::shared_ptr<const PolicyAt>(std::move(roles));
}

} // namespace signalbox::ledger
