#pragma once

#include <QByteArray>
#include <QString>

#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace signalbox
{

class YamlDocument;

// A workspace as a tree that can be edited and written again: order, unknown keys, quotes and texts stay; comments
// behind the first lines and the choice of indentation go. A value.
struct WorkspaceNode
{
    enum class Kind { Null, Plain, Quoted, List, Map }; // Plain: a scalar written without quotes
    Kind kind = Kind::Null;
    QString text;
    std::vector<std::pair<QString, WorkspaceNode>> entries; // of a list with empty keys

    static WorkspaceNode of(const YamlDocument &document);
    static WorkspaceNode quoted(const QString &text); // written without quotes where YAML allows it
    static WorkspaceNode plain(const QString &text);  // true, 5
    static WorkspaceNode list();
    static WorkspaceNode map();

    WorkspaceNode *find(const QString &key); // null: none, or no map
    // Replaces the value in its place, or adds it at the end. Without a value the key goes.
    void set(const QString &key, std::optional<WorkspaceNode> value);
    QString textAt(const QString &key) const;

    bool operator==(const WorkspaceNode &) const = default;
};

QByteArray writeYaml(const WorkspaceNode &root);
QByteArray writeJson(const WorkspaceNode &root);

} // namespace signalbox
