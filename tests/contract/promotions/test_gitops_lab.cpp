// A promotion that a repository carries out: committed and signed by the real program, pushed onto exactly the commit
// that was seen, and followed by a cluster of the real control plane. What follows is a loop of this test: it fetches
// the repository and applies the manifest, as a syncing controller does.
#include "tests/support/gitservers.h"
#include "tests/support/lab.h"
#include "tests/support/sshtools.h"

#include <nlohmann/json.hpp>

#include <QDir>
#include <QElapsedTimer>
#include <QProcess>
#include <QTest>

using namespace signalbox::test;
using Json = nlohmann::json;

namespace
{

QString u(const char *text)
{
    return QString::fromUtf8(text);
}

QString digest(char digit)
{
    return QStringLiteral("sha256:") + QString(64, QLatin1Char(digit));
}

QByteArray manifest(const QString &image)
{
    return "# kept by the shop's team\napiVersion: apps/v1\nkind: Deployment\n"
           "metadata:\n  name: cart\n  labels: {app: cart}\n"
           "spec:\n  replicas: 2\n  progressDeadlineSeconds: 30\n  selector: {matchLabels: {app: cart}}\n"
           "  template:\n    metadata: {labels: {app: cart}}\n    spec:\n      containers:\n"
           "        - name: web\n          image: " +
           image.toUtf8() + "\n";
}

QString text(const Json &json, const char *key)
{
    const auto found = json.find(key);
    return found != json.end() && found->is_string() ? QString::fromStdString(*found) : QString();
}

} // namespace

class TestGitopsLab : public QObject
{
    Q_OBJECT
private slots:
    void initTestCase();
    void init();
    void theClusterFollowsTheCommit();
    void aClusterThatDoesNotFollowIsSaidSo();
    void whoeverPushedInBetweenKeepsWhatTheyPushed();
    void theRepositoryIsSoundAndSignedToTheLastCommit();

private:
    void makePeople();
    void makeLedger();
    void makeRepository();
    QString at(const char *name) const { return m_folder.filePath(u(name)); }
    QStringList environmentOf(const char *person) const;
    QStringList withWorkspace(const QStringList &arguments) const
    {
        return arguments + QStringList{u("-w"), at("team.yaml"), u("--json")};
    }
    Json json(const char *person, const QStringList &arguments) const;
    void git(const char *person, const QStringList &arguments, const QString &folder = {}) const;
    QByteArray head(const char *of = "main") const { return RealGit(at("deploy.git")).out({u("rev-parse"), u(of)}); }
    QByteArray inRepository(const QByteArray &commit) const
    {
        return RealGit(at("deploy.git")).out({u("show"), QString::fromLatin1(commit) + u(":production/cart.yaml")});
    }
    void follow(); // what the controller does, once
    QString image(const QString &ns) const;
    QString ask() const;
    // bob's `promote --wait`, approved by ann; followed meanwhile or not.
    Json carryOut(bool isFollowed, int *status);
    static QStringList words(const char *text) { return u(text).split(QLatin1Char(' ')); }

    std::unique_ptr<LabCluster> m_lab;
    QTemporaryDir m_folder;
    QString m_staging;
    QString m_production;
    QByteArray m_applied; // commit
    const QString m_old = QStringLiteral("registry.example/shop/cart:1.4.0@") + digest('a');
    const QString m_new = QStringLiteral("registry.example/shop/cart:1.5.0@") + digest('b');
};

void TestGitopsLab::initTestCase()
{
    QString error;
    m_lab = LabCluster::shared(&error);
    QVERIFY2(m_lab, qPrintable(error));
    m_staging = m_lab->makeNamespace(u("staging"));
    m_production = m_lab->makeNamespace(u("production"));
    QVERIFY(!m_staging.isEmpty() && !m_production.isEmpty());
    makePeople();
    makeRepository();
    makeLedger();
    writeFile(
        at("team.yaml"),
        QStringLiteral("version: 1\nname: shop\nledger: {url: %1, firstAdmin: \"%2\"}\nconnections:\n"
                       "  - {id: lab, kind: kubernetes, kubeconfig: %3, context: lab-cert, namespaces: [%4, %5]}\n"
                       "applications:\n  - name: cart\n    environments:\n"
                       "      - {name: staging, connection: lab, namespace: %4}\n"
                       "      - {name: production, connection: lab, namespace: %5}\n")
            .arg(at("ledger.git"), publicKeyOfFile(at("ann/key")).fingerprint(), m_lab->kubeconfig(), m_staging,
                 m_production)
            .toUtf8());
    const auto applied = m_lab->apply(manifest(m_new), m_staging);
    QVERIFY2(applied.isGood(), applied.err.constData());
}

