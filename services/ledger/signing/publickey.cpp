#include "services/ledger/signing/publickey.h"

#include "services/ledger/signing/sshkeytext.h"
#include "services/ledger/signing/sshwire.h"

#include <QCryptographicHash>

#include <optional>

namespace signalbox::ssh
{
namespace
{

struct TypeRow
{
    KeyType type;
    const char *name;
    const char *curve; // of ECDSA
    qsizetype pointSize;
};
constexpr TypeRow types[] = {
    {KeyType::Ed25519, "ssh-ed25519", nullptr, 32},
    {KeyType::EcdsaP256, "ecdsa-sha2-nistp256", "nistp256", 65},
    {KeyType::EcdsaP384, "ecdsa-sha2-nistp384", "nistp384", 97},
    {KeyType::EcdsaP521, "ecdsa-sha2-nistp521", "nistp521", 133},
    {KeyType::Rsa, "ssh-rsa", nullptr, 0},
    {KeyType::SkEd25519, "sk-ssh-ed25519@openssh.com", nullptr, 32},
    {KeyType::SkEcdsaP256, "sk-ecdsa-sha2-nistp256@openssh.com", "nistp256", 65},
};
constexpr int leastRsaBits = 2048;

const TypeRow *rowOf(QByteArrayView name)
{
    for (const TypeRow &row : types) {
        if (name == QByteArrayView(row.name))
            return &row;
    }
    return nullptr;
}

const TypeRow &rowOf(KeyType type)
{
    return types[static_cast<int>(type)];
}

Error unsupported(const QString &message)
{
    return {ErrorKind::Unsupported, message, {}};
}

Error broken()
{
    return {ErrorKind::Invalid, SshKeyText::tr("This is no OpenSSH public key: its fields do not fit together."), {}};
}

// A name from a stranger's bytes, safe to show.
QString shown(QByteArrayView name)
{
    QString text = QString::fromLatin1(name.first(std::min<qsizetype>(name.size(), 64)));
    for (QChar &c : text) {
        if (!c.isPrint())
            c = QLatin1Char('?');
    }
    return text;
}

int bitsOf(QByteArrayView magnitude)
{
    if (magnitude.isEmpty())
        return 0;
    int bits = static_cast<int>(magnitude.size() - 1) * 8;
    for (unsigned top = static_cast<unsigned char>(magnitude.front()); top; top >>= 1)
        ++bits;
    return bits;
}

// None where the blob is not what its type says.
std::optional<PublicKey::Parts> partsOf(const TypeRow &row, QByteArrayView blob)
{
    WireReader reader(blob);
    reader.string(); // the type
    PublicKey::Parts parts;
    if (row.type == KeyType::Rsa) {
        parts.exponent = reader.mpint();
        parts.modulus = reader.mpint();
    } else {
        if (row.curve && reader.string() != QByteArrayView(row.curve))
            return std::nullopt;
        parts.point = reader.string();
        const bool isUncompressed = !row.curve || (!parts.point.isEmpty() && parts.point.front() == 4);
        if (parts.point.size() != row.pointSize || !isUncompressed)
            return std::nullopt;
        if (row.type == KeyType::SkEd25519 || row.type == KeyType::SkEcdsaP256)
            parts.application = reader.string();
    }
    return reader.isAtEnd() ? std::optional(parts) : std::nullopt;
}

} // namespace

QByteArray keyTypeName(KeyType type)
{
    return rowOf(type).name;
}

QString fingerprintOf(QByteArrayView blob)
{
    const QByteArray hash = QCryptographicHash::hash(blob.toByteArray(), QCryptographicHash::Sha256);
    return QStringLiteral("SHA256:") + QString::fromLatin1(hash.toBase64(QByteArray::OmitTrailingEquals));
}

Result<PublicKey> PublicKey::fromBlob(QByteArrayView blob)
{
    WireReader reader(blob);
    const QByteArrayView name = reader.string();
    if (!reader.isGood() || name.isEmpty())
        return broken();
    const TypeRow *row = rowOf(name);
    if (!row) {
        if (name.endsWith("-cert-v01@openssh.com"))
            return unsupported(
                SshKeyText::tr("The key is an OpenSSH certificate (%1). Certificates are not accepted in a "
                               "ledger: list the person's own key in allowed_signers.")
                    .arg(shown(name)));
        return unsupported(SshKeyText::tr("Keys of the type %1 are not accepted. Use ssh-ed25519, ecdsa-sha2-nistp256, "
                                          "-nistp384 or -nistp521, ssh-rsa with rsa-sha2 signatures, or one of the sk- "
                                          "types of security keys.")
                               .arg(shown(name)));
    }
    const auto parts = partsOf(*row, blob);
    if (!parts)
        return broken();
    if (row->type == KeyType::Rsa) {
        const int bits = bitsOf(parts->modulus);
        if (bits < leastRsaBits || bits > 16384)
            return unsupported(
                SshKeyText::tr("An RSA key of %1 bits is not accepted: it should have 2048 to 16384.").arg(bits));
        if (parts->exponent.isEmpty() || parts->exponent.size() > 8)
            return broken();
    }
    PublicKey key;
    key.m_type = row->type;
    key.m_blob = blob.toByteArray();
    return key;
}

Result<PublicKey> PublicKey::fromLine(QByteArrayView line)
{
    const QList<QByteArray> words = line.toByteArray().simplified().split(' ');
    if (words.size() < 2)
        return Error{
            ErrorKind::Invalid,
            SshKeyText::tr(
                "This is no line of a public key: it should read TYPE KEY, for example \"ssh-ed25519 AAAA...\"."),
            {}};
    const auto decoded = QByteArray::fromBase64Encoding(words.at(1), QByteArray::AbortOnBase64DecodingErrors);
    if (!decoded || (*decoded).isEmpty())
        return Error{
            ErrorKind::Invalid, SshKeyText::tr("The key after \"%1\" is not base64.").arg(shown(words.first())), {}};
    auto key = fromBlob(*decoded);
    if (key && keyTypeName(key->type()) != words.first())
        return Error{ErrorKind::Invalid,
                     SshKeyText::tr("The line says %1, but the key in it is of the type %2.")
                         .arg(shown(words.first()), QString::fromLatin1(keyTypeName(key->type()))),
                     {}};
    return key;
}

QString PublicKey::fingerprint() const
{
    return fingerprintOf(m_blob);
}

QByteArray PublicKey::line() const
{
    return keyTypeName(m_type) + ' ' + m_blob.toBase64();
}

PublicKey::Parts PublicKey::parts() const
{
    return partsOf(rowOf(m_type), m_blob).value_or(Parts{});
}

} // namespace signalbox::ssh
