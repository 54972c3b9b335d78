#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>

namespace signalbox::sandbox
{

using Json = nlohmann::json;

// The text at a pointer ("/metadata/name"); empty where there is none.
inline std::string textAt(const Json &tree, const char *pointer)
{
    const Json::json_pointer at(pointer);
    return tree.contains(at) && tree.at(at).is_string() ? tree.at(at).get<std::string>() : std::string();
}

inline std::int64_t numberAt(const Json &tree, const char *pointer, std::int64_t otherwise = 0)
{
    const Json::json_pointer at(pointer);
    return tree.contains(at) && tree.at(at).is_number() ? tree.at(at).get<std::int64_t>() : otherwise;
}

inline Json valueAt(const Json &tree, const char *pointer, Json otherwise = {})
{
    const Json::json_pointer at(pointer);
    return tree.contains(at) ? tree.at(at) : otherwise;
}

// Every label of `selector` is among `labels`; an empty selector selects nothing.
inline bool selects(const Json &selector, const Json &labels)
{
    if (!selector.is_object() || selector.empty() || !labels.is_object())
        return false;
    for (auto it = selector.begin(); it != selector.end(); ++it) {
        const auto found = labels.find(it.key());
        if (found == labels.end() || *found != *it)
            return false;
    }
    return true;
}

} // namespace signalbox::sandbox
