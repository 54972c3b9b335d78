#include "tests/support/cutproxy.h"

#include <QHostAddress>
#include <QTcpSocket>
#include <QTimer>

namespace signalbox::test
{

CutProxy::CutProxy(int serverPort, QObject *parent)
    : QObject(parent)
    , m_serverPort(static_cast<quint16>(serverPort))
{
    connect(&m_server, &QTcpServer::newConnection, this, &CutProxy::accept);
    m_server.listen(QHostAddress::LocalHost);
}

int CutProxy::port() const
{
    return m_server.serverPort();
}

void CutProxy::close(QTcpSocket *a, QTcpSocket *b)
{
    m_cut = Cut::Never;
    ++m_cuts;
    a->abort();
    b->abort();
}

void CutProxy::setDown(bool isDown)
{
    m_isDown = isDown;
    if (!isDown)
        return;
    const QSet<QTcpSocket *> clients = m_clients; // each leaves as it is cut
    for (QTcpSocket *client : clients)
        client->abort();
}

void CutProxy::accept()
{
    QTcpSocket *client = m_server.nextPendingConnection();
    if (m_isDown) {
        client->abort();
        client->deleteLater();
        return;
    }
    m_clients.insert(client);
    auto *server = new QTcpSocket(client);
    server->connectToHost(QHostAddress(QHostAddress::LocalHost), m_serverPort);
    connect(client, &QTcpSocket::readyRead, this, [this, client, server] {
        if (m_cut == Cut::BeforeServer) {
            close(client, server);
            return;
        }
        if (m_cut == Cut::BeforeClient && !m_held.contains(client)) {
            m_held.insert(client);
            QTimer::singleShot(answerTime, client, [this, client, server] { close(client, server); });
        }
        server->write(client->readAll());
    });
    connect(server, &QTcpSocket::connected, this, [client, server] { server->write(client->readAll()); });
    connect(server, &QTcpSocket::readyRead, this, [this, client, server] {
        const QByteArray bytes = server->readAll();
        if (!m_held.contains(client))
            client->write(bytes);
    });
    connect(client, &QTcpSocket::disconnected, this, [this, client, server] {
        m_held.remove(client);
        m_clients.remove(client);
        server->disconnectFromHost();
        client->deleteLater();
    });
    connect(server, &QTcpSocket::disconnected, client, &QTcpSocket::disconnectFromHost);
}

} // namespace signalbox::test
