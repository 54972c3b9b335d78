#pragma once

#include <QFile>
#include <QString>

namespace signalbox
{

// A file that is renamed to NAME.1 when it is full, NAME.1 to NAME.2 and so on; the oldest goes. Several processes may
// write the same one: each line is one write at its end. Not thread-safe; opened at the first line, readable by its
// owner only. Where it cannot be written, lines are dropped: a log is never a reason to fail.
class LogFile
{
public:
    explicit LogFile(QString path, qint64 maxBytes = 5 * 1024 * 1024, int keep = 4);
    ~LogFile();
    LogFile(const LogFile &) = delete;
    LogFile &operator=(const LogFile &) = delete;

    void append(const QByteArray &line); // with its line end
    QString path() const { return m_path; }
    // Why nothing can be written; empty while all is well.
    QString problem() const { return m_problem; }

private:
    bool open();
    void rotate();

    QString m_path;
    QFile m_file;
    qint64 m_maxBytes;
    int m_keep;
    QString m_problem;
};

} // namespace signalbox
