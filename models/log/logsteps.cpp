#include "models/log/logsteps.h"

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

bool isCalled(const QString &head, const QString &step)
{
    const QString said = head.trimmed();
    return !said.isEmpty() && (said.compare(step, Qt::CaseInsensitive) == 0 ||
                               said.compare(QStringLiteral("Run ") + step, Qt::CaseInsensitive) == 0);
}

int headOf(const JobLog &log, int from, const QString &name)
{
    for (const LogGroup &group : log.groups()) {
        if (group.first >= from && isCalled(log.plainText(group.first), name))
            return group.first;
    }
    return -1;
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
    for (const LogGroup &group : log.groups()) {
        if (group.first < line || group.depth > 0)
            continue;
        if (timeFrom(log, group.first) < second + 1000)
            return group.first;
        break;
    }
    return line;
}

} // namespace

QList<int> linesOfSteps(const JobLog &log, const QList<JobStep> &steps)
{
    QList<int> lines;
    int from = 0;
    for (const JobStep &step : steps) {
        int line = -1;
        if (step.state != RunState::Skipped && step.state != RunState::NotStarted) {
            line = headOf(log, from, step.name);
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
