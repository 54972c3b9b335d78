#pragma once

#include "app/wiring/session.h"
#include "services/async/serialqueue.h"
#include "services/ports/connections.h"

#include <functional>

namespace signalbox
{

// The Connections screen's port on the workspace file and the session. Files are read and written on a queue of its
// own; everything else happens in the GUI thread.
class WorkspaceConnections : public ConnectionsService
{
    Q_OBJECT
public:
    // `newFile`: where save() creates a workspace when none was given.
    WorkspaceConnections(Session &session, SourceOptions options, QString newFile, QObject *parent = nullptr);
    ~WorkspaceConnections() override;

    // Reads the sources and connects them; changed() when done. Called once, after the window is shown.
    void start();
    bool isStarted() const { return m_isStarted; }

    QList<ConnectionConfig> connections() const override { return m_connections; }
    QString workspaceFile() const override;
    std::optional<Error> problem() const override { return m_problem; }
    QFuture<Result<QList<ContextInfo>>> contexts(QStringList moreFiles, StopToken stop) override;
    std::unique_ptr<ConnectionProbe> probe(const ConnectionConfig &config) override;
    QFuture<Result<QString>> save(ConnectionConfig config) override;
    QFuture<Result<void>> remove(QString id) override;
    void rescan() override;
    ShiftDefaults shiftDefaults() const override;

    const Workspace *workspace() const; // null: none is open
    // Changes the workspace at once and writes it on the queue, one change after the other. When it cannot be written
    // it is read again, and editFailed() says why. Nothing without a workspace.
    void edit(std::function<void(WorkspaceFile &)> change);

signals:
    void warningsFound(const QStringList &warnings);
    void editFailed(const signalbox::Error &error);

private:
    void take(const Result<Sources> &sources);
    void connectSaved(const WorkspaceFile &file, const QString &id);
    void writeEdits();
    void editsWritten(const Result<WorkspaceFile> &saved);
    WorkspaceConnection written(const ConnectionConfig &config) const;

    Session &m_session;
    SourceOptions m_options;
    QString m_newFile;
    SerialQueue m_files;
    StopSource m_stop;
    bool m_isStarted = false;
    std::optional<Error> m_problem;
    std::optional<WorkspaceFile> m_workspace;
    QList<ConnectionConfig> m_connections;
    QList<std::function<void(WorkspaceFile &)>> m_edits; // made here, not on their way to the file yet
    bool m_isWriting = false;
};

// A config of the screen for one of the workspace, and back.
ConnectionConfig configOf(const WorkspaceConnection &connection, const WorkspaceFile &file);

} // namespace signalbox
