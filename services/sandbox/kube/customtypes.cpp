#include "services/sandbox/kube/customtypes.h"

#include <nlohmann/json.hpp>

namespace signalbox::sandbox
{

using Json = nlohmann::json;

namespace
{

// "v1", not "v1beta1"
bool isStable(const std::string &version)
{
    return version.size() > 1 && version.find_first_not_of("0123456789", 1) == std::string::npos;
}

Json conditionOf(const char *type, const char *reason, const char *message, const std::string &now)
{
    return {{"type", type}, {"status", "True"}, {"reason", reason}, {"message", message}, {"lastTransitionTime", now}};
}

} // namespace

std::optional<ResourceType> typeOfDefinition(const Json &definition)
{
    try {
        const Json &spec = definition.at("spec");
        const Json &names = spec.at("names");
        const Json *chosen = nullptr;
        for (const Json &version : spec.at("versions")) {
            if (!version.value("served", false))
                continue;
            const bool isBetter = chosen && !isStable(chosen->at("name").get<std::string>()) &&
                                  isStable(version.at("name").get<std::string>());
            if (!chosen || isBetter)
                chosen = &version;
        }
        if (!chosen)
            return {};
        const Json subresources = chosen->value("subresources", Json::object());
        ResourceType type;
        type.group = spec.at("group").get<std::string>();
        type.version = chosen->at("name").get<std::string>();
        type.plural = names.at("plural").get<std::string>();
        type.kind = names.at("kind").get<std::string>();
        type.isNamespaced = spec.value("scope", "Namespaced") != "Cluster";
        type.shortNames = names.value("shortNames", std::vector<std::string>());
        type.categories = names.value("categories", std::vector<std::string>());
        type.hasStatus = subresources.contains("status");
        type.hasScale = subresources.contains("scale");
        type.countsGenerations = true;
        type.isBuiltIn = false;
        return type;
    } catch (const Json::exception &) {
        return {}; // of another form: nothing to serve
    }
}

void establish(ObjectStore &store, const ObjectPtr &definition)
{
    const auto type = typeOfDefinition(definition->tree());
    const ResourceType *definitions = store.type("apiextensions.k8s.io", "customresourcedefinitions");
    if (!type || !definitions)
        return;
    store.registerType(*type);
    const std::string now = timestamp(store.nowMs());
    store.modify(*definitions, {}, definition->name,
                 [&](Json &tree) -> std::optional<Refusal> {
                     tree["status"] = {{"acceptedNames", tree["spec"]["names"]},
                                       {"storedVersions", {type->version}},
                                       {"conditions",
                                        {conditionOf("NamesAccepted", "NoConflicts", "no conflicts found", now),
                                         conditionOf("Established", "InitialNamesAccepted",
                                                     "the initial names have been accepted", now)}}};
                     return {};
                 },
                 {.part = WriteOptions::Part::Status});
}

} // namespace signalbox::sandbox
