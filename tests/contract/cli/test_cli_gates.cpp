// Gates of vendors on the command line: the real `signalbox approvals`, `approve` and `reject` on the practice world's
// Jenkins, with and without a ledger whose policy has a say.
#include "tests/contract/cli/yardgoing.h"
#include "tests/contract/jenkins/jenkinsyard.h"
#include "tests/support/ptyprogram.h"
#include "tests/unit/services/ledger/verify/forge.h"

#include <nlohmann/json.hpp>

#include <QTemporaryDir>
#include <QTest>

using namespace signalbox;
using namespace signalbox::test;
using namespace signalbox::sandbox::ci;

namespace
{

using GateJson = nlohmann::json;

} // namespace

class CliGatesTest : public QObject
{
    Q_OBJECT

    std::unique_ptr<JenkinsYard> m_yard;
    std::unique_ptr<QTemporaryDir> m_folder;
    std::int64_t m_run = 0;

    QStringList environment() const
    {
        return {u("SIGNALBOX_DATA=") + m_folder->filePath(u("data")),
                u("CI_TOKEN=") + QString::fromLatin1(JenkinsYard::token()), u("HOME=") + m_folder->path(),
                u("TERM=xterm")};
    }
    QString workspace(const QByteArray &more = {}) const
    {
        const QString path = m_folder->filePath(u("workspace.yaml"));
        writeFile(path, "version: 1\nname: shop\nconnections:\n- id: ci\n  kind: jenkins\n  url: " +
                            m_yard->url().toEncoded() + "\n  caFile: " + m_yard->caFile().toUtf8() +
                            "\n  projects: [team]\n  auth: {basic: {user: operator, password: env:CI_TOKEN}}\n"
                            "applications:\n- name: cart\n  pipelines:\n"
                            "  - {connection: ci, project: team/cart}\n" +
                            more);
        return path;
    }
    Ran run(const QStringList &arguments, const QString &workspace) const
    {
        const YardGoing going(*m_yard);
        return runTool(QStringLiteral(SIGNALBOX_PROGRAM), arguments + QStringList{u("-w"), workspace}, {}, {},
                       environment());
    }
    static GateJson parsed(const Ran &ran) { return GateJson::parse(ran.out.toStdString(), nullptr, false); }
    // As `approvals` names the one gate that waits; empty: it does not tell exactly one.
    QString waiting(const QString &workspace) const
    {
        const GateJson told = parsed(run({u("approvals"), u("--json")}, workspace));
        if (!told.is_object() || told.at("gates").size() != 1)
            return {};
        return QString::fromStdString(told.at("gates")[0].at("gate").get<std::string>());
    }
    // What could have been pressed.
    QStringList written()
    {
        QStringList posts;
        for (const QString &one : m_yard->asked()) {
            if (one.startsWith(u("POST")) && !one.contains(u("crumb")))
                posts.append(one);
        }
        return posts;
    }

private slots:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        m_yard = std::make_unique<JenkinsYard>();
        m_run = m_yard->start("team/cart", "main", "ana");
        QVERIFY(m_yard->untilPhase(m_run, Phase::Waiting));
    }
    void cleanup()
    {
        m_yard.reset();
        m_folder.reset();
    }

    void approvalsTellsWhatWaits()
    {
        const Ran told = run({u("approvals"), u("--json")}, workspace());
        QVERIFY2(told.status == 0, qPrintable(told.text()));
        const GateJson json = parsed(told);
        QCOMPARE(json.at("schema").get<std::string>(), std::string("signalbox.approvals/1"));
        QCOMPARE(json.at("exitStatus").get<int>(), 0);
        QCOMPARE(json.at("gates").size(), std::size_t(1));
        const GateJson gate = json.at("gates")[0];
        QCOMPARE(gate.at("connection").get<std::string>(), std::string("ci"));
        QCOMPARE(gate.at("application").get<std::string>(), std::string("cart"));
        QCOMPARE(gate.at("title").get<std::string>(), std::string("Deploy to production?"));
        QCOMPARE(gate.at("parameters").size(), std::size_t(2));
        QCOMPARE(gate.at("commit").get<std::string>().size(), std::size_t(40));
        const Ran text = run({u("approvals")}, workspace());
        QVERIFY2(text.status == 0, qPrintable(text.text()));
        QVERIFY2(text.out.contains("cart") &&
                     text.out.contains(QByteArray::fromStdString(gate.at("gate").get<std::string>())),
                 qPrintable(text.text()));
    }

    void aLedgerThatCannotBeFetchedIsSaid()
    {
        const QString path =
            workspace("ledger:\n  url: " + m_folder->filePath(u("nowhere/ledger.git")).toUtf8() + "\n");
        const Ran told = run({u("approvals"), u("--json")}, path);
        QVERIFY2(told.status == 3, qPrintable(told.text()));
        const GateJson json = parsed(told);
        QCOMPARE(json.at("exitStatus").get<int>(), 3);
        QCOMPARE(json.at("ledger").at("live").get<bool>(), false);
        QCOMPARE(json.at("gates").size(), std::size_t(1)); // what is known is told
        QVERIFY2(told.err.contains("could not be fetched"), told.err.constData());
    }

    void approveLetsItGoOn()
    {
        const QString path = workspace();
        const QString gate = waiting(path);
        QVERIFY(!gate.isEmpty());
        const Ran refused = run({u("approve"), gate}, path); // nobody can be asked
        QCOMPARE(refused.status, 2);
        QVERIFY2(refused.err.contains("--confirm cart"), qPrintable(refused.text()));
        const Ran wrong = run({u("approve"), gate, u("--set"), u("TRACK=red"), u("--confirm"), u("cart")}, path);
        QCOMPARE(wrong.status, 2);
        const Ran dry = run({u("approve"), gate, u("--dry-run"), u("--confirm"), u("cart")}, path);
        QVERIFY2(dry.status == 0, qPrintable(dry.text()));
        QCOMPARE(written(), QStringList());

        const Ran done =
            run({u("approve"), gate, u("--set"), u("TRACK=blue"), u("--confirm"), u("cart"), u("--json")}, path);
        QVERIFY2(done.status == 0, qPrintable(done.text()));
        const GateJson json = parsed(done);
        QVERIFY2(json.is_object(), done.out.constData());
        QCOMPARE(json.at("exitStatus").get<int>(), 0);
        const RunRecord record = m_yard->run(m_run);
        const JobRun *const deploy = record.job(std::string_view("Deploy"));
        QVERIFY(deploy);
        QCOMPARE(deploy->decisions.size(), std::size_t(1));
        QCOMPARE(deploy->decisions.front().who, std::string("operator"));
        QVERIFY(deploy->decisions.front().approves);

        const Ran late = run({u("approve"), gate, u("--confirm"), u("cart")}, path);
        QVERIFY2(late.status != 0 && late.err.contains("waits"), qPrintable(late.text()));
    }

    // One job alone is what Jenkins does not know: told before, refused with its reason, and nothing is pressed.
    void aStageAloneIsNotRunAgain()
    {
        const QString path = workspace();
        const Ran shown =
            run({u("run"), u("show"), u("cart"), u("--pipeline"), u("team/cart/main"), u("--json")}, path);
        const GateJson json = parsed(shown);
        QVERIFY2(json.is_object() && json.contains("canRerunJob"), qPrintable(shown.text()));
        QCOMPARE(json.at("canRerunJob").get<bool>(), false);
        QVERIFY(!json.at("jobs").empty());
        const QString job = QString::fromStdString(json.at("jobs")[0].at("name").get<std::string>());
        const Ran refused = run({u("run"), u("rerun"), u("cart"), u("--pipeline"), u("team/cart/main"), u("--job"), job,
                                 u("--confirm"), u("cart")},
                                path);
        QVERIFY(refused.status != 0);
        QVERIFY2(refused.err.contains("cannot run one stage alone"), qPrintable(refused.text()));
        const Ran none = run({u("run"), u("rerun"), u("cart"), u("--pipeline"), u("team/cart/main"), u("--job"),
                              u("Nowhere"), u("--confirm"), u("cart")},
                             path);
        QVERIFY(none.status != 0);
        QVERIFY2(none.err.contains("The run has no job \"Nowhere\""), qPrintable(none.text()));
        QCOMPARE(written(), QStringList());
    }

    void rejectStopsIt()
    {
        const QString path = workspace();
        const QString gate = waiting(path);
        QVERIFY(!gate.isEmpty());
        const Ran done = run({u("reject"), gate, u("--comment"), u("SHOP-8"), u("--confirm"), u("cart")}, path);
        QVERIFY2(done.status == 0, qPrintable(done.text()));
        const RunRecord record = m_yard->run(m_run);
        const JobRun *const deploy = record.job(std::string_view("Deploy"));
        QVERIFY(deploy && deploy->decisions.size() == 1);
        QVERIFY(!deploy->decisions.front().approves);
    }

    // While the operator reads the plan, a colleague decides.
    void somebodyWasFaster()
    {
        const QString path = workspace();
        const QString gate = waiting(path);
        QVERIFY(!gate.isEmpty());
        PtyProgram program(QStringLiteral(SIGNALBOX_PROGRAM), {u("approve"), gate, u("-w"), path}, environment());
        QVERIFY2(program.says("Type cart"), program.seen().constData());
        Decision decision;
        decision.who = "ben";
        decision.approves = true;
        QVERIFY(m_yard->world().decide(m_yard->waitingJob(m_run)->id, decision));
        m_yard->pass(5);
        (void)written();
        program.type("cart\n");
        const int status = program.wait();
        QVERIFY2(status == 5, program.seen().constData());
        QVERIFY2(program.seen().contains("ben"), program.seen().constData());
        QCOMPARE(written(), QStringList());
    }

    void aPolicyThatIsNotMetLetsNothingThrough()
    {
        Forge forge;
        ForgedCommit first;
        first.files = {{u("allowed_signers"), forge.allowedSigners()},
                       {u("policy.yaml"), peoplesRules() +
                                              "  - {environment: staging, noFiringAlerts: false}\n"
                                              "  - environment: production\n"
                                              "    approvals: [{count: 1, roles: [approvers]}]\n"
                                              "    noFiringAlerts: false\n"
                                              "    execution: {by: vendorGate, connection: ci, gate: \"Deploy to "
                                              "production?\"}\n"}};
        first.at = QDateTime::currentDateTimeUtc().addSecs(-3600);
        forge.commit(first);
        const QString path = workspace("ledger:\n  url: " + forge.path().toUtf8() + "\n  firstAdmin: \"" +
                                       forge.key(u("ann")).fingerprint().toUtf8() + "\"\n");
        const QString gate = waiting(path);
        QVERIFY(!gate.isEmpty());
        const Ran ran = run({u("approve"), gate, u("--confirm"), u("cart")}, path);
        QVERIFY2(ran.status == 1, qPrintable(ran.text()));
        QVERIFY2(ran.text().contains(u("Nobody has asked")), qPrintable(ran.text()));
        QCOMPARE(written(), QStringList());
        const Ran no =
            run({u("reject"), gate, u("--comment"), u("not today"), u("--confirm"), u("cart")}, path); // needs nobody
        QVERIFY2(no.status == 0, qPrintable(no.text()));
    }
};

QTEST_GUILESS_MAIN(CliGatesTest)
#include "test_cli_gates.moc"
