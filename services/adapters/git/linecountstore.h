#pragma once

#include "models/domain/changes.h"

#include <QFile>
#include <QHash>
#include <QString>

#include <mutex>
#include <optional>

namespace signalbox
{

// Lines of commits, counted once: a commit never changes. One line of text a commit, added at the end; a line that is
// broken (a crash, two programs at once) is skipped and counted again. Thread-safe.
class LineCountStore
{
public:
    explicit LineCountStore(const QString &file);
    std::optional<LineCounts> find(const QString &commit);
    void add(const QString &commit, const LineCounts &lines);
    void flush();

private:
    void load();
    std::mutex m_mutex;
    QFile m_file;
    bool m_isLoaded = false;
    QHash<QString, LineCounts> m_known;
    QByteArray m_pending;
};

} // namespace signalbox
