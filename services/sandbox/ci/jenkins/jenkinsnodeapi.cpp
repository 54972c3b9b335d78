#include "services/sandbox/ci/jenkins/jenkinsasked.h"

#include <cstdlib>

// What is below ".../execution/node/ID": of a stage, or of one of its steps. The page of a node and of its log are
// workflow-support's (FlowNode, actions.LogActionImpl: the log as a page, and from an offset on as plain text); "wfapi"
// is Pipeline: REST API's (plugins.jenkins.io/pipeline-rest-api: describe, which is also what "wfapi" alone gives, and
// log).
namespace signalbox::sandbox::ci
{

using namespace jenkins;

namespace
{

struct SeenNode
{
    std::optional<FlowNode> stage; // none: there is no such node
    bool isStep = false;           // of that stage
};

SeenNode nodeOf(const RunRecord &run, int id, const std::string &path)
{
    for (const FlowNode &node : flowOf(run)) {
        if (node.id == id && node.startedMs > 0)
            return {node, false};
        if (wfapiStep(node, id, path))
            return {node, true};
    }
    return {};
}

} // namespace

LoopbackReply JenkinsApi::Private::flowPage(const LoopbackRequest &request, const Item &item, const RunRecord &run,
                                            const Names &rest) const
{
    if (rest.empty() || !isNumber(rest[0]))
        return notFound();
    const std::string path = pathOf(item) + '/' + std::to_string(run.number);
    const int id = std::atoi(rest[0].c_str());
    const SeenNode seen = nodeOf(run, id, path);
    if (!seen.stage)
        return notFound();
    const auto step = seen.isStep ? wfapiStep(*seen.stage, id, path) : std::nullopt;
    const std::string name = step ? step->at("name").get<std::string>() : seen.stage->name;
    const Names what = after(rest, 1);
    if (what.empty())
        return page(200, name, "");
    if (what[0] == "wfapi") {
        if (!options.hasStageView || what.size() > 2)
            return notFound();
        if (what.size() == 1 || what[1] == "describe")
            return json(step ? *step : wfapiNode(*seen.stage, path));
        const auto log = what[1] == "log" && step ? wfapiLog(world, run, id, path) : std::nullopt;
        return log ? json(*log) : notFound();
    }
    const auto text = what[0] == "log" && seen.isStep ? stepText(world, *seen.stage, id) : std::nullopt;
    if (!text) // a stage writes nothing itself
        return notFound();
    if (what.size() == 1)
        return page(200, "Console Output", *text);
    const bool isPart = what.size() == 3 && what[1] == "logText" && what[2] == "progressiveText";
    const bool goesOn = !isEnded(run.phase) && step->at("status") == "IN_PROGRESS";
    return isPart ? progressive(request, *text, goesOn) : notFound();
}

} // namespace signalbox::sandbox::ci
