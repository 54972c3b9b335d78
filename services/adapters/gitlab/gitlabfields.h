#pragma once

#include "services/adapters/gitlab/gitlabanswer.h"
#include "services/adapters/gitlab/gitlabtext.h"

#include <nlohmann/json.hpp>

// Fields of GitLab's answers that may be missing, null, or of another kind than described.
namespace signalbox::gitlab
{

using Json = nlohmann::json;

inline const Json *memberOf(const Json &object, const char *key)
{
    const auto found = object.is_object() ? object.find(key) : object.end();
    return object.is_object() && found != object.end() && !found->is_null() ? &*found : nullptr;
}

inline QString textOf(const Json &object, const char *key)
{
    const Json *value = memberOf(object, key);
    return value && value->is_string() ? QString::fromStdString(value->get_ref<const std::string &>()) : QString();
}

// Numbers that the description calls texts are read as well.
inline qint64 numberOf(const Json &object, const char *key, qint64 otherwise = 0)
{
    const Json *value = memberOf(object, key);
    if (!value)
        return otherwise;
    if (value->is_number())
        return value->is_number_float() ? static_cast<qint64>(value->get<double>()) : value->get<qint64>();
    bool isNumber = false;
    const qint64 number = textOf(object, key).toLongLong(&isNumber);
    return isNumber ? number : otherwise;
}

inline std::optional<double> realOf(const Json &object, const char *key)
{
    const Json *value = memberOf(object, key);
    if (!value)
        return std::nullopt;
    if (value->is_number())
        return value->get<double>();
    bool isNumber = false; // "30.0": coverage of older servers
    const double number = textOf(object, key).toDouble(&isNumber);
    return isNumber ? std::optional(number) : std::nullopt;
}

inline std::optional<bool> flagOf(const Json &object, const char *key)
{
    const Json *value = memberOf(object, key);
    return value && value->is_boolean() ? std::optional(value->get<bool>()) : std::nullopt;
}

inline QDateTime timeOf(const Json &object, const char *key)
{
    const QString text = textOf(object, key);
    return text.isEmpty() ? QDateTime() : QDateTime::fromString(text, Qt::ISODateWithMs).toUTC();
}

// An address for a browser: nothing else is worth a click.
inline QUrl pageOf(const Json &object, const char *key = "web_url")
{
    const QUrl url(textOf(object, key), QUrl::StrictMode);
    return url.scheme() == QLatin1String("https") || url.scheme() == QLatin1String("http") ? url : QUrl();
}

inline Json partOf(const Json &object, const char *key)
{
    const Json *value = memberOf(object, key);
    return value && value->is_object() ? *value : Json::object();
}

inline Error malformed(const QString &what, const QString &detail = {})
{
    return {ErrorKind::Protocol, GitLabText::tr("GitLab answered with something that is no %1.").arg(what), detail};
}

struct Missing
{
    const char *key;
};

inline qint64 idOf(const Json &object, const char *key = "id")
{
    const qint64 id = numberOf(object, key);
    if (id <= 0)
        throw Missing{key};
    return id;
}

// nlohmann's exceptions end here.
template <typename T, typename Read>
Result<T> readObject(const QByteArray &body, const QString &what, Read read)
{
    try {
        const Json json = Json::parse(body.constBegin(), body.constEnd());
        if (!json.is_object())
            return malformed(what);
        return read(json);
    } catch (const Json::exception &problem) {
        return malformed(what, QString::fromUtf8(problem.what()).left(200));
    } catch (const Missing &missing) {
        return malformed(what, QString::fromLatin1(missing.key));
    }
}

template <typename T, typename Read>
Result<QList<T>> readList(const QByteArray &body, const QString &what, Read read)
{
    try {
        const Json json = Json::parse(body.constBegin(), body.constEnd());
        if (!json.is_array())
            return malformed(what);
        QList<T> list;
        for (const Json &one : json)
            list.append(read(one));
        return list;
    } catch (const Json::exception &problem) {
        return malformed(what, QString::fromUtf8(problem.what()).left(200));
    } catch (const Missing &missing) {
        return malformed(what, QString::fromLatin1(missing.key));
    }
}

inline QString userOf(const Json &object, const char *key = "user")
{
    const Json user = partOf(object, key);
    const QString name = textOf(user, "username");
    return name.isEmpty() ? textOf(user, "name") : name;
}

// A job of a list, of its own, or of a deployment.
JobAnswer jobFrom(const Json &json);

} // namespace signalbox::gitlab
