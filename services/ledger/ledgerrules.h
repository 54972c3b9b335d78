#pragma once

#include "models/domain/result.h"
#include "services/git/objectreader.h"
#include "services/ledger/signing/publickey.h"

#include <QByteArray>
#include <QString>

namespace signalbox
{

// The two files of a ledger that say who may sign and what is asked for. A file that is not there is empty.
struct LedgerRules
{
    QByteArray allowedSigners;
    QByteArray policy;
    bool operator==(const LedgerRules &) const = default;
};

// As they stand in the tree of a commit (40 digits).
Result<LedgerRules> rulesAt(git::ObjectReader &reader, const QString &commit);
// Whether a commit changes one or both of them, as ordinary files, and nothing else.
Result<bool> changesRulesAlone(git::ObjectReader &reader, const QString &commit);
// Whether the holder of this key signed the commit (SSHSIG, namespace `git`).
Result<bool> isSignedBy(git::ObjectReader &reader, const QString &commit, const ssh::PublicKey &key);
// What its commit says of a change, without the subject: why it was made.
Result<QString> reasonOf(git::ObjectReader &reader, const QString &commit);

} // namespace signalbox
