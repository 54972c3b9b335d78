#pragma once

#include "services/pipelines/feedschedule.h"
#include "services/pipelines/runwatch.h"

#include <QElapsedTimer>
#include <QPointer>
#include <QSet>
#include <QTimer>

namespace signalbox
{

// When: feedschedule.h. Which servers, and the hour: pipelinefeed.cpp. What is asked of them all the time:
// pipelinefeed_asking.cpp; older runs: pipelinefeed_older.cpp; runs that are looked at closely:
// pipelinefeed_watches.cpp.
class PipelineFeed::Private
{
public:
    struct Connection
    {
        FeedSchedule::Table table;
        RunStore::Server shown;
        StopSource stop;
    };
    using Lane = FeedSchedule::Lane;

    Private(PipelineFeed &feed, PipelineSet &servers, const Timing &timing);
    ~Private();

    void start();
    void add(const QString &id);
    void remove(const QString &id);
    void show(const QString &id);
    void lookAt(bool isLookedAt);
    void stir(const PipelineRef &pipeline);
    void wantAll();
    int asking() const;

    FeedSchedule::Moment now() const;
    qint64 wallAhead() const; // of the clock that never goes back
    void noteSleep();
    void wake(qint64 at);
    void work();
    void askDue(const QString &id, const std::shared_ptr<Connection> &connection, const FeedSchedule::Moment &now,
                qint64 &next);
    void noteOverdue(const QString &id, Connection &connection, const FeedSchedule::Moment &now, qint64 &next);

    // Where an answer belongs; null: its pipeline went meanwhile.
    Lane *laneOf(Connection &connection, const QString &key) const;
    void askPipelines(const QString &id, const std::shared_ptr<Connection> &connection);
    void take(const QString &id, Connection &connection, const QList<Pipeline> &pipelines);
    bool noteSilence(Connection &connection, const std::optional<Error> &error);
    void askGates(const QString &id, const std::shared_ptr<Connection> &connection);
    void askRuns(const QString &id, const std::shared_ptr<Connection> &connection, const QString &key);

    void noteOpen(Connection &connection, Lane &lane, const RunStore::Entry &entry, const QDateTime &toldAt = {}) const;
    void askOpen(const QString &id, const std::shared_ptr<Connection> &connection, const QString &key);
    void askBehind(const QString &id, const std::shared_ptr<Connection> &connection, const QString &key);
    void loadMore(const QString &key, int pages);
    void noteOlder(const RunRef &ref, const RunDetail &read);

    std::unique_ptr<RunWatch> watch(const RunRef &run);
    RunWatchPace paceOf(const QString &id);
    std::chrono::milliseconds patience(const QString &id) const;
    void bePatient(const QString &id, std::chrono::milliseconds wait);
    void noteWatches(const QString &id);

    PipelineFeed &q;
    PipelineSet &m_servers;
    const Timing m_timing;
    FeedSchedule m_schedule;
    ApplicationOf m_applicationOf;
    QHash<QString, std::shared_ptr<Connection>> m_connections;
    QSet<QString> m_loading; // older runs of these
    QList<QPointer<RunWatch>> m_watches;
    QElapsedTimer m_elapsed;
    QTimer m_timer;
    qint64 m_wakeAt = 0; // by the clock that was given
    qint64 m_ahead = 0;  // wallAhead(), when it was looked at last
    qint64 m_slept = 0;  // what the clock did not count
    bool m_isStarted = false;
};

// None: it is an answer.
template <typename T>
std::optional<Error> errorOf(const Result<T> &result)
{
    return result ? std::nullopt : std::optional(result.error());
}

} // namespace signalbox
