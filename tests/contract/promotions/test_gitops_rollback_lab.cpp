// Going back by a commit, seen through: a bare repository, a loop that applies it, the real control plane.
#include "services/adapters/kubernetes/deployer.h"
#include "services/adapters/kubernetes/steprunner.h"
#include "services/async/deliver.h"
#include "services/operations/operationcenter.h"
#include "services/promotions/promotionrunner.h"
#include "services/promotions/revertsteps.h"
#include "tests/contract/kubernetes/opslab.h"
#include "tests/support/gitservers.h"
#include "tests/support/sshtools.h"

#include <QDir>
#include <QProcess>

using namespace signalbox;
using namespace signalbox::test;

namespace
{

QString digest(char digit)
{
    return QStringLiteral("sha256:") + QString(64, QLatin1Char(digit));
}

QByteArray manifest(char digit)
{
    return "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: cart\n  labels: {app: cart}\nspec:\n"
           "  replicas: 2\n  selector:\n    matchLabels: {app: cart}\n  template:\n    metadata:\n"
           "      labels: {app: cart}\n    spec:\n      containers:\n        - name: web\n          image: "
           "registry.example/shop/cart:1." +
           QByteArray(1, digit) + "@" + digest(digit).toLatin1() + "\n";
}

} // namespace

class TestGitopsRollbackLab : public QObject
{
    Q_OBJECT
private slots:
    void initTestCase();
    void init();
    void cleanup();
    void theProgramGoesBackAndSeesIt();
    void somebodyPushesWhileItIsConfirmed();
    void nothingFollowsTheRepository();

private:
    void makeLedger();
    void makeOperations(std::chrono::milliseconds followWithin);
    void apply() const;
    void follow(); // a loop that applies what the repository says
    QString push(const QByteArray &content, const QString &message);
    QByteArray tip() const { return RealGit(m_fleet).out({QStringLiteral("rev-parse"), QStringLiteral("main")}); }
    QString image() const;
    QStringList environment() const;
    LabCluster::Output run(const QStringList &arguments) const;
    Plan planned();
    static QStringList words(const char *text) { return QString::fromUtf8(text).split(QLatin1Char(' ')); }

    std::unique_ptr<LabCluster> m_lab;
    QTemporaryDir m_folder;
    QString m_ns;
    QString m_fleet; // the bare repository
    QString m_ledger;
    QString m_workspace;
    QString m_key;
    int m_round = 0;
    std::unique_ptr<RealGit> m_work;
    QProcess m_loop;
    HttpClient m_http;
    std::unique_ptr<kubernetes::KubernetesDeployer> m_deployer;
    std::unique_ptr<kubernetes::KubernetesStepRunner> m_cluster;
    std::unique_ptr<RevertSteps> m_reverts;
    std::unique_ptr<PromotionRunner> m_runner;
    std::unique_ptr<OperationCenter> m_operations;
};

void TestGitopsRollbackLab::initTestCase()
{
    QString error;
    m_lab = LabCluster::shared(&error);
    QVERIFY2(m_lab, qPrintable(error));
    m_ns = m_lab->makeNamespace(QStringLiteral("production"));
    QVERIFY(!m_ns.isEmpty());
    const auto client = clientOf(m_http, m_lab->kubeconfig(), QStringLiteral("lab-cert"), &error);
    QVERIFY2(client, qPrintable(error));
    m_deployer = std::make_unique<kubernetes::KubernetesDeployer>(client);
    m_cluster = std::make_unique<kubernetes::KubernetesStepRunner>(client);
    m_key = makeSshKey(m_folder.filePath(QStringLiteral("key")), QStringLiteral("ed25519"));
    writeFile(m_folder.filePath(QStringLiteral(".gitconfig")),
              QStringLiteral("[user]\n name = ann\n email = ann@shop.example\n signingkey = %1\n[gpg]\n format = ssh\n"
                             "[commit]\n gpgsign = true\n[init]\n defaultBranch = main\n")
                  .arg(m_key)
                  .toUtf8());
}

