#include "app/wiring/ledgers.h"

#include "services/async/deliver.h"
#include "services/async/whenended.h"
#include "services/git/mirror.h"
#include "services/ledger/signing/sshagent.h"

#include <mutex>

namespace signalbox
{

namespace
{

using MaybeSigner = Result<std::shared_ptr<ssh::Signer>>;

// A desktop may ask its user each time the keychain is read: once is enough.
struct KeptSigner
{
    std::mutex mutex;
    std::shared_ptr<ssh::Signer> signer;
};

SignerSource fromKeychain(SecretStore &secrets, const SecretReference &reference)
{
    return [&secrets, reference, kept = std::make_shared<KeptSigner>()](StopToken stop) {
        {
            const std::lock_guard lock(kept->mutex);
            if (kept->signer)
                return ready(MaybeSigner(kept->signer));
        }
        return continued(ssh::keychainSigner(secrets, reference, std::move(stop)), [kept](const MaybeSigner &found) {
            if (found) {
                const std::lock_guard lock(kept->mutex);
                kept->signer = *found;
            }
            return found;
        });
    };
}

SignerSource signerSourceOf(const SigningChoice &choice, SecretStore &secrets)
{
    switch (choice.kind) {
    case SigningChoice::Kind::Agent:
        return [agent = std::make_shared<ssh::SshAgent>(), which = choice.which](StopToken stop) {
            return ssh::agentSigner(agent, which, std::move(stop));
        };
    case SigningChoice::Kind::File:
        return [path = choice.which](StopToken) { return ssh::fileSigner(path); };
    case SigningChoice::Kind::Keychain:
        if (choice.reference)
            return fromKeychain(secrets, *choice.reference);
        break;
    case SigningChoice::Kind::Git:
        break;
    }
    return {};
}

} // namespace

Result<LedgerSpec> ledgerSpecOf(const WorkspaceLedger &ledger, const WorkspaceFile &file)
{
    LedgerSpec spec;
    spec.firstAdmin = ledger.firstAdmin;
    spec.signing = ledger.signing;
    if (spec.signing.kind == SigningChoice::Kind::File)
        spec.signing.which = file.resolved(spec.signing.which);
    spec.fetchEvery = ledger.fetchEvery;
    if (ledger.remote.url.isEmpty())
        return spec;
    const auto remote = remoteSpecOf(ledger.remote, file);
    if (!remote)
        return remote.error();
    spec.remote = *remote;
    return spec;
}

QString ledgerPathOf(const LedgerSpec &spec, const QString &dataFolder)
{
    if (!spec.remote)
        return dataFolder + QStringLiteral("/ledger.git");
    return git::Mirror(dataFolder + QStringLiteral("/ledgers"), spec.remote->url).path();
}

TeamLedger::Settings ledgerSettingsOf(const LedgerSpec &spec, const QString &dataFolder, HttpClient &http,
                                      SecretStore &secrets)
{
    TeamLedger::Settings settings;
    settings.path = ledgerPathOf(spec, dataFolder);
    settings.signer = signerSourceOf(spec.signing, secrets);
    settings.pin.firstAdmin = spec.firstAdmin;
    settings.every = spec.fetchEvery;
    if (spec.remote) {
        settings.remote = spec.remote->url.shown;
        settings.access = [remote = *spec.remote, &http, &secrets](StopToken stop) {
            return accessOf(remote, http, secrets, std::move(stop));
        };
    }
    return settings;
}

} // namespace signalbox
