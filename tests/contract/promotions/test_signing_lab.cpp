// Entries that the program writes, signed by a key of the keychain, of a real ssh-agent and of a file: what plain git
// and our own verifier say of each.
#include "tests/support/gitservers.h"
#include "tests/support/practiceprogram.h"
#include "tests/support/sshtools.h"

#include <nlohmann/json.hpp>

#include <QDir>
#include <QFileInfo>
#include <QTest>

using namespace signalbox;
using namespace signalbox::test;
using Json = nlohmann::json;

namespace
{

QString u(const char *text)
{
    return QString::fromUtf8(text);
}

QString text(const Json &json, const char *key)
{
    const auto found = json.find(key);
    return found != json.end() && found->is_string() ? QString::fromStdString(*found) : QString();
}

} // namespace

class TestSigningLab : public QObject
{
    Q_OBJECT
private slots:
    void initTestCase();
    void anEntryIsProvenByGitAndByUs_data();
    void anEntryIsProvenByGitAndByUs();
    void aKeyIsMadeOnce();
    void withoutADesktopTheKeychainSaysSo();
    void whatANewKeySignsDoesNotCountBeforeItIsLetIn();
    void goingBackWaitsForNeitherLedgerNorKey();

private:
    QString at(const char *name) const { return m_folder.filePath(u(name)); }
    QStringList environment() const;
    Ran git(const QStringList &arguments) const
    {
        return runTool(u("git"), QStringList{u("-C"), at("work")} + arguments, {}, {}, environment());
    }
    Ran run(const QStringList &arguments, const QStringList &more = {}) const
    {
        return runTool(QStringLiteral(SIGNALBOX_PROGRAM), arguments, {}, {}, environment() + more);
    }
    QString workspace(const char *name, const QString &signing) const;
    QString newKey(const char *account) const; // its line of allowed_signers
    void letIn(const QString &line) const;
    static QStringList words(const char *text) { return u(text).split(QLatin1Char(' ')); }

    QTemporaryDir m_folder;
    std::unique_ptr<PracticeProgram> m_world;
    AgentProcess m_agent;
};

// git signs with the admin's key; the keychain is libsecret's own, in a file, so that no desktop has to run.
QStringList TestSigningLab::environment() const
{
    return {u("HOME=") + m_folder.path(),
            u("GIT_CONFIG_GLOBAL=") + at(".gitconfig"),
            u("XDG_CONFIG_HOME=") + m_folder.path(),
            u("SSH_AUTH_SOCK=") + m_agent.socket(),
            u("SIGNALBOX_WORKSPACE="),
            u("SIGNALBOX_DATA=") + at("data"),
            u("XDG_CURRENT_DESKTOP=GNOME"),
            u("DBUS_SESSION_BUS_ADDRESS=unix:path=/nonexistent/bus"),
            u("SECRET_BACKEND=file"),
            u("SECRET_FILE_TEST_PATH=") + at("keyring"),
            u("SECRET_FILE_TEST_PASSWORD=open-sesame")};
}

