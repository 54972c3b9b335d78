#include "services/async/deliver.h"
#include "services/credentials/credentialstore.h"

#include <QFile>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include <memory>

using namespace signalbox;

namespace
{

std::optional<Result<ResolvedSecret>> answerOf(SecretStore &store, const SecretReference &reference)
{
    std::optional<Result<ResolvedSecret>> answer;
    QObject context;
    deliver(store.resolve(reference, {}), {}, &context,
            [&answer](const Result<ResolvedSecret> &result) { answer = result; });
    static_cast<void>(QTest::qWaitFor([&answer] { return answer.has_value(); }, 5000));
    return answer;
}

} // namespace

class TestCredentials : public QObject
{
    Q_OBJECT
private slots:
    void readsReferences_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("back"); // empty: refused
        const auto row = [](const char *text, const char *back) {
            QTest::newRow(text) << QString::fromUtf8(text) << QString::fromUtf8(back);
        };
        row("env:TOKEN", "env:TOKEN");
        row("file:~/x y", "file:~/x y");
        row("keychain:ann", "keychain:ann");
        row("keychain:signalbox/ann", "keychain:ann");
        row("keychain:prometheus/ann/2", "keychain:prometheus/ann/2");
        row("env:", "");
        row("env:A-B", "");
        row("env:$TOKEN", "");
        row("file:", "");
        row("keychain:", "");
        row("keychain:/ann", "");
        row("keychain:prometheus/", "");
        row("vault:secret/x", "");
        row("hunter2", "");
        row("", "");
        row(":x", "");
        row("https://x", "");
    }
    void readsReferences()
    {
        QFETCH(QString, text);
        QFETCH(QString, back);
        const auto parsed = parseSecretReference(text);
        QCOMPARE(parsed ? parsed->toString() : QString(), back);
        if (!parsed && !text.isEmpty() && !text.startsWith(QLatin1String("keychain:")) && text.size() > 6)
            QVERIFY2(!parsed.error().message.contains(text), qPrintable(parsed.error().message));
    }

    void resolvesAVariable()
    {
        qputenv("SIGNALBOX_TEST_SECRET", "s3cret");
        CredentialStore store;
        const auto answer = answerOf(store, *parseSecretReference(QStringLiteral("env:SIGNALBOX_TEST_SECRET")));
        QVERIFY(answer && *answer);
        QCOMPARE(answer->value().value.reveal(), QByteArray("s3cret"));
        qunsetenv("SIGNALBOX_TEST_SECRET");
        const auto gone = answerOf(store, *parseSecretReference(QStringLiteral("env:SIGNALBOX_TEST_SECRET")));
        QVERIFY(gone && !*gone);
        QCOMPARE(gone->error().kind, ErrorKind::NotFound);
        QCOMPARE(gone->error().message,
                 QStringLiteral("The environment variable SIGNALBOX_TEST_SECRET is not set. Set it before "
                                "Signalbox starts, or name another place for the secret."));
    }

    void resolvesAFile_data()
    {
        QTest::addColumn<QByteArray>("contents");
        QTest::addColumn<bool>("isPrivate");
        QTest::addColumn<QByteArray>("secret"); // empty: an error
        QTest::newRow("line end goes") << QByteArray("abc\n") << true << QByteArray("abc");
        QTest::newRow("Windows line end goes") << QByteArray("abc\r\n") << true << QByteArray("abc");
        QTest::newRow("only the last") << QByteArray("a\nb\n\n") << true << QByteArray("a\nb\n");
        QTest::newRow("blanks stay") << QByteArray(" abc ") << true << QByteArray(" abc ");
        QTest::newRow("readable by others") << QByteArray("abc") << false << QByteArray("abc");
        QTest::newRow("empty") << QByteArray("\n") << true << QByteArray();
        QTest::newRow("too large") << QByteArray(70000, 'x') << true << QByteArray();
    }
    void resolvesAFile()
    {
        QFETCH(QByteArray, contents);
        QFETCH(bool, isPrivate);
        QFETCH(QByteArray, secret);
        QTemporaryDir folder;
        const QString path = folder.filePath(QStringLiteral("secret"));
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(contents);
        file.close();
        file.setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner |
                            (isPrivate ? QFileDevice::Permissions() : QFileDevice::ReadOther));
        if (!isPrivate)
            QTest::ignoreMessage(QtWarningMsg, QRegularExpression(QStringLiteral("Others on this machine can read")));
        CredentialStore store;
        const auto answer = answerOf(store, *parseSecretReference(QStringLiteral("file:") + path));
        QVERIFY(answer);
        QCOMPARE(answer->has_value(), !secret.isEmpty());
        if (*answer) {
            QCOMPARE(answer->value().value.reveal(), secret);
            QCOMPARE(answer->value().warning.isEmpty(), isPrivate);
        } else {
            QVERIFY(answer->error().message.contains(path));
        }
    }

    void theKeychainFailsAtOnceWithoutASession()
    {
        qunsetenv("DBUS_SESSION_BUS_ADDRESS");
        qputenv("XDG_RUNTIME_DIR", "/nonexistent");
        CredentialStore store;
        const auto future = store.resolve(*parseSecretReference(QStringLiteral("keychain:prometheus/ann")), {});
        QVERIFY(future.isFinished());
        const Result<ResolvedSecret> answer = future.result();
        QVERIFY(!answer);
        QCOMPARE(answer.error().kind, ErrorKind::Unsupported);
        QCOMPARE(answer.error().message,
                 QStringLiteral(
                     "The keychain cannot be asked for keychain:prometheus/ann: there is no desktop session here. Name "
                     "the secret as env:NAME or file:PATH instead."));
        const auto kept = store.keep(*parseSecretReference(QStringLiteral("keychain:ann")), Secret("x"), {});
        QVERIFY(kept.isFinished() && !kept.result());
    }

    void onlyTheKeychainIsWritten()
    {
        CredentialStore store;
        const auto kept = store.keep(*parseSecretReference(QStringLiteral("env:X")), Secret("x"), {});
        QVERIFY(kept.isFinished() && !kept.result());
        QCOMPARE(kept.result().error().kind, ErrorKind::Unsupported);
    }
};

QTEST_GUILESS_MAIN(TestCredentials)
#include "test_credentials.moc"
