#include "models/domain/ulid.h"
#include "services/ledger/canonicaljson.h"
#include "services/ledger/ledger.h"
#include "tests/support/jsonschema.h"
#include "tests/unit/services/ledger/onepass.h"

#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

using namespace signalbox;
using namespace signalbox::test;

namespace
{

QDateTime noon()
{
    return {QDate(2026, 3, 4), QTime(12, 0), Qt::UTC};
}

LedgerEntry entryOf(int n = 0, OutcomeKind kind = OutcomeKind::NotEffective)
{
    LedgerEntry entry;
    entry.id = newUlid(noon().addSecs(n));
    entry.at = noon().addSecs(n);
    entry.who = {QStringLiteral("Ann Äpfel"), QStringLiteral("ann@shop.example"), QStringLiteral("ann"),
                 QStringLiteral("desk")};
    entry.tool = QStringLiteral("signalbox 0.1.0");
    entry.connection = QStringLiteral("east");
    entry.ns = QStringLiteral("shop");
    entry.application = QStringLiteral("cart");
    entry.environment = QStringLiteral("production");
    entry.kind = OperationKind::Rollback;
    entry.direction = Direction::Back;
    entry.from = QStringLiteral("2.15.0-rc.2 (5be02d1)");
    entry.to = QStringLiteral("2.14.3 (c07d9aa)");
    entry.reason = QStringLiteral("errors \"after\" the release €");
    entry.steps = {{QStringLiteral("1"), QStringLiteral("Roll back"), QStringLiteral("Deployment shop/cart")}};
    entry.warnings = {
        {CheckId::TargetImage, CheckState::Warn, QStringLiteral("never pulled here"), QStringLiteral("d"), {}}};
    StepOutcome step{QStringLiteral("1"), kind, QStringLiteral("0 of 3 pods ready"), noon(), noon().addMSecs(4), {}};
    entry.outcome = {kind,
                     QStringLiteral("not effective: 0 of 3 pods ready, ImagePullBackOff"),
                     ErrorKind::Internal,
                     true,
                     noon(),
                     noon().addSecs(60),
                     {step}};
    if (kind == OutcomeKind::Conflict)
        entry.outcome.errorKind = ErrorKind::Conflict;
    entry.durations.detect = 90000;
    return entry;
}

LedgerEntry drillOf(int n = 0)
{
    LedgerEntry entry;
    entry.id = newUlid(noon().addSecs(n));
    entry.type = QStringLiteral("drill");
    entry.at = noon().addSecs(n);
    entry.who = entryOf().who;
    entry.tool = QStringLiteral("signalbox 0.1.0");
    Debrief drill;
    drill.id = entry.id;
    drill.drill = QStringLiteral("zone");
    drill.title = QStringLiteral("A third of them");
    drill.application = QStringLiteral("cart");
    drill.environment = QStringLiteral("production");
    drill.startedAt = noon().addSecs(n - 90);
    drill.tookMs = 90000;
    drill.verdict = DrillVerdict::Mistaken;
    drill.words = QStringLiteral("Restored, with a mistake.");
    drill.moments = {{DrillMoment::Kind::Begin, 0, QStringLiteral("begun"), DrillMoment::Mark::None},
                     {DrillMoment::Kind::Action, 41000, QStringLiteral("green → 0 %"), DrillMoment::Mark::Right}};
    drill.detectMs = 31000;
    drill.restoreMs = 58000;
    drill.mistakes = {QStringLiteral("Restarted.")};
    drill.fasterPath = QStringLiteral("Look by zone.");
    entry.drill = drill;
    return entry;
}

template <typename T>
Result<T> wait(const QFuture<Result<T>> &future)
{
    if (!QTest::qWaitFor([&future] { return future.isFinished(); }, 20000))
        return Error{ErrorKind::TimedOut, {}, {}};
    return future.result();
}

// Plain git, as an auditor would use it.
QByteArray plainGit(const QString &path, const QStringList &arguments, int *status = nullptr)
{
    QProcess process;
    process.start(QStringLiteral("git"), QStringList{QStringLiteral("-C"), path} + arguments);
    const bool isOver = process.waitForFinished(20000);
    if (status)
        *status = isOver ? process.exitCode() : -1;
    return process.readAllStandardOutput() + process.readAllStandardError();
}

} // namespace

class TestLedger : public QObject
{
    Q_OBJECT

    QTemporaryDir m_folder;
    int m_next = 0;
    QString newPath() { return m_folder.filePath(QString::number(++m_next) + QLatin1String("/ledger.git")); }

private slots:
    void entryReadsBackAsItWasWritten_data()
    {
        QTest::addColumn<OutcomeKind>("kind");
        QTest::newRow("not effective") << OutcomeKind::NotEffective;
        QTest::newRow("conflict") << OutcomeKind::Conflict;
        QTest::newRow("done") << OutcomeKind::Done;
    }
    void entryReadsBackAsItWasWritten()
    {
        QFETCH(OutcomeKind, kind);
        const LedgerEntry entry = entryOf(0, kind);
        const auto back = ledgerEntryFromJson(toJson(entry));
        QVERIFY2(back, back ? "" : qPrintable(back.error().message));
        QCOMPARE(*back, entry);
        QCOMPARE(readInOnePass(toJson(entry)).value_or(LedgerEntry()), entry);
    }

