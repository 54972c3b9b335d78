#include "services/sandbox/ci/jenkins/jenkinsasked.h"

namespace signalbox::sandbox::ci
{

using namespace jenkins;

namespace
{

// Where the plugin that is there has its report.
bool isCoverage(const JenkinsApi::Options &options, const Names &rest)
{
    if (!options.hasCoverage)
        return false;
    switch (options.coveragePlugin) {
    case JenkinsApi::CoveragePlugin::Coverage:
        return rest.size() == 3 && rest[0] == options.coverageId;
    case JenkinsApi::CoveragePlugin::Jacoco:
        return rest.size() == 3 && rest[0] == "jacoco";
    case JenkinsApi::CoveragePlugin::Cobertura:
        return rest.size() == 3 && rest[0] == "cobertura";
    case JenkinsApi::CoveragePlugin::OldCoverageApi:
        return rest.size() == 4 && rest[0] == "coverage" && rest[1] == "result";
    }
    return false;
}

// As StaplerRequest.getSubmittedForm has it; none: nothing was submitted.
std::optional<Parameters> answersOf(const LoopbackRequest &request)
{
    const auto form = Json::parse(fieldOf(request, "json"), nullptr, false);
    if (!form.is_object())
        return std::nullopt;
    Parameters answers;
    const Json given = form.contains("parameter") ? form.at("parameter") : Json::array();
    for (const Json &one : given.is_array() ? given : Json::array({given})) {
        const Json value = one.contains("value") ? one.at("value") : Json();
        answers.emplace_back(one.value("name", std::string()),
                             value.is_string() ? value.get<std::string>() : value.dump());
    }
    return answers;
}

} // namespace

LoopbackReply JenkinsApi::Private::runPage(const LoopbackRequest &request, const Item &item, const RunRecord &run,
                                           const Names &rest)
{
    const bool goesOn = !isEnded(run.phase);
    if (rest.empty())
        return summary(item, run);
    if (isApi(rest)) {
        Json json = runJson(view(), item, run);
        if (options.tellsInputs && cameToInput(run))
            json["actions"].push_back(inputAction(world, run));
        return api(request, json);
    }
    if (rest.size() == 1 && rest[0] == "stop") {
        if (request.method != "POST")
            return postNeeded();
        if (!options.mayStop) {
            LoopbackReply reply = page(403, "Access Denied", options.user + " is missing the Job/Cancel permission");
            reply.headers.emplace_back("X-Required-Permission", "hudson.model.Item.Cancel");
            return reply;
        }
        (void)world.cancel(run.id, options.user); // one that ended stays as it is
        LoopbackReply reply = page(302, "Found", "");
        reply.headers.emplace_back("Location", options.pages + pathOf(item) + '/' + std::to_string(run.number) + '/');
        return reply;
    }
    if (rest.size() == 1 && rest[0] == "consoleText") {
        LoopbackReply reply;
        reply.contentType = "text/plain;charset=utf-8";
        reply.body = console(world, run);
        return reply;
    }
    if (rest.size() == 2 && rest[0] == "logText" && rest[1] == "progressiveText")
        return progressive(request, console(world, run), goesOn);
    if (rest.size() == 3 && rest[0] == "testReport" && isApi(after(rest, 1))) {
        const TestResults results = world.tests(run.id);
        return results.cases.empty() ? notFound() : api(request, testJson(results));
    }
    if (isCoverage(options, rest))
        return coverage(request, run, rest);
    if (!rest.empty() && rest[0] == "wfapi")
        return options.hasStageView ? wfapi(request, item, run, after(rest, 1)) : notFound();
    if (rest.size() > 2 && rest[0] == "execution" && rest[1] == "node")
        return flowPage(request, item, run, after(rest, 2));
    if (!rest.empty() && rest[0] == "input")
        return input(request, run, after(rest, 1));
    return notFound();
}

LoopbackReply JenkinsApi::Private::coverage(const LoopbackRequest &request, const RunRecord &run,
                                            const Names &rest) const
{
    const auto percent = world.tests(run.id).coverage;
    if (!percent || !isApi(after(rest, rest.size() - 2)))
        return notFound();
    switch (options.coveragePlugin) {
    case CoveragePlugin::Coverage:
        return api(request, coverageJson(*percent));
    case CoveragePlugin::Jacoco:
        return api(request, jacocoJson(*percent));
    case CoveragePlugin::Cobertura:
    case CoveragePlugin::OldCoverageApi:
        break;
    }
    const bool isCobertura = options.coveragePlugin == CoveragePlugin::Cobertura;
    // At its first level nothing of the results is told: hudson.model.Api, "depth".
    return request.has("tree") ? api(request, coberturaJson(*percent, isCobertura))
                               : json({{"_class", coberturaClass(isCobertura)}, {"results", Json::object()}});
}

// The page for people. Plugins add what they have to say: jenkinsci/coverage-plugin, CoverageBuildAction/summary.jelly;
// jenkinsci/cobertura-plugin, CoberturaBuildAction/summary.jelly; jenkinsci/code-coverage-api-plugin,
// CoverageAction/summary.jelly. JaCoCo's summary has no link: the menu has it (hudson.Functions.getActionUrl).
LoopbackReply JenkinsApi::Private::summary(const Item &item, const RunRecord &run) const
{
    LoopbackReply reply = page(200, "#" + std::to_string(run.number), "");
    if (!options.hasCoverage || !world.tests(run.id).coverage)
        return reply;
    const std::string &id = options.coverageId;
    std::string link;
    switch (options.coveragePlugin) {
    case CoveragePlugin::Coverage:
        link = "<div id=\"coverage-summary-" + id + "\"><a id=\"coverage-action-link-" + id + "\" href=\"" + id +
               "/\">Coverage Report</a></div>";
        break;
    case CoveragePlugin::Jacoco:
        link = "<span class=\"task-link-wrapper\"><a href=\"" + pathOf(item) + '/' + std::to_string(run.number) +
               "/jacoco\" class=\"task-link\">Coverage Report</a></span>";
        break;
    case CoveragePlugin::Cobertura:
        link = "<div><a href=\"cobertura/\">Cobertura Coverage Report</a></div>";
        break;
    case CoveragePlugin::OldCoverageApi:
        link = "<a href=\"coverage/\">Coverage Reports</a>";
        break;
    }
    reply.body.insert(reply.body.find("</body>"), link);
    return reply;
}

// ---- Pipeline: REST API

LoopbackReply JenkinsApi::Private::wfapi(const LoopbackRequest &request, const Item &item, const RunRecord &run,
                                         const Names &rest)
{
    const std::string path = pathOf(item) + '/' + std::to_string(run.number);
    const std::string what = rest.empty() ? "describe" : rest[0];
    if (what == "describe")
        return json(wfapiRun(run, path));
    if (what == "pendingInputActions")
        return json(wfapiInputs(world, run, path));
    if (what != "inputSubmit")
        return notFound();
    if (request.method != "POST")
        return postNeeded();
    const std::string id = request.value("inputId");
    const JobRun *job = jobOfInput(run, id);
    if (!job)
        return page(500, "Oops!",
                    "javax.servlet.ServletException: Error processing Input Submit request. This Run instance does not "
                    "have an Input with an ID of '" +
                        id + "'. The input ID may not be pre-normalized appropriately.");
    const auto answers = answersOf(request);
    return answers ? proceed(run, *job, *answers, true) : page(400, "Error", "Nothing is submitted");
}

// ---- the input step

// InputAction.getDynamic finds only those that wait: one that is settled is not there any more.
LoopbackReply JenkinsApi::Private::input(const LoopbackRequest &request, const RunRecord &run, const Names &rest)
{
    if (rest.empty() && cameToInput(run)) // for people, also once nothing waits any more
        return page(200, "Paused for Input", "");
    if (rest.size() != 2)
        return notFound();
    const JobRun *job = jobOfInput(run, rest[0]);
    if (!job)
        return notFound();
    if (rest[1] != "proceedEmpty" && rest[1] != "proceed" && rest[1] != "abort")
        return notFound();
    if (request.method != "POST")
        return postNeeded();
    if (rest[1] == "proceedEmpty")
        return proceed(run, *job, {}, false);
    if (rest[1] == "proceed") {
        const auto answers = answersOf(request);
        return answers ? proceed(run, *job, *answers, false) : page(400, "Error", "Nothing is submitted");
    }
    Decision decision;
    decision.who = options.user;
    decision.approves = false;
    const Outcome outcome = world.decide(job->id, decision);
    if (outcome.kind == Outcome::Kind::NotAllowed) { // canCancel() || canSubmit()
        if (!options.mayStop)
            return failure("You need to be submitter (or have Job CANCEL permissions) to cancel this.");
        (void)world.cancel(run.id, options.user);
        return page(200, "", "");
    }
    if (outcome.kind == Outcome::Kind::Settled)
        return failure("This input has been already given");
    return outcome ? page(200, "", "") : failure(outcome.text);
}

LoopbackReply JenkinsApi::Private::proceed(const RunRecord &run, const JobRun &job, const Parameters &answers,
                                           bool isWfapi)
{
    Decision decision;
    decision.who = options.user;
    decision.approves = true;
    const Outcome outcome = world.decide(job.id, decision, answers);
    if (outcome)
        return page(200, "", "");
    std::string words = outcome.text;
    if (outcome.kind == Outcome::Kind::Settled) {
        words = "This input has been already given";
    } else if (outcome.kind == Outcome::Kind::NotAllowed) {
        std::string names;
        for (const Decider &one : world.planOf(run, job).gate.deciders)
            names += (names.empty() ? "" : ",") + one.name;
        words = "You need to be " + names + " to submit this.";
    }
    // RunAPI.doInputSubmit wraps whatever went wrong.
    return isWfapi
               ? page(500, "Oops!", "javax.servlet.ServletException: Error processing Input Submit request. " + words)
               : failure(words);
}

} // namespace signalbox::sandbox::ci
