// A promotion from request to observed in production: several people, each with a key and a machine of their own, one
// shared ledger, one real control plane.
#include "tests/support/gitservers.h"
#include "tests/support/lab.h"
#include "tests/support/sshtools.h"

#include <nlohmann/json.hpp>

#include <QDir>
#include <QProcess>
#include <QRegularExpression>
#include <QTest>

using namespace signalbox::test;
using Json = nlohmann::json;

namespace
{

QString digest(char digit)
{
    return QStringLiteral("sha256:") + QString(64, QLatin1Char(digit));
}

QByteArray cart(const QString &image)
{
    return "{\"apiVersion\":\"apps/"
           "v1\",\"kind\":\"Deployment\",\"metadata\":{\"name\":\"cart\",\"labels\":{\"app\":\"cart\"}},"
           "\"spec\":{\"replicas\":2,\"progressDeadlineSeconds\":30,\"selector\":{\"matchLabels\":{\"app\":\"cart\"}},"
           "\"template\":{\"metadata\":{\"labels\":{\"app\":\"cart\"}},\"spec\":{\"containers\":["
           "{\"name\":\"istio-proxy\",\"image\":\"registry.example/istio/proxyv2:1.20\"},"
           "{\"name\":\"web\",\"image\":\"" +
           image.toUtf8() + "\"}]}}}}\n";
}

QString text(const Json &json, const char *key)
{
    const auto found = json.find(key);
    return found != json.end() && found->is_string() ? QString::fromStdString(*found) : QString();
}

} // namespace

class TestPromotionsLab : public QObject
{
    Q_OBJECT
private slots:
    void initTestCase();
    void init();
    void goesFromRequestToProduction();
    void stagingIsToldToBeAhead();
    void anotherStartsWhatSomebodyAskedFor();
    void aKilledProgramIsFoundOut(); // its Lease stays until it is over
    void nobodyApprovesTheirOwn();
    void aDigestThatMovesVoidsApprovals();
    void aGitTagThatMovesVoidsApprovals();
    void aRejectionStands();
    void nothingGoesOnAfterARollbackUntilItIsLifted();
    void aFreezeIsShownOrderedAndLifted();
    void oneActsAloneAndTwoAnswerForIt(); // behind the freeze: for an hour it goes before one
    void aClaimThatDiedIsClosed();        // last: the lease of the one that died is held for a while
    void theLedgerVerifiesWithPlainGit();

private:
    void makePeople();
    void makeSource();
    void makeLedger();
    void deploy(const QString &ns, const QString &image) const;
    QString image(const QString &ns) const;
    QStringList environmentOf(const QString &person) const;
    QStringList withWorkspace(const QStringList &arguments) const
    {
        return arguments + QStringList{QStringLiteral("-w"), m_workspace, QStringLiteral("--json")};
    }
    LabCluster::Output run(const QString &person, const QStringList &arguments) const;
    Json json(const QString &person, const QStringList &arguments, int status = 0) const;
    QString ask(const QString &person);
    Json find(const Json &board, const QString &promotion) const;
    static QStringList words(const char *text) { return QString::fromUtf8(text).split(QLatin1Char(' ')); }

    std::unique_ptr<LabCluster> m_lab;
    QTemporaryDir m_folder;
    QString m_ledger;
    QString m_workspace;
    QString m_staging;
    QString m_production;
    const QString m_old = QStringLiteral("registry.example/shop/cart:1.4.0@") + digest('a');
    const QString m_new = QStringLiteral("registry.example/shop/cart:1.5.0@") + digest('b');
};

void TestPromotionsLab::initTestCase()
{
    QString error;
    m_lab = LabCluster::shared(&error);
    QVERIFY2(m_lab, qPrintable(error));
    m_staging = m_lab->makeNamespace(QStringLiteral("staging"));
    m_production = m_lab->makeNamespace(QStringLiteral("production"));
    QVERIFY(!m_staging.isEmpty() && !m_production.isEmpty());
    makePeople();
    makeSource();
    makeLedger();
    m_workspace = m_folder.filePath(QStringLiteral("team.yaml"));
    writeFile(
        m_workspace,
        QStringLiteral("version: 1\nname: shop\nledger: {url: %5, firstAdmin: \"%6\"}\nconnections:\n"
                       "  - {id: lab, kind: kubernetes, kubeconfig: %1, context: lab-cert, namespaces: [%2, %3]}\n"
                       "repositories:\n  - {id: shop, url: %4}\n"
                       "applications:\n  - name: cart\n    repository: shop\n    environments:\n"
                       "      - {name: staging, connection: lab, namespace: %2}\n"
                       "      - {name: production, connection: lab, namespace: %3}\n")
            .arg(m_lab->kubeconfig(), m_staging, m_production, m_folder.filePath(QStringLiteral("shop.git")), m_ledger,
                 publicKeyOfFile(m_folder.filePath(QStringLiteral("ann/key"))).fingerprint())
            .toUtf8());
}

void TestPromotionsLab::init()
{
    deploy(m_staging, m_new);
    deploy(m_production, m_old);
}

