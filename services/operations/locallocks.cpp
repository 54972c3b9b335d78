#include "services/operations/locallocks.h"

#include "models/domain/ulid.h"
#include "services/async/deliver.h"
#include "services/ledger/operationjson.h"
#include "services/operations/clock.h"
#include "services/operations/lockkey.h"
#include "services/operations/presence.h"

#include <QCoreApplication>
#include <QCryptographicHash>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QLockFile>
#include <QSaveFile>

#include <algorithm>

namespace signalbox
{
namespace
{

using namespace std::chrono_literals;
using operationjson::Fields;
using operationjson::Json;
using operationjson::utf8;

constexpr auto retryEvery = 50ms;
constexpr int mutexWaitMs = 500; // on the queue's thread

struct LocalLocksText
{
    Q_DECLARE_TR_FUNCTIONS(LocalLocks)
};

Error unusable(const QString &path)
{
    return {ErrorKind::Internal,
            LocalLocksText::tr("The lock file %1 cannot be used. Make its folder writable for you.").arg(path),
            {}};
}

QByteArray toBytes(const LockHolder &holder)
{
    const Json json{{"v", 1},
                    {"operation", utf8(holder.operation)},
                    {"process", utf8(holder.process)},
                    {"pid", holder.pid},
                    {"who", utf8(holder.who)},
                    {"title", utf8(holder.title)},
                    {"direction", utf8(operationjson::directionName(holder.direction))},
                    {"since", operationjson::timeText(holder.since)},
                    {"places", utf8(holder.places.join(u'\n'))},
                    {"server", utf8(holder.server)}};
    return QByteArray::fromStdString(json.dump(1)) + '\n';
}

// What cannot be read does not hold anything: it is replaced as a whole, so it can only be damaged by hand.
std::optional<LockHolder> readHolder(const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return std::nullopt;
    const QByteArray bytes = file.readAll();
    const Json json = Json::parse(bytes.begin(), bytes.end(), nullptr, false);
    const auto holder = operationjson::decode<LockHolder>(path, [&json] {
        const Fields fields(json);
        LockHolder found;
        found.operation = fields.text("operation");
        found.process = fields.text("process");
        found.pid = fields.number("pid");
        found.who = fields.text("who");
        found.title = fields.text("title");
        found.direction = fields.named("direction", operationjson::allDirections(), operationjson::directionName);
        found.since = fields.time("since");
        found.places = fields.text("places", {}).split(u'\n', Qt::SkipEmptyParts);
        found.server = fields.text("server", {});
        return found;
    });
    return holder ? std::optional(*holder) : std::nullopt;
}

bool writeHolder(const QString &path, const LockHolder &holder)
{
    QSaveFile file(path);
    const QByteArray bytes = toBytes(holder);
    return file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size() && file.commit();
}

QString hashOf(const QString &text)
{
    return QString::fromLatin1(QCryptographicHash::hash(text.toUtf8(), QCryptographicHash::Sha256).toHex().left(24));
}

// One file that may name a holder, and the one by which it is asked to give way.
struct LockSlot
{
    QString holder;
    QString request;
};

// Of one key.
struct KeyPaths
{
    QString folder;
    QString base;

    LockSlot own() const { return slot(base); }
    LockSlot beside(const QString &operation) const { return slot(base + besideMark() + hashOf(operation)); }
    // All that may hold the key; its own first.
    QList<LockSlot> all() const
    {
        QList<LockSlot> found{own()};
        const QStringList names{QFileInfo(base).fileName() + besideMark() + QLatin1String("*.json")};
        QStringList besides;
        for (const QString &name : QDir(folder).entryList(names, QDir::Files, QDir::Name))
            besides.append(name.chopped(name.endsWith(requestEnd()) ? requestEnd().size() : 5));
        besides.removeDuplicates();
        for (const QString &name : std::as_const(besides))
            found.append(slot(folder + QLatin1Char('/') + name));
        return found;
    }

private:
    static LockSlot slot(const QString &path) { return {path + QLatin1String(".json"), path + requestEnd()}; }
    static QString besideMark() { return QStringLiteral(".at-"); }
    static QString requestEnd() { return QStringLiteral(".request.json"); }
};

struct Paths
{
    QString folder;
    QString mutex; // of all keys
    QList<KeyPaths> keys;

