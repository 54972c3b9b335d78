#include "services/async/deliver.h"
#include "services/ledger/sharing/ledgershare.h"
#include "services/ledger/verify/chainverifier.h"
#include "services/operations/journal.h"
#include "tests/support/gitservers.h"
#include "tests/support/sshtools.h"
#include "tests/unit/services/operations/operationworld.h"

#include "models/domain/ulid.h"

#include <QDirIterator>
#include <QProcess>
#include <QSet>

#include <utime.h>

using namespace signalbox;
using namespace signalbox::test;

namespace
{

constexpr char policyYaml[] = "version: 1\nworkspace: shop\nprincipals:\n"
                              "  - {name: ann, emails: [ann@shop.example]}\n"
                              "roles:\n  - {name: admins, members: [ann]}\n";

// More for who looks for a hole.
int points()
{
    const int asked = qEnvironmentVariableIntValue("SIGNALBOX_KILL_POINTS");
    return asked > 1 ? asked : 50;
}

QString u(const char *text)
{
    return QString::fromUtf8(text);
}

template <typename T>
Result<T> wait(QFuture<Result<T>> future)
{
    future.waitForFinished(); // a test may
    return future.result();
}

Identity ann()
{
    return {u("Ann"), u("ann@shop.example"), u("ann"), u("desk")};
}

struct Ended
{
    bool wasKilled = false;
    int status = -1;
    QByteArray said;
};

// Another start of the program; killed before its `at`th change of a file, where that is not 0.
Ended start(const QString &folder, int at, const QString &countFile = {})
{
    QProcess process;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert(u("LD_PRELOAD"), QStringLiteral(KILLPOINTS));
    environment.insert(u("KILLPOINT_BELOW"), folder);
    environment.insert(u("KILLPOINT_AT"), QString::number(at));
    environment.insert(u("KILLPOINT_COUNT"), countFile);
    process.setProcessEnvironment(environment);
    process.setProcessChannelMode(QProcess::MergedChannels);
    process.start(QStringLiteral(LEDGER_DESK), {folder});
    if (!process.waitForFinished(60000))
        return {false, -1, "it does not come to an end: " + process.readAll()};
    return {process.exitStatus() == QProcess::CrashExit, process.exitCode(), process.readAll()};
}

// The next start is not in the same second: what was locked then is two minutes old.
void letTimePass(const QString &folder)
{
    QDirIterator files(folder, {u("*.lock")}, QDir::Files | QDir::Hidden, QDirIterator::Subdirectories);
    const utimbuf before{::time(nullptr) - 120, ::time(nullptr) - 120};
    while (files.hasNext())
        ::utime(files.next().toLocal8Bit().constData(), &before);
}

} // namespace

// A program that records an outcome in a signed ledger, behind an entry of somebody else's, and sends it, killed while
// it does: the repositories are sound, and the next start ends it.
class TestLedgerKills : public QObject
{
    Q_OBJECT

    QTemporaryDir m_root;
    QString m_entry;
    int m_changes = 0;

