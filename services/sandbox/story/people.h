#pragma once

#include "models/policy/policy.h"
#include "services/ledger/ledgerentry.h"
#include "services/ledger/signing/privatekey.h"
#include "services/sandbox/story/storybook.h"

// The people of the practice world as a ledger knows them: who they are, what they may do, their keys.
namespace signalbox::sandbox
{

// The principal that is who practises.
QString operatorName();
// The workspace that the practice ledger belongs to.
QString practiceWorkspace();

// Those of the book, and who practises: their entries may also name the addresses of whoever runs this program.
policy::Policy practicePolicy(const Storybook &book, const QStringList &operatorEmails);
Identity identityOf(const Storybook &book, const QString &name);

// An Ed25519 key made of the seed: the same at every start, no secret at all, and good for the practice world only.
Result<ssh::PrivateKey> practiceKey(std::uint64_t seed, const QString &name);
Result<QByteArray> practiceSigners(const Storybook &book, std::uint64_t seed); // allowed_signers

} // namespace signalbox::sandbox
