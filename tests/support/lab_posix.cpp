#include "tests/support/lab.h"

#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QHostAddress>
#include <QProcess>
#include <QRandomGenerator>
#include <QTcpServer>
#include <QTemporaryDir>

#include <vector>

#include <signal.h>

namespace signalbox::test
{

namespace
{

QString script(const QString &name)
{
    return QStringLiteral(SIGNALBOX_SOURCE_DIR "/tests/lab/kubernetes/") + name;
}

} // namespace

LabCluster::Output runProgram(const QString &program, const QStringList &arguments, const QByteArray &input,
                              int seconds, const QStringList &environment)
{
    QProcess process;
    QProcessEnvironment env = QProcessEnvironment::systemEnvironment();
    for (const QString &entry : environment)
        env.insert(entry.section(QLatin1Char('='), 0, 0), entry.section(QLatin1Char('='), 1));
    process.setProcessEnvironment(env);
    process.start(program, arguments);
    LabCluster::Output output;
    if (!process.waitForStarted(10000)) {
        output.err = "could not start " + program.toUtf8();
        return output;
    }
    process.write(input);
    process.closeWriteChannel();
    const bool finished = process.waitForFinished(seconds * 1000);
    output.out = process.readAllStandardOutput();
    output.err = process.readAllStandardError();
    if (finished && process.exitStatus() == QProcess::NormalExit)
        output.status = process.exitCode();
    else
        process.kill();
    return output;
}

int freePorts(int count)
{
    for (int attempt = 0; attempt < 200; ++attempt) {
        const int first = QRandomGenerator::global()->bounded(27000, 60000 - count);
        std::vector<std::unique_ptr<QTcpServer>> held;
        for (int i = 0; i < count; ++i) {
            auto server = std::make_unique<QTcpServer>();
            if (!server->listen(QHostAddress::LocalHost, static_cast<quint16>(first + i)))
                break;
            held.push_back(std::move(server));
        }
        if (static_cast<int>(held.size()) == count)
            return first;
    }
    return 0;
}

std::unique_ptr<LabCluster> LabCluster::shared(QString *error)
{
    const QString directory = qEnvironmentVariable("SIGNALBOX_LAB_DIR");
    if (directory.isEmpty())
        return own({QStringLiteral("--nodes"), QStringLiteral("4")}, error);
    std::unique_ptr<LabCluster> cluster(new LabCluster);
    cluster->m_directory = directory;
    QFile port(directory + QStringLiteral("/port"));
    if (!port.open(QIODevice::ReadOnly)) {
        *error = QStringLiteral("%1/port is missing: the CTest fixture lab_kubernetes_up has not run").arg(directory);
        return nullptr;
    }
    cluster->m_port = port.readAll().trimmed().toInt();
    return cluster;
}

std::unique_ptr<LabCluster> LabCluster::own(const QStringList &options, QString *error)
{
    std::unique_ptr<LabCluster> cluster(new LabCluster);
    QTemporaryDir folder(QDir::tempPath() + QStringLiteral("/signalbox-lab-XXXXXX"));
    folder.setAutoRemove(false);
    cluster->m_directory = folder.path();
    cluster->m_isOwned = true;
    for (int attempt = 0; attempt < 3; ++attempt) { // somebody may take a port between the look and the start
        cluster->m_port = freePorts(5);
        if (cluster->start(options, error))
            return cluster;
    }
    return nullptr;
}

bool LabCluster::start(const QStringList &options, QString *error)
{
    // start.sh leaves servers behind that must not hold our pipes, hence the files.
    const QString log = m_directory + QStringLiteral("/start.log");
    QProcess process;
    QProcessEnvironment env = QProcessEnvironment::systemEnvironment();
    env.insert(QStringLiteral("K8S_LAB_DIR"), m_directory);
    env.insert(QStringLiteral("K8S_LAB_PORT"), QString::number(m_port));
    process.setProcessEnvironment(env);
    process.setStandardOutputFile(log);
    process.setStandardErrorFile(log);
    process.start(script(QStringLiteral("start.sh")), options);
    if (process.waitForFinished(180000) && process.exitStatus() == QProcess::NormalExit && process.exitCode() == 0)
        return true;
    QFile file(log);
    *error = file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll().right(2000)) : process.errorString();
    return false;
}

LabCluster::~LabCluster()
{
    if (m_isOwned)
        runProgram(script(QStringLiteral("stop.sh")), {QStringLiteral("--delete")}, {}, 60,
                   {QStringLiteral("K8S_LAB_DIR=") + m_directory});
}

QString LabCluster::server() const
{
    return QStringLiteral("https://127.0.0.1:%1").arg(m_port);
}

LabCluster::Output LabCluster::kubectl(const QStringList &arguments, const QByteArray &input) const
{
    return runProgram(QStringLiteral("kubectl"), QStringList{QStringLiteral("--kubeconfig"), kubeconfig()} + arguments,
                      input, 120, {QStringLiteral("HOME=") + m_directory});
}

QString LabCluster::makeNamespace(const QString &prefix) const
{
    const QString name =
        QStringLiteral("%1-%2").arg(prefix).arg(QRandomGenerator::global()->bounded(0x100000, 0xffffff), 0, 16);
    return kubectl({QStringLiteral("create"), QStringLiteral("namespace"), name}).isGood() ? name : QString();
}

LabCluster::Output LabCluster::apply(const QByteArray &yaml, const QString &ns) const
{
    QStringList arguments{QStringLiteral("apply"), QStringLiteral("-f"), QStringLiteral("-")};
    if (!ns.isEmpty())
        arguments << QStringLiteral("-n") << ns;
    return kubectl(arguments, yaml);
}

bool LabCluster::killServer()
{
    QFile file(m_directory + QStringLiteral("/run/kube-apiserver.pid"));
    if (!m_isOwned || !file.open(QIODevice::ReadOnly))
        return false;
    const int pid = file.readAll().split(' ').value(0).toInt();
    return pid > 0 && ::kill(pid, SIGKILL) == 0;
}

bool LabCluster::restart(QString *error)
{
    return m_isOwned && start({QStringLiteral("--nodes"), QStringLiteral("2")}, error);
}

} // namespace signalbox::test
