#pragma once

#include "services/git/objectreader.h"
#include "services/ledger/canonicaldocument.h"
#include "services/ledger/signing/sshverifier.h"
#include "services/ledger/verify/verdict.h"

#include <array>

namespace signalbox::ledger
{

// What can be said of one commit by itself: what it changes, and whether its signature is one of the key that it names.
// Nothing here depends on another commit but the parent's tree, so that many are looked at at a time.
struct CommitFacts
{
    git::ObjectId id;
    git::ObjectId tree;
    qint64 committedAt = 0;
    QByteArray committerEmail;
    int parents = 0;

    // Of these two the first that is true; `problem` says what.
    bool isDamaged = false;
    bool isOdd = false;
    QString problem;

    enum class Signature { None, Broken, Unsupported, OtherNamespace, Invalid, Valid };
    Signature signature = Signature::None;
    QString signatureProblem; // of Broken and Unsupported; the namespace of OtherNamespace
    ssh::PublicKey key;
    std::array<char, 16> signatureHash{}; // of its bytes: two with the same are one, copied

    QList<git::TreeChange> changes; // up to mostChanges

    // Of the entry, where it is the only change and a new file.
    QByteArray entryId;
    QByteArray type;
    QByteArray workspace;
    QByteArray email; // whom it names as its author
    // Of an approval, a break-glass, a claim and a promotionOutcome: the promotion; of a policyCountersign: the commit;
    // of a lift: the entry that it lifts.
    QByteArray reference;
    QByteArray application; // of a promotion, an approval, a break-glass and a claim
    QByteArray environment;
    QByteArray digest;
    Fault entryFault = Fault::None;
    QString entryProblem;

    static constexpr qsizetype mostChanges = 4;
    static constexpr qsizetype mostEntryBytes = 256 * 1024;
};

// Gathers them. One thread.
class FactsReader
{
public:
    explicit FactsReader(git::ObjectReader reader);

    // `commit`: none: it is not one that git would write. `parentTree`: of the first parent; null: the first commit.
    CommitFacts read(const git::ObjectId &id, const std::optional<git::CommitObject> &commit,
                     const git::ObjectId &parentTree);
    // The same without its signature, which takes more than half of the time: to show what stands there while nothing
    // is said of it yet. Never to judge by.
    CommitFacts readUnsigned(const git::ObjectId &id, const std::optional<git::CommitObject> &commit,
                             const git::ObjectId &parentTree);

    // Of a reader that looks for trees later: readAgain() has to be called for what was read since the last time where
    // they are not there, with another reader, before anything is said of it.
    bool areTreesThere() { return m_reader.areMadeThere(); }
    void readFrom(git::ObjectReader reader) { m_reader = std::move(reader); }
    // What it changes, and its entry; the signature stays. Of one that is damaged nothing is read, nor left.
    void readAgain(const git::ObjectId &parentTree, CommitFacts &facts);

private:
    void readSignature(const git::CommitObject &commit, CommitFacts &facts);
    void readChanges(const git::ObjectId &parentTree, CommitFacts &facts);
    void readEntry(CommitFacts &facts);
    QByteArray shared(QByteArray text); // one copy of what many commits have

    git::ObjectReader m_reader;
    ssh::SshVerifier m_verifier;
    CanonicalDocument m_document;
    QHash<QByteArray, QByteArray> m_shared;
    QHash<QByteArray, ssh::PublicKey> m_keys;
};

// Values that lie one in the other beyond reason: a reader that keeps a stack must not meet them.
bool nestsTooDeep(QByteArrayView json);

bool isPolicyFile(const QByteArray &path); // allowed_signers or policy.yaml

} // namespace signalbox::ledger
