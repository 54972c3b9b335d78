#include "services/sandbox/ci/jenkins/jenkinsflow.h"

#include "services/sandbox/ci/jenkins/jenkinsbeans.h"

#include <algorithm>
#include <cctype>

namespace signalbox::sandbox::ci::jenkins
{

namespace
{

constexpr int firstNode = 6; // those before it are the flow's start and its machine
constexpr std::size_t mostLogChars = 10 * 1024;

// Of several side by side: what people see of the stage around them.
Phase together(const std::vector<const JobRun *> &jobs)
{
    const auto any = [&jobs](Phase phase) {
        return std::any_of(jobs.begin(), jobs.end(), [phase](const JobRun *job) { return job->phase == phase; });
    };
    for (const Phase phase : {Phase::Waiting, Phase::Running}) {
        if (any(phase))
            return phase;
    }
    const bool isOver = std::all_of(jobs.begin(), jobs.end(), [](const JobRun *job) { return isEnded(job->phase); });
    if (!isOver)
        return any(Phase::Passed) || any(Phase::Failed) || any(Phase::Unstable) ? Phase::Running : jobs.front()->phase;
    for (const Phase phase : {Phase::Failed, Phase::Cancelled, Phase::Unstable, Phase::Passed}) {
        if (any(phase))
            return phase;
    }
    return Phase::Skipped;
}

void standFor(FlowNode &node, const std::vector<const JobRun *> &jobs)
{
    node.jobs = jobs;
    node.phase = together(jobs);
    for (const JobRun *job : jobs) {
        // A gate's wait is part of the stage.
        const std::int64_t began = job->waitingSinceMs > 0 ? job->waitingSinceMs : job->startedMs;
        if (began > 0 && (node.startedMs == 0 || began < node.startedMs))
            node.startedMs = began;
        node.finishedMs = std::max(node.finishedMs, job->finishedMs);
    }
    if (!isEnded(node.phase))
        node.finishedMs = 0;
}

std::string blueTime(std::int64_t ms)
{
    std::string text = isoTime(ms, true);
    if (!text.empty())
        text.replace(text.size() - 1, 1, "+0000");
    return text;
}

Json orNull(const std::string &text)
{
    return text.empty() ? Json() : Json(text);
}

const char *blueResult(Phase phase)
{
    switch (phase) {
    case Phase::Passed:
        return "SUCCESS";
    case Phase::Unstable:
        return "UNSTABLE";
    case Phase::Failed:
        return "FAILURE";
    case Phase::Cancelled:
        return "ABORTED";
    case Phase::Skipped:
        return "NOT_BUILT";
    default:
        return "UNKNOWN";
    }
}

const char *blueStateOf(Phase phase)
{
    switch (phase) {
    case Phase::Queued:
        return "QUEUED";
    case Phase::Running:
        return "RUNNING";
    case Phase::Waiting:
        return "PAUSED";
    case Phase::Skipped:
        return "SKIPPED";
    default:
        return "FINISHED";
    }
}

bool hasBegun(const FlowNode &node)
{
    return node.startedMs > 0 || node.phase == Phase::Skipped;
}

Json inputDefinition(const InputPlan &input)
{
    Json definition = Json::object();
    const char *type = "StringParameterDefinition";
    if (input.kind == InputPlan::Kind::Flag) {
        type = "BooleanParameterDefinition";
        definition["defaultVal"] = input.value == "true";
    } else if (input.kind == InputPlan::Kind::Choice) {
        type = "ChoiceParameterDefinition";
        definition = {{"defaultVal", input.value}, {"choices", input.choices}};
    } else if (input.kind == InputPlan::Kind::Hidden) {
        type = "PasswordParameterDefinition";
        definition["defaultVal"] = "";
    } else {
        definition["defaultVal"] = input.value;
    }
    return {{"type", type}, {"name", input.name}, {"description", input.about}, {"definition", definition}};
}

// InputStep's own members, which Blue Ocean shows as they are.
Json inputStep(const CiWorld &world, const RunRecord &run, const JobRun &job)
{
    const GatePlan &gate = world.planOf(run, job).gate;
    std::string submitter;
    for (const Decider &decider : gate.deciders)
        submitter += (submitter.empty() ? "" : ",") + decider.name;
    Json parameters = Json::array();
    for (const InputPlan &input : gate.inputs)
        parameters.push_back(parameterDefinition(input));
    return {{"id", inputIdOf(job)},
            {"message", gate.message},
            {"ok", "Proceed"},
            {"parameters", parameters},
            {"submitter", orNull(submitter)}};
}

std::int64_t lengthOf(std::int64_t from, std::int64_t to)
{
    return from > 0 && to > from ? to - from : 0;
}

int stepIdOf(const FlowNode &node, std::size_t index)
{
    return node.id * 100 + 1 + static_cast<int>(index);
}

// None: the node has no such step.
std::optional<std::size_t> stepIndex(const FlowNode &node, int step)
{
    const int index = step - stepIdOf(node, 0);
    if (node.jobs.size() != 1 || index < 0 || index >= static_cast<int>(node.jobs.front()->steps.size()))
        return std::nullopt;
    return static_cast<std::size_t>(index);
}

std::string escaped(const std::string &text)
{
    std::string html;
    for (const char c : text) {
        if (c == '<')
            html += "&lt;";
        else if (c == '>')
            html += "&gt;";
        else if (c == '&')
            html += "&amp;";
        else
            html += c;
    }
    return html;
}

struct Line
{
    std::int64_t atMs = 0;
    std::string text;
};

std::vector<Line> linesOf(const CiWorld &world, const std::vector<const JobRun *> &jobs)
{
    std::vector<Line> all;
    for (const JobRun *job : jobs) {
        for (const LogLine &line : world.log(job->id))
            all.push_back({line.atMs, (line.kind == LogLine::Kind::Command ? "+ " : "") + line.text});
    }
    std::stable_sort(all.begin(), all.end(), [](const Line &a, const Line &b) { return a.atMs < b.atMs; });
    return all;
}

} // namespace

std::vector<FlowNode> flowOf(const RunRecord &run)
{
    std::vector<FlowNode> nodes;
    std::vector<std::vector<const JobRun *>> stages;
    for (const JobRun &job : run.jobs) {
        if (stages.empty() || stages.back().front()->stage != job.stage)
            stages.emplace_back();
        stages.back().push_back(&job);
    }
    std::vector<std::size_t> loose; // whose next is not known yet
    for (std::size_t i = 0; i < stages.size(); ++i) {
        FlowNode stage;
        stage.id = firstNode + static_cast<int>(i) * 20;
        stage.name = stages[i].front()->stage;
        standFor(stage, stages[i]);
        for (const std::size_t before : loose)
            nodes[before].next.push_back(stage.id);
        loose.clear();
        const std::size_t at = nodes.size();
        nodes.push_back(stage);
        if (stages[i].size() == 1) {
            loose.push_back(at);
            continue;
        }
        for (std::size_t k = 0; k < stages[i].size(); ++k) {
            FlowNode branch;
            branch.id = stage.id + 1 + static_cast<int>(k);
            branch.name = stages[i][k]->name;
            branch.isParallel = true;
            standFor(branch, {stages[i][k]});
            nodes[at].next.push_back(branch.id);
            loose.push_back(nodes.size());
            nodes.push_back(branch);
        }
    }
    return nodes;
}

bool cameToInput(const RunRecord &run)
{
    return std::any_of(run.jobs.begin(), run.jobs.end(),
                       [](const JobRun &job) { return job.isGate && job.waitingSinceMs > 0; });
}

std::string inputIdOf(const JobRun &job)
{
    std::string id;
    for (const char c : job.name) {
        if (c != ' ')
            id += c;
    }
    if (!id.empty())
        id[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(id[0])));
    return id;
}

