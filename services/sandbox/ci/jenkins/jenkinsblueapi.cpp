#include "services/sandbox/ci/jenkins/jenkinsasked.h"

#include <algorithm>
#include <cstdlib>

namespace signalbox::sandbox::ci
{

using namespace jenkins;

LoopbackReply JenkinsApi::Private::blue(const LoopbackRequest &request, const Names &rest) const
{
    if (rest.empty() || rest[0] != "organizations")
        return notFound();
    if (rest.size() == 1)
        return json(Json::array({{{"_class", "io.jenkins.blueocean.service.embedded.rest.OrganizationImpl"},
                                  {"name", "jenkins"},
                                  {"displayName", "Jenkins"}}}));
    if (rest[1] != "jenkins")
        return notFound();
    Names path;
    std::size_t at = 2;
    bool isBranch = false;
    while (at + 1 < rest.size() && (rest[at] == "pipelines" || rest[at] == "branches")) {
        isBranch = rest[at] == "branches";
        path.push_back(rest[at + 1]);
        at += 2;
    }
    const auto item = itemAt(view(), path);
    if (!item || path.empty() || (item->kind == Item::Kind::Branch) != isBranch)
        return notFound(); // a branch is found among branches only
    if (at == rest.size())
        return json({{"_class", "io.jenkins.blueocean.rest.impl.pipeline.BranchImpl"},
                     {"name", path.back()},
                     {"fullName", item->fullName},
                     {"organization", "jenkins"},
                     {"permissions", {{"create", false}, {"read", true}, {"start", true}, {"stop", options.mayStop}}}});
    if (!isBranch || rest.size() < at + 2 || rest[at] != "runs" || !isNumber(rest[at + 1]))
        return notFound();
    const auto run = runOf(view(), *item, std::atoi(rest[at + 1].c_str()));
    return run ? blueRun(request, *run, after(rest, at + 2)) : notFound();
}

LoopbackReply JenkinsApi::Private::blueRun(const LoopbackRequest &request, const RunRecord &run,
                                           const Names &rest) const
{
    if (rest.size() == 1 && rest[0] == "nodes")
        return json(blueNodes(run));
    if (rest.size() == 1 && rest[0] == "steps")
        return json(blueSteps(world, run));
    if (rest.size() < 3 || rest[0] != "nodes" || !isNumber(rest[1]))
        return notFound();
    const std::vector<FlowNode> nodes = flowOf(run);
    const auto node = std::find_if(nodes.begin(), nodes.end(),
                                   [id = std::atoi(rest[1].c_str())](const FlowNode &one) { return one.id == id; });
    if (node == nodes.end())
        return notFound();
    const bool goesOn = !isEnded(node->phase);
    if (rest.size() == 3 && rest[2] == "log")
        return progressive(request, textOf(world, node->jobs), goesOn);
    if (rest.size() == 3 && rest[2] == "steps")
        return json(blueStepsOf(world, run, *node));
    if (rest.size() == 5 && rest[2] == "steps" && rest[4] == "log" && isNumber(rest[3])) {
        const int step = std::atoi(rest[3].c_str());
        if (const auto text = stepText(world, *node, step)) {
            const auto index = static_cast<std::size_t>(step - node->id * 100 - 1);
            return progressive(request, *text, goesOn && !isEnded(node->jobs.front()->steps[index].phase));
        }
    }
    return notFound();
}

} // namespace signalbox::sandbox::ci
