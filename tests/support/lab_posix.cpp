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
    if (qEnvironmentVariable("SIGNALBOX_LAB_TARGET") == QLatin1String("sandbox"))
        return practice(error);
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

std::unique_ptr<LabCluster> LabCluster::practice(QString *error)
{
    std::unique_ptr<LabCluster> cluster(new LabCluster);
    cluster->m_folder = std::make_unique<QTemporaryDir>();
    cluster->m_directory = cluster->m_folder->path();
    return cluster->startPractice(error) ? std::move(cluster) : nullptr;
}

bool LabCluster::startPractice(QString *error)
{
    const QString given = m_folder->filePath(QStringLiteral("given"));
    m_sandbox = std::make_unique<QProcess>();
    QProcessEnvironment env = QProcessEnvironment::systemEnvironment();
    env.insert(QStringLiteral("SIGNALBOX_DATA"), m_folder->filePath(QStringLiteral("data")));
    m_sandbox->setProcessEnvironment(env);
    m_sandbox->setProcessChannelMode(QProcess::MergedChannels);
    m_sandbox->start(qEnvironmentVariable("SIGNALBOX_PROGRAM"),
                     {QStringLiteral("sandbox"), QStringLiteral("--kubeconfig-out"), given});
    // The file is there once the servers are; its last word is the current context.
    QByteArray text;
    QElapsedTimer timer;
    timer.start();
    while (!text.contains("current-context:") && timer.elapsed() < 60'000) {
        if (m_sandbox->waitForFinished(50))
            break;
        QFile file(given);
        if (file.open(QIODevice::ReadOnly))
            text = file.readAll();
    }
    const qsizetype cluster = text.indexOf("- name: practice-lab");
    const qsizetype port = text.indexOf("https://127.0.0.1:", cluster) + 18;
    if (cluster < 0 || port < 18) {
        *error = QStringLiteral("no practice world: %1 %2")
                     .arg(m_sandbox->errorString(), QString::fromUtf8(m_sandbox->readAll()));
        return false;
    }
    m_port = text.mid(port, text.indexOf('\n', port) - port).trimmed().toInt();
    QByteArray contexts = "contexts:\n";
    for (const char *context : {"lab-cert", "lab-token"})
        contexts += QByteArray("- name: ") + context + "\n  context: {cluster: practice-lab, user: operator}\n";
    text.replace("current-context: practice-prod", "current-context: lab-cert").replace("contexts:\n", contexts);
    QFile file(kubeconfig());
    if (!file.open(QIODevice::WriteOnly) || file.write(text) != text.size())
        return false;
    file.close();
    for (const char *crds : {"argo-rollouts", "flagger", "gateway-api", "istio-networking"}) {
        const Output applied = kubectl({QStringLiteral("apply"), QStringLiteral("-f"),
                                        script(QStringLiteral("crds/%1.yaml").arg(QLatin1String(crds)))});
        if (!applied.isGood()) {
            *error = QString::fromUtf8(applied.err);
            return false;
        }
    }
    return true;
}

int LabCluster::nodes() const
{
    return static_cast<int>(
        kubectl({QStringLiteral("get"), QStringLiteral("nodes"), QStringLiteral("-o"), QStringLiteral("name")})
            .out.count('\n'));
}

LabCluster::~LabCluster()
{
    if (m_sandbox && m_sandbox->state() == QProcess::Running) {
        ::kill(static_cast<pid_t>(m_sandbox->processId()), SIGINT);
        if (!m_sandbox->waitForFinished(10'000))
            m_sandbox->kill();
    }
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
