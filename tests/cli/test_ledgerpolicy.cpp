#include "tests/unit/services/ledger/verify/forge.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>

using namespace signalbox;
using namespace signalbox::test;

namespace
{

QJsonObject json(const Ran &ran)
{
    return QJsonDocument::fromJson(ran.out).object();
}

// ann and bob, admins, cai, who may sign, and their shared ledger: each with a machine of their own.
class Team
{
public:
    Team()
    {
        ok = ran({u("git"), u("init"), u("-q"), u("--bare"), u("-b"), u("main"), at("team.git")});
        for (const char *person : {"ann", "bob", "cai"}) {
            ok = ok && ran({u("ssh-keygen"), u("-q"), u("-t"), u("ed25519"), u("-N"), QString(), u("-C"), u(person),
                            u("-f"), at(person)});
            writeFile(at(person) + u(".yaml"), QByteArray("version: 1\nname: shop\nledger: {url: team.git, signing: "
                                                          "\"file:") +
                                                   person + "\"}\n");
        }
        ok =
            ok &&
            as("ann", {u("ledger"), u("init"), u("--name"), u("ann"), u("--email"), u("ann@shop.example")}).status == 0;
        writeFile(at("policy"), policy());
        writeFile(at("signers"), signers());
        begun = as("ann", {u("ledger"), u("policy"), u("--file"), at("policy"), u("--signers"), at("signers"),
                           u("--confirm"), u("policy"), u("--json")});
        ok = ok && begun.status == 0;
    }

    QString at(const char *name) const { return folder.filePath(u(name)); }
    QString copyOf(const char *person) const
    {
        const QDir data(at(person) + u(".data/ledgers"));
        const QStringList found = data.entryList({u("*.git")}, QDir::Dirs);
        return found.isEmpty() ? QString() : data.filePath(found.first());
    }
    Ran as(const char *person, const QStringList &arguments) const
    {
        return runTool(QStringLiteral(SIGNALBOX_PROGRAM), arguments + QStringList{u("-w"), at(person) + u(".yaml")}, {},
                       {},
                       {u("SIGNALBOX_DATA=") + at(person) + u(".data"), u("SIGNALBOX_WORKSPACE="),
                        u("HOME=/nonexistent"), u("XDG_CONFIG_HOME=/nonexistent")});
    }
    // One that nobody answers for.
    void nameACluster(const char *person) const
    {
        writeFile(at("kubeconfig"), "apiVersion: v1\nkind: Config\ncurrent-context: c\n"
                                    "clusters: [{name: c, cluster: {server: \"http://127.0.0.1:1\"}}]\n"
                                    "contexts: [{name: c, context: {cluster: c, user: u}}]\n"
                                    "users: [{name: u, user: {token: x}}]\n");
        QFile file(at(person) + u(".yaml"));
        QVERIFY(file.open(QIODevice::Append));
        file.write("connections:\n  - {id: c, kind: kubernetes, kubeconfig: kubeconfig, context: c}\n");
    }
    QByteArray policy(const QByteArray &more = {}) const
    {
        return "version: 1\nworkspace: shop\nprincipals:\n"
               "  - {name: ann, emails: [ann@shop.example]}\n"
               "  - {name: bob, emails: [bob@shop.example]}\n"
               "  - {name: cai, emails: [cai@shop.example]}\n"
               "roles:\n  - {name: admins, members: [ann, bob]}\n"
               "  - {name: developers, members: [cai]}\n" +
               more;
    }
    QByteArray signers() const
    {
        QByteArray text;
        for (const char *person : {"ann", "bob", "cai"}) {
            QFile key(at(person) + u(".pub"));
            if (key.open(QIODevice::ReadOnly))
                text += QByteArray(person) + "@shop.example namespaces=\"git\" " + key.readAll();
        }
        return text;
    }
    Ran change(const char *person, const QByteArray &text, const QString &reason = u("as agreed")) const
    {
        writeFile(at("next"), text);
        return as(person, {u("ledger"), u("policy"), u("--file"), at("next"), u("--reason"), reason, u("--confirm"),
                           u("policy"), u("--json")});
    }
    Ran countersign(const char *person, const QString &commit) const
    {
        return as(person, {u("countersign"), commit, u("--comment"), u("seen"), u("--confirm"), u("policy")});
    }
    QJsonObject verify(const char *person) const { return json(as(person, {u("ledger"), u("verify"), u("--json")})); }
    // What `git verify-commit` says of every commit, with the newest allowed_signers; and our verifier of the same.
    QString disagreement() const
    {
        const auto git = [this](const QStringList &words) {
            return runTool(u("git"), QStringList{u("-C"), at("team.git"), u("-c"), u("gpg.format=ssh"), u("-c"),
                                                 u("gpg.ssh.allowedSignersFile=") + at("allowed")} +
                                         words);
        };
        writeFile(at("allowed"), git({u("show"), u("main:allowed_signers")}).out);
        for (const char *person : {"ann", "bob", "cai"})
            (void)as(person, {u("ledger"), u("share")});
        const QJsonObject ours = verify("bob");
        if (!ours.value(u("whole")).toBool())
            return u("our verifier: ") + as("bob", {u("ledger"), u("verify")}).text();
        const QList<QByteArray> commits = git({u("rev-list"), u("main")}).out.split('\n');
        if (ours.value(u("entries")).toArray().size() != commits.size() - 1)
            return u("not as many entries as commits");
        for (const QByteArray &commit : commits) {
            if (!commit.isEmpty() && git({u("verify-commit"), QString::fromLatin1(commit)}).status != 0)
                return u("git: ") + QString::fromLatin1(commit);
        }
        return {};
    }

