#include "services/ledger/signing/signer.h"

#include "services/async/deliver.h"
#include "services/async/whenended.h"
#include "services/ledger/signing/sshsignertext.h"
#include "services/ledger/signing/sshverifier.h"

#include <QDir>
#include <QFile>
#include <QPromise>
#include <QThreadPool>

namespace signalbox::ssh
{
namespace
{

using MaybeSigner = Result<std::shared_ptr<Signer>>;

// Work on a worker, with one Result.
template <typename T, typename Work>
QFuture<Result<T>> onWorker(Work work)
{
    auto promise = std::make_shared<QPromise<Result<T>>>();
    promise->start();
    auto future = promise->future();
    QThreadPool::globalInstance()->start([promise, work = std::move(work)]() mutable {
        promise->addResult(work());
        promise->finish();
    });
    return future;
}

MaybeSigner localSigner(const Secret &text, const QString &place)
{
    auto key = PrivateKey::parse(text, place);
    if (!key)
        return key.error();
    const QString description = QStringLiteral("%1 (%2)").arg(place, key->publicKey().fingerprint());
    return std::shared_ptr<Signer>(std::make_shared<LocalSigner>(*std::move(key), description));
}

MaybeSigner readFile(const QString &path)
{
    QFile file(path.startsWith(QLatin1String("~/")) ? QDir::homePath() + path.mid(1) : path);
    if (!file.open(QIODevice::ReadOnly | QIODevice::Unbuffered))
        return Error{
            file.exists() ? ErrorKind::Forbidden : ErrorKind::NotFound,
            SshSignerText::tr("The private key %1 cannot be read: %2. Check the path, or sign through the agent.")
                .arg(path, file.errorString()),
            {}};
    return localSigner(Secret(file.read(128 * 1024)), path);
}

MaybeSigner fromKeychain(const Result<ResolvedSecret> &found, const SecretReference &reference)
{
    if (!found)
        return found.error();
    return localSigner(found->value, reference.toString());
}

// An agent's answer is not believed: armoured when it is `key`'s signature of `data`.
Result<QByteArray> checked(const QByteArray &signature, const PublicKey &key, const QByteArray &data,
                           const QByteArray &ns)
{
    const QByteArray blob = signatureBlob(key, ns, signingHash, signature);
    const auto parsed = parseSignatureBlob(blob);
    if (!parsed)
        return parsed.error();
    SshVerifier verifier;
    if (!verifier.isValidRaw(*parsed, data))
        return Error{ErrorKind::Protocol,
                     SshSignerText::tr("The answer of the agent is no valid signature of the key %1; nothing was "
                                       "written. Try again, or sign with another key.")
                         .arg(key.fingerprint()),
                     {}};
    return armour(blob);
}

} // namespace

QFuture<Result<QByteArray>> signMessage(Signer &signer, QByteArray message, QByteArray ns, StopToken stop)
{
    const QByteArray data = signedData(ns, signingHash, message);
    const PublicKey key = signer.publicKey();
    // On the worker that signed: a second one might be long in coming, where each of the pool waits for a signature.
    return continued(signer.signData(data, stop), [key, data, ns](const Result<QByteArray> &signature) {
        return signature ? checked(*signature, key, data, ns) : signature;
    });
}

LocalSigner::LocalSigner(PrivateKey key, QString description)
    : m_key(std::move(key))
    , m_description(std::move(description))
{}

QFuture<Result<QByteArray>> LocalSigner::signData(QByteArray data, StopToken stop)
{
    return onWorker<QByteArray>([key = m_key, data = std::move(data), stop]() -> Result<QByteArray> {
        if (stop.stop_requested())
            return Error{ErrorKind::Cancelled, {}, {}};
        return key.sign(data);
    });
}

SignerFuture fileSigner(const QString &path)
{
    return onWorker<std::shared_ptr<Signer>>([path] { return readFile(path); });
}

SignerFuture keychainSigner(SecretStore &store, SecretReference reference, StopToken stop)
{
    return continued(store.resolve(reference, stop),
                     [reference](const Result<ResolvedSecret> &found) { return fromKeychain(found, reference); });
}

SignerFuture newKeychainSigner(SecretStore &store, SecretReference reference, QString comment, StopToken stop)
{
    const auto kept = [&store, reference, comment, stop](const Result<ResolvedSecret> &there) -> SignerFuture {
        if (there)
            return ready(MaybeSigner(
                Error{ErrorKind::Conflict,
                      SshSignerText::tr(
                          "%1 is there already and was left as it is. Use it, or name another place for the new key.")
                          .arg(reference.toString()),
                      {}}));
        if (there.error().kind != ErrorKind::NotFound)
            return ready(MaybeSigner(there.error()));
        const auto key = PrivateKey::generate();
        if (!key)
            return ready(MaybeSigner(key.error()));
        const auto text = key->toOpenSsh(comment);
        if (!text)
            return ready(MaybeSigner(text.error()));
        return continued(store.keep(reference, *text, stop), [key = *key, reference](const Result<void> &written) {
            if (!written)
                return MaybeSigner(written.error());
            return MaybeSigner(std::make_shared<LocalSigner>(
                key, QStringLiteral("%1 (%2)").arg(reference.toString(), key.publicKey().fingerprint())));
        });
    };
    return chained(store.resolve(reference, stop), kept);
}

} // namespace signalbox::ssh
