#pragma once

#include "models/domain/result.h"
#include "services/credentials/secret.h"

#include <QByteArray>
#include <QHash>
#include <QList>
#include <QString>
#include <QStringList>
#include <QUrl>

#include <optional>
#include <utility>

// kubeconfig files as kubectl reads and merges them (k8s.io/client-go/tools/clientcmd: loader.go, client_config.go,
// validation.go). Values only: what they mean for a connection is access.h's.
namespace signalbox::kubernetes
{

// users[].user.exec: a program that hands out credentials (client.authentication.k8s.io, v1 and v1beta1).
struct ExecPlugin
{
    enum class Interaction { Never, IfAvailable, Always };

    QString apiVersion;
    QString command; // a name to be found in PATH, or an absolute path
    QStringList arguments;
    QList<std::pair<QString, Secret>> environment; // on top of ours
    QString installHint;
    bool provideClusterInfo = false;
    Interaction interaction = Interaction::IfAvailable;
    QString user;  // whose it is, for messages
    QString place; // "FILE:LINE: users[2].user.exec"
};

// Inline bytes, or a file (absolute) and where it is named; both empty: none.
struct PemSource
{
    Secret inlinePem;
    QString file;
    QString place; // "FILE:LINE: PATH"
    bool isEmpty() const { return inlinePem.isEmpty() && file.isEmpty(); }
};

// What clusters, users and contexts share. An entry with a `problem` is kept, so that the others stay usable.
struct KubeEntry
{
    QString name;
    QString place; // "FILE:LINE: users[2]"
    std::optional<Error> problem;
};

struct KubeCluster : KubeEntry
{
    QString server; // as written
    PemSource ca;
    bool insecureSkipVerify = false;
    QString tlsServerName;
    QString proxy;
    QByteArray execConfig; // JSON of the extension client.authentication.k8s.io/exec, for exec plugins
};

struct KubeUser : KubeEntry
{
    PemSource certificate;
    PemSource key;
    Secret token;
    PemSource tokenFile; // only file and place
    std::optional<ExecPlugin> exec;
    QString impersonate;
    QString impersonateUid;
    QStringList impersonateGroups;
    QList<std::pair<QString, QString>> impersonateExtra; // key, value; keys repeat
};

struct KubeContext : KubeEntry
{
    QString cluster;
    QString user; // may be empty: nobody
    QString ns;   // may be empty
};

struct KubeConfig
{
    QStringList files; // read, in order
    QList<KubeContext> contexts;
    QList<KubeCluster> clusters;
    QList<KubeUser> users;
    QString currentContext; // may be empty, or name a context that is not there

    const KubeContext *context(const QString &name) const; // null: none
    const KubeCluster *cluster(const QString &name) const;
    const KubeUser *user(const QString &name) const;
};

// "https://host:6443/prefix" without a slash at its end. An address without a scheme is https when something speaks for
// TLS (a CA, a client certificate, insecure-skip-tls-verify), else http, as with kubectl.
QUrl serverUrl(const QString &server, bool hasTls);

// KUBECONFIG, taken apart; without it ~/.kube/config.
QStringList defaultKubeConfigFiles();
// The detail of the error where there is none of the files: what to do about it differs by program.
inline constexpr QLatin1String noKubeConfigFound("no kubeconfig");
inline constexpr QLatin1String podServiceAccount("/var/run/secrets/kubernetes.io/serviceaccount");
// The first file wins for each named entry, and the first that sets it for current-context; files that do not exist are
// skipped, NotFound when that leaves none. Invalid: a file that cannot be read at all. Where KUBECONFIG names none and
// ~/.kube/config is not there a pod's own service account serves, mounted at `serviceAccount`. Reads files: not in the
// GUI thread.
Result<KubeConfig> loadKubeConfig(const QStringList &files, const QString &serviceAccount = podServiceAccount);
// One file's text; `file` (absolute) is named in errors and relative file names in it are relative to its folder.
Result<KubeConfig> parseKubeConfig(const QByteArray &text, const QString &file);

} // namespace signalbox::kubernetes
