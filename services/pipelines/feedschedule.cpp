#include "services/pipelines/feedschedule.h"

#include <QSet>

#include <algorithm>
#include <utility>

namespace signalbox
{

namespace
{

using std::chrono::milliseconds;

constexpr int mostFailures = 6; // the wait doubles up to here
constexpr int intervalsTooLate = 3;
constexpr int questionsAPipeline = 3; // of the list of pipelines: the project, its pipelines, a file
constexpr int rarely = 5;             // reruns of runs behind the newest page

// Of the newest page: older ones are read again one by one. One that waits for people waits for hours.
bool isAnyRunning(const RunStore::Entry &entry)
{
    const auto last = entry.runs.cbegin() + std::min<qsizetype>(entry.runs.size(), entry.newest);
    return std::any_of(entry.runs.cbegin(), last, [](const Run &run) {
        return !isEnded(run.state) && run.state != RunState::Unknown && run.state != RunState::Waiting;
    });
}

} // namespace

int FeedSchedule::thrift(const Table &table, const Moment &now)
{
    const auto &budget = table.budget;
    if (!budget || budget->limit <= 0 || budget->resetsAt < now.wall)
        return 1;
    const double left = static_cast<double>(budget->remaining) / budget->limit;
    return left < 0.05 ? 20 : left < 0.2 ? 4 : 1;
}

// Two questions a second at most, however many pipelines there are.
qint64 FeedSchedule::atLeastApart(qint64 questions, qint64 interval) const
{
    return std::max<qint64>(interval, questions * m_timing.apart.count());
}

qint64 FeedSchedule::pipelinesInterval(const Table &table) const
{
    return atLeastApart(table.lanes.size() * questionsAPipeline, m_timing.pipelines.count());
}

qint64 FeedSchedule::gatesInterval(const Table &table, const Moment &now) const
{
    return atLeastApart(table.lanes.size(), (m_isLookedAt ? m_timing.looked : m_timing.gates).count()) *
           thrift(table, now);
}

// Who has older runs that go on asks twice; who has some at all, a little more.
qint64 FeedSchedule::quietInterval(const Table &table, const Moment &now, bool isLookedAt) const
{
    return atLeastApart(table.lanes.size() + table.openLanes + table.behindLanes / rarely,
                        (isLookedAt ? m_timing.looked : m_timing.quiet).count()) *
           thrift(table, now);
}

qint64 FeedSchedule::quietInterval(const Table &table, const Moment &now) const
{
    return quietInterval(table, now, m_isLookedAt);
}

qint64 FeedSchedule::runsInterval(const Table &table, const Lane &lane, const RunStore::Entry *entry,
                                  const Moment &now) const
{
    const bool isStirred = lane.stirredUntil > now.ms;
    if (!isStirred && !(entry && isAnyRunning(*entry)))
        return quietInterval(table, now);
    const bool isFast = m_isLookedAt || isStirred;
    return (isFast ? m_timing.running : m_timing.runningUnseen).count() * thrift(table, now);
}

// One question for one of them. Those that wait for people wait for hours.
qint64 FeedSchedule::openInterval(const Table &table, const Lane &lane, const Moment &now) const
{
    const qint64 quiet = quietInterval(table, now);
    if (!lane.isOpenRunning)
        return quiet;
    const qint64 least = (m_isLookedAt ? m_timing.running : m_timing.runningUnseen).count() * thrift(table, now);
    return std::max<qint64>(quiet / std::max<qsizetype>(lane.open.size(), 1), least);
}

qint64 FeedSchedule::behindInterval(const Table &table, const Moment &now) const
{
    return rarely * quietInterval(table, now);
}

// One a second at most, however many pipelines there are.
qint64 FeedSchedule::pageInterval(const Table &table, const Moment &now) const
{
    return atLeastApart(2LL * table.behindLanes, m_timing.runningUnseen.count()) * thrift(table, now);
}

QList<FeedSchedule::Due> FeedSchedule::due(const Table &table, const Moment &now, qint64 &next)
{
    QList<Due> all;
    const auto look = [&](const QString &pipeline, const Turn &turn, Due::Of of) {
        if (turn.isAsking)
            return;
        if (turn.isWanted || turn.dueAt <= now.ms)
            all.append({pipeline, turn.dueAt, of, turn.isWanted});
        else
            next = std::min(next, turn.dueAt);
    };
    for (auto lane = table.lanes.cbegin(); lane != table.lanes.cend(); ++lane) {
        look(lane.key(), lane->turn, Due::Of::Newest);
        if (!lane->open.isEmpty())
            look(lane.key(), lane->older, Due::Of::Open);
        if (lane->isAnyBehind)
            look(lane.key(), lane->behind, Due::Of::Behind);
    }
    std::sort(all.begin(), all.end(), [](const Due &a, const Due &b) {
        if (a.isWanted != b.isWanted)
            return a.isWanted;
        return a.dueAt != b.dueAt ? a.dueAt < b.dueAt : a.of < b.of;
    });
    return all;
}

// A server that wants to be left alone is known not to be asked in time; otherwise a turn may yet come.
bool FeedSchedule::isOverdue(const Table &table, const Turn &turn, qint64 interval, const Moment &now,
                             qint64 &next) const
{
    const bool isLeftAlone = table.quietUntil > now.ms;
    if (turn.isAsking || interval == 0 || (turn.dueAt > now.ms && !isLeftAlone))
        return false;
    const qint64 grace = m_timing.looked.count();
    const bool isLong = isLeftAlone && table.quietUntil > turn.dueAt + grace;
    const qint64 at = turn.dueAt + (isLong ? 0 : std::max(intervalsTooLate * interval, grace));
    if (at > now.ms)
        next = std::min(next, at);
    return at <= now.ms;
}

FeedSchedule::Overdue FeedSchedule::overdue(const Table &table, const Moment &now, qint64 &next) const
{
    const auto isLate = [&](const Turn &turn) { return isOverdue(table, turn, turn.interval, now, next); };
    Overdue late;
    late.isList = isLate(table.pipelines);
    late.areGates = isLate(table.gates);
    for (auto lane = table.lanes.cbegin(); lane != table.lanes.cend(); ++lane) {
        if (isLate(lane->turn))
            late.pipelines.append(lane.key());
        // They were told by a page before they were asked for alone.
        if (!lane->open.isEmpty() && isOverdue(table, lane->older, openInterval(table, *lane, now), now, next))
            late.older.append(lane.key());
        if (lane->isAnyBehind && isOverdue(table, lane->behind, behindInterval(table, now), now, next))
            late.behind.append(lane.key());
    }
    return late;
}

bool FeedSchedule::take(Table &table, Turn &turn, const Moment &now, qint64 &next) const
{
    if (turn.isAsking)
        return false;
    if (!turn.isWanted && turn.dueAt > now.ms) {
        next = std::min(next, turn.dueAt);
        return false;
    }
    if (table.asking >= m_timing.mostAtATime)
        return false;
    turn.isWanted = false;
    turn.isAsking = true;
    ++table.asking;
    return true;
}

void FeedSchedule::finish(Table &table, Turn &turn, const std::optional<Error> &error, qint64 interval,
                          const Moment &now) const
{
    --table.asking;
    turn.isAsking = false;
    turn.interval = interval;
    const int failed = std::exchange(turn.failures, !error || meansGone(*error) ? 0 : turn.failures + 1);
    const qint64 patient = interval << std::min(turn.failures, mostFailures);
    turn.dueAt = now.ms + std::min(patient, std::max<qint64>(interval, m_timing.longestWait.count()));
    if (!error && failed > 0)
        recover(table, now);
    if (error && error->kind == ErrorKind::RateLimited)
        bePatient(table, error->retryAfter, now);
}

// Each within its interval from now on, at a place of its own: those that failed together are not asked together.
void FeedSchedule::recover(Table &table, const Moment &now)
{
    QList<Turn *> failed;
    const auto look = [&failed](Turn &turn) {
        if (turn.failures > 0)
            failed.append(&turn);
    };
    look(table.pipelines);
    look(table.gates);
    for (Lane &lane : table.lanes) {
        look(lane.turn);
        look(lane.older);
        look(lane.behind);
    }
    for (qsizetype i = 0; i < failed.size(); ++i) {
        Turn &turn = *failed[i];
        turn.failures = 0;
        turn.dueAt = std::min(turn.dueAt, now.ms + turn.interval * (i + 1) / failed.size());
    }
}

void FeedSchedule::bePatient(Table &table, milliseconds wait, const Moment &now) const
{
    table.quietUntil = std::max<qint64>(table.quietUntil, now.ms + std::max(wait, m_timing.limited).count());
}

void FeedSchedule::spread(Table &table, Lane &lane, qint64 interval, const Moment &now) const
{
    const qint64 lanes = table.lanes.size();
    if (lane.isSpread || lanes < 2 || interval != quietInterval(table, now) || lane.turn.failures > 0)
        return;
    lane.isSpread = true;
    lane.turn.dueAt = std::max(table.nextPlace, now.ms + interval / 2);
    table.nextPlace = lane.turn.dueAt + std::max<qint64>(interval / lanes, 1);
}

void FeedSchedule::noteOpen(Table &table, Lane &lane, const QStringList &open, bool isRunning, const Moment &now,
                            const QDateTime &toldAt) const
{
    const bool wasEmpty = lane.open.isEmpty();
    table.openLanes += int(wasEmpty) - int(open.isEmpty());
    lane.open = open;
    const bool wasRunning = std::exchange(lane.isOpenRunning, isRunning);
    const QSet<QString> ids(open.cbegin(), open.cend());
    const auto isOver = [&ids](const auto &one) { return !ids.contains(one.key()); };
    lane.openAskedAt.removeIf(isOver);
    lane.openReadAt.removeIf(isOver);
    for (const QString &id : std::as_const(lane.open)) {
        if (!lane.openReadAt.contains(id))
            lane.openReadAt.insert(id, toldAt.isValid() ? toldAt : now.wall);
    }
    if (wasEmpty && !lane.open.isEmpty())
        lane.older.dueAt = now.ms + openInterval(table, lane, now);
    else if (isRunning && !wasRunning)
        lane.older.dueAt = std::min(lane.older.dueAt, now.ms + openInterval(table, lane, now));
}

void FeedSchedule::noteBehind(Table &table, Lane &lane, bool isAny, const Moment &now, const QDateTime &toldAt) const
{
    const bool wasAny = std::exchange(lane.isAnyBehind, isAny);
    table.behindLanes += int(isAny) - int(wasAny);
    if (!isAny || wasAny)
        return;
    lane.behindAfter.clear();
    lane.roundBegan = {};
    lane.roundReadAt = toldAt.isValid() ? toldAt : now.wall;
    lane.behind.dueAt = now.ms + behindInterval(table, now);
}

QString FeedSchedule::takeBehind(Lane &lane, const Moment &now)
{
    if (!lane.roundBegan.isValid()) {
        lane.roundBegan = now.wall;
        lane.behindAfter.clear();
    }
    return lane.behindAfter;
}

void FeedSchedule::endBehind(Lane &lane, const QString &next, bool hasReadAll)
{
    lane.behindAfter = next;
    if (!next.isEmpty())
        return;
    if (hasReadAll)
        lane.roundReadAt = lane.roundBegan;
    lane.roundBegan = {};
}

void FeedSchedule::countOpen(Table &table)
{
    table.openLanes = table.behindLanes = 0;
    for (const Lane &lane : std::as_const(table.lanes)) {
        table.openLanes += int(!lane.open.isEmpty());
        table.behindLanes += int(lane.isAnyBehind);
    }
}

QString FeedSchedule::takeOpen(Lane &lane, const Moment &now)
{
    const QString id =
        *std::min_element(lane.open.cbegin(), lane.open.cend(), [&lane](const QString &a, const QString &b) {
            return lane.openAskedAt.value(a) < lane.openAskedAt.value(b);
        });
    lane.openAskedAt.insert(id, now.ms);
    return id;
}

void FeedSchedule::stir(Table &table, const QString &pipelineKey, const Moment &now) const
{
    const auto lane = table.lanes.find(pipelineKey);
    if (lane != table.lanes.end()) {
        lane->turn.isWanted = true;
        lane->stirredUntil = now.ms + m_timing.stirred.count();
    }
    table.gates.isWanted = true;
}

void FeedSchedule::hurryGates(Table &table, const Moment &now) const
{
    table.gates.dueAt = std::min<qint64>(table.gates.dueAt, now.ms + m_timing.running.count());
}

void FeedSchedule::wantAll(Table &table)
{
    table.quietUntil = 0;
    table.pipelines.isWanted = table.gates.isWanted = true;
    for (Lane &lane : table.lanes) {
        lane.turn.isWanted = true;
        lane.older.isWanted = !lane.open.isEmpty();
    }
    forgetPlaces(table);
}

void FeedSchedule::forgetPlaces(Table &table)
{
    table.nextPlace = 0;
    for (Lane &lane : table.lanes)
        lane.isSpread = false;
}

void FeedSchedule::hurry(Table &table,
                         const std::function<const RunStore::Entry *(const QString &pipelineKey)> &entryOf,
                         const Moment &now) const
{
    // Those that failed too: whoever looks finds out soon whether the server is there again.
    const auto sooner = [&now](Turn &turn, qint64 interval) { turn.dueAt = std::min(turn.dueAt, now.ms + interval); };
    sooner(table.gates, gatesInterval(table, now));
    if (table.pipelines.failures > 0)
        sooner(table.pipelines, gatesInterval(table, now));
    // Those that are quiet keep their order and distances: who comes to look starts no flood.
    const qint64 before = std::max<qint64>(quietInterval(table, now, false), 1);
    const qint64 quiet = quietInterval(table, now, true);
    for (auto lane = table.lanes.begin(); lane != table.lanes.end(); ++lane) {
        const qint64 interval = runsInterval(table, *lane, entryOf(lane.key()), now);
        const qint64 left = std::clamp<qint64>(lane->turn.dueAt - now.ms, 0, before);
        sooner(lane->turn, interval == quiet ? left * quiet / before : interval);
        sooner(lane->older, openInterval(table, *lane, now));
        sooner(lane->behind, behindInterval(table, now));
    }
}

} // namespace signalbox
