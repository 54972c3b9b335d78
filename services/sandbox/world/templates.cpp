#include "services/sandbox/world/templates.h"

#include "services/sandbox/world/chance.h"

#include <cmath>
#include <cstdlib>
#include <utility>

namespace signalbox::sandbox
{

std::string templateKey(const Json &podTemplate)
{
    Json bare = podTemplate;
    if (bare.contains("metadata") && bare["metadata"].is_object()) {
        Json &metadata = bare["metadata"];
        metadata.erase("creationTimestamp");
        if (metadata.contains("labels") && metadata["labels"].is_object())
            metadata["labels"].erase("pod-template-hash");
    }
    return bare.dump();
}

std::string templateHash(const Json &podTemplate)
{
    return safeName(hashOf(templateKey(podTemplate)), 10);
}

int scaledValue(const Json &value, int total, bool roundsUp, int otherwise)
{
    if (value.is_number_integer())
        return value.get<int>();
    if (!value.is_string())
        return otherwise;
    const std::string text = value.get<std::string>();
    if (text.empty() || text.back() != '%')
        return otherwise;
    const double share = std::atoi(text.c_str()) * total / 100.0;
    return static_cast<int>(roundsUp ? std::ceil(share) : std::floor(share));
}

Json ownedBy(const Json &owner)
{
    return Json::array({{{"apiVersion", owner.at("apiVersion")},
                         {"kind", owner.at("kind")},
                         {"name", textAt(owner, "/metadata/name")},
                         {"uid", textAt(owner, "/metadata/uid")},
                         {"controller", true},
                         {"blockOwnerDeletion", true}}});
}

Json podOf(const Json &podTemplate, const Json &owner, const std::string &name, const std::string &generateName)
{
    Json pod;
    Json &metadata = pod["metadata"];
    metadata["name"] = name;
    if (!generateName.empty())
        metadata["generateName"] = generateName;
    metadata["namespace"] = textAt(owner, "/metadata/namespace");
    metadata["labels"] = valueAt(podTemplate, "/metadata/labels", Json::object());
    if (podTemplate.contains("metadata") && podTemplate["metadata"].contains("annotations"))
        metadata["annotations"] = podTemplate["metadata"]["annotations"];
    metadata["ownerReferences"] = ownedBy(owner);
    pod["spec"] = podTemplate.at("spec");
    pod["spec"]["serviceAccountName"] = "default";
    pod["spec"]["enableServiceLinks"] = true;
    pod["status"] = {{"phase", "Pending"}, {"qosClass", "Burstable"}};
    return pod;
}

void setCondition(Json &status, const std::string &type, bool isTrue, const std::string &reason,
                  const std::string &message, const std::string &now, bool hasUpdateTime)
{
    Json &conditions = status["conditions"];
    if (!conditions.is_array())
        conditions = Json::array();
    Json *found = nullptr;
    for (Json &one : conditions) {
        if (textAt(one, "/type") == type)
            found = &one;
    }
    if (!found)
        found = &conditions.emplace_back(Json{{"type", type}});
    const std::string word = isTrue ? "True" : "False";
    if (textAt(*found, "/status") != word)
        (*found)["lastTransitionTime"] = now;
    if (hasUpdateTime)
        (*found)["lastUpdateTime"] = now;
    (*found)["status"] = word;
    for (const auto &[key, text] : {std::pair("reason", &reason), std::pair("message", &message)}) {
        if (text->empty())
            found->erase(key);
        else
            (*found)[key] = *text;
    }
}

const Json *conditionOf(const Json &status, const std::string &type)
{
    const auto conditions = status.find("conditions");
    if (conditions == status.end() || !conditions->is_array())
        return nullptr;
    for (const Json &one : *conditions) {
        if (textAt(one, "/type") == type)
            return &one;
    }
    return nullptr;
}

} // namespace signalbox::sandbox
