// Reading private keys: OpenSSH's own form (openssh: PROTOCOL.key) and PEM.
#include "services/ledger/signing/privatekey_p.h"
#include "services/ledger/signing/sshkeytext.h"
#include "services/ledger/signing/sshwire.h"

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <QtEndian>

#include <algorithm>

namespace signalbox::ssh
{
namespace
{

constexpr QByteArrayView beginOpenSsh = "-----BEGIN OPENSSH PRIVATE KEY-----";
constexpr QByteArrayView endOpenSsh = "-----END OPENSSH PRIVATE KEY-----";

Error broken(const QString &place)
{
    return {ErrorKind::Invalid,
            SshKeyText::tr("%1 is no private key that can be read: it should be one that ssh-keygen wrote.").arg(place),
            {}};
}

Error encrypted(const QString &place)
{
    return {ErrorKind::Unsupported,
            SshKeyText::tr("The private key %1 is protected by a passphrase. Add it to the agent (ssh-add %1) and sign "
                           "through the agent.")
                .arg(place),
            {}};
}

Error onHardware(const QString &place)
{
    return {
        ErrorKind::Unsupported,
        SshKeyText::tr("%1 is only the handle of a key that lives in a security key. Add it to the agent (ssh-add %1) "
                       "and sign through the agent.")
            .arg(place),
        {}};
}

// The numbers as OpenSSH writes them for the type.
PkeyHandle readEcdsa(WireReader &reader, const PublicKey &key)
{
    reader.string(); // the curve
    const QByteArrayView point = reader.string();
    const NumberHandle secret = numberOf(reader.mpint());
    const ParamBuilderHandle builder(OSSL_PARAM_BLD_new());
    OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, groupName(key.type()), 0);
    OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                     static_cast<size_t>(point.size()));
    OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, secret.get());
    const ParamsHandle params(OSSL_PARAM_BLD_to_param(builder.get()));
    return keyFrom("EC", EVP_PKEY_KEYPAIR, params.get());
}

PkeyHandle readRsa(WireReader &reader)
{
    const NumberHandle n = numberOf(reader.mpint());
    const NumberHandle e = numberOf(reader.mpint());
    const NumberHandle secret = numberOf(reader.mpint());
    const NumberHandle inverse = numberOf(reader.mpint());
    const NumberHandle p = numberOf(reader.mpint());
    const NumberHandle q = numberOf(reader.mpint());
    // OpenSSL wants the two remainders with the primes, which OpenSSH leaves out.
    const NumberHandle one(BN_new());
    const NumberHandle less(BN_new());
    const NumberHandle dp(BN_new());
    const NumberHandle dq(BN_new());
    const std::unique_ptr<BN_CTX, Freer<BN_CTX_free>> scratch(BN_CTX_secure_new());
    BN_one(one.get());
    BN_set_flags(secret.get(), BN_FLG_CONSTTIME);
    if (BN_is_zero(p.get()) || BN_is_zero(q.get()) || BN_is_one(p.get()) || BN_is_one(q.get()) ||
        BN_sub(less.get(), p.get(), one.get()) != 1 || BN_mod(dp.get(), secret.get(), less.get(), scratch.get()) != 1 ||
        BN_sub(less.get(), q.get(), one.get()) != 1 || BN_mod(dq.get(), secret.get(), less.get(), scratch.get()) != 1)
        return nullptr;
    const ParamBuilderHandle builder(OSSL_PARAM_BLD_new());
    OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get());
    OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get());
    OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_D, secret.get());
    OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_FACTOR1, p.get());
    OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_FACTOR2, q.get());
    OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_EXPONENT1, dp.get());
    OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_EXPONENT2, dq.get());
    OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_COEFFICIENT1, inverse.get());
    const ParamsHandle params(OSSL_PARAM_BLD_to_param(builder.get()));
    return keyFrom("RSA", EVP_PKEY_KEYPAIR, params.get());
}

PkeyHandle readEd25519(WireReader &reader)
{
    reader.string(); // the public half
    const QByteArrayView both = reader.string();
    if (both.size() != 64)
        return nullptr;
    return PkeyHandle(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, bytesOf(both), 32));
}

