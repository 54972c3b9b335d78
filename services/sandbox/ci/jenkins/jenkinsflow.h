#pragma once

#include "services/sandbox/ci/ciworld.h"
#include "services/sandbox/world/json.h"

#include <optional>
#include <string>
#include <vector>

// The inside of a run as Pipeline's plugins tell it: Blue Ocean's nodes (blueocean-rest/README.md) and the stage view's
// stages (pipeline-stage-view-plugin, rest-api).
namespace signalbox::sandbox::ci::jenkins
{

// A node of the flow: a stage, or one of the branches that a stage runs side by side.
struct FlowNode
{
    int id = 0;
    std::string name;
    bool isParallel = false;
    Phase phase = Phase::NotStarted;
    std::int64_t startedMs = 0;
    std::int64_t finishedMs = 0;
    std::vector<const JobRun *> jobs; // that it stands for
    std::vector<int> next;
};
std::vector<FlowNode> flowOf(const RunRecord &run); // which outlives it

// What Jenkins' `input` step of a job is called: the job's name without blanks, its first letter upper-cased.
std::string inputIdOf(const JobRun &job);
bool waitsForInput(const JobRun &job);
bool cameToInput(const RunRecord &run);                                   // waiting or not
const JobRun *jobOfInput(const RunRecord &run, const std::string &input); // null: none, or settled

// SUCCESS ...; empty: none yet.
std::string resultOf(const RunRecord &run);
std::string statusOf(Phase phase); // wfapi's word

Json blueNodes(const RunRecord &run);
Json blueSteps(const CiWorld &world, const RunRecord &run);
Json blueStepsOf(const CiWorld &world, const RunRecord &run, const FlowNode &node);
Json wfapiRun(const RunRecord &run, const std::string &path);
Json wfapiNode(const FlowNode &node, const std::string &path);
// Of a step of the node, "4203"; none: it has no such step, or none that began.
std::optional<Json> wfapiStep(const FlowNode &node, int step, const std::string &path);
Json wfapiInputs(const CiWorld &world, const RunRecord &run, const std::string &path);
// Of the run's own actions, as Pipeline: Input Step 460 and later exports it (pipeline-input-step-plugin#120).
Json inputAction(const CiWorld &world, const RunRecord &run);
// Of a step of a node, "4203"; none: no such step.
std::optional<Json> wfapiLog(const CiWorld &world, const RunRecord &run, int step, const std::string &path);

// Of a step, "4203", as it is in the node; none: no such step.
std::optional<std::string> stepText(const CiWorld &world, const FlowNode &node, int step);
// Lines by their time, so that what is there stays where it is.
std::string textOf(const CiWorld &world, const std::vector<const JobRun *> &jobs);
std::string console(const CiWorld &world, const RunRecord &run);

} // namespace signalbox::sandbox::ci::jenkins