// Production is at 1.4.0, in the repository and in the cluster, by a commit of ann's.
void TestGitopsLab::init()
{
    const QString work = at("deploy");
    git("ann", words("fetch -q origin"), work);
    git("ann", words("reset -q --hard origin/main"), work);
    writeFile(work + u("/production/cart.yaml"), manifest(m_old));
    git("ann", words("commit -q -S --allow-empty -a -m Back-to-1.4.0"), work);
    git("ann", words("push -q origin HEAD:main"), work);
    follow();
    const auto rolledOut =
        m_lab->kubectl({u("rollout"), u("status"), u("deployment/cart"), u("-n"), m_production, u("--timeout=60s")});
    QVERIFY2(rolledOut.isGood(), rolledOut.err.constData());
    QCOMPARE(image(m_production), m_old);
}

void TestGitopsLab::makePeople()
{
    for (const char *person : {"ann", "bob"}) {
        const QString home = at(person);
        QVERIFY(QDir().mkpath(home + u("/data")));
        const QString key = makeSshKey(home + u("/key"), u("ed25519"));
        writeFile(home + u("/.gitconfig"),
                  QStringLiteral("[user]\n name = %1\n email = %1@shop.example\n signingkey = %2\n[gpg]\n format = "
                                 "ssh\n[commit]\n gpgsign = true\n[init]\n defaultBranch = main\n")
                      .arg(u(person), key)
                      .toUtf8());
    }
}

// Reached through the user's ssh: a program of this test that runs what a server would, here. With a file "intruder"
// there, somebody else is faster than the first push that comes.
void TestGitopsLab::makeRepository()
{
    QVERIFY(RealGit::init(at("deploy.git"), true));
    const QString work = at("deploy");
    git("ann", {u("clone"), u("-q"), at("deploy.git"), work});
    QVERIFY(QDir().mkpath(work + u("/production")));
    writeFile(work + u("/production/cart.yaml"), manifest(m_old));
    writeFile(work + u("/README"), "what runs where\n");
    git("ann", words("add ."), work);
    git("ann", words("commit -q -S -m Begin"), work);
    git("ann", words("push -q origin HEAD:main"), work);
    writeFile(at("ssh"), "#!/bin/sh\nfor word; do last=$word; done\n"
                         "case $last in *receive-pack*)\n"
                         "  if rm " +
                             at("intruder").toUtf8() + " 2>/dev/null; then sh " + at("intrude").toUtf8() +
                             " >&2 || exit 9; fi;;\nesac\nexec sh -c \"$last\"\n");
    QVERIFY(QFile::setPermissions(at("ssh"), QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner));
    writeFile(at("intrude"),
              "set -e\ncd " + work.toUtf8() + "\nexport HOME=" + at("ann").toUtf8() +
                  " GIT_CONFIG_GLOBAL=" + at("ann").toUtf8() +
                  "/.gitconfig\nunset GIT_DIR\ngit fetch -q origin\ngit reset -q --hard origin/main\n"
                  "echo more >> README\ngit commit -q -S -a -m 'Say more'\ngit push -q origin HEAD:main\n");
}

void TestGitopsLab::makeLedger()
{
    QVERIFY(RealGit::init(at("ledger.git"), true));
    const QString work = at("begin");
    git("ann", {u("clone"), u("-q"), at("ledger.git"), work});
    QByteArray signers;
    for (const char *person : {"ann", "bob"})
        signers += QByteArray(person) + "@shop.example namespaces=\"git\" " +
                   publicKeyOfFile(at(person) + u("/key")).line() + '\n';
    writeFile(at("signers"), signers);
    writeFile(work + u("/allowed_signers"), signers);
    writeFile(work + u("/policy.yaml"),
              "version: 1\nworkspace: shop\nprincipals:\n"
              "  - {name: ann, emails: [ann@shop.example]}\n  - {name: bob, emails: [bob@shop.example]}\n"
              "roles:\n  - {name: admins, members: [ann]}\n  - {name: release-managers, members: [ann, bob]}\n"
              "paths:\n  - environments: [staging, production]\n"
              "environments:\n  - {environment: staging, noFiringAlerts: false}\n"
              "  - environment: production\n    approvals: [{count: 1, roles: [release-managers]}]\n"
              "    noFiringAlerts: false\n    notAuthor: false\n"
              "    execution: {by: gitopsCommit, repository: \"ssh://git.example" +
                  at("deploy.git").toUtf8() + "\", branch: main, file: production/cart.yaml}\n");
    git("ann", words("add ."), work);
    git("ann", words("commit -q -S -m Begin"), work);
    git("ann", words("push -q origin HEAD:main"), work);
}

