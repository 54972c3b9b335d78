#include "tests/support/labregistry.h"

#include "tests/support/lab.h"

#include <QElapsedTimer>
#include <QFile>
#include <QJsonDocument>
#include <QProcess>
#include <QStandardPaths>
#include <QTcpSocket>
#include <QThread>

namespace signalbox::test
{

namespace
{

bool isListening(int port, const QProcess &process)
{
    QElapsedTimer clock;
    clock.start();
    while (clock.elapsed() < 20'000 && process.state() == QProcess::Running) {
        QTcpSocket socket;
        socket.connectToHost(QStringLiteral("127.0.0.1"), static_cast<quint16>(port));
        if (socket.waitForConnected(500))
            return true;
        QThread::msleep(30);
    }
    return false;
}

void writeTo(const QString &path, const QByteArray &content)
{
    QFile file(path);
    if (file.open(QIODevice::WriteOnly))
        file.write(content);
}

} // namespace

std::unique_ptr<LabRegistry> LabRegistry::start(QString *error)
{
    std::unique_ptr<LabRegistry> registry(new LabRegistry);
    const QString program = QStandardPaths::findExecutable(QStringLiteral("docker-registry"));
    QFile form(QStringLiteral(SIGNALBOX_SOURCE_DIR "/tests/lab/registry/config.yml"));
    if (program.isEmpty() || !form.open(QIODevice::ReadOnly)) {
        *error = QStringLiteral("docker-registry is missing; install the Debian package of this name");
        return nullptr;
    }
    registry->m_port = freePorts();
    QByteArray config = form.readAll();
    config.replace("@FOLDER@", registry->m_folder.path().toUtf8());
    config.replace("@PORT@", QByteArray::number(registry->m_port));
    writeTo(registry->m_folder.filePath(QStringLiteral("config.yml")), config);
    // Of password(), as htpasswd -B writes it.
    writeTo(registry->m_folder.filePath(QStringLiteral("passwd")),
            "ana:$2y$05$cfvEZgns9sJnXl/y1mxQK.usETpiJr4X0lBTLmAKaswh0shZ1Qasy\n");
    registry->m_process = std::make_unique<QProcess>();
    registry->m_process->setStandardInputFile(QProcess::nullDevice());
    registry->m_process->setStandardOutputFile(registry->m_folder.filePath(QStringLiteral("log")));
    registry->m_process->setStandardErrorFile(registry->m_folder.filePath(QStringLiteral("log")), QIODevice::Append);
    registry->m_process->start(program,
                               {QStringLiteral("serve"), registry->m_folder.filePath(QStringLiteral("config.yml"))});
    if (!registry->m_process->waitForStarted() || !isListening(registry->m_port, *registry->m_process)) {
        QFile log(registry->m_folder.filePath(QStringLiteral("log")));
        *error = QStringLiteral("docker-registry did not start: ") +
                 (log.open(QIODevice::ReadOnly) ? QString::fromUtf8(log.readAll()) : QString());
        return nullptr;
    }
    return registry;
}

LabRegistry::~LabRegistry()
{
    if (!m_process)
        return;
    m_process->terminate();
    if (!m_process->waitForFinished(5000)) {
        m_process->kill();
        m_process->waitForFinished(2000);
    }
}

QJsonObject LabRegistry::push(const QString &name, const QString &tag, const QList<QByteArray> &labels, QString *error,
                              bool isDocker) const
{
    QStringList arguments{QStringLiteral(SIGNALBOX_SOURCE_DIR "/tests/lab/registry/push.py"),
                          url(),
                          user(),
                          QString::fromLatin1(password()),
                          name,
                          tag};
    for (const QByteArray &one : labels)
        arguments.append(QString::fromUtf8(one));
    if (isDocker)
        arguments.append(QStringLiteral("--docker"));
    const auto output = runProgram(QStringLiteral("python3"), arguments);
    const QJsonObject pushed = QJsonDocument::fromJson(output.out).object();
    if (!output.isGood() || pushed.isEmpty())
        *error = QString::fromUtf8(output.err);
    return output.isGood() ? pushed : QJsonObject();
}

QByteArray LabRegistry::revisionLabel(const QString &commit)
{
    return R"({"org.opencontainers.image.revision": ")" + commit.toUtf8() + R"("})";
}

} // namespace signalbox::test
