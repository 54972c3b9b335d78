#include "tests/unit/services/ledger/verify/forge.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>

using namespace signalbox;
using namespace signalbox::test;

namespace
{

Ran signalbox_(const QStringList &arguments, const QString &data = u("/nonexistent"))
{
    return runTool(QStringLiteral(SIGNALBOX_PROGRAM), QStringList{u("ledger")} + arguments, {}, {},
                   {u("SIGNALBOX_DATA=") + data, u("HOME=/nonexistent"), u("XDG_CONFIG_HOME=/nonexistent")});
}

QJsonObject json(const Ran &ran)
{
    return QJsonDocument::fromJson(ran.out).object();
}

} // namespace

// `signalbox ledger` as its users have it, on real repositories.
class TestLedgerCommand : public QObject
{
    Q_OBJECT
private slots:
    void aWholeLedgerEndsWithZero()
    {
        Forge forge;
        forge.start();
        const QByteArray tip = forge.note(u("cai"), Forge::noon(1));
        const QStringList verify{u("verify"), u("--ledger"), forge.path()};
        const Ran said = signalbox_(verify + QStringList{u("--first-admin"), forge.key(u("ann")).fingerprint()});
        QVERIFY2(said.status == 0, qPrintable(said.text()));
        QVERIFY2(said.text().contains(u("2 good, 0 waiting, 0 not signed, 0 bad")), qPrintable(said.text()));
        QVERIFY2(said.text().contains(QString::fromLatin1(tip)), qPrintable(said.text()));
        QVERIFY(!said.text().contains(u("not pinned")));
        const Ran unpinned = signalbox_(verify);
        QCOMPARE(unpinned.status, 0);
        QVERIFY2(unpinned.text().contains(u("not pinned")), qPrintable(unpinned.text()));

        const Ran asJson = signalbox_(
            verify + QStringList{u("--json"), u("--first-admin"), QString::fromLatin1(forge.key(u("ann")).line())});
        const QJsonObject all = json(asJson);
        QCOMPARE(all.value(u("schema")).toString(), u("signalbox.ledgerVerdict/1"));
        QCOMPARE(all.value(u("exitStatus")).toInt(-1), 0);
        QVERIFY(all.value(u("whole")).toBool() && all.value(u("signed")).toBool() && all.value(u("pinned")).toBool());
        QCOMPARE(all.value(u("workspace")).toString(), u("shop"));
        const QJsonObject last = all.value(u("entries")).toArray().last().toObject();
        QCOMPARE(last.value(u("commit")).toString(), QString::fromLatin1(tip));
        QCOMPARE(last.value(u("signer")).toString(), u("cai@shop.example"));
        QCOMPARE(last.value(u("state")).toString(), u("good"));
        QVERIFY(last.value(u("fault")).isNull());
        QCOMPARE(last.value(u("committedAt")).toString(), u("2026-03-04T12:01:00Z"));
    }

    void whatIsWrongIsNamedAndEndsWithOne()
    {
        Forge forge;
        forge.start();
        ForgedCommit forged;
        forged.at = Forge::noon(1);
        forged.files = {{u("README.md"), "hello"}};
        const QByteArray id = forge.commit(forged);
        const Ran said = signalbox_({u("verify"), u("--ledger"), forge.path()});
        QCOMPARE(said.status, 1);
        QVERIFY2(said.text().contains(QString::fromLatin1(id.left(10))), qPrintable(said.text()));
        QVERIFY2(said.text().contains(u("It touches README.md")), qPrintable(said.text()));
        QVERIFY2(said.text().contains(u("Do not rely on this ledger")), qPrintable(said.text()));
        const QJsonObject all = json(signalbox_({u("verify"), u("--json"), u("--ledger"), forge.path()}));
        QCOMPARE(all.value(u("exitStatus")).toInt(-1), 1);
        QCOMPARE(all.value(u("entries")).toArray().last().toObject().value(u("fault")).toString(),
                 u("otherFileTouched"));

        const Ran log = signalbox_({u("log"), u("--limit"), u("1"), u("--ledger"), forge.path()});
        QCOMPARE(log.status, 0);
        QCOMPARE(log.out.count('\n'), 2); // the head and one row
        QVERIFY2(log.text().contains(u("README.md")), qPrintable(log.text()));
    }

    void anotherFirstAdminEndsWithOne()
    {
        Forge forge;
        forge.start();
        const Ran said =
            signalbox_({u("verify"), u("--ledger"), forge.path(), u("--first-admin"), u("SHA256:another")});
        QCOMPARE(said.status, 1);
        QVERIFY2(said.text().contains(u("SHA256:another")), qPrintable(said.text()));
    }

    void aRewoundLedgerEndsWithOne()
    {
        Forge forge;
        const QByteArray first = forge.start();
        const QByteArray second = forge.note(u("cai"), Forge::noon(1));
        const QStringList verify{u("verify"), u("--ledger"), forge.path(), u("--at-least"),
                                 QString::fromLatin1(second)};
        QCOMPARE(signalbox_(verify).status, 0);
        forge.moveTo(first);
        const Ran said = signalbox_(verify);
        QCOMPARE(said.status, 1);
        QVERIFY2(said.text().contains(u("rewound")), qPrintable(said.text()));
        QCOMPARE(signalbox_({u("verify"), u("--ledger"), forge.path(), u("--at-least"), u("head")}).status, 2);
    }

