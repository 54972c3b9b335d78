#include "services/adapters/git/linecountstore.h"

#include <QDir>
#include <QFileInfo>

namespace signalbox
{

LineCountStore::LineCountStore(const QString &file)
    : m_file(file)
{}

void LineCountStore::load()
{
    if (m_isLoaded)
        return;
    m_isLoaded = true;
    QFile file(m_file.fileName());
    if (!file.open(QIODevice::ReadOnly))
        return;
    while (!file.atEnd()) {
        const QByteArray line = file.readLine(200);
        const QList<QByteArray> words = line.trimmed().split(' ');
        bool areNumbers[3] = {};
        if (words.size() != 4 || words[0].size() != 40 || !line.endsWith('\n'))
            continue;
        const LineCounts lines{words[1].toInt(&areNumbers[0]), words[2].toInt(&areNumbers[1]),
                               words[3].toInt(&areNumbers[2])};
        if (areNumbers[0] && areNumbers[1] && areNumbers[2])
            m_known.insert(QString::fromLatin1(words[0]), lines);
    }
}

std::optional<LineCounts> LineCountStore::find(const QString &commit)
{
    const std::lock_guard lock(m_mutex);
    load();
    const auto it = m_known.constFind(commit);
    return it == m_known.constEnd() ? std::nullopt : std::optional(*it);
}

void LineCountStore::add(const QString &commit, const LineCounts &lines)
{
    const std::lock_guard lock(m_mutex);
    load();
    if (m_known.contains(commit))
        return;
    m_known.insert(commit, lines);
    m_pending +=
        QStringLiteral("%1 %2 %3 %4\n").arg(commit).arg(lines.files).arg(lines.added).arg(lines.removed).toLatin1();
}

void LineCountStore::flush()
{
    const std::lock_guard lock(m_mutex);
    if (m_pending.isEmpty())
        return;
    QDir().mkpath(QFileInfo(m_file.fileName()).path());
    if (m_file.open(QIODevice::WriteOnly | QIODevice::Append | QIODevice::Unbuffered)) {
        m_file.write(m_pending);
        m_file.close();
    }
    m_pending.clear(); // what cannot be kept is counted again
}

} // namespace signalbox
