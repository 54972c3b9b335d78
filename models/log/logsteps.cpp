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

// The first at or behind `from`; -1: none.
int headOf(const Heads &heads, int from, const JobStep &step)
{
    int first = -1;
    for (const QString &title : titlesOf(step)) {
        const QList<int> lines = heads.value(title);
        const auto found = std::lower_bound(lines.cbegin(), lines.cend(), from);
        if (found != lines.cend() && (first < 0 || *found < first))
            first = *found;
    }
    return first;
}

int lineByTime(const JobLog &log, int from, const JobStep &step)
{
    if (!log.hasTimes() || !step.startedAt.isValid())
        return -1;
    const qint64 second = step.startedAt.toMSecsSinceEpoch() / 1000 * 1000; // vendors tell no less
    const int line = lineAt(log, from, second);
    if (line >= log.lineCount())
        return -1;
    const qint64 time = timeFrom(log, line);
    if (time < 0 || (step.finishedAt.isValid() && time >= step.finishedAt.toMSecsSinceEpoch() + 1000))
        return -1; // what stands there is of a later one
    const std::vector<LogGroup> &groups = log.groups();
    auto group = std::lower_bound(groups.cbegin(), groups.cend(), line,
                                  [](const LogGroup &one, int wanted) { return one.first < wanted; });
    while (group != groups.cend() && group->depth > 0)
        ++group;
    return group != groups.cend() && timeFrom(log, group->first) < second + 1000 ? group->first : line;
}

} // namespace

QList<int> linesOfSteps(const JobLog &log, const QList<JobStep> &steps)
{
    const Heads heads = headsOf(log, steps);
    QList<int> lines;
    int from = 0;
    for (const JobStep &step : steps) {
        int line = -1;
        if (step.state != RunState::Skipped && step.state != RunState::NotStarted) {
            line = headOf(heads, from, step);
            if (line < 0)
                line = lineByTime(log, from, step);
        }
        if (line >= 0)
            from = line + 1;
        lines.append(line);
    }
    return lines;
}

} // namespace signalbox
