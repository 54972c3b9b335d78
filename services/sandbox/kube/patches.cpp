#include "services/sandbox/kube/patches.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <string_view>

namespace signalbox::sandbox
{

using Json = nlohmann::json;

namespace
{

// What a server says of a patch that does not fit the object: nothing more than this.
Refusal rejected()
{
    Refusal refusal;
    refusal.code = 422;
    refusal.reason = "Invalid";
    refusal.message = "the server rejected our request due to an error in our request";
    return refusal;
}

bool isOperation(const Json &operation)
{
    if (!operation.is_object() || !operation.contains("op") || !operation["op"].is_string())
        return false;
    if (!operation.contains("path") || !operation["path"].is_string())
        return false;
    const std::string op = operation["op"];
    const bool takesFrom = op == "move" || op == "copy";
    if (takesFrom)
        return operation.contains("from") && operation["from"].is_string();
    return op == "remove" || ((op == "add" || op == "replace" || op == "test"));
}

bool passes(const Json &object, const Json &operation)
{
    const Json::json_pointer pointer(operation["path"].get<std::string>());
    const Json wanted = operation.value("value", Json());
    if (!object.contains(pointer))
        return wanted.is_null();
    return object.at(pointer) == wanted;
}

} // namespace

std::optional<Refusal> applyJsonPatch(Json &object, const Json &patch)
{
    if (!patch.is_array())
        return badRequest("json: cannot unmarshal " + std::string(patch.type_name()) +
                          " into Go value of type jsonpatch.Patch");
    try {
        for (const Json &operation : patch) {
            if (!isOperation(operation))
                return rejected();
            if (operation["op"] == "test") {
                if (!passes(object, operation))
                    return rejected();
                continue;
            }
            Json one = operation;
            if (one["op"] != "remove" && !one.contains("value"))
                one["value"] = nullptr;
            object = object.patch(Json::array({one}));
        }
    } catch (const Json::exception &) {
        return rejected();
    }
    return {};
}

std::optional<Refusal> applyMergePatch(Json &object, const Json &patch)
{
    if (!patch.is_object()) {
        return invalid({}, {}, {},
                       {invalidValue("patch", '"' + patch.dump() + '"',
                                     "couldn't get version/kind; json parse error: json: cannot unmarshal " +
                                         std::string(patch.type_name()) + " into Go value")});
    }
    object.merge_patch(patch);
    return {};
}

namespace
{

// The key by which a list of a built-in kind merges; empty: the list is replaced as a whole.
std::string mergeKey(const ResourceType &type, std::string_view field)
{
    static const struct
    {
        const char *field;
        const char *key;
    } keys[] = {
        {"containers", "name"},
        {"initContainers", "name"},
        {"ephemeralContainers", "name"},
        {"env", "name"},
        {"volumes", "name"},
        {"imagePullSecrets", "name"},
        {"secrets", "name"},
        {"volumeMounts", "mountPath"},
        {"volumeDevices", "devicePath"},
        {"hostAliases", "ip"},
        {"conditions", "type"},
        {"ownerReferences", "uid"},
        {"topologySpreadConstraints", "topologyKey"},
        {"addresses", "type"},
        {"podIPs", "ip"},
    };
    if (field == "ports")
        return type.kind == "Service" ? "port" : type.kind.starts_with("Endpoint") ? "" : "containerPort";
    for (const auto &one : keys) {
        if (field == one.field)
            return one.key;
    }
    return {};
}

bool isMergedSet(std::string_view field)
{
    return field == "finalizers";
}

class Strategic
{
public:
    explicit Strategic(const ResourceType &type)
        : m_type(type)
    {}

    const std::string &problem() const { return m_problem; }

    // False: a directive makes no sense; problem() says which.
    bool merge(Json &target, const Json &patch)
    {
        if (const auto directive = patch.find("$patch"); directive != patch.end()) {
            if (*directive == "replace") {
                target = without(patch);
                return true;
            }
            if (*directive == "delete") {
                target = Json();
                return true;
            }
            if (*directive != "merge") {
                return fail("unknown patch type: " +
                            (directive->is_string() ? directive->get<std::string>() : directive->dump()) +
                            " in map: " + patch.dump());
            }
        }
        if (!target.is_object())
            target = Json::object();
        if (!retain(target, patch))
            return false;
        for (const auto &[key, value] : patch.items()) {
            if (key.starts_with('$')) {
                if (!direct(target, key, value))
                    return false;
            } else if (value.is_null()) {
                target.erase(key);
            } else if (value.is_object()) {
                if (!mergeObject(target, key, value))
                    return false;
            } else if (value.is_array()) {
                if (!mergeList(target, key, value))
                    return false;
            } else {
                target[key] = value;
            }
        }
        return order(target, patch);
    }

private:
    bool fail(std::string problem)
    {
        m_problem = std::move(problem);
        return false;
    }

    static Json without(const Json &patch)
    {
        Json plain = Json::object();
        for (const auto &[key, value] : patch.items()) {
            if (!key.starts_with('$') && !value.is_null())
                plain[key] = value;
        }
        return plain;
    }

