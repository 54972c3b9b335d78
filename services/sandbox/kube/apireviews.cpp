// Questions about rights and resource usage (k8s.io/api/authorization/v1, k8s.io/metrics).
#include "services/sandbox/kube/apirequest.h"
#include "services/sandbox/kube/statusreply.h"

#include <nlohmann/json.hpp>

#include <cmath>

namespace signalbox::sandbox
{

using Json = nlohmann::json;

namespace
{

Json reviewOf(const Json &body, const char *kind, const char *group)
{
    Json review = {{"kind", kind}, {"apiVersion", std::string(group) + "/v1"}, {"metadata", Json::object()}};
    if (body.contains("spec"))
        review["spec"] = body["spec"];
    return review;
}

LoopbackReply accessReview(const KubeApi::Options &options, const Json &body)
{
    const Json spec = body.value("spec", Json::object());
    const bool isResource = spec.is_object() && spec.value("resourceAttributes", Json()).is_object();
    const bool isPath = spec.is_object() && spec.value("nonResourceAttributes", Json()).is_object();
    if (isResource == isPath) {
        return refusedReply(
            invalid("authorization.k8s.io", {}, {},
                    {isPath ? invalidValue("spec.nonResourceAttributes", "{}",
                                           "cannot be specified in combination with resourceAttributes")
                            : invalidValue("spec.resourceAttributes", "null",
                                           "exactly one of nonResourceAttributes or resourceAttributes must be "
                                           "specified")}));
    }
    Json review = reviewOf(body, "SelfSubjectAccessReview", "authorization.k8s.io");
    AccessAnswer answer;
    if (isResource && options.hooks.access) {
        const Json &asked = spec["resourceAttributes"];
        const auto text = [&](const char *key) { return asked.value(key, std::string()); };
        answer = options.hooks.access(
            {text("verb"), text("group"), text("resource"), text("subresource"), text("namespace"), text("name")});
    }
    review["status"] = {{"allowed", answer.isAllowed}};
    if (!answer.reason.empty())
        review["status"]["reason"] = answer.reason;
    return jsonReply(review, 201);
}

LoopbackReply rulesReview(const ObjectStore &store, const KubeApi::Options &options, const Json &body)
{
    Json review = reviewOf(body, "SelfSubjectRulesReview", "authorization.k8s.io");
    const Json spec = body.value("spec", Json::object());
    const std::string ns = spec.is_object() ? spec.value("namespace", std::string()) : std::string();
    if (ns.empty())
        return refusedReply(badRequest("no namespace on request"));
    Json rules = Json::array();
    if (!options.hooks.access) {
        rules.push_back({{"verbs", {"*"}}, {"apiGroups", {"*"}}, {"resources", {"*"}}});
    } else {
        for (const ResourceType *type : store.types()) {
            Json verbs = Json::array();
            for (const char *verb : {"get", "list", "watch", "create", "update", "patch", "delete"}) {
                if (options.hooks.access({verb, type->group, type->plural, {}, ns, {}}).isAllowed)
                    verbs.push_back(verb);
            }
            if (!verbs.empty())
                rules.push_back({{"verbs", verbs}, {"apiGroups", {type->group}}, {"resources", {type->plural}}});
        }
    }
    review["status"] = {{"resourceRules", rules},
                        {"nonResourceRules", Json::array({{{"verbs", {"*"}}, {"nonResourceURLs", {"*"}}}})},
                        {"incomplete", false}};
    return jsonReply(review, 201);
}

Json amounts(const SandboxUsage::Container &container)
{
    return {{"cpu", std::to_string(std::llround(container.cores * 1e9)) + 'n'},
            {"memory", std::to_string(container.bytes / 1024) + "Ki"}};
}

Json usageItem(const StoredObject &object, const SandboxUsage &usage, std::int64_t now)
{
    Json item = {{"kind", object.ns.empty() ? "NodeMetrics" : "PodMetrics"},
                 {"apiVersion", "metrics.k8s.io/v1beta1"},
                 {"metadata", {{"name", object.name}, {"creationTimestamp", timestamp(now)}}},
                 {"timestamp", timestamp(now)},
                 {"window", "30s"}};
    for (const auto &[name, value] : object.labels)
        item["metadata"]["labels"][name] = value;
    if (object.ns.empty()) {
        SandboxUsage::Container all;
        for (const SandboxUsage::Container &one : usage.containers) {
            all.cores += one.cores;
            all.bytes += one.bytes;
        }
        item["usage"] = amounts(all);
        return item;
    }
    item["metadata"]["namespace"] = object.ns;
    item["containers"] = Json::array();
    for (const SandboxUsage::Container &one : usage.containers)
        item["containers"].push_back({{"name", one.name}, {"usage", amounts(one)}});
    return item;
}

} // namespace

std::optional<LoopbackReply> reviewReply(const ObjectStore &store, const KubeApi::Options &options,
                                         const LoopbackRequest &request, const std::vector<std::string> &segments)
{
    if (segments.size() != 4 || segments[0] != "apis" || segments[2] != "v1")
        return {};
    const bool isAccess = segments[1] == "authorization.k8s.io" && segments[3] == "selfsubjectaccessreviews";
    const bool isRules = segments[1] == "authorization.k8s.io" && segments[3] == "selfsubjectrulesreviews";
    const bool isSelf = segments[1] == "authentication.k8s.io" && segments[3] == "selfsubjectreviews";
    if (!isAccess && !isRules && !isSelf)
        return {};
    if (request.method != "POST")
        return refusedReply(methodNotAllowed());
    const std::string media = request.contentType.substr(0, request.contentType.find(';'));
    if (!media.empty() && media != "application/json")
        return refusedReply(unsupportedMediaType("application/json"));
    const Json body = Json::parse(request.body, nullptr, false);
    if (!body.is_object())
        return refusedReply(badRequest("couldn't get version/kind; json parse error: the body is no JSON object"));
    if (isAccess)
        return accessReview(options, body);
    if (isRules)
        return rulesReview(store, options, body);
    Json review = reviewOf(body, "SelfSubjectReview", "authentication.k8s.io");
    review["status"] = {{"userInfo", {{"username", options.user}, {"groups", {"system:authenticated"}}}}};
    return jsonReply(review, 201);
}

std::optional<LoopbackReply> usageReply(const ObjectStore &store, const KubeApi::Options &options,
                                        const LoopbackRequest &request, const std::vector<std::string> &segments)
{
    if (segments.size() < 4 || segments[0] != "apis" || segments[1] != "metrics.k8s.io" || !options.hooks.usage)
        return {};
    const auto path = apiPathOf({segments.begin() + 1, segments.end()}, false);
    const bool isNodes = path && path->plural == "nodes";
    const ResourceType *type = path ? store.type({}, path->plural) : nullptr;
    if (!type || (!isNodes && path->plural != "pods") || !path->sub.empty() || path->version != "v1beta1")
        return refusedReply(noSuchResource());
    if (request.method != "GET")
        return refusedReply(methodNotAllowed());
    const std::int64_t now = store.nowMs();
    if (!path->name.empty()) {
        const ObjectPtr object = store.get(*type, path->ns, path->name);
        const auto usage = object ? options.hooks.usage(object->ns, object->name) : std::nullopt;
        if (!usage)
            return refusedReply(notFound("metrics.k8s.io", path->plural, path->name));
        return jsonReply(usageItem(*object, *usage, now));
    }
    std::string problem;
    const auto selection =
        Selection::parse(*type, request.value("labelSelector"), request.value("fieldSelector"), problem);
    if (!selection)
        return refusedReply(badRequest(problem));
    Json items = Json::array();
    for (const ObjectPtr &object : store.list(*type, path->ns).objects) {
        if (!selection->matches(*object))
            continue;
        if (const auto usage = options.hooks.usage(object->ns, object->name))
            items.push_back(usageItem(*object, *usage, now));
    }
    return jsonReply({{"kind", isNodes ? "NodeMetricsList" : "PodMetricsList"},
                      {"apiVersion", "metrics.k8s.io/v1beta1"},
                      {"metadata", Json::object()},
                      {"items", items}});
}

} // namespace signalbox::sandbox
