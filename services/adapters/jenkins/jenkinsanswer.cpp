#include "services/adapters/jenkins/jenkinsanswer.h"

#include "services/adapters/jenkins/jenkinsjson.h"
#include "services/adapters/jenkins/jenkinsplace.h"

#include <QRegularExpression>

#include <algorithm>

namespace signalbox::jenkins
{

namespace
{

const QByteArray parameterFields =
    "property[parameterDefinitions[_class,name,type,description,choices,defaultParameterValue[value]]]";
const QByteArray jobFields = "_class,name,fullName,displayName,fullDisplayName,url,buildable," + parameterFields;
const QByteArray causeFields =
    "causes[_class,shortDescription,userId,userName,upstreamProject,upstreamBuild,addr,note,user[id,fullName]]";
constexpr int levelsAsked = 3;
constexpr qsizetype mostPassedCases = 2000;

QString plainValue(const Json &value)
{
    if (value.is_string())
        return QString::fromStdString(value.get_ref<const std::string &>());
    if (value.is_boolean())
        return value.get<bool>() ? QStringLiteral("true") : QStringLiteral("false");
    if (value.is_number())
        return QString::fromStdString(value.dump());
    return {};
}

// ---- jobs

RunParameter parameterOf(const Json &definition)
{
    RunParameter parameter;
    parameter.name = textOf(definition, "name");
    parameter.about = textOf(definition, "description");
    const QString type = textOf(definition, "type");
    if (type.contains(QLatin1String("Password"))) {
        parameter.kind = RunParameter::Kind::Hidden;
        return parameter;
    }
    if (type.startsWith(QLatin1String("Boolean")))
        parameter.kind = RunParameter::Kind::Flag;
    for (const Json &choice : listOf(definition, "choices"))
        parameter.choices.append(plainValue(choice));
    if (!parameter.choices.isEmpty())
        parameter.kind = RunParameter::Kind::Choice;
    parameter.value = plainValue(memberOf(memberOf(definition, "defaultParameterValue"), "value"));
    return parameter;
}

// False: the job takes none.
bool readParameters(const Json &job, QList<RunParameter> &into)
{
    bool hasThem = false;
    for (const Json &property : listOf(job, "property")) {
        if (!memberOf(property, "parameterDefinitions").is_array())
            continue;
        hasThem = true;
        for (const Json &definition : listOf(property, "parameterDefinitions"))
            into.append(parameterOf(definition));
    }
    return hasThem;
}

bool isFolder(const Json &item)
{
    return memberOf(item, "jobs").is_array();
}

FoundJob jobOf(const Json &item, const QString &project, bool isBranch)
{
    FoundJob found;
    found.isBranch = isBranch;
    Pipeline &pipeline = found.pipeline;
    pipeline.ref.project = project;
    const QString shown = textOf(item, "fullDisplayName");
    pipeline.title = isBranch ? branchNameOf(project) : textOf(item, "displayName");
    if (!shown.isEmpty())
        pipeline.title = QString(shown).replace(QStringLiteral(" » "), QStringLiteral(" / "));
    if (pipeline.title.isEmpty())
        pipeline.title = project;
    pipeline.page = QUrl(textOf(item, "url"));
    pipeline.isEnabled = flagOf(item, "buildable", true);
    if (isBranch)
        pipeline.defaultBranch = branchNameOf(project);
    if (!pipeline.isEnabled) {
        pipeline.canTrigger = false;
        pipeline.whyNotTrigger = JenkinsText::tr("The job is disabled.");
    }
    readParameters(item, pipeline.parameters);
    return found;
}

QString joined(const QString &folder, const QString &name)
{
    return folder.isEmpty() ? name : folder + u'/' + name;
}

void collect(const Json &folder, const QString &project, int level, int most, FoundJobs &found)
{
    const bool hasBranches = classOf(folder).contains(QLatin1String("MultiBranchProject"));
    const Json &items = listOf(folder, "jobs");
    if (static_cast<int>(items.size()) > most)
        found.isCut = true;
    for (const Json &item : items) {
        const QString name = textOf(item, "name");
        if (name.isEmpty())
            continue;
        const QString full = joined(project, name);
        if (!isFolder(item))
            found.jobs.append(jobOf(item, full, hasBranches));
        else if (level < levelsAsked)
            collect(item, full, level + 1, most, found);
        else if (!listOf(item, "jobs").empty())
            found.folders.append(full);
    }
}

// ---- runs

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

QString plainBranch(QString name)
{
    for (const char *prefix : {"refs/remotes/", "refs/heads/", "origin/"}) {
        if (name.startsWith(QLatin1String(prefix)))
            name = name.mid(QString(QLatin1String(prefix)).size());
    }
    return name == QLatin1String("detached") ? QString() : name;
}

// What was checked out. A run may have several check-outs (libraries): then the one of the job's own branch, and none
// where that does not tell.
void readRevision(const Json &actions, const QString &ownBranch, Run &run)
{
    struct CheckOut
    {
        QString commit;
        QString branch;
        bool operator==(const CheckOut &) const = default;
    };
    QList<CheckOut> all;
    for (const Json &action : actions) {
        const Json &revision = memberOf(action, "lastBuiltRevision");
        CheckOut one{textOf(revision, "SHA1"), {}};
        if (one.commit.isEmpty())
            continue;
        const Json &branches = listOf(revision, "branch");
        if (!branches.empty())
            one.branch = plainBranch(textOf(branches.front(), "name"));
        if (!all.contains(one))
            all.append(one);
    }
    const auto own = std::find_if(all.cbegin(), all.cend(), [&](const auto &one) { return one.branch == ownBranch; });
    if (own == all.cend() && all.size() != 1)
        return;
    const CheckOut &one = own == all.cend() ? all.first() : *own;
    run.commit = one.commit;
    run.branch = one.branch;
}

QString subjectOf(const Json &build, const QString &commit)
{
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
    look(memberOf(build, "changeSet"));
    return last;
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

SeenRun runOf(const Json &build, const PipelineRef &pipeline, const QUrl &page)
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
    readRevision(actions, branchNameOf(pipeline.project), run);
    run.trigger = triggerOf(actions, branchNameOf(pipeline.project), &seen.startedBy);
    readParametersOf(actions, seen);
    readDecisions(actions, seen);
    run.title = subjectOf(build, run.commit);
    const QString shown = textOf(build, "displayName");
    if (run.title.isEmpty() && shown != u'#' + run.number)
        run.title = shown;
    run.startedAt = timeOf(build, "timestamp");
    run.createdAt = run.startedAt;
    for (const Json &action : actions) { // of the plugin Metrics, where a server has it
        if (const qint64 waited = numberOf(action, "queuingDurationMillis", -1); waited >= 0)
            run.createdAt = run.startedAt.addMSecs(-waited);
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

TestCase caseOf(const Json &one, const QString &suite)
{
    TestCase test;
    test.suite = textOf(one, "className");
    if (test.suite.isEmpty())
        test.suite = suite;
    test.name = textOf(one, "name");
    const QString status = textOf(one, "status");
    if (status == QLatin1String("FAILED") || status == QLatin1String("REGRESSION"))
        test.state = TestCase::State::Failed;
    else if (status == QLatin1String("SKIPPED"))
        test.state = TestCase::State::Skipped;
    const Json &duration = memberOf(one, "duration"); // seconds
    if (duration.is_number())
        test.took = std::chrono::milliseconds(static_cast<qint64>(duration.get<double>() * 1000.0 + 0.5));
    test.message = textOf(one, "errorDetails");
    test.trace = textOf(one, "errorStackTrace");
    return test;
}

void readSuites(const Json &result, TestReport &report, qsizetype &others)
{
    for (const Json &suite : listOf(result, "suites")) {
        for (const Json &one : listOf(suite, "cases")) {
            const TestCase test = caseOf(one, textOf(suite, "name"));
            if (test.state != TestCase::State::Failed && ++others > mostPassedCases)
                report.isCut = true;
            else
                report.cases.append(test);
        }
    }
}

} // namespace

QByteArray jobsTree(int most)
{
    const QByteArray range = "{0," + QByteArray::number(most + 1) + '}';
    QByteArray tree = "jobs[name]{0,1}";
    for (int level = 0; level < levelsAsked; ++level)
        tree = "jobs[" + jobFields + ',' + tree + ']' + range;
    return jobFields + ',' + tree;
}

QByteArray jobTree()
{
    return "_class,buildable,nextBuildNumber," + parameterFields;
}

Result<FoundJobs> parseJobs(const QByteArray &body, const QString &project, int most)
{
    return parsed(body, [&](const Json &json) -> Result<FoundJobs> {
        if (!json.is_object())
            return unexpected();
        FoundJobs found;
        if (isFolder(json)) {
            collect(json, project, 1, most, found);
            return found;
        }
        if (textOf(json, "name").isEmpty())
            return unexpected();
        found.jobs.append(jobOf(json, project, false)); // whether its folder has branches, the folder tells
        return found;
    });
}

Result<JobState> parseJob(const QByteArray &body)
{
    return parsed(body, [](const Json &json) -> Result<JobState> {
        if (!json.is_object())
            return unexpected();
        JobState state;
        state.type = classOf(json);
        state.isBuildable = flagOf(json, "buildable", true);
        state.nextNumber = numberOf(json, "nextBuildNumber");
        state.hasParameters = readParameters(json, state.parameters);
        return state;
    });
}

QByteArray runFields()
{
    return "_class,number,queueId,url,displayName,building,inProgress,result,timestamp,duration,estimatedDuration,"
           "builtOn,actions[_class," +
           causeFields +
           ",parameters[_class,name,value],lastBuiltRevision[SHA1,branch[name]],userId,queuingDurationMillis],"
           "changeSets[items[commitId,msg]],changeSet[items[commitId,msg]]";
}

QByteArray runsTree(int from, int count)
{
    // `builds` ends at the newest hundred, `allBuilds` does not (hudson.model.Job).
    return "queueItem[id,why,stuck,inQueueSince,actions[_class," + causeFields + "]],allBuilds[" + runFields() + "]{" +
           QByteArray::number(from) + ',' + QByteArray::number(from + count) + '}';
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
        for (const Json &build : listOf(json, "allBuilds")) {
            ++seen.told;
            if (numberOf(build, "number") > 0)
                seen.runs.append(runOf(build, pipeline, page));
        }
        if (const Json &queued = memberOf(json, "queueItem"); numberOf(queued, "id") > 0)
            seen.queued = itemOf(queued, pipeline).run;
        return seen;
    });
}

Result<SeenRun> parseRun(const QByteArray &body, const PipelineRef &pipeline, const QUrl &page)
{
    return parsed(body, [&](const Json &json) -> Result<SeenRun> {
        if (numberOf(json, "number") <= 0)
            return unexpected();
        return runOf(json, pipeline, page);
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

QByteArray testTree()
{
    const QByteArray suites = "suites[name,cases[className,name,status,duration,errorDetails,errorStackTrace]]";
    return "failCount,passCount,skipCount,totalCount," + suites + ",childReports[result[" + suites + "]]";
}

Result<TestReport> parseTests(const QByteArray &body)
{
    return parsed(body, [](const Json &json) -> Result<TestReport> {
        if (!json.is_object() || !json.contains("failCount"))
            return unexpected();
        TestReport report;
        report.failed = static_cast<int>(numberOf(json, "failCount"));
        report.skipped = static_cast<int>(numberOf(json, "skipCount"));
        // The report of a maven or matrix job (childReports) has a total instead of what passed.
        report.passed = static_cast<int>(
            numberOf(json, "passCount", numberOf(json, "totalCount") - report.failed - report.skipped));
        qsizetype others = 0;
        readSuites(json, report, others);
        for (const Json &child : listOf(json, "childReports"))
            readSuites(memberOf(child, "result"), report, others);
        return report;
    });
}

Result<Myself> parseWhoAmI(const QByteArray &body)
{
    return parsed(body, [](const Json &json) -> Result<Myself> {
        if (!json.is_object() || textOf(json, "name").isEmpty())
            return unexpected();
        Myself me;
        me.name = textOf(json, "name");
        me.isAnonymous = flagOf(json, "anonymous");
        for (const Json &authority : listOf(json, "authorities"))
            me.authorities.append(plainValue(authority));
        return me;
    });
}

QByteArray computerTree()
{
    return "computer[executors[currentExecutable[url]],oneOffExecutors[currentExecutable[url]]]";
}

Result<QList<UnderWay>> parseUnderWay(const QByteArray &body)
{
    return parsed(body, [](const Json &json) -> Result<QList<UnderWay>> {
        if (!memberOf(json, "computer").is_array())
            return unexpected();
        QList<UnderWay> builds;
        for (const Json &computer : listOf(json, "computer")) {
            for (const char *kind : {"executors", "oneOffExecutors"}) {
                for (const Json &executor : listOf(computer, kind)) {
                    const auto place = placeOf(textOf(memberOf(executor, "currentExecutable"), "url"));
                    if (!place || place->number.isEmpty())
                        continue;
                    const UnderWay one{place->project, place->number};
                    if (!builds.contains(one))
                        builds.append(one);
                }
            }
        }
        return builds;
    });
}

} // namespace signalbox::jenkins
