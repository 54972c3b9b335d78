#include "models/log/logsteps.h"

#include <QHash>

#include <algorithm>

namespace signalbox
{

namespace
{

constexpr int mostWithoutTime = 200; // lines that are passed until one says its time

// Of the line, or of the next that says it; -1: none does.
qint64 timeFrom(const JobLog &log, int line)
{
    const int end = std::min(log.lineCount(), line + mostWithoutTime);
    for (int at = line; at < end; ++at) {
        if (const qint64 time = log.timeMs(at); time >= 0)
            return time;
    }
    return -1;
}

// The first line at or behind `from` that was written at `time` or later; the line count: there is none.
int lineAt(const JobLog &log, int from, qint64 time)
{
    int first = from;
    int last = log.lineCount();
    while (first < last) {
        const int middle = first + (last - first) / 2;
        const qint64 its = timeFrom(log, middle);
        if (its >= 0 && its < time)
            first = middle + 1;
        else
            last = middle;
    }
    return first;
}

using Heads = QHash<QString, QList<int>>; // lines by what they say, ascending

// What a group's head may say for a step.
QStringList titlesOf(const JobStep &step)
{
    const QString name = step.name.toCaseFolded();
    return {name, QStringLiteral("run ") + name};
}

// Of the groups that are called like a step; each head is read once, however many steps there are.
Heads headsOf(const JobLog &log, const QList<JobStep> &steps)
{
    Heads heads;
    for (const JobStep &step : steps) {
        for (const QString &title : titlesOf(step))
            heads.insert(title, {});
    }
    heads.remove(QString());
    for (const LogGroup &group : log.groups()) {
        const auto found = heads.find(log.plainText(group.first).trimmed().toCaseFolded());
        if (found != heads.end())
            found->append(group.first);
    }
    return heads;
}

constexpr qint64 toldToMs = 1000; // vendors tell no less

bool isTold(const JobLog &log, const JobStep &step)
{
    return log.hasTimes() && step.startedAt.isValid();
}

qint64 stepBegin(const JobStep &step)
{
    return step.startedAt.toMSecsSinceEpoch() / toldToMs * toldToMs;
}

bool isPast(const JobStep &step, qint64 time)
{
    return step.finishedAt.isValid() && time >= step.finishedAt.toMSecsSinceEpoch() + toldToMs;
}

// The first at or behind `from`, of the time in which the step ran where that is known: another step may print its
// name. -1: none.
int headOf(const JobLog &log, const Heads &heads, int from, const JobStep &step)
{
    const bool isTimed = isTold(log, step);
    if (isTimed)
        from = lineAt(log, from, stepBegin(step));
    int first = -1;
    for (const QString &title : titlesOf(step)) {
        const QList<int> lines = heads.value(title);
        const auto found = std::lower_bound(lines.cbegin(), lines.cend(), from);
        if (found != lines.cend() && (first < 0 || *found < first))
            first = *found;
    }
    return first >= 0 && isTimed && isPast(step, timeFrom(log, first)) ? -1 : first;
}

// The only one at or behind `line` that begins before `end`; -1: none, or several.
int onlyGroup(const JobLog &log, int line, qint64 end)
{
    const std::vector<LogGroup> &groups = log.groups();
    auto group = std::lower_bound(groups.cbegin(), groups.cend(), line,
                                  [](const LogGroup &one, int wanted) { return one.first < wanted; });
    int only = -1;
    for (; group != groups.cend(); ++group) {
        if (group->depth > 0)
            continue;
        if (timeFrom(log, group->first) >= end)
            break;
        if (only >= 0)
            return -1;
        only = group->first;
    }
    return only;
}

int lineByTime(const JobLog &log, int from, const JobStep &step, bool isAlone)
{
    if (!isTold(log, step))
        return -1;
    const qint64 begin = stepBegin(step);
    const int line = lineAt(log, from, begin);
    if (line >= log.lineCount())
        return -1;
    const qint64 time = timeFrom(log, line);
    if (time < 0 || isPast(step, time))
        return -1; // what stands there is of a later one
    const int group = isAlone ? onlyGroup(log, line, begin + toldToMs) : -1;
    return group >= 0 ? group : line;
}

bool wasRun(const JobStep &step)
{
    return step.state != RunState::Skipped && step.state != RunState::NotStarted;
}

} // namespace

QList<int> linesOfSteps(const JobLog &log, const QList<JobStep> &steps)
{
    const Heads heads = headsOf(log, steps);
    QHash<qint64, int> begun; // so many in that second
    for (const JobStep &step : steps) {
        if (wasRun(step) && step.startedAt.isValid())
            ++begun[stepBegin(step)];
    }
    QList<int> lines;
    int from = 0;
    for (const JobStep &step : steps) {
        int line = -1;
        if (wasRun(step)) {
            line = headOf(log, heads, from, step);
            if (line >= 0) {
                from = line + 1;
            } else {
                line = lineByTime(log, from, step, step.startedAt.isValid() && begun.value(stepBegin(step)) == 1);
                from = std::max(from, line); // the next one may begin there as well
            }
        }
        lines.append(line);
    }
    return lines;
}

} // namespace signalbox
