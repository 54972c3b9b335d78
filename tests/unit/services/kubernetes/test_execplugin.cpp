#include "services/adapters/kubernetes/exec.h"
#include "tests/support/httpwait.h"

#include <nlohmann/json.hpp>

#include <QElapsedTimer>
#include <QFile>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>

#include <atomic>
#include <thread>

using namespace signalbox;
using namespace signalbox::kubernetes;
using namespace signalbox::test;
using namespace std::chrono_literals;
using Json = nlohmann::json;

namespace
{

QString s(const char *text)
{
    return QString::fromUtf8(text);
}

QByteArray credential(const QByteArray &status, const QByteArray &version = "v1")
{
    return "{\"apiVersion\":\"client.authentication.k8s.io/" + version +
           "\",\"kind\":\"ExecCredential\",\"status\":" + status + "}";
}

QByteArray contentOf(const QString &file)
{
    QFile input(file);
    return input.open(QIODevice::ReadOnly) ? input.readAll() : QByteArray();
}

} // namespace

// Credential plugins are small shell scripts here, made by each test; POSIX only.
class TestExecPlugin : public QObject
{
    Q_OBJECT

    std::unique_ptr<QTemporaryDir> m_dir;

    QString file(const char *name) const { return m_dir->filePath(s(name)); }
    int runs() const { return static_cast<int>(contentOf(file("runs")).count('\n')); }

    ExecSetup setup(const QByteArray &script) const
    {
        QFile output(file("plugin"));
        if (!output.open(QIODevice::WriteOnly | QIODevice::Truncate))
            qFatal("no room for the plugin");
        output.write("#!/bin/sh\necho run >>'" + file("runs").toUtf8() + "'\n" + script + '\n');
        output.close();
        output.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
        ExecSetup setup;
        setup.plugin.apiVersion = s("client.authentication.k8s.io/v1");
        setup.plugin.command = file("plugin");
        setup.plugin.user = s("me");
        setup.plugin.place = s("config:9: users[0].user.exec");
        setup.plugin.interaction = ExecPlugin::Interaction::Never;
        setup.timeout = 20s;
        return setup;
    }
    static QByteArray saying(const QByteArray &output) { return "cat <<'END'\n" + output + "\nEND"; }

private slots:
    void init()
    {
        QTest::failOnWarning(QRegularExpression(QStringLiteral(".*")));
        m_dir = std::make_unique<QTemporaryDir>();
    }

    void whatThePluginSaysIsJudged_data()
    {
        QTest::addColumn<QByteArray>("output");
        QTest::addColumn<QString>("token");
        QTest::addColumn<QString>("problem"); // empty: none
        const auto bad = [](const char *expected, const char *found) {
            return QStringLiteral("The credential plugin \"login\" of the user \"me\" should have printed %1, but "
                                  "printed %2. Run it in a "
                                  "terminal to see what it says, and check its version. (config:9: users[0].user.exec)")
                .arg(QLatin1String(expected), QLatin1String(found));
        };
        QTest::newRow("token") << credential("{\"token\":\"abc\"}") << s("abc") << QString();
        QTest::newRow("token until") << credential(
                                            "{\"token\":\"abc\",\"expirationTimestamp\":\"2099-01-02T03:04:05Z\"}")
                                     << s("abc") << QString();
        QTest::newRow("certificate") << credential("{\"clientCertificateData\":\"c\",\"clientKeyData\":\"k\"}")
                                     << QString() << QString();
        QTest::newRow("nothing") << QByteArray() << QString() << bad("an ExecCredential as JSON", "nothing");
        QTest::newRow("prose") << QByteArray("Please log in") << QString()
                               << bad("an ExecCredential as JSON", "something else");
        QTest::newRow("a list") << QByteArray("[]") << QString() << bad("an ExecCredential as JSON", "something else");
        QTest::newRow("another kind") << QByteArray("{\"kind\":\"Secret\"}") << QString()
                                      << bad("an ExecCredential as JSON", "another kind of object");
        QTest::newRow("another version") << credential("{\"token\":\"abc\"}", "v1beta1") << QString()
                                         << bad("version client.authentication.k8s.io/v1",
                                                "version \"client.authentication.k8s.io/v1beta1\"");
        QTest::newRow("no status")
            << QByteArray("{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\"}")
            << QString() << bad("a status", "none");
        QTest::newRow("empty status") << credential("{}") << QString()
                                      << bad("a token or a client certificate", "neither");
        QTest::newRow("token is a number")
            << credential("{\"token\":1}") << QString() << bad("a token or a client certificate", "neither");
        QTest::newRow("half a certificate") << credential("{\"clientKeyData\":\"k\"}") << QString()
                                            << bad("a certificate together with its key", "only one of them");
        QTest::newRow("odd time") << credential("{\"token\":\"abc\",\"expirationTimestamp\":\"tomorrow\"}") << QString()
                                  << bad("an expirationTimestamp such as 2030-01-31T12:00:00Z", "another text");
    }
    void whatThePluginSaysIsJudged()
    {
        QFETCH(QByteArray, output);
        QFETCH(QString, problem);
        ExecPlugin plugin;
        plugin.apiVersion = s("client.authentication.k8s.io/v1");
        plugin.command = s("login");
        plugin.user = s("me");
        plugin.place = s("config:9: users[0].user.exec");
        const auto result = parseExecCredential(output, plugin);
        QCOMPARE(result ? QString() : result.error().message, problem);
        if (result) {
            QTEST(QString::fromUtf8(result->token.reveal()), "token");
            QCOMPARE(result->certificate.has_value(), result->token.isEmpty());
        }
    }

