#pragma once

#include "models/policy/promotionboard.h"
#include "services/gate/ledgerhead.h"
#include "services/ledger/ledgerentry.h"

#include <memory>

namespace signalbox::ssh
{
class Signer;
}

namespace signalbox
{

// Who acts here, by the policy in force at the head of the ledger at `path`, and the key that would sign; or why
// nothing that they sign would count. Reads allowed_signers: for a worker.
policy::BoardOperator operatorOf(const policy::LedgerHead &head, const QString &path,
                                 const Result<std::shared_ptr<ssh::Signer>> &signer, const Identity &who);

} // namespace signalbox
