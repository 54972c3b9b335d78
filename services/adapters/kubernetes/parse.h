#pragma once

#include "models/domain/cluster.h"
#include "models/domain/result.h"

#include <QByteArray>

#include <memory>
#include <variant>
#include <vector>

// Kubernetes' JSON into our values: one pass (simdjson on demand), only the fields used, repeated strings and label
// sets shared. Lists and watch lines of every kind the console watches.
namespace signalbox::kubernetes
{

// What one kind of object is read as.
struct ParsedKind
{
    ClusterKind kind = ClusterKind::Pods;
    QString connection;
    QString group;    // it was asked for with: "apps", "" for core
    QString version;  // "v1"
    QString kindName; // "Deployment"; lists leave it out of their items
};

// Ready addresses behind a Service: one EndpointSlice, or a whole Endpoints object.
struct EndpointSet
{
    QString uid;
    QString ns;
    QString service;
    int ready = 0;
    int all = 0;
};

// One Istio DestinationRule: which pods a subset of a host means.
struct SubsetRule
{
    QString uid;
    QString ns;
    QString host; // as written
    QMap<QString, Labels> subsets;
};

struct NamespaceFact
{
    QString uid;
    QString name;
};

using KubeObject = std::variant<Node, Pod, Workload, Revision, ServiceInfo, Route, Autoscaler, ClusterEvent,
                                EndpointSet, SubsetRule, NamespaceFact>;
const QString &uidOf(const KubeObject &object);

struct ListPage
{
    std::vector<KubeObject> objects;
    QString resourceVersion;
    QString continueToken; // empty: the last page
};

struct WatchLine
{
    enum class Type { Added, Modified, Deleted, Bookmark, Failed };
    Type type = Type::Bookmark;
    std::optional<KubeObject> object; // of Added, Modified, Deleted
    QString resourceVersion;
    int code = 0;    // of Failed: the Status object's
    QString message; // of Failed
};

// Keeps the tables of shared strings, so one per kind and connection. Not thread-safe: calls come one after the other.
class ObjectParser
{
public:
    explicit ObjectParser(ParsedKind kind);
    ~ObjectParser();

    // `json` is used in place when it has room for `padding` bytes after its end, else copied.
    [[nodiscard]] Result<ListPage> parseList(const QByteArray &json);
    // `capacity`: bytes that may be read from line.data() on, at least line.size() + padding; else the line is copied.
    [[nodiscard]] Result<WatchLine> parseWatchLine(QByteArrayView line, qsizetype capacity);
    // One object by itself, as a GET answers.
    [[nodiscard]] Result<KubeObject> parseObject(const QByteArray &json);
    // Gives back the memory that a large document needed.
    void trim();

    static constexpr int padding = 64;

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace signalbox::kubernetes
