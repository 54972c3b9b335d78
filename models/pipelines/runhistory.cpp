#include "models/pipelines/runhistory.h"

#include <QCoreApplication>
#include <QMap>

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

QDateTime whenOf(const Run &run)
{
    if (run.finishedAt.isValid())
        return run.finishedAt;
    return run.startedAt.isValid() ? run.startedAt : run.createdAt;
}

// In time. Ids, where they are numbers, tell what times do not.
bool isOlder(const Run &a, const Run &b)
{
    const QDateTime aAt = a.createdAt.isValid() ? a.createdAt : whenOf(a);
    const QDateTime bAt = b.createdAt.isValid() ? b.createdAt : whenOf(b);
    if (aAt != bAt)
        return aAt < bAt;
    const qint64 aNumber = a.number.toLongLong();
    const qint64 bNumber = b.number.toLongLong();
    return aNumber != bNumber ? aNumber < bNumber : a.attempt < b.attempt;
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

// Of the keys of a report: whether it failed.
QHash<QString, bool> outcomesOf(const TestReport &report)
{
    QHash<QString, bool> failed;
    for (const TestCase &test : report.cases) {
        if (test.state == TestCase::State::Skipped)
            continue;
        bool &one = failed[testKey(test)];
        one = one || test.state == TestCase::State::Failed;
    }
    return failed;
}

struct Outcomes
{
    const Run *run = nullptr;
    QHash<QString, bool> failed;
};

QList<Outcomes> inTime(const QList<TestedRun> &past)
{
    QList<Outcomes> all;
    for (const TestedRun &one : past)
        all.append({&one.run, outcomesOf(one.report)});
    std::stable_sort(all.begin(), all.end(),
                     [](const Outcomes &a, const Outcomes &b) { return isOlder(*a.run, *b.run); });
    return all;
}

struct Verdicts // of one test on one commit, or the last of one branch
{
    bool failed = false;
    bool passed = false;
};

int changesOf(const QString &key, const QList<const Outcomes *> &branch)
{
    std::optional<bool> before;
    int changes = 0;
    for (const Outcomes *one : branch) {
        const auto found = one->failed.constFind(key);
        if (found == one->failed.constEnd())
            continue;
        changes += before && *before != *found ? 1 : 0;
        before = *found;
    }
    return changes;
}

TestRecord recordOf(const TestCase &test, const QList<Outcomes> &all,
                    const QMap<QString, QList<const Outcomes *>> &branches)
{
    const QString key = testKey(test);
    TestRecord record;
    record.suite = test.suite;
    record.name = test.name;
    QHash<QString, Verdicts> commits;
    for (const Outcomes &one : all) {
        const auto found = one.failed.constFind(key);
        if (found == one.failed.constEnd())
            continue;
        ++record.runs;
        if (*found) {
            ++record.failed;
            record.lastFailedAt = whenOf(*one.run);
        }
        if (!one.run->commit.isEmpty()) {
            Verdicts &verdicts = commits[one.run->commit];
            (*found ? verdicts.failed : verdicts.passed) = true;
        }
    }
    for (const Verdicts &verdicts : std::as_const(commits))
        record.bothOnCommit += verdicts.failed && verdicts.passed ? 1 : 0;
    for (const QList<const Outcomes *> &branch : branches)
        record.changes = std::max(record.changes, changesOf(key, branch));
    return record;
}

bool isSameRun(const Run &a, const Run &b)
{
    return a.ref == b.ref && a.attempt == b.attempt;
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
    bool hasStood = waited > milliseconds(0);
    QHash<QString, milliseconds> still;
    for (const RunDetail &one : details) {
        const milliseconds span = stoodStill(one, one.run.finishedAt).span;
        hasStood = hasStood || span > milliseconds(0);
        still.insert(one.run.ref.key(), span);
    }
    for (const Run &run : past) {
        if (still.contains(run.ref.key()))
            known.append(run);
    }
    QList<Run> passed = newestPassed(known, branch);
    if (passed.size() < fewestRuns)
        passed = newestPassed(known, {});
    std::vector<milliseconds> times;
    for (const Run &run : std::as_const(passed))
        times.push_back(std::max(*wholeDuration(run) - still.value(run.ref.key()), milliseconds(0)));
    return hasStood ? median(std::move(times), fewestRuns) : std::nullopt;
}

int rankOf(const JudgedTest &one)
{
    switch (one.test.state) {
    case TestCase::State::Failed:
        return (one.isNew ? 0 : 2) + (one.isFlaky ? 1 : 0);
    case TestCase::State::Skipped:
        return 4;
    case TestCase::State::Passed:
        break;
    }
    return 5;
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
                                   const QList<RunDetail> &details)
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
    left.left = std::max(left.usual - passed, milliseconds(0));
    left.longer = std::max(passed - left.usual, milliseconds(0));
    left.share = left.usual.count() > 0
                     ? std::min(1.0, static_cast<double>(passed.count()) / static_cast<double>(left.usual.count()))
                     : 1.0;
    return left;
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
        return longer > milliseconds(0) ? RunHistoryText::tr("%1 longer than usual").arg(spanText(longer))
                                        : RunHistoryText::tr("longer than usual");
    }
    const milliseconds left = rounded(remaining.left);
    return left > milliseconds(0) ? RunHistoryText::tr("about %1 left").arg(spanText(left))
                                  : RunHistoryText::tr("a few seconds left");
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

