#pragma once

#include "models/domain/operation.h"
#include "models/domain/result.h"
#include "services/ledger/ledgerentry.h"
#include "services/operations/operation.h"

#include <QObject>

#include <functional>
#include <memory>
#include <optional>

namespace signalbox
{

class Ledger;

// An operation that a crash cut off, found in the journal and compared with the remote's state. Nothing was repeated.
struct ReconciledOperation
{
    QString id;
    Plan plan;
    QDateTime startedAt;
    Outcome outcome;
};

// Owns all operations of this process: at most one per application and environment runs; one that goes back pre-empts
// it. Interlocks with other processes on this machine and, where the remote has a lock, with other operators. Writes
// the journal (before) and the ledger (after). GUI (main) thread; disk and git work happens on threads of its own.
class OperationCenter : public QObject
{
    Q_OBJECT
public:
    struct Settings
    {
        QString dataFolder; // empty: defaultDataFolder()
        OperationTimings timings;
        std::shared_ptr<Ledger> ledger; // null: one of its own, FOLDER/ledger.git
    };
    // Empty: the connection is not (or no longer) there.
    using PortsOf = std::function<std::optional<OperationPorts>(const QString &connection)>;

    // `clock` null: the system's. It is borrowed.
    explicit OperationCenter(PortsOf ports, Settings settings = {}, Clock *clock = nullptr, QObject *parent = nullptr);
    ~OperationCenter()
        override; // operations still running stay open in the journal and are reconciled at the next start

    static QString defaultDataFolder(); // the same for both executables
    QString dataFolder() const;

    // Operations that are made from now on are held to it where they go forward; what goes back never waits for it.
    void setPolicyChecks(PolicyChecks checks);

    // A new operation for a plan, in state Planned. Owned here; an unfinished one that was never confirmed goes away
    // with discard(). Refused when the plan's connection is unknown or the plan has no step.
    [[nodiscard]] Result<Operation *> create(const Plan &plan);
    // Cancels and forgets it, unless it was confirmed: then it goes on. A hold under way is let go first (locks and
    // intent are given back), so it may take a moment until it is forgotten.
    void discard(Operation *operation);

    QList<Operation *> operations() const; // newest first, finished ones of this session included
    Operation *find(const QString &id) const;
    Operation *holderOf(const QString &key) const; // Deployed::key(); null: free, as far as this process knows
    int runningCount() const;                      // those that hold their key

    // Call it for each connection once its ports are there: closes what a crash left open. With no connection named:
    // all those that PortsOf knows.
    void reconcile(const QString &connection = {});
    // Its remote answers (again): what could not be compared before is now. Cheap where there is nothing of the kind.
    void connectionHeard(const QString &connection);
    // Before the ports of a connection go away.
    void forgetConnection(const QString &connection);

    // Newest first. From disk; the answer comes later.
    [[nodiscard]] QFuture<Result<QList<LedgerEntry>>> newestEntries(int count);
    void setLedger(std::shared_ptr<Ledger> ledger); // from now on; what is on its way goes to the one before
    QString ledgerPath() const;                     // the bare repository: git -C PATH log -p

    // False while outcomes are on their way to journal or ledger, or a lock is being given back: a command waits for
    // idle() before it exits.
    bool isIdle() const;

signals:
    void added(signalbox::Operation *operation);
    void changed(signalbox::Operation *operation); // any of its signals, at most one per turn of the event loop
    void finished(signalbox::Operation *operation);
    void removed(const QString &id);
    void reconciled(const signalbox::ReconciledOperation &operation); // tell the user
    void entryRecorded(const signalbox::LedgerEntry &entry);
    // Journal damaged, folder not writable, entry not recorded (it is written at the next start): shown, not fatal.
    void problemOccurred(const signalbox::Error &problem);
    void idle();

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace signalbox
