#pragma once

#include "services/ports/secretstore.h"

#include <QObject>

namespace signalbox
{

// The environment, files, and the desktop's keychain through QtKeychain. Files are read on a worker, the keychain is
// asked in the thread of this object, which needs an event loop.
class CredentialStore : public QObject, public SecretStore
{
    Q_OBJECT
public:
    explicit CredentialStore(QObject *parent = nullptr);
    ~CredentialStore() override;

    QFuture<Result<ResolvedSecret>> resolve(SecretReference reference, StopToken stop) override;
    QFuture<Result<void>> keep(SecretReference reference, Secret secret, StopToken stop) override;

private:
    void readKeychain(const SecretReference &reference, std::shared_ptr<QPromise<Result<ResolvedSecret>>> promise);
    void writeKeychain(const SecretReference &reference, const Secret &secret,
                       std::shared_ptr<QPromise<Result<void>>> promise);
};

} // namespace signalbox
