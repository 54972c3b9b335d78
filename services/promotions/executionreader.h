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
    // `heads` is shared with others of this ledger; null: one of its own.
    explicit ExecutionReader(std::function<Ledger()> ledger, std::shared_ptr<policy::HeadFollower> heads = {});

    // None: no policy, or one by which no repository is written there. An error: there may be one, but what the ledger
    // says is not proven.
    [[nodiscard]] QFuture<Result<std::optional<policy::Execution>>> of(QString application, QString environment,
                                                                       StopToken stop);

private:
    std::function<Ledger()> m_ledger;
    std::shared_ptr<policy::HeadFollower> m_heads;
    SerialQueue m_queue; // goes first
};

} // namespace signalbox
