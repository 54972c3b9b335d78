#pragma once

#include "services/adapters/git/gitsource.h"
#include "services/workspace/workspacefile.h"

namespace signalbox
{

// Where a repository of the workspace is, and what goes with it.
struct RemoteSpec
{
    git::RemoteUrl url;
    QString user;                            // https; empty: that of the address
    std::optional<SecretReference> password; // resolved when it is needed
    QByteArray caPem;
    bool insecureSkipTlsVerify = false;
};
// Reads the CA file. Invalid names the line.
Result<RemoteSpec> remoteSpecOf(const WorkspaceRepository &repository, const WorkspaceFile &file);

// Its access, the password resolved. `http` and `secrets` outlive it.
[[nodiscard]] QFuture<Result<git::RemoteAccess>> accessOf(const RemoteSpec &spec, HttpClient &http,
                                                          SecretStore &secrets, StopToken stop);

// A repository of the workspace, ready for a GitSource. Reads the CA file. Invalid names the line.
Result<GitSourceConfig> gitSourceConfigOf(const WorkspaceRepository &repository, const WorkspaceFile &file);
// One named on the command line: no credential but what ssh has.
Result<GitSourceConfig> gitSourceConfigOf(const QString &address);

} // namespace signalbox
