#include "services/workspace/yamldocument.h"

#include "services/workspace/yamldocumenttext.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <QFile>
#include <QFileInfo>
#include <QHash>
#include <QStringDecoder>

#include <map>
#include <memory>
#include <set>
#include <sstream>
#include <stdexcept>
#include <unordered_map>
#include <utility>
#include <vector>

namespace signalbox
{

namespace
{

Error invalid(const QString &file, int line, const QString &sentence)
{
    return {ErrorKind::Invalid, QStringLiteral("%1:%2: %3").arg(file).arg(line).arg(sentence), {}};
}

// Thrown by the builder through yaml-cpp, caught in parse().
struct Refusal : std::runtime_error
{
    Refusal(int where, QString what)
        : std::runtime_error("yaml")
        , line(where)
        , sentence(std::move(what))
    {}
    int line;
    QString sentence;
};

struct YamlNode
{
    enum class Kind { Null, Text, List, Map };
    Kind kind = Kind::Null;
    int line = 1;
    int size = 1; // with everything below it
    bool isQuoted = false;
    std::string text;
    std::vector<std::pair<std::string, std::shared_ptr<YamlNode>>> children; // of a list: keys are empty
};

using NodePtr = std::shared_ptr<YamlNode>;

} // namespace

// Builds the tree from yaml-cpp's events. Aliases share their node; the tree is copied out within the limits only.
class YamlBuilder : public YAML::EventHandler
{
public:
    explicit YamlBuilder(const YamlLimits &limits)
        : m_limits(limits)
    {}

    void OnDocumentStart(const YAML::Mark &mark) override { m_firstLine = mark.line + 1; }
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark &mark, YAML::anchor_t anchor) override
    {
        add(make(mark, YamlNode::Kind::Null), anchor);
    }
    void OnScalar(const YAML::Mark &mark, const std::string &tag, YAML::anchor_t anchor,
                  const std::string &value) override
    {
        NodePtr node = make(mark, YamlNode::Kind::Text);
        node->text = value;
        node->isQuoted = tag == "!"; // yaml-cpp's tag of what is not plain
        add(node, anchor);
    }
    void OnAlias(const YAML::Mark &mark, YAML::anchor_t anchor) override
    {
        const auto found = m_anchors.find(anchor);
        if (found == m_anchors.end() || !found->second)
            throw Refusal(mark.line + 1,
                          YamlDocumentText::tr("An alias stands for a value that contains it. Write the value out."));
        add(found->second, 0, mark.line + 1);
    }
    void OnSequenceStart(const YAML::Mark &mark, const std::string &, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value) override
    {
        open(make(mark, YamlNode::Kind::List), anchor);
    }
    void OnSequenceEnd() override { close(); }
    void OnMapStart(const YAML::Mark &mark, const std::string &, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value) override
    {
        open(make(mark, YamlNode::Kind::Map), anchor);
    }
    void OnMapEnd() override { close(); }

    int firstLine() const { return m_firstLine; }
    void writeTo(YamlDocument &document) const
    {
        if (m_root)
            write(*m_root, {}, document.m_root, document);
    }

private:
    struct Open
    {
        NodePtr node;
        YAML::anchor_t anchor = 0;
        NodePtr key;                               // of a map: read, its value not yet
        std::unordered_map<std::string, int> keys; // of a map: the lines of those read
    };

    static NodePtr make(const YAML::Mark &mark, YamlNode::Kind kind)
    {
        auto node = std::make_shared<YamlNode>();
        node->line = std::max(mark.line, 0) + 1;
        node->kind = kind;
        return node;
    }

    void open(NodePtr node, YAML::anchor_t anchor)
    {
        if (static_cast<int>(m_open.size()) >= m_limits.depth)
            throw Refusal(node->line,
                          YamlDocumentText::tr("Nested deeper than %1 levels. Flatten it.").arg(m_limits.depth));
        m_open.push_back({std::move(node), anchor, nullptr, {}});
    }

    void close()
    {
        Open done = std::move(m_open.back());
        m_open.pop_back();
        if (done.node->kind == YamlNode::Kind::Map)
            merge(*done.node);
        add(done.node, done.anchor);
    }