QString testKey(const TestCase &test)
{
    return test.suite + u'\n' + test.name;
}

QHash<QString, TestRecord> testRecords(const QList<TestedRun> &past)
{
    const QList<Outcomes> all = inTime(past);
    QMap<QString, QList<const Outcomes *>> branches;
    for (const Outcomes &one : all) {
        if (!one.run->branch.isEmpty())
            branches[one.run->branch].append(&one);
    }
    for (QList<const Outcomes *> &branch : branches)
        branch = branch.mid(std::max<qsizetype>(0, branch.size() - mostTestRuns));
    QHash<QString, TestRecord> records;
    for (const TestedRun &one : past) {
        for (const TestCase &test : one.report.cases) {
            if (test.state == TestCase::State::Failed && !records.contains(testKey(test)))
                records.insert(testKey(test), recordOf(test, all, branches));
        }
    }
    return records;
}

QList<TestRecord> flakiest(const QList<TestedRun> &past, int most)
{
    QList<TestRecord> flaky;
    const QHash<QString, TestRecord> records = testRecords(past);
    for (const TestRecord &record : records) {
        if (record.isFlaky())
            flaky.append(record);
    }
    std::sort(flaky.begin(), flaky.end(), [](const TestRecord &a, const TestRecord &b) {
        if (a.bothOnCommit != b.bothOnCommit)
            return a.bothOnCommit > b.bothOnCommit;
        if (a.changes != b.changes)
            return a.changes > b.changes;
        const int byShare = a.failed * b.runs - b.failed * a.runs; // a.failed / a.runs against b's
        if (byShare != 0)
            return byShare > 0;
        return std::pair(a.suite, a.name) < std::pair(b.suite, b.name);
    });
    return flaky.mid(0, std::max(0, most));
}

QList<JudgedTest> judged(const TestedRun &run, const QList<TestedRun> &past)
{
    QList<TestedRun> others;
    for (const TestedRun &one : past) {
        if (!isSameRun(one.run, run.run))
            others.append(one);
    }
    QList<Outcomes> before = inTime(others);
    before.erase(std::remove_if(before.begin(), before.end(),
                                [&run](const Outcomes &one) {
                                    return one.run->branch != run.run.branch || !isOlder(*one.run, run.run);
                                }),
                 before.end());
    const QHash<QString, TestRecord> records = testRecords(QList<TestedRun>(others) << run);

    QList<JudgedTest> all;
    for (const TestCase &test : run.report.cases) {
        JudgedTest one;
        one.test = test;
        const QString key = testKey(test);
        one.isFlaky = records.value(key).isFlaky();
        if (test.state == TestCase::State::Failed) {
            one.failedInRow = 1;
            one.since = run.run.number;
            for (auto earlier = before.crbegin(); earlier != before.crend() && earlier->failed.value(key); ++earlier) {
                ++one.failedInRow;
                one.since = earlier->run->number;
            }
            one.isNew = !before.isEmpty() && one.failedInRow == 1;
        }
        all.append(one);
    }
    std::stable_sort(all.begin(), all.end(),
                     [](const JudgedTest &a, const JudgedTest &b) { return rankOf(a) < rankOf(b); });
    return all;
}

} // namespace signalbox::runs