// Release 1, then release 2, which runs.
void TestGitopsRollbackLab::init()
{
    ++m_round;
    m_fleet = m_folder.filePath(QStringLiteral("fleet%1.git").arg(m_round));
    const QString work = m_folder.filePath(QStringLiteral("fleet%1").arg(m_round));
    QVERIFY(RealGit::init(m_fleet, true) && RealGit::init(work, false));
    m_work = std::make_unique<RealGit>(work);
    push(manifest('1'), QStringLiteral("Release 1"));
    push(manifest('2'), QStringLiteral("Release 2"));
    apply();
    QVERIFY(m_lab
                ->kubectl({QStringLiteral("rollout"), QStringLiteral("status"), QStringLiteral("deployment/cart"),
                           QStringLiteral("-n"), m_ns, QStringLiteral("--timeout=60s")})
                .isGood());
}

void TestGitopsRollbackLab::cleanup()
{
    if (m_loop.state() == QProcess::NotRunning)
        return;
    m_loop.kill();
    m_loop.waitForFinished();
}

void TestGitopsRollbackLab::apply() const
{
    const QByteArray said = RealGit(m_fleet).out({QStringLiteral("show"), QStringLiteral("main:apps/cart.yaml")});
    const auto applied = m_lab->apply(said + '\n', m_ns);
    QVERIFY2(applied.isGood(), applied.err.constData());
}

void TestGitopsRollbackLab::follow()
{
    m_loop.start(QStringLiteral("bash"),
                 {QStringLiteral("-c"),
                  QStringLiteral("while sleep 1; do git -C '%1' show main:apps/cart.yaml | kubectl --kubeconfig '%2' "
                                 "-n %3 apply -f - >/dev/null; done")
                      .arg(m_fleet, m_lab->kubeconfig(), m_ns)});
    QVERIFY(m_loop.waitForStarted());
}

QString TestGitopsRollbackLab::push(const QByteArray &content, const QString &message)
{
    const QString made = m_work->commit(QStringLiteral("apps/cart.yaml"), content, message);
    const auto pushed =
        m_work->run({QStringLiteral("push"), QStringLiteral("-q"), m_fleet, QStringLiteral("HEAD:main")});
    if (!pushed.isGood())
        qWarning("%s", pushed.err.constData());
    return made;
}

QString TestGitopsRollbackLab::image() const
{
    return QString::fromUtf8(
        m_lab
            ->kubectl({QStringLiteral("get"), QStringLiteral("deployment/cart"), QStringLiteral("-n"), m_ns,
                       QStringLiteral("-o"), QStringLiteral("jsonpath={.spec.template.spec.containers[0].image}")})
            .out);
}

void TestGitopsRollbackLab::makeLedger()
{
    m_ledger = m_folder.filePath(QStringLiteral("ledger.git"));
    const QString work = m_folder.filePath(QStringLiteral("begin"));
    const auto git = [&](const QStringList &arguments) {
        const Ran ran = runTool(QStringLiteral("git"), arguments, {}, {}, environment());
        QVERIFY2(ran.status == 0, qPrintable(ran.text()));
    };
    git({QStringLiteral("init"), QStringLiteral("-q"), QStringLiteral("--bare"), m_ledger});
    git({QStringLiteral("clone"), QStringLiteral("-q"), m_ledger, work});
    QFile key(m_key + QStringLiteral(".pub"));
    QVERIFY(key.open(QIODevice::ReadOnly));
    writeFile(work + QStringLiteral("/allowed_signers"), "ann@shop.example namespaces=\"git\" " + key.readAll());
    writeFile(work + QStringLiteral("/policy.yaml"),
              "version: 1\nworkspace: shop\nprincipals:\n  - {name: ann, emails: [ann@shop.example]}\n"
              "roles:\n  - {name: admins, members: [ann]}\npaths:\n  - environments: [staging, production]\n"
              "environments:\n  - {environment: staging}\n  - environment: production\n    noFiringAlerts: false\n    "
              "execution:\n"
              "      by: gitopsCommit\n      repository: " +
                  m_fleet.toUtf8() + "\n      branch: main\n      file: apps/cart.yaml\n");
    git({QStringLiteral("-C"), work, QStringLiteral("add"), QStringLiteral("-A")});
    git({QStringLiteral("-C"), work, QStringLiteral("commit"), QStringLiteral("-q"), QStringLiteral("-S"),
         QStringLiteral("-m"), QStringLiteral("Begin to sign")});
    git({QStringLiteral("-C"), work, QStringLiteral("push"), QStringLiteral("-q"), QStringLiteral("origin"),
         QStringLiteral("HEAD:main")});
    m_workspace = m_folder.filePath(QStringLiteral("team.yaml"));
    writeFile(m_workspace,
              QStringLiteral("version: 1\nname: shop\nledger: {url: %1, firstAdmin: \"%2\"}\nconnections:\n"
                             "  - {id: lab, kind: kubernetes, kubeconfig: %3, context: lab-cert, namespaces: [%4]}\n"
                             "applications:\n  - name: cart\n    environments:\n"
                             "      - {name: production, connection: lab, namespace: %4}\n")
                  .arg(m_ledger, publicKeyOfFile(m_key).fingerprint(), m_lab->kubeconfig(), m_ns)
                  .toUtf8());
}

