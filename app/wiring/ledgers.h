#pragma once

#include "app/wiring/repositories.h"
#include "services/ledger/sharing/teamledger.h"

namespace signalbox
{

// The ledger that a workspace names. A value; files were read.
struct LedgerSpec
{
    std::optional<RemoteSpec> remote; // none: it stays on this machine
    QString firstAdmin;               // empty: not pinned
    SigningChoice signing;            // a file's path is absolute
    std::chrono::seconds fetchEvery{60};
};
Result<LedgerSpec> ledgerSpecOf(const WorkspaceLedger &ledger, const WorkspaceFile &file);

// Where it lies on this machine: one that is shared has a folder of its own, so that two teams' never mix.
QString ledgerPathOf(const LedgerSpec &spec, const QString &dataFolder);

// Ready for a TeamLedger. `http` and `secrets` outlive it.
TeamLedger::Settings ledgerSettingsOf(const LedgerSpec &spec, const QString &dataFolder, HttpClient &http,
                                      SecretStore &secrets);

} // namespace signalbox
