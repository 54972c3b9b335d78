#include "ui/pages/pipelines/stageboxes.h"

#include "ui/widgets/timetext.h"

#include <QCoreApplication>

#include <algorithm>
#include <cmath>

namespace signalbox
{

namespace
{

struct StageBoxesText
{
    Q_DECLARE_TR_FUNCTIONS(StageBoxes)
};

QList<Job> jobsOf(const stages::Node &node, const RunDetail &detail)
{
    QList<Job> jobs;
    for (const Job &job : detail.jobs) {
        if (node.jobs.contains(job.id))
            jobs.append(job);
    }
    return jobs;
}

// A gate of the run that waits at one of these jobs.
std::optional<WaitingGate> gateOf(const QList<Job> &jobs, const RunDetail &detail, const QList<WaitingGate> &gates)
{
    for (const WaitingGate &gate : gates) {
        if (gate.run.key() != detail.run.ref.key())
            continue;
        for (const Job &job : jobs) {
            if (gate.job == job.id || (gate.job.isEmpty() && job.state == RunState::Waiting))
                return gate;
        }
    }
    return std::nullopt;
}

QString tipOf(const stages::Node &node, const QList<Job> &jobs, const std::optional<WaitingGate> &gate)
{
    QStringList lines;
    if (node.isGroup()) {
        for (qsizetype i = 0; i < jobs.size() && i < 12; ++i)
            lines << QStringLiteral("%1: %2").arg(node.titles.value(i, jobs[i].name), runStateLabel(jobs[i].state));
        if (jobs.size() > 12)
            lines << StageBoxesText::tr("and %n more", nullptr, int(jobs.size()) - 12);
        lines << StageBoxesText::tr("Enter shows each of them.");
        return lines.join(QLatin1Char('\n'));
    }
    const Job job = jobs.value(0);
    if (gate)
        lines << gate->title << gate->message;
    lines << job.reason;
    if (!job.environment.isEmpty())
        lines << StageBoxesText::tr("environment %1").arg(job.environment);
    if (!job.runner.isEmpty())
        lines << StageBoxesText::tr("on %1").arg(job.runner);
    if (job.downstream)
        lines << (job.hasLog ? StageBoxesText::tr("It started run %1: Enter shows its log, once more opens that run.")
                             : StageBoxesText::tr("It started run %1: Enter opens it."))
                     .arg(job.downstream->id);
    for (const JobStep &step : job.steps.mid(0, 12))
        lines << QStringLiteral("%1: %2").arg(step.name, runStateLabel(step.state));
    lines.removeAll(QString());
    return lines.join(QLatin1Char('\n'));
}

QString waitingText(const stages::Node &node, const std::optional<WaitingGate> &gate)
{
    switch (node.state) {
    case RunState::Waiting:
        if (gate && gate->needed > int(gate->given.size()))
            return StageBoxesText::tr("needs %1").arg(gate->needed - int(gate->given.size()));
        return StageBoxesText::tr("needs people");
    case RunState::NotStarted:
        return StageBoxesText::tr("waiting");
    default:
        return runStateLabel(node.state);
    }
}

} // namespace

QList<StageBox> stageBoxes(const stages::Graph &graph, const RunDetail &detail,
                           const QHash<QString, runs::JobTime> &usual, const QList<WaitingGate> &gates,
                           const QDateTime &now)
{
    QList<StageBox> boxes;
    for (const stages::Node &node : graph.nodes) {
        const QList<Job> jobs = jobsOf(node, detail);
        const std::optional<WaitingGate> gate = gateOf(jobs, detail, gates);
        StageBox box;
        box.id = node.id;
        box.title = node.isGroup() ? QStringLiteral("%1 ×%2").arg(node.title).arg(node.jobs.size()) : node.title;
        box.state = node.state;
        box.mayFail = node.mayFail;
        box.tip = tipOf(node, jobs, gate);
        const bool isGoing = node.state == RunState::Running && node.startedAt.isValid();
        if (isGoing || (node.startedAt.isValid() && node.finishedAt.isValid() && isEnded(node.state))) {
            const qint64 took = std::max<qint64>(0, node.startedAt.msecsTo(isGoing ? now : node.finishedAt));
            box.detail = durationText(took);
            qint64 median = 0;
            for (const Job &job : jobs)
                median = std::max<qint64>(median, usual.value(job.name).median.count());
            if (node.isGroup())
                box.detail = StageBoxesText::tr("%1 of %2 · %3").arg(node.ended).arg(node.jobs.size()).arg(box.detail);
            if (isGoing && median > 0) {
                box.progress = std::min(0.99, double(took) / double(median));
                if (!node.isGroup())
                    box.detail += QStringLiteral(" · %1 %").arg(std::lround(box.progress * 100));
            }
        } else {
            box.detail = waitingText(node, gate);
        }
        boxes.append(box);
    }
    return boxes;
}

} // namespace signalbox