// The decrypted part: two equal check numbers, the type, its numbers, a comment, padding.
Result<PrivateKey> parseSection(QByteArrayView section, const PublicKey &key, const QString &place)
{
    WireReader reader(section);
    const std::uint32_t check = reader.number();
    if (reader.number() != check || reader.string() != QByteArrayView(keyTypeName(key.type())))
        return broken(place);
    PkeyHandle pkey;
    if (key.type() == KeyType::Ed25519)
        pkey = readEd25519(reader);
    else if (key.type() == KeyType::Rsa)
        pkey = readRsa(reader);
    else
        pkey = readEcdsa(reader, key);
    if (!pkey || !reader.isGood())
        return broken(place);
    const auto half = publicKeyOf(pkey.get());
    if (!half || !(*half == key)) // a signature would not fit to the key that it names
        return broken(place);
    return PrivateKeyAccess::make(std::move(pkey), key);
}

Result<PrivateKey> parseOpenSsh(QByteArrayView text, const QString &place)
{
    const qsizetype begin = text.indexOf(beginOpenSsh) + beginOpenSsh.size();
    const qsizetype end = text.indexOf(endOpenSsh, begin);
    if (end < 0)
        return broken(place);
    struct Wiped
    {
        std::vector<char> bytes;
        ~Wiped() { OPENSSL_cleanse(bytes.data(), bytes.size()); }
    } blob{decodedBase64(text.sliced(begin, end - begin))};
    WireReader reader(QByteArrayView(blob.bytes.data(), static_cast<qsizetype>(blob.bytes.size())));
    if (reader.raw(15) != QByteArrayView("openssh-key-v1\0", 15))
        return broken(place);
    const QByteArrayView cipher = reader.string();
    reader.string(); // key derivation
    reader.string(); // its options
    const std::uint32_t count = reader.number();
    const QByteArrayView publicBlob = reader.string();
    const QByteArrayView section = reader.string();
    if (!reader.isGood() || count != 1)
        return broken(place);
    const auto key = PublicKey::fromBlob(publicBlob);
    if (key && key->isHardware())
        return onHardware(place);
    if (cipher != QByteArrayView("none"))
        return encrypted(place);
    if (!key)
        return Error{key.error().kind, QStringLiteral("%1: %2").arg(place, key.error().message), {}};
    return parseSection(section, *key, place);
}

int noPassphrase(char *, int, int, void *asked)
{
    *static_cast<bool *>(asked) = true;
    return -1;
}

Result<PrivateKey> parsePem(QByteArrayView text, const QString &place)
{
    const std::unique_ptr<BIO, Freer<BIO_free_all>> bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
    bool isEncrypted = false;
    PkeyHandle pkey(PEM_read_bio_PrivateKey(bio.get(), nullptr, noPassphrase, &isEncrypted));
    ERR_clear_error();
    if (isEncrypted)
        return encrypted(place);
    if (!pkey)
        return broken(place);
    auto key = publicKeyOf(pkey.get());
    if (!key)
        return Error{key.error().kind, QStringLiteral("%1: %2").arg(place, key.error().message), {}};
    return PrivateKeyAccess::make(std::move(pkey), *std::move(key));
}

QByteArray numberParam(EVP_PKEY *pkey, const char *name)
{
    BIGNUM *raw = nullptr;
    if (EVP_PKEY_get_bn_param(pkey, name, &raw) != 1)
        return {};
    const NumberHandle number(raw);
    QByteArray bytes(BN_num_bytes(raw), '\0');
    BN_bn2bin(raw, reinterpret_cast<unsigned char *>(bytes.data()));
    return bytes;
}

// Empty: not a curve of ours.
QByteArray ecdsaBlob(EVP_PKEY *pkey)
{
    char group[64] = {};
    size_t size = 0;
    EVP_PKEY_get_utf8_string_param(pkey, OSSL_PKEY_PARAM_GROUP_NAME, group, sizeof group, &size);
    const QByteArrayView name(group, static_cast<qsizetype>(qstrlen(group)));
    const QByteArray curve = name == QByteArrayView("prime256v1")  ? QByteArray("nistp256")
                             : name == QByteArrayView("secp384r1") ? QByteArray("nistp384")
                             : name == QByteArrayView("secp521r1") ? QByteArray("nistp521")
                                                                   : QByteArray();
    if (curve.isEmpty())
        return {};
    const qsizetype width = curve == "nistp256" ? 32 : curve == "nistp384" ? 48 : 66;
    const QByteArray x = numberParam(pkey, OSSL_PKEY_PARAM_EC_PUB_X).rightJustified(width, '\0');
    const QByteArray y = numberParam(pkey, OSSL_PKEY_PARAM_EC_PUB_Y).rightJustified(width, '\0');
    WireWriter writer;
    writer.string("ecdsa-sha2-" + curve).string(curve).string('\4' + x + y);
    return writer.bytes();
}

} // namespace

