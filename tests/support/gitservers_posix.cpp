#include "tests/support/gitservers.h"

#include "tests/support/testcertificates.h"

#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QProcess>
#include <QRandomGenerator>
#include <QStandardPaths>
#include <QTcpSocket>
#include <QThread>

#include <unistd.h>
#ifdef Q_OS_LINUX
#include <csignal>
#include <sys/prctl.h>
#endif

namespace signalbox::test
{

namespace
{

QStringList gitEnvironment(qint64 clock)
{
    return {QStringLiteral("GIT_CONFIG_NOSYSTEM=1"),
            QStringLiteral("GIT_CONFIG_GLOBAL=/dev/null"),
            QStringLiteral("HOME=/nonexistent"),
            QStringLiteral("GIT_TERMINAL_PROMPT=0"),
            QStringLiteral("GIT_COMMITTER_NAME=Ana"),
            QStringLiteral("GIT_COMMITTER_EMAIL=ana@example.com"),
            QStringLiteral("GIT_AUTHOR_NAME=Ana"),
            QStringLiteral("GIT_AUTHOR_EMAIL=ana@example.com"),
            QStringLiteral("GIT_COMMITTER_DATE=%1 +0000").arg(clock),
            QStringLiteral("GIT_AUTHOR_DATE=%1 +0000").arg(clock)};
}

bool writeFile(const QString &path, const QByteArray &content, bool isPrivate = false)
{
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(content) != content.size())
        return false;
    return !isPrivate || file.setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner);
}

QByteArray readFile(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

// Programs of administrators are not in everybody's path.
QString systemProgram(const QString &name)
{
    const QString found = QStandardPaths::findExecutable(name);
    return found.isEmpty()
               ? QStandardPaths::findExecutable(name, {QStringLiteral("/usr/sbin"), QStringLiteral("/sbin")})
               : found;
}

std::unique_ptr<QProcess> spawn(const QString &program, const QStringList &arguments, const QString &log,
                                const QStringList &environment = {})
{
    auto process = std::make_unique<QProcess>();
    QProcessEnvironment env = QProcessEnvironment::systemEnvironment();
    for (const QString &entry : environment)
        env.insert(entry.section(QLatin1Char('='), 0, 0), entry.section(QLatin1Char('='), 1));
    process->setProcessEnvironment(env);
    process->setStandardOutputFile(log);
    process->setStandardErrorFile(log, QIODevice::Append);
#ifdef Q_OS_LINUX
    process->setChildProcessModifier([] { ::prctl(PR_SET_PDEATHSIG, SIGTERM); });
#endif
    process->start(program, arguments);
    return process->waitForStarted(10000) ? std::move(process) : nullptr;
}

void end(std::unique_ptr<QProcess> &process)
{
    if (!process)
        return;
    process->terminate();
    if (!process->waitForFinished(5000)) {
        process->kill();
        process->waitForFinished(5000);
    }
    process.reset();
}

bool waitForPort(int port, const QProcess &process)
{
    QElapsedTimer timer;
    timer.start();
    while (timer.elapsed() < 20000 && process.state() == QProcess::Running) {
        QTcpSocket socket;
        socket.connectToHost(QStringLiteral("127.0.0.1"), static_cast<quint16>(port));
        if (socket.waitForConnected(1000))
            return true;
        QThread::msleep(20);
    }
    return false;
}

} // namespace

RealGit::RealGit(const QString &folder)
    : m_folder(folder)
{}

bool RealGit::init(const QString &folder, bool isBare)
{
    QStringList arguments{QStringLiteral("init"), QStringLiteral("-q"), QStringLiteral("-b"), QStringLiteral("main")};
    if (isBare)
        arguments << QStringLiteral("--bare");
    return runProgram(QStringLiteral("git"), arguments << folder, {}, 60, gitEnvironment(0)).isGood();
}

LabCluster::Output RealGit::run(const QStringList &arguments, const QByteArray &input) const
{
    return runProgram(QStringLiteral("git"), QStringList{QStringLiteral("-C"), m_folder} + arguments, input, 300,
                      gitEnvironment(m_clock));
}

QByteArray RealGit::out(const QStringList &arguments) const
{
    const auto output = run(arguments);
    return output.isGood() ? output.out.trimmed() : QByteArray();
}