    QList<LockSlot> all() const
    {
        QList<LockSlot> found;
        for (const KeyPaths &key : keys)
            found += key.all();
        return found;
    }
};

Paths pathsOf(const QString &folder, const QStringList &keys)
{
    Paths paths{folder, folder + QLatin1String("/mutex.lock"), {}};
    for (const QString &key : keys)
        paths.keys.append({folder, folder + QLatin1Char('/') + hashOf(key)});
    return paths;
}

struct HeldSlot
{
    LockSlot slot;
    LockHolder holder;
};

// Those alive other than `operation`. Who holds several of the keys is found in each of them.
template <typename SomePaths>
QList<HeldSlot> otherHolders(const SomePaths &paths, const QString &operation)
{
    QList<HeldSlot> found;
    for (const LockSlot &slot : paths.all()) {
        const auto holder = readHolder(slot.holder);
        if (holder && holder->operation != operation && Presence::isAlive(paths.folder, holder->process))
            found.append({slot, *holder});
    }
    return found;
}

QList<LockHolder> holdersIn(const QList<HeldSlot> &held)
{
    QList<LockHolder> holders;
    for (const HeldSlot &one : held) {
        if (!holders.contains(one.holder))
            holders.append(one.holder);
    }
    return holders;
}

QList<HeldSlot> inTheWay(QList<HeldSlot> others, const QStringList &places, const QString &server)
{
    others.removeIf([&](const HeldSlot &one) {
        return areApart(places, one.holder.places) || !mayBeSameServer(server, one.holder.server);
    });
    return others;
}

std::optional<LockSlot> slotOf(const KeyPaths &paths, const QString &operation)
{
    for (const LockSlot &slot : paths.all()) {
        const auto holder = readHolder(slot.holder);
        if (holder && holder->operation == operation)
            return slot;
    }
    return std::nullopt;
}

// Runs `work` while no other process looks at the same files.
template <typename Work>
auto underMutex(const Paths &paths, Work work) -> decltype(work())
{
    if (!QDir().mkpath(paths.folder))
        return unusable(paths.mutex);
    QLockFile mutex(paths.mutex);
    mutex.setStaleLockTime(5000); // it is held for a moment only
    if (!mutex.tryLock(mutexWaitMs))
        return unusable(paths.mutex);
    return work();
}

struct Attempt
{
    QList<LockHolder> others; // they have the lock, unless we took over
    QStringList asked;        // operations that found or will find our request
    bool isOurs = false;
};

enum class Manner { Ask, LeaveRequest, TakeOver };

// Who holds a slot is asked by one file. Of several who ask the last one stands there, which is enough as long as it is
// there: who gave up takes it along, and then the others have to ask again.
bool isAsked(const Paths &paths, const LockSlot &slot, const LockHolder &self)
{
    const auto request = readHolder(slot.request);
    return request && (request->operation == self.operation || Presence::isAlive(paths.folder, request->process));
}

// A request that stands there is not left again: asking the same one again would not be read twice.
Result<Attempt> leaveRequests(const Paths &paths, const QList<HeldSlot> &holders, const LockHolder &self,
                              Attempt attempt)
{
    for (const HeldSlot &one : holders) {
        const bool isKnown = attempt.asked.contains(one.holder.operation);
        if (isKnown && isAsked(paths, one.slot, self))
            continue;
        if (!writeHolder(one.slot.request, self))
            return unusable(one.slot.request);
        if (!isKnown)
            attempt.asked.append(one.holder.operation);
    }
    return attempt;
}

// The holders that `self` has to wait for, or to take over from.
template <typename SomePaths>
QList<HeldSlot> blockersOf(const SomePaths &paths, const LockHolder &self)
{
    const QList<HeldSlot> others = otherHolders(paths, self.operation);
    return self.direction == Direction::Back ? inTheWay(others, self.places, self.server) : others;
}

Result<void> takeKey(const KeyPaths &paths, const LockHolder &self)
{
    const QList<HeldSlot> others = otherHolders(paths, self.operation);
    const QList<HeldSlot> blocking = blockersOf(paths, self);
    const bool isTaken = !others.isEmpty() && others.first().slot.holder == paths.own().holder;
    const LockSlot slot = !blocking.isEmpty() ? blocking.first().slot
                          : isTaken           ? paths.beside(self.operation)
                                              : paths.own();
    if (!writeHolder(slot.holder, self))
        return unusable(slot.holder);
    QFile::remove(slot.request);
    for (const HeldSlot &lost : blocking.mid(1)) { // who waits for one of them asks us now
        QFile::remove(lost.slot.request);
        if (!QFile::remove(lost.slot.holder))
            return unusable(lost.slot.holder);
    }
    return {};
}

Result<Attempt> tryLock(const Paths &paths, const LockHolder &self, Manner manner, const QStringList &asked)
{
    return underMutex(paths, [&]() -> Result<Attempt> {
        Attempt attempt;
        attempt.asked = asked;
        const QList<HeldSlot> blocking = blockersOf(paths, self);
        attempt.others = holdersIn(blocking);
        if (!blocking.isEmpty() && manner != Manner::TakeOver)
            return manner == Manner::LeaveRequest ? leaveRequests(paths, blocking, self, attempt)
                                                  : Result<Attempt>(attempt);
        for (const KeyPaths &key : paths.keys) {
            if (const auto taken = takeKey(key, self); !taken)
                return taken.error();
        }
        for (const LockSlot &left : paths.all()) { // somebody else may have asked for it anew
            if (const auto request = readHolder(left.request); request && request->operation == self.operation)
                QFile::remove(left.request);
        }
        attempt.isOurs = true;
        return attempt;
    });
}

} // namespace

QString toString(const LockHolder &holder)
{
    return LocalLocksText::tr("%1: %2 (process %3, since %4 UTC)")
        .arg(holder.who, holder.title)
        .arg(holder.pid)
        .arg(holder.since.toUTC().toString(QStringLiteral("HH:mm:ss")));
}

struct LocalLocks::Pending
{
    QStringList keys;
    LockHolder self;
    bool preempt = false;
    qint64 takeOverAt = 0;
    QStringList asked; // operations
    bool isReleased = false;
    QPromise<Result<LockGrant>> promise;

