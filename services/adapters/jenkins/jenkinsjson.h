#pragma once

#include "models/domain/result.h"
#include "services/adapters/jenkins/jenkinstext.h"

#include <nlohmann/json.hpp>

#include <QDateTime>
#include <QString>

#include <utility>

// Tolerant reading: what is absent, null or of another kind is empty.
namespace signalbox::jenkins
{

using Json = nlohmann::json;

inline const Json &memberOf(const Json &object, const char *key)
{
    static const Json none;
    if (!object.is_object())
        return none;
    const auto found = object.find(key);
    return found == object.end() ? none : *found;
}

inline QString textOf(const Json &object, const char *key)
{
    const Json &value = memberOf(object, key);
    return value.is_string() ? QString::fromStdString(value.get_ref<const std::string &>()) : QString();
}

inline qint64 numberOf(const Json &object, const char *key, qint64 otherwise = 0)
{
    const Json &value = memberOf(object, key);
    return value.is_number() ? value.get<qint64>() : otherwise;
}

inline bool flagOf(const Json &object, const char *key, bool otherwise = false)
{
    const Json &value = memberOf(object, key);
    return value.is_boolean() ? value.get<bool>() : otherwise;
}

inline const Json &listOf(const Json &object, const char *key)
{
    static const Json none = Json::array();
    const Json &value = memberOf(object, key);
    return value.is_array() ? value : none;
}

inline QString classOf(const Json &object)
{
    return textOf(object, "_class");
}

// Milliseconds since the epoch; 0 and less: not told.
inline QDateTime timeOf(const Json &object, const char *key)
{
    const qint64 ms = numberOf(object, key);
    return ms > 0 ? QDateTime::fromMSecsSinceEpoch(ms, Qt::UTC) : QDateTime();
}

// read: const Json & -> Result<T>; what throws, or is no JSON, is a Protocol error.
template <typename Read>
auto parsed(const QByteArray &body, Read read) -> std::invoke_result_t<Read, const Json &>
{
    try {
        return read(Json::parse(body.begin(), body.end()));
    } catch (const Json::exception &problem) {
        return Error{ErrorKind::Protocol,
                     JenkinsText::tr("Jenkins answered with something that is not what its API promises."),
                     QString::fromUtf8(problem.what())};
    }
}

inline Error unexpected()
{
    return {
        ErrorKind::Protocol, JenkinsText::tr("Jenkins answered with something that is not what its API promises."), {}};
}

} // namespace signalbox::jenkins