// ann approves, bob asks, dan writes the code and may approve, too.
void TestPromotionsLab::makePeople()
{
    for (const char *person : {"ann", "bob", "dan"}) {
        const QString name = QString::fromLatin1(person);
        const QString home = m_folder.filePath(name);
        QVERIFY(QDir().mkpath(home + QStringLiteral("/data")));
        const QString key = makeSshKey(home + QStringLiteral("/key"), QStringLiteral("ed25519"));
        writeFile(
            home + QStringLiteral("/.gitconfig"),
            QStringLiteral("[user]\n name = %1\n email = %1@shop.example\n signingkey = %2\n[gpg]\n format = ssh\n"
                           "[commit]\n gpgsign = true\n[init]\n defaultBranch = main\n")
                .arg(name, key)
                .toUtf8());
    }
}

void TestPromotionsLab::makeSource()
{
    const QString bare = m_folder.filePath(QStringLiteral("shop.git"));
    const QString work = m_folder.filePath(QStringLiteral("shop"));
    QVERIFY(RealGit::init(bare, true) && RealGit::init(work, false));
    RealGit git(work);
    const QString dan = QStringLiteral("Dan <dan@shop.example>");
    git.commit(QStringLiteral("cart.txt"), "1\n", QStringLiteral("Start"), dan);
    git.run(words("tag v1.4.0"));
    git.commit(QStringLiteral("cart.txt"), "1\n2\n", QStringLiteral("Round prices"), dan);
    git.commit(QStringLiteral("tests/cart.txt"), "1\n", QStringLiteral("Test it"), dan);
    git.run(words("tag v1.5.0"));
    git.commit(QStringLiteral("cart.txt"), "1\n2\n3\n", QStringLiteral("Show taxes"), dan);
    git.commit(QStringLiteral("cart.txt"), "1\n2\n3\n4\n", QStringLiteral("Show fees"), dan);
    git.run(words("tag v1.6.0"));
    QVERIFY(git.run({QStringLiteral("push"), QStringLiteral("-q"), bare, QStringLiteral("--all")}).isGood());
    QVERIFY(git.run({QStringLiteral("push"), QStringLiteral("-q"), bare, QStringLiteral("--tags")}).isGood());
}

// ann begins it with plain git, as the README of services/ledger says.
void TestPromotionsLab::makeLedger()
{
    m_ledger = m_folder.filePath(QStringLiteral("ledger.git"));
    const QString work = m_folder.filePath(QStringLiteral("begin"));
    const QStringList environment = environmentOf(QStringLiteral("ann"));
    const auto git = [&](const QStringList &arguments) {
        const Ran ran = runTool(QStringLiteral("git"), arguments, {}, {}, environment);
        QVERIFY2(ran.status == 0, qPrintable(ran.text()));
    };
    git({QStringLiteral("init"), QStringLiteral("-q"), QStringLiteral("--bare"), m_ledger});
    git({QStringLiteral("clone"), QStringLiteral("-q"), m_ledger, work});
    QByteArray signers;
    for (const char *person : {"ann", "bob", "dan"}) {
        QFile file(m_folder.filePath(QString::fromLatin1(person) + QStringLiteral("/key.pub")));
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QList<QByteArray> key = file.readAll().split(' ');
        signers +=
            QByteArray(person) + "@shop.example namespaces=\"git\" " + key.at(0) + ' ' + key.at(1).trimmed() + '\n';
    }
    writeFile(work + QStringLiteral("/allowed_signers"), signers);
    writeFile(work + QStringLiteral("/policy.yaml"),
              "version: 1\nworkspace: shop\nprincipals:\n"
              "  - {name: ann, emails: [ann@shop.example]}\n"
              "  - {name: bob, emails: [bob@shop.example]}\n"
              "  - {name: dan, emails: [dan@shop.example]}\n"
              "roles:\n  - {name: admins, members: [ann]}\n"
              "  - {name: release-managers, members: [ann, bob, dan]}\n"
              "paths:\n  - environments: [staging, production]\n"
              "environments:\n  - {environment: staging, noFiringAlerts: false}\n"
              "  - environment: production\n    approvals: [{count: 1, roles: [release-managers]}]\n"
              "    veto: [admins]\n    noFiringAlerts: false\n"
              "breakGlass: {roles: [admins], countersignRoles: [release-managers]}\n");
    git({QStringLiteral("-C"), work, QStringLiteral("add"), QStringLiteral("allowed_signers"),
         QStringLiteral("policy.yaml")});
    git({QStringLiteral("-C"), work, QStringLiteral("commit"), QStringLiteral("-q"), QStringLiteral("-S"),
         QStringLiteral("-m"), QStringLiteral("Begin to sign")});
    git({QStringLiteral("-C"), work, QStringLiteral("push"), QStringLiteral("-q"), QStringLiteral("origin"),
         QStringLiteral("HEAD:main")});
}