    void add(const NodePtr &node, YAML::anchor_t anchor, int line = 0)
    {
        if (line == 0)
            line = node->line;
        if (anchor != 0)
            m_anchors[anchor] = node;
        if (m_open.empty()) {
            m_root = node;
            return;
        }
        Open &parent = m_open.back();
        if (parent.node->kind == YamlNode::Kind::Map && !parent.key) {
            if (node->kind != YamlNode::Kind::Text)
                throw Refusal(node->line, YamlDocumentText::tr("A key must be a text. Put it in quotes if it is one."));
            const auto [first, isNew] = parent.keys.emplace(node->text, node->line);
            if (!isNew)
                throw Refusal(node->line, YamlDocumentText::tr(
                                              "The key \"%1\" is given twice, first in line %2. Remove one of them.")
                                              .arg(QString::fromStdString(node->text))
                                              .arg(first->second));
            parent.key = node;
            return;
        }
        // A map, a list or nothing stands where its key does: yaml-cpp gives the place of what comes next. What an
        // alias stands for keeps its own.
        if (parent.key && line == node->line && node->kind != YamlNode::Kind::Text)
            node->line = parent.key->line;
        parent.node->children.emplace_back(parent.key ? parent.key->text : std::string(), node);
        parent.key.reset();
        parent.node->size += node->size;
        if (parent.node->size > m_limits.values)
            throw Refusal(line, YamlDocumentText::tr("More than %1 values, aliases written out. Shorten the file.")
                                    .arg(m_limits.values));
    }

    // Replaces << by the keys of what it refers to; keys written out win.
    static void merge(YamlNode &map)
    {
        NodePtr source;
        std::set<std::string> known;
        std::erase_if(map.children, [&](const auto &child) {
            if (child.first == "<<")
                source = child.second;
            return child.first == "<<";
        });
        if (!source)
            return;
        for (const auto &child : map.children)
            known.insert(child.first);
        if (source->kind != YamlNode::Kind::List) {
            mergeFrom(map, *source, known);
            return;
        }
        for (const auto &item : source->children)
            mergeFrom(map, *item.second, known);
    }

    static void mergeFrom(YamlNode &map, const YamlNode &source, std::set<std::string> &known)
    {
        if (source.kind != YamlNode::Kind::Map)
            throw Refusal(source.line,
                          YamlDocumentText::tr("The key << takes a map or a list of maps. Refer to one by its alias."));
        for (const auto &child : source.children) {
            if (known.insert(child.first).second)
                map.children.push_back(child);
        }
    }

    static void write(const YamlNode &node, const QString &pointer, nlohmann::ordered_json &to, YamlDocument &document)
    {
        document.m_places.insert(pointer, {node.line, node.isQuoted});
        switch (node.kind) {
        case YamlNode::Kind::Null:
            to = nullptr;
            return;
        case YamlNode::Kind::Text:
            to = node.text;
            return;
        case YamlNode::Kind::List:
            to = nlohmann::ordered_json::array();
            for (size_t i = 0; i < node.children.size(); ++i) {
                to.emplace_back(nullptr);
                write(*node.children[i].second, pointer + u'/' + QString::number(i), to.back(), document);
            }
            return;
        case YamlNode::Kind::Map:
            to = nlohmann::ordered_json::object();
            for (const auto &[key, child] : node.children) {
                // Keys are unique by now; operator[] would look through all of them each time.
                auto &members = to.get_ref<nlohmann::ordered_json::object_t &>();
                members.push_back({key, nullptr});
                write(*child, pointer + u'/' + pointerStep(QString::fromStdString(key)), members.back().second,
                      document);
            }
            return;
        }
    }

    int m_firstLine = 1;
    YamlLimits m_limits;
    std::vector<Open> m_open;
    std::map<YAML::anchor_t, NodePtr> m_anchors;
    NodePtr m_root;
};

namespace
{

// What YAML forbids but yaml-cpp takes (one such byte even ends its input).
std::optional<Error> badBytes(const QByteArray &bytes, const QString &file)
{
    int line = 1;
    for (const char c : bytes) {
        if (c == '\n')
            ++line;
        const auto byte = static_cast<unsigned char>(c);
        if ((byte < 0x20 && c != '\n' && c != '\r' && c != '\t') || byte == 0x7f) {
            return invalid(
                file, line,
                YamlDocumentText::tr("Expected text, found the control character 0x%1. Is this the right file?")
                    .arg(byte, 2, 16, QLatin1Char('0')));
        }
    }
    QStringDecoder decoder(QStringDecoder::Utf8, QStringDecoder::Flag::Stateless);
    const QString decoded = decoder.decode(bytes);
    if (decoder.hasError()) {
        const qsizetype bad = decoded.indexOf(QChar::ReplacementCharacter);
        return invalid(file, static_cast<int>(decoded.left(std::max<qsizetype>(bad, 0)).count(u'\n')) + 1,
                       YamlDocumentText::tr("Expected text in UTF-8, found other bytes. Save the file as UTF-8."));
    }
    return std::nullopt;
}

} // namespace

