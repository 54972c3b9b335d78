#include "services/sandbox/ci/jenkins/jenkinsapi.h"

#include "services/sandbox/ci/jenkins/jenkinsbeans.h"
#include "services/sandbox/ci/jenkins/jenkinsflow.h"

#include <QByteArray>

#include <algorithm>
#include <cstdlib>

namespace signalbox::sandbox::ci
{

using namespace jenkins;

namespace
{

using Names = std::vector<std::string>;

const std::string crumb = "7f1c5d3b9a2e48f06cbb1d70a1c9e4d2";
const std::string session = "JSESSIONID.5f2a91c0=node0practice";
constexpr std::int64_t queueKeptMs = 5 * 60 * 1000; // hudson.model.Queue.leftItems

std::string escapedText(const std::string &text)
{
    return QString::fromStdString(text).toHtmlEscaped().toStdString();
}

LoopbackReply json(const Json &value)
{
    LoopbackReply reply;
    reply.contentType = "application/json;charset=utf-8";
    reply.body = value.dump();
    reply.headers.emplace_back("X-Jenkins", "2.452.3");
    return reply;
}

// As Jenkins shows people an error.
LoopbackReply page(int status, const std::string &title, const std::string &words)
{
    LoopbackReply reply;
    reply.status = status;
    reply.contentType = "text/html;charset=utf-8";
    reply.body = "<!DOCTYPE html><html><head><title>" + title + "</title></head><body><h1>" + title + "</h1><p>" +
                 escapedText(words) + "</p></body></html>";
    reply.headers.emplace_back("X-Jenkins", "2.452.3");
    return reply;
}

LoopbackReply notFound()
{
    return page(404, "Not Found", "The requested resource is not available.");
}

LoopbackReply postNeeded()
{
    LoopbackReply reply = page(405, "Method Not Allowed", "This URL requires POST.");
    reply.headers.emplace_back("Allow", "POST");
    return reply;
}

// hudson.model.Failure
LoopbackReply failure(const std::string &words)
{
    return page(400, "Error", words);
}

Names segments(const std::string &rawPath)
{
    Names names;
    for (const QByteArray &part : QByteArray::fromStdString(rawPath).split('/')) {
        if (!part.isEmpty())
            names.push_back(QByteArray::fromPercentEncoding(part).toStdString());
    }
    return names;
}

Names after(const Names &names, std::size_t count)
{
    return {names.begin() + static_cast<std::ptrdiff_t>(std::min(count, names.size())), names.end()};
}

bool isApi(const Names &rest)
{
    return rest.size() == 2 && rest[0] == "api" && rest[1] == "json";
}

bool isNumber(const std::string &text)
{
    return !text.empty() && text.size() < 10 && text.find_first_not_of("0123456789") == std::string::npos;
}

std::string fieldOf(const LoopbackRequest &request, const std::string &name)
{
    for (const auto &[key, value] : request.form) {
        if (key == name)
            return value;
    }
    return request.value(name.c_str());
}

// hudson.console.AnnotatedLargeText: from an offset on, and whether there will be more.
LoopbackReply progressive(const LoopbackRequest &request, const std::string &text, bool goesOn)
{
    std::size_t start = static_cast<std::size_t>(std::strtoull(request.value("start").c_str(), nullptr, 10));
    if (start > text.size())
        start = 0; // "text rolled over"
    LoopbackReply reply;
    reply.contentType = "text/plain;charset=utf-8";
    reply.body = text.substr(start);
    reply.headers.emplace_back("X-Text-Size", std::to_string(text.size()));
    if (goesOn)
        reply.headers.emplace_back("X-More-Data", "true");
    return reply;
}

} // namespace

struct JenkinsApi::Private
{
    CiWorld &world;
    Options options;

    View view() const { return {world, options.pages}; }
    bool hasCrumb(const LoopbackRequest &request) const
    {
        return request.header("Jenkins-Crumb") == crumb && request.header("Cookie").find(session) != std::string::npos;
    }