    void drillReadsBackAsItWasWritten()
    {
        LedgerEntry entry = drillOf();
        for (const bool isRestored : {true, false}) {
            if (!isRestored) {
                entry.drill->detectMs.reset();
                entry.drill->restoreMs.reset();
            }
            const auto back = ledgerEntryFromJson(toJson(entry));
            QVERIFY2(back, back ? "" : qPrintable(back.error().message));
            QCOMPARE(*back, entry);
            QCOMPARE(readInOnePass(toJson(entry)).value_or(LedgerEntry()), entry);
        }
    }

    void entriesFollowThePublishedSchema()
    {
        QFile file(QStringLiteral(SIGNALBOX_SOURCE_DIR "/resources/ledger-entry.schema.json"));
        QVERIFY(file.open(QIODevice::ReadOnly));
        const JsonSchema schema(nlohmann::json::parse(file.readAll().toStdString()));
        for (OutcomeKind kind : {OutcomeKind::NotEffective, OutcomeKind::Conflict, OutcomeKind::Done}) {
            nlohmann::json json = toJson(entryOf(0, kind));
            QCOMPARE(QString::fromStdString(schema.complaint(json)), QString());
            json["extra"] = 1;
            QVERIFY(!schema.complaint(json).empty());
        }
        nlohmann::json drill = toJson(drillOf());
        QCOMPARE(QString::fromStdString(schema.complaint(drill)), QString());
        drill["type"] = "operation"; // whose fields it lacks
        QVERIFY(!schema.complaint(drill).empty());
    }

    void brokenEntriesAreRefusedByName_data()
    {
        QTest::addColumn<QString>("pointer");
        QTest::addColumn<QString>("value");
        QTest::addColumn<QString>("named");
        QTest::newRow("newer version") << "/version"
                                       << "2"
                                       << "version";
        QTest::newRow("unknown kind") << "/operation/kind"
                                      << "\"dance\""
                                      << "operation.kind";
        QTest::newRow("no ULID") << "/id"
                                 << "\"../../x\""
                                 << "id";
        QTest::newRow("local time") << "/at"
                                    << "\"2026-03-04T12:00:00\""
                                    << "at";
        QTest::newRow("step's time") << "/outcome/steps/0/sentAt"
                                     << "7"
                                     << "outcome.steps[0].sentAt";
        QTest::newRow("mistyped") << "/who"
                                  << "[]"
                                  << "who";
    }
    void brokenEntriesAreRefusedByName()
    {
        QFETCH(QString, pointer);
        QFETCH(QString, value);
        QFETCH(QString, named);
        nlohmann::json json = toJson(entryOf());
        json[nlohmann::json::json_pointer(pointer.toStdString())] = nlohmann::json::parse(value.toStdString());
        const auto read = ledgerEntryFromJson(json);
        QVERIFY(!read);
        QVERIFY2(read.error().message.contains(named), qPrintable(read.error().message));
        const auto same = readInOnePass(json);
        QVERIFY(!same);
        QCOMPARE(same.error().message, read.error().message);
    }

    void writesOnExactlyThatTipOrNowhere()
    {
        Ledger ledger(newPath());
        const LedgerEntry entry = entryOf(1);
        const auto first = wait(ledger.append(entryOf(0)));
        QVERIFY(first);
        const auto second = wait(ledger.appendOn(entry, *first));
        QVERIFY2(second, qPrintable(second ? QString() : second.error().message));
        const auto late = wait(ledger.appendOn(entryOf(2), *first));
        QVERIFY(!late);
        QCOMPARE(late.error().kind, ErrorKind::Conflict);
        const auto again = wait(ledger.appendOn(entry, *first)); // after a crash
        QVERIFY(again);
        QCOMPARE(*again, *second);
        QCOMPARE(wait(ledger.newest(10))->size(), 2);
    }

    void plainGitReadsIt()
    {
        const QString path = newPath();
        const LedgerEntry first = entryOf(0);
        const LedgerEntry second = entryOf(86400);
        {
            Ledger ledger(path);
            QVERIFY(wait(ledger.append(first)));
            QVERIFY(wait(ledger.append(second)));
        }
        int status = -1;
        const QByteArray fsck = plainGit(path, {QStringLiteral("fsck"), QStringLiteral("--strict")}, &status);
        QVERIFY2(status == 0, fsck.constData());
        const QByteArray log =
            plainGit(path, {QStringLiteral("log"), QStringLiteral("-p"), QStringLiteral("main")}, &status);
        QCOMPARE(status, 0);
        QVERIFY2(log.contains("rollback cart in production: notEffective"), log.constData());
        QVERIFY(log.contains("Author: Ann Äpfel <ann@shop.example>"));
        QVERIFY(log.contains("+{\"at\":\"2026-03-04T12:00:00.000Z\""));
        QCOMPARE(
            plainGit(path, {QStringLiteral("rev-list"), QStringLiteral("--count"), QStringLiteral("main")}).trimmed(),
            QByteArray("2"));
        QCOMPARE(ledgerPath(second), QStringLiteral("entries/2026/03/05/%1.json").arg(second.id));
        QCOMPARE(plainGit(path, {QStringLiteral("show"), QStringLiteral("main:") + ledgerPath(second)}),
                 *canonicalJson(toJson(second)));
        const QByteArray changed = plainGit(path, {QStringLiteral("diff"), QStringLiteral("--name-status"),
                                                   QStringLiteral("main~1"), QStringLiteral("main")});
        QCOMPARE(changed.trimmed(), "A\t" + ledgerPath(second).toUtf8());
    }

