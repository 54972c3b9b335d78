#include "services/ledger/signing/sshverifier.h"

#include "services/ledger/signing/cryptohandles.h"
#include "services/ledger/signing/sshwire.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <sodium.h>

#include <QCryptographicHash>
#include <QHash>

#include <utility>

namespace signalbox::ssh
{

const char *groupName(KeyType type)
{
    switch (type) {
    case KeyType::EcdsaP256:
    case KeyType::SkEcdsaP256:
        return "prime256v1";
    case KeyType::EcdsaP384:
        return "secp384r1";
    case KeyType::EcdsaP521:
        return "secp521r1";
    case KeyType::Ed25519:
    case KeyType::SkEd25519:
    case KeyType::Rsa:
        break;
    }
    return nullptr;
}

const EVP_MD *digestOf(KeyType type, QByteArrayView algorithm)
{
    switch (type) {
    case KeyType::EcdsaP256:
    case KeyType::SkEcdsaP256:
        return EVP_sha256();
    case KeyType::EcdsaP384:
        return EVP_sha384();
    case KeyType::EcdsaP521:
        return EVP_sha512();
    case KeyType::Rsa:
        return algorithm == QByteArrayView("rsa-sha2-256") ? EVP_sha256() : EVP_sha512();
    case KeyType::Ed25519:
    case KeyType::SkEd25519:
        break;
    }
    return nullptr;
}

PkeyHandle keyFrom(const char *type, int selection, OSSL_PARAM *params)
{
    EVP_PKEY *raw = nullptr;
    const PkeyContextHandle context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
    if (!context || !params || EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(context.get(), &raw, selection, params) != 1)
        raw = nullptr;
    ERR_clear_error();
    return PkeyHandle(raw);
}

PkeyHandle publicPkey(const PublicKey &key)
{
    const PublicKey::Parts parts = key.parts();
    if (key.type() == KeyType::Ed25519 || key.type() == KeyType::SkEd25519)
        return PkeyHandle(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytesOf(parts.point),
                                                      static_cast<size_t>(parts.point.size())));
    const ParamBuilderHandle builder(OSSL_PARAM_BLD_new());
    if (key.type() == KeyType::Rsa) {
        const NumberHandle n = numberOf(parts.modulus);
        const NumberHandle e = numberOf(parts.exponent);
        OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get());
        OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get());
        const ParamsHandle params(OSSL_PARAM_BLD_to_param(builder.get()));
        return keyFrom("RSA", EVP_PKEY_PUBLIC_KEY, params.get());
    }
    OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, groupName(key.type()), 0);
    OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, parts.point.data(),
                                     static_cast<size_t>(parts.point.size()));
    const ParamsHandle params(OSSL_PARAM_BLD_to_param(builder.get()));
    return keyFrom("EC", EVP_PKEY_PUBLIC_KEY, params.get());
}

namespace
{

// SSH writes the two numbers of an ECDSA signature as mpints, OpenSSL reads DER. Empty: they are no signature.
QByteArray derOf(QByteArrayView raw)
{
    WireReader reader(raw);
    NumberHandle r = numberOf(reader.mpint());
    NumberHandle s = numberOf(reader.mpint());
    if (!reader.isAtEnd())
        return {};
    const EcdsaSignatureHandle signature(ECDSA_SIG_new());
    ECDSA_SIG_set0(signature.get(), r.release(), s.release());
    unsigned char *der = nullptr;
    const int size = i2d_ECDSA_SIG(signature.get(), &der);
    const QByteArray bytes = size > 0 ? QByteArray(reinterpret_cast<const char *>(der), size) : QByteArray();
    OPENSSL_free(der);
    return bytes;
}

// What a security key really signs: hash of the application, flags, counter, hash of the data (PROTOCOL.u2f).
QByteArray hardwareData(const SshSignature &signature, QByteArrayView data)
{
    const auto sha256 = [](QByteArrayView bytes) {
        return QCryptographicHash::hash(bytes.toByteArray(), QCryptographicHash::Sha256);
    };
    WireWriter writer;
    writer.raw(sha256(signature.key.parts().application)).byte(signature.flags).number(signature.counter);
    writer.raw(sha256(data));
    return writer.bytes();
}

bool isAcceptedBySodium(QByteArrayView point, QByteArrayView signature, QByteArrayView data)
{
    return point.size() == crypto_sign_PUBLICKEYBYTES && signature.size() == crypto_sign_BYTES &&
           crypto_sign_verify_detached(bytesOf(signature), bytesOf(data), static_cast<unsigned long long>(data.size()),
                                       bytesOf(point)) == 0;
}

// libsodium 1.0.18 computes R and compares its bytes, as OpenSSL and OpenSSH do. Newer ones multiply by the
// cofactor and accept signatures that those refuse. Such a one (of no data, a point of order 8 added to its R) tells
// which this is.
bool isSodiumAsStrict()
{
    if (sodium_init() < 0)
        return false;
    const QByteArray point = QByteArray::fromHex("e19edae5cee9b2e02f987dc973e7fcc9c69652a2615db111d4ce5ad3e21404ff");
    const QByteArray signature =
        QByteArray::fromHex("90d8118ee4d5d12f17cb19bf44509a60ad7527a67b7c42ccd18019de54527ebd"
                            "a42ee54e4a97e854646020a6017652743ee17d6c06d155bde6a9aa3e7d8a090b");
    return !isAcceptedBySodium(point, signature, QByteArrayView(""));
}

// libsodium needs half of OpenSSL's time. Where it is as strict it accepts nothing that OpenSSL refuses, and refuses
// more (points of small order): what it does not accept is for OpenSSL to judge, so that the verdict is git's.
bool isValidEd25519(QByteArrayView point, QByteArrayView signature, QByteArrayView data)
{
    static const bool isUsed = isSodiumAsStrict();
    return isUsed && isAcceptedBySodium(point, signature, data);
}

} // namespace

