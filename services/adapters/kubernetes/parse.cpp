#include "services/adapters/kubernetes/parse.h"

#include "services/adapters/kubernetes/parsemeta.h"
#include "services/adapters/kubernetes/unreadable.h"

namespace signalbox::kubernetes
{

static_assert(ObjectParser::padding >= simdjson::SIMDJSON_PADDING);

namespace
{

KubeObject readAny(od::value value, ParseContext &context)
{
    switch (context.kind.kind) {
    case ClusterKind::Namespaces:
        return readNamespace(value, context);
    case ClusterKind::Nodes:
        return readNode(value, context);
    case ClusterKind::Pods:
        return readPod(value, context);
    case ClusterKind::Deployments:
    case ClusterKind::StatefulSets:
    case ClusterKind::DaemonSets:
    case ClusterKind::Rollouts:
        return readWorkload(value, context);
    case ClusterKind::ReplicaSets:
        return readReplicaSet(value, context);
    case ClusterKind::ControllerRevisions:
        return readControllerRevision(value, context);
    case ClusterKind::Services:
        return readService(value, context);
    case ClusterKind::Endpoints:
        return readEndpoints(value, context);
    case ClusterKind::Routes:
        return readHttpRoute(value, context);
    case ClusterKind::VirtualServices:
        return readVirtualService(value, context);
    case ClusterKind::DestinationRules:
        return readDestinationRule(value, context);
    case ClusterKind::Autoscalers:
        return readAutoscaler(value, context);
    case ClusterKind::Events:
        break;
    }
    return readEvent(value, context);
}

void readListMeta(od::value value, ListPage &page)
{
    eachField(value, [&](std::string_view key, od::value field) {
        if (key == "resourceVersion")
            page.resourceVersion = toQString(text(field));
        else if (key == "continue")
            page.continueToken = toQString(text(field));
    });
}

// A Status object, or what else an ERROR line holds.
void readFailure(od::value value, WatchLine &line)
{
    eachField(value, [&](std::string_view key, od::value field) {
        if (key == "code")
            line.code = static_cast<int>(integer(field));
        else if (key == "message")
            line.message = toQString(text(field));
    });
}

void readObject(od::value object, WatchLine &line, ParseContext &context)
{
    if (line.type == WatchLine::Type::Failed) {
        readFailure(object, line);
    } else if (line.type == WatchLine::Type::Bookmark) {
        eachField(object, [&](std::string_view key, od::value field) {
            if (key == "metadata")
                line.resourceVersion = toQString(readMeta(field, context.strings, MetaScope::Plain).resourceVersion);
        });
    } else {
        line.object = readAny(object, context);
        line.resourceVersion = context.resourceVersion;
    }
}

std::optional<WatchLine::Type> typeOf(std::string_view word)
{
    if (word == "ADDED")
        return WatchLine::Type::Added;
    if (word == "MODIFIED")
        return WatchLine::Type::Modified;
    if (word == "DELETED")
        return WatchLine::Type::Deleted;
    if (word == "BOOKMARK")
        return WatchLine::Type::Bookmark;
    if (word == "ERROR")
        return WatchLine::Type::Failed;
    return {};
}

Error brokenJson(const QString &what, const char *why, qsizetype size)
{
    return unreadableAnswer(what, QStringLiteral("%1 (%2 bytes)").arg(QString::fromLatin1(why)).arg(size));
}

} // namespace

const QString &uidOf(const KubeObject &object)
{
    return std::visit(
        [](const auto &one) -> const QString & {
            if constexpr (requires { one.ref; })
                return one.ref.uid;
            else
                return one.uid;
        },
        object);
}

class ObjectParser::Private
{
public:
    od::document iterate(const char *bytes, qsizetype size, qsizetype capacity)
    {
        if (capacity < size + padding) {
            m_copy = simdjson::padded_string(bytes, static_cast<size_t>(size));
            return m_parser.iterate(m_copy);
        }
        return m_parser.iterate(bytes, static_cast<size_t>(size), static_cast<size_t>(capacity));
    }

    ParsedKind kind;
    Interner strings;
    od::parser m_parser;
    simdjson::padded_string m_copy;
};

ObjectParser::ObjectParser(ParsedKind kind)
    : d(std::make_unique<Private>())
{
    d->kind = std::move(kind);
}

ObjectParser::~ObjectParser() = default;

Result<ListPage> ObjectParser::parseList(const QByteArray &json)
{
    const QString what = KubernetesText::tr("list of %1").arg(clusterKindName(d->kind.kind));
    try {
        ListPage page;
        bool hasItems = false;
        ParseContext context{d->kind, d->strings, {}};
        od::document document = d->iterate(json.constData(), json.size(), json.capacity());
        od::object root = document.get_object();
        for (auto field : root) {
            const std::string_view key = field.unescaped_key();
            if (key == "metadata") {
                readListMeta(field.value().value(), page);
            } else if (key == "items") {
                hasItems = true;
                eachElement(field.value().value(),
                            [&](od::value item) { page.objects.push_back(readAny(item, context)); });
            }
        }
        if (!hasItems || page.resourceVersion.isEmpty())
            return brokenJson(what, "it has no items or no resourceVersion", json.size());
        return page;
    } catch (const simdjson::simdjson_error &error) {
        return brokenJson(what, error.what(), json.size());
    }
}

Result<WatchLine> ObjectParser::parseWatchLine(QByteArrayView line, qsizetype capacity)
{
    const QString what = KubernetesText::tr("change of %1").arg(clusterKindName(d->kind.kind));
    try {
        WatchLine read;
        ParseContext context{d->kind, d->strings, {}};
        od::document document = d->iterate(line.data(), line.size(), capacity);
        od::object root = document.get_object();
        std::optional<WatchLine::Type> type;
        bool hasObject = false;
        for (int pass = 0; pass < 2 && !hasObject; ++pass) {
            if (pass > 0)
                root.reset(); // the object came before its type
            for (auto field : root) {
                const std::string_view key = field.unescaped_key();
                if (key == "type") {
                    type = typeOf(text(field.value().value()));
                } else if (key == "object" && type) {
                    read.type = *type;
                    readObject(field.value().value(), read, context);
                    hasObject = true;
                }
            }
            if (!type)
                break;
        }
        if (!type || !hasObject)
            return brokenJson(what, "it is none of ADDED, MODIFIED, DELETED, BOOKMARK, ERROR", line.size());
        if (document.current_location().error() != simdjson::OUT_OF_BOUNDS)
            return brokenJson(what, "it goes on after its end", line.size());
        return read;
    } catch (const simdjson::simdjson_error &error) {
        return brokenJson(what, error.what(), line.size());
    }
}

Result<KubeObject> ObjectParser::parseObject(const QByteArray &json)
{
    try {
        ParseContext context{d->kind, d->strings, {}};
        od::document document = d->iterate(json.constData(), json.size(), json.capacity());
        return readAny(document.get_value(), context);
    } catch (const simdjson::simdjson_error &error) {
        return brokenJson(clusterKindName(d->kind.kind), error.what(), json.size());
    }
}

void ObjectParser::trim()
{
    d->m_parser = od::parser();
    d->m_copy = simdjson::padded_string();
}

} // namespace signalbox::kubernetes
