#include "services/ledger/ledger.h"
#include "tests/support/gitservers.h"
#include "tests/support/rollbackentry.h"
#include "tests/support/sshtools.h"

#include <QDir>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

using namespace signalbox;
using namespace signalbox::test;

namespace
{

QString u(const char *text)
{
    return QString::fromUtf8(text);
}

} // namespace

// A machine worked alone for a month; then its workspace names a shared ledger: nothing of the month is lost.
class TestCliImport : public QObject
{
    Q_OBJECT

    std::unique_ptr<QTemporaryDir> m_root;
    QStringList m_ids; // oldest first

    QString at(const char *name) const { return m_root->filePath(u(name)); }
    Ran run(const QStringList &arguments) const
    {
        return runTool(
            QStringLiteral(SIGNALBOX_PROGRAM), arguments + QStringList{u("-w"), at("team.yaml"), u("--json")}, {}, {},
            {u("SIGNALBOX_DATA=") + at("data"), u("SIGNALBOX_WORKSPACE="), u("HOME=") + m_root->path(),
             u("XDG_CONFIG_HOME=") + m_root->path(), u("GIT_CONFIG_GLOBAL=") + at(".gitconfig"), u("SSH_AUTH_SOCK=")});
    }
    QJsonObject json(const QStringList &arguments, int status = 0) const
    {
        const Ran ran = run(arguments);
        if (ran.status != status)
            qWarning("%s", qPrintable(ran.text()));
        return ran.status == status ? QJsonDocument::fromJson(ran.out).object() : QJsonObject();
    }
    QByteArray tipOf(const QString &repository) const
    {
        return RealGit(repository).out({u("rev-parse"), u("refs/heads/main")});
    }
    QString own() const { return at("data") + u("/ledger.git"); }

private slots:
    void init()
    {
        m_root = std::make_unique<QTemporaryDir>();
        m_ids.clear();
        QVERIFY(RealGit::init(at("shared.git"), true));
        QVERIFY(QDir().mkpath(at("data")));
        writeFile(at(".gitconfig"), "[user]\n name = ann\n email = ann@shop.example\n signingkey = " +
                                        makeSshKey(at("key"), u("ed25519")).toUtf8() + "\n[gpg]\n format = ssh\n");
        writeFile(at("team.yaml"), "version: 1\nname: shop\nledger: {url: " + at("shared.git").toUtf8() + "}\n");
        Ledger ledger(own());
        const QDateTime start = QDateTime::currentDateTimeUtc().addDays(-30);
        for (int i = 0; i < 30; ++i) {
            const LedgerEntry entry = rollbackEntry(start.addSecs(i * 86000), u("errors"));
            auto written = ledger.append(entry);
            written.waitForFinished();
            QVERIFY(written.result());
            m_ids.append(entry.id);
        }
    }

    void anEmptyOneGetsTheChainAsItIs()
    {
        const QByteArray tip = tipOf(own());
        const QJsonObject done = json({u("ledger"), u("import")});
        QCOMPARE(done.value(u("moved")).toInt(), 30);
        QVERIFY(done.value(u("whole")).toBool());
        QCOMPARE(tipOf(at("shared.git")), tip);
        QCOMPARE(tipOf(own()), tip);
        const QJsonObject again = json({u("ledger"), u("import")});
        QCOMPARE(again.value(u("moved")).toInt(-1), 0);
        QCOMPARE(tipOf(at("shared.git")), tip);
    }

    // The machine's own ledger has what was done in every workspace without a shared one.
    void whatBelongsToAnotherWorkspaceStays_data()
    {
        QTest::addColumn<bool>("isEmpty"); // the shared one
        QTest::newRow("into an empty one") << true;
        QTest::newRow("into one that has entries") << false;
    }
    void whatBelongsToAnotherWorkspaceStays()
    {
        QFETCH(bool, isEmpty);
        writeFile(at("team.yaml"), "version: 1\nname: shop\nledger: {url: " + at("shared.git").toUtf8() +
                                       "}\nconnections:\n  - {id: eu, kind: kubernetes, kubeconfig: k.yaml}\n");
        const auto add = [this](const char *connection, const char *workspace) {
            LedgerEntry entry = rollbackEntry(QDateTime::currentDateTimeUtc().addDays(-1), u("errors"));
            entry.connection = u(connection);
            entry.workspace = u(workspace);
            Ledger ledger(own());
            auto written = ledger.append(entry);
            written.waitForFinished();
            QVERIFY(written.result());
            m_ids.append(entry.id);
        };
        add("eu", "");
        add("elsewhere", "");
        add("elsewhere", "shop");
        add("eu", "bank");
        if (!isEmpty)
            json({u("ledger"), u("init"), u("--name"), u("ann")});
        const QJsonObject done = json({u("ledger"), u("import")});
        QCOMPARE(done.value(u("moved")).toInt(), 32); // the month's, and the two of this one
        QCOMPARE(done.value(u("elsewhere")).toInt(), 2);
        QVERIFY(!done.value(u("whole")).toBool());
        const QByteArray files = RealGit(at("shared.git")).out({u("ls-tree"), u("-r"), u("--name-only"), u("main")});
        for (const int place : {30, 32})
            QVERIFY(files.contains(m_ids.at(place).toLatin1()));
        for (const int place : {31, 33})
            QVERIFY(!files.contains(m_ids.at(place).toLatin1()));
        QVERIFY(isEmpty || json({u("ledger"), u("verify")}).value(u("whole")).toBool());
    }

