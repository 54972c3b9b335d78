#pragma once

#include "app/exitstatus.h"
#include "services/ledger/sharing/ledgershare.h"
#include "services/ledger/sharing/ledgersharing.h"
#include "services/promotions/policydesk.h"

#include <QString>

// What `signalbox ledger share`, `status` and `init` print. Times are UTC.
namespace signalbox::commands
{

struct LedgerStatusReport
{
    QString path;
    QString firstAdmin; // pinned; empty: not
    LedgerSharing sharing;
    QString signer;                    // who would sign; empty: nobody
    QString signerProblem;             // why nobody
    std::optional<PolicyBoard> policy; // none: there is no signed ledger here
    QString policyProblem = {};        // why it cannot be read, where there is one
};
QString ledgerStatusText(const LedgerStatusReport &report);
QString ledgerStatusJson(const LedgerStatusReport &report);

QString ledgerShareText(const QString &remote, const ShareReport &report);
QString ledgerShareJson(const QString &path, const QString &remote, const ShareReport &report);

// A ledger that began to be signed.
struct LedgerBegun
{
    QString path;
    QString commit;
    QString key; // fingerprint of the first admin's
    QString team;
    QString name;
    QString email;
    QString remote;       // empty: shared with nobody
    QString shareProblem; // why it is not there yet; empty: it is
};
QString ledgerBegunText(const LedgerBegun &begun);
QString ledgerBegunJson(const LedgerBegun &begun, ExitStatus status);

} // namespace signalbox::commands