bool waitsForInput(const JobRun &job)
{
    return job.isGate && job.phase == Phase::Waiting;
}

const JobRun *jobOfInput(const RunRecord &run, const std::string &input)
{
    for (const JobRun &job : run.jobs) {
        if (waitsForInput(job) && inputIdOf(job) == input)
            return &job;
    }
    return nullptr;
}

std::string resultOf(const RunRecord &run)
{
    if (!isEnded(run.phase))
        return {};
    for (const JobRun &job : run.jobs) {
        for (const Decision &one : job.decisions) {
            if (!one.approves) // FlowInterruptedException(Result.ABORTED)
                return "ABORTED";
        }
    }
    return blueResult(run.phase);
}

std::string statusOf(Phase phase)
{
    switch (phase) {
    case Phase::NotStarted:
    case Phase::Skipped:
        return "NOT_EXECUTED";
    case Phase::Queued:
    case Phase::Running:
        return "IN_PROGRESS";
    case Phase::Waiting:
        return "PAUSED_PENDING_INPUT";
    case Phase::Passed:
        return "SUCCESS";
    case Phase::Unstable:
        return "UNSTABLE";
    case Phase::Failed:
        return "FAILED";
    case Phase::Cancelled:
        break;
    }
    return "ABORTED";
}

Json blueNodes(const RunRecord &run)
{
    Json list = Json::array();
    for (const FlowNode &node : flowOf(run)) {
        const bool began = hasBegun(node);
        Json edges = Json::array();
        for (const int next : node.next)
            edges.push_back({{"id", std::to_string(next)}});
        list.push_back({{"_class", "io.jenkins.blueocean.rest.impl.pipeline.PipelineNodeImpl"},
                        {"id", std::to_string(node.id)},
                        {"displayName", node.name},
                        {"type", node.isParallel ? "PARALLEL" : "STAGE"},
                        {"durationInMillis", began ? Json(lengthOf(node.startedMs, node.finishedMs)) : Json()},
                        {"edges", edges},
                        {"result", began ? Json(blueResult(node.phase)) : Json()},
                        {"startTime", orNull(blueTime(node.startedMs))},
                        {"state", began ? Json(blueStateOf(node.phase)) : Json()}});
    }
    return list;
}

