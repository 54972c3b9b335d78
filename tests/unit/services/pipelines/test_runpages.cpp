// How the newest page of runs and what is known already come together: without a server.
#include "services/pipelines/runpages.h"
#include "tests/support/fakepipelineserver.h"

#include <QTest>

using namespace signalbox;
using namespace signalbox::test;

namespace
{

// "5 4 3": runs of these numbers, each an hour older than the one before.
QList<Run> runsOf(const QString &numbers)
{
    const Pipeline pipeline = pipelineOf(QStringLiteral("ci"), QStringLiteral("acme/cart"), QStringLiteral("release"));
    QList<Run> runs;
    for (const QString &number : numbers.split(u' ', Qt::SkipEmptyParts)) {
        Run run = runOf(pipeline, number.toInt(), RunState::Passed, 0);
        run.createdAt = QDateTime(QDate(2026, 3, 1), QTime(0, 0), Qt::UTC).addSecs(3600LL * number.toInt());
        runs.append(run);
    }
    return runs;
}

QString numbersOf(const QList<Run> &runs)
{
    QStringList all;
    for (const Run &run : runs)
        all.append(run.number);
    return all.join(u' ');
}

} // namespace

class TestRunPages : public QObject
{
    Q_OBJECT
private slots:
    void theNewestPageAndWhatIsKnown_data()
    {
        QTest::addColumn<QString>("known");
        QTest::addColumn<QString>("knownNext");
        QTest::addColumn<QString>("page");
        QTest::addColumn<QString>("pageNext");
        QTest::addColumn<QString>("runs");
        QTest::addColumn<QString>("next");
        const auto row = [](const char *name, const char *known, const char *knownNext, const char *page,
                            const char *pageNext, const char *runs, const char *next) {
            QTest::newRow(name) << QString::fromLatin1(known) << QString::fromLatin1(knownNext)
                                << QString::fromLatin1(page) << QString::fromLatin1(pageNext)
                                << QString::fromLatin1(runs) << QString::fromLatin1(next);
        };
        row("nothing was known", "", "", "5 4 3", "2", "5 4 3", "2");
        row("nothing new", "5 4 3 2 1", "3", "5 4 3", "2", "5 4 3 2 1", "3");
        row("a new one pushes one down", "5 4 3 2 1", "3", "6 5 4", "2", "6 5 4 3 2 1", "3");
        row("too many new ones", "5 4 3 2 1", "3", "9 8 7", "2", "9 8 7", "2");
        row("one of the page was deleted", "5 4 3 2 1", "3", "5 3 2", "2", "5 3 2 1", "3");
        row("the last of the page was deleted", "5 4 3 2 1", "3", "5 4 2", "2", "5 4 2 1", "3");
        row("older ones were deleted: the page is all", "5 4 3 2 1", "", "5 4", "", "5 4", "");
        row("all were deleted", "5 4 3", "", "", "", "", "");
        row("one is on the page out of its order", "5 4 3 2 1", "3", "2 5 4", "2", "2 5 4 3 1", "3");
    }
    void theNewestPageAndWhatIsKnown()
    {
        QFETCH(QString, known);
        QFETCH(QString, knownNext);
        QFETCH(QString, page);
        QFETCH(QString, pageNext);
        RunStore::Entry entry;
        entry.runs = runsOf(known);
        entry.next = knownNext;
        RunPage answer;
        answer.runs = runsOf(page);
        answer.next = pageNext;
        mergeNewest(entry, answer);
        QTEST(numbersOf(entry.runs), "runs");
        QTEST(entry.next, "next");
        QCOMPARE(entry.newest, int(answer.runs.size()));
    }

    // It says when it began again, yet it stays where it was made.
    void anOlderRunThatBeganAgainStays()
    {
        RunStore::Entry entry;
        entry.runs = runsOf(QStringLiteral("5 4 3 2 1"));
        entry.next = QStringLiteral("3");
        entry.runs[3].attempt = 2;
        entry.runs[3].createdAt = entry.runs[0].createdAt.addSecs(60);
        RunPage answer;
        answer.runs = runsOf(QStringLiteral("5 4 3"));
        answer.next = QStringLiteral("2");
        mergeNewest(entry, answer);
        QCOMPARE(numbersOf(entry.runs), QStringLiteral("5 4 3 2 1"));
        QCOMPARE(entry.runs[3].attempt, 2);
    }

