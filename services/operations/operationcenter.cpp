#include "services/operations/operationcenter.h"

#include "services/async/deliver.h"
#include "services/ledger/ledger.h"
#include "services/operations/clock.h"
#include "services/operations/journal.h"
#include "services/operations/locallocks.h"
#include "services/operations/lockkey.h"
#include "services/operations/operationcenter_p.h"
#include "services/operations/operationrun.h"
#include "services/operations/outcomeentry.h"
#include "services/operations/reconciler.h"

#include <QDir>
#include <QLoggingCategory>
#include <QStandardPaths>

#include <algorithm>

namespace signalbox
{

Q_DECLARE_LOGGING_CATEGORY(operationsLog)

namespace
{

constexpr int keptOperations = 200;

bool shareOne(const QStringList &keys, const QStringList &others)
{
    return std::any_of(keys.cbegin(), keys.cend(), [&others](const QString &key) { return others.contains(key); });
}

} // namespace

OperationCenter::Private::Private(OperationCenter *center, PortsOf portsOf, Settings given, Clock *givenClock)
    : q(center)
    , ports(std::move(portsOf))
    , settings(std::move(given))
    , clock(givenClock ? *givenClock : systemClock)
    , folder(settings.dataFolder.isEmpty() ? OperationCenter::defaultDataFolder() : settings.dataFolder)
    , journal(folder)
    , ledger(settings.ledger ? settings.ledger : std::make_shared<Ledger>(folder + QLatin1String("/ledger.git")))
    , locks(folder, clock)
{
    nameLedger();
    // Git's configuration is read off this thread; until it is there, the account alone says who acts.
    deliver(identityQueue.run([]() -> Result<Identity> { return operatorIdentity(); }), StopToken{}, this,
            [this](const Result<Identity> &read) {
                if (read)
                    identity = *read;
            });
}

void OperationCenter::Private::problem(const Error &error)
{
    qCWarning(operationsLog).noquote() << error.message;
    emit q->problemOccurred(error);
}

void OperationCenter::Private::settle(int change)
{
    pendingWrites += change;
    if (q->isIdle())
        emit q->idle();
}

void OperationCenter::Private::noteChange(Operation *operation)
{
    if (changedOnes.isEmpty()) {
        QMetaObject::invokeMethod(
            this,
            [this] {
                const auto changes = std::exchange(changedOnes, {});
                for (const QPointer<Operation> &changed : changes) {
                    if (changed)
                        emit q->changed(changed);
                }
            },
            Qt::QueuedConnection);
    }
    if (!changedOnes.contains(operation))
        changedOnes.append(operation);
}

bool OperationCenter::Private::makeWay(Operation *wanting)
{
    const bool isBack = wanting->direction() == Direction::Back;
    const QStringList places = lockPlacesOf(wanting->plan());
    bool isFree = true;
    for (Operation *other : QList<Operation *>(operations)) {
        if (other == wanting || !shareOne(other->d->lockKeys, wanting->d->lockKeys) || !other->holdsLock())
            continue;
        if (!isBack)
            return false;
        const bool isElsewhere = !mayBeSameServer(wanting->plan().server, other->plan().server);
        if (isElsewhere || areApart(places, lockPlacesOf(other->plan())))
            continue;
        other->preempt(wanting->title());
        isFree = isFree && !other->holdsLock();
    }
    return isFree;
}

void OperationCenter::Private::noteFinished(Operation *operation)
{
    const OperationRun &run = *operation->d;
    for (const QString &warning : run.warnings)
        qCInfo(operationsLog).noquote() << run.id << warning;
    // What never got as far as an intent changed nothing and leaves no entry.
    if (run.intent.id == run.id && run.reachedRecording)
        recordEntry({run.intent, run.outcome, false});
    emit q->finished(operation);
    int finished = 0;
    for (Operation *kept : QList<Operation *>(operations)) {
        if (kept->isFinished() && ++finished > keptOperations)
            forget(kept);
    }
    settle(0);
}

void OperationCenter::Private::forget(Operation *operation)
{
    const QString id = operation->id();
    operations.removeOne(operation);
    operation->deleteLater();
    emit q->removed(id);
}

void OperationCenter::Private::nameLedger()
{
    journal.setLedger(QDir(folder).relativeFilePath(ledger->path()));
}

bool OperationCenter::Private::belongsHere(const JournalIntent &intent) const
{
    return intent.ledger.isEmpty() || intent.ledger == QDir(folder).relativeFilePath(ledger->path());
}

void OperationCenter::Private::recordEntry(const JournalClosed &closed)
{
    const LedgerEntry entry = outcomeEntry(closed);
    settle(+1);
    deliver(ledger->append(entry), StopToken{}, this, [this, entry](const Result<QString> &commit) {
        if (!commit) {
            problem(
                {commit.error().kind,
                 OperationCenter::tr("The outcome of %1 (%2) is not in the ledger yet; it will be written at the next "
                                     "start. %3")
                     .arg(entry.application, entry.environment, commit.error().message),
                 commit.error().detail});
            settle(-1);
            return;
        }
        emit q->entryRecorded(entry);
        deliver(journal.writeRecorded(entry.id, clock.now()), StopToken{}, this, [this](const Result<void> &written) {
            if (!written)
                problem(written.error());
            settle(-1);
        });
    });
}

OperationCenter::OperationCenter(PortsOf ports, Settings settings, Clock *clock, QObject *parent)
    : QObject(parent)
    , d(std::make_unique<Private>(this, std::move(ports), std::move(settings), clock))
{}

OperationCenter::~OperationCenter()
{
    // Before what they borrow goes away.
    for (Operation *operation : std::exchange(d->operations, {}))
        delete operation;
}

QString OperationCenter::defaultDataFolder()
{
    return QStandardPaths::writableLocation(QStandardPaths::GenericDataLocation) + QLatin1String("/signalbox");
}

QString OperationCenter::dataFolder() const
{
    return d->folder;
}

void OperationCenter::setPolicyChecks(PolicyChecks checks)
{
    d->policyChecks = std::move(checks);
}

Result<Operation *> OperationCenter::create(const Plan &plan)
{
    const auto ports = d->ports(plan.connection);
    if (!ports || !ports->runner)
        return Error{ErrorKind::NotFound,
                     tr("The connection %1 of this plan is not there (any more). Add it, or make the plan again.")
                         .arg(plan.connection),
                     {}};
    if (plan.steps.isEmpty())
        return Error{
            ErrorKind::Invalid, tr("The plan for %1 has no step: there is nothing to do.").arg(plan.application), {}};
    Operation::Environment environment;
    environment.ports = *ports;
    environment.clock = &d->clock;
    environment.journal = &d->journal;
    environment.locks = &d->locks;
    environment.timings = d->settings.timings;
    environment.makeWay = [this](Operation *wanting) { return d->makeWay(wanting); };
    environment.who = [this] { return d->identity; };
    environment.policyChecks = d->policyChecks;
    Plan known = plan;
    known.server = serverAtPlace(ports->server, plan.server);
    auto *operation = new Operation(known, std::move(environment), nullptr);
    d->operations.prepend(operation);
    const auto changedNow = [this, operation] { d->noteChange(operation); };
    connect(operation, &Operation::stateChanged, d.get(), changedNow);
    connect(operation, &Operation::planChanged, d.get(), changedNow);
    connect(operation, &Operation::progressed, d.get(), [this, operation, changedNow] {
        changedNow();
        if (operation->isFinished())
            d->settle(0);
    });
    connect(operation, &Operation::ticked, d.get(), changedNow);
    connect(operation, &Operation::finished, d.get(), [this, operation] { d->noteFinished(operation); });
    emit added(operation);
    return operation;
}

void OperationCenter::discard(Operation *operation)
{
    if (!d->operations.contains(operation))
        return;
    if (operation->holdsLock() && operation->release() && operation->holdsLock()) {
        // Still asking for its locks: it can be let go once they are there.
        connect(operation, &Operation::stateChanged, d.get(), [this, operation](OperationState state) {
            if (state == OperationState::AwaitingConfirmation || state == OperationState::Finished)
                QMetaObject::invokeMethod(
                    operation, [this, operation] { discard(operation); }, Qt::QueuedConnection);
        });
        return;
    }
    if (operation->holdsLock() || operation->state() == OperationState::Recording)
        return;
    operation->cancel();
    if (d->operations.contains(operation))
        d->forget(operation);
}

QList<Operation *> OperationCenter::operations() const
{
    return d->operations;
}

Operation *OperationCenter::find(const QString &id) const
{
    const auto found = std::find_if(d->operations.begin(), d->operations.end(),
                                    [&id](const Operation *operation) { return operation->id() == id; });
    return found == d->operations.end() ? nullptr : *found;
}

Operation *OperationCenter::holderOf(const QString &key) const
{
    const auto found = std::find_if(d->operations.begin(), d->operations.end(), [&key](const Operation *operation) {
        return operation->key() == key && operation->holdsLock();
    });
    return found == d->operations.end() ? nullptr : *found;
}

int OperationCenter::runningCount() const
{
    return static_cast<int>(std::count_if(d->operations.begin(), d->operations.end(),
                                          [](const Operation *operation) { return operation->holdsLock(); }));
}

void OperationCenter::forgetConnection(const QString &connection)
{
    d->dropReconcilers(connection);
    for (Operation *operation : QList<Operation *>(d->operations)) {
        if (operation->plan().connection == connection)
            operation->loseConnection(tr("The connection %1 was removed.").arg(connection));
    }
}

QFuture<Result<QList<LedgerEntry>>> OperationCenter::newestEntries(int count)
{
    return d->ledger->newest(count, QStringLiteral("operation"));
}

void OperationCenter::setLedger(std::shared_ptr<Ledger> ledger)
{
    d->ledger = std::move(ledger);
    d->nameLedger();
}

QString OperationCenter::ledgerPath() const
{
    return d->ledger->path();
}

bool OperationCenter::isIdle() const
{
    return d->pendingWrites == 0 &&
           std::none_of(d->operations.begin(), d->operations.end(), [](const Operation *operation) {
               return operation->state() == OperationState::Recording || operation->d->isReleasing;
           });
}

void OperationCenter::connectionHeard(const QString &connection)
{
    d->waits.remove(connection);
    d->lookAgain(connection);
}

void OperationCenter::reconcile(const QString &connection)
{
    d->reconcile(connection);
}

} // namespace signalbox
