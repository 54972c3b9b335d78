// A plan of steps in the hands of somebody at a terminal, or of a program: the real `signalbox traffic` on a running
// `signalbox sandbox`.
#include "tests/support/lab.h"
#include "tests/support/practiceprogram.h"
#include "tests/support/ptyprogram.h"

#include <nlohmann/json.hpp>

#include <QElapsedTimer>
#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include <csignal>

using namespace signalbox::test;
using Json = nlohmann::json;

class CliSteeringTest : public QObject
{
    Q_OBJECT
private slots:
    void initTestCase();
    void init();
    void keysPauseResumeSkipAndAbandon();
    void goesOnByItselfToTheEnd();
    void wayBackHasNoKeyToTurnItRound();
    void ctrlCGivesTheTerminalBack();
    void inTheBackgroundTheKeysAreTheShells();
    void stoppedAndBroughtBackItTakesKeysAgain();
    void stoppedItLeavesTheTerminalAsItWas();
    void withNobodyReadingItsOutputItEndsAsItShould();
    void aKeyForTheWaitBeforeIsAskedAbout();
    void otherChangesAreTakenBackToo();
    void aPluginThatRunsMeanwhileGetsNoKeys();
    void wordsDoTheSame();
    void aPauseOutlivesTheEndOfTheWords();
    void withoutSteerStandardInputIsLeftAlone();

private:
    QStringList traffic(const QStringList &more) const;
    QStringList environment() const;
    QByteArray shares() const; // "90/10": blue and green, in per cent

    std::unique_ptr<PracticeProgram> m_world;
    QTemporaryDir m_folder;
    QString m_program = QStringLiteral(SIGNALBOX_PROGRAM);
};

void CliSteeringTest::initTestCase()
{
    qputenv("SIGNALBOX_PROGRAM", SIGNALBOX_PROGRAM);
    QString error;
    m_world = PracticeProgram::start(&error);
    QVERIFY2(m_world, qPrintable(error));
    QFile config(m_folder.filePath(QStringLiteral("kubeconfig")));
    QVERIFY(config.open(QIODevice::WriteOnly));
    config.write(m_world->kubeconfig());
}

QStringList CliSteeringTest::traffic(const QStringList &more) const
{
    return QStringList{QStringLiteral("traffic"),
                       QStringLiteral("recommender"),
                       QStringLiteral("production"),
                       QStringLiteral("--kubeconfig"),
                       m_folder.filePath(QStringLiteral("kubeconfig")),
                       QStringLiteral("--context"),
                       QStringLiteral("practice-prod")} +
           more;
}

QStringList CliSteeringTest::environment() const
{
    return {QStringLiteral("SIGNALBOX_DATA=") + m_folder.filePath(QStringLiteral("data")),
            QStringLiteral("TERM=xterm")};
}

namespace
{

QStringList steps(const char *steps, const char *dwell)
{
    return {QStringLiteral("--set"),    QStringLiteral("green=100"), QStringLiteral("--steps"),
            QString::fromLatin1(steps), QStringLiteral("--dwell"),   QString::fromLatin1(dwell)};
}

// Answers the question as somebody who has read it: what comes faster was typed ahead and is asked about again.
bool takesBack(PtyProgram &program)
{
    if (!program.says("Take back what was written?"))
        return false;
    QTest::qWait(400);
    program.type("y");
    return true;
}

const QStringList confirmed{QStringLiteral("--confirm"), QStringLiteral("recommender")};

} // namespace

QByteArray CliSteeringTest::shares() const
{
    const auto output = runProgram(m_program, traffic({QStringLiteral("--json")}), {}, 60, environment());
    const Json split = Json::parse(output.out.toStdString(), nullptr, false);
    if (!split.is_object())
        return output.err;
    QByteArray text;
    for (const char *track : {"blue", "green"}) {
        for (const Json &leg : split["routers"][0]["legs"]) {
            if (leg.value("track", std::string()) == track)
                text += (text.isEmpty() ? "" : "/") + QByteArray::number(qRound(leg.value("share", -1.0) * 100));
        }
    }
    return text;
}

