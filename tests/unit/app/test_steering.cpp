#include "app/cli/keyreader.h"
#include "app/commands/steering.h"
#include "tests/unit/services/operations/operationworld.h"

#include <QScopeGuard>
#include <QTest>

#ifndef Q_OS_WIN
#include <unistd.h>
#endif

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
        QTest::newRow("F1 to F5 of the Linux console, then p")
            << Typed{{0, "\x1b[[A\x1b[[B\x1b[[C\x1b[[D\x1b[[Ep"}} << QByteArray("p");
        QTest::newRow("F1 of the Linux console in two pieces") << Typed{{0, "\x1b[["}, {90, "A"}} << QByteArray();
        QTest::newRow("Shift+F1, then s") << Typed{{0, "\x1bO2Ps"}} << QByteArray("s");
        QTest::newRow("Ctrl+Up of an application's keypad") << Typed{{0, "\x1bO5A\x1bO1;5A"}} << QByteArray();
        QTest::newRow("the background's colour, then p")
            << Typed{{0, "\x1b]11;rgb:aaaa/pppp/ssss\x1b\\p"}} << QByteArray("p");
        QTest::newRow("the same up to a bell") << Typed{{0, "\x1b]11;rgb:aaaa/pppp/ssss\x07p"}} << QByteArray("p");
        QTest::newRow("what the terminal is")
            << Typed{{0, "\x1bP>|tmux paras\x1b\\\x1b_aa\x1b\\\x1b^a\x1b\\\x1bXa\x1b\\r"}} << QByteArray("r");
        QTest::newRow("a click, then r") << Typed{{0, "\x1b[M aar"}} << QByteArray("r");
        QTest::newRow("a click as it is reported now, then r") << Typed{{0, "\x1b[<0;12;3Mr"}} << QByteArray("r");
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
        QTest::addColumn<int>("step");
        QTest::newRow("pause") << QStringLiteral("pause") << static_cast<int>(SteeringWord::Pause) << 0;
        QTest::newRow("resume") << QStringLiteral(" Resume ") << static_cast<int>(SteeringWord::Resume) << 0;
        QTest::newRow("skip") << QStringLiteral("SKIP") << static_cast<int>(SteeringWord::Skip) << 0;
        QTest::newRow("abandon") << QStringLiteral("abandon") << static_cast<int>(SteeringWord::Abandon) << 0;
        QTest::newRow("skip that one") << QStringLiteral(" skip  2") << static_cast<int>(SteeringWord::Skip) << 2;
        QTest::newRow("skip none") << QStringLiteral("skip 0") << -1 << 0;
        QTest::newRow("skip it") << QStringLiteral("skip it") << -1 << 0;
        QTest::newRow("skip two") << QStringLiteral("skip 2 3") << -1 << 0;
        QTest::newRow("a number where there is none") << QStringLiteral("pause 2") << -1 << 0;
        QTest::newRow("a letter") << QStringLiteral("a") << -1 << 0;
        QTest::newRow("more than it") << QStringLiteral("abandon ship") << -1 << 0;
        QTest::newRow("empty") << QString() << -1 << 0;
    }
    void knowsTheWords()
    {
        QFETCH(QString, line);
        QFETCH(int, word);
        QFETCH(int, step);
        const auto known = steeringOrderOf(line);
        QCOMPARE(known ? static_cast<int>(known->word) : -1, word);
        QCOMPARE(known ? known->step : 0, step);
    }

    void guardsTheKeys_data()
    {
        QTest::addColumn<Typed>("typed");        // "W": a wait began after another one
        QTest::addColumn<QByteArray>("answers"); // the word's key; "?": asks; ".": nothing
        QTest::newRow("pause, go on, skip") << Typed{{0, "p"}, {100, "r"}, {200, "s"}} << QByteArray("prs");
        QTest::newRow("taken back after a look") << Typed{{0, "a"}, {400, "y"}} << QByteArray("?a");
        QTest::newRow("pressed again") << Typed{{0, "a"}, {1200, "a"}} << QByteArray("?a");
        QTest::newRow("typed ahead, then meant") << Typed{{0, "a"}, {100, "y"}, {500, "y"}} << QByteArray("??a");
        QTest::newRow("too late") << Typed{{0, "a"}, {5100, "y"}} << QByteArray("?.");
        QTest::newRow("asked anew") << Typed{{0, "a"}, {5100, "a"}, {5500, "y"}} << QByteArray("??a");
        QTest::newRow("cat /var, y") << Typed{{0, "c"}, {1, "a"}, {2, "t"}, {3, "/"},
                                              {4, "v"}, {5, "a"}, {6, "r"}, {900, "y"}}
                                     << QByteArray(".?...?r.");
        QTest::newRow("y alone") << Typed{{0, "y"}} << QByteArray(".");
        QTest::newRow("pause in between") << Typed{{0, "a"}, {500, "p"}, {1000, "y"}} << QByteArray("?p.");
        QTest::newRow("skip the first wait") << Typed{{0, "s"}} << QByteArray("s");
        QTest::newRow("skip as the next one begins") << Typed{{0, "W"}, {200, "s"}, {1300, "s"}} << QByteArray("?s");
        QTest::newRow("skip the next one") << Typed{{0, "W"}, {1600, "s"}} << QByteArray("s");
        QTest::newRow("pause as the next one begins") << Typed{{0, "W"}, {200, "p"}} << QByteArray("p");
    }
    void guardsTheKeys()
    {
        QFETCH(Typed, typed);
        QFETCH(QByteArray, answers);
        KeyGuard guard;
        QByteArray given;
        for (const auto &[at, key] : typed) {
            if (key == "W") {
                guard.noteWait(at);
                continue;
            }
            const auto answer = guard.answer(key[0], at);
            const char keys[] = "prsa";
            given += answer.word                                   ? keys[static_cast<int>(*answer.word)]
                     : answer.question != KeyGuard::Question::None ? '?'
                                                                   : '.';
        }
        QCOMPARE(given, answers);
    }

    void skipsTheWaitThatIsNamed()
    {
        World world;
        QVERIFY(world.run(planOf(3)));
        QVERIFY(world.reach(S::Dwelling));
        QCOMPARE(steer(*world.operation, {SteeringWord::Skip, 2}),
                 QStringLiteral("Step 2 does not wait now: step 1 of 3: %1.").arg(operationStateLabel(S::Dwelling)));
        QCOMPARE(world.operation->state(), S::Dwelling);
        QCOMPARE(steer(*world.operation, {SteeringWord::Skip, 1}),
                 QStringLiteral("The wait is skipped: step 2 of 3 now."));
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
        QCOMPARE(steer(*world.operation, {steeringWordOfKey(key).value()}), said);
        QCOMPARE(world.operation->state(), to);
    }

    // A question at the terminal: no plugin may be given it meanwhile, and it is free with the answer.
    void whoAsksHoldsTheTerminal_data()
    {
        QTest::addColumn<QByteArray>("typed"); // empty: the end of input
        QTest::newRow("an answer") << QByteArray("cart\n");
        QTest::newRow("the end") << QByteArray();
    }
    void whoAsksHoldsTheTerminal()
    {
#ifdef Q_OS_WIN
        QSKIP("standard input is a console's there");
#else
        QFETCH(QByteArray, typed);
        int ends[2];
        QCOMPARE(pipe(ends), 0);
        const int before = dup(STDIN_FILENO);
        QCOMPARE(dup2(ends[0], STDIN_FILENO), int(STDIN_FILENO));
        close(ends[0]);
        const auto back = qScopeGuard([before] {
            dup2(before, STDIN_FILENO);
            close(before);
        });
        const cli::Terminal terminal;
        const auto isTaken = terminal.takenCheck();
        QVERIFY(!isTaken());
        {
            const cli::LineReader dropped(terminal);
            QVERIFY(isTaken());
        }
        QVERIFY(!isTaken());
        const cli::LineReader reader(terminal);
        QVERIFY(isTaken());
        QStringList lines;
        connect(&reader, &cli::LineReader::entered, this, [&lines](const QString &line) { lines.append(line); });
        QCOMPARE(write(ends[1], typed.constData(), size_t(typed.size())), ssize_t(typed.size()));
        close(ends[1]);
        QTRY_VERIFY(!isTaken());
        QCOMPARE(lines, typed.isEmpty() ? QStringList() : QStringList{QStringLiteral("cart")});
#endif
    }

    void aPauseThatHasNotBegunIsTakenBack()
    {
        World world;
        world.runner.holdsExecute = true;
        QVERIFY(world.run(planOf(2)));
        (void)steer(*world.operation, {SteeringWord::Pause});
        QCOMPARE(steer(*world.operation, {SteeringWord::Resume}),
                 QStringLiteral("Does not pause: it goes on as planned."));
        world.runner.give(Receipt{});
        QVERIFY(world.reach(S::Dwelling));
        QCOMPARE(steer(*world.operation, {SteeringWord::Skip}),
                 QStringLiteral("The wait is skipped: step 2 of 2 now."));
        QCOMPARE(steer(*world.operation, {SteeringWord::Pause}),
                 QStringLiteral("There is nothing to pause: no step is to come."));
    }
};

QTEST_GUILESS_MAIN(TestSteering)
#include "test_steering.moc"