    void answer(const Result<LockGrant> &result)
    {
        promise.addResult(result);
        promise.finish();
    }
};

LocalLocks::LocalLocks(const QString &dataFolder, Clock &clock, QObject *parent)
    : QObject(parent)
    , m_folder(dataFolder + QLatin1String("/locks"))
    , m_clock(clock)
    , m_process(newUlid())
{
    auto present = m_queue.run([this]() -> Result<void> {
        m_presence = std::make_unique<Presence>(m_folder, m_process);
        return {};
    });
    Q_UNUSED(present) // where it fails, the first acquire() says so
}

LocalLocks::~LocalLocks() = default;

QFuture<Result<LockGrant>> LocalLocks::acquire(const QStringList &keys, LockHolder holder, bool preempt,
                                               std::chrono::milliseconds grace)
{
    auto pending = std::make_shared<Pending>();
    pending->keys = keys;
    pending->self = std::move(holder);
    pending->preempt = preempt;
    pending->takeOverAt = m_clock.monotonicMs() + grace.count();
    pending->promise.start();
    m_pending.insert(pending->self.operation, pending);
    attempt(pending);
    return pending->promise.future();
}

void LocalLocks::attempt(const std::shared_ptr<Pending> &pending)
{
    Manner manner = Manner::Ask;
    if (pending->preempt)
        manner = m_clock.monotonicMs() >= pending->takeOverAt ? Manner::TakeOver : Manner::LeaveRequest;
    const auto work = [paths = pathsOf(m_folder, pending->keys), self = pending->self, manner, asked = pending->asked] {
        return tryLock(paths, self, manner, asked);
    };
    deliver(m_queue.run(work), StopToken{}, this, [this, pending](const Result<Attempt> &result) {
        if (pending->isReleased)
            return;
        const bool mayRetry = result && !result->isOurs && pending->preempt;
        if (mayRetry) {
            pending->asked = result->asked;
            m_clock.callAfter(retryEvery, this, [this, pending] {
                if (!pending->isReleased)
                    attempt(pending);
            });
            return;
        }
        m_pending.remove(pending->self.operation);
        if (!result)
            pending->answer(result.error());
        else if (!result->isOurs)
            pending->answer(
                Error{ErrorKind::Refused,
                      LocalLocksText::tr("Another operation is under way here: %1. Wait for it or stop it first.")
                          .arg(toString(result->others.first())),
                      {}});
        else {
            m_granted.insert(pending->self.operation, pending->self);
            pending->answer(LockGrant{result->others});
        }
    });
}

QFuture<Result<std::optional<LockHolder>>> LocalLocks::peek(const QStringList &keys, const QStringList &places,
                                                            const QString &server)
{
    return m_queue.run([paths = pathsOf(m_folder, keys), places, server]() -> Result<std::optional<LockHolder>> {
        const auto others =
            inTheWay(otherHolders(paths, {}), places, server); // replaced as a whole: reading needs no mutex
        return others.isEmpty() ? std::nullopt : std::optional(others.first().holder);
    });
}

QFuture<Result<LockWatch>> LocalLocks::watch(const QStringList &keys, const QString &operation)
{
    const LockHolder self = m_granted.value(operation);
    return m_queue.run([paths = pathsOf(m_folder, keys), operation, self]() -> Result<LockWatch> {
        LockWatch watch;
        for (const KeyPaths &key : paths.keys) {
            const auto mine = slotOf(key, operation);
            watch.isLost = watch.isLost || !mine; // one of them is enough: who took it may know no other
            const auto request = readHolder(mine.value_or(key.own()).request);
            if (request && request->operation != operation && Presence::isAlive(paths.folder, request->process))
                watch.request = request;
        }
        if (watch.isLost) {
            // Whoever takes over goes back, and is not surely elsewhere.
            for (const HeldSlot &one : inTheWay(otherHolders(paths, operation), self.places, self.server)) {
                if (one.holder.direction == Direction::Back && !watch.lostTo)
                    watch.lostTo = one.holder;
            }
        }
        return watch;
    });
}

QFuture<Result<QStringList>> LocalLocks::alive(QStringList processes)
{
    return m_queue.run([folder = m_folder, self = m_process,
                        processes = std::move(processes)]() -> Result<QStringList> {
        QStringList found = processes;
        found.removeIf([&](const QString &process) { return process != self && !Presence::isAlive(folder, process); });
        return found;
    });
}

void LocalLocks::release(const QStringList &keys, const QString &operation)
{
    if (const auto pending = m_pending.take(operation)) {
        pending->isReleased = true;
        pending->answer(Error{ErrorKind::Cancelled, {}, {}});
    }
    m_granted.remove(operation);
    const auto work = [paths = pathsOf(m_folder, keys), operation] {
        return underMutex(paths, [&]() -> Result<void> {
            for (const LockSlot &slot : paths.all()) {
                for (const QString &path : {slot.holder, slot.request}) {
                    const auto known = readHolder(path);
                    if (known && known->operation == operation)
                        QFile::remove(path);
                }
            }
            return {};
        });
    };
    auto done = m_queue.run(work); // nobody waits: a lock that stays behind dies with this process
    Q_UNUSED(done)
}

} // namespace signalbox
