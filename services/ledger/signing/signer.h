#pragma once

#include "models/domain/result.h"
#include "services/async/stoptoken.h"
#include "services/ledger/signing/privatekey.h"
#include "services/ledger/signing/publickey.h"
#include "services/ports/secretstore.h"

#include <QFuture>
#include <QString>

#include <memory>

namespace signalbox::ssh
{

// One key that can sign, wherever its private half is. Thread-safe; calls return at once and every future ends with one
// Result. Nothing is retried: a key that wants a touch wants one for each call.
class Signer
{
public:
    virtual ~Signer() = default;

    virtual const PublicKey &publicKey() const = 0;
    virtual QString description() const = 0; // for people: "ann@desk in the agent (SHA256:...)"
    // Somebody has to touch the security key (or type a PIN) for every signature: say so before, and how often.
    virtual bool needsTouch() const { return publicKey().isHardware(); }
    // Signs data that is ready to be signed (signedData()); answers in SSH's encoding, for signatureBlob().
    [[nodiscard]] virtual QFuture<Result<QByteArray>> signData(QByteArray data, StopToken stop) = 0;
};

// The armoured SSHSIG of a message, checked before it is handed out: an agent's wrong answer must not get into a
// record. The signer has to outlive the future.
[[nodiscard]] QFuture<Result<QByteArray>> signMessage(Signer &signer, QByteArray message, QByteArray ns,
                                                      StopToken stop);

// A private key in this process.
class LocalSigner : public Signer
{
public:
    LocalSigner(PrivateKey key, QString description);

    const PublicKey &publicKey() const override { return m_key.publicKey(); }
    QString description() const override { return m_description; }
    [[nodiscard]] QFuture<Result<QByteArray>> signData(QByteArray data, StopToken stop) override;

private:
    PrivateKey m_key;
    QString m_description;
};

using SignerFuture = QFuture<Result<std::shared_ptr<Signer>>>;

// The key of a file; NotFound and Unsupported (encrypted) as sentences that say what to do. Read on a worker.
[[nodiscard]] SignerFuture fileSigner(const QString &path);
// The key that git's user.signingkey names (git::configuredSigningKey()): through the agent where it has it, else its
// file. Refused, with the lines to type, when it is empty.
[[nodiscard]] SignerFuture signerNamed(QString signingKey, StopToken stop);
// The key kept in the keychain (an OpenSSH private key as text). The store has to outlive the future.
[[nodiscard]] SignerFuture keychainSigner(SecretStore &store, SecretReference reference, StopToken stop);
// Makes a new Ed25519 key and keeps it there. Conflict, and nothing written, where there is one already.
[[nodiscard]] SignerFuture newKeychainSigner(SecretStore &store, SecretReference reference, QString comment,
                                             StopToken stop);

} // namespace signalbox::ssh
