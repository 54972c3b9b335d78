#pragma once

#include <QByteArray>
#include <QJsonObject>
#include <QString>
#include <QStringList>
#include <QTemporaryDir>

#include <memory>

class QProcess;

namespace signalbox::test
{

// A real registry (Debian's docker-registry) on loopback, with a password, in a folder of its own.
class LabRegistry
{
public:
    static std::unique_ptr<LabRegistry> start(QString *error);
    ~LabRegistry();
    QString host() const { return QStringLiteral("127.0.0.1:%1").arg(m_port); }
    QString url() const { return QStringLiteral("http://") + host(); }
    static QString user() { return QStringLiteral("ana"); }
    static QByteArray password() { return "s3cret pass:word"; }

    // See tests/lab/registry/push.py. Empty: it failed, `error` says why.
    QJsonObject push(const QString &name, const QString &tag, const QList<QByteArray> &labels, QString *error,
                     bool isDocker = false) const;
    static QByteArray revisionLabel(const QString &commit);

private:
    LabRegistry() = default;
    QTemporaryDir m_folder;
    std::unique_ptr<QProcess> m_process;
    int m_port = 0;
};

} // namespace signalbox::test
