#include "services/sandbox/ci/jenkins/jenkinsapi.h"

#include "services/sandbox/ci/jenkins/jenkinsasked.h"

#include <QByteArray>
#include <QList>

#include <algorithm>
#include <cstdlib>

namespace signalbox::sandbox::ci
{

using namespace jenkins;

namespace
{

const std::string crumb = "7f1c5d3b9a2e48f06cbb1d70a1c9e4d2";
const std::string session = "JSESSIONID.5f2a91c0=node0practice";
constexpr std::int64_t queueKeptMs = 5 * 60 * 1000; // hudson.model.Queue.leftItems

} // namespace

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

bool JenkinsApi::Private::hasCrumb(const LoopbackRequest &request) const
{
    return request.header("Jenkins-Crumb") == crumb && request.header("Cookie").find(session) != std::string::npos;
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
    if (first == "computer")
        return computers(request, rest);
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
        if (!request.has("tree")) // ?depth=1: those below are as whole; deeper nobody goes here
            return json(itemJson(view(), item, nullptr, -std::clamp(std::atoi(request.value("depth").c_str()), 0, 2)));
        const auto tree = Tree::parse(request.value("tree"));
        if (!tree)
            return page(500, "Oops!", "Malformed tree parameter");
        return json(tree->pruned(itemJson(view(), item, &*tree)));
    }
    if (item.kind != Item::Kind::Branch || rest.empty())
        return rest.empty() ? page(200, "Jenkins", "") : notFound();
    if (rest.size() == 1 && rest[0] == "config.xml" && request.method == "GET") {
        if (!options.mayConfigure)
            return page(403, "Error", options.user + " is missing the Job/ExtendedRead permission");
        LoopbackReply reply;
        reply.contentType = "application/xml";
        reply.body = configXml(item);
        return reply;
    }
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

// ---- the queue and the executors

std::vector<RunRecord> JenkinsApi::Private::underWay(bool inQueue) const
{
    std::vector<RunRecord> runs;
    for (const std::string &project : world.projects(Vendor::Jenkins)) {
        RunQuery query;
        query.vendor = Vendor::Jenkins;
        query.project = project;
        query.limit = 40;
        for (RunRecord &one : world.runs(query).runs) {
            if (!isEnded(one.phase) && isInQueue(one) == inQueue)
                runs.push_back(std::move(one));
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

// hudson.model.ComputerSet and Computer. A node's own page goes by "(built-in)" (jenkins.model.Jenkins.getComputer),
// and by the name it is shown with: so python3-jenkins 1.4 asks.
LoopbackReply JenkinsApi::Private::computers(const LoopbackRequest &request, const Names &rest) const
{
    static const std::string shown = "Built-In Node";
    const bool isSet = isApi(rest);
    const bool isNode = rest.size() == 3 && isApi(after(rest, 1)) &&
                        (rest[0] == "(built-in)" || rest[0] == "(master)" || rest[0] == shown);
    if (!isSet && !isNode)
        return notFound();
    const auto executor = [](int number, bool isOneOff, const Json &executable) {
        return Json{{"currentExecutable", executable},
                    {"idle", executable.is_null()},
                    {"likelyStuck", false},
                    {"number", isOneOff ? -1 : number}, // hudson.model.OneOffExecutor: super(owner, -1)
                    {"progress", -1}};
    };
    Json flyweight = Json::array(); // where pipelines run that wait or use other machines
    for (const RunRecord &run : underWay(false)) {
        const auto item = itemOfRun(view(), run);
        if (!item)
            continue;
        const std::string number = std::to_string(run.number);
        flyweight.push_back(executor(0, true,
                                     {{"_class", "org.jenkinsci.plugins.workflow.job.WorkflowRun"},
                                      {"number", run.number},
                                      {"url", options.pages + pathOf(*item) + '/' + number + '/'}}));
    }
    const Json node{{"_class", "hudson.model.Hudson$MasterComputer"},
                    {"description", "the Jenkins controller's built-in node"},
                    {"displayName", shown},
                    {"executors", Json::array({executor(0, false, nullptr), executor(1, false, nullptr)})},
                    {"idle", flyweight.empty()},
                    {"jnlpAgent", false},
                    {"launchSupported", true},
                    {"manualLaunchAllowed", true},
                    {"numExecutors", 2},
                    {"offline", false},
                    {"offlineCause", nullptr},
                    {"offlineCauseReason", ""},
                    {"oneOffExecutors", flyweight},
                    {"temporarilyOffline", false}};
    if (isNode)
        return api(request, node);
    return api(request, {{"_class", "hudson.model.ComputerSet"},
                         {"busyExecutors", 0}, // one-off ones do not count
                         {"computer", Json::array({node})},
                         {"displayName", "Nodes"},
                         {"totalExecutors", 2}});
}

} // namespace signalbox::sandbox::ci