    QString at(const char *name) const { return m_root.filePath(u(name)); }
    // How often main has the entry; -1: the repository is not sound.
    int countIn(const QString &repository) const
    {
        const RealGit git(repository);
        if (!git.run({u("fsck"), u("--strict"), u("--no-dangling")}).isGood())
            return -1;
        const auto log = git.out({u("log"), u("--format="), u("--name-only"), u("main")});
        return static_cast<int>(log.count(m_entry.toUtf8()));
    }
    static bool copy(const QString &from, const QString &to)
    {
        return QProcess::execute(u("cp"), {u("-r"), from, to}) == 0;
    }
    static qsizetype unrecorded(const QString &folder)
    {
        Journal journal(folder + u("/data"));
        const auto read = wait(journal.read());
        return read ? read->unrecorded.size() : -1;
    }
    void journalOutcome(const QString &folder)
    {
        const QDateTime now = QDateTime::currentDateTimeUtc();
        m_entry = newUlid(now);
        JournalIntent intent;
        intent.id = m_entry;
        intent.at = now;
        intent.process = u("01ARZ3NDEKTSV4RRFFQ69G5FAV"); // not any more
        intent.who = ann();
        intent.plan = planOf(1);
        Outcome outcome;
        outcome.message = u("done");
        outcome.startedAt = now;
        outcome.finishedAt = now;
        Journal journal(folder);
        QVERIFY(wait(journal.writeIntent(intent)));
        QVERIFY(wait(journal.writeOutcome(m_entry, outcome, false)));
    }

private slots:
    void initTestCase()
    {
        const QString from = at("before");
        QVERIFY(QDir().mkpath(from + u("/data")));
        const QString key = makeSshKey(from + u("/key"), u("ed25519"));
        QVERIFY(RealGit::init(from + u("/remote.git"), true));
        git::RemoteAccess remote;
        remote.url = *git::parseRemoteUrl(from + u("/remote.git"));
        {
            Ledger mine(from + u("/data/ledger.git"));
            Ledger theirs(at("theirs.git"));
            for (Ledger *ledger : {&mine, &theirs})
                ledger->setSigner(signerOfFile(key));
            LedgerShare share(mine);
            LedgerShare others(theirs);
            const QByteArray signers = "ann@shop.example " + publicKeyOfFile(key).line() + '\n';
            QVERIFY(wait(
                mine.begin(signers, policyYaml, {u("Ann"), u("ann@shop.example"), QDateTime::currentDateTimeUtc()})));
            QVERIFY(wait(share.share(remote, {})));
            QVERIFY(wait(others.share(remote, {})));
            const auto note =
                entryFor(policy::Note{{}, {}, {}, u("theirs")}, QDateTime::currentDateTimeUtc(), ann(), u("shop"));
            QVERIFY(wait(theirs.append(note)));
            QVERIFY(wait(others.share(remote, {})));
        }
        journalOutcome(from + u("/data"));
        QVERIFY(copy(from, at("whole")));
        const Ended whole = start(at("whole"), 0, at("count"));
        QVERIFY2(whole.status == 0 && !whole.wasKilled, whole.said.constData());
        QCOMPARE(countIn(at("whole/remote.git")), 1);
        QFile count(at("count"));
        QVERIFY(count.open(QIODevice::ReadOnly));
        m_changes = count.readAll().trimmed().toInt();
        m_changes -= 4; // a run more or less: when it looks whether somebody else has a lock
        QVERIFY2(m_changes >= points(), QByteArray::number(m_changes).constData());
        qInfo("killed before %d of its %d changes of files", points(), m_changes);
    }

    void isSoundAndEndsAtTheNextStart_data()
    {
        QTest::addColumn<int>("change");
        for (int i = 0; i < points(); ++i) {
            const int change = 1 + (m_changes - 1) * i / (points() - 1);
            QTest::addRow("%d", change) << change;
        }
    }
    void isSoundAndEndsAtTheNextStart()
    {
        QFETCH(int, change);
        const QString folder = m_root.filePath(QStringLiteral("killed%1").arg(change));
        QVERIFY(copy(at("before"), folder));
        const Ended killed = start(folder, change);
        QVERIFY2(killed.wasKilled, killed.said.constData());

        const int here = countIn(folder + u("/data/ledger.git"));
        const int there = countIn(folder + u("/remote.git"));
        QVERIFY2(here == 0 || here == 1, QByteArray::number(here).constData());
        QVERIFY2(there == 0 || there == 1, QByteArray::number(there).constData());
        QVERIFY2(here == 1 || unrecorded(folder) == 1, "neither in the ledger nor in the queue");
        QVERIFY(there <= here);

        letTimePass(folder);
        const Ended next = start(folder, 0);
        QVERIFY2(next.status == 0 && !next.wasKilled, next.said.constData());
        QCOMPARE(countIn(folder + u("/data/ledger.git")), 1);
        QCOMPARE(countIn(folder + u("/remote.git")), 1);
        QCOMPARE(unrecorded(folder), 0);
        const auto chain = ledger::verifyChain(folder + u("/remote.git"), {}, {});
        QVERIFY(chain && chain->isWhole());
        QCOMPARE(chain->good, 3);
        QDir(folder).removeRecursively();
    }
};

QTEST_GUILESS_MAIN(TestLedgerKills)
#include "test_ledger_kills_posix.moc"
