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

// An `input` step that waits. Three places tell it, none of them all.
struct PendingInput
{
    QString id;
    QString message;
    QString proceedText;
    QList<RunParameter> parameters;
    std::optional<QStringList> submitters = {}; // empty: whoever may build the job; none: not told
    QDateTime since = {};                       // invalid: not told
    bool isAnsweredAtStep = false;              // its form is: the stage view's plugin is not there
};
// Answer of .../wfapi/pendingInputActions: not who may, nor since when.
Result<QList<PendingInput>> parsePendingInputs(const QByteArray &body);
// Answer of Blue Ocean's .../runs/N/steps/.
Result<QList<PendingInput>> parseInputSteps(const QByteArray &body);
// Answer of the run itself about `ownInputsTree`: not since when. None: its input step is older than 460, which does
// not tell, or the run came to no input yet. Source: jenkinsci/pipeline-input-step-plugin#120, InputAction.
QByteArray ownInputsTree();
Result<std::optional<QList<PendingInput>>> parseOwnInputs(const QByteArray &body);

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