void RealGit::write(const QString &file, const QByteArray &content) const
{
    const QString path = m_folder + QLatin1Char('/') + file;
    QDir().mkpath(QFileInfo(path).path());
    writeFile(path, content);
}

QString RealGit::commit(const QString &file, const QByteArray &content, const QString &message, const QString &author)
{
    m_clock += 60;
    write(file, content);
    if (!run({QStringLiteral("add"), QStringLiteral("-A")}).isGood() ||
        !run({QStringLiteral("commit"), QStringLiteral("-q"), QStringLiteral("--allow-empty"),
              QStringLiteral("--author"), author, QStringLiteral("-F"), QStringLiteral("-")},
             message.toUtf8())
             .isGood())
        return {};
    return QString::fromLatin1(out({QStringLiteral("rev-parse"), QStringLiteral("HEAD")}));
}

QString RealGit::merge(const QString &branch, const QString &message)
{
    m_clock += 60;
    QStringList arguments{QStringLiteral("merge"), QStringLiteral("-q"), QStringLiteral("--no-ff")};
    arguments << (message.isEmpty() ? QStringList{QStringLiteral("--no-edit")}
                                    : QStringList{QStringLiteral("-m"), message});
    if (!run(arguments << branch).isGood())
        return {};
    return QString::fromLatin1(out({QStringLiteral("rev-parse"), QStringLiteral("HEAD")}));
}

bool RealGit::grow(const QString &branch, int count, quint32 seed)
{
    QRandomGenerator random(seed);
    QByteArray stream;
    QHash<int, QByteArray> contents;
    const QByteArray ref = "refs/heads/" + branch.toUtf8();
    const QByteArray before =
        out({QStringLiteral("rev-parse"), QStringLiteral("-q"), QStringLiteral("--verify"), QString::fromUtf8(ref)});
    for (int i = 0; i < count; ++i) {
        m_clock += 60;
        const bool isMerge = i > 10 && i % 17 == 0;
        const QByteArray who = "Dev" + QByteArray::number(random.bounded(7));
        const QByteArray stamp =
            who + " <" + who.toLower() + "@example.com> " + QByteArray::number(m_clock) + " +0000\n";
        const QByteArray message = isMerge ? "Merge branch 'feature/" + QByteArray::number(i) + "'\n"
                                           : "area" + QByteArray::number(i % 5) + ": Change #" + QByteArray::number(i) +
                                                 "\n\nWhy it was needed, SHOP-" + QByteArray::number(1000 + i) + ".\n";
        stream += "commit " + ref + "\nmark :" + QByteArray::number(i + 1) + "\nauthor " + stamp + "committer " +
                  stamp + "data " + QByteArray::number(message.size()) + '\n' + message;
        if (i == 0 && !before.isEmpty())
            stream += "from " + before + '\n';
        if (isMerge)
            stream += "merge :" + QByteArray::number(i - 5) + '\n';
        for (int j = 0; j < 1 + random.bounded(3); ++j) {
            const int file = random.bounded(60);
            QByteArray &content = contents[file];
            QList<QByteArray> lines = content.split('\n');
            lines.insert(random.bounded(static_cast<int>(lines.size())),
                         "line " + QByteArray::number(random.generate()));
            if (lines.size() > 40)
                lines.removeAt(random.bounded(static_cast<int>(lines.size())));
            content = lines.join('\n');
            stream += "M 100644 inline src/dir" + QByteArray::number(file % 6) + "/file" + QByteArray::number(file) +
                      ".txt\ndata " + QByteArray::number(content.size()) + '\n' + content + '\n';
        }
        stream += '\n';
    }
    return run({QStringLiteral("fast-import"), QStringLiteral("--quiet")}, stream).isGood();
}

