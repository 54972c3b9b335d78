#include "services/sandbox/ci/jenkins/jenkinsbeans.h"

#include "services/sandbox/ci/jenkins/jenkinsflow.h"

#include <QUrl>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <set>

namespace signalbox::sandbox::ci::jenkins
{

namespace
{

const std::string workflowJob = "org.jenkinsci.plugins.workflow.job.WorkflowJob";

std::vector<std::string> splitName(const std::string &name)
{
    std::vector<std::string> parts;
    std::size_t from = 0;
    while (from <= name.size()) {
        const std::size_t end = std::min(name.find('/', from), name.size());
        if (end > from)
            parts.push_back(name.substr(from, end - from));
        from = end + 1;
    }
    return parts;
}

std::string lastOf(const std::string &name)
{
    const std::size_t at = name.rfind('/');
    return at == std::string::npos ? name : name.substr(at + 1);
}

std::vector<InputPlan> inputsOf(const Item &item)
{
    return item.plan ? item.plan->inputs : std::vector<InputPlan>();
}

Json causeOf(const View &view, const RunRecord &run)
{
    switch (run.cause) {
    case Cause::Schedule:
        return {{"_class", "hudson.triggers.TimerTrigger$TimerTriggerCause"}, {"shortDescription", "Started by timer"}};
    case Cause::Push:
    case Cause::Tag:
    case Cause::PullRequest:
        return {{"_class", "jenkins.branch.BranchEventCause"},
                {"shortDescription", "Push event to branch " + (run.tag.empty() ? run.branch : run.tag)}};
    case Cause::Upstream:
        return {{"_class", "hudson.model.Cause$UpstreamCause"},
                {"shortDescription", "Started by upstream project"},
                {"upstreamProject", run.project},
                {"upstreamBuild", run.parentRun}};
    case Cause::Manual:
    case Cause::Api:
        break;
    }
    const std::string title = view.world.plans().titleOf(run.who);
    return {{"_class", "hudson.model.Cause$UserIdCause"},
            {"shortDescription", "Started by user " + title},
            {"userId", run.who},
            {"userName", title}};
}

Json parametersAction(const Item &item, const RunRecord &run)
{
    Json list = Json::array();
    for (const InputPlan &input : inputsOf(item)) {
        const std::string value = parameterOf(run.parameters, input.name);
        if (input.kind == InputPlan::Kind::Hidden)
            list.push_back({{"_class", "hudson.model.PasswordParameterValue"}, {"name", input.name}});
        else if (input.kind == InputPlan::Kind::Flag)
            list.push_back(
                {{"_class", "hudson.model.BooleanParameterValue"}, {"name", input.name}, {"value", value == "true"}});
        else
            list.push_back({{"_class", "hudson.model.StringParameterValue"}, {"name", input.name}, {"value", value}});
    }
    return {{"_class", "hudson.model.ParametersAction"}, {"parameters", list}};
}

Json interruption(const View &view, const RunRecord &run)
{
    for (const JobRun &job : run.jobs) {
        for (const Decision &one : job.decisions) {
            if (!one.approves)
                return {{"_class", "org.jenkinsci.plugins.workflow.support.steps.input.Rejection"},
                        {"shortDescription", "Rejected by " + view.world.plans().titleOf(one.who)},
                        {"user", {{"id", one.who}, {"fullName", view.world.plans().titleOf(one.who)}}}};
        }
    }
    if (!run.cancelledBy.empty())
        return {{"_class", "jenkins.model.CauseOfInterruption$UserInterruption"},
                {"shortDescription", "Aborted by " + view.world.plans().titleOf(run.cancelledBy)}};
    return {};
}

Json buildData(const std::string &commit, const std::string &branch, const std::string &remote)
{
    const Json branches = Json::array({{{"SHA1", commit}, {"name", branch}}});
    return {{"_class", "hudson.plugins.git.util.BuildData"},
            {"lastBuiltRevision", {{"SHA1", commit}, {"branch", branches}}},
            {"remoteUrls", Json::array({remote})},
            {"scmName", ""}};
}

std::string tipOf(const RunRecord &run)
{
    return run.tag.empty() ? run.branch : run.tag;
}

// hudson.model.Job getFirstBuild: the oldest that is kept. Null: nothing ran yet.
Json firstBuildJson(const View &view, const Item &item)
{
    RunQuery query;
    query.vendor = Vendor::Jenkins;
    query.project = item.project;
    query.branch = item.branch;
    query.limit = 1;
    query.offset = view.world.runs(query).total; // newest first
    while (query.offset-- > 0) {
        const RunList oldest = view.world.runs(query);
        if (oldest.runs.empty() || isInQueue(oldest.runs.front()) || wasUnqueued(oldest.runs.front()))
            continue; // one that has not begun is none
        const int number = oldest.runs.front().number;
        return {{"_class", "org.jenkinsci.plugins.workflow.job.WorkflowRun"},
                {"number", number},
                {"url", view.root + pathOf(item) + '/' + std::to_string(number) + '/'}};
    }
    return nullptr;
}

} // namespace

std::string encodedSegment(const std::string &text)
{
    return QUrl::toPercentEncoding(QString::fromStdString(text)).toStdString();
}

std::string branchJob(const std::string &branch)
{
    return encodedSegment(branch);
}

std::string pathOf(const Item &item)
{
    std::string path;
    for (const std::string &name : splitName(item.fullName))
        path += "/job/" + encodedSegment(name);
    return path;
}

std::vector<Item> childrenOf(const View &view, const Item &item)
{
    std::vector<Item> items;
    if (item.kind == Item::Kind::Branch)
        return items;
    if (item.kind == Item::Kind::MultiBranch) {
        std::set<std::string> known;
        const auto add = [&](const std::string &branch) {
            if (known.insert(branch).second)
                items.push_back(
                    {Item::Kind::Branch, item.fullName + '/' + branchJob(branch), item.project, branch, item.plan});
        };
        for (const std::string &branch : item.plan->branches)
            add(branch);
        for (const PastRelease &release : item.plan->releases)
            add(release.tag);
        return items;
    }
    std::set<std::string> known;
    const std::string prefix = item.fullName.empty() ? std::string() : item.fullName + '/';
    for (const std::string &project : view.world.projects(Vendor::Jenkins)) {
        if (project.compare(0, prefix.size(), prefix) != 0)
            continue;
        const std::size_t end = project.find('/', prefix.size());
        const std::string full = project.substr(0, end);
        if (!known.insert(full).second)
            continue;
        if (end != std::string::npos) {
            items.push_back({Item::Kind::Folder, full, {}, {}, nullptr});
            continue;
        }
        const auto plans = view.world.pipelines(Vendor::Jenkins, project);
        if (!plans.empty())
            items.push_back({Item::Kind::MultiBranch, full, project, {}, plans.front()});
    }
    return items;
}

std::optional<Item> itemAt(const View &view, const std::vector<std::string> &names)
{
    Item at;
    for (const std::string &name : names) {
        const std::vector<Item> children = childrenOf(view, at);
        const auto found = std::find_if(children.begin(), children.end(),
                                        [&name](const Item &one) { return lastOf(one.fullName) == name; });
        if (found == children.end())
            return std::nullopt;
        at = *found;
    }
    return at;
}

std::optional<Item> itemOfRun(const View &view, const RunRecord &run)
{
    std::vector<std::string> names = splitName(run.project);
    names.push_back(branchJob(tipOf(run)));
    return itemAt(view, names);
}

bool isInQueue(const RunRecord &run)
{
    return run.phase == Phase::Queued && run.startedMs == 0;
}

bool wasUnqueued(const RunRecord &run)
{
    return run.phase == Phase::Cancelled && run.startedMs == 0;
}

std::optional<RunRecord> runOf(const View &view, const Item &item, int number)
{
    auto run = view.world.runByNumber(Vendor::Jenkins, item.project, item.plan ? item.plan->name : std::string(),
                                      item.branch, number);
    if (!run || isInQueue(*run) || wasUnqueued(*run))
        return std::nullopt;
    return run;
}

std::vector<RunRecord> runsOf(const View &view, const Item &item, int from, int to)
{
    RunQuery query;
    query.vendor = Vendor::Jenkins;
    query.project = item.project;
    query.branch = item.branch;
    query.limit = static_cast<std::size_t>(to) + 5; // those that have not begun are none
    std::vector<RunRecord> begun = view.world.runs(query).runs;
    std::erase_if(begun, [](const RunRecord &one) { return isInQueue(one) || wasUnqueued(one); });
    begun.resize(std::min(begun.size(), static_cast<std::size_t>(to)));
    begun.erase(begun.begin(), begun.begin() + std::min(std::ssize(begun), static_cast<std::ptrdiff_t>(from)));
    return begun;
}

Json parameterDefinition(const InputPlan &input)
{
    std::string kind = "String";
    Json value = input.value;
    if (input.kind == InputPlan::Kind::Flag) {
        kind = "Boolean";
        value = input.value == "true";
    } else if (input.kind == InputPlan::Kind::Choice) {
        kind = "Choice";
    } else if (input.kind == InputPlan::Kind::Hidden) {
        kind = "Password";
        value = nullptr;
    }
    const std::string type = kind + "ParameterDefinition";
    Json json{{"_class", "hudson.model." + type},
              {"name", input.name},
              {"type", type},
              {"description", input.about},
              {"defaultParameterValue",
               {{"_class", "hudson.model." + kind + "ParameterValue"}, {"name", input.name}, {"value", value}}}};
    if (kind == "Choice")
        json["choices"] = input.choices;
    return json;
}

Json runJson(const View &view, const Item &item, const RunRecord &run, const Tree *tree)
{
    const bool isBuilding = !isEnded(run.phase);
    const std::string result = resultOf(run);
    Json actions = Json::array(
        {{{"_class", "hudson.model.CauseAction"}, {"causes", Json::array({causeOf(view, run)})}}, Json::object()});
    if (!inputsOf(item).empty())
        actions.push_back(parametersAction(item, run));
    actions.push_back(
        {{"_class", "jenkins.scm.api.SCMRevisionAction"},
         {"revision", {{"_class", "jenkins.plugins.git.AbstractGitSCMSource$SCMRevisionImpl"}, {"hash", run.commit}}}});
    // The library of all pipelines is checked out first, and its branch has the commonest of names.
    actions.push_back(buildData(std::string(40, '1'), "main", "https://git.example.org/platform/pipeline-library.git"));
    actions.push_back(buildData(run.commit, tipOf(run), "https://git.example.org/" + run.project + ".git"));
    for (const JobRun &job : run.jobs) {
        for (const Decision &one : job.decisions) {
            if (one.approves)
                actions.push_back({{"_class", "org.jenkinsci.plugins.workflow.support.steps.input.ApproverAction"},
                                   {"userId", one.who}});
        }
    }
    if (const Json cause = interruption(view, run); cause.is_object() && !isBuilding)
        actions.push_back({{"_class", "jenkins.model.InterruptedBuildAction"}, {"causes", Json::array({cause})}});
    const std::int64_t began = run.startedMs > 0 ? run.startedMs : run.createdMs;
    actions.push_back(
        {{"_class", "jenkins.metrics.impl.TimeInQueueAction"}, {"queuingDurationMillis", began - run.createdMs}});
    Json artifacts = Json::array();
    if (!tree || tree->wantsAll() || tree->wants("artifacts")) {
        for (const Artifact &one : view.world.artifacts(run.id))
            artifacts.push_back({{"displayPath", one.name}, {"fileName", one.name}, {"relativePath", one.name}});
    }
    const std::string number = std::to_string(run.number);
    return {
        {"_class", "org.jenkinsci.plugins.workflow.job.WorkflowRun"},
        {"actions", actions},
        {"artifacts", artifacts},
        {"building", isBuilding},
        {"inProgress", isBuilding},
        {"description", nullptr},
        {"displayName", "#" + number},
        {"fullDisplayName", item.fullName + " #" + number},
        {"duration", run.finishedMs > began ? run.finishedMs - began : 0},
        {"estimatedDuration", run.estimateMs > 0 ? run.estimateMs : -1},
        {"id", number},
        {"keepLog", false},
        {"number", run.number},
        {"queueId", run.id},
        {"result", result.empty() ? Json() : Json(result)},
        {"timestamp", began},
        {"url", view.root + pathOf(item) + '/' + number + '/'},
        {"changeSets",
         Json::array({{{"_class", "hudson.plugins.git.GitChangeSetList"},
                       {"items", Json::array({{{"commitId", run.commit},
                                               {"msg", run.subject},
                                               {"author", {{"fullName", view.world.plans().titleOf(run.author)}}}}})},
                       {"kind", "git"}}})}};
}

Json queueJson(const View &view, const Item &item, const RunRecord &run)
{
    const std::string runner = run.jobs.empty() ? "built-in" : view.world.planOf(run, run.jobs.front()).runner;
    const bool waits = isInQueue(run);
    Json json{
        {"_class", waits ? "hudson.model.Queue$BuildableItem" : "hudson.model.Queue$LeftItem"},
        {"actions",
         Json::array({{{"_class", "hudson.model.CauseAction"}, {"causes", Json::array({causeOf(view, run)})}}})},
        {"blocked", false},
        {"buildable", waits},
        {"id", run.id},
        {"inQueueSince", run.createdMs},
        {"stuck", false},
        {"task", {{"_class", workflowJob}, {"name", lastOf(item.fullName)}, {"url", view.root + pathOf(item) + '/'}}},
        {"url", "queue/item/" + std::to_string(run.id) + '/'},
        {"why", waits ? Json("Waiting for next available executor on ‘" + runner + "’") : Json()}};
    if (waits)
        return json;
    json["cancelled"] = wasUnqueued(run);
    if (!wasUnqueued(run))
        json["executable"] = {{"_class", "org.jenkinsci.plugins.workflow.job.WorkflowRun"},
                              {"number", run.number},
                              {"url", view.root + pathOf(item) + '/' + std::to_string(run.number) + '/'}};
    return json;
}

Json itemJson(const View &view, const Item &item, const Tree *tree, int depth)
{
    const auto wants = [&](const char *name) { return tree ? tree->wants(name) : depth <= 0; };
    Json json = Json::object();
    const bool isJob = item.kind == Item::Kind::Branch;
    if (item.kind == Item::Kind::Root) {
        json = {{"_class", "hudson.model.Hudson"}, {"url", view.root + '/'}, {"mode", "NORMAL"}, {"useCrumbs", true}};
    } else {
        std::string shown;
        for (const std::string &name : splitName(item.fullName))
            shown +=
                (shown.empty() ? "" : " » ") + QUrl::fromPercentEncoding(QByteArray::fromStdString(name)).toStdString();
        json = {{"name", lastOf(item.fullName)},
                {"fullName", item.fullName},
                {"displayName", isJob ? item.branch : lastOf(item.fullName)},
                {"fullDisplayName", shown},
                {"url", view.root + pathOf(item) + '/'}};
        json["_class"] = isJob ? workflowJob
                               : (item.kind == Item::Kind::Folder
                                      ? "com.cloudbees.hudson.plugins.folder.Folder"
                                      : "org.jenkinsci.plugins.workflow.multibranch.WorkflowMultiBranchProject");
    }
    if (!isJob) {
        if (!wants("jobs"))
            return json;
        Json jobs = Json::array();
        for (const Item &child : childrenOf(view, item))
            jobs.push_back(itemJson(view, child, tree ? tree->child("jobs") : nullptr, depth + 1));
        json["jobs"] = jobs;
        return json;
    }
    json["buildable"] = true;
    json["color"] = "blue";
    Json property = Json::array();
    if (!inputsOf(item).empty()) {
        Json definitions = Json::array();
        for (const InputPlan &input : inputsOf(item))
            definitions.push_back(parameterDefinition(input));
        property.push_back(
            {{"_class", "hudson.model.ParametersDefinitionProperty"}, {"parameterDefinitions", definitions}});
    }
    json["property"] = property;
    if (wants("nextBuildNumber") || wants("queueItem") || wants("inQueue")) {
        RunQuery query;
        query.vendor = Vendor::Jenkins;
        query.project = item.project;
        query.branch = item.branch;
        query.limit = 1;
        const auto newest = view.world.runs(query).runs;
        const bool waits = !newest.empty() && isInQueue(newest.front());
        json["nextBuildNumber"] = newest.empty() ? 1 : newest.front().number + (waits ? 0 : 1);
        json["inQueue"] = waits;
        json["queueItem"] = nullptr;
        if (waits) {
            if (const auto whole = view.world.run(newest.front().id))
                json["queueItem"] = queueJson(view, item, *whole);
        }
    }
    if (wants("firstBuild"))
        json["firstBuild"] = firstBuildJson(view, item);
    for (const char *list : {"builds", "allBuilds"}) {
        if (!wants(list) || (!tree && std::string(list) == "allBuilds"))
            continue;
        const Tree *of = tree ? tree->child(list) : nullptr;
        const int from = of ? of->from() : 0;
        const int to = of && of->to() >= 0 ? of->to() : 100; // `builds` ends there
        Json builds = Json::array();
        for (int i = 0; i < from; ++i)
            builds.push_back(Json::object()); // cut away again by the range
        for (const RunRecord &run : runsOf(view, item, from, to))
            builds.push_back(runJson(view, item, run, of));
        json[list] = std::move(builds);
    }
    return json;
}

// jenkinsci/coverage-plugin, its test CoverageApiITest: numbers as people read them.
Json coverageJson(double linePercent)
{
    char line[16];
    std::snprintf(line, sizeof line, "%.2f%%", linePercent);
    return {{"_class", "io.jenkins.plugins.coverage.metrics.restapi.CoverageApi"},
            {"modifiedFilesStatistics", Json::object()},
            {"modifiedLinesStatistics", Json::object()},
            {"projectDelta", Json::object()},
            {"projectStatistics", {{"line", line}, {"module", "100.00%"}}},
            {"qualityGates", {{"overallResult", "INACTIVE"}, {"resultItems", Json::array()}}},
            {"referenceBuild", "-"}};
}

// jenkinsci/jacoco-plugin, report.CoverageReport: what model.CoverageObject and model.Coverage export. Where nothing is
// counted it says 100 %.
Json jacocoJson(double linePercent)
{
    const auto counted = [](int covered, int total) {
        const double percent = total > 0 ? 100.0 * covered / total : 100;
        return Json{{"covered", covered},
                    {"missed", total - covered},
                    {"percentage", std::lround(percent)},
                    {"percentageFloat", percent},
                    {"total", total}};
    };
    return {{"_class", "hudson.plugins.jacoco.report.CoverageReport"},
            {"branchCoverage", counted(0, 0)},
            {"classCoverage", counted(12, 14)},
            {"lineCoverage", counted(static_cast<int>(std::lround(linePercent * 100)), 10000)},
            {"methodCoverage", counted(60, 80)},
            {"previousResult", nullptr}};
}

std::string coberturaClass(bool isCobertura)
{
    return isCobertura ? "hudson.plugins.cobertura.targets.CoverageResult"
                       : "io.jenkins.plugins.coverage.targets.CoverageResult";
}

// jenkinsci/cobertura-plugin, targets.CoverageTree and CoverageTreeElement, metrics by their names in
// Messages.properties; the answer of a real one stands in the documentation of jenkins-badges. The Code Coverage API,
// that was made from it, says "Line" (badges/shields, its tests of Jenkins).
Json coberturaJson(double linePercent, bool isCobertura)
{
    const auto element = [](const char *name, double covered, double all) {
        return Json{{"denominator", all},
                    {"name", name},
                    {"numerator", covered},
                    {"ratio", all > 0 ? 100 * covered / all : 100}};
    };
    const Json elements{element(isCobertura ? "Packages" : "Package", 1, 1),
                        element(isCobertura ? "Lines" : "Line", std::round(linePercent * 100), 10000),
                        element(isCobertura ? "Conditionals" : "Conditional", 0, 0)};
    return {{"_class", coberturaClass(isCobertura)},
            {"results", {{"children", Json::array()}, {"elements", elements}, {"name", "Cobertura Coverage Report"}}}};
}

// hudson.model.AbstractItem doConfigDotXml, of a branch whose Jenkinsfile says pipelineTriggers([cron('...')]).
std::string configXml(const Item &item)
{
    std::string triggers;
    if (item.plan && item.branch == item.plan->defaultBranch && !item.plan->crons.empty()) {
        std::string spec;
        for (const std::string &cron : item.plan->crons)
            spec += (spec.empty() ? "" : "\n") + cron;
        triggers = "\n    <org.jenkinsci.plugins.workflow.job.properties.PipelineTriggersJobProperty>\n      <triggers>"
                   "\n        <hudson.triggers.TimerTrigger>\n          <spec>" +
                   spec +
                   "</spec>\n        </hudson.triggers.TimerTrigger>\n      </triggers>\n    "
                   "</org.jenkinsci.plugins.workflow.job.properties.PipelineTriggersJobProperty>";
    }
    return "<?xml version='1.1' encoding='UTF-8'?>\n<flow-definition plugin=\"workflow-job\">\n  <properties>" +
           triggers + "\n  </properties>\n  <disabled>false</disabled>\n</flow-definition>";
}

Json testJson(const TestResults &results)
{
    Json suites = Json::array();
    for (const TestResult &one : results.cases) {
        if (suites.empty() || suites.back().at("name") != one.suite)
            suites.push_back({{"name", one.suite}, {"cases", Json::array()}});
        const char *status = one.state == TestResult::State::Failed
                                 ? "FAILED"
                                 : (one.state == TestResult::State::Skipped ? "SKIPPED" : "PASSED");
        suites.back()["cases"].push_back({{"className", one.suite},
                                          {"name", one.name},
                                          {"status", status},
                                          {"duration", one.ms / 1000.0},
                                          {"errorDetails", one.message.empty() ? Json() : Json(one.message)},
                                          {"errorStackTrace", one.trace.empty() ? Json() : Json(one.trace)}});
    }
    return {{"_class", "hudson.tasks.junit.TestResult"},
            {"failCount", results.failed},
            {"passCount", results.passed},
            {"skipCount", results.skipped},
            {"suites", suites}};
}

} // namespace signalbox::sandbox::ci::jenkins
