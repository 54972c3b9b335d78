// The key that git would sign with.
#include "services/async/deliver.h"
#include "services/async/whenended.h"
#include "services/ledger/signing/sshagent.h"
#include "services/ledger/signing/sshsignertext.h"

#include <QDir>
#include <QFile>

namespace signalbox::ssh
{
namespace
{

QString expanded(const QString &path)
{
    return path.startsWith(QLatin1String("~/")) ? QDir::homePath() + path.mid(1) : path;
}

// Of the line itself, or of the file beside the private half. Null: neither is there.
PublicKey publicHalf(const QString &named)
{
    if (auto key = PublicKey::fromLine(named.toUtf8()))
        return *key;
    const QString path = expanded(named);
    for (const QString &file : {path, path + QLatin1String(".pub")}) {
        QFile opened(file);
        if (!opened.open(QIODevice::ReadOnly))
            continue;
        if (auto key = PublicKey::fromLine(opened.read(64 * 1024).split('\n').first()))
            return *key;
    }
    return {};
}

} // namespace

SignerFuture signerNamed(QString signingKey, StopToken stop)
{
    if (signingKey.isEmpty())
        return ready(Result<std::shared_ptr<Signer>>(
            Error{ErrorKind::Refused,
                  SshSignerText::tr(
                      "There is no key to sign with. Name one as for git: git config --global gpg.format ssh; git "
                      "config --global user.signingkey ~/.ssh/id_ed25519.pub"),
                  {}}));
    if (signingKey.startsWith(QLatin1String("key::")))
        signingKey = signingKey.mid(5);
    const PublicKey key = publicHalf(signingKey);
    QString file = expanded(signingKey);
    if (file.endsWith(QLatin1String(".pub")))
        file.chop(4);
    if (key.isNull())
        return fileSigner(file);
    const bool hasFile = QFile::exists(file);
    return chained(agentSigner(std::make_shared<SshAgent>(), QString::fromLatin1(key.line()), std::move(stop)),
                   [file, hasFile](const Result<std::shared_ptr<Signer>> &found) {
                       return found || !hasFile ? ready(found) : fileSigner(file);
                   });
}

} // namespace signalbox::ssh
