#pragma once

#include "services/pipelines/pipelinefeed.h"

#include <QDateTime>
#include <QHash>
#include <QList>
#include <QSet>
#include <QStringList>

#include <functional>
#include <optional>

namespace signalbox
{

// The server said so itself: no trouble of it, hence no reason to wait longer.
inline bool meansGone(const Error &error)
{
    return error.kind == ErrorKind::NotFound || error.kind == ErrorKind::Unsupported;
}

// When PipelineFeed asks for what. It asks nothing and knows no clock: who calls says what time it is. All times are
// milliseconds of a clock that never goes back.
class FeedSchedule
{
public:
    struct Moment
    {
        qint64 ms = 0;
        QDateTime wall; // for what servers say of theirs
    };
    // One question that is asked again and again.
    struct Turn
    {
        qint64 dueAt = 0;
        int failures = 0;
        bool isAsking = false;
        bool isWanted = true; // as soon as it may be
        qint64 interval = 0;  // its last; 0: it was never asked
    };
    // Of one pipeline.
    struct Lane
    {
        Turn turn;
        qint64 stirredUntil = 0;
        bool isSpread = false;             // it has its place among those that are quiet
        Turn older{0, 0, false, false, 0}; // of its older runs that go on, one after the other
        QStringList open;                  // these
        bool isOpenRunning = false;        // and not only waits, or is in a state nobody knows
        QHash<QString, qint64> openAskedAt;
        QHash<QString, QDateTime> openReadAt;
        // Of all runs behind the newest page, page by page, round after round: one that ended may begin again.
        Turn behind{0, 0, false, false, 0};
        bool isAnyBehind = false;
        QString behindAfter;     // RunQuery::after of the page whose turn it is
        QDateTime roundBegan;    // invalid: the next question begins one
        QDateTime roundReadAt;   // none of them was read before this
        QSet<QString> readAlone; // of them, since the last page was asked for
    };
    // Of one connection.
    struct Table
    {
        Turn pipelines;
        Turn gates;
        QHash<QString, Lane> lanes; // by pipeline
        int openLanes = 0;          // of these, with older runs that go on; see countOpen()
        int behindLanes = 0;        // with any older runs; likewise
        std::optional<RequestBudget> budget;
        qint64 quietUntil = 0; // it asked us to wait
        qint64 nextPlace = 0;  // of a quiet pipeline
        int asking = 0;
    };

    // A question of a pipeline whose time has come.
    struct Due
    {
        enum class Of { Newest, Open, Behind }; // Lane::turn, older, behind
        QString pipeline;
        qint64 dueAt = 0;
        Of of = Of::Newest;
        bool isWanted = false;
    };

    // What is not live any more, though nobody said so.
    struct Overdue
    {
        bool isList = false; // of pipelines
        bool areGates = false;
        QStringList pipelines; // whose newest runs
        QStringList older;     // pipelines whose older runs that go on
        QStringList behind;    // pipelines whose older runs that ended
    };

    explicit FeedSchedule(const PipelineFeed::Timing &timing)
        : m_timing(timing)
    {}

    bool isLookedAt() const { return m_isLookedAt; }
    void lookAt(bool isLookedAt) { m_isLookedAt = isLookedAt; }

    // A budget that runs out is stretched to its reset: so many times slower.
    static int thrift(const Table &table, const Moment &now);
    qint64 pipelinesInterval(const Table &table) const;
    qint64 gatesInterval(const Table &table, const Moment &now) const;
    qint64 quietInterval(const Table &table, const Moment &now) const;
    qint64 runsInterval(const Table &table, const Lane &lane, const RunStore::Entry *entry, const Moment &now) const;
    qint64 openInterval(const Table &table, const Lane &lane, const Moment &now) const;
    // Between two rounds through the pages behind the newest, and between two pages of a round.
    qint64 behindInterval(const Table &table, const Moment &now) const;
    qint64 pageInterval(const Table &table, const Moment &now) const;

    // Which of the pipelines' questions are due, in the order they are to be asked: what was asked for, then what
    // waited longest. `next` is brought forward to the first of the others.
    static QList<Due> due(const Table &table, const Moment &now, qint64 &next);
    // What was to be asked several intervals ago, because of many others; and what is due while the server wants to be
    // left alone for longer than a look may come late. `next` is brought forward to when the first of the others comes
    // to this.
    Overdue overdue(const Table &table, const Moment &now, qint64 &next) const;

    // Whether it may be asked now: then it counts as asked until finish(). Otherwise `next` is brought forward to when
    // its time comes; not where an answer that is awaited has to come first.
    bool take(Table &table, Turn &turn, const Moment &now, qint64 &next) const;
    // It was answered, with this error or none.
    // An answer after failures brings the others forward that failed: the server is there again.
    void finish(Table &table, Turn &turn, const std::optional<Error> &error, qint64 interval, const Moment &now) const;
    void bePatient(Table &table, std::chrono::milliseconds wait, const Moment &now) const;
    // All are asked at once at first: from then on each has its own place in the interval.
    void spread(Table &table, Lane &lane, qint64 interval, const Moment &now) const;

    // Which older runs go on now, and whether one of them does more than wait. Those that are new among them were told
    // at `toldAt`; invalid: just now.
    void noteOpen(Table &table, Lane &lane, const QStringList &open, bool isRunning, const Moment &now,
                  const QDateTime &toldAt = {}) const;
    // Whether there are runs behind the newest page that may begin again. Where there were none before, they were told
    // at `toldAt`; invalid: just now.
    void noteBehind(Table &table, Lane &lane, bool isAny, const Moment &now, const QDateTime &toldAt = {}) const;
    // The page to ask for now.
    static QString takeBehind(Lane &lane, const Moment &now);
    // What became of it: the next page of this round; empty: the round is over, and read all of them, or not.
    static void endBehind(Lane &lane, const QString &next, bool hasReadAll);
    // After lanes went.
    static void countOpen(Table &table);
    // The one of these that was asked for longest ago; it counts as asked now.
    static QString takeOpen(Lane &lane, const Moment &now);

    // An operation changed something of this pipeline, which may not be known.
    void stir(Table &table, const QString &pipelineKey, const Moment &now) const;
    // A run waits that did not: its gate is worth a look before its turn.
    void hurryGates(Table &table, const Moment &now) const;
    // Everything now; but of runs behind the newest page only those that go on: the others are many, and a rerun is
    // seen in its turn.
    static void wantAll(Table &table);
    // All come due together: each gets a place anew.
    static void forgetPlaces(Table &table);
    // Somebody came to look: what is due by the shorter intervals from now on.
    void hurry(Table &table, const std::function<const RunStore::Entry *(const QString &pipelineKey)> &entryOf,
               const Moment &now) const;

private:
    qint64 quietInterval(const Table &table, const Moment &now, bool isLookedAt) const;
    static void recover(Table &table, const Moment &now);
    qint64 atLeastApart(qint64 questions, qint64 interval) const;
    bool isOverdue(const Table &table, const Turn &turn, qint64 interval, const Moment &now, qint64 &next) const;

    const PipelineFeed::Timing m_timing;
    bool m_isLookedAt = false;
};

} // namespace signalbox
