#include "services/adapters/jenkins/jenkinsruns.h"

#include "services/adapters/jenkins/jenkinsparameters.h"
#include "services/adapters/jenkins/jenkinsplace.h"
#include "services/adapters/jenkins/jenkinsrevision.h"

#include <QRegularExpression>

namespace signalbox::jenkins
{

namespace
{

const QByteArray causeFields =
    "causes[_class,shortDescription,userId,userName,upstreamProject,upstreamBuild,addr,note,user[id,fullName]]";

TriggerKind kindOf(const QString &cause, const QString &branch)
{
    static const QRegularExpression pullRequest(QStringLiteral("^(PR|MR)-\\d+$"));
    if (cause.contains(QLatin1String("TimerTrigger")))
        return TriggerKind::Schedule;
    if (cause.contains(QLatin1String("UpstreamCause")))
        return TriggerKind::Upstream;
    if (cause.contains(QLatin1String("RemoteCause")))
        return TriggerKind::Api;
    if (cause.contains(QLatin1String("BranchEventCause")) || cause.contains(QLatin1String("BranchIndexingCause")))
        return pullRequest.match(branch).hasMatch() ? TriggerKind::PullRequest : TriggerKind::Push;
    if (cause.contains(QLatin1String("SCMTrigger")) || cause.contains(QLatin1String("PushCause")))
        return TriggerKind::Push;
    if (cause.contains(QLatin1String("UserIdCause")) || cause.endsWith(QLatin1String("UserCause")))
        return TriggerKind::Manual;
    return TriggerKind::Unknown;
}

// The first cause that says who or what; a replay or rebuild stands beside the person who asked for it.
RunTrigger triggerOf(const Json &actions, const QString &branch, QString *startedBy)
{
    RunTrigger trigger;
    QStringList words;
    for (const Json &action : actions) {
        if (classOf(action).contains(QLatin1String("InterruptedBuildAction")))
            continue;
        for (const Json &cause : listOf(action, "causes")) {
            const TriggerKind kind = kindOf(classOf(cause), branch);
            words.append(textOf(cause, "shortDescription"));
            if (trigger.kind != TriggerKind::Unknown || kind == TriggerKind::Unknown)
                continue;
            trigger.kind = kind;
            if (kind == TriggerKind::Manual) {
                *startedBy = textOf(cause, "userId");
                trigger.who = textOf(cause, "userName");
                if (trigger.who.isEmpty())
                    trigger.who = *startedBy;
            } else if (kind == TriggerKind::Upstream) {
                trigger.who = QStringLiteral("%1 #%2")
                                  .arg(textOf(cause, "upstreamProject"))
                                  .arg(numberOf(cause, "upstreamBuild"));
            } else if (kind == TriggerKind::Api) {
                trigger.who = textOf(cause, "addr");
            }
        }
    }
    words.removeAll(QString());
    words.removeDuplicates();
    trigger.why = words.join(QStringLiteral("; "));
    return trigger;
}

// Of the commit; where that is not among the changes, of the newest of them, unless they may be another repository's.
QString subjectOf(const Json &build, const Revision &revision)
{
    const QString &commit = revision.commit;
    QString last;
    const auto look = [&](const Json &set) {
        for (const Json &item : listOf(set, "items")) {
            last = textOf(item, "msg").section(u'\n', 0, 0);
            if (!commit.isEmpty() && textOf(item, "commitId") == commit)
                return true;
        }
        return false;
    };
    for (const Json &set : listOf(build, "changeSets")) {
        if (look(set))
            return last;
    }
    if (look(memberOf(build, "changeSet")))
        return last;
    return revision.isOfMany || !revision.whyNot.isEmpty() ? QString() : last;
}

void readParametersOf(const Json &actions, SeenRun &seen)
{
    for (const Json &action : actions) {
        if (classOf(action).contains(QLatin1String("ApproverAction")))
            continue; // parameters of an input step
        for (const Json &parameter : listOf(action, "parameters")) {
            const QString name = textOf(parameter, "name");
            if (name.isEmpty())
                continue;
            const bool isTold = parameter.contains("value") && !parameter.at("value").is_null();
            if (classOf(parameter).contains(QLatin1String("Password")) || !isTold)
                seen.hiddenParameters.append(name);
            else
                seen.parameters.append({name, plainValue(parameter.at("value"))});
        }
    }
}

// Decisions of input steps: ApproverAction says who let it go on; a rejection is the cause of an interruption.
void readDecisions(const Json &actions, SeenRun &seen)
{
    for (const Json &action : actions) {
        const QString type = classOf(action);
        if (type.contains(QLatin1String("ApproverAction"))) {
            seen.decisions.append({textOf(action, "userId"), true});
        } else if (type.contains(QLatin1String("InterruptedBuildAction"))) {
            for (const Json &cause : listOf(action, "causes")) {
                seen.run.reason = textOf(cause, "shortDescription");
                if (classOf(cause).endsWith(QLatin1String("input.Rejection")))
                    seen.decisions.append({textOf(memberOf(cause, "user"), "id"), false});
            }
        }
    }
}

SeenRun runOf(const Json &build, const PipelineRef &pipeline, const QUrl &page, const QStringList &remotes)
{
    SeenRun seen;
    Run &run = seen.run;
    run.ref = {pipeline, QString::number(numberOf(build, "number"))};
    run.number = run.ref.id;
    seen.type = classOf(build);
    seen.result = textOf(build, "result");
    seen.queueItem = numberOf(build, "queueId", -1);
    seen.runner = textOf(build, "builtOn");
    const bool isBuilding = flagOf(build, "building") || flagOf(build, "inProgress");
    run.state = stateOfResult(seen.result, isBuilding);
    const Json &actions = listOf(build, "actions");
    const Revision revision = revisionOf(actions, branchNameOf(pipeline.project), remotes);
    run.commit = revision.commit;
    run.branch = revision.branch;
    seen.whyNoCommit = revision.whyNot;
    run.trigger = triggerOf(actions, branchNameOf(pipeline.project), &seen.startedBy);
    readParametersOf(actions, seen);
    readDecisions(actions, seen);
    run.title = subjectOf(build, revision);
    const QString shown = textOf(build, "displayName");
    if (run.title.isEmpty() && shown != u'#' + run.number)
        run.title = shown;
    run.startedAt = timeOf(build, "timestamp");
    run.createdAt = run.startedAt;
    run.isQueueTold = false;
    for (const Json &action : actions) { // of the plugin Metrics, where a server has it
        if (const qint64 waited = numberOf(action, "queuingDurationMillis", -1); waited >= 0) {
            run.createdAt = run.startedAt.addMSecs(-waited);
            run.isQueueTold = true;
        }
    }
    if (!isBuilding && run.startedAt.isValid())
        run.finishedAt = run.startedAt.addMSecs(numberOf(build, "duration"));
    if (const qint64 estimate = numberOf(build, "estimatedDuration", -1); estimate > 0)
        run.estimate = std::chrono::milliseconds(estimate);
    run.page = QUrl(textOf(build, "url"));
    if (run.page.isEmpty())
        run.page = page.resolved(QUrl(QString::fromLatin1(runPath(pipeline.project, run.number).mid(1))));
    for (const Json &artifact : listOf(build, "artifacts")) {
        RunArtifact one;
        one.name = textOf(artifact, "relativePath");
        if (one.name.isEmpty())
            continue;
        const QByteArray path = QUrl::toPercentEncoding(one.name, "/");
        one.page = run.page.resolved(QUrl(QStringLiteral("artifact/") + QString::fromLatin1(path)));
        seen.artifacts.append(one);
    }
    return seen;
}

// ---- queue

QueueItem itemOf(const Json &item, const PipelineRef &pipeline)
{
    QueueItem seen;
    Run &run = seen.run;
    run.ref = {pipeline, queueRunId(numberOf(item, "id"))};
    run.state = RunState::Queued;
    run.reason = textOf(item, "why");
    if (flagOf(item, "stuck"))
        run.reason = JenkinsText::tr("Stuck: %1").arg(run.reason);
    run.createdAt = timeOf(item, "inQueueSince");
    run.trigger = triggerOf(listOf(item, "actions"), branchNameOf(pipeline.project), &seen.startedBy);
    seen.isCancelled = flagOf(item, "cancelled");
    if (seen.isCancelled) {
        run.state = RunState::Cancelled;
        run.reason = JenkinsText::tr("It was taken out of the queue.");
    }
    const Json &executable = memberOf(item, "executable");
    if (executable.is_object() && executable.contains("number"))
        seen.number = QString::number(numberOf(executable, "number"));
    return seen;
}

} // namespace

QByteArray runFields()
{
    return "_class,number,queueId,url,displayName,building,inProgress,result,timestamp,duration,estimatedDuration,"
           "builtOn,actions[_class," +
           causeFields +
           ",parameters[_class,name,value],lastBuiltRevision[SHA1,branch[name]],remoteUrls,revision[hash,pullHash],"
           "userId,"
           "queuingDurationMillis],"
           "changeSets[items[commitId,msg]],changeSet[items[commitId,msg]]";
}

QByteArray runsTree(int from, int count)
{
    // `builds` ends at the newest hundred, `allBuilds` does not (hudson.model.Job).
    return "queueItem[id,why,stuck,inQueueSince,actions[_class," + causeFields +
           "]],scm[userRemoteConfigs[url]],allBuilds[" + runFields() + "]{" + QByteArray::number(from) + ',' +
           QByteArray::number(from + count) + '}';
}

RunState stateOfResult(const QString &result, bool isBuilding)
{
    if (isBuilding)
        return RunState::Running;
    if (result == QLatin1String("SUCCESS"))
        return RunState::Passed;
    if (result == QLatin1String("UNSTABLE"))
        return RunState::Unstable;
    if (result == QLatin1String("FAILURE"))
        return RunState::Failed;
    if (result == QLatin1String("ABORTED"))
        return RunState::Cancelled;
    if (result == QLatin1String("NOT_BUILT"))
        return RunState::Skipped;
    return RunState::Unknown;
}

Result<SeenRuns> parseRuns(const QByteArray &body, const PipelineRef &pipeline, const QUrl &page)
{
    return parsed(body, [&](const Json &json) -> Result<SeenRuns> {
        if (!json.is_object() || !memberOf(json, "allBuilds").is_array())
            return unexpected();
        SeenRuns seen;
        seen.remotes = remotesOf(json);
        for (const Json &build : listOf(json, "allBuilds")) {
            ++seen.told;
            if (numberOf(build, "number") > 0)
                seen.runs.append(runOf(build, pipeline, page, seen.remotes));
        }
        if (const Json &queued = memberOf(json, "queueItem"); numberOf(queued, "id") > 0)
            seen.queued = itemOf(queued, pipeline).run;
        return seen;
    });
}

Result<SeenRun> parseRun(const QByteArray &body, const PipelineRef &pipeline, const QUrl &page,
                         const QStringList &remotes)
{
    return parsed(body, [&](const Json &json) -> Result<SeenRun> {
        if (numberOf(json, "number") <= 0)
            return unexpected();
        return runOf(json, pipeline, page, remotes);
    });
}

QByteArray queueTree()
{
    return "id,why,stuck,cancelled,inQueueSince,task[url],executable[number,url],actions[_class," + causeFields + ']';
}

Result<QueueItem> parseQueueItem(const QByteArray &body, const PipelineRef &pipeline)
{
    return parsed(body, [&](const Json &json) -> Result<QueueItem> {
        if (numberOf(json, "id") <= 0)
            return unexpected();
        return itemOf(json, pipeline);
    });
}

Result<QList<QueueItem>> parseQueue(const QByteArray &body, const PipelineRef &pipeline)
{
    return parsed(body, [&](const Json &json) -> Result<QList<QueueItem>> {
        if (!memberOf(json, "items").is_array())
            return unexpected();
        QList<QueueItem> items;
        for (const Json &item : listOf(json, "items")) {
            const auto place = placeOf(textOf(memberOf(item, "task"), "url"));
            if (place && place->project == pipeline.project)
                items.append(itemOf(item, pipeline));
        }
        return items;
    });
}

} // namespace signalbox::jenkins