    void manyWhoWaitGetOneRun()
    {
        ExecCredentials credentials(setup("sleep 0.1\n" + saying(credential("{\"token\":\"abc\"}"))));
        std::vector<QFuture<Result<ExecCredential>>> answers;
        for (int i = 0; i < 20; ++i)
            answers.push_back(credentials.credential({}));
        for (const auto &answer : answers) {
            const auto result = waitFor(answer);
            QVERIFY2(result.has_value(), result ? "" : qPrintable(result.error().message));
            QCOMPARE(result->token.reveal(), QByteArray("abc"));
        }
        QVERIFY(waitFor(credentials.credential({})).has_value());
        QCOMPARE(runs(), 1);
    }

    void askingReturnsAtOnceAndFromAnyThread()
    {
        ExecCredentials credentials(setup("sleep 0.3\n" + saying(credential("{\"token\":\"abc\"}"))));
        std::atomic<qint64> longest = 0;
        std::vector<std::thread> threads;
        for (int i = 0; i < 4; ++i) {
            threads.emplace_back([&] {
                QElapsedTimer timer;
                timer.start();
                const auto ignored = credentials.credential({});
                longest = std::max(longest.load(), timer.elapsed());
            });
        }
        for (std::thread &thread : threads)
            thread.join();
        QVERIFY2(longest < 150, qPrintable(QString::number(longest)));
        QVERIFY(waitFor(credentials.credential({})).has_value());
        QCOMPARE(runs(), 1);
    }

    void oneStopLeavesTheOthersWaiting()
    {
        ExecCredentials credentials(setup("sleep 0.3\n" + saying(credential("{\"token\":\"abc\"}"))));
        StopSource stop;
        const auto stopped = credentials.credential(stop.get_token());
        const auto other = credentials.credential({});
        stop.request_stop();
        QVERIFY(stopped.isFinished());
        QCOMPARE(stopped.result().error().kind, ErrorKind::Cancelled);
        QVERIFY(waitFor(other).has_value());
        const auto late = credentials.credential(stop.get_token()); // known by now
        QVERIFY(waitFor(late).has_value());
    }

    void anExpiredCredentialIsRenewed()
    {
        const QByteArray soon = QDateTime::currentDateTimeUtc().addMSecs(1200).toString(Qt::ISODateWithMs).toLatin1();
        ExecCredentials credentials(
            setup(saying(credential("{\"token\":\"abc\",\"expirationTimestamp\":\"" + soon + "\"}"))));
        QVERIFY(waitFor(credentials.credential({})).has_value());
        QVERIFY(waitFor(credentials.credential({})).has_value());
        QCOMPARE(runs(), 1);
        QTRY_VERIFY_WITH_TIMEOUT(waitFor(credentials.credential({})).has_value() && runs() == 2, 5000);
    }

    void aRefusedTokenIsRenewedOnce()
    {
        ExecCredentials credentials(
            setup("n=$(wc -l <'" + file("runs").toUtf8() +
                  "')\n"
                  "printf '{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\","
                  "\"status\":{\"token\":\"token-%s\"}}' $n"));
        const auto first = waitFor(credentials.credential({}))->token.reveal().trimmed();
        QVERIFY(credentials.rejected(first));
        const auto second = waitFor(credentials.credential({}))->token.reveal();
        QVERIFY(first != second);
        QVERIFY(credentials.rejected(first)); // late: of a request that left before
        QCOMPARE(waitFor(credentials.credential({}))->token.reveal(), second);
        QCOMPARE(runs(), 2);
    }

