// `signalbox promote --wait` where the policy has a gate of Jenkins carry the promotion out: claimed, the gate opened,
// the release awaited in a real control plane. The practice world's Jenkins, real keys, real git.
#include "tests/contract/cli/yardgoing.h"
#include "tests/contract/jenkins/jenkinsyard.h"
#include "tests/support/gitservers.h"
#include "tests/support/lab.h"
#include "tests/support/sshtools.h"

#include <nlohmann/json.hpp>

#include <QDir>
#include <QProcess>
#include <QTest>

using namespace signalbox::test;
using Json = nlohmann::json;
using signalbox::sandbox::ci::Cause;
using signalbox::sandbox::ci::Phase;
using signalbox::sandbox::ci::StartOrder;
using signalbox::sandbox::ci::Vendor;

namespace
{

QString imageOf(const char *version, char digit)
{
    return QStringLiteral("registry.example/shop/cart:%1@sha256:%2")
        .arg(QLatin1String(version), QString(64, QLatin1Char(digit)));
}

QByteArray cartWith(const QString &image)
{
    return "{\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\",\"metadata\":{\"name\":\"cart\",\"labels\":{\"app\":"
           "\"cart\"}},\"spec\":{\"replicas\":1,\"selector\":{\"matchLabels\":{\"app\":\"cart\"}},\"template\":{"
           "\"metadata\":{\"labels\":{\"app\":\"cart\"}},\"spec\":{\"containers\":[{\"name\":\"web\",\"image\":\"" +
           image.toUtf8() + "\"}]}}}}\n";
}

} // namespace

class TestVendorGateLab : public QObject
{
    Q_OBJECT

    std::unique_ptr<LabCluster> m_lab;
    std::unique_ptr<JenkinsYard> m_yard;
    QTemporaryDir m_folder;
    QString m_staging;
    QString m_production;
    QString m_commit; // of the release 1.5.0
    const QString m_old = imageOf("1.4.0", 'a');
    const QString m_new = imageOf("1.5.0", 'b');

