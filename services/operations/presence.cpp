#include "services/operations/presence.h"

#include "models/domain/ulid.h"

#include <QDir>
#include <QFile>

namespace signalbox
{
namespace
{

QString fileOf(const QString &folder, const QString &token)
{
    return folder + QLatin1String("/alive-") + token + QLatin1String(".lock");
}

} // namespace

Presence::Presence(const QString &folder, const QString &token)
    : m_lock(fileOf(folder, token))
{
    QDir().mkpath(folder);
    m_lock.setStaleLockTime(0);
    m_isKnown = m_lock.tryLock(0);
}

Presence::~Presence() = default;

bool Presence::isAlive(const QString &folder, const QString &token)
{
    const QString path = fileOf(folder, token);
    if (!isUlid(token) || !QFile::exists(path))
        return false;
    QLockFile probe(path);
    probe.setStaleLockTime(0); // stale only when its process is gone
    return !probe.tryLock(0) && probe.error() == QLockFile::LockFailedError;
}

} // namespace signalbox
