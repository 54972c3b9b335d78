// The certificates of a connection: what is refused, and that what is kept costs what it is.
#include "app/wiring/pemfile.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace signalbox;

class TestPemFile : public QObject
{
    Q_OBJECT
private slots:
    void itTakesNoMoreRoomThanItHas()
    {
        const QByteArray text = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
        const auto pem = pemFile(written(text));
        QVERIFY2(pem, qPrintable(pem ? QString() : pem.error().message));
        QCOMPARE(*pem, text);
        QVERIFY2(pem->capacity() < 4096, "read() gets room for the largest file, and keeps it");
    }

    void whatIsNoneIsRefused_data()
    {
        QTest::addColumn<QString>("file");
        QTest::addColumn<QString>("says");
        QTest::newRow("missing") << m_folder.filePath(QStringLiteral("none")) << QStringLiteral("cannot be read");
        QTest::newRow("no certificate") << written("-----BEGIN PRIVATE KEY-----\n") << QStringLiteral("BEGIN CERTIF");
    }

    void whatIsNoneIsRefused()
    {
        QFETCH(QString, file);
        QFETCH(QString, says);
        const auto pem = pemFile(file);
        QVERIFY(!pem);
        QCOMPARE(pem.error().kind, ErrorKind::Invalid);
        QVERIFY2(pem.error().message.contains(says) && pem.error().message.contains(file),
                 qPrintable(pem.error().message));
    }

private:
    QString written(const QByteArray &text)
    {
        const QString path = m_folder.filePath(QStringLiteral("ca%1.pem").arg(++m_files));
        QFile file(path);
        return file.open(QIODevice::WriteOnly) && file.write(text) == text.size() ? path : QString();
    }

    QTemporaryDir m_folder;
    int m_files = 0;
};

QTEST_GUILESS_MAIN(TestPemFile)

#include "test_pemfile.moc"