    static QStringList words(const char *text) { return QString::fromUtf8(text).split(QLatin1Char(' ')); }
    QString at(const char *name) const { return m_folder.filePath(QString::fromUtf8(name)); }
    QStringList environment() const
    {
        return {QStringLiteral("HOME=") + at("ann"),
                QStringLiteral("GIT_CONFIG_GLOBAL=") + at("ann/.gitconfig"),
                QStringLiteral("XDG_CONFIG_HOME=") + at("ann"),
                QStringLiteral("SSH_AUTH_SOCK="),
                QStringLiteral("SIGNALBOX_WORKSPACE="),
                QStringLiteral("SIGNALBOX_DATA=") + at("ann/data"),
                QStringLiteral("CI_TOKEN=") + QString::fromLatin1(JenkinsYard::token())};
    }
    void git(const QStringList &arguments) const
    {
        const Ran ran = runTool(QStringLiteral("git"), arguments, {}, {}, environment());
        QVERIFY2(ran.status == 0, qPrintable(ran.text()));
    }
    void deploy(const QString &ns, const QString &image) const
    {
        const auto applied = m_lab->apply(cartWith(image), ns);
        QVERIFY2(applied.isGood(), applied.err.constData());
        const auto rolledOut =
            m_lab->kubectl(words("rollout status deployment/cart --timeout=60s -n") + QStringList{ns});
        QVERIFY2(rolledOut.isGood(), rolledOut.err.constData());
    }
    std::int64_t startRun()
    {
        StartOrder order;
        order.vendor = Vendor::Jenkins;
        order.project = "team/cart";
        order.branch = "main";
        order.commit = m_commit.toStdString();
        order.cause = Cause::Push;
        order.who = "ana";
        return m_yard->world().start(order).run;
    }
    void makeSource()
    {
        QVERIFY(RealGit::init(at("shop.git"), true) && RealGit::init(at("shop"), false));
        RealGit git(at("shop"));
        const QString dan = QStringLiteral("Dan <dan@shop.example>");
        git.commit(QStringLiteral("cart.txt"), "1\n", QStringLiteral("Start"), dan);
        git.run(words("tag v1.4.0"));
        git.commit(QStringLiteral("cart.txt"), "1\n2\n", QStringLiteral("Round prices"), dan);
        git.run(words("tag v1.5.0"));
        QVERIFY(
            git.run({QStringLiteral("push"), QStringLiteral("-q"), at("shop.git"), QStringLiteral("--all")}).isGood());
        QVERIFY(
            git.run({QStringLiteral("push"), QStringLiteral("-q"), at("shop.git"), QStringLiteral("--tags")}).isGood());
        m_commit = QString::fromUtf8(git.out(words("rev-parse v1.5.0"))).trimmed();
        QCOMPARE(m_commit.size(), 40);
    }
    void makeLedger()
    {
        git({QStringLiteral("init"), QStringLiteral("-q"), QStringLiteral("--bare"), at("ledger.git")});
        git({QStringLiteral("clone"), QStringLiteral("-q"), at("ledger.git"), at("begin")});
        QFile file(at("ann/key.pub"));
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QList<QByteArray> key = file.readAll().split(' ');
        writeFile(at("begin/allowed_signers"),
                  "ann@shop.example namespaces=\"git\" " + key.at(0) + ' ' + key.at(1).trimmed() + '\n');
        writeFile(at("begin/policy.yaml"),
                  "version: 1\nworkspace: shop\nprincipals:\n  - {name: ann, emails: [ann@shop.example]}\n"
                  "roles:\n  - {name: admins, members: [ann]}\n"
                  "paths:\n  - environments: [staging, production]\n"
                  "environments:\n  - {environment: staging, noFiringAlerts: false}\n"
                  "  - environment: production\n    noFiringAlerts: false\n"
                  "    execution: {by: vendorGate, connection: ci, gate: \"Deploy to production?\"}\n");
        git({QStringLiteral("-C"), at("begin"), QStringLiteral("add"), QStringLiteral(".")});
        git({QStringLiteral("-C"), at("begin"), QStringLiteral("commit"), QStringLiteral("-q"), QStringLiteral("-S"),
             QStringLiteral("-m"), QStringLiteral("Begin to sign")});
        git({QStringLiteral("-C"), at("begin"), QStringLiteral("push"), QStringLiteral("-q"), QStringLiteral("origin"),
             QStringLiteral("HEAD:main")});
    }

private slots:
    void initTestCase()
    {
        QString error;
        m_lab = LabCluster::shared(&error);
        QVERIFY2(m_lab, qPrintable(error));
        m_staging = m_lab->makeNamespace(QStringLiteral("staging"));
        m_production = m_lab->makeNamespace(QStringLiteral("production"));
        QVERIFY(!m_staging.isEmpty() && !m_production.isEmpty());
        QVERIFY(QDir().mkpath(at("ann/data")));
        const QString key = makeSshKey(at("ann/key"), QStringLiteral("ed25519"));
        writeFile(at("ann/.gitconfig"),
                  "[user]\n name = ann\n email = ann@shop.example\n signingkey = " + key.toUtf8() +
                      "\n[gpg]\n format = ssh\n[commit]\n gpgsign = true\n[init]\n defaultBranch = main\n");
        makeSource();
        makeLedger();
    }
    void init()
    {
        deploy(m_staging, m_new);
        deploy(m_production, m_old);
        m_yard = std::make_unique<JenkinsYard>();
        writeFile(at("team.yaml"),
                  QStringLiteral("version: 1\nname: shop\nledger: {url: %1, firstAdmin: \"%2\"}\nconnections:\n"
                                 "  - {id: lab, kind: kubernetes, kubeconfig: %3, context: lab-cert, namespaces: [%4, "
                                 "%5]}\n  - id: ci\n    kind: jenkins\n    url: %6\n    caFile: %7\n"
                                 "    projects: [team]\n"
                                 "    auth: {basic: {user: operator, password: \"env:CI_TOKEN\"}}\n"
                                 "repositories:\n  - {id: shop, url: %8}\n"
                                 "applications:\n  - name: cart\n    repository: shop\n    pipelines:\n"
                                 "      - {connection: ci, project: team/cart}\n    environments:\n"
                                 "      - {name: staging, connection: lab, namespace: %4}\n"
                                 "      - {name: production, connection: lab, namespace: %5}\n")
                      .arg(at("ledger.git"), publicKeyOfFile(at("ann/key")).fingerprint(), m_lab->kubeconfig(),
                           m_staging, m_production, QString::fromLatin1(m_yard->url().toEncoded()), m_yard->caFile(),
                           at("shop.git"))
                      .toUtf8());
    }
    void cleanup() { m_yard.reset(); }

