#include "models/pipelines/run.h"

#include <QCoreApplication>

namespace signalbox
{

namespace
{

struct RunText
{
    Q_DECLARE_TR_FUNCTIONS(Run)
};

} // namespace

QString runStateName(RunState state)
{
    switch (state) {
    case RunState::NotStarted:
        return QStringLiteral("notStarted");
    case RunState::Queued:
        return QStringLiteral("queued");
    case RunState::Running:
        return QStringLiteral("running");
    case RunState::Waiting:
        return QStringLiteral("waiting");
    case RunState::Passed:
        return QStringLiteral("passed");
    case RunState::Unstable:
        return QStringLiteral("unstable");
    case RunState::Failed:
        return QStringLiteral("failed");
    case RunState::Cancelled:
        return QStringLiteral("cancelled");
    case RunState::Skipped:
        return QStringLiteral("skipped");
    case RunState::Unknown:
        break;
    }
    return QStringLiteral("unknown");
}

QString runStateLabel(RunState state)
{
    switch (state) {
    case RunState::NotStarted:
        return RunText::tr("not started");
    case RunState::Queued:
        return RunText::tr("queued");
    case RunState::Running:
        return RunText::tr("running");
    case RunState::Waiting:
        return RunText::tr("waiting for people");
    case RunState::Passed:
        return RunText::tr("passed");
    case RunState::Unstable:
        return RunText::tr("unstable");
    case RunState::Failed:
        return RunText::tr("failed");
    case RunState::Cancelled:
        return RunText::tr("cancelled");
    case RunState::Skipped:
        return RunText::tr("skipped");
    case RunState::Unknown:
        break;
    }
    return RunText::tr("unknown");
}

Health healthOf(RunState state)
{
    switch (state) {
    case RunState::NotStarted:
    case RunState::Cancelled:
    case RunState::Skipped:
        return Health::NotStarted;
    case RunState::Queued:
    case RunState::Running:
        return Health::InProgress;
    case RunState::Waiting:
        return Health::Waiting;
    case RunState::Passed:
        return Health::Ok;
    case RunState::Unstable:
        return Health::Warning;
    case RunState::Failed:
        return Health::Failing;
    case RunState::Unknown:
        break;
    }
    return Health::Unknown;
}

bool isEnded(RunState state)
{
    return state == RunState::Passed || state == RunState::Unstable || state == RunState::Failed ||
           state == RunState::Cancelled || state == RunState::Skipped;
}

QString triggerKindName(TriggerKind kind)
{
    switch (kind) {
    case TriggerKind::Push:
        return QStringLiteral("push");
    case TriggerKind::Tag:
        return QStringLiteral("tag");
    case TriggerKind::PullRequest:
        return QStringLiteral("pullRequest");
    case TriggerKind::Schedule:
        return QStringLiteral("schedule");
    case TriggerKind::Manual:
        return QStringLiteral("manual");
    case TriggerKind::Api:
        return QStringLiteral("api");
    case TriggerKind::Upstream:
        return QStringLiteral("upstream");
    case TriggerKind::Unknown:
        break;
    }
    return QStringLiteral("unknown");
}

QString triggerText(const RunTrigger &trigger)
{
    QString text;
    switch (trigger.kind) {
    case TriggerKind::Push:
        text = RunText::tr("push");
        break;
    case TriggerKind::Tag:
        text = RunText::tr("tag");
        break;
    case TriggerKind::PullRequest:
        text = RunText::tr("pull request");
        break;
    case TriggerKind::Schedule:
        return trigger.cron.isEmpty() ? RunText::tr("schedule") : RunText::tr("schedule %1").arg(trigger.cron);
    case TriggerKind::Manual:
        text = RunText::tr("manual");
        break;
    case TriggerKind::Api:
        text = RunText::tr("API");
        break;
    case TriggerKind::Upstream:
        text = RunText::tr("upstream");
        break;
    case TriggerKind::Unknown:
        text = trigger.why;
        break;
    }
    if (trigger.who.isEmpty())
        return text;
    return text.isEmpty() ? RunText::tr("by %1").arg(trigger.who) : RunText::tr("%1 by %2").arg(text, trigger.who);
}

std::optional<std::chrono::milliseconds> queueTime(const Run &run)
{
    if (run.queuedFor)
        return run.queuedFor;
    if (!run.createdAt.isValid() || !run.startedAt.isValid() || run.startedAt < run.createdAt)
        return std::nullopt;
    if (!run.isQueueTold)
        return std::nullopt;
    return std::chrono::milliseconds(run.createdAt.msecsTo(run.startedAt));
}

std::optional<std::chrono::milliseconds> duration(const Run &run, const QDateTime &now)
{
    if (run.workedFor)
        return run.workedFor;
    const QDateTime begin = run.againSince.value_or(run.startedAt);
    if (!begin.isValid())
        return std::nullopt;
    const QDateTime end = run.finishedAt.isValid() ? run.finishedAt : now;
    if (end < begin)
        return std::nullopt;
    return std::chrono::milliseconds(begin.msecsTo(end));
}

bool isProtected(const Pipeline &pipeline, const std::optional<Run> &run, const QString &branch)
{
    const QString of = run ? run->branch : branch;
    // No branch: a tag, or nothing says what it is.
    return of.isEmpty() || pipeline.defaultBranch.isEmpty() || of == pipeline.defaultBranch;
}

} // namespace signalbox
