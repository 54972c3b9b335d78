#include "services/workspace/workspacewriter.h"

#include "services/workspace/yamldocument.h"

#include <QRegularExpression>

#include <algorithm>

namespace signalbox
{

namespace
{

WorkspaceNode convert(const nlohmann::ordered_json &json, const QString &pointer, const YamlDocument &document)
{
    WorkspaceNode node;
    if (json.is_object()) {
        node.kind = WorkspaceNode::Kind::Map;
        for (const auto &item : json.items()) {
            const QString key = QString::fromStdString(item.key());
            node.entries.emplace_back(key,
                                      convert(item.value(), pointer + QLatin1Char('/') + pointerStep(key), document));
        }
    } else if (json.is_array()) {
        node.kind = WorkspaceNode::Kind::List;
        for (size_t i = 0; i < json.size(); ++i)
            node.entries.emplace_back(QString(),
                                      convert(json[i], pointer + QLatin1Char('/') + QString::number(i), document));
    } else if (json.is_string()) {
        node.kind = document.isQuoted(pointer) ? WorkspaceNode::Kind::Quoted : WorkspaceNode::Kind::Plain;
        node.text = QString::fromStdString(json.get_ref<const std::string &>());
    }
    return node;
}

QString inQuotes(const QString &text)
{
    // JSON's form of a text is YAML's as well.
    return QString::fromStdString(
        nlohmann::json(text.toStdString()).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

// Texts that no reader of YAML 1.1 or 1.2 takes for anything but a text.
bool isSafePlain(const QString &text)
{
    static const QRegularExpression form(QStringLiteral("^[A-Za-z_/.~][A-Za-z0-9_./~@+-]*(:[A-Za-z0-9_./~@+-]+)*\\z"));
    static const QRegularExpression words(
        QStringLiteral("^(~|null|true|false|yes|no|on|off|y|n|\\.inf|\\.nan|\\.[0-9].*)\\z"),
        QRegularExpression::CaseInsensitiveOption);
    return form.match(text).hasMatch() && !words.match(text).hasMatch() && text != QLatin1String("...");
}

// As a block (|), so that queries of several lines stay readable.
bool isBlock(const QString &text)
{
    if (!text.contains(QLatin1Char('\n')) || text.startsWith(QLatin1Char(' ')) || text.startsWith(QLatin1Char('\n')) ||
        text.startsWith(QLatin1Char('\t')))
        return false;
    return std::all_of(text.begin(), text.end(),
                       [](QChar c) { return c.isPrint() || c == QLatin1Char('\n') || c == QLatin1Char('\t'); });
}

class YamlWriter
{
public:
    QByteArray write(const WorkspaceNode &root)
    {
        if (root.kind == WorkspaceNode::Kind::Map && !root.entries.empty())
            map(root, 0, false);
        else if (root.kind == WorkspaceNode::Kind::List && !root.entries.empty())
            list(root, 0);
        else
            m_text += inlineText(root, 0) + QLatin1Char('\n');
        return m_text.toUtf8();
    }

private:
    void indent(int depth) { m_text += QString(depth * 2, QLatin1Char(' ')); }

    QString inlineText(const WorkspaceNode &node, int depth) const
    {
        switch (node.kind) {
        case WorkspaceNode::Kind::Null:
            return QStringLiteral("null");
        case WorkspaceNode::Kind::Plain:
            return node.text.contains(QLatin1Char('\n')) ? inQuotes(node.text) : node.text;
        case WorkspaceNode::Kind::Quoted:
            return isBlock(node.text) ? block(node.text, depth) : inQuotes(node.text);
        case WorkspaceNode::Kind::List:
            return QStringLiteral("[]");
        case WorkspaceNode::Kind::Map:
            break;
        }
        return QStringLiteral("{}");
    }

    static QString block(const QString &text, int depth)
    {
        QString body = text;
        QString result = QStringLiteral("|-");
        if (text.endsWith(QLatin1String("\n\n"))) {
            result = QStringLiteral("|+");
            body.chop(1);
        } else if (text.endsWith(QLatin1Char('\n'))) {
            result = QStringLiteral("|");
            body.chop(1);
        }
        for (const QString &line : body.split(QLatin1Char('\n')))
            result +=
                QLatin1Char('\n') + (line.isEmpty() ? QString() : QString((depth + 1) * 2, QLatin1Char(' ')) + line);
        return result;
    }

    // Behind "key:" or "-".
    void value(const WorkspaceNode &node, int depth, bool isInList)
    {
        if (node.entries.empty()) {
            m_text += QLatin1Char(' ') + inlineText(node, depth) + QLatin1Char('\n');
        } else if (node.kind == WorkspaceNode::Kind::Map) {
            m_text += isInList ? QLatin1Char(' ') : QLatin1Char('\n');
            map(node, depth + 1, isInList);
        } else {
            m_text += QLatin1Char('\n');
            list(node, depth + 1);
        }
    }

    void map(const WorkspaceNode &node, int depth, bool startsInLine)
    {
        for (const auto &[key, child] : node.entries) {
            if (!startsInLine)
                indent(depth);
            startsInLine = false;
            m_text += (isSafePlain(key) ? key : inQuotes(key)) + QLatin1Char(':');
            value(child, depth, false);
        }
    }

    void list(const WorkspaceNode &node, int depth)
    {
        for (const auto &[key, child] : node.entries) {
            indent(depth);
            m_text += QLatin1Char('-');
            value(child, depth, true);
        }
    }

    QString m_text;
};

void appendJson(const WorkspaceNode &node, int depth, QString &out)
{
    static const QRegularExpression literal(
        QStringLiteral("^(true|false|-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][-+]?[0-9]+)?)\\z"));
    const QString inner((depth + 1) * 2, QLatin1Char(' '));
    switch (node.kind) {
    case WorkspaceNode::Kind::Null:
        out += QStringLiteral("null");
        return;
    case WorkspaceNode::Kind::Plain:
        out += literal.match(node.text).hasMatch() ? node.text : inQuotes(node.text);
        return;
    case WorkspaceNode::Kind::Quoted:
        out += inQuotes(node.text);
        return;
    case WorkspaceNode::Kind::List:
    case WorkspaceNode::Kind::Map:
        break;
    }
    const bool isMap = node.kind == WorkspaceNode::Kind::Map;
    out += QLatin1Char(isMap ? '{' : '[');
    bool isFirst = true;
    for (const auto &[key, child] : node.entries) {
        out += (isFirst ? QStringLiteral("\n") : QStringLiteral(",\n")) + inner;
        isFirst = false;
        if (isMap)
            out += inQuotes(key) + QStringLiteral(": ");
        appendJson(child, depth + 1, out);
    }
    if (!node.entries.empty())
        out += QLatin1Char('\n') + QString(depth * 2, QLatin1Char(' '));
    out += QLatin1Char(isMap ? '}' : ']');
}

} // namespace

WorkspaceNode WorkspaceNode::of(const YamlDocument &document)
{
    return convert(document.root(), {}, document);
}

WorkspaceNode WorkspaceNode::quoted(const QString &text)
{
    WorkspaceNode node;
    node.kind = isSafePlain(text) ? Kind::Plain : Kind::Quoted;
    node.text = text;
    return node;
}

WorkspaceNode WorkspaceNode::plain(const QString &text)
{
    WorkspaceNode node;
    node.kind = Kind::Plain;
    node.text = text;
    return node;
}

WorkspaceNode WorkspaceNode::list()
{
    WorkspaceNode node;
    node.kind = Kind::List;
    return node;
}

WorkspaceNode WorkspaceNode::map()
{
    WorkspaceNode node;
    node.kind = Kind::Map;
    return node;
}

WorkspaceNode *WorkspaceNode::find(const QString &key)
{
    const auto it =
        std::find_if(entries.begin(), entries.end(), [&key](const auto &entry) { return entry.first == key; });
    return kind != Kind::Map || it == entries.end() ? nullptr : &it->second;
}

void WorkspaceNode::set(const QString &key, std::optional<WorkspaceNode> value)
{
    WorkspaceNode *present = find(key);
    if (value && present)
        *present = std::move(*value);
    else if (value)
        entries.emplace_back(key, std::move(*value));
    else
        entries.erase(
            std::remove_if(entries.begin(), entries.end(), [&key](const auto &entry) { return entry.first == key; }),
            entries.end());
}

QString WorkspaceNode::textAt(const QString &key) const
{
    const auto it =
        std::find_if(entries.begin(), entries.end(), [&key](const auto &entry) { return entry.first == key; });
    return it == entries.end() ? QString() : it->second.text;
}

QByteArray writeYaml(const WorkspaceNode &root)
{
    return YamlWriter().write(root);
}

QByteArray writeJson(const WorkspaceNode &root)
{
    QString text;
    appendJson(root, 0, text);
    return (text + QLatin1Char('\n')).toUtf8();
}

} // namespace signalbox
