#pragma once

#include "models/policy/decision.h"
#include "services/ledger/verify/chainverifier.h"

#include <memory>
#include <mutex>

// What a ledger says at its head, proven: the policy in force, and the entries that count.
namespace signalbox::policy
{

// A change of policy.yaml or allowed_signers that no second admin has countersigned.
struct WaitingChange
{
    QString commit;
    QString who; // principal; the signer's name where it is nobody's
    QDateTime at;
};

struct LedgerHead
{
    QString tip; // commit
    Policy policy;
    // The commit whose policy is in force. Entries given under another commit with the very same policy.yaml carry this
    // one, so that a new key in allowed_signers takes no approval away.
    QString policyCommit;
    Entries entries;     // in chain order; what is not proven is not among them
    QStringList ignored; // why not, a sentence each; at most 100
    qsizetype ignoredCount = 0;
    QList<WaitingChange> waiting = {}; // oldest first
};

// Verifies the chain of the ledger at `path` and reads it. Unsupported: nobody began to sign it, and nobody is pinned
// as the one who did; Refused: something is wrong with the chain as a whole (rewound, cut, begun by somebody else);
// Invalid: its policy cannot be read; NotFound: no repository. Blocks: for a worker.
Result<LedgerHead> readHead(const QString &path, const ledger::VerifyOptions &options, const StopToken &stop);
// Reads the head and follows it: what was proven is not proven again while the tip that was seen is still in the chain.
// Whoever reads the same ledger shares one. From any thread; one read after the other.
class HeadFollower
{
public:
    HeadFollower();
    ~HeadFollower();
    HeadFollower(const HeadFollower &) = delete;
    HeadFollower &operator=(const HeadFollower &) = delete;

    // As readHead(), and the same object as long as nothing is new. Another path, pin or `atLeast` is another question:
    // nothing that was proven for the one counts for the other. Refused also while something is gone that this follower
    // has proven before: the history was rewound, rewritten or replaced. What was written here alone may go behind the
    // entries of others, and a claim, or a change of the policy, may give way to theirs.
    Result<std::shared_ptr<const LedgerHead>> read(const QString &path, const ledger::VerifyOptions &options,
                                                   const StopToken &stop);
    // What was read last, where it is this question's and its tip was this one; else null. Does not wait for a reading
    // that is under way: going back asks here first.
    std::shared_ptr<const LedgerHead> at(const QString &path, const ledger::VerifyOptions &options,
                                         const QString &tip) const;

private:
    class Private;
    mutable std::mutex m_mutex;
    std::unique_ptr<Private> d;
};

// The tip alone, to see whether anything is new; empty: an empty ledger.
Result<QString> headTip(const QString &path);

} // namespace signalbox::policy
