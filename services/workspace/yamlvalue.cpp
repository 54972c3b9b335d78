// YamlValue and YamlReader: how decoders look at a YamlDocument.

#include "services/workspace/yamldocument.h"
#include "services/workspace/yamldocumenttext.h"

#include <utility>

namespace signalbox
{

YamlValue::YamlValue(const YamlDocument &document)
    : m_document(&document)
    , m_value(&document.root())
{}

bool YamlValue::isNull() const
{
    return m_value == nullptr || m_value->is_null();
}

bool YamlValue::isMap() const
{
    return m_value != nullptr && m_value->is_object();
}

bool YamlValue::isList() const
{
    return m_value != nullptr && m_value->is_array();
}

bool YamlValue::isText() const
{
    return m_value != nullptr && m_value->is_string();
}

YamlValue YamlValue::operator[](const QString &key) const
{
    YamlValue child = *this;
    child.m_pointer += u'/' + pointerStep(key);
    child.m_value = nullptr;
    if (isMap()) {
        const auto found = m_value->find(key.toStdString());
        if (found != m_value->end())
            child.m_value = &*found;
    }
    return child;
}

QList<YamlValue> YamlValue::items() const
{
    QList<YamlValue> all;
    if (!isList())
        return all;
    for (size_t i = 0; i < m_value->size(); ++i) {
        YamlValue child = *this;
        child.m_pointer += u'/' + QString::number(i);
        child.m_value = &(*m_value)[i];
        all.append(child);
    }
    return all;
}

QStringList YamlValue::keys() const
{
    QStringList all;
    if (isMap()) {
        for (const auto &item : m_value->items())
            all.append(QString::fromStdString(item.key()));
    }
    return all;
}

QString YamlValue::text() const
{
    return isText() ? QString::fromStdString(m_value->get_ref<const std::string &>()) : QString();
}

QString YamlValue::shape() const
{
    if (isMap())
        return YamlDocumentText::tr("a map");
    if (isList())
        return YamlDocumentText::tr("a list");
    if (isText())
        return text().isEmpty() ? YamlDocumentText::tr("an empty text") : YamlDocumentText::tr("a text");
    return YamlDocumentText::tr("nothing");
}

Error YamlValue::problem(const QString &expected, const QString &found, const QString &advice) const
{
    return m_document->problem(m_pointer, expected, found, advice);
}

Error YamlValue::problem(const QString &sentence) const
{
    return m_document->problem(m_pointer, sentence);
}

void YamlReader::fail(Error error)
{
    if (!m_error)
        m_error = std::move(error);
}

QString YamlReader::text(const YamlValue &map, const QString &key, const QString &absent)
{
    const YamlValue value = map[key];
    if (value.isNull())
        return absent;
    if (!value.isText()) {
        fail(value.problem(YamlDocumentText::tr("a text"), value.shape(),
                           YamlDocumentText::tr("Write one value here.")));
        return absent;
    }
    return value.text();
}

QString YamlReader::requiredText(const YamlValue &map, const QString &key, const QString &advice)
{
    const YamlValue value = map[key];
    if (!value.isText() || value.text().isEmpty()) {
        fail(value.problem(YamlDocumentText::tr("a text"), value.shape(), advice));
        return {};
    }
    return value.text();
}

bool YamlReader::flag(const YamlValue &map, const QString &key, bool absent)
{
    const YamlValue value = map[key];
    if (value.isNull())
        return absent;
    const QString word = value.text().toLower();
    if (value.isText() && !value.isQuoted()) {
        if (word == u"true" || word == u"yes" || word == u"on")
            return true;
        if (word == u"false" || word == u"no" || word == u"off")
            return false;
    }
    fail(value.problem(YamlDocumentText::tr("true or false"),
                       value.isText() ? QStringLiteral("\"%1\"").arg(value.text().left(40)) : value.shape(),
                       YamlDocumentText::tr("Write one of the two, without quotes.")));
    return absent;
}

qint64 YamlReader::number(const YamlValue &map, const QString &key, qint64 absent, qint64 least, qint64 most)
{
    const YamlValue value = map[key];
    if (value.isNull())
        return absent;
    bool isNumber = false;
    const qint64 result = value.text().toLongLong(&isNumber);
    if (isNumber && !value.isQuoted() && result >= least && result <= most)
        return result;
    fail(value.problem(YamlDocumentText::tr("a whole number from %1 to %2").arg(least).arg(most),
                       value.isText() ? QStringLiteral("\"%1\"").arg(value.text().left(40)) : value.shape(),
                       YamlDocumentText::tr("Write such a number, without quotes.")));
    return absent;
}

QStringList YamlReader::texts(const YamlValue &map, const QString &key)
{
    QStringList all;
    const QList<YamlValue> entries = list(map, key, YamlDocumentText::tr("Write one entry a line, each after a dash."));
    for (const YamlValue &entry : entries) {
        if (entry.isText())
            all.append(entry.text());
        else
            fail(entry.problem(YamlDocumentText::tr("a text"), entry.shape(),
                               YamlDocumentText::tr("Write one value here.")));
    }
    return all;
}

QList<YamlValue> YamlReader::list(const YamlValue &map, const QString &key, const QString &advice)
{
    const YamlValue value = map[key];
    if (!value.isNull() && !value.isList())
        fail(value.problem(YamlDocumentText::tr("a list"), value.shape(), advice));
    return value.items();
}

YamlValue YamlReader::map(const YamlValue &parent, const QString &key, const QString &advice)
{
    const YamlValue value = parent[key];
    if (!value.isNull() && !value.isMap())
        fail(value.problem(YamlDocumentText::tr("a map"), value.shape(), advice));
    return value;
}

} // namespace signalbox