QStringList TestPromotionsLab::environmentOf(const QString &person) const
{
    const QString home = m_folder.filePath(person);
    return {QStringLiteral("HOME=") + home,
            QStringLiteral("GIT_CONFIG_GLOBAL=") + home + QStringLiteral("/.gitconfig"),
            QStringLiteral("XDG_CONFIG_HOME=") + home,
            QStringLiteral("SSH_AUTH_SOCK="),
            QStringLiteral("SIGNALBOX_WORKSPACE="),
            QStringLiteral("SIGNALBOX_DATA=") + home + QStringLiteral("/data")};
}

LabCluster::Output TestPromotionsLab::run(const QString &person, const QStringList &arguments) const
{
    return runProgram(QStringLiteral(SIGNALBOX_PROGRAM), arguments, {}, 120, environmentOf(person));
}

Json TestPromotionsLab::json(const QString &person, const QStringList &arguments, int status) const
{
    const auto output = run(person, withWorkspace(arguments));
    if (output.status != status)
        qWarning("%s: %s: status %d\n%s\n%s", qPrintable(person), qPrintable(arguments.join(u' ')), output.status,
                 output.out.constData(), output.err.constData());
    return output.status == status ? Json::parse(output.out.toStdString(), nullptr, false) : Json();
}

void TestPromotionsLab::deploy(const QString &ns, const QString &image) const
{
    const auto applied = m_lab->apply(cart(image), ns);
    QVERIFY2(applied.isGood(), applied.err.constData());
    const auto rolledOut =
        m_lab->kubectl({QStringLiteral("rollout"), QStringLiteral("status"), QStringLiteral("deployment/cart"),
                        QStringLiteral("-n"), ns, QStringLiteral("--timeout=60s")});
    QVERIFY2(rolledOut.isGood(), rolledOut.err.constData());
}

QString TestPromotionsLab::image(const QString &ns) const
{
    const auto output = m_lab->kubectl(
        {QStringLiteral("get"), QStringLiteral("deployment/cart"), QStringLiteral("-n"), ns, QStringLiteral("-o"),
         QStringLiteral("jsonpath={.spec.template.spec.containers[?(@.name==\"web\")].image}")});
    return QString::fromUtf8(output.out);
}

// Asks for what staging runs; the promotion's id.
QString TestPromotionsLab::ask(const QString &person)
{
    const Json asked = json(person, words("promote cart --to production --reason because"));
    return asked.is_object() ? text(asked, "entry") : QString();
}

Json TestPromotionsLab::find(const Json &board, const QString &promotion) const
{
    for (const char *list : {"open", "decided"}) {
        for (const Json &card : board.value(list, Json::array())) {
            if (text(card, "promotion") == promotion)
                return card;
        }
    }
    return Json::object();
}

void TestPromotionsLab::goesFromRequestToProduction()
{
    const auto model = m_lab->kubectl(
        {QStringLiteral("patch"), QStringLiteral("deployment/cart"), QStringLiteral("-n"), m_staging,
         QStringLiteral("-p"),
         QStringLiteral("{\"spec\":{\"template\":{\"metadata\":{\"annotations\":{\"signalbox/model-name\":"
                        "\"fraud-net\",\"signalbox/model-version\":\"8\"}}}}}")});
    QVERIFY2(model.isGood(), model.err.constData());
    QVERIFY(m_lab
                ->kubectl({QStringLiteral("rollout"), QStringLiteral("status"), QStringLiteral("deployment/cart"),
                           QStringLiteral("-n"), m_staging, QStringLiteral("--timeout=60s")})
                .isGood());
    const Json dry = json(QStringLiteral("bob"), words("promote cart --to production --dry-run"));
    QVERIFY(dry.is_object());
    QCOMPARE(text(dry["draft"]["model"], "name"), QStringLiteral("fraud-net"));
    QCOMPARE(text(dry["draft"]["model"], "version"), QStringLiteral("8"));
    QCOMPARE(text(dry["draft"], "digest"), digest('b'));
    QCOMPARE(text(dry["draft"], "replacesDigest"), digest('a'));
    QVERIFY(!dry["plan"].is_null());

    QProcess waiting;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    for (const QString &entry : environmentOf(QStringLiteral("bob")))
        environment.insert(entry.section(QLatin1Char('='), 0, 0), entry.section(QLatin1Char('='), 1));
    waiting.setProcessEnvironment(environment);
    waiting.start(
        QStringLiteral(SIGNALBOX_PROGRAM),
        withWorkspace(words("promote cart --to production --release 1.5.0 --wait --within 60s --confirm cart")));
    QVERIFY(waiting.waitForStarted());

    // ann finds it in her inbox and approves exactly that.
    QString promotion;
    for (int attempt = 0; attempt < 30 && promotion.isEmpty(); ++attempt) {
        const Json board = json(QStringLiteral("ann"), words("approvals cart"));
        QVERIFY(board.is_object());
        QCOMPARE(text(board["you"], "principal"), QStringLiteral("ann"));
        for (const Json &card : board["open"]) {
            QVERIFY2(card["mayApprove"]["given"] == Json(true), card.dump(1).c_str());
            promotion = text(card, "promotion");
        }
        QTest::qWait(300);
    }
    QVERIFY2(!promotion.isEmpty(), waiting.readAllStandardError().constData());
    QCOMPARE(image(m_production), m_old);
    const Json approved = json(QStringLiteral("ann"),
                               {QStringLiteral("approve"), promotion, QStringLiteral("--comment"),
                                QStringLiteral("looked at it"), QStringLiteral("--confirm"), QStringLiteral("cart")});
    QVERIFY(approved.is_object());

    QVERIFY2(waiting.waitForFinished(90000), waiting.readAllStandardError().constData());
    const QByteArray out = waiting.readAllStandardOutput();
    QVERIFY2(waiting.exitCode() == 0, (out + waiting.readAllStandardError()).constData());
    const Json done = Json::parse(out.toStdString(), nullptr, false);
    QCOMPARE(text(done["outcome"], "kind"), QStringLiteral("done"));
    QCOMPARE(image(m_production), m_new);
    const auto pods = m_lab->kubectl({QStringLiteral("get"), QStringLiteral("deployment/cart"), QStringLiteral("-n"),
                                      m_production, QStringLiteral("-o"),
                                      QStringLiteral("jsonpath={.status.updatedReplicas}/{.status.readyReplicas}")});
    QCOMPARE(pods.out, QByteArray("2/2"));
    const auto served =
        m_lab->kubectl({QStringLiteral("get"), QStringLiteral("deployment/cart"), QStringLiteral("-n"), m_production,
                        QStringLiteral("-o"),
                        QStringLiteral("jsonpath={.spec.template.metadata.annotations.signalbox/model-name} "
                                       "{.spec.template.metadata.annotations.signalbox/model-version}")});
    QCOMPARE(served.out, QByteArray("fraud-net 8")); // the model went along with the image
    const Json after = find(json(QStringLiteral("ann"), words("approvals cart --all")), promotion);
    QCOMPARE(text(after, "state"), QStringLiteral("done"));
    QCOMPARE(text(after, "claimant"), QStringLiteral("bob"));
    QVERIFY(!text(after["outcome"], "observedAt").isEmpty());
}

