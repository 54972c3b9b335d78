#include "services/credentials/credentialstore.h"

#include "services/async/deliver.h"

#include <qt6keychain/keychain.h>

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QLoggingCategory>
#include <QPromise>
#include <QThreadPool>

#include <algorithm>
#include <memory>

namespace signalbox
{

namespace
{

Q_LOGGING_CATEGORY(category, "signalbox.services.credentials")

constexpr qint64 maxSecretBytes = 64 * 1024;

struct CredentialStoreText
{
    Q_DECLARE_TR_FUNCTIONS(CredentialStore)
};

using Answer = Result<ResolvedSecret>;

Answer fromEnvironment(const SecretReference &reference)
{
    const QByteArray name = reference.place.toUtf8();
    if (!qEnvironmentVariableIsSet(name.constData()))
        return Error{ErrorKind::NotFound,
                     CredentialStoreText::tr(
                         "The environment variable %1 is not set. Set it before Signalbox starts, or name another "
                         "place for the secret.")
                         .arg(reference.place),
                     {}};
    QByteArray value = qgetenv(name.constData());
    if (value.isEmpty())
        return Error{ErrorKind::NotFound,
                     CredentialStoreText::tr("The environment variable %1 is empty.").arg(reference.place),
                     {}};
    return ResolvedSecret{Secret(std::move(value)), {}};
}

Answer fromFile(const SecretReference &reference)
{
    QString path = reference.place;
    if (path == QLatin1String("~") || path.startsWith(QLatin1String("~/")))
        path = QDir::homePath() + path.mid(1);
    QFile file(path);
    if (!file.exists())
        return Error{ErrorKind::NotFound,
                     CredentialStoreText::tr("The file %1, which should hold a secret, does not exist.").arg(path),
                     {}};
    if (QFileInfo(path).isDir() || !file.open(QIODevice::ReadOnly))
        return Error{
            ErrorKind::Invalid,
            CredentialStoreText::tr("The file %1, which should hold a secret, cannot be read: %2.")
                .arg(path, QFileInfo(path).isDir() ? CredentialStoreText::tr("it is a folder") : file.errorString()),
            {}};
    // As much as it has: what read() gets room for it keeps, and a secret is kept as long as its connection. A pipe
    // has no size.
    const qint64 size = file.size() > 0 ? std::min<qint64>(file.size(), maxSecretBytes) : maxSecretBytes;
    QByteArray value = file.read(size + 1);
    if (value.size() > maxSecretBytes)
        return Error{ErrorKind::Invalid,
                     CredentialStoreText::tr("The file %1 is too large to be a secret (over 64 KB).").arg(path),
                     {}};
    if (value.endsWith('\n'))
        value.chop(value.endsWith("\r\n") ? 2 : 1);
    if (value.isEmpty())
        return Error{ErrorKind::NotFound,
                     CredentialStoreText::tr("The file %1, which should hold a secret, is empty.").arg(path),
                     {}};
    ResolvedSecret result{Secret(std::move(value)), {}};
#ifdef Q_OS_UNIX
    if (file.permissions() & (QFileDevice::ReadGroup | QFileDevice::ReadOther)) {
        result.warning = CredentialStoreText::tr(
                             "Others on this machine can read the secret in %1. Let it be yours alone: chmod 600.")
                             .arg(path);
        qCWarning(category).noquote() << result.warning;
    }
#endif
    return result;
}

// Empty where a keychain may be there. QtKeychain without a session bus tries for a long time or not at all.
QString missingSession()
{
#if defined(Q_OS_UNIX) && !defined(Q_OS_MACOS)
    const QString runtime = qEnvironmentVariable("XDG_RUNTIME_DIR");
    const bool hasBus = !qEnvironmentVariableIsEmpty("DBUS_SESSION_BUS_ADDRESS") ||
                        (!runtime.isEmpty() && QFileInfo::exists(runtime + QStringLiteral("/bus")));
    if (!hasBus)
        return CredentialStoreText::tr("there is no desktop session here");
#endif
    return {};
}

Error keychainError(const SecretReference &reference, const QString &why)
{
    return Error{ErrorKind::Unsupported,
                 CredentialStoreText::tr(
                     "The keychain cannot be asked for %1: %2. Name the secret as env:NAME or file:PATH instead.")
                     .arg(reference.toString(), why),
                 {}};
}

} // namespace

CredentialStore::CredentialStore(QObject *parent)
    : QObject(parent)
{}

CredentialStore::~CredentialStore() = default;

QFuture<Answer> CredentialStore::resolve(SecretReference reference, StopToken)
{
    if (reference.kind == SecretReference::Kind::Environment)
        return ready(fromEnvironment(reference));
    auto promise = std::make_shared<QPromise<Answer>>();
    promise->start();
    const QFuture<Answer> future = promise->future();
    if (reference.kind == SecretReference::Kind::File) {
        QThreadPool::globalInstance()->start([promise, reference] {
            promise->addResult(fromFile(reference));
            promise->finish();
        });
    } else if (const QString missing = missingSession(); !missing.isEmpty()) {
        promise->addResult(Answer(keychainError(reference, missing)));
        promise->finish();
    } else {
        QMetaObject::invokeMethod(this, [this, promise, reference] { readKeychain(reference, promise); });
    }
    return future;
}

void CredentialStore::readKeychain(const SecretReference &reference, std::shared_ptr<QPromise<Answer>> promise)
{
    auto *job = new QKeychain::ReadPasswordJob(reference.service, this);
    job->setKey(reference.place);
    connect(job, &QKeychain::Job::finished, this, [job, promise, reference] {
        if (job->error() == QKeychain::NoError && !job->binaryData().isEmpty())
            promise->addResult(Answer(ResolvedSecret{Secret(job->binaryData()), {}}));
        else if (job->error() == QKeychain::EntryNotFound || job->error() == QKeychain::NoError)
            promise->addResult(Answer(
                Error{ErrorKind::NotFound,
                      CredentialStoreText::tr("The keychain has no entry \"%1\" of the service \"%2\". Add it with the "
                                              "desktop's keychain program, or name another place for the secret.")
                          .arg(reference.place, reference.service),
                      {}}));
        else
            promise->addResult(Answer(keychainError(reference, job->errorString())));
        promise->finish();
    });
    job->start();
}

QFuture<Result<void>> CredentialStore::keep(SecretReference reference, Secret secret, StopToken)
{
    if (reference.kind != SecretReference::Kind::Keychain)
        return ready(Result<void>(
            Error{ErrorKind::Unsupported,
                  CredentialStoreText::tr("Signalbox writes secrets into the keychain only; %1 is yours to set.")
                      .arg(reference.toString()),
                  {}}));
    if (const QString missing = missingSession(); !missing.isEmpty())
        return ready(Result<void>(keychainError(reference, missing)));
    auto promise = std::make_shared<QPromise<Result<void>>>();
    promise->start();
    const auto future = promise->future();
    QMetaObject::invokeMethod(this, [this, promise, reference, secret] { writeKeychain(reference, secret, promise); });
    return future;
}

void CredentialStore::writeKeychain(const SecretReference &reference, const Secret &secret,
                                    std::shared_ptr<QPromise<Result<void>>> promise)
{
    auto *job = new QKeychain::WritePasswordJob(reference.service, this);
    job->setKey(reference.place);
    job->setBinaryData(secret.reveal());
    connect(job, &QKeychain::Job::finished, this, [job, promise, reference] {
        if (job->error() == QKeychain::NoError)
            promise->addResult(Result<void>());
        else
            promise->addResult(Result<void>(keychainError(reference, job->errorString())));
        promise->finish();
    });
    job->start();
}

} // namespace signalbox
