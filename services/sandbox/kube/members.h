#pragma once

#include <nlohmann/json.hpp>

#include <string>

// Members of an object that clients sent: nothing there may be taken for granted.
namespace signalbox::sandbox::members
{

// Null where `object` is none or has no such member.
inline const nlohmann::json &at(const nlohmann::json &object, const char *key)
{
    static const nlohmann::json none;
    if (!object.is_object())
        return none;
    const auto found = object.find(key);
    return found == object.end() ? none : *found;
}

// Empty where it is no text.
inline std::string textAt(const nlohmann::json &object, const char *key)
{
    const nlohmann::json &value = at(object, key);
    return value.is_string() ? value.get<std::string>() : std::string();
}

} // namespace signalbox::sandbox::members
