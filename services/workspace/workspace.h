#pragma once

#include "models/domain/changes.h"
#include "models/domain/metric.h"
#include "models/domain/result.h"
#include "services/credentials/secretreference.h"

#include <QList>
#include <QString>
#include <QStringList>
#include <QUrl>

#include <chrono>
#include <optional>

// What a workspace file says (resources/workspace.schema.json is its published form). Values; secrets are references.
namespace signalbox
{

// One configured remote system. Paths are as written; WorkspaceFile::resolved() makes them absolute.
struct WorkspaceConnection
{
    enum class Kind { Kubernetes, Prometheus, Jenkins, GitHub, GitLab, Travis };

    QString id; // unique in the file, stable
    Kind kind = Kind::Kubernetes;
    QString title; // for people; empty: the id
    int line = 0;  // where it stands

    // Kubernetes
    QStringList kubeconfig; // files, the first wins; empty: KUBECONFIG, else ~/.kube/config
    QString context;        // empty: the current one
    QStringList namespaces; // empty: all that may be read

    // Those with pipelines: which projects of the server are followed, as it names them ("acme/cart", a Jenkins job's
    // or folder's path "team/cart"); empty: all that may be read, where the server can say which.
    QStringList projects = {};

    // All but Kubernetes
    QUrl url; // without user information
    std::optional<SecretReference> bearer;
    QString basicUser; // with basicPassword
    std::optional<SecretReference> basicPassword;
    QString caFile;
    bool insecureSkipTlsVerify = false;

    bool operator==(const WorkspaceConnection &) const = default;
};
QString workspaceKindName(WorkspaceConnection::Kind kind); // "kubernetes", as in the file
bool hasPipelines(WorkspaceConnection::Kind kind);

// Where the source of applications is. The address as written: a URL as git takes it, or a path.
struct WorkspaceRepository
{
    QString id; // unique among the repositories
    int line = 0;
    QString url;       // without a password
    QString basicUser; // https, with basicPassword
    std::optional<SecretReference> basicPassword;
    QString caFile;
    bool insecureSkipTlsVerify = false;
    QList<IssuePattern> issues; // empty: #123 and KEY-12
    bool operator==(const WorkspaceRepository &) const = default;
};

// Where images are: what a tag stands for, and which commit an image was built from, is asked there.
struct WorkspaceRegistry
{
    QString id; // unique among the registries
    int line = 0;
    QUrl url;               // scheme, host and port
    QStringList imageHosts; // by which images name it, where that is not the address
    std::optional<SecretReference> bearer;
    QString basicUser; // with basicPassword
    std::optional<SecretReference> basicPassword;
    QUrl tokenServer; // another host that may see the password; empty: none
    QString caFile;
    bool insecureSkipTlsVerify = false;
    bool operator==(const WorkspaceRegistry &) const = default;
};

// What an operator signs entries of the ledger with.
struct SigningChoice
{
    enum class Kind { Git, Agent, File, Keychain };
    Kind kind = Kind::Git; // the key that git signs with
    QString which; // Agent: a fingerprint, a comment or a public key, empty: its only one; File: path as written
    std::optional<SecretReference> reference; // Keychain
    bool operator==(const SigningChoice &) const = default;
};

// The signed record of this workspace's team.
struct WorkspaceLedger
{
    int line = 0;
    WorkspaceRepository remote; // where it is shared; without a `url` it stays on this machine
    QString firstAdmin;         // fingerprint or public key of who may have begun it; empty: not pinned
    SigningChoice signing;
    std::chrono::seconds fetchEvery{60};
    bool operator==(const WorkspaceLedger &) const = default;
};

// Which namespace of which connection is which environment of an application, where the cluster does not say it.
struct WorkspaceEnvironment
{
    QString name;
    QString connection; // id
    QString ns;
    bool operator==(const WorkspaceEnvironment &) const = default;
};
// What builds an application.
struct WorkspacePipeline
{
    QString connection; // id
    QString project;    // one of the connection's
    bool operator==(const WorkspacePipeline &) const = default;
};
struct WorkspaceApplication
{
    QString name;
    QString team;
    QList<WorkspaceEnvironment> environments; // in the order written
    QString repository;                       // id; empty: not said
    QString image = {};                       // without tag and digest; empty: as the clusters run it
    QList<WorkspacePipeline> pipelines = {};  // empty: projects whose last part has the application's name
    bool operator==(const WorkspaceApplication &) const = default;
};

// A saved query. An empty application: offered for all of them.
struct WorkspacePanel
{
    MetricPanel panel;
    QString connection; // id of a Prometheus connection; empty: the only one
    QString application;
    bool isSame(const WorkspacePanel &other) const // as an entry of the file, whatever it says
    {
        return panel.id == other.panel.id && connection == other.connection && application == other.application;
    }
    bool operator==(const WorkspacePanel &) const = default;
};

// What belongs to the team rather than to a person.
struct WorkspacePreferences
{
    QStringList environmentOrder;         // in release order; others follow
    QList<int> trafficSteps;              // per cent, rising, offered for a shift in steps
    std::chrono::seconds trafficDwell{0}; // between them; 0: not said
    bool operator==(const WorkspacePreferences &) const = default;
};

struct Workspace
{
    QString name;
    QList<WorkspaceConnection> connections;
    QList<WorkspaceApplication> applications;
    QList<WorkspacePanel> panels;
    WorkspacePreferences preferences;
    QList<WorkspaceRepository> repositories;
    std::optional<WorkspaceLedger> ledger; // none: one of this machine's own, not shared
    QStringList warnings;                  // for people: keys this version does not know, with file, line and path
    QList<WorkspaceRegistry> registries = {};

    const WorkspaceConnection *connection(const QString &id) const; // null: none
    // The name the workspace gives to this place, empty: none.
    QString environmentOf(const QString &application, const QString &connection, const QString &ns) const;
    const WorkspaceRepository *repository(const QString &id) const; // null: none
    // That of the application; the only one where it is not said. Null: none.
    const WorkspaceRepository *repositoryOf(const QString &application) const;
    QString imageOf(const QString &application) const; // empty: not said
    // What the project of this connection builds: as said, else the application that has the name of one of its parts,
    // the last one first. Empty: nothing says so.
    QString applicationOf(const QString &connection, const QString &project) const;
    // Those of the connection that build the application; of a connection that follows all, only those that are said. A
    // folder that is said stands for the projects in it, as far as they are followed by name or are among `known`, the
    // server's own; where neither tells any it stays as it is said.
    QStringList projectsOf(const QString &application, const QString &connection, const QStringList &known = {}) const;
    // The team it gives the application, empty: none.
    QString teamOf(const QString &application) const;
    // What it says of an application of this source: a panel for this application or this connection stands before one
    // of the same id for all.
    QList<MetricPanel> panelsFor(const QString &connection, const QString &application) const;
    // The clusters that the environment of the application is in. Empty: it is not named here, so that it is what a
    // namespace of any cluster says.
    QStringList clustersOf(const QString &application, const QString &environment) const;
};

} // namespace signalbox
