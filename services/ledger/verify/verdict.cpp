#include "services/ledger/verify/verdict.h"

namespace signalbox::ledger
{
namespace
{

struct Row
{
    Fault fault;
    const char *name;
};
constexpr Row rows[] = {
    {Fault::None, "none"},
    {Fault::Damaged, "damaged"},
    {Fault::OddCommit, "oddCommit"},
    {Fault::Merge, "merge"},
    {Fault::NotSigned, "notSigned"},
    {Fault::SignatureBroken, "signatureBroken"},
    {Fault::SignatureUnsupported, "signatureUnsupported"},
    {Fault::WrongNamespace, "wrongNamespace"},
    {Fault::SignatureInvalid, "signatureInvalid"},
    {Fault::SignatureReplayed, "signatureReplayed"},
    {Fault::UnknownSigner, "unknownSigner"},
    {Fault::NamespaceForbidden, "namespaceForbidden"},
    {Fault::NotYetValid, "notYetValid"},
    {Fault::NoLongerValid, "noLongerValid"},
    {Fault::Revoked, "revoked"},
    {Fault::DateGoesBack, "dateGoesBack"},
    {Fault::DateInFuture, "dateInFuture"},
    {Fault::WrongFirstAdmin, "wrongFirstAdmin"},
    {Fault::BadStart, "badStart"},
    {Fault::NothingAdded, "nothingAdded"},
    {Fault::EntryEdited, "entryEdited"},
    {Fault::EntryRemoved, "entryRemoved"},
    {Fault::EntryRenamed, "entryRenamed"},
    {Fault::SeveralEntries, "severalEntries"},
    {Fault::OtherFileTouched, "otherFileTouched"},
    {Fault::NotAFile, "notAFile"},
    {Fault::WrongPath, "wrongPath"},
    {Fault::NotCanonical, "notCanonical"},
    {Fault::SchemaUnknown, "schemaUnknown"},
    {Fault::EntryInvalid, "entryInvalid"},
    {Fault::WrongWorkspace, "wrongWorkspace"},
    {Fault::WrongPerson, "wrongPerson"},
    {Fault::RoleMissing, "roleMissing"},
    {Fault::ClaimUnknown, "claimUnknown"},
    {Fault::ClaimedTwice, "claimedTwice"},
    {Fault::PolicyMixed, "policyMixed"},
    {Fault::PolicyByNonAdmin, "policyByNonAdmin"},
    {Fault::PolicyInvalid, "policyInvalid"},
    {Fault::PolicyRemoved, "policyRemoved"},
    {Fault::CountersignUnknown, "countersignUnknown"},
    {Fault::CountersignOwn, "countersignOwn"},
};

} // namespace

QString faultName(Fault fault)
{
    return QString::fromLatin1(rows[static_cast<int>(fault)].name);
}

const QList<Fault> &allFaults()
{
    static const QList<Fault> all = [] {
        QList<Fault> faults;
        for (const Row &row : rows)
            faults.append(row.fault);
        return faults;
    }();
    return all;
}

QString stateName(EntryVerdict::State state)
{
    switch (state) {
    case EntryVerdict::State::Good:
        return QStringLiteral("good");
    case EntryVerdict::State::Pending:
        return QStringLiteral("pending");
    case EntryVerdict::State::NotSigned:
        return QStringLiteral("notSigned");
    case EntryVerdict::State::Bad:
        break;
    }
    return QStringLiteral("bad");
}

} // namespace signalbox::ledger
