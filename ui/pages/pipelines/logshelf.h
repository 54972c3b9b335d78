#pragma once

#include "models/domain/error.h"
#include "models/log/joblog.h"
#include "models/pipelines/run.h"
#include "ui/pages/pipelines/logpipe.h"
#include "ui/widgets/joblogview.h"

#include <QDateTime>
#include <QString>

#include <deque>
#include <memory>
#include <optional>

namespace signalbox
{

// One job's log as far as it was read, with all that belongs to it: what is shown, said and saved is of one job.
struct ReadLog
{
    enum class End {
        Open,     // it is read, or will be as soon as somebody looks
        Complete, // the server said so
        Cut,      // it broke off, or the server had no more of a job that goes on
    };
    QString key; // run, job, attempt and its begin; empty: none
    RunRef run;
    QString job;     // its id
    QString jobName; // for people
    QDateTime startedAt;
    QString fileName;
    std::shared_ptr<LogPipe::Reading> reading;
    End end = End::Open;
    QString note; // the vendor's, of the end
    std::optional<Error> error;
    QDateTime endedAt;
    // Of one that is put away.
    JobLog log;
    JobLogView::Place place;
};

// The logs that were read last: whoever comes back to one finds it as it was left. Bounded by count and by memory, the
// one that was put there first goes first; one that is larger than all the room is not kept.
class LogShelf
{
public:
    static constexpr std::size_t mostLogs = 6;
    static constexpr qint64 mostMemory = 48 * 1024 * 1024; // bytes

    void put(ReadLog log);
    std::optional<ReadLog> take(const QString &key);
    std::size_t count() const { return m_logs.size(); }
    qint64 memory() const;

private:
    std::deque<ReadLog> m_logs; // the newest last
};

// "cart-412-Unit tests.log": of what no file system takes nothing is left.
QString logFileName(const QString &pipeline, const QString &number, const QString &job);

} // namespace signalbox
