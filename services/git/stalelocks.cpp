#include "services/git/stalelocks.h"

#include <QDateTime>
#include <QDirIterator>
#include <QFile>
#include <QFileInfo>

#include <algorithm>
#include <chrono>

namespace signalbox::git
{
namespace
{

bool isOlder(const QFileInfo &file, std::chrono::seconds age)
{
    return file.lastModified().secsTo(QDateTime::currentDateTime()) > age.count();
}

} // namespace

bool removeStaleLock(const QString &lockFile)
{
    const QFileInfo file(lockFile);
    return file.isFile() && isOlder(file, std::chrono::minutes(1)) && QFile::remove(lockFile);
}

void removeStaleLocks(const QString &gitFolder, const QStringList &temporary)
{
    for (const char *name : {"HEAD.lock", "packed-refs.lock", "config.lock"})
        removeStaleLock(gitFolder + QLatin1Char('/') + QLatin1String(name));
    const QString refs = gitFolder + QStringLiteral("/refs/");
    QDirIterator files(refs, QDir::Files, QDirIterator::Subdirectories);
    while (files.hasNext()) {
        const QString path = files.next();
        const QString name = path.mid(refs.size());
        const auto fits = [&name](const QString &prefix) { return name.startsWith(prefix); };
        if (path.endsWith(QLatin1String(".lock")))
            removeStaleLock(path);
        else if (std::any_of(temporary.begin(), temporary.end(), fits) &&
                 isOlder(files.fileInfo(), std::chrono::hours(24)))
            QFile::remove(path);
    }
}

} // namespace signalbox::git
