#include "services/adapters/jenkins/jenkinsgraph.h"

#include "services/adapters/jenkins/jenkinsparameters.h"
#include "services/adapters/jenkins/jenkinsplace.h"
#include "services/adapters/jenkins/jenkinsruns.h"

#include <QHash>
#include <QRegularExpression>

#include <algorithm>

namespace signalbox::jenkins
{

namespace
{

// "2016-05-06T15:15:08.719-0700": no colon in the offset, which Qt's ISO reader wants.
QDateTime blueTime(const Json &object, const char *key)
{
    QString text = textOf(object, key);
    static const QRegularExpression bare(QStringLiteral("([+-]\\d{2})(\\d{2})$"));
    text.replace(bare, QStringLiteral("\\1:\\2"));
    return QDateTime::fromString(text, Qt::ISODateWithMs).toUTC();
}

// Words of wfapi: com.cloudbees.workflow.rest.external.StatusExt.
RunState stateOfStatus(const QString &status)
{
    static const QHash<QString, RunState> words{{QStringLiteral("NOT_EXECUTED"), RunState::Skipped},
                                                {QStringLiteral("ABORTED"), RunState::Cancelled},
                                                {QStringLiteral("SUCCESS"), RunState::Passed},
                                                {QStringLiteral("IN_PROGRESS"), RunState::Running},
                                                {QStringLiteral("PAUSED_PENDING_INPUT"), RunState::Waiting},
                                                {QStringLiteral("FAILED"), RunState::Failed},
                                                {QStringLiteral("SKIPPED"), RunState::Skipped},
                                                {QStringLiteral("UNSTABLE"), RunState::Unstable}};
    return words.value(status, RunState::Unknown);
}

// Words of Blue Ocean: BlueRun.BlueRunState and BlueRunResult.
RunState blueState(const Json &node, bool isOver)
{
    const QString state = textOf(node, "state");
    const QString result = textOf(node, "result");
    if (state.isEmpty() || state == QLatin1String("NOT_BUILT"))
        return isOver || result == QLatin1String("NOT_BUILT") ? RunState::Skipped : RunState::NotStarted;
    if (state == QLatin1String("QUEUED"))
        return RunState::Queued;
    if (state == QLatin1String("RUNNING"))
        return RunState::Running;
    if (state == QLatin1String("PAUSED"))
        return RunState::Waiting;
    if (state == QLatin1String("SKIPPED"))
        return RunState::Skipped;
    if (state != QLatin1String("FINISHED"))
        return RunState::Unknown;
    return stateOfResult(result, false); // BlueRunResult has the names of the core's results
}

Job blueJob(const Json &node, const PipelineRef &pipeline, bool isOver)
{
    Job job;
    job.id = textOf(node, "id");
    job.name = textOf(node, "displayName");
    job.state = blueState(node, isOver);
    job.reason = textOf(node, "causeOfBlockage");
    job.startedAt = blueTime(node, "startTime");
    job.hasLog = job.startedAt.isValid();
    if (isEnded(job.state) && job.startedAt.isValid() && memberOf(node, "durationInMillis").is_number())
        job.finishedAt = job.startedAt.addMSecs(numberOf(node, "durationInMillis"));
    for (const Json &action : listOf(node, "actions")) {
        if (!classOf(action).contains(QLatin1String("DownstreamBuildAction")))
            continue;
        if (const auto place = bluePlaceOf(textOf(memberOf(action, "link"), "href")))
            job.downstream = RunRef{{pipeline.connection, place->project, {}}, place->number};
    }
    return job;
}

Job stageJob(const Json &stage)
{
    Job job;
    job.id = textOf(stage, "id");
    job.name = textOf(stage, "name");
    job.state = stateOfStatus(textOf(stage, "status"));
    job.reason = textOf(memberOf(stage, "error"), "message");
    job.startedAt = timeOf(stage, "startTimeMillis");
    job.runner = textOf(stage, "execNode");
    job.hasLog = job.startedAt.isValid() && job.state != RunState::Skipped;
    if (isEnded(job.state) && job.startedAt.isValid())
        job.finishedAt = job.startedAt.addMSecs(numberOf(stage, "durationMillis"));
    return job;
}

// com.cloudbees.workflow.rest.external.InputParameterDefExt
RunParameter inputParameter(const Json &input)
{
    const Json &definition = memberOf(input, "definition");
    return parameterOf(input, memberOf(definition, "defaultVal"), listOf(definition, "choices"));
}

// org.jenkinsci.plugins.workflow.support.steps.input.InputStep, as itself and Blue Ocean show it.
PendingInput inputOfStep(const Json &step)
{
    PendingInput input;
    input.id = textOf(step, "id");
    input.message = textOf(step, "message");
    input.proceedText = textOf(step, "ok");
    for (const Json &parameter : listOf(step, "parameters"))
        input.parameters.append(parameterOf(parameter, memberOf(memberOf(parameter, "defaultParameterValue"), "value"),
                                            listOf(parameter, "choices")));
    QStringList submitters;
    for (const QString &name : textOf(step, "submitter").split(u',', Qt::SkipEmptyParts)) {
        if (!name.trimmed().isEmpty())
            submitters.append(name.trimmed());
    }
    input.submitters = submitters;
    input.isAnsweredAtStep = true;
    return input;
}

// Of a log that was written as HTML: no tags, entities as characters.
QByteArray withoutMarkup(QString html)
{
    static const QRegularExpression tag(QStringLiteral("<[^>]*>"));
    html.remove(tag);
    html.replace(QStringLiteral("&lt;"), QStringLiteral("<"));
    html.replace(QStringLiteral("&gt;"), QStringLiteral(">"));
    html.replace(QStringLiteral("&quot;"), QStringLiteral("\""));
    html.replace(QStringLiteral("&#039;"), QStringLiteral("'"));
    html.replace(QStringLiteral("&#39;"), QStringLiteral("'"));
    html.replace(QStringLiteral("&amp;"), QStringLiteral("&"));
    return html.toUtf8();
}

} // namespace

Result<QList<Job>> parseNodes(const QByteArray &body, const PipelineRef &pipeline, bool isOver)
{
    return parsed(body, [&](const Json &json) -> Result<QList<Job>> {
        if (!json.is_array())
            return unexpected();
        QList<Job> jobs;
        QHash<QString, QStringList> needs;
        QHash<QString, QString> stageOf;
        for (const Json &node : json) {
            const QString id = textOf(node, "id");
            if (id.isEmpty())
                return unexpected();
            jobs.append(blueJob(node, pipeline, isOver));
            for (const Json &edge : listOf(node, "edges")) {
                const QString next = textOf(edge, "id");
                if (!next.isEmpty() && !needs[next].contains(id))
                    needs[next].append(id);
                if (textOf(edge, "type") == QLatin1String("PARALLEL"))
                    stageOf.insert(next, textOf(node, "displayName"));
            }
        }
        QHash<QString, QString> names;
        for (const Job &job : qAsConst(jobs))
            names.insert(job.id, job.name);
        for (qsizetype i = 0; i < jobs.size(); ++i) {
            Job &job = jobs[i];
            for (const QString &need : needs.value(job.id)) {
                if (names.contains(need))
                    job.needs.append(need);
            }
            job.stage = stageOf.value(job.id);
            if (textOf(json.at(static_cast<std::size_t>(i)), "type") == QLatin1String("PARALLEL") &&
                job.stage.isEmpty() && !job.needs.isEmpty())
                job.stage = names.value(job.needs.first());
        }
        return jobs;
    });
}

Result<Stages> parseStages(const QByteArray &body)
{
    return parsed(body, [](const Json &json) -> Result<Stages> {
        if (!json.is_object() || !memberOf(json, "stages").is_array())
            return unexpected();
        Stages stages;
        stages.state = stateOfStatus(textOf(json, "status"));
        for (const Json &stage : listOf(json, "stages")) {
            Job job = stageJob(stage);
            if (job.id.isEmpty())
                return unexpected();
            if (!stages.jobs.isEmpty())
                job.needs = {stages.jobs.last().id};
            stages.jobs.append(job);
        }
        return stages;
    });
}

Result<StageNodes> parseStageNodes(const QByteArray &body)
{
    return parsed(body, [](const Json &json) -> Result<StageNodes> {
        if (textOf(json, "id").isEmpty())
            return unexpected();
        StageNodes nodes;
        nodes.state = stateOfStatus(textOf(json, "status"));
        for (const Json &one : listOf(json, "stageFlowNodes")) {
            StageNode node;
            node.id = textOf(one, "id");
            node.name = textOf(one, "name");
            node.state = stateOfStatus(textOf(one, "status"));
            node.startedAt = timeOf(one, "startTimeMillis");
            if (isEnded(node.state) && node.startedAt.isValid())
                node.finishedAt = node.startedAt.addMSecs(numberOf(one, "durationMillis"));
            node.hasLog = memberOf(memberOf(one, "_links"), "log").is_object();
            nodes.nodes.append(node);
        }
        return nodes;
    });
}

QList<JobStep> stepsOf(const StageNodes &nodes)
{
    QList<JobStep> steps;
    for (const StageNode &node : nodes.nodes)
        steps.append({node.hasLog ? node.id : QString(), node.name, node.state, node.startedAt, node.finishedAt});
    return steps;
}

Result<QList<JobStep>> parseSteps(const QByteArray &body)
{
    return parsed(body, [](const Json &json) -> Result<QList<JobStep>> {
        if (!json.is_array())
            return unexpected();
        QList<JobStep> steps;
        for (const Json &one : json) {
            if (textOf(one, "id").isEmpty())
                return unexpected();
            JobStep step;
            step.name = textOf(one, "displayName");
            if (const QString what = textOf(one, "displayDescription"); !what.isEmpty())
                step.name += QStringLiteral(": ") + what; // "Shell Script: make test"
            step.state = blueState(one, false);
            step.startedAt = blueTime(one, "startTime");
            if (isEnded(step.state) && step.startedAt.isValid())
                step.finishedAt = step.startedAt.addMSecs(numberOf(one, "durationInMillis"));
            const Json &actions = listOf(one, "actions");
            const bool hasLog = std::any_of(actions.begin(), actions.end(), [](const Json &action) {
                return textOf(action, "urlName") == QLatin1String("log");
            });
            if (hasLog)
                step.id = textOf(one, "id");
            steps.append(step);
        }
        return steps;
    });
}

Result<NodeLog> parseNodeLog(const QByteArray &body)
{
    return parsed(body, [](const Json &json) -> Result<NodeLog> {
        if (textOf(json, "nodeId").isEmpty())
            return unexpected();
        return NodeLog{withoutMarkup(textOf(json, "text")), flagOf(json, "hasMore")};
    });
}

Result<QList<PendingInput>> parsePendingInputs(const QByteArray &body)
{
    return parsed(body, [](const Json &json) -> Result<QList<PendingInput>> {
        if (!json.is_array())
            return unexpected();
        QList<PendingInput> inputs;
        for (const Json &one : json) {
            PendingInput input;
            input.id = textOf(one, "id");
            if (input.id.isEmpty())
                return unexpected();
            input.message = textOf(one, "message");
            input.proceedText = textOf(one, "proceedText");
            for (const Json &parameter : listOf(one, "inputs"))
                input.parameters.append(inputParameter(parameter));
            inputs.append(input);
        }
        return inputs;
    });
}

Result<QList<PendingInput>> parseInputSteps(const QByteArray &body)
{
    return parsed(body, [](const Json &json) -> Result<QList<PendingInput>> {
        if (!json.is_array())
            return unexpected();
        QList<PendingInput> inputs;
        for (const Json &one : json) {
            const Json &input = memberOf(one, "input");
            if (textOf(input, "id").isEmpty() || textOf(one, "state") != QLatin1String("PAUSED"))
                continue;
            inputs.append(inputOfStep(input));
            inputs.last().since = blueTime(one, "startTime");
        }
        return inputs;
    });
}

QByteArray ownInputsTree()
{
    return "actions[_class,waitingForInput,executions[id,settled,input[id,message,ok,submitter,"
           "parameters[_class,name,type,description,choices,defaultParameterValue[value]]]]]";
}

Result<std::optional<QList<PendingInput>>> parseOwnInputs(const QByteArray &body)
{
    using Told = std::optional<QList<PendingInput>>;
    return parsed(body, [](const Json &json) -> Result<Told> {
        if (!json.is_object())
            return unexpected();
        for (const Json &action : listOf(json, "actions")) {
            if (!memberOf(action, "waitingForInput").is_boolean())
                continue;
            QList<PendingInput> inputs;
            for (const Json &one : listOf(action, "executions")) {
                if (flagOf(one, "settled"))
                    continue;
                inputs.append(inputOfStep(memberOf(one, "input")));
                if (inputs.last().id.isEmpty())
                    return unexpected();
            }
            return Told(inputs);
        }
        return Told();
    });
}

Result<Permissions> parsePermissions(const QByteArray &body)
{
    return parsed(body, [](const Json &json) -> Result<Permissions> {
        if (!json.is_object())
            return unexpected();
        const Json &told = memberOf(json, "permissions");
        const auto right = [&told](const char *name) {
            const Json &value = memberOf(told, name);
            return value.is_boolean() ? std::optional(value.get<bool>()) : std::nullopt;
        };
        return Permissions{right("start"), right("stop")};
    });
}

Result<QString> parseOrganization(const QByteArray &body)
{
    return parsed(body, [](const Json &json) -> Result<QString> {
        if (!json.is_array())
            return unexpected();
        for (const Json &one : json) {
            if (const QString name = textOf(one, "name"); !name.isEmpty())
                return name;
        }
        return Error{ErrorKind::NotFound, {}, {}};
    });
}

} // namespace signalbox::jenkins