std::unique_ptr<SshServer> SshServer::start(QString *error)
{
    std::unique_ptr<SshServer> server(new SshServer);
    const QString folder = server->m_folder.path();
    const QString sshd = systemProgram(QStringLiteral("sshd"));
    if (sshd.isEmpty()) {
        *error = QStringLiteral("sshd is missing; install the Debian package openssh-server");
        return nullptr;
    }
    if (::geteuid() == 0)
        QDir().mkpath(QStringLiteral("/run/sshd")); // started by root it separates itself there
    for (const char *name : {"host", "other", "user", "stranger"}) {
        const auto made =
            runProgram(QStringLiteral("ssh-keygen"),
                       {QStringLiteral("-q"), QStringLiteral("-t"), QStringLiteral("ed25519"), QStringLiteral("-N"),
                        QString(), QStringLiteral("-f"), folder + QLatin1Char('/') + QString::fromLatin1(name)});
        if (!made.isGood()) {
            *error = QString::fromUtf8(made.err);
            return nullptr;
        }
    }
    writeFile(folder + QStringLiteral("/authorized_keys"), readFile(folder + QStringLiteral("/user.pub")), true);
    server->m_port = freePorts();
    const QString config = QStringLiteral("Port %1\nListenAddress 127.0.0.1\nHostKey %2/host\nPidFile none\n"
                                          "AuthorizedKeysFile %2/authorized_keys\nStrictModes no\nUsePAM no\n"
                                          "PermitRootLogin yes\nPasswordAuthentication no\n"
                                          "KbdInteractiveAuthentication no\nMaxStartups 200\nLogLevel ERROR\n"
                                          "SetEnv HOME=/nonexistent\n") // a shell reads what its user wrote there
                               .arg(server->m_port)
                               .arg(folder);
    writeFile(folder + QStringLiteral("/sshd_config"), config.toUtf8());
    server->m_process = spawn(
        sshd,
        {QStringLiteral("-D"), QStringLiteral("-e"), QStringLiteral("-f"), folder + QStringLiteral("/sshd_config")},
        folder + QStringLiteral("/log"));
    if (!server->m_process || !waitForPort(server->m_port, *server->m_process)) {
        *error = QStringLiteral("sshd did not start: ") + QString::fromUtf8(readFile(folder + QStringLiteral("/log")));
        return nullptr;
    }
    return server;
}

SshServer::~SshServer()
{
    end(m_process);
}

QString SshServer::url(const QString &path, int port) const
{
    return QStringLiteral("ssh://127.0.0.1:%1%2").arg(port > 0 ? port : m_port).arg(path);
}

QStringList SshServer::command(Trust trust, int port) const
{
    const QString folder = m_folder.path();
    const QString name = QString::number(static_cast<int>(trust)) + QLatin1Char('-') + QString::number(port);
    const QString hosts = folder + QStringLiteral("/known_hosts-") + name;
    const QString config = folder + QStringLiteral("/ssh_config-") + name;
    const QByteArray key =
        readFile(folder + (trust == Trust::Changed ? QStringLiteral("/other.pub") : QStringLiteral("/host.pub")));
    QByteArray known;
    if (trust != Trust::Unknown)
        known = "[127.0.0.1]:" + QByteArray::number(port > 0 ? port : m_port) + ' ' + key;
    writeFile(hosts, known);
    writeFile(config,
              QStringLiteral("Host *\n  UserKnownHostsFile %1\n  GlobalKnownHostsFile /dev/null\n"
                             "  IdentityFile %2/%3\n  IdentitiesOnly yes\n  IdentityAgent none\n"
                             "  StrictHostKeyChecking yes\n  LogLevel ERROR\n"
                             "  KexAlgorithms curve25519-sha256\n") // the usual one costs ten times as much
                  .arg(hosts, folder, trust == Trust::WrongKey ? QStringLiteral("stranger") : QStringLiteral("user"))
                  .toUtf8());
    return {QStringLiteral("ssh"), QStringLiteral("-F"), config};
}

