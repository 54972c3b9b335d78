#pragma once

#include "services/workspace/workspace.h"

#include <memory>

namespace signalbox
{

// The workspace on disk: read, changed in memory, written back whole and at once. What the user wrote stays, unknown
// keys and order included (comments may go, but those at the top of the file). Not thread-safe; reads and writes block
// for a small file: call it from a worker or a command line.
class WorkspaceFile
{
public:
    // NotFound: there is no such file. Invalid: see decodeWorkspace(). The path is made absolute.
    static Result<WorkspaceFile> load(const QString &path);
    // One that is not there yet; save() creates it, readable by its owner only.
    static WorkspaceFile createAt(const QString &path);

    ~WorkspaceFile();
    WorkspaceFile(WorkspaceFile &&) noexcept;
    WorkspaceFile &operator=(WorkspaceFile &&) noexcept;
    WorkspaceFile(const WorkspaceFile &other);
    WorkspaceFile &operator=(const WorkspaceFile &other);

    QString path() const;
    const Workspace &workspace() const;
    // A path as written there: "~" is the home folder, the rest is relative to the file's folder.
    QString resolved(const QString &written) const;

    // Adds the connection, or replaces what is known of the one with this id. Unknown keys of it stay.
    void putConnection(const WorkspaceConnection &connection);
    bool removeConnection(const QString &id); // false: there is none
    // The same for a saved query; it is known by its id, connection and application together.
    void putPanel(const WorkspacePanel &panel);
    bool removePanel(const QString &id, const QString &connection, const QString &application);

    // Conflict, and nothing written, when the file changed since it was loaded or saved. Keeps the file's permissions.
    // What was put in is read back before it is written: a mistake is Invalid and the file stays as it was.
    Result<void> save();

private:
    WorkspaceFile();
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace signalbox
