#include "services/drills/stage.h"

#include "services/drills/appstate.h"
#include "services/drills/drillstext.h"
#include "services/sandbox/sandbox.h"
#include "services/sandbox/world/catalogue.h"

#include <QLoggingCategory>

namespace signalbox::drills
{

namespace
{

Q_LOGGING_CATEGORY(stageCategory, "signalbox.services.drills")

using namespace sandbox;

const char causeAnnotation[] = "kubernetes.io/change-cause";
const char revisionAnnotation[] = "deployment.kubernetes.io/revision";

std::string annotation(const Json &tree, const char *name)
{
    const Json annotations = valueAt(tree, "/metadata/annotations", Json::object());
    return annotations.contains(name) && annotations[name].is_string() ? annotations[name].get<std::string>()
                                                                       : std::string();
}

std::string keyOf(const Scenario &scenario, const std::string &name)
{
    return scenario.info.connection.toStdString() + '|' + scenario.info.ns.toStdString() + '|' + name;
}

std::string probeName(const Scenario &scenario)
{
    return "image-check-" + scenario.info.application.toStdString();
}

} // namespace

Stage::Stage(Sandbox &world)
    : m_world(world)
    , m_engine(world.samples())
{
    for (const Scenario &scenario : builtInScenarios()) {
        const ObjectStore &store = storeOf(scenario);
        const std::string ns = scenario.info.ns.toStdString();
        for (const ObjectPtr &one : store.list(*store.type("apps", "deployments"), ns).objects) {
            if (one->label(nameLabel) != scenario.info.application.toStdString())
                continue;
            Kept kept{one->tree(), {}};
            for (const ObjectPtr &set : store.list(*store.type("apps", "replicasets"), ns).objects) {
                if (set->ownerUid == one->uid)
                    kept.revisions[set->name] = annotation(set->tree(), revisionAnnotation);
            }
            m_kept.insert_or_assign(keyOf(scenario, one->name), std::move(kept));
        }
    }
}

ObjectStore &Stage::storeOf(const Scenario &scenario) const
{
    const auto clusters = m_world.clusters();
    for (std::size_t i = 0; i < clusters.size(); ++i) {
        if (clusters[i].name == scenario.info.connection)
            return m_world.store(i);
    }
    qFatal("drill %s: there is no practice cluster %s", qPrintable(scenario.info.name),
           qPrintable(scenario.info.connection));
}

void Stage::putBack(const Scenario &scenario) const
{
    ObjectStore &store = storeOf(scenario);
    const std::string ns = scenario.info.ns.toStdString();
    const bool isAutoscaled = readAppState(store, scenario.info).isAutoscaled;
    for (const auto &[key, kept] : m_kept) {
        const std::string name = textAt(kept.deployment, "/metadata/name");
        if (key != keyOf(scenario, name) || textAt(kept.deployment, "/metadata/labels/app.kubernetes.io~1name") !=
                                                scenario.info.application.toStdString())
            continue;
        store.modify(*store.type("apps", "deployments"), ns, name, [&](Json &tree) -> std::optional<Refusal> {
            tree["spec"]["template"] = kept.deployment["spec"]["template"];
            if (!isAutoscaled)
                tree["spec"]["replicas"] = kept.deployment["spec"]["replicas"];
            tree["spec"].erase("paused");
            tree["metadata"]["annotations"][causeAnnotation] = annotation(kept.deployment, causeAnnotation);
            return {};
        });
    }
    putTrafficBack(scenario);
    putProbe(scenario);
}

void Stage::putTrafficBack(const Scenario &scenario) const
{
    if (scenario.shares.empty())
        return;
    ObjectStore &store = storeOf(scenario);
    const std::string ns = scenario.info.ns.toStdString();
    const std::string application = scenario.info.application.toStdString();
    const ResourceType *routes = store.type("gateway.networking.k8s.io", "httproutes");
    const ResourceType *services = store.type({}, "services");
    if (routes && store.get(*routes, ns, application)) {
        std::map<std::string, int> weights; // by the backend's name
        for (const ObjectPtr &service : store.list(*services, ns).objects) {
            const auto share =
                scenario.shares.find(QString::fromStdString(textAt(service->tree(), "/spec/selector/slot")));
            if (share != scenario.shares.end())
                weights[service->name] = share->second;
        }
        store.modify(*routes, ns, application, [&](Json &tree) -> std::optional<Refusal> {
            for (Json &backend : tree["spec"]["rules"][0]["backendRefs"]) {
                const auto weight = weights.find(textAt(backend, "/name"));
                if (weight != weights.end())
                    backend["weight"] = weight->second;
            }
            return {};
        });
        return;
    }
    for (const auto &[track, share] : scenario.shares) {
        if (share != 100)
            continue;
        store.modify(*services, ns, application, [&](Json &tree) -> std::optional<Refusal> {
            tree["spec"]["selector"]["slot"] = track.toStdString();
            return {};
        });
    }
}

// A pod that belongs to no workload: what it cannot pull its events say, as of any pod.
void Stage::putProbe(const Scenario &scenario) const
{
    ObjectStore &store = storeOf(scenario);
    const ResourceType &pods = *store.type({}, "pods");
    const std::string ns = scenario.info.ns.toStdString();
    const std::string name = probeName(scenario);
    if (store.get(pods, ns, name))
        store.remove(pods, ns, name, {.graceSeconds = 0});
    const Catalogue &catalogue = builtInCatalogue();
    const ServiceSpec *service = catalogue.service(scenario.info.application.toStdString());
    if (scenario.probeTag.isEmpty() || !service)
        return;
    store.create(
        pods,
        {{"metadata", {{"name", name}, {"namespace", ns}, {"labels", {{"purpose", "image-check"}}}}},
         {"spec",
          {{"containers",
            Json::array({{{"name", "check"}, {"image", catalogue.image(*service, scenario.probeTag.toStdString())}}})},
           {"restartPolicy", "Never"}}}});
}

QString Stage::waitsFor(const Scenario &scenario, const DrillLook &look) const
{
    for (const AppState::Workload &workload : look.state.workloads) {
        if (!workload.isComplete())
            return DrillsText::tr("%1 goes back to %2: %3 of %4 pods")
                .arg(workload.name, workload.tag)
                .arg(std::min(workload.updated, workload.available))
                .arg(workload.replicas);
    }
    if (look.isBad)
        return DrillsText::tr("Waiting until the metrics of %1 are as usual").arg(scenario.info.application);
    if (!scenario.probeTag.isEmpty()) {
        const ObjectStore &store = storeOf(scenario);
        const ObjectPtr probe = store.get(*store.type({}, "pods"), scenario.info.ns.toStdString(), probeName(scenario));
        if (!probe || (probe->json.find("ErrImagePull") == std::string::npos &&
                       probe->json.find("ImagePullBackOff") == std::string::npos))
            return DrillsText::tr("Waiting for the state of the registry");
    }
    return {};
}

void Stage::restoreHistory(const Scenario &scenario) const
{
    ObjectStore &store = storeOf(scenario);
    const ResourceType &sets = *store.type("apps", "replicasets");
    const ResourceType &deployments = *store.type("apps", "deployments");
    const std::string ns = scenario.info.ns.toStdString();
    for (const ObjectPtr &one : store.list(deployments, ns).objects) {
        const auto kept = m_kept.find(keyOf(scenario, one->name));
        if (kept == m_kept.end() || one->label(nameLabel) != scenario.info.application.toStdString())
            continue;
        std::map<int, std::string> numbered; // the newest last, or the controller would number it anew in between
        for (const ObjectPtr &set : store.list(sets, ns).objects) {
            const auto revision = kept->second.revisions.find(set->name);
            if (set->ownerUid != one->uid)
                continue;
            if (revision == kept->second.revisions.end())
                store.remove(sets, ns, set->name);
            else
                numbered[std::atoi(revision->second.c_str())] = set->name;
        }
        for (const auto &[revision, name] : numbered)
            store.modify(sets, ns, name, [number = revision](Json &tree) -> std::optional<Refusal> {
                tree["metadata"]["annotations"][revisionAnnotation] = std::to_string(number);
                return {};
            });
        store.modify(deployments, ns, one->name, [&](Json &tree) -> std::optional<Refusal> {
            tree["metadata"]["annotations"][revisionAnnotation] =
                annotation(kept->second.deployment, revisionAnnotation);
            return {};
        });
    }
}

bool Stage::holds(const Condition &condition, std::int64_t nowMs) const
{
    const auto outcome = m_engine.instant(condition.query, nowMs);
    if (const auto *error = std::get_if<QueryError>(&outcome)) {
        qCWarning(stageCategory).noquote() << QString::fromStdString(condition.query + ": " + error->message);
        return false;
    }
    return std::get<QueryResult>(outcome).series.empty() == condition.whenEmpty;
}

DrillLook Stage::look(const Scenario &scenario) const
{
    DrillLook look;
    look.nowMs = m_world.nowMs();
    look.isBad = holds(scenario.bad, look.nowMs);
    look.isSign = holds(scenario.sign, look.nowMs);
    look.state = readAppState(storeOf(scenario), scenario.info);
    return look;
}

} // namespace signalbox::drills