    void aPageBehindTheNewestReadAgain_data()
    {
        QTest::addColumn<QString>("known");
        QTest::addColumn<int>("newest");
        QTest::addColumn<QString>("page");
        QTest::addColumn<QString>("next");
        QTest::addColumn<QString>("runs");
        QTest::addColumn<QString>("again"); // those that the page changed
        QTest::addColumn<int>("read");
        const auto row = [](const char *name, const char *known, int newest, const char *page, const char *next,
                            const char *runs, const char *again, Behind read) {
            QTest::newRow(name) << QString::fromLatin1(known) << newest << QString::fromLatin1(page)
                                << QString::fromLatin1(next) << QString::fromLatin1(runs) << QString::fromLatin1(again)
                                << static_cast<int>(read);
        };
        row("the newest are left alone", "6 5 4 3 2", 2, "6 5 4", "2", "6 5 4 3 2", "4", Behind::GoesOn);
        row("the last of them", "6 5 4 3 2", 2, "3 2", "3", "6 5 4 3 2", "3 2", Behind::Through);
        row("more than is known", "6 5 4 3 2", 2, "3 2 1", "3", "6 5 4 3 2", "3 2", Behind::Through);
        row("no more there", "6 5 4 3 2", 2, "3 2", "", "6 5 4 3 2", "3 2", Behind::Through);
        row("one was deleted", "6 5 4 3 2", 1, "5 3 2", "3", "6 5 3 2", "5 3 2", Behind::Through);
        row("the last ones were deleted", "6 5 4 3 2", 1, "5 4", "", "6 5 4", "5 4", Behind::Through);
        row("new ones pushed them on", "6 5 4 3 2", 2, "8 7 6 5", "2", "6 5 4 3 2", "", Behind::GoesOn);
        row("its last one is not known", "6 5 4 3 2", 1, "5 4 99", "3", "6 5 4 3 2", "5 4", Behind::GoesOn);
        row("nothing of it is known", "6 5 4", 2, "99 98", "2", "6 5 4", "", Behind::Lost);
        row("nothing at all", "6 5 4", 2, "", "", "6 5 4", "", Behind::Lost);
    }
    void aPageBehindTheNewestReadAgain()
    {
        QFETCH(QString, known);
        QFETCH(int, newest);
        QFETCH(QString, page);
        QFETCH(QString, next);
        RunStore::Entry entry;
        entry.runs = runsOf(known);
        entry.newest = newest;
        noteUnread(entry, QDateTime(QDate(2026, 3, 2), QTime(0, 0), Qt::UTC));
        QCOMPARE(entry.staleRuns.size(), entry.runs.size() - newest);
        RunPage read;
        read.runs = runsOf(page);
        read.next = next;
        for (Run &run : read.runs)
            run.attempt = 2;
        QTEST(static_cast<int>(mergeBehind(entry, read)), "read");
        QTEST(numbersOf(entry.runs), "runs");
        QList<Run> again;
        for (const Run &run : std::as_const(entry.runs)) {
            if (run.attempt == 2)
                again.append(run);
        }
        QTEST(numbersOf(again), "again");
        for (const Run &run : std::as_const(again))
            QVERIFY(!entry.staleRuns.contains(run.ref.id));
    }

    // The page was on its way when one of its runs was read alone, and found to be another than the page says, or gone
    // from it.
    void whatWasReadAloneMeanwhileStays()
    {
        RunStore::Entry entry;
        entry.runs = runsOf(QStringLiteral("6 5 4 3 2"));
        entry.newest = 1;
        entry.runs[2].attempt = 2;
        entry.runs[2].state = RunState::Running;
        RunPage page;
        page.runs = runsOf(QStringLiteral("5 4 2"));
        page.next = QStringLiteral("3");
        const QSet<QString> newer{QStringLiteral("4"), QStringLiteral("3")};
        QCOMPARE(static_cast<int>(mergeBehind(entry, page, newer)), static_cast<int>(Behind::Through));
        QCOMPARE(numbersOf(entry.runs), QStringLiteral("6 5 4 3 2"));
        QCOMPARE(entry.runs[2].state, RunState::Running);
        QCOMPARE(entry.runs[2].attempt, 2);
    }
};

QTEST_GUILESS_MAIN(TestRunPages)
#include "test_runpages.moc"
