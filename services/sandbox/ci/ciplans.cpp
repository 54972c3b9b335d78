#include "services/sandbox/ci/ciplans.h"

#include "services/sandbox/world/catalogue.h"
#include "services/sandbox/world/jsonreader.h"

#include <QCoreApplication>
#include <QFile>

#include <algorithm>
#include <set>

// A static library's resources are not registered by themselves; the macro must stand outside of any namespace.
static void initPipelineResources()
{
    Q_INIT_RESOURCE(ci);
}

namespace signalbox::sandbox::ci
{

namespace
{

constexpr std::size_t mostJobs = 50; // ids of jobs are numbered within a run

using Groups = std::map<std::string, std::vector<std::string>>;

Cause causeOf(const std::string &word, const std::string &place)
{
    std::map<std::string, Cause> words;
    for (const Cause cause :
         {Cause::Push, Cause::Tag, Cause::PullRequest, Cause::Schedule, Cause::Manual, Cause::Api, Cause::Upstream})
        words.emplace(causeName(cause), cause);
    return oneOf<Cause>(word, words, place);
}

std::string numbered(const std::string &place, const char *word, std::size_t index)
{
    return place + '.' + word + '[' + std::to_string(index) + ']';
}

// Every object of the list `word`, if there is one.
template <typename Take>
void forEach(JsonReader &reader, const char *word, Take take)
{
    const Json *list = reader.child(word);
    if (!list)
        return;
    if (!list->is_array())
        throw std::runtime_error(reader.place() + '.' + word + ": expected a list");
    for (std::size_t i = 0; i < list->size(); ++i)
        take(list->at(i), numbered(reader.place(), word, i));
}

InputPlan readInput(const Json &tree, const std::string &place)
{
    using Kind = InputPlan::Kind;
    JsonReader reader(tree, place);
    InputPlan input;
    input.name = reader.take<std::string>("name");
    input.kind =
        oneOf<Kind>(reader.take<std::string>("kind"),
                    {{"text", Kind::Text}, {"choice", Kind::Choice}, {"flag", Kind::Flag}, {"hidden", Kind::Hidden}},
                    place + ".kind");
    reader.takeIfThere("about", input.about);
    reader.takeIfThere("value", input.value);
    reader.takeIfThere("choices", input.choices);
    reader.takeIfThere("required", input.isRequired);
    reader.finish();
    if ((input.kind == Kind::Choice) == input.choices.empty())
        throw std::runtime_error(place + ": a choice, and nothing else, has \"choices\"");
    return input;
}

// "priya.raman", or "@release-managers" for a group.
Decider readDecider(const std::string &word, const Groups &groups, const std::string &place)
{
    if (!word.starts_with('@'))
        return {word, false, {}};
    const auto found = groups.find(word.substr(1));
    if (found == groups.end())
        throw std::runtime_error(place + ": there is no group \"" + word.substr(1) + '"');
    return {found->first, true, found->second};
}

GatePlan readGate(const Json &tree, const Groups &groups, const std::string &place)
{
    JsonReader reader(tree, place);
    GatePlan gate;
    gate.message = reader.take<std::string>("message");
    std::vector<std::string> deciders;
    reader.takeIfThere("deciders", deciders);
    for (const std::string &word : deciders)
        gate.deciders.push_back(readDecider(word, groups, place + ".deciders"));
    reader.takeIfThere("approvals", gate.approvals);
    reader.takeIfThere("manual", gate.isManual);
    reader.takeIfThere("waitSeconds", gate.waitSeconds);
    forEach(reader, "inputs",
            [&](const Json &one, const std::string &at) { gate.inputs.push_back(readInput(one, at)); });
    reader.finish();
    if (!gate.isGate())
        throw std::runtime_error(place + ": nothing holds it: \"approvals\", \"manual\" or \"waitSeconds\" is missing");
    return gate;
}

void readTests(const Json &tree, const std::string &place, std::vector<TestPlan> &tests)
{
    JsonReader reader(tree, place);
    TestPlan test;
    test.suite = reader.take<std::string>("suite");
    test.file = reader.take<std::string>("file");
    reader.takeIfThere("ms", test.ms);
    std::map<std::string, double> flaky;
    std::vector<std::string> skipped;
    reader.takeIfThere("flaky", flaky);
    reader.takeIfThere("skipped", skipped);
    for (const auto &name : reader.take<std::vector<std::string>>("names")) {
        test.name = name;
        test.failChance = flaky.contains(name) ? flaky.at(name) : 0;
        test.isSkipped = std::find(skipped.begin(), skipped.end(), name) != skipped.end();
        tests.push_back(test);
    }
    reader.finish();
}

JobPlan readJob(const Json &tree, const PipelinePlan &pipeline, const Groups &groups, const std::string &place)
{
    JsonReader reader(tree, place);
    JobPlan job;
    job.name = reader.take<std::string>("name");
    job.key = job.name;
    reader.takeIfThere("key", job.key);
    reader.takeIfThere("stage", job.stage);
    reader.takeIfThere("needs", job.needs);
    for (const std::string &need : job.needs) {
        if (!pipeline.job(need))
            throw std::runtime_error(place + ": no job before it is called \"" + need + '"');
    }
    job.seconds = reader.take<int>("seconds");
    job.steps = reader.take<std::vector<std::string>>("steps");
    if (job.steps.empty())
        throw std::runtime_error(place + ": \"steps\" is empty");
    job.log = "plain";
    reader.takeIfThere("log", job.log);
    oneOf<int>(job.log, {{"cpp", 0}, {"pytest", 1}, {"docker", 2}, {"deploy", 3}, {"plain", 4}}, place + ".log");
    reader.takeIfThere("environment", job.environment);
    job.runner = "linux-x64";
    reader.takeIfThere("runner", job.runner);
    if (const Json *gate = reader.child("gate"))
        job.gate = readGate(*gate, groups, place + ".gate");
    std::vector<std::string> causes;
    reader.takeIfThere("onlyFor", causes);
    for (const std::string &word : causes)
        job.onlyFor.push_back(causeOf(word, place + ".onlyFor"));
    reader.takeIfThere("defaultBranchOnly", job.onDefaultBranchOnly);
    reader.takeIfThere("mayFail", job.mayFail);
    reader.takeIfThere("failChance", job.failChance);
    forEach(reader, "tests", [&](const Json &one, const std::string &at) { readTests(one, at, job.tests); });
    reader.takeIfThere("unstable", job.failsToUnstable);
    reader.takeIfThere("coverage", job.coverage);
    reader.takeIfThere("starts", job.startsPipeline);
    reader.takeIfThere("publishes", job.publishes);
    reader.takeIfThere("artifacts", job.artifacts);
    reader.finish();
    return job;
}

Scene readScene(const Json &tree, const PipelinePlan &pipeline, const std::string &place)
{
    JsonReader reader(tree, place);
    Scene scene;
    scene.cause = causeOf(reader.take<std::string>("cause"), place + ".cause");
    scene.who = reader.take<std::string>("who");
    scene.secondsAgo = reader.take<int>("secondsAgo");
    reader.takeIfThere("branch", scene.branch);
    reader.takeIfThere("tag", scene.tag);
    reader.takeIfThere("subject", scene.subject);
    reader.takeIfThere("failsIn", scene.failsIn);
    reader.takeIfThere("againAfterSeconds", scene.againAfterSeconds);
    reader.finish();
    if (!scene.failsIn.empty() && !pipeline.job(scene.failsIn))
        throw std::runtime_error(place + ": there is no job \"" + scene.failsIn + '"');
    if (scene.againAfterSeconds != 0 && scene.failsIn.empty())
        throw std::runtime_error(place + ": what does not fail for sure is not run again (againAfterSeconds)");
    return scene;
}

// Those tags that the service's history has; what is in staging only waits for production.
std::vector<PastRelease> releasesOf(const std::string &application)
{
    std::vector<PastRelease> releases;
    const ServiceSpec *service = builtInCatalogue().service(application);
    if (!service)
        throw std::runtime_error("the catalogue has no service \"" + application + '"');
    const auto reached = [&](const std::string &ns, const std::string &tag) {
        double daysAgo = 0;
        for (const Placement &placement : service->placements) {
            for (const PastRollout &rollout : placement.history) {
                if (placement.ns == ns && rollout.tag == tag)
                    daysAgo = std::max(daysAgo, rollout.daysAgo);
            }
        }
        return daysAgo;
    };
    for (const Version &version : service->versions) {
        const double staged = reached("staging", version.tag);
        if (staged > 0)
            releases.push_back({'v' + version.tag, version.cause, {}, staged, reached("production", version.tag)});
    }
    return releases;
}

void check(const PipelinePlan &plan, const std::string &place)
{
    std::set<std::string> names;
    for (const JobPlan &job : plan.jobs) {
        if (!names.insert(job.name).second)
            throw std::runtime_error(place + ": two jobs are called \"" + job.name + '"');
    }
    if (plan.jobs.empty() || plan.jobs.size() > mostJobs)
        throw std::runtime_error(place + ": \"jobs\" are none or too many");
    if (plan.people.empty() || plan.subjects.empty() || plan.branches.empty())
        throw std::runtime_error(place + ": \"people\", \"subjects\" or \"branches\" is empty");
}

PipelinePlan readPipeline(const Json &tree, const Groups &groups, const TextOf &textOf, const std::string &place)
{
    JsonReader reader(tree, place);
    PipelinePlan plan;
    plan.vendor = oneOf<Vendor>(reader.take<std::string>("vendor"),
                                {{"jenkins", Vendor::Jenkins},
                                 {"github", Vendor::GitHub},
                                 {"gitlab", Vendor::GitLab},
                                 {"travis", Vendor::Travis}},
                                place + ".vendor");
    plan.project = reader.take<std::string>("project");
    plan.name = reader.take<std::string>("name");
    plan.file = reader.take<std::string>("file");
    const auto definition = reader.take<std::string>("definition");
    plan.definition = textOf(QString::fromStdString(definition)).toStdString();
    if (plan.definition.empty())
        throw std::runtime_error(place + ": there is no text \"" + definition + '"');
    plan.branches = reader.take<std::vector<std::string>>("branches");
    plan.people = reader.take<std::vector<std::string>>("people");
    plan.subjects = reader.take<std::vector<std::string>>("subjects");
    reader.takeIfThere("crons", plan.crons);
    forEach(reader, "inputs",
            [&](const Json &one, const std::string &at) { plan.inputs.push_back(readInput(one, at)); });
    reader.takeIfThere("child", plan.isChild);
    reader.takeIfThere("runsPerDay", plan.runsPerDay);
    forEach(reader, "jobs",
            [&](const Json &one, const std::string &at) { plan.jobs.push_back(readJob(one, plan, groups, at)); });
    check(plan, place);
    plan.defaultBranch = plan.branches.front();
    forEach(reader, "scenes",
            [&](const Json &one, const std::string &at) { plan.scenes.push_back(readScene(one, plan, at)); });
    reader.takeIfThere("application", plan.application);
    if (!plan.application.empty())
        plan.repository = builtInCatalogue().registry + '/' + plan.project;
    bool hasReleases = false;
    reader.takeIfThere("releases", hasReleases);
    if (hasReleases)
        plan.releases = releasesOf(plan.application);
    reader.finish();
    return plan;
}

CiPlans readPlans(const Json &tree, const TextOf &textOf)
{
    JsonReader reader(tree, "the document");
    if (reader.take<int>("version") != 1)
        throw std::runtime_error("\"version\" is not 1");
    CiPlans plans;
    plans.seed = reader.take<std::uint64_t>("seed");
    plans.me = reader.take<std::string>("me");
    forEach(reader, "people", [&](const Json &one, const std::string &at) {
        JsonReader person(one, at);
        plans.people.push_back({person.take<std::string>("login"), person.take<std::string>("title")});
        person.finish();
    });
    Groups groups;
    reader.takeIfThere("groups", groups);
    forEach(reader, "pipelines", [&](const Json &one, const std::string &at) {
        plans.pipelines.push_back(readPipeline(one, groups, textOf, at));
    });
    reader.finish();
    for (const PipelinePlan &plan : plans.pipelines) {
        for (const JobPlan &job : plan.jobs) {
            if (!job.startsPipeline.empty() && !plans.pipeline(plan.vendor, plan.project, job.startsPipeline))
                throw std::runtime_error(plan.project + ": there is no pipeline \"" + job.startsPipeline + '"');
        }
    }
    return plans;
}

} // namespace

const JobPlan *PipelinePlan::job(std::string_view jobName) const
{
    const auto found = std::find_if(jobs.begin(), jobs.end(), [&](const JobPlan &one) { return one.name == jobName; });
    return found == jobs.end() ? nullptr : &*found;
}

const PipelinePlan *CiPlans::pipeline(Vendor vendor, std::string_view project, std::string_view name) const
{
    for (const PipelinePlan &plan : pipelines) {
        if (plan.vendor == vendor && plan.project == project && plan.name == name)
            return &plan;
    }
    return nullptr;
}

const Person *CiPlans::person(std::string_view login) const
{
    const auto found =
        std::find_if(people.begin(), people.end(), [&](const Person &one) { return one.login == login; });
    return found == people.end() ? nullptr : &*found;
}

std::string CiPlans::titleOf(std::string_view login) const
{
    const Person *found = person(login);
    return found ? found->title : std::string(login);
}

Result<CiPlans> parsePlans(const QByteArray &json, const QString &fileName, const TextOf &textOf)
{
    try {
        return readPlans(Json::parse(json.begin(), json.end()), textOf);
    } catch (const std::exception &problem) { // nlohmann's and our own
        return Error{ErrorKind::Invalid,
                     QCoreApplication::translate("Sandbox", "%1 does not describe the practice world's pipelines: %2.")
                         .arg(fileName, QString::fromStdString(problem.what())),
                     {}};
    }
}

const CiPlans &builtInPlans()
{
    static const CiPlans plans = [] {
        initPipelineResources();
        const auto textOf = [](const QString &name) {
            QFile file(QStringLiteral(":/signalbox/sandbox/pipelines/") + name);
            return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
        };
        auto parsed = parsePlans(textOf(QStringLiteral("pipelines.json")),
                                 QStringLiteral("resources/sandbox-pipelines.json"), textOf);
        if (!parsed)
            qFatal("%s", qUtf8Printable(parsed.error().message));
        return std::move(*parsed);
    }();
    return plans;
}

} // namespace signalbox::sandbox::ci
