#include "tests/support/practiceprogram.h"

#include <QElapsedTimer>
#include <QFile>
#include <QFileInfo>
#include <QJsonDocument>
#include <QJsonObject>

#include <signal.h>

namespace signalbox::test
{

std::unique_ptr<PracticeProgram> PracticeProgram::start(QString *error)
{
    std::unique_ptr<PracticeProgram> made(new PracticeProgram);
    QProcessEnvironment env = QProcessEnvironment::systemEnvironment();
    env.insert(QStringLiteral("SIGNALBOX_DATA"), made->m_data.filePath(QStringLiteral("data")));
    made->m_process.setProcessEnvironment(env);
    made->m_process.start(qEnvironmentVariable("SIGNALBOX_PROGRAM"),
                          {QStringLiteral("sandbox"), QStringLiteral("--json")});
    QByteArray out;
    QElapsedTimer timer;
    timer.start();
    while (timer.elapsed() < 60'000 && !made->readPlaces(out) && made->m_process.state() != QProcess::NotRunning) {
        made->m_process.waitForReadyRead(1000);
        out += made->m_process.readAllStandardOutput();
    }
    if (made->m_places.isEmpty()) {
        *error = QStringLiteral("no practice world (SIGNALBOX_PROGRAM=%1): %2")
                     .arg(qEnvironmentVariable("SIGNALBOX_PROGRAM"),
                          QString::fromUtf8(out + made->m_process.readAllStandardError()));
        return nullptr;
    }
    return made;
}

PracticeProgram::~PracticeProgram()
{
    if (m_process.state() != QProcess::Running)
        return;
    ::kill(static_cast<pid_t>(m_process.processId()), SIGINT);
    if (!m_process.waitForFinished(10'000))
        m_process.kill();
}

bool PracticeProgram::readPlaces(const QByteArray &json)
{
    const QJsonObject all = QJsonDocument::fromJson(json).object();
    if (all.isEmpty())
        return false;
    m_places = QFileInfo(all.value(QLatin1String("workspace")).toString()).absolutePath();
    m_prometheus = QUrl(all.value(QLatin1String("prometheus")).toString());
    m_registry = QUrl(all.value(QLatin1String("registry")).toString());
    m_token = fileText(QStringLiteral("%1/token").arg(m_places)).trimmed();
    m_caPem = fileText(caFile());
    return true;
}

QByteArray PracticeProgram::fileText(const QString &name)
{
    QFile file(name);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

QByteArray PracticeProgram::kubeconfig() const
{
    return fileText(m_places + QStringLiteral("/kubeconfig"));
}

QUrl PracticeProgram::cluster(const char *name) const
{
    const QByteArray text = kubeconfig();
    const qsizetype at = text.indexOf("server: ", text.indexOf(QByteArray("- name: ") + name)) + 8;
    return QUrl(QString::fromUtf8(text.mid(at, text.indexOf('\n', at) - at)));
}

} // namespace signalbox::test