void TestSigningLab::initTestCase()
{
    QString error;
    m_world = PracticeProgram::start(&error);
    QVERIFY2(m_world, qPrintable(error));
    writeFile(at("kubeconfig"), m_world->kubeconfig());
    for (const char *name : {"admin", "agent", "file"})
        makeSshKey(at(name), u("ed25519"));
    writeFile(at(".gitconfig"),
              "[user]\n name = ann\n email = ann@shop.example\n signingkey = " + at("admin").toUtf8() +
                  "\n[gpg]\n format = ssh\n[commit]\n gpgsign = true\n[init]\n defaultBranch = main\n");
    const Ran added = m_agent.add({at("agent")});
    QVERIFY2(added.status == 0, qPrintable(added.text()));
    // The agent alone has it from now on.
    QVERIFY(QFile::rename(at("agent"), at("agent.gone")));
    QVERIFY(RealGit::init(at("ledger.git"), true));
    QVERIFY(RealGit::init(at("work"), false));
    QByteArray signers;
    for (const char *name : {"admin", "agent", "file"})
        signers += "ann@shop.example namespaces=\"git\" " + publicKeyOfFile(at(name)).line() + '\n';
    writeFile(at("work") + u("/allowed_signers"), signers);
    writeFile(at("work") + u("/policy.yaml"), "version: 1\nworkspace: shop\nprincipals:\n"
                                              "  - {name: ann, emails: [ann@shop.example]}\n"
                                              "roles:\n  - {name: admins, members: [ann]}\n"
                                              "paths:\n  - environments: [staging, production]\n"
                                              "environments:\n  - {environment: production}\n");
    for (const QStringList &step :
         {words("add ."), words("commit -q -S -m Begin"),
          QStringList{u("remote"), u("add"), u("origin"), at("ledger.git")}, words("push -q origin HEAD:main")}) {
        const Ran ran = git(step);
        QVERIFY2(ran.status == 0, qPrintable(ran.text()));
    }
}

QString TestSigningLab::workspace(const char *name, const QString &signing) const
{
    const QString path = m_folder.filePath(u(name) + u(".yaml"));
    writeFile(path, QStringLiteral("version: 1\nname: shop\nledger: {url: %1, signing: \"%2\", firstAdmin: \"%3\"}\n"
                                   "connections:\n"
                                   "  - {id: prod, kind: kubernetes, kubeconfig: %4, context: practice-prod}\n")
                        .arg(at("ledger.git"), signing, publicKeyOfFile(at("admin")).fingerprint(), at("kubeconfig"))
                        .toUtf8());
    return path;
}

QString TestSigningLab::newKey(const char *account) const
{
    const Ran made = run({u("ledger"), u("key"), u("--create"), u("--in"), u("keychain:") + u(account), u("--json")});
    if (made.status != 0) {
        qWarning("%s", qPrintable(made.text()));
        return {};
    }
    return text(Json::parse(made.out.toStdString(), nullptr, false), "allowedSigners");
}

// As an admin does it: plain git, a commit of its own.
void TestSigningLab::letIn(const QString &line) const
{
    QVERIFY(git(words("pull -q --rebase origin main")).status == 0);
    QFile file(at("work") + u("/allowed_signers"));
    QVERIFY(file.open(QIODevice::Append));
    file.write(line.toUtf8() + '\n');
    file.close();
    for (const QStringList &step : {words("commit -q -S -a -m Let-a-key-in"), words("push -q origin HEAD:main")}) {
        const Ran ran = git(step);
        QVERIFY2(ran.status == 0, qPrintable(ran.text()));
    }
}

void TestSigningLab::anEntryIsProvenByGitAndByUs_data()
{
    QTest::addColumn<QString>("signing");
    QTest::newRow("a key of the keychain") << u("keychain:ledger-key");
    QTest::newRow("a key of the agent") << u("agent");
    QTest::newRow("a key file") << u("file:") + at("file");
}

