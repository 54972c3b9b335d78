#include "app/wiring/repositories.h"

#include "app/paths.h"

#include <QCoreApplication>
#include <QFile>

namespace signalbox
{

namespace
{

struct Text
{
    Q_DECLARE_TR_FUNCTIONS(Sources)
};

constexpr qint64 maxCaBytes = 4 * 1024 * 1024;

QString repositoriesFolder()
{
    return cacheFolder() + QStringLiteral("/repositories");
}

} // namespace

Result<GitSourceConfig> gitSourceConfigOf(const WorkspaceRepository &repository, const WorkspaceFile &file)
{
    const auto inFile = [&](const QString &message) {
        return Error{
            ErrorKind::Invalid,
            Text::tr("%1:%2: repository %3: %4").arg(file.path()).arg(repository.line).arg(repository.id, message),
            {}};
    };
    auto url = git::parseRemoteUrl(repository.url);
    if (url && url->kind == git::RemoteUrl::Kind::Path && !repository.url.contains(QLatin1String("://")))
        url = git::parseRemoteUrl(file.resolved(repository.url));
    if (!url)
        return inFile(url.error().message);
    GitSourceConfig config;
    config.id = repository.id;
    config.url = *url;
    config.user = repository.basicUser;
    config.password = repository.basicPassword;
    config.insecureSkipTlsVerify = repository.insecureSkipTlsVerify;
    config.issues = repository.issues;
    config.cacheFolder = repositoriesFolder();
    if (!repository.caFile.isEmpty()) {
        QFile ca(file.resolved(repository.caFile));
        if (!ca.open(QIODevice::ReadOnly))
            return inFile(Text::tr("The CA file %1 cannot be read: %2.").arg(ca.fileName(), ca.errorString()));
        config.caPem = ca.read(maxCaBytes);
        if (!config.caPem.contains("-----BEGIN CERTIFICATE-----"))
            return inFile(Text::tr("The CA file %1 holds no certificate in PEM form (\"-----BEGIN CERTIFICATE-----\").")
                              .arg(ca.fileName()));
    }
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
