#include "app/logging/logfile.h"
#include "app/logging/logging.h"
#include "app/logging/redactor.h"

#include <QDir>
#include <QFile>
#include <QLoggingCategory>
#include <QTemporaryDir>
#include <QTest>
#include <QThread>

using namespace signalbox;

namespace
{

Q_LOGGING_CATEGORY(testCategory, "signalbox.test")

QByteArray contents(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

} // namespace

class TestLogging : public QObject
{
    Q_OBJECT
private slots:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        QVERIFY(m_folder->isValid());
        qputenv("SIGNALBOX_DATA", m_folder->path().toUtf8());
        qunsetenv("SIGNALBOX_LOG");
    }

    void cleanup() { stopLogging(); }

    void hidesWhatLooksLikeACredential_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("expected");
        const auto row = [](const char *name, const char *text, const char *expected) {
            QTest::newRow(name) << QString::fromUtf8(text) << QString::fromUtf8(expected);
        };
        row("nothing to hide", "watch of pods in shop opened, 12 tokens a second",
            "watch of pods in shop opened, 12 tokens a second");
        row("authorization header", "Authorization: Bearer abcdef123456", "Authorization: [hidden]");
        row("authorization in JSON", "{\"Authorization\":\"Basic dXNlcjpwdw==\",\"a\":1}",
            "{\"Authorization\":\"[hidden]\",\"a\":1}");
        row("bearer alone", "sent bearer s3cr3t-t0ken. to x", "sent bearer [hidden] to x");
        row("proxy authorization", "Proxy-Authorization: Basic Zm9vOmJhcg==", "Proxy-Authorization: [hidden]");
        row("token in a query", "GET /api?limit=5&access_token=abc123&x=1",
            "GET /api?limit=5&access_token=[hidden]&x=1");
        row("token flag", "ran helper --token=abc --quiet", "ran helper --token=[hidden] --quiet");
        row("password in YAML", "password: hunter2", "password: [hidden]");
        row("password quoted", "password=\"two words\" next", "password=[hidden] next");
        row("reference stays readable", "password: env:PROM_PASSWORD", "password: env:PROM_PASSWORD");
        row("user in a URL", "proxy http://me:secret@proxy.example:3128/", "proxy http://[hidden]@proxy.example:3128/");
        row("user alone in a URL", "https://ghp_abcdef@git.example/r", "https://[hidden]@git.example/r");
        row("mail address stays", "by ann@example.org", "by ann@example.org");
        row("web token", "got eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln", "got [hidden]");
        row("private key", "key -----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY----- end",
            "key [hidden private key] end");
        row("private key cut off", "-----BEGIN PRIVATE KEY-----\nMIIE", "[hidden private key]");
        row("certificate stays", "-----BEGIN CERTIFICATE-----\nMIIE", "-----BEGIN CERTIFICATE-----\nMIIE");
        row("kubeconfig key data", "client-key-data: LS0tLS1CRUdJTg==", "client-key-data: [hidden]");
        row("cookie", "Set-Cookie: session=abc; path=/", "Set-Cookie: [hidden]; path=/");
        row("client secret", "client_secret=xyz", "client_secret=[hidden]");
        row("api key", "x-api-key: 12345", "x-api-key: [hidden]");
    }
    void hidesWhatLooksLikeACredential()
    {
        QFETCH(QString, text);
        QFETCH(QString, expected);
        QCOMPARE(redacted(text), expected);
        QCOMPARE(redacted(redacted(text)), expected);
    }

    void writesOneRedactedLineAMessage()
    {
        LoggingOptions options;
        options.program = QStringLiteral("test");
        options.level = LogLevel::Debug;
        QVERIFY(startLogging(options));
        qCDebug(testCategory).noquote() << "first\nAuthorization: Bearer abcdefghijk\r";
        stopLogging();
        const QByteArray log = contents(m_folder->filePath(QStringLiteral("logs/test.log")));
        QCOMPARE(log.count('\n'), 1);
        QVERIFY2(log.contains(" debug signalbox.test ["), log.constData());
        QVERIFY2(log.endsWith("] first\\nAuthorization: [hidden]\\r\n"), log.constData());
        QVERIFY(!log.contains("abcdefghijk"));
    }

    void keepsToTheLevel_data()
    {
        QTest::addColumn<QString>("level");
        QTest::addColumn<QByteArray>("written");
        QTest::newRow("debug") << QStringLiteral("debug") << QByteArray("debug info warning error");
        QTest::newRow("info") << QStringLiteral("info") << QByteArray("info warning error");
        QTest::newRow("warning") << QStringLiteral("WARNING") << QByteArray("warning error");
        QTest::newRow("error") << QStringLiteral("error") << QByteArray("error");
    }
    void keepsToTheLevel()
    {
        QFETCH(QString, level);
        QFETCH(QByteArray, written);
        qputenv("SIGNALBOX_LOG", level.toUtf8());
        LoggingOptions options;
        options.program = QStringLiteral("test");
        QVERIFY(startLogging(options));
        qCDebug(testCategory) << "m";
        qCInfo(testCategory) << "m";
        qCWarning(testCategory) << "m";
        qCCritical(testCategory) << "m";
        stopLogging();
        QByteArrayList levels;
        for (const QByteArray &line : contents(m_folder->filePath(QStringLiteral("logs/test.log"))).split('\n')) {
            if (!line.isEmpty())
                levels.append(line.split(' ').value(1));
        }
        QCOMPARE(levels.join(' '), written);
    }

    void refusesAnUnknownLevel()
    {
        qputenv("SIGNALBOX_LOG", "loud");
        LoggingOptions options;
        options.program = QStringLiteral("test");
        const auto started = startLogging(options);
        QVERIFY(!started);
        QCOMPARE(started.error().message,
                 QStringLiteral("SIGNALBOX_LOG: \"loud\" is no log level: give debug, info, warning or error."));
    }

    void rotatesAndForgetsTheOldest()
    {
        const QString path = m_folder->filePath(QStringLiteral("deep/er/x.log"));
        {
            LogFile file(path, 100, 2);
            for (int i = 0; i < 12; ++i) // 30 bytes each: three a file
                file.append(QByteArray::number(i).rightJustified(29, '.') + '\n');
            QVERIFY(file.problem().isEmpty());
        }
        QCOMPARE(contents(path).count('\n'), 3);
        QVERIFY(contents(path).contains("11\n"));
        QVERIFY(contents(path + QStringLiteral(".1")).contains("8\n"));
        QVERIFY(contents(path + QStringLiteral(".2")).contains("5\n"));
        QVERIFY(!QFile::exists(path + QStringLiteral(".3")));
        QVERIFY(!(QFile::permissions(path) & (QFileDevice::ReadGroup | QFileDevice::ReadOther)));
    }

    void twoWritersDoNotLoseTheNewestLines()
    {
        const QString path = m_folder->filePath(QStringLiteral("two.log"));
        LogFile first(path, 200, 3);
        LogFile second(path, 200, 3);
        for (int i = 0; i < 10; ++i) {
            first.append("first  " + QByteArray::number(i).rightJustified(22, '.') + '\n');
            second.append("second " + QByteArray::number(i).rightJustified(22, '.') + '\n');
        }
        QByteArray all;
        for (const QString &name : {QString(), QStringLiteral(".1"), QStringLiteral(".2"), QStringLiteral(".3")})
            all += contents(path + name);
        QCOMPARE(all.count('\n'), 20);
    }

    void aLogThatCannotBeWrittenIsNoFailure()
    {
        LogFile file(QStringLiteral("/proc/nowhere/x.log"));
        file.append("line\n");
        QVERIFY(!file.problem().isEmpty());
    }

    void takesMessagesOfManyThreads()
    {
        LoggingOptions options;
        options.program = QStringLiteral("test");
        QVERIFY(startLogging(options));
        std::vector<std::unique_ptr<QThread>> threads;
        for (int t = 0; t < 4; ++t) {
            threads.emplace_back(QThread::create([] {
                for (int i = 0; i < 50; ++i)
                    qCInfo(testCategory) << "message" << i;
            }));
            threads.back()->start();
        }
        for (const auto &thread : threads)
            QVERIFY(thread->wait(5000));
        stopLogging();
        const QByteArray log = contents(m_folder->filePath(QStringLiteral("logs/test.log")));
        QCOMPARE(log.count('\n'), 200);
        QCOMPARE(log.count(" info signalbox.test ["), 200);
    }

private:
    std::unique_ptr<QTemporaryDir> m_folder;
};

QTEST_GUILESS_MAIN(TestLogging)
#include "test_logging.moc"