Result<YamlDocument> YamlDocument::parse(const QByteArray &bytes, const QString &file, const YamlLimits &limits)
{
    if (bytes.size() > limits.bytes)
        return invalid(
            file, 1,
            YamlDocumentText::tr("Expected at most %1 bytes, found more. Is this the right file?").arg(limits.bytes));
    if (auto error = badBytes(bytes, file))
        return *error;
    YamlDocument document;
    document.m_file = file;
    try {
        std::istringstream stream(bytes.toStdString());
        YAML::Parser parser(stream);
        YamlBuilder builder(limits);
        if (parser.HandleNextDocument(builder)) {
            YamlBuilder second(limits);
            if (parser.HandleNextDocument(second))
                return invalid(
                    file, second.firstLine(),
                    YamlDocumentText::tr("Expected one document, found a second one after \"---\". Split the file."));
            builder.writeTo(document);
        }
    } catch (const Refusal &refusal) {
        return invalid(file, refusal.line, refusal.sentence);
    } catch (const YAML::Exception &e) {
        return invalid(
            file, std::max(e.mark.line, 0) + 1,
            YamlDocumentText::tr(
                "This is neither valid YAML nor JSON: %1, at column %2. Look at the indentation and the quotes here "
                "and one line above.")
                .arg(QString::fromStdString(e.msg))
                .arg(std::max(e.mark.column, 0) + 1));
    } catch (const std::exception &e) {
        return Error{ErrorKind::Invalid,
                     YamlDocumentText::tr("%1 could not be read as YAML. Check the file.").arg(file),
                     QString::fromUtf8(e.what())};
    }
    return document;
}

Result<YamlDocument> YamlDocument::load(const QString &file, const YamlLimits &limits)
{
    const QFileInfo info(file);
    if (!info.exists())
        return Error{ErrorKind::NotFound, YamlDocumentText::tr("There is no file %1. Check the path.").arg(file), {}};
    if (info.isDir())
        return Error{ErrorKind::Invalid,
                     YamlDocumentText::tr("%1 is a folder, expected a file. Name the file in it.").arg(file),
                     {}};
    QFile input(file);
    if (!input.open(QIODevice::ReadOnly)) {
        return Error{
            ErrorKind::Invalid,
            YamlDocumentText::tr("%1 cannot be read: %2. Check its permissions.").arg(file, input.errorString()),
            {}};
    }
    return parse(input.read(limits.bytes + 1), file, limits);
}

int YamlDocument::lineOf(const QString &pointer) const
{
    for (QString at = pointer;; at.truncate(at.lastIndexOf(u'/'))) {
        const auto found = m_places.constFind(at);
        if (found != m_places.cend())
            return found->line;
        if (at.isEmpty())
            return 1;
    }
}

bool YamlDocument::isQuoted(const QString &pointer) const
{
    return m_places.value(pointer).isQuoted;
}

Error YamlDocument::problem(const QString &pointer, const QString &expected, const QString &found,
                            const QString &advice) const
{
    return problem(pointer, YamlDocumentText::tr("expected %1, found %2. %3").arg(expected, found, advice).trimmed());
}

Error YamlDocument::problem(const QString &pointer, const QString &sentence) const
{
    const QString path = readablePath(pointer);
    return invalid(m_file, lineOf(pointer), path.isEmpty() ? sentence : path + QStringLiteral(": ") + sentence);
}

QString pointerStep(const QString &key)
{
    QString step = key;
    return step.replace(u'~', QStringLiteral("~0")).replace(u'/', QStringLiteral("~1"));
}

QString readablePath(const QString &pointer)
{
    QString path;
    const QStringList steps = pointer.split(u'/').mid(1);
    for (QString step : steps) {
        step.replace(QStringLiteral("~1"), QStringLiteral("/")).replace(QStringLiteral("~0"), QStringLiteral("~"));
        bool isNumber = false;
        step.toUInt(&isNumber);
        if (isNumber)
            path += QStringLiteral("[%1]").arg(step);
        else if (step.contains(u'.') || step.contains(u' ') || step.isEmpty())
            path += QStringLiteral("[\"%1\"]").arg(step);
        else
            path += (path.isEmpty() ? QString() : QStringLiteral(".")) + step;
    }
    return path;
}

} // namespace signalbox
