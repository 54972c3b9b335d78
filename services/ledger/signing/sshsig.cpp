#include "services/ledger/signing/sshsig.h"

#include "services/ledger/signing/cryptohandles.h"
#include "services/ledger/signing/sshwire.h"

#include <QCoreApplication>

#include <algorithm>

namespace signalbox::ssh
{
namespace
{

struct SshSignatureText
{
    Q_DECLARE_TR_FUNCTIONS(SshSignature)
};

constexpr QByteArrayView magic = "SSHSIG";
constexpr QByteArrayView beginLine = "-----BEGIN SSH SIGNATURE-----";
constexpr QByteArrayView endLine = "-----END SSH SIGNATURE-----";
constexpr int lineLength = 70;
constexpr qsizetype mostSignatureBytes = 64 * 1024;

Error invalid(const QString &message)
{
    return {ErrorKind::Invalid, message, {}};
}

Error unsupportedSignature(const QString &message)
{
    return {ErrorKind::Unsupported, message, {}};
}

Error brokenSignature()
{
    return invalid(SshSignatureText::tr("The signature is broken: its fields do not fit together."));
}

// The algorithms a key's type may sign with.
bool fits(KeyType type, QByteArrayView algorithm)
{
    if (type == KeyType::Rsa)
        return algorithm == QByteArrayView("rsa-sha2-256") || algorithm == QByteArrayView("rsa-sha2-512");
    return algorithm == QByteArrayView(keyTypeName(type));
}

Result<SshSignature> parseInner(SshSignature signature, QByteArrayView inner)
{
    WireReader reader(inner);
    signature.algorithm = reader.string().toByteArray();
    signature.raw = reader.string().toByteArray();
    if (!reader.isGood())
        return brokenSignature();
    if (!fits(signature.key.type(), signature.algorithm)) {
        if (signature.algorithm == "ssh-rsa")
            return unsupportedSignature(
                SshSignatureText::tr("The signature was made with ssh-rsa, which uses SHA-1 and can be forged. Sign "
                                     "with rsa-sha2-512 (OpenSSH 7.2 or later does) or another kind of key."));
        return unsupportedSignature(
            SshSignatureText::tr("The signature's algorithm %1 is not one for a key of the type %2.")
                .arg(QString::fromLatin1(signature.algorithm.left(64)),
                     QString::fromLatin1(keyTypeName(signature.key.type()))));
    }
    if (signature.key.isHardware()) {
        signature.flags = reader.byte();
        signature.counter = reader.number();
    }
    if (!reader.isAtEnd())
        return brokenSignature();
    return signature;
}

} // namespace

QByteArray messageHash(QByteArrayView hash, QByteArrayView message)
{
    // OpenSSL's, not Qt's, which takes five times as long. Looked up once: that takes as long as to hash a commit.
    static const EVP_MD *const sha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    static const EVP_MD *const sha512 = EVP_MD_fetch(nullptr, "SHA512", nullptr);
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    EVP_Digest(message.data(), static_cast<size_t>(message.size()), digest, &size,
               hash == QByteArrayView("sha256") ? sha256 : sha512, nullptr);
    return {reinterpret_cast<const char *>(digest), static_cast<qsizetype>(size)};
}

QByteArray signedData(QByteArrayView ns, QByteArrayView hash, QByteArrayView message)
{
    WireWriter writer;
    writer.raw(magic).string(ns).string({}).string(hash).string(messageHash(hash, message));
    return writer.bytes();
}

QByteArray signatureBlob(const PublicKey &key, QByteArrayView ns, QByteArrayView hash, QByteArrayView signature)
{
    WireWriter writer;
    writer.raw(magic).number(1).string(key.blob()).string(ns).string({}).string(hash).string(signature);
    return writer.bytes();
}

QByteArray armour(QByteArrayView blob)
{
    const QByteArray text = blob.toByteArray().toBase64();
    QByteArray out = beginLine.toByteArray() + '\n';
    for (qsizetype at = 0; at < text.size(); at += lineLength)
        out += text.mid(at, lineLength) + '\n';
    return out + endLine.toByteArray() + '\n';
}

Result<SshSignature> parseSignature(QByteArrayView armoured)
{
    if (armoured.size() > mostSignatureBytes)
        return invalid(SshSignatureText::tr("The signature is far too long to be one."));
    if (!armoured.startsWith(beginLine)) {
        if (armoured.startsWith("-----BEGIN PGP"))
            return unsupportedSignature(
                SshSignatureText::tr("The signature is one of OpenPGP. A ledger is signed with SSH keys; set "
                                     "\"git config gpg.format ssh\" where it was made."));
        return invalid(
            SshSignatureText::tr("The signature does not begin with %1.").arg(QString::fromLatin1(beginLine)));
    }
    // Nothing may stand behind it: what is not covered by a check could say anything.
    const QByteArrayView inside = armoured.trimmed().sliced(beginLine.size());
    if (!inside.endsWith(endLine))
        return invalid(SshSignatureText::tr("The signature does not end with %1.").arg(QString::fromLatin1(endLine)));
    QByteArray text(inside.size() - endLine.size(), Qt::Uninitialized);
    const auto written = std::copy_if(inside.begin(), inside.end() - endLine.size(), text.begin(),
                                      [](char c) { return c != '\n' && c != '\r'; });
    text.truncate(written - text.begin());
    const auto blob = QByteArray::fromBase64Encoding(text, QByteArray::AbortOnBase64DecodingErrors);
    if (!blob)
        return invalid(SshSignatureText::tr("The signature is not base64."));
    return parseSignatureBlob(*blob);
}

Result<SshSignature> parseSignatureBlob(QByteArrayView blob)
{
    WireReader reader(blob);
    if (reader.raw(magic.size()) != magic)
        return invalid(SshSignatureText::tr("The signature does not begin with SSHSIG."));
    const std::uint32_t version = reader.number();
    if (reader.isGood() && version != 1)
        return unsupportedSignature(
            SshSignatureText::tr("The signature is of the version %1; this program knows version 1 only.")
                .arg(version));
    const QByteArrayView key = reader.string();
    SshSignature signature;
    signature.ns = reader.string().toByteArray();
    reader.string(); // reserved: read over, and signed as empty
    signature.hash = reader.string().toByteArray();
    const QByteArrayView inner = reader.string();
    if (!reader.isAtEnd())
        return brokenSignature();
    if (signature.ns.isEmpty())
        return invalid(SshSignatureText::tr("The signature names no namespace."));
    if (signature.hash != "sha256" && signature.hash != "sha512")
        return unsupportedSignature(
            SshSignatureText::tr("The signature's hash %1 is not accepted: it should be sha512 or sha256.")
                .arg(QString::fromLatin1(signature.hash.left(64))));
    auto parsed = PublicKey::fromBlob(key);
    if (!parsed)
        return parsed.error();
    signature.key = *std::move(parsed);
    return parseInner(std::move(signature), inner);
}

} // namespace signalbox::ssh
