#pragma once

#include "models/domain/result.h"
#include "services/git/commitobject.h"

#include <QByteArray>
#include <QDateTime>
#include <QList>
#include <QString>

#include <optional>
#include <vector>

// What verifying a ledger says. Values.
namespace signalbox::ledger
{

// What is wrong with an entry; the first that was found, in this order.
enum class Fault {
    None,
    Damaged,              // its objects cannot be read
    OddCommit,            // headers that git looks past: a second signature, an unknown header
    Merge,                // more than one parent
    NotSigned,            // after the ledger began to be signed
    SignatureBroken,      // it cannot be read
    SignatureUnsupported, // OpenPGP, SHA-1, a certificate, a type of key that is not accepted
    WrongNamespace,       // signed for something else than git
    SignatureInvalid,     // it does not fit to what stands there
    SignatureReplayed,    // it is the one of another commit
    UnknownSigner,        // the key is not in allowed_signers
    NamespaceForbidden,   // allowed_signers does not allow this key to sign commits
    NotYetValid,
    NoLongerValid,
    Revoked,
    DateGoesBack,
    DateInFuture,
    WrongFirstAdmin, // the ledger was begun by somebody else than the pinned first admin
    BadStart,        // the first policy is not one to begin with
    NothingAdded,
    EntryEdited,
    EntryRemoved,
    EntryRenamed,
    SeveralEntries,
    OtherFileTouched,
    NotAFile, // a link, a program, another repository
    WrongPath,
    NotCanonical,
    SchemaUnknown,
    EntryInvalid,
    WrongWorkspace,
    WrongPerson, // it says that somebody else wrote it
    RoleMissing,
    ClaimUnknown, // of what nobody asked for, or of something else than was asked for
    ClaimedTwice,
    PolicyMixed, // policy or allowed_signers changed together with something else
    PolicyByNonAdmin,
    PolicyInvalid,
    PolicyRemoved,
    CountersignUnknown, // of a change that does not wait for one
    CountersignOwn,     // of one's own change
};
QString faultName(Fault fault); // "signatureInvalid": stable, for --json
const QList<Fault> &allFaults();

struct EntryVerdict
{
    enum class State {
        Good,
        Pending,   // a change of the policy that waits for a second admin: not in force at the chain's end
        NotSigned, // from before the ledger was signed
        Bad,
    };

    git::ObjectId commit;
    QByteArray path; // of the entry, or of the first file that changed
    QByteArray id;   // of the entry; empty: none
    QByteArray type; // "operation" ..., "policy" for a change of policy or allowed_signers
    qint64 committedAt = 0;
    QString signer;      // the key's principal; empty: not known
    QString fingerprint; // of its key
    State state = State::Good;
    Fault fault = Fault::None;
    QString reason; // a sentence; empty: nothing to say
    // The content at `path` in this commit; null: it was removed.
    git::ObjectId blob = {};
};
QString stateName(EntryVerdict::State state); // "good" "pending" "notSigned" "bad"

// A change of policy.yaml or allowed_signers that waits for a second admin: not in force.
struct WaitingChange
{
    git::ObjectId commit;
    QString signer; // as allowed_signers names them
    QString person; // as the policy does
    qint64 committedAt = 0;
};

struct ChainVerdict
{
    QString path;
    std::optional<git::ObjectId> tip;  // none: an empty ledger
    std::vector<EntryVerdict> entries; // oldest first
    qsizetype good = 0;
    qsizetype pending = 0;
    qsizetype notSigned = 0;
    qsizetype bad = 0;
    std::optional<git::ObjectId> start; // the commit with which it began to be signed
    QString workspace;                  // of the policy in force at the end
    // The commit whose policy.yaml and allowed_signers are in force at the end; none: not signed yet.
    std::optional<git::ObjectId> policyCommit = {};
    std::vector<WaitingChange> waiting = {}; // oldest first
    bool isPinned = false;                   // the first admin was given, and began it
    QStringList problems;                    // of the chain as a whole: sentences
    QStringList notes;                       // nothing is wrong, but should be known

    bool isSigned() const { return start.has_value(); }
    // Every entry since the start is proven, and nothing is wrong with the rest.
    bool isWhole() const { return isSigned() && bad == 0 && problems.isEmpty(); }
};

} // namespace signalbox::ledger
