#pragma once

#include "app/wiring/ledgers.h"
#include "services/adapters/git/gitsource.h"
#include "services/adapters/kubernetes/access.h"
#include "services/adapters/oci/ocitokens.h"
#include "services/pipelines/pipelineserver.h"
#include "services/workspace/workspacefile.h"

#include <optional>

// From what was given on the command line to what can be connected. Reads files and blocks: for a command line, or on a
// worker.
namespace signalbox
{

struct SourceOptions
{
    QString workspace;       // -w; SIGNALBOX_WORKSPACE where none of it, a kubeconfig and a Prometheus is given
    QString kubeconfig;      // --kubeconfig
    QString context;         // --context
    bool demo = false;       // --demo: startDemo() fills in the workspace
    QString dataFolder;      // journal and ledger; empty: the program's own
    QString prometheus = {}; // --prometheus: an address, beside a kubeconfig
};

struct ClusterSpec
{
    QString id;
    QString title;
    QStringList namespaces; // empty: all that may be read
    QStringList files;      // kubeconfig files it comes from
    kubernetes::ClusterAccess access;
};

struct MetricSpec
{
    QString id;
    QString title;
    QUrl url;
    QByteArray caPem;
    bool insecureSkipTlsVerify = false;
    std::optional<SecretReference> bearer;
    QString basicUser;
    std::optional<SecretReference> basicPassword;
};

// A server with pipelines.
struct PipelineSpec
{
    WorkspaceConnection::Kind kind = WorkspaceConnection::Kind::Jenkins;
    PipelineServerConfig server;
};

// What cannot be used does not hide the rest.
struct SourceProblem
{
    QString id;
    Error error;
};

struct Sources
{
    std::optional<WorkspaceFile> workspace; // none: a kubeconfig alone
    QList<ClusterSpec> clusters;
    QList<MetricSpec> metrics;
    std::optional<LedgerSpec> ledger = {}; // none: this machine's own
    QList<SourceProblem> problems;
    QStringList warnings;                     // for people
    QList<GitSourceConfig> repositories = {}; // of a workspace
    QList<oci::RegistryConfig> registries = {};
    QList<PipelineSpec> pipelines = {};
};

// The combination of options alone: contradictions and what this version cannot do. Touches no file.
Result<void> checkSourceOptions(const SourceOptions &options);
// NotFound or Invalid when there is nothing at all to connect to, or the workspace cannot be read.
Result<Sources> findSources(const SourceOptions &options);

// One connection of a workspace.
Result<ClusterSpec> clusterSpecOf(const WorkspaceConnection &connection, const WorkspaceFile &file);
Result<MetricSpec> metricSpecOf(const WorkspaceConnection &connection, const WorkspaceFile &file);
Result<PipelineSpec> pipelineSpecOf(const WorkspaceConnection &connection, const WorkspaceFile &file);
// One named on the command line: no credential. Touches nothing.
Result<MetricSpec> metricSpecOf(const QString &address);

} // namespace signalbox