void TestSigningLab::anEntryIsProvenByGitAndByUs()
{
    QFETCH(QString, signing);
    QByteArray line = publicKeyOfFile(at("file")).line();
    if (signing == u("agent")) {
        line = publicKeyOfFile(at("agent")).line();
    } else if (signing.startsWith(u("keychain:"))) {
        const QString allowed = newKey("ledger-key");
        QVERIFY(allowed.startsWith(u("ann@shop.example namespaces=\"git\" ssh-ed25519 ")));
        line = allowed.section(QLatin1Char(' '), 2).toLatin1();
        letIn(allowed);
    }
    const QString file = workspace("team", signing);
    const Ran named = run({u("ledger"), u("key"), u("-w"), file});
    QVERIFY2(named.status == 0 && named.out.contains(line), qPrintable(named.text()));
    const Ran held =
        run({u("hold"), u("recommender"), u("production"), u("--reason"), u("a look"), u("--json"), u("-w"), file});
    QVERIFY2(held.status == 0, qPrintable(held.text()));
    const QString entry = text(Json::parse(held.out.toStdString(), nullptr, false), "entry");
    QVERIFY(!entry.isEmpty());

    // The newest commit where it is shared: this entry, by that key, for plain git.
    RealGit shared(at("ledger.git"));
    QVERIFY2(shared.out(words("show --name-only --format= main")).contains(entry.toUtf8()),
             shared.out(words("log -3 --stat main")).constData());
    writeFile(at("signers"), shared.out(words("show main:allowed_signers")) + '\n');
    const Ran proven =
        runTool(u("git"), {u("-C"), at("ledger.git"), u("-c"), u("gpg.ssh.allowedSignersFile=") + at("signers"),
                           u("verify-commit"), u("-v"), u("main")});
    QVERIFY2(proven.status == 0, qPrintable(proven.text()));
    const QString key = ssh::PublicKey::fromLine(line)->fingerprint();
    QVERIFY2(proven.text().contains(u("Good \"git\" signature for ann@shop.example with ED25519 key ") + key),
             qPrintable(proven.text()));

    const Ran verified = run({u("ledger"), u("verify"), u("-w"), file, u("--json")});
    QVERIFY2(verified.status == 0, qPrintable(verified.text()));
    const Json verdict = Json::parse(verified.out.toStdString(), nullptr, false);
    const Json log =
        Json::parse(run({u("ledger"), u("log"), u("-w"), file, u("--json")}).out.toStdString(), nullptr, false);
    const Json &newest = log["entries"][0];
    QCOMPARE(text(newest, "id"), entry);
    QCOMPARE(text(newest, "state"), u("good"));
    QCOMPARE(text(newest, "key"), key);
    QVERIFY(verdict["counts"]["bad"] == Json(0));
}

void TestSigningLab::aKeyIsMadeOnce()
{
    const QString first = newKey("twice");
    QVERIFY(!first.isEmpty());
    const Ran again = run({u("ledger"), u("key"), u("--create"), u("--in"), u("keychain:twice")});
    QCOMPARE(again.status, 5);
    QVERIFY2(again.text().contains(u("is there already and was left as it is")), qPrintable(again.text()));
    const Ran named = run({u("ledger"), u("key"), u("--in"), u("keychain:twice")});
    QCOMPARE(QString::fromUtf8(named.out).trimmed(), first);
    // The private half is nowhere in the clear: not in what was printed, not in the keyring's file.
    QFile keyring(at("keyring"));
    QVERIFY(keyring.open(QIODevice::ReadOnly));
    QVERIFY(!keyring.readAll().contains("OPENSSH PRIVATE KEY"));
    QVERIFY(!again.text().contains(u("PRIVATE")) && !named.text().contains(u("PRIVATE")));
}

void TestSigningLab::withoutADesktopTheKeychainSaysSo()
{
    const Ran none = run({u("ledger"), u("key"), u("--create"), u("--in"), u("keychain:other")},
                         {u("DBUS_SESSION_BUS_ADDRESS="), u("XDG_RUNTIME_DIR=/nonexistent")});
    QVERIFY(none.status != 0);
    QVERIFY2(none.text().contains(u("there is no desktop session here")), qPrintable(none.text()));
}

void TestSigningLab::whatANewKeySignsDoesNotCountBeforeItIsLetIn()
{
    QVERIFY(!newKey("stranger").isEmpty());
    const QString file = workspace("stranger", u("keychain:stranger"));
    const QByteArray before = RealGit(at("ledger.git")).out(words("rev-parse main"));
    const Ran held = run({u("hold"), u("recommender"), u("production"), u("--reason"), u("a look"), u("-w"), file});
    QCOMPARE(held.status, 1);
    QVERIFY2(held.text().contains(u("allowed_signers does not have your key")), qPrintable(held.text()));
    QCOMPARE(RealGit(at("ledger.git")).out(words("rev-parse main")), before);
}

