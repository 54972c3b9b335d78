#include "models/pipelines/runhistory.h"

#include "models/pipelines/runorder.h"

#include <QCoreApplication>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

namespace signalbox::runs
{

namespace
{

using std::chrono::milliseconds;

constexpr int mostDays = 400;
constexpr milliseconds leastStill = std::chrono::minutes(1); // a machine is found and begins within it

struct RunHistoryText
{
    Q_DECLARE_TR_FUNCTIONS(RunHistory)
};

bool hasPassed(RunState state)
{
    return state == RunState::Passed || state == RunState::Unstable;
}

std::optional<milliseconds> median(std::vector<milliseconds> values, std::size_t fewest)
{
    if (values.empty() || values.size() < fewest)
        return std::nullopt;
    std::sort(values.begin(), values.end());
    const std::size_t middle = values.size() / 2;
    if (values.size() % 2 == 1)
        return values[middle];
    return (values[middle - 1] + values[middle]) / 2;
}

std::optional<milliseconds> wholeDuration(const Run &run)
{
    if (run.attempt > 1 || !run.finishedAt.isValid())
        return std::nullopt;
    return duration(run, run.finishedAt);
}

std::optional<milliseconds> wholeQueueTime(const Run &run)
{
    return run.attempt > 1 ? std::nullopt : queueTime(run);
}

std::vector<milliseconds> timesOf(const QList<Run> &runs, std::optional<milliseconds> (*timeOf)(const Run &))
{
    std::vector<milliseconds> times;
    for (const Run &run : runs) {
        if (const auto time = timeOf(run))
            times.push_back(*time);
    }
    return times;
}

// The newest that passed and whose time is known.
QList<Run> newestPassed(const QList<Run> &past, const QString &branch)
{
    QList<Run> passed;
    for (const Run &run : past) {
        if (hasPassed(run.state) && wholeDuration(run) && (branch.isEmpty() || run.branch == branch))
            passed.append(run);
    }
    std::sort(passed.begin(), passed.end(), [](const Run &a, const Run &b) { return isOlder(b, a); });
    return passed.mid(0, mostRuns);
}

// To what people say: tens of seconds, minutes above ten.
milliseconds rounded(milliseconds span)
{
    const milliseconds unit = span < std::chrono::minutes(10) ? milliseconds(10000) : milliseconds(60000);
    return (span + unit / 2) / unit * unit;
}

QString leftText(milliseconds span)
{
    const milliseconds left = rounded(span);
    return left > milliseconds(0) ? RunHistoryText::tr("about %1 left").arg(spanText(left))
                                  : RunHistoryText::tr("a few seconds left");
}

bool isGated(const Job &job, const Run &run, const QList<WaitingGate> &gates)
{
    return std::any_of(gates.cbegin(), gates.cend(), [&](const WaitingGate &gate) {
        const bool isNamed = (!gate.job.isEmpty() && gate.job == job.id) ||
                             (!gate.environment.isEmpty() && gate.environment == job.environment);
        return gate.run == run.ref && isNamed;
    });
}

// How long the newest that passed are at work, where that is known and is not simply how long they take.
std::optional<milliseconds> usualWork(const QList<Run> &past, const QString &branch, const QList<RunDetail> &details,
                                      milliseconds waited)
{
    QList<Run> known; // newestPassed() tells those of the branch
    QHash<QString, milliseconds> still;
    for (const RunDetail &one : details)
        still.insert(one.run.ref.key(), stoodStill(one, one.run.finishedAt).span);
    for (const Run &run : past) {
        if (still.contains(run.ref.key()))
            known.append(run);
    }
    QList<Run> passed = newestPassed(known, branch);
    if (passed.size() < fewestRuns) {
        // Checks of pull requests take minutes where a release takes an hour: what is known of the branch counts,
        // though of too few of its runs it is known how much of them was work.
        if (usualTimes(past, branch).isOfBranch)
            return std::nullopt;
        passed = newestPassed(known, {});
    }
    bool hasStood = waited > milliseconds(0);
    std::vector<milliseconds> times;
    for (const Run &run : std::as_const(passed)) {
        const milliseconds span = still.value(run.ref.key());
        hasStood = hasStood || span > milliseconds(0);
        times.push_back(std::max(*wholeDuration(run) - span, milliseconds(0)));
    }
    return hasStood ? median(std::move(times), fewestRuns) : std::nullopt;
}

} // namespace

UsualTimes usualTimes(const QList<Run> &past, const QString &branch)
{
    UsualTimes usual;
    QList<Run> passed = newestPassed(past, branch);
    usual.isOfBranch = !branch.isEmpty() && passed.size() >= fewestRuns;
    if (!branch.isEmpty() && !usual.isOfBranch)
        passed = newestPassed(past, {});
    usual.duration = median(timesOf(passed, wholeDuration), fewestRuns);
    usual.queue = median(timesOf(passed, wholeQueueTime), fewestRuns);
    usual.sample = usual.duration ? static_cast<int>(passed.size()) : 0;
    return usual;
}

std::optional<Remaining> remaining(const Run &run, const QList<Run> &past, const QDateTime &now, milliseconds waited,
                                   const QList<RunDetail> &details, milliseconds jobs)
{
    // One that goes on again after it ended is not as far as its time says.
    if (isEnded(run.state) || run.finishedAt.isValid() || run.workedFor || run.againSince)
        return std::nullopt;
    Remaining left;
    milliseconds noWork(0);
    if (const auto work = usualWork(past, run.branch, details, waited)) {
        left.usual = *work;
        noWork = waited;
    } else if (const UsualTimes usual = usualTimes(past, run.branch); usual.duration) {
        left.usual = *usual.duration;
    } else if (run.estimate && run.estimate->count() > 0) {
        left.usual = *run.estimate;
        left.isOfVendor = true;
    } else {
        return std::nullopt;
    }
    // A clock of ours that is behind the vendor's makes it not younger than nothing.
    const milliseconds passed = std::max(duration(run, now).value_or(milliseconds(0)) - noWork, milliseconds(0));
    left.left = std::max({left.usual - passed, jobs, milliseconds(0)});
    left.longer = std::max(passed - left.usual, milliseconds(0));
    const milliseconds whole = std::max(left.usual, passed + jobs);
    left.share = whole.count() > 0
                     ? std::min(1.0, static_cast<double>(passed.count()) / static_cast<double>(whole.count()))
                     : 1.0;
    return left;
}

milliseconds leftOfJobs(const RunDetail &detail, const QHash<QString, JobTime> &usual, const QDateTime &now)
{
    milliseconds most(0);
    for (const Job &job : detail.jobs) {
        const auto time = usual.constFind(job.name);
        if (job.state != RunState::Running || !job.startedAt.isValid() || time == usual.constEnd())
            continue;
        const milliseconds passed(std::max<qint64>(0, job.startedAt.msecsTo(now)));
        most = std::max(most, time->median - passed);
    }
    return most;
}

StoodStill stoodStill(const RunDetail &detail, const QDateTime &now, const QList<WaitingGate> &gates)
{
    StoodStill still;
    if (detail.run.workedFor || !detail.run.startedAt.isValid())
        return still; // of tries with time between them the vendor tells what was work
    QList<const Job *> started;
    bool waitsForPeople = detail.run.state == RunState::Waiting;
    for (const Job &job : detail.jobs) {
        if (job.startedAt.isValid() && job.state != RunState::Waiting && job.state != RunState::Skipped)
            started.append(&job);
        waitsForPeople = waitsForPeople || job.state == RunState::Waiting;
    }
    std::stable_sort(started.begin(), started.end(),
                     [](const Job *a, const Job *b) { return a->startedAt < b->startedAt; });
    bool isForPeople = true;
    const auto add = [&](const QDateTime &from, const QDateTime &to, bool toldByIt) {
        const milliseconds gap(from.isValid() ? from.msecsTo(to) : 0);
        if (gap < leastStill)
            return;
        still.span += gap;
        isForPeople = isForPeople && toldByIt;
    };
    QDateTime atWorkUntil;
    for (const Job *job : std::as_const(started)) {
        add(atWorkUntil, job->startedAt, isGated(*job, detail.run, gates));
        const QDateTime end = job->finishedAt.isValid() ? job->finishedAt : now;
        if (!atWorkUntil.isValid() || end > atWorkUntil)
            atWorkUntil = end;
    }
    if (waitsForPeople && !isEnded(detail.run.state))
        add(atWorkUntil, now, true);
    still.isForPeople = still.span.count() > 0 && isForPeople;
    return still;
}

QString stoodStillText(const StoodStill &still)
{
    if (still.span.count() <= 0)
        return {};
    return still.isForPeople ? RunHistoryText::tr("waited %1 for people").arg(spanText(still.span))
                             : RunHistoryText::tr("stood still for %1").arg(spanText(still.span));
}

QString spanText(milliseconds span)
{
    const qint64 seconds = std::max<qint64>(0, (span.count() + 500) / 1000);
    if (seconds < 60)
        return RunHistoryText::tr("%1 s").arg(seconds);
    if (seconds < 3600) {
        return seconds % 60 == 0 ? RunHistoryText::tr("%1 m").arg(seconds / 60)
                                 : RunHistoryText::tr("%1 m %2 s").arg(seconds / 60).arg(seconds % 60);
    }
    const qint64 minutes = seconds / 60;
    return minutes % 60 == 0 ? RunHistoryText::tr("%1 h").arg(minutes / 60)
                             : RunHistoryText::tr("%1 h %2 m").arg(minutes / 60).arg(minutes % 60);
}

QString remainingText(const Remaining &remaining)
{
    if (remaining.longer > milliseconds(0)) {
        const milliseconds longer = rounded(remaining.longer);
        const QString words = longer > milliseconds(0)
                                  ? RunHistoryText::tr("%1 longer than usual").arg(spanText(longer))
                                  : RunHistoryText::tr("longer than usual");
        return remaining.left > milliseconds(0) ? leftText(remaining.left) + QStringLiteral(" · ") + words : words;
    }
    return leftText(remaining.left);
}

std::optional<double> SuccessRate::rate() const
{
    if (passed + failed == 0)
        return std::nullopt;
    return static_cast<double>(passed) / (passed + failed);
}

SuccessRate successRate(const QList<Run> &past)
{
    SuccessRate rate;
    for (const Run &run : past) {
        rate.passed += hasPassed(run.state) ? 1 : 0;
        rate.unstable += run.state == RunState::Unstable ? 1 : 0;
        rate.failed += run.state == RunState::Failed ? 1 : 0;
    }
    return rate;
}

QHash<QString, JobTime> jobTimes(const QList<RunDetail> &past)
{
    QList<const RunDetail *> newest;
    for (const RunDetail &one : past)
        newest.append(&one);
    std::stable_sort(newest.begin(), newest.end(),
                     [](const RunDetail *a, const RunDetail *b) { return isOlder(b->run, a->run); });
    QHash<QString, std::vector<milliseconds>> times;
    for (const RunDetail *one : newest.mid(0, mostJobRuns)) {
        for (const Job &job : one->jobs) {
            if (hasPassed(job.state) && job.startedAt.isValid() && job.finishedAt >= job.startedAt)
                times[job.name].push_back(milliseconds(job.startedAt.msecsTo(job.finishedAt)));
        }
    }
    QHash<QString, JobTime> usual;
    for (auto one = times.cbegin(); one != times.cend(); ++one)
        usual.insert(one.key(), {*median(one.value(), 1), static_cast<int>(one.value().size())});
    return usual;
}

QList<Day> days(const QList<Run> &past, const QDate &first, const QDate &last, const QTimeZone &zone)
{
    QList<Day> all;
    if (!first.isValid() || !last.isValid() || last < first)
        return all;
    const QDate from = std::max(first, last.addDays(1 - mostDays));
    QHash<QDate, QList<Run>> byDay;
    for (const Run &run : past) {
        if (isEnded(run.state) && whenOf(run).isValid())
            byDay[whenOf(run).toTimeZone(zone).date()].append(run);
    }
    for (QDate date = from; date <= last; date = date.addDays(1)) {
        const QList<Run> runs = byDay.value(date);
        QList<Run> passed;
        Day day;
        day.day = date;
        day.success = successRate(runs);
        for (const Run &run : runs) {
            day.cancelled += run.state == RunState::Cancelled ? 1 : 0;
            if (hasPassed(run.state))
                passed.append(run);
        }
        day.duration = median(timesOf(passed, wholeDuration), 1);
        day.queue = median(timesOf(runs, wholeQueueTime), 1);
        all.append(day);
    }
    return all;
}

} // namespace signalbox::runs