std::unique_ptr<HttpsGitServer> HttpsGitServer::start(const QString &root, QString *error)
{
    std::unique_ptr<HttpsGitServer> server(new HttpsGitServer);
    const QString folder = server->m_folder.path();
    const QString nginx = systemProgram(QStringLiteral("nginx"));
    const QString bridge = systemProgram(QStringLiteral("fcgiwrap"));
    if (nginx.isEmpty() || bridge.isEmpty()) {
        *error = QStringLiteral("nginx or fcgiwrap is missing; install the Debian packages of these names");
        return nullptr;
    }
    const TestAuthority authority("Signalbox test authority");
    const KeyPair pair = authority.issue("127.0.0.1", {QStringLiteral("127.0.0.1")});
    server->m_caPem = authority.caPem();
    server->m_port = freePorts();
    writeFile(folder + QStringLiteral("/cert.pem"), pair.certPem);
    writeFile(folder + QStringLiteral("/key.pem"), pair.keyPem, true);
    writeFile(folder + QStringLiteral("/passwd"),
              user().toUtf8() + ':' +
                  runProgram(QStringLiteral("openssl"),
                             {QStringLiteral("passwd"), QStringLiteral("-apr1"), QStringLiteral("-stdin")},
                             password() + '\n')
                      .out);
    QByteArray config = readFile(QStringLiteral(SIGNALBOX_SOURCE_DIR "/tests/lab/git/nginx.conf"));
    config.replace("@FOLDER@", folder.toUtf8());
    config.replace("@ROOT@", root.toUtf8());
    config.replace("@PORT@", QByteArray::number(server->m_port));
    config.replace("@USER@", ::geteuid() == 0 ? "user root;" : "");
    config.replace("@BACKEND@",
                   QByteArray(runProgram(QStringLiteral("git"), {QStringLiteral("--exec-path")}).out).trimmed() +
                       "/git-http-backend");
    writeFile(folder + QStringLiteral("/nginx.conf"), config);
    server->m_bridge = spawn(bridge, {QStringLiteral("-s"), QStringLiteral("unix:") + folder + QStringLiteral("/fcgi")},
                             folder + QStringLiteral("/bridge.log"),
                             {QStringLiteral("GIT_CONFIG_NOSYSTEM=1"), QStringLiteral("GIT_CONFIG_GLOBAL=/dev/null")});
    server->m_server = spawn(nginx,
                             {QStringLiteral("-e"), folder + QStringLiteral("/error.log"), QStringLiteral("-p"), folder,
                              QStringLiteral("-c"), folder + QStringLiteral("/nginx.conf")},
                             folder + QStringLiteral("/nginx.log"));
    if (!server->m_bridge || !server->m_server || !waitForPort(server->m_port, *server->m_server)) {
        *error = QStringLiteral("nginx did not start: ") +
                 QString::fromUtf8(readFile(folder + QStringLiteral("/nginx.log")) +
                                   readFile(folder + QStringLiteral("/error.log")));
        return nullptr;
    }
    return server;
}

HttpsGitServer::~HttpsGitServer()
{
    end(m_server);
    end(m_bridge);
}

QString HttpsGitServer::url(const QString &name, int port) const
{
    return QStringLiteral("https://127.0.0.1:%1/%2").arg(port > 0 ? port : m_port).arg(name);
}

ByteGate::ByteGate(int serverPort, qint64 limit, Then then, QObject *parent)
    : QObject(parent)
    , m_serverPort(static_cast<quint16>(serverPort))
    , m_limit(limit)
    , m_then(then)
{
    connect(&m_server, &QTcpServer::newConnection, this, &ByteGate::accept);
    m_server.listen(QHostAddress::LocalHost);
}

void ByteGate::accept()
{
    while (QTcpSocket *client = m_server.nextPendingConnection()) {
        auto *server = new QTcpSocket(client);
        connect(server, &QTcpSocket::readyRead, client, [this, client, server] {
            const QByteArray bytes = server->readAll();
            if (m_passed + bytes.size() <= m_limit) {
                m_passed += bytes.size();
                client->write(bytes);
                return;
            }
            if (m_passed >= m_limit && m_then == Then::Stall)
                return;
            client->write(bytes.left(m_limit - m_passed));
            m_passed = m_limit;
            if (m_then == Then::Cut) {
                client->flush();
                client->abort();
            }
        });
        connect(client, &QTcpSocket::readyRead, server, [client, server] { server->write(client->readAll()); });
        connect(client, &QTcpSocket::disconnected, client, &QObject::deleteLater);
        connect(server, &QTcpSocket::disconnected, client, &QTcpSocket::disconnectFromHost);
        connect(server, &QTcpSocket::connected, client, [client, server] { server->write(client->readAll()); });
        server->connectToHost(QStringLiteral("127.0.0.1"), m_serverPort);
    }
}

} // namespace signalbox::test