    QTemporaryDir folder;
    bool ok = false;
    Ran begun;

private:
    static bool ran(QStringList words)
    {
        const QString tool = words.takeFirst();
        return runTool(tool, words).status == 0;
    }
};

} // namespace

// Changes of the policy by two admins, as their users have them: the real executable, real git, real keys.
class TestLedgerPolicy : public QObject
{
    Q_OBJECT
private slots:
    void initTestCase()
    {
        m_team = std::make_unique<Team>();
        QVERIFY2(m_team->ok, qPrintable(m_team->begun.text()));
        QVERIFY(json(m_team->begun).value(u("inForce")).toBool()); // ann was the only admin
    }

    void cleanup()
    {
        if (m_team && m_team->ok)
            QCOMPARE(m_team->disagreement(), QString());
    }

    void aChangeWaitsForASecondAdmin()
    {
        const QString before = m_team->verify("ann").value(u("policyCommit")).toString();
        Ran ran = m_team->change("ann", m_team->policy("outsiders: [\"*@bots.example\"]\n"), u("SHOP-12"));
        QVERIFY2(ran.status == 0, qPrintable(ran.text()));
        QVERIFY(!json(ran).value(u("inForce")).toBool());
        QCOMPARE(json(ran).value(u("mayCountersign")).toArray().first().toString(), u("bob"));
        const QString commit = json(ran).value(u("commit")).toString();
        QVERIFY2(json(ran)
                     .value(u("difference"))
                     .toObject()
                     .value(u("unified"))
                     .toString()
                     .contains(u("+outsiders: [\"*@bots.example\"]")),
                 qPrintable(ran.text()));
        QCOMPARE(m_team->verify("ann").value(u("policyCommit")).toString(), before);

        ran = m_team->countersign("ann", commit.left(8));
        QVERIFY2(ran.status == 1 && ran.text().contains(u("another admin has to countersign it (bob)")),
                 qPrintable(ran.text()));
        ran = m_team->countersign("cai", commit.left(8));
        QVERIFY2(ran.status == 1 && ran.text().contains(u("Only an admin may countersign")), qPrintable(ran.text()));
        ran = m_team->as("bob", {u("countersign"), commit.left(8), u("--comment"), u("seen")});
        QVERIFY2(ran.status == 2 && ran.text().contains(u("--confirm policy")), qPrintable(ran.text()));
        // What is signed is shown first: the reason, in words and as a difference.
        for (const QString &shown : {u("SHOP-12"), u("Authors who are nobody here: *@bots.example"), u("+outsiders")})
            QVERIFY2(ran.text().contains(shown), qPrintable(ran.text()));

        const Ran status = m_team->as("bob", {u("ledger"), u("status")});
        QVERIFY2(status.text().contains(before) && status.text().contains(u("the change ") + commit.left(10) +
                                                                          u(" by ann (SHOP-12) is not in force")),
                 qPrintable(status.text()));
        const Ran proof = m_team->as("bob", {u("ledger"), u("verify")});
        QVERIFY2(proof.status == 0 && proof.text().contains(u("Not in force")) && proof.text().contains(u("1 waiting")),
                 qPrintable(proof.text()));
        ran = m_team->countersign("bob", commit.left(8));
        QVERIFY2(ran.status == 0 && ran.text().contains(u("is in force")), qPrintable(ran.text()));
        const QJsonObject after = m_team->verify("bob");
        QCOMPARE(after.value(u("policyCommit")).toString(), commit);
        QCOMPARE(after.value(u("counts")).toObject().value(u("pending")).toInt(-1), 0);
        ran = m_team->countersign("bob", commit.left(8));
        QVERIFY2(ran.status == 2 && ran.text().contains(u("waits for a countersignature")), qPrintable(ran.text()));
        QVERIFY(m_team->as("ann", {u("ledger"), u("policy")}).text().contains(u("outsiders")));
    }

