#pragma once

#include "services/ledger/signing/cryptohandles.h"
#include "services/ledger/signing/privatekey.h"

#include <openssl/crypto.h>

#include <QByteArray>

#include <cstdint>
#include <vector>

// For the files of this folder only.
namespace signalbox::ssh
{

class PrivateKey::Private
{
public:
    Private(PkeyHandle handle, PublicKey publicKey)
        : pkey(std::move(handle))
        , key(std::move(publicKey))
    {}
    PkeyHandle pkey;
    PublicKey key;
};

class PrivateKeyAccess
{
public:
    static PrivateKey make(PkeyHandle pkey, PublicKey key);
};

// Unsupported, with the reason, for a key of a kind we do not sign with.
Result<PublicKey> publicKeyOf(EVP_PKEY *pkey);

// Bytes that are wiped when they go; their room is reserved at once, since a buffer that grows leaves copies behind.
class SecretWriter
{
public:
    SecretWriter() { m_bytes.reserve(4096); }
    ~SecretWriter() { OPENSSL_cleanse(m_bytes.data(), m_bytes.size()); }
    SecretWriter(const SecretWriter &) = delete;
    SecretWriter &operator=(const SecretWriter &) = delete;

    SecretWriter &byte(std::uint8_t value);
    SecretWriter &number(std::uint32_t value);
    SecretWriter &raw(QByteArrayView bytes);
    SecretWriter &string(QByteArrayView bytes) { return number(static_cast<std::uint32_t>(bytes.size())).raw(bytes); }
    size_t size() const { return m_bytes.size(); }
    QByteArrayView view() const { return {m_bytes.data(), static_cast<qsizetype>(m_bytes.size())}; }
    Secret pem(const char *label) const; // base64 between BEGIN and END lines

private:
    std::vector<char> m_bytes;
};

// The bytes of base64 text, wiped when they go. Empty: it is no base64.
std::vector<char> decodedBase64(QByteArrayView text);

} // namespace signalbox::ssh
