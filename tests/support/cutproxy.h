#pragma once

#include <QObject>
#include <QSet>
#include <QTcpServer>

class QTcpSocket;

namespace signalbox::test
{

// Passes TCP between a client and a server on loopback until it is told to cut. Knows nothing of what it carries, so it
// can stand before a server with TLS. Lives in the test's thread; needs its event loop.
class CutProxy : public QObject
{
    Q_OBJECT
public:
    enum class Cut {
        Never,
        BeforeServer, // the next bytes of the client do not arrive, and both sides are closed
        BeforeClient, // they arrive, the answer is held back, and both sides are closed after `answerTime`
    };

    static constexpr int answerTime = 1500; // ms: enough for the server to be done with what it got
    explicit CutProxy(int serverPort, QObject *parent = nullptr);
    int port() const;
    void cut(Cut how) { m_cut = how; } // once; then it passes again
    int cuts() const { return m_cuts; }
    // While it is down all is cut and nobody gets through.
    void setDown(bool isDown);

private:
    void accept();
    void close(QTcpSocket *a, QTcpSocket *b);

    const quint16 m_serverPort;
    Cut m_cut = Cut::Never;
    QSet<QTcpSocket *> m_held; // clients that have sent something since the cut was asked for
    QSet<QTcpSocket *> m_clients;
    bool m_isDown = false;
    int m_cuts = 0;
    QTcpServer m_server; // goes first: its sockets still tell of their end
};

} // namespace signalbox::test
