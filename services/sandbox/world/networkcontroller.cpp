#include "services/sandbox/world/networkcontroller.h"

#include "services/sandbox/world/chance.h"
#include "services/sandbox/world/templates.h"

namespace signalbox::sandbox
{

namespace
{

const char routeController[] = "gateway.example.org/practice";

Json portsOf(const Json &service, bool isSlice)
{
    Json ports = Json::array();
    for (const Json &port : valueAt(service, "/spec/ports", Json::array())) {
        Json one = {{"port", port.contains("targetPort") && port["targetPort"].is_number()
                                 ? port["targetPort"]
                                 : port.value("port", Json(80))},
                    {"protocol", port.value("protocol", Json("TCP"))}};
        if (port.contains("name"))
            one["name"] = port["name"];
        else if (isSlice)
            one["name"] = "";
        ports.push_back(std::move(one));
    }
    return ports;
}

Json targetOf(const PodRecord &pod)
{
    return {{"kind", "Pod"}, {"namespace", pod.ns}, {"name", pod.name}, {"uid", pod.uid}};
}

void put(ClusterState &state, const ResourceType &type, Json object, const std::string &ns, const std::string &name)
{
    if (!state.store.get(type, ns, name)) {
        state.store.create(type, std::move(object));
        return;
    }
    state.store.modify(type, ns, name, [&object](Json &tree) -> std::optional<Refusal> {
        for (const char *part : {"endpoints", "ports", "subsets"}) {
            if (object.contains(part))
                tree[part] = object[part];
        }
        return {};
    });
}

Json sliceOf(const Json &service, const std::string &name, const std::vector<PodRecord *> &pods)
{
    Json endpoints = Json::array();
    for (const PodRecord *pod : pods) {
        if (pod->ip.empty())
            continue;
        endpoints.push_back({{"addresses", {pod->ip}},
                             {"conditions",
                              {{"ready", pod->isReady()},
                               {"serving", pod->life.stage == PodStage::Ready},
                               {"terminating", pod->isGoing}}},
                             {"nodeName", pod->node},
                             {"zone", pod->zone},
                             {"targetRef", targetOf(*pod)}});
    }
    return {{"metadata",
             {{"name", name},
              {"namespace", textAt(service, "/metadata/namespace")},
              {"labels",
               {{"kubernetes.io/service-name", textAt(service, "/metadata/name")},
                {"endpointslice.kubernetes.io/managed-by", "endpointslice-controller.k8s.io"}}},
              {"ownerReferences", ownedBy(service)}}},
            {"addressType", "IPv4"},
            {"ports", portsOf(service, true)},
            {"endpoints", endpoints}};
}

Json endpointsOf(const Json &service, const std::vector<PodRecord *> &pods)
{
    Json ready = Json::array();
    Json unready = Json::array();
    for (const PodRecord *pod : pods) {
        if (pod->ip.empty() || pod->isGoing)
            continue;
        (pod->isReady() ? ready : unready)
            .push_back({{"ip", pod->ip}, {"nodeName", pod->node}, {"targetRef", targetOf(*pod)}});
    }
    Json subset = {{"ports", portsOf(service, false)}};
    if (!ready.empty())
        subset["addresses"] = ready;
    if (!unready.empty())
        subset["notReadyAddresses"] = unready;
    Json made = {{"metadata",
                  {{"name", textAt(service, "/metadata/name")},
                   {"namespace", textAt(service, "/metadata/namespace")},
                   {"ownerReferences", ownedBy(service)}}}};
    made["subsets"] = ready.empty() && unready.empty() ? Json::array() : Json::array({subset});
    return made;
}

} // namespace

void reconcileEndpoints(ClusterState &state, const Key &key)
{
    const ObjectPtr object = state.store.get(*state.types.services, key.ns, key.name);
    if (!object)
        return;
    const Json service = object->tree();
    const Json selector = valueAt(service, "/spec/selector", Json::object());
    if (selector.empty())
        return;
    const auto pods = state.podsSelectedBy(key.ns, selector);
    const std::string sliceName = key.name + '-' + safeName(hashOf(object->uid), 5);
    put(state, *state.types.slices, sliceOf(service, sliceName, pods), key.ns, sliceName);
    put(state, *state.types.endpoints, endpointsOf(service, pods), key.ns, key.name);
}

void reconcileRoute(ClusterState &state, const Key &key)
{
    const ObjectPtr object = state.store.get(*state.types.routes, key.ns, key.name);
    if (!object)
        return;
    const Json route = object->tree();
    std::string missing;
    for (const Json &rule : valueAt(route, "/spec/rules", Json::array())) {
        for (const Json &backend : valueAt(rule, "/backendRefs", Json::array())) {
            const std::string name = textAt(backend, "/name");
            const std::string ns = backend.contains("namespace") ? textAt(backend, "/namespace") : key.ns;
            if (!state.store.get(*state.types.services, ns, name))
                missing = ns + '/' + name;
        }
    }
    const Json before = route.value("status", Json::object());
    // Other controllers' words about it are theirs; a route that names no gateway is nobody's.
    Json parents = Json::array();
    for (const Json &was : valueAt(before, "/parents", Json::array())) {
        if (textAt(was, "/controllerName") != routeController)
            parents.push_back(was);
    }
    for (const Json &parentRef : valueAt(route, "/spec/parentRefs", Json::array())) {
        Json parent = {{"controllerName", routeController}, {"parentRef", parentRef}, {"conditions", Json::array()}};
        for (const Json &was : valueAt(before, "/parents", Json::array())) {
            if (was.value("parentRef", Json()) == parentRef)
                parent["conditions"] = was.value("conditions", Json::array());
        }
        setCondition(parent, "Accepted", true, "Accepted", "Route is accepted", state.timeNow(), false);
        setCondition(parent, "ResolvedRefs", missing.empty(), missing.empty() ? "ResolvedRefs" : "BackendNotFound",
                     missing.empty() ? "All references are resolved" : "Service " + missing + " does not exist",
                     state.timeNow(), false);
        for (Json &condition : parent["conditions"])
            condition["observedGeneration"] = object->generation;
        parents.push_back(std::move(parent));
    }
    const Json status = {{"parents", parents}};
    if (status == before || (parents.empty() && before.empty()))
        return;
    state.store.modify(*state.types.routes, key.ns, key.name,
                       [&status](Json &tree) -> std::optional<Refusal> {
                           tree["status"] = status;
                           return {};
                       },
                       {.part = WriteOptions::Part::Status});
}

} // namespace signalbox::sandbox
