#pragma once

#include "models/domain/operation.h"
#include "models/domain/result.h"
#include "services/async/serialqueue.h"

#include <QFuture>
#include <QHash>
#include <QObject>

#include <chrono>
#include <memory>
#include <optional>

namespace signalbox
{

class Clock;
class Presence;

// Who holds an application and environment on this machine, or asks for it.
struct LockHolder
{
    QString operation; // its id
    QString process;   // its LocalLocks::process()
    qint64 pid = 0;
    QString who;   // user@host
    QString title; // "Shift traffic of cart in production"
    Direction direction = Direction::Forward;
    QDateTime since;
    QStringList places = {}; // lockPlacesOf(): the environments that alone it is about; empty: not told
    QString server = {};     // serverIdentity(): two servers may be at one address; empty: not known
    bool operator==(const LockHolder &) const = default;
};
QString toString(const LockHolder &holder); // "ann@host: Shift traffic ... (process 4711, since 10:04:05 UTC)"

struct LockGrant
{
    QList<LockHolder> tookOverFrom; // who did not give way within the grace
};

struct LockWatch
{
    std::optional<LockHolder> request; // somebody who goes back asks us to give way
    bool isLost = false;               // somebody took over ...
    std::optional<LockHolder> lostTo;  // ... and still has it
};

// One operation per key across the processes of this machine. FOLDER/locks/HASH.json names the holder; it is only
// touched under a QLockFile that is held for a moment. A holder whose process is gone (Presence) does not count. Who
// goes back leaves HASH.request.json, which the holder watches, and takes over after a short grace. GUI thread; the
// disk is touched on a thread of its own. Whoever goes back and is surely elsewhere than the holder (areApart,
// !mayBeSameServer) leaves it alone and holds FOLDER/locks/HASH.at-HASH.json beside it, which is in the way of all that
// goes on. Several may so be in the way of one: each is asked, and whoever takes over leaves none of them its file.
// Where one thing has several keys (lockKeysOf) they are taken together, or none is.
class LocalLocks : public QObject
{
    Q_OBJECT
public:
    LocalLocks(const QString &dataFolder, Clock &clock, QObject *parent = nullptr);
    ~LocalLocks() override;

    // The folder of lock and Presence files.
    QString folder() const { return m_folder; }
    QString process() const { return m_process; } // what others know us by

    // Refused, and who has it, when somebody alive does and `preempt` is false. Other kinds: the folder cannot be used.
    [[nodiscard]] QFuture<Result<LockGrant>> acquire(const QStringList &keys, LockHolder holder, bool preempt,
                                                     std::chrono::milliseconds grace);
    // Leaves out who is surely elsewhere than `places`, or at another server than `server`, where those are told.
    [[nodiscard]] QFuture<Result<std::optional<LockHolder>>>
    peek(const QStringList &keys, const QStringList &places = {}, const QString &server = {});
    [[nodiscard]] QFuture<Result<LockWatch>> watch(const QStringList &keys, const QString &operation);
    // Those of `processes` that still run, this one included.
    [[nodiscard]] QFuture<Result<QStringList>> alive(QStringList processes);
    // Also ends an acquire() under way. Does nothing when somebody else has it by now.
    void release(const QStringList &keys, const QString &operation);

private:
    struct Pending;
    void attempt(const std::shared_ptr<Pending> &pending);

    QString m_folder;
    Clock &m_clock;
    QHash<QString, std::shared_ptr<Pending>> m_pending; // by operation
    QHash<QString, LockHolder> m_granted;               // the same, once granted
    QString m_process;
    std::unique_ptr<Presence> m_presence; // made on the queue, freed after it
    SerialQueue m_queue;
};

} // namespace signalbox
