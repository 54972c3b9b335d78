#include "tests/support/fleetrepository.h"

#include "services/async/deliver.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>

namespace signalbox::test
{

namespace
{

const QString gitProgram = QStringLiteral("git");
const QString mainBranch = QStringLiteral("main");

} // namespace

FleetRepository::FleetRepository()
    : m_bare(m_folder.filePath(QStringLiteral("fleet.git")))
    , m_copy(m_folder.filePath(QStringLiteral("fleet")))
    , m_key(makeSshKey(m_folder.filePath(QStringLiteral("key")), QStringLiteral("ed25519")))
{
    const QStringList init{QStringLiteral("init"), QStringLiteral("-q"), QStringLiteral("--bare"),
                           QStringLiteral("-b"),   mainBranch,           m_bare};
    const QStringList clone{QStringLiteral("clone"), QStringLiteral("-q"), m_bare, m_copy};
    m_isReady = true;
    for (const QStringList &arguments : {init, clone}) {
        const Ran ran = runTool(gitProgram, arguments);
        m_isReady = m_isReady && ran.status == 0;
        if (ran.status != 0)
            qWarning("%s", qPrintable(ran.text()));
    }
}

QByteArray FleetRepository::git(const QStringList &arguments) const
{
    const Ran ran =
        runTool(gitProgram, QStringList{QStringLiteral("-c"), QStringLiteral("user.name=Ann"), QStringLiteral("-c"),
                                        QStringLiteral("user.email=ann@shop.example"), QStringLiteral("-C"), m_copy} +
                                arguments);
    if (ran.status != 0)
        qWarning("%s", qPrintable(ran.text()));
    return ran.out.trimmed();
}

QString FleetRepository::push(const QString &file, const QByteArray &content, const QString &message) const
{
    if (!remoteTip().isEmpty())
        git({QStringLiteral("pull"), QStringLiteral("-q"), QStringLiteral("origin"), mainBranch});
    const QString path = m_copy + u'/' + file;
    QDir().mkpath(QFileInfo(path).path());
    writeFile(path, content);
    git({QStringLiteral("add"), QStringLiteral("-A")});
    git({QStringLiteral("commit"), QStringLiteral("-q"), QStringLiteral("-m"), message});
    git({QStringLiteral("push"), QStringLiteral("-q"), QStringLiteral("origin"), QStringLiteral("HEAD:main")});
    return QString::fromLatin1(git({QStringLiteral("rev-parse"), QStringLiteral("HEAD")}));
}

Ran FleetRepository::bare(const QStringList &arguments) const
{
    return runTool(gitProgram, QStringList{QStringLiteral("-C"), m_bare} + arguments);
}

QByteArray FleetRepository::atRemote(const QString &what) const
{
    return bare({QStringLiteral("show"), what}).out;
}

QByteArray FleetRepository::remoteTip() const
{
    return bare({QStringLiteral("rev-parse"), QStringLiteral("-q"), QStringLiteral("--verify"), mainBranch})
        .out.trimmed();
}

Ran FleetRepository::verified(const QString &commit) const
{
    QFile key(m_key + QStringLiteral(".pub"));
    if (!key.open(QIODevice::ReadOnly))
        return {};
    const QString signers = m_folder.filePath(QStringLiteral("signers"));
    writeFile(signers, "ann@shop.example " + key.readAll());
    return bare({QStringLiteral("-c"), QStringLiteral("gpg.ssh.allowedSignersFile=") + signers,
                 QStringLiteral("verify-commit"), commit});
}

policy::Execution FleetRepository::follows(const QString &file) const
{
    policy::Execution one;
    one.kind = policy::Execution::Kind::GitopsCommit;
    one.repository = m_bare;
    one.branch = mainBranch;
    one.file = file;
    return one;
}

QFuture<Result<git::RemoteAccess>> FleetRepository::access(const QString &address, StopToken)
{
    git::RemoteAccess access;
    access.url = *git::parseRemoteUrl(address);
    return ready(Result<git::RemoteAccess>(access));
}

} // namespace signalbox::test