    void aTokenThatStaysRefusedIsNotAskedForOverAndOver()
    {
        ExecCredentials credentials(setup(saying(credential("{\"token\":\"abc\"}"))));
        QVERIFY(waitFor(credentials.credential({})).has_value());
        QVERIFY(credentials.rejected("abc"));
        QVERIFY(waitFor(credentials.credential({})).has_value());
        QVERIFY(!credentials.rejected("abc"));
        QVERIFY(waitFor(credentials.credential({})).has_value());
        QCOMPARE(runs(), 2);
    }

    void failuresSayWhatAndWhere_data()
    {
        QTest::addColumn<QByteArray>("script");
        QTest::addColumn<QString>("sentence");
        const QString begin = s("The credential plugin \"PLUGIN\" of the user \"me\" ");
        const QString end = s(" (config:9: users[0].user.exec)");
        QTest::newRow("status")
            << QByteArray("echo >&2; echo 'Not logged in.' >&2; echo more >&2; exit 3")
            << begin + s("ended with status 3: Not logged in. Log in with the plugin's own command, then try again.") +
                   end;
        QTest::newRow("silent") << QByteArray("exit 1")
                                << begin +
                                       s("ended with status 1. Log in with the plugin's own command, then try again.") +
                                       end;
        QTest::newRow("a secret in its complaint")
            << QByteArray("echo 'bad token=eyJhbGciOiJSUzI1NiIsImtpZCI6IjEifQ.e30.x for $USER' >&2; exit 1")
            << begin +
                   s("ended with status 1: bad token=*** for $USER. Log in with the plugin's own command, then try "
                     "again.") +
                   end;
        QTest::newRow("crash") << QByteArray("kill -SEGV $$")
                               << begin + s("crashed. Run it in a terminal to see why.") + end;
        QTest::newRow("too slow") << QByteArray("echo 'Waiting for the browser' >&2; exec sleep 20")
                                  << begin +
                                         s("did not answer within 0.3 s: Waiting for the browser. Run it in a terminal "
                                           "to see what it waits for.") +
                                         end;
        QTest::newRow("too much")
            << QByteArray("exec head -c 3000000 /dev/zero")
            << begin + s("printed more than 1048576 bytes. Run it in a terminal to see what it says.") + end;
    }
    void failuresSayWhatAndWhere()
    {
        QFETCH(QByteArray, script);
        auto given = setup(script);
        if (script.contains("sleep"))
            given.timeout = 300ms;
        ExecCredentials credentials(given);
        const auto result = waitFor(credentials.credential({}));
        QVERIFY(!result.has_value());
        QCOMPARE(result.error().kind, ErrorKind::Unauthorized);
        QString said = result.error().message;
        QTEST(said.replace(given.plugin.command, s("PLUGIN")), "sentence");
        // Not started again at once for the next who asks.
        QVERIFY(!waitFor(credentials.credential({})).has_value());
        QCOMPARE(runs(), 1);
    }

    void aMissingPluginComesWithItsHint()
    {
        auto given = setup({});
        given.plugin.command = s("signalbox-no-such-plugin");
        given.plugin.installHint = s("Get it from\n  example.org.");
        const auto result = waitFor(ExecCredentials(given).credential({}));
        QVERIFY(!result.has_value());
        ExecCredentials credentials(given);
        const auto kept = waitFor(credentials.credential({}));
        QCOMPARE(kept.error().message, s("The credential plugin \"signalbox-no-such-plugin\" of the user \"me\" was "
                                         "not found or may not be run. Get it from "
                                         "example.org. (config:9: users[0].user.exec)"));
    }

    void thePluginIsToldWhatItNeeds()
    {
        auto given = setup("printf '%s' \"$KUBERNETES_EXEC_INFO\" >'" + file("info").toUtf8() +
                           "'\n"
                           "printf '%s|%s|%s' \"$1\" \"$2\" \"$REGION\" >'" +
                           file("call").toUtf8() +
                           "'\n"
                           "if read line; then echo got >'" +
                           file("input").toUtf8() + "'; fi\n" + saying(credential("{\"token\":\"abc\"}")));
        given.plugin.arguments = {s("a b"), s("$HOME")};
        given.plugin.environment = {{s("REGION"), Secret("eu")}};
        given.plugin.provideClusterInfo = true;
        given.clusterInfo = "{\"server\":\"https://api.example\",\"config\":{\"x\":1}}";
        ExecCredentials credentials(given);
        QVERIFY(waitFor(credentials.credential({})).has_value());
        QCOMPARE(contentOf(file("call")), QByteArray("a b|$HOME|eu"));
        const Json info = Json::parse(contentOf(file("info")).toStdString());
        QVERIFY(info["kind"] == "ExecCredential" && info["apiVersion"] == "client.authentication.k8s.io/v1");
        QVERIFY(info["spec"]["interactive"] == false);
        QVERIFY(info["spec"]["cluster"]["server"] == "https://api.example");
        QVERIFY(info["spec"]["cluster"]["config"]["x"] == 1);
        QVERIFY2(!QFile::exists(file("input")), "nobody types here");
    }