// All traffic on blue.
void CliSteeringTest::init()
{
    if (shares() == "100/0")
        return;
    const auto back =
        runProgram(m_program, traffic(QStringList{QStringLiteral("--set"), QStringLiteral("blue=100")} + confirmed), {},
                   60, environment());
    QVERIFY2(back.isGood(), (back.out + back.err).constData());
    QCOMPARE(shares(), QByteArray("100/0"));
}

void CliSteeringTest::keysPauseResumeSkipAndAbandon()
{
    PtyProgram program(m_program, traffic(steps("10,25,50", "1h")), environment());
    QVERIFY(program.says("Type recommender to go on: "));
    QVERIFY(program.isInLineMode());
    program.type("recommender\n");
    QVERIFY(program.says("Keys: p pauses, r goes on, s skips the wait, a abandons: takes back what was written. "
                         "Ctrl+C stops and leaves what was done."));
    QVERIFY(program.says("step 1 of 4"));
    QVERIFY(program.says("59m")); // waits
    QVERIFY(!program.isInLineMode());
    QCOMPARE(shares(), QByteArray("90/10"));

    program.type("p");
    QVERIFY(program.says("Paused before step 2 of 4, with 59m"));
    QVERIFY(program.says("Paused by you. r goes on."));
    program.type("\x1b[A\x1b[[Ar"); // Up and F1, and no "abandon"; r
    QVERIFY(program.says("Goes on: step 2 of 4 in 59m"));
    QVERIFY2(!program.seen().contains("Take back"), program.seen().constData());
    QCOMPARE(shares(), QByteArray("90/10"));
    program.type("s");
    QVERIFY(program.says("The wait is skipped: step 2 of 4 now."));
    QVERIFY(program.says("59m"));
    QCOMPARE(shares(), QByteArray("75/25"));
    QTest::qWait(1600); // within a second it were the same press, and within 1.5 s meant for the wait before
    program.type("ss"); // as auto-repeat sends it
    QVERIFY(program.says("The wait is skipped: step 3 of 4 now."));
    QVERIFY(program.says("59m"));
    QCOMPARE(shares(), QByteArray("50/50"));

    program.type("a");
    QVERIFY(takesBack(program));
    QVERIFY(program.says("Abandoned: what was written is being taken back."));
    QCOMPARE(program.wait(), 1);
    QVERIFY2(program.seen().contains("Abandoned: taken back, and seen to be"), program.seen().constData());
    QVERIFY(program.isInLineMode());
    QCOMPARE(shares(), QByteArray("100/0"));
}

void CliSteeringTest::goesOnByItselfToTheEnd()
{
    PtyProgram program(m_program, traffic(steps("10", "2s") + confirmed), environment());
    QVERIFY(program.says("Keys: p pauses"));
    program.type("x\r ");
    QCOMPARE(program.wait(), 0);
    QVERIFY(program.isInLineMode());
    QCOMPARE(shares(), QByteArray("0/100"));
}

void CliSteeringTest::wayBackHasNoKeyToTurnItRound()
{
    QVERIFY(runProgram(m_program, traffic(steps("50", "0s") + confirmed), {}, 60, environment()).isGood());
    PtyProgram program(
        m_program,
        traffic(QStringList{QStringLiteral("--set"), QStringLiteral("blue=100"), QStringLiteral("--steps"),
                            QStringLiteral("50"), QStringLiteral("--dwell"), QStringLiteral("1h")} +
                confirmed),
        environment());
    QVERIFY(program.says("Keys: p pauses, r goes on, s skips the wait. Ctrl+C"));
    QVERIFY(program.says("59m"));
    program.type("a?");
    QVERIFY(program.says("Keys: p pauses, r goes on, s skips the wait. Ctrl+C"));
    QVERIFY2(!program.seen().contains("Take back"), program.seen().constData());
    program.type("s");
    QCOMPARE(program.wait(), 0);
    QCOMPARE(shares(), QByteArray("100/0"));
}

void CliSteeringTest::ctrlCGivesTheTerminalBack()
{
    PtyProgram program(m_program, traffic(steps("10", "1h") + confirmed), environment());
    QVERIFY(program.says("59m"));
    program.type("\x03");
    QVERIFY(program.says("Stopping at the next safe point."));
    QCOMPARE(program.wait(), 1);
    QVERIFY(program.isInLineMode());
    QCOMPARE(shares(), QByteArray("90/10"));
}

