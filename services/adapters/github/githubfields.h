#pragma once

#include "models/domain/result.h"
#include "services/adapters/github/githubtext.h"

#include <QDateTime>

#include <nlohmann/json.hpp>

// Fields of an answer that may be missing, null, or of another kind than described.
namespace signalbox::github
{

using Json = nlohmann::json;

inline const Json *fieldOf(const Json &object, const char *key)
{
    const auto found = object.is_object() ? object.find(key) : object.end();
    return found != object.end() && !found->is_null() ? &*found : nullptr;
}

inline QString textOf(const Json &object, const char *key)
{
    const Json *field = fieldOf(object, key);
    return field && field->is_string() ? QString::fromStdString(field->get_ref<const std::string &>()) : QString();
}

inline qint64 numberOf(const Json &object, const char *key, qint64 otherwise = 0)
{
    const Json *field = fieldOf(object, key);
    return field && field->is_number_integer() ? field->get<qint64>() : otherwise;
}

// A number as the text that goes into addresses; empty: there is none.
inline QString idOf(const Json &object, const char *key = "id")
{
    const Json *field = fieldOf(object, key);
    return field && field->is_number_integer() ? QString::number(field->get<qint64>()) : QString();
}

inline std::optional<bool> flagOf(const Json &object, const char *key)
{
    const Json *field = fieldOf(object, key);
    return field && field->is_boolean() ? std::optional(field->get<bool>()) : std::nullopt;
}

inline QDateTime timeOf(const Json &object, const char *key)
{
    return QDateTime::fromString(textOf(object, key), Qt::ISODateWithMs).toUTC();
}

inline Json objectOf(const Json &object, const char *key)
{
    const Json *field = fieldOf(object, key);
    return field && field->is_object() ? *field : Json::object();
}

inline Json listOf(const Json &object, const char *key)
{
    const Json *field = fieldOf(object, key);
    return field && field->is_array() ? *field : Json::array();
}

inline Error notReadable(const QString &what, const QString &detail = {})
{
    return {ErrorKind::Protocol, GitHubText::tr("GitHub answered with something that is no %1.").arg(what), detail};
}

// nlohmann's exceptions end here. read: const Json & -> Result<T>.
template <typename T, typename Read>
Result<T> reading(const QByteArray &body, const QString &what, Read read)
{
    try {
        return read(Json::parse(body.constBegin(), body.constEnd()));
    } catch (const Json::exception &problem) {
        return notReadable(what, QString::fromUtf8(problem.what()).left(200));
    }
}

} // namespace signalbox::github
