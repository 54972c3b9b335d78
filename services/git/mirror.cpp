#include "services/git/mirror.h"

#include "services/git/gittext.h"
#include "services/git/history.h"
#include "services/git/repository.h"

#include <QCryptographicHash>
#include <QDir>
#include <QFile>
#include <QLockFile>
#include <QSaveFile>
#include <QTemporaryDir>

namespace signalbox::git
{

namespace
{

constexpr int lockSliceMs = 100; // between looks for a stop

// The last part of the address for people who look into the folder, its hash for the rest.
QString nameOf(const RemoteUrl &url)
{
    QString last = url.shown.section(QLatin1Char('/'), -1).section(QLatin1Char(':'), -1);
    if (last.endsWith(QLatin1String(".git")))
        last.chop(4);
    last.removeIf([](QChar c) {
        return c.unicode() > 0x7e || !(c.isLetterOrNumber() || c == QLatin1Char('-') || c == QLatin1Char('_'));
    });
    const QByteArray hash = QCryptographicHash::hash(url.shown.toUtf8(), QCryptographicHash::Sha256).toHex().left(16);
    return QStringLiteral("%1-%2.git").arg(last.left(40), QString::fromLatin1(hash));
}

QString timeFile(const QString &path)
{
    return path + QStringLiteral("/signalbox-fetched");
}

} // namespace

Mirror::Mirror(const QString &cacheFolder, const RemoteUrl &url)
    : m_folder(cacheFolder)
    , m_name(nameOf(url))
    , m_path(cacheFolder + QLatin1Char('/') + m_name)
{}

bool Mirror::isThere() const
{
    return QDir(m_path).exists();
}

QDateTime Mirror::updatedAt() const
{
    QFile file(timeFile(m_path));
    if (!file.open(QIODevice::ReadOnly))
        return {};
    return QDateTime::fromString(QString::fromLatin1(file.read(64)).trimmed(), Qt::ISODateWithMs).toUTC();
}

void Mirror::noteTime() const
{
    QSaveFile file(timeFile(m_path));
    if (file.open(QIODevice::WriteOnly)) {
        file.write(QDateTime::currentDateTimeUtc().toString(Qt::ISODateWithMs).toLatin1());
        file.commit();
    }
}

void Mirror::removePartial() const
{
    const QDir folder(m_folder);
    for (const QString &name : folder.entryList({m_name + QStringLiteral(".partial-*")}, QDir::Dirs | QDir::Hidden))
        QDir(folder.filePath(name)).removeRecursively();
}

Result<void> Mirror::clone(const Remote &remote, const FetchOrder &order, const RemoteProgressSink &progress,
                           const StopToken &stop) const
{
    QTemporaryDir partial(m_path + QStringLiteral(".partial-XXXXXX"));
    if (!partial.isValid())
        return Error{ErrorKind::Invalid,
                     GitText::tr("The cache folder %1 cannot be written: %2.").arg(m_folder, partial.errorString()),
                     {}};
    if (const auto made = Repository::openOrCreateBare(partial.path(), QStringLiteral("main")); !made)
        return made.error();
    if (const auto fetched = remote.fetch(partial.path(), order, progress, stop); !fetched)
        return fetched.error();
    partial.setAutoRemove(false);
    if (!QDir().rename(partial.path(), m_path)) {
        partial.remove();
        return Error{ErrorKind::Internal, GitText::tr("The clone cannot be put in place at %1.").arg(m_path), {}};
    }
    return {};
}

Result<void> Mirror::update(const Remote &remote, const RemoteProgressSink &progress, const StopToken &stop) const
{
    if (!QDir().mkpath(m_folder))
        return Error{ErrorKind::Invalid,
                     GitText::tr("The cache folder %1 cannot be made. Check the rights there.").arg(m_folder),
                     {}};
    QLockFile lock(m_path + QStringLiteral(".lock"));
    lock.setStaleLockTime(0); // only when its program is gone
    while (!lock.tryLock(lockSliceMs)) {
        if (stop.stop_requested())
            return Error{ErrorKind::Cancelled, GitText::tr("Stopped."), {}};
        if (lock.error() != QLockFile::LockFailedError)
            return Error{ErrorKind::Invalid,
                         GitText::tr("The cache folder %1 cannot be written. Check the rights there.").arg(m_folder),
                         {}};
    }
    removePartial();
    if (isThere() && !History::open(m_path)) // no repository any more: it is only a copy
        QDir(m_path).removeRecursively();
    const FetchOrder order{
        {QStringLiteral("+refs/heads/*:refs/heads/*"), QStringLiteral("+refs/tags/*:refs/tags/*")}, true, true};
    if (!isThere()) {
        if (const auto cloned = clone(remote, order, progress, stop); !cloned)
            return cloned;
    } else if (const auto fetched = remote.fetch(m_path, order, progress, stop); !fetched) {
        return fetched.error();
    }
    noteTime();
    return {};
}

} // namespace signalbox::git