    void interactionNeedsATerminal_data()
    {
        QTest::addColumn<int>("mode");
        QTest::addColumn<bool>("hasTerminal");
        QTest::addColumn<bool>("isTaken"); // somebody reads it
        QTest::addColumn<bool>("works");
        QTest::addColumn<bool>("isTold"); // spec.interactive
        using Mode = ExecPlugin::Interaction;
        QTest::newRow("never, none") << static_cast<int>(Mode::Never) << false << false << true << false;
        QTest::newRow("never, one") << static_cast<int>(Mode::Never) << true << false << true << false;
        QTest::newRow("if available, none") << static_cast<int>(Mode::IfAvailable) << false << false << true << false;
        QTest::newRow("if available, one") << static_cast<int>(Mode::IfAvailable) << true << false << true << true;
        QTest::newRow("if available, taken") << static_cast<int>(Mode::IfAvailable) << true << true << true << false;
        QTest::newRow("always, none") << static_cast<int>(Mode::Always) << false << false << false << false;
        QTest::newRow("always, one") << static_cast<int>(Mode::Always) << true << false << true << true;
        QTest::newRow("always, taken") << static_cast<int>(Mode::Always) << true << true << false << false;
    }
    void interactionNeedsATerminal()
    {
        QFETCH(int, mode);
        QFETCH(bool, hasTerminal);
        QFETCH(bool, isTaken);
        auto given = setup("printf '%s' \"$KUBERNETES_EXEC_INFO\" >'" + file("info").toUtf8() + "'\n" +
                           saying(credential("{\"token\":\"abc\"}")));
        given.plugin.interaction = static_cast<ExecPlugin::Interaction>(mode);
        given.hasTerminal = hasTerminal;
        given.isTerminalTaken = [isTaken] { return isTaken; };
        ExecCredentials credentials(given);
        const auto result = waitFor(credentials.credential({}));
        QTEST(result.has_value(), "works");
        if (!result) {
            const QString said = isTaken ? s("needs the terminal to ask questions") : s("needs a terminal");
            QVERIFY2(result.error().message.contains(said), qPrintable(result.error().message));
            QCOMPARE(runs(), 0);
            return;
        }
        QTEST(Json::parse(contentOf(file("info")).toStdString())["spec"]["interactive"].get<bool>(), "isTold");
    }

    void leavingEndsTheRun()
    {
        QFuture<Result<ExecCredential>> answer;
        QElapsedTimer timer;
        {
            ExecCredentials credentials(setup("exec sleep 30"));
            answer = credentials.credential({});
            QTRY_COMPARE(runs(), 1);
            timer.start();
        }
        QVERIFY(timer.elapsed() < 5000);
        QVERIFY(answer.isFinished());
        QCOMPARE(answer.result().error().kind, ErrorKind::Cancelled);
    }

    void complaintsLoseTheirSecrets_data()
    {
        QTest::addColumn<QByteArray>("output");
        QTest::addColumn<QString>("line");
        QTest::newRow("plain") << QByteArray("\n  Token has expired\nmore") << s("Token has expired");
        QTest::newRow("assignment") << QByteArray("password: hunter2 refused") << s("password: *** refused");
        QTest::newRow("json") << QByteArray("{\"access_token\": \"abc\", \"x\": 1}")
                              << s("{\"access_token\": ***, \"x\": 1}");
        QTest::newRow("bearer") << QByteArray("Authorization: Bearer abc.def") << s("Authorization: ***");
        QTest::newRow("address") << QByteArray("GET https://me:pw@host/x") << s("GET https://***@host/x");
        QTest::newRow("long key") << QByteArray("key AKIA1234567890ABCDEFGH gone") << s("key *** gone");
        QTest::newRow("from its environment") << QByteArray("region my-own-value") << s("region ***");
        QTest::newRow("a path stays") << QByteArray("cannot open /home/me/.aws/credentials")
                                      << s("cannot open /home/me/.aws/credentials");
    }
    void complaintsLoseTheirSecrets()
    {
        QFETCH(QByteArray, output);
        QTEST(firstLineRedacted(output, {Secret("my-own-value")}), "line");
    }
};

QTEST_GUILESS_MAIN(TestExecPlugin)
#include "test_execplugin.moc"
