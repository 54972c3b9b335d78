// `signalbox drill` as people type it.
#include "tests/support/lab.h"

#include <nlohmann/json.hpp>

#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QFileInfo>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

using namespace signalbox::test;
using Json = nlohmann::json;

class DrillCommandTest : public QObject
{
    Q_OBJECT
private slots:
    void namesWhatThereIs()
    {
        const auto output = run({QStringLiteral("drill")});
        QCOMPARE(output.status, 0);
        for (const char *name : {"full-shift", "leak", "zone", "quality", "image-gone", "dark", "false-alarm"})
            QVERIFY2(output.out.contains(name), output.out.constData());
        QVERIFY(run({QStringLiteral("drill"), QStringLiteral("--history")}).out.contains("No drill"));
    }

    void misspeltNamesAreCorrected_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QByteArray>("says");
        QTest::newRow("unknown") << QStringList{QStringLiteral("drill"), QStringLiteral("zones")}
                                 << QByteArray("Did you mean zone?");
        QTest::newRow("none") << QStringList{QStringLiteral("drill"), QStringLiteral("--terminal")}
                              << QByteArray("needs the name");
        QTest::newRow("both") << QStringList{QStringLiteral("drill"), QStringLiteral("zone"),
                                             QStringLiteral("--terminal"), QStringLiteral("--history")}
                              << QByteArray("takes no --terminal");
    }
    void misspeltNamesAreCorrected()
    {
        QFETCH(QStringList, arguments);
        QFETCH(QByteArray, says);
        const auto output = run(arguments);
        QCOMPARE(output.status, 2);
        QVERIFY2(output.err.contains(says), output.err.constData());
    }

    // Before a world is started and a window opened.
    void theWindowKnowsTheNamesToo_data()
    {
        QTest::addColumn<QString>("name");
        QTest::newRow("misspelt") << QStringLiteral("zones");
        QTest::newRow("nothing like it") << QStringLiteral("xyzzy");
        QTest::newRow("empty") << QString();
    }
    void theWindowKnowsTheNamesToo()
    {
        QFETCH(QString, name);
        const auto output = runProgram(QStringLiteral(SIGNALBOX_CONSOLE_PROGRAM), {QStringLiteral("--drill"), name}, {},
                                       20, {QStringLiteral("SIGNALBOX_DATA=") + m_folder.path()});
        QCOMPARE(output.status, 2);
        const QByteArray said = output.err.trimmed().split('\n').last(); // Qt may have words of its own before
        QVERIFY2(said.startsWith("signalbox-console: There is no drill \"" + name.toUtf8() + "\"."), said.constData());
        for (const char *known : {"full-shift", "leak", "zone", "quality", "image-gone", "dark", "false-alarm"})
            QVERIFY2(said.contains(known), said.constData());
    }

    // A second terminal acts, this one keeps the time.
    void isPlayedInATerminal()
    {
        QProcess drill;
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert(QStringLiteral("SIGNALBOX_DATA"), m_folder.path());
        drill.setProcessEnvironment(environment);
        drill.start(QStringLiteral(SIGNALBOX_PROGRAM), {QStringLiteral("drill"), QStringLiteral("zone"),
                                                        QStringLiteral("--terminal"), QStringLiteral("--json")});
        QByteArray said;
        const auto says = [&](const QByteArray &text, int seconds) {
            QElapsedTimer timer;
            timer.start();
            while (!said.contains(text) && timer.elapsed() < seconds * 1000) {
                drill.waitForReadyRead(200);
                said += drill.readAllStandardError();
            }
            return said.contains(text);
        };
        QVERIFY2(says("\nRunning", 40), said.constData());
        const qsizetype from = said.indexOf("SIGNALBOX_WORKSPACE='") + 21;
        const QString workspace = QString::fromUtf8(said.mid(from, said.indexOf('\'', from) - from));
        // Somebody who says "I see it" every few seconds: only the first one after the first bad sample counts.
        bool isSeen = false;
        for (int i = 0; i < 20 && !isSeen; ++i) {
            drill.write("\n");
            isSeen = says("seen", 3);
        }
        QVERIFY2(isSeen, said.constData());
        const auto shift =
            run({QStringLiteral("traffic"), QStringLiteral("search-ranker"), QStringLiteral("production"),
                 QStringLiteral("--set"), QStringLiteral("blue=100"), QStringLiteral("--confirm"),
                 QStringLiteral("search-ranker"), QStringLiteral("-w"), workspace});
        QVERIFY2(shift.status == 0, shift.err.constData());
        QVERIFY(drill.waitForFinished(60'000));
        const QByteArray out = drill.readAllStandardOutput();
        QVERIFY2(drill.exitCode() == 0, out.constData());
        const Json debrief = Json::parse(out.toStdString(), nullptr, false);
        QVERIFY2(debrief.is_object(), out.constData());
        QCOMPARE(debrief.at("verdict").get<std::string>(), std::string("passed"));
        QVERIFY(debrief.at("restoreMs").get<int>() < 120'000);

        const auto history = run({QStringLiteral("drill"), QStringLiteral("zone"), QStringLiteral("--json")});
        QCOMPARE(history.status, 0);
        const Json known = Json::parse(history.out.toStdString(), nullptr, false);
        QCOMPARE(known.at("attempts").size(), std::size_t(1));
        QCOMPARE(known.at("drills").at(0).at("best").get<std::string>(), debrief.at("id").get<std::string>());
        QVERIFY(run({QStringLiteral("drill"), QStringLiteral("--history")}).out.contains("passed"));
    }

    void givingUpEarlyLeavesNoTrace()
    {
        const auto output =
            run({QStringLiteral("drill"), QStringLiteral("quality"), QStringLiteral("--terminal")}, "q\n");
        QCOMPARE(output.status, 1); // while it was still prepared: nothing to keep
        const auto history = run({QStringLiteral("drill"), QStringLiteral("quality"), QStringLiteral("--json")});
        QCOMPARE(Json::parse(history.out.toStdString()).at("attempts").size(), std::size_t(0));
    }

    void whatCannotBeReadIsSaidAndTheRestShown()
    {
        const QString waiting = m_folder.filePath(QStringLiteral("drills.unwritten"));
        QVERIFY(QDir().mkpath(waiting));
        QFile broken(waiting + QStringLiteral("/broken.json"));
        QVERIFY(broken.open(QIODevice::WriteOnly) && broken.write("{") == 1);
        broken.close();
        const auto output = run({QStringLiteral("drill"), QStringLiteral("--history")});
        QCOMPARE(output.status, 0);
        QVERIFY2(output.err.contains("broken.json"), output.err.constData());
        QVERIFY2(output.out.contains("passed"), output.out.constData());
        QVERIFY(broken.remove());
        QVERIFY(QFileInfo::exists(m_folder.filePath(QStringLiteral("drills.git"))));
    }

private:
    LabCluster::Output run(const QStringList &arguments, const QByteArray &input = {}) const
    {
        return runProgram(QStringLiteral(SIGNALBOX_PROGRAM), arguments, input, 60,
                          {QStringLiteral("SIGNALBOX_DATA=") + m_folder.path()});
    }

    QTemporaryDir m_folder;
};

QTEST_GUILESS_MAIN(DrillCommandTest)
#include "test_drill_cli.moc"
