#pragma once

#include <nlohmann/json.hpp>

#include <QString>

// Tolerant reading of small answers, as jsonread.h does of large ones.
namespace signalbox::kubernetes
{

// Empty: the object has no such text.
inline QString textOf(const nlohmann::json &object, const char *key)
{
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? QString::fromStdString(found->get<std::string>()) : QString();
}

} // namespace signalbox::kubernetes
