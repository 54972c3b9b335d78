// What is served (k8s.io/apimachinery/pkg/apis/meta/v1: APIGroupList, APIResourceList; kube-openapi's v3 index).
#include "services/sandbox/kube/apirequest.h"
#include "services/sandbox/kube/statusreply.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <set>

namespace signalbox::sandbox
{

using Json = nlohmann::json;

namespace
{

const char authorization[] = "authorization.k8s.io";
const char authentication[] = "authentication.k8s.io";
const char metrics[] = "metrics.k8s.io";

// group -> its versions
std::map<std::string, std::set<std::string>> groupsOf(const ObjectStore &store, const KubeApi::Options &options)
{
    std::map<std::string, std::set<std::string>> groups;
    for (const ResourceType *type : store.types()) {
        if (!type->group.empty())
            groups[type->group].insert(type->version);
    }
    groups[authorization].insert("v1");
    groups[authentication].insert("v1");
    if (options.hooks.usage)
        groups[metrics].insert("v1beta1");
    return groups;
}

Json groupJson(const std::string &group, const std::set<std::string> &versions)
{
    Json all = Json::array();
    for (auto at = versions.rbegin(); at != versions.rend(); ++at)
        all.push_back({{"groupVersion", group + '/' + *at}, {"version", *at}});
    return {{"name", group}, {"versions", all}, {"preferredVersion", all.front()}};
}

Json resourceJson(const ResourceType &type)
{
    Json one = {{"name", type.plural},
                {"singularName", ""},
                {"namespaced", type.isNamespaced},
                {"kind", type.kind},
                {"verbs", {"create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"}}};
    std::string singular = type.kind;
    std::transform(singular.begin(), singular.end(), singular.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; });
    one["singularName"] = singular;
    if (!type.shortNames.empty())
        one["shortNames"] = type.shortNames;
    if (!type.categories.empty())
        one["categories"] = type.categories;
    return one;
}

Json resourceList(const std::string &groupVersion, Json resources)
{
    return {{"kind", "APIResourceList"},
            {"apiVersion", "v1"},
            {"groupVersion", groupVersion},
            {"resources", std::move(resources)}};
}

Json created(const char *plural, const char *kind)
{
    return {{"name", plural}, {"singularName", ""}, {"namespaced", false}, {"kind", kind}, {"verbs", {"create"}}};
}

Json measured(const char *plural, const char *kind, bool isNamespaced)
{
    return {{"name", plural},
            {"singularName", ""},
            {"namespaced", isNamespaced},
            {"kind", kind},
            {"verbs", {"get", "list"}}};
}

std::optional<Json> resourcesOf(const ObjectStore &store, const KubeApi::Options &options, const std::string &group,
                                const std::string &version)
{
    Json resources = Json::array();
    for (const ResourceType *type : store.types()) {
        if (type->group != group || type->version != version)
            continue;
        Json one = resourceJson(*type);
        resources.push_back(one);
        const auto add = [&](const char *sub, const char *kind, std::vector<std::string> verbs) {
            resources.push_back({{"name", type->plural + '/' + sub},
                                 {"singularName", ""},
                                 {"namespaced", type->isNamespaced},
                                 {"kind", kind},
                                 {"verbs", verbs}});
        };
        if (type->hasStatus)
            add("status", type->kind.c_str(), {"get", "patch", "update"});
        if (type->hasScale) {
            add("scale", "Scale", {"get", "patch", "update"});
            resources.back()["group"] = "autoscaling";
            resources.back()["version"] = "v1";
        }
        if (type->kind == "Pod" && group.empty())
            add("log", "Pod", {"get"});
    }
    if (group == authorization) {
        resources.push_back(created("selfsubjectaccessreviews", "SelfSubjectAccessReview"));
        resources.push_back(created("selfsubjectrulesreviews", "SelfSubjectRulesReview"));
    } else if (group == authentication) {
        resources.push_back(created("selfsubjectreviews", "SelfSubjectReview"));
    } else if (group == metrics && options.hooks.usage) {
        resources.push_back(measured("nodes", "NodeMetrics", false));
        resources.push_back(measured("pods", "PodMetrics", true));
    }
    if (resources.empty())
        return {};
    return resources;
}

Json versionJson(const KubeApi::Options &options)
{
    const std::size_t dot = options.version.find('.');
    const std::size_t second = options.version.find('.', dot + 1);
    return {{"major", options.version.substr(0, dot)},
            {"minor", options.version.substr(dot + 1, second - dot - 1)},
            {"gitVersion", 'v' + options.version + "-signalbox"},
            {"gitCommit", ""},
            {"gitTreeState", "clean"},
            {"buildDate", "1970-01-01T00:00:00Z"},
            {"goVersion", ""},
            {"compiler", ""},
            {"platform", "sandbox"}};
}

// kubectl looks here whether a resource's PATCH takes fieldValidation and dryRun, and else refuses or validates itself.
Json openApi(const ObjectStore &store, const std::string &group, const std::string &version)
{
    Json paths = Json::object();
    const std::string root = group.empty() ? "/api/" + version : "/apis/" + group + '/' + version;
    for (const ResourceType *type : store.types()) {
        if (type->group != group || type->version != version)
            continue;
        const Json kind = {{"group", group}, {"version", version}, {"kind", type->kind}};
        Json parameters = Json::array();
        for (const char *name : {"dryRun", "fieldManager", "fieldValidation", "force"}) {
            const bool isFlag = name == std::string_view("force");
            parameters.push_back(
                {{"name", name}, {"in", "query"}, {"schema", {{"type", isFlag ? "boolean" : "string"}}}});
        }
        const Json responses = {{"200", {{"description", "OK"}}}};
        const std::string path =
            root + (type->isNamespaced ? "/namespaces/{namespace}/" : "/") + type->plural + "/{name}";
        paths[path]["patch"] = {{"x-kubernetes-group-version-kind", kind},
                                {"x-kubernetes-action", "patch"},
                                {"parameters", parameters},
                                {"responses", responses}};
    }
    return {{"openapi", "3.0.0"},
            {"info", {{"title", "Signalbox sandbox"}, {"version", "1"}}},
            {"paths", paths},
            {"components", {{"schemas", Json::object()}}}};
}

std::optional<LoopbackReply> openApiReply(const ObjectStore &store, const LoopbackRequest &request,
                                          const std::vector<std::string> &segments)
{
    // kubectl before 1.27 asks for this one before it applies anything. A document that describes nothing (of its two
    // encodings one is as short as can be) says that there is nothing to check against.
    if (segments.size() == 2 && segments[1] == "v2") {
        if (request.accept.find("protobuf") == std::string::npos)
            return jsonReply({{"swagger", "2.0"},
                              {"info", {{"title", "Signalbox sandbox"}, {"version", "1"}}},
                              {"paths", Json::object()}});
        LoopbackReply empty;
        empty.contentType = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";
        return empty;
    }
    if (segments.size() < 2 || segments[1] != "v3")
        return textReply("404 page not found\n", 404);
    if (segments.size() == 2) {
        Json paths = Json::object();
        for (const ResourceType *type : store.types()) {
            const std::string path = type->group.empty() ? "api/" + type->version : "apis/" + type->groupVersion();
            paths[path] = {{"serverRelativeURL", "/openapi/v3/" + path}};
        }
        return jsonReply({{"paths", paths}});
    }
    if (segments.size() == 4 && segments[2] == "api")
        return jsonReply(openApi(store, {}, segments[3]));
    if (segments.size() == 5 && segments[2] == "apis")
        return jsonReply(openApi(store, segments[3], segments[4]));
    return textReply("404 page not found\n", 404);
}

std::optional<LoopbackReply> groupsReply(const ObjectStore &store, const KubeApi::Options &options,
                                         const std::vector<std::string> &segments)
{
    const auto groups = groupsOf(store, options);
    if (segments.size() == 1) {
        Json all = Json::array();
        for (const auto &[group, versions] : groups)
            all.push_back(groupJson(group, versions));
        return jsonReply({{"kind", "APIGroupList"}, {"apiVersion", "v1"}, {"groups", all}});
    }
    const auto group = groups.find(segments[1]);
    if (segments.size() == 2) {
        if (group == groups.end())
            return textReply("404 page not found\n", 404);
        Json one = groupJson(group->first, group->second);
        one["kind"] = "APIGroup";
        one["apiVersion"] = "v1";
        return jsonReply(one);
    }
    if (segments.size() > 3)
        return {};
    const auto resources = resourcesOf(store, options, segments[1], segments[2]);
    if (!resources)
        return textReply("404 page not found\n", 404);
    return jsonReply(resourceList(segments[1] + '/' + segments[2], *resources));
}

} // namespace

std::optional<LoopbackReply> discoveryReply(const ObjectStore &store, const KubeApi::Options &options,
                                            const LoopbackRequest &request, const std::vector<std::string> &segments)
{
    if (segments.empty() || (request.method != "GET" && request.method != "HEAD"))
        return {};
    const std::string &first = segments[0];
    if (segments.size() == 1 && first == "version")
        return jsonReply(versionJson(options));
    if (first == "healthz" || first == "livez" || first == "readyz")
        return textReply("ok");
    if (first == "openapi")
        return openApiReply(store, request, segments);
    if (first == "api" && segments.size() == 1)
        return jsonReply(
            {{"kind", "APIVersions"}, {"versions", {"v1"}}, {"serverAddressByClientCIDRs", Json::array()}});
    if (first == "api" && segments.size() == 2 && segments[1] == "v1") {
        const auto resources = resourcesOf(store, options, {}, "v1");
        return jsonReply(resourceList("v1", resources.value_or(Json::array())));
    }
    if (first == "apis")
        return groupsReply(store, options, segments);
    return {};
}

} // namespace signalbox::sandbox