    void promoteWaitsForTheGateOpensItAndSeesTheReleaseArrive_data()
    {
        QTest::addColumn<bool>("isThere");
        QTest::newRow("the run waits at its gate") << true;
        QTest::newRow("the run comes later") << false;
    }
    void promoteWaitsForTheGateOpensItAndSeesTheReleaseArrive()
    {
        QFETCH(bool, isThere);
        std::int64_t run = 0;
        if (isThere) {
            run = startRun();
            QVERIFY(m_yard->untilPhase(run, Phase::Waiting));
        }
        (void)m_yard->asked();
        const YardGoing going(*m_yard);
        QProcess promote;
        QProcessEnvironment all = QProcessEnvironment::systemEnvironment();
        for (const QString &entry : environment())
            all.insert(entry.section(QLatin1Char('='), 0, 0), entry.section(QLatin1Char('='), 1));
        promote.setProcessEnvironment(all);
        QByteArray said;
        connect(&promote, &QProcess::readyReadStandardError, this, [&] { said += promote.readAllStandardError(); });
        promote.start(QStringLiteral(SIGNALBOX_PROGRAM),
                      words("promote cart --to production --release 1.5.0 --wait --within 90s --follow-within 90s "
                            "--confirm cart --json -w") +
                          QStringList{at("team.yaml")});
        QVERIFY(promote.waitForStarted());
        if (!isThere) {
            QTRY_VERIFY2_WITH_TIMEOUT(said.contains("The gate is opened once one does."), said.constData(), 60'000);
            QCOMPARE(promote.state(), QProcess::Running);
            run = startRun();
        }
        const auto stateOfDeploy = [&] {
            const auto record = m_yard->run(run);
            const auto *job = record.job(std::string_view("Deploy"));
            return job ? job->phase : Phase::NotStarted;
        };
        QTRY_VERIFY2_WITH_TIMEOUT(stateOfDeploy() == Phase::Passed, said.constData(), 90'000);
        QCOMPARE(promote.state(), QProcess::Running); // an open gate is no promotion: production runs the old one
        deploy(m_production, m_new);
        QTRY_VERIFY2_WITH_TIMEOUT(promote.state() == QProcess::NotRunning, said.constData(), 90'000);
        const QByteArray out = promote.readAllStandardOutput();
        QVERIFY2(promote.exitStatus() == QProcess::NormalExit && promote.exitCode() == 0, (out + said).constData());
        const Json done = Json::parse(out.toStdString(), nullptr, false);
        QVERIFY2(done.is_object(), out.constData());
        QCOMPARE(done.at("outcome").at("kind").get<std::string>(), std::string("done"));

        // Pressed once, by us, and the board has it as done.
        QStringList posts = m_yard->asked().filter(QStringLiteral("POST "));
        posts.removeIf([](const QString &one) { return one.contains(QStringLiteral("crumb")); });
        QVERIFY2(posts.size() == 1, qPrintable(posts.join(u'\n')));
        const auto record = m_yard->run(run);
        const auto *job = record.job(std::string_view("Deploy"));
        QVERIFY(job && job->decisions.size() == 1);
        QVERIFY(job->decisions.front().approves && job->decisions.front().who == "operator");
        const auto board =
            runProgram(QStringLiteral(SIGNALBOX_PROGRAM),
                       words("approvals cart --all --json -w") + QStringList{at("team.yaml")}, {}, 120, environment());
        const Json told = Json::parse(board.out.toStdString(), nullptr, false);
        QVERIFY2(told.is_object(), (board.out + board.err).constData());
        const std::string promotion = done.at("entry").get<std::string>();
        const auto card = std::find_if(told.at("decided").begin(), told.at("decided").end(),
                                       [&](const Json &one) { return one.at("promotion") == promotion; });
        QVERIFY2(card != told.at("decided").end(), board.out.constData());
        QCOMPARE(card->at("state").get<std::string>(), std::string("done"));
    }
};

QTEST_GUILESS_MAIN(TestVendorGateLab)
#include "test_vendorgate_lab.moc"