// The shared ledger is away and the key locked: it is done at once, and the record catches up when both are back.
void TestSigningLab::goingBackWaitsForNeitherLedgerNorKey()
{
    const QString key = makeSshKey(at("locked"), u("ed25519"), u("open-sesame"));
    letIn(u("ann@shop.example namespaces=\"git\" ") + QString::fromLatin1(publicKeyOfFile(key).line()));
    const QString file = workspace("locked", u("file:") + key);
    const Ran shared = run({u("ledger"), u("share"), u("-w"), file});
    QVERIFY2(shared.status == 0, qPrintable(shared.text()));
    const QByteArray before = RealGit(at("ledger.git")).out(words("rev-parse main"));
    QVERIFY(QDir().rename(at("ledger.git"), at("away.git")));

    const Ran back = run({u("rollback"), u("search-ranker"), u("production"), u("--confirm"), u("search-ranker"),
                          u("--reason"), u("while all is away"), u("--json"), u("-w"), file});
    QVERIFY2(back.status == 0, qPrintable(back.text()));
    const Json done = Json::parse(back.out.toStdString(), nullptr, false);
    QCOMPARE(text(done["outcome"], "kind"), u("done"));
    QVERIFY(done["outcome"]["confirmed"] == Json(true)); // its effect was seen
    QVERIFY(!text(done["outcome"]["steps"].back(), "observedAt").isEmpty());
    const auto newest = [&] {
        const Json log =
            Json::parse(run({u("ledger"), u("log"), u("-w"), file, u("--json")}).out.toStdString(), nullptr, false);
        return log["entries"][0];
    };
    QVERIFY(text(newest(), "type") != u("operation")); // nobody could sign it yet

    // Both are back. What waits in the journal is written by whatever starts next.
    QVERIFY(QDir().rename(at("away.git"), at("ledger.git")));
    QCOMPARE(RealGit(at("ledger.git")).out(words("rev-parse main")), before);
    QCOMPARE(runTool(u("ssh-keygen"), {u("-q"), u("-p"), u("-P"), u("open-sesame"), u("-N"), QString(), u("-f"), key})
                 .status,
             0);
    const Ran looked = run({u("approvals"), u("-w"), file});
    QVERIFY2(looked.status == 0, qPrintable(looked.text()));
    const Ran sent = run({u("ledger"), u("share"), u("-w"), file});
    QVERIFY2(sent.status == 0, qPrintable(sent.text()));
    const Json entry = newest();
    QCOMPARE(text(entry, "type"), u("operation"));
    QCOMPARE(text(entry, "state"), u("good"));
    QCOMPARE(text(entry, "key"), publicKeyOfFile(key).fingerprint());
    RealGit git(at("ledger.git"));
    QVERIFY(git.out(words("show main")).contains("while all is away"));
    QCOMPARE(git.out({u("rev-list"), u("--count"), QString::fromLatin1(before.trimmed()) + u("..main")}).trimmed(),
             QByteArray("1")); // once
    writeFile(at("signers"), git.out(words("show main:allowed_signers")) + '\n');
    const Ran proven =
        runTool(u("git"), {u("-C"), at("ledger.git"), u("-c"), u("gpg.format=ssh"), u("-c"),
                           u("gpg.ssh.allowedSignersFile=") + at("signers"), u("verify-commit"), u("main")});
    QVERIFY2(proven.status == 0, qPrintable(proven.text()));
    const Ran verified = run({u("ledger"), u("verify"), u("-w"), file});
    QVERIFY2(verified.status == 0, qPrintable(verified.text()));
}

QTEST_GUILESS_MAIN(TestSigningLab)
#include "test_signing_lab.moc"
