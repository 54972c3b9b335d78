#include "services/adapters/github/githubtags.h"

#include <QSet>

#include <utility>

namespace signalbox::github
{

namespace
{

constexpr qsizetype mostNamesAsked = 10;

// Other events name branches only: a schedule the default one, a pull request the one it comes from.
bool mayNameTag(const RunSaid &said)
{
    return !said.run.branch.isEmpty() &&
           (said.event == QLatin1String("push") || said.event == QLatin1String("workflow_dispatch"));
}

RunSaid told(const Memory &memory, RunSaid said)
{
    Run &run = said.run;
    if (!mayNameTag(said) || memory.isTag(run.ref.pipeline.project, run.branch, run.commit) != true)
        return said;
    run.tag = std::exchange(run.branch, QString());
    if (run.trigger.kind == TriggerKind::Push)
        run.trigger.kind = TriggerKind::Tag;
    return said;
}

} // namespace

QFuture<Result<QList<RunSaid>>> withTags(GitHubClient &client, const QList<RunSaid> &runs, const StopToken &stop)
{
    QSet<QString> names;
    QList<QFuture<Result<bool>>> asked;
    for (const RunSaid &said : runs) {
        const Run &run = said.run;
        const QString &project = run.ref.pipeline.project;
        if (!mayNameTag(said) || asked.size() >= mostNamesAsked || names.contains(run.branch) ||
            client.memory().isUntold(project) || client.memory().isTag(project, run.branch, run.commit) ||
            client.memory().isGone(project, run.branch, run.commit))
            continue;
        names.insert(run.branch);
        asked.append(client.isTag(project, run.branch, run.commit, stop));
    }
    const auto all = [from = &client, runs] {
        QList<RunSaid> same;
        for (const RunSaid &said : runs)
            same.append(told(from->memory(), said));
        return ready(Result<QList<RunSaid>>(same));
    };
    if (asked.isEmpty())
        return all();
    return after(&client, gathered(&client, asked), [all](const QList<Result<bool>> &) { return all(); });
}

bool mayRelease(GitHubClient &client, const RunSaid &said)
{
    const Run &run = said.run;
    const QString &project = run.ref.pipeline.project;
    if (run.branch.isEmpty() || client.memory().isDefaultBranch(project, run.branch))
        return true;
    return mayNameTag(said) && client.memory().isTag(project, run.branch, run.commit) != false;
}

} // namespace signalbox::github