Json inputAction(const CiWorld &world, const RunRecord &run)
{
    const std::string package = "org.jenkinsci.plugins.workflow.support.steps.input.";
    Json executions = Json::array();
    for (const JobRun &job : run.jobs) {
        if (!waitsForInput(job))
            continue;
        Json input = inputStep(world, run, job);
        input["_class"] = package + "InputStep";
        executions.push_back({{"_class", package + "InputStepExecution"},
                              {"id", inputIdOf(job)},
                              {"displayName", input["message"]},
                              {"settled", false},
                              {"input", input}});
    }
    const bool waits = !executions.empty();
    return {{"_class", package + "InputAction"}, {"waitingForInput", waits}, {"executions", executions}};
}

Json blueStepsOf(const CiWorld &world, const RunRecord &run, const FlowNode &node)
{
    Json list = Json::array();
    if (node.jobs.size() != 1 || node.startedMs == 0)
        return list;
    const JobRun &job = *node.jobs.front();
    for (std::size_t i = 0; i < job.steps.size(); ++i) {
        const StepRun &step = job.steps[i];
        const bool isInput = waitsForInput(job) && i == 0;
        if (step.startedMs == 0 && !isInput)
            continue;
        const std::int64_t began = isInput ? job.waitingSinceMs : step.startedMs;
        const Phase phase = isInput ? Phase::Waiting : step.phase;
        Json one{{"_class", "io.jenkins.blueocean.rest.impl.pipeline.PipelineStepImpl"},
                 {"actions", Json::array()},
                 {"id", std::to_string(stepIdOf(node, i))},
                 {"displayName", isInput ? "Wait for interactive input" : step.name},
                 {"displayDescription", nullptr},
                 {"durationInMillis", lengthOf(began, step.finishedMs)},
                 {"input", nullptr},
                 {"result", blueResult(phase)},
                 {"startTime", blueTime(began)},
                 {"state", blueStateOf(phase)}};
        if (!isInput)
            one["actions"].push_back(
                {{"_class", "io.jenkins.blueocean.service.embedded.rest.LogActionImpl"}, {"urlName", "log"}});
        if (isInput) {
            one["input"] = inputStep(world, run, job);
            one["input"]["_class"] = "io.jenkins.blueocean.rest.impl.pipeline.InputStepImpl";
        }
        list.push_back(one);
    }
    return list;
}

Json blueSteps(const CiWorld &world, const RunRecord &run)
{
    Json list = Json::array();
    for (const FlowNode &node : flowOf(run)) {
        for (const Json &step : blueStepsOf(world, run, node))
            list.push_back(step);
    }
    return list;
}

Json wfapiNode(const FlowNode &node, const std::string &path)
{
    const std::string at = path + "/execution/node/";
    Json json{{"_links", {{"self", {{"href", at + std::to_string(node.id) + "/wfapi/describe"}}}}},
              {"id", std::to_string(node.id)},
              {"name", node.name},
              {"execNode", ""},
              {"status", statusOf(node.phase)},
              {"startTimeMillis", node.startedMs},
              {"durationMillis", lengthOf(node.startedMs, node.finishedMs)},
              {"pauseDurationMillis", 0}};
    Json steps = Json::array();
    for (std::size_t i = 0; node.jobs.size() == 1 && i < node.jobs.front()->steps.size(); ++i) {
        if (auto step = wfapiStep(node, stepIdOf(node, i), path))
            steps.push_back(*step);
    }
    json["stageFlowNodes"] = steps;
    return json;
}

