#include "tests/support/needs.h"

#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QFileInfo>
#include <QProcess>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>

#include <csignal>

namespace
{

struct Run
{
    int status = -1;
    QString out;
    QString err;
};

Run run(const QStringList &arguments, const QStringList &environment = {},
        const QString &program = QStringLiteral(SIGNALBOX_PROGRAM))
{
    QProcess process;
    QProcessEnvironment values = QProcessEnvironment::systemEnvironment();
    values.remove(QStringLiteral("KUBECONFIG"));
    for (const QString &value : environment)
        values.insert(value.section(QLatin1Char('='), 0, 0), value.section(QLatin1Char('='), 1));
    process.setProcessEnvironment(values);
    process.start(program, arguments);
    if (!process.waitForFinished(20000))
        return {};
    return {process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -2,
            QString::fromUtf8(process.readAllStandardOutput()), QString::fromUtf8(process.readAllStandardError())};
}

const char *const twoContexts = "apiVersion: v1\n"
                                "kind: Config\n"
                                "current-context: kind-a\n"
                                "clusters: [{name: c, cluster: {server: \"https://127.0.0.1:1\"}}]\n"
                                "users: [{name: u, user: {token: s3cr3t-Token-0123456789abcdef}}]\n"
                                "contexts:\n"
                                "  - {name: kind-a, context: {cluster: c, user: u}}\n"
                                "  - {name: kind-b, context: {cluster: c, user: u}}\n"
                                "  - {name: \"arn:aws:eks:x\", context: {cluster: c, user: u}}\n";

} // namespace