    LoopbackReply api(const LoopbackRequest &request, const Json &value) const;
    LoopbackReply route(const LoopbackRequest &request, const Names &names);
    LoopbackReply itemPage(const LoopbackRequest &request, const Item &item, const Names &rest);
    LoopbackReply start(const LoopbackRequest &request, const Item &item, bool withParameters);
    LoopbackReply runPage(const LoopbackRequest &request, const Item &item, const RunRecord &run, const Names &rest);
    LoopbackReply wfapi(const LoopbackRequest &request, const Item &item, const RunRecord &run, const Names &rest);
    LoopbackReply flowPage(const Item &item, const RunRecord &run, const Names &rest) const;
    LoopbackReply input(const LoopbackRequest &request, const RunRecord &run, const Names &rest);
    LoopbackReply proceed(const RunRecord &run, const JobRun &job, const Parameters &answers, bool isWfapi);
    LoopbackReply queue(const LoopbackRequest &request, const Names &rest);
    LoopbackReply computers(const LoopbackRequest &request) const;
    LoopbackReply blue(const LoopbackRequest &request, const Names &rest) const;
    LoopbackReply blueRun(const LoopbackRequest &request, const RunRecord &run, const Names &rest) const;
    std::vector<RunRecord> underWay(bool inQueue) const;
};

JenkinsApi::JenkinsApi(CiWorld &world)
    : JenkinsApi(world, Options())
{}

JenkinsApi::JenkinsApi(CiWorld &world, Options options)
    : d(std::make_unique<Private>(Private{world, std::move(options)}))
{
    if (d->options.user.empty())
        d->options.user = world.me();
}

JenkinsApi::~JenkinsApi() = default;

bool JenkinsApi::isAuthorized(const LoopbackRequest &request, const std::string &token)
{
    const QByteArray sent = QByteArray::fromStdString(request.header("Authorization"));
    if (!sent.startsWith("Basic "))
        return false;
    const QByteArray pair = QByteArray::fromBase64(sent.mid(6));
    const qsizetype colon = pair.indexOf(':');
    return colon > 0 && sameSecret(pair.mid(colon + 1).toStdString(), token);
}

LoopbackReply JenkinsApi::unauthorized()
{
    return page(401, "Unauthorized", "Invalid password/token for user");
}

LoopbackReply JenkinsApi::answer(const LoopbackRequest &request)
{
    const Names names = segments(request.rawPath.empty() ? request.path : request.rawPath);
    if (request.method == "POST" && d->options.crumbs == Crumbs::Always && !d->hasCrumb(request))
        return page(403, "Error 403", "No valid crumb was included in the request");
    Private asked = *d;
    if (asked.options.pages.empty())
        asked.options.pages = "https://" + request.header("Host");
    return asked.route(request, names);
}

// ?tree= and ?depth= as every bean has them.
LoopbackReply JenkinsApi::Private::api(const LoopbackRequest &request, const Json &value) const
{
    if (!request.has("tree"))
        return json(value);
    const auto tree = Tree::parse(request.value("tree"));
    if (!tree)
        return page(500, "Oops!", "Malformed tree parameter");
    return json(tree->pruned(value));
}

LoopbackReply JenkinsApi::Private::route(const LoopbackRequest &request, const Names &names)
{
    const std::string first = names.empty() ? std::string() : names.front();
    const Names rest = after(names, 1);
    if (first == "crumbIssuer") {
        if (options.crumbs == Crumbs::Off || !isApi(rest))
            return notFound();
        LoopbackReply reply = json({{"_class", "hudson.security.csrf.DefaultCrumbIssuer"},
                                    {"crumb", crumb},
                                    {"crumbRequestField", "Jenkins-Crumb"}});
        reply.headers.emplace_back("Set-Cookie", session + "; Path=/; Secure; HttpOnly");
        return reply;
    }
    if (first == "whoAmI" && isApi(rest))
        return api(request, {{"_class", "hudson.security.WhoAmI"},
                             {"anonymous", false},
                             {"authenticated", true},
                             {"authorities", Json::array({"authenticated"})},
                             {"name", options.user}});
    if (first == "me" && isApi(rest))
        return api(request, {{"_class", "hudson.model.User"},
                             {"id", options.user},
                             {"fullName", world.plans().titleOf(options.user)},
                             {"absoluteUrl", options.pages + "/user/" + options.user}});
    if (first == "queue")
        return queue(request, rest);
    if (first == "computer" && isApi(rest))
        return computers(request);
    if (first == "blue")
        return options.hasBlueOcean && !rest.empty() && rest.front() == "rest" ? blue(request, after(rest, 1))
                                                                               : notFound();
    Names path;
    std::size_t at = 0;
    while (at + 1 < names.size() && names[at] == "job") {
        path.push_back(names[at + 1]);
        at += 2;
    }
    const auto item = itemAt(view(), path);
    return item ? itemPage(request, *item, after(names, at)) : notFound();
}

LoopbackReply JenkinsApi::Private::itemPage(const LoopbackRequest &request, const Item &item, const Names &rest)
{
    if (isApi(rest)) {
        if (!request.has("tree"))
            return json(itemJson(view(), item, nullptr));
        const auto tree = Tree::parse(request.value("tree"));
        if (!tree)
            return page(500, "Oops!", "Malformed tree parameter");
        return json(tree->pruned(itemJson(view(), item, &*tree)));
    }
    if (item.kind != Item::Kind::Branch || rest.empty())
        return rest.empty() ? page(200, "Jenkins", "") : notFound();
    if (rest.size() == 1 && (rest[0] == "build" || rest[0] == "buildWithParameters"))
        return request.method == "POST" ? start(request, item, rest[0] == "buildWithParameters") : postNeeded();
    if (!isNumber(rest[0]))
        return notFound();
    const auto run = runOf(view(), item, std::atoi(rest[0].c_str()));
    return run ? runPage(request, item, *run, after(rest, 1)) : notFound();
}

// jenkins.model.ParameterizedJobMixIn, hudson.model.ParametersDefinitionProperty
LoopbackReply JenkinsApi::Private::start(const LoopbackRequest &request, const Item &item, bool withParameters)
{
    const bool takesThem = !item.plan->inputs.empty();
    if (withParameters && !takesThem)
        return page(500, "Oops!", "java.lang.IllegalStateException: This build is not parameterized!");
    if (!withParameters && takesThem && fieldOf(request, "json").empty())
        return page(400, "Error", "Nothing is submitted");
    StartOrder order;
    order.vendor = Vendor::Jenkins;
    order.project = item.project;
    order.pipeline = item.plan->name;
    const auto isBranch = std::find(item.plan->branches.begin(), item.plan->branches.end(), item.branch);
    (isBranch == item.plan->branches.end() ? order.tag : order.branch) = item.branch;
    order.cause = Cause::Manual;
    order.who = options.user;
    for (const InputPlan &input : item.plan->inputs) {
        if (const std::string value = fieldOf(request, input.name); !value.empty())
            order.parameters.emplace_back(input.name, value);
    }
    const Outcome outcome = world.start(order);
    if (!outcome)
        return outcome.kind == Outcome::Kind::Wrong ? page(500, "Oops!", outcome.text) : failure(outcome.text);
    LoopbackReply reply;
    reply.status = 201;
    reply.contentType = "text/plain";
    reply.headers.emplace_back("Location", options.pages + "/queue/item/" + std::to_string(outcome.run) + '/');
    return reply;
}

LoopbackReply JenkinsApi::Private::runPage(const LoopbackRequest &request, const Item &item, const RunRecord &run,
                                           const Names &rest)
{
    const bool goesOn = !isEnded(run.phase);
    if (rest.empty())
        return page(200, "#" + std::to_string(run.number), "");
    if (isApi(rest))
        return api(request, runJson(view(), item, run));
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
    if (!rest.empty() && rest[0] == "wfapi")
        return options.hasStageView ? wfapi(request, item, run, after(rest, 1)) : notFound();
    if (rest.size() > 2 && rest[0] == "execution" && rest[1] == "node")
        return options.hasStageView ? flowPage(item, run, after(rest, 2)) : notFound();
    if (!rest.empty() && rest[0] == "input")
        return input(request, run, after(rest, 1));
    return notFound();
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
    const auto form = Json::parse(fieldOf(request, "json"), nullptr, false);
    if (!form.is_object())
        return page(400, "Error", "Nothing is submitted");
    Parameters answers;
    const Json given = form.contains("parameter") ? form.at("parameter") : Json::array();
    for (const Json &one : given.is_array() ? given : Json::array({given})) {
        const Json value = one.contains("value") ? one.at("value") : Json();
        answers.emplace_back(one.value("name", std::string()),
                             value.is_string() ? value.get<std::string>() : value.dump());
    }
    return proceed(run, *job, answers, true);
}

LoopbackReply JenkinsApi::Private::flowPage(const Item &item, const RunRecord &run, const Names &rest) const
{
    if (rest.size() < 2 || rest[1] != "wfapi" || !isNumber(rest[0]))
        return notFound();
    const std::string path = pathOf(item) + '/' + std::to_string(run.number);
    const int id = std::atoi(rest[0].c_str());
    if (rest.size() == 3 && rest[2] == "log") {
        const auto log = wfapiLog(world, run, id, path);
        return log ? json(*log) : notFound();
    }
    for (const FlowNode &node : flowOf(run)) {
        if (node.id == id && node.startedMs > 0)
            return json(wfapiNode(node, path));
    }
    return notFound();
}

// ---- the input step

// InputAction.getDynamic finds only those that wait: one that is settled is not there any more.
LoopbackReply JenkinsApi::Private::input(const LoopbackRequest &request, const RunRecord &run, const Names &rest)
{
    if (rest.size() != 2)
        return notFound();
    const JobRun *job = jobOfInput(run, rest[0]);
    if (!job)
        return notFound();
    if (rest[1] != "proceedEmpty" && rest[1] != "abort")
        return notFound();
    if (request.method != "POST")
        return postNeeded();
    if (rest[1] == "proceedEmpty")
        return proceed(run, *job, {}, false);
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

// ---- the queue and the executors

std::vector<RunRecord> JenkinsApi::Private::underWay(bool inQueue) const
{
    std::vector<RunRecord> runs;
    for (const std::string &project : world.projects(Vendor::Jenkins)) {
        RunQuery query;
        query.vendor = Vendor::Jenkins;
        query.project = project;
        query.limit = 40;
        for (const RunRecord &one : world.runs(query).runs) {
            if (isEnded(one.phase) || isInQueue(one) != inQueue)
                continue;
            if (const auto whole = world.run(one.id))
                runs.push_back(*whole);
        }
    }
    return runs;
}

LoopbackReply JenkinsApi::Private::queue(const LoopbackRequest &request, const Names &rest)
{
    if (isApi(rest)) {
        Json items = Json::array();
        for (const RunRecord &run : underWay(true)) {
            if (const auto item = itemOfRun(view(), run))
                items.push_back(queueJson(view(), *item, run));
        }
        return api(request, {{"_class", "hudson.model.Queue"}, {"items", items}});
    }
    if (rest.size() == 1 && rest[0] == "cancelItem") {
        if (request.method != "POST")
            return postNeeded();
        const auto run = world.run(std::strtoll(request.value("id").c_str(), nullptr, 10));
        if (run && isInQueue(*run))
            (void)world.cancel(run->id, options.user);
        LoopbackReply reply;
        reply.status = run ? 204 : 404;
        return reply;
    }
    if (rest.size() == 4 && rest[0] == "item" && isApi(after(rest, 2))) {
        const auto run = world.run(std::strtoll(rest[1].c_str(), nullptr, 10));
        const std::int64_t left = run && run->startedMs > 0 ? run->startedMs : 0;
        if (!run || run->vendor != Vendor::Jenkins || (left > 0 && world.nowMs() - left > queueKeptMs))
            return notFound();
        if (const auto item = itemOfRun(view(), *run))
            return api(request, queueJson(view(), *item, *run));
    }
    return notFound();
}

LoopbackReply JenkinsApi::Private::computers(const LoopbackRequest &request) const
{
    Json flyweight = Json::array(); // where pipelines run that wait or use other machines
    for (const RunRecord &run : underWay(false)) {
        const auto item = itemOfRun(view(), run);
        if (!item)
            continue;
        const std::string number = std::to_string(run.number);
        flyweight.push_back({{"currentExecutable",
                              {{"_class", "org.jenkinsci.plugins.workflow.job.WorkflowRun"},
                               {"number", run.number},
                               {"url", options.pages + pathOf(*item) + '/' + number + '/'}}}});
    }
    return api(request, {{"_class", "hudson.model.ComputerSet"},
                         {"computer", Json::array({{{"_class", "hudson.model.Hudson$MasterComputer"},
                                                    {"displayName", "Built-In Node"},
                                                    {"executors", Json::array()},
                                                    {"oneOffExecutors", flyweight}}})}});
}

// ---- Blue Ocean

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
