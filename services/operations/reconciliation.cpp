#include "models/domain/ulid.h"
#include "services/async/deliver.h"
#include "services/operations/lockkey.h"
#include "services/operations/operationcenter_p.h"
#include "services/operations/reconciler.h"

#include <QLoggingCategory>

#include <algorithm>

// OperationCenter's part for what a crash left open: read the journal, leave alone what other processes still run,
// compare the rest with the remote, close it. One process at a time does this.
namespace signalbox
{

Q_DECLARE_LOGGING_CATEGORY(operationsLog)

using namespace std::chrono_literals;

namespace
{

// Another process is done with its own connections after a while.
constexpr auto tryAgainAfter = 1s;
constexpr int tries = 10;
// A remote that did not answer: from the first wait, each twice the one before.
constexpr std::chrono::milliseconds lookAgainAfter = 30s;
constexpr std::chrono::milliseconds lookAgainAtMost = 10min;
// A server that was put elsewhere (a new port after a restart) does not come back under its old address.
constexpr int daysOpenElsewhere = 7;

QString reconcileKey()
{
    return QStringLiteral("reconcile");
}

} // namespace

void OperationCenter::Private::reconcile(const QString &connection, int triesLeft)
{
    if (isReconciling) {
        if (!wantedConnections.contains(connection))
            wantedConnections.append(connection);
        return;
    }
    isReconciling = true;
    settle(+1);
    LockHolder self;
    self.operation = newUlid(clock.now());
    self.process = locks.process();
    self.who = identity.user + QLatin1Char('@') + identity.host;
    self.title = OperationCenter::tr("Compare the journal with the remote state");
    self.since = clock.now();
    reconcileLock = self.operation;
    deliver(locks.acquire({reconcileKey()}, self, false, 0ms), StopToken{}, this,
            [this, connection, triesLeft](const Result<LockGrant> &grant) {
                if (grant)
                    return readJournal(connection);
                if (grant.error().kind != ErrorKind::Refused)
                    problem(grant.error());
                else if (triesLeft > 1) // another process is at it, perhaps for another connection
                    clock.callAfter(tryAgainAfter, this,
                                    [this, connection, triesLeft] { reconcile(connection, triesLeft - 1); });
                else
                    lookAgainLater(connection); // it may wait for a remote that does not answer
                endReconciling();
            });
}

void OperationCenter::Private::reconcile(const QString &connection)
{
    reconcile(connection, tries);
}

// What stayed open is compared once the remote answers: whoever hears of it says so (connectionHeard()), and where
// nobody does it is tried now and then. Of all connections (no name) nobody hears.
void OperationCenter::Private::lookAgainLater(const QString &connection)
{
    if (awaited.contains(connection))
        return;
    awaited.insert(connection);
    std::chrono::milliseconds &wait = waits[connection];
    wait = wait == 0ms ? lookAgainAfter : std::min(wait * 2, lookAgainAtMost);
    clock.callAfter(wait, this, [this, connection] { lookAgain(connection); });
}

void OperationCenter::Private::lookAgain(const QString &connection)
{
    if (awaited.remove(connection))
        reconcile(connection);
}

void OperationCenter::Private::tellOnce(const JournalIntent &intent, const Error &error)
{
    if (toldUnread.contains(intent.id))
        return;
    toldUnread.insert(intent.id);
    problem(error);
}

void OperationCenter::Private::noteUnread(const JournalIntent &intent, const Error &error)
{
    lookAgainLater(intent.plan.connection);
    tellOnce(intent,
             {error.kind,
              OperationCenter::tr("An operation on %1 (%2) was cut off by a crash; what became of it cannot be read "
                                  "yet: %3")
                  .arg(intent.plan.application, intent.plan.environment, error.message),
              error.detail});
}

void OperationCenter::Private::readJournal(const QString &connection)
{
    deliver(journal.read(), StopToken{}, this, [this, connection](const Result<JournalReading> &read) {
        if (!read) {
            problem(read.error());
            return endReconciling();
        }
        // Harmless: a torn intent was never followed by a call, a torn outcome leaves its intent open.
        if (read->damagedLines > 0)
            qCWarning(operationsLog).noquote()
                << read->damagedFile << "has damaged lines, skipped:" << read->damagedLines;
        QStringList processes;
        for (const JournalIntent &intent : read->open)
            processes.append(intent.process);
        for (const JournalClosed &closed : read->unrecorded)
            processes.append(closed.intent.process);
        processes.removeDuplicates();
        deliver(locks.alive(processes), StopToken{}, this,
                [this, processes, connection](const Result<QStringList> &alive) {
                    if (alive) {
                        QStringList dead = processes;
                        dead.removeIf([&alive](const QString &process) { return alive->contains(process); });
                        return readAgain(dead, connection);
                    }
                    problem(alive.error()); // whoever runs must not be taken for dead
                    endReconciling();
                });
    });
}

// Who ended between the first reading and the question may have closed what it did meanwhile. From the dead nothing
// more comes: this reading is the last word.
void OperationCenter::Private::readAgain(const QStringList &dead, const QString &connection)
{
    if (dead.isEmpty())
        return sortOut({}, connection, dead);
    deliver(journal.read(), StopToken{}, this, [this, dead, connection](const Result<JournalReading> &read) {
        if (read)
            return sortOut(*read, connection, dead);
        problem(read.error());
        endReconciling();
    });
}

void OperationCenter::Private::sortOut(const JournalReading &reading, const QString &connection,
                                       const QStringList &dead)
{
    for (const JournalClosed &closed : reading.unrecorded) {
        if (dead.contains(closed.intent.process) && belongsHere(closed.intent))
            recordEntry(closed);
    }
    for (const JournalIntent &intent : reading.open) {
        const bool isMeant = connection.isEmpty() || intent.plan.connection == connection;
        if (isMeant && dead.contains(intent.process) && !reconcilers.contains(intent.id))
            begin(intent);
    }
    deliver(journal.prune(clock.now()), StopToken{}, this, [this](const Result<void> &pruned) {
        if (!pruned)
            problem(pruned.error());
    });
    if (reconcilers.isEmpty())
        endReconciling();
}

void OperationCenter::Private::begin(const JournalIntent &intent)
{
    const auto found = ports(intent.plan.connection);
    if (!found || !found->runner)
        return; // stays open until its connection is there
    if (!mayBeSameServer(intent.plan.server, found->server)) {
        // Its state there would say nothing. It stays open until the name leads to that server again, but not for ever.
        if (intent.elsewhereSince.isValid() && intent.elsewhereSince.addDays(daysOpenElsewhere) < clock.now())
            return compare(intent, *found->runner, true);
        if (!intent.elsewhereSince.isValid())
            noteElsewhere(intent);
        tellOnce(intent,
                 {ErrorKind::NotFound,
                  OperationCenter::tr("An operation on %1 (%2) was cut off by a crash, on another server than %3 leads "
                                      "to now. What became of it is looked up once %3 leads there again.")
                      .arg(intent.plan.application, intent.plan.environment, intent.plan.connection),
                  {}});
        return;
    }
    compare(intent, *found->runner, false);
}

// From when on it counts how long that is so: it may have been cut off long ago, and this be the first look.
void OperationCenter::Private::noteElsewhere(const JournalIntent &intent)
{
    settle(+1);
    deliver(journal.writeElsewhere(intent.id, clock.now()), StopToken{}, this, [this](const Result<void> &written) {
        if (!written)
            problem(written.error());
        settle(-1);
    });
}

void OperationCenter::Private::compare(const JournalIntent &intent, StepRunner &runner, bool isElsewhere)
{
    auto *reconciler = new Reconciler(
        intent, runner, clock, settings.timings,
        [this, intent](const Result<Outcome> &outcome) {
            reconcilers.take(intent.id)->deleteLater();
            if (outcome)
                close(intent, *outcome);
            else
                noteUnread(intent, outcome.error());
            if (reconcilers.isEmpty())
                endReconciling();
        },
        this);
    reconcilers.insert(intent.id, reconciler);
    if (isElsewhere)
        reconciler->startElsewhere();
    else
        reconciler->start();
}

void OperationCenter::Private::close(const JournalIntent &intent, const Outcome &outcome)
{
    settle(+1);
    deliver(journal.writeOutcome(intent.id, outcome, true), StopToken{}, this,
            [this, intent, outcome](const Result<void> &written) {
                if (written && belongsHere(intent))
                    recordEntry({intent, outcome, true});
                else if (!written)
                    problem(written.error()); // still open: closed at the next start
                emit q->reconciled({intent.id, intent.plan, intent.at, outcome});
                settle(-1);
            });
}

void OperationCenter::Private::dropReconcilers(const QString &connection)
{
    awaited.remove(connection);
    waits.remove(connection);
    const auto all = reconcilers;
    for (auto it = all.begin(); it != all.end(); ++it) {
        if (it.value()->connection() == connection)
            delete reconcilers.take(it.key());
    }
    if (!all.isEmpty() && reconcilers.isEmpty())
        endReconciling();
}

void OperationCenter::Private::endReconciling()
{
    if (!isReconciling)
        return;
    isReconciling = false;
    locks.release({reconcileKey()}, reconcileLock);
    if (!wantedConnections.isEmpty())
        reconcile(wantedConnections.takeFirst());
    settle(-1);
}

} // namespace signalbox
