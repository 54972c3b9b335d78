#pragma once

#include "services/async/serialqueue.h"
#include "services/async/stoptoken.h"
#include "services/git/remote.h"
#include "services/git/repository.h"
#include "services/ledger/ledger.h"

#include <QDateTime>
#include <QFuture>
#include <QString>

#include <optional>

namespace signalbox
{

// What a round of sharing did.
struct ShareReport
{
    QString tip;              // here and at the remote; empty: neither has an entry
    qsizetype received = 0;   // entries of others that were new here
    qsizetype sent = 0;       // entries of ours that were new there
    qsizetype replayed = 0;   // of them written once more, behind those of others
    int attempts = 0;         // 1: nobody was faster
    QStringList lost = {};    // ids of claims of ours that came second (Ledger::takeOver())
    QStringList dropped = {}; // changes of the policy and countersignatures of ours that did (the same)
    bool operator==(const ShareReport &) const = default;
};

// What is known here, without asking the remote.
struct ShareState
{
    qsizetype waiting = 0;       // entries that the remote did not have at the last contact
    std::optional<QString> last; // the remote's commit at the last contact; none: never, or it had none
    QDateTime at = {};           // when a round worked last, of any program; invalid: never
    bool operator==(const ShareState &) const = default;
};

// Shares a ledger through any git repository (DESIGN 6): fetches, puts our entries behind those of others, and sends
// them by compare-and-swap; when another was faster, once more after a moment of chance length. No server of ours takes
// part. Works on a thread of its own, one round after the other, so that entries can be appended while a network is
// slow. The ledger and the accesses' HTTP clients outlive it. Any thread.
class LedgerShare
{
public:
    explicit LedgerShare(Ledger &ledger);
    ~LedgerShare(); // stops what is under way

    // One round. Errors: as of git::Remote; Conflict when others were faster all the time, Refused and Invalid of
    // Ledger::takeOver(). After an error what was not sent waits, and asking again is safe.
    [[nodiscard]] QFuture<Result<ShareReport>> share(git::RemoteAccess access, StopToken stop,
                                                     Touches touches = Touches::Ask);
    [[nodiscard]] QFuture<Result<ShareState>> state();

private:
    struct Round
    {
        git::Remote remote;
        Touches touches;
        StopToken stop;
        ShareReport report = {};
    };
    Result<ShareReport> run(Round round);
    Result<void> attempt(Round &round);
    Result<std::optional<QString>> fetch(const Round &round);
    Result<git::Repository *> repository();
    void noteTime() const;

    Ledger &m_ledger;
    StopSource m_gone;
    std::optional<git::Repository> m_repository; // stays on the queue's thread
    SerialQueue m_queue;
    SerialQueue m_looks; // what is known here does not wait for a round
};

} // namespace signalbox