// A newer release goes to staging: its two commits are what production lacks, as the ledger and the repository have it.
void TestPromotionsLab::stagingIsToldToBeAhead()
{
    const Json done = json(QStringLiteral("bob"),
                           words("promote cart --to staging --release 1.6.0 --wait --within 60s --confirm cart "
                                 "--reason next --digest")
                               << digest('c'));
    QVERIFY(done.is_object());
    QCOMPARE(text(done["outcome"], "kind"), QStringLiteral("done"));
    const QStringList asked = words("changes cart --from v1.4.0 --to v1.5.0");
    const Json changes = json(QStringLiteral("bob"), asked);
    QVERIFY(changes.is_object());
    QCOMPARE(changes["environments"].size(), size_t(1));
    const Json &lead = changes["environments"][0];
    QCOMPARE(text(lead, "environment"), QStringLiteral("staging"));
    QCOMPARE(text(lead, "release"), QStringLiteral("1.6.0"));
    QCOMPARE(text(lead, "aheadOf"), QStringLiteral("production"));
    QCOMPARE(text(lead, "aheadOfRelease"), QStringLiteral("1.5.0"));
    QCOMPARE(int(lead["distance"]["ahead"]), 2);
    QCOMPARE(int(lead["distance"]["behind"]), 0);
    const auto spoken = run(QStringLiteral("bob"), asked + QStringList{QStringLiteral("-w"), m_workspace});
    QVERIFY2(spoken.out.contains("staging (1.6.0) is 2 commits ahead of production (1.5.0)"), spoken.out.constData());
}

// Killed between the call and its effect: the next program looks, repeats nothing and records how it ended.
void TestPromotionsLab::aKilledProgramIsFoundOut()
{
    const auto slow = m_lab->kubectl(
        {QStringLiteral("patch"), QStringLiteral("deployment/cart"), QStringLiteral("-n"), m_production,
         QStringLiteral("-p"),
         QStringLiteral(
             "{\"spec\":{\"template\":{\"metadata\":{\"annotations\":{\"k8s-lab/behaviour\":\"slow=6\"}}}}}")});
    QVERIFY2(slow.isGood(), slow.err.constData());
    QVERIFY(m_lab
                ->kubectl({QStringLiteral("rollout"), QStringLiteral("status"), QStringLiteral("deployment/cart"),
                           QStringLiteral("-n"), m_production, QStringLiteral("--timeout=90s")})
                .isGood());
    const QString promotion = ask(QStringLiteral("bob"));
    QVERIFY(json(QStringLiteral("ann"),
                 {QStringLiteral("approve"), promotion, QStringLiteral("--confirm"), QStringLiteral("cart")})
                .is_object());
    QProcess program;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    for (const QString &entry : environmentOf(QStringLiteral("bob")))
        environment.insert(entry.section(QLatin1Char('='), 0, 0), entry.section(QLatin1Char('='), 1));
    program.setProcessEnvironment(environment);
    program.start(QStringLiteral(SIGNALBOX_PROGRAM),
                  withWorkspace(words("promote cart --to production --wait --confirm cart")));
    QVERIFY(program.waitForStarted());
    QTRY_COMPARE_WITH_TIMEOUT(image(m_production), m_new, 30000);
    program.kill();
    QVERIFY(program.waitForFinished());
    QString state;
    for (int attempt = 0; attempt < 15 && state != QLatin1String("done"); ++attempt) {
        state = text(find(json(QStringLiteral("bob"), words("approvals cart --all")), promotion), "state");
        QTest::qWait(1500);
    }
    QCOMPARE(state, QStringLiteral("done"));
    QCOMPARE(image(m_production), m_new);
}

