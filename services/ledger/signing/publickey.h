#pragma once

#include "models/domain/result.h"

#include <QByteArray>
#include <QByteArrayView>
#include <QHash>
#include <QString>

namespace signalbox::ssh
{

enum class KeyType { Ed25519, EcdsaP256, EcdsaP384, EcdsaP521, Rsa, SkEd25519, SkEcdsaP256 };
QByteArray keyTypeName(KeyType type); // "ssh-ed25519", as it stands in a .pub file

// A public key as OpenSSH encodes it (RFC 4253, 5656, 8709; PROTOCOL.u2f for sk- keys). Two keys are the same when
// their blobs are. A value; any thread.
class PublicKey
{
public:
    PublicKey() = default;

    // Invalid for what is no key; Unsupported, and named, for one we do not accept: DSA, certificates, curves and types
    // we do not know, RSA below 2048 bits.
    static Result<PublicKey> fromBlob(QByteArrayView blob);
    // "ssh-ed25519 AAAA... comment", one line of a .pub file.
    static Result<PublicKey> fromLine(QByteArrayView line);

    bool isNull() const { return m_blob.isEmpty(); }
    KeyType type() const { return m_type; }
    bool isHardware() const { return m_type == KeyType::SkEd25519 || m_type == KeyType::SkEcdsaP256; } // needs a touch
    const QByteArray &blob() const { return m_blob; }
    QString fingerprint() const; // "SHA256:...", as ssh-keygen -l prints it
    QByteArray line() const;     // type and key, without a comment
    // What the fields of the blob are; views into blob(). Which of them are set goes by the type.
    struct Parts
    {
        QByteArrayView point;       // Ed25519: 32 bytes; ECDSA: the uncompressed point
        QByteArrayView exponent;    // RSA
        QByteArrayView modulus;     // RSA
        QByteArrayView application; // sk- keys: "ssh:"
    };
    Parts parts() const;

    bool operator==(const PublicKey &other) const { return m_blob == other.m_blob; }

private:
    KeyType m_type = KeyType::Ed25519;
    QByteArray m_blob;
};

inline size_t qHash(const PublicKey &key, size_t seed = 0)
{
    return ::qHash(key.blob(), seed);
}

// "SHA256:..." of any key's blob, one that we do not accept as well.
QString fingerprintOf(QByteArrayView blob);

} // namespace signalbox::ssh
