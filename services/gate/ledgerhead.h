#pragma once

#include "models/policy/decision.h"
#include "services/ledger/verify/chainverifier.h"

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
// The tip alone, to see whether anything is new; empty: an empty ledger.
Result<QString> headTip(const QString &path);

} // namespace signalbox::policy
