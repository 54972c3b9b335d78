#pragma once

#include "services/adapters/kubernetes/kubeconfig.h"
#include "services/async/stoptoken.h"
#include "services/net/http.h"

#include <QDateTime>
#include <QFuture>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

namespace signalbox::kubernetes
{

// What a credential plugin handed out: a token, a certificate with its key, or both.
struct ExecCredential
{
    Secret token;
    std::optional<ClientCertificate> certificate;
    QDateTime expires; // UTC; invalid: not said
};

struct ExecSetup
{
    ExecPlugin plugin;
    QByteArray clusterInfo;                          // JSON of spec.cluster for KUBERNETES_EXEC_INFO; empty: none
    bool hasTerminal = false;                        // our standard input is one
    std::chrono::milliseconds timeout{120'000};      // people may have to log in meanwhile
    std::chrono::milliseconds failureIsKept{10'000}; // not asked again at once: the plugin may open a browser
    // Whether somebody reads that input now. Asked at each run, on any thread; empty: nobody ever does.
    std::function<bool()> isTerminalTaken = {};
};

// Runs the plugin and keeps what it said until it expires or the server refuses it. However many ask at once, it runs
// once, on a thread of its own. Thread-safe.
// Protocol: https://kubernetes.io/docs/reference/config-api/client-authentication.v1/
class ExecCredentials
{
public:
    explicit ExecCredentials(ExecSetup setup);
    ~ExecCredentials(); // ends a running plugin

    [[nodiscard]] QFuture<Result<ExecCredential>> credential(StopToken stop);
    // The server answered 401 to `token` (empty: to the certificate). True: another try will have another credential.
    bool rejected(const QByteArray &token);
    std::optional<ClientCertificate> certificate() const; // of the newest credential; returns at once

private:
    struct State;
    std::shared_ptr<State> m_state;
};

// The plugin's standard output, judged. Pure.
Result<ExecCredential> parseExecCredential(const QByteArray &output, const ExecPlugin &plugin);
// KUBERNETES_EXEC_INFO.
QByteArray execInfo(const ExecSetup &setup);
// The first line that says something, with whatever looks like a secret blotted out.
QString firstLineRedacted(const QByteArray &output, const QList<Secret> &known = {});

} // namespace signalbox::kubernetes