    void whatIsWrongIsNamedAndNothingIsWritten_data()
    {
        QTest::addColumn<QByteArray>("policy");
        QTest::addColumn<QByteArray>("signers");
        QTest::addColumn<QString>("said");
        QTest::newRow("a key that nobody knows")
            << QByteArray("version: 1\nworkspace: shop\nprincipals:\n  - {name: ann, email: [a@b.c]}\n") << QByteArray()
            << u("bad:4");
        QTest::newRow("no admin left") << QByteArray("version: 1\nworkspace: shop\nprincipals:\n"
                                                     "  - {name: eve, emails: [eve@shop.example]}\n"
                                                     "roles:\n  - {name: admins, members: [eve]}\n")
                                       << QByteArray() << u("leave no admin with a key");
        QTest::newRow("a line without a key")
            << QByteArray() << QByteArray("ann@shop.example ssh-ed25519\n") << u("bad, line 1:");
        QTest::newRow("as it is") << m_team->as("ann", {u("ledger"), u("policy")}).out << QByteArray()
                                  << u("says exactly this already");
    }
    void whatIsWrongIsNamedAndNothingIsWritten()
    {
        QFETCH(QByteArray, policy);
        QFETCH(QByteArray, signers);
        QFETCH(QString, said);
        const QString tip = m_team->verify("ann").value(u("tip")).toString();
        writeFile(m_team->at("bad"), policy.isEmpty() ? signers : policy);
        const Ran ran = m_team->as("ann", {u("ledger"), policy.isEmpty() ? u("signers") : u("policy"), u("--file"),
                                           m_team->at("bad"), u("--confirm"), u("policy")});
        QVERIFY2(ran.status == 1 || ran.status == 2, qPrintable(ran.text()));
        QVERIFY2(ran.text().contains(said), qPrintable(ran.text()));
        QCOMPARE(m_team->verify("ann").value(u("tip")).toString(), tip);
    }

    void whoIsNoAdminSeesWhyNot()
    {
        const QString tip = m_team->verify("cai").value(u("tip")).toString();
        Ran ran = m_team->change("cai", m_team->policy("stops: {holdAfterRollback: false}\n"));
        QVERIFY2(ran.status == 1 && ran.text().contains(u("Only an admin may change the policy")),
                 qPrintable(ran.text()));
        ran = m_team->as("cai", {u("ledger"), u("policy"), u("--file"), m_team->at("next"), u("--dry-run")});
        QVERIFY2(ran.status == 1 && ran.text().contains(u("+stops:")), qPrintable(ran.text()));
        QCOMPARE(m_team->verify("cai").value(u("tip")).toString(), tip);
    }

    // The remote is away: what was signed waits, and goes behind what others wrote meanwhile.
    void aChangeThatWasMadeOfflineIsSentLater()
    {
        QVERIFY(QDir().rename(m_team->at("team.git"), m_team->at("away.git")));
        Ran ran = m_team->change("ann", m_team->policy("stops: {holdAfterRollback: false}\n"));
        QVERIFY2(ran.status == 3 && ran.text().contains(u("sent the next time")), qPrintable(ran.text()));
        const QString made = json(ran).value(u("commit")).toString();
        QVERIFY(made.size() == 40 && !json(ran).value(u("inForce")).toBool());
        QVERIFY(QDir().rename(m_team->at("away.git"), m_team->at("team.git")));
        ran = m_team->as("cai", {u("ledger"), u("note"), u("meanwhile")});
        QVERIFY2(ran.status == 0, qPrintable(ran.text()));
        ran = m_team->as("ann", {u("ledger"), u("share"), u("--json")});
        QVERIFY2(ran.status == 0 && json(ran).value(u("replayed")).toInt() == 1, qPrintable(ran.text()));
        const QJsonArray waiting =
            json(m_team->as("ann", {u("ledger"), u("status"), u("--json")})).value(u("policyChanges")).toArray();
        QCOMPARE(waiting.size(), 1);
        const QString moved = waiting.first().toObject().value(u("commit")).toString();
        QVERIFY(moved != made);
        QCOMPARE(waiting.first().toObject().value(u("reason")).toString(), u("as agreed"));
        // It waits among the approvals as well, for people and for machines; whether or not a cluster answers.
        m_team->nameACluster("bob");
        const QJsonArray asked =
            json(m_team->as("bob", {u("approvals"), u("--json")})).value(u("policyChanges")).toArray();
        QCOMPARE(asked.size(), 1);
        QCOMPARE(asked.first().toObject().value(u("commit")).toString(), moved);
        QCOMPARE(asked.first().toObject().value(u("who")).toString(), u("ann"));
        QCOMPARE(asked.first().toObject().value(u("mayCountersign")).toArray(), QJsonArray{u("bob")});
        QVERIFY(asked.first().toObject().value(u("you")).toObject().value(u("given")).toBool());
        const Ran spoken = m_team->as("bob", {u("approvals")});
        QVERIFY2(spoken.status == 0 &&
                     spoken.text().contains(u("policy: the change ") + moved.left(10) + u(" by ann")) &&
                     spoken.text().contains(u("it waits for bob")),
                 qPrintable(spoken.text()));
        // Its countersignature, too, may be signed while the remote is away.
        QVERIFY(m_team->as("bob", {u("ledger"), u("share")}).status == 0);
        QVERIFY(QDir().rename(m_team->at("team.git"), m_team->at("away.git")));
        ran = m_team->countersign("bob", moved);
        QVERIFY2(ran.status == 3 && ran.text().contains(u("is in force")), qPrintable(ran.text()));
        QVERIFY(QDir().rename(m_team->at("away.git"), m_team->at("team.git")));
        QVERIFY(m_team->as("bob", {u("ledger"), u("share")}).status == 0);
        QVERIFY(m_team->as("ann", {u("ledger"), u("share")}).status == 0);
        QCOMPARE(m_team->verify("ann").value(u("policyCommit")).toString(), moved);
    }

