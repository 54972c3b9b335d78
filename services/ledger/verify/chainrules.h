#pragma once

#include "services/ledger/signing/allowedsigners.h"
#include "services/ledger/verify/commitfacts.h"
#include "services/ledger/verify/policyat.h"
#include "services/ledger/verify/verdict.h"

#include <QHash>
#include <QSet>

#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace signalbox::ledger
{

// What is known before anything is read: from the workspace, or from the command line.
struct ChainPin
{
    QString firstAdmin; // a key's fingerprint or its line; empty: not pinned, and whoever began it is believed
    QString workspace;  // empty: not known
};

// Whether somebody is left who can change the policy again: an admin with a key that may sign commits.
bool hasAdminWithKey(const PolicyAt &policy, const ssh::AllowedSigners &signers, const QDateTime &now);

// The rules that go along the chain: who may sign and do what at each commit. Fed oldest first; one thread.
//
//              start by the first admin           countersigned by a second admin (or there is one admin only)
//  not signed ---------------------------> signed ------------------------------------------------------------+
//      ^ |                                   ^ | change of policy.yaml, allowed_signers: pending, not in force |
//      +-+ entries of before                 | +---------------------------------------------------------------+
//                                            +------------------------------------- in force from then on -----+
class ChainRules
{
public:
    // The content of a file of a commit's tree; none: it has no such file.
    using FileReader = std::function<Result<std::optional<QByteArray>>(const git::ObjectId &tree, const char *path)>;

    ChainRules(ChainPin pin, QDateTime now, PolicyReader policyReader, FileReader fileReader);

    EntryVerdict judge(const CommitFacts &facts);
    // Time has gone on since the last entry was judged.
    void setNow(const QDateTime &now) { m_now = now; }

    // When all were judged.
    std::optional<git::ObjectId> start() const { return m_start; }
    bool isPinned() const { return m_start && !m_pin.firstAdmin.isEmpty(); }
    QString workspace() const { return m_inForce.policy ? m_inForce.policy->workspace() : QString(); }
    std::optional<git::ObjectId> policyCommit() const; // whose policy is in force
    std::vector<WaitingChange> waiting() const;        // oldest first
    // Changes that waited when they were judged and do not any more: how that came, in words.
    const QHash<git::ObjectId, QString> &settled() const { return m_settled; }
    QStringList problems() const;
    QStringList notes() const { return m_notes; }

private:
    struct Found // None: nothing is wrong
    {
        Fault fault = Fault::None;
        QString reason;
        explicit operator bool() const { return fault != Fault::None; }
    };
    // Policy and allowed_signers as they are at one commit.
    struct Rules
    {
        std::shared_ptr<const PolicyAt> policy;
        ssh::AllowedSigners signers;
        git::ObjectId commit;
    };
    struct Change // that waits for a second admin
    {
        git::ObjectId commit;
        QString by; // person
        QString signer;
        qint64 at = 0;
        Rules rules;
    };
    struct Signer
    {
        QString name;   // in allowed_signers
        QString person; // in the policy; empty: nobody
    };

    // What the rules in force say of a key and a committer's e-mail.
    struct Known
    {
        bool isRevoked = false;
        std::optional<ssh::SignerFinding> finding; // none: it goes by the date, too
    };
    void putInForce(const Rules &rules);
    const Known &known(const CommitFacts &facts);
    QString personOf(const QString &name);
    QStringList rolesOf(const QString &person);

    EntryVerdict judgeBeforeStart(const CommitFacts &facts, EntryVerdict verdict);
    EntryVerdict judgeStart(const CommitFacts &facts, EntryVerdict verdict);
    EntryVerdict judgePolicyChange(const CommitFacts &facts, const Signer &signer, EntryVerdict verdict);
    Found checkCommit(const CommitFacts &facts) const;
    Found checkSignature(const CommitFacts &facts) const;
    Found checkSigner(const CommitFacts &facts, Signer &signer);
    Found checkDate(const CommitFacts &facts) const;
    Found checkChanges(const CommitFacts &facts) const;
    Found checkEntry(const CommitFacts &facts, const Signer &signer);
    Found checkRole(const CommitFacts &facts, const Signer &signer);
    Found checkClaim(const CommitFacts &facts, const Signer &signer);
    Found checkOutcome(const CommitFacts &facts, const Signer &signer) const;
    Found checkCountersign(const CommitFacts &facts, const Signer &signer);
    Found checkStart(const CommitFacts &facts, const Rules &rules, Signer &signer) const;
    Found readRules(const CommitFacts &facts, Rules &rules) const;
    bool isPinnedKey(const ssh::PublicKey &key) const;
    bool touchesPolicy(const CommitFacts &facts) const;
    QString shared(const QString &text); // one copy of what many entries have

    ChainPin m_pin;
    QDateTime m_now;
    PolicyReader m_policyReader;
    FileReader m_fileReader;

    std::optional<git::ObjectId> m_start;
    bool m_isStartWrong = false; // somebody else tried
    Rules m_inForce;
    QList<Change> m_pending;
    QHash<git::ObjectId, QString> m_settled;
    qint64 m_latest = 0; // date of the newest good commit
    struct Asked         // a promotion that was asked for
    {
        QString by; // person
        QByteArray application;
        QByteArray environment;
        QList<QByteArray> digests; // asked for, approved, or that somebody acted alone for
    };
    struct Claimed
    {
        git::ObjectId commit;
        Signer by;
    };
    QHash<QByteArray, Asked> m_asked;              // by entry
    QHash<QByteArray, Claimed> m_claims;           // by promotion: the first that was somebody's to make
    QSet<QByteArray> m_freezes;                    // entries
    QHash<QByteArray, git::ObjectId> m_signatures; // by their hash
    QStringList m_notes;
    QHash<QByteArray, QString> m_fingerprints; // by key
    // Of the rules in force, worked out once: a ledger has many entries by few people.
    QHash<std::pair<QByteArray, QByteArray>, Known> m_known; // by key and the committer's e-mail
    QHash<QString, QString> m_persons;                       // by name
    QHash<QString, QStringList> m_roles;                     // by person
    QSet<QString> m_texts;
};

} // namespace signalbox::ledger