void TestPromotionsLab::nobodyApprovesTheirOwn()
{
    const QString promotion = ask(QStringLiteral("bob"));
    QVERIFY(!promotion.isEmpty());
    for (const char *person : {"bob", "dan"}) {
        const Json refused =
            json(QString::fromLatin1(person),
                 {QStringLiteral("approve"), promotion, QStringLiteral("--confirm"), QStringLiteral("cart")}, 1);
        QVERIFY(refused.is_object());
        const QString message = text(refused["error"], "message");
        QVERIFY2(message.contains(QLatin1String("somebody else has to approve")), qPrintable(message));
    }
    const Json card = find(json(QStringLiteral("ann"), words("approvals cart")), promotion);
    QCOMPARE(card["votes"].size(), size_t(0));
    QVERIFY(json(QStringLiteral("ann"),
                 {QStringLiteral("reject"), promotion, QStringLiteral("--comment"), QStringLiteral("tidying up")})
                .is_object());
}

// bob asks and goes home; ann approves and starts it by the command that approving names.
void TestPromotionsLab::anotherStartsWhatSomebodyAskedFor()
{
    const QString promotion = ask(QStringLiteral("bob"));
    QVERIFY(!promotion.isEmpty());
    const auto approved = run(QStringLiteral("ann"), {QStringLiteral("approve"), promotion, QStringLiteral("--confirm"),
                                                      QStringLiteral("cart"), QStringLiteral("-w"), m_workspace});
    QVERIFY2(approved.isGood(), (approved.out + approved.err).constData());
    QVERIFY2(approved.out.contains("signalbox promote cart --to production --wait"), approved.out.constData());
    QVERIFY2(approved.out.contains("signalbox changes cart --from "), approved.out.constData());
    const Json done =
        json(QStringLiteral("ann"), words("promote cart --to production --wait --within 60s --confirm cart"));
    QVERIFY(done.is_object());
    QCOMPARE(text(done["promotion"], "promotion"), promotion);
    QCOMPARE(text(done["outcome"], "kind"), QStringLiteral("done"));
    QCOMPARE(image(m_production), m_new);
    const Json after = find(json(QStringLiteral("bob"), words("approvals cart --all")), promotion);
    QCOMPARE(text(after, "state"), QStringLiteral("done"));
    QCOMPARE(text(after, "requester"), QStringLiteral("bob"));
    QCOMPARE(text(after, "claimant"), QStringLiteral("ann"));
}

void TestPromotionsLab::aDigestThatMovesVoidsApprovals()
{
    const QString promotion = ask(QStringLiteral("bob"));
    QVERIFY(json(QStringLiteral("ann"),
                 {QStringLiteral("approve"), promotion, QStringLiteral("--confirm"), QStringLiteral("cart")})
                .is_object());
    Json card = find(json(QStringLiteral("bob"), words("approvals cart")), promotion);
    QCOMPARE(text(card, "state"), QStringLiteral("ready"));
    // The tag 1.5.0 is built again: staging runs something else under the same name.
    deploy(m_staging, QStringLiteral("registry.example/shop/cart:1.5.0@") + digest('c'));
    card = find(json(QStringLiteral("bob"), words("approvals cart")), promotion);
    QCOMPARE(text(card, "state"), QStringLiteral("waiting"));
    QVERIFY(card["votes"][0]["counts"] == Json(false));
    QVERIFY2(text(card["votes"][0], "whyNot").contains(QLatin1String("what would go out now is")),
             card["votes"].dump().c_str());
    QCOMPARE(image(m_production), m_old);
    QVERIFY(json(QStringLiteral("ann"),
                 {QStringLiteral("reject"), promotion, QStringLiteral("--comment"), QStringLiteral("tidying up")})
                .is_object());
}