class TestCommandLine : public QObject
{
    Q_OBJECT
private slots:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        m_data = QStringLiteral("SIGNALBOX_DATA=") + m_folder->filePath(QStringLiteral("data"));
        m_config = m_folder->filePath(QStringLiteral("config"));
        QFile file(m_config);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(twoContexts);
    }

    void linksNoGuiLibrary()
    {
        const Run libraries = run({QStringLiteral(SIGNALBOX_PROGRAM)}, {}, QStringLiteral("ldd"));
        if (libraries.status != 0)
            QSKIP("ldd does not read this program");
        QVERIFY(libraries.out.contains(QStringLiteral("Qt6Core")));
        for (const char *library : {"Qt6Gui", "Qt6Widgets", "Qt6Charts", "Qt6Svg", "libX11", "libGL"})
            QVERIFY2(!libraries.out.contains(QString::fromLatin1(library)), library);
    }

    void saysItsVersion()
    {
        const Run version = run({QStringLiteral("--version")});
        QCOMPARE(version.status, 0);
        QCOMPARE(version.out, QStringLiteral("signalbox " SIGNALBOX_VERSION "\n"));
    }

    void helpGoesToStandardOutput()
    {
        for (const QStringList &arguments :
             {QStringList{QStringLiteral("--help")}, QStringList{QStringLiteral("help"), QStringLiteral("rollback")},
              QStringList{QStringLiteral("rollback"), QStringLiteral("-h")}}) {
            const Run help = run(arguments);
            QCOMPARE(help.status, 0);
            QVERIFY(help.err.isEmpty());
            QVERIFY(help.out.contains(QStringLiteral("Exit status:")));
        }
        QCOMPARE(run({QStringLiteral("help"), QStringLiteral("rollback")}).out,
                 run({QStringLiteral("rollback"), QStringLiteral("--help")}).out);
    }

    void anErrorIsADocumentToo()
    {
        const Run wrong = run({QStringLiteral("status"), QStringLiteral("--json"), QStringLiteral("--kubeconfig"),
                               QStringLiteral("/nonexistent/x")},
                              {m_data});
        QCOMPARE(wrong.status, 2);
        QVERIFY2(
            wrong.out.startsWith(QStringLiteral("{\n  \"schema\": \"signalbox.error/1\",\n  \"exitStatus\": 2,\n")),
            qPrintable(wrong.out));
        QVERIFY(wrong.out.contains(QStringLiteral("\"kind\": \"notFound\"")));
    }

    void aServerThatIsNotThereEndsWithThree()
    {
        const Run gone = run({QStringLiteral("status"), QStringLiteral("--kubeconfig"), m_config}, {m_data});
        QCOMPARE(gone.status, 3);
        QVERIFY2((gone.out + gone.err).contains(QStringLiteral("127.0.0.1:1")), qPrintable(gone.err));
    }

    void writesALogAndNoCredentialIntoIt()
    {
        const QString token = QStringLiteral("s3cr3t-Token-0123456789abcdef");
        QVERIFY2(QByteArray(twoContexts).contains(token.toLatin1()), "it is what the program signs in with");
        const Run gone = run({QStringLiteral("status"), QStringLiteral("--kubeconfig"), m_config,
                              QStringLiteral("--log-level"), QStringLiteral("debug")},
                             {m_data});
        QCOMPARE(gone.status, 3);
        QFile log(m_folder->filePath(QStringLiteral("data/logs/signalbox.log")));
        QVERIFY(log.open(QIODevice::ReadOnly));
        const QString lines = QString::fromUtf8(log.readAll());
        QVERIFY(lines.contains(QStringLiteral("info signalbox.app ")));
        QVERIFY2(lines.contains(QStringLiteral("debug signalbox.")), qPrintable(lines));
        for (const QString &text : {lines, gone.out, gone.err})
            QVERIFY2(!text.contains(token), qPrintable(text));
    }

    // Without a command the window comes up, on its own: we are back at the prompt at once.
    void opensTheWindow()
    {
#ifndef Q_OS_LINUX
        QSKIP("finds the program by /proc");
#else
        const Run opened =
            run({QStringLiteral("--kubeconfig"), m_config}, {m_data, QStringLiteral("QT_QPA_PLATFORM=offscreen")});
        QVERIFY2(opened.status == 0, qPrintable(opened.err));
        QVERIFY2(opened.out.isEmpty() && opened.err.isEmpty(), qPrintable(opened.out + opened.err));
        qint64 window = 0;
        const auto isUp = [&] {
            for (const QString &pid : QDir(QStringLiteral("/proc")).entryList(QDir::Dirs)) {
                QFile environment(QStringLiteral("/proc/%1/environ").arg(pid));
                if (pid.toLongLong() > 0 && environment.open(QIODevice::ReadOnly) &&
                    environment.readAll().split('\0').contains(m_data.toLatin1()) &&
                    QFileInfo(QStringLiteral("/proc/%1/exe").arg(pid)).symLinkTarget() ==
                        QFileInfo(QStringLiteral(SIGNALBOX_CONSOLE)).canonicalFilePath())
                    window = pid.toLongLong();
            }
            return window > 0;
        };
        QTRY_VERIFY_WITH_TIMEOUT(isUp(), 20'000);
        QFile words(QStringLiteral("/proc/%1/cmdline").arg(window));
        QVERIFY(words.open(QIODevice::ReadOnly));
        QVERIFY(words.readAll().split('\0').contains(m_config.toLatin1()));
        QFile log(m_folder->filePath(QStringLiteral("data/logs/signalbox-console.log")));
        QTRY_VERIFY_WITH_TIMEOUT(log.exists(), 20'000); // it got as far as its own log
        ::kill(static_cast<pid_t>(window), SIGTERM);
        QTRY_VERIFY_WITH_TIMEOUT(!QFileInfo::exists(QStringLiteral("/proc/%1/exe").arg(window)) ||
                                     ::kill(static_cast<pid_t>(window), 0) != 0,
                                 20'000);
#endif
    }

    // Each would draw somewhere; none says so by coming back with 0, or by an abort.
    void withoutADisplayItSaysSo_data()
    {
        QTest::addColumn<QString>("program");
        QTest::addColumn<QString>("display");
        QTest::addColumn<int>("status");
        const QString cli = QStringLiteral(SIGNALBOX_PROGRAM);
        const QString window = QStringLiteral(SIGNALBOX_CONSOLE);
        QTest::newRow("none") << cli << QString() << 1;
        QTest::newRow("a dead one") << cli << QStringLiteral(":4242") << 1;
        QTest::newRow("the window itself, none") << window << QString() << 69;
        QTest::newRow("the window itself, a dead one") << window << QStringLiteral(":4242") << 69;
    }
    void withoutADisplayItSaysSo()
    {
#ifndef Q_OS_LINUX
        QSKIP("there always is one");
#else
        QFETCH(QString, program);
        QFETCH(QString, display);
        const Run refused = run({QStringLiteral("--kubeconfig"), m_config},
                                {m_data, QStringLiteral("QT_QPA_PLATFORM="), QStringLiteral("WAYLAND_DISPLAY="),
                                 QStringLiteral("DISPLAY=") + display},
                                program);
        QTEST(refused.status, "status");
        QVERIFY2(refused.out.isEmpty(), qPrintable(refused.out));
        QVERIFY2(refused.err.contains(QStringLiteral("There is no display for the window")) &&
                     refused.err.contains(QStringLiteral("signalbox tour --out DIR")),
                 qPrintable(refused.err));
        QVERIFY2(refused.err.contains(display), qPrintable(refused.err));
#endif
    }

    // A window that did not come up is no success.
    void aWindowThatEndsAtOnceIsSaid_data()
    {
        QTest::addColumn<QByteArray>("script");
        QTest::addColumn<int>("status");
        QTest::addColumn<QString>("said"); // empty: nothing
        QTest::newRow("closed") << QByteArray("exit 0\n") << 0 << QString();
        QTest::newRow("a status") << QByteArray("exit 3\n") << 1 << QStringLiteral("It ended at once, with status 3. ");
        QTest::newRow("a crash") << QByteArray("kill -KILL $$\n") << 1
                                 << QStringLiteral("It ended at once, by signal 9. ");
    }
    void aWindowThatEndsAtOnceIsSaid()
    {
#ifndef Q_OS_LINUX
        QSKIP("it is not waited for there");
#else
        QFETCH(QByteArray, script);
        QFETCH(QString, said);
        const QString program = besideWindow(script);
        QVERIFY(!program.isEmpty());
        const Run opened = run({QStringLiteral("--kubeconfig"), m_config},
                               {m_data, QStringLiteral("QT_QPA_PLATFORM=offscreen")}, program);
        QTEST(opened.status, "status");
        QCOMPARE(opened.err.isEmpty(), said.isEmpty());
        QVERIFY2(opened.err.contains(said), qPrintable(opened.err));
        QVERIFY(said.isEmpty() || opened.err.contains(m_folder->filePath(QStringLiteral("signalbox-console"))));
#endif
    }

    // It needs nobody to look: with a window's program that says what it was given.
    void theTourOfADeadDisplayIsDrawnOffScreen()
    {
#ifndef Q_OS_LINUX
        QSKIP("there always is one");
#else
        const QString program = besideWindow("[ \"$QT_QPA_PLATFORM\" = offscreen ] || exit 69\necho \"drawn: $*\"\n");
        QVERIFY(!program.isEmpty());
        const Run tour = run({QStringLiteral("tour"), QStringLiteral("--out"), m_folder->path()},
                             {m_data, QStringLiteral("QT_QPA_PLATFORM="), QStringLiteral("WAYLAND_DISPLAY="),
                              QStringLiteral("DISPLAY=:4242")},
                             program);
        QVERIFY2(tour.status == 0, qPrintable(tour.out + tour.err));
        QCOMPARE(tour.out, QStringLiteral("drawn: --tour %1\n").arg(m_folder->path()));
        QVERIFY2(tour.err.contains(QStringLiteral("DISPLAY=:4242 does not answer")), qPrintable(tour.err));
#endif
    }

    void theWindowsProgramAnswersWithoutADisplay()
    {
        for (const char *option : {"--version", "--help"}) {
            const Run said = run({QString::fromLatin1(option)},
                                 {m_data, QStringLiteral("QT_QPA_PLATFORM="), QStringLiteral("WAYLAND_DISPLAY="),
                                  QStringLiteral("DISPLAY=")},
                                 QStringLiteral(SIGNALBOX_CONSOLE));
            QCOMPARE(said.status, 0);
            QVERIFY2(said.err.isEmpty(), qPrintable(said.err));
            QVERIFY2(said.out.contains(QStringLiteral("signalbox")), qPrintable(said.out));
        }
    }

    void completesContexts()
    {
        const Run names =
            run({QStringLiteral("__complete"), QStringLiteral("--"), QStringLiteral("status"),
                 QStringLiteral("--kubeconfig"), m_config, QStringLiteral("--context"), QStringLiteral("kind")},
                {m_data});
        QCOMPARE(names.status, 0);
        QCOMPARE(names.out, QStringLiteral("kind-a\nkind-b\n"));
    }

    // The script itself, in the shell it is for.
    void completesInBash_data()
    {
        QTest::addColumn<QString>("line");
        QTest::addColumn<QString>("expected"); // words of COMPREPLY, sorted
        QTest::newRow("command") << QStringLiteral("signalbox rol") << QStringLiteral("rollback");
        QTest::newRow("option") << QStringLiteral("signalbox rollback a b --dry") << QStringLiteral("--dry-run");
        QTest::newRow("behind =") << QStringLiteral("signalbox status --log-level=w") << QStringLiteral("warning");
        QTest::newRow("context") << QStringLiteral("signalbox status --kubeconfig %1 --context kind")
                                 << QStringLiteral("kind-a kind-b");
        QTest::newRow("context with colons")
            << QStringLiteral("signalbox status --kubeconfig %1 --context arn:aws:e") << QStringLiteral("eks:x");
    }
    void completesInBash()
    {
        QFETCH(QString, line);
        QFETCH(QString, expected);
        if (QStandardPaths::findExecutable(QStringLiteral("bash")).isEmpty())
            MISSING("no bash here");
        if (line.contains(QStringLiteral("%1")))
            line = line.arg(m_config);
        // Breaks words as readline does: at blanks, and = and : are words of their own.
        const QString script =
            QStringLiteral("source <(signalbox completion bash)\n"
                           "COMP_LINE=\"$1\"; COMP_POINT=${#COMP_LINE}\n"
                           "COMP_WORDS=(); for w in $COMP_LINE; do\n"
                           "  while [[ $w == *[=:]* ]]; do p=${w%%[=:]*}; [[ -n $p ]] && COMP_WORDS+=(\"$p\"); "
                           "w=${w#\"$p\"}; COMP_WORDS+=(\"${w:0:1}\"); w=${w:1}; done\n"
                           "  [[ -n $w ]] && COMP_WORDS+=(\"$w\")\n"
                           "done\n"
                           "COMP_CWORD=$((${#COMP_WORDS[@]} - 1))\n"
                           "_signalbox\n"
                           "printf '%s\\n' \"${COMPREPLY[@]}\" | sort | paste -sd' '\n");
        const QString path = QFileInfo(QStringLiteral(SIGNALBOX_PROGRAM)).absolutePath() + QLatin1Char(':') +
                             qEnvironmentVariable("PATH");
        const Run shell = run({QStringLiteral("--norc"), QStringLiteral("-c"), script, QStringLiteral("bash"), line},
                              {m_data, QStringLiteral("PATH=") + path}, QStringLiteral("bash"));
        QVERIFY2(shell.err.isEmpty(), qPrintable(shell.err));
        QCOMPARE(shell.out.trimmed(), expected);
    }

    void everyShellTakesItsScript_data()
    {
        QTest::addColumn<QString>("shell");
        for (const char *shell : {"bash", "zsh", "fish"})
            QTest::newRow(shell) << QString::fromLatin1(shell);
    }
    void everyShellTakesItsScript()
    {
        QFETCH(QString, shell);
        const Run script = run({QStringLiteral("completion"), shell});
        QCOMPARE(script.status, 0);
        QVERIFY(script.out.contains(QStringLiteral("__complete")));
        if (QStandardPaths::findExecutable(shell).isEmpty())
            QSKIP("this shell is not installed here");
        const QString path = m_folder->filePath(QStringLiteral("script"));
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(script.out.toUtf8());
        file.close();
        const Run checked = run(
            {shell == QLatin1String("fish") ? QStringLiteral("--no-execute") : QStringLiteral("-n"), path}, {}, shell);
        QCOMPARE(checked.err, QString());
        QCOMPARE(checked.status, 0);
    }

private:
    // The program beside a window's that is this script instead; empty: it could not be made.
    QString besideWindow(const QByteArray &script) const
    {
        const QString program = m_folder->filePath(QStringLiteral("signalbox"));
        QFile window(m_folder->filePath(QStringLiteral("signalbox-console")));
        const bool isMade = QFile::copy(QStringLiteral(SIGNALBOX_PROGRAM), program) &&
                            window.open(QIODevice::WriteOnly) && window.write("#!/bin/sh\n" + script) > 0 &&
                            window.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
        return isMade ? program : QString();
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    QString m_data;
    QString m_config;
};

QTEST_GUILESS_MAIN(TestCommandLine)
#include "test_commandline.moc"