    void whatOthersDidHereIsLeftToThem()
    {
        LedgerEntry theirs = rollbackEntry(QDateTime::currentDateTimeUtc().addDays(-1), u("errors"));
        theirs.who.email = u("bob@shop.example");
        {
            Ledger ledger(own());
            auto written = ledger.append(theirs);
            written.waitForFinished();
            QVERIFY(written.result());
        }
        json({u("ledger"), u("init"), u("--name"), u("ann")});
        const QJsonObject done = json({u("ledger"), u("import")});
        QCOMPARE(done.value(u("moved")).toInt(), 30);
        QCOMPARE(done.value(u("others")).toInt(), 1);
        QVERIFY(json({u("ledger"), u("verify")}).value(u("whole")).toBool());
    }

    void behindOthersTheyAreSignedAnew()
    {
        const QByteArray before = tipOf(own());
        const QJsonObject begun = json({u("ledger"), u("init"), u("--name"), u("ann")});
        QVERIFY(!begun.value(u("commit")).toString().isEmpty());
        const QJsonObject done = json({u("ledger"), u("import")});
        QCOMPARE(done.value(u("moved")).toInt(), 30);
        QCOMPARE(done.value(u("left")).toInt(-1), 0);
        QVERIFY(!done.value(u("whole")).toBool());
        QCOMPARE(tipOf(own()), before); // only read
        // Every entry is there, byte for byte, and proven.
        for (const QString &id : m_ids) {
            const auto path = RealGit(own()).out(
                {u("log"), u("--format="), u("--name-only"), u("main"), u("--"), u("entries/*") + id + u(".json")});
            QVERIFY(!path.isEmpty());
            const QString file = u("main:") + QString::fromUtf8(path);
            QCOMPARE(RealGit(at("shared.git")).out({u("show"), file}), RealGit(own()).out({u("show"), file}));
        }
        const QJsonObject verdict = json({u("ledger"), u("verify")});
        QVERIFY(verdict.value(u("whole")).toBool());
        QCOMPARE(verdict.value(u("counts")).toObject().value(u("bad")).toInt(-1), 0);
        const QByteArray tip = tipOf(at("shared.git"));
        QCOMPARE(json({u("ledger"), u("import")}).value(u("moved")).toInt(-1), 0);
        QCOMPARE(tipOf(at("shared.git")), tip);
        writeFile(at("signers"), RealGit(at("shared.git")).out({u("show"), u("main:allowed_signers")}) + '\n');
        const Ran proven =
            runTool(u("git"), {u("-C"), at("shared.git"), u("-c"), u("gpg.ssh.allowedSignersFile=") + at("signers"),
                               u("verify-commit"), u("main")});
        QVERIFY2(proven.status == 0, qPrintable(proven.text()));
    }

    // Somebody slipped an unsigned commit into the shared one: what is moved stands behind it, and that is said.
    void saysThatTheSharedOneDoesNotVerify()
    {
        json({u("ledger"), u("init"), u("--name"), u("ann")});
        const QJsonObject first = json({u("ledger"), u("import")});
        QCOMPARE(first.value(u("moved")).toInt(), 30);
        QVERIFY(first.value(u("notProven")).isNull());
        QVERIFY(RealGit::init(at("forger"), false));
        RealGit forger(at("forger"));
        QVERIFY(forger.run({u("pull"), u("-q"), at("shared.git"), u("main")}).isGood());
        forger.run({u("config"), u("commit.gpgsign"), u("false")});
        forger.commit(u("policy.yaml"), "version: 1\n", u("Change the policy"), u("Eve <eve@shop.example>"));
        QVERIFY(forger.run({u("push"), u("-q"), at("shared.git"), u("HEAD:refs/heads/main")}).isGood());
        const LedgerEntry late = rollbackEntry(QDateTime::currentDateTimeUtc());
        {
            Ledger ledger(own());
            auto written = ledger.append(late);
            written.waitForFinished();
            QVERIFY(written.result());
        }
        const Ran ran = run({u("ledger"), u("import")});
        const QJsonObject done = QJsonDocument::fromJson(ran.out).object();
        QVERIFY2(done.value(u("notProven")).toString().contains(u("does not verify")), qPrintable(ran.text()));
        QVERIFY2(ran.text().contains(u("signalbox: The shared ledger ")), qPrintable(ran.text()));
        QVERIFY(!json({u("ledger"), u("verify")}, 1).value(u("whole")).toBool(true));
    }

    void saysWhereThereIsNothing()
    {
        QVERIFY(QDir(own()).removeRecursively());
        const QJsonObject none = json({u("ledger"), u("import")}, 2);
        QVERIFY(none.value(u("error"))
                    .toObject()
                    .value(u("message"))
                    .toString()
                    .startsWith(u("There is nothing to import: this machine has no ledger of its own at ")));
    }
};

QTEST_GUILESS_MAIN(TestCliImport)
#include "test_cli_import.moc"
