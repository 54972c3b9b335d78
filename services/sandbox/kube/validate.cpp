#include "services/sandbox/kube/defaults.h"
#include "services/sandbox/kube/members.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cctype>
#include <set>

namespace signalbox::sandbox
{

using Json = nlohmann::json;
using members::at;
using members::textAt;
using Causes = std::vector<Refusal::Cause>;

namespace
{

std::string indexed(const std::string &field, std::size_t index)
{
    return field + '[' + std::to_string(index) + ']';
}

bool isAlphanumeric(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

// RFC 1123: labels of [-a-z0-9] that begin and end with a letter or figure, parted by dots.
bool isSubdomain(const std::string &name)
{
    if (name.empty() || name.size() > 253)
        return false;
    char last = '.';
    for (const char c : name) {
        const bool isEdge = last == '.';
        if (!isAlphanumeric(c) && (isEdge || (c != '-' && c != '.')))
            return false;
        if (c == '.' && last == '-')
            return false;
        last = c;
    }
    return isAlphanumeric(last);
}

void checkContainers(const Json &spec, const std::string &field, Causes &causes)
{
    const Json &containers = at(spec, "containers");
    if (!containers.is_array() || containers.empty()) {
        causes.push_back(requiredValue(field + ".containers"));
        return;
    }
    std::set<std::string> names;
    for (std::size_t i = 0; i < containers.size(); ++i) {
        const std::string one = indexed(field + ".containers", i);
        const std::string name = textAt(containers[i], "name");
        if (name.empty())
            causes.push_back(requiredValue(one + ".name"));
        else if (!names.insert(name).second)
            causes.push_back(duplicateValue(one + ".name", '"' + name + '"'));
        if (textAt(containers[i], "image").empty())
            causes.push_back(requiredValue(one + ".image"));
    }
}

bool matches(const Json &selector, const Json &labels)
{
    for (const auto &[key, value] : at(selector, "matchLabels").items()) {
        if (at(labels, key.c_str()) != value)
            return false;
    }
    return true;
}

void checkReplicas(const Json &spec, Causes &causes)
{
    const Json &replicas = at(spec, "replicas");
    if (replicas.is_number() && replicas.get<double>() < 0)
        causes.push_back(invalidValue("spec.replicas", replicas.dump(), "must be greater than or equal to 0"));
}

void checkWorkload(const Json *before, const Json &object, Causes &causes)
{
    const Json &spec = at(object, "spec");
    checkReplicas(spec, causes);
    const Json &selector = at(spec, "selector");
    const Json &labels = at(at(at(spec, "template"), "metadata"), "labels");
    const bool isEmpty =
        !selector.is_object() || (at(selector, "matchLabels").empty() && at(selector, "matchExpressions").empty());
    if (!selector.is_object())
        causes.push_back(requiredValue("spec.selector"));
    else if (isEmpty)
        causes.push_back(invalidValue("spec.selector", "{}", "empty selector is invalid for deployment"));
    else if (!matches(selector, labels))
        causes.push_back(invalidValue("spec.template.metadata.labels", labels.is_null() ? "null" : labels.dump(),
                                      "`selector` does not match template `labels`"));
    checkContainers(at(at(spec, "template"), "spec"), "spec.template.spec", causes);
    if (before && at(at(*before, "spec"), "selector") != selector)
        causes.push_back(invalidValue("spec.selector", selector.dump(), "field is immutable"));
}

void checkPod(const Json *before, const Json &object, Causes &causes)
{
    const Json &spec = at(object, "spec");
    checkContainers(spec, "spec", causes);
    if (!before)
        return;
    // Only images, the deadline and tolerations of a pod can change.
    const auto comparable = [](Json pod) {
        for (const char *list : {"containers", "initContainers"}) {
            if (!pod.is_object() || !pod.contains(list) || !pod[list].is_array())
                continue;
            for (Json &container : pod[list]) {
                if (container.is_object())
                    container.erase("image");
            }
        }
        if (pod.is_object()) {
            pod.erase("tolerations");
            pod.erase("activeDeadlineSeconds");
        }
        return pod;
    };
    if (comparable(at(*before, "spec")) != comparable(spec)) {
        causes.push_back({"FieldValueForbidden",
                          "Forbidden: pod updates may not change fields other than `spec.containers[*].image`, "
                          "`spec.initContainers[*].image`, `spec.activeDeadlineSeconds` or `spec.tolerations` (only "
                          "additions to existing tolerations)",
                          "spec"});
    }
}

void checkService(const Json &object, Causes &causes)
{
    const Json &spec = at(object, "spec");
    const Json &ports = at(spec, "ports");
    if (!ports.is_array() || ports.empty()) {
        if (textAt(spec, "type") != "ExternalName" && textAt(spec, "clusterIP") != "None")
            causes.push_back(requiredValue("spec.ports"));
        return;
    }
    for (std::size_t i = 0; i < ports.size(); ++i) {
        const Json &port = at(ports[i], "port");
        if (!port.is_number() || port.get<double>() < 1 || port.get<double>() > 65535) {
            causes.push_back(invalidValue(indexed("spec.ports", i) + ".port", port.is_null() ? "0" : port.dump(),
                                          "must be between 1 and 65535, inclusive"));
        }
    }
}

void checkRoute(const Json &object, Causes &causes)
{
    const Json &rules = at(at(object, "spec"), "rules");
    for (std::size_t r = 0; rules.is_array() && r < rules.size(); ++r) {
        const Json &backends = at(rules[r], "backendRefs");
        for (std::size_t b = 0; backends.is_array() && b < backends.size(); ++b) {
            const std::string field = indexed(indexed("spec.rules", r) + ".backendRefs", b);
            const Json &weight = at(backends[b], "weight");
            if (weight.is_number() && weight.get<double>() < 0)
                causes.push_back(invalidValue(field + ".weight", weight.dump(),
                                              field + ".weight in body should be greater than or equal to 0"));
            else if (weight.is_number() && weight.get<double>() > 1'000'000)
                causes.push_back(invalidValue(field + ".weight", weight.dump(),
                                              field + ".weight in body should be less than or equal to 1e+06"));
            if (textAt(backends[b], "name").empty())
                causes.push_back(requiredValue(field + ".name"));
        }
    }
}

void checkAutoscaler(const Json &object, Causes &causes)
{
    const Json &spec = at(object, "spec");
    const Json &most = at(spec, "maxReplicas");
    const Json &least = at(spec, "minReplicas");
    if (!most.is_number() || most.get<double>() < 1)
        causes.push_back(
            invalidValue("spec.maxReplicas", most.is_null() ? "0" : most.dump(), "must be greater than 0"));
    else if (least.is_number() && least.get<double>() > most.get<double>())
        causes.push_back(
            invalidValue("spec.maxReplicas", most.dump(), "must be greater than or equal to `minReplicas`"));
}

} // namespace

std::optional<Refusal> validate(const ResourceType &type, const Json *before, const Json &object)
{
    Causes causes;
    const std::string name = textAt(at(object, "metadata"), "name");
    if (!before && !isSubdomain(name)) {
        causes.push_back(invalidValue(
            "metadata.name", '"' + name + '"',
            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must "
            "start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
            "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"));
    }
    const bool isWorkload = type.group == "apps" && type.kind != "ControllerRevision";
    if (isWorkload)
        checkWorkload(before, object, causes);
    else if (type.group.empty() && type.kind == "Pod")
        checkPod(before, object, causes);
    else if (type.group.empty() && type.kind == "Service")
        checkService(object, causes);
    else if (type.kind == "HTTPRoute")
        checkRoute(object, causes);
    else if (type.kind == "HorizontalPodAutoscaler")
        checkAutoscaler(object, causes);
    if (causes.empty())
        return {};
    return invalid(type.group, type.kind, name, std::move(causes));
}

namespace
{

enum class Is { Number, Boolean, Text, Object, Array, TextMap };

struct Typed
{
    const char *kind; // "*": any
    const char *pointer;
    Is is;
    const char *goType;
};

const Typed typedFields[] = {
    {"*", "/metadata", Is::Object, "v1.ObjectMeta"},
    {"*", "/metadata/name", Is::Text, "string"},
    {"*", "/metadata/namespace", Is::Text, "string"},
    {"*", "/metadata/resourceVersion", Is::Text, "string"},
    {"*", "/metadata/uid", Is::Text, "types.UID"},
    {"*", "/metadata/labels", Is::TextMap, "string"},
    {"*", "/metadata/annotations", Is::TextMap, "string"},
    {"*", "/spec", Is::Object, "Spec"},
    {"Deployment", "/spec/paused", Is::Boolean, "bool"},
    {"Deployment", "/spec/strategy", Is::Object, "v1.DeploymentStrategy"},
    {"Deployment", "/spec/progressDeadlineSeconds", Is::Number, "int32"},
    {"Deployment", "/spec/minReadySeconds", Is::Number, "int32"},
    {"*", "/spec/replicas", Is::Number, "int32"},
    {"*", "/spec/minReplicas", Is::Number, "int32"},
    {"*", "/spec/maxReplicas", Is::Number, "int32"},
    {"*", "/spec/template", Is::Object, "v1.PodTemplateSpec"},
    {"*", "/spec/template/metadata", Is::Object, "v1.ObjectMeta"},
    {"*", "/spec/template/metadata/labels", Is::TextMap, "string"},
    {"*", "/spec/template/metadata/annotations", Is::TextMap, "string"},
    {"*", "/spec/template/spec", Is::Object, "v1.PodSpec"},
    {"*", "/spec/template/spec/containers", Is::Array, "[]v1.Container"},
    {"Service", "/spec/selector", Is::TextMap, "string"},
    {"Service", "/spec/ports", Is::Array, "[]v1.ServicePort"},
    {"Pod", "/spec/containers", Is::Array, "[]v1.Container"},
    {"Lease", "/spec/holderIdentity", Is::Text, "string"},
    {"Lease", "/spec/leaseDurationSeconds", Is::Number, "int32"},
    {"HTTPRoute", "/spec/rules", Is::Array, "array"},
};

bool hasType(const Json &value, Is is)
{
    switch (is) {
    case Is::Number:
        return value.is_number_integer();
    case Is::Boolean:
        return value.is_boolean();
    case Is::Text:
        return value.is_string();
    case Is::Object:
        return value.is_object();
    case Is::Array:
        return value.is_array();
    case Is::TextMap:
        return value.is_object() &&
               std::all_of(value.begin(), value.end(), [](const Json &one) { return one.is_string(); });
    }
    return true;
}

} // namespace

std::optional<std::string> wrongType(const ResourceType &type, const Json &object)
{
    if (!object.is_object())
        return "cannot unmarshal " + std::string(object.type_name()) + " into Go value of type " + type.kind;
    for (const Typed &field : typedFields) {
        if (field.kind != std::string_view("*") && type.kind != field.kind)
            continue;
        const Json::json_pointer pointer(field.pointer);
        // contains() throws on no pointer of ours: none has a figure for an array.
        if (!object.contains(pointer) || object.at(pointer).is_null() || hasType(object.at(pointer), field.is))
            continue;
        std::string path = field.pointer;
        std::replace(path.begin(), path.end(), '/', '.');
        return "json: cannot unmarshal " + std::string(object.at(pointer).type_name()) + " into Go struct field " +
               type.kind + path + " of type " + field.goType;
    }
    return {};
}

} // namespace signalbox::sandbox