QStringList TestGitopsRollbackLab::environment() const
{
    const QString home = m_folder.path();
    return {QStringLiteral("HOME=") + home,
            QStringLiteral("GIT_CONFIG_GLOBAL=") + home + QStringLiteral("/.gitconfig"),
            QStringLiteral("XDG_CONFIG_HOME=") + home,
            QStringLiteral("XDG_CACHE_HOME=") + home + QStringLiteral("/cache"),
            QStringLiteral("SSH_AUTH_SOCK="),
            QStringLiteral("SIGNALBOX_WORKSPACE="),
            QStringLiteral("SIGNALBOX_DATA=") + home + QStringLiteral("/data")};
}

LabCluster::Output TestGitopsRollbackLab::run(const QStringList &arguments) const
{
    return runProgram(QStringLiteral(SIGNALBOX_PROGRAM), arguments + QStringList{QStringLiteral("-w"), m_workspace}, {},
                      120, environment());
}

void TestGitopsRollbackLab::theProgramGoesBackAndSeesIt()
{
    makeLedger();
    const auto listed = run(words("rollback cart production --list --json"));
    QVERIFY2(listed.isGood(), (listed.out + listed.err).constData());
    QVERIFY2(listed.out.contains(tip().left(12)), listed.out.constData());
    const QByteArray before = tip();
    const auto dry = run(words("rollback cart production --dry-run"));
    QVERIFY2(dry.isGood() && dry.out.contains("Revert"), (dry.out + dry.err).constData());
    QCOMPARE(tip(), before);
    follow();
    const auto back = run(words("rollback cart production --confirm cart --reason slow --json"));
    QVERIFY2(back.isGood(), (back.out + back.err).constData());
    QVERIFY2(back.out.contains("\"done\""), back.out.constData());
    QCOMPARE(image(), QStringLiteral("registry.example/shop/cart:1.1@") + digest('1'));
    RealGit fleet(m_fleet);
    QCOMPARE(fleet.out({QStringLiteral("rev-parse"), QStringLiteral("main~1")}), before);
    QVERIFY(
        fleet.out({QStringLiteral("log"), QStringLiteral("-1"), QStringLiteral("--format=%B"), QStringLiteral("main")})
            .startsWith("Revert \"Release 2\""));
    const Ran verified = runTool(QStringLiteral("git"), {QStringLiteral("-C"), m_fleet, QStringLiteral("-c"),
                                                         QStringLiteral("gpg.ssh.allowedSignersFile=") +
                                                             m_folder.filePath(QStringLiteral("begin/allowed_signers")),
                                                         QStringLiteral("verify-commit"), QStringLiteral("main")});
    QVERIFY2(verified.status == 0, qPrintable(verified.text()));
    const auto log = run(words("ledger log --json"));
    QVERIFY2(log.isGood(), (log.out + log.err).constData());
    const auto json = nlohmann::json::parse(log.out.toStdString(), nullptr, false);
    QVERIFY(json.is_object() && json["whole"] == nlohmann::json(true));
    const QByteArray entry =
        RealGit(QString::fromStdString(json["path"])).out({QStringLiteral("show"), QStringLiteral("main")});
    QVERIFY2(entry.contains("\"rollback\"") && entry.contains("slow") && entry.contains(digest('1').toLatin1()),
             entry.constData());
}

