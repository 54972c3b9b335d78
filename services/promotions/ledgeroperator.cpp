#include "services/promotions/ledgeroperator.h"

#include "models/policy/decisionwords.h"
#include "services/git/objectreader.h"
#include "services/ledger/signing/allowedsigners.h"
#include "services/ledger/signing/signer.h"
#include "services/ledger/signing/sshsig.h"
#include "services/promotions/promotionstext.h"

#include <algorithm>

namespace signalbox
{

namespace
{

// Empty where it cannot be read.
ssh::AllowedSigners signersAt(const QString &path, const QString &commit)
{
    constexpr qsizetype mostBytes = 4 * 1024 * 1024;
    auto reader = git::ObjectReader::open(path);
    const auto id = git::ObjectId::fromHex(commit.toLatin1());
    if (!reader || !id)
        return {};
    const auto text = reader->commitText(*id);
    const auto parsed = text ? git::parseCommit(*text) : std::nullopt;
    const auto file = parsed ? reader->fileOf(parsed->tree, "allowed_signers")
                             : Result<std::optional<git::ObjectId>>(std::optional<git::ObjectId>());
    if (!file || !*file)
        return {};
    const auto bytes = reader->blob(**file, mostBytes);
    return bytes ? ssh::AllowedSigners::parse(*bytes, QStringLiteral("allowed_signers")) : ssh::AllowedSigners();
}

} // namespace

policy::BoardOperator operatorOf(const policy::LedgerHead &head, const QString &path,
                                 const Result<std::shared_ptr<ssh::Signer>> &signer, const Identity &who)
{
    policy::BoardOperator me;
    if (!signer) {
        me.problem = signer.error().message;
        return me;
    }
    const ssh::PublicKey &key = (*signer)->publicKey();
    me.key = key.fingerprint();
    me.needsTouch = (*signer)->needsTouch();
    const ssh::SignerFinding found =
        signersAt(path, head.policyCommit)
            .find(key, ssh::gitNamespace, QDateTime::currentDateTimeUtc(), who.email.toUtf8());
    switch (found.kind) {
    case ssh::SignerFinding::Kind::Allowed:
        break;
    case ssh::SignerFinding::Kind::UnknownKey:
        me.problem = PromotionsText::tr("The ledger's allowed_signers does not have your key %1: an admin can add it.")
                         .arg(me.key);
        return me;
    case ssh::SignerFinding::Kind::WrongNamespace:
        me.problem =
            PromotionsText::tr("The ledger's allowed_signers does not let your key %1 sign commits.").arg(me.key);
        return me;
    case ssh::SignerFinding::Kind::NotYetValid:
    case ssh::SignerFinding::Kind::NoLongerValid:
        me.problem = PromotionsText::tr("Your key %1 is not valid at this time (%2 in allowed_signers).")
                         .arg(me.key, policy::words::time(found.limit));
        return me;
    }
    if (const policy::Principal *principal = head.policy.signer(found.principal)) {
        me.principal = principal->name;
        me.title = principal->title.isEmpty() ? principal->name : principal->title;
        const auto &roles = head.policy.roles;
        if (std::none_of(roles.cbegin(), roles.cend(),
                         [&](const policy::Role &role) { return role.members.contains(principal->name); }))
            me.problem = PromotionsText::tr(
                             "The policy gives %1 no role, and what somebody without a role signs does not count: "
                             "an admin can add one.")
                             .arg(principal->name);
    } else {
        me.problem =
            PromotionsText::tr("The policy does not say who %1 is: an admin can name the key under a principal.")
                .arg(found.principal);
    }
    return me;
}

} // namespace signalbox
