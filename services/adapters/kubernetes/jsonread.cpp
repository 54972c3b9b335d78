#include "services/adapters/kubernetes/jsonread.h"

namespace signalbox::kubernetes
{

namespace
{
constexpr size_t maxEntries = 20000;
}

QString Interner::text(std::string_view utf8)
{
    if (utf8.empty())
        return {};
    if (const auto known = m_texts.find(utf8); known != m_texts.end())
        return known->second;
    if (m_texts.size() >= maxEntries)
        m_texts.clear();
    return m_texts.emplace(std::string(utf8), toQString(utf8)).first->second;
}

Labels Interner::labels(od::value value)
{
    od::object object;
    const auto code = value.get_object().get(object);
    throwIfBroken(code);
    if (code != simdjson::SUCCESS)
        return {};
    const std::string_view raw = object.raw_json();
    if (const auto known = m_labels.find(raw); known != m_labels.end())
        return known->second;
    if (m_labels.size() >= maxEntries)
        m_labels.clear();
    const std::string key(raw);
    bool hasFields = object.reset();
    Labels read;
    if (hasFields) {
        for (auto field : object) {
            const QString name = text(static_cast<std::string_view>(field.unescaped_key()));
            read.insert(name, text(od::value(field.value().value())));
        }
    }
    return m_labels.emplace(key, read).first->second;
}

QList<ContainerImage> Interner::images(const QList<ContainerImage> &images)
{
    QString key;
    for (const ContainerImage &one : images)
        key += one.container + QChar(0) + one.image + QChar(0);
    const auto known = m_images.constFind(key);
    if (known != m_images.constEnd())
        return *known;
    if (m_images.size() >= qsizetype(maxEntries))
        m_images.clear();
    m_images.insert(key, images);
    return images;
}

} // namespace signalbox::kubernetes
