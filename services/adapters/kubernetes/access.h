#pragma once

#include "services/adapters/kubernetes/kubeconfig.h"
#include "services/net/http.h"

#include <QUrl>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

namespace signalbox::kubernetes
{

// One context of a kubeconfig, resolved and its files read: everything to reach that server as that user.
struct ClusterAccess
{
    QString context;
    QString cluster;
    QString user; // the kubeconfig's name of it, or whom it impersonates; empty: nobody
    QString ns;   // empty: none named
    QUrl server;

    QByteArray caPem; // empty: the system's
    bool insecureSkipVerify = false;
    QString tlsServerName;
    QString proxy;

    std::optional<ClientCertificate> certificate;
    QString certificateFile; // read again as time goes by, for rotated certificates; both or none
    QString keyFile;
    Secret token;
    QString tokenFile;
    std::optional<ExecPlugin> exec;
    QByteArray execClusterInfo; // JSON of spec.cluster for the plugin
    HttpHeaders impersonation;

    QStringList warnings; // sentences for people: what works but is not as it should be

    // False: the banner must be shown. Plain http to loopback leaves this machine never and counts as verified.
    bool verifiesTls() const;
};

// What besides its address tells a server from another one: proxy, expected name, CA (a word for each certificate of a
// bundle); each empty where not set. Not the user: whoever writes there writes to the same cluster. The proxy is
// without the name and password it may want.
QStringList routeOf(const ClusterAccess &access);

// The detail of the error where a file has contexts, and none is chosen: where one is chosen differs by program.
inline constexpr QLatin1String noContextChosen("no context chosen");

// `context` empty: the current one. Reads the files that are named: not in the GUI thread. Errors: NotFound (no such
// context, cluster or user, with the names there are), Invalid (with file, line, path), Unsupported.
Result<ClusterAccess> accessFor(const KubeConfig &config, const QString &context = {});

struct EndpointOptions
{
    QString connection;       // id, for the log and the panel of requests
    bool hasTerminal = false; // for exec plugins that ask questions
    std::chrono::milliseconds execTimeout{120'000};
    std::chrono::milliseconds execFailureIsKept{10'000};
    std::chrono::milliseconds filesAreGood{60'000}; // token and certificate files are read again after this
    std::function<bool()> isTerminalTaken = {};     // as ExecSetup has it
};

// Wires the credentials: tokens, files read again, plugins asked once for all who wait, renewal after a 401.
std::shared_ptr<const HttpEndpoint> endpointFor(const ClusterAccess &access, const EndpointOptions &options);

} // namespace signalbox::kubernetes
