#pragma once

#include "models/domain/result.h"
#include "services/async/stoptoken.h"

#include <QFuture>
#include <QList>
#include <QObject>
#include <QStringList>

#include <chrono>
#include <memory>
#include <optional>

// What the Connections screen asks of the workspace. Values hold references to secrets, never secrets.
namespace signalbox
{

struct ConnectionConfig
{
    enum class Kind { Kubernetes, Prometheus, Jenkins, GitHub, GitLab, Travis };

    QString id; // empty: not saved yet
    Kind kind = Kind::Kubernetes;
    QString title;

    // Kubernetes
    QString kubeconfig;     // path; empty: kubectl's default files
    QString context;        // empty: the current one
    QStringList namespaces; // empty: all that may be read

    // All but Kubernetes
    QString address;    // http(s)://host:port/path
    QString credential; // reference: "env:NAME", "file:/path", "keychain:name"; empty: none
    QString caFile;
    bool skipsTlsVerification = false; // shown as a banner
    QString user = {};                 // Jenkins: whose API token the credential is
    QStringList projects = {};         // of a server with pipelines

    // Found without a workspace naming it (the kubeconfig's current context): saving it makes it part of the workspace.
    bool isDiscovered = false;

    bool operator==(const ConnectionConfig &) const = default;
};
QString connectionKindLabel(ConnectionConfig::Kind kind); // "Kubernetes"
bool hasPipelines(ConnectionConfig::Kind kind);

// One context of the kubeconfig files found, for the import list.
struct ContextInfo
{
    QString name;
    QString cluster;
    QString server; // address as written
    QString user;
    QString ns;
    QString kubeconfig; // file that names it
    bool isCurrent = false;
    bool skipsTlsVerification = false;
    bool isImported = false;        // a connection has it already
    QString problem = {};           // why it cannot be used as it is; empty: nothing known
    QString credentialProgram = {}; // what hands out its credentials: connecting runs it; empty: none

    bool operator==(const ContextInfo &) const = default;
};

struct ProbeStep
{
    enum class State { Pending, Running, Passed, Warned, Failed, Skipped };
    QString id;    // stable: "name", "connect", "tls", "credential", "version", "rights" ...
    QString title; // "Reach 10.0.0.1:6443"
    State state = State::Pending;
    QString text; // what was found, or what is wrong and what to do

    bool operator==(const ProbeStep &) const = default;
};

struct ProbeReport
{
    QList<ProbeStep> steps;
    bool isUsable = false;
    QString version;            // of the remote
    QString user;               // as it knows us
    std::optional<Error> error; // the first that makes it unusable
};

// A test of one connection, under way. Begins when control returns to the event loop; deleting it stops it.
class ConnectionProbe : public QObject
{
    Q_OBJECT
public:
    using QObject::QObject;
    ~ConnectionProbe() override;

    virtual QList<ProbeStep> steps() const = 0; // all of them from the start, Pending first
signals:
    void stepChanged(const signalbox::ProbeStep &step);
    void finished(const signalbox::ProbeReport &report);
};

// What the team shifts traffic by, where the workspace says so.
struct ShiftDefaults
{
    QList<int> percents;           // rising; empty: not said
    std::chrono::seconds dwell{0}; // between them; 0: not said
    bool operator==(const ShiftDefaults &) const = default;
};

// The connections of the workspace: read, tested, written back. Calls come from the GUI thread and return at once;
// nothing is written before a future that says so has its result.
class ConnectionsService : public QObject
{
    Q_OBJECT
public:
    using QObject::QObject;
    ~ConnectionsService() override;

    // The configuration was read, or could not be: connections() and problem() mean something.
    virtual bool isRead() const { return true; }
    virtual QList<ConnectionConfig> connections() const = 0;
    virtual QString workspaceFile() const = 0; // where save() writes; empty: nowhere yet
    // Why the workspace or the kubeconfig could not be read, while that is so: shown on the screen with the place to
    // fix.
    virtual std::optional<Error> problem() const = 0;

    // Contexts of kubectl's default files and of `moreFiles`.
    [[nodiscard]] virtual QFuture<Result<QList<ContextInfo>>> contexts(QStringList moreFiles, StopToken stop) = 0;
    [[nodiscard]] virtual std::unique_ptr<ConnectionProbe> probe(const ConnectionConfig &config) = 0;
    // Adds (empty id) or replaces, writes the workspace and (re)connects. The id it has now.
    [[nodiscard]] virtual QFuture<Result<QString>> save(ConnectionConfig config) = 0;
    // Takes it out of the workspace and disconnects. save() of the same config brings it back.
    [[nodiscard]] virtual QFuture<Result<void>> remove(QString id) = 0;
    virtual ShiftDefaults shiftDefaults() const { return {}; } // nothing said, where there is no workspace
    // Looks for kubeconfig files and the workspace again.
    virtual void rescan() = 0;

signals:
    void changed(); // connections(), workspaceFile() or problem()
};

} // namespace signalbox