    void newestComeFirst()
    {
        Ledger ledger(newPath());
        QCOMPARE(wait(ledger.newest(3))->size(), 0);
        QStringList ids;
        for (int n : {0, 40000, 90000, 86400 * 40, 86400 * 400}) { // days, months and a year apart
            const LedgerEntry entry = entryOf(n);
            ids.prepend(entry.id);
            QVERIFY(wait(ledger.append(entry)));
        }
        const auto newest = wait(ledger.newest(3));
        QVERIFY(newest);
        QCOMPARE(newest->size(), 3);
        for (int i = 0; i < 3; ++i)
            QCOMPARE(newest->at(i).id, ids.at(i));
    }

    void newestOfOneTypeAreFoundBehindOthers()
    {
        Ledger ledger(newPath());
        QVERIFY(wait(ledger.append(drillOf(0))));
        for (int n = 1; n <= 9; ++n)
            QVERIFY(wait(ledger.append(entryOf(n))));
        QVERIFY(wait(ledger.append(drillOf(10))));
        const auto drills = wait(ledger.newest(2, QStringLiteral("drill")));
        QVERIFY(drills);
        QCOMPARE(drills->size(), 2);
        QVERIFY(drills->at(0).drill && drills->at(1).drill);
        QVERIFY(drills->at(0).at > drills->at(1).at);
        QCOMPARE(wait(ledger.newest(20, QStringLiteral("operation")))->size(), 9);
        QCOMPARE(wait(ledger.newest(20))->size(), 11);
    }

    void sameEntryAgainIsWrittenOnce()
    {
        Ledger ledger(newPath());
        LedgerEntry entry = entryOf();
        const auto first = wait(ledger.append(entry));
        const auto again = wait(ledger.append(entry));
        QVERIFY(first && again);
        QCOMPARE(*again, *first);
        entry.reason = QStringLiteral("another");
        const auto other = wait(ledger.append(entry));
        QVERIFY(!other);
        QCOMPARE(other.error().kind, ErrorKind::Invalid);
        QCOMPARE(wait(ledger.newest(5))->size(), 1);
    }

    void twoWritersLoseNothing()
    {
        const QString path = newPath();
        Ledger one(path);
        Ledger other(path);
        QVERIFY(wait(one.append(entryOf(0))));
        std::vector<QFuture<Result<QString>>> writes;
        for (int n = 1; n <= 20; ++n) {
            writes.push_back(one.append(entryOf(n * 2)));
            writes.push_back(other.append(entryOf(n * 2 + 1)));
        }
        for (const auto &write : writes) {
            const auto written = wait(write);
            QVERIFY2(written, written ? "" : qPrintable(written.error().message));
        }
        QCOMPARE(wait(one.newest(100))->size(), 41);
        QCOMPARE(
            plainGit(path, {QStringLiteral("rev-list"), QStringLiteral("--count"), QStringLiteral("main")}).trimmed(),
            QByteArray("41"));
        QVERIFY(plainGit(path, {QStringLiteral("rev-list"), QStringLiteral("--min-parents=2"), QStringLiteral("main")})
                    .isEmpty());
    }

    void folderThatCannotBeMadeIsNamed()
    {
        QFile blocker(m_folder.filePath(QStringLiteral("blocker")));
        QVERIFY(blocker.open(QIODevice::WriteOnly));
        Ledger ledger(blocker.fileName() + QLatin1String("/ledger.git"));
        const auto written = wait(ledger.append(entryOf()));
        QVERIFY(!written);
        QVERIFY2(written.error().message.contains(ledger.path()), qPrintable(written.error().message));
    }
    void whoHasNoAccountNameStillWrites()
    {
        // As in a container that runs as a user nobody named, with / as its home.
        QHash<QByteArray, QByteArray> before;
        for (const char *name : {"USER", "LOGNAME", "USERNAME", "HOME", "USERPROFILE"}) {
            before.insert(name, qgetenv(name));
            qunsetenv(name);
        }
        qputenv("HOME", "/");
        const git::Author author = authorOf(accountIdentity(), QDateTime::currentDateTimeUtc());
        for (auto it = before.cbegin(); it != before.cend(); ++it)
            it->isNull() ? qunsetenv(it.key()) : qputenv(it.key(), *it);
        QVERIFY(!author.name.isEmpty());
        QVERIFY(!author.email.startsWith(u'@'));
    }
};

QTEST_GUILESS_MAIN(TestLedger)
#include "test_ledger.moc"