    bool retain(Json &target, const Json &patch)
    {
        const auto kept = patch.find("$retainKeys");
        if (kept == patch.end())
            return true;
        if (!kept->is_array())
            return fail("invalid patch format of $retainKeys: " + kept->dump());
        Json remaining = Json::object();
        for (const auto &[key, value] : target.items()) {
            if (std::find(kept->begin(), kept->end(), Json(key)) != kept->end())
                remaining[key] = value;
        }
        target = remaining;
        return true;
    }

    bool mergeObject(Json &target, const std::string &key, const Json &value)
    {
        Json merged = target.contains(key) ? target[key] : Json();
        if (!merge(merged, value))
            return false;
        if (merged.is_null())
            target.erase(key);
        else
            target[key] = std::move(merged);
        return true;
    }

    bool direct(Json &target, const std::string &key, const Json &value)
    {
        static const std::string removal = "$deleteFromPrimitiveList/";
        if (!key.starts_with(removal)) {
            const bool isKnown = key == "$patch" || key == "$retainKeys" || key.starts_with("$setElementOrder/");
            return isKnown || fail("unknown directive in patch: " + key);
        }
        const std::string field = key.substr(removal.size());
        if (!value.is_array())
            return fail("invalid patch format of " + key + ": " + value.dump());
        if (!target.contains(field) || !target[field].is_array())
            return true;
        Json kept = Json::array();
        for (const Json &one : target[field]) {
            if (std::find(value.begin(), value.end(), one) == value.end())
                kept.push_back(one);
        }
        target[field] = kept;
        return true;
    }

    bool mergeList(Json &target, const std::string &field, const Json &patch)
    {
        const std::string key = mergeKey(m_type, field);
        if (isMergedSet(field)) {
            Json merged = target.contains(field) && target[field].is_array() ? target[field] : Json::array();
            for (const Json &one : patch) {
                if (std::find(merged.begin(), merged.end(), one) == merged.end())
                    merged.push_back(one);
            }
            target[field] = merged;
            return true;
        }
        if (key.empty()) {
            target[field] = patch;
            return true;
        }
        const bool isReplacing = std::any_of(patch.begin(), patch.end(), [](const Json &one) {
            return one.is_object() && one.value("$patch", Json()) == "replace";
        });
        Json merged =
            !isReplacing && target.contains(field) && target[field].is_array() ? target[field] : Json::array();
        for (const Json &one : patch) {
            if (one.is_object() && isReplacing && one.value("$patch", Json()) == "replace" && !one.contains(key))
                continue;
            if (!one.is_object() || !one.contains(key))
                return fail("map: " + one.dump() + " does not contain declared merge key: " + key);
            if (!mergeItem(merged, key, one))
                return false;
        }
        target[field] = merged;
        return true;
    }

    bool mergeItem(Json &list, const std::string &key, const Json &item)
    {
        const auto there = std::find_if(list.begin(), list.end(), [&](const Json &one) {
            return one.is_object() && one.value(key, Json()) == item[key];
        });
        if (item.value("$patch", Json()) == "delete") {
            if (there != list.end())
                list.erase(there);
            return true;
        }
        if (there != list.end())
            return merge(*there, item);
        Json made;
        if (!merge(made, item))
            return false;
        list.push_back(made);
        return true;
    }

    // Those that the patch names in its order, the others after them.
    bool order(Json &target, const Json &patch)
    {
        static const std::string prefix = "$setElementOrder/";
        for (const auto &entry : patch.items()) { // no structured binding: clang 14 lets no lambda capture one
            const std::string &directive = entry.key();
            const Json &wanted = entry.value();
            if (!directive.starts_with(prefix))
                continue;
            const std::string field = directive.substr(prefix.size());
            if (!wanted.is_array())
                return fail("invalid patch format of " + directive + ": " + wanted.dump());
            if (!target.contains(field) || !target[field].is_array())
                continue;
            const std::string key = mergeKey(m_type, field);
            const auto rank = [&](const Json &item) {
                const Json mine = key.empty() ? item : item.is_object() ? item.value(key, Json()) : Json();
                const auto at = std::find_if(wanted.begin(), wanted.end(), [&](const Json &one) {
                    return (key.empty() || !one.is_object() ? one : one.value(key, Json())) == mine;
                });
                return at - wanted.begin();
            };
            std::stable_sort(target[field].begin(), target[field].end(),
                             [&](const Json &a, const Json &b) { return rank(a) < rank(b); });
        }
        return true;
    }

    const ResourceType &m_type;
    std::string m_problem;
};

} // namespace

std::optional<Refusal> applyStrategicPatch(const ResourceType &type, Json &object, const Json &patch)
{
    if (!patch.is_object())
        return badRequest("json: cannot unmarshal " + std::string(patch.type_name()) +
                          " into Go value of type map[string]interface {}");
    try {
        Strategic strategic(type);
        if (!strategic.merge(object, patch))
            return unexpected(strategic.problem());
    } catch (const Json::exception &) {
        return rejected();
    }
    return {};
}

} // namespace signalbox::sandbox
