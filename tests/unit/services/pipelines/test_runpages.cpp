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
};

QTEST_GUILESS_MAIN(TestRunPages)
#include "test_runpages.moc"
