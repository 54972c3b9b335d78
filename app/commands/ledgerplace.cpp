#include "app/commands/ledgerplace.h"

#include "app/commands/command.h"
#include "app/commands/commandstext.h"
#include "app/paths.h"
#include "services/ledger/signing/publickey.h"
#include "services/ledger/verify/chainverifier.h"

namespace signalbox::commands
{

namespace
{

// Of a remote that is named on the command line: a reference, never the secret.
Result<void> readCredential(const cli::Arguments &arguments, RemoteSpec &remote)
{
    const QString password = arguments.value(QStringLiteral("password"));
    remote.user = arguments.value(QStringLiteral("user"));
    if (password.isEmpty() && remote.user.isEmpty())
        return {};
    if (remote.url.kind != git::RemoteUrl::Kind::Https)
        return invalid(
            CommandsText::tr("--user and --password are for https; %1 is reached without them.").arg(remote.url.shown));
    const auto reference = parseSecretReference(password);
    if (!reference)
        return invalid(CommandsText::tr("--password: %1").arg(reference.error().message));
    remote.password = *reference;
    return {};
}

Result<LedgerPlace> given(const cli::Arguments &arguments)
{
    LedgerPlace place;
    place.address = arguments.value(QStringLiteral("ledger"));
    const auto url = git::parseRemoteUrl(place.address);
    if (!url)
        return url.error();
    RemoteSpec remote;
    remote.url = *url;
    if (const auto read = readCredential(arguments, remote); !read)
        return read.error();
    place.isGivenRemote = url->kind != git::RemoteUrl::Kind::Path;
    if (place.isGivenRemote)
        place.spec.remote = remote;
    else
        place.path = url->path;
    return place;
}

Result<LedgerPlace> ofWorkspace(const QString &file, const QString &folder)
{
    LedgerPlace place;
    if (!file.isEmpty()) {
        const auto workspace = WorkspaceFile::load(file);
        if (!workspace)
            return workspace.error();
        place.workspaceName = workspace->workspace().name;
        for (const WorkspaceConnection &connection : workspace->workspace().connections)
            place.connections.append(connection.id);
        if (const auto &ledger = workspace->workspace().ledger) {
            const auto spec = ledgerSpecOf(*ledger, *workspace);
            if (!spec)
                return spec.error();
            place.spec = *spec;
        }
    }
    place.path = ledgerPathOf(place.spec, folder);
    place.address = place.spec.remote ? place.spec.remote->url.shown : place.path;
    return place;
}

} // namespace

Result<LedgerPlace> ledgerPlaceOf(const cli::Arguments &arguments)
{
    const bool isGiven = arguments.has(QStringLiteral("ledger"));
    const QString named = arguments.value(QStringLiteral("workspace"));
    if (isGiven && !named.isEmpty())
        return invalid(CommandsText::tr("--ledger and -w exclude each other: a workspace names its ledger itself."));
    if (!isGiven && (arguments.has(QStringLiteral("user")) || arguments.has(QStringLiteral("password"))))
        return invalid(
            CommandsText::tr("--user and --password go with --ledger URL; in a workspace the secret is named under "
                             "\"auth\" of \"ledger\"."));
    auto place = isGiven ? given(arguments)
                         : ofWorkspace(named.isEmpty() ? qEnvironmentVariable("SIGNALBOX_WORKSPACE") : named,
                                       dataFolderOf(arguments));
    if (!place)
        return place;
    const QString admin = arguments.value(QStringLiteral("first-admin"));
    const auto key = ssh::PublicKey::fromLine(admin.toUtf8());
    if (!admin.isEmpty() && !key && !admin.startsWith(QLatin1String("SHA256:")))
        return invalid(CommandsText::tr("--first-admin: give the key's fingerprint (SHA256:..., as \"ssh-keygen -l -f "
                                        "KEY.pub\" prints it) or the line of its .pub file."));
    if (!admin.isEmpty())
        place->spec.firstAdmin = admin;
    return place;
}

QString dataFolderOf(const cli::Arguments &arguments)
{
    const QString practice = arguments.value(QStringLiteral("demo")); // a flag without a value until the world is there
    return practice.isEmpty() ? dataFolder() : practice;
}

ledger::VerifyOptions ledgerOptionsOf(const cli::Arguments &arguments, const LedgerPlace &place)
{
    ledger::VerifyOptions options;
    options.atLeast = arguments.value(QStringLiteral("at-least"));
    options.pin.firstAdmin = place.spec.firstAdmin;
    return options;
}

} // namespace signalbox::commands
