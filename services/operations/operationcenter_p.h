#pragma once

#include "services/async/serialqueue.h"
#include "services/ledger/ledger.h"
#include "services/operations/clock.h"
#include "services/operations/journal.h"
#include "services/operations/locallocks.h"
#include "services/operations/operationcenter.h"

#include <QHash>
#include <QPointer>
#include <QSet>

namespace signalbox
{

class Reconciler;

// For operationcenter.cpp (operations) and reconciliation.cpp (what a crash left) only.
class OperationCenter::Private : public QObject
{
public:
    Private(OperationCenter *center, PortsOf portsOf, Settings given, Clock *givenClock);

    void problem(const Error &error);
    void settle(int change); // of writes under way
    void noteChange(Operation *operation);
    bool makeWay(Operation *wanting);
    void noteFinished(Operation *operation);
    void forget(Operation *operation);
    void recordEntry(const JournalClosed &closed);
    void nameLedger();
    bool belongsHere(const JournalIntent &intent) const; // and not into the ledger of another workspace

    void reconcile(const QString &connection);
    void reconcile(const QString &connection, int triesLeft);
    void lookAgainLater(const QString &connection);
    void lookAgain(const QString &connection);
    void tellOnce(const JournalIntent &intent, const Error &error);
    void noteUnread(const JournalIntent &intent, const Error &error);
    void readJournal(const QString &connection);
    void readAgain(const QStringList &dead, const QString &connection);
    void sortOut(const JournalReading &reading, const QString &connection, const QStringList &dead);
    void begin(const JournalIntent &intent);
    void noteElsewhere(const JournalIntent &intent);
    void compare(const JournalIntent &intent, StepRunner &runner, bool isElsewhere);
    void close(const JournalIntent &intent, const Outcome &outcome);
    void dropReconcilers(const QString &connection);
    void endReconciling();

    OperationCenter *q;
    PortsOf ports;
    Settings settings;
    SystemClock systemClock;
    Clock &clock;
    PolicyChecks policyChecks;
    QString folder;
    Identity identity = accountIdentity();
    Journal journal;
    std::shared_ptr<Ledger> ledger; // never null
    LocalLocks locks;
    SerialQueue identityQueue;
    QList<Operation *> operations; // newest first; owned
    QList<QPointer<Operation>> changedOnes;
    int pendingWrites = 0;

    QHash<QString, Reconciler *> reconcilers;        // by operation's id
    QStringList wantedConnections;                   // asked for while reconciling; "" is all
    QSet<QString> awaited;                           // connections whose remote did not tell what became of something
    QHash<QString, std::chrono::milliseconds> waits; // of those, the newest
    QSet<QString> toldUnread;                        // operations
    bool isReconciling = false;
    QString reconcileLock; // whose owner we are
};

} // namespace signalbox
