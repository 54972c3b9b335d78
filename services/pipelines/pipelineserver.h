#pragma once

#include "services/credentials/secretreference.h"
#include "services/ports/gatekeeper.h"
#include "services/ports/pipelinesource.h"
#include "services/ports/steprunner.h"

#include <memory>
#include <optional>

namespace signalbox
{

// Where a server with pipelines is and how one shows who one is, as the workspace says it.
struct PipelineServerConfig
{
    QString id;
    QString title; // for people; empty: the host
    QUrl url; // of the API: "https://api.github.com", "https://gitlab.example.com", "https://jenkins.example.com/ci"
    QByteArray caPem;
    bool insecureSkipTlsVerify = false;
    QString user; // with `password`: Jenkins' user and API token
    std::optional<SecretReference> password;
    std::optional<SecretReference> bearer; // a token
    QStringList projects;                  // followed; empty: all that may be read, where the server can say which
};

// One connected server: what it offers to screens and to operations. Owns all of it.
class PipelineServer
{
public:
    virtual ~PipelineServer() = default;
    virtual PipelineSource &source() = 0;
    virtual GateKeeper *gates() = 0; // null: this vendor has none
    virtual StepRunner &runner() = 0;
};

} // namespace signalbox
