#include "ui/pages/pipelines/stageboxes.h"

#include "ui/widgets/timetext.h"

#include <QCoreApplication>

#include <algorithm>
#include <cmath>
#include <iterator>

namespace signalbox
{

namespace
{

struct StageBoxesText
{
    Q_DECLARE_TR_FUNCTIONS(StageBoxes)
};

// In the vendor's order, as they stand in the node.
QList<Job> jobsOf(const stages::Node &node, const QHash<QString, const Job *> &byId)
{
    QList<Job> jobs;
    for (const QString &id : node.jobs) {
        if (const Job *job = byId.value(id))
            jobs.append(*job);
    }
    return jobs;
}

QList<WaitingGate> gatesOf(const RunRef &run, const QList<WaitingGate> &gates)
{
    QList<WaitingGate> some;
    std::copy_if(gates.cbegin(), gates.cend(), std::back_inserter(some),
                 [&run](const WaitingGate &gate) { return gate.run == run; });
    return some;
}

// One that waits at one of these jobs; `gates` are the run's.
std::optional<WaitingGate> gateOf(const QList<Job> &jobs, const QList<WaitingGate> &gates)
{
    for (const WaitingGate &gate : gates) {
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
    QHash<QString, const Job *> byId;
    for (const Job &job : detail.jobs)
        byId.insert(job.id, &job);
    const QList<WaitingGate> here = gatesOf(detail.run.ref, gates);
    QList<StageBox> boxes;
    for (const stages::Node &node : graph.nodes) {
        const QList<Job> jobs = jobsOf(node, byId);
        const std::optional<WaitingGate> gate = gateOf(jobs, here);
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
            if (node.isGroup() && node.ended < node.jobs.size()) // the title has how many there are
                box.detail = StageBoxesText::tr("%1 of %2 · %3").arg(node.ended).arg(node.jobs.size()).arg(box.detail);
            if (isGoing && median > 0) {
                // As it is said: a box is painted again once for each per cent.
                box.progress = std::min(0.99, std::round(100 * double(took) / double(median)) / 100);
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