    // Others decided about the policy meanwhile: what was signed offline is dropped, and said to be.
    void aChangeBehindAnothersIsTakenBack()
    {
        QVERIFY(QDir().rename(m_team->at("team.git"), m_team->at("away.git")));
        Ran ran = m_team->change("ann", m_team->policy("outsiders: [\"*@ann.example\"]\n"));
        QVERIFY2(ran.status == 3, qPrintable(ran.text()));
        const QString made = json(ran).value(u("commit")).toString();
        QVERIFY(QDir().rename(m_team->at("away.git"), m_team->at("team.git")));
        ran = m_team->change("bob", m_team->policy("outsiders: [\"*@bob.example\"]\n"));
        QVERIFY2(ran.status == 0, qPrintable(ran.text()));
        const QString theirs = json(ran).value(u("commit")).toString();
        ran = m_team->as("ann", {u("ledger"), u("share")});
        QVERIFY2(ran.status == 0 && ran.text().contains(made.left(26)) && ran.text().contains(u("was taken back")),
                 qPrintable(ran.text()));
        const QJsonArray waiting =
            json(m_team->as("ann", {u("ledger"), u("status"), u("--json")})).value(u("policyChanges")).toArray();
        QCOMPARE(waiting.size(), 1);
        QCOMPARE(waiting.first().toObject().value(u("commit")).toString(), theirs);
        ran = m_team->countersign("ann", theirs);
        QVERIFY2(ran.status == 0, qPrintable(ran.text()));
    }

    void aNoteIsSignedAndFiguresAreCounted()
    {
        Ran ran = m_team->as("cai", {u("ledger"), u("note"), u("Restored from back-up"), u("--app"), u("cart"),
                                     u("--env"), u("production"), u("--json")});
        QVERIFY2(ran.status == 0, qPrintable(ran.text()));
        const QString entry = json(ran).value(u("entry")).toString();
        const QJsonObject last = m_team->verify("cai").value(u("entries")).toArray().last().toObject();
        QCOMPARE(last.value(u("id")).toString(), entry);
        QCOMPARE(last.value(u("type")).toString(), u("note"));
        QCOMPARE(last.value(u("signer")).toString(), u("cai@shop.example"));
        QVERIFY(m_team
                    ->as("cai", {u("ledger"), u("export"), u("--out"), m_team->at("notes.csv"), u("--type"), u("note"),
                                 u("--app"), u("cart")})
                    .text()
                    .startsWith(u("1 entries")));
        ran = m_team->as("cai", {u("ledger"), u("figures"), u("--days"), u("28"), u("--json")});
        QVERIFY2(ran.status == 0, qPrintable(ran.text()));
        const QJsonArray figures = json(ran).value(u("figures")).toArray();
        QCOMPARE(figures.size(), 4);
        for (const QJsonValue &figure : figures)
            QVERIFY(!figure.toObject().value(u("definition")).toString().isEmpty());
        QVERIFY(figures.at(1).toObject().value(u("value")).isNull()); // nothing was deployed
        QCOMPARE(m_team->as("cai", {u("ledger"), u("figures"), u("--days"), u("0")}).status, 2);
    }

private:
    std::unique_ptr<Team> m_team;
};

QTEST_GUILESS_MAIN(TestLedgerPolicy)
#include "test_ledgerpolicy.moc"
