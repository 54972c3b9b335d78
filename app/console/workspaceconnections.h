#pragma once

#include "app/wiring/session.h"
#include "services/async/serialqueue.h"
#include "services/ports/connections.h"

#include <QSet>

#include <functional>
#include <memory>

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

    bool isRead() const override { return m_isStarted; }
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
    using Change = std::function<void(WorkspaceFile &)>;
    // Changes the workspace at once and writes it on the queue, one change after the other, whoever makes them; also
    // what is still under way when the program ends. When it cannot be written, editFailed() says why, and the file
    // counts again. Nothing without a workspace.
    void edit(Change change);

signals:
    void warningsFound(const QStringList &warnings);
    void editFailed(const signalbox::Error &error);

private:
    class Disk;
    // The file after a change: with it, or without it and why.
    struct Written
    {
        std::optional<WorkspaceFile> file;
        int reading = 0;
        std::optional<Error> problem;
    };
    struct Found
    {
        Sources sources;
        int reading = 0;
    };
    using Done = std::function<void(const Result<void> &)>;

    void take(const Result<Found> &found);
    void write(const Change &change, Done done);
    void noteWritten(const Result<Written> &written, const Done &done);
    void follow(const std::optional<WorkspaceFile> &before);
    void listConnections();
    void connectOne(const QString &id);
    const Operation *runningOn(const QString &id) const;

    Session &m_session;
    SourceOptions m_options;
    QString m_newFile;
    SerialQueue m_files;
    StopSource m_stop;
    bool m_isStarted = false;
    std::optional<Error> m_problem;
    std::shared_ptr<Disk> m_disk;             // for the queue's thread only
    std::optional<WorkspaceFile> m_file;      // as it was read or written last
    std::optional<WorkspaceFile> m_workspace; // with the changes on their way to it
    QList<Change> m_changes;                  // on their way; empty functions: will be refused
    QSet<QString> m_postponed;                // connected anew when what is under way on them has ended
    int m_reading = 0;                        // which reading of the file m_file goes back to
    QList<ConnectionConfig> m_connections;
};

} // namespace signalbox
