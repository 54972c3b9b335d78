#pragma once

#include "app/cli/arguments.h"
#include "app/wiring/ledgers.h"
#include "services/ledger/verify/chainverifier.h"

namespace signalbox::commands
{

// Which ledger a command means.
struct LedgerPlace
{
    LedgerSpec spec;
    QString address; // for people: as it was given
    QString path;    // of the bare repository on this machine; of a remote that was given by --ledger: not known here
    QString workspaceName;        // of the workspace file; empty: none, or it has no name
    bool isGivenRemote = false;   // --ledger URL
    QStringList connections = {}; // ids, of the workspace file
};

// --ledger DIR or URL (with --user and --password), else the one of the workspace (-w, SIGNALBOX_WORKSPACE), else this
// machine's own. --first-admin goes before what the workspace pins. Reads the workspace's files. Invalid and NotFound.
Result<LedgerPlace> ledgerPlaceOf(const cli::Arguments &arguments);

// Where this machine's own ledgers are: of --demo that of the practice world, which has started.
QString dataFolderOf(const cli::Arguments &arguments);

// --first-admin (or the workspace's pin) and --at-least.
ledger::VerifyOptions ledgerOptionsOf(const cli::Arguments &arguments, const LedgerPlace &place);

} // namespace signalbox::commands
