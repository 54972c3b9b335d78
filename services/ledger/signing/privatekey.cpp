#include "services/ledger/signing/privatekey.h"

#include "services/ledger/signing/cryptohandles.h"
#include "services/ledger/signing/privatekey_p.h"
#include "services/ledger/signing/sshkeytext.h"
#include "services/ledger/signing/sshwire.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/rand.h>

#include <vector>

namespace signalbox::ssh
{
namespace
{

Error cannotSign()
{
    ERR_clear_error();
    return {ErrorKind::Internal, SshKeyText::tr("The key could not sign: OpenSSL refused its numbers."), {}};
}

// DER to two mpints.
Result<QByteArray> ecdsaParts(const QByteArray &der)
{
    const unsigned char *at = bytesOf(der);
    const EcdsaSignatureHandle signature(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
    if (!signature)
        return cannotSign();
    const auto magnitude = [](const BIGNUM *number) {
        QByteArray bytes(BN_num_bytes(number), '\0');
        BN_bn2bin(number, reinterpret_cast<unsigned char *>(bytes.data()));
        return bytes;
    };
    WireWriter writer;
    writer.mpint(magnitude(ECDSA_SIG_get0_r(signature.get()))).mpint(magnitude(ECDSA_SIG_get0_s(signature.get())));
    return writer.bytes();
}

} // namespace

PrivateKey PrivateKeyAccess::make(PkeyHandle pkey, PublicKey key)
{
    PrivateKey made;
    made.d = std::make_shared<const PrivateKey::Private>(std::move(pkey), std::move(key));
    return made;
}

Result<PrivateKey> PrivateKey::generate()
{
    unsigned char seed[32];
    if (RAND_priv_bytes(seed, sizeof seed) != 1)
        return Error{ErrorKind::Internal, SshKeyText::tr("The system gave no random numbers for a new key."), {}};
    PkeyHandle pkey(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed, sizeof seed));
    OPENSSL_cleanse(seed, sizeof seed);
    auto key = publicKeyOf(pkey.get());
    if (!key)
        return key.error();
    return PrivateKeyAccess::make(std::move(pkey), *std::move(key));
}

const PublicKey &PrivateKey::publicKey() const
{
    return d->key;
}

Result<QByteArray> PrivateKey::sign(QByteArrayView data) const
{
    const KeyType type = d->key.type();
    const QByteArray algorithm = type == KeyType::Rsa ? QByteArray("rsa-sha2-512") : keyTypeName(type);
    const DigestContextHandle context(EVP_MD_CTX_new());
    size_t size = 0;
    if (EVP_DigestSignInit(context.get(), nullptr, digestOf(type, algorithm), nullptr, d->pkey.get()) != 1 ||
        EVP_DigestSign(context.get(), nullptr, &size, bytesOf(data), static_cast<size_t>(data.size())) != 1)
        return cannotSign();
    QByteArray raw(static_cast<qsizetype>(size), '\0');
    if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char *>(raw.data()), &size, bytesOf(data),
                       static_cast<size_t>(data.size())) != 1)
        return cannotSign();
    raw.truncate(static_cast<qsizetype>(size));
    if (groupName(type)) {
        const auto parts = ecdsaParts(raw);
        if (!parts)
            return parts.error();
        raw = *parts;
    }
    WireWriter writer;
    writer.string(algorithm).string(raw);
    return writer.bytes();
}

// openssh: PROTOCOL.key. Both buffers that hold the seed are wiped.
Result<Secret> PrivateKey::toOpenSsh(const QString &comment) const
{
    if (d->key.type() != KeyType::Ed25519)
        return Error{ErrorKind::Unsupported, SshKeyText::tr("Only Ed25519 keys are kept in the keychain."), {}};
    unsigned char seed[32];
    size_t size = sizeof seed;
    std::uint32_t check = 0;
    if (EVP_PKEY_get_raw_private_key(d->pkey.get(), seed, &size) != 1 ||
        RAND_bytes(reinterpret_cast<unsigned char *>(&check), sizeof check) != 1)
        return cannotSign();
    const QByteArrayView point = d->key.parts().point;
    std::vector<char> both(64);
    std::copy(seed, seed + 32, both.begin());
    std::copy(point.begin(), point.end(), both.begin() + 32);
    OPENSSL_cleanse(seed, sizeof seed);

    // Room from the start: a buffer that grows leaves a copy behind.
    SecretWriter section;
    section.number(check).number(check).string(keyTypeName(KeyType::Ed25519)).string(point);
    section.string(QByteArrayView(both.data(), 64)).string(comment.toUtf8());
    OPENSSL_cleanse(both.data(), both.size());
    for (std::uint8_t pad = 1; section.size() % 8 != 0; ++pad)
        section.byte(pad);
    SecretWriter whole;
    whole.raw(QByteArrayView("openssh-key-v1\0", 15)).string("none").string("none").string({});
    whole.number(1).string(d->key.blob()).string(section.view());
    return whole.pem("OPENSSH PRIVATE KEY");
}

} // namespace signalbox::ssh
