#include "services/adapters/kubernetes/jsondiff.h"

#include "services/adapters/kubernetes/planpatch.h"

#include <nlohmann/json.hpp>

#include <QCoreApplication>
#include <QRegularExpression>

#include <algorithm>
#include <array>

namespace signalbox::kubernetes
{

namespace
{

using Json = nlohmann::json;

QString hidden()
{
    return QCoreApplication::translate("JsonDiff", "(hidden)");
}

// user:password@ of an address, and --password=... of an argument.
QString masked(const QString &text)
{
    static const QRegularExpression address(QStringLiteral("(://[^/@:\\s]*:)[^/@\\s]+@"));
    static const QRegularExpression argument(
        QStringLiteral("((?:pass|passwd|password|secret|token|api-?key|credential)[a-z-]*[=:]\\s*)\\S+"),
        QRegularExpression::CaseInsensitiveOption);
    QString safe = text;
    safe.replace(address, QStringLiteral("\\1***@"));
    safe.replace(argument, QStringLiteral("\\1***"));
    return safe;
}

QString scalarText(const Json &value)
{
    if (value.is_string()) {
        const QString text = masked(QString::fromStdString(value.get<std::string>()));
        static const QRegularExpression plain(QStringLiteral("^[A-Za-z_/.][\\w ./:@=+-]*$"));
        static const QRegularExpression word(QStringLiteral("^(true|false|null|yes|no|on|off|~)$"),
                                             QRegularExpression::CaseInsensitiveOption);
        if (plain.match(text).hasMatch() && !word.match(text).hasMatch() && !text.contains(QLatin1String(": ")))
            return text;
        return QString::fromStdString(Json(text.toStdString()).dump());
    }
    return QString::fromStdString(value.dump());
}

QString nameOf(const Json &element)
{
    if (!element.is_object())
        return {};
    for (const char *key : {"name", "mountPath", "containerPort", "key", "port"}) {
        const auto it = element.find(key);
        if (it != element.end() && it->is_primitive())
            return QString::fromLatin1(key) + QLatin1String(": ") + scalarText(*it);
    }
    return {};
}

// An environment variable written in plain whose name says that it should not be read.
bool isSecretPair(const Json &object)
{
    const auto name = object.find("name");
    const auto value = object.find("value");
    return name != object.end() && name->is_string() && value != object.end() && value->is_string() &&
           looksSecret(QString::fromStdString(name->get<std::string>()));
}

class Writer
{
public:
    QList<DiffLine> lines;

    void line(DiffLine::Kind kind, int depth, const QString &text)
    {
        lines.append({kind, QString(depth * 2, u' ') + text});
    }

    // The whole of one value under its key (or, with an empty key, as an element of a list).
    void whole(DiffLine::Kind kind, int depth, const QString &lead, const Json &value)
    {
        if (value.is_object() && !value.empty()) {
            if (lead.endsWith(u':'))
                line(kind, depth, lead);
            members(kind, lead.endsWith(u':') ? depth + 1 : depth, lead.endsWith(u':') ? QString() : lead, value);
        } else if (value.is_array() && !value.empty()) {
            line(kind, depth, lead);
            for (const Json &element : value)
                whole(kind, depth + 1, QStringLiteral("- "), element);
        } else {
            const QString space = lead.endsWith(u':') ? QStringLiteral(" ") : QString();
            line(kind, depth, lead + space + scalarText(value));
        }
    }

    void compare(int depth, const QString &key, const Json &before, const Json &after);

private:
    // Members of an object; the first line starts with `lead` ("- " in a list), `name` goes first.
    void members(DiffLine::Kind kind, int depth, QString lead, const Json &object)
    {
        const bool isHidden = isSecretPair(object);
        const int inner = lead.isEmpty() ? depth : depth + 1;
        const auto put = [&](const std::string &key, const Json &value) {
            if (value.is_null())
                return;
            const QString label = QString::fromStdString(key) + u':';
            if (isHidden && key == "value")
                line(kind, lead.isEmpty() ? inner : depth, lead + label + u' ' + hidden());
            else if (lead.isEmpty())
                whole(kind, inner, label, value);
            else if (value.is_structured() && !value.empty())
                whole(kind, depth, lead + label, value);
            else
                line(kind, depth, lead + label + u' ' + scalarText(value));
            lead.clear();
        };
        if (object.contains("name"))
            put("name", object["name"]);
        for (const auto &[key, value] : object.items()) {
            if (key != "name")
                put(key, value);
        }
    }

