#include "services/git/packer.h"
#include "services/ledger/ledger.h"
#include "tests/support/gitservers.h"
#include "tests/support/rollbackentry.h"
#include "tests/support/sshtools.h"

#include <QDirIterator>
#include <QProcess>
#include <QTest>

#include <atomic>
#include <thread>

using namespace signalbox;
using namespace signalbox::test;

namespace
{

QString u(const char *text)
{
    return QString::fromUtf8(text);
}

int looseIn(const QString &repository)
{
    int count = 0;
    QDirIterator files(repository + u("/objects"), QDir::Files, QDirIterator::Subdirectories);
    while (files.hasNext()) {
        const QString path = files.next();
        if (!path.contains(u("/pack/")) && !path.contains(u("/info/")))
            ++count;
    }
    return count;
}

} // namespace

// Loose objects go into one pack; plain git finds all of them at any time.
class TestPack : public QObject
{
    Q_OBJECT

    QTemporaryDir m_root;

    QString at(const char *name) const { return m_root.filePath(u(name)); }
    static bool copy(const QString &from, const QString &to)
    {
        return QProcess::execute(u("cp"), {u("-r"), from, to}) == 0;
    }
    static QByteArray everything(const QString &repository)
    {
        return RealGit(repository).out({u("log"), u("--format=%H %T"), u("--raw"), u("--no-abbrev"), u("main")});
    }
    static bool isSound(const QString &repository)
    {
        const auto ran = RealGit(repository).run({u("fsck"), u("--full"), u("--strict")});
        if (!ran.isGood())
            qWarning("%s%s", ran.out.constData(), ran.err.constData());
        return ran.isGood();
    }

private slots:
    void initTestCase()
    {
        QVERIFY(RealGit::init(at("small.git"), true));
        QVERIFY(RealGit::init(at("work"), false));
        RealGit work(at("work"));
        for (int i = 0; i < 12; ++i)
            work.commit(u("file%1").arg(i % 5), QByteArray(200 + i, 'a') + QByteArray::number(i), u("Say more"));
        QVERIFY(work.run({u("push"), u("-q"), at("small.git"), u("HEAD:refs/heads/main")}).isGood());
        const auto unpacked = QProcess::execute(
            u("sh"),
            {u("-c"), u("cd '%1' && for p in objects/pack/*.pack; do [ -e \"$p\" ] || continue; mv $p ../p && rm -f "
                        "objects/pack/* && git unpack-objects -q <../p; done")
                          .arg(at("small.git"))});
        QCOMPARE(unpacked, 0);
        QVERIFY(looseIn(at("small.git")) > 30);
    }

    void packsWhatLiesLoose()
    {
        const QString path = at("packed.git");
        QVERIFY(copy(at("small.git"), path));
        const int loose = looseIn(path);
        const QByteArray before = everything(path);
        const auto packed = git::packLooseObjects(path, {});
        QVERIFY2(packed, qPrintable(packed ? QString() : packed.error().message));
        QCOMPARE(*packed, qsizetype(loose));
        QCOMPARE(looseIn(path), 0);
        QCOMPARE(everything(path), before);
        QVERIFY(isSound(path));
        QCOMPARE(git::packLooseObjects(path, {}).value_or(-1), qsizetype(0));
    }

    // All others are packed, now and the next time.
    void aBrokenObjectIsLeftWhereItIs()
    {
        const QString path = at("broken.git");
        QVERIFY(copy(at("small.git"), path));
        const QString object = QString::fromLatin1(RealGit(path).out({u("rev-parse"), u("main:file1")}));
        const QString file = path + u("/objects/") + object.left(2) + QLatin1Char('/') + object.mid(2);
        QVERIFY(QFile::setPermissions(file, QFile::ReadOwner | QFile::WriteOwner));
        writeFile(file, "not an object");
        const int loose = looseIn(path);
        QCOMPARE(git::packLooseObjects(path, {}).value_or(-1), qsizetype(loose - 1));
        QCOMPARE(looseIn(path), 1);
        QVERIFY(QFile::exists(file));
        QCOMPARE(git::packLooseObjects(path, {}).value_or(-1), qsizetype(0));
    }

