#pragma once

#include "services/async/serialqueue.h"
#include "services/async/stoptoken.h"
#include "services/git/remote.h"
#include "services/git/repository.h"
#include "services/ledger/ledger.h"

#include <QFuture>
#include <QString>

#include <optional>

namespace signalbox
{

// What a round of sharing did.
struct ShareReport
{
    QString tip;            // here and at the remote; empty: neither has an entry
    qsizetype received = 0; // entries of others that were new here
    qsizetype sent = 0;     // entries of ours that were new there
    qsizetype replayed = 0; // of them written once more, behind those of others
    int attempts = 0;       // 1: nobody was faster
    bool operator==(const ShareReport &) const = default;
};

// What is known here, without asking the remote.
struct ShareState
{
    qsizetype waiting = 0;       // entries that the remote did not have at the last contact
    std::optional<QString> last; // the remote's commit at the last contact; none: never
    bool operator==(const ShareState &) const = default;
};

// Shares a ledger through any git repository (DESIGN 6): fetches, puts our entries behind those of others, and sends
// them by compare-and-swap; when another was faster, once more after a moment of chance length. No server of ours takes
// part. Works on a thread of its own, so that entries can be appended while a network is slow. The ledger and the
// access's HTTP client outlive it. Any thread.
class LedgerShare
{
public:
    LedgerShare(Ledger &ledger, git::RemoteAccess access);
    ~LedgerShare(); // stops what is under way

    QString remote() const { return m_remote.access().url.shown; }

    // One round. Errors: as of git::Remote; Conflict when others were faster all the time, Refused and Invalid of
    // Ledger::takeOver(). After an error what was not sent waits, and asking again is safe.
    [[nodiscard]] QFuture<Result<ShareReport>> share(StopToken stop);
    [[nodiscard]] QFuture<Result<ShareState>> state();

private:
    Result<ShareReport> shareNow(const StopToken &stop);
    Result<std::optional<QString>> fetch(const StopToken &stop);
    Result<git::Repository *> repository();

    Ledger &m_ledger;
    git::Remote m_remote;
    StopSource m_gone;
    std::optional<git::Repository> m_repository; // stays on the queue's thread
    SerialQueue m_queue;
};

} // namespace signalbox
