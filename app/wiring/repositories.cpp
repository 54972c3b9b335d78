#include "app/wiring/repositories.h"

#include "app/paths.h"
#include "app/wiring/pemfile.h"
#include "app/wiring/sourcestext.h"
#include "services/async/deliver.h"
#include "services/async/whenended.h"

namespace signalbox
{

namespace
{

QString repositoriesFolder()
{
    return cacheFolder() + QStringLiteral("/repositories");
}

} // namespace

Result<RemoteSpec> remoteSpecOf(const WorkspaceRepository &repository, const WorkspaceFile &file)
{
    const auto inFile = [&](const QString &message) {
        return Error{ErrorKind::Invalid,
                     SourcesText::tr("%1:%2: repository %3: %4")
                         .arg(file.path())
                         .arg(repository.line)
                         .arg(repository.id, message),
                     {}};
    };
    auto url = git::parseRemoteUrl(repository.url);
    if (url && url->kind == git::RemoteUrl::Kind::Path && !repository.url.contains(QLatin1String("://")))
        url = git::parseRemoteUrl(file.resolved(repository.url));
    if (!url)
        return inFile(url.error().message);
    RemoteSpec spec;
    spec.url = *url;
    spec.user = repository.basicUser;
    spec.password = repository.basicPassword;
    spec.insecureSkipTlsVerify = repository.insecureSkipTlsVerify;
    if (!repository.caFile.isEmpty()) {
        auto pem = pemFile(file.resolved(repository.caFile));
        if (!pem)
            return inFile(pem.error().message);
        spec.caPem = *std::move(pem);
    }
    return spec;
}

QFuture<Result<git::RemoteAccess>> accessOf(const RemoteSpec &spec, HttpClient &http, SecretStore &secrets,
                                            StopToken stop)
{
    git::RemoteAccess access;
    access.url = spec.url;
    access.http = &http;
    access.user = spec.user;
    access.caPem = spec.caPem;
    access.insecureSkipTlsVerify = spec.insecureSkipTlsVerify;
    if (!spec.password || spec.url.kind != git::RemoteUrl::Kind::Https)
        return ready(Result<git::RemoteAccess>(access));
    return continued(secrets.resolve(*spec.password, std::move(stop)),
                     [access](const Result<ResolvedSecret> &secret) -> Result<git::RemoteAccess> {
                         if (!secret)
                             return secret.error();
                         git::RemoteAccess resolved = access;
                         resolved.password = secret->value;
                         return resolved;
                     });
}

Result<GitSourceConfig> gitSourceConfigOf(const WorkspaceRepository &repository, const WorkspaceFile &file)
{
    const auto spec = remoteSpecOf(repository, file);
    if (!spec)
        return spec.error();
    GitSourceConfig config;
    config.id = repository.id;
    config.url = spec->url;
    config.user = spec->user;
    config.password = spec->password;
    config.caPem = spec->caPem;
    config.insecureSkipTlsVerify = spec->insecureSkipTlsVerify;
    config.issues = repository.issues;
    config.cacheFolder = repositoriesFolder();
    return config;
}

Result<GitSourceConfig> gitSourceConfigOf(const QString &address)
{
    const auto url = git::parseRemoteUrl(address);
    if (!url)
        return url.error();
    GitSourceConfig config;
    config.id = address;
    config.url = *url;
    config.cacheFolder = repositoriesFolder();
    return config;
}

} // namespace signalbox
