#pragma once

#include "models/domain/result.h"
#include "models/pipelines/gate.h"

#include <QByteArray>

// What plugins tell about the inside of a run. Sources: jenkinsci/blueocean-plugin, blueocean-rest/README.md ("Pipeline
// Node API"); jenkinsci/pipeline-stage-view-plugin, rest-api/README.md and its external/*Ext beans. Any thread.
namespace signalbox::jenkins
{

// Answer of .../runs/N/nodes/: the graph with its parallel branches. `isOver`: what has no state will have none.
Result<QList<Job>> parseNodes(const QByteArray &body, const PipelineRef &pipeline, bool isOver);

// Answer of .../wfapi/describe: stages one after the other; which of them are side by side it does not tell.
struct Stages
{
    RunState state = RunState::Unknown;
    QList<Job> jobs;
};
Result<Stages> parseStages(const QByteArray &body);

// Answer of Blue Ocean's .../runs/N/nodes/ID/steps/: of one node of the graph.
Result<QList<JobStep>> parseSteps(const QByteArray &body);

// Answer of .../execution/node/ID/wfapi/describe of a stage.
struct StageNode
{
    QString id;
    QString name;
    RunState state = RunState::Unknown;
    QDateTime startedAt;
    QDateTime finishedAt;
    bool hasLog = false;
};
struct StageNodes
{
    RunState state = RunState::Unknown;
    QList<StageNode> nodes; // by their start
};
Result<StageNodes> parseStageNodes(const QByteArray &body);
QList<JobStep> stepsOf(const StageNodes &nodes);

// Answer of .../execution/node/ID/wfapi/log: at most the last 10 KiB, as HTML.
struct NodeLog
{
    QByteArray text;
    bool isCut = false;
};
Result<NodeLog> parseNodeLog(const QByteArray &body);

// Answer of .../wfapi/pendingInputActions.
struct PendingInput
{
    QString id;
    QString message;
    QString proceedText;
    QList<RunParameter> parameters;
};
Result<QList<PendingInput>> parsePendingInputs(const QByteArray &body);

// Answer of Blue Ocean's .../runs/N/steps/: of inputs the one thing that wfapi does not tell, who may.
struct InputStep
{
    QString input; // its id
    QString step;
    QStringList submitters; // empty: whoever may build the job
    QDateTime since;
};
Result<QList<InputStep>> parseInputSteps(const QByteArray &body);

// Answer of Blue Ocean about a pipeline: what we may. None: it does not say.
struct Permissions
{
    std::optional<bool> start;
    std::optional<bool> stop;
};
Result<Permissions> parsePermissions(const QByteArray &body);

// The first organisation's name, which addresses need; NotFound: there is none.
Result<QString> parseOrganization(const QByteArray &body);

} // namespace signalbox::jenkins
