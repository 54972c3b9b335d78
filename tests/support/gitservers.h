#pragma once

#include "tests/support/lab.h"

#include <QByteArray>
#include <QHash>
#include <QObject>
#include <QString>
#include <QStringList>
#include <QTcpServer>
#include <QTemporaryDir>

#include <memory>

class QProcess;
class QTcpSocket;

// Real repositories made by the real git, and the real servers in front of them. Loopback only, ports the system picks,
// ended by their process.
namespace signalbox::test
{

// The real git in a folder, with nothing of the user's configuration. Commits get times of their own, one minute apart,
// so that orders are certain.
class RealGit
{
public:
    explicit RealGit(const QString &folder);
    const QString &folder() const { return m_folder; }

    LabCluster::Output run(const QStringList &arguments, const QByteArray &input = {}) const;
    QByteArray out(const QStringList &arguments) const; // trimmed; empty when it failed
    // Writes the file and commits it; its id.
    QString commit(const QString &file, const QByteArray &content, const QString &message,
                   const QString &author = QStringLiteral("Ana <ana@example.com>"));
    QString merge(const QString &branch, const QString &message = {}); // --no-ff
    void write(const QString &file, const QByteArray &content) const;
    // `count` commits on refs/heads/`branch` through fast-import: files, authors and now and then a merge, from `seed`.
    bool grow(const QString &branch, int count, quint32 seed);

    static bool init(const QString &folder, bool isBare);

private:
    QString m_folder;
    qint64 m_clock = 1'750'000'000; // seconds since 1970
};

// sshd as the current user, with a host key and a user's key of its own. Serves what lies below `root` by full path.
class SshServer
{
public:
    static std::unique_ptr<SshServer> start(QString *error);
    ~SshServer();
    int port() const { return m_port; }
    QString url(const QString &path, int port = 0) const; // ssh://127.0.0.1:PORT/path
    enum class Trust { Known, Unknown, Changed, WrongKey };
    QStringList command(Trust trust = Trust::Known,
                        int port = 0) const; // ssh with a configuration that knows the server

private:
    SshServer() = default;
    QTemporaryDir m_folder;
    std::unique_ptr<QProcess> m_process;
    int m_port = 0;
};

// `git http-backend` behind nginx with TLS and a password. Serves the repositories in `root`; pushing is allowed.
class HttpsGitServer
{
public:
    static std::unique_ptr<HttpsGitServer> start(const QString &root, QString *error);
    ~HttpsGitServer();
    int port() const { return m_port; }
    QString url(const QString &name, int port = 0) const; // https://127.0.0.1:PORT/name
    QByteArray caPem() const { return m_caPem; }
    static QString user() { return QStringLiteral("ana"); }
    static QByteArray password() { return "s3cret pass:word"; }

private:
    HttpsGitServer() = default;
    QTemporaryDir m_folder;
    QByteArray m_caPem;
    std::unique_ptr<QProcess> m_bridge;
    std::unique_ptr<QProcess> m_server;
    int m_port = 0;
};

// Passes TCP on until `limit` bytes came from the server, then cuts, or says nothing more. Lives in the test's thread;
// needs its event loop.
class ByteGate : public QObject
{
    Q_OBJECT
public:
    enum class Then { Cut, Stall };
    ByteGate(int serverPort, qint64 limit, Then then, QObject *parent = nullptr);
    int port() const { return m_server.serverPort(); }
    qint64 passed() const { return m_passed; }

private:
    void accept();
    const quint16 m_serverPort;
    const qint64 m_limit;
    const Then m_then;
    qint64 m_passed = 0;
    QTcpServer m_server;
};

} // namespace signalbox::test
