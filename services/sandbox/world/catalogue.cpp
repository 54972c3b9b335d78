#include "services/sandbox/world/catalogue.h"

#include "services/sandbox/world/imagecontent.h"
#include "services/sandbox/world/jsonreader.h"

#include <QCoreApplication>
#include <QFile>

#include <algorithm>
#include <stdexcept>

// A static library's resources are not registered by themselves; the macro must stand outside of any namespace.
static void initResources()
{
    Q_INIT_RESOURCE(world);
}

namespace signalbox::sandbox
{

namespace
{

Behaviour readBehaviour(JsonReader &reader, Behaviour behaviour)
{
    reader.takeIfThere("medianMs", behaviour.medianMs);
    reader.takeIfThere("spread", behaviour.spread);
    reader.takeIfThere("errors", behaviour.errors);
    reader.takeIfThere("quality", behaviour.quality);
    reader.takeIfThere("memoryMb", behaviour.memoryMb);
    reader.takeIfThere("cpuMs", behaviour.cpuMs);
    reader.takeIfThere("capacityRps", behaviour.capacityRps);
    reader.takeIfThere("warmUpSeconds", behaviour.warmUpSeconds);
    reader.takeIfThere("cores", behaviour.cores);
    reader.takeIfThere("gpu", behaviour.gpus);
    reader.takeIfThere("gpuMemoryMb", behaviour.gpuMemoryMb);
    reader.takeIfThere("tokens", behaviour.tokens);
    reader.takeIfThere("firstTokenMs", behaviour.firstTokenMs);
    reader.takeIfThere("crashAfterSeconds", behaviour.crashAfterSeconds);
    return behaviour;
}

PastRollout readRollout(const std::string &text, const ServiceSpec &service, const std::string &place)
{
    const std::size_t at = text.find('@');
    if (at == std::string::npos)
        throw std::runtime_error(place + ": expected \"TAG@DAYS\", found \"" + text + '"');
    const PastRollout rollout{text.substr(0, at), std::stod(text.substr(at + 1))};
    if (!service.version(rollout.tag))
        throw std::runtime_error(place + ": there is no version \"" + rollout.tag + "\" of " + service.name);
    return rollout;
}

Placement readPlacement(const Json &tree, const ServiceSpec &service, const std::string &place)
{
    JsonReader reader(tree, place);
    Placement placement;
    placement.ns = reader.take<std::string>("namespace");
    placement.replicas = reader.take<int>("replicas");
    reader.takeIfThere("track", placement.track);
    if (const Json *weight = reader.child("weight"))
        placement.weight = weight->get<int>();
    for (const auto &entry : reader.take<std::vector<std::string>>("history"))
        placement.history.push_back(readRollout(entry, service, place + ".history"));
    if (placement.history.empty())
        throw std::runtime_error(place + ": \"history\" is empty, so nothing would run");
    reader.finish();
    return placement;
}

ServiceSpec readService(const Json &tree, const std::string &place)
{
    using Kind = ServiceSpec::Kind;
    using Router = ServiceSpec::Router;
    using Runtime = ServiceSpec::Runtime;
    JsonReader reader(tree, place);
    ServiceSpec service;
    service.name = reader.take<std::string>("name");
    service.team = reader.take<std::string>("team");
    service.owner = reader.take<std::string>("owner");
    service.path = reader.take<std::string>("path");
    service.kind = oneOf<Kind>(
        reader.take<std::string>("kind"),
        {{"Deployment", Kind::Deployment}, {"StatefulSet", Kind::StatefulSet}, {"DaemonSet", Kind::DaemonSet}},
        place + ".kind");
    service.router = oneOf<Router>(
        reader.take<std::string>("router"),
        {{"none", Router::None}, {"Service", Router::Selector}, {"HTTPRoute", Router::HttpRoute}}, place + ".router");
    service.runtime = oneOf<Runtime>(
        reader.take<std::string>("runtime"),
        {{"http", Runtime::Http}, {"vllm", Runtime::Vllm}, {"triton", Runtime::Triton}, {"dcgm", Runtime::Dcgm}},
        place + ".runtime");
    service.rps = reader.take<std::map<std::string, double>>("rps");
    if (const Json *rules = reader.child("extraRules")) {
        for (std::size_t i = 0; i < rules->size(); ++i) {
            JsonReader part(rules->at(i), place + ".extraRules[" + std::to_string(i) + ']');
            service.extraRules.push_back(
                {part.take<std::string>("path"), part.take<std::string>("track"), part.take<double>("part")});
            part.finish();
        }
    }
    reader.child("note"); // for people who read the file
    if (const Json *scaling = reader.child("autoscaler")) {
        JsonReader part(*scaling, place + ".autoscaler");
        service.scaling =
            ServiceSpec::Scaling{part.take<int>("min"), part.take<int>("max"), part.take<int>("cpuPercent")};
        part.finish();
    }
    const Json behaviour = reader.take<Json>("behaviour");
    JsonReader common(behaviour, place + ".behaviour");
    const Behaviour usual = readBehaviour(common, {});
    common.finish();
    const Json versions = reader.take<Json>("versions");
    for (std::size_t i = 0; i < versions.size(); ++i) {
        JsonReader part(versions.at(i), place + ".versions[" + std::to_string(i) + ']');
        part.child("note");
        service.versions.push_back(
            {part.take<std::string>("tag"), part.take<std::string>("cause"), readBehaviour(part, usual)});
        part.finish();
    }
    const Json placements = reader.take<Json>("deployments");
    for (std::size_t i = 0; i < placements.size(); ++i)
        service.placements.push_back(
            readPlacement(placements.at(i), service, place + ".deployments[" + std::to_string(i) + ']'));
    reader.finish();
    return service;
}

ClusterPlan readCluster(const Json &tree, const std::string &place)
{
    JsonReader reader(tree, place);
    ClusterPlan plan;
    plan.name = reader.take<std::string>("name");
    plan.serverVersion = reader.take<std::string>("server");
    plan.namespaces = reader.take<std::vector<std::string>>("namespaces");
    plan.zones = reader.take<std::vector<std::string>>("zones");
    plan.nodePrefix = reader.take<std::string>("nodePrefix");
    plan.nodes = reader.take<int>("nodes");
    plan.cores = reader.take<int>("cores");
    plan.memoryGb = reader.take<int>("memoryGb");
    plan.gpus = reader.take<int>("gpus");
    reader.finish();
    return plan;
}

PastOperation readOperation(const Json &tree, const std::string &place)
{
    JsonReader reader(tree, place);
    PastOperation operation;
    operation.daysAgo = reader.take<double>("daysAgo");
    operation.kind = reader.take<std::string>("kind");
    operation.application = reader.take<std::string>("app");
    operation.ns = reader.take<std::string>("namespace");
    operation.who = reader.take<std::string>("who");
    reader.takeIfThere("from", operation.from);
    operation.to = reader.take<std::string>("to");
    operation.effect = reader.take<std::string>("effect");
    reader.takeIfThere("reason", operation.reason);
    operation.outcome = reader.take<std::string>("outcome");
    operation.message = reader.take<std::string>("message");
    operation.seconds = reader.take<double>("seconds");
    reader.takeIfThere("detectSeconds", operation.detectSeconds);
    reader.finish();
    return operation;
}

Catalogue readCatalogue(const Json &tree)
{
    JsonReader reader(tree, "the document");
    if (reader.take<int>("version") != 1)
        throw std::runtime_error("\"version\" is not 1");
    Catalogue catalogue;
    catalogue.seed = reader.take<std::uint64_t>("seed");
    catalogue.registry = reader.take<std::string>("registry");
    const Json clusters = reader.take<Json>("clusters");
    for (std::size_t i = 0; i < clusters.size(); ++i)
        catalogue.clusters.push_back(readCluster(clusters.at(i), "clusters[" + std::to_string(i) + ']'));
    const Json services = reader.take<Json>("services");
    for (std::size_t i = 0; i < services.size(); ++i)
        catalogue.services.push_back(readService(services.at(i), "services[" + std::to_string(i) + ']'));
    if (const Json *operations = reader.child("operations")) {
        for (std::size_t i = 0; i < operations->size(); ++i)
            catalogue.operations.push_back(readOperation(operations->at(i), "operations[" + std::to_string(i) + ']'));
    }
    reader.finish();
    return catalogue;
}

} // namespace

const Version *ServiceSpec::version(const std::string &tag) const
{
    for (const Version &one : versions) {
        if (one.tag == tag)
            return &one;
    }
    return nullptr;
}

std::string ServiceSpec::workloadName(const Placement &placement) const
{
    return placement.track.empty() ? name : name + '-' + placement.track;
}

const ServiceSpec *Catalogue::service(const std::string &name) const
{
    for (const ServiceSpec &one : services) {
        if (one.name == name)
            return &one;
    }
    return nullptr;
}

std::string Catalogue::image(const ServiceSpec &service, const std::string &tag) const
{
    return registry + '/' + service.team + '/' + service.name + ':' + tag + '@' + imageDigest(service.name, tag);
}

Catalogue::Found Catalogue::find(const std::string &image) const
{
    const std::size_t at = image.find('@');
    const std::string named = image.substr(0, at);
    const std::string digest = at == std::string::npos ? std::string() : image.substr(at + 1);
    const std::size_t colon = named.rfind(':');
    const bool hasTag = colon != std::string::npos && named.find('/', colon) == std::string::npos;
    const std::string repository = hasTag ? named.substr(0, colon) : named;
    for (const ServiceSpec &one : services) {
        if (repository != registry + '/' + one.team + '/' + one.name)
            continue;
        for (const Version &version : one.versions) {
            // A digest alone decides, as for a container runtime.
            if (digest.empty() ? version.tag == (hasTag ? named.substr(colon + 1) : "latest")
                               : imageDigest(one.name, version.tag) == digest)
                return {&one, &version};
        }
        return {&one, nullptr};
    }
    return {nullptr, nullptr, !repository.starts_with(registry + '/')};
}

Result<Catalogue> parseCatalogue(const QByteArray &json, const QString &fileName)
{
    try {
        return readCatalogue(Json::parse(json.begin(), json.end()));
    } catch (const std::exception &problem) { // nlohmann's, stod's and our own
        return Error{ErrorKind::Invalid,
                     QCoreApplication::translate("Sandbox", "%1 does not describe a practice world: %2.")
                         .arg(fileName, QString::fromStdString(problem.what())),
                     {}};
    }
}

const Catalogue &builtInCatalogue()
{
    static const Catalogue catalogue = [] {
        initResources();
        QFile file(QStringLiteral(":/signalbox/sandbox/world.json"));
        if (!file.open(QIODevice::ReadOnly))
            qFatal("the practice world's catalogue is not linked in");
        auto parsed = parseCatalogue(file.readAll(), QStringLiteral("resources/sandbox-world.json"));
        if (!parsed)
            qFatal("%s", qUtf8Printable(parsed.error().message));
        return std::move(*parsed);
    }();
    return catalogue;
}

} // namespace signalbox::sandbox
