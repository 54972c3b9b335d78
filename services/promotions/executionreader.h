#pragma once

#include "models/policy/policy.h"
#include "services/async/serialqueue.h"
#include "services/gate/ledgerhead.h"

#include <QFuture>

#include <functional>
#include <memory>
#include <optional>

namespace signalbox
{

// Which repository, if any, an environment's releases are committed to, as the ledger's policy says. Reads this
// machine's ledger only, so that going back needs no reachable one. GUI thread; reads on a thread of its own.
class ExecutionReader
{
public:
    struct Ledger
    {
        QString path;
        ledger::ChainPin pin;
    };
    explicit ExecutionReader(std::function<Ledger()> ledger);

    // None: no policy, or one by which no repository is written there. An error: there may be one, but what the ledger
    // says is not proven.
    [[nodiscard]] QFuture<Result<std::optional<policy::Execution>>> of(QString application, QString environment,
                                                                       StopToken stop);

private:
    struct Known // of the last reading
    {
        std::shared_ptr<const policy::LedgerHead> head;
    };
    std::function<Ledger()> m_ledger;
    std::shared_ptr<Known> m_known; // the queue's
    SerialQueue m_queue;            // goes first
};

} // namespace signalbox
