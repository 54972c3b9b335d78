#include "services/sandbox/kube/defaults.h"

#include <nlohmann/json.hpp>

#include <string>

namespace signalbox::sandbox
{

using Json = nlohmann::json;

namespace
{

void fill(Json &object, const char *key, const Json &value)
{
    if (!object.contains(key) || object[key].is_null())
        object[key] = value;
}

// Always, for an image without a tag or with :latest; else IfNotPresent.
std::string pullPolicy(const std::string &image)
{
    if (image.find('@') != std::string::npos)
        return "IfNotPresent";
    const std::size_t colon = image.rfind(':');
    const std::size_t slash = image.rfind('/');
    const bool hasTag = colon != std::string::npos && (slash == std::string::npos || colon > slash);
    return !hasTag || image.substr(colon + 1) == "latest" ? "Always" : "IfNotPresent";
}

void fillProbe(Json &container, const char *key)
{
    if (!container.contains(key) || !container[key].is_object())
        return;
    Json &probe = container[key];
    fill(probe, "timeoutSeconds", 1);
    fill(probe, "periodSeconds", 10);
    fill(probe, "successThreshold", 1);
    fill(probe, "failureThreshold", 3);
    if (probe.contains("httpGet") && probe["httpGet"].is_object())
        fill(probe["httpGet"], "scheme", "HTTP");
}

void fillContainers(Json &spec, const char *key)
{
    if (!spec.contains(key) || !spec[key].is_array())
        return;
    for (Json &container : spec[key]) {
        if (!container.is_object())
            continue;
        if (container.contains("image") && container["image"].is_string())
            fill(container, "imagePullPolicy", pullPolicy(container["image"].get<std::string>()));
        fill(container, "resources", Json::object());
        fill(container, "terminationMessagePath", "/dev/termination-log");
        fill(container, "terminationMessagePolicy", "File");
        if (container.contains("ports") && container["ports"].is_array()) {
            for (Json &port : container["ports"]) {
                if (port.is_object())
                    fill(port, "protocol", "TCP");
            }
        }
        for (const char *probe : {"livenessProbe", "readinessProbe", "startupProbe"})
            fillProbe(container, probe);
    }
}

void fillPodSpec(Json &spec)
{
    if (!spec.is_object())
        return;
    fillContainers(spec, "containers");
    fillContainers(spec, "initContainers");
    fill(spec, "restartPolicy", "Always");
    fill(spec, "terminationGracePeriodSeconds", 30);
    fill(spec, "dnsPolicy", "ClusterFirst");
    fill(spec, "securityContext", Json::object());
    fill(spec, "schedulerName", "default-scheduler");
}

void fillTemplate(Json &spec)
{
    // Older clients send the null that Go writes for a time that is not set; a server of today leaves it out.
    if (spec.contains("template") && spec["template"].is_object() && spec["template"].contains("metadata")) {
        Json &metadata = spec["template"]["metadata"];
        if (metadata.is_object() && metadata.contains("creationTimestamp") && metadata["creationTimestamp"].is_null())
            metadata.erase("creationTimestamp");
    }
    if (spec.contains("template") && spec["template"].is_object() && spec["template"].contains("spec"))
        fillPodSpec(spec["template"]["spec"]);
}

void fillRolling(Json &spec, const char *key, const Json &rolling)
{
    fill(spec, key, Json::object());
    if (!spec[key].is_object())
        return;
    fill(spec[key], "type", "RollingUpdate");
    if (spec[key]["type"] != "RollingUpdate")
        return;
    fill(spec[key], "rollingUpdate", Json::object());
    if (!spec[key]["rollingUpdate"].is_object())
        return;
    for (const auto &[name, value] : rolling.items())
        fill(spec[key]["rollingUpdate"], name.c_str(), value);
}

void fillWorkload(const std::string &kind, Json &spec)
{
    fillTemplate(spec);
    if (kind != "DaemonSet")
        fill(spec, "replicas", 1);
    if (kind == "Deployment") {
        fillRolling(spec, "strategy", {{"maxUnavailable", "25%"}, {"maxSurge", "25%"}});
        fill(spec, "revisionHistoryLimit", 10);
        fill(spec, "progressDeadlineSeconds", 600);
    } else if (kind == "StatefulSet") {
        fillRolling(spec, "updateStrategy", {{"partition", 0}});
        fill(spec, "podManagementPolicy", "OrderedReady");
        fill(spec, "revisionHistoryLimit", 10);
    } else if (kind == "DaemonSet") {
        fillRolling(spec, "updateStrategy", {{"maxUnavailable", 1}, {"maxSurge", 0}});
        fill(spec, "revisionHistoryLimit", 10);
    }
}

void fillService(Json &spec)
{
    fill(spec, "type", "ClusterIP");
    fill(spec, "sessionAffinity", "None");
    if (!spec.contains("ports") || !spec["ports"].is_array())
        return;
    for (Json &port : spec["ports"]) {
        if (!port.is_object())
            continue;
        fill(port, "protocol", "TCP");
        if (port.contains("port"))
            fill(port, "targetPort", port["port"]);
    }
}

void fillRoute(Json &spec)
{
    if (!spec.contains("rules") || !spec["rules"].is_array())
        return;
    for (Json &rule : spec["rules"]) {
        if (!rule.is_object())
            continue;
        fill(rule, "matches", Json::array({{{"path", {{"type", "PathPrefix"}, {"value", "/"}}}}}));
        if (!rule.contains("backendRefs") || !rule["backendRefs"].is_array())
            continue;
        for (Json &backend : rule["backendRefs"]) {
            if (!backend.is_object())
                continue;
            fill(backend, "group", "");
            fill(backend, "kind", "Service");
            fill(backend, "weight", 1);
        }
    }
}

} // namespace

void applyDefaults(const ResourceType &type, Json &object)
{
    if (type.kind == "Namespace" && type.group.empty()) {
        fill(object, "spec", {{"finalizers", {"kubernetes"}}});
        fill(object, "status", {{"phase", "Active"}});
        if (object["metadata"].contains("name"))
            object["metadata"]["labels"]["kubernetes.io/metadata.name"] = object["metadata"]["name"];
        return;
    }
    if (!object.contains("spec") || !object["spec"].is_object())
        return;
    Json &spec = object["spec"];
    if (type.group == "apps")
        fillWorkload(type.kind, spec);
    else if (type.group.empty() && type.kind == "Pod")
        fillPodSpec(spec);
    else if (type.group.empty() && type.kind == "Service")
        fillService(spec);
    else if (type.kind == "HTTPRoute")
        fillRoute(spec);
    else if (type.kind == "HorizontalPodAutoscaler")
        fill(spec, "minReplicas", 1);
}

} // namespace signalbox::sandbox