std::optional<Json> wfapiStep(const FlowNode &node, int step, const std::string &path)
{
    const auto index = stepIndex(node, step);
    if (!index)
        return std::nullopt;
    const JobRun &job = *node.jobs.front();
    const StepRun &seen = job.steps[*index];
    const bool isInput = waitsForInput(job) && *index == 0;
    if (seen.startedMs == 0 && !isInput)
        return std::nullopt;
    const std::string id = std::to_string(step);
    const std::string self = path + "/execution/node/" + id + "/wfapi/";
    return Json{{"_links", {{"self", {{"href", self + "describe"}}}, {"log", {{"href", self + "log"}}}}},
                {"id", id},
                {"name", isInput ? "Wait for interactive input" : seen.name},
                {"status", isInput ? "PAUSED_PENDING_INPUT" : statusOf(seen.phase)},
                {"startTimeMillis", isInput ? job.waitingSinceMs : seen.startedMs},
                {"durationMillis", lengthOf(seen.startedMs, seen.finishedMs)},
                {"parentNodes", Json::array({std::to_string(node.id)})}};
}

Json wfapiRun(const RunRecord &run, const std::string &path)
{
    Json stages = Json::array();
    for (const FlowNode &node : flowOf(run)) {
        if (!hasBegun(node))
            continue; // it tells nothing of what is to come
        Json stage = wfapiNode(node, path);
        stage.erase("stageFlowNodes");
        stages.push_back(stage);
    }
    const bool waits = std::any_of(run.jobs.begin(), run.jobs.end(), waitsForInput);
    const std::string result = resultOf(run);
    const std::string ended = result == "ABORTED" ? "ABORTED" : statusOf(run.phase);
    Json links{{"self", {{"href", path + "/wfapi/describe"}}}};
    if (waits)
        links["pendingInputActions"] = {{"href", path + "/wfapi/pendingInputActions"}};
    return {{"_links", links},
            {"id", std::to_string(run.number)},
            {"name", "#" + std::to_string(run.number)},
            {"status", waits ? "PAUSED_PENDING_INPUT" : (result.empty() ? "IN_PROGRESS" : ended)},
            {"startTimeMillis", run.startedMs},
            {"endTimeMillis", run.finishedMs},
            {"durationMillis", lengthOf(run.startedMs, run.finishedMs)},
            {"stages", stages}};
}

Json wfapiInputs(const CiWorld &world, const RunRecord &run, const std::string &path)
{
    Json list = Json::array();
    for (const JobRun &job : run.jobs) {
        if (!waitsForInput(job))
            continue;
        const GatePlan &gate = world.planOf(run, job).gate;
        Json inputs = Json::array();
        for (const InputPlan &input : gate.inputs)
            inputs.push_back(inputDefinition(input));
        const std::string id = inputIdOf(job);
        list.push_back({{"id", id},
                        {"proceedText", "Proceed"},
                        {"message", gate.message},
                        {"inputs", inputs},
                        {"proceedUrl", path + "/wfapi/inputSubmit?inputId=" + id},
                        {"abortUrl", path + "/input/" + id + "/abort"},
                        {"redirectApprovalUrl", path + "/input/"}});
    }
    return list;
}

std::optional<std::string> stepText(const CiWorld &world, const FlowNode &node, int step)
{
    const auto index = stepIndex(node, step);
    if (!index)
        return std::nullopt;
    std::string text;
    for (const LogLine &line : world.log(node.jobs.front()->id)) {
        if (line.step == static_cast<int>(*index))
            text += line.text + '\n';
    }
    return text;
}

std::optional<Json> wfapiLog(const CiWorld &world, const RunRecord &run, int step, const std::string &path)
{
    for (const FlowNode &node : flowOf(run)) {
        auto text = stepText(world, node, step);
        if (!text)
            continue;
        const bool isCut = text->size() > mostLogChars;
        if (isCut)
            *text = text->substr(text->size() - mostLogChars);
        const auto index = static_cast<std::size_t>(step - stepIdOf(node, 0));
        return Json{{"nodeId", std::to_string(step)},
                    {"nodeStatus", statusOf(node.jobs.front()->steps[index].phase)},
                    {"length", text->size()},
                    {"hasMore", isCut},
                    {"text", escaped(*text)},
                    {"consoleUrl", path + "/execution/node/" + std::to_string(step) + "/log"}};
    }
    return std::nullopt;
}

std::string textOf(const CiWorld &world, const std::vector<const JobRun *> &jobs)
{
    std::string text;
    for (const Line &line : linesOf(world, jobs))
        text += line.text + '\n';
    return text;
}

std::string console(const CiWorld &world, const RunRecord &run)
{
    std::vector<const JobRun *> jobs;
    for (const JobRun &job : run.jobs)
        jobs.push_back(&job);
    std::string text = "[Pipeline] Start of Pipeline\n" + textOf(world, jobs);
    if (isEnded(run.phase))
        text += "[Pipeline] End of Pipeline\nFinished: " + resultOf(run) + '\n';
    return text;
}

} // namespace signalbox::sandbox::ci::jenkins