    void aStopLeavesItAsItWas()
    {
        const QString path = at("stopped.git");
        QVERIFY(copy(at("small.git"), path));
        const int loose = looseIn(path);
        StopSource stop;
        stop.request_stop();
        const auto packed = git::packLooseObjects(path, stop.get_token());
        QVERIFY(!packed);
        QCOMPARE(packed.error().kind, ErrorKind::Cancelled);
        QCOMPARE(looseIn(path), loose);
    }

    // Killed before each of its changes of a file: sound at every one, and the next run ends it.
    void maybeKilledAtAnyMoment()
    {
        const auto start = [](const QString &folder, int point, const QString &count = {}) {
            QProcess process;
            QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
            environment.insert(u("LD_PRELOAD"), QStringLiteral(KILLPOINTS));
            environment.insert(u("KILLPOINT_BELOW"), folder);
            environment.insert(u("KILLPOINT_AT"), QString::number(point));
            environment.insert(u("KILLPOINT_COUNT"), count);
            process.setProcessEnvironment(environment);
            process.start(QStringLiteral(PACK_DESK), {folder});
            if (!process.waitForFinished(60000))
                return -2; // it does not come to an end
            return process.exitStatus() == QProcess::CrashExit ? -1 : process.exitCode();
        };
        const QByteArray before = everything(at("small.git"));
        QVERIFY(copy(at("small.git"), at("whole.git")));
        QCOMPARE(start(at("whole.git"), 0, at("count")), 0);
        QFile count(at("count"));
        QVERIFY(count.open(QIODevice::ReadOnly));
        const int changes = count.readAll().trimmed().toInt();
        QVERIFY2(changes > 30, qPrintable(QString::number(changes)));
        int killed = 0;
        for (int point = 1; point <= changes; ++point) {
            const QString path = at("killed.git");
            QVERIFY(copy(at("small.git"), path));
            killed += start(path, point) == -1 ? 1 : 0;
            QVERIFY2(isSound(path), qPrintable(u("killed at %1").arg(point)));
            QCOMPARE(everything(path), before);
            QCOMPARE(start(path, 0), 0);
            QCOMPARE(looseIn(path), 0);
            QCOMPARE(everything(path), before);
            QVERIFY(QDir(path).removeRecursively());
        }
        QCOMPARE(killed, changes);
    }

    // A ledger packs by itself, while somebody else reads it.
    void aLedgerStaysSmall()
    {
        constexpr int entries = 1300;
        const QString path = at("ledger.git");
        std::atomic<bool> isOver{false};
        std::atomic<int> read{0};
        std::atomic<int> failed{0};
        std::thread reader([&] {
            while (!isOver) {
                const auto log = RealGit(path).run({u("log"), u("--raw"), u("-200"), u("main")});
                if (log.isGood())
                    ++read;
                else if (read > 0) // before the first entry there is nothing to read
                    ++failed;
                std::this_thread::sleep_for(std::chrono::milliseconds(50));
            }
        });
        int most = 0;
        {
            Ledger ledger(path);
            const QDateTime start(QDate(2026, 1, 1), QTime(0, 0), Qt::UTC);
            for (int i = 0; i < entries; ++i) {
                auto written = ledger.append(rollbackEntry(start.addSecs(i * 1800)));
                written.waitForFinished();
                QVERIFY2(written.result(), qPrintable(written.result() ? QString() : written.result().error().message));
                if (i % 100 == 0)
                    most = std::max(most, looseIn(path));
            }
            auto newest = ledger.newest(entries);
            newest.waitForFinished();
            QCOMPARE(newest.result()->size(), qsizetype(entries));
        }
        isOver = true;
        reader.join();
        QVERIFY(read > 0);
        QCOMPARE(failed.load(), 0);
        QVERIFY2(most < 9000 && looseIn(path) < 6000, qPrintable(u("%1 %2").arg(most).arg(looseIn(path))));
        QVERIFY(!QDir(path + u("/objects/pack")).entryList({u("*.pack")}).isEmpty());
        QVERIFY(isSound(path));
        QCOMPARE(RealGit(path).out({u("rev-list"), u("--count"), u("main")}), QByteArray::number(entries));
    }
};

QTEST_GUILESS_MAIN(TestPack)
#include "test_pack_posix.moc"
