// The practice world's GitLab before strangers: GitLab's own description between our adapter and it, and a client that
// is not ours (python3-gitlab).
#include "tests/contract/gitlab/gitlabyard.h"
#include "tests/support/checkingproxy.h"
#include "tests/support/httpwait.h"

#include <QDir>
#include <QJsonDocument>
#include <QJsonObject>
#include <QRegularExpression>
#include <QTest>

using namespace signalbox;
using namespace signalbox::test;
using namespace signalbox::sandbox::ci;

namespace
{

QString u(const char *text)
{
    return QString::fromUtf8(text);
}

template <typename T>
QString problem(const Result<T> &result)
{
    return result ? QString() : errorKindName(result.error().kind) + u(": ") + result.error().message;
}

} // namespace

class TestGitLabContract : public QObject
{
    Q_OBJECT

    HttpClient m_http;
    OneToken m_token{GitLabYard::token()};
    std::unique_ptr<GitLabYard> m_yard;
    const PipelineRef m_pipeline{u("lab"), GitLabYard::project(), {}};

    // A run whose deployment waits for one more approval, or for its job to be played.
    std::int64_t blocked()
    {
        const auto run = m_yard->start("wei");
        const bool isThere = m_yard->untilPhase(run, Phase::Waiting) &&
                             m_yard->world().playJob(m_yard->job(run, "release")->id, "noor") &&
                             m_yard->until([&] { return m_yard->job(run, "deploy")->phase == Phase::Waiting; }) &&
                             m_yard->world().decide(m_yard->job(run, "deploy")->id, {"noor", true, "fine", 0});
        return isThere ? run : 0;
    }
    void carryOut(PipelineServer &server, const Plan &plan)
    {
        QVERIFY(!plan.isBlocked());
        for (const PlanStep &step : plan.steps) {
            const auto receipt = waitFor(server.runner().execute(step, {}));
            QVERIFY2(receipt, qPrintable(problem(receipt)));
            Result<Observation> seen = Error{};
            for (int i = 0; i < 60; ++i) {
                seen = waitFor(server.runner().observe(step, *receipt, {}));
                if (!seen || seen->state != Observation::State::Pending)
                    break;
                m_yard->pass(2);
            }
            QVERIFY2(seen && seen->state == Observation::State::Effective, qPrintable(problem(seen)));
        }
    }
    QList<QJsonObject> asClient(const char *what)
    {
        QProcess client;
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert(u("GITLAB_TOKEN"), QString::fromUtf8(GitLabYard::token()));
        client.setProcessEnvironment(environment);
        client.start(u("/usr/bin/python3"),
                     {u(SIGNALBOX_SOURCE_DIR "/tests/contract/gitlab/client.py"), m_yard->url().toString(),
                      m_yard->caFile(), GitLabYard::project(), u(what)});
        if (!QTest::qWaitFor([&] { return client.state() == QProcess::NotRunning; }, 60000))
            client.kill();
        QList<QJsonObject> lines;
        for (const QByteArray &line : client.readAllStandardOutput().split('\n')) {
            if (!line.isEmpty())
                lines.append(QJsonDocument::fromJson(line).object());
        }
        if (client.exitStatus() != QProcess::NormalExit || client.exitCode() != 0)
            qWarning("%s", client.readAllStandardError().constData());
        return lines;
    }
    static QList<QJsonObject> only(const QList<QJsonObject> &lines, const char *what)
    {
        QList<QJsonObject> some;
        for (const QJsonObject &line : lines) {
            if (line[u("what")].toString() == u(what))
                some.append(line);
        }
        return some;
    }

private slots:
    void init()
    {
        QTest::failOnWarning(QRegularExpression(u(".")));
        m_yard = std::make_unique<GitLabYard>();
    }

