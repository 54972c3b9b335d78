#include "services/operations/journal.h"
#include "tests/unit/services/operations/operationworld.h"

#include <QCryptographicHash>
#include <QDir>
#include <QFile>

using namespace signalbox;
using namespace signalbox::test;

namespace
{

QDateTime march()
{
    return {QDate(2026, 3, 4), QTime(10, 0), Qt::UTC};
}

JournalIntent intentOf(const QString &id, const QDateTime &at = march())
{
    JournalIntent intent;
    intent.id = id;
    intent.at = at;
    intent.process = QStringLiteral("01ARZ3NDEKTSV4RRFFQ69G5FAV");
    intent.who = {QStringLiteral("Ann"), QStringLiteral("ann@x"), QStringLiteral("ann"), QStringLiteral("desk")};
    intent.plan = planOf(2);
    return intent;
}

Outcome outcomeOf(const QDateTime &at)
{
    Outcome outcome;
    outcome.message = QStringLiteral("done");
    outcome.startedAt = at;
    outcome.finishedAt = at.addSecs(1);
    return outcome;
}

template <typename T>
Result<T> wait(const QFuture<Result<T>> &future)
{
    if (!QTest::qWaitFor([&future] { return future.isFinished(); }, 10000))
        return Error{ErrorKind::TimedOut, {}, {}};
    return future.result();
}

} // namespace

class TestJournal : public QObject
{
    Q_OBJECT

    static QByteArray contents(const QTemporaryDir &folder, const char *month = "2026-03")
    {
        QFile file(folder.filePath(QStringLiteral("journal/%1.jsonl").arg(QLatin1String(month))));
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }
    static void append(const QTemporaryDir &folder, const QByteArray &bytes)
    {
        QFile file(folder.filePath(QStringLiteral("journal/2026-03.jsonl")));
        QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Append));
        file.write(bytes);
    }