Result<PublicKey> publicKeyOf(EVP_PKEY *pkey)
{
    WireWriter writer;
    switch (pkey ? EVP_PKEY_get_base_id(pkey) : EVP_PKEY_NONE) {
    case EVP_PKEY_ED25519: {
        unsigned char point[32];
        size_t size = sizeof point;
        if (EVP_PKEY_get_raw_public_key(pkey, point, &size) == 1)
            writer.string(keyTypeName(KeyType::Ed25519))
                .string(QByteArrayView(reinterpret_cast<const char *>(point), static_cast<qsizetype>(size)));
        break;
    }
    case EVP_PKEY_RSA:
        writer.string(keyTypeName(KeyType::Rsa)).mpint(numberParam(pkey, OSSL_PKEY_PARAM_RSA_E));
        writer.mpint(numberParam(pkey, OSSL_PKEY_PARAM_RSA_N));
        break;
    case EVP_PKEY_EC:
        writer.raw(ecdsaBlob(pkey));
        break;
    default:
        break;
    }
    ERR_clear_error();
    if (writer.bytes().isEmpty())
        return Error{
            ErrorKind::Unsupported,
            SshKeyText::tr("A key of this kind cannot sign a ledger. Use Ed25519, ECDSA (nistp256, 384, 521) or RSA."),
            {}};
    return PublicKey::fromBlob(writer.bytes());
}

SecretWriter &SecretWriter::byte(std::uint8_t value)
{
    m_bytes.push_back(static_cast<char>(value));
    return *this;
}

SecretWriter &SecretWriter::number(std::uint32_t value)
{
    char four[4];
    qToBigEndian<quint32>(value, four);
    return raw(QByteArrayView(four, 4));
}

SecretWriter &SecretWriter::raw(QByteArrayView bytes)
{
    m_bytes.insert(m_bytes.end(), bytes.begin(), bytes.end());
    return *this;
}

Secret SecretWriter::pem(const char *label) const
{
    std::vector<unsigned char> text(m_bytes.size() * 2 + 8);
    const int size = EVP_EncodeBlock(text.data(), reinterpret_cast<const unsigned char *>(m_bytes.data()),
                                     static_cast<int>(m_bytes.size()));
    QByteArray out;
    out.reserve(size + size / 70 + 128);
    out.append("-----BEGIN ").append(label).append("-----\n");
    for (int at = 0; at < size; at += 70)
        out.append(reinterpret_cast<const char *>(text.data()) + at, std::min(70, size - at)).append('\n');
    out.append("-----END ").append(label).append("-----\n");
    OPENSSL_cleanse(text.data(), text.size());
    return Secret(std::move(out));
}

std::vector<char> decodedBase64(QByteArrayView text)
{
    std::vector<char> clean;
    clean.reserve(static_cast<size_t>(text.size()));
    for (const char c : text) {
        if (c != '\n' && c != '\r' && c != ' ' && c != '\t')
            clean.push_back(c);
    }
    const auto padding = static_cast<size_t>(std::count(clean.begin(), clean.end(), '='));
    std::vector<char> bytes(clean.size());
    const int size =
        EVP_DecodeBlock(reinterpret_cast<unsigned char *>(bytes.data()),
                        reinterpret_cast<const unsigned char *>(clean.data()), static_cast<int>(clean.size()));
    OPENSSL_cleanse(clean.data(), clean.size());
    bytes.resize(size > 0 && padding <= 2 ? static_cast<size_t>(size) - padding : 0);
    return bytes;
}

Result<PrivateKey> PrivateKey::parse(const Secret &text, const QString &place)
{
    const QByteArrayView view = text.reveal();
    if (view.size() > 64 * 1024)
        return broken(place);
    if (view.indexOf(beginOpenSsh) >= 0)
        return parseOpenSsh(view, place);
    if (view.indexOf("-----BEGIN ") >= 0)
        return parsePem(view, place);
    return broken(place);
}

} // namespace signalbox::ssh