QStringList TestGitopsLab::environmentOf(const char *person) const
{
    const QString home = at(person);
    return {u("HOME=") + home,
            u("GIT_CONFIG_GLOBAL=") + home + u("/.gitconfig"),
            u("XDG_CONFIG_HOME=") + home,
            u("XDG_CACHE_HOME=") + home + u("/cache"),
            u("SSH_AUTH_SOCK="),
            u("GIT_SSH_COMMAND=") + at("ssh"),
            u("SIGNALBOX_WORKSPACE="),
            u("SIGNALBOX_DATA=") + home + u("/data")};
}

void TestGitopsLab::git(const char *person, const QStringList &arguments, const QString &folder) const
{
    const QStringList where = folder.isEmpty() ? QStringList() : QStringList{u("-C"), folder};
    const Ran ran = runTool(u("git"), where + arguments, {}, {}, environmentOf(person));
    QVERIFY2(ran.status == 0, qPrintable(ran.text()));
}

Json TestGitopsLab::json(const char *person, const QStringList &arguments) const
{
    const auto output =
        runProgram(QStringLiteral(SIGNALBOX_PROGRAM), withWorkspace(arguments), {}, 120, environmentOf(person));
    if (!output.isGood())
        qWarning("%s: %s\n%s\n%s", person, qPrintable(arguments.join(u' ')), output.out.constData(),
                 output.err.constData());
    return output.isGood() ? Json::parse(output.out.toStdString(), nullptr, false) : Json();
}

void TestGitopsLab::follow()
{
    const QByteArray now = head();
    if (now == m_applied)
        return;
    const auto applied = m_lab->apply(inRepository(now) + '\n', m_production);
    QVERIFY2(applied.isGood(), applied.err.constData());
    m_applied = now;
}

QString TestGitopsLab::image(const QString &ns) const
{
    return QString::fromUtf8(m_lab
                                 ->kubectl({u("get"), u("deployment/cart"), u("-n"), ns, u("-o"),
                                            u("jsonpath={.spec.template.spec.containers[0].image}")})
                                 .out);
}

QString TestGitopsLab::ask() const
{
    const Json asked = json("bob", words("promote cart --to production --reason because"));
    const QString promotion = asked.is_object() ? text(asked, "entry") : QString();
    return json("ann", {u("approve"), promotion, u("--confirm"), u("cart")}).is_object() ? promotion : QString();
}

Json TestGitopsLab::carryOut(bool isFollowed, int *status)
{
    QProcess waiting;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    for (const QString &entry : environmentOf("bob"))
        environment.insert(entry.section(QLatin1Char('='), 0, 0), entry.section(QLatin1Char('='), 1));
    waiting.setProcessEnvironment(environment);
    waiting.start(
        QStringLiteral(SIGNALBOX_PROGRAM),
        withWorkspace(words("promote cart --to production --wait --within 60s --follow-within 20s --confirm cart")));
    QElapsedTimer timer;
    timer.start();
    while (timer.elapsed() < 90000 && !waiting.waitForFinished(300)) {
        if (isFollowed)
            follow();
    }
    *status = waiting.exitStatus() == QProcess::NormalExit ? waiting.exitCode() : -1;
    const QByteArray out = waiting.readAllStandardOutput();
    const Json told = Json::parse(out.toStdString(), nullptr, false);
    if (!told.is_object())
        qWarning("%s%s", out.constData(), waiting.readAllStandardError().constData());
    return told;
}

