#include "tests/support/sshtools.h"

#include "services/ledger/signing/cryptohandles.h"
#include "services/ledger/signing/sshwire.h"

#include <openssl/core_names.h>

#include <QCryptographicHash>
#include <QElapsedTimer>
#include <QFile>
#include <QProcessEnvironment>
#include <QTest>

namespace signalbox::test
{

Ran runTool(const QString &program, const QStringList &arguments, const QByteArray &input, const QString &folder,
            const QStringList &environment)
{
    QProcess process;
    QProcessEnvironment variables = QProcessEnvironment::systemEnvironment();
    for (const char *name : {"GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"})
        variables.insert(QString::fromLatin1(name), QStringLiteral("/dev/null"));
    variables.insert(QStringLiteral("LC_ALL"), QStringLiteral("C"));
    for (const QString &line : environment)
        variables.insert(line.section(QLatin1Char('='), 0, 0), line.section(QLatin1Char('='), 1));
    process.setProcessEnvironment(variables);
    if (!folder.isEmpty())
        process.setWorkingDirectory(folder);
    process.start(program, arguments);
    process.write(input);
    process.closeWriteChannel();
    if (!process.waitForFinished(60000))
        return {-1, process.readAllStandardOutput(), process.errorString().toUtf8()};
    return {process.exitCode(), process.readAllStandardOutput(), process.readAllStandardError()};
}

QString makeSshKey(const QString &path, const QString &type, const QString &passphrase, const QStringList &more)
{
    QStringList arguments{QStringLiteral("-q"),
                          QStringLiteral("-N"),
                          passphrase,
                          QStringLiteral("-f"),
                          path,
                          QStringLiteral("-C"),
                          QStringLiteral("test key"),
                          QStringLiteral("-t"),
                          type.section(QLatin1Char('-'), 0, 0)};
    const QString bits = type.section(QLatin1Char('-'), 1);
    if (!bits.isEmpty())
        arguments += {QStringLiteral("-b"), bits};
    const Ran ran = runTool(QStringLiteral("ssh-keygen"), arguments + more);
    return ran.status == 0 ? path : QString();
}

ssh::PublicKey publicKeyOfFile(const QString &privatePath)
{
    QFile file(privatePath + QStringLiteral(".pub"));
    if (!file.open(QIODevice::ReadOnly))
        return {};
    return ssh::PublicKey::fromLine(file.readAll()).value_or(ssh::PublicKey{});
}

std::shared_ptr<ssh::Signer> signerOfFile(const QString &privatePath)
{
    auto future = ssh::fileSigner(privatePath);
    future.waitForFinished(); // a test may
    const auto signer = future.result();
    return signer ? *signer : nullptr;
}

void writeFile(const QString &path, const QByteArray &content)
{
    QFile file(path);
    QVERIFY2(file.open(QIODevice::WriteOnly | QIODevice::Truncate), qPrintable(path));
    file.write(content);
}

class SoftAuthenticator::Private
{
public:
    ssh::PkeyHandle pkey;
    ssh::PublicKey key;
};

SoftAuthenticator::SoftAuthenticator(ssh::KeyType type)
    : d(std::make_unique<Private>())
{
    using namespace ssh;
    WireWriter blob;
    blob.string(keyTypeName(type));
    if (type == KeyType::SkEd25519) {
        d->pkey.reset(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
        unsigned char point[32];
        size_t size = sizeof point;
        EVP_PKEY_get_raw_public_key(d->pkey.get(), point, &size);
        blob.string(QByteArrayView(reinterpret_cast<const char *>(point), 32));
    } else {
        d->pkey.reset(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
        EVP_PKEY_set_utf8_string_param(d->pkey.get(), OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT, "uncompressed");
        unsigned char point[65];
        size_t size = 0;
        EVP_PKEY_get_octet_string_param(d->pkey.get(), OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point, &size);
        blob.string("nistp256").string(QByteArrayView(reinterpret_cast<const char *>(point), 65));
    }
    blob.string("ssh:");
    d->key = *PublicKey::fromBlob(blob.bytes());
}

SoftAuthenticator::~SoftAuthenticator() = default;

const ssh::PublicKey &SoftAuthenticator::publicKey() const
{
    return d->key;
}

QFuture<Result<QByteArray>> SoftAuthenticator::signData(QByteArray data, StopToken)
{
    using namespace ssh;
    const auto sha256 = [](const QByteArray &bytes) {
        return QCryptographicHash::hash(bytes, QCryptographicHash::Sha256);
    };
    WireWriter what;
    what.raw(sha256("ssh:")).byte(flags).number(counter).raw(sha256(data));
    const bool isEcdsa = d->key.type() == KeyType::SkEcdsaP256;
    const DigestContextHandle context(EVP_MD_CTX_new());
    QByteArray raw(128, '\0');
    size_t size = 128;
    EVP_DigestSignInit(context.get(), nullptr, isEcdsa ? EVP_sha256() : nullptr, nullptr, d->pkey.get());
    EVP_DigestSign(context.get(), reinterpret_cast<unsigned char *>(raw.data()), &size, bytesOf(what.bytes()),
                   static_cast<size_t>(what.bytes().size()));
    raw.truncate(static_cast<qsizetype>(size));
    if (isEcdsa) {
        const unsigned char *at = bytesOf(raw);
        const EcdsaSignatureHandle signature(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(raw.size())));
        WireWriter both;
        for (const BIGNUM *number : {ECDSA_SIG_get0_r(signature.get()), ECDSA_SIG_get0_s(signature.get())}) {
            QByteArray bytes(32, '\0');
            BN_bn2binpad(number, reinterpret_cast<unsigned char *>(bytes.data()), 32);
            both.mpint(bytes);
        }
        raw = both.bytes();
    }
    WireWriter answer;
    answer.string(keyTypeName(d->key.type())).string(raw).byte(flags).number(counter);
    QPromise<Result<QByteArray>> promise;
    promise.start();
    promise.addResult(Result<QByteArray>(answer.bytes()));
    promise.finish();
    return promise.future();
}

AgentProcess::AgentProcess()
{
    m_process.start(QStringLiteral("ssh-agent"), {QStringLiteral("-D"), QStringLiteral("-a"), socket()});
    m_process.waitForStarted(5000);
    QElapsedTimer waited;
    waited.start();
    // The file is there a moment before somebody listens: 2 is ssh-add's word for nobody.
    while (add({QStringLiteral("-l")}).status == 2 && waited.elapsed() < 5000)
        m_process.waitForReadyRead(10);
}

AgentProcess::~AgentProcess()
{
    m_process.kill();
    m_process.waitForFinished(5000);
}

Ran AgentProcess::add(const QStringList &arguments) const
{
    return runTool(QStringLiteral("ssh-add"), arguments, {}, {}, {QStringLiteral("SSH_AUTH_SOCK=") + socket()});
}

} // namespace signalbox::test
