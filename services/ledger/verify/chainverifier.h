#pragma once

#include "services/async/stoptoken.h"
#include "services/ledger/verify/chainrules.h"
#include "services/ledger/verify/verdict.h"

#include <QFuture>

#include <functional>
#include <memory>

namespace signalbox::ledger
{

struct VerifyOptions
{
    ChainPin pin;
    QString atLeast; // a commit that has to be in the chain, at least 7 digits; empty: none
    QDateTime now = QDateTime::currentDateTimeUtc();
    PolicyReader policyReader = readPolicy;
    int threads = 0;                              // 0: one a core
    std::function<void(qsizetype done)> progress; // commits looked at so far; from any thread, now and then
};

// What one look at a chain brought.
struct ChainStep
{
    ChainVerdict chain; // counts are those of the whole chain, `entries` those that were not judged before
    // False: they stand behind what was judged before, `before` entries. True: all of it was judged, from nothing.
    bool isFresh = true;
    qsizetype before = 0;
};

// Verifies a chain and follows it: what was judged is not judged again, as long as the tip that was seen is still in
// the chain; else everything is. One thread at a time.
class ChainFollower
{
public:
    // The options' `now` is that of the first look; later ones take the clock.
    ChainFollower(QString path, VerifyOptions options);
    ~ChainFollower();
    ChainFollower(const ChainFollower &) = delete;
    ChainFollower &operator=(const ChainFollower &) = delete;

    // Errors as those of verifyChain(); what was judged before is kept. Blocks: for a worker.
    Result<ChainStep> advance(const StopToken &stop);

private:
    class Private;
    std::unique_ptr<Private> d;
};

// Walks `main` of the ledger at `path` from its tip to its first commit and judges every entry. What is wrong with
// entries is in the verdict; an Error means that there was nothing to judge: NotFound (no repository), Invalid (of the
// options), Cancelled. Blocks: for a worker.
Result<ChainVerdict> verifyChain(const QString &path, const VerifyOptions &options, const StopToken &stop);

// The same on a worker.
[[nodiscard]] QFuture<Result<ChainVerdict>> verifyChainLater(QString path, VerifyOptions options, StopToken stop);

} // namespace signalbox::ledger
