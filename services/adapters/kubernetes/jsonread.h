#pragma once

#include "models/domain/cluster.h"

#include <QByteArray>

#include <string>
#include <string_view>
#include <unordered_map>

#include <simdjson.h>

// Tolerant reading with simdjson on demand: a field of another type than expected counts as absent, broken JSON throws
// simdjson_error, caught once per document in parse.cpp. Private to this folder's parsers.
namespace signalbox::kubernetes
{

namespace od = simdjson::ondemand;

inline void throwIfBroken(simdjson::error_code code)
{
    if (code != simdjson::SUCCESS && code != simdjson::INCORRECT_TYPE && code != simdjson::NUMBER_ERROR &&
        code != simdjson::NUMBER_OUT_OF_RANGE)
        throw simdjson::simdjson_error(code);
}

inline std::string_view text(od::value value)
{
    std::string_view read;
    const auto code = value.get_string().get(read);
    throwIfBroken(code);
    return code == simdjson::SUCCESS ? read : std::string_view();
}

inline qint64 integer(od::value value, qint64 otherwise = 0)
{
    int64_t read = 0;
    const auto code = value.get_int64().get(read);
    throwIfBroken(code);
    return code == simdjson::SUCCESS ? read : otherwise;
}

inline bool boolean(od::value value, bool otherwise = false)
{
    bool read = false;
    const auto code = value.get_bool().get(read);
    throwIfBroken(code);
    return code == simdjson::SUCCESS ? read : otherwise;
}

// f(std::string_view key, od::value value) for each field; nothing where `value` is no object.
template <typename F>
void eachField(od::value value, F &&f)
{
    od::object object;
    const auto code = value.get_object().get(object);
    throwIfBroken(code);
    if (code != simdjson::SUCCESS)
        return;
    for (auto field : object) {
        const std::string_view key = field.unescaped_key();
        f(key, od::value(field.value().value()));
    }
}

// f(od::value element) for each element; nothing where `value` is no array.
template <typename F>
void eachElement(od::value value, F &&f)
{
    od::array array;
    const auto code = value.get_array().get(array);
    throwIfBroken(code);
    if (code != simdjson::SUCCESS)
        return;
    for (auto element : array)
        f(od::value(element.value()));
}

inline QString toQString(std::string_view utf8)
{
    return QString::fromUtf8(utf8.data(), static_cast<qsizetype>(utf8.size()));
}

// Gives equal strings, label sets and image lists the same memory. Bounded: it starts anew when it has grown large, and
// what was handed out stays valid.
class Interner
{
public:
    QString text(std::string_view utf8);
    QString text(od::value value) { return text(kubernetes::text(value)); }
    Labels labels(od::value value);
    QList<ContainerImage> images(const QList<ContainerImage> &images);

private:
    struct Hash
    {
        using is_transparent = void;
        size_t operator()(std::string_view key) const { return std::hash<std::string_view>()(key); }
    };
    template <typename T>
    using Table = std::unordered_map<std::string, T, Hash, std::equal_to<>>;

    Table<QString> m_texts;
    Table<Labels> m_labels;
    QHash<QString, QList<ContainerImage>> m_images;
};

} // namespace signalbox::kubernetes