    void nothingLeavesGitLabsDescription_data()
    {
        QTest::addColumn<bool>("isBroken");
        QTest::newRow("as it is") << false;
        QTest::newRow("with a strange field, which is seen") << true;
    }
    void nothingLeavesGitLabsDescription()
    {
        QFETCH(bool, isBroken);
        const QString contracts = qEnvironmentVariable("SIGNALBOX_CONTRACTS");
        if (contracts.isEmpty() || !QDir(contracts).exists())
            QSKIP("SIGNALBOX_CONTRACTS does not name the folder of the official descriptions");
        QString error;
        const auto proxy =
            CheckingProxy::start({u("--description"), contracts + u("/gitlab/gitlab-v4.release-paths.json"),
                                  u("--newer"), u(SIGNALBOX_SOURCE_DIR "/tests/lab/openapi/gitlab-newer.json")},
                                 m_yard->url(), m_yard->caFile(), &error);
        QVERIFY2(proxy, qPrintable(error));
        const QUrl address(QString::fromUtf8(proxy->address()));
        const auto server = makeGitLab(gitLabConfig(address, proxy->certificate()), m_http, m_token);
        PipelineSource &source = server->source();
        if (isBroken) {
            m_yard->instead = [](const sandbox::LoopbackRequest &) {
                sandbox::LoopbackReply reply;
                reply.body = "[{\"id\": 1, \"status\": 5, \"colour\": \"red\"}]";
                return std::optional(reply);
            };
            Q_UNUSED(waitFor(source.runs({m_pipeline, {}, 10, {}}, {})))
            QVERIFY(proxy->text("violations").contains("colour"));
            return;
        }
        const auto first = blocked();
        QVERIFY(first != 0);
        const auto pipelines = waitFor(source.pipelines({}));
        QVERIFY2(pipelines, qPrintable(problem(pipelines)));
        const auto runs = waitFor(source.runs({m_pipeline, {}, 10, {}}, {}));
        QVERIFY2(runs, qPrintable(problem(runs)));
        const RunRef ref{m_pipeline, QString::number(first)};
        const auto detail = waitFor(source.run(ref, {}));
        QVERIFY2(detail, qPrintable(problem(detail)));
        const auto tests = waitFor(source.tests(ref, {}));
        QVERIFY2(tests, qPrintable(problem(tests)));
        const QString job = QString::number(m_yard->job(first, "compile")->id);
        QVERIFY(waitFor(source.log({ref, job, {}, 0, false}, [](const QByteArray &) {}, {})));
        // A gate: approved, then its job is played.
        const auto gates = waitFor(server->gates()->waiting({}));
        QVERIFY2(gates && gates->size() == 1, qPrintable(problem(gates)));
        GateOrder decision;
        decision.gate = gates->first();
        decision.comment = u("Looks good");
        const auto approval = waitFor(server->gates()->plan(decision, {}));
        QVERIFY2(approval, qPrintable(problem(approval)));
        QCOMPARE(approval->steps.size(), 2);
        carryOut(*server, *approval);
        DeploymentSource &deployments = *server->deployments();
        const auto environments = waitFor(deployments.environments(m_pipeline.project, {}));
        QVERIFY2(environments && environments->contains(u("production")), qPrintable(problem(environments)));
        const auto told = waitFor(deployments.deployments(m_pipeline.project, u("production"), {}));
        QVERIFY2(told && !told->all.isEmpty(), qPrintable(problem(told)));
        // A run made, cancelled, and what was cancelled run again.
        RunOrder order;
        order.kind = RunOrder::Kind::Trigger;
        order.pipeline = m_pipeline;
        order.branch = u("main");
        order.parameters = {{u("A"), u("b")}};
        const auto trigger = waitFor(source.plan(order, {}));
        QVERIFY2(trigger, qPrintable(problem(trigger)));
        carryOut(*server, *trigger);
        const auto now = waitFor(source.runs({m_pipeline, {}, 10, {}}, {}));
        QVERIFY2(now, qPrintable(problem(now)));
        order.run = now->runs.first();
        for (const auto kind : {RunOrder::Kind::Cancel, RunOrder::Kind::RerunFailed}) {
            order.kind = kind;
            const auto plan = waitFor(source.plan(order, {}));
            QVERIFY2(plan, qPrintable(problem(plan)));
            carryOut(*server, *plan);
        }
        QVERIFY2(proxy->text("violations").isEmpty(), proxy->text("violations"));
        QVERIFY(proxy->checked("status 200") >= 20);
        QVERIFY(proxy->checked("status 201") >= 3);
    }

    void aClientThatIsNotOursReadsIt()
    {
        const auto first = blocked();
        QVERIFY(first != 0);
        m_yard->start("noor");
        const auto last = m_yard->start("wei");
        QVERIFY(m_yard->untilPhase(last, Phase::Waiting));
        const auto lines = asClient("read");
        QCOMPARE(only(lines, "me").first()[u("name")].toString(), u("operator"));
        QVERIFY(only(lines, "run").size() >= 3); // in pages of two
        QCOMPARE(only(lines, "whole").first()[u("id")].toInteger(), last);
        QCOMPARE(only(lines, "whole").first()[u("group")].toString(), u("manual"));
        QCOMPARE(only(lines, "job").size(), 4);
        QCOMPARE(only(lines, "bridge").size(), 1);
        QVERIFY(only(lines, "bridge").first()[u("below")].toInteger() > 0);
        QCOMPARE(only(lines, "tests").first()[u("count")].toInt(), 3);
        QCOMPARE(only(lines, "summary").first()[u("count")].toInt(), 3);
        QVERIFY(only(lines, "trace").first()[u("bytes")].toInt() > 20);
        QCOMPARE(only(lines, "schedule").first()[u("cron")].toString(), u("17 3 * * *"));
        QCOMPARE(only(lines, "environment").first()[u("name")].toString(), u("production"));
        QCOMPARE(only(lines, "branch").first()[u("commit")].toString().size(), 40);
        QCOMPARE(only(lines, "refused").first()[u("status")].toInt(), 404);
    }

    void aClientThatIsNotOursDecides() // T9
    {
        const auto run = blocked();
        QVERIFY(run != 0);
        const auto lines = asClient("decide");
        QCOMPARE(only(lines, "blocked").first()[u("pending")].toInt(), 1);
        QCOMPARE(only(lines, "blocked").first()[u("rule")].toString(), u("release-managers"));
        QCOMPARE(only(lines, "approved").first()[u("pending")].toInt(), 0);
        const auto refusals = only(lines, "refused");
        QCOMPARE(refusals.size(), 2); // played before it was approved, approved when it was
        QVERIFY(refusals.at(0)[u("message")].toString().contains(u("Unplayable")));
        QVERIFY(refusals.at(1)[u("message")].toString().contains(u("not waiting for approvals")));
        QVERIFY(only(lines, "played").first()[u("status")].toString() != u("manual"));
        QCOMPARE(m_yard->job(run, "deploy")->decisions.back().comment, std::string("by python-gitlab"));
    }

    void aClientThatIsNotOursRunsThings()
    {
        const auto lines = asClient("run");
        QCOMPARE(only(lines, "made").first()[u("source")].toString(), u("api"));
        QCOMPARE(only(lines, "cancelled").first()[u("status")].toString(), u("canceled"));
        QVERIFY(only(lines, "retried").first()[u("status")].toString() != u("canceled"));
    }
};

QTEST_GUILESS_MAIN(TestGitLabContract)
#include "test_gitlab_contract.moc"
