#pragma once

#include "services/ledger/ledger.h"
#include "services/ledger/sharing/ledgersharing.h"
#include "services/ledger/verify/chainrules.h"

#include <QObject>
#include <QTimer>

#include <chrono>
#include <functional>
#include <memory>

namespace signalbox::git
{
struct RemoteAccess;
}

namespace signalbox
{

class LedgerShare;
struct ShareReport;

// The ledger that this program works with: the record, who signs what is written, who may have begun it, and keeping it
// together with the team's repository in the background (now and then, and soon after something was written; less and
// less often while the remote is away). Nothing here blocks: git, disk and keys have threads of their own. Main thread.
class TeamLedger : public QObject
{
    Q_OBJECT
public:
    // How to reach the remote; asked before each round, so that passwords are resolved anew.
    using AccessSource = std::function<QFuture<Result<git::RemoteAccess>>(StopToken)>;

    struct Settings
    {
        QString path;                              // the bare repository; made by the first write
        QString remote;                            // for people; empty: it is shared with nobody
        AccessSource access;                       // of the remote
        SignerSource signer;                       // empty: the key that git signs with
        ledger::ChainPin pin;                      // for whoever verifies it
        std::chrono::milliseconds every{60000};    // between rounds that worked
        std::chrono::milliseconds firstWait{5000}; // after one that did not; doubles each time
        std::chrono::milliseconds longestWait{600000};
    };

    explicit TeamLedger(Settings settings, QObject *parent = nullptr);
    ~TeamLedger() override; // stops what is under way; entries that were not pushed wait for the next start

    // Another ledger from now on (a workspace was opened). Emits opened().
    void open(Settings settings);

    const std::shared_ptr<Ledger> &record() const { return m_record; } // until opened(); never null
    QString path() const { return m_settings.path; }
    const ledger::ChainPin &pin() const { return m_settings.pin; }
    const LedgerSharing &sharing() const { return m_sharing; }

    // Rounds by themselves from now on; the first one at once.
    void start();
    bool isStarted() const { return m_isStarted; }

    // Writes an entry, signed where the ledger is, and sends it soon. The commit's id; errors of Ledger::append().
    [[nodiscard]] QFuture<Result<QString>> append(LedgerEntry entry);
    // The same on exactly this tip here; errors of Ledger::appendOn().
    [[nodiscard]] QFuture<Result<QString>> appendOn(LedgerEntry entry, QString tip);
    // Somebody else wrote through record(): send it soon.
    void noteWritten();
    // A round now: fetches, and sends what waits. Errors of LedgerShare::share(); Unsupported when there is no remote.
    // Refused where touches would be asked for and must not.
    [[nodiscard]] QFuture<Result<ShareReport>> share(StopToken stop, Touches touches = Touches::Ask);
    // Who would sign now; errors say what to do.
    [[nodiscard]] QFuture<Result<std::shared_ptr<ssh::Signer>>> signer(StopToken stop);

signals:
    void opened();
    void sharingChanged();
    void received(qsizetype entries);    // of others; read what is shown anew
    void touchNeeded(qsizetype touches); // of a security key, now
    // Changes of the policy and countersignatures of ours that others were before: they are gone (ShareReport).
    void dropped(const QStringList &what);

private:
    void leave();
    QFuture<Result<QString>> noted(QFuture<Result<QString>> written);
    QFuture<Result<ShareReport>> round(StopToken stop, Touches touches);
    void ended(const Result<ShareReport> &result);
    void lookWaiting();
    void plan(std::chrono::milliseconds wait);
    void planNext();

    Settings m_settings;
    std::shared_ptr<Ledger> m_record;
    std::unique_ptr<LedgerShare> m_share; // null: no remote
    LedgerSharing m_sharing;
    QTimer m_next;
    int m_running = 0;  // rounds
    int m_failures = 0; // in a row
    int m_opened = 0;   // which opening an answer belongs to
    int m_worked = 0;   // rounds that did
    bool m_isStarted = false;
    bool m_isWritten = false; // since the running round began
};

} // namespace signalbox