private slots:
    void intentReadsBackWithoutBodiesAndDifferences()
    {
        QTemporaryDir folder;
        Journal journal(folder.path());
        const JournalIntent intent = intentOf(QStringLiteral("A"));
        QVERIFY(wait(journal.writeIntent(intent)));
        QVERIFY(!contents(folder).contains("hunter2"));
        const auto reading = wait(journal.read());
        QCOMPARE(reading->open.size(), 1);
        const JournalIntent &back = reading->open.first();
        QCOMPARE(back.who, intent.who);
        QCOMPARE(back.process, intent.process);
        QCOMPARE(back.plan.steps.size(), 2);
        QVERIFY(back.plan.steps.first().call.body.isEmpty());
        QVERIFY(back.plan.steps.first().diff.isEmpty());
        QCOMPARE(back.plan.steps.first().call.path, QStringLiteral("/route"));
        QCOMPARE(back.plan.steps.first().expectation, intent.plan.steps.first().expectation);
        QCOMPARE(back.plan.to, intent.plan.to);
    }

    // A password may stand in any field that people fill in, though no form says so.
    void whatPeopleFilledInLeavesNoDigest_data()
    {
        QTest::addColumn<OperationKind>("kind");
        QTest::addColumn<bool>("isHidden");
        QTest::addColumn<bool>("isKept");
        QTest::newRow("trigger") << OperationKind::TriggerRun << false << false;
        QTest::newRow("rerun") << OperationKind::RerunRun << false << false;
        QTest::newRow("gate") << OperationKind::DecideGate << false << false;
        QTest::newRow("cancel") << OperationKind::CancelRun << false << true;
        QTest::newRow("promotion") << OperationKind::Promote << false << true;
        QTest::newRow("promotion by a gate") << OperationKind::Promote << true << false;
    }
    void whatPeopleFilledInLeavesNoDigest()
    {
        QFETCH(OperationKind, kind);
        QFETCH(bool, isHidden);
        QFETCH(bool, isKept);
        QTemporaryDir folder;
        Journal journal(folder.path());
        JournalIntent intent = intentOf(QStringLiteral("A"));
        intent.plan.kind = kind;
        PlanStep &step = intent.plan.steps.first();
        step.call.body = "{\"inputs\":{\"key\":\"1234\"}}";
        step.isBodyHidden = isHidden;
        QVERIFY(wait(journal.writeIntent(intent)));
        QVERIFY(wait(journal.writeStep(intent.id, step, false, march())));
        if (isHidden) // a way back is written whole
            QVERIFY(wait(journal.writeStep(intent.id, step, true, march())));
        const QByteArray digest = QCryptographicHash::hash(step.call.body, QCryptographicHash::Sha256).toHex();
        QCOMPARE(contents(folder).contains(digest), isKept);
        QCOMPARE(contents(folder).contains(intent.plan.fingerprint()), isKept);
        const auto reading = wait(journal.read());
        QCOMPARE(reading->open.size(), 1);
        QCOMPARE(reading->open.first().plan.kind, kind);
    }

    // Whoever reads the journal could try what has this digest.
    void aSecretBodyLeavesNoDigest()
    {
        QTemporaryDir folder;
        Journal journal(folder.path());
        JournalIntent intent = intentOf(QStringLiteral("A"));
        PlanStep &step = intent.plan.steps.first();
        step.call.body = "json=%7B%22KEY%22%3A%221234%22%7D";
        const QByteArray open = QCryptographicHash::hash(step.call.body, QCryptographicHash::Sha256).toHex();
        QVERIFY(wait(journal.writeIntent(intent)));
        QVERIFY(contents(folder).contains(open)); // of others it stays
        step.call.isSecret = true;
        intent.id = QStringLiteral("B");
        QTemporaryDir other;
        Journal secret(other.path());
        QVERIFY(wait(secret.writeIntent(intent)));
        QVERIFY(wait(secret.writeStep(intent.id, step, false, march())));
        QVERIFY(!contents(other).contains(open));
        QVERIFY(!contents(other).contains(intent.plan.fingerprint()));
        const auto reading = wait(secret.read());
        QCOMPARE(reading->open.size(), 1);
        QCOMPARE(reading->open.first().plan.steps.size(), 2);
    }

    void journalIsTheOwnersAlone()
    {
        QTemporaryDir folder;
        Journal journal(folder.path());
        QVERIFY(wait(journal.writeIntent(intentOf(QStringLiteral("A")))));
        const auto permissions = QFile::permissions(folder.filePath(QStringLiteral("journal/2026-03.jsonl")));
        QVERIFY(!(permissions & (QFile::ReadGroup | QFile::ReadOther | QFile::WriteGroup | QFile::WriteOther)));
    }

    void statesFollowFromTheLines_data()
    {
        QTest::addColumn<QString>("lines"); // i intent, s step, w withdrawn, o outcome, r recorded
        QTest::addColumn<int>("open");
        QTest::addColumn<int>("unrecorded");
        QTest::newRow("crashed") << "i" << 1 << 0;
        QTest::newRow("crashed after the call") << "is" << 1 << 0;
        QTest::newRow("button let go") << "iw" << 0 << 0;
        QTest::newRow("let go and held again") << "iwi" << 1 << 0;
        QTest::newRow("ledger was away") << "iso" << 0 << 1;
        QTest::newRow("complete") << "isor" << 0 << 0;
        QTest::newRow("outcome alone: going back did not wait for its intent") << "o" << 0 << 0;
    }
    void statesFollowFromTheLines()
    {
        QFETCH(QString, lines);
        QTemporaryDir folder;
        Journal journal(folder.path());
        const QString id = QStringLiteral("A");
        for (QChar line : lines) {
            if (line == u'i')
                QVERIFY(wait(journal.writeIntent(intentOf(id))));
            else if (line == u's')
                QVERIFY(wait(journal.writeStep(id, planOf(2).steps.first(), false, march())));
            else if (line == u'w')
                QVERIFY(wait(journal.writeWithdrawn(id, march())));
            else if (line == u'o')
                QVERIFY(wait(journal.writeOutcome(id, outcomeOf(march()), false)));
            else
                QVERIFY(wait(journal.writeRecorded(id, march())));
        }
        const auto reading = wait(journal.read());
        QTEST(static_cast<int>(reading->open.size()), "open");
        QTEST(static_cast<int>(reading->unrecorded.size()), "unrecorded");
        QCOMPARE(reading->damagedLines, 0);
        if (!reading->unrecorded.isEmpty())
            QCOMPARE(reading->unrecorded.first().outcome, outcomeOf(march()));
    }

    void tornLastLineIsSkippedAndWhatFollowsIsNot()
    {
        QTemporaryDir folder;
        Journal journal(folder.path());
        QVERIFY(wait(journal.writeIntent(intentOf(QStringLiteral("A")))));
        append(folder, "{\"v\":1,\"type\":\"outcome\",\"id\":\"A\",\"outc");
        auto reading = wait(journal.read());
        QCOMPARE(reading->open.size(), 1);
        QCOMPARE(reading->damagedLines, 1);
        QVERIFY(wait(journal.writeIntent(intentOf(QStringLiteral("B")))));
        QVERIFY(wait(journal.writeOutcome(QStringLiteral("A"), outcomeOf(march()), false)));
        reading = wait(journal.read());
        QCOMPARE(reading->open.size(), 1);
        QCOMPARE(reading->open.first().id, QStringLiteral("B"));
        QCOMPARE(reading->damagedLines, 1);
    }

    void damagedLinesAreCountedNotBelieved_data()
    {
        QTest::addColumn<QByteArray>("line");
        QTest::newRow("garbage") << QByteArray("\x01\xff garbage\n");
        QTest::newRow("no object") << QByteArray("[1]\n");
        QTest::newRow("newer version") << QByteArray("{\"v\":2,\"type\":\"withdrawn\",\"id\":\"A\"}\n");
        QTest::newRow("unknown type") << QByteArray("{\"v\":1,\"type\":\"dance\",\"id\":\"A\"}\n");
        QTest::newRow("outcome without one") << QByteArray("{\"v\":1,\"type\":\"outcome\",\"id\":\"A\"}\n");
    }
    void damagedLinesAreCountedNotBelieved()
    {
        QFETCH(QByteArray, line);
        QTemporaryDir folder;
        Journal journal(folder.path());
        QVERIFY(wait(journal.writeIntent(intentOf(QStringLiteral("A")))));
        append(folder, line);
        const auto reading = wait(journal.read());
        QCOMPARE(reading->open.size(), 1);
        QCOMPARE(reading->damagedLines, 1);
    }

    void oldMonthsGoUnlessSomethingInThemIsOpen()
    {
        QTemporaryDir folder;
        Journal journal(folder.path(), 2);
        const QDateTime january(QDate(2026, 1, 5), QTime(10, 0), Qt::UTC);
        const QDateTime february(QDate(2026, 2, 5), QTime(10, 0), Qt::UTC);
        QVERIFY(wait(journal.writeIntent(intentOf(QStringLiteral("closed"), january))));
        QVERIFY(wait(journal.writeOutcome(QStringLiteral("closed"), outcomeOf(january), false)));
        QVERIFY(wait(journal.writeRecorded(QStringLiteral("closed"), january)));
        QVERIFY(wait(journal.writeIntent(intentOf(QStringLiteral("open"), february))));
        QVERIFY(wait(journal.writeIntent(intentOf(QStringLiteral("new")))));
        QVERIFY(wait(journal.prune(QDateTime(QDate(2026, 9, 1), QTime(0, 0), Qt::UTC))));
        const QStringList left = QDir(folder.filePath(QStringLiteral("journal"))).entryList(QDir::Files, QDir::Name);
        QCOMPARE(left, (QStringList{QStringLiteral("2026-02.jsonl"), QStringLiteral("2026-03.jsonl")}));
    }

    void folderThatCannotBeWrittenIsNamed()
    {
        QTemporaryDir folder;
        QFile blocker(folder.filePath(QStringLiteral("journal")));
        QVERIFY(blocker.open(QIODevice::WriteOnly));
        Journal journal(folder.path());
        const auto written = wait(journal.writeIntent(intentOf(QStringLiteral("A"))));
        QVERIFY(!written);
        QVERIFY2(written.error().message.contains(blocker.fileName()), qPrintable(written.error().message));
    }
};

QTEST_GUILESS_MAIN(TestJournal)
#include "test_journal.moc"