    void compareObjects(int depth, const Json &before, const Json &after);
    void compareLists(int depth, const QString &key, const Json &before, const Json &after);
    void compareNamed(int depth, const Json &before, const Json &after);
};

bool isNamedList(const Json &list)
{
    QStringList names;
    for (const Json &element : list) {
        const QString name = nameOf(element);
        if (name.isEmpty() || names.contains(name))
            return false;
        names.append(name);
    }
    return true;
}

void Writer::compareObjects(int depth, const Json &before, const Json &after)
{
    if (isSecretPair(before) && isSecretPair(after) && before["value"] != after["value"])
        line(DiffLine::Kind::Note, depth, QCoreApplication::translate("JsonDiff", "value: differs (hidden)"));
    const bool isHidden = isSecretPair(before) || isSecretPair(after);
    Json keys = before;
    keys.update(after);
    for (const auto &[key, unused] : keys.items()) {
        const auto a = before.find(key);
        const auto b = after.find(key);
        const QString label = QString::fromStdString(key) + u':';
        if (isHidden && key == "value") {
            if (a == before.end() && b != after.end())
                line(DiffLine::Kind::Added, depth, label + u' ' + hidden());
            else if (b == after.end())
                line(DiffLine::Kind::Removed, depth, label + u' ' + hidden());
        } else if (a == before.end() || a->is_null()) {
            if (b != after.end() && !b->is_null())
                whole(DiffLine::Kind::Added, depth, label, *b);
        } else if (b == after.end() || b->is_null()) {
            whole(DiffLine::Kind::Removed, depth, label, *a);
        } else {
            compare(depth, label, *a, *b);
        }
    }
}

void Writer::compareNamed(int depth, const Json &before, const Json &after)
{
    const auto find = [](const Json &list, const QString &name) {
        return std::find_if(list.begin(), list.end(), [&name](const Json &e) { return nameOf(e) == name; });
    };
    QStringList kept;
    for (const Json &element : before) {
        const QString name = nameOf(element);
        const auto other = find(after, name);
        if (other == after.end()) {
            whole(DiffLine::Kind::Removed, depth, QStringLiteral("- "), element);
            continue;
        }
        kept.append(name);
        if (isSameJson(element, *other))
            continue;
        line(DiffLine::Kind::Context, depth, QStringLiteral("- ") + name);
        compareObjects(depth + 1, element, *other);
    }
    QStringList order;
    for (const Json &element : after) {
        const QString name = nameOf(element);
        if (kept.contains(name))
            order.append(name);
        else
            whole(DiffLine::Kind::Added, depth, QStringLiteral("- "), element);
    }
    if (order != kept)
        line(DiffLine::Kind::Note, depth, QCoreApplication::translate("JsonDiff", "the order of the elements differs"));
}

void Writer::compareLists(int depth, const QString &key, const Json &before, const Json &after)
{
    line(DiffLine::Kind::Context, depth, key);
    if (isNamedList(before) && isNamedList(after)) {
        compareNamed(depth + 1, before, after);
        return;
    }
    for (const Json &element : before)
        whole(DiffLine::Kind::Removed, depth + 1, QStringLiteral("- "), element);
    for (const Json &element : after)
        whole(DiffLine::Kind::Added, depth + 1, QStringLiteral("- "), element);
}

void Writer::compare(int depth, const QString &key, const Json &before, const Json &after)
{
    if (isSameJson(before, after))
        return;
    if (before.is_object() && after.is_object()) {
        if (!key.isEmpty())
            line(DiffLine::Kind::Context, depth, key);
        compareObjects(key.isEmpty() ? depth : depth + 1, before, after);
    } else if (before.is_array() && after.is_array()) {
        compareLists(depth, key, before, after);
    } else {
        whole(DiffLine::Kind::Removed, depth, key, before);
        whole(DiffLine::Kind::Added, depth, key, after);
    }
}

} // namespace

bool looksSecret(const QString &name)
{
    static const std::array words = {
        "PASS", "SECRET", "TOKEN", "APIKEY", "API_KEY",           "PRIVATE_KEY",  "ACCESS_KEY", "CREDENTIAL",
        "PWD",  "AUTH",   "DSN",   "SALT",   "CONNECTION_STRING", "DATABASE_URL", "COOKIE"};
    const QString upper = name.toUpper().replace(u'-', u'_').replace(u'.', u'_');
    return std::any_of(words.begin(), words.end(),
                       [&upper](const char *word) { return upper.contains(QLatin1String(word)); }) ||
           upper == QLatin1String("KEY") || upper.endsWith(QLatin1String("_KEY"));
}

QList<DiffLine> jsonDiff(const Json &before, const Json &after, const QString &root)
{
    Writer writer;
    writer.compare(0, root.isEmpty() ? QString() : root + u':', before, after);
    return writer.lines;
}

} // namespace signalbox::kubernetes