    void anUnsignedLedgerSaysSo()
    {
        Forge forge;
        ForgedCommit old;
        old.key = u("-");
        old.at = Forge::noon();
        old.files = {forge.file(forge.entry(policy::Note{{}, {}, {}, u("old")}, u("ann"), old.at))};
        forge.commit(old);
        const Ran said = signalbox_({u("verify"), u("--ledger"), forge.path()});
        QCOMPARE(said.status, 1); // nothing is proven
        QVERIFY2(said.text().contains(u("The ledger is not signed: nothing proves who wrote its one entry.")),
                 qPrintable(said.text()));
        QVERIFY2(said.text().contains(u("0 bad")), qPrintable(said.text()));
    }

    void thePathIsWhereTheProgramWrites()
    {
        QTemporaryDir data;
        const Ran said = signalbox_({u("path")}, data.path());
        QCOMPARE(said.status, 0);
        QCOMPARE(QString::fromUtf8(said.out), data.filePath(u("ledger.git")) + u("\n"));
        const QJsonObject all = json(signalbox_({u("path"), u("--json")}, data.path()));
        QCOMPARE(all.value(u("path")).toString(), data.filePath(u("ledger.git")));
        QCOMPARE(all.value(u("exists")).toBool(true), false);
    }

    // From nothing to a ledger that two people share: as README.md of services/ledger tells it.
    void aTeamBegins()
    {
        QTemporaryDir folder;
        const auto at = [&folder](const char *name) { return folder.filePath(u(name)); };
        QCOMPARE(runTool(u("git"), {u("init"), u("-q"), u("--bare"), u("-b"), u("main"), at("team.git")}).status, 0);
        for (const char *key : {"ann", "bob"})
            QCOMPARE(
                runTool(u("ssh-keygen"), {u("-q"), u("-t"), u("ed25519"), u("-N"), QString(), u("-f"), at(key)}).status,
                0);
        writeFile(at("ann.yaml"), "version: 1\nname: shop\nledger: {url: team.git, signing: \"file:ann\"}\n");
        const QStringList ann{u("-w"), at("ann.yaml")};
        const Ran begun = signalbox_(
            QStringList{u("init"), u("--json"), u("--name"), u("ann"), u("--email"), u("ann@shop.example")} + ann,
            at("a"));
        QVERIFY2(begun.status == 0, qPrintable(begun.text()));
        const QString pin = json(begun).value(u("firstAdmin")).toString();
        QVERIFY(pin.startsWith(u("SHA256:")));
        QCOMPARE(json(begun).value(u("workspace")).toString(), u("shop"));
        const Ran again =
            signalbox_(QStringList{u("init"), u("--name"), u("ann"), u("--email"), u("a@b.example")} + ann, at("a"));
        QCOMPARE(again.status, 1);
        QVERIFY2(again.text().contains(u("is signed already")), qPrintable(again.text()));

        writeFile(at("bob.yaml"),
                  "version: 1\nledger: {url: team.git, signing: \"file:bob\", firstAdmin: \"" + pin.toUtf8() + "\"}\n");
        const QStringList bob{u("-w"), at("bob.yaml")};
        const Ran early = signalbox_(QStringList{u("verify")} + bob, at("b"));
        QCOMPARE(early.status, 2);
        QVERIFY2(early.text().contains(u("signalbox ledger share")), qPrintable(early.text()));
        const Ran shared = signalbox_(QStringList{u("share"), u("--json")} + bob, at("b"));
        QVERIFY2(shared.status == 0, qPrintable(shared.text()));
        QCOMPARE(json(shared).value(u("received")).toInt(), 1);
        const Ran proven = signalbox_(QStringList{u("verify"), u("--json")} + bob, at("b"));
        QVERIFY2(proven.status == 0, qPrintable(proven.text()));
        QVERIFY(json(proven).value(u("whole")).toBool() && json(proven).value(u("pinned")).toBool());
        const QJsonObject status = json(signalbox_(QStringList{u("status"), u("--json")} + bob, at("b")));
        QCOMPARE(status.value(u("waiting")).toInt(-1), 0);
        QVERIFY(!status.value(u("sharedAt")).toString().isEmpty());
        QVERIFY2(status.value(u("signer")).toString().contains(at("bob")), "the key of the workspace signs");
        // Somebody else cannot begin where another key is pinned.
        const Ran other = signalbox_(
            QStringList{u("init"), u("--team"), u("shop"), u("--name"), u("bob"), u("--email"), u("bob@shop.example")} +
                bob,
            at("c"));
        QCOMPARE(other.status, 1);
        QVERIFY2(other.text().contains(pin), qPrintable(other.text()));
    }
};

QTEST_GUILESS_MAIN(TestLedgerCommand)
#include "test_ledgercommand.moc"