// A shell with job control starts it with &: what is typed is not for it, and it is not stopped for having read.
void CliSteeringTest::inTheBackgroundTheKeysAreTheShells()
{
    const QString script = QStringLiteral("\"$@\" & wait $!; echo \"it ended with $?\"");
    PtyProgram shell(
        QStringLiteral("bash"),
        QStringList{QStringLiteral("-m"), QStringLiteral("-c"), script, QStringLiteral("bash"), m_program} +
            traffic(steps("10", "4s") + confirmed),
        environment());
    QVERIFY(shell.says("Keys, after fg: p pauses"));
    QVERIFY(shell.says("step 1 of 2"));
    QVERIFY(shell.isInLineMode());
    shell.type("a\n");
    QVERIFY(shell.says("it ended with 0"));
    QCOMPARE(shares(), QByteArray("0/100"));
}

void CliSteeringTest::stoppedAndBroughtBackItTakesKeysAgain()
{
    PtyProgram shell(QStringLiteral("bash"), {QStringLiteral("--norc"), QStringLiteral("-i")},
                     environment() + QStringList{QStringLiteral("PS1=ready> ")});
    QVERIFY(shell.says("ready> "));
    QByteArray line;
    for (const QString &word : QStringList{m_program} + traffic(steps("10", "1h") + confirmed))
        line += '\'' + word.toUtf8() + "' ";
    shell.type(line + "\n");
    QVERIFY(shell.says("59m"));
    shell.type("\x1a"); // Ctrl+Z
    QVERIFY(shell.says("ready> "));
    shell.type("fg\n");
    QVERIFY(shell.says("recommender")); // the shell names the job, with its line editor out of the way
    QTRY_VERIFY(!shell.isInLineMode());
    shell.type("p");
    QVERIFY(shell.says("Paused before step 2 of 2"));
    shell.type("a");
    QVERIFY(takesBack(shell));
    QVERIFY(shell.says("Abandoned: taken back"));
    QVERIFY(shell.says("ready> "));
    shell.type("echo status $?; exit\n");
    QVERIFY(shell.says("status 1"));
    QCOMPARE(shell.wait(), 0);
    QCOMPARE(shares(), QByteArray("100/0"));
}

void CliSteeringTest::stoppedItLeavesTheTerminalAsItWas()
{
    PtyProgram program(m_program, traffic(steps("10", "1h") + confirmed), environment(), PtyProgram::Parent::Bare);
    QVERIFY(program.says("59m"));
    QVERIFY(!program.isInLineMode());
    program.type("\x1a"); // Ctrl+Z
    QVERIFY(program.says("[stopped]"));
    QVERIFY(program.isInLineMode());
    program.type("\n");
    QTRY_VERIFY(!program.isInLineMode());
    program.signal(SIGSTOP); // which nobody can prepare for: the shell puts its own mode in place
    QVERIFY(program.says("[stopped]"));
    program.setLineMode();
    program.type("\n");
    QTRY_VERIFY(!program.isInLineMode());
    program.type("p");
    QVERIFY(program.says("Paused before step 2 of 2"));
    program.type("\x03");
    QCOMPARE(program.wait(), 1);
    QVERIFY(program.isInLineMode());
    QCOMPARE(shares(), QByteArray("90/10"));
}

// `| head` has left when the outcome is printed.
void CliSteeringTest::withNobodyReadingItsOutputItEndsAsItShould()
{
    const QString script = QStringLiteral("set -o pipefail; \"$@\" | head -n 1; echo \"it ended with $?\"");
    PtyProgram shell(QStringLiteral("bash"),
                     QStringList{QStringLiteral("-c"), script, QStringLiteral("bash"), m_program} +
                         traffic(steps("10", "1s") + confirmed),
                     environment());
    QVERIFY(shell.says("Keys: p pauses"));
    QVERIFY(shell.says("it ended with 0"));
    QVERIFY(shell.isInLineMode());
    QCOMPARE(shell.wait(), 0);
    QCOMPARE(shares(), QByteArray("0/100"));
}

