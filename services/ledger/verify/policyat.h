#pragma once

#include "models/domain/result.h"
#include "services/ledger/signing/publickey.h"

#include <QByteArray>
#include <QString>
#include <QStringList>

#include <functional>
#include <memory>
#include <optional>

namespace signalbox::ledger
{

// What takes a role of its own, besides having one at all.
enum class Deed { Approve, ActAlone, Countersign, OrderFreeze, LiftFreeze, LiftHold };

// What verifying a chain has to know of a policy.yaml: who people are and which roles they have. Immutable; any thread.
class PolicyAt
{
public:
    virtual ~PolicyAt() = default;

    virtual QString workspace() const = 0; // whose ledger it is; empty: it does not say
    // Whom the policy means with a name of allowed_signers, or with an e-mail. Empty: nobody.
    virtual QString personOf(const QString &name) const = 0;
    virtual QStringList rolesOf(const QString &person) const = 0;
    virtual QStringList admins() const = 0; // persons that may change policy and allowed_signers
    // Whether a person may carry out what another one asked for there.
    virtual bool mayClaim(const QString &person, const QString &requester, const QString &application,
                          const QString &environment) const = 0;
    // Whether somebody has to approve what goes there: then what they approve is known by its digest.
    virtual bool needsApproval(const QString &application, const QString &environment) const = 0;
    // The roles one of which that takes there (application and environment count for Approve alone); empty: nobody may.
    // None: everybody with a role may, as where no approval is asked for.
    virtual std::optional<QStringList> rolesFor(Deed deed, const QString &application,
                                                const QString &environment) const = 0;
    // Compromised: nothing signed with it counts from here on, whatever allowed_signers says.
    virtual bool isRevoked(const ssh::PublicKey &key) const = 0;
};

using PolicyReader = std::function<Result<std::shared_ptr<const PolicyAt>>(const QByteArray &yaml)>;

// A policy.yaml as services/policy reads it. One that cannot be read, or that a later version wrote, is Invalid.
Result<std::shared_ptr<const PolicyAt>> readPolicy(const QByteArray &yaml);

} // namespace signalbox::ledger
