// Debriefs are kept, whatever becomes of the operator's own ledger, and nobody is asked for a key.
#include "services/drills/debriefbook.h"

#include "models/domain/ulid.h"
#include "services/drills/earlierdrills.h"
#include "services/ledger/ledger.h"
#include "tests/support/sshtools.h"

#include <QDir>
#include <QTemporaryDir>
#include <QTest>

#include <algorithm>

using namespace signalbox;
using namespace signalbox::drills;
using namespace signalbox::test;

namespace
{

QDateTime noon()
{
    return {QDate(2026, 3, 4), QTime(12, 0), Qt::UTC};
}

Debrief debriefOf(int minutes, const QString &drill = QStringLiteral("zone"))
{
    Debrief one;
    one.id = newUlid(noon().addSecs(minutes * 60LL));
    one.drill = drill;
    one.title = QStringLiteral("A third of them");
    one.application = QStringLiteral("cart");
    one.environment = QStringLiteral("production");
    one.startedAt = noon().addSecs(minutes * 60LL - 90);
    one.tookMs = 90'000;
    one.verdict = DrillVerdict::Passed;
    one.words = QStringLiteral("Restored.");
    one.moments = {{DrillMoment::Kind::Begin, 0, QStringLiteral("begun"), DrillMoment::Mark::None}};
    one.detectMs = 31'000;
    one.restoreMs = 58'000;
    one.fasterPath = QStringLiteral("Look by zone.");
    return one;
}

LedgerEntry entryOf(const Debrief &debrief)
{
    LedgerEntry entry;
    entry.id = debrief.id;
    entry.type = QStringLiteral("drill");
    entry.at = ulidTime(debrief.id);
    entry.who = accountIdentity();
    entry.tool = QStringLiteral("test");
    entry.drill = debrief;
    return entry;
}

template <typename T>
Result<T> wait(QFuture<Result<T>> future)
{
    future.waitForFinished();
    return future.result();
}

// Signed by a key of software, as a workspace's agent or file might hold it and git does not know.
void beginSigned(const QString &path)
{
    Ledger ledger(path);
    const auto key = std::make_shared<SoftAuthenticator>(ssh::KeyType::SkEd25519);
    ledger.setSigner(key);
    const QByteArray signers = "ann@shop.example " + key->publicKey().line() + '\n';
    const QByteArray policy = "version: 1\nworkspace: shop\nprincipals:\n"
                              "  - {name: ann, emails: [ann@shop.example]}\n"
                              "roles:\n  - {name: admins, members: [ann]}\n";
    const auto begun =
        wait(ledger.begin(signers, policy, {QStringLiteral("Ann"), QStringLiteral("ann@shop.example"), noon()}));
    QVERIFY2(begun, begun ? "" : qPrintable(begun.error().message));
}

QList<LedgerEntry> entriesOf(const QString &path)
{
    Ledger ledger(path);
    const auto entries = wait(ledger.newest(20));
    return entries ? *entries : QList<LedgerEntry>();
}

QStringList wordsOf(const QList<Error> &problems)
{
    QStringList words;
    for (const Error &one : problems)
        words << one.message;
    return words;
}

} // namespace

