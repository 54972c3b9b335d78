#pragma once

#include <QByteArray>
#include <QDateTime>
#include <QString>

#include <nlohmann/json.hpp>

#include <optional>

// Fields of Travis CI's answers. An absent or null one is empty; one of another kind is, too.
namespace signalbox::travis
{

using Json = nlohmann::json;

inline const Json &at(const Json &object, const char *key)
{
    static const Json nothing;
    const auto found = object.is_object() ? object.find(key) : object.end();
    return object.is_object() && found != object.end() ? *found : nothing;
}

inline QString textAt(const Json &object, const char *key)
{
    const Json &value = at(object, key);
    if (value.is_string())
        return QString::fromStdString(value.get_ref<const std::string &>());
    return value.is_number_integer() ? QString::number(value.get<qint64>()) : QString();
}

inline QDateTime timeAt(const Json &object, const char *key) // "2010-11-12T13:00:00Z", with ".123" too
{
    const QString text = textAt(object, key);
    return text.isEmpty() ? QDateTime() : QDateTime::fromString(text, Qt::ISODateWithMs).toUTC();
}

inline std::optional<bool> flagAt(const Json &object, const char *key)
{
    const Json &value = at(object, key);
    return value.is_boolean() ? std::optional<bool>(value.get<bool>()) : std::nullopt;
}

// None: it is no JSON.
inline std::optional<Json> parsed(const QByteArray &body)
{
    Json json = Json::parse(body.begin(), body.end(), nullptr, false);
    return json.is_discarded() ? std::nullopt : std::optional<Json>(std::move(json));
}

} // namespace signalbox::travis
