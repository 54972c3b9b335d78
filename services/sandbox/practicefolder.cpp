#include "services/sandbox/practicefolder.h"

#include <QDir>

namespace signalbox::sandbox
{

namespace
{

QString prefix()
{
    return QStringLiteral("signalbox-practice-");
}

QString ownerFile(const QString &folder)
{
    return folder + QStringLiteral("/owner");
}

QString usualBase()
{
    const QString runtime = qEnvironmentVariable("XDG_RUNTIME_DIR");
    return !runtime.isEmpty() && QDir(runtime).exists() ? runtime : QDir::tempPath();
}

} // namespace

PracticeFolder::PracticeFolder(const QString &base)
    : m_base(base.isEmpty() ? usualBase() : base)
    , m_folder(m_base + u'/' + prefix() + QStringLiteral("XXXXXX"))
    , m_owner(ownerFile(m_folder.path()))
{
    m_owner.setStaleLockTime(0); // a world may run for days: only a program that is gone leaves its lock to others
    m_isOurs = m_folder.isValid() && m_owner.tryLock(0);
}

PracticeFolder::~PracticeFolder()
{
    remove();
}

void PracticeFolder::remove()
{
    m_owner.unlock();
    m_folder.remove();
}

int PracticeFolder::removeLeftOver() const
{
    int count = 0;
    const QStringList names =
        QDir(m_base).entryList({prefix() + QStringLiteral("*")}, QDir::Dirs | QDir::NoDotAndDotDot | QDir::NoSymLinks);
    for (const QString &name : names) {
        const QString path = m_base + u'/' + name;
        // One that is just being made has no owner yet: it is left alone.
        if (path == m_folder.path() || !QFileInfo::exists(ownerFile(path)) || !QFileInfo(path).isWritable())
            continue;
        QLockFile owner(ownerFile(path));
        owner.setStaleLockTime(0);
        if (!owner.tryLock(0))
            continue;
        owner.unlock();
        count += QDir(path).removeRecursively() ? 1 : 0;
    }
    return count;
}

} // namespace signalbox::sandbox