class DebriefBookTest : public QObject
{
    Q_OBJECT
private slots:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        QVERIFY(m_folder->isValid());
        m_data = m_folder->filePath(QStringLiteral("data"));
    }

    // What a picture tour finds of somebody who practised before: judged by the drills, and better the second time.
    void earlierDrillsAreKeptAsAnyOthers()
    {
        const QList<Debrief> made = earlierDrills(noon());
        QCOMPARE(made.size(), 2);
        for (const Debrief &one : made) {
            QCOMPARE(one.verdict, DrillVerdict::Passed);
            QVERIFY(one.startedAt < noon() && one.mistakes.isEmpty() && one.detectMs && one.restoreMs);
            const auto right = std::count_if(one.moments.begin(), one.moments.end(), [](const DrillMoment &moment) {
                return moment.mark == DrillMoment::Mark::Right;
            });
            QCOMPARE(right, 1);
        }
        QVERIFY(made[0].startedAt < made[1].startedAt && *made[1].restoreMs < *made[0].restoreMs);
        {
            DebriefBook book(m_data);
            for (const Debrief &one : made)
                (void)book.keep(one);
        }
        DebriefBook book(m_data);
        const auto read = wait(book.read(10));
        QVERIFY2(read && read->problems.isEmpty(), read ? "" : qPrintable(read.error().message));
        QCOMPARE(read->debriefs, made);
    }

    // The operator's own ledger is the team's affair: not written, not made.
    void isKeptBesideASignedLedger()
    {
        QVERIFY(QDir().mkpath(m_data));
        beginSigned(DebriefBook::olderPath(m_data));
        if (QTest::currentTestFailed())
            return;
        DebriefBook book(m_data);
        const Debrief debrief = debriefOf(1);
        const auto kept = wait(book.keep(debrief));
        QVERIFY2(kept, kept ? "" : qPrintable(kept.error().message));
        const QList<LedgerEntry> written = entriesOf(DebriefBook::path(m_data));
        QCOMPARE(written.size(), 1);
        QCOMPARE(*written.first().drill, debrief);
        QVERIFY(entriesOf(DebriefBook::olderPath(m_data)).isEmpty());
        QVERIFY(QDir(DebriefBook::unwrittenPath(m_data)).isEmpty(QDir::Files));
    }

    void readsThoseOfBefore()
    {
        QVERIFY(QDir().mkpath(m_data));
        const QList<Debrief> before = {debriefOf(1), debriefOf(3)};
        {
            Ledger older(DebriefBook::olderPath(m_data));
            for (const Debrief &one : before)
                QVERIFY(wait(older.append(entryOf(one))));
        }
        DebriefBook book(m_data);
        const Debrief between = debriefOf(2);
        QVERIFY(wait(book.keep(between)));
        const auto pages = wait(book.read(10));
        QVERIFY(pages);
        QCOMPARE(wordsOf(pages->problems), QStringList());
        QCOMPARE(pages->debriefs, QList<Debrief>({before[0], between, before[1]}));
        QCOMPARE(wait(book.read(2))->debriefs, QList<Debrief>({between, before[1]}));
        QCOMPARE(entriesOf(DebriefBook::olderPath(m_data)).size(), 2);
    }

    void readingMakesNothing()
    {
        DebriefBook book(m_data);
        const auto pages = wait(book.read(10));
        QVERIFY(pages && pages->debriefs.isEmpty() && pages->problems.isEmpty());
        QVERIFY(!QFileInfo::exists(m_data));
    }

    void whatCouldNotBeWrittenIsWrittenNextTime()
    {
        QVERIFY(QDir().mkpath(m_data));
        writeFile(DebriefBook::path(m_data), "in the way");
        const Debrief debrief = debriefOf(1);
        {
            DebriefBook book(m_data);
            const auto kept = wait(book.keep(debrief));
            QVERIFY(!kept);
            for (const QString &word : {QStringLiteral("drills.git"), QStringLiteral("drills.unwritten"), debrief.id})
                QVERIFY2(kept.error().message.contains(word), qPrintable(kept.error().message));
            const auto pages = wait(book.read(10)); // it is known all the same, and said that it is not there yet
            QVERIFY(pages);
            QVERIFY(pages->debriefs.contains(debrief));
            QVERIFY(!pages->problems.isEmpty());
        }
        QVERIFY(QFile::remove(DebriefBook::path(m_data)));
        DebriefBook book(m_data);
        const auto pages = wait(book.read(10));
        QVERIFY(pages);
        QCOMPARE(wordsOf(pages->problems), QStringList());
        QCOMPARE(pages->debriefs, QList<Debrief>({debrief}));
        QCOMPARE(entriesOf(DebriefBook::path(m_data)).size(), 1);
        QVERIFY(QDir(DebriefBook::unwrittenPath(m_data)).isEmpty(QDir::Files));
    }

    // Nor does the one before wait for a start once the way is clear.
    void theNextOneTakesItAlong()
    {
        QVERIFY(QDir().mkpath(m_data));
        writeFile(DebriefBook::path(m_data), "in the way");
        DebriefBook book(m_data);
        QVERIFY(!wait(book.keep(debriefOf(1))));
        QVERIFY(QFile::remove(DebriefBook::path(m_data)));
        QVERIFY(wait(book.keep(debriefOf(2))));
        QCOMPARE(entriesOf(DebriefBook::path(m_data)).size(), 2);
        QVERIFY(QDir(DebriefBook::unwrittenPath(m_data)).isEmpty(QDir::Files));
    }

    void anUnreadableOneIsNamedAndLeft()
    {
        const QString broken = DebriefBook::unwrittenPath(m_data) + QStringLiteral("/broken.json");
        QVERIFY(QDir().mkpath(DebriefBook::unwrittenPath(m_data)));
        writeFile(broken, "{\"half\":");
        DebriefBook book(m_data);
        QVERIFY(wait(book.keep(debriefOf(1))));
        const auto pages = wait(book.read(10));
        QVERIFY(pages);
        QCOMPARE(pages->debriefs.size(), 1);
        QCOMPARE(pages->problems.size(), 1);
        QVERIFY2(pages->problems.first().message.contains(QStringLiteral("broken.json")),
                 qPrintable(pages->problems.first().message));
        QVERIFY(QFileInfo::exists(broken));
    }

    // Somebody began to sign drills.git by hand: it is said, and the debrief waits.
    void aSignedBookIsLeftAlone()
    {
        QVERIFY(QDir().mkpath(m_data));
        beginSigned(DebriefBook::path(m_data));
        if (QTest::currentTestFailed())
            return;
        DebriefBook book(m_data);
        const auto kept = wait(book.keep(debriefOf(1)));
        QVERIFY(!kept);
        QCOMPARE(kept.error().kind, ErrorKind::Refused);
        QVERIFY2(kept.error().message.contains(QStringLiteral("signed")), qPrintable(kept.error().message));
        QVERIFY(entriesOf(DebriefBook::path(m_data)).isEmpty());
        QCOMPARE(wait(book.read(10))->debriefs.size(), 1);
    }

private:
    std::unique_ptr<QTemporaryDir> m_folder;
    QString m_data;
};

QTEST_GUILESS_MAIN(DebriefBookTest)
#include "test_debriefbook.moc"
