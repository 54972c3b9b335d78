#pragma once

#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QUrl>

#include <memory>

#include <signal.h>

namespace signalbox::test
{

// tests/lab/openapi/proxy.py between a client and a server, until it is destroyed. POSIX; the including target defines
// SIGNALBOX_SOURCE_DIR.
class CheckingProxy
{
public:
    static std::unique_ptr<CheckingProxy> start(const QStringList &options, const QUrl &upstream, const QString &ca,
                                                QString *error)
    {
        auto made = std::make_unique<CheckingProxy>();
        made->m_process.setProcessChannelMode(QProcess::MergedChannels);
        made->m_process.start(QStringLiteral("python3"),
                              QStringList{QStringLiteral(SIGNALBOX_SOURCE_DIR "/tests/lab/openapi/proxy.py")} +
                                  options +
                                  QStringList{QStringLiteral("--upstream"), upstream.toString(), QStringLiteral("--ca"),
                                              ca, QStringLiteral("--dir"), made->m_folder.path()});
        for (int i = 0; i < 600 && made->text("port").isEmpty(); ++i) {
            if (made->m_process.waitForFinished(100))
                break;
        }
        if (made->text("port").isEmpty()) {
            *error = QString::fromUtf8(made->m_process.readAll());
            return nullptr;
        }
        return made;
    }
    ~CheckingProxy()
    {
        if (m_process.state() == QProcess::Running)
            ::kill(static_cast<pid_t>(m_process.processId()), SIGTERM);
        m_process.waitForFinished(5000);
    }
    QByteArray text(const char *name) const
    {
        QFile file(m_folder.filePath(QLatin1String(name)));
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }
    QByteArray address() const { return "https://127.0.0.1:" + text("port").trimmed(); }
    QByteArray certificate() const { return text("proxy.pem"); }
    // How many values of a kind ("Pod") or status ("status 200") were held against their schema.
    qsizetype checked(const char *what) const
    {
        return text("checked").count(QByteArray("\"value\": \"") + what + '"');
    }

private:
    QTemporaryDir m_folder;
    QProcess m_process;
};

} // namespace signalbox::test
