// Create, update, patch and delete (k8s.io/apiserver/pkg/endpoints/handlers/{create,update,patch,delete}.go).
#include "services/sandbox/kube/apirequest.h"
#include "services/sandbox/kube/customtypes.h"
#include "services/sandbox/kube/defaults.h"
#include "services/sandbox/kube/members.h"
#include "services/sandbox/kube/statusreply.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace signalbox::sandbox
{

using Json = nlohmann::json;
using members::at;
using members::textAt;

namespace
{

LoopbackReply written(const ApiCall &call, const StoreResult &result, int status)
{
    if (!result)
        return refusedReply(*result.refusal);
    LoopbackReply reply;
    reply.status = status;
    reply.contentType = contentTypeOf(call.shape);
    reply.body = shapedObject(call.type, *result.object, call.shape, call.store.nowMs()) + '\n';
    return reply;
}

bool isJsonBody(const LoopbackRequest &request)
{
    const std::string media = request.contentType.substr(0, request.contentType.find(';'));
    return media.empty() || media == "application/json";
}

// The object in the body, of the right kind and place.
std::variant<Json, Refusal> bodyOf(const ApiCall &call)
{
    if (!isJsonBody(call.request))
        return unsupportedMediaType("application/json");
    Json body = Json::parse(call.request.body, nullptr, false);
    const std::string &kind = call.type.kind;
    const std::string &version = call.type.version;
    const auto unfit = [&](const std::string &why) {
        return badRequest(kind + " in version \"" + version + "\" cannot be handled as a " + kind + ": " + why);
    };
    if (body.is_discarded() || !body.is_object())
        return badRequest("couldn't get version/kind; json parse error: the body is no JSON object");
    const std::string bodyKind = textAt(body, "kind");
    const std::string bodyVersion = textAt(body, "apiVersion");
    if (!bodyKind.empty() && bodyKind != kind)
        return badRequest(bodyKind + " in version \"" + version + "\" cannot be handled as a " + kind);
    if (!bodyVersion.empty() && bodyVersion != call.type.groupVersion()) {
        return badRequest("the API version in the data (" + bodyVersion +
                          ") does not match the expected API version (" + call.type.groupVersion() + ")");
    }
    if (auto wrong = wrongType(call.type, body))
        return unfit(*wrong);
    if (at(body, "metadata").is_null())
        body["metadata"] = Json::object();
    const std::string ns = textAt(body["metadata"], "namespace");
    if (call.type.isNamespaced && !ns.empty() && ns != call.path.ns)
        return badRequest("the namespace of the provided object does not match the namespace sent on the request");
    if (call.type.isNamespaced)
        body["metadata"]["namespace"] = call.path.ns;
    return body;
}

bool createsOnUpdate(const ResourceType &type)
{
    return type.kind == "Lease" || (type.group.empty() && (type.kind == "Service" || type.kind == "Endpoints"));
}

bool needsVersion(const ResourceType &type)
{
    return type.kind == "Lease" || !type.isBuiltIn;
}

LoopbackReply create(const ApiCall &call, bool isDry)
{
    auto body = bodyOf(call);
    if (const auto *refusal = std::get_if<Refusal>(&body))
        return refusedReply(*refusal);
    const WriteOptions options{WriteOptions::Part::Main, isDry, false};
    const StoreResult made = call.store.create(call.type, std::move(std::get<Json>(body)), options);
    if (made && !isDry && call.type.kind == "CustomResourceDefinition" && call.type.group == "apiextensions.k8s.io")
        establish(call.store, made.object);
    return written(call, made, 201);
}

LoopbackReply update(const ApiCall &call, bool isDry)
{
    auto body = bodyOf(call);
    if (const auto *refusal = std::get_if<Refusal>(&body))
        return refusedReply(*refusal);
    Json object = std::move(std::get<Json>(body));
    const std::string name = textAt(object["metadata"], "name");
    if (name.empty())
        object["metadata"]["name"] = call.path.name;
    else if (name != call.path.name) {
        return refusedReply(badRequest("the name of the object (" + name + ") does not match the name on the URL (" +
                                       call.path.name + ")"));
    }
    const bool isStatus = call.path.sub == "status";
    const WriteOptions options{isStatus ? WriteOptions::Part::Status : WriteOptions::Part::Main, isDry, false};
    if (!call.store.get(call.type, call.path.ns, call.path.name) && createsOnUpdate(call.type) && !isStatus)
        return written(call, call.store.create(call.type, std::move(object), options), 201);
    if (needsVersion(call.type) && textAt(object["metadata"], "resourceVersion").empty() &&
        call.store.get(call.type, call.path.ns, call.path.name)) {
        return refusedReply(
            invalid(call.type.group, call.type.plural, call.path.name,
                    {invalidValue("metadata.resourceVersion", "0x0", "must be specified for an update")}));
    }
    return written(call, call.store.update(call.type, std::move(object), options), 200);
}

LoopbackReply patch(const ApiCall &call, bool isDry)
{
    const bool isStatus = call.path.sub == "status";
    const WriteOptions options{isStatus ? WriteOptions::Part::Status : WriteOptions::Part::Main, isDry, false};
    const auto edit = [&call](Json &object) -> std::optional<Refusal> {
        if (auto refusal = applyRequestPatch(call.request, call.type, object))
            return refusal;
        const Json &metadata = at(object, "metadata");
        if (auto wrong = wrongType(call.type, object)) {
            return invalid({}, {}, {}, {invalidValue("patch", "the patched object", *wrong)});
        }
        if (textAt(metadata, "name") != call.path.name) {
            return badRequest("the name of the object (" + textAt(metadata, "name") +
                              ") does not match the name on the URL (" + call.path.name + ")");
        }
        return {};
    };
    return written(call, call.store.modify(call.type, call.path.ns, call.path.name, edit, options), 200);
}

struct Removal
{
    RemoveOptions options;
    std::optional<Refusal> refusal;
};

Removal removalOf(const ApiCall &call)
{
    Removal removal;
    const Json body = call.request.body.empty() ? Json::object() : Json::parse(call.request.body, nullptr, false);
    if (!body.is_object()) {
        removal.refusal = unexpected("couldn't get version/kind; json parse error: the body is no JSON object");
        return removal;
    }
    const Json &preconditions = at(body, "preconditions");
    removal.options.uid = textAt(preconditions, "uid");
    removal.options.version = textAt(preconditions, "resourceVersion");
    if (at(body, "gracePeriodSeconds").is_number_integer())
        removal.options.graceSeconds = body["gracePeriodSeconds"].get<int>();
    else if (const std::string grace = call.request.value("gracePeriodSeconds");
             !grace.empty() && grace.find_first_not_of("0123456789") == std::string::npos && grace.size() < 9)
        removal.options.graceSeconds = std::stoi(grace);
    std::string propagation = textAt(body, "propagationPolicy");
    if (propagation.empty())
        propagation = call.request.value("propagationPolicy");
    removal.options.isOrphaning = propagation == "Orphan";
    const auto isDry = dryRunOf(call.request, "DeleteOptions");
    if (const auto *refusal = std::get_if<Refusal>(&isDry)) {
        removal.refusal = *refusal;
        return removal;
    }
    const Json &dry = at(body, "dryRun");
    const bool isDryBody = dry.is_array() && std::find(dry.begin(), dry.end(), Json("All")) != dry.end();
    removal.options.isDryRun = std::get<bool>(isDry) || isDryBody;
    return removal;
}

LoopbackReply remove(const ApiCall &call)
{
    const Removal removal = removalOf(call);
    if (removal.refusal)
        return refusedReply(*removal.refusal);
    const StoreResult result = call.store.remove(call.type, call.path.ns, call.path.name, removal.options);
    if (!result)
        return refusedReply(*result.refusal);
    // Pods and what is only marked come back whole, the rest as a Status.
    if (call.type.graceSeconds > 0 || result.object->isGoing)
        return written(call, result, 200);
    Json details = {{"name", result.object->name}, {"kind", call.type.plural}, {"uid", result.object->uid}};
    if (!call.type.group.empty())
        details["group"] = call.type.group;
    return jsonReply({{"kind", "Status"},
                      {"apiVersion", "v1"},
                      {"metadata", Json::object()},
                      {"status", "Success"},
                      {"details", details}});
}

LoopbackReply removeAll(const ApiCall &call)
{
    const Removal removal = removalOf(call);
    if (removal.refusal)
        return refusedReply(*removal.refusal);
    std::string problem;
    const auto selection =
        Selection::parse(call.type, call.request.value("labelSelector"), call.request.value("fieldSelector"), problem);
    if (!selection)
        return refusedReply(badRequest(problem));
    Json gone = Json::array();
    for (const ObjectPtr &object : call.store.list(call.type, call.path.ns).objects) {
        if (!selection->matches(*object))
            continue;
        const StoreResult result = call.store.remove(call.type, object->ns, object->name, removal.options);
        if (result)
            gone.push_back(result.object->tree());
    }
    return jsonReply({{"kind", call.type.kind + "List"},
                      {"apiVersion", call.type.groupVersion()},
                      {"metadata", {{"resourceVersion", std::to_string(call.store.version())}}},
                      {"items", gone}});
}

} // namespace

LoopbackReply writeReply(const ApiCall &call)
{
    const std::string &method = call.request.method;
    if (method == "DELETE")
        return call.path.name.empty() ? removeAll(call) : remove(call);
    const auto isDry = dryRunOf(call.request, method == "POST"  ? "CreateOptions"
                                              : method == "PUT" ? "UpdateOptions"
                                                                : "PatchOptions");
    if (const auto *refusal = std::get_if<Refusal>(&isDry))
        return refusedReply(*refusal);
    if (method == "POST")
        return create(call, std::get<bool>(isDry));
    if (method == "PUT")
        return update(call, std::get<bool>(isDry));
    if (method == "PATCH")
        return patch(call, std::get<bool>(isDry));
    return refusedReply(methodNotAllowed());
}

namespace
{

Json scaleOf(const ResourceType &type, const StoredObject &object)
{
    const Json tree = object.tree();
    const Json &metadata = at(tree, "metadata");
    Json scale = {{"kind", "Scale"},
                  {"apiVersion", "autoscaling/v1"},
                  {"metadata",
                   {{"name", object.name},
                    {"namespace", object.ns},
                    {"uid", object.uid},
                    {"resourceVersion", std::to_string(object.version)},
                    {"creationTimestamp", at(metadata, "creationTimestamp")}}},
                  {"spec", Json::object()},
                  {"status", {{"replicas", 0}}}};
    const Json &wanted = at(at(tree, "spec"), "replicas");
    scale["spec"]["replicas"] = wanted.is_number_integer() ? wanted : Json(type.isBuiltIn ? 1 : 0);
    const Json &there = at(at(tree, "status"), "replicas");
    if (there.is_number_integer())
        scale["status"]["replicas"] = there;
    const std::string selector = selectorText(at(at(tree, "spec"), "selector"));
    if (!selector.empty())
        scale["status"]["selector"] = selector;
    return scale;
}

} // namespace

LoopbackReply scaleReply(const ApiCall &call)
{
    const std::string &method = call.request.method;
    if (method != "GET" && method != "PUT" && method != "PATCH")
        return refusedReply(methodNotAllowed());
    const ObjectPtr there = call.store.get(call.type, call.path.ns, call.path.name);
    if (!there)
        return refusedReply(notFound(call.type.group, call.type.plural + "/scale", call.path.name));
    if (method == "GET")
        return jsonReply(scaleOf(call.type, *there));
    const auto isDry = dryRunOf(call.request, method == "PUT" ? "UpdateOptions" : "PatchOptions");
    if (const auto *refusal = std::get_if<Refusal>(&isDry))
        return refusedReply(*refusal);
    if (method == "PUT" && !isJsonBody(call.request))
        return refusedReply(unsupportedMediaType("application/json"));
    ResourceType scaleType;
    scaleType.group = "autoscaling";
    scaleType.version = "v1";
    scaleType.kind = "Scale";
    const auto edit = [&](Json &object) -> std::optional<Refusal> {
        StoredObject now = *there;
        now.json = object.dump();
        now.version = std::stoull(textAt(object["metadata"], "resourceVersion"));
        Json scale = scaleOf(call.type, now);
        if (method == "PUT")
            scale = Json::parse(call.request.body, nullptr, false);
        else if (auto refusal = applyRequestPatch(call.request, scaleType, scale))
            return refusal;
        if (!scale.is_object())
            return badRequest("couldn't get version/kind; json parse error: the body is no JSON object");
        if (auto wrong = wrongType(scaleType, scale)) {
            return method == "PUT" ? badRequest("Scale in version \"v1\" cannot be handled as a Scale: " + *wrong)
                                   : invalid({}, {}, {}, {invalidValue("patch", "the patched object", *wrong)});
        }
        const std::string version = textAt(at(scale, "metadata"), "resourceVersion");
        const std::string uid = textAt(at(scale, "metadata"), "uid");
        if (!version.empty() && version != std::to_string(now.version))
            return staleVersion(call.type.group, call.type.plural, call.path.name);
        if (!uid.empty() && uid != now.uid) {
            return conflict(call.type.group, call.type.plural, call.path.name,
                            "Precondition failed: UID in precondition: " + uid + ", UID in object meta: " + now.uid);
        }
        const Json &replicas = at(at(scale, "spec"), "replicas");
        const std::int64_t wanted = replicas.is_number_integer() ? replicas.get<std::int64_t>() : 0;
        if (wanted < 0) {
            return invalid(
                "autoscaling", "Scale", call.path.name,
                {invalidValue("spec.replicas", std::to_string(wanted), "must be greater than or equal to 0")});
        }
        object["spec"]["replicas"] = wanted;
        return {};
    };
    const StoreResult result = call.store.modify(call.type, call.path.ns, call.path.name, edit,
                                                 {WriteOptions::Part::Main, std::get<bool>(isDry), false});
    return result ? jsonReply(scaleOf(call.type, *result.object)) : refusedReply(*result.refusal);
}

} // namespace signalbox::sandbox
