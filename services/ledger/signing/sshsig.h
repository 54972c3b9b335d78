#pragma once

#include "models/domain/result.h"
#include "services/ledger/signing/publickey.h"

#include <QByteArray>
#include <QByteArrayView>

#include <cstdint>

// SSHSIG, the signatures of `ssh-keygen -Y sign` and of git (openssh: PROTOCOL.sshsig, PROTOCOL.u2f).
namespace signalbox::ssh
{

// git signs in this namespace, and with this hash.
inline constexpr const char *gitNamespace = "git";
inline constexpr const char *signingHash = "sha512";

// A parsed signature: what it claims, nothing of it verified.
struct SshSignature
{
    PublicKey key;
    QByteArray ns;
    QByteArray hash;        // "sha256" or "sha512"
    QByteArray algorithm;   // "ssh-ed25519", "rsa-sha2-512" ...
    QByteArray raw;         // the algorithm's own part
    std::uint8_t flags = 0; // sk- keys: bit 0 user present (touched), bit 2 user verified (PIN)
    std::uint32_t counter = 0;

    bool isTouched() const { return (flags & 1) != 0; }
    bool isUserVerified() const { return (flags & 4) != 0; }
};

// Of "sha256" and, of any other name, sha512.
QByteArray messageHash(QByteArrayView hash, QByteArrayView message);
// What a signer signs: "SSHSIG" and the strings namespace, reserved, hash name, hash of the message.
QByteArray signedData(QByteArrayView ns, QByteArrayView hash, QByteArrayView message);

// The blob around a signature; `signature` is in SSH's encoding (strings algorithm and bytes), as an agent answers it.
QByteArray signatureBlob(const PublicKey &key, QByteArrayView ns, QByteArrayView hash, QByteArrayView signature);
QByteArray armour(QByteArrayView blob); // lines of 70, as ssh-keygen writes them, with a line end at the end

// From the armoured text. Invalid: broken; Unsupported: well-formed but not accepted (its key's type, SHA-1, a later
// version), with the reason.
Result<SshSignature> parseSignature(QByteArrayView armoured);
Result<SshSignature> parseSignatureBlob(QByteArrayView blob);

} // namespace signalbox::ssh
