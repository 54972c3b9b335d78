#include "ui/pages/pipelines/logshelf.h"

#include <QStringList>

#include <algorithm>
#include <utility>

namespace signalbox
{

void LogShelf::put(ReadLog log)
{
    if (log.key.isEmpty())
        return;
    (void)take(log.key);
    if (log.log.memory() > mostMemory)
        return;
    m_logs.push_back(std::move(log));
    while (m_logs.size() > mostLogs || memory() > mostMemory)
        m_logs.pop_front();
}

std::optional<ReadLog> LogShelf::take(const QString &key)
{
    const auto found =
        std::find_if(m_logs.begin(), m_logs.end(), [&key](const ReadLog &log) { return log.key == key; });
    if (found == m_logs.end())
        return std::nullopt;
    ReadLog log = std::move(*found);
    m_logs.erase(found);
    return log;
}

qint64 LogShelf::memory() const
{
    qint64 bytes = 0;
    for (const ReadLog &log : m_logs)
        bytes += log.log.memory();
    return bytes;
}

QString logFileName(const QString &pipeline, const QString &number, const QString &job)
{
    constexpr qsizetype longest = 120;
    QStringList words{number, job.left(100)};
    words.removeAll(QString());
    const QString own = words.join(QLatin1Char('-')).left(longest);
    // What tells it from the other logs stays whole; what its pipeline is called gives way.
    const QString where = pipeline.left(longest - own.size() - 1);
    QString name = own.isEmpty() || where.isEmpty() ? where + own : where + QLatin1Char('-') + own;
    for (QChar &letter : name) {
        if (letter.unicode() < 0x20 || QStringLiteral("/\\:*?\"<>|").contains(letter))
            letter = QLatin1Char('_');
    }
    return (name.isEmpty() ? QStringLiteral("job") : name) + QStringLiteral(".log");
}

} // namespace signalbox