// The same image, but its version is another commit by now: what was approved is not what that name says any more.
void TestPromotionsLab::aGitTagThatMovesVoidsApprovals()
{
    const auto source = [this](const QStringList &arguments) {
        return runTool(QStringLiteral("git"),
                       QStringList{QStringLiteral("-C"), m_folder.filePath(QStringLiteral("shop.git"))} + arguments);
    };
    const auto commitOf = [&](const char *name) {
        return QString::fromLatin1(source({QStringLiteral("rev-parse"), QString::fromLatin1(name)}).out.trimmed());
    };
    const QString then = commitOf("v1.5.0");
    const QString now = commitOf("v1.5.0~1");
    const QString promotion = ask(QStringLiteral("bob"));
    QVERIFY(json(QStringLiteral("ann"),
                 {QStringLiteral("approve"), promotion, QStringLiteral("--confirm"), QStringLiteral("cart")})
                .is_object());
    Json card = find(json(QStringLiteral("bob"), words("approvals cart")), promotion);
    QCOMPARE(text(card, "state"), QStringLiteral("ready"));
    QCOMPARE(source({QStringLiteral("tag"), QStringLiteral("-f"), QStringLiteral("v1.5.0"), now}).status, 0);
    card = find(json(QStringLiteral("bob"), words("approvals cart")), promotion);
    const auto spoken =
        run(QStringLiteral("bob"), {QStringLiteral("approve"), promotion, QStringLiteral("-w"), m_workspace});
    QCOMPARE(source({QStringLiteral("tag"), QStringLiteral("-f"), QStringLiteral("v1.5.0"), then}).status, 0);

    QCOMPARE(text(card, "state"), QStringLiteral("waiting"));
    const QString why = QStringLiteral("given for commit %1; it is %2 now").arg(then.left(7), now.left(7));
    QVERIFY(card["votes"][0]["counts"] == Json(false));
    QCOMPARE(text(card["votes"][0], "whyNot"), why);
    QVERIFY2(spoken.out.contains(why.toUtf8()), spoken.out.constData());
    QCOMPARE(image(m_production), m_old);
    card = find(json(QStringLiteral("bob"), words("approvals cart")), promotion);
    QCOMPARE(text(card, "state"), QStringLiteral("ready")); // where it was again, so is its approval
    QVERIFY(json(QStringLiteral("ann"),
                 {QStringLiteral("reject"), promotion, QStringLiteral("--comment"), QStringLiteral("tidying up")})
                .is_object());
}

void TestPromotionsLab::aRejectionStands()
{
    const QString promotion = ask(QStringLiteral("bob"));
    QVERIFY(json(QStringLiteral("ann"), {QStringLiteral("reject"), promotion, QStringLiteral("--comment"),
                                         QStringLiteral("the migration is missing")})
                .is_object());
    const Json card = find(json(QStringLiteral("bob"), words("approvals cart --all")), promotion);
    QCOMPARE(text(card, "state"), QStringLiteral("rejected"));
    QVERIFY(text(card, "text").contains(QLatin1String("the migration is missing")));
}

void TestPromotionsLab::nothingGoesOnAfterARollbackUntilItIsLifted()
{
    deploy(m_production, m_new);
    const auto back = run(QStringLiteral("ann"),
                          words("rollback cart production --confirm cart --json -w") + QStringList{m_workspace});
    QVERIFY2(back.isGood(), (back.out + back.err).constData());
    QCOMPARE(image(m_production), m_old);
    const QString promotion = ask(QStringLiteral("bob"));
    const Json approved = json(QStringLiteral("ann"), {QStringLiteral("approve"), promotion,
                                                       QStringLiteral("--confirm"), QStringLiteral("cart")});
    QVERIFY(approved.is_object());
    const Json board = json(QStringLiteral("bob"), words("approvals cart"));
    const Json card = find(board, promotion);
    QCOMPARE(text(card, "state"), QStringLiteral("blocked"));
    bool isHeld = false;
    for (const Json &rule : card["rules"])
        isHeld =
            isHeld || (text(rule, "rule") == QLatin1String("hold") && text(rule, "state") == QLatin1String("block"));
    QVERIFY2(isHeld, card["rules"].dump(1).c_str());
    QCOMPARE(board["stops"].size(), size_t(1));
    QCOMPARE(image(m_production), m_old);
    const QStringList restart = words("restart cart production --dry-run --confirm cart -w") + QStringList{m_workspace};
    const auto warned = run(QStringLiteral("ann"), restart); // what runs may be mended
    QVERIFY2(warned.isGood() && warned.out.contains("Hold (held since "), (warned.out + warned.err).constData());
    const QString stop = text(board["stops"][0], "entry");
    QVERIFY(
        json(QStringLiteral("bob"), {QStringLiteral("lift"), stop, QStringLiteral("--reason"), QStringLiteral("x")}, 1)
            .is_object());
    QVERIFY(json(QStringLiteral("ann"), {QStringLiteral("lift"), stop, QStringLiteral("--reason"), QStringLiteral("x")})
                .is_object());
    QCOMPARE(text(find(json(QStringLiteral("bob"), words("approvals cart")), promotion), "state"),
             QStringLiteral("ready"));
    QVERIFY(json(QStringLiteral("ann"),
                 {QStringLiteral("reject"), promotion, QStringLiteral("--comment"), QStringLiteral("tidying up")})
                .is_object());
}