void TestGitopsLab::theClusterFollowsTheCommit()
{
    const QByteArray before = head();
    const QByteArray old = inRepository(before);
    QVERIFY(!ask().isEmpty());
    QCOMPARE(head(), before); // asking and approving write to the ledger alone
    int status = -1;
    const Json done = carryOut(true, &status);
    QVERIFY2(status == 0, done.dump(1).c_str());
    QCOMPARE(text(done["outcome"], "kind"), u("done"));
    // One commit, onto exactly what was seen, that changes one line to the new digest.
    const QByteArray commit = head();
    QCOMPARE(head("main~1"), before);
    QCOMPARE(inRepository(commit), QByteArray(old).replace(m_old.toUtf8(), m_new.toUtf8()));
    RealGit repository(at("deploy.git"));
    QCOMPARE(repository.out(words("show --numstat --format= main")), QByteArray("1\t1\tproduction/cart.yaml"));
    QCOMPARE(repository.out(words("log -1 --format=%an%n%s main")),
             QByteArray("bob\nPromote cart to production: 1.5.0"));
    QVERIFY(repository.out(words("log -1 --format=%b main")).contains("Requested-by: bob"));
    QCOMPARE(image(m_production), m_new);
    const Json board = json("ann", words("approvals cart --all"));
    QCOMPARE(text(board["decided"][0], "state"), u("done"));
    QVERIFY(!text(board["decided"][0]["outcome"], "observedAt").isEmpty());
}

// The commit is there and nothing came of it: an outcome of its own, with what was seen instead.
void TestGitopsLab::aClusterThatDoesNotFollowIsSaidSo()
{
    const QByteArray before = head();
    QVERIFY(!ask().isEmpty());
    int status = -1;
    const Json done = carryOut(false, &status);
    QVERIFY2(status == 1, done.dump(1).c_str());
    QCOMPARE(text(done["outcome"], "kind"), u("notEffective"));
    const QString message = text(done["outcome"], "message");
    QVERIFY2(message.contains(u("the cluster has not followed yet")) && message.contains(u("1.4.0")) &&
                 message.contains(u("deploy.git")),
             qPrintable(message));
    QCOMPARE(head("main~1"), before);
    QCOMPARE(image(m_production), m_old);
    const Json card = json("ann", words("approvals cart --all"))["decided"][0];
    QCOMPARE(text(card, "state"), u("ended"));
    QCOMPARE(text(card["outcome"], "kind"), u("notEffective"));
}

// Between the look and the push: their commit stays, ours is nowhere.
void TestGitopsLab::whoeverPushedInBetweenKeepsWhatTheyPushed()
{
    const QByteArray before = head();
    QVERIFY(!ask().isEmpty());
    writeFile(at("intruder"), "now");
    int status = -1;
    const Json done = carryOut(true, &status);
    QVERIFY2(status == 5, done.dump(1).c_str());
    QVERIFY(!QFile::exists(at("intruder")));
    QCOMPARE(text(done["outcome"], "kind"), u("failed")); // behind a claim that was made
    QCOMPARE(text(done["outcome"], "error"), u("conflict"));
    RealGit repository(at("deploy.git"));
    QCOMPARE(repository.out(words("log -1 --format=%s main")), QByteArray("Say more"));
    QCOMPARE(head("main~1"), before);
    QCOMPARE(repository.out(words("for-each-ref --format=%(refname)")), QByteArray("refs/heads/main"));
    QCOMPARE(image(m_production), m_old);
    QCOMPARE(text(json("ann", words("approvals cart --all"))["decided"][0]["outcome"], "kind"), u("failed"));
}

void TestGitopsLab::theRepositoryIsSoundAndSignedToTheLastCommit()
{
    RealGit repository(at("deploy.git"));
    const auto sound = repository.run(words("fsck --strict"));
    QVERIFY2(sound.isGood(), (sound.out + sound.err).constData());
    for (const QByteArray &commit : repository.out(words("rev-list main")).split('\n')) {
        const Ran ran =
            runTool(u("git"), {u("-C"), at("deploy.git"), u("-c"), u("gpg.ssh.allowedSignersFile=") + at("signers"),
                               u("verify-commit"), QString::fromLatin1(commit)});
        QVERIFY2(ran.status == 0, qPrintable(ran.text()));
    }
}

QTEST_GUILESS_MAIN(TestGitopsLab)
#include "test_gitops_lab.moc"
