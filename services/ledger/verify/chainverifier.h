#pragma once

#include "services/async/stoptoken.h"
#include "services/ledger/verify/chainrules.h"
#include "services/ledger/verify/verdict.h"

#include <QFuture>

#include <functional>

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

// Walks `main` of the ledger at `path` from its tip to its first commit and judges every entry. What is wrong with
// entries is in the verdict; an Error means that there was nothing to judge: NotFound (no repository), Invalid (of the
// options), Cancelled. Blocks: for a worker.
Result<ChainVerdict> verifyChain(const QString &path, const VerifyOptions &options, const StopToken &stop);

// The same on a worker.
[[nodiscard]] QFuture<Result<ChainVerdict>> verifyChainLater(QString path, VerifyOptions options, StopToken stop);

} // namespace signalbox::ledger
