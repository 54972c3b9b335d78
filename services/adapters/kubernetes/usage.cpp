#include "services/adapters/kubernetes/usage.h"

#include "services/adapters/kubernetes/jsonread.h"
#include "services/adapters/kubernetes/unreadable.h"
#include "services/adapters/kubernetes/values.h"

namespace signalbox::kubernetes
{

namespace
{

void addAmounts(od::value value, Usage &usage)
{
    eachField(value, [&](std::string_view key, od::value amount) {
        if (key == "cpu")
            usage.cpu += parseQuantity(text(amount)).value_or(0);
        else if (key == "memory")
            usage.memory += parseQuantity(text(amount)).value_or(0);
    });
}

void readItem(od::value item, QHash<QString, Usage> &all)
{
    QString ns;
    QString name;
    Usage usage;
    eachField(item, [&](std::string_view key, od::value field) {
        if (key == "metadata") {
            eachField(field, [&](std::string_view part, od::value meta) {
                if (part == "namespace")
                    ns = toQString(text(meta));
                else if (part == "name")
                    name = toQString(text(meta));
            });
        } else if (key == "timestamp") {
            usage.at = parseTime(text(field));
        } else if (key == "usage") {
            addAmounts(field, usage);
        } else if (key == "containers") {
            eachElement(field, [&](od::value container) {
                eachField(container, [&](std::string_view part, od::value amounts) {
                    if (part == "usage")
                        addAmounts(amounts, usage);
                });
            });
        }
    });
    all.insert(ns + QLatin1Char('/') + name, usage);
}

} // namespace

Result<QHash<QString, Usage>> parseUsage(const QByteArray &json)
{
    try {
        const simdjson::padded_string padded(json.constData(), size_t(json.size()));
        od::parser parser;
        od::document document = parser.iterate(padded);
        QHash<QString, Usage> all;
        bool hasItems = false;
        eachField(document.get_value(), [&](std::string_view key, od::value field) {
            if (key != "items")
                return;
            hasItems = true;
            eachElement(field, [&](od::value item) { readItem(item, all); });
        });
        if (hasItems)
            return all;
        return unreadableAnswer(KubernetesText::tr("resource usage"), QStringLiteral("no items"));
    } catch (const simdjson::simdjson_error &error) {
        return unreadableAnswer(KubernetesText::tr("resource usage"), QString::fromLatin1(error.what()));
    }
}

} // namespace signalbox::kubernetes