class SshVerifier::Private
{
public:
    struct Ready
    {
        PkeyHandle key;   // null: none that can be used
        QByteArray point; // of an Ed25519 key
        DigestContextHandle context{EVP_MD_CTX_new()};
        bool isBegun = false; // the context verified with this key before
    };
    QHash<QByteArray, std::shared_ptr<Ready>> keys;

    std::shared_ptr<Ready> ready(const PublicKey &key)
    {
        if (const auto known = keys.constFind(key.blob()); known != keys.constEnd())
            return *known;
        if (keys.size() > 1000) // a stranger's history may have a key per commit
            keys.clear();
        auto made = std::make_shared<Ready>();
        made->key = publicPkey(key);
        if (key.type() == KeyType::Ed25519 || key.type() == KeyType::SkEd25519)
            made->point = key.parts().point.toByteArray();
        return *keys.insert(key.blob(), std::move(made));
    }

    // To look a key's algorithm up takes a fifteenth of the time of a signature: once for each key, where the key alone
    // says how it signs.
    static bool begin(Ready &with, const EVP_MD *digest)
    {
        if (!digest && with.isBegun &&
            EVP_DigestVerifyInit(with.context.get(), nullptr, nullptr, nullptr, nullptr) == 1)
            return true;
        ERR_clear_error();
        EVP_MD_CTX_reset(with.context.get());
        with.isBegun = EVP_DigestVerifyInit(with.context.get(), nullptr, digest, nullptr, with.key.get()) == 1;
        return with.isBegun;
    }

    static bool check(Ready &with, const EVP_MD *digest, QByteArrayView signature, QByteArrayView data)
    {
        const bool isGood =
            begin(with, digest) &&
            EVP_DigestVerify(with.context.get(), bytesOf(signature), static_cast<size_t>(signature.size()),
                             bytesOf(data), static_cast<size_t>(data.size())) == 1;
        if (!isGood) {
            with.isBegun = false;
            ERR_clear_error();
        }
        return isGood;
    }
};

SshVerifier::SshVerifier()
    : d(std::make_unique<Private>())
{}
SshVerifier::~SshVerifier() = default;

bool SshVerifier::isValid(const SshSignature &signature, QByteArrayView message)
{
    return isValidRaw(signature, signedData(signature.ns, signature.hash, message));
}

bool SshVerifier::isValidRaw(const SshSignature &signature, QByteArrayView data)
{
    const auto ready = d->ready(signature.key);
    if (!ready->key)
        return false;
    QByteArray raw = signature.raw;
    const KeyType type = signature.key.type();
    if (groupName(type))
        raw = derOf(raw);
    else if (type == KeyType::Rsa) // one in 256 is shorter than the modulus, and some writers leave the zero out
        raw = raw.rightJustified(EVP_PKEY_get_size(ready->key.get()), '\0');
    else if (raw.size() != 64)
        return false;
    if (raw.isEmpty())
        return false;
    const QByteArray wrapped = signature.key.isHardware() ? hardwareData(signature, data) : QByteArray();
    const QByteArrayView signedBytes = wrapped.isNull() ? data : QByteArrayView(wrapped);
    const EVP_MD *const digest = digestOf(type, signature.algorithm);
    if (!digest && isValidEd25519(ready->point, raw, signedBytes))
        return true;
    return Private::check(*ready, digest, raw, signedBytes);
}

} // namespace signalbox::ssh
