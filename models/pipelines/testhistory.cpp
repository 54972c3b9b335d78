// What reports of past runs say of tests: new failures, those that stay, flaky ones.
#include "models/pipelines/runhistory.h"
#include "models/pipelines/runorder.h"

#include <QMap>

#include <algorithm>
#include <utility>

namespace signalbox::runs
{

namespace
{

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
