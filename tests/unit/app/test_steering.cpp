#include "app/cli/keyreader.h"
#include "app/commands/steering.h"
#include "tests/unit/services/operations/operationworld.h"

#include <QTest>

using namespace signalbox;
using namespace signalbox::commands;
using namespace signalbox::test;
using namespace std::chrono_literals;

using S = OperationState;
using Typed = QList<std::pair<int, QByteArray>>; // milliseconds since the start, bytes

class TestSteering : public QObject
{
    Q_OBJECT
private slots:
    void readsKeys_data()
    {
        QTest::addColumn<Typed>("typed");
        QTest::addColumn<QByteArray>("keys");
        QTest::newRow("letters") << Typed{{0, "ps"}, {2000, "a"}} << QByteArray("psa");
        QTest::newRow("capitals") << Typed{{0, "PrSA"}} << QByteArray("prsa");
        QTest::newRow("Up is no A") << Typed{{0, "\x1b[A"}} << QByteArray();
        QTest::newRow("nor is Up of an application's keypad") << Typed{{0, "\x1bOA"}} << QByteArray();
        QTest::newRow("Ctrl+Up, then a") << Typed{{0, "\x1b[1;5Aa"}} << QByteArray("a");
        QTest::newRow("Up in two pieces") << Typed{{0, "\x1b["}, {90, "A"}} << QByteArray();
        QTest::newRow("Alt+a") << Typed{{0, "\x1b"
                                            "a"}}
                               << QByteArray();
        QTest::newRow("Escape, and a while later a") << Typed{{0, "\x1b"}, {900, "a"}} << QByteArray("a");
        QTest::newRow("Escape twice, Up") << Typed{{0, "\x1b\x1b[A"}} << QByteArray();
        QTest::newRow("Enter, Tab, blank, Backspace") << Typed{{0, "\r\n\t \x7f"}} << QByteArray();
        QTest::newRow("other scripts") << Typed{{0, "\xe6\x9a\x82\xc3\xa4"}} << QByteArray();
        QTest::newRow("a sign") << Typed{{0, "?"}} << QByteArray("?");
        QTest::newRow("leant on") << Typed{{0, "s"}, {660, "s"}, {700, "s"}, {740, "sss"}, {1800, "s"}}
                                  << QByteArray("s");
        QTest::newRow("let go and pressed again") << Typed{{0, "s"}, {1200, "s"}} << QByteArray("ss");
        QTest::newRow("in turn") << Typed{{0, "p"}, {200, "r"}, {400, "p"}} << QByteArray("prp");
        QTest::newRow("nothing") << Typed{{0, ""}} << QByteArray();
    }
    void readsKeys()
    {
        QFETCH(Typed, typed);
        QFETCH(QByteArray, keys);
        cli::KeyDecoder decoder;
        QByteArray read;
        for (const auto &[at, bytes] : typed)
            read += decoder.keysOf(bytes, at);
        QCOMPARE(read, keys);
    }

    void knowsTheWords_data()
    {
        QTest::addColumn<QString>("line");
        QTest::addColumn<int>("word"); // -1: none
        QTest::newRow("pause") << QStringLiteral("pause") << static_cast<int>(SteeringWord::Pause);
        QTest::newRow("resume") << QStringLiteral(" Resume ") << static_cast<int>(SteeringWord::Resume);
        QTest::newRow("skip") << QStringLiteral("SKIP") << static_cast<int>(SteeringWord::Skip);
        QTest::newRow("abandon") << QStringLiteral("abandon") << static_cast<int>(SteeringWord::Abandon);
        QTest::newRow("a letter") << QStringLiteral("a") << -1;
        QTest::newRow("more than it") << QStringLiteral("abandon ship") << -1;
        QTest::newRow("empty") << QString() << -1;
    }
    void knowsTheWords()
    {
        QFETCH(QString, line);
        QFETCH(int, word);
        const auto known = steeringWordOf(line);
        QCOMPARE(known ? static_cast<int>(*known) : -1, word);
    }

    void saysWhatWasDone_data()
    {
        QTest::addColumn<S>("from");
        QTest::addColumn<char>("key");
        QTest::addColumn<S>("to");
        QTest::addColumn<QString>("said");
        QTest::newRow("pause a wait") << S::Dwelling << 'p' << S::Paused << QString(); // its state says so
        QTest::newRow("pause a pause") << S::Paused << 'p' << S::Paused << QStringLiteral("It is paused already.");
        QTest::newRow("pause a call") << S::Executing << 'p' << S::Executing
                                      << QStringLiteral("Pauses once step 1 of 3 is in force.");
        QTest::newRow("go on") << S::Paused << 'r' << S::Dwelling << QStringLiteral("Goes on: step 2 of 3 in 1m.");
        QTest::newRow("go on while it does")
            << S::Dwelling << 'r' << S::Dwelling << QStringLiteral("It is not paused.");
        QTest::newRow("skip a wait") << S::Dwelling << 's' << S::Executing
                                     << QStringLiteral("The wait is skipped: step 2 of 3 now.");
        QTest::newRow("skip out of a pause")
            << S::Paused << 's' << S::Executing << QStringLiteral("The wait is skipped: step 2 of 3 now.");
        QTest::newRow("skip a call")
            << S::Executing << 's' << S::Executing
            << QStringLiteral("There is no wait to skip now: %1.").arg(operationStateLabel(S::Executing));
        QTest::newRow("abandon a wait") << S::Dwelling << 'a' << S::PlanningReversal
                                        << QStringLiteral("Abandoned: what was written is being taken back.");
        QTest::newRow("abandon a call") << S::Executing << 'a' << S::Executing
                                        << QStringLiteral("Abandons as soon as the call under way is answered.");
    }
    void saysWhatWasDone()
    {
        QFETCH(S, from);
        QFETCH(char, key);
        QFETCH(S, to);
        QFETCH(QString, said);
        World world;
        world.runner.holdsExecute = from == S::Executing;
        QVERIFY(world.run(planOf(3)));
        if (from != S::Executing)
            QVERIFY(world.reach(S::Dwelling));
        if (from == S::Paused)
            QVERIFY(world.operation->pause());
        QCOMPARE(world.operation->state(), from);
        world.runner.holdsExecute = true; // the next call stays under way
        QCOMPARE(steer(*world.operation, steeringWordOfKey(key).value()), said);
        QCOMPARE(world.operation->state(), to);
    }

    void aPauseThatHasNotBegunIsTakenBack()
    {
        World world;
        world.runner.holdsExecute = true;
        QVERIFY(world.run(planOf(2)));
        (void)steer(*world.operation, SteeringWord::Pause);
        QCOMPARE(steer(*world.operation, SteeringWord::Resume),
                 QStringLiteral("Does not pause: it goes on as planned."));
        world.runner.give(Receipt{});
        QVERIFY(world.reach(S::Dwelling));
        QCOMPARE(steer(*world.operation, SteeringWord::Skip), QStringLiteral("The wait is skipped: step 2 of 2 now."));
        QCOMPARE(steer(*world.operation, SteeringWord::Pause),
                 QStringLiteral("There is nothing to pause: no step is to come."));
    }
};

QTEST_GUILESS_MAIN(TestSteering)
#include "test_steering.moc"
