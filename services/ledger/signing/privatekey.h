#pragma once

#include "services/credentials/secret.h"
#include "services/ledger/signing/publickey.h"

#include <memory>

namespace signalbox::ssh
{

// A private key in this process: of a file, or of the keychain. Its numbers live in OpenSSL's objects, which wipe them;
// nothing here prints or copies them. A cheap value; any thread, one signature at a time.
class PrivateKey
{
public:
    // OpenSSH's own form ("BEGIN OPENSSH PRIVATE KEY") or PEM (PKCS #1, SEC 1, PKCS #8). `place` is for sentences:
    // where it was read. Unsupported for what is encrypted, or a handle of a security key: the sentence says to add it
    // to the agent.
    static Result<PrivateKey> parse(const Secret &text, const QString &place);
    // A new Ed25519 key.
    static Result<PrivateKey> generate();

    const PublicKey &publicKey() const;
    // SSH's encoding (strings algorithm and bytes), as an agent answers it. RSA signs as rsa-sha2-512.
    Result<QByteArray> sign(QByteArrayView data) const;
    // OpenSSH's own form, unencrypted: for the keychain. Ed25519 only, else Unsupported.
    Result<Secret> toOpenSsh(const QString &comment) const;

private:
    friend class PrivateKeyAccess;
    class Private;
    std::shared_ptr<const Private> d;
};

} // namespace signalbox::ssh
