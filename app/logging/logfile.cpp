#include "app/logging/logfile.h"

#include <QDir>
#include <QFileInfo>
#include <QLockFile>

#include <utility>

namespace signalbox
{

LogFile::LogFile(QString path, qint64 maxBytes, int keep)
    : m_path(std::move(path))
    , m_maxBytes(maxBytes)
    , m_keep(keep)
{}

LogFile::~LogFile() = default;

void LogFile::append(const QByteArray &line)
{
    if (!m_file.isOpen() && !open())
        return;
    if (m_file.size() + line.size() > m_maxBytes && m_file.size() > 0) {
        rotate();
        if (!m_file.isOpen())
            return;
    }
    if (m_file.write(line) != line.size() || !m_file.flush())
        m_problem = m_file.errorString();
}

bool LogFile::open()
{
    if (!m_problem.isEmpty())
        return false;
    const QFileInfo info(m_path);
    const bool isNew = !info.exists();
    QDir().mkpath(info.absolutePath());
    m_file.setFileName(m_path);
    // Unbuffered append: one line is one write, so that lines of several processes do not mix.
    if (!m_file.open(QIODevice::WriteOnly | QIODevice::Append | QIODevice::Unbuffered)) {
        m_problem = m_file.errorString();
        return false;
    }
    if (isNew)
        m_file.setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner);
    return true;
}

void LogFile::rotate()
{
    m_file.close();
    {
        QLockFile lock(m_path + QStringLiteral(".lock"));
        lock.setStaleLockTime(2000);
        // Another process may be turning, or have turned, the same file: then only a new handle is needed.
        if (lock.tryLock(200) && QFileInfo(m_path).size() > m_maxBytes / 2) {
            const auto numbered = [this](int n) { return QStringLiteral("%1.%2").arg(m_path).arg(n); };
            QFile::remove(numbered(m_keep));
            for (int n = m_keep - 1; n >= 1; --n)
                QFile::rename(numbered(n), numbered(n + 1));
            if (m_keep > 0)
                QFile::rename(m_path, numbered(1));
            else
                QFile::remove(m_path);
        }
    }
    open();
}

} // namespace signalbox