void TestGitopsRollbackLab::makeOperations(std::chrono::milliseconds followWithin)
{
    m_operations.reset();
    m_runner.reset();
    RevertSteps::Sources sources;
    sources.cacheFolder = m_folder.filePath(QStringLiteral("copies"));
    sources.access = [](const QString &address, StopToken) {
        git::RemoteAccess access;
        access.url = *git::parseRemoteUrl(address);
        return ready(Result<git::RemoteAccess>(access));
    };
    sources.signer = [this](StopToken) { return ready(Result<std::shared_ptr<ssh::Signer>>(signerOfFile(m_key))); };
    sources.deployer = [this](const QString &) { return m_deployer.get(); };
    sources.followWithin = followWithin;
    m_reverts = std::make_unique<RevertSteps>(sources);
    m_runner = std::make_unique<PromotionRunner>(
        *m_cluster, [] { return nullptr; }, m_reverts.get());
    OperationCenter::Settings settings;
    settings.dataFolder = m_folder.filePath(QStringLiteral("operations%1").arg(m_round));
    m_operations = std::make_unique<OperationCenter>(
        [this](const QString &) {
            return std::optional(OperationPorts{m_runner.get(), nullptr});
        },
        settings);
}

Plan TestGitopsRollbackLab::planned()
{
    policy::Execution execution;
    execution.kind = policy::Execution::Kind::GitopsCommit;
    execution.repository = m_fleet;
    execution.branch = QStringLiteral("main");
    execution.file = QStringLiteral("apps/cart.yaml");
    RollbackOrder order;
    order.connection = QStringLiteral("lab");
    order.ns = m_ns;
    order.application = QStringLiteral("cart");
    order.environment = QStringLiteral("production");
    order.workload = {
        QStringLiteral("lab"), QStringLiteral("apps"), QStringLiteral("Deployment"), m_ns, QStringLiteral("cart"), {}};
    const auto plan = await(m_reverts->plan(execution, order, {}));
    if (!plan)
        qWarning("%s", qPrintable(plan.error().message));
    return plan ? *plan : Plan();
}

void TestGitopsRollbackLab::somebodyPushesWhileItIsConfirmed()
{
    makeOperations(std::chrono::seconds(60));
    follow();
    const auto created = m_operations->create(planned());
    QVERIFY2(created, created ? "" : qPrintable(created.error().message));
    Operation *operation = *created;
    QVERIFY(operation->start(Operation::Mode::Real));
    QTRY_COMPARE_WITH_TIMEOUT(operation->state(), OperationState::AwaitingConfirmation, 20000);
    push(manifest('3'), QStringLiteral("Release 3"));
    const QByteArray theirs = tip();
    QVERIFY(operation->confirm(operation->plan().fingerprint()));
    QTRY_VERIFY_WITH_TIMEOUT(operation->outcome(), 30000);
    QCOMPARE(operation->outcome()->kind, OutcomeKind::Conflict);
    QVERIFY2(operation->outcome()->message.contains(QLatin1String("moved")), qPrintable(operation->outcome()->message));
    QCOMPARE(tip(), theirs);
}

void TestGitopsRollbackLab::nothingFollowsTheRepository()
{
    makeOperations(std::chrono::seconds(6));
    const auto created = m_operations->create(planned());
    QVERIFY2(created, created ? "" : qPrintable(created.error().message));
    Operation *operation = *created;
    QVERIFY(operation->start(Operation::Mode::Real));
    QTRY_COMPARE_WITH_TIMEOUT(operation->state(), OperationState::AwaitingConfirmation, 20000);
    const QByteArray before = tip();
    QVERIFY(operation->confirm(operation->plan().fingerprint()));
    QTRY_VERIFY_WITH_TIMEOUT(operation->outcome(), 30000);
    const Outcome outcome = *operation->outcome();
    QCOMPARE(outcome.kind, OutcomeKind::NotEffective);
    QVERIFY2(outcome.message.contains(QLatin1String("has not followed")) && outcome.message.contains(m_fleet),
             qPrintable(outcome.message));
    QVERIFY(tip() != before); // the commit is there, for whoever mends the loop
    QCOMPARE(image(), QStringLiteral("registry.example/shop/cart:1.2@") + digest('2'));
}

QTEST_GUILESS_MAIN(TestGitopsRollbackLab)
#include "test_gitops_rollback_lab.moc"