// Break-glass -> carried out -> the debt is shown to all -> two countersign -> it is gone.
void TestPromotionsLab::oneActsAloneAndTwoAnswerForIt()
{
    const QStringList alone = words("promote cart --to production --break-glass --reason the-shop-is-down");
    const Json may = json(QStringLiteral("ann"), alone + words("--dry-run"));
    QVERIFY(may["draft"]["mayBreakGlass"]["given"] == Json(true));
    const Json refused = json(QStringLiteral("bob"), alone + words("--wait --confirm cart"), 1);
    QVERIFY2(text(refused["error"], "message").contains(QLatin1String("Only admins may act alone")),
             refused.dump().c_str());
    const Json unconfirmed = json(QStringLiteral("ann"), alone, 2);
    QVERIFY2(text(unconfirmed["error"], "message").contains(QLatin1String("--confirm cart")),
             unconfirmed.dump().c_str());
    QCOMPARE(image(m_production), m_old);
    QVERIFY(json(QStringLiteral("bob"), words("approvals"))["debts"].empty());

    const Json done = json(QStringLiteral("ann"), alone + words("--wait --within 60s --confirm cart"));
    QVERIFY(done.is_object());
    QCOMPARE(text(done["outcome"], "kind"), QStringLiteral("done"));
    QCOMPARE(image(m_production), m_new);
    for (const char *person : {"ann", "bob", "dan"}) {
        const Json board = json(QString::fromLatin1(person), words("approvals"));
        QCOMPARE(board["debts"].size(), size_t(1));
        const Json &debt = board["debts"][0];
        QCOMPARE(text(debt, "who"), QStringLiteral("ann"));
        QCOMPARE(text(debt, "reason"), QStringLiteral("the-shop-is-down"));
        QVERIFY(debt["owed"] == Json(2));
        QVERIFY(debt["mayCountersign"]["given"] == Json(qstrcmp(person, "ann") != 0));
    }
    const QString glass = text(json(QStringLiteral("ann"), words("approvals"))["debts"][0], "entry");
    const auto countersign = [&](const char *person, int status) {
        return json(QString::fromLatin1(person),
                    {QStringLiteral("countersign"), glass, QStringLiteral("--comment"), QStringLiteral("I saw it")},
                    status);
    };
    QVERIFY(countersign("ann", 1).is_object()); // herself
    QVERIFY(countersign("bob", 0).is_object());
    QVERIFY(countersign("bob", 1).is_object()); // twice
    QVERIFY(json(QStringLiteral("ann"), words("approvals"))["debts"][0]["owed"] == Json(1));
    const auto told = run(QStringLiteral("ann"), words("approvals -w") + QStringList{m_workspace});
    QVERIFY2(told.out.contains("owed: ann acted alone on cart in production; 1 more must countersign by") &&
                 told.out.contains(glass.toUtf8()),
             told.out.constData());
    QVERIFY(countersign("dan", 0).is_object());
    QVERIFY(json(QStringLiteral("ann"), words("approvals"))["debts"].empty());
    QVERIFY(countersign("dan", 2).is_object()); // nothing is owed any more
}

void TestPromotionsLab::aFreezeIsShownOrderedAndLifted()
{
    const QString promotion = ask(QStringLiteral("bob"));
    QVERIFY(json(QStringLiteral("ann"),
                 {QStringLiteral("approve"), promotion, QStringLiteral("--confirm"), QStringLiteral("cart")})
                .is_object());
    QCOMPARE(text(find(json(QStringLiteral("bob"), words("approvals cart")), promotion), "state"),
             QStringLiteral("ready"));
    const QStringList order = words("freeze all production --for 2h --reason stocktaking");
    const Json dry = json(QStringLiteral("ann"), order + words("--dry-run"));
    QVERIFY(dry.is_object());
    QVERIFY2(dry["promotions"] == Json::array({promotion.toStdString()}), dry.dump().c_str());
    QVERIFY(dry["environments"] == Json::array({"production"}));
    QVERIFY(dry["entry"].is_null());
    QVERIFY(json(QStringLiteral("ann"), order, 2).is_object());                          // nobody confirmed
    QVERIFY(json(QStringLiteral("bob"), order + words("--confirm all"), 1).is_object()); // no admin
    QVERIFY(json(QStringLiteral("bob"), words("approvals"))["stops"].empty());
    const Json frozen = json(QStringLiteral("ann"), order + words("--confirm all"));
    QVERIFY(frozen.is_object());
    const Json board = json(QStringLiteral("bob"), words("approvals"));
    QCOMPARE(text(find(board, promotion), "state"), QStringLiteral("blocked"));
    QCOMPARE(board["stops"].size(), size_t(1));
    QCOMPARE(text(board["stops"][0], "kind"), QStringLiteral("freeze"));
    QCOMPARE(text(board["stops"][0], "entry"), text(frozen, "entry"));
    QVERIFY(json(QStringLiteral("ann"),
                 {QStringLiteral("lift"), text(frozen, "entry"), QStringLiteral("--reason"), QStringLiteral("counted")})
                .is_object());
    QCOMPARE(text(find(json(QStringLiteral("bob"), words("approvals cart")), promotion), "state"),
             QStringLiteral("ready"));
    // One that comes again, between two of its times: told with the next, and in nobody's way.
    const QDateTime yesterday = QDateTime::currentDateTimeUtc().addDays(-1);
    const QStringList weekly = words("freeze all production --for 1h --repeat FREQ=WEEKLY --zone UTC --reason tidy") +
                               QStringList{QStringLiteral("--from"), yesterday.toString(u"yyyy-MM-dd'T'HH:mm'Z'")};
    const Json repeated = json(QStringLiteral("ann"), weekly + words("--confirm all"));
    QVERIFY(repeated.is_object());
    QCOMPARE(repeated["next"].size(), size_t(3));
    QVERIFY(repeated["until"].is_null() && repeated["repeat"]["seconds"] == 3600);
    const Json between = json(QStringLiteral("bob"), words("approvals"));
    QCOMPARE(text(find(between, promotion), "state"), QStringLiteral("ready"));
    QCOMPARE(between["stops"].size(), size_t(1));
    QCOMPARE(text(between["stops"][0], "state"), QStringLiteral("later"));
    QVERIFY(between["stops"][0]["since"] == repeated["next"][0]["from"]);
    QVERIFY(json(QStringLiteral("ann"), {QStringLiteral("lift"), text(repeated, "entry"), QStringLiteral("--reason"),
                                         QStringLiteral("tidied")})
                .is_object());
    QVERIFY(json(QStringLiteral("bob"), words("approvals"))["stops"].empty());
    QVERIFY(json(QStringLiteral("ann"),
                 {QStringLiteral("reject"), promotion, QStringLiteral("--comment"), QStringLiteral("tidying up")})
                .is_object());
}