// The wait of step 1 ends by itself while the key for it is on its way.
void CliSteeringTest::aKeyForTheWaitBeforeIsAskedAbout()
{
    PtyProgram program(m_program, traffic(steps("10,25", "5s") + confirmed), environment());
    QVERIFY(program.says("step 2 of 3: Waiting"));
    program.type("s");
    QVERIFY(program.says("Step 2 has just begun to wait; press s again to skip that."));
    QCOMPARE(program.wait(), 0);
    QCOMPARE(shares(), QByteArray("0/100"));
}

// As the window's Abandon is there for them.
void CliSteeringTest::otherChangesAreTakenBackToo()
{
    QStringList scale = traffic(QStringList{QStringLiteral("--track"), QStringLiteral("green"),
                                            QStringLiteral("--replicas"), QStringLiteral("40")} +
                                confirmed);
    scale[0] = QStringLiteral("scale");
    PtyProgram program(m_program, scale, environment());
    QVERIFY(program.says("Keys: a abandons: takes back what was written. Ctrl+C"));
    program.type("a");
    QVERIFY(takesBack(program));
    QVERIFY(program.says("Abandoned"));
    QCOMPARE(program.wait(), 1);
    QVERIFY2(program.seen().contains("Abandoned: taken back, and seen to be"), program.seen().constData());
    QVERIFY(program.isInLineMode());
}

// Its token runs out between two steps. Before the first call it may ask at the terminal; then the keys are ours.
void CliSteeringTest::aPluginThatRunsMeanwhileGetsNoKeys()
{
    const QString asked = m_folder.filePath(QStringLiteral("asked"));
    QFile plugin(m_folder.filePath(QStringLiteral("plugin")));
    QVERIFY(plugin.open(QIODevice::WriteOnly | QIODevice::Truncate));
    plugin.write("#!/bin/sh\n"
                 "printf '%s\\n' \"$KUBERNETES_EXEC_INFO\" >>'" +
                 asked.toUtf8() +
                 "'\n"
                 "until=$(date -u -d '+2 seconds' +%Y-%m-%dT%H:%M:%SZ)\n"
                 "printf '{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\",'\n"
                 "printf '\"status\":{\"token\":\"%s\",\"expirationTimestamp\":\"%s\"}}' '" +
                 m_world->token() + "' \"$until\"\n");
    plugin.close();
    QVERIFY(plugin.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner));
    QByteArray text = m_world->kubeconfig();
    const QByteArray token = "token: " + m_world->token();
    QVERIFY(text.contains(token));
    text.replace(token, "exec: {apiVersion: client.authentication.k8s.io/v1, interactiveMode: IfAvailable, command: '" +
                            plugin.fileName().toUtf8() + "'}");
    QFile config(m_folder.filePath(QStringLiteral("kubeconfig-plugin")));
    QVERIFY(config.open(QIODevice::WriteOnly | QIODevice::Truncate));
    config.write(text);
    config.close();
    QStringList words = traffic(steps("10,25,50", "6s") + confirmed);
    words.replaceInStrings(m_folder.filePath(QStringLiteral("kubeconfig")), config.fileName());

    PtyProgram program(m_program, words, environment());
    QVERIFY(program.says("Keys: p pauses"));
    const auto told = [&asked] {
        QFile calls(asked);
        return calls.open(QIODevice::ReadOnly)
                   ? QString::fromUtf8(calls.readAll()).split(QLatin1Char('\n'), Qt::SkipEmptyParts)
                   : QStringList();
    };
    const qsizetype before = told().size();
    QVERIFY(before > 0);
    // Its token ran out; the first call may have begun before the keys were ours.
    QTRY_VERIFY_WITH_TIMEOUT(told().size() >= before + 2, 30'000);
    program.type("p");
    QVERIFY2(program.says("Paused before step"), program.seen().constData());
    const QStringList calls = told();
    QVERIFY2(calls.first().contains(QLatin1String("\"interactive\":true")), qPrintable(calls.first()));
    QVERIFY2(calls.last().contains(QLatin1String("\"interactive\":false")), qPrintable(calls.last()));
    program.type("a");
    QVERIFY(takesBack(program));
    QCOMPARE(program.wait(), 1);
    QCOMPARE(shares(), QByteArray("100/0"));
}

void CliSteeringTest::wordsDoTheSame()
{
    QProcess program;
    QProcessEnvironment values = QProcessEnvironment::systemEnvironment();
    values.insert(QStringLiteral("SIGNALBOX_DATA"), m_folder.filePath(QStringLiteral("data")));
    program.setProcessEnvironment(values);
    program.start(m_program, traffic(steps("10,25", "1h") + confirmed + QStringList{QStringLiteral("--steer")}));
    QByteArray said;
    qsizetype from = 0;
    const auto says = [&](const QByteArray &text) {
        const bool has = QTest::qWaitFor(
            [&] {
                said += program.readAllStandardError();
                return said.indexOf(text, from) >= 0;
            },
            30'000);
        if (has)
            from = said.indexOf(text, from) + text.size();
        else
            qWarning("%s", said.constData());
        return has;
    };
    QVERIFY(says("Words on standard input, one a line: pause, resume, skip, abandon."));
    QVERIFY(says("59m"));
    program.write("pause\n");
    QVERIFY(says("Paused before step 2 of 3"));
    QCOMPARE(shares(), QByteArray("90/10"));
    program.write("stop\nresume\nskip 2\nskip 1\n"); // at once
    QVERIFY(says("\"stop\" is none of pause, resume, skip, abandon."));
    QVERIFY(says("Goes on"));
    QVERIFY(says("Step 2 does not wait now: step 1 of 3"));
    QVERIFY(says("The wait is skipped: step 2 of 3 now."));
    QVERIFY(says("59m"));
    QCOMPARE(shares(), QByteArray("75/25"));
    program.write("abandon"); // the last line may lack its end
    program.closeWriteChannel();
    QVERIFY(program.waitForFinished(30'000));
    QCOMPARE(program.exitCode(), 1);
    QVERIFY(program.readAllStandardOutput().contains("Abandoned: taken back, and seen to be"));
    QCOMPARE(shares(), QByteArray("100/0"));
}

void CliSteeringTest::aPauseOutlivesTheEndOfTheWords()
{
    QProcess program;
    QProcessEnvironment values = QProcessEnvironment::systemEnvironment();
    values.insert(QStringLiteral("SIGNALBOX_DATA"), m_folder.filePath(QStringLiteral("data")));
    program.setProcessEnvironment(values);
    program.start(m_program, traffic(steps("10", "1s") + confirmed + QStringList{QStringLiteral("--steer")}));
    program.write("pause\n");
    program.closeWriteChannel();
    QByteArray said;
    QTRY_VERIFY2_WITH_TIMEOUT(
        (said += program.readAllStandardError()).contains("Nobody can say here that it may go on"), said.constData(),
        30'000);
    QElapsedTimer paused;
    for (paused.start(); paused.elapsed() < 2500;) // longer than what was left
        QCOMPARE(shares(), QByteArray("90/10"));
    QCOMPARE(program.state(), QProcess::Running);
    program.terminate();
    QVERIFY(program.waitForFinished(30'000));
    QCOMPARE(program.exitCode(), 1);
}

// A script's own input, that its next command reads.
void CliSteeringTest::withoutSteerStandardInputIsLeftAlone()
{
    const QString script = QStringLiteral("\"$@\" >&2; echo \"status $?\"; cat");
    const auto output = runProgram(QStringLiteral("sh"),
                                   QStringList{QStringLiteral("-c"), script, QStringLiteral("sh"), m_program} +
                                       traffic(steps("10", "1s") + confirmed),
                                   "abandon\nthe script's own\n", 60, environment());
    QCOMPARE(output.out, QByteArray("status 0\nabandon\nthe script's own\n"));
    QVERIFY2(!output.err.contains("Keys:") && !output.err.contains("Words"), output.err.constData());
    QCOMPARE(shares(), QByteArray("0/100"));
}

QTEST_GUILESS_MAIN(CliSteeringTest)
#include "test_cli_steering.moc"