// The machine that claimed it is gone for good, and its journal with it.
void TestPromotionsLab::aClaimThatDiedIsClosed()
{
    const auto slow = m_lab->kubectl(
        {QStringLiteral("patch"), QStringLiteral("deployment/cart"), QStringLiteral("-n"), m_production,
         QStringLiteral("-p"),
         QStringLiteral(
             "{\"spec\":{\"template\":{\"metadata\":{\"annotations\":{\"k8s-lab/behaviour\":\"slow=6\"}}}}}")});
    QVERIFY2(slow.isGood(), slow.err.constData());
    QVERIFY(m_lab
                ->kubectl({QStringLiteral("rollout"), QStringLiteral("status"), QStringLiteral("deployment/cart"),
                           QStringLiteral("-n"), m_production, QStringLiteral("--timeout=90s")})
                .isGood());
    const QString promotion = ask(QStringLiteral("bob"));
    QVERIFY(json(QStringLiteral("ann"),
                 {QStringLiteral("approve"), promotion, QStringLiteral("--confirm"), QStringLiteral("cart")})
                .is_object());
    const QStringList close{QStringLiteral("close-claim"), promotion,
                            QStringLiteral("--reason"),    QStringLiteral("the machine is gone"),
                            QStringLiteral("--confirm"),   QStringLiteral("cart")};
    QVERIFY(json(QStringLiteral("ann"), close, 1).is_object()); // nobody has claimed it
    QProcess program;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    for (const QString &entry : environmentOf(QStringLiteral("bob")))
        environment.insert(entry.section(QLatin1Char('='), 0, 0), entry.section(QLatin1Char('='), 1));
    program.setProcessEnvironment(environment);
    program.start(QStringLiteral(SIGNALBOX_PROGRAM),
                  withWorkspace(words("promote cart --to production --wait --confirm cart")));
    QVERIFY(program.waitForStarted());
    QTRY_COMPARE_WITH_TIMEOUT(image(m_production), m_new, 30000);
    program.kill();
    QVERIFY(program.waitForFinished());
    QCOMPARE(text(find(json(QStringLiteral("ann"), words("approvals cart")), promotion), "state"),
             QStringLiteral("underWay"));
    QVERIFY(json(QStringLiteral("dan"), close, 1).is_object());           // neither the claimant nor an admin
    QVERIFY(json(QStringLiteral("ann"), close.mid(0, 4), 2).is_object()); // nobody confirmed it
    QVERIFY(json(QStringLiteral("ann"), close).is_object());
    const Json after = find(json(QStringLiteral("ann"), words("approvals cart --all")), promotion);
    QCOMPARE(text(after, "state"), QStringLiteral("ended"));
    QCOMPARE(text(after["outcome"], "kind"), QStringLiteral("unknown"));
    QCOMPARE(text(after["outcome"], "message"), QStringLiteral("the machine is gone"));
    QVERIFY(json(QStringLiteral("ann"), close, 1).is_object()); // once
}

void TestPromotionsLab::theLedgerVerifiesWithPlainGit()
{
    const auto verified = run(QStringLiteral("ann"), words("ledger verify --ledger") + QStringList{m_ledger});
    QVERIFY2(verified.isGood(), (verified.out + verified.err).constData());
    RealGit git(m_ledger);
    const QString signers = m_folder.filePath(QStringLiteral("signers"));
    writeFile(signers, git.out(words("show main:allowed_signers")) + '\n');
    const QList<QByteArray> commits = git.out(words("rev-list main")).split('\n');
    QVERIFY(commits.size() > 10);
    for (const QByteArray &commit : commits) {
        const Ran ran = runTool(QStringLiteral("git"), {QStringLiteral("-C"), m_ledger, QStringLiteral("-c"),
                                                        QStringLiteral("gpg.ssh.allowedSignersFile=") + signers,
                                                        QStringLiteral("verify-commit"), QString::fromLatin1(commit)});
        QVERIFY2(ran.status == 0, qPrintable(ran.text()));
    }
}

QTEST_GUILESS_MAIN(TestPromotionsLab)
#include "test_promotions_lab.moc"
